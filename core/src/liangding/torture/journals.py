"""Where the journals of runs stand, each empty at its run's beginning: one SQLite database, or one on a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
from sqlalchemy import Connection, Engine, Select, StaticPool, create_engine
from sqlalchemy.engine import make_url

from ..calls import one_signing
from ..journal import Journal, Vault
from ..journal.beside import Beside
from ..journal.engines import open_engine
from ..journal.statements import Prepared
from ..journal.store import Store

T = TypeVar("T")


@attrs.frozen
class Kept:
    """What one process after the other opens a journal by: what SQLAlchemy and SQLite compiled for one serves the next.
    ``connection`` is there where all of a run's processes, of which one acts at a time, have the same one."""

    engine: Engine
    connection: Connection | None = None
    cursor: Any = None


class KeptStore(Store):
    """A database that is opened many times, one after the other, by what is kept of it: a file's connection would cost
    more than what a process asks on it."""

    def __init__(self, kept: Kept, folder: Path) -> None:
        self._kept = kept
        super().__init__("", folder)
        self._writer, self._cursor = kept.connection, kept.cursor

    def _open(self, url: str, folder: Path) -> Engine:
        return self._kept.engine

    def fetch(self, statement: Select[Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self._kept.connection is None:
            return super().fetch(statement, values)
        prepared = Prepared.of(statement, self.engine)
        self._cursor.execute(prepared.sql, prepared.arguments(values))
        return prepared.rows(self._cursor)

    def glance(self, prepared: Prepared, values: Mapping[str, Any]) -> Any:
        if self._kept.connection is None:
            return super().glance(prepared, values)
        self._cursor.execute(prepared.sql, prepared.arguments(values))
        rows = self._cursor.fetchall()
        return rows[0] if rows else None

    def read(self, work: Callable[[Connection], T], *, still: bool = False) -> T:
        """The same: where the connection is everybody's, nobody writes meanwhile."""
        if self._kept.connection is None:
            return super().read(work, still=still)
        return work(self._kept.connection)

    def close(self) -> None:
        if self._kept.connection is None:
            super().close()
        else:
            self._drop_writer()

    def die(self) -> None:
        """The process that held this is no more: what it had not committed is gone."""
        if self._kept.connection is not None:
            self._drop_writer()
            return
        self._drop_glancer()
        writer, self._writer = self._writer, None
        if writer is not None:
            self._cursor.execute("ROLLBACK")
            writer.close()

    def _drop_writer(self) -> None:
        if self._kept.connection is None:
            super()._drop_writer()
        elif self._cursor.connection.in_transaction:
            self._cursor.execute("ROLLBACK")


class Lite:
    """One SQLite database, in memory, or in a file where ``folder`` is one that somebody named; every run finds it as
    it was made. All processes of a run share a connection: one of them acts at a time, and never while another one is
    in a transaction."""

    def __init__(self, folder: Path, vault: Vault, *, in_memory: bool) -> None:
        self.folder = folder
        self.url = "sqlite://" if in_memory else "sqlite:///journal.db"
        self._opened = open_engine(self.url, folder)
        held = self._opened.raw_connection()
        held.detach()  # from a pool that would take it for its own
        engine = create_engine("sqlite://", creator=lambda: held.dbapi_connection, poolclass=StaticPool)
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._kept = Kept(engine, connection, connection.connection.cursor())
        made = Journal(
            self.url, vault, folder=folder, owner="template", alive=lambda _: False,
            store=lambda _, at: KeptStore(self._kept, at),
        )  # fmt: skip
        Beside(made, one_signing.turns.name, one_signing.metadata, one_signing.FORM)
        made.close()
        self._made = {name: self._say(f"SELECT * FROM {name}").fetchall() for name in self._tables()}

    def kept(self, name: str) -> Kept:
        """What the processes called ``name`` open it by."""
        return self._kept

    def empty(self) -> None:
        """From now on nothing is in it."""
        self._say("PRAGMA foreign_keys = OFF")
        self._say("BEGIN")
        for name in self._tables():
            if name not in self._made:
                self._say(f"DROP TABLE {name}")
                continue
            self._say(f"DELETE FROM {name}")
            for row in self._made[name]:
                self._say(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        self._say("COMMIT")
        self._say("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Nothing is left but the folder, which is somebody else's."""
        self._kept.engine.dispose()
        self._opened.dispose()

    def _tables(self) -> list[str]:
        return [name for (name,) in self._say("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]

    def _say(self, command: str, values: Sequence[Any] = ()) -> Any:
        return self._kept.cursor.execute(command, values)


class Databases:
    """A database on the PostgreSQL at ``server``, made from an empty one; who is named there may make databases."""

    def __init__(self, folder: Path, vault: Vault, server: str) -> None:
        self.folder = folder
        self._name = f"liangding_torture_{os.getpid()}"
        self._server: Engine = open_engine(server, folder)
        self.url = self._at(server, self._name)
        self._engines: dict[str, Engine] = {}
        self._make(f"{self._name}_empty", "template1")
        Journal(self._at(server, f"{self._name}_empty"), vault, folder=folder, owner="template").close()

    def kept(self, name: str) -> Kept:
        """What the processes called ``name`` open it by."""
        if name not in self._engines:
            self._engines[name] = open_engine(self.url, self.folder)
        return Kept(self._engines[name])

    def empty(self) -> None:
        """From now on nothing is in it."""
        self._let_go()
        self._make(self._name, f"{self._name}_empty")

    def close(self) -> None:
        """Nothing is left of it."""
        self._let_go()
        self._say(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
        self._say(f"DROP DATABASE IF EXISTS {self._name}_empty WITH (FORCE)")
        self._server.dispose()

    def _let_go(self) -> None:
        for engine in self._engines.values():
            engine.dispose()

    def _make(self, name: str, like: str) -> None:
        self._say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._say(f"CREATE DATABASE {name} TEMPLATE {like}")

    def _say(self, command: str) -> None:
        with self._server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(command)

    @staticmethod
    def _at(server: str, name: str) -> str:
        return make_url(server).set(database=name).render_as_string(hide_password=False)
