"""Where catalogues stand: one table for each, and an index of their names.

A file is put on a shelf aside first, batch by batch, each with how far it got; only when it is whole does it take the
old rows' place or join them, and the version moves, in one transaction. Who was killed on the way goes on from the
last batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import attrs

from ..errors import LiangdingError
from ..files.columns import Layout

FORMAT = 1
"""The number of the tables' form."""

Texts = list[str | None]
"""One row: its values as text, in the layout's order."""


class CatalogueUnavailable(LiangdingError):
    """The catalogues cannot be read or written."""

    code = "catalogue_unavailable"
    http_status = 503
    remedy = "检查磁盘空间、目录库文件的权限和数据库连接"


@attrs.frozen(kw_only=True)
class ShelfStanding:
    """A catalogue as it stands: its version ("" for none yet), how many rows, and when it was last brought up to date
    (seconds)."""

    number: str
    version: str = ""
    rows: int = 0
    at: float = 0.0


@attrs.frozen(kw_only=True)
class Arrival:
    """A file on its way onto the shelf: what version was asked for, what the platform said of the file, where it lies,
    and how many of its rows are aside already. ``greatest`` is the greatest version among these."""

    number: str
    asked: str
    filename: str
    path: str
    digest: str
    expected: int | None
    rows: int = 0
    greatest: str = ""


@attrs.frozen(kw_only=True)
class KeptAnswer:
    """What the platform answered to a question: the rows by wire name, and when it did (seconds)."""

    rows: tuple[Mapping[str, Any], ...] = attrs.field(repr=False)
    at: float


class Shelf(Protocol):
    """The catalogues of one institution, or of several that share a database."""

    def standing(self, number: str) -> ShelfStanding:
        """How a catalogue stands."""

    def arrival(self, number: str) -> Arrival | None:
        """The file that was on its way when somebody stopped; None where none was."""

    def begin(self, layout: Layout, arrival: Arrival) -> None:
        """Take a new file aside; what was aside of another one is thrown away."""

    def put_aside(self, layout: Layout, batch: Sequence[Texts], arrival: Arrival) -> None:
        """Put rows aside; ``arrival`` says how far the file is with them. All or nothing."""

    def take_in(self, layout: Layout, arrival: Arrival, version: str, at: float) -> ShelfStanding:
        """The rows aside take their place, and the version moves: all at once, or nothing."""

    def throw_away(self, number: str) -> None:
        """Forget a file that was on its way."""

    def stand_current(self, number: str, at: float) -> None:
        """Nothing new came: the catalogue is up to date."""

    def row(self, layout: Layout, code: str) -> Mapping[str, str | None] | None:
        """The row of that code (the valid one before others), by column; None where there is none."""

    def named(self, layout: Layout, text: str, *, most: int, valid: bool) -> list[Mapping[str, str | None]]:
        """The rows whose names, or the initials of whose names, hold ``text``; the shortest names first."""

    def rows(self, layout: Layout) -> Iterable[Mapping[str, str | None]]:
        """All rows, in the order of their keys."""

    def kept(self, number: str, question: str) -> KeptAnswer | None:
        """What was last answered to a question of a catalogue that is queried; None where it was never asked."""

    def keep(self, number: str, question: str, rows: Sequence[Mapping[str, Any]], at: float) -> None:
        """Keep an answer, in the place of an earlier one."""

    def complaints(self, layout: Layout) -> list[str]:
        """What is not right with a catalogue as it stands, in sentences: rows that are missing, an index that does not
        fit them. Reads all of it."""

    def close(self) -> None: ...


def columns_of(layout: Layout) -> tuple[str, ...]:
    """The columns of a catalogue's table."""
    return tuple(each.key for each in layout.columns)


def key_of(layout: Layout) -> str:
    assert layout.key is not None
    return layout.key.key


def code_of(layout: Layout) -> str:
    """The column that people know rows by."""
    return layout.code.key if layout.code else key_of(layout)


def valid_of(layout: Layout) -> str | None:
    return "vali_flag" if "vali_flag" in layout.places else None


def counted(standing: ShelfStanding, rows: int, indexed: int) -> list[str]:
    """Whether as many rows stand as were brought in, and each can be found by its name."""
    found = []
    if rows != standing.rows:
        found.append(f"应有 {standing.rows} 行，实有 {rows} 行")
    if indexed != rows:
        found.append(f"名称索引有 {indexed} 行，目录有 {rows} 行")
    return found


def as_rows(names: Sequence[str], found: Iterable[Sequence[Any]]) -> list[Mapping[str, str | None]]:
    return [dict(zip(names, row, strict=True)) for row in found]
