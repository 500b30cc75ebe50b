"""What the flows of mobile payment have in common: an order's parts in whole fen, and asking where it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import MAX_PREC, Decimal, localcontext
from typing import Any, TypedDict

import attrs

from ...errors import CallNotSent, CallRefused
from ...journal import CallRecord
from ...journal.states import BY_PERSON
from ...national.order_states import OrderState, state_of
from ...workflow.standing import FlowStopped, StillRunning
from ...workflow.work import Work, step_of

FEN = Decimal(100)


@contextlib.contextmanager
def own_money_is_held() -> Iterator[None]:
    """While own money of an order that failed goes back: that the call for it was not sent is no word about the order,
    of which the money is held still. StillRunning."""
    try:
        yield
    except CallNotSent as unsent:
        text = f"自费部分已经收了，还没有退成：{unsent.message}"
        raise StillRunning(text, remedy="不要说没有收费；会自动再退，也可稍后继续（resume）这笔业务") from None


@attrs.frozen(kw_only=True)
class Parts:
    """The three parts of an order, in fen: the person's own money, the account, the fund; and their total."""

    total: int
    own: int
    account: int
    fund: int

    @property
    def holds(self) -> bool:
        """ownPayAmt + psnAcctPay + fundPay is feeSumamt, and none of them is negative."""
        return self.own + self.account + self.fund == self.total and min(self.own, self.account, self.fund) >= 0

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Label and amount, for showing."""
        named = (
            ("费用总额", self.total),
            ("现金支付", self.own),
            ("个人账户支付", self.account),
            ("基金支付", self.fund),
        )
        return tuple((label, f"{yuan_of(fen):.2f}") for label, fen in named)


@attrs.frozen(kw_only=True)
class PaymentOrder:
    """An order, as it is asked for and refunded by. ``token`` is a secret of the server's."""

    number: str
    token: str = attrs.field(repr=False)
    certno: str = attrs.field(repr=False)
    name: str = attrs.field(repr=False)
    cert_type: str


def fen_of(amount: Any) -> int:
    """Yuan with at most two decimals in fen. ValueError for anything finer."""
    fen = Decimal(str(amount)) * FEN
    if fen != fen.to_integral_value():
        raise ValueError(f"金额 {amount} 不是整分")
    return int(fen)


def yuan_of(fen: int) -> Decimal:
    with localcontext(prec=MAX_PREC):  # however much it is said to be
        return (Decimal(fen) / FEN).quantize(Decimal("0.01"))


def parts_of(told: Any) -> Parts | None:
    """The parts that an answer of 6202 or 6301 states; None where it states none. ValueError where one is no whole
    fen."""
    values = [told.feeSumamt, told.ownPayAmt, told.psnAcctPay, told.fundPay]
    if any(value is None for value in values):
        return None
    total, own, account, fund = map(fen_of, values)
    return Parts(total=total, own=own, account=account, fund=fund)


def asked(work: Work[Any], order: PaymentOrder) -> Any:
    """What 6301 tells of an order. FlowStopped where its state is none that there is."""
    data = {
        "payOrdId": order.number, "payToken": order.token, "orgCodg": work.runtime.deployment.institution.code,
        "idNo": order.certno, "userName": order.name, "idType": order.cert_type,
    }  # fmt: skip
    told = work.call("6301", {"data": data}).node("data")
    if state_of(told.ordStas) is None:
        raise FlowStopped(f"移动支付中心给的订单状态 {told.ordStas} 不认识", remedy="向移动支付中心核对这个订单")
    return told


def asked_until_told(work: Work[Any], order: PaymentOrder) -> Any:
    """:func:`asked`, where money may have moved already. StillRunning where the question is refused: that says nothing
    of the order, and nobody may take it for a refusal of what was sent before."""
    try:
        return asked(work, order)
    except CallRefused as refused:
        raise not_told(refused) from None


def not_told(refused: CallRefused) -> StillRunning:
    """What is told where the question where an order stands was refused."""
    return StillRunning(f"移动支付中心没有说订单的结果（6301：{refused.message}）")


def decided_by_a_person(work: Work[Any], step_name: str) -> CallRecord | None:
    """The changing call of a step of this flow that a person decided on; None where none was."""
    made = reversed(work.runtime.journal.of_flow(work.flow_id))
    own = (call for call in made if call.changes and step_of(call.key or "", work.flow_id) == step_name)
    return next((call for call in own if call.resolution == BY_PERSON), None)


class ShownOrder(TypedDict):
    """An order as its caller sees it."""

    order: str
    state: str
    state_name: str
    paid: bool
    parts: dict[str, str]


def shown_order(order: PaymentOrder | None, state: OrderState | None, parts: Parts | None) -> ShownOrder:
    """An order for its caller: without its token."""
    return {
        "order": order.number if order else "",
        "state": state.value if state else "",
        "state_name": state.chinese if state else "",
        "paid": state is OrderState.SETTLED,
        "parts": dict(parts.rows()) if parts else {},
    }
