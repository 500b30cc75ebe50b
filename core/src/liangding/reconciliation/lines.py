"""A settlement as reconciliation sees it, on either side: what tells it from others, and what has to agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

import attrs

from ..journal.settling import SettledColumns, SettlementState
from ..national.meaning import NOT_REFUNDED, REFUNDED

ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class SettlementLine:
    """One row: a settlement, or the negation of one (``setl_id`` of its own, or of the settlement where the platform
    gives none). Sums in yuan. ``at`` is the platform's time of it (None: not told)."""

    setl_id: str
    mdtrt_id: str
    medfee_sumamt: Decimal
    fund_pay_sumamt: Decimal
    acct_pay: Decimal
    refunded: bool = False
    at: datetime | None = None

    @property
    def sums(self) -> tuple[Decimal, Decimal, Decimal]:
        return self.medfee_sumamt, self.fund_pay_sumamt, self.acct_pay

    @property
    def minus(self) -> bool:
        """Whether it takes a settlement back."""
        return self.medfee_sumamt < 0

    @property
    def flag(self) -> str:
        return REFUNDED if self.refunded else NOT_REFUNDED


Group = tuple[str, str, str]
"""insutype, clr_type, clr_optins: what one call of 3201 is about."""


@attrs.frozen(kw_only=True)
class Ours:
    """One of our settlements or cancellations, its line, and where in the journal it is; ``elsewhere``: somebody else
    took it back."""

    line: SettlementLine
    call_id: int
    bill_no: str
    group: Group
    insuplc_admdvs: str
    refund_of: str = ""
    elsewhere: bool = False


def ours(settled: Iterable[SettledColumns], *, with_refunds: bool) -> Iterator[Ours]:
    """The lines of our settlements. With refunds, one that was taken back has a plus and a minus; without, none."""
    held = list(settled)
    originals = {each.setl_id: each for each in held if each.state is not SettlementState.CANCELS}
    for each in held:
        cancels = each.state is SettlementState.CANCELS
        if not with_refunds and each.state is not SettlementState.STANDS:
            continue
        yield _ours(each, originals.get(each.refund_of) if cancels else None, cancels=cancels)


def _ours(each: SettledColumns, original: SettledColumns | None, *, cancels: bool) -> Ours:
    sums = [each.medfee_sumamt, each.fund_pay_sumamt, each.acct_pay]
    if cancels and original is not None:
        whole = (original.medfee_sumamt, original.fund_pay_sumamt, original.acct_pay)
        sums = [-abs(value or other or ZERO) for value, other in zip(sums, whole, strict=True)]
    total, fund, account = (value or ZERO for value in sums)
    line = SettlementLine(
        setl_id=each.setl_id or each.refund_of or "", mdtrt_id=each.mdtrt_id or "", medfee_sumamt=total,
        fund_pay_sumamt=fund, acct_pay=account, at=each.setl_time,
        refunded=each.state is not SettlementState.STANDS,
    )  # fmt: skip
    group = (each.insutype or "", each.clr_type or "", each.clr_optins or "")
    return Ours(
        line=line, call_id=each.call_id, bill_no=each.bill_no or "", group=group,
        insuplc_admdvs=each.insuplc_admdvs or "", refund_of=each.refund_of or "",
        elsewhere=each.state is SettlementState.REFUNDED_ELSEWHERE,
    )  # fmt: skip
