"""Mobile payment (6201 to 6401): orders, from the uploaded fees to the refund.

What a fund pays of an order is made up (a share of the fees): the settlement's own arithmetic is played elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import attrs

from ...contract.simulation import Refuse
from ...spec.nodes import beyond
from ..requests import Request, handles
from ..world import World

SAVED, SETTLING, SETTLED, CASH_KEPT = "0", "2", "6", "16"
REFUNDED, HI_REFUNDED, CASH_REFUNDED, CASH_PARTLY, HI_AND_CASH_PARTLY, WITHDRAWN = "7", "8", "9", "10", "11", "12"

FUND_SHARE, ACCOUNT_SHARE = Decimal("0.6"), Decimal("0.3")
CENT = Decimal("0.01")


@attrs.define(kw_only=True, eq=False)
class FiledOrder:
    """One order. ``parts``: own money, account, fund. ``ends`` is the state that it comes to once it was placed and
    ``seconds`` have passed."""

    number: str
    token: str = attrs.field(repr=False)
    institution_order: str
    psn_no: str
    name: str = attrs.field(repr=False)
    certno: str = attrs.field(repr=False)
    own: Decimal
    account: Decimal
    fund: Decimal
    state: str = SAVED
    placed_at: float | None = None
    seconds: float = 0.0
    ends: str = SETTLED
    serials: set[str] = attrs.field(factory=set)
    refunds: dict[str, Decimal] = attrs.field(factory=dict)
    cash_refunded: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.own + self.account + self.fund

    def go_on(self, epoch: float) -> None:
        """What happens by itself meanwhile: the person pays, the parts are settled."""
        if self.state == SETTLING and self.placed_at is not None and epoch >= self.placed_at + self.seconds:
            self.state = self.ends


@attrs.define
class Orders:
    """All orders of a platform; ``next_ends`` and ``next_seconds`` are those of the next one that is placed."""

    by_number: dict[str, FiledOrder] = attrs.field(factory=dict)
    next_ends: str = SETTLED
    next_seconds: float = 0.0
    told: list[Callable[[FiledOrder], None]] = attrs.field(factory=list)


def orders_of(world: World) -> Orders:
    kept: Orders = world.kept.setdefault("orders", Orders())
    return kept


@handles("6201")
def upload_fees(request: Request) -> dict[str, Any]:
    data, world = request.input.data, request.world
    if data.orgCodg != world.institution:
        raise Refuse("定点机构编码不存在")
    rows = sum((row.detItemFeeSumamt for row in data.feedetailList), Decimal(0))
    if rows != data.medfeeSumamt:
        raise Refuse("费用明细之和与医疗费总额不一致")
    person = world.person(data.psnNo)
    if data.ecToken and world.token_holder(data.ecToken, request.epoch) is not person:
        raise Refuse("电子凭证令牌不是本人的")
    orders = orders_of(world)
    if any(o.institution_order == data.medOrgOrd and o.state != WITHDRAWN for o in orders.by_number.values()):
        raise Refuse("医疗机构订单号重复")
    fund = (data.medfeeSumamt * FUND_SHARE).quantize(CENT, ROUND_HALF_UP)
    account = (
        (data.medfeeSumamt * ACCOUNT_SHARE).quantize(CENT, ROUND_HALF_UP) if data.acctUsedFlag == "1" else CENT * 0
    )
    number = world.number("order")
    order = FiledOrder(
        number=f"ORD{world.area}{number:020d}", token=f"PT{number:030d}", institution_order=data.medOrgOrd,
        psn_no=data.psnNo, name=data.userName, certno=data.idNo, fund=fund, account=account,
        own=data.medfeeSumamt - fund - account,
    )  # fmt: skip
    orders.by_number[order.number] = order
    return {"data": {"payOrdId": order.number, "payToken": order.token}}


@handles("6202")
def place_order(request: Request) -> dict[str, Any]:
    order = _order(request)
    _place(request, order, request.input.data.orgBizSer)
    return {"data": {"payOrdId": order.number, "ordStas": order.state, **_amounts(order)}}


@handles("6205")
def place_bank_order(request: Request) -> dict[str, Any]:
    """Its table is not public: played as 6202, with nothing in the answer but that it was taken."""
    data = beyond(request.input).get("data") or {}
    order = orders_of(request.world).by_number.get(str(data.get("payOrdId")))
    if order is None or order.token != data.get("payToken"):
        raise Refuse("订单不存在")
    _place(request, order, str(data.get("orgBizSer")))
    return {"data": {}}


def _place(request: Request, order: FiledOrder, serial: str) -> None:
    orders = orders_of(request.world)
    if serial in order.serials:
        raise Refuse("机构业务流水号重复")
    if order.state != SAVED:
        raise Refuse("订单已下单")
    order.serials.add(serial)
    order.state, order.placed_at = SETTLING, request.epoch
    order.ends, order.seconds = orders.next_ends, orders.next_seconds
    orders.next_ends, orders.next_seconds = SETTLED, 0.0
    for tell in orders.told:
        tell(order)


@handles("6301")
def query_order(request: Request) -> dict[str, Any]:
    order = _order(request)
    if request.input.data.idNo != order.certno:
        raise Refuse("证件号码与订单不符")
    order.go_on(request.epoch)
    return {"data": as_told(order)}


@handles("6203")
def refund(request: Request) -> dict[str, Any]:
    data = request.input.data
    order = orders_of(request.world).by_number.get(data.payOrdId)
    if order is None:
        raise Refuse("订单不存在")
    order.go_on(request.epoch)
    if data.appRefdSn in order.refunds:
        raise Refuse("应用退款流水号重复")
    kept = order.state == CASH_KEPT and data.refdType == "CASH"
    if not kept and order.state not in (SETTLED, CASH_PARTLY, HI_REFUNDED, CASH_REFUNDED, HI_AND_CASH_PARTLY):
        raise Refuse("订单的状态不能退费")
    account, fund = data.psnAcctRefdAmt or Decimal(0), data.fundRefdAmt or Decimal(0)
    if data.cashRefdAmt + account + fund != data.totlRefdAmt:
        raise Refuse("各项退费之和与总退费金额不一致")
    _take_back(order, data.refdType, data.cashRefdAmt, account, fund)
    order.refunds[data.appRefdSn] = data.totlRefdAmt
    return {"data": {"refStatus": "SUCC"}}


@handles("6401")
def withdraw_fees(request: Request) -> dict[str, Any]:
    order = _order(request)
    if order.state != SAVED:
        raise Refuse("订单已下单，不能撤销费用上传")
    order.state = WITHDRAWN
    return {"data": {"success": True}}


def as_told(order: FiledOrder) -> dict[str, Any]:
    """What 6301 and 6302 tell of an order: amounts from state 3 on."""
    if order.state in (SAVED, SETTLING, "1"):
        return {"ordStas": order.state, "payOrdId": order.number}
    return {
        "ordStas": order.state, "payOrdId": order.number, "callType": "02", "medOrgOrd": order.institution_order,
        "traceTime": "20261121100000", "setlType": "ALL", "revsToken": f"RV{order.number[-20:]}", **_amounts(order),
    }  # fmt: skip


def _amounts(order: FiledOrder) -> dict[str, Any]:
    return {
        "feeSumamt": order.total, "ownPayAmt": order.own, "psnAcctPay": order.account, "fundPay": order.fund,
    }  # fmt: skip


def _order(request: Request) -> FiledOrder:
    data = request.input.data
    order = orders_of(request.world).by_number.get(data.payOrdId)
    if order is None or order.token != data.payToken:
        raise Refuse("订单不存在")
    return order


def _take_back(order: FiledOrder, kind: str, cash: Decimal, account: Decimal, fund: Decimal) -> None:
    """Refund by kind: insurance money in whole only."""
    insurance = (account, fund)
    hi_back = order.state in (HI_REFUNDED, HI_AND_CASH_PARTLY)
    if kind in ("ALL", "HI") and (hi_back or insurance != (order.account, order.fund)):
        raise Refuse("医保部分只能全部退，且只能退一次")
    if kind == "CASH" and any(insurance):
        raise Refuse("仅退自费时不能有医保部分")
    if kind == "HI" and cash:
        raise Refuse("仅退医保时不能有自费部分")
    if kind == "ALL" and cash != order.own - order.cash_refunded:
        raise Refuse("全部退费时自费部分须全部退")
    if order.cash_refunded + cash > order.own:
        raise Refuse("退费金额大于原支付金额")
    order.cash_refunded += cash
    hi_back = hi_back or kind in ("ALL", "HI")
    whole = order.cash_refunded == order.own
    if hi_back:
        order.state = REFUNDED if whole else HI_AND_CASH_PARTLY if order.cash_refunded else HI_REFUNDED
    else:
        order.state = CASH_REFUNDED if whole else CASH_PARTLY
