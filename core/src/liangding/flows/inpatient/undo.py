"""住院撤销: a stay taken back level by level: settlement (2305), discharge (2405), fee rows (2302), admission (2404).

The order is fixed, and the flow may stop at any level; each takes what comes after it with it. What stands is asked of
the platform, so a level that is taken back already is passed over.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...national.meaning import EVERYTHING
from ...receipts.money import SettledMoney
from ...receipts.slips import slip
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import following, insurance
from ..following import earlier_id
from ..recorded import OnPlatform, recorded, refuse_unknown, settlements_on_platform
from ..undoing import Undone, cancel, confirm_undo, elsewhere, gone, told_elsewhere
from ..visits import ShownVisit, Visit, fees_on_platform, shown_visit
from .discharge import Discharge
from .stay import StayGiven, find_stay, in_hospital


class StayUndoLevel(StrEnum):
    """How far an inpatient undo goes."""

    SETTLEMENT = "settlement"
    DISCHARGE = "discharge"
    FEES = "fees"
    ADMISSION = "admission"

    def reaches(self, other: StayUndoLevel) -> bool:
        """Whether going so far takes that level back, too."""
        return list(StayUndoLevel).index(self) >= list(StayUndoLevel).index(other)


@attrs.define(kw_only=True)
class StayUndoGiven:
    """What of a stay is taken back, and how far. ``settled_by`` or ``settled_by_key`` is the discharge whose
    settlement it is; without them, and to get at rows and admission, all settlements of the stay that stand are taken
    back. ``feedetl_sns``: these rows alone (level ``fees``); without them all of the stay."""

    credential: Credential | None = None
    level: StayUndoLevel
    stay: StayGiven
    settled_by: str | None = None
    settled_by_key: str | None = None
    feedetl_sns: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if self.feedetl_sns and self.level is not StayUndoLevel.FEES:
            raise ValueError("feedetl_sns 只用于 level = fees")


@attrs.define(kw_only=True)
class StayUndoState:
    """How far an undo has got."""

    given: StayUndoGiven
    visit: Visit | None = None
    person: Insured | None = None
    cover: Cover | None = None
    targets: list[str] = attrs.field(factory=list)
    serials: list[str] = attrs.field(factory=list)
    is_out: bool = False
    undone: list[Undone] = attrs.field(factory=list)
    discharge_cancelled: bool = False
    fees_cancelled: bool = False
    admission_cancelled: bool = False
    slip: str = ""

    def asks(self) -> str:
        what = told_elsewhere(self.undone)
        what += [f"撤销结算 {'、'.join(self.targets)}"] if self.targets else []
        what += ["撤销出院"] if self.takes_discharge() else []
        rows = "全部" if EVERYTHING in self.serials else f" {len(self.serials)} 行"
        what += [f"撤销{rows}明细"] if self.takes_fees() else []
        what += ["撤销入院"] if self.given.level is StayUndoLevel.ADMISSION else []
        return f"{'，'.join(what)}，是否继续？"

    def facts(self) -> tuple[tuple[str, str], ...]:
        assert self.visit is not None
        return (("住院号", self.visit.ipt_otp_no), ("就诊ID", self.visit.mdtrt_id))

    def takes_discharge(self) -> bool:
        return self.is_out and self.given.level.reaches(StayUndoLevel.DISCHARGE)

    def takes_fees(self) -> bool:
        return bool(self.serials) and self.given.level.reaches(StayUndoLevel.FEES)

    @property
    def cancelled(self) -> list[SettledMoney]:
        return [each.by for each in self.undone]


@step("核对人员", "1101")
def check_person(work: Work[StayUndoState]) -> None:
    """The credential again: it has to be the patient's."""
    assert work.state.visit is not None
    following.check_person(work, work.state.visit.psn_no)


@step("查平台上的住院", "5204", "5203", "5303", takes=("2401.output.result.mdtrt_id",))
def look(work: Work[StayUndoState]) -> None:
    """See what stands, on the platform and by our own record: that is what can be taken back."""
    state, given, visit = work.state, work.state.given, work.state.visit
    assert visit is not None
    refuse_unknown(work, visit)
    rows = fees_on_platform(work, visit)
    seen = _of_one(work, settlements_on_platform(work, visit, rows))
    state.targets = seen.standing
    ours = recorded(work, visit)
    stays = [stay.mdtrt_id for stay in in_hospital(work, visit.psn_no, visit.insured_place)]
    state.is_out = visit.mdtrt_id not in stays if ours.discharged is None else ours.discharged
    held = [row.feedetl_sn for row in rows]
    strange = [serial for serial in given.feedetl_sns if serial not in held]
    if strange:
        raise FlowStopped(f"平台上没有明细 {'、'.join(strange)}")
    state.serials = given.feedetl_sns or held or ([EVERYTHING] if ours.uploaded else [])
    if given.feedetl_sns:
        named = [row for row in rows if row.feedetl_sn in given.feedetl_sns]
        state.targets = [setl_id for setl_id in seen.standing if setl_id in {row.setl_id for row in named}]
    known = {each.taken_back for each in state.undone}
    state.undone += [Undone(taken_back=x, by=elsewhere(work, visit, x)) for x in seen.elsewhere if x not in known]
    if given.level is StayUndoLevel.SETTLEMENT and not (state.targets or state.undone):
        remedy = "要退到出院、明细或入院，level 给 discharge、fees 或 admission"
        raise FlowStopped("平台上没有可撤销的结算", remedy=remedy)
    if given.level is StayUndoLevel.DISCHARGE and not (state.targets or state.is_out):
        raise FlowStopped("参保人还在院，没有可撤销的出院")


def _of_one(work: Work[StayUndoState], seen: OnPlatform) -> OnPlatform:
    """Of the settlements of the stay: that of the discharge that was named, where one was, and no other; to get at rows
    and admission all have to go."""
    given = work.state.given
    flow_id = earlier_id(work, (Discharge.name,), given.settled_by, given.settled_by_key)
    if flow_id is None or given.level.reaches(StayUndoLevel.FEES):
        return seen
    settlement = following.settlement_of(work, flow_id, to_take_back=True)
    return seen.of(settlement.setl_id if settlement else None)


@step(
    "住院结算撤销",
    "2305",
    "5203",
    takes=("2304.output.setlinfo.setl_id", "2304.output.setlinfo.mdtrt_id", "2304.output.setlinfo.psn_no"),
    skip=lambda state: not state.targets,
    when="有未撤销的结算",
    repeats="每个 setl_id",
    charges=True,
)
def cancel_settlements(work: Work[StayUndoState]) -> None:
    """Take back each settlement by itself, the latest first."""
    state, visit = work.state, work.state.visit
    assert visit is not None
    done = {each.taken_back for each in state.undone}
    for setl_id in reversed(state.targets):
        if setl_id not in done:
            state.undone.append(Undone(taken_back=setl_id, by=cancel(work, "2305", visit, setl_id, part=setl_id)))


@step("结束原出院结算", when="给出了 settled_by")
def close_discharge(work: Work[StayUndoState]) -> None:
    """Nothing of the discharge goes on from now on."""
    given = work.state.given
    flow_id = earlier_id(work, (Discharge.name,), given.settled_by, given.settled_by_key)
    if flow_id is not None:
        work.flows.take_over(flow_id)


@step(
    "出院撤销",
    "2405",
    takes=("2401.output.result.mdtrt_id",),
    skip=lambda state: not state.takes_discharge(),
    when="已办出院，且退到出院或更前",
)
def cancel_discharge(work: Work[StayUndoState]) -> None:
    """Take back the discharge."""
    work.call("2405", {"data": _named(work.state)}, insured_place=_place(work.state))
    work.state.discharge_cancelled = True


@step(
    "费用明细撤销",
    "2302",
    takes=("2301.input.feedetail.feedetl_sn", "2401.output.result.mdtrt_id"),
    skip=lambda state: not state.takes_fees(),
    when="退到明细或更前，且平台上有明细",
)
def cancel_fees(work: Work[StayUndoState]) -> None:
    """Take back the rows that were named, or all."""
    state = work.state
    serials = state.given.feedetl_sns or [EVERYTHING]
    rows = [{"feedetl_sn": serial, **_named(state)} for serial in serials]
    work.call("2302", {"data": rows}, insured_place=_place(state))
    state.fees_cancelled = True


@step(
    "入院撤销",
    "2404",
    takes=("2401.output.result.mdtrt_id",),
    skip=lambda state: state.given.level is not StayUndoLevel.ADMISSION,
    when="退到入院",
)
def cancel_admission(work: Work[StayUndoState]) -> None:
    """Take back the admission."""
    work.call("2404", {"data": _named(work.state)}, insured_place=_place(work.state))
    work.state.admission_cancelled = True


def _named(state: StayUndoState) -> dict[str, str]:
    assert state.visit is not None
    return {"mdtrt_id": state.visit.mdtrt_id, "psn_no": state.visit.psn_no}


def _place(state: StayUndoState) -> str:
    assert state.visit is not None
    return state.visit.insured_place


@step("打印撤销单")
def print_undo_slip(work: Work[StayUndoState]) -> None:
    """Compose the slip."""
    work.state.slip = slip(InpatientUndo.name, work, elsewhere=gone(work.state.undone))


class StayUndoResult(TypedDict):
    """How far a stay was taken back."""

    visit: ShownVisit | None
    cancelled: list[SettledMoney]
    discharge_cancelled: bool
    fees_cancelled: bool
    admission_cancelled: bool
    slip: str


class InpatientUndo(Flow[StayUndoState]):
    """住院撤销: settlement, discharge, fee rows or admission taken back, from the end to the beginning."""

    name = "inpatient_undo"
    title = "住院撤销"
    given = StayUndoGiven
    state = StayUndoState
    steps = (
        find_stay,
        insurance.show_credential,
        check_person,
        look,
        confirm_undo,
        cancel_settlements,
        close_discharge,
        cancel_discharge,
        cancel_fees,
        cancel_admission,
        print_undo_slip,
    )

    @staticmethod
    def result(state: StayUndoState) -> StayUndoResult:
        return {
            "visit": shown_visit(state.visit),
            "cancelled": state.cancelled,
            "discharge_cancelled": state.discharge_cancelled,
            "fees_cancelled": state.fees_cancelled,
            "admission_cancelled": state.admission_cancelled,
            "slip": state.slip,
        }
