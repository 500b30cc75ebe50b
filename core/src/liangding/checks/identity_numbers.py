"""Identity numbers: a resident number passes its checksum (GB 11643), or it was copied wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from ..spec.nodes import members
from ..spec.problems import Path, Problem, problem
from .circumstances import Circumstances

RESIDENT = "01"
"""psn_cert_type of the resident identity card."""

CREDENTIAL = "02"
"""mdtrt_cert_type of the resident identity card."""

PAIRS = (("psn_cert_type", "certno", RESIDENT), ("mdtrt_cert_type", "mdtrt_cert_no", CREDENTIAL))
"""Fields that say what a number is, the number, and the value that makes it a resident number."""


def resident_numbers(message: Any, _: Circumstances) -> Iterator[Problem]:
    """Every resident number in a message, wherever its type stands beside it. A hint: the platform decides."""
    yield from _look(message, ("input",))


def _look(node: Any, path: Path) -> Iterator[Problem]:
    if isinstance(node, list):
        for i, row in enumerate(node):
            yield from _look(row, (*path, i))
        return
    cls: Any = type(node)
    listed = members(cls)
    names = {member.wire for member in listed}
    for kind, number, resident in PAIRS:
        if {kind, number} <= names and (getattr(node, kind) or "").zfill(2) == resident and getattr(node, number):
            why = wrong(getattr(node, number))
            if why:
                yield problem((*path, number), "resident_number", why, value=getattr(node, number), level="warning")
    for member in listed:
        below = getattr(node, member.attribute) if member.node is not None else None
        if below is not None:
            yield from _look(below, (*path, member.wire))


def wrong(number: str) -> str:
    """What is wrong with a resident number; empty where it holds, or is of the older 15 digits."""
    if len(number) == 15 and number.isdigit():
        return ""
    try:
        ric.validate(number)
    except ValidationError:
        return "身份证号的位数、出生日期或校验位不对"
    return ""
