"""住院预结算 at any time (2303), and 出院结算: 2402, 2303(A), the person's confirmation, 2304(A)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...receipts.money import ZERO, SettledMoney, Split
from ...receipts.slips import slip
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import auditing, insurance, settling
from ..auditing import Audited, Encounter
from ..batching import Upload
from ..holding import Draft, held_first
from ..insurance import setlway
from ..visits import (
    Diagnosis,
    Doctor,
    FeeItem,
    ShownVisit,
    Visit,
    diagnosis_rows,
    fees_on_platform,
    shown_visit,
    unsettled,
)
from .stay import DISEASE, MATERNITY, StayGiven, Ward, check_patient, find_stay, given_of


@attrs.define(kw_only=True)
class TrialGiven:
    """An interim pre-settlement. ``total`` is what the hospital has charged, in yuan: where it is given and the
    platform holds another sum, that is said."""

    credential: Credential | None = None
    stay: StayGiven
    total: Decimal | None = None
    use_account: bool | None = None
    psn_setlway: str = ""


@attrs.define(kw_only=True)
class TrialState:
    """How far a pre-settlement has got."""

    given: TrialGiven
    visit: Visit | None = None
    person: Insured | None = None
    cover: Cover | None = None
    use_account: bool | None = None
    total: Decimal = ZERO
    trial: Split | None = None

    @property
    def interim(self) -> bool:
        return False

    @property
    def ended_at(self) -> datetime | None:
        return None


@step("合计平台上的明细", "5204", takes=("2401.output.result.mdtrt_id", "2301.input.feedetail.det_item_fee_sumamt"))
def sum_fees(work: Work[Any]) -> None:
    """Add up what the platform holds unsettled, and hold it against what the hospital has charged."""
    state = work.state
    rows = unsettled(fees_on_platform(work, state.visit))
    state.total = sum((row.det_item_fee_sumamt or ZERO for row in rows), ZERO)
    wanted = state.given.total
    if not rows:
        raise FlowStopped("平台上没有待结算的明细", remedy="先上传费用")
    if wanted is not None and wanted != state.total:
        text = f"平台上待结算的明细合计 {state.total:.2f}，医院的合计 {wanted:.2f}"
        raise FlowStopped(text, remedy="补传漏传的明细，或撤销多传的，再继续")


@step("住院预结算", "2303", "2303A", takes=("2401.output.result.mdtrt_id", "2301.input.feedetail.det_item_fee_sumamt"))
def pre_settle(work: Work[Any]) -> None:
    """Ask the platform what the split would be. Amounts that contradict each other stop the flow here."""
    state, infno = work.state, insurance.variant(work, "2303")
    not_yet = dict.fromkeys(settling.SCOPE, ZERO)
    answer = work.call(infno, {"data": _bill(work, infno) | not_yet}, insured_place=state.visit.insured_place)
    state.trial = settling.trial_of(answer, state.total)


IN_DISCHARGE = {
    "endtime": ("ended_at",), "dscg_dept_codg": ("doctor", "dept_code"), "dscg_dept_name": ("doctor", "dept_name"),
    **{name: ("ward", name) for name in (*MATERNITY, *DISEASE)},
}  # fmt: skip
"""Fields of 2402 → where they are given."""


def _bill(work: Work[Any], infno: str) -> dict[str, Any]:
    """What 2303 and 2304 have in common, carried from where it arose."""
    state, visit, credential = work.state, work.state.visit, work.state.person.credential
    ended: datetime | None = state.ended_at
    return {
        "psn_no": visit.psn_no, "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number,
        "medfee_sumamt": state.total, "psn_setlway": setlway(work, infno), "mdtrt_id": visit.mdtrt_id,
        "insutype": visit.insutype, "acct_used_flag": "1" if state.use_account else "0",
        "mid_setl_flag": "1" if state.interim else "0", "dscgTime": ended.date() if ended else None,
        **insurance.papers(work, infno, "data"),
    }  # fmt: skip


def _trial_drafts(work: Work[Any]) -> Iterator[Draft]:
    """What a pre-settlement will send, as far as it depends on what is given."""
    infno = insurance.variant(work, "2303")
    message = {"data": _bill(work, infno) | dict.fromkeys(settling.SCOPE, ZERO)}
    yield Draft(infno=infno, message=message, nodes={"data": ()}, names={"dscgTime": ("ended_at",)})


class TrialResult(TypedDict):
    """A pre-settlement."""

    visit: ShownVisit | None
    total: Decimal
    trial: Split | None


class InpatientTrial(Flow[TrialState]):
    """住院预结算: what a stay would come to now; nothing is settled."""

    name = "inpatient_trial"
    title = "住院预结算"
    given = TrialGiven
    state = TrialState
    steps = (
        held_first(_trial_drafts), find_stay, insurance.show_credential, check_patient,
        insurance.ask_account, sum_fees, pre_settle,
    )  # fmt: skip

    @staticmethod
    def result(state: TrialState) -> TrialResult:
        return {"visit": shown_visit(state.visit), "total": state.total, "trial": state.trial}


@attrs.define(kw_only=True)
class DischargeGiven:
    """A discharge and its settlement; ``interim`` settles in the middle of a stay, which goes on (中途结算)."""

    credential: Credential | None = None
    stay: StayGiven
    doctor: Doctor
    diagnoses: list[Diagnosis]
    dscg_way: str = ""
    ended_at: datetime | None = None
    dscg_bed: str | None = None
    die_date: date | None = None
    cop_flag: str | None = None
    ward: Ward | None = None
    rows: list[FeeItem] = attrs.field(factory=list)
    total: Decimal | None = None
    use_account: bool | None = None
    psn_setlway: str = ""
    invoice_no: str | None = None
    interim: bool = False
    matn_stas: str = "0"

    def __attrs_post_init__(self) -> None:
        if not self.interim and not (self.dscg_way and self.diagnoses):
            raise ValueError("出院要给出 dscg_way（离院方式）与 diagnoses")


@attrs.define(kw_only=True)
class DischargeState:
    """How far a discharge has got."""

    given: DischargeGiven
    visit: Visit | None = None
    person: Insured | None = None
    cover: Cover | None = None
    use_account: bool | None = None
    ended_at: datetime | None = None
    discharged: bool = False
    total: Decimal = ZERO
    upload: Upload = attrs.field(factory=Upload)
    audits: list[Audited] = attrs.field(factory=list)
    trial: Split | None = None
    settlement: SettledMoney | None = None
    slip: str = ""

    @property
    def interim(self) -> bool:
        return self.given.interim


@step(
    "出院办理",
    "2402",
    takes=("2401.output.result.mdtrt_id",),
    undone_by="2405",
    skip=lambda state: state.given.interim,
    when="就医结束；中途结算不做",
)
def discharge(work: Work[DischargeState]) -> None:
    """Discharge the patient."""
    state, given, visit = work.state, work.state.given, work.state.visit
    assert visit is not None
    state.ended_at = state.ended_at or given.ended_at or work.begun_at
    work.call("2402", _discharge(work), insured_place=visit.insured_place)
    state.discharged = True


def _discharge(work: Work[DischargeState]) -> dict[str, Any]:
    state, given, visit = work.state, work.state.given, work.state.visit
    assert visit is not None
    named = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id}
    info = named | {
        "insutype": visit.insutype, "endtime": state.ended_at, "dscg_dept_codg": given.doctor.dept_code,
        "dscg_dept_name": given.doctor.dept_name, "dscg_way": given.dscg_way,
        **given_of(given, ("dscg_bed", "die_date", "cop_flag")),
        **(given_of(given.ward, (*MATERNITY, *DISEASE)) if given.ward else {}),
    }  # fmt: skip
    diagnoses = diagnosis_rows(given.diagnoses, given.doctor, state.ended_at, **named)
    return {"dscginfo": info, "diseinfo": diagnoses}


def _drafts(work: Work[DischargeState]) -> Iterator[Draft]:
    """What a discharge will send."""
    if not work.state.given.interim:
        nodes = {"dscginfo": (), "diseinfo": ("diagnoses",)}
        yield Draft(infno="2402", message=_discharge(work), nodes=nodes, names=IN_DISCHARGE)
    yield from _trial_drafts(work)
    infno = insurance.variant(work, "2304")
    message = _bill(work, infno) | dict.fromkeys(settling.SCOPE, ZERO) | {"invono": work.state.given.invoice_no}
    yield Draft(infno=infno, message={"data": message}, nodes={"data": ()}, names={"invono": ("invoice_no",)})


@step(
    "事中审核",
    "3102",
    "3103",
    takes=("2303.output.setlinfo.fulamt_ownpay_amt",),
    skip=lambda state: not (state.given.rows and state.given.diagnoses),
    when="部署或地区要做审核，且给出了 rows",
)
def audit_during(work: Work[DischargeState]) -> None:
    """Have the stay audited with its real amounts, before it is settled."""
    state, given = work.state, work.state.given
    assert state.visit is not None
    auditing.check_orders(work, given.rows)
    ended = state.ended_at or work.begun_at
    encounter = Encounter(
        visit=state.visit, upload=state.upload, scene="8", kind="2",
        med_type=state.visit.med_type, doctor=given.doctor, diagnoses=given.diagnoses,
        items=given.rows, begun_at=state.visit.begun_at or ended, ended_at=ended, matn_stas=given.matn_stas,
    )  # fmt: skip
    auditing.audit(work, "3102", encounter)


@step(
    "住院结算",
    "2304",
    "2304A",
    takes=(
        "2401.output.result.mdtrt_id",
        "2303.output.setlinfo.medfee_sumamt",
        "2303.output.setlinfo.fulamt_ownpay_amt",
        "2303.output.setlinfo.overlmt_selfpay",
        "2303.output.setlinfo.preselfpay_amt",
        "2303.output.setlinfo.inscp_scp_amt",
    ),
    undone_by="2305",
    charges=True,
)
def settle(work: Work[DischargeState]) -> None:
    """Settle: from here on money has moved."""
    infno = insurance.variant(work, "2304")
    assert work.state.visit is not None
    answer = work.call(infno, lambda: _settlement(work, infno), insured_place=work.state.visit.insured_place)
    settling.keep_settlement(work, answer)


def _settlement(work: Work[DischargeState], infno: str) -> dict[str, Any]:
    state, trial = work.state, work.state.trial
    assert trial is not None
    message = _bill(work, infno) | {
        "medfee_sumamt": trial.total, "fulamt_ownpay_amt": trial.full_own, "overlmt_selfpay": trial.over_limit,
        "preselfpay_amt": trial.own_first, "inscp_scp_amt": trial.in_scope, "invono": state.given.invoice_no,
    }  # fmt: skip
    return {"data": message}


@step("打印结算单", takes=("2304.output.setlinfo.setl_id",))
def print_slip(work: Work[DischargeState]) -> None:
    """Compose the slip for the receipt printer."""
    work.state.slip = slip(Discharge.name, work)


class DischargeResult(TypedDict):
    """A discharge and its settlement."""

    person: insurance.ShownPerson | None
    visit: ShownVisit | None
    use_account: bool | None
    discharged: bool
    total: Decimal
    audits: list[Audited]
    trial: Split | None
    settlement: SettledMoney | None
    slip: str


class Discharge(Flow[DischargeState]):
    """出院结算: a patient discharged and the stay settled, or settled in the middle of it."""

    name = "discharge"
    title = "出院结算"
    given = DischargeGiven
    state = DischargeState
    undone_by = "inpatient_undo"
    steps = (
        held_first(_drafts),
        find_stay,
        insurance.show_credential,
        check_patient,
        insurance.ask_account,
        discharge,
        sum_fees,
        pre_settle,
        audit_during,
        settling.confirm,
        settle,
        print_slip,
    )

    @classmethod
    def left_behind(cls, state: DischargeState, *, touched: bool) -> str:
        """A patient who is discharged and whose stay is not settled."""
        if not state.discharged or state.settlement is not None:
            return ""
        return (
            "出院已办理，还没有结算，两种办法：内容不改的，以同一业务号继续；要改的或不办了的，以 inpatient_undo"
            "（level = discharge）撤销出院，改好后以新的业务号再办出院"
        )

    @staticmethod
    def result(state: DischargeState) -> DischargeResult:
        return {
            "person": insurance.shown_person(state.person),
            "visit": shown_visit(state.visit),
            "use_account": state.use_account,
            "discharged": state.discharged,
            "total": state.total,
            "audits": list(state.audits),
            "trial": state.trial,
            "settlement": state.settlement,
            "slip": state.slip,
        }
