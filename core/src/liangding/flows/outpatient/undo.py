"""门诊撤销: a bill or a visit taken back level by level.

Undone from the end: the settlement (2208), the fee rows (2205), the registration (2202); each level takes the ones
above it with it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.steps import Flow, step
from ...identity import Insured
from ...national.meaning import EVERYTHING
from ...receipts.money import SettledMoney
from ...receipts.slips import slip
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import following, insurance
from ..following import earlier_id
from ..recorded import OnPlatform, recorded, refuse_unknown, settlements_on_platform
from ..undoing import Undone, cancel, confirm_undo, elsewhere, gone, told_elsewhere
from ..visits import ShownVisit, Visit, fees_on_platform, shown_visit, unsettled
from .bill import REGISTERED, Outpatient, visit_of

PARTIAL, AGAIN = "outpatient_partial_refund", "outpatient_settle_again"

BILLS = (Outpatient.name, PARTIAL, AGAIN)
"""The flows that leave a bill behind."""

UNDOABLE = (*BILLS, REGISTERED)
"""The flows that leave something behind that an undo takes back."""


class VisitUndoLevel(StrEnum):
    """How far an outpatient undo goes."""

    SETTLEMENT = "settlement"
    FEES = "fees"
    REGISTRATION = "registration"


DEEPER = "已撤销过的不用再撤；要退明细或挂号，level 给 fees 或 registration"


# -- finding the bill --------------------------------------------------------------------------------------------------


def _bill_id(work: Work[Any]) -> str | None:
    given = work.state.given
    return earlier_id(work, UNDOABLE, given.bill, given.bill_key)


@step("核对人员", "1101")
def check_person(work: Work[Any]) -> None:
    """The credential again: it has to be the patient's."""
    following.check_person(work, work.state.visit.psn_no)
    work.state.visit = attrs.evolve(work.state.visit, psn_no=work.state.person.psn_no)


@step("查平台上的就诊", "5204", "5203", takes=("2201.output.data.mdtrt_id",))
def look(work: Work[Any]) -> None:
    """See what stands, on the platform and by our own record: that is what can be taken back."""
    state = work.state
    refuse_unknown(work, state.visit)
    rows = fees_on_platform(work, state.visit)
    seen = settlements_on_platform(work, state.visit, rows)
    state.targets, lost = state.choose(seen, rows)
    if lost:
        known = {each.taken_back for each in state.undone}
        state.undone += [Undone(taken_back=x, by=elsewhere(work, state.visit, x)) for x in lost if x not in known]
    state.has_rows = state.has_fees(rows, recorded(work, state.visit).uploaded)


@step(
    "门诊结算撤销",
    "2208",
    "5203",
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
            state.undone.append(Undone(taken_back=setl_id, by=cancel(work, "2208", visit, setl_id, part=setl_id)))


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


@attrs.define(kw_only=True)
class VisitUndoGiven:
    """What is taken back, and how far. The bill is named by its flow (``bill``) or by the key that it was started with
    (``bill_key``); one that was not made here by the platform's numbers."""

    credential: Credential | None = None
    level: VisitUndoLevel
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
            VisitUndoLevel.SETTLEMENT: ("setl_id",),
            VisitUndoLevel.FEES: ("chrg_bchno",),
            VisitUndoLevel.REGISTRATION: ("ipt_otp_no",),
        }[self.level]
        wanting = [name for name in ("mdtrt_id", "insured_place", *needed) if not getattr(self, name)]
        if wanting:
            raise ValueError(f"给出 bill 或 bill_key，否则还要 {'、'.join(wanting)}")


@attrs.define(kw_only=True)
class VisitUndoState:
    """How far an undo has got. ``serials`` are the bill's rows, ``uploaded`` those of them that the platform took in
    its name, ``targets`` the settlements to take back."""

    given: VisitUndoGiven
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

    def choose(self, seen: OnPlatform, rows: list[Any]) -> tuple[list[str], list[str]]:
        """The bill's settlements, or with the registration all of them: those that stand, and those that were taken
        back elsewhere."""
        if self.given.level is VisitUndoLevel.REGISTRATION:
            return seen.standing, seen.elsewhere
        ours = {row.setl_id for row in rows if row.feedetl_sn in self.uploaded} | {self.setl_id}
        standing, gone = ([setl_id for setl_id in each if setl_id in ours] for each in (seen.standing, seen.elsewhere))
        if not (standing or gone) and self.given.level is VisitUndoLevel.SETTLEMENT:
            raise FlowStopped("平台上没有可撤销的结算", remedy=DEEPER)
        return standing, gone

    def asks(self) -> str:
        what = told_elsewhere(self.undone)
        what += [f"撤销结算 {'、'.join(self.targets)}"] if self.targets else []
        what += [f"撤销收费批次 {self.chrg_bchno} 的明细"] if self.given.level is VisitUndoLevel.FEES else []
        what += ["撤销全部明细与挂号"] if self.given.level is VisitUndoLevel.REGISTRATION else []
        return f"{'，'.join(what)}，是否继续？"

    def facts(self) -> tuple[tuple[str, str], ...]:
        assert self.visit is not None
        return (("就诊号", self.visit.ipt_otp_no), ("就诊ID", self.visit.mdtrt_id))

    def has_fees(self, rows: list[Any], recorded: bool) -> bool:
        """Whether there are rows to take back: the bill's, or with the registration any. ``recorded``: by our own
        record there are some of the visit."""
        if self.given.level is VisitUndoLevel.FEES and self.serials:
            there = any(row.feedetl_sn in self.serials for row in unsettled(rows))
            return bool(self.targets) or there or (recorded and bool(self.uploaded))
        return bool(rows) or recorded

    def takes_fees(self) -> bool:
        return self.given.level is not VisitUndoLevel.SETTLEMENT and self.has_rows

    def batch(self) -> str:
        return self.chrg_bchno if self.given.level is VisitUndoLevel.FEES else EVERYTHING

    @property
    def cancelled(self) -> list[SettledMoney]:
        return [each.by for each in self.undone]


@step("找到原单")
def find_bill(work: Work[VisitUndoState]) -> None:
    """Know what is taken back: from our own record of the bill, else from what the caller says."""
    state, given = work.state, work.state.given
    flow_id = _bill_id(work)
    if flow_id is None:
        state.visit = Visit(
            mdtrt_id=given.mdtrt_id or "", psn_no="", insured_place=given.insured_place or "",
            ipt_otp_no=given.ipt_otp_no or "",
        )  # fmt: skip
        state.setl_id, state.chrg_bchno = given.setl_id or "", given.chrg_bchno or ""
        return
    state.visit, bill = visit_of(work, flow_id), work.flows.state_of(flow_id)
    if state.visit is None:
        raise FlowStopped("这张单没有挂号，没有可撤销的", remedy="放弃那张单即可")
    state.chrg_bchno, settlement = bill.bill.chrg_bchno, following.settlement_of(work, flow_id, to_take_back=True)
    if not state.chrg_bchno and given.level is not VisitUndoLevel.REGISTRATION:
        raise FlowStopped("这次只挂了号，没有收费", remedy="退号：level 给 registration")
    state.setl_id = settlement.setl_id if settlement else ""
    state.serials, state.uploaded = [item.feedetl_sn for item in bill.rows], list(bill.upload.rows())


@step(
    "门诊挂号撤销",
    "2202",
    takes=("2201.output.data.mdtrt_id", "2201.output.data.ipt_otp_no"),
    skip=lambda state: state.given.level is not VisitUndoLevel.REGISTRATION,
    when="退到挂号",
)
def cancel_registration(work: Work[VisitUndoState]) -> None:
    """Take back the registration."""
    state, visit = work.state, work.state.visit
    assert visit is not None
    data = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id, "ipt_otp_no": visit.ipt_otp_no}
    work.call("2202", {"data": data}, insured_place=visit.insured_place)
    state.registration_cancelled = True


@step("打印撤销单")
def print_undo_slip(work: Work[VisitUndoState]) -> None:
    """Compose the slip."""
    work.state.slip = slip(OutpatientUndo.name, work, elsewhere=gone(work.state.undone))


class VisitUndoResult(TypedDict):
    """How far a visit was taken back."""

    visit: ShownVisit | None
    cancelled: list[SettledMoney]
    fees_cancelled: bool
    registration_cancelled: bool
    slip: str


class OutpatientUndo(Flow[VisitUndoState]):
    """门诊撤销: a settlement, a bill's rows, or the whole visit taken back, from the end to the beginning."""

    name = "outpatient_undo"
    title = "门诊撤销"
    given = VisitUndoGiven
    state = VisitUndoState
    steps = (
        find_bill,
        insurance.show_credential,
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
    def result(state: VisitUndoState) -> VisitUndoResult:
        return {
            "visit": shown_visit(state.visit),
            "cancelled": state.cancelled,
            "fees_cancelled": state.fees_cancelled,
            "registration_cancelled": state.registration_cancelled,
            "slip": state.slip,
        }
