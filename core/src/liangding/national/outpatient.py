"""Outpatient and emergency settlement (门急诊结算): transactions 2201 to 2208."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..checks import cancellation_amounts, chronic_disease, cross_province, fee_rows, settlement_amounts, split_rows
from ..spec import (
    Does,
    Effect,
    Json,
    LookedFor,
    Of,
    amount,
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

transaction = chapter("outpatient", "医保服务/门急诊结算")

ADDED_2024 = "省版 2024-10 增补"
ONE_PROVINCE = "仅见于一个省的药店"
BEYOND_BASELINE = "基线表没有；两省的真实返回与 2207 一样带有"
MATERNITY = required_when("生育门诊按需填")


@node
class Registration:
    """挂号信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    begntime: Annotated[datetime, moment("开始时间", note="挂号时间")]
    mdtrt_cert_type: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    mdtrt_cert_no: Annotated[
        str | None,
        text(50, "就诊凭证编号"),
        required_when(
            "01 传医保电子凭证令牌(ecToken)，02 传身份证号，03 传社会保障卡卡号", mdtrt_cert_type=("01", "02", "03")
        ),
    ] = None
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号", note="院内唯一流水")]
    atddr_no: Annotated[str, text(30, "医师编码")]
    dr_name: Annotated[str, text(50, "医师姓名")]
    dept_code: Annotated[str, text(30, "科室编码")]
    dept_name: Annotated[str, text(100, "科室名称")]
    caty: Annotated[str, code("caty", "科别", length=10, note="初版长度 6，后来为 10")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    card_sn: Annotated[str | None, text(32, "卡识别码", note=ADDED_2024)] = None
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "证件类型", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")
    ] = None
    certno: Annotated[str | None, text(20, "证件号码", note=ADDED_2024)] = None
    psn_type: Annotated[str | None, code("psn_type", "人员类别", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")] = (
        None
    )
    psn_name: Annotated[str | None, text(20, "人员姓名", note=ADDED_2024)] = None


@node
class RegisteredVisit:
    """挂号结果."""

    mdtrt_id: Annotated[str, text(30, "就诊ID", note="医保返回的就诊唯一流水")]
    psn_no: Annotated[str, text(30, "人员编号")]
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2201",
    "门诊挂号",
    "outpatient registration",
    does=Does.REGISTERS,
    of=Of.VISIT,
    looked_for=LookedFor.VISIT,
    undone_by="2202",
    path="/fsi/api/outpatientDocInfoService/outpatientRregistration",
)
class Register:
    """Outpatient registration.

    - 一次就诊只挂号一次，多张单据共用同一 mdtrt_id
    - 输入输出节点均为 data
    - 部分省在跨省异地时另需 card_sn、psn_cert_type、certno、psn_name、psn_type
    """

    @node
    class Input:
        data: Annotated[Registration, nested("挂号信息")]

    @node
    class Output:
        data: Annotated[RegisteredVisit, nested("挂号结果")]


@node
class RegistrationReference:
    """撤销信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2202",
    "门诊挂号撤销",
    "outpatient registration cancellation",
    does=Does.WITHDRAWS,
    of=Of.VISIT,
    looked_for=LookedFor.VISIT_TAKEN_BACK,
    path="/fsi/api/outpatientDocInfoService/outpatientRegistrationCancel",
)
class CancelRegistration:
    """Outpatient registration cancellation.

    - 无业务输出
    """

    @node
    class Input:
        data: Annotated[RegistrationReference, nested("撤销信息")]


@node
class Visit:
    """就诊信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    begntime: Annotated[datetime, moment("开始时间", note="就诊时间")]
    main_cond_dscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    dise_codg: Annotated[
        str | None,
        text(30, "病种编码"),
        required_when(
            "门慢门特（病种类型 10、11、12）必填，填按病种结算或慢特病病种目录代码", dise_type_code=("10", "11", "12")
        ),
    ] = None
    dise_name: Annotated[
        str | None,
        text(500, "病种名称"),
        required_when("门慢门特（病种类型 10、11、12）必填，与病种编码一致", dise_type_code=("10", "11", "12")),
    ] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别"), MATERNITY] = None
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期"), MATERNITY] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    dise_type_code: Annotated[str | None, code("dise_type_code", "病种类型代码", length=30, note=ADDED_2024)] = None


@node
class DiagnosisFacts:
    """What Diagnosis and DiagnosisA have in common."""

    diag_type: Annotated[str, code("diag_type", "诊断类别", length=3)]
    diag_srt_no: Annotated[Decimal, number(2, 0, "诊断排序号")]
    diag_name: Annotated[str, text(100, "诊断名称")]
    diag_dept: Annotated[str, text(50, "诊断科室")]
    dise_dor_no: Annotated[str, text(30, "诊断医生编码")]
    dise_dor_name: Annotated[str, text(50, "诊断医生姓名")]
    diag_time: Annotated[datetime, moment("诊断时间")]
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    maindiag_flag: Annotated[
        str | None,
        code("maindiag_flag", "主诊断标志", length=3, note="1 是，0 否"),
        required_when("后续版本增加，各地的实现均上传；基线早期表中没有"),
    ] = None


@node
class Diagnosis(DiagnosisFacts):
    """诊断信息."""

    diag_code: Annotated[str, text(20, "诊断代码")]


@transaction(
    "2203",
    "门诊就诊信息上传",
    "outpatient visit and diagnosis upload",
    does=Does.UPLOADS,
    of=Of.VISIT,
    effect=Effect.REPEATABLE,
    path="/fsi/api/outpatientDocInfoService/outpatientMdtrtinfoUp",
)
class UploadVisit:
    """Outpatient visit and diagnosis upload.

    - 在 2201 之后、结算之前上传
    - 诊断排序号在一次就诊内不重复（推断）
    - 有的地方另加 ttp_resp（第三方责任）与 expi_gestation_nub_of_m（终止妊娠月数）
    - 无业务输出
    """

    request_checks = (cross_province("mdtrtinfo"), chronic_disease("mdtrtinfo"))

    @node
    class Input:
        mdtrtinfo: Annotated[Visit, nested("就诊信息")]
        diseinfo: Annotated[list[Diagnosis], rows("诊断信息")]


@node
class VisitA:
    """就诊信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    begntime: Annotated[datetime, moment("开始时间", note="就诊时间")]
    main_cond_dscr: Annotated[str | None, text(1000, "主要病情描述")] = None
    dise_codg: Annotated[
        str | None, text(30, "病种编码"), required_when("门慢门特必填，填按病种结算或慢特病病种目录代码")
    ] = None
    dise_name: Annotated[str | None, text(500, "病种名称"), required_when("门慢门特必填，与病种编码一致")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别"), MATERNITY] = None
    birctrl_matn_date: Annotated[date | None, day("计划生育手术或生育日期"), MATERNITY] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别"), MATERNITY] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数"), MATERNITY] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    rxfixmedinsCode: Annotated[str | None, text(12, "处方医药机构编码", note=ONE_PROVINCE)] = None
    rxfixmedinsName: Annotated[str | None, text(20, "处方医药机构名称", note=ONE_PROVINCE)] = None
    rxIn: Annotated[str | None, long_text(None, "文件数据", note=f"{ONE_PROVINCE}：处方文件的字节")] = None
    rxfilename: Annotated[str | None, text(200, "文件名", note=ONE_PROVINCE)] = None
    rxExpContent: Annotated[str | None, text(2000, "处方扩展字段", note=ONE_PROVINCE)] = None


@node
class DiagnosisA(DiagnosisFacts):
    """诊断信息."""

    diag_code: Annotated[str, text(30, "诊断代码")]


@transaction(
    "2203A",
    "门诊就诊信息上传A",
    "outpatient visit and diagnosis upload A (incl. cross-province)",
    does=Does.UPLOADS,
    of=Of.VISIT,
    effect=Effect.REPEATABLE,
    path="/fsi/api/outpatientDocInfoService/outpatientMdtrtinfoUpA",
)
class UploadVisitA:
    """Outpatient visit and diagnosis upload A (incl. cross-province).

    - 比 2203 多生育类别与孕周数，建议用本交易代替 2203
    - 在 2201 之后、结算之前上传
    - 无业务输出
    """

    request_checks = (cross_province("mdtrtinfo"), chronic_disease("mdtrtinfo"))

    @node
    class Input:
        mdtrtinfo: Annotated[VisitA, nested("就诊信息")]
        diseinfo: Annotated[list[DiagnosisA], rows("诊断信息")]


@node
class FeeRow:
    """费用明细."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号", note="单次就诊内唯一")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    chrg_bchno: Annotated[str, text(30, "收费批次号", note="同一收费批次号的病种编码必须一致")]
    dise_codg: Annotated[str | None, text(30, "病种编码"), required_when("慢特病或按病种结算时填")] = None
    rxno: Annotated[
        str | None, text(30, "处方号"), required_when("外购处方必填，填外购处方号；否则填院内处方号", rx_circ_flag="1")
    ] = None
    rx_circ_flag: Annotated[str, code("rx_circ_flag", "外购处方标志", length=3)]
    fee_ocur_time: Annotated[datetime, moment("费用发生时间")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_list_codg: Annotated[str, text(150, "医药机构目录编码")]
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    sin_dos_dscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    used_frqu_dscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prd_days: Annotated[Decimal | None, number(4, 2, "周期天数")] = None
    medc_way_dscr: Annotated[str | None, text(200, "用药途径描述")] = None
    bilg_dept_codg: Annotated[str, text(30, "开单科室编码")]
    bilg_dept_name: Annotated[str, text(100, "开单科室名称")]
    bilg_dr_codg: Annotated[str, text(30, "开单医生编码", note="国家医师代码")]
    bilg_dr_name: Annotated[str, text(50, "开单医师姓名")]
    acord_dept_codg: Annotated[str | None, text(30, "受单科室编码")] = None
    acord_dept_name: Annotated[str | None, text(100, "受单科室名称")] = None
    orders_dr_code: Annotated[str | None, text(30, "受单医生编码")] = None
    orders_dr_name: Annotated[str | None, text(50, "受单医生姓名")] = None
    hosp_appr_flag: Annotated[str, code("hosp_appr_flag", "医院审批标志", length=3)]
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    etip_flag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etip_hosp_code: Annotated[str | None, text(30, "外检医院编码")] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    matn_fee_flag: Annotated[str | None, code("matn_fee_flag", "生育费用标志")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    memo: Annotated[str | None, text(1000, "备注", note=ADDED_2024)] = None
    comb_no: Annotated[str | None, text(3, "组套编码", note=ADDED_2024)] = None


@node
class FeeSplit:
    """明细分割结果."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号")]
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    pric_uplmt_amt: Annotated[Decimal, number(16, 6, "定价上限金额", note="无限价时返回很大的数（如 999999）")]
    selfpay_prop: Annotated[Decimal | None, number(5, 4, "自付比例")] = None
    fulamt_ownpay_amt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmt_amt: Annotated[Decimal | None, amount("超限价金额")] = None
    preselfpay_amt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscp_scp_amt: Annotated[Decimal | None, amount("符合政策范围金额")] = None
    chrgitm_lv: Annotated[str, code("chrgitm_lv", "收费项目等级", length=3)]
    med_chrgitm_type: Annotated[str, code("med_chrgitm_type", "医疗收费项目类别")]
    bas_medn_flag: Annotated[str | None, code("bas_medn_flag", "基本药物标志", length=3)] = None
    hi_nego_drug_flag: Annotated[str | None, code("hi_nego_drug_flag", "医保谈判药品标志", length=3)] = None
    chld_medc_flag: Annotated[str | None, code("chld_medc_flag", "儿童用药标志", length=3)] = None
    list_sp_item_flag: Annotated[
        str | None, code("list_sp_item_flag", "目录特项标志", length=3, note="特检特治项目或特殊药品")
    ] = None
    lmt_used_flag: Annotated[str, code("lmt_used_flag", "限制使用标志", length=3)]
    drt_reim_flag: Annotated[str | None, code("drt_reim_flag", "直报标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注", note="明细分割失败的原因")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2204",
    "门诊费用明细信息上传",
    "outpatient fee detail upload",
    does=Does.UPLOADS,
    of=Of.FEES,
    looked_for=LookedFor.FEES,
    undone_by="2205",
    path="/fsi/api/outpatientDocInfoService/outpatientFeeListUp",
)
class UploadFees:
    """Outpatient fee detail upload.

    - 多单结算：每张单据用不同 chrg_bchno，结算按批次号分别进行；不分单时全部用同一批次号
    - 每行 cnt×pric 四舍五入到分等于 det_item_fee_sumamt（真实样本 18 行全部成立）
    - 返回行按 feedetl_sn 与上传行对应
    - hosp_appr_flag 的取值各省不一（有的省只认 1、2，其他省用 0、1、2），须可配置
    - 扩展参数中见到 er_flag（急诊标志）、tcmherb_prov_code、mcs_prov_code
    """

    request_checks = (fee_rows("feedetail"),)
    answer_checks = (split_rows,)

    @node
    class Input:
        feedetail: Annotated[list[FeeRow], rows("费用明细", unique=("mdtrt_id", "feedetl_sn"))]

    @node
    class Output:
        result: Annotated[list[FeeSplit], rows("明细分割结果")]


@node
class FeeBatchReference:
    """撤销信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    chrg_bchno: Annotated[str, text(30, "收费批次号", note="传 0000 删除该就诊全部未结算明细")]
    psn_no: Annotated[str, text(30, "人员编号")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2205",
    "门诊费用明细信息撤销",
    "outpatient fee detail cancellation",
    does=Does.WITHDRAWS,
    of=Of.FEES,
    looked_for=LookedFor.FEES_TAKEN_BACK,
    path="/fsi/api/outpatientDocInfoService/outpatientFeeListUpCancel",
)
class CancelFees:
    """Outpatient fee detail cancellation.

    - 只能撤销未结算的明细，已结算的先用 2208
    - 按收费批次号整批撤销，0000 为全部
    - 无业务输出
    """

    @node
    class Input:
        data: Annotated[FeeBatchReference, nested("撤销信息")]


@node
class BillReference:
    """What TrialBill and TrialBillA have in common."""

    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_cert_type: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    mdtrt_cert_no: Annotated[
        str | None,
        text(50, "就诊凭证编号"),
        required_when(
            "01 传医保电子凭证令牌(ecToken)，02 传身份证号，03 传社会保障卡卡号", mdtrt_cert_type=("01", "02", "03")
        ),
    ] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额", note="应等于该批次明细合计")]
    psn_setlway: Annotated[str, code("psn_setlway", "个人结算方式")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    chrg_bchno: Annotated[str, text(30, "收费批次号")]
    acct_used_flag: Annotated[str, code("acct_used_flag", "个人账户使用标志", length=1, note="0 不使用，1 使用")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class TrialBill(BillReference):
    """预结算信息."""

    card_sn: Annotated[str | None, text(32, "卡识别码", note=ADDED_2024)] = None
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "证件类型", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")
    ] = None
    certno: Annotated[str | None, text(20, "证件号码", note=ADDED_2024)] = None
    psn_type: Annotated[str | None, code("psn_type", "人员类别", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")] = (
        None
    )
    psn_name: Annotated[str | None, text(20, "人员姓名", note=ADDED_2024)] = None
    pub_hosp_rfom_flag: Annotated[str | None, text(6, "公立医院改革标志", note=ADDED_2024)] = None


@node
class SettlementAmounts:
    """What TrialSettlement and Settlement have in common."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    cvlserv_flag: Annotated[str, code("cvlserv_flag", "公务员标志", length=3)]
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3)] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价自费费用")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额")]
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额")]
    act_pay_dedc: Annotated[Decimal | None, amount("实际支付起付线")] = None
    hifp_pay: Annotated[Decimal, amount("基本医疗保险统筹基金支出")]
    pool_prop_selfpay: Annotated[Decimal, number(5, 4, "基本医疗保险统筹基金支付比例")]
    cvlserv_pay: Annotated[Decimal, amount("公务员医疗补助资金支出")]
    hifes_pay: Annotated[Decimal, amount("企业补充医疗保险基金支出")]
    hifmi_pay: Annotated[Decimal, amount("居民大病保险资金支出")]
    hifob_pay: Annotated[Decimal, amount("职工大额医疗费用补助基金支出")]
    maf_pay: Annotated[Decimal, amount("医疗救助基金支出")]
    oth_pay: Annotated[Decimal, amount("其他支出")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    psn_part_amt: Annotated[Decimal, amount("个人负担总金额", note="等于个人账户支出加个人现金支出")]
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    psn_cash_pay: Annotated[Decimal, amount("个人现金支出")]
    hosp_part_amt: Annotated[Decimal, amount("医院负担金额", note="由医院承担的部分，不计入基金也不计入个人")]
    balc: Annotated[Decimal, amount("余额", note="扣除本次个人账户支出之后的余额")]
    acct_mulaid_pay: Annotated[Decimal, amount("个人账户共济支付金额")]
    medins_setl_id: Annotated[str, text(30, "医药机构结算ID", note="等于发送方本次交易的 msgid，冲正时作 omsgid")]
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    clr_way: Annotated[str | None, code("clr_way", "清算方式")] = None
    clr_type: Annotated[str, code("clr_type", "清算类别")]
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出", note="后续版本增加，老平台不返回")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class TrialSettlement(SettlementAmounts):
    """结算信息."""

    setl_id: Annotated[str | None, text(30, "结算ID", note="预结算恒为空")] = None
    setl_time: Annotated[datetime | None, moment("结算时间", note="表中标为必返，预结算的真实报文为 null")] = None


@node
class FundShare:
    """结算基金分项信息."""

    fund_pay_type: Annotated[
        str | None,
        code(
            "fund_pay_type",
            "基金支付类型",
            length=10,
            note="表中长度 6，后续字典有 8 位代码；真实返回有整行为空串的分项行，视为无此行",
        ),
    ] = None
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额")]
    crt_payb_lmt_amt: Annotated[
        Decimal | None, amount("本次可支付限额金额", note="表中标为必返，真实报文多为 null")
    ] = None
    fund_payamt: Annotated[Decimal | None, amount("基金支付金额", note="真实返回有整行为空串的分项行，视为无此行")] = (
        None
    )
    fund_pay_type_name: Annotated[str | None, text(200, "基金支付类型名称")] = None
    setl_proc_info: Annotated[Json | None, extension(4000, "结算过程信息", note="JSON 字符串，含政策项与比例")] = None


@transaction(
    "2206",
    "门诊预结算",
    "outpatient pre-settlement",
    does=Does.PRE_SETTLES,
    of=Of.VISIT,
    path="/fsi/api/outpatientSettleService/preSettletment",
)
class PreSettle:
    """Outpatient pre-settlement.

    - 只试算不落账，可反复调用
    - 只支持本地及省内异地；跨省异地用带 A 的交易
    - 结果中 fulamt_ownpay_amt、overlmt_selfpay、preselfpay_amt、inscp_scp_amt 原样带入 2207
    - mdtrt_cert_type 为 01 时 mdtrt_cert_no 传身份核验令牌 ecToken
    """

    request_checks = (cross_province("data"),)
    answer_checks = (settlement_amounts,)

    @node
    class Input:
        data: Annotated[TrialBill, nested("预结算信息")]

    @node
    class Output:
        setlinfo: Annotated[TrialSettlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class TrialBillA(BillReference):
    """预结算信息."""


@transaction(
    "2206A",
    "门诊预结算A",
    "outpatient pre-settlement A (incl. cross-province)",
    does=Does.PRE_SETTLES,
    of=Of.VISIT,
    path="/fsi/api/outpatientSettleService/preSettletmentA",
    confidence="medium",
)
class PreSettleA:
    """Outpatient pre-settlement A (incl. cross-province).

    - 字段与 2206 相同
    - 支持本地、省内异地及跨省异地，建议优先实现
    - 部分省在跨省异地时另需 card_sn、psn_cert_type、certno、psn_name、psn_type
    """

    request_checks = (cross_province("data"),)
    answer_checks = (settlement_amounts,)

    @node
    class Input:
        data: Annotated[TrialBillA, nested("预结算信息")]

    @node
    class Output:
        setlinfo: Annotated[TrialSettlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class Bill(TrialBillA):
    """结算信息."""

    invono: Annotated[str | None, text(20, "发票号")] = None
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额", note="取自预结算")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价金额", note="取自预结算")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额", note="取自预结算")]
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额", note="取自预结算")]
    card_sn: Annotated[str | None, text(32, "卡识别码", note=ADDED_2024)] = None
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "证件类型", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")
    ] = None
    certno: Annotated[str | None, text(20, "证件号码", note=ADDED_2024)] = None
    pub_hosp_rfom_flag: Annotated[str | None, text(6, "公立医院改革标志", note=ADDED_2024)] = None


@node
class Settlement(SettlementAmounts):
    """结算信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    setl_time: Annotated[datetime, moment("结算时间")]


@transaction(
    "2207",
    "门诊结算",
    "outpatient settlement",
    does=Does.SETTLES,
    of=Of.VISIT,
    looked_for=LookedFor.SETTLEMENT,
    undone_by="2208",
    reversible=True,
    path="/fsi/api/outpatientSettleService/saveSettletmentV2",
)
class Settle:
    """Outpatient settlement.

    - 真实返回中 output 下还可能多出 expContent 键，各省另加扩展字段，接收时忽略未知键
    - 只结算 chrg_bchno 对应批次的明细；多单按批次逐次结算
    - 先做 2206 并向患者展示，确认后再结算
    - 由 2208 撤销；状态不明时由 2601 冲正
    - 只支持本地及省内异地；跨省异地用带 A 的交易
    - 部分省要求本地结算先校验电子凭证或医保卡密码，跨省异地不校验
    - mdtrt_cert_type 为 01 时 mdtrt_cert_no 传身份核验令牌 ecToken
    - 使用个账且返回 acct_pay 非 0 表示个账已扣，收费系统须提示不得再刷 POS
    - REST 路径带密码校验的省用 saveSettletmentV2
    """

    request_checks = (cross_province("data"),)
    answer_checks = (settlement_amounts,)

    @node
    class Input:
        data: Annotated[Bill, nested("结算信息")]

    @node
    class Output:
        setlinfo: Annotated[Settlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class BillA(TrialBillA):
    """结算信息."""

    invono: Annotated[str | None, text(20, "发票号")] = None
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额", note="取自预结算")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价金额", note="取自预结算")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额", note="取自预结算")]
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额", note="取自预结算")]


@transaction(
    "2207A",
    "门诊结算A",
    "outpatient settlement A (incl. cross-province)",
    does=Does.SETTLES,
    of=Of.VISIT,
    looked_for=LookedFor.SETTLEMENT,
    undone_by="2208",
    reversible=True,
    path="/fsi/api/outpatientSettleService/saveSettletmentA",
    confidence="medium",
)
class SettleA:
    """Outpatient settlement A (incl. cross-province).

    - 字段与 2207 相同
    - 支持本地、省内异地及跨省异地，建议优先实现
    - 多单按传入的收费批次号结算不同费用
    - 由 2208 撤销；状态不明时由 2601 冲正，oinfno 传 2207A
    - 部分省在跨省异地时另需 card_sn、psn_cert_type、certno、psn_name、psn_type
    """

    request_checks = (cross_province("data"),)
    answer_checks = (settlement_amounts,)

    @node
    class Input:
        data: Annotated[BillA, nested("结算信息")]

    @node
    class Output:
        setlinfo: Annotated[Settlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class SettlementReference:
    """撤销信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class CancelledSettlement:
    """结算信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID", note="撤销结算的结算ID")]
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    setl_time: Annotated[datetime, moment("结算时间")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价自费费用")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额")]
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额")]
    act_pay_dedc: Annotated[Decimal | None, amount("实际支付起付线")] = None
    hifp_pay: Annotated[Decimal, amount("基本医疗保险统筹基金支出")]
    pool_prop_selfpay: Annotated[Decimal, number(5, 4, "基本医疗保险统筹基金支付比例")]
    cvlserv_pay: Annotated[Decimal, amount("公务员医疗补助资金支出")]
    hifes_pay: Annotated[Decimal, amount("企业补充医疗保险基金支出")]
    hifmi_pay: Annotated[Decimal, amount("居民大病保险资金支出")]
    hifob_pay: Annotated[Decimal, amount("职工大额医疗费用补助基金支出")]
    maf_pay: Annotated[Decimal, amount("医疗救助基金支出")]
    oth_pay: Annotated[Decimal, amount("其他支出")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    psn_part_amt: Annotated[Decimal | None, amount("个人负担总金额", note="真实撤销报文常为 null")] = None
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    psn_cash_pay: Annotated[Decimal, amount("个人现金支出", note="部分文档误作 pdn_cash_pay，接收时两名都要认")]
    hosp_part_amt: Annotated[Decimal | None, amount("医院负担金额", note="真实撤销报文可为 null")] = None
    balc: Annotated[Decimal, amount("余额")]
    acct_mulaid_pay: Annotated[Decimal | None, amount("个人账户共济支付金额", note="真实撤销报文可为 null")] = None
    medins_setl_id: Annotated[str, text(30, "医药机构结算ID", note="等于发送方本次交易的 msgid，冲正时作 omsgid")]
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出", note="后续版本增加，老平台不返回")] = None
    psn_no: Annotated[str | None, text(30, "人员编号", note=BEYOND_BASELINE)] = None
    psn_name: Annotated[str | None, text(50, "人员姓名", note=BEYOND_BASELINE)] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型", note=BEYOND_BASELINE)] = None
    certno: Annotated[str | None, text(50, "证件号码", note=BEYOND_BASELINE)] = None
    gend: Annotated[str | None, code("gend", "性别", note=BEYOND_BASELINE)] = None
    naty: Annotated[str | None, code("naty", "民族", length=3, note=BEYOND_BASELINE)] = None
    brdy: Annotated[date | None, day("出生日期", note=BEYOND_BASELINE)] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄", note=BEYOND_BASELINE)] = None
    insutype: Annotated[str | None, code("insutype", "险种类型", note=BEYOND_BASELINE)] = None
    psn_type: Annotated[str | None, code("psn_type", "人员类别", note=BEYOND_BASELINE)] = None
    cvlserv_flag: Annotated[str | None, code("cvlserv_flag", "公务员标志", length=3, note=BEYOND_BASELINE)] = None
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3, note=BEYOND_BASELINE)] = (
        None
    )
    med_type: Annotated[str | None, code("med_type", "医疗类别", note=BEYOND_BASELINE)] = None
    clr_way: Annotated[str | None, code("clr_way", "清算方式", note=BEYOND_BASELINE)] = None
    clr_type: Annotated[str | None, code("clr_type", "清算类别", note=BEYOND_BASELINE)] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2208",
    "门诊结算撤销",
    "outpatient settlement cancellation",
    does=Does.CANCELS,
    of=Of.VISIT,
    looked_for=LookedFor.SETTLEMENT_TAKEN_BACK,
    reversible=True,
    path="/fsi/api/outpatientSettleService/cancleSettletment",
)
class CancelSettlement:
    """Outpatient settlement cancellation.

    - 多单结算须按各自 setl_id 逐笔撤销
    - 适用于 2207 与 2207A
    - 只撤销结算时可再做 2206A/2207A 重新结算，不必删明细和挂号
    - 入参没有明细，部分退费须整笔撤销再对留用部分重新结算（推断）
    - 已撤销的结算不能再冲正（见于真实返回）；重复撤销同样应拒（推断）
    - 撤销本身状态不明时可用 2601 冲正
    - output 下还可能多出 expContent 键，接收时忽略未知键
    - 金额均为原结算的负数，起付线同样为负；个人账户退回后 balc 随之增加
    - 早期与 V1.1.27 的表把 psn_cash_pay 误印为 pdn_cash_pay，真实返回都是 psn_cash_pay
    """

    answer_checks = (cancellation_amounts,)

    @node
    class Input:
        data: Annotated[SettlementReference, nested("撤销信息")]

    @node
    class Output:
        setlinfo: Annotated[CancelledSettlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None
