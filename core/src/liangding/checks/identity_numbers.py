"""Identity numbers: a resident number passes its checksum (GB 11643), or it was copied wrongly."""

from __future__ import annotations

import functools
import re
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


@functools.cache
def _places(cls: Any) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """Where a node of ``cls`` holds numbers: the pairs of its own, and the nodes below that are worth a look."""
    listed = members(cls)
    names = {member.wire for member in listed if member.node is None}
    pairs = tuple(pair for pair in PAIRS if {pair[0], pair[1]} <= names)
    below = tuple(m.attribute for m in listed if m.node is not None and any(_places(m.node)))
    return pairs, below


def _look(node: Any, path: Path) -> Iterator[Problem]:
    if isinstance(node, list):
        for i, row in enumerate(node):
            yield from _look(row, (*path, i))
        return
    cls: Any = type(node)
    pairs, nodes = _places(cls)
    for kind, number, resident in pairs:
        if (getattr(node, kind) or "").zfill(2) == resident and getattr(node, number):
            why = wrong(getattr(node, number))
            if why:
                yield problem((*path, number), "resident_number", why, value=getattr(node, number), level="warning")
    for name in nodes:
        below = getattr(node, name)
        if below is not None:
            yield from _look(below, (*path, name))


def whole(digits: str) -> str:
    """The resident number of these 17 digits."""
    return digits + str(ric.calc_check_digit(f"{digits}0"))


def wrong(number: str) -> str:
    """What is wrong with a resident number; empty where it holds, or is of the older 15 digits.

    The place in it is not judged: counties change, and numbers are given to people older than their county.
    """
    if len(number) == 15 and number.isdigit():
        return ""
    if not re.fullmatch(r"\d{17}[\dXx]", number):
        return "身份证号应为 18 位"
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return "身份证号中的出生日期不对"
    return "" if ric.calc_check_digit(number) == number[-1].upper() else "身份证号的校验位不对"
