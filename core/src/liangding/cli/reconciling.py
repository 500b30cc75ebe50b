"""``liangding reconcile``: our settlements against the platform's, and what may be done about a difference."""

from __future__ import annotations

import calendar
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..errors import ConfigurationError, LiangdingError
from .app import AsJson, Config
from .output import console, print_json, table

if TYPE_CHECKING:
    from ..reconciliation.reconciling import Report
    from ..runtime import Runtime

SHOWN = 50


def reconcile(
    *,
    config: Config,
    day: Annotated[date | None, Parameter(name="--date", help="一天，如 2026-11-28 · one day")] = None,
    month: Annotated[str, Parameter(help="一个月，如 2026-11 · one month")] = "",
    rows: Annotated[
        bool, Parameter(negative="", help="逐笔：用本地列出结算的查询，如 90502 · by the region's list of settlements")
    ] = False,
    apply: Annotated[bool, Parameter(negative="", help="3201 视同清算申请的也发送 · send 3201 all the same")] = False,
    folder: Annotated[Path | None, Parameter(help="报告（xlsx、pdf）放在哪 · where the reports go")] = None,
    confirm: Annotated[str, Parameter(help="办这一笔差异（结算ID）的办法 · do what is proposed for it")] = "",
    propose: Annotated[str, Parameter(help="提出办这一笔差异（结算ID），由另一个人批准 · propose it")] = "",
    approve: Annotated[str, Parameter(help="批准另一个人提出的（提议号），随即照办 · approve what is proposed")] = "",
    person: Annotated[str, Parameter(help="谁决定的 · who decided")] = "",
    reason: Annotated[str, Parameter(help="为什么 · why")] = "",
    break_glass: Annotated[bool, Parameter(negative="", help="找不到第二个人时一个人决定，会告警")] = False,
    as_json: AsJson = False,
) -> int:
    """对账：总账 3201，不平的对明细 3202，说明每处差异 · Reconcile a day or a month.

    Exit code 0: balanced; 1: not.
    """
    from ..reconciliation import proposing
    from ..reconciliation.reconciling import reconcile as run
    from ..reconciliation.statement import by_statement
    from ..runtime import Runtime

    first, last = _period(day, month)
    with Runtime.from_file(config) as runtime:

        def made() -> Report:
            if rows:
                return by_statement(runtime, first, last)
            return run(runtime, first, last, totals_too=apply or not runtime.interfaces["3201"].changes)

        report = made()
        if propose:
            _propose(runtime, report, propose, person, reason)
        elif approve:
            _said(proposing.approve(runtime, approve, person, look=lambda *_: report))
        elif confirm:
            _act(runtime, report, confirm, person, reason, break_glass=break_glass)
        if approve or confirm:
            report = made()
    if folder is not None:
        _write(report, folder)
    if as_json:
        print_json(report.as_json())
    else:
        show(report)
    return 0 if report.balanced else 1


def _period(day: date | None, month: str) -> tuple[date, date]:
    if (day is None) == (not month):
        raise ConfigurationError("给 --date 或 --month 其中一个", remedy="--date 2026-11-28，或 --month 2026-11")
    if day is not None:
        return day, day
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", month)
    if found is None:
        raise ConfigurationError(f"--month 应写成 2026-11，给了 {month}")
    year, number = int(found[1]), int(found[2])
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def _propose(runtime: Runtime, report: Report, setl_id: str, person: str, reason: str) -> None:
    from ..reconciliation import proposing

    period = f"{report.first}" if report.first == report.last else f"{report.first:%Y-%m}"
    made = proposing.propose(runtime, period, setl_id, person=person, reason=reason, look=lambda *_: report)
    _said(f"提议 {made.number}：{made.action.chinese}。另一个人用自己的账户，加 --approve {made.number} 再对一次")


def _said(text: str) -> None:
    console().print(f"✓ {text}", markup=False)


def _act(
    runtime: Runtime, report: Report, setl_id: str, person: str, reason: str, *, break_glass: bool = False
) -> None:
    from ..reconciliation.causes import act

    if not (person.strip() and reason.strip()):
        raise ConfigurationError("要写明谁决定的（--person）和为什么（--reason）")
    found = next((each for each in report.differences if each.difference.setl_id == setl_id), None)
    if found is None:
        raise LiangdingError(f"这次对账没有 {setl_id} 的差异")
    _said(act(runtime, found, person=person, reason=reason, break_glass=break_glass))


def _write(report: Report, folder: Path) -> None:
    from ..reconciliation.report import write_pdf, write_workbook

    folder.mkdir(parents=True, exist_ok=True)
    name = f"reconcile-{report.first}" + ("" if report.first == report.last else f"-{report.last}")
    write_workbook(report, folder / f"{name}.xlsx")
    write_pdf(report, folder / f"{name}.pdf")
    console().print(f"报告 {folder / name}.xlsx、{name}.pdf", markup=False)


def show(report: Report) -> None:
    """The report for the terminal."""
    from ..reconciliation.report import DIFFERENCES, TOTALS, rows_of_differences, rows_of_totals

    out = console()
    for title, head, rows in (
        ("总账", TOTALS, rows_of_totals(report)),
        ("差异", DIFFERENCES[:5], [row[:5] for row in rows_of_differences(report)[:SHOWN]]),
    ):
        if rows:
            shown = table(*head)
            for row in rows:
                shown.add_row(*(f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell) for cell in row))
            out.print(f"[bold]{title}[/]")
            out.print(shown)
    for said in (*report.findings, *report.failures):
        out.print(f"! {said}", markup=False)
    verdict = "平" if report.balanced else f"不平：{len(report.differences)} 处差异"
    out.print(f"{report.first} 至 {report.last}：{verdict}")
