"""Forms as data: what an official paper prints, cell by cell. The core makes PDF, docx and xlsx of the same facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

Align = Literal["left", "center", "right"]
Size = Literal["title", "heading", "normal", "small"]

CHECKED, UNCHECKED = "☑", "□"


def box(checked: bool, label: str) -> str:
    """A box to tick, and what stands behind it."""
    return f"{CHECKED if checked else UNCHECKED}{label}"


def boxes(checked: Iterable[str], *labels: str) -> str:
    """Boxes side by side, those of ``checked`` ticked."""
    ticked = set(checked)
    return "  ".join(box(label in ticked, label) for label in labels)


@attrs.frozen(kw_only=True)
class Cell:
    """One cell of a table, over several ``columns`` and ``rows`` where it is merged. ``label`` is what the form itself
    prints, in the heading's type. ``height`` is the least one in millimetres, where the form leaves room to write;
    ``foot`` stands at its end to the right: who signs, and the day."""

    text: str = ""
    columns: int = 1
    rows: int = 1
    label: bool = False
    align: Align | None = None
    height: float = 0
    foot: str = ""


def label(text: str, *, columns: int = 1, rows: int = 1, align: Align = "center") -> Cell:
    """A cell that the form prints."""
    return Cell(text=text, columns=columns, rows=rows, label=True, align=align)


def filled(
    text: str = "", *, columns: int = 1, rows: int = 1, align: Align = "left", height: float = 0, foot: str = ""
) -> Cell:
    """A cell that is filled in, or left for somebody to write in."""
    return Cell(text=text, columns=columns, rows=rows, align=align, height=height, foot=foot)


@attrs.frozen(kw_only=True)
class Table:
    """A table: relative ``widths`` of its columns, and the cells of each row; a cell that is merged stands in its first
    row and column only. The first ``repeated`` rows stand again on each page."""

    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    repeated: int = 0

    def __attrs_post_init__(self) -> None:
        taken: set[tuple[int, int]] = set()
        for i, row in enumerate(self.rows):
            at = 0
            for cell in row:
                while (i, at) in taken:
                    at += 1
                taken |= {(i + r, at + c) for r in range(cell.rows) for c in range(cell.columns)}
                at += cell.columns
        if taken != {(r, c) for r in range(len(self.rows)) for c in range(len(self.widths))}:
            raise ValueError(f"the cells do not fill a table of {len(self.rows)} rows and {len(self.widths)} columns")


@attrs.frozen(kw_only=True)
class Paragraph:
    """A line of text, or several. ``indent`` is in characters."""

    text: str
    size: Size = "normal"
    align: Align = "left"
    indent: float = 0


@attrs.frozen(kw_only=True)
class NewPage:
    """What follows begins on a page of its own."""


Block: TypeAlias = Table | Paragraph | NewPage


@attrs.frozen(kw_only=True)
class Form:
    """A paper. ``name`` is its file's, without ending. ``note`` stands at the foot of each page: that the layout is our
    own where the official one is not public, for example. ``sheet``: to be edited as xlsx instead of docx."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False
    sheet: bool = False
    note: str = ""


def tables(form: Form) -> list[Table]:
    """The tables of a form, in order."""
    return [block for block in form.blocks if isinstance(block, Table)]
