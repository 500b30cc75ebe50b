"""Asking the platform: totals by group (3201), and where they do not balance each settlement (9101, 3202, 9102)."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from ..files.layouts import layout_of
from ..files.reading import open_text
from ..files.writing import write_zip
from ..national.meaning import REFUNDED
from ..runtime import Runtime
from ..spec.locating import find
from ..spec.nodes import members, node_of
from ..transfer.exchange import download_file, upload_file
from .lines import ZERO, Group, Ours, SettlementLine

TOTALS, DETAILS = "3201", "3202"

BALANCED = ("0", "00", "000000")
"""stmt_rslt of what balances: 0, or as one edition writes it."""

WITH_REFUNDS, WITHOUT_REFUNDS = "1", "0"


@attrs.frozen(kw_only=True)
class Total:
    """A group's sums as we have them, in yuan, and what the platform says of them. ``asked`` is False where 3201 was
    not sent, and ``said`` says why. ``taken_back``: by so many refunds made elsewhere, which our record knows, and by
    nothing else the sides differ."""

    group: Group
    count: int
    medfee_sumamt: Decimal
    fund_pay_sumamt: Decimal
    acct_pay: Decimal
    asked: bool = False
    result: str = ""
    said: str = ""
    taken_back: int = 0

    @property
    def balanced(self) -> bool:
        return self.asked and (self.result in BALANCED or self.taken_back > 0)

    def as_json(self) -> dict[str, Any]:
        insutype, clr_type, clr_optins = self.group
        return {
            "insutype": insutype, "clr_type": clr_type, "clr_optins": clr_optins, "count": self.count,
            "medfee_sumamt": self.medfee_sumamt, "fund_pay_sumamt": self.fund_pay_sumamt, "acct_pay": self.acct_pay,
            "asked": self.asked, "balanced": self.balanced, "result": self.result, "said": self.said,
        }  # fmt: skip


def totals(lines: Iterable[Ours]) -> list[Total]:
    """Our sums by group, in order."""
    held: dict[Group, list[Ours]] = {}
    for each in lines:
        held.setdefault(each.group, []).append(each)
    return [
        Total(
            group=group, count=len(rows), medfee_sumamt=_sum(rows, 0), fund_pay_sumamt=_sum(rows, 1),
            acct_pay=_sum(rows, 2),
        )
        for group, rows in sorted(held.items())
    ]  # fmt: skip


def no_total(group: Group) -> Total:
    """A group of which we have nothing."""
    return Total(group=group, count=0, medfee_sumamt=ZERO, fund_pay_sumamt=ZERO, acct_pay=ZERO)


def _sum(rows: Iterable[Ours], place: int) -> Decimal:
    return sum((each.line.sums[place] for each in rows), ZERO)


@attrs.frozen(kw_only=True)
class TheirRow:
    """A row of 3202's result: what the platform has, and the message that made it."""

    line: SettlementLine
    msgid: str
    outcome: str
    memo: str

    @property
    def balanced(self) -> bool:
        return self.outcome in BALANCED


class PlatformPeriod:
    """What one deployment asks of the platform for a period. ``with_refunds``: whether refunds are in the sums and the
    file (``reconciliation.refunds``)."""

    def __init__(self, runtime: Runtime, first: date, last: date, *, with_refunds: bool) -> None:
        self._runtime, self._first, self._last = runtime, first, last
        self._flag = WITH_REFUNDS if with_refunds else WITHOUT_REFUNDS

    def total(self, ours: Total) -> Total:
        """What the platform says of a group's sums. What a call raises."""
        insutype, clr_type, clr_optins = ours.group
        values = {
            "insutype": insutype, "clr_type": clr_type, "setl_optins": clr_optins, "stmt_begndate": self._first,
            "stmt_enddate": self._last, "medfee_sumamt": ours.medfee_sumamt, "fund_pay_sumamt": ours.fund_pay_sumamt,
            "acct_pay": ours.acct_pay, "fixmedins_setl_cnt": ours.count,
        }  # fmt: skip
        key = f"3201:{self._first}:{self._last}:{':'.join(ours.group)}:{self._runtime.new_id()[:12]}"
        answer = self._runtime.call(TOTALS, self._message(TOTALS, values), key=key)
        result = str(find(answer.output, "stmt_rslt") or "")
        return attrs.evolve(ours, asked=True, result=result, said=find(answer.output, "stmt_rslt_dscr") or "")

    def details(self, clr_type: str, clr_optins: str, lines: list[Ours]) -> Iterator[TheirRow]:
        """What the platform has of a group that does not balance: our rows go up as a file, its result comes down."""
        settlements = self._runtime.journal.settlements
        rows = [
            {
                "setl_id": each.line.setl_id, "mdtrt_id": each.line.mdtrt_id,
                "psn_no": settlements.psn_no(each.call_id), "medfee_sumamt": each.line.medfee_sumamt,
                "fund_pay_sumamt": each.line.fund_pay_sumamt, "acct_pay": each.line.acct_pay,
                "refd_setl_flag": each.line.flag,
            }
            for each in lines
        ]  # fmt: skip
        packed = io.BytesIO()
        code_table = self._runtime.known.code_table
        written = write_zip(layout_of("3202.details"), rows, packed, "details.txt", code_table=code_table)
        packed.seek(0)
        stamp = f"{self._runtime.now():%Y%m%d%H%M%S}"
        sent = upload_file(self._runtime, packed, f"{stamp}{clr_type}.txt.zip")
        values = {
            "setl_optins": clr_optins, "file_qury_no": sent.file_qury_no, "stmt_begndate": self._first,
            "stmt_enddate": self._last, "medfee_sumamt": written.sums["medfee_sumamt"],
            "fund_pay_sumamt": written.sums["fund_pay_sumamt"], "cash_payamt": ZERO,
            "fixmedins_setl_cnt": written.rows, "clr_type": clr_type,
        }  # fmt: skip
        answer = self._runtime.call(DETAILS, self._message(DETAILS, values))
        file, name = find(answer.output, "file_qury_no"), find(answer.output, "filename")
        code = self._runtime.deployment.institution.code
        with tempfile.TemporaryDirectory() as folder:
            held = download_file(self._runtime, file, name, Path(folder) / "result.zip", fixmedins_code=code)
            with open_text(held.path, layout_of("3202.results")) as results:
                yield from [_result(row) for row in results]
                results.check()

    def _message(self, infno: str, values: dict[str, Any]) -> dict[str, Any]:
        """The input, the sign of refunds in the spelling that the region's declaration has."""
        node = next(m.node for m in members(node_of(self._runtime.interfaces[infno].input)) if m.node is not None)
        flags = [m.wire for m in members(node) if m.wire.lower() == "refd_setl_flag"]
        return {"data": values | dict.fromkeys(flags[:1], self._flag)}


def _result(row: Any) -> TheirRow:
    total, fund, account = (row[name] or ZERO for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"))
    line = SettlementLine(
        setl_id=row["setl_id"] or "", mdtrt_id=row["mdtrt_id"] or "", medfee_sumamt=total, fund_pay_sumamt=fund,
        acct_pay=account, refunded=row["refd_setl_flag"] == REFUNDED,
    )  # fmt: skip
    return TheirRow(line=line, msgid=row["msgid"] or "", outcome=row["stmt_rslt"] or "", memo=row["memo"] or "")
