"""药店退药: a purchase taken back.

The credential again, 2103, sale return 3506(A), slip. The whole settlement is taken back; a partial return is a refund
and a new purchase of what is kept.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ...contract.credentials import Credential
from ...contract.questions import CASHIER, NO, YES, Question
from ...contract.steps import Flow, step
from ...identity import Insured
from ...receipts.money import SettledMoney
from ...receipts.slips import slip
from ...workflow.standing import FlowStopped, NotConfirmed
from ...workflow.work import Work
from .. import following, insurance, undoing
from ..visits import Visit
from .goods import SoldRow, Staff, give_back, goods_of, seller_of, sold_by
from .purchase import PharmacyPurchase, PurchaseState, goods_rows, place_of, upload_sales


@attrs.define(kw_only=True)
class RefundGiven:
    """A refund: the purchase it takes back, by its flow's number or by the key that it was started with, or the
    settlement itself; and the credential, which has to be read again."""

    credential: Credential | None = None
    purchase: str | None = None
    purchase_key: str | None = None
    setl_id: str | None = None
    mdtrt_id: str | None = None
    insured_place: str | None = None

    def __attrs_post_init__(self) -> None:
        by_settlement = self.setl_id and self.mdtrt_id and self.insured_place
        if not (self.purchase or self.purchase_key or by_settlement):
            raise ValueError("给出 purchase 或 purchase_key，或者 setl_id、mdtrt_id 与 insured_place 三项")


@attrs.define(kw_only=True)
class RefundState:
    """How far a refund has got. ``rows`` are the goods to return, where they are known."""

    given: RefundGiven
    person: Insured | None = None
    setl_id: str = ""
    mdtrt_id: str = ""
    insured_place: str = ""
    psn_no: str = attrs.field(default="", repr=False)
    receipt_no: str = ""
    total: Decimal = Decimal(0)
    rows: list[SoldRow] = attrs.field(factory=list)
    staff: Staff | None = None
    begun_at: datetime | None = None
    cancelled: SettledMoney | None = None
    returned: list[str] = attrs.field(factory=list)
    slip: str = ""


@step("找到原购药")
def find_purchase(work: Work[RefundState]) -> None:
    """Know what is taken back: from our own record of the purchase, else from what the caller says."""
    state, given = work.state, work.state.given
    flow_id = _purchase_id(work)
    if flow_id is None:
        state.setl_id, state.mdtrt_id = given.setl_id or "", given.mdtrt_id or ""
        state.insured_place = given.insured_place or ""
        return
    settlement, purchase = following.settlement_of(work, flow_id, to_take_back=True), work.flows.state_of(flow_id)
    if settlement is None:
        raise FlowStopped("这笔购药没有结算，不用退", remedy="放弃那笔业务即可")
    state.setl_id, state.mdtrt_id = settlement.setl_id, settlement.mdtrt_id
    state.psn_no, state.total = settlement.psn_no or purchase.person.psn_no, settlement.split.total
    state.insured_place, state.receipt_no = place_of(purchase), purchase.given.receipt_no
    state.staff = purchase.given.staff


def _purchase_id(work: Work[RefundState]) -> str | None:
    given = work.state.given
    return following.earlier_id(work, (PharmacyPurchase.name,), given.purchase, given.purchase_key)


def _purchase_record(work: Work[RefundState]) -> PurchaseState | None:
    flow_id = _purchase_id(work)
    return None if flow_id is None else work.flows.state_of(flow_id)


@step("核对人员", "1101")
def check_person(work: Work[RefundState]) -> None:
    """The credential again: it has to be the buyer's."""
    following.check_person(work, work.state.psn_no)


@step("确认退款", when="请收款员确认")
def confirm_refund(work: Work[RefundState]) -> None:
    """Ask once more: the whole settlement is taken back."""
    text = f"撤销整笔结算 {work.state.setl_id}，是否继续？"
    facts = undoing.what_goes_back(work, (work.state.setl_id,))
    question = Question(id="confirm", text=text, options=(YES, NO), whom=CASHIER, facts=facts)
    if work.ask(question) == NO.value:
        work.forget("confirm")
        raise NotConfirmed("没有确认，未撤销")


@step(
    "药店结算撤销",
    "2103",
    "5203",
    takes=("2102.output.setlinfo.setl_id", "2102.output.setlinfo.mdtrt_id", "2102.output.setlinfo.psn_no"),
    charges=True,
)
def cancel(work: Work[RefundState]) -> None:
    """Take the settlement back."""
    state = work.state
    assert state.person is not None
    state.begun_at = state.begun_at or work.begun_at
    visit = Visit(mdtrt_id=state.mdtrt_id, psn_no=state.person.psn_no, insured_place=state.insured_place)
    state.cancelled = undoing.cancel(work, "2103", visit, state.setl_id)


@step("结束原购药")
def close_purchase(work: Work[RefundState]) -> None:
    """Nothing of the purchase goes on from now on; what it had sold is what comes back.

    Stops where it is not known yet whether a row was uploaded: the keeper tries again when it is.
    """
    purchase, flow_id = _purchase_record(work), _purchase_id(work)
    if purchase is None or flow_id is None:
        return
    work.flows.take_over(flow_id)
    work.state.rows = sold_by(work, flow_id, upload_sales.name, goods_rows(purchase.given))


@step("商品销售退货上传", "3506", "3506A", skip=lambda state: not state.rows, when="已上传过销售的行", owed=True)
def return_goods(work: Work[RefundState]) -> None:
    """Upload what came back, with its codes, so that they may be sold again. The money is back by then: what is refused
    here holds up neither the slip nor the other rows, and is owed until it is taken."""
    state = work.state
    give_back(work, state.rows, lambda row: _return(work, row), state.insured_place, state.returned)


def _return(work: Work[RefundState], row: SoldRow) -> dict[str, Any]:
    state = work.state
    assert state.person is not None
    assert state.begun_at is not None
    common = goods_of(work, row, state.mdtrt_id, state.setl_id, state.person, state.begun_at)
    return common | {"sel_retn_opter_name": seller_of(work, state.staff)}


@step("打印退款小票")
def print_refund_slip(work: Work[RefundState]) -> None:
    """Compose the refund's slip."""
    state = work.state
    gone = state.cancelled is not None and state.cancelled.elsewhere
    state.slip = slip("pharmacy_refund", work, elsewhere=[state.setl_id] if gone else [])


class RefundResult(TypedDict):
    """A purchase taken back."""

    setl_id: str
    cancelled: SettledMoney | None
    returned: list[str]
    slip: str


class PharmacyRefund(Flow[RefundState]):
    """药店退药: the whole purchase taken back."""

    name = "pharmacy_refund"
    title = "药店退药"
    given = RefundGiven
    state = RefundState
    keyed_by = (("purchase_key",), ("purchase",), ("setl_id",))
    steps = (
        find_purchase,
        insurance.show_credential,
        check_person,
        confirm_refund,
        cancel,
        close_purchase,
        return_goods,
        print_refund_slip,
    )

    @staticmethod
    def result(state: RefundState) -> RefundResult:
        return {
            "setl_id": state.setl_id,
            "cancelled": state.cancelled,
            "returned": list(state.returned),
            "slip": state.slip,
        }
