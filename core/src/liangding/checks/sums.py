"""Sums in requests: a row is count times price, a bill is the sum of its rows. The platform reckons by the rows; what
does not agree would be refused there, or settled otherwise than was shown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from ..spec.nodes import members
from ..spec.problems import Problem
from .circumstances import Circumstances
from .money import ZERO, cents, given, total
from .settlement import Check


def fee_rows(node: str) -> Check:
    """Each row of ``node``: amount = count × price, to the cent. (That serial numbers differ is declared with the
    rows.)"""

    def check(message: Any, _: Circumstances) -> Iterator[Problem]:
        for i, row in enumerate(getattr(message, node, None) or ()):
            count, price, stated = given(row, "cnt"), given(row, "pric"), given(row, "det_item_fee_sumamt")
            if None not in (count, price, stated) and cents(count * price) != stated:  # type: ignore[operator]
                text = f"金额应等于 数量 × 单价 = {cents(count * price)}"  # type: ignore[operator]
                yield _problem((node, i, "det_item_fee_sumamt"), "row_amount", text, stated)

    return check


def bill_rows(head: str, node: str) -> Check:
    """The rows of ``node``, and that they add up to the bill's total in ``head``."""
    each = fee_rows(node)

    def check(message: Any, circumstances: Circumstances) -> Iterator[Problem]:
        yield from each(message, circumstances)
        stated = given(getattr(message, head, None), "medfee_sumamt")
        rows = getattr(message, node, None) or ()
        summed = total(given(row, "det_item_fee_sumamt") or ZERO for row in rows)
        if stated is not None and stated != summed:
            text = f"医疗费总额应等于明细合计 {summed}"
            yield _problem((head, "medfee_sumamt"), "rows_sum_request", text, stated)

    return check


GIVEN_BACK = "init_feedetl_sn"
"""What names the row that a row of fees gives back."""


def nothing_below_zero(message: Any, _: Circumstances) -> Iterator[Problem]:
    """No amount, price or count of a bill is below zero, except in a row that gives back another one: that one's price
    is not below zero either."""
    yield from _below_zero(message, ())


def _below_zero(node: Any, place: tuple[str | int, ...]) -> Iterator[Problem]:
    for i, row in enumerate(node) if isinstance(node, list) else ():
        yield from _below_zero(row, (*place, i))
    shape: Any = type(node)
    if not attrs.has(shape):
        return
    allowed = bool(getattr(node, GIVEN_BACK, None))
    for member in members(shape):
        value = getattr(node, member.attribute)
        if member.node is not None:
            yield from _below_zero(value, (*place, member.wire))
        elif isinstance(value, Decimal) and value < 0 and not (allowed and member.wire != "pric"):
            yield _problem((*place, member.wire), "below_zero", f"{member.label}不能小于 0", value)


def _problem(place: tuple[str | int, ...], rule: str, message: str, value: object) -> Problem:
    return Problem(path=("input", *place), rule=rule, message=message, value=str(value))
