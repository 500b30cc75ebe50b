"""Mutual recognition of examinations (5401, 5402): the reports that institutions have uploaded (4501, 4502), and what a
test has put into ``world.kept["recognised"]``: rows of 5401, each with ``details``, the output of 5402."""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ..requests import Request, handles


def reports(world: Any) -> list[dict[str, Any]]:
    """The reports that may be recognised."""
    held: list[dict[str, Any]] = world.kept.setdefault("recognised", [])
    return held


@handles("5401")
def items(request: Request) -> dict[str, Any]:
    asked = request.input.bilgiteminfo
    found = [
        {name: value for name, value in each.items() if name not in ("details", "exam_item_code")}
        for each in reports(request.world)
        if each["psn_no"] == asked.psn_no and asked.exam_item_code in (None, each.get("exam_item_code"))
    ]
    return {"bilgiteminfo": found}


@handles("5402")
def report(request: Request) -> dict[str, Any]:
    asked = request.input.rptdetailinfo
    named = (asked.psn_no, asked.rpotc_no, asked.fixmedins_code)
    for each in reports(request.world):
        if (each["psn_no"], each["rpotc_no"], each["fixmedins_code"]) == named:
            details: dict[str, Any] = each["details"]
            return details
    raise Refuse("未查询到报告")
