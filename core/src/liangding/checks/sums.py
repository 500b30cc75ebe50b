"""Sums in requests: a row is count times price, a bill is the sum of its rows. The platform reckons by the rows; what
does not agree would be refused there, or settled otherwise than was shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..spec.problems import Problem
from .circumstances import Circumstances
from .money import ZERO, cents, given, total
from .settlement import Check


def fee_rows(node: str) -> Check:
    """Each row of ``node``: amount = count × price, rounded to the cent; serial numbers differ."""

    def check(message: Any, _: Circumstances) -> Iterator[Problem]:
        serials: set[str] = set()
        for i, row in enumerate(getattr(message, node, None) or ()):
            count, price, stated = given(row, "cnt"), given(row, "pric"), given(row, "det_item_fee_sumamt")
            if None not in (count, price, stated) and cents(count * price) != stated:  # type: ignore[operator]
                text = f"金额应等于 数量 × 单价 = {cents(count * price)}"  # type: ignore[operator]
                yield _problem((node, i, "det_item_fee_sumamt"), "row_amount", text, stated)
            if row.feedetl_sn in serials:
                yield _problem((node, i, "feedetl_sn"), "duplicate", "费用明细流水号在同一报文中重复", row.feedetl_sn)
            serials.add(row.feedetl_sn)

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


def _problem(place: tuple[str | int, ...], rule: str, message: str, value: object) -> Problem:
    return Problem(path=("input", *place), rule=rule, message=message, value=str(value))
