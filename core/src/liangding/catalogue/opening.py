"""The catalogues that a deployment names."""

from __future__ import annotations

import contextlib
import weakref
from pathlib import Path

from ..config import Deployment
from ..config.addresses import with_password
from ..config.recording import journal_url
from ..errors import ConfigurationError, LiangdingError
from ..files.layouts import catalogues
from ..journal.engines import libpq_url
from ..privacy import logger
from ..runtime import Runtime
from .shelf import Shelf, ShelfStanding

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

        return PostgresShelf(libpq_url(url))
    raise ConfigurationError("应写成 sqlite:///文件 或 postgresql://…", path="catalogues.url")


def _url(deployment: Deployment) -> str:
    settings = deployment.catalogues
    if settings.url and settings.password is not None:
        return with_password(settings.url, deployment.secret("catalogues.password", settings.password))
    return settings.url or (BESIDE if deployment.journal.url.startswith("sqlite") else journal_url(deployment))


def oldest_of(deployment: Deployment) -> ShelfStanding | None:
    """The catalogue that was brought up to date longest ago; None where there is none yet. Nothing is created.
    CatalogueUnavailable."""
    if not _is_there(deployment):
        return None
    with contextlib.closing(open_shelf(deployment)) as shelf:
        held = [each for each in map(shelf.standing, catalogues()) if each.version]
    return min(held, key=lambda each: each.at, default=None)


def _is_there(deployment: Deployment) -> bool:
    """Whether something may be on the shelf: a file that is not there has nothing."""
    url = _url(deployment)
    return not url.startswith("sqlite:///") or (deployment.folder / url.removeprefix("sqlite:///")).exists()


_at_work: weakref.WeakKeyDictionary[Runtime, Shelf] = weakref.WeakKeyDictionary()


def shelf_of(runtime: Runtime) -> Shelf | None:
    """The shelf of a deployment at work, opened once for it; None where it has none yet, or it cannot be opened: what
    looks something up at the till goes on without."""
    if runtime not in _at_work:
        if not _is_there(runtime.deployment):
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
