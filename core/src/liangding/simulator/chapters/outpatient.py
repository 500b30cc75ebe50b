"""Outpatient visits (2201 to 2208): registered once, described, charged in batches, each batch settled by itself.

Undone from the last step to the first: 2208, 2205, 2202.
"""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ...national.meaning import EVERYTHING
from ..requests import Request, handles
from ..world import CANCELLED, FeeRow, LedgerVisit
from .settling import cancel, check_variant, row_split, settled_answer
from .visiting import (
    diagnoses,
    open_visit,
    settle_bill,
    settlement_asked,
    take_rows,
    try_bill,
    visit_of,
    withdraw,
    written,
)

ORDINARY = "11"
"""med_type of a visit that 2203 has not described yet."""

NOT_HERE = ("21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "41", "52")
"""med_type of stays and of pharmacies."""


@handles("2201")
def register(request: Request) -> dict[str, Any]:
    data = request.input.data
    if any(_same_number(visit, data) for visit in request.world.visits_of(data.psn_no)):
        raise Refuse("该门诊号已挂号")
    visit = open_visit(request, data, med_type=ORDINARY, number=data.ipt_otp_no, inpatient=False)
    visit.facts = {"atddr_no": data.atddr_no, "adm_dept_codg": data.dept_code, "adm_dept_name": data.dept_name}
    return {"data": {"mdtrt_id": visit.mdtrt_id, "psn_no": data.psn_no, "ipt_otp_no": data.ipt_otp_no}}


def _same_number(visit: LedgerVisit, data: Any) -> bool:
    return not visit.inpatient and visit.state != CANCELLED and visit.ipt_otp_no == data.ipt_otp_no


@handles("2202")
def cancel_registration(request: Request) -> None:
    visit = visit_of(request, request.input.data, inpatient=False)
    if visit.standing_settlements:
        raise Refuse("就诊已结算，请先撤销结算")
    if visit.standing_rows:
        raise Refuse("就诊已上传费用明细，请先撤销明细")
    visit.state = CANCELLED


@handles("2203", "2203A")
def describe(request: Request) -> None:
    check_variant(request)
    data = request.input.mdtrtinfo
    visit = visit_of(request, data, inpatient=False)
    if data.med_type in NOT_HERE:
        raise Refuse("医疗类别不是门诊类别")
    if visit.standing_settlements and data.med_type != visit.med_type:
        raise Refuse("就诊已结算，不能改医疗类别")
    visit.diagnoses = diagnoses(request.input.diseinfo, one_main=False)
    visit.med_type, visit.described = data.med_type, True
    visit.facts |= written(
        data, "main_cond_dscr", "dise_codg", "dise_name", "birctrl_type", "birctrl_matn_date", "matn_type", "geso_val"
    ) | {"otp_diag_info": "；".join(row["diag_name"] for row in visit.diagnoses)[:200]}


@handles("2204")
def upload_fees(request: Request) -> dict[str, Any]:
    given = request.input.feedetail
    if not given:
        raise Refuse("没有费用明细")
    visit = visit_of(request, given[0], inpatient=False)
    diseases = {row.batch: row.given.get("dise_codg") for row in visit.standing_rows}
    for row in given:
        if diseases.setdefault(row.chrg_bchno, row.dise_codg) != row.dise_codg:
            raise Refuse(f"收费批次 {row.chrg_bchno} 的病种编码不一致")
    settled = {settlement.batch for settlement in visit.standing_settlements}
    if settled & {row.chrg_bchno for row in given}:
        raise Refuse("收费批次已结算，不能再上传明细")
    return {"result": [row_split(row.split) for row in take_rows(request, visit, given)]}


@handles("2205")
def cancel_fees(request: Request) -> None:
    """No source says whether a second 0000 is refused; here it finds nothing to do."""
    asked = request.input.data
    visit = visit_of(request, asked, inpatient=False)
    if asked.chrg_bchno == EVERYTHING:
        withdraw(visit.unsettled_rows)
        return
    rows = _batch(visit, asked.chrg_bchno)
    if not rows:
        raise Refuse("没有该收费批次的明细")
    withdraw(rows)


def _batch(visit: LedgerVisit, number: str) -> list[FeeRow]:
    return [row for row in visit.standing_rows if row.batch == number]


@handles("2206", "2206A")
def pre_settle(request: Request) -> dict[str, Any]:
    visit, rows = _bill(request)
    return try_bill(request, visit, rows)


@handles("2207", "2207A")
def settle(request: Request) -> dict[str, Any]:
    visit, rows = _bill(request)
    return settle_bill(request, visit, rows, request.input.data.chrg_bchno)


def _bill(request: Request) -> tuple[LedgerVisit, list[FeeRow]]:
    data = request.input.data
    visit = visit_of(request, data, inpatient=False)
    if visit.described and data.med_type != visit.med_type:
        raise Refuse("医疗类别与就诊信息不一致")
    rows = _batch(visit, data.chrg_bchno)
    if any(row.setl_id for row in rows):
        raise Refuse("该收费批次已结算")
    return visit, rows


@handles("2208")
def cancel_settlement(request: Request) -> dict[str, Any]:
    return settled_answer(request, cancel(request, settlement_asked(request, inpatient=False)))
