"""The database under the journal: who may write when, when a write counts as done, and the chain of events."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import attrs
from sqlalchemy import Connection, CursorResult, Engine, Executable, Select
from sqlalchemy.exc import SQLAlchemyError

from ..errors import LiangdingError
from . import locks
from .engines import READING, JournalUnavailable, open_engine
from .locks import Touched, Unnamed
from .statements import Prepared

__all__ = ["AlreadyThere", "ChainHead", "Closing", "JournalUnavailable", "ReadStore", "Store", "Tx"]

T = TypeVar("T")

_TIMES = 5
"""So often a transaction is begun that PostgreSQL takes back because it stands in another one's way."""

_IN_THE_WAY = ("40001", "40P01")
"""How PostgreSQL says so: could not be put in an order, a deadlock."""


class AlreadyThere(LiangdingError):
    """A row like this is in the database."""


@attrs.frozen
class ChainHead:
    """The last link of a chain of events, and how many links it has."""

    number: int
    link: str


class Tx:
    """A writing transaction: statements, and events that are linked to what was before."""

    def __init__(self, connection: Connection, cursor: Any, head: ChainHead) -> None:
        self.connection = connection
        self._cursor = cursor
        self.head = head
        self.touched: Touched = None

    def needs(self, names: frozenset[str]) -> None:
        """Unnamed where the piece of work that is done now did not name all of these."""
        if self.touched is not None and not names <= self.touched:
            raise Unnamed(f"work touches {min(names - self.touched).partition(':')[0]} without naming it")

    def needs_all(self) -> None:
        """Unnamed where the piece of work that is done now does not have the database to itself."""
        if self.touched is not None:
            raise Unnamed("work looks at what it cannot name beforehand, and named what it touches")

    def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        return self.connection.execute(statement, values)

    def run(self, prepared: Prepared, values: Mapping[str, Any]) -> Any:
        """The driver's own cursor after the statement, for the moment; AlreadyThere where a value has to be the only
        one of its kind and is not. Other errors are the driver's."""
        try:
            self._cursor.execute(prepared.sql, prepared.arguments(values))
        except self.connection.dialect.loaded_dbapi.IntegrityError as failed:
            raise AlreadyThere(str(failed).partition("\n")[0]) from None
        return self._cursor

    def fetch(self, prepared: Prepared, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What a prepared SELECT finds. Errors are the driver's."""
        return prepared.rows(self.run(prepared, values))

    def say(self, command: str) -> None:
        self._cursor.execute(command)


class Closing(Protocol):
    """What is written once at the end of every transaction that moved the chain."""

    def __call__(self, tx: Tx) -> None: ...


class _Entry(Generic[T]):
    """One piece of work waiting for a commit."""

    __slots__ = ("done", "error", "result", "touches", "wake", "work")

    def __init__(self, work: Callable[[Tx], T], touches: Touched) -> None:
        self.work = work
        self.touches = touches
        self.wake: threading.Event | None = None
        self.done = False
        self.result: T | None = None
        self.error: BaseException | None = None


class Store:
    """An engine with one writer at a time and group commit.

    A caller that finds nobody writing does its own work and commits; callers that come while it commits wait, and
    one of them then does the work of all who wait in one transaction. Each piece of work stands or falls by itself;
    the commit is shared. Work may run twice before it counts once: what it does, it does through its transaction
    alone. :meth:`write` returns when the commit is durable.

    On SQLite no other process writes meanwhile, on PostgreSQL none that touches the same (:mod:`.locks`).
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.engine = self._open(url, folder)
        self.head = ChainHead(0, "")
        self.closing: Closing | None = None
        self.last_head: Callable[[Connection], ChainHead] | None = None
        self._mutex = threading.Lock()
        self._waiting: list[_Entry[Any]] = []
        self._busy = False
        self._in_doubt = False
        self._unheard = False
        self._committing = False
        self._writer: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._fell_back = False
        self._cursor: Any = None
        self._glancing = threading.Lock()
        self._glancer: tuple[Connection, Any] | None = None

    def _open(self, url: str, folder: Path) -> Engine:
        return open_engine(url, folder)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @property
    def queued(self) -> int:
        """How many pieces of work wait for the next commit."""
        return len(self._waiting)

    def write(self, work: Callable[[Tx], T], *, touches: Touched = None) -> T:
        """Run ``work`` in a transaction and commit. JournalUnavailable where the database fails; what ``work``
        itself raises comes through, and leaves nothing behind. ``touches`` names all that it reads to go by and
        writes; what names nothing has the database to itself."""
        entry = _Entry(work, touches)
        with self._mutex:
            self._waiting.append(entry)
            leads, self._busy = not self._busy, True
            if not leads:
                entry.wake = threading.Event()
        if entry.wake is not None:
            entry.wake.wait()
        if not entry.done:
            self._lead()
        if entry.error is not None:
            raise entry.error
        return entry.result  # type: ignore[return-value]

    def read(self, work: Callable[[Connection], T], *, still: bool = False) -> T:
        """Run ``work`` on a connection of its own, for reading; ``still``: all of it sees one state of the database,
        whatever is written meanwhile (on SQLite it always does)."""
        options: dict[str, Any] = {READING: True}
        if still and self.dialect != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self.engine.connect().execution_options(**options) as connection:
                return work(connection)
        except SQLAlchemyError as failed:
            raise _unavailable(failed) from None

    def glance(self, prepared: Prepared, values: Mapping[str, Any]) -> Any:
        """The first row of a prepared query, None where there is none, on a connection that is kept for that: what
        every call asks first. JournalUnavailable where the database fails, also after connecting anew."""
        with self._glancing:
            for again in (False, True):
                try:
                    if self._glancer is None:
                        connected = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                        self._glancer = connected, connected.connection.cursor()
                    cursor = self._glancer[1]
                    cursor.execute(prepared.sql, prepared.arguments(values))
                    rows = cursor.fetchall()
                except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as failed:
                    self._drop_glancer(broken=True)
                    if again:
                        raise _unavailable(failed) from None
                else:
                    return rows[0] if rows else None
        raise AssertionError("unreachable")

    def _drop_glancer(self, *, broken: bool = False) -> None:
        kept, self._glancer = self._glancer, None
        if kept is not None:
            with contextlib.suppress(SQLAlchemyError):
                if broken:
                    kept[0].invalidate()
                else:
                    kept[1].close()
                kept[0].close()

    def fetch(self, statement: Select[Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What one SELECT finds, a constant with bound parameters, by the columns' names; as :meth:`read`, at a quarter
        of its price."""
        prepared = Prepared.of(statement, self.engine)
        try:
            held = self.engine.raw_connection()
            try:
                cursor = held.cursor()
                cursor.execute(prepared.sql, prepared.arguments(values))
                return prepared.rows(cursor)
            finally:
                held.close()
        except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as failed:
            raise _unavailable(failed) from None

    def close(self) -> None:
        with self._glancing:
            self._drop_glancer()
        with self._mutex:
            writer, self._writer = self._writer, None
        if writer is not None:
            if self.dialect == "sqlite":
                with contextlib.suppress(self.engine.dialect.loaded_dbapi.Error):
                    self._say("PRAGMA wal_checkpoint(TRUNCATE)")
            self._cursor.close()  # a statement that is not over keeps the file open, and its log beside it
            writer.close()
        self.engine.dispose()

    def _lead(self) -> None:
        with self._mutex:
            batch, self._waiting = self._waiting, []
        try:
            self._commit(batch)
        finally:
            with self._mutex:
                successor = self._waiting[0] if self._waiting else None
                self._busy = successor is not None
            for entry in batch:
                entry.done = True
                if entry.wake is not None:
                    entry.wake.set()
            if successor is not None and successor.wake is not None:
                successor.wake.set()

    def _commit(self, batch: list[_Entry[Any]]) -> None:
        try:
            for _ in range(_TIMES):
                if self._committed(batch):
                    return
            raise JournalUnavailable("流水库的写入一再与别的进程相撞")
        except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as failed:
            self._fail(batch, _unavailable(failed))
        except JournalUnavailable as gone:
            self._fail(batch, gone)
        except LiangdingError:
            pass  # the one entry's own; it is kept there
        except BaseException:
            self._fail(batch, JournalUnavailable("写入流水时中断"))
            raise

    def _committed(self, batch: list[_Entry[Any]]) -> bool:
        """Whether all of it is done and committed; False where the database took it back before its commit, because it
        stood in another transaction's way."""
        self._committing = False
        tx = self._begin(batch)
        try:
            tx = self._run(tx, batch)
            tx.touched = None
            if self.closing is not None and tx.head != self.head:
                self.closing(tx)
        except BaseException as failed:
            self._roll_back()
            if self._is_in_the_way(failed):
                return False
            raise
        self._committing = True
        self._say("COMMIT")
        self._committing = False
        self.head = tx.head
        return True

    def _fail(self, batch: list[_Entry[Any]], error: BaseException) -> None:
        """Nothing of the batch counts as written, though a commit that failed may stand, or may still be made. The
        connection is not used again."""
        for entry in batch:
            entry.error = entry.error or error
        self._in_doubt = True
        self._unheard = self._unheard or self._committing
        self._drop_writer()

    def _roll_back(self) -> None:
        try:
            self._say("ROLLBACK")
        except self.engine.dialect.loaded_dbapi.Error:
            self._drop_writer()

    def _begin(self, batch: list[_Entry[Any]]) -> Tx:
        """The writing connection, in a transaction of its own making: the engine's would cost as much as the work."""
        if self._writer is None:
            self._writer = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT", **{READING: None})
            self._cursor = self._writer.connection.cursor()
        self._is_there()
        self._say("BEGIN IMMEDIATE" if self.dialect == "sqlite" else locks.statement(self._touched(batch)))
        if self._in_doubt and self.last_head is not None:
            found = self.last_head(self._writer)
            if found.number < self.head.number:
                raise self.fell_back()
            self.head, self._in_doubt, self._unheard = found, False, False
        return Tx(self._writer, self._cursor, self.head)

    def _touched(self, batch: list[_Entry[Any]]) -> Touched:
        """What a batch touches. After a commit of which nothing was heard, the next one has the database to itself:
        when that is given, the other is made or is gone, and how far the chain is can be read."""
        named = [entry.touches for entry in batch if entry.touches is not None]
        return None if self._unheard or len(named) < len(batch) else frozenset[str]().union(*named)

    def _is_there(self) -> None:
        """JournalUnavailable where the file that was opened is not the one of that name any more: what is written into
        it would be seen by nobody."""
        if self._fell_back:
            raise self.fell_back()
        name = self.engine.url.database
        if self.dialect != "sqlite" or not name:
            return
        try:
            found = os.stat(name)
        except OSError:
            raise JournalUnavailable("流水文件被删掉或移走了，停止办理", remedy="找回流水文件，重新启动") from None
        self._file = self._file or (found.st_dev, found.st_ino)
        if self._file != (found.st_dev, found.st_ino):
            raise JournalUnavailable("流水文件被换成了另一个，停止办理", remedy="确认用哪个流水文件，重新启动")

    def fell_back(self) -> JournalUnavailable:
        """What is said, from now on, of a journal that an earlier copy was put in the place of while it was open."""
        self._fell_back = True
        return JournalUnavailable("流水在办理中被换成了旧的一份，停止办理", remedy="找回流水文件，重新启动")

    def _say(self, command: str) -> None:
        """A command of transaction control, straight to the driver: raises the driver's own errors."""
        self._cursor.execute(command)

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(SQLAlchemyError):
                writer.invalidate()
                writer.close()

    def _run(self, tx: Tx, batch: list[_Entry[Any]]) -> Tx:
        """All work of a batch. Where a piece of it fails, all is done once more, each under a savepoint: what it
        raises undoes that piece alone."""
        for entry in batch:
            entry.error = None
        try:
            for entry in batch:
                tx.touched = entry.touches
                entry.result = entry.work(tx)
        except Exception as failed:
            if self._is_in_the_way(failed):
                raise
            if len(batch) == 1:
                batch[0].error = self._error(failed)
                raise
            self._roll_back()
            tx = self._begin(batch)
            for entry in batch:
                self._run_alone(tx, entry)
        return tx

    def _run_alone(self, tx: Tx, entry: _Entry[Any]) -> None:
        head = tx.head
        tx.touched = entry.touches
        tx.say("SAVEPOINT work")
        try:
            entry.result = entry.work(tx)
        except Exception as failed:
            if self._is_in_the_way(failed):
                raise
            entry.error = self._error(failed)
            tx.say("ROLLBACK TO SAVEPOINT work")
            tx.head = head
        tx.say("RELEASE SAVEPOINT work")

    def _is_in_the_way(self, failed: BaseException) -> bool:
        """Whether PostgreSQL takes a transaction back that may be done once more."""
        return getattr(getattr(failed, "orig", None) or failed, "sqlstate", None) in _IN_THE_WAY

    def _error(self, failed: Exception) -> Exception:
        databases = (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error)
        return _unavailable(failed) if isinstance(failed, databases) else failed


class ReadStore(Store):
    """A store that reads what is there, and neither creates nor writes anything. JournalUnavailable where there is
    nothing."""

    def _open(self, url: str, folder: Path) -> Engine:
        return open_engine(url, folder, reading=True)

    def write(self, work: Callable[[Tx], T], *, touches: Touched = None) -> T:
        raise JournalUnavailable("流水是只读打开的")


def _unavailable(error: Exception) -> JournalUnavailable:
    reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return JournalUnavailable(f"流水库不可用：{reason}")
