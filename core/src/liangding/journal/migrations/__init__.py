"""The journal's migrations (Alembic), and bringing a database up to the newest one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from .. import tables

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema that a journal may have, the newest last: that is what :mod:`..tables` describes."""

HEAD = REVISIONS[-1]

_versions = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)  # fmt: skip


def revision(connection: Connection) -> str | None:
    """The revision that a database is at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the database up: an empty one in one step, any other by Alembic, which is loaded only then."""
    if to == "head" and revision(connection) is None:
        _make(connection)
    else:
        migrate(connection, to)


def migrate(connection: Connection, to: str = "head") -> None:
    """Go through the migrations from where the database is."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _make(connection: Connection) -> None:
    """The newest schema in an empty database, as the migrations leave it."""
    tables.metadata.create_all(connection, checkfirst=False)
    _versions.metadata.create_all(connection, checkfirst=False)
    connection.execute(_versions.insert(), {"version_num": HEAD})
