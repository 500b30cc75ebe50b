"""Remote ward checks (远程查床): transactions 9604 and 9605."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import (
    Does,
    Of,
    chapter,
    code,
    day,
    long_text,
    moment,
    nested,
    node,
    number,
    rows,
    text,
)

transaction = chapter("ward_checks", "其他/远程查床")


@node
class TaskQuery:
    """查询条件."""

    medins_code: Annotated[str, text(30, "医疗机构编码")]
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("开始日期")] = None


@node
class TaskDetail:
    """查床任务明细."""

    plan_id: Annotated[str, text(40, "计划ID")]
    mdtrt_id: Annotated[str, text(40, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    crtf_time: Annotated[datetime | None, moment("认证时间")] = None
    crtf_rslt: Annotated[str | None, code("recog_rslt", "认证结果", length=3)] = None
    sp_dcla_rea: Annotated[str | None, code("sp_dcla_rea", "特殊申报原因", length=3)] = None
    sp_dcla_dscr: Annotated[str | None, text(200, "特殊申报说明")] = None
    appl_stas: Annotated[str | None, code("appl_stas", "申诉状态", length=3)] = None
    appl_time: Annotated[datetime | None, moment("申诉时间")] = None
    appl_remarks: Annotated[str | None, text(200, "申诉内容")] = None
    appler_name: Annotated[str | None, text(50, "申诉人姓名")] = None
    chk_stas: Annotated[str | None, code("chk_stas", "审核状态", length=3)] = None
    chk_time: Annotated[datetime | None, moment("审核时间")] = None
    chker_name: Annotated[str | None, text(50, "审核人姓名")] = None
    chk_opnn: Annotated[str | None, text(200, "审核意见")] = None


@node
class Task:
    """查床任务."""

    task_id: Annotated[str, text(40, "任务ID")]
    bchno: Annotated[str, text(40, "批次号")]
    medins_code: Annotated[str, text(30, "医疗机构编码")]
    medins_name: Annotated[str, text(100, "医疗机构名称")]
    dept_no: Annotated[str, text(20, "科室编号")]
    dept_name: Annotated[str, text(50, "科室名称")]
    task_stas: Annotated[str, code("task_stas", "任务状态", length=3)]
    task_dura: Annotated[Decimal, number(3, 0, "任务时长")]
    task_begntime: Annotated[datetime, moment("任务开始时间")]
    task_endtime: Annotated[datetime, moment("任务结束时间")]
    smpl_cnt: Annotated[Decimal, number(10, 0, "抽查人数")]
    fin_cnt: Annotated[Decimal, number(10, 0, "完成人数")]
    pass_cnt: Annotated[Decimal, number(10, 0, "审核通过人数")]
    sdry_isu_cnt: Annotated[Decimal, number(10, 0, "二次下发人数")]
    chkBedTaskDetail: Annotated[list[TaskDetail], rows("查床任务明细")]


@transaction("9604", "远程查床任务查询", "remote ward check task query", does=Does.READS, of=Of.STAY)
class QueryTasks:
    """Ward checks to be done.

    - 两个日期都为空时查当天
    """

    @node
    class Input:
        data: Annotated[TaskQuery, nested("查询条件")]

    @node
    class Output:
        chkBedTask: Annotated[list[Task] | None, rows("查床任务")] = None


@node
class Objection:
    """申诉信息."""

    plan_id: Annotated[str, text(40, "计划ID")]
    mdtrt_id: Annotated[str, text(40, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    appl_rea: Annotated[str, text(200, "申诉原因")]
    appl_pic: Annotated[str | None, long_text(None, "申诉照片", note="base64，不超过 2 MB", personal=True)] = None
    appler_id: Annotated[str | None, text(40, "申诉人ID")] = None
    appler_name: Annotated[str | None, text(50, "申诉人人员姓名")] = None


@transaction("9605", "远程查床申诉", "remote ward check appeal", does=Does.REGISTERS, of=Of.FINDINGS)
class Object:
    """An objection to a ward check.

    - 照片不超过 2 MB
    """

    @node
    class Input:
        applInfo: Annotated[Objection, nested("申诉信息")]
