"""The journal's migrations (Alembic), and bringing a database up to the newest one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema that a journal may have, the newest last: that is what :mod:`..tables` describes."""

HEAD = REVISIONS[-1]


def revision(connection: Connection) -> str | None:
    """The revision that a database is at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the database up. Alembic is loaded only where there is something to do."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
