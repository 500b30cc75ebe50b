"""Appeals against findings of the intelligent supervision (智能监管申诉): transactions 3701 to 3704."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from liangding.spec import (
    Does,
    Of,
    amount,
    chapter,
    code,
    day,
    long_text,
    nested,
    node,
    number,
    required_when,
    rows,
    text,
)

transaction = chapter("appeals", "医药机构管理/智能监管申诉")


@node
class FindingDetail:
    """疑点明细."""

    docId: Annotated[str, text(70, "单据id")]
    docSusptId: Annotated[str, text(40, "疑点id")]
    docSusptDetlId: Annotated[str | None, text(40, "单据疑点明细ID")] = None
    rid: Annotated[str | None, text(40, "Rid")] = None
    taskId: Annotated[str | None, text(40, "任务ID")] = None
    relDataType: Annotated[str | None, text(3, "涉及数据类型")] = None
    relDetlDataId: Annotated[str | None, text(60, "涉及明细数据ID")] = None
    cnfmVolaAmt: Annotated[Decimal | None, amount("确认违规金额")] = None
    volaDetAmt: Annotated[Decimal | None, amount("违规扣款金额")] = None
    chkDelFlag: Annotated[str | None, text(3, "审核删除标志")] = None
    feedetlId: Annotated[str | None, text(60, "处方ID")] = None
    hilistCode: Annotated[str | None, text(50, "医保目录编码")] = None
    hilistName: Annotated[str | None, text(200, "医保目录名称")] = None
    hilistLv: Annotated[str | None, code("hilist_lv", "医保目录等级", length=3)] = None
    hilistLvName: Annotated[str | None, text(200, "医保目录等级名称")] = None
    medChrgitmType: Annotated[str | None, code("med_chrgitm_type", "收费类别")] = None
    medChrgitmTypeName: Annotated[str | None, text(200, "收费类别名称")] = None
    hilistDosform: Annotated[str | None, text(50, "医保目录剂型")] = None
    hosplistCode: Annotated[str | None, text(50, "医院目录编码")] = None
    hosplistName: Annotated[str | None, text(200, "医院目录名称")] = None
    feeOcurTime: Annotated[date | None, day("费用发生时间")] = None
    cnt: Annotated[Decimal | None, number(16, 4, "数量")] = None
    pric: Annotated[Decimal | None, number(16, 6, "单价")] = None
    sumamt: Annotated[Decimal | None, amount("总金额")] = None
    spec: Annotated[str | None, text(200, "规格")] = None
    specUnt: Annotated[str | None, text(100, "规格计量单位")] = None
    drordDrCodg: Annotated[str | None, text(30, "医嘱医生编码")] = None
    drordDrName: Annotated[str | None, text(50, "医嘱医生姓名")] = None
    crterId: Annotated[str | None, text(20, "创建人")] = None
    crterName: Annotated[str | None, text(50, "创建人姓名")] = None
    crteTime: Annotated[date | None, day("创建时间")] = None
    opterId: Annotated[str | None, text(20, "经办人")] = None
    opterName: Annotated[str | None, text(50, "经办人姓名")] = None
    optinsNo: Annotated[str | None, text(20, "经办机构")] = None
    patnName: Annotated[str | None, text(50, "患者名称")] = None
    medfeeSumamt: Annotated[Decimal | None, amount("医疗费总额")] = None
    extendsParams: Annotated[str | None, long_text(None, "额外参数", note="扩展参数（键值对）")] = None


@node
class Finding:
    """疑点信息."""

    docId: Annotated[str, text(70, "单据id")]
    docSusptId: Annotated[str, text(40, "疑点id")]
    rid: Annotated[str | None, text(40, "Rid")] = None
    taskId: Annotated[str | None, text(40, "任务ID")] = None
    taskName: Annotated[str | None, text(200, "任务名称")] = None
    poolareaNo: Annotated[str | None, text(6, "统筹区代码")] = None
    combine: Annotated[Decimal | None, amount("检出金额")] = None
    poolareaNoName: Annotated[str | None, text(100, "统筹区名称")] = None
    admdvs: Annotated[str | None, text(6, "行政区划")] = None
    admdvsName: Annotated[str | None, text(100, "行政区划名称")] = None
    volaRsltId: Annotated[str | None, text(40, "违规结果ID")] = None
    volaBhvrType: Annotated[str | None, code("vola_bhvr_type", "违规分类", length=3)] = None
    volaBhvrTypeName: Annotated[str | None, text(200, "违规分类名称")] = None
    volaCont: Annotated[str | None, text(2000, "违规内容")] = None
    volaDscr: Annotated[str | None, text(200, "违规描述")] = None
    ruleId: Annotated[str | None, text(40, "规则ID")] = None
    ruleCode: Annotated[str | None, text(30, "规则代码")] = None
    ruleName: Annotated[str | None, text(200, "规则名称")] = None
    ruleDefnType: Annotated[str | None, code("rule_defn_type", "规则类别", length=3)] = None
    ruleDefnTypeName: Annotated[str | None, text(200, "规则类别名称")] = None
    ruleSevDeg: Annotated[str | None, code("rule_sev_deg", "规则严重程度", length=3)] = None
    ruleSevDegName: Annotated[str | None, text(200, "规则严重程度名称")] = None
    ruleLv: Annotated[str | None, code("rule_lv", "规则等级", length=3)] = None
    ruleLvName: Annotated[str | None, text(200, "规则等级名称")] = None
    volaQualCodg: Annotated[str | None, text(30, "规则定性编码")] = None
    volaQualName: Annotated[str | None, text(50, "规则定性名称")] = None
    checkoutTime: Annotated[date | None, day("检出时间")] = None
    checkoutSusptAmt: Annotated[Decimal | None, amount("检出疑点金额")] = None
    chkVolaAmt: Annotated[Decimal | None, amount("初审违规金额")] = None
    cnfmVolaAmt: Annotated[Decimal | None, amount("确认违规金额")] = None
    volaDetAmt: Annotated[Decimal | None, amount("违规扣款金额")] = None
    detRea: Annotated[str | None, text(500, "扣款原因")] = None
    detTime: Annotated[date | None, day("扣款时间")] = None
    detFlag: Annotated[str | None, text(3, "扣款标志")] = None
    detFlagName: Annotated[str | None, text(200, "扣款标志名称")] = None
    appyRvisAmt: Annotated[Decimal | None, amount("申请补差金额")] = None
    passRvisAmt: Annotated[Decimal | None, amount("通过补差金额")] = None
    rvisAmt: Annotated[Decimal | None, amount("补差金额")] = None
    Date: Annotated[date | None, day("补差时间")] = None
    rvisFlag: Annotated[str | None, text(3, "补差标志")] = None
    rvisFlagName: Annotated[str | None, text(200, "补差标志名称")] = None
    chker: Annotated[str | None, text(50, "初审人")] = None
    chkerName: Annotated[str, text(50, "初审人名称")]
    chktime: Annotated[date | None, day("初审时间")] = None
    chkVolaFlag: Annotated[str | None, text(3, "初审违规标志")] = None
    chkVolaFlagName: Annotated[str | None, text(200, "初审违规标志名称")] = None
    chkOpnn: Annotated[str | None, text(2000, "初审意见")] = None
    chkVolaQualCodg: Annotated[str | None, text(30, "初审违规定性编码")] = None
    chkVolaQualCodgName: Annotated[str | None, text(200, "初审违规定性名称")] = None
    rchker: Annotated[str | None, text(30, "复审人")] = None
    rchkerName: Annotated[str | None, text(50, "复审人名称")] = None
    rchkTime: Annotated[date | None, day("复审时间")] = None
    rchkVolaFlag: Annotated[str | None, text(3, "复审违规标志")] = None
    rchkVolaFlagName: Annotated[str | None, text(200, "复审违规标志名称")] = None
    rchkOpnn: Annotated[str | None, text(500, "复审意见")] = None
    rchkVolaQualCodg: Annotated[str | None, text(30, "复审违规定性编码")] = None
    rchkVolaQualCodgName: Annotated[str | None, text(50, "复审违规定性名称")] = None
    applFlag: Annotated[str | None, text(3, "申诉标志")] = None
    applFlagName: Annotated[str | None, text(200, "申诉标志名称")] = None
    appler: Annotated[str | None, text(30, "申诉人")] = None
    applerName: Annotated[str | None, text(50, "申诉人名称")] = None
    applAmt: Annotated[Decimal | None, amount("申诉金额")] = None
    applRea: Annotated[str | None, text(1000, "申诉理由")] = None
    applTime: Annotated[date | None, day("申诉时间")] = None
    appyClglRea: Annotated[str | None, text(500, "申请合议理由")] = None
    appyClglPsn: Annotated[str | None, text(30, "申请合议人员")] = None
    appyClglPsnName: Annotated[str | None, text(50, "申请合议人员名称")] = None
    appyClglTime: Annotated[date | None, day("申请合议时间")] = None
    clglFlag: Annotated[str | None, text(3, "合议标志")] = None
    clglFlagName: Annotated[str | None, text(200, "合议标志名称")] = None
    clglCcls: Annotated[str | None, text(1000, "合议结论")] = None
    chkProcrslt: Annotated[str | None, text(3, "合议结果")] = None
    chkProcrsltName: Annotated[str | None, text(200, "合议结果名称")] = None
    clglTime: Annotated[date | None, day("合议时间")] = None
    susptAddWay: Annotated[str | None, text(3, "疑点添加方式")] = None
    susptAddWayName: Annotated[str | None, text(30, "疑点添加方式名称")] = None
    susptStas: Annotated[str | None, text(3, "疑点状态")] = None
    susptStasName: Annotated[str | None, text(200, "疑点状态名称")] = None
    crtNodeId: Annotated[str | None, text(10, "当前节点ID")] = None
    volaQualitative: Annotated[str | None, text(30, "违规定性")] = None
    detailItem: Annotated[str | None, text(200, "违规涉及项目")] = None
    number: Annotated[Decimal | None, amount("统计分析统计数据时要用的字段")] = None
    appyClglFlag: Annotated[str | None, text(3, "申请合议标志")] = None
    applUpldAttFlag: Annotated[
        str | None, text(3, "申诉上传附件标志1：为需要上传附件0：不需要上传", note="1 需要附件，0 不需要")
    ] = None
    docStas: Annotated[str | None, text(3, "单据状态")] = None
    finlChker: Annotated[str | None, text(30, "最终审核人")] = None
    extendsParams: Annotated[str | None, long_text(None, "额外参数", note="扩展参数（键值对）")] = None
    violationDetailIds: Annotated[list[FindingDetail] | None, rows("疑点明细")] = None


@node
class Document:
    """单据信息."""

    rid: Annotated[str, text(40, "唯一记录号")]
    docId: Annotated[str, text(70, "单据ID")]
    taskId: Annotated[str, text(40, "任务ID")]
    taskIds: Annotated[str | None, long_text(None, "任务ID集合", note="任务 id 的集合")] = None
    mdtrtsn: Annotated[str, text(30, "就诊号", note="同一机构内不得重复")]
    admdvs: Annotated[str | None, text(6, "行政区划代码")] = None
    admdvsName: Annotated[str | None, text(100, "行政区划名称")] = None
    poolareaNo: Annotated[str | None, text(6, "统筹区代码")] = None
    poolareaName: Annotated[str | None, text(100, "统筹区名称")] = None
    medinsId: Annotated[str | None, text(40, "医疗机构ID")] = None
    medinsName: Annotated[str | None, text(255, "医疗机构名称")] = None
    medinsAdmdvs: Annotated[str | None, text(6, "医疗机构医保区划")] = None
    medinsAdmdvsName: Annotated[str | None, text(100, "医疗机构医保区划名称")] = None
    medinsLv: Annotated[str | None, code("medinslv", "医疗机构等级", length=3)] = None
    medinsLvName: Annotated[str | None, text(255, "医疗机构等级名称")] = None
    medinsType: Annotated[str | None, code("medins_type", "医疗机构类型")] = None
    medinsTypeName: Annotated[str | None, text(200, "医疗机构类型名称")] = None
    patnId: Annotated[str | None, text(40, "患者ID")] = None
    specUnt: Annotated[str | None, text(None, "规格计量单位")] = None
    patnName: Annotated[str | None, text(50, "患者姓名")] = None
    gend: Annotated[str | None, code("gend", "性别")] = None
    gendName: Annotated[str | None, text(200, "性别名称")] = None
    patnIdcard: Annotated[str | None, text(50, "患者身份证号")] = None
    patnSscno: Annotated[str | None, text(30, "患者社保卡号", personal=True)] = None
    medType: Annotated[str | None, code("med_type", "医疗类别代码")] = None
    medTypeName: Annotated[str | None, text(200, "医疗类别名称")] = None
    admTime: Annotated[date | None, day("入院时间")] = None
    dscgTime: Annotated[date | None, day("出院时间")] = None
    setlTime: Annotated[date | None, day("结算时间")] = None
    admDisediagCodg: Annotated[str | None, text(30, "入院诊断疾病编码")] = None
    admDisediagName: Annotated[str | None, text(100, "入院诊断疾病名称")] = None
    dscgMainDisediagCodg: Annotated[str | None, text(30, "出院主诊断疾病编码")] = None
    dscgMainDisediagName: Annotated[str | None, text(200, "出院主诊断疾病名称")] = None
    dscgDeptCodg: Annotated[str | None, text(30, "出院科室编码")] = None
    dscgDeptName: Annotated[str | None, text(100, "出院科室名称")] = None
    drCode: Annotated[str | None, text(30, "医生编码")] = None
    applDdln: Annotated[date | None, day("申诉期限")] = None
    drName: Annotated[str | None, text(50, "医生名称")] = None
    patnCertType: Annotated[str | None, text(3, "患者证件类型")] = None
    insutype: Annotated[str | None, code("insutype", "险种")] = None
    insutypeName: Annotated[str | None, text(200, "险种名称")] = None
    extendsParams: Annotated[str | None, long_text(None, "额外参数", note="扩展参数（键值对）")] = None
    docSusptDTOS: Annotated[list[Finding] | None, rows("疑点信息")] = None


@transaction(
    "3701",
    "审核申诉、扣款节点查询接口",
    "supervision finding query at the appeal or deduction stage",
    does=Does.READS,
    of=Of.FINDINGS,
    confidence="medium",
)
class QueryFindings:
    """Findings that may be appealed against.

    - stage 1 列出可以申诉的单据，2 列出可以申请合议的单据
    - 三层：单据、疑点、疑点明细；层次按字段表的类名，没有公开的报文样例
    """

    @node
    class Input:
        startTime: Annotated[date, day("开始时间")]
        endTime: Annotated[date, day("结束时间")]
        medinsCodg: Annotated[str, text(40, "医药机构编码")]
        medinsName: Annotated[str, text(255, "医药机构名称")]
        currentPage: Annotated[Decimal, number(3, 0, "当前页数")]
        pageSize: Annotated[Decimal, number(3, 0, "每页显示数")]
        stage: Annotated[str, text(3, "查询节点参数", note="1 申诉，2 合议")]

    @node
    class Output:
        heading = nested("分页信息")

        recordCounts: Annotated[str, text(None, "结果总数")]
        pageSize: Annotated[str, text(None, "每页显示数")]
        pageNum: Annotated[str, text(None, "当前页数")]
        data: Annotated[list[Document] | None, rows("单据信息")] = None


@node
class AppealedFinding:
    """疑点."""

    docSusptId: Annotated[str, text(40, "疑点id")]
    applyFlag: Annotated[str, text(3, "申诉标识", note="0 否，1 是")]
    susptAmt: Annotated[Decimal | None, amount("申诉金额"), required_when("申诉标识为 1 时必填", applyFlag="1")] = None
    attUploadId: Annotated[str | None, text(200, "申诉材料id"), required_when("申诉标识为 1 时必填", applyFlag="1")] = (
        None
    )
    auditOpinion: Annotated[str | None, text(500, "申诉原因"), required_when("申诉标识为 1 时必填", applyFlag="1")] = (
        None
    )


@node
class AppealedDocument:
    """单据."""

    docId: Annotated[str, text(70, "单据id")]
    docSusptDTOS: Annotated[list[AppealedFinding], rows("疑点")]


@node
class HandledFinding:
    """疑点处理结果."""

    susptId: Annotated[str | None, text(40, "疑点id")] = None
    susptCode: Annotated[str | None, text(3, "疑点处理状态", note="0 已处理，1 失败")] = None
    susptReason: Annotated[str | None, text(500, "疑点失败原因")] = None


@node
class HandledDocument:
    """单据处理结果."""

    docCode: Annotated[str | None, text(3, "单据处理状态", note="0 已处理，1 拒绝")] = None
    docId: Annotated[str | None, text(70, "单据id")] = None
    docReason: Annotated[str | None, text(50, "单据失败原因")] = None
    docsuspt: Annotated[list[HandledFinding] | None, rows("疑点处理结果")] = None


@transaction(
    "3702", "申诉提交", "appeal against supervision findings", does=Does.REGISTERS, of=Of.FINDINGS, confidence="medium"
)
class Appeal:
    """An appeal.

    - applyFlag 1 申诉，0 不申诉；为 1 时须填金额、3704 返回的附件 id 与原因
    - 每次可以有多张单据，每个疑点须属于其单据
    """

    @node
    class Input:
        remark: Annotated[str | None, text(200, "备注")] = None
        medinsName: Annotated[str, text(255, "医疗机构名称")]
        medinsCodg: Annotated[str, text(40, "医疗机构名称")]
        docs: Annotated[list[AppealedDocument], rows("单据")]

    Output = Annotated[list[HandledDocument], rows("单据处理结果")]


@transaction(
    "3703",
    "申请合议提交",
    "application for joint review of supervision findings",
    does=Does.REGISTERS,
    of=Of.FINDINGS,
    confidence="medium",
)
class RequestReview:
    """A joint review (合议) is asked for.

    - 结构与 3702 相同
    """

    @node
    class Input:
        remark: Annotated[str | None, text(200, "备注")] = None
        medinsName: Annotated[str, text(255, "医疗机构名称")]
        medinsCodg: Annotated[str, text(40, "医疗机构名称")]
        docs: Annotated[list[AppealedDocument], rows("单据")]

    Output = Annotated[list[HandledDocument], rows("单据处理结果")]


@node
class Attachment:
    """附件."""

    name: Annotated[str, text(100, "附件名称")]
    bytes: Annotated[str, long_text(None, "附件字节", note="文件内容（字节数组，JSON 写法没有公开）")]


@transaction(
    "3704",
    "附件上传",
    "attachment upload for an appeal or joint review",
    does=Does.UPLOADS,
    of=Of.FILE,
    confidence="medium",
)
class UploadAttachment:
    """Evidence for an appeal or a joint review.

    - 每次最多五个文件、共 100 MB，对一个疑点
    - 多于五个：带上返回的 attUploadId 继续上传
    """

    @node
    class Input:
        attUploadId: Annotated[str | None, text(200, "附件id", note="首次为空；继续上传时填上次返回的 id")] = None
        fsiAppealFileDTOList: Annotated[list[Attachment], rows("附件")]

    @node
    class Output:
        heading = nested("附件上传返回")

        attUploadId: Annotated[str, text(200, "附件ID", note="作为 3702、3703 的 attUploadId")]
