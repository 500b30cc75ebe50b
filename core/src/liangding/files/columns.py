"""The form that file layouts are declared in: a list of columns, as the specification's table prints it.

    REAGENT_CODES = layout(
        "1325",
        "体外诊断试剂产品信息编码",
        key=1,
        columns=[
            column(1, None, "试剂编码ID"),
            column(2, "memo", "备注"),
            column(3, "updt_time", moment("数据更新时间")),
        ],
    )

Number, wire name (None where nobody has published it), and the facts: a field of :mod:`liangding.spec.fields` where
type and length are published, else the bare Chinese label, which makes it a text of any length.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import attrs

from ..spec.fields import Field
from ..spec.transactions import Confidence


@attrs.frozen(kw_only=True)
class Column:
    """One column: its number from 1, its wire name or None, its facts, and whether it has to hold a value."""

    no: int
    name: str | None
    field: Field
    required: bool = False

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def key(self) -> str:
        """What rows know the column by: its wire name, or ``column_12`` where it has none."""
        return self.name or f"column_{self.no}"


def column(no: int, name: str | None, what: str | Field, *, required: bool = False) -> Column:
    """Column ``no``; ``what`` is its label, or its facts with the label in them."""
    field = what if isinstance(what, Field) else Field(type="string", label=what)
    return Column(no=no, name=name, field=field, required=required)


@attrs.frozen(kw_only=True, eq=False)
class Layout:
    """The columns of one file.

    ``key`` is the column that tells rows apart (None: no single one does), ``code`` the one that people know them by
    (None: the key), ``names`` what they are called. ``earliest`` is how many columns the
    earliest published edition has: later ones only add at the end, so a file may have fewer than ``columns``, but
    not fewer than this. ``free`` is a column whose text may itself hold TABs: such rows are read from both ends.
    """

    number: str
    title: str
    columns: tuple[Column, ...]
    key: Column | None
    earliest: int
    free: Column | None = None
    code: Column | None = None
    names: tuple[Column, ...] = ()
    confidence: Confidence = "high"
    note: str = ""

    @functools.cached_property
    def places(self) -> Mapping[str, int]:
        """Where a column stands in a row, from 0, by the name that rows know it by."""
        return {each.key: each.no - 1 for each in self.columns}

    def and_then(self, number: str, title: str, *more: Column) -> Layout:
        """This layout with further columns at its end, as a later or regional edition has them."""
        return layout(
            number, title, key=_number(self.key), earliest=self.earliest, free=_number(self.free),
            columns=(*self.columns, *more), confidence=self.confidence, note=self.note, code=_number(self.code),
            names=tuple(each.no for each in self.names),
        )  # fmt: skip


def _number(column: Column | None) -> int | None:
    return None if column is None else column.no


def layout(
    number: str,
    title: str,
    *,
    columns: Iterable[Column],
    key: int | None,
    earliest: int | None = None,
    free: int | None = None,
    code: int | None = None,
    names: tuple[int, ...] = (),
    confidence: Confidence = "high",
    note: str = "",
) -> Layout:
    """Declare a layout; ``key``, ``free``, ``code`` and ``names`` are numbers of columns.

    Raises TypeError where the numbers have gaps or two columns have one name: a declaration error.
    """
    listed = tuple(columns)
    if [each.no for each in listed] != list(range(1, len(listed) + 1)):
        raise TypeError(f"layout {number}: columns are numbered from 1 without gaps")
    if len({each.key for each in listed}) != len(listed):
        raise TypeError(f"layout {number}: two columns have one name")
    return Layout(
        number=number, title=title, columns=listed, key=None if key is None else listed[key - 1],
        earliest=earliest or len(listed), free=None if free is None else listed[free - 1], confidence=confidence,
        note=note, code=None if code is None else listed[code - 1], names=tuple(listed[no - 1] for no in names),
    )  # fmt: skip
