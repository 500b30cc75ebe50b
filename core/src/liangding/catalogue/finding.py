"""Looking things up for the till and for checks: by code, by name, by the initials of a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..errors import LiangdingError
from ..files.layouts import catalogues, layout_of
from .shelf import Shelf, code_of
from .words import LEAST, folded

MOST = 20


class TooShort(LiangdingError):
    """A search of one character finds half the catalogue."""

    code = "too_short"
    http_status = 422
    remedy = f"至少给 {LEAST} 个字，或拼音首字母"


class NoSuchCatalogue(LiangdingError):
    """There is no catalogue of that number."""

    code = "no_such_catalogue"
    http_status = 404


@attrs.frozen(kw_only=True)
class FoundRow:
    """A row of a catalogue: which one, its code, its names, whether it is valid, and all its columns by wire name."""

    number: str
    title: str
    code: str
    names: tuple[str, ...]
    valid: bool
    row: Mapping[str, str | None] = attrs.field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "catalogue": self.number, "title": self.title, "code": self.code, "names": list(self.names),
            "valid": self.valid, "row": dict(self.row),
        }  # fmt: skip


def show(shelf: Shelf, code: str, *, number: str | None = None) -> FoundRow | None:
    """The row of a code, in one catalogue or in whichever has it."""
    for each in _numbers(number):
        row = shelf.row(layout_of(each), code)
        if row is not None:
            return _found(each, row)
    return None


def find(shelf: Shelf, text: str, *, number: str | None = None, most: int = MOST, valid: bool = True) -> list[FoundRow]:
    """The rows whose names hold ``text``, or whose names' initials do, the shortest first. TooShort for less than two
    characters."""
    if len(folded(text)) < LEAST:
        raise TooShort(f"“{text}”太短")
    found: list[FoundRow] = []
    for each in _numbers(number):
        found += [_found(each, row) for row in shelf.named(layout_of(each), text, most=most, valid=valid)]
    found.sort(key=lambda one: min((len(name) for name in one.names), default=0))
    return found[:most]


def _numbers(number: str | None) -> list[str]:
    known = list(catalogues())
    if number is None:
        return known
    if number not in known:
        raise NoSuchCatalogue(f"没有目录 {number}；有 {'、'.join(known)}")
    return [number]


def _found(number: str, row: Mapping[str, str | None]) -> FoundRow:
    layout = layout_of(number)
    names = dict.fromkeys(name for each in layout.names if (name := row.get(each.key)))
    flag = row.get("vali_flag")
    return FoundRow(
        number=number, title=layout.title, code=row.get(code_of(layout)) or "", names=tuple(names),
        valid=flag in (None, "1"), row=row,
    )  # fmt: skip
