"""How the transactions of a hospital's day are resolved: registrations, stays, fee rows taken back, filings.

Only by what the declarations of the queries tell. Where a query cannot tell the one from the other, the finding says
so, and the case goes to a person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..contract.cases import Case, Finding, Seen
from ..national.meaning import EVERYTHING, OUT, OUTPATIENT_TYPES, SERIAL, STAY_TYPES, names_one, rows_with
from .national import uploaded, visits

LONGEST_STAY = timedelta(days=5 * 366)
"""How far back 5303 is asked."""


def _in_hospital(case: Case) -> list[Any]:
    """The person's open stays (5303)."""
    begun, ended = case.sent_at - LONGEST_STAY, case.sent_at + timedelta(days=1)
    asked = {"psn_no": case.psn_no, "begntime": f"{begun:%Y-%m-%d} 00:00:00", "endtime": f"{ended:%Y-%m-%d} 23:59:59"}
    found = case.ask("5303", {"data": asked})
    return list((found.data if found is not None else None) or ())


# -- visits ----------------------------------------------------------------------------------------------------------


def registration_cancelled(case: Case) -> Finding:
    """2202: a visit of which the platform knows nothing any more is cancelled (5202, 5201)."""
    mdtrt_id = case.field("mdtrt_id")
    diagnoses = case.ask("5202", {"data": {"psn_no": case.psn_no, "mdtrt_id": mdtrt_id}})
    if diagnoses is None:
        return Finding(seen=Seen.THERE, by="5202")
    if diagnoses.diseinfo:
        return Finding(seen=Seen.NOT_THERE, by="5202")
    for med_type in OUTPATIENT_TYPES:
        if any(visit.mdtrt_id == mdtrt_id for visit in visits(case, med_type, case.sent_at)):
            return Finding(seen=Seen.NOT_THERE, by="5202+5201")
    return Finding(seen=Seen.UNCLEAR, by="5202+5201", note="就诊没有诊断，也不在当日的就诊中，看不出挂号是否已撤销")


def admission(case: Case) -> Finding:
    """2401: the person's stays, by the hospital's own number (5303, 5201)."""
    number = case.field("ipt_no")
    stays = [*_in_hospital(case), *visits(case, case.field("med_type"), case.field("begntime"))]
    named = (stay for stay in stays if stay.ipt_otp_no == number)
    found = next((stay for stay in named if not case.accepted_of(stay.mdtrt_id)), None)
    if found is None:
        return Finding(seen=Seen.NOT_THERE, by="5303+5201")
    return Finding(
        seen=Seen.THERE, by="5303+5201", output=case.under("mdtrt_id", {"mdtrt_id": found.mdtrt_id}, "result")
    )


def _listed(case: Case) -> bool:
    return case.field("mdtrt_id") in [stay.mdtrt_id for stay in _in_hospital(case)]


def discharge(case: Case) -> Finding:
    """2402: the stay is not open any more (5303), and is told as one that has ended (5201)."""
    if _listed(case):
        return Finding(seen=Seen.NOT_THERE, by="5303")
    begun, ended = case.sent_at - LONGEST_STAY, case.sent_at + timedelta(days=1)
    for med_type in STAY_TYPES:
        asked = {
            "psn_no": case.psn_no, "begntime": f"{begun:%Y-%m-%d} 00:00:00", "endtime": f"{ended:%Y-%m-%d} 23:59:59",
            "med_type": med_type, "mdtrt_id": case.field("mdtrt_id"),
        }  # fmt: skip
        found = case.ask("5201", {"data": asked})
        for stay in (found.mdtrtinfo if found is not None else None) or ():
            if stay.mdtrt_id == case.field("mdtrt_id") and stay.inhosp_stas == OUT:
                return Finding(seen=Seen.THERE, by="5303+5201")
    return Finding(seen=Seen.UNCLEAR, by="5303+5201", note="不在院，也查不到已出院的这次住院")


def admission_cancelled(case: Case) -> Finding:
    """2404: the stay is not open any more (5303); one that was discharged could not have been cancelled."""
    return Finding(seen=Seen.NOT_THERE if _listed(case) else Seen.THERE, by="5303")


def discharge_cancelled(case: Case) -> Finding:
    """2405: the patient is in hospital again (5303)."""
    return Finding(seen=Seen.THERE if _listed(case) else Seen.NOT_THERE, by="5303")


STAY_FACTS = (
    "adm_bed", "atddr_no", "chfpdr_name", "adm_dept_codg", "adm_dept_name", "dscg_maindiag_code", "main_cond_dscr",
    "medrcdno", "dise_codg", "oprn_oprt_code", "matn_type", "fpsc_no",
)  # fmt: skip
"""What 2403 changes and 5201 tells."""


def change(case: Case) -> Finding:
    """2403: the stay is as the call wanted it, in everything that the platform tells (5201, 5202)."""
    wanted, by = case.input.adminfo, "5201+5202"
    near = visits(case, wanted.med_type, wanted.begntime)
    held = next((visit for visit in near if visit.mdtrt_id == wanted.mdtrt_id), None)
    if held is None:
        return Finding(seen=Seen.UNCLEAR, by=by, note="平台查不到这次住院")
    pairs = [(getattr(wanted, name), getattr(held, name)) for name in STAY_FACTS]
    told = [(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None]
    diagnoses = case.ask("5202", {"data": {"psn_no": case.psn_no, "mdtrt_id": wanted.mdtrt_id}})
    listed = {row.diag_code for row in (diagnoses.diseinfo if diagnoses is not None else None) or ()}
    if listed:
        told.append(({row.diag_code for row in case.rows("diseinfo")}, listed))
    if not told:
        return Finding(seen=Seen.UNCLEAR, by=by, note="平台没有给出可比对的住院信息")
    same = all(ours == theirs for ours, theirs in told)
    return Finding(seen=Seen.THERE if same else Seen.NOT_THERE, by=by)


# -- fee rows --------------------------------------------------------------------------------------------------------


def _fees(case: Case) -> list[Any]:
    return case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": case.field("mdtrt_id")}}) or []


def fees_cancelled(case: Case) -> Finding:
    """2205 names a batch, 2302 rows: they are not there any more (5204)."""
    return _batch_cancelled(case, batch) if (batch := case.field("chrg_bchno")) else _rows_cancelled(case)


def _batch_cancelled(case: Case, batch: str) -> Finding:
    """No unsettled row of the batch is left (5204, which does not tell of batches: our own uploads do)."""
    left = [row for row in _fees(case) if not names_one(row.setl_id)]
    if not left:
        return Finding(seen=Seen.THERE, by="5204")
    if batch == EVERYTHING:
        return Finding(seen=Seen.NOT_THERE, by="5204")
    ours = uploaded(case, batch)
    if ours:
        still = {row.feedetl_sn for row in left} & ours
        return Finding(seen=Seen.NOT_THERE if still else Seen.THERE, by="5204")
    note = f"平台还有 {len(left)} 行未结算的明细，看不出属于哪个收费批次"
    return Finding(seen=Seen.UNCLEAR, by="5204", note=note)


def _rows_cancelled(case: Case) -> Finding:
    """The rows are not there any more (5204)."""
    held = {row.feedetl_sn for row in _fees(case)}
    ours = {row.feedetl_sn for row in rows_with(case.input, SERIAL)}
    left = held if EVERYTHING in ours else held & ours
    if not left:
        return Finding(seen=Seen.THERE, by="5204")
    if EVERYTHING in ours or left == ours:
        return Finding(seen=Seen.NOT_THERE, by="5204")
    return Finding(seen=Seen.UNCLEAR, by="5204", note=f"{len(ours)} 行中平台还有 {len(left)} 行")


# -- filings ---------------------------------------------------------------------------------------------------------

FILED: dict[str, Any] = {"result": {}}
"""The answer of a registration that is there: no query tells its trt_dcla_detl_sn."""

PENDING = "没有查到；还没有审核的备案不一定查得到"


def transfer(case: Case) -> Finding:
    """2501: 5304 shows it, by the hospital and the day."""
    data = case.input.refmedin
    _, ended = case.day()
    first = min(filter(None, (data.begndate, data.refl_date, case.sent_at.date())))
    asked = {"psn_no": case.psn_no, "begntime": f"{first:%Y-%m-%d} 00:00:00", "endtime": ended}
    found = case.ask("5304", {"data": asked})
    for row in (found.refmedin if found is not None else None) or ():
        if row.refl_date == data.refl_date and row.reflin_medins_no in (None, data.reflin_medins_no):
            return Finding(seen=Seen.THERE, by="5304", output=FILED)
    return Finding(seen=Seen.NOT_THERE, by="5304")


def chronic_disease(case: Case) -> Finding:
    """2503: 5301 shows it once it is in force."""
    data = case.input.data
    found = case.ask("5301", {"data": {"psn_no": case.psn_no}})
    for row in (found.feedetail if found is not None else None) or ():
        if (row.opsp_dise_code, row.begndate) == (data.opsp_dise_code, data.begndate):
            return Finding(seen=Seen.THERE, by="5301", output=FILED)
    return Finding(seen=Seen.UNCLEAR, by="5301", note=PENDING)


def designation(case: Case) -> Finding:
    """2505: 5302 shows it, by kind, institution and day."""
    data = case.input.data
    found = case.ask("5302", {"data": {"psn_no": case.psn_no, "biz_appy_type": data.biz_appy_type}})
    for row in (found.psnfixmedin if found is not None else None) or ():
        if (row.fixmedins_code, row.begndate) == (data.fixmedins_code, data.begndate):
            return Finding(seen=Seen.THERE, by="5302", output=FILED)
    return Finding(seen=Seen.UNCLEAR, by="5302", note=PENDING)
