"""The institution's departments against the platform's: what is missing, what differs, what is there and not ours.

held = compare(runtime, ours)          # 5101
apply(runtime, held[0])                # 3401, 3402 or 3403: what a person confirmed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from ..contract.region import ROW_LIMIT
from ..errors import LiangdingError, NotOpenHere, UnknownTransaction
from ..runtime import Runtime
from ..spec.nodes import members, node_of
from ..structuring import nearest

QUERY, UPLOAD, BATCH, CHANGE, CANCEL = "5101", "3401", "3401A", "3402", "3403"


NAMED = ("hosp_dept_codg", "hosp_dept_name")


class BadDepartments(LiangdingError):
    """The institution's list of departments is not as it must be."""

    code = "bad_departments"
    http_status = 422


class Deed(StrEnum):
    """What would make the platform's department ours; ``chinese`` is the word for operators."""

    UPLOAD = "upload"
    CHANGE = "change"
    CANCEL = "cancel"

    @property
    def chinese(self) -> str:
        return {"upload": "上传（3401）", "change": "变更（3402）", "cancel": "撤销（3403）"}[self.value]


@attrs.frozen(kw_only=True)
class DepartmentDifference:
    """A department on which the sides do not agree. ``fields`` are the wire names that differ."""

    code: str
    name: str
    deed: Deed
    fields: tuple[str, ...] = ()
    ours: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    theirs: Any = attrs.field(default=None, repr=False)


def compare(runtime: Runtime, ours: Iterable[Mapping[str, Any]]) -> list[DepartmentDifference]:
    """What differs, by the institution's own code; ``ours`` are departments as 3401 takes them. What a call raises."""
    node = next(m.node for m in members(node_of(runtime.interfaces[UPLOAD].input)) if m.node is not None)
    fields = [member.wire for member in members(node)]
    there = {each.hosp_dept_codg: each for each in runtime.call(QUERY, {}).output.feedetail or ()}
    found = []
    for place, given in enumerate(ours, 2):
        mine = {name: value for name, value in given.items() if value != ""}
        wanting = [name for name in NAMED if not mine.get(name)]
        if wanting:
            raise BadDepartments(f"第 {place} 行没有 {'、'.join(wanting)}")
        unknown = [name for name in mine if name not in fields]
        if unknown:
            raise BadDepartments(f"不认识的列 {unknown[0]}{nearest(unknown[0], fields)}")
        code, name = str(mine["hosp_dept_codg"]), str(mine["hosp_dept_name"])
        theirs = there.pop(code, None)
        if theirs is None:
            found.append(DepartmentDifference(code=code, name=name, deed=Deed.UPLOAD, ours=mine))
            continue
        differ = tuple(f for f in fields if _plain(mine.get(f)) != _plain(getattr(theirs, f, None)))
        if differ:
            found.append(
                DepartmentDifference(code=code, name=name, deed=Deed.CHANGE, fields=differ, ours=mine, theirs=theirs)
            )
    found += [
        DepartmentDifference(code=code, name=theirs.hosp_dept_name, deed=Deed.CANCEL, theirs=theirs)
        for code, theirs in there.items()
    ]
    return found


def apply(runtime: Runtime, difference: DepartmentDifference) -> None:
    """Do what a person confirmed. What a call raises."""
    key = f"department:{runtime.new_id()}"
    if difference.deed is Deed.CANCEL:
        theirs = difference.theirs
        named = {"hosp_dept_codg": theirs.hosp_dept_codg, "hosp_dept_name": theirs.hosp_dept_name}
        runtime.call(CANCEL, {"data": named | {"begntime": theirs.begntime.date()}}, key=key)
        return
    assert difference.ours is not None
    infno = UPLOAD if difference.deed is Deed.UPLOAD else CHANGE
    runtime.call(infno, {"deptinfo": dict(difference.ours)}, key=key)


def apply_all(runtime: Runtime, differences: Iterable[DepartmentDifference]) -> None:
    """The same of several: what is uploaded goes together (3401A), where the region has that. What a call raises: those
    before it are done, and comparing again shows what is left."""
    chosen = list(differences)
    uploads = [each for each in chosen if each.deed is Deed.UPLOAD]
    try:
        for start in range(0, len(uploads) if len(uploads) > 1 else 0, ROW_LIMIT):
            rows = [dict(each.ours or {}) for each in uploads[start : start + ROW_LIMIT]]
            runtime.call(BATCH, {"deptinfo": rows}, key=f"department:{runtime.new_id()}")
            chosen = [each for each in chosen if each not in uploads[start : start + ROW_LIMIT]]
    except (NotOpenHere, UnknownTransaction):
        pass  # one by one
    for each in chosen:
        apply(runtime, each)


def _plain(value: Any) -> str:
    """A value as it is compared: a date with or without its time, a number with or without its decimals; a number that
    is not there goes out as 0, and is told so."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, Decimal | int | float):
        return f"{Decimal(str(value)).normalize():f}" if value else ""
    text = str(value or "").strip()
    return text[:10] if len(text) >= 10 and text[4:5] == "-" == text[7:8] else text
