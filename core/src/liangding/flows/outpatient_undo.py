"""门诊退费: a bill or a visit taken back level by level, and a partial refund.

Undone from the end: the settlement (2208), the fee rows (2205), the registration (2202); each level takes the ones
above it with it. A partial refund is a settlement and its rows taken back, the rows that stay uploaded again, and
settled again; with nothing to return it is the same bill settled once more.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from ..identity import Cover, Credential, Insured
from ..journal import State
from ..receipts.money import Settled, Split, settled
from ..receipts.slips import slip
from ..workflow.declaring import step
from ..workflow.questions import NO, YES, Question
from ..workflow.rows import Flow
from ..workflow.standing import FlowStopped, NotConfirmed
from ..workflow.work import Work
from . import batching, following, outpatient, settling
from .batching import Upload
from .following import earlier_id
from .outpatient import Outpatient, OutpatientGiven, shown_visit
from .recorded import SETTLES, recorded, standing_settlements
from .visits import EVERYTHING, FeeItem, Visit, fees_on_platform, unsettled

PARTIAL = "outpatient_partial_refund"

BILLS = (Outpatient.name, PARTIAL)
"""The flows that leave a bill behind."""


class Level(StrEnum):
    """How far an outpatient undo goes."""

    SETTLEMENT = "settlement"
    FEES = "fees"
    REGISTRATION = "registration"


DEEPER = "已撤销过的不用再撤；要退明细或挂号，level 给 fees 或 registration"


# -- finding the bill --------------------------------------------------------------------------------------------------


def _bill_id(work: Work[Any]) -> str | None:
    given = work.state.given
    return earlier_id(work, BILLS, given.bill, given.bill_key)


@step("核对人员", "1101")
def check_person(work: Work[Any]) -> None:
    """The credential again: it has to be the patient's."""
    following.check_person(work, work.state.visit.psn_no)
    work.state.visit = attrs.evolve(work.state.visit, psn_no=work.state.person.psn_no)


@step("查平台上的就诊", "5204", "5203", takes=("2201.output.data.mdtrt_id",))
def look(work: Work[Any]) -> None:
    """See what stands, on the platform and by our own record: that is what can be taken back."""
    state = work.state
    rows = fees_on_platform(work, state.visit)
    standing = standing_settlements(work, state.visit, rows)
    state.targets = state.choose(standing, rows)
    state.has_rows = state.has_fees(rows, recorded(work, state.visit).uploaded)


@step("确认撤销", when="请收款员确认")
def confirm_undo(work: Work[Any]) -> None:
    """Ask once more, with what is going to be taken back."""
    question = Question(
        id="confirm_undo", text=work.state.asks(), options=(YES, NO), whom="收款员", facts=work.state.facts()
    )
    if work.ask(question) == NO.value:
        work.forget("confirm_undo")
        raise NotConfirmed("没有确认，未撤销")


@step(
    "门诊结算撤销",
    "2208",
    takes=("2207.output.setlinfo.setl_id", "2207.output.setlinfo.mdtrt_id", "2207.output.setlinfo.psn_no"),
    skip=lambda state: not state.targets,
    when="有未撤销的结算",
    repeats="每个 setl_id",
    charges=True,
)
def cancel_settlements(work: Work[Any]) -> None:
    """Take back each settlement by itself."""
    state, visit = work.state, work.state.visit
    done = {each.taken_back for each in state.undone}
    for setl_id in state.targets:
        if setl_id not in done:
            data = {"setl_id": setl_id, "mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no}
            answer = work.call("2208", {"data": data}, part=setl_id, insured_place=visit.insured_place)
            state.undone.append(Undone(taken_back=setl_id, by=settled(answer)))


@step("结束原单", when="原单是本机办的")
def close_bill(work: Work[Any]) -> None:
    """Nothing of the bill goes on from now on."""
    flow_id = _bill_id(work)
    if flow_id is not None:
        work.flows.take_over(flow_id)


@step(
    "费用明细撤销",
    "2205",
    takes=("2201.output.data.mdtrt_id", "2204.input.feedetail.chrg_bchno"),
    skip=lambda state: not state.takes_fees(),
    when="退到明细或挂号，且平台上有明细",
)
def cancel_fees(work: Work[Any]) -> None:
    """Take back the bill's rows, or with the registration all that are not settled."""
    state, visit = work.state, work.state.visit
    data = {"mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "chrg_bchno": state.batch()}
    work.call("2205", {"data": data}, part=state.batch(), insured_place=visit.insured_place)
    state.fees_cancelled = True


@step("核对人员", "1101")
def check_same_credential(work: Work[PartialState]) -> None:
    """The patient again, with the kind of credential that the visit was registered with: it is settled again."""
    check_person.run(work)
    assert work.state.visit is not None
    following.check_credential(work, work.state.visit)


@attrs.frozen(kw_only=True)
class Undone:
    """A settlement that was taken back, and the cancellation that did it."""

    taken_back: str
    by: Settled


# -- the undo ----------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class UndoGiven:
    """What is taken back, and how far. The bill is named by its flow (``bill``) or by the key that it was started with
    (``bill_key``); one that was not made here by the platform's numbers."""

    credential: Credential
    level: Level
    bill: str | None = None
    bill_key: str | None = None
    mdtrt_id: str | None = None
    setl_id: str | None = None
    chrg_bchno: str | None = None
    ipt_otp_no: str | None = None
    insured_place: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.bill or self.bill_key:
            return
        needed = {
            Level.SETTLEMENT: ("setl_id",),
            Level.FEES: ("chrg_bchno",),
            Level.REGISTRATION: ("ipt_otp_no",),
        }[self.level]
        wanting = [name for name in ("mdtrt_id", "insured_place", *needed) if not getattr(self, name)]
        if wanting:
            raise ValueError(f"给出 bill 或 bill_key，否则还要 {'、'.join(wanting)}")


@attrs.define(kw_only=True)
class UndoState:
    """How far an undo has got. ``serials`` are the bill's rows, ``uploaded`` those of them that the platform took in
    its name, ``targets`` the settlements to take back."""

    given: UndoGiven
    person: Insured | None = None
    visit: Visit | None = None
    setl_id: str = ""
    chrg_bchno: str = ""
    serials: list[str] = attrs.field(factory=list)
    uploaded: list[str] = attrs.field(factory=list)
    targets: list[str] = attrs.field(factory=list)
    has_rows: bool = False
    undone: list[Undone] = attrs.field(factory=list)
    fees_cancelled: bool = False
    registration_cancelled: bool = False
    slip: str = ""

    def choose(self, standing: list[str], rows: list[Any]) -> list[str]:
        """Of the settlements that stand: the bill's, or with the registration all of them."""
        if self.given.level is Level.REGISTRATION:
            return standing
        ours = {row.setl_id for row in rows if row.feedetl_sn in self.uploaded} | {self.setl_id}
        chosen = [setl_id for setl_id in standing if setl_id in ours]
        if not chosen and self.given.level is Level.SETTLEMENT:
            raise FlowStopped("平台上没有可撤销的结算", remedy=DEEPER)
        return chosen

    def asks(self) -> str:
        what = [f"撤销结算 {'、'.join(self.targets)}"] if self.targets else []
        what += [f"撤销收费批次 {self.chrg_bchno} 的明细"] if self.given.level is Level.FEES else []
        what += ["撤销全部明细与挂号"] if self.given.level is Level.REGISTRATION else []
        return f"{'，'.join(what)}，是否继续？"

    def facts(self) -> tuple[tuple[str, str], ...]:
        assert self.visit is not None
        return (("就诊号", self.visit.ipt_otp_no), ("就诊ID", self.visit.mdtrt_id))

    def has_fees(self, rows: list[Any], recorded: bool) -> bool:
        """Whether there are rows to take back: the bill's, or with the registration any. ``recorded``: by our own
        record there are some of the visit."""
        if self.given.level is Level.FEES and self.serials:
            there = any(row.feedetl_sn in self.serials for row in unsettled(rows))
            return bool(self.targets) or there or (recorded and bool(self.uploaded))
        return bool(rows) or recorded

    def takes_fees(self) -> bool:
        return self.given.level is not Level.SETTLEMENT and self.has_rows

    def batch(self) -> str:
        return self.chrg_bchno if self.given.level is Level.FEES else EVERYTHING

    @property
    def cancelled(self) -> list[Settled]:
        return [each.by for each in self.undone]


@step("找到原单")
def find_bill(work: Work[UndoState]) -> None:
    """Know what is taken back: from our own record of the bill, else from what the caller says."""
    state, given = work.state, work.state.given
    bill = following.earlier(work, BILLS, given.bill, given.bill_key)
    if bill is None:
        state.visit = Visit(
            mdtrt_id=given.mdtrt_id or "", psn_no="", insured_place=given.insured_place or "",
            ipt_otp_no=given.ipt_otp_no or "",
        )  # fmt: skip
        state.setl_id, state.chrg_bchno = given.setl_id or "", given.chrg_bchno or ""
        return
    if bill.visit is None:
        raise FlowStopped("这张单没有挂号，没有可撤销的", remedy="放弃那张单即可")
    state.visit, state.chrg_bchno = bill.visit, bill.bill.chrg_bchno
    state.setl_id = bill.settlement.setl_id if bill.settlement else _settled_meanwhile(work)
    state.serials, state.uploaded = [item.feedetl_sn for item in bill.rows], list(bill.upload.rows())


def _settled_meanwhile(work: Work[UndoState]) -> str:
    """The settlement that the bill's flow made and does not know of yet: its outcome was found out later."""
    made = (call for call in work.runtime.journal.of_flow(_bill_id(work) or "") if call.infno in SETTLES)
    return next((call.setl_id for call in made if call.state is State.ACCEPTED and call.setl_id), "")


@step(
    "门诊挂号撤销",
    "2202",
    takes=("2201.output.data.mdtrt_id", "2201.output.data.ipt_otp_no"),
    skip=lambda state: state.given.level is not Level.REGISTRATION,
    when="退到挂号",
)
def cancel_registration(work: Work[UndoState]) -> None:
    """Take back the registration."""
    state, visit = work.state, work.state.visit
    assert visit is not None
    data = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id, "ipt_otp_no": visit.ipt_otp_no}
    work.call("2202", {"data": data}, insured_place=visit.insured_place)
    state.registration_cancelled = True


@step("打印撤销单")
def print_undo_slip(work: Work[UndoState]) -> None:
    """Compose the slip."""
    work.state.slip = slip(OutpatientUndo.name, work)


class OutpatientUndo(Flow[UndoState]):
    """门诊撤销: a settlement, a bill's rows, or the whole visit taken back, from the end to the beginning."""

    name = "outpatient_undo"
    title = "门诊撤销"
    given = UndoGiven
    state = UndoState
    steps = (
        find_bill,
        check_person,
        look,
        confirm_undo,
        cancel_settlements,
        close_bill,
        cancel_fees,
        cancel_registration,
        print_undo_slip,
    )

    @staticmethod
    def result(state: UndoState) -> dict[str, Any]:
        return {
            "visit": shown_visit(state.visit),
            "cancelled": state.cancelled,
            "fees_cancelled": state.fees_cancelled,
            "registration_cancelled": state.registration_cancelled,
            "slip": state.slip,
        }


# -- the partial refund ------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Return:
    """What of a row comes back: ``count`` of it."""

    feedetl_sn: str
    count: Decimal

    def __attrs_post_init__(self) -> None:
        if self.count <= 0:
            raise ValueError("count 应大于 0")


@attrs.define(kw_only=True)
class PartialGiven:
    """What of a bill comes back. Without ``returns`` the same rows are settled once more, with ``use_account`` as it is
    given now."""

    credential: Credential
    bill: str | None = None
    bill_key: str | None = None
    returns: list[Return] = attrs.field(factory=list)
    use_account: bool | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.bill or self.bill_key):
            raise ValueError("给出 bill 或 bill_key")
        serials = [each.feedetl_sn for each in self.returns]
        if len(set(serials)) != len(serials):
            raise ValueError("returns 中 feedetl_sn 有重复")


@attrs.define(kw_only=True)
class PartialState:
    """How far a partial refund has got. ``bill`` is what the bill was given, ``rows`` are those that stay."""

    given: PartialGiven
    bill: OutpatientGiven | None = None
    rows: list[FeeItem] = attrs.field(factory=list)
    person: Insured | None = None
    cover: Cover | None = None
    use_account: bool | None = None
    visit: Visit | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    begun_at: datetime | None = None
    setl_id: str = ""
    before: Split | None = None
    targets: list[str] = attrs.field(factory=list)
    has_rows: bool = False
    undone: list[Undone] = attrs.field(factory=list)
    fees_cancelled: bool = False
    upload: Upload = attrs.field(factory=Upload)
    trial: Split | None = None
    settlement: Settled | None = None
    slip: str = ""

    def choose(self, standing: list[str], rows: list[Any]) -> list[str]:
        """The bill's settlement, which has to stand."""
        if self.setl_id not in standing:
            raise FlowStopped("平台上没有这张单未撤销的结算", remedy="看这次就诊在平台上的结算，再决定")
        return [self.setl_id]

    def asks(self) -> str:
        back = "、".join(f"{each.feedetl_sn} × {each.count}" for each in self.given.returns)
        return f"撤销结算 {self.setl_id}，{f'退 {back} 后' if back else ''}重新结算，是否继续？"

    def facts(self) -> tuple[tuple[str, str], ...]:
        return self.before.rows() if self.before else ()

    def has_fees(self, rows: list[Any], recorded: bool) -> bool:
        return bool(rows) or recorded

    def takes_fees(self) -> bool:
        return bool(self.given.returns)

    def batch(self) -> str:
        assert self.bill is not None
        return self.bill.chrg_bchno

    @property
    def cancelled(self) -> list[Settled]:
        return [each.by for each in self.undone]

    def settles_again(self) -> bool:
        return bool(self.rows)


@step("找到原单")
def find_settled_bill(work: Work[PartialState]) -> None:
    """Know the bill and what of it stays."""
    state, given = work.state, work.state.given
    bill = following.earlier(work, BILLS, given.bill, given.bill_key)
    if bill is None or bill.settlement is None or bill.visit is None:
        raise FlowStopped("这张单没有结算，不用退", remedy="没有结算的用 outpatient_undo 撤销明细")
    state.bill, state.visit, state.cover, state.begun_at = bill.bill, bill.visit, bill.cover, bill.begun_at
    state.dise_codg, state.dise_name = bill.dise_codg, bill.dise_name
    state.use_account = bill.use_account if given.use_account is None else given.use_account
    state.setl_id, state.before = bill.settlement.setl_id, bill.settlement.split
    state.rows = _kept(bill.rows, given.returns)


def _kept(rows: list[FeeItem], returns: list[Return]) -> list[FeeItem]:
    """The rows without what comes back. FlowStopped where more comes back than there is."""
    back = {each.feedetl_sn: each.count for each in returns}
    strange = back.keys() - {item.feedetl_sn for item in rows}
    if strange:
        raise FlowStopped(f"原单没有明细 {'、'.join(sorted(strange))}")
    too_much = [item.feedetl_sn for item in rows if back.get(item.feedetl_sn, 0) > item.count]
    if too_much:
        raise FlowStopped(f"退的数量超过原明细：{'、'.join(too_much)}")
    left = [attrs.evolve(item, count=item.count - back.get(item.feedetl_sn, Decimal(0))) for item in rows]
    return [item for item in left if item.count]


AGAIN = "有留用的明细"


def _not_again(state: PartialState) -> bool:
    return not state.settles_again()


upload_kept = attrs.evolve(
    outpatient.upload_fees, name="upload_kept", title="留用明细重传", when=AGAIN,
    skip=lambda state: not (state.takes_fees() and state.settles_again()),
)  # fmt: skip
pre_settle_again = attrs.evolve(outpatient.pre_settle, when=AGAIN, skip=_not_again)
confirm_again = attrs.evolve(settling.confirm, when=f"{AGAIN}：请参保人确认", skip=_not_again)
settle_again = attrs.evolve(outpatient.settle, when=AGAIN, skip=_not_again)


@step("打印结算单")
def print_partial_slip(work: Work[PartialState]) -> None:
    """Compose the slips: what was taken back, and what is settled now."""
    work.state.slip = slip(OutpatientPartialRefund.name, work)


class OutpatientPartialRefund(Flow[PartialState]):
    """门诊部分退费: the settlement and its rows taken back, what stays uploaded and settled again."""

    name = PARTIAL
    title = "门诊部分退费"
    given = PartialGiven
    state = PartialState
    undone_by = "outpatient_undo"
    steps = (
        find_settled_bill,
        check_same_credential,
        look,
        confirm_undo,
        cancel_settlements,
        close_bill,
        cancel_fees,
        upload_kept,
        pre_settle_again,
        confirm_again,
        settle_again,
        print_partial_slip,
    )

    @staticmethod
    def result(state: PartialState) -> dict[str, Any]:
        return {
            "visit": shown_visit(state.visit),
            "cancelled": state.cancelled,
            "fees": batching.shown(state.upload),
            "trial": state.trial,
            "settlement": state.settlement,
            "slip": state.slip,
        }
