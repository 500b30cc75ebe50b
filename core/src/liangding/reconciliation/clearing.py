"""Monthly clearing of persons insured elsewhere in the province (异地清分): extracted page by page (3260), held against
our settlements, confirmed by the hundred (3261), rolled back (3262).

    month = Clearing(runtime, 2026, 11)
    rows = month.extract()
    month.confirm(rows)          # what does not agree with the journal is confirmed as not to be cleared
    month.roll_back(msgids)      # or all of the month
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from ..errors import LiangdingError
from ..journal.settling import SettledColumns, SettlementState
from ..runtime import Runtime

EXTRACT, CONFIRM, ROLL_BACK = "3260", "3261", "3262"

ROWS = 100
"""Rows of one call, of either kind."""

PAGES_AT_MOST = 10_000

CLEAR, LEAVE_OUT = "1", "0"
"""cnfm_flag."""

ALL_OF_THE_MONTH = "0"
"""otransid: every confirmation of the month."""


@attrs.frozen(kw_only=True)
class ClearingRow:
    """A row of the month as the platform has it, and what is not right with it by the journal (empty: it agrees)."""

    told: Any = attrs.field(repr=False)
    doubt: str = ""

    @property
    def setl_sn(self) -> str:
        return str(self.told.setl_sn)


@attrs.frozen(kw_only=True)
class Confirmation:
    """One call of 3261: ``inf_refmsgid`` is what 3262 names it by."""

    inf_refmsgid: str
    msgid: str
    rows: int


class Clearing:
    """The clearing of one month of one deployment."""

    def __init__(self, runtime: Runtime, year: int, month: int) -> None:
        self._runtime = runtime
        self._month = {"trt_year": f"{year:04d}", "trt_month": f"{month:02d}"}

    def extract(self) -> list[ClearingRow]:
        """Every row of the month, held against the journal. What a call raises; a month that is confirmed is refused
        by the platform until it is rolled back."""
        found: list[ClearingRow] = []
        for page in range(PAGES_AT_MOST):
            message = {"data": self._month | {"startrow": page * ROWS + 1}}
            rows = list(self._runtime.call(EXTRACT, message).output.data or ())
            found += [ClearingRow(told=row, doubt=self._doubt(row)) for row in rows]
            if len(rows) < ROWS:
                return found
        raise LiangdingError(f"{EXTRACT} 给了 {PAGES_AT_MOST} 页还没有完")

    def _doubt(self, row: Any) -> str:
        held = self._runtime.journal.settlements.by_setl_id(row.setl_sn)
        settled: SettledColumns | None = next((each for each in held if each.setl_id == row.setl_sn), None)
        if settled is None:
            return "流水中没有这笔结算"
        if settled.state is not SettlementState.STANDS:
            return "流水中这笔结算已退费"
        if settled.medfee_sumamt != row.medfee_sumamt:
            return f"总费用不一致：流水 {settled.medfee_sumamt}，中心 {row.medfee_sumamt}"
        paid = (
            settled.fund_pay_sumamt or Decimal(0),
            (settled.fund_pay_sumamt or Decimal(0)) + (settled.acct_pay or 0),
        )
        if row.optins_pay_sumamt not in paid:
            return f"经办机构支付不一致：流水 {paid[0]}，中心 {row.optins_pay_sumamt}"
        return ""

    def confirm(self, rows: list[ClearingRow]) -> list[Confirmation]:
        """Confirm the rows of the month: those that agree to be cleared, those in doubt not. Asked again, what was
        confirmed is not confirmed a second time."""
        done = []
        for first in range(0, len(rows), ROWS):
            batch = rows[first : first + ROWS]
            detail = [_confirmed(each) for each in batch]
            message = {"data": self._month | {"totalrow": len(batch)}, "detail": detail}
            key = f"3261:{'-'.join(self._month.values())}:{batch[0].setl_sn}:{len(batch)}"
            answer = self._runtime.call(CONFIRM, message, key=key)
            reference = str(answer.body.get("inf_refmsgid") or "")
            done.append(Confirmation(inf_refmsgid=reference, msgid=answer.msgid, rows=len(batch)))
        return done

    def roll_back(self, confirmation: str = ALL_OF_THE_MONTH) -> None:
        """Take back a confirmation by its inf_refmsgid, or every one of the month: a person has to want that."""
        message = {"data": self._month | {"otransid": confirmation}}
        self._runtime.call(ROLL_BACK, message, key=f"3262:{confirmation}:{self._runtime.new_id()[:12]}")


def _confirmed(row: ClearingRow) -> dict[str, Any]:
    names = ("certno", "mdtrt_id", "mdtrt_setl_time", "setl_sn", "medfee_sumamt", "optins_pay_sumamt")
    told = {name: getattr(row.told, name) for name in names}
    return told | {"cnfm_flag": LEAVE_OUT if row.doubt else CLEAR}
