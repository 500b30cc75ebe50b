"""混合收款: a payment channel's order of three parts: the whole (mix), what the person pays, what the insurance pays.

A channel tells of success alone, and for half a minute: an order that was created is asked for on a timer. One that
failed while the person had paid gives the own part back by itself. Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import attrs

from ...config.channel import ChannelNumbers
from ...contract.steps import Flow, step
from ...errors import CallRefused, ConfigurationError
from ...national.meaning import found_nothing
from ...workflow.standing import FlowStopped, StillRunning
from ...workflow.work import Work
from .orders import decided_by_a_person, own_money_is_held

CREATED, SUCCESS, REFUND, FAIL = "CREATED", "SUCCESS", "REFUND", "FAIL"
PARTS = {"mix": "mix_pay_status", "self_paid": "self_pay_status", "medical": "med_ins_pay_status"}
PREFIXES = {"mix": "MIX_PAY_", "self_paid": "SELF_PAY_", "medical": "MED_INS_PAY_"}
NONE_OF_IT = {"self_paid": "NO_SELF_PAY", "medical": "NO_MED_INS_PAY"}

KINDS = ("CASH_ONLY", "INSURANCE_ONLY", "CASH_AND_INSURANCE")
INSURANCE = ("med_ins_gov_fee", "med_ins_self_fee", "med_ins_other_fee", "med_ins_cash_fee")
FORBIDDEN = {
    "CASH_ONLY": ("pay_order_id", "pay_auth_no", "geo_location", "med_ins_order_create_time"),
    "INSURANCE_ONLY": ("prepay_id",),
}


def wrong_amounts(order: Mapping[str, Any]) -> list[str]:
    """What is wrong with an order's amounts, in words; empty where both formulas hold in fen."""
    kind = order.get("mix_pay_type")
    if kind not in KINDS:
        return [f"mix_pay_type 应为 {'、'.join(KINDS)}"]
    names = ["total_fee", "wechat_pay_cash_fee", *(INSURANCE if kind != "CASH_ONLY" else ())]
    lists = {"cash_add_detail": "cash_add_fee", "cash_reduce_detail": "cash_reduce_fee"}
    rows = [(f"{name}.{fee}", row.get(fee)) for name, fee in lists.items() for row in order.get(name) or ()]
    found = [f"{name} 应为非负整数（分）" for name, value in [*((n, order.get(n)) for n in names), *rows]
             if not isinstance(value, int) or isinstance(value, bool) or value < 0]  # fmt: skip
    found += [f"{kind} 时不能有 {name}" for name in FORBIDDEN.get(kind, ()) if order.get(name)]
    if found:
        return found
    added, reduced = (sum(row[fee] for row in order.get(name) or ()) for name, fee in lists.items())
    total, cash = order["total_fee"], order["wechat_pay_cash_fee"]
    gov, own, other, after = (order.get(name) or 0 for name in INSURANCE)
    if kind == "CASH_ONLY":
        after = order.get("med_ins_cash_fee", total - added)
    if total != gov + own + other + cash + reduced:
        found.append("total_fee 应等于 统筹 + 个账 + 其他 + wechat_pay_cash_fee + 减免之和")
    if total != gov + own + other + after + added:
        found.append("total_fee 应等于 统筹 + 个账 + 其他 + med_ins_cash_fee + 加收之和")
    if (kind == "INSURANCE_ONLY") != (cash == 0):
        found.append("wechat_pay_cash_fee 只在 INSURANCE_ONLY 时为 0")
    return found


@attrs.define(kw_only=True)
class ChannelOrderGiven:
    """``out_trade_no`` is the institution's own number of the order, and its key; ``order`` the channel's fields by
    their names, without it, amounts in fen."""

    out_trade_no: str
    order: dict[str, Any] = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        if "out_trade_no" in self.order:
            raise ValueError("out_trade_no 由系统填，order 中不要给出")
        if wrong := wrong_amounts(self.order):
            raise ValueError("；".join(wrong))


@attrs.define(kw_only=True)
class ChannelOrderState:
    """How far an order has got: its number at the channel, and its three parts. ``absences``: how often in a row the
    channel said that it has no such order, where a person alone says that it was placed."""

    given: ChannelOrderGiven
    number: str = ""
    parts: dict[str, str] = attrs.field(factory=dict)
    given_back: str = ""
    absences: int = 0


def numbers_of(work: Work[Any]) -> ChannelNumbers:
    """The back end's numbers. ConfigurationError where the deployment has none."""
    found = work.runtime.deployment.channel
    if found is None:
        raise ConfigurationError("没有配置渠道的混合收款", path="channel", remedy="写 [channel] 的四个编号")
    return found


@step("渠道下单", charges=True)
def place(work: Work[ChannelOrderState]) -> None:
    """Place the order: from here on the person may pay."""
    given = work.state.given
    try:
        told = _data(work, numbers_of(work).order, {**given.order, "out_trade_no": given.out_trade_no})
    except CallRefused:
        if not (work.has_sent("1") and _is_there(work)):
            raise
        return  # an earlier one that was said not to be there: it is asked for as any order is
    work.state.number = str(told.get("mix_trade_no") or "")


def _is_there(work: Work[ChannelOrderState]) -> bool:
    """Whether the channel has the order, by its own word: asked where it refuses one that was sent before."""
    asked = {"out_trade_no": work.state.given.out_trade_no}
    try:
        told = _data(work, numbers_of(work).query, asked)
    except CallRefused:
        return False
    return told.get("out_trade_no") in (None, "", *asked.values()) and bool(told.get(PARTS["mix"]))


@step("查询渠道订单", repeats="到订单有结果")
def await_channel(work: Work[ChannelOrderState]) -> None:
    """Ask how the three parts stand. StillRunning while the whole is created: it is asked for again by itself."""
    state = work.state
    try:
        told = _data(work, numbers_of(work).query, {"out_trade_no": state.given.out_trade_no})
    except CallRefused as refused:  # of the question: it says nothing of an order that the channel took
        _end_what_was_never_placed(work, refused.message)
        return
    state.absences = 0
    if told.get("out_trade_no") not in (None, "", state.given.out_trade_no):
        raise FlowStopped("渠道应答的是另一笔订单", remedy="向渠道核对这个订单")
    state.number = state.number or str(told.get("mix_trade_no") or "")
    state.parts = {part: _status(part, told.get(name)) for part, name in PARTS.items()}
    if state.parts["mix"] == CREATED:
        raise StillRunning("渠道订单还没有结果")


def _end_what_was_never_placed(work: Work[ChannelOrderState], refusal: str) -> None:
    """An order that a person alone says was placed, and of which the channel has said twice, the second time late
    enough to be believed, that it has none: nobody pays for it, and the flow is at its end. StillRunning for any other
    refusal of the question, and until then."""
    state, decided = work.state, decided_by_a_person(work, place.name)
    if decided is None or not found_nothing(refusal):
        raise StillRunning(f"渠道没有说订单的结果（{refusal}）")
    state.absences += 1
    if state.absences < 2 or not work.runtime.resolver.old_enough(decided):
        text = f"渠道说没有这笔订单（{refusal}），下单却由人认定已办成；再向渠道查一次"
        raise StillRunning(text, remedy="先不要收费、不要重新下单；会自动再查，也可稍后继续（resume）这笔业务")
    work.runtime.journal.note(decided.id, "contradicted", {"by": numbers_of(work).query})
    work.advise(
        f"渠道没有订单 {state.given.out_trade_no}：下单由人认定已办成，渠道两次说没有（{refusal}）。没有收费，不要发药"
        "、开票；要收费的，换一个 out_trade_no 重新下单；这个订单号请向渠道核对，参保人若已付款，由渠道退"
    )


def _status(part: str, told: Any) -> str:
    if told == NONE_OF_IT.get(part):
        return ""
    short = str(told or "").removeprefix(PREFIXES[part])
    if short not in (CREATED, SUCCESS, REFUND, FAIL):
        raise FlowStopped(f"渠道给的状态 {told} 不认识", remedy="向渠道核对这个订单")
    return short


def _own_part_is_left(state: ChannelOrderState) -> bool:
    return state.parts.get("mix") == FAIL and state.parts.get("self_paid") == SUCCESS


@step("退还自费部分", skip=lambda state: not _own_part_is_left(state), when="整单失败而自费已付")
def give_own_part_back(work: Work[ChannelOrderState]) -> None:
    """The whole failed and the person has paid: the own part goes back by itself."""
    state = work.state
    fen = state.given.order["wechat_pay_cash_fee"]
    with own_money_is_held():
        refund_own_part(work, state.given.out_trade_no, f"{state.given.out_trade_no}R", fen, fen)
    state.given_back = f"{fen}"
    work.advise(f"医保没有结算成，自费部分 {fen / 100:.2f} 元已申请退还")


def refund_own_part(work: Work[Any], out_trade_no: str, out_refund_no: str, fen: int, total: int) -> None:
    """Have the channel give own money back, ``fen`` of ``total``."""
    amount = {"refund": fen, "total": total, "currency": "CNY"}
    data = {"out_trade_no": out_trade_no, "out_refund_no": out_refund_no, "amount": amount}
    work.call(numbers_of(work).refund, {"data": data}, part="own")


def tell_of_refund(work: Work[Any], order: ChannelOrderState, out_refund_no: str, fund: int, account: int) -> None:
    """Tell the channel what the insurance has given back, in fen: our call, after 6203."""
    data = {
        "mix_trade_no": order.number, "out_refund_no": out_refund_no, "med_refund_total_fee": fund + account,
        "med_refund_gov_fee": fund, "med_refund_self_fee": account, "med_refund_other_fee": 0,
        "refund_time": work.begun_at.isoformat(),
    }  # fmt: skip
    work.call(numbers_of(work).refund_notice, {"data": data}, part="told")


def _data(work: Work[Any], infno: str, data: dict[str, Any]) -> dict[str, Any]:
    held = work.heard(work.call(infno, {"data": data})).get("data")
    return held if isinstance(held, dict) else {}


class ChannelOrderResult(TypedDict):
    """An order of a channel: paid for only where all its parts are."""

    order: str
    parts: dict[str, str]
    paid: bool
    given_back: str


class ChannelOrder(Flow[ChannelOrderState]):
    """渠道混合收款: one order of a payment channel, from placing it to where its three parts stand."""

    name = "channel_order"
    title = "渠道混合收款"
    given = ChannelOrderGiven
    state = ChannelOrderState
    keyed_by = (("out_trade_no",),)
    steps = (place, await_channel, give_own_part_back)

    @staticmethod
    def result(state: ChannelOrderState) -> ChannelOrderResult:
        paid = bool(state.parts) and all(part in ("", SUCCESS) for part in state.parts.values())
        return {"order": state.number, "parts": dict(state.parts), "paid": paid, "given_back": state.given_back}
