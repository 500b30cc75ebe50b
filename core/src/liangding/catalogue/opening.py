"""The catalogues that a deployment names."""

from __future__ import annotations

from pathlib import Path

from ..config import Deployment
from ..errors import ConfigurationError
from .shelf import Shelf

BESIDE = "sqlite:///catalogues.db"


def open_shelf(deployment: Deployment) -> Shelf:
    """Open the shelf: where ``catalogues.url`` says, else in the journal's PostgreSQL, else in ``catalogues.db`` beside
    the deployment file. ConfigurationError for an address that is none; CatalogueUnavailable."""
    url = deployment.catalogues.url or (
        BESIDE if deployment.journal.url.startswith("sqlite") else deployment.journal.url
    )
    if url.startswith("sqlite:///"):
        from .sqlite import SqliteShelf

        return SqliteShelf(deployment.folder / url.removeprefix("sqlite:///"))
    if url.startswith("postgresql"):
        from .postgres import PostgresShelf

        return PostgresShelf("postgresql://" + url.partition("://")[2])
    raise ConfigurationError("应写成 sqlite:///文件 或 postgresql://…", path="catalogues.url")


def arrivals(deployment: Deployment) -> Path:
    """Where files lie until they are loaded."""
    return deployment.folder / "arrivals" / deployment.name
