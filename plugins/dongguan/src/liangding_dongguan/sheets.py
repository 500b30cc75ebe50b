"""Settlement sheets and manual reimbursements (结算单、零星报销): transactions 5260 and 5261."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Json, Of, amount, chapter, code, day, extension, moment, node, number, rows, text
from liangding.spec.fields import Field

transaction = chapter("sheets", "医保服务/信息查询")


def sum_of(label: str) -> Field:
    """数值型 of which the source gives no length."""
    return number(None, None, label, note="数值，长度未见")


@node
class SettlementReference:
    """Which settlement."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None


@node
class Sheet(SettlementReference):
    """What a settlement sheet prints."""

    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    psn_type: Annotated[str | None, code("psn_type", "人员类别")] = None
    cvlserv_flag: Annotated[str | None, code("cvlserv_flag", "公务员标志", length=3)] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    pay_loc: Annotated[str | None, code("pay_loc", "支付地点类别")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医疗机构编号")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医疗机构名称")] = None
    setl_time: Annotated[datetime | None, moment("结算时间")] = None
    mdtrt_cert_type: Annotated[str | None, code("mdtrt_cert_type", "就诊凭证类型", length=3)] = None
    med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
    medfee_sumamt: Annotated[Decimal | None, amount("医疗费总额")] = None
    ownpay_amt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmt_selfpay: Annotated[Decimal | None, amount("超限价自费费用")] = None
    preselfpay_amt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscp_scp_amt: Annotated[Decimal | None, amount("符合范围金额")] = None
    act_pay_dedc: Annotated[Decimal | None, amount("实际支付起付线")] = None
    hifp_pay: Annotated[Decimal | None, amount("基本医疗保险统筹基金支出")] = None
    pool_prop_selfpay: Annotated[Decimal | None, number(5, 4, "基本医疗统筹比例自付")] = None
    med_sumfee: Annotated[Decimal | None, amount("医保认可费用总额")] = None
    cvlserv_pay: Annotated[Decimal | None, amount("公务员医疗补助基金支出")] = None
    hifes_pay: Annotated[Decimal | None, amount("补充医疗保险基金支出")] = None
    hifmi_pay: Annotated[Decimal | None, amount("大病补充医疗保险基金支出")] = None
    hifob_pay: Annotated[Decimal | None, amount("大额医疗补助基金支出")] = None
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出")] = None
    maf_pay: Annotated[Decimal | None, amount("医疗救助基金支出")] = None
    ownpay_hosp_part: Annotated[str | None, text(None, "现金支付中医院负担金额")] = None
    oth_pay: Annotated[Decimal | None, amount("其他基金支出")] = None
    fund_pay_sumamt: Annotated[Decimal | None, amount("基金支付总额")] = None
    psn_pay: Annotated[Decimal | None, amount("个人支付金额")] = None
    acct_pay: Annotated[Decimal | None, amount("个人账户支出")] = None
    cash_payamt: Annotated[Decimal | None, amount("现金支付金额")] = None
    year: Annotated[str | None, text(4, "年度")] = None
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    clr_type: Annotated[str | None, code("clr_type", "清算类别")] = None
    ipt_op_no: Annotated[str | None, text(None, "住院/门诊号")] = None
    op_dise_info: Annotated[str | None, text(None, "门诊诊断信息")] = None
    dise_no: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    invono: Annotated[str | None, text(20, "发票号")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    matn_type: Annotated[str | None, code("matn_type", "生育类别")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "计划生育手术类别")] = None
    adm_dise_dscr: Annotated[str | None, text(None, "入院诊断描述")] = None
    adm_dept_code: Annotated[str | None, text(30, "入院科室编码")] = None
    adm_dept_name: Annotated[str | None, text(100, "入院科室名称")] = None
    adm_bed: Annotated[str | None, text(30, "入院床位")] = None
    dscg_dise_code: Annotated[str | None, text(None, "住院主诊断代码")] = None
    dscg_dise_name: Annotated[str | None, text(None, "住院主诊断名称")] = None
    main_cond_desc: Annotated[str | None, text(None, "主要病情描述")] = None
    ipt_days: Annotated[Decimal | None, number(4, 0, "住院天数")] = None
    fpsc_no: Annotated[str | None, text(50, "计划生育服务证号")] = None
    latechb_flag: Annotated[str | None, code("latechb_flag", "晚育标志", length=3)] = None
    geso_val: Annotated[Decimal | None, number(2, 0, "孕周数")] = None
    fetts: Annotated[Decimal | None, number(3, 0, "胎次")] = None
    fetus_cnt: Annotated[Decimal | None, number(3, 0, "胎儿数")] = None
    premature_flag: Annotated[str | None, text(None, "早产标志")] = None
    opter: Annotated[str | None, text(None, "经办人")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    birctrl_or_matn_time: Annotated[str | None, text(None, "计划生育手术或生育日期")] = None
    hosp_live: Annotated[str | None, text(None, "医院级别")] = None
    begintime: Annotated[str | None, text(None, "开始时间")] = None
    endtime: Annotated[datetime | None, moment("结束时间")] = None
    det_amt: Annotated[Decimal | None, sum_of("零报扣减费用")] = None


@node
class ChargeItem:
    """One class of charges (收费项目类别)."""

    med_chrgitm_type: Annotated[str | None, code("med_chrgitm_type", "医疗收费项目类别")] = None
    item_sumamt: Annotated[Decimal | None, amount("项目总金额")] = None
    item_claa_amt: Annotated[Decimal | None, sum_of("项目甲类金额")] = None
    item_clab_amt: Annotated[Decimal | None, amount("项目乙类金额")] = None
    item_ownpay_amt: Annotated[Decimal | None, amount("项目自费金额")] = None
    item_oth_amt: Annotated[Decimal | None, sum_of("项目其他金额")] = None
    overlmt_selfpay: Annotated[Decimal | None, amount("超限价自费费用")] = None


@node
class FundShare:
    """One fund's part."""

    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    fund_pay_type: Annotated[str | None, code("fund_pay_type", "基金支付类型", length=8)] = None
    inscp_scp_amt: Annotated[Decimal | None, amount("符合范围金额")] = None
    crt_payb_lmt_amt: Annotated[Decimal | None, amount("本次可支付限额金额")] = None
    fund_payamt: Annotated[Decimal | None, amount("基金支付金额")] = None
    setl_proc_info: Annotated[Json | None, extension(4000, "结算过程信息")] = None


@node
class Process:
    """What ResidentsProcess and EmployeesProcess have in common."""

    bed_pay_cach: Annotated[Decimal | None, sum_of("床位费个人现金支付")] = None
    qfbzx_pay_cach: Annotated[Decimal | None, sum_of("起付标准以下费用 个人现金支付")] = None
    jbylgf_pay_cash: Annotated[Decimal | None, sum_of("基本医疗共付段 个人现金支付")] = None
    jbylgf_med_pay: Annotated[Decimal | None, sum_of("基本医疗共付段 基本药物补助支付")] = None
    sum_cach: Annotated[Decimal | None, sum_of("现金支付合计")] = None
    sum_jbyl: Annotated[Decimal | None, sum_of("基本医疗保险合计")] = None
    sum_med: Annotated[Decimal | None, sum_of("基本药物补助合计")] = None
    sum_bed_pay: Annotated[Decimal | None, sum_of("床位费合计")] = None
    sum_own_pay: Annotated[Decimal | None, sum_of("自费费用合计")] = None
    sum_part_pay: Annotated[Decimal | None, sum_of("部分项目自付费用合计")] = None
    sum_jbylgf_pay: Annotated[Decimal | None, sum_of("基本医疗共付段合计")] = None
    sum_major_pay: Annotated[Decimal | None, sum_of("重大疾病共付段合计")] = None
    sum_over_limit: Annotated[Decimal | None, sum_of("超限额以上费用合计")] = None
    sum_all_pay: Annotated[Decimal | None, sum_of("总计")] = None


@node
class ResidentsProcess(Process):
    """How the settlement of insurance 390 came about."""

    part_pay_cach: Annotated[Decimal | None, sum_of("自费费用个人现金支付")] = None
    over_limit_cach_390: Annotated[Decimal | None, sum_of("超限额以上费用(城乡大病支付) 个人现金支付")] = None
    over_limit_cach: Annotated[Decimal | None, sum_of("超限额以上费用 个人现金支付")] = None
    jbylgf_basic_pay: Annotated[Decimal | None, sum_of("基本医疗共付段 基本医疗保险")] = None
    over_limit_sup_pay_390: Annotated[Decimal | None, sum_of("超限额以上费用(城乡大病支付) 城乡大病Ⅱ")] = None
    sum_sup: Annotated[Decimal | None, sum_of("城乡大病Ⅱ合计")] = None
    sum_over_limit_390: Annotated[Decimal | None, sum_of("超限额以上费用 (城乡大病支付)合计")] = None


@node
class EmployeesProcess(Process):
    """How the settlement of insurances 310 and 510 came about."""

    own_pay_cach: Annotated[Decimal | None, sum_of("自费费用个人现金支付")] = None
    part_pay_cach: Annotated[Decimal | None, sum_of("部分项目自付费用 个人现金支付")] = None
    over_limit_cach: Annotated[Decimal | None, sum_of("重大疾病共付段 个人现金支付")] = None
    jbylgf_basic_pay: Annotated[Decimal | None, sum_of("基本医疗共付段 基本医疗保险支付")] = None
    major_basic_pay: Annotated[Decimal | None, sum_of("重大疾病共付段 基本医疗保险支付")] = None
    sum_qfbzx_pay: Annotated[Decimal | None, sum_of("起付标准以下费用合计")] = None


@node
class Assistance:
    """医疗救助."""

    hosp_help_pay: Annotated[Decimal | None, sum_of("医疗救助金额（含商业保险救助金额）")] = None
    help_cach: Annotated[Decimal | None, sum_of("救助后个人现金支付")] = None


@node
class Cumulative:
    """Amounts of the year, quarter and month so far (累计)."""

    now_year_cumulative: Annotated[Decimal | None, sum_of("本年度医疗救助累计")] = None
    insutype310_pay: Annotated[Decimal | None, sum_of("本年度累计 职工基本医疗保险已支付")] = None
    fund_major_pay: Annotated[Decimal | None, sum_of("本年度累计 重大疾病医疗补助基金已支付")] = None
    insutype370_pay: Annotated[Decimal | None, sum_of("本年度累计 补充医疗保险基金已支付")] = None
    psn_hops310_pay: Annotated[Decimal | None, sum_of("本年度累计 个人自付医疗费用（职工）")] = None
    mz_current_month_pay: Annotated[Decimal | None, sum_of("职工医保基金已累计支付当月普通门诊医疗费用")] = None
    zgybjj_current_season: Annotated[str | None, text(None, "职工医保基金已累计支付当季度本病种医疗费用")] = None
    jmybjj_current_season: Annotated[str | None, text(None, "城乡居民医保基金已累计支付当季度本病种医疗费用")] = None
    insutype390_pay: Annotated[Decimal | None, sum_of("年度累计 城乡居民基本医疗保险基金已支付")] = None
    insutype392_pay: Annotated[Decimal | None, sum_of("本年度累计 城乡大病基金已支付")] = None
    psn_hops390_pay: Annotated[Decimal | None, sum_of("本年度累计 城乡个人自付医疗费用")] = None
    mz_type_pay: Annotated[Decimal | None, sum_of("城乡居民医保基金已累计支付本年度普通门诊医疗费用")] = None
    med_assis_treat: Annotated[str | None, text(None, "是否享受医疗救助待遇")] = None
    soc_med_assis_treat: Annotated[str | None, text(None, "社会医疗救助待遇类别")] = None
    med_assis_amount_insur_cnt: Annotated[Decimal | None, sum_of("商业保险医疗救助金额")] = None
    accu_amt_med_year: Annotated[Decimal | None, sum_of("本年度商业保险医疗救助累计金额")] = None
    spe_add_dedu_tax: Annotated[str | None, text(None, "个人所得税大病医疗专项附加扣除费用")] = None


@transaction(
    "5260", "结算单下载", "settlement sheet download", does=Does.DOWNLOADS, of=Of.SETTLEMENT, confidence="medium"
)
class Download:
    """Settlement sheet download.

    - 返回打印结算单所需的金额与累计；险种 390 与 310/510 各有一组结算过程节点，按险种取用（推断）
    - 入参三字段另有一处来源相同
    - 取自广州一家医院系统的数据类，佛山的程序没有此交易；别的地市是否开放未证实
    """

    @node
    class Input:
        data: SettlementReference

    @node
    class Output:
        setlinfo: Sheet | None = None
        setldetail: list[ChargeItem] | None = None
        funddetail: list[FundShare] | None = None
        setlProcInfo_390: ResidentsProcess | None = None
        setlProcInfo_310_510: EmployeesProcess | None = None
        hospHelpInfo: Assistance | None = None
        cumulative: Cumulative | None = None


@node
class ReimbursementQuery:
    """Whose reimbursements, between which points of time."""

    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    begntime: Annotated[datetime | None, moment("开始时间", or_day=True)] = None
    endtime: Annotated[datetime | None, moment("结束时间", or_day=True)] = None


@node
class Reimbursement:
    """结算信息."""

    setl_id: Annotated[str | None, text(30, "受理号")] = None
    reim_type: Annotated[str | None, text(None, "零报类型")] = None
    manl_reim_rea: Annotated[str | None, text(None, "零星报销原因")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    gend: Annotated[str | None, code("gend", "性别")] = None
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期")] = None
    age: Annotated[Decimal | None, number(4, 1, "年龄")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    psn_type: Annotated[str | None, code("psn_type", "人员类别")] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
    ipt_op_no: Annotated[str | None, text(None, "住院/门诊号")] = None
    dise_no: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    invono: Annotated[str | None, text(20, "发票号")] = None
    oprn_oprt_code: Annotated[str | None, text(30, "手术操作代码")] = None
    oprn_oprt_name: Annotated[str | None, text(500, "手术操作名称")] = None
    main_cond_desc: Annotated[str | None, text(None, "主要病情描述")] = None
    dise_info: Annotated[str | None, text(None, "诊断信息")] = None
    adm_dept_code: Annotated[str | None, text(30, "科室编码")] = None
    adm_dept_name: Annotated[str | None, text(100, "科室名称")] = None
    adm_bed: Annotated[str | None, text(30, "入院床位")] = None
    dscg_dise_code: Annotated[str | None, text(None, "主诊断代码")] = None
    dscg_dise_name: Annotated[str | None, text(None, "主诊断名称")] = None
    fund_pay_sumamt: Annotated[Decimal | None, amount("报销金额")] = None
    medfee_sumamt: Annotated[Decimal | None, amount("总金额")] = None
    begntime: Annotated[datetime | None, moment("开始时间")] = None
    endtime: Annotated[datetime | None, moment("结束时间")] = None


@transaction(
    "5261", "零星报销结算查询", "manual reimbursement query", does=Does.READS, of=Of.SETTLEMENT, confidence="medium"
)
class QueryReimbursements:
    """Manual reimbursement query.

    - 广州用法：查某人某时段的零星报销记录；他省同号交易含义不同，按地区加载
    - 受理号占用 setl_id 字段
    - 取自广州一家医院系统的数据类，佛山的程序没有此交易；别的地市是否开放未证实
    """

    @node
    class Input:
        data: ReimbursementQuery

    @node
    class Output:
        setlinfo: Annotated[list[Reimbursement] | None, rows("结算信息")] = None
