"""Catalogues in a SQLite file of their own, names in an FTS5 index."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..errors import ConfigurationError
from ..files.columns import Layout
from ..wire.json import decode, encode
from .shelf import (
    FORMAT,
    Arrival,
    CatalogueUnavailable,
    KeptAnswer,
    ShelfStanding,
    Texts,
    as_rows,
    code_of,
    columns_of,
    counted,
    key_of,
    valid_of,
)
from .words import folded, phrase, spaced, spaced_initials

ASIDE = "_aside"
CACHE_KIBIBYTES = 64 * 1024
WAIT_SECONDS = 30.0

_TABLES = """
create table if not exists standing (number text primary key, version text not null, rows integer not null,
    at real not null);
create table if not exists arrival (number text primary key, asked text not null, filename text not null,
    path text not null, digest text not null, expected integer, rows integer not null, greatest text not null);
create table if not exists kept (number text not null, question text not null, rows blob not null, at real not null,
    primary key (number, question));
"""


class SqliteShelf:
    """Catalogues in the file ``path``. One may be shared between threads; several processes may open one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.RLock()
        with _saying_what_failed():
            self._db = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._db.execute(f"pragma cache_size = -{CACHE_KIBIBYTES}")
            held = self._db.execute("pragma user_version").fetchone()[0]
            if held > FORMAT:
                raise ConfigurationError(f"目录库的格式是 {held}，这个版本只认到 {FORMAT}", path=str(path))
            self._db.executescript(f"begin immediate; {_TABLES} pragma user_version = {FORMAT}; commit;")

    def close(self) -> None:
        with self._mutex:
            self._db.close()

    # -- how it stands ---------------------------------------------------------------------------------------------

    def standing(self, number: str) -> ShelfStanding:
        found = self._first("select number, version, rows, at from standing where number = ?", (number,))
        if found is None:
            return ShelfStanding(number=number)
        return ShelfStanding(number=found[0], version=found[1], rows=found[2], at=found[3])

    def arrival(self, number: str) -> Arrival | None:
        names = [each.name for each in attrs.fields(Arrival)]
        found = self._first(f"select {', '.join(names)} from arrival where number = ?", (number,))
        return None if found is None else Arrival(**dict(zip(names, found, strict=True)))

    def stand_current(self, number: str, at: float) -> None:
        with self._writing():
            known = self.standing(number)
            self._keep_standing(attrs.evolve(known, at=at))

    def _keep_standing(self, standing: ShelfStanding) -> None:
        row = (standing.number, standing.version, standing.rows, standing.at)
        self._db.execute("insert or replace into standing values (?, ?, ?, ?)", row)

    # -- putting a file on it --------------------------------------------------------------------------------------

    def begin(self, layout: Layout, arrival: Arrival) -> None:
        with self._writing():
            self._drop(layout.number, ASIDE)
            self._make(layout, ASIDE)
            self._keep_arrival(arrival)

    def put_aside(self, layout: Layout, batch: Sequence[Texts], arrival: Arrival) -> None:
        last = arrival.rows - len(batch)
        numbered = [[last + i, *row] for i, row in enumerate(batch, 1)]
        words = list(_words(layout, numbered))
        with self._writing():
            marks = ", ".join("?" * (len(layout.columns) + 1))
            insert = f"insert into {_table(layout.number, ASIDE)} values ({marks})"
            try:
                self._db.executemany(insert, numbered)
            except sqlite3.IntegrityError:
                self._put_one_by_one(layout, numbered, insert)
            self._db.executemany(
                f"insert into {_index(layout.number, ASIDE)} (rowid, names, initials) values (?, ?, ?)", words
            )
            self._keep_arrival(arrival)

    def _put_one_by_one(self, layout: Layout, numbered: list[list[Any]], insert: str) -> None:
        """A file names a key twice: the later row counts."""
        table, index, key = _table(layout.number, ASIDE), _index(layout.number, ASIDE), key_of(layout)
        place = layout.places[key] + 1
        self._db.execute(f"delete from {table} where number_ >= ?", (numbered[0][0],))
        for row in numbered:
            earlier = self._db.execute(f'select number_ from {table} where "{key}" = ?', (row[place],)).fetchone()
            if earlier is not None:
                self._db.execute(f"delete from {table} where number_ = ?", earlier)
                self._db.execute(f"delete from {index} where rowid = ?", earlier)
            self._db.execute(insert, row)

    def take_in(self, layout: Layout, arrival: Arrival, version: str, at: float) -> ShelfStanding:
        with self._writing():
            table, index = _table(layout.number), _index(layout.number)
            if self._is_there(table):
                self._widen(layout)
                self._merge(layout)
                self._drop(layout.number, ASIDE)
            else:
                self._db.execute(f"alter table {_table(layout.number, ASIDE)} rename to {table}")
                self._db.execute(f"alter table {_index(layout.number, ASIDE)} rename to {index}")
            rows = self._db.execute(f"select count(*) from {table}").fetchone()[0]
            standing = ShelfStanding(number=layout.number, version=version, rows=rows, at=at)
            self._keep_standing(standing)
            self._db.execute("delete from arrival where number = ?", (layout.number,))
        return standing

    def _merge(self, layout: Layout) -> None:
        names, key = columns_of(layout), key_of(layout)
        table, index = _table(layout.number), _index(layout.number)
        aside, words = _table(layout.number, ASIDE), _index(layout.number, ASIDE)
        listed = ", ".join(f'"{name}"' for name in names)
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in names)
        self._db.execute(
            f"insert into {table} ({listed}) select {listed} from {aside} where true order by number_ "
            f'on conflict ("{key}") do update set {changes}'
        )
        self._db.execute(
            f"insert or replace into {index} (rowid, names, initials) select t.number_, w.names, w.initials "
            f'from {aside} a join {words} w on w.rowid = a.number_ join {table} t on t."{key}" = a."{key}"'
        )

    def _widen(self, layout: Layout) -> None:
        """A later edition adds columns at the end."""
        held = {row[1] for row in self._db.execute(f"pragma table_info({_table(layout.number)})")}
        for name in columns_of(layout):
            if name not in held:
                self._db.execute(f'alter table {_table(layout.number)} add column "{name}" text')

    def throw_away(self, number: str) -> None:
        with self._writing():
            self._drop(number, ASIDE)
            self._db.execute("delete from arrival where number = ?", (number,))

    def _keep_arrival(self, arrival: Arrival) -> None:
        row = attrs.astuple(arrival)
        self._db.execute(f"insert or replace into arrival values ({', '.join('?' * len(row))})", row)

    def _make(self, layout: Layout, part: str = "") -> None:
        columns = ", ".join(f'"{name}" text' for name in columns_of(layout))
        table, index = _table(layout.number, part), _index(layout.number, part)
        self._db.execute(f'create table {table} (number_ integer primary key, {columns}, unique ("{key_of(layout)}"))')
        self._db.execute(f"create virtual table {index} using fts5 (names, initials)")

    def _drop(self, number: str, part: str) -> None:
        for name in (_table(number, part), _index(number, part)):
            self._db.execute(f"drop table if exists {name}")

    # -- finding ---------------------------------------------------------------------------------------------------

    def row(self, layout: Layout, code: str) -> Mapping[str, str | None] | None:
        names, valid = columns_of(layout), valid_of(layout)
        order = f" order by \"{valid}\" = '1' desc" if valid and code_of(layout) != key_of(layout) else ""
        found = self._all(layout, f'where "{code_of(layout)}" = ?{order} limit 1', (code,), names)
        return found[0] if found else None

    def named(self, layout: Layout, text: str, *, most: int, valid: bool) -> list[Mapping[str, str | None]]:
        wanted = phrase(text)
        if not wanted:
            return []
        column = "initials" if folded(text).isascii() and folded(text).isalpha() else "names"
        match = f'names : "{wanted}"' + (f' OR initials : "{wanted}"' if column == "initials" else "")
        index, flag = _index(layout.number), valid_of(layout)
        where = f" and t.\"{flag}\" = '1'" if valid and flag else ""
        clause = (
            f"join (select rowid, names from {index} where {index} match ?) f on f.rowid = t.number_ "
            f"where true{where} order by length(f.names), t.number_ limit ?"
        )
        return self._all(layout, clause, (match, most), columns_of(layout))

    def rows(self, layout: Layout) -> Iterable[Mapping[str, str | None]]:
        names, key = columns_of(layout), key_of(layout)
        last = ""
        while True:
            batch = self._all(layout, f'where "{key}" > ? order by "{key}" limit 5000', (last,), names)
            yield from batch
            if not batch:
                return
            last = batch[-1][key] or ""

    def kept(self, number: str, question: str) -> KeptAnswer | None:
        found = self._first("select rows, at from kept where number = ? and question = ?", (number, question))
        return None if found is None else KeptAnswer(rows=tuple(decode(found[0])), at=found[1])

    def keep(self, number: str, question: str, rows: Sequence[Mapping[str, Any]], at: float) -> None:
        with self._writing():
            self._db.execute("insert or replace into kept values (?, ?, ?, ?)", (number, question, encode(rows), at))

    def complaints(self, layout: Layout) -> list[str]:
        table, index = _table(layout.number), _index(layout.number)
        if not self._is_there(table):
            return counted(self.standing(layout.number), 0, 0)
        rows, indexed = (self._first(f"select count(*) from {each}", ()) for each in (table, index))
        assert rows is not None
        assert indexed is not None
        found = counted(self.standing(layout.number), rows[0], indexed[0])
        with self._mutex, _saying_what_failed():
            wrong = [row[0] for row in self._db.execute(f"pragma integrity_check({table})") if row[0] != "ok"]
        return found + [f"目录库损坏：{each}" for each in wrong[:3]]

    def _all(
        self, layout: Layout, clause: str, values: tuple[Any, ...], names: tuple[str, ...]
    ) -> list[Mapping[str, str | None]]:
        listed = ", ".join(f't."{name}"' for name in names)
        with self._mutex, _saying_what_failed():
            try:
                found = self._db.execute(f"select {listed} from {_table(layout.number)} t {clause}", values).fetchall()
            except sqlite3.OperationalError as failed:
                if "no such table" in str(failed):
                    return []
                raise
        return as_rows(names, found)

    def _first(self, query: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        with self._mutex, _saying_what_failed():
            found: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
            return found

    def _is_there(self, table: str) -> bool:
        return self._first("select 1 from sqlite_master where name = ?", (table.strip('"'),)) is not None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._mutex, _saying_what_failed():
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise
            self._db.execute("commit")


def _table(number: str, part: str = "") -> str:
    return f'"catalogue_{number}{part}"'


def _index(number: str, part: str = "") -> str:
    return f'"names_{number}{part}"'


def _words(layout: Layout, numbered: Iterable[list[Any]]) -> Iterator[tuple[int, str, str]]:
    places = [each.no for each in layout.names]
    for row in numbered:
        names = [row[place] for place in places]
        yield row[0], spaced(names), spaced_initials(names)


@contextlib.contextmanager
def _saying_what_failed() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as failed:
        raise CatalogueUnavailable(f"目录库读写失败：{failed}") from None
