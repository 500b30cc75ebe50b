"""入院办理 (2401) and 住院信息变更 (2403)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import insurance
from ..caps import remind_of_diagnoses
from ..holding import Draft, held_first
from ..insurance import InsuredGiven
from ..visits import Diagnosis, ShownVisit, Visit, shown_visit
from . import stay
from .stay import (
    ADMITTED_BY,
    IN_WARD,
    StayGiven,
    Ward,
    admission_facts,
    diagnoses_of,
    find_stay,
    in_hospital,
    is_known,
    stay_in,
)


@attrs.define(kw_only=True)
class AdmissionGiven(InsuredGiven):
    """An admission; ``ipt_no`` is the hospital's own number of the stay, ``med_type`` left out an ordinary one (21)."""

    TAKEN_AS: ClassVar = insurance.TakenAs("2401", "21", "住院")

    ipt_no: str
    ward: Ward
    diagnoses: list[Diagnosis]
    med_type: str = ""
    begun_at: datetime | None = None
    offsite: insurance.Offsite | None = None

    def __attrs_post_init__(self) -> None:
        if not self.diagnoses:
            raise ValueError("diagnoses 至少要有一条")


@attrs.define(kw_only=True)
class AdmissionState:
    """How far an admission has got."""

    given: AdmissionGiven
    person: Insured | None = None
    cover: Cover | None = None
    begun_at: datetime | None = None
    visit: Visit | None = None


@step("查是否在院", "5303", takes=("1101.output.baseinfo.psn_no",))
def check_not_in_hospital(work: Work[AdmissionState]) -> None:
    """Nobody is admitted twice: who is in hospital already is told so before the platform refuses it."""
    state = work.state
    assert state.person is not None
    assert state.cover is not None
    held = in_hospital(work, state.person.psn_no, state.cover.insured_place)
    if held:
        number = held[0].ipt_otp_no or held[0].mdtrt_id
        raise FlowStopped(f"参保人已在院（住院号 {number}）", remedy="先办那次住院的出院或入院撤销")


@step(
    "入院办理",
    "2401",
    takes=("1101.output.baseinfo.psn_no", "1101.output.insuinfo.insutype", "1101.output.insuinfo.insuplc_admdvs"),
    undone_by="2404",
)
def admit(work: Work[AdmissionState]) -> None:
    """Admit the patient."""
    state, given = work.state, work.state.given
    assert state.person is not None
    assert state.cover is not None
    state.begun_at = state.begun_at or given.begun_at or work.begun_at
    answer = work.call("2401", _admission(work), insured_place=state.cover.insured_place)
    state.visit = stay_in(state, answer)
    remind_of_diagnoses(work, (each.diag_code for each in given.diagnoses))


def _admission(work: Work[AdmissionState]) -> dict[str, Any]:
    state, given = work.state, work.state.given
    assert state.person is not None
    assert state.cover is not None
    psn_no, credential = state.person.psn_no, state.person.credential
    info = admission_facts(given.ward, given.diagnoses) | {
        "psn_no": psn_no, "insutype": state.cover.insutype, "begntime": state.begun_at, "med_type": given.med_type,
        "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number, "ipt_no": given.ipt_no,
        **insurance.papers(work, "2401", "mdtrtinfo"), **insurance.offsite_keys(work, "2401", "mdtrtinfo"),
    }  # fmt: skip
    diagnoses = diagnoses_of(given.diagnoses, given.ward.doctor, state.begun_at, psn_no=psn_no)
    return {"mdtrtinfo": info, "diseinfo": diagnoses}


def _drafts(work: Work[AdmissionState]) -> Iterator[Draft]:
    """What an admission will send."""
    nodes = {"mdtrtinfo": (), "diseinfo": ("diagnoses",)}
    yield Draft(infno="2401", message=_admission(work), nodes=nodes, names=IN_WARD)


class AdmissionResult(TypedDict):
    """An admission."""

    person: insurance.ShownPerson | None
    insurance: Cover | None
    visit: ShownVisit | None


class Admission(Flow[AdmissionState]):
    """入院办理: a patient admitted."""

    name = ADMITTED_BY
    title = "入院办理"
    given = AdmissionGiven
    state = AdmissionState
    undone_by = "inpatient_undo"
    keyed_by = (("ipt_no",),)
    steps = (
        held_first(_drafts),
        insurance.show_credential,
        insurance.find_person,
        insurance.choose_insurance,
        check_not_in_hospital,
        admit,
    )

    @staticmethod
    def result(state: AdmissionState) -> AdmissionResult:
        return {
            "person": insurance.shown_person(state.person),
            "insurance": state.cover,
            "visit": shown_visit(state.visit),
        }


# -- a change ----------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class ChangeGiven:
    """What is true of a stay from now on: all of it, not only what is new; ``offsite`` as at the admission."""

    credential: Credential | None = None
    stay: StayGiven
    ward: Ward
    diagnoses: list[Diagnosis]
    begun_at: datetime
    offsite: insurance.Offsite | None = None

    def __attrs_post_init__(self) -> None:
        if not self.diagnoses:
            raise ValueError("diagnoses 至少要有一条")


@attrs.define(kw_only=True)
class ChangeState:
    """How far a change has got."""

    given: ChangeGiven
    visit: Visit | None = None
    person: Insured | None = None
    cover: Cover | None = None
    changed: bool = False


@step(
    "出示凭证",
    skip=lambda state: state.given.credential is not None,
    when="没有给出凭证时；地区规定在院变更不再核对人员的，不出示",
)
def show_credential(work: Work[ChangeState]) -> None:
    """What the person shows, where the region wants to see it before a change."""
    if not is_known(work, "2403"):
        insurance.show_credential.run(work)


@step("核对人员", "1101", when="地区没有规定在院变更不再核对人员")
def check_patient(work: Work[ChangeState]) -> None:
    """The patient again, where the region wants to know before a change."""
    if not is_known(work, "2403"):
        stay.check_patient.run(work)


@step("住院信息变更", "2403", takes=("2401.output.result.mdtrt_id",), repeats="每次变更")
def change(work: Work[ChangeState]) -> None:
    """Change what the platform knows of the stay."""
    state = work.state
    assert state.visit is not None
    work.call("2403", _changed(work), insured_place=state.visit.insured_place)
    state.changed = True


def _changed(work: Work[ChangeState]) -> dict[str, Any]:
    state, given, visit = work.state, work.state.given, work.state.visit
    assert visit is not None
    cert_type = state.person.credential.type if state.person else visit.cert_type
    named = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id}
    info = admission_facts(given.ward, given.diagnoses) | {
        **named, "begntime": given.begun_at, "med_type": visit.med_type, "ipt_otp_no": visit.ipt_otp_no,
        "mdtrt_cert_type": cert_type, **insurance.offsite_keys(work, "2403", "adminfo"),
    }  # fmt: skip
    diagnoses = diagnoses_of(given.diagnoses, given.ward.doctor, given.begun_at, **named)
    return {"adminfo": info, "diseinfo": diagnoses}


def _change_drafts(work: Work[ChangeState]) -> Iterator[Draft]:
    """What a change will send."""
    nodes = {"adminfo": (), "diseinfo": ("diagnoses",)}
    yield Draft(infno="2403", message=_changed(work), nodes=nodes, names=IN_WARD)


class ChangeResult(TypedDict):
    """A change of a stay."""

    visit: ShownVisit | None
    changed: bool


class AdmissionChange(Flow[ChangeState]):
    """住院信息变更: what the platform knows of a stay, changed."""

    name = "admission_change"
    title = "住院信息变更"
    given = ChangeGiven
    state = ChangeState
    steps = (held_first(_change_drafts), find_stay, show_credential, check_patient, change)

    @staticmethod
    def result(state: ChangeState) -> ChangeResult:
        return {"visit": shown_visit(state.visit), "changed": state.changed}
