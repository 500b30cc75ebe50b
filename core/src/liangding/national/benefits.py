"""Benefit entitlement (待遇检查): transaction 2001."""

from datetime import date, datetime
from typing import Annotated

from ..spec import Does, Json, Of, chapter, code, day, extension, moment, nested, node, required_when, rows, text

transaction = chapter("benefits", "医保服务/待遇检查")


@node
class BenefitQuery:
    """输入."""

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    dise_codg: Annotated[
        str | None,
        text(30, "病种编码", note="依场景填按病种结算病种目录代码、门诊慢特病病种目录代码或日间手术病种目录代码"),
    ] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码"), required_when("日间手术时必填")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    exp_content: Annotated[
        Json | None, extension(4000, "字段扩展", long=False, note="后来增补；有的省放 card_token")
    ] = None


@node
class Entitlement:
    """待遇检查结果."""

    psn_no: Annotated[str, text(30, "人员编号")]
    trt_chk_type: Annotated[str, code("trt_chk_type", "待遇检查类型")]
    fund_pay_type: Annotated[str, code("fund_pay_type", "基金支付类型", length=10, note="表中长度 6，后来的代码更长")]
    trt_enjymnt_flag: Annotated[
        str, code("trt_enjymnt_flag", "基金款项待遇享受标志", length=3, note="为否时不得按该基金结算")
    ]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    trt_chk_rslt: Annotated[str | None, text(500, "待遇检查结果", note="不能享受时给原因")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展", long=False)] = None


@transaction(
    "2001",
    "人员待遇享受检查",
    "benefit entitlement check",
    does=Does.READS,
    of=Of.BENEFITS,
    path="/fsi/api/fsiPsnPriorityInfoService/queryPsnPriorityInfo",
)
class CheckBenefits:
    """Benefit entitlement check.

    - 按基金款项逐行给出可否享受；不可享受时应把原因显示给经办人
    - 待遇检查宜独立于结算流程调用，入院/慢特病就诊前先查
    """

    @node
    class Input:
        data: Annotated[BenefitQuery, nested("输入")]

    @node
    class Output:
        trtinfo: Annotated[list[Entitlement] | None, rows("待遇检查结果")] = None
