"""The server's log: a line for each thing that happened, by China's time, with who asked, for which deployment, in
which request. Nothing of a person stands in it, and nobody's text makes a line of its own."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ..clock import in_china
from ..config.logs import LogSettings
from ..errors import ConfigurationError
from ..files.text import for_log
from ..journal.asking import AskingFilter
from ..privacy import MaskingFilter

FORMAT = "%(asctime)s %(levelname)s [%(deployment)s] [%(principal)s] [%(request)s] %(name)s %(message)s"


class LineFormatter(logging.Formatter):
    """One line for each message; the lines of an exception are set in, so that none looks like a message."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return in_china(record.created).isoformat(" ", "milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = for_log(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        first, *more = super().format(record).split("\n")
        return "\n".join([first, *(f"    {line}" for line in more)])


def log_to(settings: LogSettings, folder: Path) -> logging.Handler:
    """Write the log where the settings say, instead of where it went before. ConfigurationError where that cannot
    be."""
    handler: logging.Handler = logging.StreamHandler()
    if settings.file:
        path = folder / settings.file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                path, maxBytes=settings.megabytes * 1024**2, backupCount=settings.kept, encoding="utf-8"
            )
        except OSError as failed:
            raise ConfigurationError(f"日志写不了 {path}：{failed.strerror}", path="log.file") from None
    handler.setFormatter(LineFormatter(FORMAT))
    handler.addFilter(AskingFilter())
    handler.addFilter(MaskingFilter())
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    for talkative in ("httpx", "httpcore", "alembic"):  # libraries tell each request, each step of making a journal
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return handler
