"""The split of a bill, as a person has to see it before and after settling."""

from __future__ import annotations

from decimal import MAX_PREC, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import attrs

from ..national.meaning import settlement_in
from ..spec.writing import SHOWN, MessageWriter, two_places

ZERO, CENT = Decimal(0), Decimal("0.01")


def priced(count: Decimal, price: Decimal) -> Decimal:
    """What a row costs, in yuan: count times price, rounded to the cent."""
    with localcontext(prec=MAX_PREC):  # numbers that are too long are told by the declaration
        return (count * price).quantize(CENT, ROUND_HALF_UP)


@attrs.frozen(kw_only=True)
class Split:
    """Who pays what, in yuan. ``cash`` is what the person pays at the till; the account's part is not in it."""

    total: Decimal
    full_own: Decimal
    over_limit: Decimal
    own_first: Decimal
    in_scope: Decimal
    fund: Decimal
    account: Decimal
    cash: Decimal
    balance: Decimal

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Label and amount, for showing."""
        return (
            ("医疗费总额", f"{self.total:.2f}"),
            ("全自费", f"{self.full_own:.2f}"),
            ("超限价自费", f"{self.over_limit:.2f}"),
            ("先行自付", f"{self.own_first:.2f}"),
            ("政策范围内", f"{self.in_scope:.2f}"),
            ("基金支付", f"{self.fund:.2f}"),
            ("个人账户支付", f"{self.account:.2f}"),
            ("个人现金支付", f"{self.cash:.2f}"),
            ("账户余额", f"{self.balance:.2f}"),
        )

    def same_money(self, other: Split) -> bool:
        """Whether both charge the same to everybody."""
        return self == other


def split_of(setlinfo: Any) -> Split:
    """The split that a (pre-)settlement's answer states; what it leaves out counts as nothing."""

    def yuan(*names: str) -> Decimal:
        found = next((value for name in names if (value := getattr(setlinfo, name, None)) is not None), ZERO)
        return two_places(found)

    return Split(
        total=yuan("medfee_sumamt"), full_own=yuan("fulamt_ownpay_amt"), over_limit=yuan("overlmt_selfpay"),
        own_first=yuan("preselfpay_amt"), in_scope=yuan("inscp_scp_amt"), fund=yuan("fund_pay_sumamt"),
        account=yuan("acct_pay"), cash=yuan("psn_cash_pay", "cash_payamt"), balance=yuan("balc"),
    )  # fmt: skip


NOTHING = Split(
    total=ZERO, full_own=ZERO, over_limit=ZERO, own_first=ZERO, in_scope=ZERO, fund=ZERO, account=ZERO, cash=ZERO,
    balance=ZERO,
)  # fmt: skip
"""No money moves."""


@attrs.frozen(kw_only=True)
class SettledMoney:
    """A settlement that stands on the platform, or a cancellation. ``setlinfo`` and ``setldetail`` are what the
    platform itself says of it, under its own names. ``elsewhere``: one that somebody else made, in the insurer's pages
    for example; nothing of it is known here, and no money is to be given back for it."""

    setl_id: str
    mdtrt_id: str
    psn_no: str = attrs.field(repr=False)
    setl_time: str
    infno: str
    msgid: str
    split: Split
    elsewhere: bool = False
    setlinfo: dict[str, Any] = attrs.field(factory=dict, repr=False)
    setldetail: list[dict[str, Any]] = attrs.field(factory=list, repr=False)


_shown = MessageWriter(SHOWN)


def _told(node: Any) -> dict[str, Any]:
    """A node under its own names; numbers as text, as a flow keeps and shows every amount."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in _shown.write(node).items()}


def settled(answer: Any) -> SettledMoney:
    """The settlement that a call's answer states."""
    info = settlement_in(answer.output)
    return SettledMoney(
        setl_id=info.setl_id, mdtrt_id=info.mdtrt_id, psn_no=getattr(info, "psn_no", None) or "",
        setl_time=info.setl_time.isoformat(" ", "seconds") if info.setl_time else "", infno=answer.infno,
        msgid=answer.msgid, split=split_of(info), setlinfo=_told(info),
        setldetail=[_told(row) for row in getattr(answer.output, "setldetail", None) or ()],
    )  # fmt: skip
