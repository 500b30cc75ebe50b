"""The kinds of an institution's items (目录类别 list_type), and the catalogues in which they are looked for."""

from __future__ import annotations

from ..files.layouts import layout_of
from ..spec.codes import code_table

LOCAL = ("1307", "1308", "1309", "1310", "1311", "1313", "1314", "1315")
"""Catalogues of diseases, diagnoses and operations: their number stands in the place of list_type. What is matched with
them goes with each visit under the catalogue's own code; nothing is uploaded for it."""

CATALOGUES: dict[str, tuple[str, ...]] = {
    "101": ("1301",), "102": ("1302",), "103": ("1303",), "106": ("1320",), "201": ("1305", "1321"),
    "301": ("1306", "1306A"),
}  # fmt: skip
"""list_type → the catalogues that have what is of it."""


def is_kind(kind: str) -> bool:
    """Whether it may be the kind of an item; what a region has beyond the national codes is of digits, too."""
    return kind in LOCAL or kind.isdigit()


def catalogues_of(kind: str) -> tuple[str | None, ...]:
    """Where what is of a kind is looked for; ``(None,)``: in all catalogues."""
    return (kind,) if kind in LOCAL else CATALOGUES.get(kind, (None,))


def kind_name(kind: str) -> str:
    """The kind in words."""
    return layout_of(kind).title if kind in LOCAL else code_table("list_type").name_of(kind)


def named_kinds() -> str:
    """The kinds that there are, for whoever gave none of them."""
    codes = [f"{each.code} {each.name}" for each in code_table("list_type").values]
    return "、".join([*codes, *(f"{kind} {kind_name(kind)}" for kind in LOCAL)])
