"""How the simulated platform splits a bill: by scope of the catalogue, then by who pays.

Every split satisfies the arithmetic identities that real answers satisfy. The catalogue is made up: the last digit
of a code decides its class (甲, 乙 with own share, 丙 wholly own).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import attrs

CENT = Decimal("0.01")
ZERO = Decimal(0)
NO_LIMIT = Decimal(999999)


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


@attrs.frozen(kw_only=True)
class PricedItem:
    """How the made-up catalogue treats a code: its class (chrgitm_lv), own share (0 to 1) and price limit in yuan."""

    level: str
    own_share: Decimal
    limit: Decimal = NO_LIMIT


def catalogue_item(code: str) -> PricedItem:
    """The treatment of ``code``: its last digit decides."""
    last = code[-1:] if code[-1:].isdigit() else "0"
    if last in "89":
        return PricedItem(level="3", own_share=Decimal(1))
    if last in "567":
        return PricedItem(level="2", own_share=Decimal("0.1"))
    return PricedItem(level="1", own_share=ZERO, limit=Decimal(500) if last == "4" else NO_LIMIT)


@attrs.frozen(kw_only=True)
class RowSplit:
    """One fee row split by scope: all own, over the limit, own share first, in scope. Yuan."""

    feedetl_sn: str
    code: str
    count: Decimal
    price: Decimal
    total: Decimal
    item: PricedItem
    full_own: Decimal
    over_limit: Decimal
    own_first: Decimal
    in_scope: Decimal


def split_row(feedetl_sn: str, code: str, count: Decimal, price: Decimal, total: Decimal) -> RowSplit:
    """Split one row; a refund (negative count) splits into the same parts, negative."""
    item = catalogue_item(code)
    if item.own_share == 1:
        full, over, first = total, ZERO, ZERO
    else:
        full = ZERO
        over = cents((price - item.limit) * count) if price > item.limit else ZERO
        first = cents((total - over) * item.own_share)
    return RowSplit(
        feedetl_sn=feedetl_sn, code=code, count=count, price=price, total=total, item=item, full_own=full,
        over_limit=over, own_first=first, in_scope=total - full - over - first,
    )  # fmt: skip


@attrs.frozen(kw_only=True)
class Policy:
    """What a visit is entitled to, in yuan and shares from 0 to 1.

    The pool pays ``ratio`` of what is above the deductible, up to ``ceiling``; ``large_ratio`` of what the ceiling cuts
    off comes from the large-amount fund, ``civil_servant_ratio`` of what the person would then pay of the scope from
    the civil servants' fund, and ``catastrophic_ratio`` of what this person, who has borne ``borne`` of the scope this
    year, bears above ``catastrophic_from`` from catastrophic insurance, and ``aid_ratio`` of what is left of the scope
    from medical aid. With ``hospital_bears_over_limit`` what is over
    the limit falls to the hospital.
    """

    deductible: Decimal = ZERO
    ratio: Decimal = ZERO
    ceiling: Decimal = NO_LIMIT
    large_ratio: Decimal = ZERO
    civil_servant_ratio: Decimal = ZERO
    catastrophic_ratio: Decimal = ZERO
    catastrophic_from: Decimal = NO_LIMIT
    borne: Decimal = ZERO
    aid_ratio: Decimal = ZERO
    account_pays_own: bool = False
    hospital_bears_over_limit: bool = False


@attrs.frozen(kw_only=True)
class BillSplit:
    """A whole bill split by scope and by payer. Yuan."""

    total: Decimal
    full_own: Decimal
    over_limit: Decimal
    own_first: Decimal
    in_scope: Decimal
    deductible: Decimal
    ratio: Decimal
    pool: Decimal
    large: Decimal
    civil_servant: Decimal
    catastrophic: Decimal
    aid: Decimal
    hospital: Decimal
    account: Decimal
    cash: Decimal

    @property
    def fund(self) -> Decimal:
        return self.pool + self.large + self.civil_servant + self.catastrophic + self.aid

    @property
    def borne(self) -> Decimal:
        """What no fund paid of what is in scope."""
        return self.in_scope - self.fund

    def negated(self) -> BillSplit:
        values = {a.name: -getattr(self, a.name) for a in attrs.fields(BillSplit) if a.name != "ratio"}
        return attrs.evolve(self, **values)


def split_bill(rows: Iterable[RowSplit], policy: Policy, balance: Decimal) -> BillSplit:
    """Split a bill; ``balance`` is what the account may pay (zero: the account is not used)."""
    listed = list(rows)
    total = sum((r.total for r in listed), ZERO)
    in_scope = sum((r.in_scope for r in listed), ZERO)
    full_own = sum((r.full_own for r in listed), ZERO)
    deductible = min(policy.deductible, max(in_scope, ZERO))
    above = max(in_scope - deductible, ZERO)
    entitled = cents(above * policy.ratio)
    pool = min(entitled, max(policy.ceiling, ZERO))
    large = cents((entitled - pool) * policy.large_ratio)
    civil_servant = cents((in_scope - deductible - pool - large) * policy.civil_servant_ratio)
    catastrophic = _catastrophic(policy, in_scope - pool - large - civil_servant, above - pool - large - civil_servant)
    over_limit = sum((r.over_limit for r in listed), ZERO)
    hospital = over_limit if policy.hospital_bears_over_limit else ZERO
    aid = cents((in_scope - pool - large - civil_servant - catastrophic) * policy.aid_ratio)
    left = total - pool - large - civil_servant - catastrophic - aid - hospital
    payable = left if policy.account_pays_own else left - full_own
    account = max(min(balance, payable), ZERO)
    return BillSplit(
        total=total, full_own=full_own, over_limit=over_limit,
        own_first=sum((r.own_first for r in listed), ZERO), in_scope=in_scope, deductible=deductible,
        ratio=policy.ratio, pool=pool, large=large, civil_servant=civil_servant, catastrophic=catastrophic,
        aid=aid, hospital=hospital, account=account, cash=left - account,
    )  # fmt: skip


def _catastrophic(policy: Policy, bears: Decimal, above_deductible: Decimal) -> Decimal:
    """What catastrophic insurance pays of what the person ``bears``; never anything of the deductible."""
    threshold = max(policy.catastrophic_from, policy.borne)
    excess = max(policy.borne + bears - threshold, ZERO)
    return min(cents(excess * policy.catastrophic_ratio), max(above_deductible, ZERO))
