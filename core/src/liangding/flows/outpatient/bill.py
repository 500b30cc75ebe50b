"""门诊结算: an outpatient visit from the credential to the slip, and further bills of it.

1101, registration 2201, visit and diagnoses 2203(A), fee rows 2204 in batches, pre-settlement 2206(A), the person's
confirmation, settlement 2207(A). Emergencies (med_type 13) and chronic or special diseases (14) are the same flow; for
14 the disease has to be registered (5301). A visit is registered once; each further bill of it is a flow of its own,
with a chrg_bchno of its own, that names the visit.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypedDict

import attrs

from ...contract.calls import Answer
from ...contract.questions import Option, Question
from ...contract.steps import Flow, step
from ...errors import InvalidMessage
from ...identity import Cover, Insured
from ...national.meaning import EVERYTHING
from ...receipts.money import SettledMoney, Split
from ...receipts.slips import slip
from ...spec import Does
from ...spec.problems import problem
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import auditing, batching, insurance, settling
from ..auditing import Audited
from ..batching import Upload
from ..caps import remind_of_diagnoses, remind_of_items
from ..following import answer_of, check_credential, earlier_id
from ..holding import held_first
from ..insurance import BillGiven
from ..recorded import recorded
from ..visits import (
    Diagnosis,
    Doctor,
    FeeItem,
    ShownVisit,
    Visit,
    check_serials,
    shown_visit,
)
from .messages import (
    bill_drafts,
    bill_of,
    description,
    encounter_of,
    fee,
    place_of,
    registration,
    the_visit,
    total_of,
)

CHRONIC = "14"
"""med_type 门诊慢特病."""

REGISTERED = "outpatient_registration"
"""The flow that registers a visit and charges nothing."""


@attrs.define(kw_only=True)
class OutpatientGiven(BillGiven):
    """A visit and one bill of it, as the hospital's software knows them.

    ``ipt_otp_no`` is the hospital's own number of the visit, ``chrg_bchno`` that of the bill. A further bill of a visit
    names it by ``visit`` or ``visit_key`` (the flow of another bill or of its registration, or the key that it was
    started with), or by ``mdtrt_id``; its ``diagnoses`` are uploaded again only where they are given. ``med_type`` left
    out is an ordinary visit (11), or what the region fixes.
    """

    ipt_otp_no: str
    chrg_bchno: str
    doctor: Doctor
    rows: list[FeeItem]
    diagnoses: list[Diagnosis] = attrs.field(factory=list)
    TAKEN_AS: ClassVar = insurance.TakenAs("2203", "11", "门诊")

    med_type: str = ""
    begun_at: datetime | None = None
    visit: str | None = None
    visit_key: str | None = None
    mdtrt_id: str | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    dise_type_code: str | None = None
    main_cond_dscr: str | None = None
    birctrl_type: str | None = None
    birctrl_matn_date: date | None = None
    matn_type: str | None = None
    geso_val: Decimal | None = None
    offsite: insurance.Offsite | None = None
    matn_stas: str = "0"
    psn_setlway: str = ""
    invoice_no: str | None = None

    def __attrs_post_init__(self) -> None:
        check_serials(self.rows)
        if self.chrg_bchno == EVERYTHING:
            raise ValueError(f"chrg_bchno 不能是 {EVERYTHING}：平台以它表示全部")
        if any(item.count <= 0 for item in self.rows):
            raise ValueError("rows 的 count 应大于 0；退费用 outpatient_undo 或 outpatient_partial_refund")
        if any(item.hosp_appr_flag is None for item in self.rows):
            raise ValueError("rows 的每一行都要给出 hosp_appr_flag（医院审批标志）")
        if not self.diagnoses and not self.further:
            raise ValueError("diagnoses 至少要有一条")

    @property
    def further(self) -> bool:
        """Whether this is a further bill of a visit that exists."""
        return bool(self.visit or self.visit_key or self.mdtrt_id)


@attrs.define(kw_only=True)
class OutpatientState:
    """How far a bill has got."""

    given: OutpatientGiven
    person: Insured | None = None
    cover: Cover | None = None
    use_account: bool | None = None
    visit: Visit | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    begun_at: datetime | None = None
    upload: Upload = attrs.field(factory=Upload)
    audits: list[Audited] = attrs.field(factory=list)
    trial: Split | None = None
    settlement: SettledMoney | None = None
    slip: str = ""

    @property
    def bill(self) -> OutpatientGiven:
        return self.given

    @property
    def rows(self) -> list[FeeItem]:
        """The rows that this bill charges."""
        return self.given.rows


@step("找到原就诊", skip=lambda state: not state.given.further, when="同一就诊的又一张单")
def find_visit(work: Work[OutpatientState]) -> None:
    """Know the visit that a further bill belongs to; it has to be this person's."""
    state, given = work.state, work.state.given
    assert state.person is not None
    assert state.cover is not None
    flow_id = earlier_id(work, (Outpatient.name, REGISTERED), given.visit, given.visit_key)
    if flow_id is None:
        state.visit = Visit(
            mdtrt_id=given.mdtrt_id or "", psn_no=state.person.psn_no, insured_place=state.cover.insured_place,
            insutype=state.cover.insutype, med_type=given.med_type, ipt_otp_no=given.ipt_otp_no,
        )  # fmt: skip
        return
    visit, other = visit_of(work, flow_id), work.flows.state_of(flow_id)
    if visit is None:
        raise FlowStopped("那张单还没有挂号", remedy="先让那张单继续，再开这一张")
    if not given.diagnoses and not _billed(work, visit):
        text = "那次就诊只挂了号，第一张单要给出诊断"
        raise InvalidMessage([problem(("given", "diagnoses"), "required", text)])
    if visit.psn_no != state.person.psn_no:
        raise FlowStopped("那次就诊不是本人的", remedy="核对 visit 或 visit_key")
    check_credential(work, visit)
    state.visit, state.cover = attrs.evolve(visit, med_type=given.med_type), other.cover
    state.begun_at = other.begun_at


def _billed(work: Work[Any], visit: Visit) -> bool:
    """Whether a bill of the visit has gone before: its diagnoses are on the platform then."""
    ours = recorded(work, visit)
    return bool(ours.uploaded or ours.settled or ours.cancelled)


@step("慢特病备案查询", "5301", skip=lambda state: state.given.med_type != CHRONIC, when="门诊慢特病（med_type 14）")
def check_chronic(work: Work[OutpatientState]) -> None:
    """The disease has to be registered for the person; where several are and none is given, it is asked which."""
    state, given = work.state, work.state.given
    assert state.person is not None
    answer = work.call("5301", {"data": {"psn_no": state.person.psn_no}}, insured_place=place_of(state))
    registered = {row.opsp_dise_code: row.opsp_dise_name for row in answer.output.feedetail or ()}
    wanted = given.dise_codg
    if not registered or (wanted is not None and wanted not in registered):
        named = "、".join(registered.values()) or "一种也没有"
        raise FlowStopped(f"参保人没有这一慢特病的备案（已备案：{named}）", remedy="先办慢特病备案，或改为普通门诊")
    if wanted is None and len(registered) == 1:
        wanted = next(iter(registered))
    if wanted is None:
        options = tuple(Option(value=code, label=name) for code, name in registered.items())
        wanted = work.ask(Question(id="dise_codg", text="这次按哪一种慢特病结算？", options=options))
    state.dise_codg, state.dise_name = wanted, registered[wanted]


@step("核对明细", when="发送之前")
def check_bill(work: Work[OutpatientState]) -> None:
    """Hold the rows to the declaration before anything is sent: what is wrong is said by the caller's own places."""
    state, given = work.state, work.state.given
    assert state.person is not None
    state.begun_at = state.begun_at or given.begun_at or work.begun_at
    if state.dise_codg is None:
        state.dise_codg, state.dise_name = given.dise_codg, given.dise_name
    auditing.check_orders(work, given.rows)
    nobody_yet = Visit(mdtrt_id="0", psn_no=state.person.psn_no, insured_place=place_of(state))
    batching.check_rows(work, "2204", given.rows, lambda item: fee(state, item, nobody_yet), place_of(state))


@step(
    "门诊挂号",
    "2201",
    takes=("1101.output.baseinfo.psn_no", "1101.output.insuinfo.insutype", "1101.output.insuinfo.insuplc_admdvs"),
    undone_by="2202",
    skip=lambda state: state.visit is not None,
    when="一次就诊只做一次；又一张单不做",
)
def register(work: Work[Any]) -> None:
    """Register the visit."""
    state, given = work.state, work.state.given
    assert state.person is not None
    assert state.cover is not None
    state.begun_at = state.begun_at or given.begun_at or work.begun_at
    state.visit = _registered(state, work.call("2201", registration(work), insured_place=place_of(state)))


def _registered(state: Any, answer: Answer[Any]) -> Visit:
    """The visit that an answer to 2201 states."""
    given, told = state.given, answer.output.data
    assert state.person is not None
    assert state.cover is not None
    return Visit(
        mdtrt_id=told.mdtrt_id, psn_no=told.psn_no or state.person.psn_no, insured_place=place_of(state),
        insutype=state.cover.insutype, med_type=given.med_type, ipt_otp_no=given.ipt_otp_no,
        cert_type=state.person.credential.type,
    )  # fmt: skip


def visit_of(work: Work[Any], flow_id: str) -> Visit | None:
    """The visit of an earlier bill. None where it is certain that it has registered none; NotKnownYet where nobody
    knows."""
    bill = work.flows.state_of(flow_id)
    if bill.visit is not None:
        visit: Visit = bill.visit
        return visit
    answer = answer_of(work, flow_id, Does.REGISTERS)
    return None if answer is None else _registered(bill, answer)


@step(
    "就诊信息上传",
    "2203",
    "2203A",
    takes=("2201.output.data.mdtrt_id", "2201.output.data.psn_no", "5301.output.feedetail.opsp_dise_code"),
    skip=lambda state: not state.given.diagnoses,
    when="给出了诊断",
    repeats="诊断有变时",
)
def upload_visit(work: Work[OutpatientState]) -> None:
    """Upload the visit and its diagnoses."""
    infno = insurance.variant(work, "2203")
    work.call(infno, description(work, infno), insured_place=the_visit(work.state).insured_place)


@step("事前审核", "3101", "3103", when="部署或地区要做审核（features.audit）", uses=("audit",))
def audit_before(work: Work[OutpatientState]) -> None:
    """Have the orders audited before their fees are uploaded."""
    if work.state.given.diagnoses:
        auditing.audit(work, "3101", encounter_of(work.state, scene="2"))


@step(
    "费用明细上传",
    "2204",
    takes=("2201.output.data.mdtrt_id", "2201.output.data.psn_no", "5301.output.feedetail.opsp_dise_code"),
    undone_by="2205",
    repeats="每批一次，一批的行数有限",
    uses=("row_limits",),
)
def upload_fees(work: Work[Any]) -> None:
    """Upload the bill's rows, batch by batch."""
    state = work.state
    visit = the_visit(state)
    batching.upload(work, "2204", state.rows, lambda item: fee(state, item, visit), visit)


@step(
    "门诊预结算",
    "2206",
    "2206A",
    takes=("2201.output.data.mdtrt_id", "2204.input.feedetail.chrg_bchno", "2204.input.feedetail.det_item_fee_sumamt"),
    repeats="每张单",
)
def pre_settle(work: Work[Any]) -> None:
    """Ask the platform what the split would be. Amounts that contradict each other stop the flow here."""
    state, infno = work.state, insurance.variant(work, "2206")
    message = {"data": bill_of(work, infno)}
    place = the_visit(state).insured_place
    state.trial = settling.trial_of(work.call(infno, message, insured_place=place), total_of(state))
    remind_of_items(work, state.rows, place)
    remind_of_diagnoses(work, (each.diag_code for each in state.bill.diagnoses))


@step("事中审核", "3102", "3103", takes=("2206.output.setlinfo.fulamt_ownpay_amt",), when="部署或地区要做审核")
def audit_during(work: Work[OutpatientState]) -> None:
    """Have the bill audited with its real amounts, before it is settled."""
    if work.state.given.diagnoses:
        auditing.audit(work, "3102", encounter_of(work.state, scene="6"))


@step(
    "门诊结算",
    "2207",
    "2207A",
    takes=(
        "2201.output.data.mdtrt_id",
        "2204.input.feedetail.chrg_bchno",
        "2206.output.setlinfo.medfee_sumamt",
        "2206.output.setlinfo.fulamt_ownpay_amt",
        "2206.output.setlinfo.overlmt_selfpay",
        "2206.output.setlinfo.preselfpay_amt",
        "2206.output.setlinfo.inscp_scp_amt",
    ),
    undone_by="2208",
    repeats="每张单",
    charges=True,
)
def settle(work: Work[Any]) -> None:
    """Settle: from here on money has moved."""
    infno = insurance.variant(work, "2207")
    answer = work.call(infno, lambda: _settlement(work, infno), insured_place=the_visit(work.state).insured_place)
    settling.keep_settlement(work, answer)


def _settlement(work: Work[Any], infno: str) -> dict[str, Any]:
    state, trial = work.state, work.state.trial
    message = bill_of(work, infno) | {
        "medfee_sumamt": trial.total, "fulamt_ownpay_amt": trial.full_own, "overlmt_selfpay": trial.over_limit,
        "preselfpay_amt": trial.own_first, "inscp_scp_amt": trial.in_scope, "invono": state.bill.invoice_no,
    }  # fmt: skip
    return {"data": message}


def still_open(state: Any) -> str:
    """Both ways on of a visit that is registered and not settled for, in words; empty where there is none."""
    if state.visit is None or not state.visit.mdtrt_id or state.settlement is not None:
        return ""
    return (
        "挂号还在平台上，两种办法：改好内容，以新的业务号和单号在同一就诊另开一单（visit_key 填原单的业务号），"
        "传过明细的先以 outpatient_undo（level = fees）撤销；"
        "不办了的，以 outpatient_undo（level = registration）撤到挂号"
    )


@step("打印结算单", takes=("2207.output.setlinfo.setl_id",))
def print_slip(work: Work[Any]) -> None:
    """Compose the slip for the receipt printer."""
    work.state.slip = slip(Outpatient.name, work)


class OutpatientResult(TypedDict):
    """An outpatient bill."""

    person: insurance.ShownPerson | None
    insurance: Cover | None
    use_account: bool | None
    visit: ShownVisit | None
    chrg_bchno: str
    fees: batching.ShownFees
    audits: list[Audited]
    trial: Split | None
    settlement: SettledMoney | None
    slip: str


class Outpatient(Flow[OutpatientState]):
    """门诊结算: a visit, or a further bill of one, from the credential to the slip."""

    name = "outpatient"
    title = "门诊结算"
    given = OutpatientGiven
    state = OutpatientState
    undone_by = "outpatient_undo"
    keyed_by = (("ipt_otp_no", "chrg_bchno"),)
    steps = (
        held_first(bill_drafts),
        insurance.show_credential,
        insurance.find_person,
        insurance.choose_insurance,
        insurance.ask_account,
        find_visit,
        check_chronic,
        check_bill,
        settling.check_same_bill,
        register,
        upload_visit,
        audit_before,
        upload_fees,
        pre_settle,
        audit_during,
        settling.confirm,
        settle,
        print_slip,
    )

    @classmethod
    def left_behind(cls, state: OutpatientState, *, touched: bool) -> str:
        """A visit that is registered and not settled for."""
        return still_open(state) if touched or state.given.further else ""

    @staticmethod
    def result(state: OutpatientState) -> OutpatientResult:
        return {
            "person": insurance.shown_person(state.person),
            "insurance": state.cover,
            "use_account": state.use_account,
            "visit": shown_visit(state.visit),
            "chrg_bchno": state.given.chrg_bchno,
            "fees": batching.shown(state.upload),
            "audits": list(state.audits),
            "trial": state.trial,
            "settlement": state.settlement,
            "slip": state.slip,
        }
