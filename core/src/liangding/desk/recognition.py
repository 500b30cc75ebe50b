"""Mutual recognition of examinations (检查检验互认): reports of other institutions that may be taken instead of
examining once more (5401), and what a report says (5402). Personal data is the purpose; nothing is kept."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import CallRefused
from ..national.meaning import found_nothing
from ..runtime import Runtime
from ..spec.codes import code_table
from .looking import Search, Whom, whom_of

ITEMS, REPORT = "5401", "5402"


@attrs.frozen(kw_only=True)
class RecognisedReport:
    """A report that may be recognised: who made it, when, and what it concludes; ``told`` is the platform's row."""

    number: str
    institution: str
    institution_name: str
    title: str
    date: str
    conclusion: str = attrs.field(repr=False)
    abnormal: str
    told: Any = attrs.field(repr=False)

    def as_json(self) -> dict[str, str]:
        return {name: value for name, value in attrs.asdict(self).items() if name != "told"}


@attrs.frozen(kw_only=True)
class ReportDetails:
    """What a report says, in lines: of an examination its conclusions, of a test each value with its unit and the
    reference."""

    lines: tuple[str, ...] = attrs.field(repr=False)


def recognised(
    runtime: Runtime, search: Search, *, item_code: str = "", item_name: str = ""
) -> tuple[Whom, list[RecognisedReport]]:
    """Whom the search found, and the reports of them that may be recognised for an examination that is to be ordered,
    the latest first. NoPerson; what a call raises."""
    whom = whom_of(runtime, search)
    psn_no, place = whom
    asked = {"psn_no": psn_no, "exam_item_code": item_code, "exam_item_name": item_name}
    message = {"bilgiteminfo": {name: value for name, value in asked.items() if value}}
    try:
        rows = runtime.call(ITEMS, message, insured_place=place).output.bilgiteminfo or ()
    except CallRefused as refused:
        if found_nothing(refused.message):
            return whom, []
        raise
    abnormal = code_table("exam_rslt_abn")
    found = [
        RecognisedReport(
            number=row.rpotc_no or "", institution=row.fixmedins_code or "", institution_name=row.exe_org_name or "",
            title=row.exam_rpotc_name or "", date="" if row.rpt_date is None else row.rpt_date.isoformat(),
            conclusion=row.exam_ccls or "", told=row,
            abnormal=abnormal.name_of(row.exam_rslt_abn) if row.exam_rslt_abn else "",
        )
        for row in rows
    ]  # fmt: skip
    return whom, sorted(found, key=lambda each: each.date, reverse=True)


def details(runtime: Runtime, report: RecognisedReport, whom: Whom) -> ReportDetails:
    """What a report says. What a call raises."""
    psn_no, place = whom
    asked = {"psn_no": psn_no, "rpotc_no": report.number, "fixmedins_code": report.institution}
    told = runtime.call(REPORT, {"rptdetailinfo": asked}, insured_place=place).output
    lines = [f"{row.exam_rpotc_name or report.title}：{row.exam_ccls or ''}" for row in told.checkreportdetails or ()]
    for row in told.inspectiondetails or ():
        name = getattr(row, "exam_item_detl_name", None) or row.exam_item_detl_code or ""
        value = row.exam_rslt_val or row.exam_rslt_qual or ""
        reference = f"（参考 {row.ref_val}）" if row.ref_val else ""
        lines.append(f"{name} {value} {row.exam_unt or ''}{reference}".strip())
    return ReportDetails(lines=tuple(lines))
