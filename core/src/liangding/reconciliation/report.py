"""A reconciliation on paper: a workbook with everything, and a PDF to sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import LiangdingError
from ..receipts.typesetting import pdf
from .reconciling import Report

TOTALS = ("险种", "清算类别", "经办机构", "笔数", "医疗费总额", "基金支付", "个人账户", "结果", "说明")
DIFFERENCES = ("类别", "结算ID", "差额", "原因", "办法", "交易", "单据号", "流水号", "报文号", "中心的话")

SHOWN = 40
"""So many differences are on the PDF; all are in the workbook."""


class ReportNotWritten(LiangdingError):
    """A workbook cannot be made on this machine."""

    code = "cannot_write"
    http_status = 501


def rows_of_totals(report: Report) -> list[tuple[Any, ...]]:
    """The groups as the workbook has them."""
    return [
        (*each.group, each.count, each.medfee_sumamt, each.fund_pay_sumamt, each.acct_pay,
         "平" if each.balanced else "不平" if each.asked else "没有问", each.said)
        for each in report.totals
    ]  # fmt: skip


def rows_of_differences(report: Report) -> list[tuple[Any, ...]]:
    return [
        (each.difference.kind.chinese, each.difference.setl_id, each.difference.amount, each.cause, each.action.chinese,
         each.infno, each.bill_no, each.call or "", each.difference.msgid, each.difference.note)
        for each in report.differences
    ]  # fmt: skip


def write_workbook(report: Report, path: Path) -> None:
    """The report as XLSX. CannotWrite where xlsxwriter is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise ReportNotWritten("没有安装写表格的部件", remedy="pip install 'liangding[sheets]'") from None
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        bold, money = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1}), book.add_format()
        money.set_num_format("0.00")
        summary = book.add_worksheet("概要")
        for place, (label, value) in enumerate(facts(report)):
            summary.write_string(place, 0, label, bold)
            summary.write_string(place, 1, value)
        summary.set_column(0, 0, 14)
        summary.set_column(1, 1, 60)
        _for_printing(summary)
        for title, head, rows in (
            ("总账", TOTALS, rows_of_totals(report)), ("差异", DIFFERENCES, rows_of_differences(report)),
        ):  # fmt: skip
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            _for_printing(sheet)
            for column, name in enumerate(head):
                sheet.set_column(column, column, WIDTHS.get(name, 12))
                sheet.write_string(0, column, name, bold)
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(number, column, value)
                    else:
                        sheet.write_number(number, column, float(value), None if isinstance(value, int) else money)


WIDTHS = {"原因": 46, "办法": 26, "报文号": 34, "中心的话": 30, "说明": 46, "结算ID": 26, "类别": 16, "单据号": 18}
"""Columns that are wider than the others, in characters."""

A4 = 9


def _for_printing(sheet: Any) -> None:
    """A4 on its side, all columns on one page."""
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def facts(report: Report) -> list[tuple[str, str]]:
    """What stands above the tables."""
    return [
        ("医药机构", f"{report.name}（{report.institution}）"),
        ("对账期间", f"{report.first} 至 {report.last}"),
        ("对账时间", report.at),
        ("结果", "平" if report.balanced else f"不平：{len(report.differences)} 处差异"),
        *(("发现", each) for each in report.findings),
        *(("未办成", each) for each in report.failures),
    ]


def write_pdf(report: Report, path: Path) -> None:
    """The report as PDF on A4, the first differences on it. CannotTypeset where this machine makes none."""
    totals = [[_shown(cell) for cell in row] for row in rows_of_totals(report)]
    differences = [[_shown(cell) for cell in row[:7]] for row in rows_of_differences(report)[:SHOWN]]
    left = len(report.differences) - len(differences)
    path.write_bytes(pdf("reconciliation", {
        "institution": report.name, "title": "医保费用结算对账报告", "facts": facts(report), "marks": [], "paper": "A4",
        "totals": [list(TOTALS), *totals], "differences": [list(DIFFERENCES[:7]), *differences],
        "more": f"另有 {left} 处差异，见工作簿" if left > 0 else "",
    }))  # fmt: skip


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else f"{value:,.2f}"
