"""Orders of mobile payment: what the institution wants of a payment centre, what the centre tells by itself, and what
its ledger says in the end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from ..clock import now
from ..flows import Status, View
from ..flows.online import MobilePayment, MobilePaymentRefund
from ..journal import Journal, State
from ..notices import Receiver
from ..simulator.chapters.orders import FiledOrder, as_told, orders_of
from ..spec import Does
from ..workflow.standing import FlowStopped
from .desks import Desk
from .faults import WhatHolds, Wrong
from .his import Business, Told, run_flow
from .premises import PAYMENT
from .surroundings import Surroundings

ENDS = ("6", "6", "6", "6", "15", "14", "12", "16")
"""How an order ends once it is placed: mostly paid for."""

SECONDS = (0.0, 0.0, 100.0)
"""How long that takes."""

KINDS = ("ALL", "HI", "CASH")
"""What goes back in a refund."""

IN_WHOLE, WITHDRAWN, CASH_KEPT = ("2", "3", "4", "5", "6"), "12", "16"

FAILED = ("refused", "not_sent", "invalid_message")
"""How a flow stops of which nothing stands."""


@attrs.define(kw_only=True)
class OrderBusiness(Business):
    """One order, paid for by the flow of mobile payment, and its refund in whole or in part (``kind``). ``parts`` is
    what the institution was told of the amounts."""

    given: dict[str, Any]
    kind: str
    parts: dict[str, str] = attrs.field(factory=dict)
    error: str = ""

    def filed(self, world: Any) -> list[FiledOrder]:
        """The orders of this number that the centre has, each as it stands by now."""
        return [order for order in orders_of(world).by_number.values() if order.institution_order == self.key]

    def charged(self, scene: Surroundings, journal: Journal) -> list[str]:
        return [order.number for order in self.filed(scene.world) if held(order)]

    def _ask(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("told", lambda: self._pay(desk))
        desk.say(f"{self.key} {MobilePayment.name}: told {self.told.value} {self.error}".rstrip())

    def _pay(self, desk: Desk) -> Told:
        view = run_flow(desk, MobilePayment.name, self.given, self.key, dict)
        if view.error and view.error["code"] == FlowStopped.code and not view.result["order"]:
            self.given_up = True  # its number is lost: another order has to be made
            return Told.NOTHING
        if view.status is not Status.DONE:
            return self._not_done(view)
        self.error, self.parts = "", view.result["parts"]
        if view.result["paid"]:
            return Told.DONE
        self.given_up = True
        return Told.NOTHING

    def _refund(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("refund", lambda: self._give_back(desk))
        desk.say(f"{self.key} {MobilePaymentRefund.name}: told {self.refund.value} {self.error}".rstrip())

    def _give_back(self, desk: Desk) -> Told:
        asked = {"refund_no": f"R{self.key}", "order_key": self.key, "pay_auth_no": "AUTH1", "kind": self.kind}
        view = run_flow(desk, MobilePaymentRefund.name, asked, f"{self.key}-refund", dict)
        if view.status is not Status.DONE:
            return self._not_done(view)
        self.error = "" if view.result["status"] == "SUCC" else str(view.result["status"])
        return Told.NOTHING if self.error else Told.DONE

    def _not_done(self, view: View) -> Told:
        self.error = view.error["code"] if view.error else view.status.value
        return Told.NOTHING if view.status is Status.STOPPED and self.error in FAILED else Told.UNKNOWN


def order_business(scene: Surroundings, key: str, person: Any, total: Decimal) -> OrderBusiness:
    """An order for one row of fees."""
    moment = f"{now(scene.clock):%Y-%m-%d %H:%M:%S}"
    row = {
        "feedetlSn": f"{key}-1", "psnNo": person.psn_no, "chrgBchno": key, "rxCircFlag": "0", "medType": "11",
        "feeOcurTime": moment, "medListCodg": "XA01", "medinsListCodg": "HXA01", "detItemFeeSumamt": str(total),
        "cnt": "1", "pric": str(total), "bilgDeptCodg": "K1", "bilgDeptName": "测试内科", "bilgDrCodg": "D1",
        "bilgDrName": "测试医师", "hospApprFlag": "0",
    }  # fmt: skip
    diagnosis = {
        "diagType": "1", "diagSrtNo": "1", "diagCode": "I10.x00", "diagName": "高血压", "diagDept": "测试内科",
        "diseDorNo": "D1", "diseDorName": "测试医师", "diagTime": moment, "valiFlag": "1",
    }  # fmt: skip
    fees = {
        "psnNo": person.psn_no, "insutype": person.covers[0].insutype, "begntime": moment, "idNo": person.certno,
        "userName": person.name, "idType": "01", "payAuthNo": "AUTH1", "iptOtpNo": f"O-{key}", "deptName": "测试内科",
        "caty": "A03", "medType": "11", "feeType": "01", "medfeeSumamt": str(total), "acctUsedFlag": "1",
        "psnSetlway": "01", "chrgBchno": key, "diseinfoList": [diagnosis], "feedetailList": [row],
    }  # fmt: skip
    given = {
        "order_no": key, "fees": fees, "payment": {"payAuthNo": "AUTH1", "mdtrtId": "M1"},
        "insured_place": person.covers[0].place,
    }  # fmt: skip
    return OrderBusiness(key=key, person=person, total=total, given=given, kind=scene.choices.one(KINDS))


def let_orders_end(scene: Surroundings) -> None:
    """Each order that is placed from now on ends as the run decides."""

    def placed(order: FiledOrder) -> None:
        order.ends, order.seconds = scene.choices.one(ENDS), scene.choices.one(SECONDS)
        scene.say(f"  {order.institution_order} will stand at {order.ends} in {order.seconds:.0f} s")

    orders_of(scene.world).told.append(placed)


def centre_tells(scene: Surroundings, desk: Desk) -> None:
    """The centre tells of some order (6302), true or not."""
    orders = list(orders_of(scene.world).by_number.values())
    if not orders or desk.runtime is None:
        return
    order, centre = scene.choices.one(orders), scene.door.centres[PAYMENT]
    told = {
        **as_told(order),
        "callType": "02",
        "medOrgOrd": order.institution_order,
        "ordStas": scene.choices.one(ENDS),
    }
    centre.faults.clear()
    receiver = Receiver(desk.runtime, PAYMENT)
    path = {infno: path for path, infno in receiver.paths.items()}["6302"]
    desk.say(f"hears that {order.institution_order} stands at {told['ordStas']}")
    receiver.receive(path, centre.sealed(told, scene.clock.epoch(), answers=False))


def held(order: FiledOrder) -> Decimal:
    """How much of an order's money is not where it came from."""
    if order.state in IN_WHOLE:
        return order.total
    cash = order.own - order.cash_refunded
    if order.state in ("8", "11") or (order.state == CASH_KEPT or (order.state in ("9", "10") and order.ends != "6")):
        return cash
    return order.total - order.cash_refunded if order.state in ("9", "10") else Decimal(0)


def wrong_orders(scene: Surroundings, business: OrderBusiness, journal: Journal) -> Iterator[Wrong]:
    """What is not as it has to be of one order at rest."""
    name, filed = business.key, business.filed(scene.world)
    for order in filed:
        order.go_on(scene.clock.epoch())
        if len(order.serials) > 1 or len(order.refunds) > 1:
            yield Wrong(WhatHolds.ONCE, f"{name} was placed or refunded more than once")
    calls = [call for call in journal.latest(limit=1000) if business.owns(call.msgid, journal)]
    if any(call.state is State.UNKNOWN and call.escalated_at is not None for call in calls):
        return  # a person's
    if len([order for order in filed if held(order)]) > 1:
        yield Wrong(WhatHolds.ONCE, f"{name} is paid for by several orders")
    accepted = {
        scene.known.interfaces.meant(call)[0] for call in calls if call.changes and call.state is State.ACCEPTED
    }
    for does, done in ((Does.SETTLES, any(o.serials for o in filed)), (Does.CANCELS, any(o.refunds for o in filed))):
        if done and does not in accepted:
            yield Wrong(WhatHolds.LEDGER, f"{name}: what {does.value} was done, and no such call is accepted")
    if Does.SETTLES in accepted and not any(order.serials or order.state == WITHDRAWN for order in filed):
        yield Wrong(WhatHolds.ACCEPTED, f"the journal says that {name} was placed, and the centre has no such order")
    yield from _as_told(business, filed)


def _as_told(business: OrderBusiness, filed: list[FiledOrder]) -> Iterator[Wrong]:
    name, stands = business.key, sum((held(order) for order in filed), Decimal(0))
    if Told.UNKNOWN in (business.told, business.refund):
        if business.open:
            yield Wrong(WhatHolds.KNOWN, f"{name} is unknown still, after everything came to rest")
    elif business.told is Told.NOTHING:
        if stands:
            yield Wrong(WhatHolds.NOTHING, f"{name}: told that nothing stands, and {stands} yuan do")
    elif not filed or stands != _left(business, filed[0]):
        yield Wrong(
            WhatHolds.TOLD, f"{name}: told {business.told.value}, refund {business.refund.value}, {stands} stand"
        )
    elif (business.parts.get("费用总额"), business.parts.get("现金支付")) != (f"{filed[0].total}", f"{filed[0].own}"):
        yield Wrong(WhatHolds.AMOUNTS, f"{name}: told {business.parts}, and the centre has other amounts")


def _left(business: OrderBusiness, order: FiledOrder) -> Decimal:
    """What has to stand of an order by what the institution was told of its refund."""
    if business.refund is not Told.DONE:
        return order.total
    return {"ALL": Decimal(0), "HI": order.own, "CASH": order.total - order.own}[business.kind]
