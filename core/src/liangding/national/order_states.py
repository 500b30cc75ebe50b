"""The states of a mobile payment's order (ordStas), and what each of them means for the money."""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands. Only SETTLED is paid for in whole."""

    SAVED = "0"
    PRE_SETTLED = "1"
    SETTLING = "2"
    CASH_PAID = "3"
    HI_PAID = "4"
    SETTLED_INSIDE = "5"
    SETTLED = "6"
    REFUNDED = "7"
    HI_REFUNDED = "8"
    CASH_REFUNDED = "9"
    CASH_PARTLY_REFUNDED = "10"
    HI_AND_CASH_PARTLY_REFUNDED = "11"
    WITHDRAWN = "12"
    HI_WITHDRAWN = "13"
    ABNORMAL = "14"
    FAILED = "15"
    FAILED_CASH_KEPT = "16"

    @property
    def chinese(self) -> str:
        return _NAMES[self]

    @property
    def placed(self) -> bool:
        """Whether somebody placed the order."""
        return self not in (OrderState.SAVED, OrderState.PRE_SETTLED, OrderState.WITHDRAWN)

    @property
    def running(self) -> bool:
        """Whether it goes on by itself: to be asked for again."""
        return self in _RUNNING

    @property
    def failed(self) -> bool:
        """Whether it came to nothing; FAILED_CASH_KEPT and ABNORMAL may still hold the person's own money."""
        return self in (OrderState.ABNORMAL, OrderState.FAILED, OrderState.FAILED_CASH_KEPT)

    @property
    def may_hold_cash(self) -> bool:
        """Whether the person's own money may be held although nothing was settled."""
        return self in (OrderState.ABNORMAL, OrderState.FAILED_CASH_KEPT, OrderState.CASH_PAID, OrderState.HI_WITHDRAWN)

    @property
    def hi_refunded(self) -> bool:
        """Whether the insurance's part is back."""
        return self in (
            OrderState.REFUNDED, OrderState.HI_REFUNDED, OrderState.HI_AND_CASH_PARTLY_REFUNDED, OrderState.HI_WITHDRAWN,
        )  # fmt: skip

    @property
    def refundable(self) -> bool:
        """Whether there is something left to be refunded."""
        return self in _REFUNDABLE

    def follows(self, before: OrderState) -> bool:
        """Whether an order that stood at ``before`` may stand here later. One that ended does not come back."""
        return self is before or self in _AFTER.get(before, frozenset())


_NAMES = {
    "0": "已保存", "1": "预结算完成", "2": "结算中", "3": "自费完成", "4": "医保支付完成", "5": "院内结算完成", "6": "结算完成",
    "7": "已退款", "8": "医保部分已全部退款", "9": "仅自费全部退款", "10": "仅自费部分退款", "11": "医保全部、自费部分退款",
    "12": "已撤销", "13": "医保部分已撤销", "14": "异常", "15": "结算失败", "16": "医保结算失败、自费未冲回",
}  # fmt: skip

_ON_THE_WAY = tuple(OrderState)[:6]
_RUNNING = frozenset(_ON_THE_WAY)
_FAILURES = frozenset(
    {OrderState.WITHDRAWN, OrderState.HI_WITHDRAWN, OrderState.ABNORMAL, OrderState.FAILED, OrderState.FAILED_CASH_KEPT}
)
_REFUNDS = frozenset(tuple(OrderState)[7:12])
_REFUNDABLE = frozenset({OrderState.SETTLED, *_REFUNDS}) - {OrderState.REFUNDED}

_AFTER: dict[OrderState, frozenset[OrderState]] = {
    **{
        each: frozenset({*_ON_THE_WAY[at + 1 :], OrderState.SETTLED, *_REFUNDS, *_FAILURES})
        for at, each in enumerate(_ON_THE_WAY)
    },
    OrderState.SETTLED: _REFUNDS,
    OrderState.HI_REFUNDED: frozenset({OrderState.HI_AND_CASH_PARTLY_REFUNDED, OrderState.REFUNDED}),
    OrderState.CASH_REFUNDED: frozenset({OrderState.REFUNDED}),
    OrderState.CASH_PARTLY_REFUNDED: frozenset(
        {OrderState.CASH_REFUNDED, OrderState.HI_AND_CASH_PARTLY_REFUNDED, OrderState.REFUNDED}
    ),
    OrderState.HI_AND_CASH_PARTLY_REFUNDED: frozenset({OrderState.REFUNDED}),
    OrderState.HI_WITHDRAWN: frozenset({OrderState.REFUNDED, OrderState.WITHDRAWN}),
    OrderState.ABNORMAL: frozenset({OrderState.SETTLED, *_REFUNDS, *_FAILURES}),
    OrderState.FAILED_CASH_KEPT: frozenset({OrderState.CASH_REFUNDED, OrderState.REFUNDED, OrderState.FAILED}),
}
"""What may come after each, by what the states say; no official diagram is public."""


def state_of(text: object) -> OrderState | None:
    """The state of that code; None for one that is none, which then says nothing."""
    try:
        return OrderState(str(text or ""))
    except ValueError:
        return None
