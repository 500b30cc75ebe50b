"""Inpatient settlement (住院结算): transactions 2301 to 2305."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..checks import cancellation_amounts, fee_rows, settlement_amounts, split_rows
from ..spec import (
    Does,
    Json,
    LookedFor,
    Of,
    amount,
    chapter,
    code,
    day,
    extension,
    moment,
    nested,
    node,
    number,
    required_when,
    rows,
    text,
)

transaction = chapter("inpatient", "医保服务/住院结算")

ADDED_2024 = "省版 2024-10 增补"


@node
class FeeRow:
    """费用明细."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号", note="单次就诊内唯一")]
    init_feedetl_sn: Annotated[
        str | None, text(30, "原费用流水号"), required_when("退单时传被退行的费用明细流水号")
    ] = None
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    drord_no: Annotated[str | None, text(30, "医嘱号")] = None
    psn_no: Annotated[str, text(30, "人员编号")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
    fee_ocur_time: Annotated[datetime, moment("费用发生时间")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    medins_list_codg: Annotated[str, text(150, "医药机构目录编码")]
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额", note="退单时为负")]
    cnt: Annotated[Decimal, number(16, 4, "数量", note="退单时为负")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    bilg_dept_codg: Annotated[str, text(30, "开单科室编码")]
    bilg_dept_name: Annotated[str, text(100, "开单科室名称")]
    bilg_dr_codg: Annotated[str, text(30, "开单医生编码", note="国家医师代码")]
    bilg_dr_name: Annotated[str, text(50, "开单医师姓名")]
    acord_dept_codg: Annotated[str | None, text(30, "受单科室编码")] = None
    acord_dept_name: Annotated[str | None, text(100, "受单科室名称")] = None
    orders_dr_code: Annotated[str | None, text(30, "受单医生编码")] = None
    orders_dr_name: Annotated[str | None, text(50, "受单医生姓名")] = None
    hosp_appr_flag: Annotated[str | None, code("hosp_appr_flag", "医院审批标志", length=3)] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    etip_flag: Annotated[str | None, code("etip_flag", "外检标志", length=3)] = None
    etip_hosp_code: Annotated[str | None, text(30, "外检医院编码")] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    matn_fee_flag: Annotated[str | None, code("matn_fee_flag", "生育费用标志")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    comb_no: Annotated[str | None, text(3, "组套编号", note=ADDED_2024)] = None


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
    "2301",
    "住院费用明细上传",
    "inpatient fee detail upload",
    does=Does.UPLOADS,
    of=Of.FEES,
    looked_for=LookedFor.FEES,
    undone_by="2302",
    path="/fsi/api/hospFeeDtlService/feeDtlUp",
)
class UploadFees:
    """Inpatient fee detail upload.

    - 住院期间按日实时上传
    - 退费传负数量与负金额，init_feedetl_sn 指向原行，累计退量不超过原行（后半推断）
    - 每行 cnt×pric 四舍五入到分等于 det_item_fee_sumamt（真实样本 18 行全部成立）
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
class FeeRowReference:
    """撤销信息."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号", note="传 0000 删除该就诊全部明细")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@transaction(
    "2302",
    "住院费用明细撤销",
    "inpatient fee detail cancellation",
    does=Does.WITHDRAWS,
    of=Of.FEES,
    looked_for=LookedFor.FEES_TAKEN_BACK,
    path="/fsi/api/hospFeeDtlService/feeDtlCl",
)
class CancelFees:
    """Inpatient fee detail cancellation.

    - 按费用明细流水号撤销，0000 为全部
    - 已结算的先用 2305 撤销结算（推断）
    - 无业务输出
    - data 官方表写多行；有的省按多行，有的客户端传单个对象，按地区设定
    """

    @node
    class Input:
        data: Annotated[list[FeeRowReference], rows("撤销信息")]


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
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额", note="应等于已上传明细合计")]
    psn_setlway: Annotated[str, code("psn_setlway", "个人结算方式")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    acct_used_flag: Annotated[
        str | None, code("acct_used_flag", "个人账户使用标志", length=1, note="0 不使用，1 使用")
    ] = None
    insutype: Annotated[str, code("insutype", "险种类型")]
    invono: Annotated[str | None, text(20, "发票号")] = None
    mid_setl_flag: Annotated[str, code("mid_setl_flag", "中途结算标志", length=3, note="1 为中途结算")]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额", note="未预结算时传 0")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价金额", note="未预结算时传 0")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额", note="未预结算时传 0")]
    inscp_scp_amt: Annotated[Decimal, amount("符合政策范围金额", note="未预结算时传 0")]
    dscgTime: Annotated[date | None, day("出院时间", note="字段名为驼峰写法")] = None
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
    insuplc_admdvs: Annotated[str | None, text(6, "参保地医保区划", note=ADDED_2024)] = None
    mdtrtarea_admvs: Annotated[str | None, text(6, "就医地医保区划", note=ADDED_2024)] = None


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
    psn_part_amt: Annotated[Decimal | None, amount("个人负担总金额", note="等于个人账户支出加个人现金支出")] = None
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    psn_cash_pay: Annotated[Decimal, amount("个人现金支出")]
    hosp_part_amt: Annotated[
        Decimal | None, amount("医院负担金额", note="由医院承担的部分，不计入基金也不计入个人")
    ] = None
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
    "2303",
    "住院预结算",
    "inpatient pre-settlement",
    does=Does.PRE_SETTLES,
    of=Of.STAY,
    path="/fsi/api/hospSettService/preSett",
)
class PreSettle:
    """Inpatient pre-settlement.

    - 住院期间可随时试算，不落账
    - 只支持本地及省内异地；跨省异地用带 A 的交易
    """

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
    "2303A",
    "住院预结算A",
    "inpatient pre-settlement A (incl. cross-province)",
    does=Does.PRE_SETTLES,
    of=Of.STAY,
    path="/fsi/api/hospSettService/preSettA",
    confidence="medium",
)
class PreSettleA:
    """Inpatient pre-settlement A (incl. cross-province).

    - 字段与 2303 相同；有的省另传 med_type
    - 支持本地、省内异地及跨省异地，建议优先实现
    - 部分省在跨省异地时另需 card_sn、psn_cert_type、certno、psn_name、psn_type
    """

    answer_checks = (settlement_amounts,)

    @node
    class Input:
        data: Annotated[TrialBillA, nested("预结算信息")]

    @node
    class Output:
        setlinfo: Annotated[TrialSettlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class DischargeBill:
    """What Bill and BillA have in common."""

    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_cert_type: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    mdtrt_cert_no: Annotated[
        str | None,
        text(50, "就诊凭证编号"),
        required_when(
            "01 传医保电子凭证令牌(ecToken)，02 传身份证号，03 传社会保障卡卡号", mdtrt_cert_type=("01", "02", "03")
        ),
    ] = None
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额", note="应等于已上传明细合计")]
    psn_setlway: Annotated[str, code("psn_setlway", "个人结算方式")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    acct_used_flag: Annotated[str, code("acct_used_flag", "个人账户使用标志", length=1, note="0 不使用，1 使用")]
    invono: Annotated[str | None, text(20, "发票号")] = None
    mid_setl_flag: Annotated[str, code("mid_setl_flag", "中途结算标志", length=3, note="1 为中途结算")]
    fulamt_ownpay_amt: Annotated[Decimal | None, amount("全自费金额", note="取自预结算")] = None
    overlmt_selfpay: Annotated[Decimal | None, amount("超限价金额", note="取自预结算")] = None
    preselfpay_amt: Annotated[Decimal | None, amount("先行自付金额", note="取自预结算")] = None
    inscp_scp_amt: Annotated[Decimal | None, amount("符合政策范围金额", note="取自预结算")] = None
    dscgTime: Annotated[date | None, day("出院时间", note="字段名为驼峰写法")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None


@node
class Bill(DischargeBill):
    """结算信息."""

    card_sn: Annotated[str | None, text(32, "卡识别码", note=ADDED_2024)] = None
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "证件类型", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")
    ] = None
    certno: Annotated[str | None, text(20, "证件号码", note=ADDED_2024)] = None
    psn_type: Annotated[str | None, code("psn_type", "人员类别", note=f"{ADDED_2024}；表中长度 3，后来的代码更长")] = (
        None
    )
    psn_name: Annotated[str | None, text(20, "人员姓名", note=ADDED_2024)] = None
    insuplc_admdvs: Annotated[str | None, text(6, "参保地医保区划", note=ADDED_2024)] = None
    mdtrtarea_admvs: Annotated[str | None, text(6, "就医地医保区划", note=ADDED_2024)] = None


@node
class Settlement(SettlementAmounts):
    """结算信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    setl_time: Annotated[datetime | None, moment("结算时间")] = None


@transaction(
    "2304",
    "住院结算",
    "inpatient settlement",
    does=Does.SETTLES,
    of=Of.STAY,
    looked_for=LookedFor.SETTLEMENT,
    undone_by="2305",
    reversible=True,
    path="/fsi/api/hospSettService/settV2",
)
class Settle:
    """Inpatient settlement.

    - 由 2305 撤销；状态不明时由 2601 冲正
    - 只支持本地及省内异地；跨省异地用带 A 的交易
    - 部分省要求本地结算先校验电子凭证或医保卡密码，跨省异地不校验
    - REST 路径取自带密码校验的省份（settV2）
    """

    answer_checks = (settlement_amounts,)

    @node
    class Input:
        data: Annotated[Bill, nested("结算信息")]

    @node
    class Output:
        setlinfo: Annotated[Settlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None


@node
class BillA(DischargeBill):
    """结算信息."""


@transaction(
    "2304A",
    "住院结算A",
    "inpatient settlement A (incl. cross-province)",
    does=Does.SETTLES,
    of=Of.STAY,
    looked_for=LookedFor.SETTLEMENT,
    undone_by="2305",
    reversible=True,
    path="/fsi/api/hospSettService/settA",
    confidence="medium",
)
class SettleA:
    """Inpatient settlement A (incl. cross-province).

    - 字段与 2304 相同；有的省另传 med_type
    - 支持本地、省内异地及跨省异地，建议优先实现
    - 由 2305 撤销；状态不明时由 2601 冲正，oinfno 传 2304A
    - 部分省在跨省异地时另需 card_sn、psn_cert_type、certno、psn_name、psn_type
    """

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

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
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
    psn_cash_pay: Annotated[Decimal, amount("个人现金支出")]
    hosp_part_amt: Annotated[Decimal | None, amount("医院负担金额", note="真实撤销报文可为 null")] = None
    balc: Annotated[Decimal, amount("余额")]
    acct_mulaid_pay: Annotated[Decimal | None, amount("个人账户共济支付金额", note="真实撤销报文可为 null")] = None
    medins_setl_id: Annotated[str, text(30, "医药机构结算ID", note="等于发送方本次交易的 msgid，冲正时作 omsgid")]
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出", note="后续版本增加，老平台不返回")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    psn_insu_rlts_id: Annotated[str | None, text(20, "人员参保关系ID", note=ADDED_2024)] = None
    insu_admdvs: Annotated[str | None, text(6, "参保机构行政区划", note=ADDED_2024)] = None
    begndate: Annotated[date | None, day("开始日期", note=ADDED_2024)] = None
    enddate: Annotated[date | None, day("结算日期", note=ADDED_2024)] = None
    mdtrt_cert_no: Annotated[str | None, text(50, "就诊凭证编号", note=ADDED_2024)] = None
    setl_type: Annotated[str | None, text(6, "结算类别", note=ADDED_2024)] = None
    crt_dedc: Annotated[Decimal | None, amount("本次起付线", note=ADDED_2024)] = None
    invono: Annotated[str | None, text(20, "发票号", note=ADDED_2024)] = None


@transaction(
    "2305",
    "住院结算撤销",
    "inpatient settlement cancellation",
    does=Does.CANCELS,
    of=Of.STAY,
    looked_for=LookedFor.SETTLEMENT_TAKEN_BACK,
    reversible=True,
    path="/fsi/api/hospSettService/settCl",
)
class CancelSettlement:
    """Inpatient settlement cancellation.

    - 住院退费次序：2305，再视需要 2405、2302、2404
    - 适用于 2304 与 2304A
    - 撤销本身状态不明时可用 2601 冲正
    - 金额均为原结算的负数，起付线同样为负；个人账户退回后 balc 随之增加
    """

    answer_checks = (cancellation_amounts,)

    @node
    class Input:
        data: Annotated[SettlementReference, nested("撤销信息")]

    @node
    class Output:
        setlinfo: Annotated[CancelledSettlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None
