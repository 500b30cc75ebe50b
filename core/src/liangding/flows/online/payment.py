"""移动支付: fees uploaded as an order (6201), placed (6202), and asked for until it stands (6301).

Only 结算完成 is paid for. An answer of 6202 is no proof of payment; where it is lost, 6301 tells what became of it. A
notification (6302) lets the flow ask at once; without one it is asked for again every minute.
"""

from __future__ import annotations

from typing import Any

import attrs

from ...contract.steps import Flow, step
from ...national.order_states import OrderState, state_of
from ...workflow.standing import FlowStopped, StillRunning
from ...workflow.work import Work
from .orders import (
    Parts,
    PaymentOrder,
    ShownOrder,
    asked_until_told,
    fen_of,
    own_money_is_held,
    parts_of,
    shown_order,
    yuan_of,
)

OURS = ("orgCodg", "medOrgOrd")
"""What the flow says itself of the fees."""

PERSONAL = ("psnNo", "idNo", "userName", "idType", "medfeeSumamt")

BY_US = ("payOrdId", "payToken", "orgCodg", "orgBizSer")


@attrs.define(kw_only=True)
class MobilePaymentGiven:
    """An order, as the institution's software knows it.

    ``order_no`` is the institution's own number (medOrgOrd): used once, and the key to start the flow under. ``fees``
    is 6201's data in its wire names, without orgCodg and medOrgOrd; ``payment`` what 6202 wants beside the order:
    payAuthNo (or ecAuthCode, ecChnlAppId and ecChnlUserId), mdtrtId, deposit. ``bank_card`` is what 6205 wants in the
    place of 6202: its table is not public, so it goes out as it is, with the order's own fields put in as in 6202.
    """

    order_no: str
    fees: dict[str, Any] = attrs.field(repr=False)
    payment: dict[str, Any] = attrs.field(factory=dict, repr=False)
    insured_place: str = ""
    bank_card: dict[str, Any] = attrs.field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        if bool(self.payment) == bool(self.bank_card):
            raise ValueError("payment 与 bank_card 给出一项，且只给一项")
        for name in (*OURS, *BY_US):
            if name in (self.fees if name in OURS else {**self.payment, **self.bank_card}):
                raise ValueError(f"{name} 由系统填，不要给出")
        missing = [name for name in (*PERSONAL, "feedetailList") if not self.fees.get(name)]
        if missing:
            raise ValueError(f"fees 缺少 {'、'.join(missing)}")
        rows = sum(fen_of(row.get("detItemFeeSumamt", 0)) for row in self.fees["feedetailList"])
        if rows != fen_of(self.fees["medfeeSumamt"]):
            raise ValueError("fees 中 detItemFeeSumamt 之和与 medfeeSumamt 不一致")


@attrs.define(kw_only=True)
class MobilePaymentState:
    """How far an order has got."""

    given: MobilePaymentGiven
    order: PaymentOrder | None = None
    state: OrderState | None = None
    parts: Parts | None = None
    cash_back: str = ""


@step("费用明细上传", "6201", undone_by="6401")
def upload_order(work: Work[MobilePaymentState]) -> None:
    """Upload the fees: the centre gives the order's number and its token. FlowStopped where somebody accepted an upload
    whose answer was lost: nobody knows them, and nothing can be paid for by it."""
    given = work.state.given
    data = {**given.fees, "orgCodg": work.runtime.deployment.institution.code, "medOrgOrd": given.order_no}
    answer = work.call("6201", {"data": data}, insured_place=given.insured_place or None).output.data
    if answer is None or not (answer.payOrdId and answer.payToken):
        raise FlowStopped(
            "费用已上传，却没有人知道订单号和支付token，不能下单", remedy="没有收费；换一个 order_no 重办"
        )
    work.state.order = PaymentOrder(
        number=answer.payOrdId, token=answer.payToken, certno=given.fees["idNo"], name=given.fees["userName"],
        cert_type=given.fees["idType"],
    )  # fmt: skip


@step(
    "支付下单",
    "6202",
    "6205",
    takes=("6201.output.data.payOrdId", "6201.output.data.payToken"),
    undone_by="6203",
    charges=True,
)
def place_order(work: Work[MobilePaymentState]) -> None:
    """Place the order: from here on money may move. What is answered is kept; that it is paid is asked for."""
    state, given = work.state, work.state.given
    assert state.order is not None
    data = {
        **given.payment, "payOrdId": state.order.number, "payToken": state.order.token,
        "orgCodg": work.runtime.deployment.institution.code, "orgBizSer": given.order_no,
    }  # fmt: skip
    if given.bank_card:
        work.call("6205", {"data": {**given.bank_card, **data}})  # what it answers is not public: 6301 tells
        return
    told = work.call("6202", {"data": data}).output.data
    if told is not None:
        state.state, state.parts = state_of(told.ordStas), _parts(work, told)


@step("查询订单结果", "6301", takes=("6201.output.data.payOrdId",), repeats="到订单有结果")
def await_order(work: Work[MobilePaymentState]) -> None:
    """Ask where the order stands. StillRunning while it is on its way, or that is not told: then it is asked for again
    by itself."""
    state = work.state
    assert state.order is not None
    told = asked_until_told(work, state.order)
    now = state_of(told.ordStas)
    assert now is not None
    if state.state is not None and not now.follows(state.state):
        raise FlowStopped(
            f"订单状态由{state.state.chinese}变成{now.chinese}，顺序不对", remedy="向移动支付中心核对这个订单"
        )
    state.state, state.parts = now, _parts(work, told) or state.parts
    if now.running:
        raise StillRunning(f"订单{now.chinese}，还没有结果")
    if now.may_hold_cash:
        work.advise(f"订单{now.chinese}：没有结算，参保人的自费部分可能已经收取，请核对并退还")
    elif now.failed or now is OrderState.WITHDRAWN:
        work.advise(f"订单{now.chinese}，没有收费")


def _cash_is_kept(state: MobilePaymentState) -> bool:
    return state.state is OrderState.FAILED_CASH_KEPT and state.parts is not None and state.parts.own > 0


@step(
    "退还自费部分",
    "6203",
    skip=lambda state: not _cash_is_kept(state),
    when="医保结算失败、自费未冲回",
)
def give_cash_back(work: Work[MobilePaymentState]) -> None:
    """An order whose insurance part failed while the person had paid: the own money goes back by itself."""
    state, given = work.state, work.state.given
    assert state.order is not None
    assert state.parts is not None
    cash = yuan_of(state.parts.own)
    by = {name: given.payment[name] for name in ("payAuthNo",) if given.payment.get(name)}
    data = {
        "payOrdId": state.order.number, "appRefdSn": f"{given.order_no}R", "totlRefdAmt": cash, "cashRefdAmt": cash,
        "appRefdTime": f"{work.begun_at:%Y%m%d%H%M%S}", "refdType": "CASH", **(by or _token(given)),
        "orgCodg": work.runtime.deployment.institution.code,
    }  # fmt: skip
    with own_money_is_held():
        told = work.call("6203", {"data": data}).output.data
    state.cash_back = (told.refStatus if told is not None else None) or ""
    done = state.cash_back == "SUCC"
    work.advise(f"自费部分 {cash:.2f} 元{'已退还' if done else '没有退成，请向移动支付中心核对'}")


def _token(given: MobilePaymentGiven) -> dict[str, Any]:
    return {"ecToken": given.fees["ecToken"]} if given.fees.get("ecToken") else {}


def _parts(work: Work[MobilePaymentState], told: Any) -> Parts | None:
    """The parts that are told, held to their sum and to the fees; what is odd about them goes to the till."""
    try:
        parts = parts_of(told)
    except ValueError as wrong:
        work.advise(f"移动支付中心给的{wrong}，请核对")
        return None
    if parts is not None and not (parts.holds and parts.total == fen_of(work.state.given.fees["medfeeSumamt"])):
        work.advise("移动支付中心给的各部分金额之和与费用总额不一致，请核对后再发药、开票")
    return parts


class MobilePaymentResult(ShownOrder):
    """An order of mobile payment."""

    cash_back: str


class MobilePayment(Flow[MobilePaymentState]):
    """移动支付: from the fees to an order that is paid for."""

    name = "mobile_payment"
    title = "移动支付"
    given = MobilePaymentGiven
    state = MobilePaymentState
    undone_by = "mobile_payment_refund"
    keyed_by = (("order_no",),)
    steps = (upload_order, place_order, await_order, give_cash_back)

    @staticmethod
    def result(state: MobilePaymentState) -> MobilePaymentResult:
        return {**shown_order(state.order, state.state, state.parts), "cash_back": state.cash_back}
