"""Self-paying patients (自费病人就医信息) in one upload: transactions 4261 to 4263."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import (
    Does,
    Of,
    amount,
    chapter,
    code,
    day,
    moment,
    nested,
    node,
    number,
    rows,
    text,
)

transaction = chapter("self_pay", "信息采集上传/自费病人就医信息")


@node
class UploadWholeVisit:
    """自费病人就诊信息."""

    mdtrtId: Annotated[str, text(30, "医药机构就诊事件ID", note="visit number made by the institution, unique there")]
    fixmedinsCode: Annotated[str, text(30, "定点医药机构编号")]
    fixmedinsName: Annotated[str, text(255, "定点医药机构名称")]
    psnCertType: Annotated[str, text(6, "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psnName: Annotated[str, text(30, "人员姓名")]
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    conerName: Annotated[str | None, text(50, "联系人姓名", note="printed as a time type there; text in clients")] = (
        None
    )
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(500, "联系地址")] = None
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    medType: Annotated[str, text(6, "医疗类别")]
    iptOpNo: Annotated[str | None, text(30, "住院/门诊号")] = None
    medrcdno: Annotated[str | None, text(30, "病历号")] = None
    chfpdrCode: Annotated[str | None, text(30, "主治医生编码")] = None
    chfpdrName: Annotated[str | None, text(50, "主治医师姓名")] = None
    admDiseDscr: Annotated[str | None, text(200, "入院诊断描述")] = None
    admDeptCode: Annotated[str | None, text(30, "入院科室编码")] = None
    admDeptName: Annotated[str | None, text(100, "入院科室名称")] = None
    admBed: Annotated[str | None, text(30, "入院床位")] = None
    wardareaBed: Annotated[str | None, text(50, "病区床位")] = None
    ifturnDept: Annotated[str | None, text(6, "转科室标志")] = None
    dscgDiseCode: Annotated[str | None, text(20, "住院主诊断代码")] = None
    dscgDiseName: Annotated[str | None, text(100, "住院主诊断名称")] = None
    dscgDeptCode: Annotated[str | None, text(30, "出院科室编码")] = None
    dscgDeptName: Annotated[str | None, text(100, "出院科室名称")] = None
    dscgBed: Annotated[str | None, text(30, "出院床位")] = None
    dscgWay: Annotated[str | None, text(3, "离院方式")] = None
    mainCondDesc: Annotated[str | None, text(1000, "主要病情描述")] = None
    diseNo: Annotated[str | None, text(30, "病种编号")] = None
    diseName: Annotated[str | None, text(500, "病种名称")] = None
    oprnOprtCode: Annotated[str | None, text(200, "手术操作代码")] = None
    oprnOprtName: Annotated[str | None, text(500, "手术操作名称")] = None
    opDiseInfo: Annotated[str | None, text(200, "门诊诊断信息")] = None
    inhospStas: Annotated[str, text(3, "在院状态")]
    dieDate: Annotated[date | None, day("死亡日期")] = None
    iptDays: Annotated[Decimal | None, number(16, 0, "住院天数")] = None
    fpscNo: Annotated[str | None, text(50, "计划生育服务证号")] = None
    matnType: Annotated[str | None, text(6, "生育类别")] = None
    birctrlType: Annotated[str | None, text(6, "计划生育手术类别")] = None
    latechbFlag: Annotated[str | None, text(3, "晚育标志")] = None
    gesoVal: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetusCnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    prematureFlag: Annotated[str | None, text(3, "早产标志")] = None
    gestationTime: Annotated[datetime | None, moment("妊娠时间")] = None
    birctrlOrMatnTime: Annotated[datetime | None, moment("计划生育手术或生育日期")] = None
    cmplctFlag: Annotated[str | None, text(None, "伴有并发症标志")] = None
    valiFlag: Annotated[str, text(3, "有效标志", note="1 (valid) when absent")]
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class UploadWholeDiagnosis:
    """自费病人诊断信息."""

    fixmedinsCode: Annotated[str, text(30, "定点医药机构编号")]
    fixmedinsName: Annotated[str | None, text(200, "定点医药机构名称")] = None
    diagSrtNo: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diagInfoId: Annotated[str | None, text(30, "诊断信息ID")] = None
    mdtrtId: Annotated[str, text(30, "就诊ID")]
    inoutDiagType: Annotated[str, text(6, "出入院诊断类别")]
    diagType: Annotated[str, text(3, "诊断类别")]
    maindiagFlag: Annotated[str, text(3, "主诊断标志")]
    diagCode: Annotated[str, text(20, "诊断代码")]
    diagName: Annotated[str, text(255, "诊断名称")]
    admCond: Annotated[str | None, text(500, "入院病情")] = None
    diagDept: Annotated[str | None, text(50, "诊断科室")] = None
    diagDrCode: Annotated[str | None, text(30, "诊断医师代码")] = None
    diagDrName: Annotated[str | None, text(50, "诊断医师姓名")] = None
    diagTime: Annotated[datetime | None, moment("诊断时间")] = None
    poolarea: Annotated[str | None, text(6, "统筹区编号")] = None


@node
class UploadWholeFeeRow:
    """自费病人费用明细信息."""

    bkkpSn: Annotated[str, text(30, "记账流水号")]
    feeOcurTime: Annotated[datetime, moment("费用发生时间")]
    fixmedinsCode: Annotated[str, text(30, "定点医药机构编号")]
    fixmedinsName: Annotated[str, text(255, "定点医药机构名称")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    detItemFeeSumamt: Annotated[Decimal, amount("明细项目费用总额")]
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    medinsListName: Annotated[str | None, text(100, "医药机构目录名称")] = None
    medChrgitmType: Annotated[str | None, text(6, "医疗收费项目类别")] = None
    prodname: Annotated[str | None, text(500, "商品名")] = None
    bilgDeptCodg: Annotated[str | None, text(30, "开单科室编码")] = None
    bilgDeptName: Annotated[str | None, text(100, "开单科室名称")] = None
    bilgDrCodg: Annotated[str | None, text(30, "开单医师代码")] = None
    bilgDrName: Annotated[str | None, text(50, "开单医师姓名")] = None
    ordersDeptCode: Annotated[str | None, text(30, "受单科室编码")] = None
    ordersDeptName: Annotated[str | None, text(100, "受单科室名称")] = None
    ordersDrCode: Annotated[str | None, text(30, "受单医师代码")] = None
    ordersDrName: Annotated[str | None, text(50, "受单医师姓名")] = None
    tcmdrugUsedWay: Annotated[str | None, text(6, "中药使用方式")] = None
    extinsFlag: Annotated[str | None, text(3, "外检标志")] = None
    extinsHospCode: Annotated[str | None, text(30, "外检医院编码")] = None
    dscgTkdrugFlag: Annotated[str | None, text(3, "出院带药标志")] = None
    sinDosDscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    usedFrquDscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prdDays: Annotated[Decimal | None, number(4, 2, "周期天数")] = None
    medcWayDscr: Annotated[str | None, text(200, "用药途径描述")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    valiFlag: Annotated[str, text(3, "有效标志", note="1 (valid) when absent")]


@transaction(
    "4261",
    "自费病人费用明细信息上传",
    "self-pay visit, diagnosis and fee upload (Hunan)",
    does=Does.UPLOADS,
    of=Of.SELF_PAY,
)
class UploadWhole:
    """Self-pay visit, diagnosis and fee upload (Hunan).

    - Hunan's own addition (自建), numbered like a national one; replaces 4201 there.
    - One call carries one patient; names are camelCase.
    - upType 0 full, 1 update.
    - The Hunan text says the message has no common header; the open client nevertheless sends the usual header
      with these fields under input.
    """

    @node
    class Input:
        upType: Annotated[str, text(2, "上传类型", note="0 full, 1 update")]
        fmiOwnpayPatnMdtrtDDTO: Annotated[UploadWholeVisit, nested("自费病人就诊信息")]
        fmiOwnpayPatnDiseListDDTOS: Annotated[list[UploadWholeDiagnosis], rows("自费病人诊断信息")]
        fmiOwnpayPatnFeeListDDTO: Annotated[list[UploadWholeFeeRow], rows("自费病人费用明细信息")]


@node
class ReconcileFeesAnswer:
    """响应数据."""

    stmtResult: Annotated[str | None, text(2, "对账结果", note="0 unbalanced, 1 balanced")] = None
    stmtRema: Annotated[str | None, text(200, "对账描述")] = None


@transaction("4262", "已上传费用对账", "self-pay fee reconciliation (Hunan)", does=Does.CHECKS, of=Of.SELF_PAY)
class ReconcileFees:
    """Self-pay fee reconciliation (Hunan).

    - Compares the institution's total with what was uploaded for the visit.
    - Hunan only.
    - The Hunan text says the message has no common header; the open client nevertheless sends the usual header
      with these fields under input.
    """

    @node
    class Input:
        mdtrtId: Annotated[
            str, text(30, "医药机构就诊事件ID", note="visit number made by the institution, unique there")
        ]
        fixmedinsCode: Annotated[str, text(30, "定点医药机构编号")]
        totalFeeSumamt: Annotated[Decimal, number(12, 6, "总费用")]

    @node
    class Output:
        code_: Annotated[str | None, text(30, "响应状态", note="0 success, -1 failure", wire="code")] = None
        type: Annotated[str | None, text(30, "响应类型")] = None
        message: Annotated[str | None, text(30, "提示信息")] = None
        data: Annotated[ReconcileFeesAnswer | None, nested("响应数据")] = None


@node
class QueryMismatchesRow:
    """输出数据."""

    pageNum: Annotated[str | None, text(30, "页数")] = None
    pageSize: Annotated[str | None, text(30, "每页个数")] = None
    size: Annotated[str | None, text(30, "个数")] = None
    startRow: Annotated[str | None, text(30, "开始行")] = None
    endRow: Annotated[str | None, text(30, "结束行")] = None
    pages: Annotated[str | None, text(30, "页数")] = None
    recordCounts: Annotated[str | None, text(30, "个数记录")] = None
    prePage: Annotated[str | None, text(30, "上一页")] = None
    nextPage: Annotated[str | None, text(30, "下一页")] = None


@transaction(
    "4263",
    "自费病人零报金额不符查询",
    "self-pay amount mismatch query (Hunan)",
    does=Does.READS,
    of=Of.SELF_PAY,
    confidence="medium",
)
class QueryMismatches:
    """Self-pay amount mismatch query (Hunan).

    - Finds visits whose invoice total, seen at manual reimbursement, differs from the uploaded total.
    - The row layout of the inner list is not printed.
    - Hunan only.
    - The Hunan text says the message has no common header; the open client nevertheless sends the usual header
      with these fields under input.
    """

    @node
    class Input:
        mdtrtId: Annotated[
            str | None, text(30, "医药机构就诊事件ID", note="visit number made by the institution, unique there")
        ] = None
        fixmedinsCode: Annotated[str, text(30, "定点医药机构编号")]
        certno: Annotated[str | None, text(30, "证件号码")] = None
        pageNum: Annotated[Decimal, number(None, None, "当前页")]
        pageSize: Annotated[Decimal, number(None, None, "每页条数")]

    @node
    class Output:
        code_: Annotated[str | None, text(30, "响应状态", note="0 success, -1 failure", wire="code")] = None
        type: Annotated[str | None, text(30, "响应类型")] = None
        message: Annotated[str | None, text(30, "提示信息")] = None
        data: Annotated[list[QueryMismatchesRow] | None, rows("输出数据")] = None
