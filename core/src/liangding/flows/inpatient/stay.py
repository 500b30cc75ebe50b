"""What the parts of a stay have in common: which stay, whose, where and by whom the patient is treated.

Each part is a flow of its own and names the stay by the admission's flow, by the key that this was started with, or by
the platform's numbers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from ...contract.steps import step
from ...spec import Does
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import following
from ..visits import Diagnosis, Doctor, Visit, diagnosis_rows

ADMITTED_BY = "admission"
"""The flow that a stay begins with."""

LONGEST_STAY = timedelta(days=5 * 366)
"""How far back 5303 is asked: nobody is in hospital for longer."""


@attrs.frozen(kw_only=True)
class Ward:
    """Where and by whom a patient is treated: the doctor, the bed, and the ward's own words for why."""

    doctor: Doctor
    adm_bed: str
    adm_diag_dscr: str
    main_cond_dscr: str | None = None
    medrcdno: str | None = None
    coner_name: str | None = attrs.field(default=None, repr=False)
    tel: str | None = attrs.field(default=None, repr=False)
    dise_type_code: str | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    oprn_oprt_code: str | None = None
    oprn_oprt_name: str | None = None
    fpsc_no: str | None = None
    matn_type: str | None = None
    birctrl_type: str | None = None
    birctrl_matn_date: date | None = None
    latechb_flag: str | None = None
    geso_val: Decimal | None = None
    fetts: Decimal | None = None
    fetus_cnt: Decimal | None = None
    pret_flag: str | None = None


MATERNITY = (
    "fpsc_no", "matn_type", "birctrl_type", "birctrl_matn_date", "latechb_flag", "geso_val", "fetts", "fetus_cnt",
    "pret_flag",
)  # fmt: skip
DISEASE = ("dise_codg", "dise_name", "oprn_oprt_code", "oprn_oprt_name")
ADMISSION = (
    *MATERNITY, *DISEASE, "adm_bed", "adm_diag_dscr", "main_cond_dscr", "medrcdno", "coner_name", "tel",
    "dise_type_code",
)  # fmt: skip


IN_WARD = {
    "atddr_no": ("ward", "doctor", "atddr_no"), "chfpdr_name": ("ward", "doctor", "dr_name"),
    "adm_dept_codg": ("ward", "doctor", "dept_code"), "adm_dept_name": ("ward", "doctor", "dept_name"),
    "begntime": ("begun_at",), **{name: ("ward", name) for name in ADMISSION},
}  # fmt: skip
"""Fields of 2401 and 2403 → where they are given."""


def given_of(source: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}


def admission_facts(ward: Ward, diagnoses: list[Diagnosis]) -> dict[str, Any]:
    """What 2401 and 2403 have in common."""
    main = next((each for each in diagnoses if each.main), diagnoses[0])
    return {
        "atddr_no": ward.doctor.atddr_no, "chfpdr_name": ward.doctor.dr_name, "adm_dept_codg": ward.doctor.dept_code,
        "adm_dept_name": ward.doctor.dept_name, "dscg_maindiag_code": main.diag_code,
        "dscg_maindiag_name": main.diag_name, **given_of(ward, ADMISSION),
    }  # fmt: skip


def diagnoses_of(given: list[Diagnosis], doctor: Doctor, at: datetime | None, **each: Any) -> list[dict[str, Any]]:
    """diseinfo of 2401 and 2403: with what was found at admission."""
    rows = diagnosis_rows(given, doctor, at, **each)
    return [row | {"adm_cond": one.adm_cond} for row, one in zip(rows, given, strict=True)]


@attrs.define(kw_only=True)
class StayGiven:
    """Which stay: by the admission's flow, by the key that it was started with, or by the platform's numbers."""

    admission: str | None = None
    admission_key: str | None = None
    mdtrt_id: str | None = None
    psn_no: str | None = attrs.field(default=None, repr=False)
    insured_place: str | None = None
    insutype: str | None = None
    ipt_no: str | None = None
    med_type: str = "21"

    def __attrs_post_init__(self) -> None:
        numbers = self.mdtrt_id and self.psn_no and self.insured_place and self.insutype and self.ipt_no
        if not (self.admission or self.admission_key or numbers):
            wanted = "mdtrt_id、psn_no、insured_place、insutype、ipt_no"
            raise ValueError(f"给出 admission 或 admission_key，或者 {wanted} 五项")


@step("找到这次住院")
def find_stay(work: Work[Any]) -> None:
    """Know the stay: from our own record of the admission, else from what the caller says."""
    state, given = work.state, work.state.given.stay
    flow_id = following.earlier_id(work, (ADMITTED_BY,), given.admission, given.admission_key)
    if flow_id is None:
        state.visit = Visit(
            mdtrt_id=given.mdtrt_id or "", psn_no=given.psn_no or "", insured_place=given.insured_place or "",
            insutype=given.insutype or "", med_type=given.med_type, ipt_otp_no=given.ipt_no or "",
        )  # fmt: skip
        return
    admission = work.flows.state_of(flow_id)
    answer = following.answer_of(work, flow_id, Does.REGISTERS) if admission.visit is None else None
    if admission.visit is None and answer is None:
        raise FlowStopped("这次住院还没有办入院", remedy="先让入院办理继续")
    state.visit = admission.visit or stay_in(admission, answer)


def stay_in(state: Any, answer: Any) -> Visit:
    """The stay that an answer to the 2401 of an admission states."""
    person, cover, given = state.person, state.cover, state.given
    return Visit(
        mdtrt_id=answer.output.result.mdtrt_id, psn_no=person.psn_no, insured_place=cover.insured_place,
        insutype=cover.insutype, med_type=given.med_type, ipt_otp_no=given.ipt_no,
        cert_type=person.credential.type, begun_at=state.begun_at,
    )  # fmt: skip


def is_known(work: Work[Any], infno: str) -> bool:
    """Whether the region asks for nobody before this transaction, and the admission was made here."""
    return infno in work.runtime.region.known_in_hospital and bool(work.state.visit.cert_type)


@step("核对人员", "1101")
def check_patient(work: Work[Any]) -> None:
    """The credential again: it has to be the patient's, and the insurance that of the admission."""
    state = work.state
    visit: Visit = state.visit
    following.check_person(work, visit.psn_no)
    following.check_credential(work, visit)
    covers = [c for c in state.person.covers if (c.insured_place, c.insutype) == (visit.insured_place, visit.insutype)]
    if not covers:
        raise FlowStopped("参保人已没有入院登记时的那份参保", remedy="查参保信息；参保变了的，先撤销入院再重办")
    state.cover = covers[0]


def in_hospital(work: Work[Any], psn_no: str, insured_place: str) -> list[Any]:
    """The person's stays that are open (5303)."""
    now = work.runtime.now()
    asked = {"psn_no": psn_no, "begntime": now - LONGEST_STAY, "endtime": now + timedelta(days=1)}
    return list(work.call("5303", {"data": asked}, insured_place=insured_place).output.data or ())
