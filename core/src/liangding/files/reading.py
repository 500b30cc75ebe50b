"""Reading a file row by row, never whole: a million rows need no more memory than ten.

    with open_text(path, layout_of("1301")) as drugs:
        for drug in drugs:
            store(drug["med_list_codg"], drug["drug_prodname"])
        drugs.check(answer.output.data_cnt)

A row that cannot be used (too few columns, no key) is left out and noted with its line; :meth:`TextFile.check` then
refuses the file, so that a store loads all of it or nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from ..spec.leaves import Reader
from ..spec.problems import Problem, problem
from .archive import Limits, lines, opened_text
from .cells import NULL, SEPARATOR, cell_reader
from .columns import Layout
from .errors import BrokenFile
from .garbling import decoded, twice_encoded

KEPT_PROBLEMS = 100
"""So many errors of a file are kept, and so many warnings; all are counted."""

SAMPLED_LINES = 200
"""So many lines are looked at for text that was encoded twice."""

BOM = b"\xef\xbb\xbf"


@attrs.frozen
class FileRow:
    """One row: ``values`` in the layout's order (text, Decimal, date, datetime or None), ``line`` its line from 1,
    ``cells`` all of its columns as they stood in the file, those beyond the layout too."""

    line: int
    values: tuple[Any, ...] = attrs.field(repr=False)
    cells: tuple[str, ...] = attrs.field(repr=False)
    _places: Mapping[str, int] = attrs.field(repr=False)

    def __getitem__(self, name: str) -> Any:
        """The value of a column by its wire name; of one without a name by ``column_12``."""
        return self.values[self._places[name]]

    def as_dict(self) -> dict[str, Any]:
        """The values by name."""
        return dict(zip(self._places, self.values, strict=True))


@contextlib.contextmanager
def open_text(
    source: Path | str | BinaryIO, layout: Layout, *, limits: Limits | None = None, charset: str = "utf-8"
) -> Iterator[TextFile]:
    """A ZIP of one TXT, or a plain TXT, open for reading by ``layout``.

    ``source`` is a path or a seekable stream. ``charset`` other than the standard's is for a place that is known to
    send it. BrokenFile where the archive or the text cannot be read, here or while iterating.
    """
    allowed = limits or Limits()
    with opened_text(source, allowed) as text:
        yield TextFile(lines(text, allowed), layout, charset)


class TextFile:
    """The rows of a file, once through.

    ``rows`` counts those read, ``left_out`` those that could not be used, ``wider`` those with columns beyond the
    layout; ``errors`` and ``warnings`` are how many things are wrong with the file.
    """

    def __init__(self, held: Iterator[bytes], layout: Layout, charset: str = "utf-8") -> None:
        self.layout = layout
        self.rows = self.left_out = self.wider = self.errors = self.warnings = 0
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []
        self._charset = charset
        self._lines = held
        self._width = 0
        self._sampled = 0
        self._read_out = False
        readers = ((each.no - 1, cell_reader(each)) for each in layout.columns)
        self._typed: list[tuple[int, Reader]] = [(i, reader) for i, reader in readers if reader]
        self._free = _FreeColumn(layout, dict(self._typed)) if layout.free else None

    def __iter__(self) -> Iterator[FileRow]:
        for number, line in enumerate(self._lines, 1):
            text = self._text(number, line.removeprefix(BOM) if number == 1 else line)
            if text:
                row = self._row(number, text.split(SEPARATOR))
                if row is not None:
                    self.rows += 1
                    yield row
        self._read_out = True

    def texts(self) -> Iterator[list[str | None]]:
        """The rows as texts, for stores: checked as rows are, dates and times in the standard's form, None for what is
        not there. Columns beyond the layout are left out. The same file is read either so, or row by row."""
        key = self.layout.key.no - 1 if self.layout.key else 0
        whole, plain = len(self.layout.columns), self._free is None
        moments: dict[str, str | None] = {}
        for number, line in enumerate(self._lines, 1):
            text = self._text(number, line.removeprefix(BOM) if number == 1 else line)
            if not text:
                continue
            cells = text.split(SEPARATOR)
            if not (plain and len(cells) == whole == self._width and cells[key] not in (NULL, "")):
                row = self._row(number, cells)
                if row is not None:
                    self.rows += 1
                    yield [None if value is None else _text_of(value) for value in row.values]
                continue
            held: list[str | None] = [None if cell == NULL or not cell else cell for cell in cells]
            for place, _ in self._typed:
                cell = held[place]
                if cell is not None:
                    if cell not in moments:
                        moments[cell] = self._moment(number, place, cell) if len(moments) < KEPT_MOMENTS else None
                    held[place] = moments[cell] or self._moment(number, place, cell)
            self.rows += 1
            yield held
        self._read_out = True

    def _moment(self, number: int, place: int, cell: str) -> str | None:
        values: list[Any] = [None] * len(self.layout.columns)
        values[place] = cell
        self._take_types(number, values)
        return None if values[place] is None else _text_of(values[place])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong: the first hundred errors, and the first hundred warnings."""
        return (*self._errors, *self._warnings)

    def check(self, expected: int | Decimal | None = None) -> None:
        """Refuse the file where a row could not be used, text is garbled, or the rows are not as many as
        ``expected`` (``data_cnt`` of the answer that named the file). BrokenFile; to be asked after the last row."""
        if not self._read_out:
            raise RuntimeError("check() belongs after the last row")
        if self.errors:
            first = "；".join(map(str, self._errors[:3]))
            raise BrokenFile(f"文件有 {self.errors} 处错误：{first}", problems=self.problems)
        if expected is not None and self.rows != expected:
            raise BrokenFile(f"文件有 {self.rows} 行，平台说有 {expected} 行", problems=self.problems)

    # -- one line --------------------------------------------------------------------------------------------------

    def _text(self, number: int, line: bytes) -> str:
        try:
            text, complaint = decoded(line, self._charset)
        except UnicodeDecodeError as wrong:
            remedy = "与当地确认文件的编码；确是 GBK 的，读取时给 charset='gb18030'"
            raise BrokenFile(
                f"第 {number} 行{wrong.reason}（乱码）", path=f"lines[{number - 1}]", remedy=remedy
            ) from None
        if complaint:
            self._note(number, "encoding", complaint, warning=True)
        if self._sampled < SAMPLED_LINES and not text.isascii():
            self._sampled += 1
            if twice_encoded(text):
                self._note(number, "encoding", "乱码：UTF-8 被当作 GBK 读过一次又存下")
        return text

    def _row(self, number: int, cells: list[str]) -> FileRow | None:
        layout = self.layout
        held = self._free.settled(cells) if self._free else cells
        self._width = self._width or len(held)
        least = min(self._width, len(layout.columns))
        if len(held) < max(least, layout.earliest):
            self.left_out += 1
            self._note(number, "columns", f"只有 {len(held)} 列，应有 {max(least, layout.earliest)} 列")
            return None
        missing = len(layout.columns) - len(held)
        if missing < 0:
            self.wider += 1
        if len(held) > self._width:
            self._note(number, "columns", f"有 {len(held)} 列，首行只有 {self._width} 列，值里或有 TAB", warning=True)
        values: list[Any] = [None if cell in (NULL, "") else cell for cell in held[: len(layout.columns)]]
        if missing > 0:
            values += [None] * missing
        if layout.key and values[layout.key.no - 1] is None:
            self.left_out += 1
            self._note(number, "required", "主键列是空的", layout.key.key, layout.key.label)
            return None
        self._take_types(number, values)
        return FileRow(number, tuple(values), tuple(cells), layout.places)

    def _take_types(self, number: int, values: list[Any]) -> None:
        found: list[Problem] = []
        for place, read in self._typed:
            if values[place] is not None:
                values[place] = read(values[place], found, ("lines", number - 1))
        self.warnings += len(found)
        self._warnings += found[: KEPT_PROBLEMS - len(self._warnings)]

    def _note(
        self, number: int, rule: str, message: str, key: str = "", label: str = "", *, warning: bool = False
    ) -> None:
        if warning:
            self.warnings += 1
        else:
            self.errors += 1
        kept = self._warnings if warning else self._errors
        if len(kept) < KEPT_PROBLEMS:
            path = ("lines", number - 1, key) if key else ("lines", number - 1)
            kept.append(problem(path, rule, message, label=label, level="warning" if warning else "error"))


KEPT_MOMENTS = 50_000
"""So many dates and times of a file are remembered, since most rows share theirs."""


def _text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


class _FreeColumn:
    """Rows whose free column may hold TABs of its own: the columns after it are looked for from the row's end."""

    def __init__(self, layout: Layout, typed: Mapping[int, Reader]) -> None:
        assert layout.free is not None
        self._place = layout.free.no - 1
        self._after = len(layout.columns) - layout.free.no
        self._whole = len(layout.columns)
        self._earliest = layout.earliest
        self._typed = {place - layout.free.no: read for place, read in typed.items() if place >= layout.free.no}

    def settled(self, cells: list[str]) -> list[str]:
        """The row with the free column's text in one cell."""
        before, rest = cells[: self._place], cells[self._place :]
        if len(cells) <= self._earliest or (len(cells) == self._whole and self._readable(rest[1:])):
            return cells
        if len(cells) > self._whole and self._complete(rest[-self._after :]):
            return [*before, SEPARATOR.join(rest[: -self._after]), *rest[-self._after :]]
        if len(cells) > self._whole and self._complete(rest[1 : self._after + 1]):
            return cells
        return [*before, SEPARATOR.join(rest)]

    def _complete(self, cells: list[str]) -> bool:
        """Whether these are surely the columns after the free one: all there and of their types, or all empty."""
        empty = [cells[place] in (NULL, "") for place in self._typed]
        return all(empty) or (not any(empty) and self._readable(cells))

    def _readable(self, cells: list[str]) -> bool:
        found: list[Problem] = []
        for place, read in self._typed.items():
            if cells[place] not in (NULL, ""):
                read(cells[place], found, ())
        return not found
