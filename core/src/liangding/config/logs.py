"""Where the log goes."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

import attrs


@attrs.frozen(kw_only=True)
class LogSettings:
    """The log of ``liangding serve``: to ``file`` (relative to the deployment file), turned over at ``megabytes``,
    ``kept`` earlier files beside it; left out: to standard output, which a service manager keeps. ``level`` is the
    least that is written. Of several deployments in one server the first one's counts; of several processes of one
    command each has a file of its own, ``-1``, ``-2`` … after its name."""

    file: str = ""
    level: Literal["debug", "info", "warning", "error"] = "info"
    megabytes: int = 10
    kept: int = 10

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.megabytes <= 1000 or not 1 <= self.kept <= 1000:
            raise ValueError("megabytes 与 kept 应在 1 到 1000 之间")

    def of_process(self, number: int) -> LogSettings:
        """The same for one of several processes of a command: two of them cannot turn over one file."""
        if not self.file:
            return self
        path = PurePath(self.file)
        return attrs.evolve(self, file=str(path.with_name(f"{path.stem}-{number}{path.suffix}")))
