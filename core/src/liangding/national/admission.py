"""Admission and discharge (住院办理): transactions 2401 to 2405."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..checks import cross_province
from ..spec import (
    Does,
    Json,
    LookedFor,
    Of,
    chapter,
    code,
    day,
    extension,
    long_text,
    moment,
    nested,
    node,
    number,
    required_when,
    rows,
    text,
)

transaction = chapter("admission", "医保服务/住院办理")

ADDED_2024 = "省版 2024-10 增补"
AGENT = required_when("有代办人时填")


@node
class AdmissionFacts:
    """What Admission and ChangedAdmission have in common."""

    psn_no: Annotated[str, text(30, "人员编号")]
    coner_name: Annotated[str | None, text(50, "联系人姓名")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    begntime: Annotated[datetime, moment("开始时间", note="入院时间")]
    mdtrt_cert_type: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    medrcdno: Annotated[str | None, text(30, "病历号")] = None
    atddr_no: Annotated[str, text(30, "主治医生编码")]
    chfpdr_name: Annotated[str, text(50, "主诊医师姓名")]
    adm_diag_dscr: Annotated[str, text(200, "入院诊断描述")]
    adm_dept_codg: Annotated[str, text(30, "入院科室编码")]
    adm_dept_name: Annotated[str, text(100, "入院科室名称")]
    adm_bed: Annotated[str, text(30, "入院床位")]
    dscg_maindiag_code: Annotated[str, text(20, "住院主诊断代码")]
    dscg_maindiag_name: Annotated[str, text(300, "住院主诊断名称")]
    main_cond_dscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    dise_codg: Annotated[
        str | None,
        text(30, "病种编码"),
        required_when("按病种结算或日间手术（病种类型 20、30）时必填，填对应病种目录代码", dise_type_code=("20", "30")),
    ] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    oprn_oprt_code: Annotated[
        str | None, text(30, "手术操作代码"), required_when("日间手术病种（病种类型 30）必填", dise_type_code="30")
    ] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别"), required_when("生育住院填")] = None
    birctrl_type: Annotated[
        str | None, code("birctrl_type", "计划生育手术类别"), required_when("计划生育手术住院填")
    ] = None
    latechb_flag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetus_cnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    pret_flag: Annotated[str | None, code("pret_flag", "早产标志", length=3)] = None
    dise_type_code: Annotated[str | None, code("dise_type_code", "病种类型")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class Admission(AdmissionFacts):
    """就诊信息."""

    insutype: Annotated[str, code("insutype", "险种类型")]
    mdtrt_cert_no: Annotated[
        str | None,
        text(50, "就诊凭证编号"),
        required_when(
            "01 传医保电子凭证令牌(ecToken)，02 传身份证号，03 传社会保障卡卡号", mdtrt_cert_type=("01", "02", "03")
        ),
    ] = None
    ipt_no: Annotated[str, text(30, "住院号", note="院内就诊流水号")]
    birctrl_matn_date: Annotated[
        date | None, day("计划生育手术或生育日期"), required_when("新生儿随母住院时传新生儿出生日期")
    ] = None
    card_sn: Annotated[str | None, text(32, "卡识别码", note=ADDED_2024)] = None
    cert_type: Annotated[str | None, text(3, "证件类型", note=ADDED_2024)] = None
    certno: Annotated[str | None, text(20, "证件号码", note=ADDED_2024)] = None
    insuplc_admdvs: Annotated[str | None, text(6, "参保地医保区划", note=ADDED_2024)] = None
    mdtrtarea_admvs: Annotated[str | None, text(6, "就医地医保区划", note=ADDED_2024)] = None


@node
class InpatientDiagnosis:
    """What AdmissionDiagnosis and DischargeDiagnosis have in common."""

    psn_no: Annotated[str, text(30, "人员编号")]
    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    maindiag_flag: Annotated[str, code("maindiag_flag", "主诊断标志", length=3)]
    diag_srt_no: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diag_code: Annotated[str, text(20, "诊断代码")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    diag_dept: Annotated[str, text(50, "诊断科室")]
    dise_dor_no: Annotated[str, text(30, "诊断医生编码")]
    dise_dor_name: Annotated[str, text(50, "诊断医生姓名")]
    diag_time: Annotated[datetime, moment("诊断时间")]


@node
class AdmissionDiagnosis(InpatientDiagnosis):
    """入院诊断信息."""

    adm_cond: Annotated[str | None, text(500, "入院病情")] = None


@node
class Agent:
    """代办人信息."""

    agnter_name: Annotated[str | None, text(30, "代办人姓名"), AGENT] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3), AGENT] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型"), AGENT] = None
    agnter_certno: Annotated[str | None, text(30, "代办人证件号码"), AGENT] = None
    agnter_tel: Annotated[str | None, text(30, "代办人联系电话"), AGENT] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    agnter_photo: Annotated[str | None, long_text(None, "代办人照片", note="图片文件流")] = None


@node
class AdmittedVisit:
    """入院结果."""

    mdtrt_id: Annotated[str, text(30, "就诊ID", note="医保返回的就诊唯一流水")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展", long=False, note=ADDED_2024)] = None


@transaction(
    "2401",
    "入院办理",
    "inpatient admission",
    does=Does.REGISTERS,
    of=Of.STAY,
    looked_for=LookedFor.STAY,
    undone_by="2404",
    reversible=True,
    path="/fsi/api/hospitalRegisterService/hospitalRegisterSave",
)
class Admit:
    """Inpatient admission.

    - 已在院（含在其他机构在院）的人员平台拒绝再办入院
    - 由 2404 撤销；状态不明时由 2601 冲正
    - 诊断里应恰有一条主诊断（推断）
    - agnterinfo 只见于 2021 年初版实现，基线 V1.0 的表中没有，可不传
    - 部分省跨省异地另需 card_sn、psn_cert_type、certno、psn_name、psn_type
    """

    request_checks = (cross_province("mdtrtinfo"),)

    @node
    class Input:
        mdtrtinfo: Annotated[Admission, nested("就诊信息")]
        diseinfo: Annotated[list[AdmissionDiagnosis], rows("入院诊断信息")]
        agnterinfo: Annotated[Agent | None, nested("代办人信息")] = None

    @node
    class Output:
        result: Annotated[AdmittedVisit, nested("入院结果")]


@node
class Discharging:
    """出院信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    endtime: Annotated[datetime, moment("结束时间", note="出院时间")]
    dise_codg: Annotated[
        str | None, text(30, "病种编码"), required_when("按病种结算或日间手术时填对应病种目录代码")
    ] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码"), required_when("日间手术病种必填")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别"), required_when("生育住院填")] = None
    birctrl_type: Annotated[
        str | None, code("birctrl_type", "计划生育手术类别"), required_when("计划生育手术住院填")
    ] = None
    latechb_flag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetus_cnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    pret_flag: Annotated[str | None, code("pret_flag", "早产标志", length=3)] = None
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期")] = None
    cop_flag: Annotated[str | None, code("cop_flag", "伴有并发症标志", length=3)] = None
    dscg_dept_codg: Annotated[str, text(30, "出院科室编码")]
    dscg_dept_name: Annotated[str, text(100, "出院科室名称")]
    dscg_bed: Annotated[str | None, text(30, "出院床位")] = None
    dscg_way: Annotated[str, code("dscg_way", "离院方式", length=3)]
    die_date: Annotated[date | None, day("死亡日期"), required_when("离院方式为死亡时填（推断，表中为选填）")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class DischargeDiagnosis(InpatientDiagnosis):
    """出院诊断信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]


@transaction(
    "2402",
    "出院办理",
    "inpatient discharge",
    does=Does.REGISTERS,
    of=Of.DISCHARGE,
    looked_for=LookedFor.DISCHARGE,
    undone_by="2405",
    path="/fsi/api/dscgService/dischargeProcess",
)
class Discharge:
    """Inpatient discharge.

    - 出院结算 2304 之前办理
    - 由 2405 撤销
    - 诊断里应恰有一条主诊断（推断）
    - 出院时间不早于入院时间（推断）
    - 无业务输出
    """

    @node
    class Input:
        dscginfo: Annotated[Discharging, nested("出院信息")]
        diseinfo: Annotated[list[DischargeDiagnosis], rows("出院诊断信息")]


@node
class ChangedAdmission(AdmissionFacts):
    """住院信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    endtime: Annotated[datetime | None, moment("结束时间", note="出院时间")] = None
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号")]
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期")] = None
    ttp_pay_prop: Annotated[Decimal | None, number(5, 4, "第三方自付比例", note=ADDED_2024)] = None


@node
class ChangedDiagnosis(AdmissionDiagnosis):
    """入院诊断信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]


@transaction(
    "2403",
    "住院信息变更",
    "inpatient information change",
    does=Does.CHANGES,
    of=Of.STAY,
    looked_for=LookedFor.STAY_CHANGED,
    path="/fsi/api/hospitalRegisterService/hospitalRegisterEdit",
)
class ChangeAdmission:
    """Inpatient information change.

    - 老文档名为入院信息变更
    - 只在在院期间、结算前可改（推断）
    - 无业务输出
    """

    request_checks = (cross_province("adminfo"),)

    @node
    class Input:
        adminfo: Annotated[ChangedAdmission, nested("住院信息")]
        diseinfo: Annotated[list[ChangedDiagnosis], rows("入院诊断信息")]


@node
class VisitReference:
    """撤销信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2404",
    "入院撤销",
    "inpatient admission cancellation",
    does=Does.WITHDRAWS,
    of=Of.STAY,
    looked_for=LookedFor.STAY_TAKEN_BACK,
    path="/fsi/api/hospitalRegisterService/hospitalRegisterCancel",
)
class CancelAdmission:
    """Inpatient admission cancellation.

    - 无业务输出
    """

    @node
    class Input:
        data: Annotated[VisitReference, nested("撤销信息")]


@transaction(
    "2405",
    "出院撤销",
    "inpatient discharge cancellation",
    does=Does.WITHDRAWS,
    of=Of.DISCHARGE,
    looked_for=LookedFor.DISCHARGE_TAKEN_BACK,
    path="/fsi/api/dscgService/dischargeUndo",
)
class CancelDischarge(CancelAdmission):
    """Inpatient discharge cancellation.

    - 无业务输出
    """
