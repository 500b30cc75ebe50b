"""Filings (备案登记) and their queries: maternity, family doctors, home beds, chronic diseases, transfers.

Who files gets a ``trt_dcla_detl_sn`` (待遇申报明细流水号) back, by which the filing is found again: keep it. Five of
these are named by 东莞市医疗保障两定机构信息化事项要求（附件6） and have no public table.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, chapter, code, day, node, number, text

transaction = chapter("filings", "医保服务/人员备案")


@node
class PersonReference:
    """Whose filings."""

    psn_no: Annotated[str, text(30, "人员编号")]


@node
class MaternityFiling:
    """One maternity filing."""

    trt_dcla_detl_sn: Annotated[str | None, text(30, "待遇申报明细流水号")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    tel: Annotated[str | None, text(50, "联系电话")] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别")] = None
    matn_trt_dclaer_type: Annotated[str | None, text(None, "生育待遇申报人员类别")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    last_mena_date: Annotated[date | None, day("末次月经日期")] = None
    plan_matn_date: Annotated[date | None, day("预计生育日期")] = None
    begndate: Annotated[date | None, day("开始时间")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    spus_name: Annotated[str | None, text(None, "配偶姓名")] = None
    spus_cert_type: Annotated[str | None, code("psn_cert_type", "配偶证件类型", length=None)] = None
    spus_certno: Annotated[str | None, text(None, "配偶证件号码")] = None
    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人方式")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    dcladate: Annotated[str | None, text(None, "申报时间")] = None
    insu_type: Annotated[str | None, code("insutype", "险种类型", length=None)] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    emp_no: Annotated[str | None, text(None, "单位编号")] = None
    evtsn: Annotated[str | None, text(None, "事件流水号")] = None


@transaction(
    "90101",
    "生育登记查询",
    "maternity registration query",
    does=Does.READS,
    of=Of.FILING,
    group="医保服务/备案查询",
    confidence="medium",
)
class QueryMaternity:
    """Maternity registration query.

    - 按人员编号查询有效与历史生育登记；trt_dcla_detl_sn 用于关联与撤销
    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: PersonReference

    @node
    class Output:
        result: list[MaternityFiling]


@node
class Maternity:
    """生育登记信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    tel: Annotated[str, text(50, "联系电话")]
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    matn_type: Annotated[str, code("matn_type", "生育类别")]
    matn_trt_dclaer_type: Annotated[str | None, text(None, "生育待遇申报人员类别")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    last_mena_date: Annotated[date | None, day("末次月经日期")] = None
    plan_matn_date: Annotated[date | None, day("预计生育日期")] = None
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人联系方式")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    spus_name: Annotated[str | None, text(None, "配偶姓名")] = None
    spus_cert_type: Annotated[str | None, code("psn_cert_type", "配偶证件类型", length=None)] = None
    spus_certno: Annotated[str | None, text(None, "配偶证件号码")] = None


@node
class Filed:
    """The number of the new filing."""

    trt_dcla_detl_sn: Annotated[str | None, text(30, "待遇申报明细流水号")] = None


@transaction("90201", "生育登记", "maternity registration", does=Does.REGISTERS, of=Of.FILING, confidence="medium")
class RegisterMaternity:
    """Maternity registration.

    - 成功后返回待遇申报明细流水号 trt_dcla_detl_sn，须保存
    - 存在生育业务服务范畴的机构须实现（东莞）
    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: Maternity

    @node
    class Output:
        result: Filed


@transaction(
    "90517",
    "未就业配偶信息上传",
    "unemployed spouse information upload",
    does=Does.UPLOADS,
    of=Of.FILING,
    confidence="low",
    public=False,
)
class UploadUnemployedSpouse:
    """Unemployed spouse information upload.

    - 存在生育业务服务范畴的机构须实现
    - 字段表没有公开，按原样收发；国家目录无对应交易
    """


@node
class FiledFacts:
    """What FamilyDoctorContract and HomeBedFiling have in common."""

    trt_dcla_detl_sn: Annotated[str | None, text(30, "待遇申报明细流水号")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人电话")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    emp_no: Annotated[str | None, text(None, "单位编号")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    evtsn: Annotated[str | None, text(None, "事件流水号")] = None


@node
class FamilyDoctorContract(FiledFacts):
    """One contract with a family doctor."""

    dr_code: Annotated[str | None, text(None, "医师代码")] = None
    dr_name: Annotated[str | None, text(50, "医师姓名")] = None
    sign_prse: Annotated[str | None, text(None, "签约承诺")] = None
    insu_type: Annotated[str | None, code("insutype", "险种类型", length=None)] = None


@transaction(
    "90102",
    "家庭医生签约登记查询",
    "family doctor contract query",
    does=Does.READS,
    of=Of.FILING,
    group="医保服务/备案查询",
    confidence="medium",
)
class QueryFamilyDoctors:
    """Family doctor contract query.

    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: PersonReference

    @node
    class Output:
        result: list[FamilyDoctorContract]


@node
class FilingFacts:
    """What Contract and HomeBed have in common."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None


@node
class Contract(FilingFacts):
    """家庭医生签约信息."""

    dr_code: Annotated[str | None, text(None, "医师代码")] = None
    sign_prse: Annotated[str | None, text(None, "签约承诺")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人电话")] = None


@transaction(
    "90202", "家庭医生签约登记", "family doctor contract", does=Does.REGISTERS, of=Of.FILING, confidence="medium"
)
class SignFamilyDoctor:
    """Family doctor contract.

    - 成功后返回待遇申报明细流水号
    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: Contract

    @node
    class Output:
        result: Filed


@node
class HomeBedFiling(FiledFacts):
    """One filing of a home bed."""

    chfpdr_code: Annotated[str | None, text(30, "主诊医师代码")] = None
    chfpdr_name: Annotated[str | None, text(50, "主诊医师姓名")] = None
    dise_cond_dscr: Annotated[str | None, text(2000, "疾病病情描述")] = None
    appy_rea: Annotated[str | None, text(None, "申请理由")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None


@transaction(
    "90103",
    "家庭病床登记查询",
    "home bed registration query",
    does=Does.READS,
    of=Of.FILING,
    group="医保服务/备案查询",
    confidence="medium",
)
class QueryHomeBeds:
    """Home bed registration query.

    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: PersonReference

    @node
    class Output:
        result: list[HomeBedFiling]


@node
class HomeBed(FilingFacts):
    """家庭病床登记信息."""

    chfpdr_code: Annotated[str | None, text(30, "主诊医师代码")] = None
    dise_cond_dscr: Annotated[str | None, text(2000, "疾病病情描述")] = None
    appy_rea: Annotated[str | None, text(None, "申请理由")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人联系方式")] = None


@transaction("90203", "家庭病床登记", "home bed registration", does=Does.REGISTERS, of=Of.FILING, confidence="medium")
class RegisterHomeBed:
    """Home bed registration.

    - 成功后返回待遇申报明细流水号
    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: HomeBed

    @node
    class Output:
        result: Filed


@transaction(
    "90104",
    "门慢门特登记查询(东莞)",
    "chronic and special disease registration query",
    does=Does.READS,
    of=Of.CHRONIC_DISEASE,
    group="医保服务/备案查询",
    confidence="low",
    public=False,
    like="5301",
)
class QueryChronicDiseases:
    """Chronic and special disease registration query.

    - 存在医疗类别 14 门诊慢特病服务范畴的药店须实现
    - 字段表没有公开，按原样收发；业务上最接近国家交易 5301（查询门慢门特登记），只可作联调前的参照，不是字段依据
    """


@transaction(
    "90206",
    "慢特病备案",
    "chronic disease filing",
    does=Does.REGISTERS,
    of=Of.CHRONIC_DISEASE,
    undone_by="90304",
    confidence="low",
    public=False,
    like="2503",
)
class RegisterChronicDisease:
    """Chronic disease filing.

    - 字段表没有公开，按原样收发；业务上最接近国家交易 2503（登记慢特病备案），只可作联调前的参照，不是字段依据
    """


@transaction(
    "90304",
    "撤销慢特病备案",
    "undo chronic disease filing",
    does=Does.WITHDRAWS,
    of=Of.CHRONIC_DISEASE,
    confidence="low",
    public=False,
    like="2504",
)
class CancelChronicDisease:
    """Undo chronic disease filing.

    - 撤销 90206 的效果
    - 字段表没有公开，按原样收发；业务上最接近国家交易 2504（撤销慢特病备案），只可作联调前的参照，不是字段依据
    """


@transaction(
    "90215",
    "转院信息查询(东莞)",
    "referral query",
    does=Does.READS,
    of=Of.TRANSFER,
    group="医保服务/备案查询",
    confidence="low",
    public=False,
    like="5304",
)
class QueryTransfers:
    """Referral query.

    - 字段表没有公开，按原样收发；业务上最接近国家交易 5304（查询转院），只可作联调前的参照，不是字段依据
    """
