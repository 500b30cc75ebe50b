"""住院: a stay in parts, as a hospital works: admission, changes, daily fees, interim pre-settlement, discharge.

2401; 2403; 2301 in batches, with negative rows for what is given back; 2303(A) at any time; 2402, 2303(A), the
person's confirmation, 2304(A). Each part is a flow of its own and names the stay by the admission's flow, by the key
that this was started with, or by the platform's numbers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from ..identity import Cover, Credential, Insured
from ..receipts.money import ZERO, Settled, Split
from ..receipts.slips import slip
from ..workflow.declaring import step
from ..workflow.rows import Flow
from ..workflow.standing import FlowStopped
from ..workflow.work import Work
from . import auditing, batching, following, insurance, settling
from .auditing import Audited, Encounter
from .batching import Upload
from .following import earlier
from .insurance import InsuredGiven
from .outpatient import shown_visit
from .visits import (
    INPATIENT_ONLY,
    Diagnosis,
    Doctor,
    FeeItem,
    Visit,
    check_serials,
    diagnosis_rows,
    fee_row,
    fees_on_platform,
    unsettled,
)

LONGEST_STAY = timedelta(days=5 * 366)
"""How far back 5303 is asked: nobody is in hospital for longer."""


# -- what the parts have in common -------------------------------------------------------------------------------------


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


def _given(source: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}


def _admission_facts(ward: Ward, diagnoses: list[Diagnosis]) -> dict[str, Any]:
    """What 2401 and 2403 have in common."""
    main = next((each for each in diagnoses if each.main), diagnoses[0])
    return {
        "atddr_no": ward.doctor.atddr_no, "chfpdr_name": ward.doctor.dr_name, "adm_dept_codg": ward.doctor.dept_code,
        "adm_dept_name": ward.doctor.dept_name, "dscg_maindiag_code": main.diag_code,
        "dscg_maindiag_name": main.diag_name, **_given(ward, ADMISSION),
    }  # fmt: skip


def _diagnoses(given: list[Diagnosis], doctor: Doctor, at: datetime | None, **each: Any) -> list[dict[str, Any]]:
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
    admission = earlier(work, (Admission.name,), given.admission, given.admission_key)
    if admission is None:
        state.visit = Visit(
            mdtrt_id=given.mdtrt_id or "", psn_no=given.psn_no or "", insured_place=given.insured_place or "",
            insutype=given.insutype or "", med_type=given.med_type, ipt_otp_no=given.ipt_no or "",
        )  # fmt: skip
    elif admission.visit is None:
        raise FlowStopped("这次住院还没有办入院", remedy="先让入院办理继续")
    else:
        state.visit = admission.visit


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


# -- admission ---------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class AdmissionGiven(InsuredGiven):
    """An admission; ``ipt_no`` is the hospital's own number of the stay."""

    ipt_no: str
    ward: Ward
    diagnoses: list[Diagnosis]
    med_type: str = "21"
    begun_at: datetime | None = None

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


def in_hospital(work: Work[Any], psn_no: str, insured_place: str) -> list[Any]:
    """The person's stays that are open (5303)."""
    now = work.runtime.now()
    asked = {"psn_no": psn_no, "begntime": now - LONGEST_STAY, "endtime": now + timedelta(days=1)}
    return list(work.call("5303", {"data": asked}, insured_place=insured_place).output.data or ())


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
    psn_no, place, credential = state.person.psn_no, state.cover.insured_place, state.person.credential
    info = _admission_facts(given.ward, given.diagnoses) | {
        "psn_no": psn_no, "insutype": state.cover.insutype, "begntime": state.begun_at, "med_type": given.med_type,
        "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number, "ipt_no": given.ipt_no,
        **insurance.offsite_fields(work, "2401", "mdtrtinfo"),
    }  # fmt: skip
    diagnoses = _diagnoses(given.diagnoses, given.ward.doctor, state.begun_at, psn_no=psn_no)
    answer = work.call("2401", {"mdtrtinfo": info, "diseinfo": diagnoses}, insured_place=place)
    state.visit = Visit(
        mdtrt_id=answer.output.result.mdtrt_id, psn_no=psn_no, insured_place=place, insutype=state.cover.insutype,
        med_type=given.med_type, ipt_otp_no=given.ipt_no, cert_type=credential.type, begun_at=state.begun_at,
    )  # fmt: skip


class Admission(Flow[AdmissionState]):
    """入院办理: a patient admitted."""

    name = "admission"
    title = "入院办理"
    given = AdmissionGiven
    state = AdmissionState
    undone_by = "inpatient_undo"
    steps = (insurance.find_person, insurance.choose_insurance, check_not_in_hospital, admit)

    @staticmethod
    def result(state: AdmissionState) -> dict[str, Any]:
        return {
            "person": insurance.shown_person(state.person),
            "insurance": state.cover,
            "visit": shown_visit(state.visit),
        }


# -- a change ----------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class ChangeGiven:
    """What is true of a stay from now on: all of it, not only what is new."""

    credential: Credential
    stay: StayGiven
    ward: Ward
    diagnoses: list[Diagnosis]
    begun_at: datetime

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


@step("住院信息变更", "2403", takes=("2401.output.result.mdtrt_id",), repeats="每次变更")
def change(work: Work[ChangeState]) -> None:
    """Change what the platform knows of the stay."""
    state, given, visit = work.state, work.state.given, work.state.visit
    assert visit is not None
    assert state.person is not None
    named = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id}
    info = _admission_facts(given.ward, given.diagnoses) | {
        **named, "begntime": given.begun_at, "med_type": visit.med_type, "ipt_otp_no": visit.ipt_otp_no,
        "mdtrt_cert_type": state.person.credential.type,
    }  # fmt: skip
    diagnoses = _diagnoses(given.diagnoses, given.ward.doctor, given.begun_at, **named)
    work.call("2403", {"adminfo": info, "diseinfo": diagnoses}, insured_place=visit.insured_place)
    state.changed = True


class AdmissionChange(Flow[ChangeState]):
    """住院信息变更: what the platform knows of a stay, changed."""

    name = "admission_change"
    title = "住院信息变更"
    given = ChangeGiven
    state = ChangeState
    steps = (find_stay, check_patient, change)

    @staticmethod
    def result(state: ChangeState) -> dict[str, Any]:
        return {"visit": shown_visit(state.visit), "changed": state.changed}


# -- fees --------------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class FeesGiven:
    """A day's fee rows, or any others. A row with a negative count gives back one that was uploaded, and names it."""

    stay: StayGiven
    doctor: Doctor
    rows: list[FeeItem]
    diagnoses: list[Diagnosis] = attrs.field(factory=list)
    charged_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        check_serials(self.rows)
        if any(item.count == 0 for item in self.rows):
            raise ValueError("rows 的 count 不能是 0")
        if any(item.count < 0 and not item.init_feedetl_sn for item in self.rows):
            raise ValueError("负数的行要给出 init_feedetl_sn（原费用流水号）")


@attrs.define(kw_only=True)
class FeesState:
    """How far an upload has got."""

    given: FeesGiven
    visit: Visit | None = None
    person: Insured | None = None
    cover: Cover | None = None
    charged_at: datetime | None = None
    upload: Upload = attrs.field(factory=Upload)
    trial: Split | None = None
    audits: list[Audited] = attrs.field(factory=list)


@step("核对明细", when="发送之前")
def check_fees(work: Work[FeesState]) -> None:
    """Hold the rows to the declaration before anything is sent."""
    state = work.state
    assert state.visit is not None
    state.charged_at = state.charged_at or state.given.charged_at or work.begun_at
    batching.check_rows(work, "2301", state.given.rows, lambda item: _fee(state, item), state.visit.insured_place)


@step(
    "事前审核",
    "3101",
    "3103",
    takes=("2401.output.result.mdtrt_id",),
    skip=lambda state: not state.given.diagnoses,
    when="部署或地区要做审核，且给出了 diagnoses",
)
def audit_fees(work: Work[FeesState]) -> None:
    """Have the orders audited before their fees are uploaded; who the patient is, the admission knows."""
    state, given = work.state, work.state.given
    assert state.visit is not None
    if auditing.mode(work) == "off":
        return
    admission = earlier(work, (Admission.name,), given.stay.admission, given.stay.admission_key)
    if admission is None:
        work.advise("入院不是在这里办的，不知道参保人的性别和出生日期，没有做事前审核")
        return
    ordered = [item for item in given.rows if item.count > 0]
    auditing.check_orders(work, ordered)
    state.person, state.cover = admission.person, admission.cover
    encounter = Encounter(
        scene="4", kind="2", med_type=state.visit.med_type, doctor=given.doctor, diagnoses=given.diagnoses,
        items=ordered, begun_at=state.visit.begun_at or state.charged_at, ended_at=state.charged_at,
    )  # fmt: skip
    auditing.audit(work, "3101", encounter)


@step("费用明细上传", "2301", takes=("2401.output.result.mdtrt_id",), undone_by="2302", repeats="每日；每批一次")
def upload_fees(work: Work[FeesState]) -> None:
    """Upload the rows, batch by batch."""
    state = work.state
    assert state.visit is not None
    batching.upload(work, "2301", state.given.rows, lambda item: _fee(state, item), state.visit)


def _fee(state: FeesState, item: FeeItem) -> dict[str, Any]:
    visit = state.visit
    assert visit is not None
    row = fee_row(item, visit, state.given.doctor, state.charged_at, *INPATIENT_ONLY)
    return row | {"med_type": visit.med_type}


class InpatientFees(Flow[FeesState]):
    """住院费用上传: fee rows of a stay, those given back among them."""

    name = "inpatient_fees"
    title = "住院费用上传"
    given = FeesGiven
    state = FeesState
    undone_by = "inpatient_undo"
    steps = (find_stay, check_fees, audit_fees, upload_fees)

    @staticmethod
    def result(state: FeesState) -> dict[str, Any]:
        return {
            "visit": shown_visit(state.visit), "audits": list(state.audits), "fees": batching.shown(state.upload),
        }  # fmt: skip


# -- pre-settling and settling -----------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class TrialGiven:
    """An interim pre-settlement. ``total`` is what the hospital has charged, in yuan: where it is given and the
    platform holds another sum, that is said."""

    credential: Credential
    stay: StayGiven
    total: Decimal | None = None
    use_account: bool | None = None
    psn_setlway: str = "01"


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
    not_yet = dict.fromkeys(SCOPE, ZERO)
    answer = work.call(infno, {"data": _bill(work, infno) | not_yet}, insured_place=state.visit.insured_place)
    state.trial = settling.trial_of(answer, state.total)


SCOPE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")


def _bill(work: Work[Any], infno: str) -> dict[str, Any]:
    """What 2303 and 2304 have in common, carried from where it arose."""
    state, visit, credential = work.state, work.state.visit, work.state.person.credential
    ended: datetime | None = state.ended_at
    return {
        "psn_no": visit.psn_no, "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number,
        "medfee_sumamt": state.total, "psn_setlway": state.given.psn_setlway, "mdtrt_id": visit.mdtrt_id,
        "insutype": visit.insutype, "acct_used_flag": "1" if state.use_account else "0",
        "mid_setl_flag": "1" if state.interim else "0", "dscgTime": ended.date() if ended else None,
        **insurance.offsite_fields(work, infno, "data"),
    }  # fmt: skip


class InpatientTrial(Flow[TrialState]):
    """住院预结算: what a stay would come to now; nothing is settled."""

    name = "inpatient_trial"
    title = "住院预结算"
    given = TrialGiven
    state = TrialState
    steps = (find_stay, check_patient, insurance.ask_account, sum_fees, pre_settle)

    @staticmethod
    def result(state: TrialState) -> dict[str, Any]:
        return {"visit": shown_visit(state.visit), "total": state.total, "trial": state.trial}


@attrs.define(kw_only=True)
class DischargeGiven:
    """A discharge and its settlement; ``interim`` settles in the middle of a stay, which goes on (中途结算)."""

    credential: Credential
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
    psn_setlway: str = "01"
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
    settlement: Settled | None = None
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
    named = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id}
    info = named | {
        "insutype": visit.insutype, "endtime": state.ended_at, "dscg_dept_codg": given.doctor.dept_code,
        "dscg_dept_name": given.doctor.dept_name, "dscg_way": given.dscg_way,
        **_given(given, ("dscg_bed", "die_date", "cop_flag")),
        **(_given(given.ward, (*MATERNITY, *DISEASE)) if given.ward else {}),
    }  # fmt: skip
    diagnoses = diagnosis_rows(given.diagnoses, given.doctor, state.ended_at, **named)
    work.call("2402", {"dscginfo": info, "diseinfo": diagnoses}, insured_place=visit.insured_place)
    state.discharged = True


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
        scene="8", kind="2", med_type=state.visit.med_type, doctor=given.doctor, diagnoses=given.diagnoses,
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
    state, infno, trial = work.state, insurance.variant(work, "2304"), work.state.trial
    assert trial is not None
    assert state.visit is not None
    message = _bill(work, infno) | {
        "medfee_sumamt": trial.total, "fulamt_ownpay_amt": trial.full_own, "overlmt_selfpay": trial.over_limit,
        "preselfpay_amt": trial.own_first, "inscp_scp_amt": trial.in_scope, "invono": state.given.invoice_no,
    }  # fmt: skip
    answer = work.call(infno, {"data": message}, insured_place=state.visit.insured_place)
    settling.keep_settlement(work, answer)


@step("打印结算单", takes=("2304.output.setlinfo.setl_id",))
def print_slip(work: Work[DischargeState]) -> None:
    """Compose the slip for the receipt printer."""
    work.state.slip = slip(Discharge.name, work)


class Discharge(Flow[DischargeState]):
    """出院结算: a patient discharged and the stay settled, or settled in the middle of it."""

    name = "discharge"
    title = "出院结算"
    given = DischargeGiven
    state = DischargeState
    undone_by = "inpatient_undo"
    steps = (
        find_stay,
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

    @staticmethod
    def result(state: DischargeState) -> dict[str, Any]:
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
