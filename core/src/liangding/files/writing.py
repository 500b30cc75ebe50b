"""Writing a file row by row: every value is held to the layout, and all that is wrong is said at once.

written = write_file(DETAILS, rows, folder / "details.txt.zip")
written.rows, written.sums["medfee_sumamt"]
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from ..errors import InvalidMessage
from ..spec.codes import CodeTable, find_code_table
from ..spec.leaves import Manner
from ..spec.problems import Path as Place
from ..spec.problems import Problem, errors, problem
from .cells import SEPARATOR, cell_writer
from .columns import Layout
from .placing import placed

KEPT_PROBLEMS = 1000
"""After so many problems no more rows are read: somebody has to look anyway."""

Values = Mapping[str, Any] | Sequence[Any]
"""A row to write: values by wire name (``column_12`` for a column without one), or in the layout's order."""


@attrs.frozen(kw_only=True)
class Written:
    """What was written: how many rows, and the sum of each column of numbers, which the call that follows repeats."""

    rows: int
    sums: Mapping[str, Decimal]


def write_file(
    layout: Layout,
    rows: Iterable[Values],
    path: Path | str,
    *,
    code_table: Callable[[str], CodeTable | None] = find_code_table,
) -> Written:
    """Write ``rows`` as a ZIP of one TXT to ``path``. The TXT is named like the ZIP (``a.txt`` in ``a.txt.zip``).

    InvalidMessage names every wrong value by row and column; then there is no file. ``code_table`` gives the tables
    that codes are held against, the region's where there are such.
    """
    path = Path(path)
    with placed(path) as temporary, open(temporary, "wb") as stream:
        return write_zip(layout, rows, stream, f"{path.name.split('.')[0]}.txt", code_table=code_table)


def write_zip(
    layout: Layout,
    rows: Iterable[Values],
    stream: BinaryIO,
    name: str,
    *,
    code_table: Callable[[str], CodeTable | None] = find_code_table,
) -> Written:
    """The same into a stream; ``name`` is the TXT's name in the ZIP. What was written before an error is of no use."""
    text = _Text(layout, Manner(strict=True, table=code_table))
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(zipfile.ZipInfo(name), "w") as member,
    ):
        for values in rows:
            member.write(text.line(values))
            if len(text.problems) >= KEPT_PROBLEMS:
                break
    if errors(text.problems):
        raise InvalidMessage(text.problems)
    return Written(rows=text.rows, sums=text.sums)


class _Text:
    """The rows of one file on their way out."""

    def __init__(self, layout: Layout, manner: Manner) -> None:
        self.rows = 0
        self.problems: list[Problem] = []
        self.sums = {each.key: Decimal(0) for each in layout.columns if each.field.type == "number"}
        self._layout = layout
        self._writers = [cell_writer(each, manner) for each in layout.columns]

    def line(self, values: Values) -> bytes:
        """One row as it stands in the file; empty where it is not a row of this layout at all."""
        place: Place = ("rows", self.rows)
        self.rows += 1
        ordered = self._ordered(values, place)
        if ordered is None:
            return b""
        before = len(self.problems)
        cells = [write(value, self.problems, place) for write, value in zip(self._writers, ordered, strict=True)]
        if len(self.problems) == before:
            for name in self.sums:
                self._add(name, cells[self._layout.places[name]])
        return f"{SEPARATOR.join(cells)}\n".encode()

    def _add(self, name: str, cell: str) -> None:
        if cell[:1] in "-0123456789":
            self.sums[name] += Decimal(cell)

    def _ordered(self, values: Values, place: Place) -> Sequence[Any] | None:
        places = self._layout.places
        if isinstance(values, Mapping):
            self.problems += [
                problem((*place, str(key)), "unknown_field", f"{self._layout.title}没有这一列")
                for key in values
                if key not in places
            ]
            return [values.get(key) for key in places]
        if len(values) == len(places):
            return values
        self.problems.append(problem(place, "columns", f"给了 {len(values)} 列，应有 {len(places)} 列"))
        return None
