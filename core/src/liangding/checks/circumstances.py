"""What a check has to know beside the message."""

from __future__ import annotations

from decimal import Decimal

import attrs


@attrs.frozen(kw_only=True)
class Circumstances:
    """``fund_includes_account``: whether 基金支付总额 contains what the personal account paid (some provinces) or not;
    None where that is not known: then either reading is accepted. ``funds`` are a region's own kinds of
    ``fund_pay_type`` (``account``, ``hospital``, ``cash`` or ``fund``), before the national ones. ``msgid`` is the
    number that a request went out under, ``account_used`` what it said of the account, where an answer is checked.
    ``tolerance`` is by how many yuan the two sides of an identity may differ; each use of it stays a finding.
    """

    fund_includes_account: bool | None = None
    funds: tuple[tuple[str, str], ...] = ()
    msgid: str | None = None
    account_used: bool | None = None
    tolerance: Decimal = Decimal(0)


NATIONAL = Circumstances()
