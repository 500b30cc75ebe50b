"""Stays in hospital (2401 to 2405): admission, change, discharge, and their withdrawal."""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ..requests import Request, handles
from ..world import CANCELLED, EFFECTIVE, REVERSED, LedgerVisit
from .visiting import diagnoses, open_visit, visit_of, written

NOT_HERE = ("11", "12", "13", "14", "15", "16", "18", "41", "51")
"""med_type of outpatients and pharmacies."""

STAY = (
    "coner_name", "tel", "medrcdno", "atddr_no", "chfpdr_name", "adm_dept_codg", "adm_dept_name", "adm_bed",
    "dscg_maindiag_code", "dscg_maindiag_name", "main_cond_dscr", "dise_codg", "dise_name", "oprn_oprt_code",
    "oprn_oprt_name", "fpsc_no", "matn_type", "birctrl_type", "latechb_flag", "geso_val", "fetts", "fetus_cnt",
    "pret_flag", "birctrl_matn_date",
)  # fmt: skip
DISCHARGE = (
    "dise_codg", "dise_name", "oprn_oprt_code", "oprn_oprt_name", "matn_type", "birctrl_type", "geso_val", "fetts",
    "fetus_cnt", "pret_flag", "birctrl_matn_date", "cop_flag", "dscg_dept_codg", "dscg_dept_name", "dscg_bed",
    "dscg_way", "die_date",
)  # fmt: skip


@handles("2401")
def admit(request: Request) -> dict[str, Any]:
    data = request.input.mdtrtinfo
    _check_type(data.med_type)
    person = request.world.person(data.psn_no)
    if person.elsewhere or any(visit.in_hospital for visit in request.world.visits_of(person.psn_no)):
        raise Refuse("该参保人已在院，不能重复办理入院")
    listed = diagnoses(request.input.diseinfo, one_main=True)
    visit = open_visit(request, data, med_type=data.med_type, number=data.ipt_no, inpatient=True)
    visit.facts, visit.diagnoses, visit.described = written(data, *STAY), listed, True
    request.remember(person.psn_no, lambda: _take_back(visit, REVERSED))
    return {"result": {"mdtrt_id": visit.mdtrt_id}}


def _check_type(med_type: str) -> None:
    if med_type in NOT_HERE:
        raise Refuse("医疗类别不是住院类别")


def _take_back(visit: LedgerVisit, state: str) -> None:
    if visit.state != EFFECTIVE:
        raise Refuse("入院已撤销")
    if visit.standing_settlements:
        raise Refuse("就诊已结算，请先撤销结算")
    if visit.end is not None:
        raise Refuse("已办理出院，请先撤销出院")
    if visit.standing_rows:
        raise Refuse("就诊已上传费用明细，请先撤销明细")
    visit.state = state


@handles("2402")
def discharge(request: Request) -> None:
    data = request.input.dscginfo
    visit = _in_hospital(request, data)
    if data.endtime < visit.begin:
        raise Refuse("出院时间早于入院时间")
    if data.insutype != visit.cover.insutype:
        raise Refuse("险种与入院时不一致")
    visit.discharge_diagnoses = diagnoses(request.input.diseinfo, one_main=True)
    visit.facts |= written(data, *DISCHARGE)
    visit.end = data.endtime


def _in_hospital(request: Request, data: Any) -> LedgerVisit:
    visit = visit_of(request, data, inpatient=True)
    if not visit.in_hospital:
        raise Refuse("已办理出院")
    return visit


@handles("2403")
def change(request: Request) -> None:
    data = request.input.adminfo
    _check_type(data.med_type)
    visit = _in_hospital(request, data)
    if visit.standing_settlements and data.med_type != visit.med_type:
        raise Refuse("就诊已结算，不能改医疗类别")
    visit.diagnoses = diagnoses(request.input.diseinfo, one_main=True)
    visit.facts |= written(data, *STAY)
    visit.begin, visit.med_type, visit.ipt_otp_no = data.begntime, data.med_type, data.ipt_otp_no


@handles("2404")
def cancel_admission(request: Request) -> None:
    _take_back(visit_of(request, request.input.data, inpatient=True), CANCELLED)


@handles("2405")
def cancel_discharge(request: Request) -> None:
    visit = visit_of(request, request.input.data, inpatient=True)
    if visit.end is None:
        raise Refuse("没有办理出院")
    if any(not settlement.interim for settlement in visit.standing_settlements):
        raise Refuse("就诊已结算，请先撤销结算")
    if any(other.in_hospital for other in request.world.visits_of(visit.person.psn_no)):
        raise Refuse("该参保人已又入院，不能撤销出院")
    visit.end, visit.discharge_diagnoses = None, []
    for name in ("dscg_dept_codg", "dscg_dept_name", "dscg_bed", "dscg_way", "die_date"):
        visit.facts.pop(name, None)
