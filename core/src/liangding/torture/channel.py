"""Mixed orders of a payment channel (医保自费混合收款): the institution's back end as it is played, an order that the
institution wants paid for, and what the back end says of it in the end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from ..config.channel import ChannelNumbers
from ..config.features import LocalTransaction
from ..contract.simulation import Refuse
from ..flows import Status
from ..flows.online import ChannelOrder
from ..journal import Journal, State
from ..spec.nodes import beyond
from .desks import Desk
from .faults import WhatHolds, Wrong
from .his import Business, Told, run_flow
from .surroundings import Surroundings

NUMBERS = ChannelNumbers(order="MIX1", query="MIX2", refund="MIX3", refund_notice="MIX4")
TRANSACTIONS = {
    NUMBERS.order: LocalTransaction(name="混合收款下单"),
    NUMBERS.query: LocalTransaction(name="混合收款查询", changes=False),
    NUMBERS.refund: LocalTransaction(name="自费退款"),
    NUMBERS.refund_notice: LocalTransaction(name="医保退款通知"),
}

ENDS = (("SUCCESS",) * 3, ("SUCCESS",) * 3, ("FAIL", "SUCCESS", "FAIL"), ("FAIL",) * 3)
"""How the whole, the person's own part and the insurance's part of an order end."""

SECONDS = (0.0, 0.0, 100.0)

CASH, FUND, ACCOUNT = 1_100, 6_000, 3_000
ORDER = {
    "mix_pay_type": "CASH_AND_INSURANCE", "order_type": "DIAG_PAY", "total_fee": CASH + FUND + ACCOUNT,
    "med_ins_gov_fee": FUND, "med_ins_self_fee": ACCOUNT, "med_ins_other_fee": 0, "med_ins_cash_fee": CASH,
    "wechat_pay_cash_fee": CASH,
}  # fmt: skip


@attrs.define(kw_only=True)
class MixedOrder:
    """One order at the back end; ``refunded`` is what was given back of the own part, in fen."""

    number: str
    mix: str
    own: str
    medical: str
    known_at: float
    refunded: int = 0

    @property
    def cash(self) -> int:
        """How much own money is held, in fen."""
        return CASH - self.refunded if self.own == "SUCCESS" else 0


class BackEnd:
    """The channel, behind the institution's payment back end."""

    def __init__(self, scene: Surroundings) -> None:
        self._scene = scene
        self.orders: dict[str, MixedOrder] = {}
        scene.door.platform.handlers |= {
            NUMBERS.order: self.place, NUMBERS.query: self.query, NUMBERS.refund: self.refund,
        }  # fmt: skip

    def place(self, request: Any) -> dict[str, Any]:
        """Take an order; its three parts end as the run decides."""
        number = beyond(request.input)["data"]["out_trade_no"]
        if number in self.orders:
            raise Refuse("商户订单号重复")
        mix, own, medical = self._scene.choices.one(ENDS)
        known_at = request.epoch + self._scene.choices.one(SECONDS)
        self.orders[number] = MixedOrder(
            number=f"M{len(self.orders)}", mix=mix, own=own, medical=medical, known_at=known_at
        )
        self._scene.say(f"  {number}: the whole will be {mix}, the own part {own}")
        return {"data": {"mix_trade_no": self.orders[number].number}}

    def query(self, request: Any) -> dict[str, Any]:
        """Tell of an order."""
        number = beyond(request.input)["data"]["out_trade_no"]
        order = self._order(number)
        running = request.epoch < order.known_at
        own = "REFUND" if order.refunded else order.own
        told = {
            "mix_pay_status": f"MIX_PAY_{'CREATED' if running else order.mix}", "self_pay_status": f"SELF_PAY_{own}",
            "med_ins_pay_status": f"MED_INS_PAY_{'CREATED' if running else order.medical}",
        }  # fmt: skip
        return {"data": {"out_trade_no": number, "mix_trade_no": order.number, **told}}

    def refund(self, request: Any) -> dict[str, Any]:
        """Give own money back."""
        data = beyond(request.input)["data"]
        order = self._order(data["out_trade_no"])
        order.refunded += int(data["amount"]["refund"])
        return {"data": {"status": "SUCCESS"}}

    def _order(self, number: str) -> MixedOrder:
        if number not in self.orders:
            raise Refuse("订单不存在")
        return self.orders[number]


@attrs.define(kw_only=True)
class ChannelBusiness(Business):
    """One mixed order. It is not taken back: what failed gives the own part back by itself."""

    channel: BackEnd = attrs.field(repr=False)
    error: str = ""

    def charged(self, scene: Surroundings, journal: Journal) -> list[str]:
        order = self.channel.orders.get(self.key)
        return [order.number] if order is not None and order.cash else []

    def _ask(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("told", lambda: self._pay(desk))
        desk.say(f"{self.key} {ChannelOrder.name}: told {self.told.value} {self.error}".rstrip())

    def _pay(self, desk: Desk) -> Told:
        view = run_flow(desk, ChannelOrder.name, {"out_trade_no": self.key, "order": ORDER}, self.key, dict)
        self.error = view.error["code"] if view.error else ""
        if view.status is Status.DONE:
            self.given_up = not view.result["paid"]
            return Told.DONE if view.result["paid"] else Told.NOTHING
        return Told.NOTHING if self.error in ("refused", "not_sent", "invalid_message") else Told.UNKNOWN

    def _refund(self, desk: Desk, scene: Surroundings) -> None:
        self.refund = Told.NOTHING


def channel_business(scene: Surroundings, key: str, person: Any) -> ChannelBusiness:
    """A mixed order at the one back end of the run."""
    channel = scene.world.kept.setdefault("channel", None) or BackEnd(scene)
    scene.world.kept["channel"] = channel
    total = Decimal(ORDER["total_fee"]) / 100  # type: ignore[arg-type]
    return ChannelBusiness(key=key, person=person, total=total, channel=channel)


def wrong_mixed_order(business: ChannelBusiness, journal: Journal) -> Iterator[Wrong]:
    """What is not as it has to be of one mixed order at rest."""
    name, order = business.key, business.channel.orders.get(business.key)
    if order is not None and order.refunded > CASH:
        yield Wrong(WhatHolds.ONCE, f"{name}: the own part went back more than once")
    waiting = journal.latest(states=[State.UNKNOWN], limit=100)
    if any(call.escalated_at is not None and business.owns(call.msgid, journal) for call in waiting):
        return  # a person's
    if business.told is Told.UNKNOWN:
        if business.open:
            yield Wrong(WhatHolds.KNOWN, f"{name} is unknown still, after everything came to rest")
    elif business.told is Told.NOTHING:
        if order is not None and order.cash:
            yield Wrong(WhatHolds.NOTHING, f"{name}: told that nothing stands, and {order.cash} fen of own money do")
    elif order is None or order.mix != "SUCCESS" or order.refunded:
        yield Wrong(WhatHolds.TOLD, f"{name}: told that it is paid, and it is {order}")
