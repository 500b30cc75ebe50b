"""Pharmacy settlement (药店结算): transactions 2101 to 2102A."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..checks import bill_rows, cancellation_amounts, settlement_amounts, trace_codes
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

transaction = chapter("pharmacy", "医保服务/药店结算")

ADDED_2024 = "省版 2024-10 增补"


@node
class Purchase:
    """购药信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    mdtrt_cert_type: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    mdtrt_cert_no: Annotated[
        str | None,
        text(50, "就诊凭证编号"),
        required_when(
            "01 传医保电子凭证令牌(ecToken)，02 传身份证号，03 传社会保障卡卡号", mdtrt_cert_type=("01", "02", "03")
        ),
    ] = None
    begntime: Annotated[datetime, moment("开始时间", note="购药时间")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    dise_codg: Annotated[
        str | None, text(30, "病种编码"), required_when("慢特病购药时填慢特病病种代码，普通购药可空")
    ] = None
    dise_name: Annotated[
        str | None, text(500, "病种名称"), required_when("慢特病购药时填慢特病病种名称，普通购药可空")
    ] = None
    acct_used_flag: Annotated[str, code("acct_used_flag", "个人账户使用标志", length=1, note="0 不使用，1 使用")]
    med_type: Annotated[str, code("med_type", "医疗类别")]
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
class Drug:
    """购药明细."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号", note="单次购药内唯一")]
    rxno: Annotated[str | None, text(30, "处方号"), required_when("外购处方传外购处方号", rx_circ_flag="1")] = None
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
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生编码")] = None
    bilg_dr_name: Annotated[str | None, text(50, "开单医师姓名")] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展", long=False, note="省版增补")] = None


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
    balc: Annotated[Decimal, amount("余额", note="扣除本次个人账户支出之后的余额")]
    acct_mulaid_pay: Annotated[Decimal, amount("个人账户共济支付金额")]
    medins_setl_id: Annotated[str, text(30, "医药机构结算ID", note="等于发送方本次交易的 msgid，冲正时作 omsgid")]
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    clr_way: Annotated[str | None, code("clr_way", "清算方式")] = None
    clr_type: Annotated[str, code("clr_type", "清算类别")]
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出", note="后续版本增加，老平台不返回")] = None
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    hosp_part_amt: Annotated[Decimal | None, amount("医院负担金额", note=ADDED_2024)] = None


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


@node
class FeeSplitFacts:
    """What TrialFeeSplit and FeeSplit have in common."""

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
    drt_reim_flag: Annotated[str | None, code("drt_reim_flag", "直报标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注", note="明细分割失败的原因")] = None


@node
class TrialFeeSplit(FeeSplitFacts):
    """明细分割信息."""

    hosp_part_amt: Annotated[Decimal | None, amount("医院负担金额", note=ADDED_2024)] = None


@transaction("2101", "药店预结算", "pharmacy pre-settlement", does=Does.PRE_SETTLES, of=Of.PURCHASE)
class PreSettle:
    """Pharmacy pre-settlement.

    - 预结算只试算不落账，不产生 setl_id，无须撤销
    - 明细 det_item_fee_sumamt 合计应等于 druginfo.medfee_sumamt（推断）
    - 购药不先做 2201 挂号，就诊ID由结算返回
    - 只支持本地及省内异地；跨省异地用带 A 的交易
    - 使用个账且返回 acct_pay 非 0 表示个账已扣，收费系统须提示不得再刷 POS
    """

    request_checks = (bill_rows("druginfo", "drugdetail"),)
    answer_checks = (settlement_amounts,)

    @node
    class Input:
        druginfo: Annotated[Purchase, nested("购药信息")]
        drugdetail: Annotated[list[Drug], rows("购药明细", unique=("feedetl_sn",))]

    @node
    class Output:
        setlinfo: Annotated[TrialSettlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None
        detlcutinfo: Annotated[list[TrialFeeSplit] | None, rows("明细分割信息")] = None


@node
class InvoicedPurchase(Purchase):
    """购药信息."""

    invono: Annotated[str | None, text(20, "发票号")] = None


@node
class TraceCode:
    """追溯码信息."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号", note="ties the code to its fee row")]
    drug_trac_codg: Annotated[str, text(100, "药品追溯码")]
    trdn_flag: Annotated[str, code("trdn_flag", "拆零标志", length=3)]


@node
class TracedDrug(Drug):
    """购药明细."""

    durg_trac_info: Annotated[list[TraceCode] | None, rows("追溯码信息")] = None


@node
class Settlement(SettlementAmounts):
    """结算信息."""

    setl_id: Annotated[str, text(30, "结算ID")]
    setl_time: Annotated[datetime, moment("结算时间")]


@node
class FeeSplit(FeeSplitFacts):
    """明细分割信息."""


@transaction(
    "2102",
    "药店结算",
    "pharmacy settlement",
    does=Does.SETTLES,
    of=Of.PURCHASE,
    looked_for=LookedFor.SETTLEMENT,
    undone_by="2103",
    reversible=True,
)
class Settle:
    """Pharmacy settlement.

    - 结算同时上传费用明细，一次完成
    - 明细 det_item_fee_sumamt 合计应等于 druginfo.medfee_sumamt（推断）
    - 购药不先做 2201 挂号，就诊ID由结算返回
    - 先做 2101 并向购药人展示金额，确认后再结算
    - 由 2103 撤销；状态不明时由 2601 冲正
    - 只支持本地及省内异地；跨省异地用带 A 的交易
    - 部分省要求本地结算先校验电子凭证或医保卡密码，跨省异地不校验
    - 使用个账且返回 acct_pay 非 0 表示个账已扣，收费系统须提示不得再刷 POS
    """

    request_checks = (bill_rows("druginfo", "drugdetail"), trace_codes("drugdetail", "durg_trac_info"))
    answer_checks = (settlement_amounts,)

    @node
    class Input:
        druginfo: Annotated[InvoicedPurchase, nested("购药信息")]
        drugdetail: Annotated[list[TracedDrug], rows("购药明细", unique=("feedetl_sn",))]

    @node
    class Output:
        setlinfo: Annotated[Settlement, nested("结算信息")]
        setldetail: Annotated[list[FundShare] | None, rows("结算基金分项信息")] = None
        detlcutinfo: Annotated[list[FeeSplit] | None, rows("明细分割信息")] = None


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
    setl_id: Annotated[str, text(30, "结算ID")]
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    setl_time: Annotated[datetime, moment("结算时间")]
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
    psn_pay: Annotated[Decimal | None, amount("个人支付金额")] = None
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    cash_payamt: Annotated[
        Decimal | None, amount("现金支付金额", note="其他撤销交易中对应 psn_cash_pay，接收时两名都要认")
    ] = None
    balc: Annotated[Decimal, amount("余额")]
    acct_mulaid_pay: Annotated[Decimal, amount("个人账户共济支付金额")]
    medins_setl_id: Annotated[str, text(30, "医药机构结算ID", note="等于发送方本次交易的 msgid，冲正时作 omsgid")]
    exp_content: Annotated[Json | None, extension(4000, "字段扩展")] = None
    psn_part_amt: Annotated[Decimal | None, amount("个人负担总金额", note=ADDED_2024)] = None
    psn_cash_pay: Annotated[Decimal | None, amount("个人现金支出", note=ADDED_2024)] = None
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出", note=ADDED_2024)] = None


@transaction(
    "2103",
    "药店结算撤销",
    "pharmacy settlement cancellation",
    does=Does.CANCELS,
    of=Of.PURCHASE,
    looked_for=LookedFor.SETTLEMENT_TAKEN_BACK,
    reversible=True,
)
class CancelSettlement:
    """Pharmacy settlement cancellation.

    - 撤销整笔药店结算并连带删除该笔明细；入参没有明细，不能部分撤销
    - 同时适用于 2102 与 2102A 的结算，本地、省内、跨省均用本交易
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


@transaction(
    "2101A",
    "药店预结算A",
    "pharmacy pre-settlement A (incl. cross-province)",
    does=Does.PRE_SETTLES,
    of=Of.PURCHASE,
    confidence="low",
)
class PreSettleA(PreSettle):
    """Pharmacy pre-settlement A (incl. cross-province).

    - 没有公开的表，取 2101 的结构：同批的 2206A、2207A、2303A、2304A 都与不带 A 的交易字段相同
    - 支持本地、省内异地及跨省异地，建议优先实现
    - 明细 det_item_fee_sumamt 合计应等于 druginfo.medfee_sumamt（推断）
    - 购药不先做 2201 挂号，就诊ID由结算返回
    """


@transaction(
    "2102A",
    "药店结算A",
    "pharmacy settlement A (incl. cross-province)",
    does=Does.SETTLES,
    of=Of.PURCHASE,
    looked_for=LookedFor.SETTLEMENT,
    undone_by="2103",
    reversible=True,
    confidence="low",
)
class SettleA(Settle):
    """Pharmacy settlement A (incl. cross-province).

    - 没有公开的表，取 2102 的结构：同批的 2206A、2207A、2303A、2304A 都与不带 A 的交易字段相同
    - 支持本地、省内异地及跨省异地，建议优先实现
    - 明细 det_item_fee_sumamt 合计应等于 druginfo.medfee_sumamt（推断）
    - 购药不先做 2201 挂号，就诊ID由结算返回
    - 由 2103 撤销；状态不明时由 2601 冲正
    """
