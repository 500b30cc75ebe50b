"""What an outpatient flow sends, composed from what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ...receipts.money import ZERO
from ...workflow.work import Work
from .. import insurance
from ..auditing import Encounter
from ..holding import Draft
from ..settling import SCOPE
from ..visits import OUTPATIENT_ONLY, FeeItem, Visit, diagnosis_rows, fee_row, sum_of

DOCTOR = {
    "atddr_no": ("doctor", "atddr_no"), "dr_name": ("doctor", "dr_name"), "dept_code": ("doctor", "dept_code"),
    "dept_name": ("doctor", "dept_name"), "caty": ("doctor", "caty"),
}  # fmt: skip
"""Fields of 2201 → where they are given."""

ROWS = {
    "cnt": ("count",), "pric": ("price",), "det_item_fee_sumamt": ("price",),
    "rx_circ_flag": ("outside_prescription",),
}  # fmt: skip
"""Fields of a fee row that are given under another name."""


def place_of(state: Any) -> str:
    return state.cover.insured_place if state.cover else ""


def the_visit(state: Any) -> Visit:
    visit: Visit | None = state.visit
    assert visit is not None
    return visit


def total_of(state: Any) -> Decimal:
    return sum_of(state.rows)


def registration(work: Work[Any]) -> dict[str, Any]:
    """2201."""
    state, given = work.state, work.state.given
    credential, doctor = state.person.credential, given.doctor
    data = {
        "psn_no": state.person.psn_no, "insutype": state.cover.insutype, "begntime": state.begun_at,
        "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number, "ipt_otp_no": given.ipt_otp_no,
        "atddr_no": doctor.atddr_no, "dr_name": doctor.dr_name, "dept_code": doctor.dept_code,
        "dept_name": doctor.dept_name, "caty": doctor.caty, **insurance.papers(work, "2201", "data"),
    }  # fmt: skip
    return {"data": data}


def description(work: Work[Any], infno: str) -> dict[str, Any]:
    """2203 and 2203A: the visit and its diagnoses."""
    state, given, visit = work.state, work.state.given, the_visit(work.state)
    info: dict[str, Any] = {
        "mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "med_type": given.med_type, "begntime": state.begun_at,
        "main_cond_dscr": given.main_cond_dscr, "dise_codg": state.dise_codg, "dise_name": state.dise_name,
        "birctrl_type": given.birctrl_type, "birctrl_matn_date": given.birctrl_matn_date,
    }  # fmt: skip
    if infno.endswith("A"):
        info |= {"matn_type": given.matn_type, "geso_val": given.geso_val}
    else:
        info["dise_type_code"] = given.dise_type_code
    info |= insurance.offsite_keys(work, infno, "mdtrtinfo")
    rows = diagnosis_rows(given.diagnoses, given.doctor, state.begun_at, vali_flag="1")
    return {"mdtrtinfo": info, "diseinfo": rows}


def fee(state: Any, item: FeeItem, visit: Visit) -> dict[str, Any]:
    """A row of 2204."""
    bill = state.bill
    return fee_row(item, visit, bill.doctor, state.begun_at, *OUTPATIENT_ONLY) | {
        "chrg_bchno": bill.chrg_bchno, "dise_codg": state.dise_codg,
        "rx_circ_flag": "1" if item.outside_prescription else "0",
    }  # fmt: skip


def bill_of(work: Work[Any], infno: str) -> dict[str, Any]:
    """What 2206 and 2207 have in common, carried from where it arose."""
    state, bill, visit = work.state, work.state.bill, the_visit(work.state)
    credential = state.person.credential
    return {
        "psn_no": visit.psn_no, "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number,
        "med_type": bill.med_type, "medfee_sumamt": total_of(state),
        "psn_setlway": insurance.setlway(work, infno), "mdtrt_id": visit.mdtrt_id,
        "chrg_bchno": bill.chrg_bchno, "insutype": state.cover.insutype,
        "acct_used_flag": "1" if state.use_account else "0", **insurance.papers(work, infno, "data"),
        **insurance.offsite_keys(work, infno, "data"),
    }  # fmt: skip


def encounter_of(state: Any, *, scene: str) -> Encounter:
    """The visit as an audit sees it."""
    given = state.given
    return Encounter(
        visit=the_visit(state), upload=state.upload, scene=scene, kind="1", med_type=given.med_type,
        doctor=given.doctor, diagnoses=given.diagnoses, items=given.rows, begun_at=state.begun_at,
        matn_stas=given.matn_stas,
    )  # fmt: skip


# -- before anything is sent -------------------------------------------------------------------------------------------


def registration_drafts(work: Work[Any]) -> Iterator[Draft]:
    """What a registration will send."""
    yield Draft(infno="2201", message=registration(work), nodes={"data": ()}, names=DOCTOR)


def bill_drafts(work: Work[Any]) -> Iterator[Draft]:
    """What a visit and its bill will send."""
    state, given = work.state, work.state.given
    state.dise_codg, state.dise_name = given.dise_codg, given.dise_name
    if not given.further:
        yield from registration_drafts(work)
    if given.diagnoses:
        infno = insurance.variant(work, "2203")
        state.dise_codg = given.dise_codg or "0"  # asked of 5301, where it is not given
        yield Draft(infno=infno, message=description(work, infno), nodes={"mdtrtinfo": (), "diseinfo": ("diagnoses",)})
        state.dise_codg = given.dise_codg
    rows = [fee(state, item, the_visit(state)) for item in given.rows]
    yield Draft(infno="2204", message={"feedetail": rows}, nodes={"feedetail": ("rows",)}, names=ROWS)
    infno = insurance.variant(work, "2206")
    yield Draft(infno=infno, message={"data": bill_of(work, infno)}, nodes={"data": ()})
    infno = insurance.variant(work, "2207")
    message = bill_of(work, infno) | dict.fromkeys(SCOPE, ZERO) | {"invono": given.invoice_no}
    yield Draft(infno=infno, message={"data": message}, nodes={"data": ()}, names={"invono": ("invoice_no",)})
