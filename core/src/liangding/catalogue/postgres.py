"""Catalogues in PostgreSQL, beside a journal that is there: rows by COPY, names in an index of their characters."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ..errors import ConfigurationError
from ..files.columns import Layout
from ..journal.engines import LETTERS, behind_pooler
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
from .words import phrase, spaced, spaced_initials

SCHEMA = "liangding_catalogue"
ASIDE = "_aside"

_TABLES = f"""
create schema if not exists {SCHEMA};
create table if not exists {SCHEMA}.format (number integer not null);
create table if not exists {SCHEMA}.standing (number text primary key, version text not null, rows bigint not null,
    at double precision not null);
create table if not exists {SCHEMA}.arrival (number text primary key, asked text not null, filename text not null,
    path text not null, digest text not null, expected bigint, rows bigint not null, greatest text not null);
create table if not exists {SCHEMA}.kept (number text not null, question text not null, rows bytea not null,
    at double precision not null, primary key (number, question));
"""


class PostgresShelf:
    """Catalogues in the database of ``url`` (``postgresql://…``), in a schema of their own."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._mutex = threading.RLock()
        with _saying_what_failed():
            self._db = psycopg.connect(url, autocommit=True, client_encoding=LETTERS)
            if behind_pooler(self._db):
                self._db.prepare_threshold = None
            with self._writing():
                self._run("select pg_advisory_xact_lock(hashtext('liangding catalogue'))")
                self._run(_TABLES)
                held = self._first(f"select number from {SCHEMA}.format", ())
                if held is None:
                    self._run(f"insert into {SCHEMA}.format values (%s)", (FORMAT,))
                elif held[0] > FORMAT:
                    raise ConfigurationError(f"目录库的格式是 {held[0]}，这个版本只认到 {FORMAT}")

    def close(self) -> None:
        with self._mutex:
            self._db.close()

    def _run(self, query: str, values: Sequence[Any] = ()) -> Any:
        return self._db.execute(query, tuple(values) or None)

    # -- how it stands ---------------------------------------------------------------------------------------------

    def standing(self, number: str) -> ShelfStanding:
        found = self._first(f"select number, version, rows, at from {SCHEMA}.standing where number = %s", (number,))
        if found is None:
            return ShelfStanding(number=number)
        return ShelfStanding(number=found[0], version=found[1], rows=found[2], at=found[3])

    def arrival(self, number: str) -> Arrival | None:
        names = [each.name for each in attrs.fields(Arrival)]
        found = self._first(f"select {', '.join(names)} from {SCHEMA}.arrival where number = %s", (number,))
        return None if found is None else Arrival(**dict(zip(names, found, strict=True)))

    def stand_current(self, number: str, at: float) -> None:
        with self._writing():
            self._keep_standing(attrs.evolve(self.standing(number), at=at))

    def _keep_standing(self, standing: ShelfStanding) -> None:
        self._run(
            f"insert into {SCHEMA}.standing values (%s, %s, %s, %s) on conflict (number) do update set "
            "version = excluded.version, rows = excluded.rows, at = excluded.at",
            (standing.number, standing.version, standing.rows, standing.at),
        )

    # -- putting a file on it --------------------------------------------------------------------------------------

    def begin(self, layout: Layout, arrival: Arrival) -> None:
        with self._writing():
            self._run(f"drop table if exists {_table(layout.number, ASIDE)}")
            self._make(layout)
            self._keep_arrival(arrival)

    def _make(self, layout: Layout) -> None:
        columns = ", ".join(f'"{name}" text' for name in columns_of(layout))
        table, key = _table(layout.number, ASIDE), key_of(layout)
        self._run(f'create table {table} (number_ bigint, {columns}, names_ text, words_ tsvector, unique ("{key}"))')

    def put_aside(self, layout: Layout, batch: Sequence[Texts], arrival: Arrival) -> None:
        last = arrival.rows - len(batch)
        numbered = {row[layout.places[key_of(layout)]]: [last + i, *row] for i, row in enumerate(batch, 1)}
        with self._writing():
            table, key = _table(layout.number, ASIDE), key_of(layout)
            if len(numbered) < len(batch) or last:
                self._run(f'delete from {table} where "{key}" = any(%s)', (list(numbered),))
            with self._db.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
                for row in numbered.values():
                    copy.write_row([*map(_clean, row), *_words(layout, row)])
            self._keep_arrival(arrival)

    def take_in(self, layout: Layout, arrival: Arrival, version: str, at: float) -> ShelfStanding:
        with self._writing():
            table, aside = _table(layout.number), _table(layout.number, ASIDE)
            if self._first("select to_regclass(%s)", (table,)) not in (None, (None,)):
                self._merge(layout)
                self._run(f"drop table {aside}")
            else:
                self._run(f"alter table {aside} rename to {_name(layout.number)}")
                self._run(f"create index on {table} using gin (words_)")
                if code_of(layout) != key_of(layout):
                    self._run(f'create index on {table} ("{code_of(layout)}")')
            rows = self._run(f"select count(*) from {table}").fetchone()[0]
            standing = ShelfStanding(number=layout.number, version=version, rows=rows, at=at)
            self._keep_standing(standing)
            self._run(f"delete from {SCHEMA}.arrival where number = %s", (layout.number,))
        return standing

    def _merge(self, layout: Layout) -> None:
        table, aside, key = _table(layout.number), _table(layout.number, ASIDE), key_of(layout)
        for name in columns_of(layout):
            self._run(f'alter table {table} add column if not exists "{name}" text')
        names = [*(f'"{name}"' for name in columns_of(layout)), "names_", "words_"]
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        listed = ", ".join(names)
        self._run(
            f"insert into {table} (number_, {listed}) "
            f"select number_ + (select coalesce(max(number_), 0) from {table}), {listed} "
            f'from {aside} order by number_ on conflict ("{key}") do update set {changes}'
        )

    def throw_away(self, number: str) -> None:
        with self._writing():
            self._run(f"drop table if exists {_table(number, ASIDE)}")
            self._run(f"delete from {SCHEMA}.arrival where number = %s", (number,))

    def _keep_arrival(self, arrival: Arrival) -> None:
        self._run(f"delete from {SCHEMA}.arrival where number = %s", (arrival.number,))
        row = attrs.astuple(arrival)
        self._run(f"insert into {SCHEMA}.arrival values ({', '.join(['%s'] * len(row))})", row)

    # -- finding ---------------------------------------------------------------------------------------------------

    def row(self, layout: Layout, code: str) -> Mapping[str, str | None] | None:
        valid = valid_of(layout)
        order = f" order by (\"{valid}\" = '1') desc" if valid and code_of(layout) != key_of(layout) else ""
        found = self._all(layout, f'where "{code_of(layout)}" = %s{order} limit 1', (code,))
        return found[0] if found else None

    def named(self, layout: Layout, text: str, *, most: int, valid: bool) -> list[Mapping[str, str | None]]:
        wanted = phrase(text)
        if not wanted:
            return []
        flag = valid_of(layout)
        where = f" and \"{flag}\" = '1'" if valid and flag else ""
        clause = (
            "where words_ @@ phraseto_tsquery('simple', %s) and position(%s in names_) > 0"
            f"{where} order by length(names_), number_ limit %s"
        )
        return self._all(layout, clause, (wanted, "".join(wanted.split()), most))

    def rows(self, layout: Layout) -> Iterable[Mapping[str, str | None]]:
        key, last = key_of(layout), ""
        while batch := self._all(layout, f'where "{key}" > %s order by "{key}" limit 5000', (last,)):
            yield from batch
            last = batch[-1][key] or ""

    def kept(self, number: str, question: str) -> KeptAnswer | None:
        query = f"select rows, at from {SCHEMA}.kept where number = %s and question = %s"
        found = self._first(query, (number, question))
        return None if found is None else KeptAnswer(rows=tuple(decode(bytes(found[0]))), at=found[1])

    def keep(self, number: str, question: str, rows: Sequence[Mapping[str, Any]], at: float) -> None:
        with self._writing():
            self._run(
                f"insert into {SCHEMA}.kept values (%s, %s, %s, %s) on conflict (number, question) do update set "
                "rows = excluded.rows, at = excluded.at",
                (number, question, encode(rows), at),
            )

    def complaints(self, layout: Layout) -> list[str]:
        table = _table(layout.number)
        if self._first("select to_regclass(%s)", (table,)) in (None, (None,)):
            return counted(self.standing(layout.number), 0, 0)
        found = self._first(f"select count(*), count(words_) from {table}", ())
        assert found is not None
        return counted(self.standing(layout.number), *found)

    def _all(self, layout: Layout, clause: str, values: tuple[Any, ...]) -> list[Mapping[str, str | None]]:
        names = columns_of(layout)
        listed = ", ".join(f'"{name}"' for name in names)
        with self._mutex, _saying_what_failed():
            if self._first("select to_regclass(%s)", (_table(layout.number),)) in (None, (None,)):
                return []
            return as_rows(
                names, self._run(f"select {listed} from {_table(layout.number)} {clause}", values).fetchall()
            )

    def _first(self, query: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        with self._mutex, _saying_what_failed():
            found: tuple[Any, ...] | None = self._run(query, values).fetchone()
            return found

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._mutex, _saying_what_failed(), self._db.transaction():
            yield


def _name(number: str) -> str:
    return f'"catalogue_{number}"'


def _table(number: str, part: str = "") -> str:
    return f'{SCHEMA}."catalogue_{number}{part}"'


def _clean(value: Any) -> Any:
    """PostgreSQL keeps no NUL in texts."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _words(layout: Layout, row: list[Any]) -> tuple[str, str]:
    """The names and initials in one text, and the words of the index: a character each, with its place."""
    names = [row[each.no] for each in layout.names]
    both = f"{spaced(names)}　{spaced_initials(names)}"
    words = (character for character in both if character.isalnum() or character == "　")
    vector = " ".join(
        f"{character}:{place}" for place, character in enumerate(words, 1) if character != "　" and place < 16_383
    )
    return "　".join("".join(part.split(" ")) for part in both.split("　")), vector


@contextlib.contextmanager
def _saying_what_failed() -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as failed:
        said = (failed.diag.message_primary or "") if failed.diag else ""
        raise CatalogueUnavailable(f"目录库读写失败：{type(failed).__name__} {said}") from None
