"""Mutual recognition of examinations (检查检验互认): transactions 5401 to 5402."""

from datetime import date
from typing import Annotated

from ..spec import Does, Of, chapter, code, day, nested, node, rows, text

transaction = chapter("mutual_recognition", "信息查询/检查检验互认结果查询")


@node
class ItemQuery:
    """开单项目信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    exam_org_code: Annotated[str | None, text(50, "检查机构代码")] = None
    exam_org_name: Annotated[str | None, text(50, "检查机构名称")] = None
    exam_item_code: Annotated[str | None, text(30, "检查-项目代码")] = None
    exam_item_name: Annotated[str | None, text(300, "检查-项目名称")] = None


@node
class ReportFacts:
    """What RecognisedItem and QueryReportExamination have in common."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    rpotc_type_code: Annotated[str | None, code("rpotc_type_code", "报告单类别代码", length=30)] = None
    exam_rpotc_name: Annotated[str | None, text(50, "检查报告单名称")] = None
    exam_rslt_poit_flag: Annotated[str | None, code("exam_rslt_poit", "检查结果阳性标志", length=2)] = None


@node
class RecognisedItem(ReportFacts):
    """互认结果."""

    fixmedins_code: Annotated[str | None, text(12, "机构编号")] = None
    exam_rslt_abn: Annotated[str | None, code("exam_rslt_abn", "检查/检验结果异常标志", length=10)] = None
    exam_ccls: Annotated[str | None, text(1000, "检查结论", note="spelt examCcls in one client")] = None
    exe_org_name: Annotated[str | None, text(200, "执行机构名称", note="省版 2024-10 增补")] = None


@transaction(
    "5401",
    "项目互认信息查询",
    "mutual recognition of examination items query",
    does=Does.READS,
    of=Of.REPORT,
    confidence="medium",
)
class QueryItems:
    """Mutual recognition of examination items query.

    - Call while ordering an examination: each row returned is a report another institution made that may be
      recognised instead of repeating it.
    - One system sends the input under data, another under bilgiteminfo as the table says.
    """

    @node
    class Input:
        bilgiteminfo: Annotated[ItemQuery, nested("开单项目信息")]

    @node
    class Output:
        bilgiteminfo: Annotated[list[RecognisedItem] | None, rows("互认结果")] = None


@node
class QueryReportReport:
    """报告查询条件."""

    psn_no: Annotated[str, text(30, "人员编号")]
    rpotc_no: Annotated[str, text(30, "报告单号")]
    fixmedins_code: Annotated[str, text(12, "机构编号")]


@node
class QueryReportExamination(ReportFacts):
    """检查报告明细."""

    exam_rslt_abn: Annotated[str | None, code("exam_rslt_abn", "检查异常标志", length=10)] = None
    exam_ccls: Annotated[str | None, text(1000, "检查结论")] = None
    bilgDrName: Annotated[str | None, text(50, "报告医师", note="so spelt by two clients")] = None


@node
class QueryReportInspection:
    """检验报告信息."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_item_code: Annotated[str | None, text(30, "检验-项目代码")] = None
    exam_item_name: Annotated[str | None, text(300, "检验-项目名称")] = None
    rpt_date: Annotated[date | None, day("报告日期")] = None
    rpot_doc: Annotated[str | None, text(50, "报告医师")] = None


@node
class QueryReportInspectionItem:
    """检验明细信息."""

    rpotc_no: Annotated[str | None, text(30, "报告单号")] = None
    exam_mtd: Annotated[str | None, text(50, "检验方法")] = None
    ref_val: Annotated[str | None, text(20, "参考值")] = None
    exam_unt: Annotated[str | None, text(200, "检验-计量单位")] = None
    exam_rslt_val: Annotated[str | None, text(11, "检验-结果(数值)")] = None
    exam_rslt_qual: Annotated[str | None, text(2000, "检验-结果(定性)")] = None
    exam_item_detl_code: Annotated[str | None, text(30, "检验-项目明细代码")] = None
    exam_item_detl_name: Annotated[str | None, text(300, "检验-项目明细名称")] = None
    exam_rslt_abn: Annotated[str | None, code("exam_rslt_abn", "检查/检验结果异常标识", length=10)] = None


@transaction(
    "5402", "报告明细信息查询", "examination report detail query", does=Does.READS, of=Of.REPORT, confidence="medium"
)
class QueryReport:
    """Examination report detail query.

    - rpotc_no and fixmedins_code come from a row of 5401.
    - One system sends the input under data.
    """

    @node
    class Input:
        rptdetailinfo: Annotated[QueryReportReport, nested("报告查询条件")]

    @node
    class Output:
        checkreportdetails: Annotated[list[QueryReportExamination] | None, rows("检查报告明细")] = None
        inspectionreportinformation: Annotated[list[QueryReportInspection] | None, rows("检验报告信息")] = None
        inspectiondetails: Annotated[list[QueryReportInspectionItem] | None, rows("检验明细信息")] = None
