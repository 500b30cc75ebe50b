"""One-call outpatient settlement (门诊单据式结算): transactions 2260 and 2261.

Seen as data classes of one vendor's programs in Guangzhou and Foshan, never as a call: whether the platform serves it
is not confirmed. Diagnoses, fee rows and fee splits stand in lists named ``rows`` under an object of their own.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import (
    Does,
    Json,
    Of,
    Unasked,
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
    rows,
    text,
)

transaction = chapter("bills", "医保服务/门急诊结算")


@node
class Visit:
    """The visit, its credential, and whether to settle or only to try."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3)] = None
    mdtrt_cert_no: Annotated[str | None, text(50, "就诊凭证编号")] = None
    hcard_basinfo: Annotated[str | None, text(None, "持卡就诊基本信息")] = None
    hcard_chkinfo: Annotated[str | None, text(None, "持卡就诊校验信息")] = None
    mdtrt_mode: Annotated[str | None, text(None, "就诊方式")] = None
    setl_flag: Annotated[str | None, text(None, "结算标志", note="0 试算，1 结算")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
    begntime: Annotated[datetime | None, moment("开始时间")] = None
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    ipt_op_no: Annotated[str | None, text(None, "住院/门诊号")] = None
    adm_dept_code: Annotated[str | None, text(30, "科室编码")] = None
    adm_dept_name: Annotated[str | None, text(100, "科室名称")] = None
    order_no: Annotated[str | None, text(None, "医疗机构订单号或医疗机构就医序列号")] = None
    main_cond_desc: Annotated[str | None, text(None, "主要病情描述")] = None
    dise_no: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    dscg_maindiag_code: Annotated[str | None, text(20, "主诊断编码")] = None
    dscg_maindiag_name: Annotated[str | None, text(300, "主诊断名称")] = None
    clnc_flag: Annotated[str, text(None, "临床试验标志", note="0 否，1 是")]
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    op_dise_info: Annotated[str | None, text(None, "门诊诊断信息")] = None
    invono: Annotated[str | None, text(20, "发票号")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    birctrl_or_matn_time: Annotated[str | None, text(None, "计划生育手术或生育日期")] = None


@node
class Agent:
    """代办人信息."""

    agnter_name: Annotated[str | None, text(50, "代办人姓名")] = None
    agnter_rlts: Annotated[str | None, code("agnter_rlts", "代办人关系", length=3)] = None
    agnter_cert_type: Annotated[str | None, code("psn_cert_type", "代办人证件类型")] = None
    agnter_certno: Annotated[str | None, text(50, "代办人证件号码")] = None
    agnter_tel: Annotated[str | None, text(30, "代办人联系电话")] = None
    agnter_addr: Annotated[str | None, text(200, "代办人联系地址")] = None
    agnter_photo: Annotated[str | None, long_text(None, "代办人照片")] = None


@node
class Diagnosis:
    """诊断信息."""

    dise_type: Annotated[str | None, text(None, "诊断类别")] = None
    dise_srt_no: Annotated[str | None, text(None, "诊断排序号")] = None
    dise_code: Annotated[str | None, text(200, "诊断代码")] = None
    dise_name: Annotated[str | None, text(500, "诊断名称")] = None
    dise_dept: Annotated[str | None, text(None, "诊断科室")] = None
    dise_dor_no: Annotated[str | None, text(30, "诊断医生编码")] = None
    dise_dor_name: Annotated[str | None, text(50, "诊断医生姓名")] = None
    dise_time: Annotated[datetime | None, moment("诊断时间")] = None


@node
class Diagnoses:
    """The diagnoses."""

    rows_: Annotated[list[Diagnosis] | None, rows(wire="rows")] = None


@node
class FeeRow:
    """费用明细."""

    feedetl_sn: Annotated[str | None, text(30, "记账流水号")] = None
    dise_no: Annotated[str | None, text(30, "病种编号")] = None
    rx_drord_no: Annotated[str | None, text(30, "处方/医嘱号")] = None
    fee_ocur_date: Annotated[str | None, text(None, "费用发生日期")] = None
    cnt: Annotated[Decimal | None, number(16, 4, "数量")] = None
    pric: Annotated[Decimal | None, number(16, 6, "单价")] = None
    det_item_fee_sumamt: Annotated[Decimal | None, amount("明细项目费用总额")] = None
    sin_dos_dscr: Annotated[str | None, text(200, "单次剂量描述")] = None
    used_frqu_dscr: Annotated[str | None, text(200, "使用频次描述")] = None
    prd_days: Annotated[Decimal | None, number(4, 2, "用药周期天数")] = None
    medc_way_dscr: Annotated[str | None, text(200, "用药途径描述")] = None
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medins_milist_codg: Annotated[str | None, text(None, "医疗机构目录编码")] = None
    medins_list_name: Annotated[str | None, text(100, "医疗机构目录名称")] = None
    bilg_dept_codg: Annotated[str | None, text(30, "开单科室编码")] = None
    bilg_dept_name: Annotated[str | None, text(100, "开单科室名称")] = None
    bilg_dr_codg: Annotated[str | None, text(30, "开单医生编码")] = None
    bilg_dr_name: Annotated[str | None, text(50, "开单医生姓名")] = None
    orders_dept_code: Annotated[str | None, text(None, "受单科室编码")] = None
    orders_dept_name: Annotated[str | None, text(None, "受单科室名称")] = None
    orders_dr_code: Annotated[str | None, text(30, "受单医生编码")] = None
    orders_dr_name: Annotated[str | None, text(50, "受单医生姓名")] = None
    hosp_appr_flag: Annotated[str | None, code("hosp_appr_flag", "医院审批标志", length=3)] = None
    tcmdrug_used_way: Annotated[str | None, code("tcmdrug_used_way", "中药使用方式")] = None
    extins_flag: Annotated[str | None, text(None, "外检标志")] = None
    extins_hosp_code: Annotated[str | None, text(None, "外检医院编码")] = None
    dscg_tkdrug_flag: Annotated[str | None, code("dscg_tkdrug_flag", "出院带药标志", length=3)] = None
    matn_fee_flag: Annotated[str | None, code("matn_fee_flag", "生育费用标志")] = None
    unchk_flag: Annotated[str | None, text(None, "不进行审核标志")] = None
    unchk_memo: Annotated[str | None, text(None, "不进行审核说明")] = None


@node
class Fees:
    """The fee rows."""

    rows_: Annotated[list[FeeRow] | None, rows(wire="rows")] = None


@node
class Settlement:
    """结算信息."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    setl_id: Annotated[str, text(30, "结算ID")]
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
    setl_time: Annotated[datetime | None, moment("结算时间")] = None
    psn_setlway: Annotated[str, code("psn_setlway", "个人结算方式")]
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3)] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    fulamt_ownpay_amt: Annotated[Decimal, amount("全自费金额")]
    overlmt_selfpay: Annotated[Decimal, amount("超限价自费费用")]
    preselfpay_amt: Annotated[Decimal, amount("先行自付金额")]
    inscp_scp_amt: Annotated[Decimal, amount("符合范围金额")]
    med_sumfee: Annotated[Decimal, amount("医保认可费用总额")]
    act_pay_dedc: Annotated[Decimal | None, amount("实际支付起付线")] = None
    hifp_pay: Annotated[Decimal, amount("基本医疗保险统筹基金支出")]
    pool_prop_selfpay: Annotated[Decimal, number(5, 4, "基本医疗保险统筹基金支付比例")]
    cvlserv_pay: Annotated[Decimal, amount("公务员医疗补助资金支出")]
    hifes_pay: Annotated[Decimal, amount("企业补充医疗保险基金支出")]
    hifmi_pay: Annotated[Decimal, amount("居民大病保险资金支出")]
    hifob_pay: Annotated[Decimal, amount("职工大额医疗费用补助基金支出")]
    hifdm_pay: Annotated[Decimal, amount("伤残人员医疗保障基金支出")]
    maf_pay: Annotated[Decimal, amount("医疗救助基金支出")]
    oth_pay: Annotated[Decimal, amount("其他基金支出")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    hosp_part_amt: Annotated[Decimal, amount("医院负担金额")]
    psn_part_am: Annotated[str, text(None, "个人负担总金额")]
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    psn_cash_pay: Annotated[Decimal, amount("现金支付金额")]
    acct_mulaid_pay: Annotated[Decimal, amount("账户共济支付金额")]
    balc: Annotated[Decimal, amount("个人账户支出后余额")]
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    clr_way: Annotated[str | None, code("clr_way", "清算方式")] = None
    clr_type: Annotated[str, code("clr_type", "清算类别")]
    medins_setl_id: Annotated[str, text(30, "医药机构结算ID")]
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class FundShare:
    """基金分项."""

    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    setl_id: Annotated[str | None, text(30, "结算事件ID")] = None
    fund_pay_type: Annotated[str | None, code("fund_pay_type", "基金支付类型", length=8)] = None
    fund_pay_type_name: Annotated[str | None, text(200, "基金支付名称")] = None
    inscp_scp_amt: Annotated[Decimal | None, amount("符合范围金额")] = None
    crt_payb_lmt_amt: Annotated[Decimal | None, amount("本次可支付限额金额")] = None
    fund_payamt: Annotated[Decimal | None, amount("基金支付金额")] = None
    setl_proc_info: Annotated[Json | None, extension(4000, "结算过程信息")] = None


@node
class Violation:
    """违规费用明细."""

    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    medins_list_codg: Annotated[str | None, text(150, "医疗机构目录编码")] = None
    medins_list_name: Annotated[str | None, text(100, "医疗机构目录名称")] = None
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    vola_type: Annotated[str | None, text(None, "违规类型")] = None
    vola_dscr: Annotated[str | None, text(None, "违规说明")] = None


@node
class FeeSplit:
    """明细分割信息."""

    feedetl_sn: Annotated[str, text(30, "费用明细流水号")]
    det_item_fee_sumamt: Annotated[Decimal, amount("明细项目费用总额")]
    cnt: Annotated[Decimal, number(16, 4, "数量")]
    pric: Annotated[Decimal, number(16, 6, "单价")]
    pric_uplmt_amt: Annotated[Decimal, number(16, 6, "定价上限金额")]
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
        str | None, code("list_sp_item_flag", "目录特项标志，特检特治项目或特殊药品", length=3)
    ] = None
    drt_reim_flag: Annotated[str | None, code("drt_reim_flag", "直报标志", length=3)] = None
    memo: Annotated[str | None, text(500, "备注", note="明细分割错误信息")] = None


@node
class FeeSplits:
    """The fee splits."""

    rows_: Annotated[list[FeeSplit] | None, rows(wire="rows")] = None


@transaction(
    "2260",
    "门诊单据式结算",
    "one-call outpatient settlement",
    does=Does.SETTLES,
    of=Of.VISIT,
    looked_for=Unasked("2260 是否开放、它的结算能否用 5201、5203 查到都没有证实；请向医保中心核对"),
    undone_by="2261",
    confidence="low",
)
class Settle:
    """One-call outpatient settlement.

    - 一次调用完成挂号、诊断、明细与结算；setl_flag 为 0 试算、1 正式结算
    - diseinfo 与 feedetail 是对象，行放在其下的 rows 列表
    - 只在广州、佛山的程序里见到数据类而未见调用，是否开放未证实
    """

    @node
    class Input:
        mdtrtinfo: Visit
        agnterinfo: Agent | None = None
        diseinfo: Diagnoses
        feedetail: Fees

    @node
    class Output:
        setlInfo: Annotated[Settlement | None, nested("结算信息")] = None
        setldetail: Annotated[list[FundShare] | None, rows("基金分项")] = None
        voladetail: Annotated[list[Violation] | None, rows("违规费用明细")] = None
        detlcutinfo: FeeSplits | None = None


@node
class SettlementReference:
    """Which settlement."""

    setl_id: Annotated[str, text(30, "结算ID")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]


@transaction(
    "2261",
    "门诊单据式结算撤销",
    "one-call outpatient settlement withdrawal",
    does=Does.CANCELS,
    of=Of.VISIT,
    looked_for=Unasked("2260 的结算能否用 5203 查到没有证实；请向医保中心核对"),
    confidence="low",
)
class CancelSettlement:
    """One-call outpatient settlement withdrawal.

    - 撤销 2260 的结果
    - 只在广州、佛山的程序里见到数据类而未见调用，是否开放未证实
    """

    @node
    class Input:
        mdtrtinfo: SettlementReference

    @node
    class Output:
        setlInfo: Annotated[Settlement | None, nested("结算信息")] = None
        setldetail: Annotated[list[FundShare] | None, rows("基金分项")] = None
