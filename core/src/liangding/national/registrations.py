"""Registrations of persons (人员备案): transactions 2501 to 2507."""

from datetime import date, datetime
from typing import Annotated

from ..spec import Does, Json, LookedFor, Of, chapter, code, day, extension, moment, nested, node, required_when, text

transaction = chapter("registrations", "医保服务/人员备案")

ADDED_2024 = "省版 2024-10 增补"


@node
class TransferFacts:
    """What Transfer and TransferA have in common."""

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(200, "联系地址")] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    dise_cond_dscr: Annotated[str | None, text(2000, "疾病病情描述")] = None
    reflin_medins_no: Annotated[str, text(12, "转往定点医药机构编号", note="由 1201 查得的机构编号")]
    reflin_medins_name: Annotated[str, text(200, "转往医院名称")]
    mdtrtarea_admdvs: Annotated[str, text(6, "就医地行政区划", note="转往医院所属区划")]
    hosp_agre_refl_flag: Annotated[str | None, code("hosp_agre_refl_flag", "医院同意转院标志", length=3)] = None
    refl_type: Annotated[str, code("refl_type", "转院类型", length=30)]
    refl_date: Annotated[date, day("转院日期")]
    refl_rea: Annotated[str, text(100, "转院原因")]
    refl_opnn: Annotated[str, text(200, "转院意见")]
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class Transfer(TransferFacts):
    """转院信息."""

    refl_used_flag: Annotated[str | None, text(3, "转诊使用标志")] = None
    refl_old_mdtrt_id: Annotated[str | None, text(30, "转院前就诊id", note=ADDED_2024)] = None


@node
class RegisterTransferResult:
    """备案结果."""

    trt_dcla_detl_sn: Annotated[str, text(30, "待遇申报明细流水号")]


@transaction(
    "2501",
    "转院备案",
    "hospital transfer registration",
    does=Does.REGISTERS,
    of=Of.TRANSFER,
    looked_for=LookedFor.TRANSFER,
    undone_by="2502",
)
class RegisterTransfer:
    """Hospital transfer registration.

    - 由 2502 撤销，凭返回的待遇申报明细流水号
    """

    @node
    class Input:
        refmedin: Annotated[Transfer, nested("转院信息")]

    @node
    class Output:
        result: Annotated[RegisterTransferResult, nested("备案结果")]


@node
class TransferA(TransferFacts):
    """转院信息."""

    refl_old_mdtrt_id: Annotated[str | None, text(30, "转院前就诊ID"), required_when("住院中转院时填转院前就诊ID")] = (
        None
    )


@transaction(
    "2501A",
    "转院备案A",
    "hospital transfer registration A (incl. cross-province)",
    does=Does.REGISTERS,
    of=Of.TRANSFER,
    looked_for=LookedFor.TRANSFER,
    undone_by="2502",
    confidence="medium",
)
class RegisterTransferA:
    """Hospital transfer registration A (incl. cross-province).

    - 比 2501 多转院前就诊ID，不见 refl_used_flag
    - 由 2502 撤销
    """

    @node
    class Input:
        refmedin: Annotated[TransferA, nested("转院信息")]

    @node
    class Output:
        result: Annotated[RegisterTransferResult, nested("备案结果")]


@node
class TransferReference:
    """撤销信息."""

    trt_dcla_detl_sn: Annotated[str, text(30, "待遇申报明细流水号")]
    psn_no: Annotated[str, text(30, "人员编号")]
    memo: Annotated[str | None, text(500, "备注", note="撤销原因")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction("2502", "转院备案撤销", "hospital transfer registration cancellation", does=Does.WITHDRAWS, of=Of.TRANSFER)
class CancelTransfer:
    """Hospital transfer registration cancellation.

    - 适用于 2501 与 2501A
    - 无业务输出
    """

    @node
    class Input:
        data: Annotated[TransferReference, nested("撤销信息")]


@node
class ChronicDisease:
    """慢特病备案信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    opsp_dise_code: Annotated[str, text(30, "门慢门特病种目录代码")]
    opsp_dise_name: Annotated[str, text(300, "门慢门特病种名称")]
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(200, "联系地址")] = None
    insu_optins: Annotated[str, text(6, "参保机构医保区划")]
    ide_fixmedins_no: Annotated[str, text(30, "鉴定定点医药机构编号")]
    ide_fixmedins_name: Annotated[str, text(200, "鉴定定点医药机构名称")]
    hosp_ide_date: Annotated[date, day("医院鉴定日期")]
    diag_dr_codg: Annotated[str, text(30, "诊断医师编码")]
    diag_dr_name: Annotated[str, text(50, "诊断医师姓名")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    trt_dcla_detl_sn: Annotated[str | None, text(30, "待遇申报明细流水号", note=ADDED_2024)] = None
    selfdef_splm_flag: Annotated[str | None, text(3, "自定义补充标志", note=ADDED_2024)] = None
    memo: Annotated[str | None, text(500, "备注", note=ADDED_2024)] = None


@node
class RegisterChronicDiseaseResult:
    """备案结果."""

    trt_dcla_detl_sn: Annotated[str, text(30, "待遇申报明细流水号")]
    exp_content: Annotated[Json | None, extension(4000, "扩展字段", long=False, note=ADDED_2024)] = None


@transaction(
    "2503",
    "人员慢特病备案",
    "chronic and special disease registration",
    does=Does.REGISTERS,
    of=Of.CHRONIC_DISEASE,
    looked_for=LookedFor.CHRONIC_DISEASE,
    undone_by="2504",
)
class RegisterChronicDisease:
    """Chronic and special disease registration.

    - 由 2504 撤销，仅限医保局尚未处理的
    - 备案生效后门诊慢特病结算的 dise_codg 取本备案的病种代码，可用 5301 查询（推断）
    """

    @node
    class Input:
        data: Annotated[ChronicDisease, nested("慢特病备案信息")]

    @node
    class Output:
        result: Annotated[RegisterChronicDiseaseResult, nested("备案结果")]


@node
class ChronicDiseaseReference:
    """撤销信息."""

    trt_dcla_detl_sn: Annotated[str, text(30, "待遇申报明细流水号")]
    psn_no: Annotated[str, text(30, "人员编号")]
    memo: Annotated[str, text(500, "备注", note="撤销原因")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2504",
    "人员慢特病备案撤销",
    "chronic and special disease registration cancellation",
    does=Does.WITHDRAWS,
    of=Of.CHRONIC_DISEASE,
)
class CancelChronicDisease:
    """Chronic and special disease registration cancellation.

    - 只能撤销医保局还未处理的备案
    - 无业务输出
    """

    @node
    class Input:
        data: Annotated[ChronicDiseaseReference, nested("撤销信息")]


@node
class Designation:
    """定点备案信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(200, "联系地址")] = None
    biz_appy_type: Annotated[str, code("biz_appy_type", "业务申请类型", note="表中长度 3，后来的代码更长")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人联系方式")] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None
    fix_srt_no: Annotated[str, text(3, "定点排序号")]
    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    memo: Annotated[str | None, text(500, "备注")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class RegisterDesignationResult:
    """备案结果."""

    trt_dcla_detl_sn: Annotated[str, text(30, "待遇申报明细流水号")]
    exp_content: Annotated[Json | None, extension(4000, "手术时间", long=False, note=ADDED_2024)] = None


@transaction(
    "2505",
    "人员定点备案",
    "designated institution registration",
    does=Does.REGISTERS,
    of=Of.DESIGNATION,
    looked_for=LookedFor.DESIGNATION,
    undone_by="2506",
)
class RegisterDesignation:
    """Designated institution registration.

    - 由 2506 撤销，仅限医保局尚未审核的
    - 当前定点可用 5302 查询
    """

    @node
    class Input:
        data: Annotated[Designation, nested("定点备案信息")]

    @node
    class Output:
        result: Annotated[RegisterDesignationResult, nested("备案结果")]


@transaction(
    "2506",
    "人员定点备案撤销",
    "designated institution registration cancellation",
    does=Does.WITHDRAWS,
    of=Of.DESIGNATION,
)
class CancelDesignation(CancelChronicDisease):
    """Designated institution registration cancellation.

    - 只能撤销医保局还未审核的备案
    - 无业务输出
    """


@node
class Injury:
    """意外伤害备案信息."""

    dcla_souc: Annotated[str, code("dcla_souc", "申报来源")]
    insutype: Annotated[str | None, code("insutype", "险种类型", note="not marked required in the official table")] = (
        None
    )
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_insu_rlts_id: Annotated[str | None, text(20, "人员参保关系ID")] = None
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    addr: Annotated[str | None, text(500, "联系地址")] = None
    insu_admdvs: Annotated[str, text(6, "参保所属医保区划")]
    emp_no: Annotated[str | None, text(40, "单位编号")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    mdtrtarea_admdvs: Annotated[str | None, text(6, "就医地医保区划")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    hosp_lv: Annotated[str | None, code("hosp_lv", "医院等级")] = None
    adm_time: Annotated[datetime | None, moment("入院时间")] = None
    trum_time: Annotated[datetime | None, moment("受伤时间")] = None
    trum_site: Annotated[str | None, text(200, "受伤地点")] = None
    trum_rea: Annotated[str | None, text(200, "致伤原因")] = None
    chk_pay_flag: Annotated[str, code("chk_pay_flag", "审核支付标志", length=3)]
    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人联系方式")] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction(
    "2507", "人员意外伤害备案", "accidental injury registration", does=Does.REGISTERS, of=Of.INJURY, confidence="medium"
)
class RegisterInjury:
    """Accidental injury registration.

    - V1.0 之后新增；字段名与顺序有两份独立实现，类型、长度与必填未见官方表
    """

    @node
    class Input:
        data: Annotated[Injury, nested("意外伤害备案信息")]

    @node
    class Output:
        result: Annotated[RegisterTransferResult, nested("备案结果")]
