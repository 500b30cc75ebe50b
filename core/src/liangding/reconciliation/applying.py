"""Applying for clearing (清算申请): a month of one clr_type and clr_way, with the sums that balance (3203); taken back
(3204).

    applications = Applications(runtime, 2026, 11)
    applications.due()                      # what there is to apply for, by clr_type and clr_way
    applications.apply(applications.due()[0])
    applications.withdraw(applied)
"""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal

import attrs

from ..errors import LiangdingError
from ..journal import CallRecord, State
from ..journal.settling import SettledColumns, SettlementState
from ..runtime import Runtime
from ..spec.locating import find
from ..wire.json import decode
from .reconciling import reconcile

APPLY, WITHDRAW, TOTALS = "3203", "3204", "3201"

ZERO = Decimal(0)


class NotApplied(LiangdingError):
    """An application cannot be made, or taken back."""

    code = "not_applied"
    http_status = 409


@attrs.frozen(kw_only=True)
class ClearingDue:
    """What there is to apply for of one clr_type and clr_way in a month; sums in yuan. ``applied`` is the number of the
    application that stands (clr_appy_evt_id), empty where none does; ``unknown`` where nobody knows what became of
    one."""

    clr_type: str
    clr_way: str
    count: int
    medfee_sumamt: Decimal
    fund_pay_sumamt: Decimal
    acct_pay: Decimal
    psn_cash_pay: Decimal
    applied: str = ""
    unknown: bool = False


class Applications:
    """The applications of one month of one deployment."""

    def __init__(self, runtime: Runtime, year: int, month: int) -> None:
        self._runtime = runtime
        self._first, self._last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        self._month = f"{year:04d}{month:02d}"

    def due(self) -> list[ClearingDue]:
        """What there is to apply for, by clr_type and clr_way: the month's settlements that stand."""
        groups: dict[tuple[str, str], list[SettledColumns]] = {}
        for each in self._runtime.journal.settlements.between(self._first, self._last):
            if each.state is SettlementState.STANDS:
                groups.setdefault((each.clr_type or "", each.clr_way or ""), []).append(each)
        return [self._due(*group, rows) for group, rows in sorted(groups.items())]

    def _due(self, clr_type: str, clr_way: str, rows: list[SettledColumns]) -> ClearingDue:
        last = self._last_of(clr_type, clr_way)[1]
        made = last is not None and last.state is State.ACCEPTED
        return ClearingDue(
            clr_type=clr_type, clr_way=clr_way, count=len(rows),
            medfee_sumamt=sum((each.medfee_sumamt or ZERO for each in rows), ZERO),
            fund_pay_sumamt=sum((each.fund_pay_sumamt or ZERO for each in rows), ZERO),
            acct_pay=sum((each.acct_pay or ZERO for each in rows), ZERO),
            psn_cash_pay=sum((each.psn_cash_pay or ZERO for each in rows), ZERO),
            applied=_number(last) if made and last is not None else "",
            unknown=last is not None and last.state in (State.OPEN, State.UNKNOWN),
        )  # fmt: skip

    def _key(self, clr_type: str, clr_way: str, times: int) -> str:
        return f"{APPLY}:{self._month}:{clr_type}:{clr_way}:{times}"

    def _last_of(self, clr_type: str, clr_way: str) -> tuple[int, CallRecord | None]:
        """The latest application that was not taken back, and how many there were before it."""
        times = 0
        while (made := self._by_key(self._key(clr_type, clr_way, times))) is not None:
            if made.state.repeatable:
                return times, None
            taken = self._by_key(f"{WITHDRAW}:{_number(made)}") if made.state is State.ACCEPTED else None
            if taken is None or taken.state is not State.ACCEPTED:
                return times, made
            times += 1
        return times, None

    def _by_key(self, key: str) -> CallRecord | None:
        return self._runtime.journal.by_key(self._runtime.deployment.institution.code, key)

    def apply(self, due: ClearingDue, *, balanced: bool = False) -> str:
        """Apply; the number of the application. NotApplied where it stands already, where nobody knows, and where the
        month does not balance (``balanced``: a person says that it does); what a call raises."""
        if due.applied:
            raise NotApplied(
                f"{self._month} 的清算类别 {due.clr_type} 已申请（{due.applied}）", remedy="先撤销（3204）"
            )
        if not balanced:
            self._refuse_unbalanced(due)
        message = {
            "clr_type": due.clr_type, "setlym": self._month, "psntime": due.count, "medfee_sumamt": due.medfee_sumamt,
            "med_sumfee": due.medfee_sumamt, "fund_appy_sum": due.fund_pay_sumamt, "cash_payamt": due.psn_cash_pay,
            "acct_pay": due.acct_pay, "begndate": self._first, "enddate": self._last,
        } | ({"clr_way": due.clr_way} if due.clr_way else {})  # fmt: skip
        times, _ = self._last_of(due.clr_type, due.clr_way)
        answer = self._runtime.call(APPLY, {"data": message}, key=self._key(due.clr_type, due.clr_way, times))
        return str(find(answer.output, "clr_appy_evt_id"))

    def _refuse_unbalanced(self, due: ClearingDue) -> None:
        totals_too = not self._runtime.interfaces[TOTALS].changes
        report = reconcile(self._runtime, self._first, self._last, totals_too=totals_too)
        wrong = [each for each in report.totals if each.group[1] == due.clr_type and not each.balanced]
        if wrong and (report.differences or report.failures or totals_too):
            raise NotApplied(
                f"{self._month} 的清算类别 {due.clr_type} 没有对平，不申请清算",
                remedy=f"liangding reconcile --month {self._first:%Y-%m}；确认无误的加 --balanced",
            )

    def withdraw(self, due: ClearingDue) -> None:
        """Take an application back. NotApplied where none stands; what a call raises."""
        if not due.applied:
            raise NotApplied(f"{self._month} 的清算类别 {due.clr_type} 没有申请过")
        self._runtime.call(WITHDRAW, {"data": {"clr_appy_evt_id": due.applied}}, key=f"{WITHDRAW}:{due.applied}")


def _number(made: CallRecord) -> str:
    body = decode(made.answer) if made.answer else {}
    result = (body.get("output") or {}).get("result") or {} if isinstance(body, dict) else {}
    return str(result.get("clr_appy_evt_id") or "")
