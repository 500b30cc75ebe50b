"""Copies of a journal: made while it is at work, held to be whole before they count, put back, moved elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from ..errors import ConfigurationError
from .engines import database_url
from .examining import Examined
from .heads import HeadsFile
from .reading import ReadJournal
from .upgrading import InUse
from .vault import Vault

HEAD_SUFFIX = ".head"
"""Beside a copy stands its head."""

ASIDE = ".replaced"


class BadCopy(ConfigurationError):
    """A copy of a journal that is not whole, or stands where something else is already."""

    code = "bad_copy"


def file_of(url: str, folder: Path) -> Path:
    """The file of a journal. ConfigurationError where it is none: a database server makes its own copies."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return folder / parsed.database
    place = parsed._replace(password=None).render_as_string()
    raise ConfigurationError(
        "PostgreSQL 的流水由数据库自己备份",
        path="journal.url",
        remedy=f"pg_dump --format=custom --file=流水.dump '{place}'；恢复用 pg_restore，再 liangding journal verify",
    )


def copy(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment, whoever writes into it meanwhile."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    with (
        contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as held,
        contextlib.closing(sqlite3.connect(part)) as made,
    ):
        held.backup(made)
        made.execute("PRAGMA journal_mode = DELETE")
    with open(part, "rb") as written:
        os.fsync(written.fileno())
    part.replace(target)


class Copies:
    """The copies of one journal. ``heads`` are those that are written outside it, if any."""

    def __init__(
        self, url: str, folder: Path, vault: Vault, epoch: Callable[[], float], heads: HeadsFile | None = None
    ) -> None:
        self._url, self._folder, self._vault, self._epoch, self._heads = url, folder, vault, epoch, heads

    def back_up(self, target: Path) -> Examined:
        """Make a copy, verified, with its head beside it. BadCopy where something is at ``target``, or what was copied
        is not as it was written: then the copy stays, and its faults are told."""
        self._free(target)
        source = file_of(self._url, self._folder)
        with self._read(self._url, self._folder):
            copy(source, target)
        found = self._examined(target)
        HeadsFile(target.with_name(target.name + HEAD_SUFFIX)).add(found.head)
        return found

    def restore(self, source: Path) -> Examined:
        """Put a copy in the journal's place; what stood there is put aside. BadCopy where the copy is not whole, InUse
        while a process is at work."""
        target = file_of(self._url, self._folder)
        found = self._whole(source)
        if target.exists():
            self.refuse_at_work()
            self._put_aside(target, ASIDE)
        copy(source, target)
        return self._begin_from(found)

    def move(self, target: Path) -> Examined:
        """Copy the journal to another file and put the old one aside, so that nobody goes on with it. InUse while a
        process is at work."""
        self._free(target)
        source = file_of(self._url, self._folder)
        self.refuse_at_work()
        copy(source, target)
        found = self._whole(target)
        self._put_aside(source, ".moved")
        return found

    def accept(self) -> Examined:
        """Begin from the journal as it is: the heads that were written before no longer count."""
        with self._read(self._url, self._folder) as held:
            return self._begin_from(held.examine())

    def _begin_from(self, found: Examined) -> Examined:
        if self._heads is not None:
            self._heads.add(found.head)
        return found

    def _whole(self, path: Path) -> Examined:
        found = self._examined(path)
        beside = HeadsFile(path.with_name(path.name + HEAD_SUFFIX)).last()
        if found.faults or (beside is not None and beside.digest != found.head.digest):
            why = "；".join(found.faults[:3]) or f"与旁边的链头 {beside.short if beside else ''} 不符"
            raise BadCopy(f"这份流水不完好：{why}", path=str(path), remedy="换一份备份")
        return found

    def _examined(self, path: Path) -> Examined:
        with self._read(f"sqlite:///{path.resolve()}", Path()) as held:
            return held.examine()

    def _read(self, url: str, folder: Path) -> ReadJournal:
        return ReadJournal(url, self._vault, folder=folder, epoch=self._epoch)

    def _free(self, target: Path) -> None:
        if target.exists():
            raise BadCopy(f"{target} 已经在了", path=str(target), remedy="换个文件名，或先移走它")
        target.parent.mkdir(parents=True, exist_ok=True)

    def refuse_at_work(self) -> None:
        """InUse while a process is at work on the journal."""
        with self._read(self._url, self._folder) as held:
            alive = held.processes()
        if alive:
            raise InUse(
                f"进程 {alive[0].owner.rpartition(':')[0]} 还在用这个流水",
                path="journal.url",
                remedy="先停下用这个流水的 liangding serve",
            )

    def _put_aside(self, path: Path, suffix: str) -> None:
        number = 1
        while (aside := path.with_name(f"{path.name}{suffix}-{number}")).exists():
            number += 1
        for each in ("", "-wal", "-shm"):
            held = path.with_name(path.name + each)
            if held.exists():
                shutil.move(held, aside.with_name(aside.name + each))
