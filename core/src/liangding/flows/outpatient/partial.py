"""门诊部分退费: a settlement and its rows taken back, the rows that stay uploaded again, and settled again.

With nothing to return it is the same bill settled once more.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...receipts.money import SettledMoney, Split
from ...receipts.slips import slip
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import batching, following, insurance, settling
from ..batching import Upload
from ..recorded import OnPlatform
from ..undoing import Undone, confirm_undo
from ..visits import FeeItem, ShownVisit, Visit, shown_visit
from . import bill as outpatient
from .bill import OutpatientGiven
from .undo import BILLS, PARTIAL, cancel_fees, cancel_settlements, check_person, close_bill, look


@step("核对人员", "1101")
def check_same_credential(work: Work[PartialState]) -> None:
    """The patient again, with the kind of credential that the visit was registered with: it is settled again."""
    check_person.run(work)
    assert work.state.visit is not None
    following.check_credential(work, work.state.visit)


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

    credential: Credential | None = None
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
    settlement: SettledMoney | None = None
    slip: str = ""

    def choose(self, seen: OnPlatform, rows: list[Any]) -> tuple[list[str], list[str]]:
        """The bill's settlement, which has to stand."""
        if self.setl_id in seen.elsewhere:
            text = f"结算 {self.setl_id} 已在别处撤销，没有可退的"
            raise FlowStopped(text, remedy="用 outpatient_undo 结束原单；留用的要收费的，按新的一单结算")
        if self.setl_id not in seen.standing:
            raise FlowStopped("平台上没有这张单未撤销的结算", remedy="看这次就诊在平台上的结算，再决定")
        return [self.setl_id], []

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
    def cancelled(self) -> list[SettledMoney]:
        return [each.by for each in self.undone]

    def settles_again(self) -> bool:
        return bool(self.rows)


@step("找到原单")
def find_settled_bill(work: Work[PartialState]) -> None:
    """Know the bill and what of it stays."""
    state, given = work.state, work.state.given
    flow_id = following.earlier_id(work, BILLS, given.bill, given.bill_key)
    settlement = None if flow_id is None else following.settlement_of(work, flow_id, to_take_back=True)
    if flow_id is None or settlement is None:
        raise FlowStopped("这张单没有结算，不用退", remedy="没有结算的用 outpatient_undo 撤销明细")
    bill = work.flows.state_of(flow_id)
    state.bill, state.visit, state.cover, state.begun_at = bill.bill, bill.visit, bill.cover, bill.begun_at
    state.dise_codg, state.dise_name = bill.dise_codg, bill.dise_name
    state.use_account = bill.use_account if given.use_account is None else given.use_account
    state.setl_id, state.before = settlement.setl_id, settlement.split
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


KEPT = "有留用的明细"


def _not_again(state: PartialState) -> bool:
    return not state.settles_again()


upload_kept = attrs.evolve(
    outpatient.upload_fees, name="upload_kept", title="留用明细重传", when=KEPT,
    skip=lambda state: not (state.takes_fees() and state.settles_again()),
)  # fmt: skip
pre_settle_again = attrs.evolve(outpatient.pre_settle, when=KEPT, skip=_not_again)
confirm_again = attrs.evolve(settling.confirm, when=f"{KEPT}：请参保人确认", skip=_not_again)
settle_again = attrs.evolve(outpatient.settle, when=KEPT, skip=_not_again)


@step("打印结算单")
def print_partial_slip(work: Work[PartialState]) -> None:
    """Compose the slips: what was taken back, and what is settled now."""
    work.state.slip = slip(OutpatientPartialRefund.name, work)


class PartialResult(TypedDict):
    """A partial refund: what was taken back, and the settlement of what remains."""

    visit: ShownVisit | None
    cancelled: list[SettledMoney]
    fees: batching.ShownFees
    trial: Split | None
    settlement: SettledMoney | None
    slip: str


class OutpatientPartialRefund(Flow[PartialState]):
    """门诊部分退费: the settlement and its rows taken back, what stays uploaded and settled again."""

    name = PARTIAL
    title = "门诊部分退费"
    given = PartialGiven
    state = PartialState
    undone_by = "outpatient_undo"
    steps = (
        find_settled_bill,
        insurance.show_credential,
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

    @classmethod
    def left_behind(cls, state: PartialState, *, touched: bool) -> str:
        """A bill whose settlement was taken back, and what stays of it not settled again."""
        if not state.undone or not state.settles_again() or state.settlement is not None:
            return ""
        return f"原结算已经撤销；内容不改的以同一业务号继续；{outpatient.still_open(state)}"

    @staticmethod
    def result(state: PartialState) -> PartialResult:
        return {
            "visit": shown_visit(state.visit),
            "cancelled": state.cancelled,
            "fees": batching.shown(state.upload),
            "trial": state.trial,
            "settlement": state.settlement,
            "slip": state.slip,
        }
