"""A file that a simulated platform's life is kept in: what reached it, in order, each safe on the disk before it is
answered. An SQLite database of a form of its own, which carries a number; one process has it at a time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import attrs

from ..errors import ConfigurationError

FORMAT = 1
MARK = 0x4C445350
"""What says in such a file (application_id) that it is one."""

WAIT_SECONDS = 10.0
"""How long a process that is just ending may still have the file."""

ANEW = "另写一个 --ledger 文件，从头开始；原来的流水里有而新账本里没有的，对账会列出来，所以流水也换一个新的"


class Came(StrEnum):
    """What reached a platform."""

    MESSAGE = "message"
    PEOPLE = "people"
    """Somebody asked for more people; ``given`` says which, and how many."""
    TIME = "time"
    """Somebody moved its clock, or what its queries see; ``given`` says how far both are then."""


@attrs.frozen(kw_only=True)
class Lived:
    """One thing that happened to a platform ``at`` a time (seconds since 1970). A message's ``given`` are its bytes,
    ``file`` came with it, ``centre`` and ``path`` say which online service it was posted to (empty: none);
    ``outcome`` is what became of it."""

    kind: Came
    at: float
    given: bytes = attrs.field(repr=False)
    file: bytes | None = attrs.field(default=None, repr=False)
    centre: str = ""
    path: str = ""
    outcome: str = ""


_COLUMNS = "kind, at, given, file, centre, path, outcome"

_TABLES = f"""
BEGIN;
CREATE TABLE whose (institution TEXT NOT NULL);
CREATE TABLE lived (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, at REAL NOT NULL, given BLOB NOT NULL, file BLOB,
    centre TEXT NOT NULL, path TEXT NOT NULL, outcome TEXT NOT NULL
);
PRAGMA application_id = {MARK};
PRAGMA user_version = {FORMAT};
COMMIT;
"""


class LedgerFile:
    """The file, open. ``institution`` is whose platform it is.

    ConfigurationError where it cannot be read or written, is another's or another program's, or another process has it.
    """

    def __init__(self, path: Path, institution: str) -> None:
        self.path = path
        try:
            # Who may read it: it holds messages as they came.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._database = sqlite3.connect(path, WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as failed:
            raise self.wrong(f"打不开：{getattr(failed, 'strerror', None) or failed}", "写一个能读写的文件") from None
        try:
            self._take(institution)
        except sqlite3.Error as failed:
            self.close()
            raise self._unusable(failed) from None
        except ConfigurationError:
            self.close()
            raise

    def _take(self, institution: str) -> None:
        """Have the file alone, and see that it is ours; one that is not is not touched."""
        ask = self._database.execute
        ask("PRAGMA locking_mode = EXCLUSIVE")
        ask("PRAGMA synchronous = FULL")
        (mark,), (form,) = ask("PRAGMA application_id").fetchone(), ask("PRAGMA user_version").fetchone()
        fresh = not mark and not ask("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not fresh and mark != MARK:
            raise self.wrong("不是模拟平台的账本", "另写一个 --ledger 文件")
        if not fresh and form != FORMAT:
            raise self.wrong(f"格式是 {form}，这个版本认识 {FORMAT}", f"用写它的那个版本；或者{ANEW}")
        ask("PRAGMA journal_mode = WAL")
        if fresh:
            self._database.executescript(_TABLES)
            ask("INSERT INTO whose VALUES (?)", (institution,))
        ask("BEGIN IMMEDIATE")
        ask("COMMIT")
        (told,) = ask("PRAGMA quick_check(1)").fetchone()
        if told != "ok":
            raise self._unusable(told)
        whose = ask("SELECT institution FROM whose").fetchone()
        if whose != (institution,):
            raise self.wrong(f"是 {whose[0] if whose else '别家'} 的，不是 {institution} 的", "另写一个 --ledger 文件")

    def wrong(self, what: str, remedy: str) -> ConfigurationError:
        """The error that says what is wrong with the file."""
        return ConfigurationError(f"模拟平台的账本{what}", path=str(self.path), remedy=remedy)

    def _unusable(self, failed: object) -> ConfigurationError:
        if isinstance(failed, sqlite3.OperationalError) and failed.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return self.wrong("正被另一个进程使用", "先结束另一个模拟平台，或另写一个 --ledger 文件")
        return self.wrong(f"坏了（{failed}）", f"用备份换回；没有备份的，{ANEW}")

    def lived(self) -> Iterator[Lived]:
        """Everything that is kept, in order."""
        try:
            for kind, *others in self._database.execute(f"SELECT {_COLUMNS} FROM lived ORDER BY number"):
                names = [attribute.name for attribute in attrs.fields(Lived)][1:]
                yield Lived(kind=Came(kind), **dict(zip(names, others, strict=True)))
        except (sqlite3.Error, ValueError) as failed:
            raise self._unusable(failed) from None

    def keep(self, lived: Lived) -> None:
        """Write it down: on the disk when this returns. OSError where the disk does not take it."""
        try:
            self._database.execute(f"INSERT INTO lived ({_COLUMNS}) VALUES (?,?,?,?,?,?,?)", attrs.astuple(lived))
        except sqlite3.Error as failed:
            raise OSError(f"{self.path}: {failed}") from None

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._database.close()
