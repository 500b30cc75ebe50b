"""Fees and settlement of stays (2301 to 2305): charged day by day, settled after discharge or in the middle.

Undone from the last step to the first: 2305, 2405, 2302, 2404.
"""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ...national.meaning import EVERYTHING
from ..requests import Request, handles
from ..world import FeeRow, LedgerVisit
from .settling import cancel, row_split, settled_answer
from .visiting import INTERIM, settle_bill, settlement_asked, take_rows, try_bill, visit_of, withdraw


@handles("2301")
def upload_fees(request: Request) -> dict[str, Any]:
    given = request.input.feedetail
    if not given:
        raise Refuse("没有费用明细")
    visit = visit_of(request, given[0], inpatient=True)
    if _settled(visit):
        raise Refuse("就诊已结算，不能再上传明细")
    if any(row.med_type != visit.med_type for row in given):
        raise Refuse("医疗类别与入院时不一致")
    return {"result": [row_split(row.split) for row in take_rows(request, visit, given)]}


def _settled(visit: LedgerVisit) -> bool:
    return any(not settlement.interim for settlement in visit.standing_settlements)


@handles("2302")
def cancel_fees(request: Request) -> None:
    """No source says whether a second 0000 is refused; here it finds nothing to do."""
    leaving: dict[FeeRow, None] = {}
    for asked in request.input.data:
        visit = visit_of(request, asked, inpatient=True)
        rows = visit.unsettled_rows if asked.feedetl_sn == EVERYTHING else _row(visit, asked.feedetl_sn)
        leaving |= dict.fromkeys(rows)
    withdraw(list(leaving))


def _row(visit: LedgerVisit, serial: str) -> list[FeeRow]:
    found = [row for row in visit.standing_rows if row.split.feedetl_sn == serial]
    if not found:
        raise Refuse(f"没有明细 {serial}")
    return found


@handles("2303", "2303A")
def pre_settle(request: Request) -> dict[str, Any]:
    visit = visit_of(request, request.input.data, inpatient=True)
    return try_bill(request, visit, _open_rows(visit))


def _open_rows(visit: LedgerVisit) -> list[FeeRow]:
    if _settled(visit):
        raise Refuse("就诊已结算")
    return visit.unsettled_rows


@handles("2304", "2304A")
def settle(request: Request) -> dict[str, Any]:
    visit = visit_of(request, request.input.data, inpatient=True)
    interim = request.input.data.mid_setl_flag == INTERIM
    rows = _open_rows(visit)
    if not interim and visit.end is None:
        raise Refuse("未办理出院，不能做出院结算")
    if interim and visit.end is not None:
        raise Refuse("已办理出院，不能做中途结算")
    return settle_bill(request, visit, rows, interim=interim)


@handles("2305")
def cancel_settlement(request: Request) -> dict[str, Any]:
    settlement = settlement_asked(request, inpatient=True)
    standing = settlement.visit.standing_settlements
    if settlement in standing and settlement is not standing[-1]:
        raise Refuse("之后还有结算，请先撤销后面的")
    return settled_answer(request, cancel(request, settlement))
