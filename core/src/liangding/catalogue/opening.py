"""The catalogues that a deployment names."""

from __future__ import annotations

import contextlib
import weakref
from pathlib import Path

from ..config import Deployment
from ..errors import ConfigurationError, LiangdingError
from ..privacy import logger
from ..runtime import Runtime
from .shelf import Shelf

log = logger("catalogue")

BESIDE = "sqlite:///catalogues.db"


def open_shelf(deployment: Deployment) -> Shelf:
    """Open the shelf: where ``catalogues.url`` says, else in the journal's PostgreSQL, else in ``catalogues.db`` beside
    the deployment file. ConfigurationError for an address that is none; CatalogueUnavailable."""
    url = _url(deployment)
    if url.startswith("sqlite:///"):
        from .sqlite import SqliteShelf

        return SqliteShelf(deployment.folder / url.removeprefix("sqlite:///"))
    if url.startswith("postgresql"):
        from .postgres import PostgresShelf

        return PostgresShelf("postgresql://" + url.partition("://")[2])
    raise ConfigurationError("应写成 sqlite:///文件 或 postgresql://…", path="catalogues.url")


def _url(deployment: Deployment) -> str:
    return deployment.catalogues.url or (
        BESIDE if deployment.journal.url.startswith("sqlite") else deployment.journal.url
    )


_at_work: weakref.WeakKeyDictionary[Runtime, Shelf] = weakref.WeakKeyDictionary()


def shelf_of(runtime: Runtime) -> Shelf | None:
    """The shelf of a deployment at work, opened once for it; None where it has none yet, or it cannot be opened: what
    looks something up at the till goes on without."""
    if runtime not in _at_work:
        url = _url(runtime.deployment)
        if url.startswith("sqlite:///") and not (runtime.deployment.folder / url.removeprefix("sqlite:///")).exists():
            return None
        try:
            _at_work[runtime] = opened = open_shelf(runtime.deployment)
        except LiangdingError as failed:
            log.warning("the catalogues are not there: %s", failed.code)
            return None
        weakref.finalize(runtime, _close, opened)
    return _at_work[runtime]


def _close(shelf: Shelf) -> None:
    with contextlib.suppress(LiangdingError):
        shelf.close()


def arrivals(deployment: Deployment) -> Path:
    """Where files lie until they are loaded."""
    return deployment.folder / "arrivals" / deployment.name
