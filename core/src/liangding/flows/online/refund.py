"""移动支付退费 (6203) and 费用上传撤销 (6401)."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import attrs

from ...contract.questions import CASHIER, NO, YES, Question
from ...contract.steps import Flow, step
from ...errors import CallRefused
from ...national.meaning import found_nothing
from ...national.order_states import OrderState, state_of
from ...workflow.standing import FlowStopped, NotConfirmed
from ...workflow.work import Work
from .. import following
from .channel import ChannelOrder, ChannelOrderState, tell_of_refund
from .orders import (
    Parts,
    PaymentOrder,
    ShownOrder,
    asked,
    decided_by_a_person,
    fen_of,
    not_told,
    parts_of,
    shown_order,
    yuan_of,
)
from .payment import MobilePayment, MobilePaymentState, upload_order


@attrs.define(kw_only=True)
class MobileRefundGiven:
    """A refund of an order. ``order`` is the payment's flow, or ``order_key`` the key that it was started with.

    ``refund_no`` is the institution's own number (appRefdSn). ``kind``: ``ALL`` everything, ``HI`` the insurance's part
    in whole, ``CASH`` the own money, or ``cash`` (yuan) of it. By ``ec_token`` or ``pay_auth_no``. ``channel_order``
    is the key of the channel's order that was paid with: the channel is told what the insurance gave back, after 6203.
    """

    refund_no: str
    kind: Literal["ALL", "HI", "CASH"] = "ALL"
    cash: str | None = None
    order: str | None = None
    order_key: str | None = None
    ec_token: str | None = attrs.field(default=None, repr=False)
    pay_auth_no: str | None = attrs.field(default=None, repr=False)
    channel_order: str | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.order or self.order_key):
            raise ValueError("给出 order 或 order_key")
        if bool(self.ec_token) == bool(self.pay_auth_no):
            raise ValueError("ec_token 与 pay_auth_no 给出一项，且只给一项")
        if self.cash is not None and (self.kind != "CASH" or fen_of(self.cash) <= 0):
            raise ValueError("cash 只在 kind 为 CASH 时给出，且大于 0")


@attrs.define(kw_only=True)
class MobileRefundState:
    """How far a refund has got. ``left`` is what of the own money has not been refunded yet, in fen."""

    given: MobileRefundGiven
    order: PaymentOrder | None = None
    state: OrderState | None = None
    parts: Parts | None = None
    back: Parts | None = None
    status: str = ""


def _payment(work: Work[Any], flow_id: str | None, key: str | None) -> MobilePaymentState:
    known = following.earlier_id(work, (MobilePayment.name,), flow_id, key)
    assert known is not None
    found: MobilePaymentState = work.flows.state_of(known)
    if found.order is None:
        raise following.not_done(work, known, upload_order.name, "这笔移动支付还没有订单", "放弃那笔业务即可")
    return found


@step("查询原订单", "6301")
def find_order(work: Work[MobileRefundState]) -> None:
    """Know what the order holds now, and what of it goes back. FlowStopped where that cannot be."""
    state, given = work.state, work.state.given
    payment = _payment(work, given.order, given.order_key)
    if _tells_channel(given):
        _channel_order(work)  # what is told after the money is back has to be known before
    state.order = payment.order
    assert state.order is not None
    told = asked(work, state.order)
    state.state = state_of(told.ordStas)
    state.parts = parts_of(told) or payment.parts
    assert state.state is not None
    if not state.state.refundable or state.parts is None:
        raise FlowStopped(f"订单{state.state.chinese}，没有可退的", remedy="看订单的状态再决定")
    state.back = _what_goes_back(given, state.state, state.parts)


def _what_goes_back(given: MobileRefundGiven, state: OrderState, parts: Parts) -> Parts:
    """The parts of a refund. Insurance money goes back in whole, and once."""
    insurance = given.kind in ("ALL", "HI")
    if insurance and state.hi_refunded:
        raise FlowStopped("医保部分已退，只能退自费部分", remedy="kind 改为 CASH")
    if given.kind == "ALL" and state is not OrderState.SETTLED:
        raise FlowStopped(f"订单{state.chinese}，不能再全部退", remedy="kind 改为 HI 或 CASH")
    own = 0 if given.kind == "HI" else parts.own if given.cash is None else fen_of(given.cash)
    if own > parts.own:
        raise FlowStopped("退费金额大于原支付的自费部分", remedy="核对金额")
    account, fund = (parts.account, parts.fund) if insurance else (0, 0)
    return Parts(total=own + account + fund, own=own, account=account, fund=fund)


@step("确认退费", when="请收款员确认")
def confirm_refund(work: Work[MobileRefundState]) -> None:
    """Ask the cashier once more, with the parts that go back."""
    back = work.state.back
    assert back is not None
    text = f"退费 {yuan_of(back.total):.2f} 元，是否继续？"
    if work.ask(Question(id="confirm", text=text, options=(YES, NO), whom=CASHIER, facts=back.rows())) == NO.value:
        work.forget("confirm")
        raise NotConfirmed("没有确认，未退费")


@step("医保退费", "6203", takes=("6301.output.data.payOrdId",), charges=True)
def refund_order(work: Work[MobileRefundState]) -> None:
    """Refund. What is answered as anything but success is no refund."""
    state, given = work.state, work.state.given
    assert state.order is not None
    assert state.back is not None
    back = state.back
    by = {"ecToken": given.ec_token} if given.ec_token else {"payAuthNo": given.pay_auth_no}
    insurance = {} if given.kind == "CASH" else {
        "psnAcctRefdAmt": yuan_of(back.account), "fundRefdAmt": yuan_of(back.fund),
    }  # fmt: skip
    data = {
        "payOrdId": state.order.number, "appRefdSn": given.refund_no, "totlRefdAmt": yuan_of(back.total),
        "cashRefdAmt": yuan_of(back.own), "appRefdTime": f"{work.begun_at:%Y%m%d%H%M%S}", "refdType": given.kind,
        "orgCodg": work.runtime.deployment.institution.code, **insurance, **by,
    }  # fmt: skip
    told = work.call("6203", {"data": data}).output.data
    state.status = (told.refStatus if told is not None else None) or ""


@step("核对订单", "6301")
def check_order(work: Work[MobileRefundState]) -> None:
    """Hold what was answered against the order itself. StillRunning until that is told; where a person decided that it
    was refunded, the centre may know of no such order."""
    state = work.state
    assert state.order is not None
    decided = decided_by_a_person(work, refund_order.name)
    try:
        state.state = state_of(asked(work, state.order).ordStas)
    except CallRefused as refused:
        if decided is None or not found_nothing(refused.message):
            raise not_told(refused) from None
    if state.status != "SUCC":
        said = {"FAIL": "移动支付中心说退费失败", "": "退费没有应答"}.get(state.status, "移动支付中心说退费异常")
        said = said if decided is None else "退费是由人认定已办成的"
        name = f"订单{state.state.chinese}" if state.state else "移动支付中心没有这个订单"
        work.advise(f"{said}（{name}），请核对，不要先给现金")


class MobileRefundResult(ShownOrder):
    """An order and what was refunded of it."""

    refunded: dict[str, str]
    status: str


def _tells_channel(given: MobileRefundGiven) -> bool:
    return bool(given.channel_order) and given.kind != "CASH"


def _channel_order(work: Work[MobileRefundState]) -> ChannelOrderState:
    """The channel's order that is told of the refund. FlowStopped where there is none that the channel has numbered."""
    key = work.state.given.channel_order
    order: ChannelOrderState | None = following.earlier(work, (ChannelOrder.name,), None, key)
    if order is None or not order.number:
        text = "渠道订单还没有编号，不能告知退费"
        raise FlowStopped(text, remedy="先让那笔渠道收款查到结果；渠道没有这个订单的，不给出 channel_order")
    return order


@step(
    "告知渠道退费",
    skip=lambda state: not _tells_channel(state.given) or state.status != "SUCC",
    when="给出了 channel_order，医保部分已退",
    owed=True,
)
def tell_channel(work: Work[MobileRefundState]) -> None:
    """Tell the channel what the insurance has given back. The money is back by then: what is refused here is owed."""
    state = work.state
    assert state.back is not None
    tell_of_refund(work, _channel_order(work), state.given.refund_no, state.back.fund, state.back.account)


class MobilePaymentRefund(Flow[MobileRefundState]):
    """移动支付退费: an order's money back, in whole or in part."""

    name = "mobile_payment_refund"
    title = "移动支付退费"
    given = MobileRefundGiven
    state = MobileRefundState
    keyed_by = (("refund_no",),)
    steps = (find_order, confirm_refund, refund_order, check_order, tell_channel)

    @staticmethod
    def result(state: MobileRefundState) -> MobileRefundResult:
        return {
            **shown_order(state.order, state.state, state.parts),
            "refunded": dict(state.back.rows()) if state.back else {},
            "status": state.status,
        }


# -- an order that is not to be placed -------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class OrderWithdrawalGiven:
    """The payment whose uploaded fees are taken back: its flow, or the key that it was started with."""

    order: str | None = None
    order_key: str | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.order or self.order_key):
            raise ValueError("给出 order 或 order_key")


@attrs.define(kw_only=True)
class OrderWithdrawalState:
    """How far a withdrawal has got."""

    given: OrderWithdrawalGiven
    order: PaymentOrder | None = None
    withdrawn: bool = False


@step("结束原支付")
def close_payment(work: Work[OrderWithdrawalState]) -> None:
    """Nothing of the payment goes on from now on."""
    given = work.state.given
    payment = _payment(work, given.order, given.order_key)
    flow_id = following.earlier_id(work, (MobilePayment.name,), given.order, given.order_key)
    assert flow_id is not None
    became = work.flows.take_over(flow_id)
    placed = [state for key, state in became.items() if key.startswith("place_order") and not state.repeatable]
    if placed:
        raise FlowStopped("订单已下单，不能撤销费用上传", remedy="用移动支付退费")
    work.state.order = payment.order


@step("费用明细上传撤销", "6401", takes=("6201.output.data.payOrdId",))
def withdraw_order(work: Work[OrderWithdrawalState]) -> None:
    """Take the uploaded fees back."""
    order = work.state.order
    assert order is not None
    data = {
        "payOrdId": order.number, "payToken": order.token, "orgCodg": work.runtime.deployment.institution.code,
        "idNo": order.certno, "userName": order.name, "idType": order.cert_type,
    }  # fmt: skip
    told = work.call("6401", {"data": data}).output.data
    work.state.withdrawn = bool(told is not None and told.success)


class MobileWithdrawalResult(TypedDict):
    """Fees taken back before they were paid."""

    order: str
    withdrawn: bool


class MobilePaymentWithdrawal(Flow[OrderWithdrawalState]):
    """移动支付撤销: fees that were uploaded, and not placed as an order."""

    name = "mobile_payment_withdrawal"
    title = "移动支付撤销"
    given = OrderWithdrawalGiven
    state = OrderWithdrawalState
    steps = (close_payment, withdraw_order)

    @staticmethod
    def result(state: OrderWithdrawalState) -> MobileWithdrawalResult:
        return {"order": state.order.number if state.order else "", "withdrawn": state.withdrawn}
