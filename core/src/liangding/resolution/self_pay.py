"""How uploads of self-paying patients are resolved: by the institution's own number of the visit (4207, 4209)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..contract.cases import CannotAsk, Case, Finding, Seen

ROWS = 100
PAGES_AT_MOST = 100


def _asked(case: Case, infno: str) -> list[Any]:
    """All rows that the platform has of the visit; none where it does not know it."""
    found: list[Any] = []
    for page in range(1, PAGES_AT_MOST + 1):
        answer = case.ask(infno, {
            "fixmedins_mdtrt_id": case.field("fixmedins_mdtrt_id"), "fixmedins_code": case.institution,
            "page_num": page, "page_size": ROWS,
        })  # fmt: skip
        rows = list((answer.data if answer is not None else None) or ())
        found += rows
        total = getattr(answer, "recordCounts", None)
        if not rows or len(found) >= (Decimal(0) if total is None and len(rows) < ROWS else total or len(found) + 1):
            return found
    raise CannotAsk(f"{infno} 给了 {PAGES_AT_MOST} 页还没有完")


def fees(case: Case) -> Finding:
    """4201A: all of our rows are there. Some of them: that is not what one call does, and a person looks."""
    ours = {row.bkkp_sn for row in case.rows("fsiOwnpayPatnFeeListDDTO")}
    held = ours & {row.bkkpSn for row in _asked(case, "4207")}
    if held and held != ours:
        return Finding(seen=Seen.UNCLEAR, by="4207", note=f"平台有其中 {len(held)} 行，没有另外 {len(ours - held)} 行")
    return Finding(seen=Seen.THERE if held else Seen.NOT_THERE, by="4207")


def fees_taken_back(case: Case) -> Finding:
    """4204: none of the rows that it names is there any more, or none at all where it names none."""
    named = {row.bkkp_sn for row in case.rows("feedetl")}
    held = {row.bkkpSn for row in _asked(case, "4207")}
    return Finding(seen=Seen.NOT_THERE if (held & named if named else held) else Seen.THERE, by="4207")


def visit(case: Case) -> Finding:
    """4202, 4205: the visit has our diagnoses."""
    ours = {row.diag_code for node in ("ownPayPatnDiagListD", "diseinfo") for row in case.rows(node)}
    held = {row.diagCode for row in _asked(case, "4209")}
    return Finding(seen=Seen.THERE if ours and ours <= held else Seen.NOT_THERE, by="4209")


def visit_taken_back(case: Case) -> Finding:
    """4206: the platform knows no diagnosis of the visit any more."""
    return Finding(seen=Seen.NOT_THERE if _asked(case, "4209") else Seen.THERE, by="4209")
