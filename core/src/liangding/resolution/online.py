"""Looking for what an online service did: an order that was placed or refunded (6301), a prescription (7105)."""

from __future__ import annotations

from typing import Any

from ..contract.cases import CannotAsk, Case, Finding, Seen
from ..national.order_states import OrderState, state_of
from ..spec import Does, Of
from ..spec.writing import SPARSE, MessageWriter

_write = MessageWriter(SPARSE).write

NEEDED = ("payOrdId", "payToken", "orgCodg", "idNo", "userName", "idType")
"""What 6301 asks by."""

BY_ORDER, BY_PRESCRIPTION = "6301", "7105"


def placed(case: Case) -> Finding:
    """Whether the order of the call stands beyond "saved". One that was withdrawn is placed by nobody any more: that is
    the answer, and asking once more would only hear that it was there before."""
    told, state, missing = _order(case)
    if missing is not None:
        return missing
    if state is None or told is None:
        return Finding(seen=Seen.UNCLEAR, by=BY_ORDER, note="订单的状态认不出")
    if not state.placed and state is not OrderState.WITHDRAWN:
        return Finding(seen=Seen.NOT_THERE, by=BY_ORDER, note=f"订单{state.chinese}")
    return Finding(seen=Seen.THERE, by=BY_ORDER, output={"data": told}, note=f"订单{state.chinese}")


def taken_back(case: Case) -> Finding:
    """Whether the order of the call is refunded as the call asked for."""
    _, state, missing = _order(case)
    if missing is not None:
        return missing
    wanted = str(case.field("refdType") or "")
    if state is None or (wanted == "CASH" and state in _CASH_PARTLY):
        return Finding(seen=Seen.UNCLEAR, by=BY_ORDER, note="自费部分退过一些，从状态看不出是不是这一笔")
    if state in _BACK.get(wanted, ()):
        return Finding(
            seen=Seen.THERE, by=BY_ORDER, output={"data": {"refStatus": "SUCC"}}, note=f"订单{state.chinese}"
        )
    left = state.refundable or (wanted == "CASH" and state is OrderState.FAILED_CASH_KEPT)
    return Finding(seen=Seen.NOT_THERE if left else Seen.UNCLEAR, by=BY_ORDER, note=f"订单{state.chinese}")


def state_leaves_open(case: Case) -> bool:
    """Whether the order's state, which the platform tells, leaves open if the call's refund was made."""
    try:
        _, state, missing = _order(case)
    except CannotAsk:
        return False
    return missing is None and case.field("refdType") == "CASH" and state in _CASH_PARTLY


_CASH_PARTLY = frozenset({OrderState.CASH_PARTLY_REFUNDED, OrderState.HI_AND_CASH_PARTLY_REFUNDED})
"""Some of the own money is back, and nothing says by which refund."""

_BACK = {
    "ALL": frozenset({OrderState.REFUNDED}),
    "HI": frozenset(each for each in OrderState if each.hi_refunded),
    "CASH": frozenset({OrderState.CASH_REFUNDED, OrderState.REFUNDED}),
}
"""The states that show a refund of each kind."""


def prescription(case: Case) -> Finding:
    """Whether the prescription that the call uploads is there."""
    found = _prescription(case)
    if isinstance(found, Finding):
        return found
    return Finding(seen=Seen.THERE, by=BY_PRESCRIPTION, output={"data": found})


def prescription_withdrawn(case: Case) -> Finding:
    """Whether the prescription that the call withdraws is withdrawn."""
    found = _prescription(case)
    if isinstance(found, Finding):
        return found
    gone = found["rxStasCodg"] == WITHDRAWN
    return Finding(
        seen=Seen.THERE if gone else Seen.NOT_THERE, by=BY_PRESCRIPTION, output={"data": found} if gone else {}
    )


WITHDRAWN = "3"
"""rx_stas_codg 已撤销."""


def _order(case: Case) -> tuple[dict[str, Any] | None, OrderState | None, Finding | None]:
    question = _question(case)
    if question is None:
        why = "不知道订单是谁的（这笔业务里没有 6201、6301 的记录），查不了"
        return None, None, Finding(seen=Seen.UNCLEAR, by=BY_ORDER, note=why)
    answer = case.ask(BY_ORDER, {"data": question})
    if answer is None:
        return None, None, Finding(seen=Seen.UNCLEAR, by=BY_ORDER, note="移动支付中心说没有这个订单")
    if answer.data is None:
        return None, None, Finding(seen=Seen.UNCLEAR, by=BY_ORDER, note="移动支付中心没有说订单的状态")
    told = _write(answer.data)
    return told, state_of(told.get("ordStas")), None


def _question(case: Case) -> dict[str, Any] | None:
    """What the order is asked for by: as this piece of business asked for it before, or as it was uploaded."""
    number = case.field("payOrdId")
    for call in reversed(case.of_flow()):
        data = case.data_of(call, "input")
        if case.means(call.infno) == (Does.UPLOADS, Of.FEES):
            data = {**data, **case.data_of(call, "output")}
        if data.get("payOrdId") == number and all(data.get(name) for name in NEEDED):
            return {name: data[name] for name in NEEDED}
    return None


def _prescription(case: Case) -> dict[str, Any] | Finding:
    asked = {name: case.field(name) for name in ("hiRxno", "fixmedinsCode", "mdtrtId", "psnCertType", "certno")}
    asked["psnName"] = case.field("patnName")
    for call in case.of_flow() if not all(asked.values()) else ():
        data = case.data_of(call, "input")
        if data.get("hiRxno") == asked["hiRxno"]:
            asked = {**{k: data.get(k) for k in asked}, "psnName": data.get("psnName") or data.get("patnName")}
            if all(asked.values()):
                break
    if not all(asked.values()):
        return Finding(seen=Seen.UNCLEAR, by=BY_PRESCRIPTION, note="不知道处方是哪位患者的，查不了")
    answer = case.ask(BY_PRESCRIPTION, {"data": asked})
    if answer is None:
        return Finding(seen=Seen.NOT_THERE, by=BY_PRESCRIPTION)
    told = _write(answer.data) if answer.data is not None else {}
    named = {name: told.get(name) for name in ("rxStasCodg", "rxStasName")}
    if not named["rxStasCodg"]:
        return Finding(seen=Seen.UNCLEAR, by=BY_PRESCRIPTION, note="处方中心没有说处方的状态")
    return {"hiRxno": asked["hiRxno"], **named}
