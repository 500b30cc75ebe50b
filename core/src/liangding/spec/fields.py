"""The facts of one field, as the specification's table prints them.

A field of a node is an annotated attribute; the annotation's second part comes from one of the functions here and
says what the table says: label (字段名称), type, length, code table. Whether the field is required stands in the
attribute itself: no default is "Y", ``| None = None`` is "N", and a condition beside it (:mod:`.conditions`) is "C".

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    memo: Annotated[str | None, text(500, "备注")] = None
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import attrs

from .personal import Personal, kind_of

WireType = Literal["string", "text", "number", "date", "datetime"]

Json: TypeAlias = Any
"""A value that the specification leaves open: text, or an object where a region sends one."""


@attrs.frozen(kw_only=True)
class Field:
    """What the table says of one field.

    ``length`` counts characters of a text and digits of a number, ``scale`` decimals of a number; None where the
    table gives none. ``wire`` is the key in the message where it is no Python name (``hcv-ab``). ``open`` fields
    (字段扩展) carry any JSON value; ``boolean`` ones are printed as text and travel as true or false; ``or_day``
    marks a point of time that may be sent as a day, as the standard allows for query conditions. ``joined`` is what
    stands between several codes in one value. ``personal`` says what the value tells of a person where the label does
    not say it (:meth:`tells`); True is ``Personal.IDENTITY``: shown nowhere.
    """

    type: WireType
    label: str
    length: int | None = None
    scale: int | None = None
    code_table: str | None = None
    note: str = ""
    wire: str | None = None
    open: bool = False
    boolean: bool = False
    or_day: bool = False
    joined: str = ""
    personal: Personal | bool = False

    @property
    def tells(self) -> Personal:
        """What its values tell of a person."""
        if self.personal:
            return Personal.IDENTITY if self.personal is True else self.personal
        money = self.type == "number" and (self.length, self.scale) == (16, 2)
        number = self.type == "number" and self.code_table is None
        told = kind_of(
            self.label, words=self.type in ("string", "text"), number=number,
            open_=self.open or self.type == "text", coded=self.code_table is not None,
        )  # fmt: skip
        return Personal.MONEY if money and told is Personal.TECHNICAL else told


@attrs.frozen(kw_only=True)
class Nested:
    """A node inside a message: its label, and its key where that is no Python name.

    ``optional`` serves the heading of a message whose fields stand directly under input or output; elsewhere the
    annotation ``| None`` says it. ``unique`` are the fields by which the platform tells rows apart: no two rows have
    the same.
    """

    label: str = ""
    wire: str | None = None
    note: str = ""
    optional: bool = False
    unique: tuple[str, ...] = ()


def text(
    length: int | None,
    label: str,
    *,
    note: str = "",
    wire: str | None = None,
    boolean: bool = False,
    personal: Personal | bool = False,
) -> Field:
    """字符型 of at most ``length`` characters."""
    return Field(
        type="string", label=label, length=length, note=note, wire=wire, boolean=boolean, personal=personal
    )  # fmt: skip


def long_text(
    length: int | None, label: str, *, note: str = "", wire: str | None = None, personal: Personal | bool = False
) -> Field:
    """A long 字符型: descriptions, reports, documents, pictures."""
    return Field(type="text", label=label, length=length, note=note, wire=wire, personal=personal)


def extension(length: int | None, label: str, *, long: bool = True, note: str = "", wire: str | None = None) -> Field:
    """字段扩展: a text that usually holds JSON, or the JSON object itself; what it holds differs by region."""
    return Field(type="text" if long else "string", label=label, length=length, note=note, wire=wire, open=True)


def code(
    table: str,
    label: str,
    *,
    length: int | None = 6,
    numeric: bool = False,
    note: str = "",
    wire: str | None = None,
    joined: str = "",
) -> Field:
    """A code of the dictionary ``table`` (字典); ``numeric`` where the table prints its type as a number.

    ``joined`` is what stands between the codes where one value may hold several.
    """
    if numeric:
        return Field(type="number", label=label, length=length, scale=0, code_table=table, note=note, wire=wire)
    return Field(type="string", label=label, length=length, code_table=table, note=note, wire=wire, joined=joined)


def amount(
    label: str, *, length: int | None = 16, scale: int | None = 2, note: str = "", wire: str | None = None
) -> Field:
    """Money in yuan, to the cent: 数值型 16,2 unless the table says otherwise."""
    return Field(type="number", label=label, length=length, scale=scale, note=note, wire=wire)


def number(length: int | None, scale: int | None, label: str, *, note: str = "", wire: str | None = None) -> Field:
    """数值型 of ``length`` digits, ``scale`` of them decimals."""
    return Field(type="number", label=label, length=length, scale=scale, note=note, wire=wire)


def day(label: str, *, length: int | None = None, note: str = "", wire: str | None = None) -> Field:
    """日期型, yyyy-MM-dd."""
    return Field(type="date", label=label, length=length, note=note, wire=wire)


def moment(
    label: str, *, length: int | None = None, or_day: bool = False, note: str = "", wire: str | None = None
) -> Field:
    """日期时间型, yyyy-MM-dd HH:mm:ss, in China's time."""
    return Field(type="datetime", label=label, length=length, or_day=or_day, note=note, wire=wire)


def nested(label: str = "", *, wire: str | None = None, note: str = "", optional: bool = False) -> Nested:
    """One node under a key of the message."""
    return Nested(label=label, wire=wire, note=note, optional=optional)


def rows(
    label: str = "", *, wire: str | None = None, note: str = "", optional: bool = False, unique: tuple[str, ...] = ()
) -> Nested:
    """A list of nodes under a key of the message; no two of them have the same in all of ``unique``."""
    return Nested(label=label, wire=wire, note=note, optional=optional, unique=unique)
