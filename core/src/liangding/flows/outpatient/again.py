"""门诊重新结算: a bill whose settlement was taken back and whose rows still stand, settled once more.

2208, then 2206(A) and 2207(A) again: with the account or without it, after a registration that came late, or because
the person asked for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...receipts.money import SettledMoney, Split
from ...receipts.slips import slip
from ...workflow.standing import FlowStopped
from ...workflow.work import Work
from .. import following, insurance, settling
from ..batching import Upload
from ..recorded import OnPlatform
from ..visits import FeeItem, ShownVisit, Visit, shown_visit
from . import bill as outpatient
from .bill import OutpatientGiven
from .partial import check_same_credential
from .undo import AGAIN, BILLS, look


@attrs.define(kw_only=True)
class AgainGiven:
    """Which bill is settled again: by the flow that left it behind, or by the key that it was started with.
    ``use_account`` left out is as it was."""

    credential: Credential | None = None
    bill: str | None = None
    bill_key: str | None = None
    use_account: bool | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.bill or self.bill_key):
            raise ValueError("给出 bill 或 bill_key")


@attrs.define(kw_only=True)
class AgainState:
    """How far it has got. ``bill`` is what the bill was given, ``rows`` and ``upload`` what of it stands."""

    given: AgainGiven
    bill: OutpatientGiven | None = None
    rows: list[FeeItem] = attrs.field(factory=list)
    upload: Upload = attrs.field(factory=Upload)
    person: Insured | None = None
    cover: Cover | None = None
    use_account: bool | None = None
    visit: Visit | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    begun_at: datetime | None = None
    targets: list[str] = attrs.field(factory=list)
    has_rows: bool = False
    trial: Split | None = None
    settlement: SettledMoney | None = None
    slip: str = ""

    def choose(self, seen: OnPlatform, rows: list[Any]) -> tuple[list[str], list[str]]:
        """Nothing is taken back here. FlowStopped where the bill is settled still."""
        ours = {row.setl_id for row in rows if row.feedetl_sn in self._serials}
        if held := [setl_id for setl_id in seen.standing if setl_id in ours]:
            text = f"这张单的结算 {'、'.join(held)} 还没有撤销"
            raise FlowStopped(text, remedy="先用 outpatient_undo 撤销结算；要改数量用 outpatient_partial_refund")
        return [], []

    def has_fees(self, rows: list[Any], recorded: bool) -> bool:
        """All rows of the bill stand. FlowStopped where one does not."""
        missing = sorted(self._serials - {row.feedetl_sn for row in rows})
        if missing:
            text = f"平台上已没有这张单的明细 {'、'.join(missing[:3])}{' 等' if len(missing) > 3 else ''}"
            raise FlowStopped(text, remedy="明细也撤销了的，以同一就诊（visit）另开一单")
        return True

    @property
    def _serials(self) -> set[str]:
        return {item.feedetl_sn for item in self.rows}


@step("找到原单")
def find_undone_bill(work: Work[AgainState]) -> None:
    """Know the bill and its rows; NotKnownYet where nobody knows whether it is settled."""
    state, given = work.state, work.state.given
    flow_id = following.earlier_id(work, BILLS, given.bill, given.bill_key)
    if flow_id is None or following.settlement_of(work, flow_id) is None:
        raise FlowStopped("这张单没有结算过", remedy="让原单继续即可")
    bill = work.flows.state_of(flow_id)
    state.bill, state.visit, state.cover, state.begun_at = bill.bill, bill.visit, bill.cover, bill.begun_at
    state.dise_codg, state.dise_name = bill.dise_codg, bill.dise_name
    state.rows, state.upload = list(bill.rows), bill.upload
    state.use_account = bill.use_account if given.use_account is None else given.use_account


@step("打印结算单")
def print_again_slip(work: Work[AgainState]) -> None:
    """Compose the slip."""
    work.state.slip = slip(OutpatientSettleAgain.name, work)


class AgainResult(TypedDict):
    """A bill settled once more."""

    visit: ShownVisit | None
    trial: Split | None
    settlement: SettledMoney | None
    slip: str


class OutpatientSettleAgain(Flow[AgainState]):
    """门诊重新结算: the rows of a bill whose settlement was taken back, settled once more."""

    name = AGAIN
    title = "门诊重新结算"
    given = AgainGiven
    state = AgainState
    undone_by = "outpatient_undo"
    steps = (
        find_undone_bill,
        insurance.show_credential,
        check_same_credential,
        look,
        outpatient.pre_settle,
        settling.confirm,
        outpatient.settle,
        print_again_slip,
    )

    @classmethod
    def left_behind(cls, state: AgainState, *, touched: bool) -> str:
        """A bill whose settlement was taken back."""
        return outpatient.still_open(state)

    @staticmethod
    def result(state: AgainState) -> AgainResult:
        return {
            "visit": shown_visit(state.visit),
            "trial": state.trial,
            "settlement": state.settlement,
            "slip": state.slip,
        }
