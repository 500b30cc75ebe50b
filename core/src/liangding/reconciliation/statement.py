"""Reconciling by a region's own list of settlements (对数明细): where it has a query that answers them row by row, each
row is held against the journal.

    report = by_statement(runtime, date(2026, 11, 1), date(2026, 11, 30))

Which query that is, the declarations say: it reads accounts, page by page, and answers ``setlinfo``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from ..errors import CallRefused, LiangdingError
from ..national.meaning import REFUNDED, found_nothing
from ..runtime import Runtime
from ..spec import Does, Of, Transaction
from ..spec.nodes import members, node_of
from .asking import TheirRow
from .causes import Causes
from .lines import ZERO, SettlementLine, ours
from .reconciling import LATELY, Report, differing

ROWS, PAGE, PAGES = "setlinfo", "pageNum", "totalPage"

PAGES_AT_MOST = 10_000


class NotListed(LiangdingError):
    """The region has no query that lists settlements."""

    code = "not_listed"
    http_status = 404


def lists_settlements(transaction: Transaction) -> bool:
    """Whether a query answers the settlements of a day, row by row."""
    if not transaction.public or transaction.means != (Does.READS, Of.ACCOUNTS):
        return False
    asked = {inner.wire for each in members(node_of(transaction.input)) if each.node for inner in members(each.node)}
    return PAGE in asked and ROWS in {each.wire for each in members(node_of(transaction.output))}


def by_statement(runtime: Runtime, first: date, last: date) -> Report:
    """Every settlement of these days, both included, on both sides. NotListed; what a call raises."""
    known = runtime.interfaces
    infno = next((number for number in known.numbers() if lists_settlements(known[number])), None)
    if infno is None:
        raise NotListed("本地没有逐笔对数的查询", remedy="用总账、明细对账：liangding reconcile，不带 --rows")
    results = [_result(row) for row in _of_period(runtime, infno, first, last)]
    held, day = runtime.journal.settlements, timedelta(days=1)
    with_refunds = any(each.line.minus for each in results) or runtime.deployment.reconciliation.refunds == "with"
    mine = list(ours(held.between(first, last), with_refunds=with_refunds))
    beside = [*held.between(first - day, first - day), *held.between(last + day, last + day)]
    causes, institution = Causes(runtime), runtime.deployment.institution
    noted = ours(held.between(first - LATELY, last), with_refunds=True)
    gone = [each for each in noted if each.elsewhere]
    found = differing(mine, results, around=ours(beside, with_refunds=True), gone=gone)
    return Report(
        institution=institution.code, name=institution.name, first=first, last=last,
        at=f"{runtime.now():%Y-%m-%d %H:%M:%S}", totals=(), failures=(),
        differences=tuple(causes.explain(each) for each in found),
        findings=(f"{infno} 查得 {len(results)} 行，流水 {len(mine)} 行",),
    )  # fmt: skip


def _of_period(runtime: Runtime, infno: str, first: date, last: date) -> Iterator[Any]:
    """The rows of these days, asked for day by day. Whether a day means itself or its whole month is not public: a
    month that came whole is not asked for again, and what came with an earlier day is passed over."""
    whole: set[tuple[int, int]] = set()
    before: set[tuple[Any, ...]] = set()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if (day.year, day.month) in whole:
            continue
        rows = list(_listed(runtime, infno, day))
        came = {(row.setl_id, row.medfee_sumamt, row.refd_setl_flag) for row in rows}
        for row in rows:
            on = row.setl_time.date() if row.setl_time is not None else day
            if on != day:
                whole.add((day.year, day.month))
            if first <= on <= last and (row.setl_id, row.medfee_sumamt, row.refd_setl_flag) not in before:
                yield row
        before |= came


def _listed(runtime: Runtime, infno: str, day: date) -> Iterator[Any]:
    for page in range(1, PAGES_AT_MOST):
        try:
            output = runtime.call(infno, {"data": {"setl_time": day, PAGE: page}}).output
        except CallRefused as refused:
            if page == 1 and found_nothing(refused.message):
                return
            raise
        rows = getattr(output, ROWS) or ()
        yield from rows
        if not rows or page >= int(getattr(output, PAGES) or 1):
            return


def _result(row: Any) -> TheirRow:
    line = SettlementLine(
        setl_id=row.setl_id or "", mdtrt_id=row.mdtrt_id or "", medfee_sumamt=row.medfee_sumamt or ZERO,
        fund_pay_sumamt=row.fund_pay_sumamt or ZERO, acct_pay=row.acct_pay or ZERO,
        refunded=row.refd_setl_flag == REFUNDED,
    )  # fmt: skip
    return TheirRow(line=line, msgid="", outcome="0", memo="")
