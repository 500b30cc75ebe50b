"""Monthly settlement (月结): transactions 90502 and 90504."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, amount, chapter, code, day, moment, node, number, text

transaction = chapter("monthly", "医药机构管理/费用结算")


@node
class SettlementQuery:
    """Which settlements, and which page."""

    setl_time: Annotated[datetime | None, moment("结算日期", or_day=True)] = None
    insutype: Annotated[str | None, code("insutype", "险种")] = None
    clr_type: Annotated[str | None, code("clr_type", "清算类别")] = None
    med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
    pageNum: Annotated[Decimal | None, number(4, None, "页码")] = None


@node
class SettlementRecord:
    """One settlement as the platform has it."""

    seqno: Annotated[Decimal | None, number(12, 0, "顺序号")] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
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
    flxempe_flag: Annotated[str | None, code("flxempe_flag", "灵活就业标志", length=3)] = None
    nwb_flag: Annotated[str | None, code("nwb_flag", "新生儿标志", length=3)] = None
    insu_optins: Annotated[str | None, text(6, "参保机构医保区划")] = None
    emp_name: Annotated[str | None, text(200, "单位名称")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    hosp_lv: Annotated[str | None, code("hosp_lv", "医院等级")] = None
    fix_blng_admdvs: Annotated[str | None, text(None, "定点归属机构")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    setl_time: Annotated[datetime | None, moment("结算时间")] = None
    med_type: Annotated[str | None, code("med_type", "医疗类别")] = None
    clr_type: Annotated[str | None, code("clr_type", "清算类别")] = None
    clr_way: Annotated[str | None, code("clr_way", "清算方式")] = None
    clr_optins: Annotated[str | None, text(6, "清算经办机构")] = None
    clr_type_lv2: Annotated[str | None, code("clr_type_lv2", "二级清算类别", length=None)] = None
    medfee_sumamt: Annotated[Decimal | None, amount("医疗费总额")] = None
    fulamt_ownpay_amt: Annotated[Decimal | None, amount("全自费金额")] = None
    overlmt_selfpay: Annotated[Decimal | None, amount("超限价自费费用")] = None
    preselfpay_amt: Annotated[Decimal | None, amount("先行自付金额")] = None
    inscp_amt: Annotated[Decimal | None, amount("符合政策范围金额")] = None
    act_pay_dedc: Annotated[Decimal | None, amount("实际支付起付线")] = None
    fund_pay_sumamt: Annotated[Decimal | None, amount("基金支付总额")] = None
    psn_pay: Annotated[Decimal | None, amount("个人支付金额")] = None
    acct_pay: Annotated[Decimal | None, amount("个人账户支出")] = None
    cash_payamt: Annotated[Decimal | None, amount("现金支付金额")] = None
    balc: Annotated[Decimal | None, amount("余额")] = None
    acct_mulaid_pay: Annotated[Decimal | None, amount("个人账户共济支付金额")] = None
    year: Annotated[str | None, text(4, "年度")] = None
    dise_no: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    medins_stmt_flag: Annotated[str | None, text(None, "医疗机构对账标志")] = None
    refd_setl_flag: Annotated[str | None, code("refd_setl_flag", "退费结算标志", length=3)] = None
    clr_flag: Annotated[str | None, text(None, "清算标志")] = None
    ide_admdvs: Annotated[str | None, text(None, "身份认定行政区划")] = None
    pay_loc: Annotated[str | None, code("pay_loc", "支付地点类别")] = None
    invono: Annotated[str | None, text(20, "发票号")] = None
    hifp_pay: Annotated[Decimal | None, amount("统筹基金支出")] = None
    cvlserv_pay: Annotated[Decimal | None, amount("公务员医疗补助资金支出")] = None
    hifes_pay: Annotated[Decimal | None, amount("补充医疗保险基金支出")] = None
    hifmi_pay: Annotated[Decimal | None, amount("大病补充医疗保险基金支出")] = None
    hifob_pay: Annotated[Decimal | None, amount("大额医疗补助基金支出")] = None
    hifdm_pay: Annotated[Decimal | None, amount("伤残人员医疗保障基金支出")] = None
    maf_pay: Annotated[Decimal | None, amount("医疗救助基金支出")] = None
    othfund_pay: Annotated[Decimal | None, amount("其它基金支付")] = None
    matnEnddate: Annotated[str | None, text(None, "生育备案结束时间")] = None
    birHospChangFlag: Annotated[str | None, text(None, "产检医院变更标志")] = None
    birctrl_type: Annotated[str | None, code("birctrl_type", "生育类型")] = None


@node
class FundPayment:
    """One fund's part of it."""

    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    fund_pay_type: Annotated[str | None, code("fund_pay_type", "基金支付类型", length=8)] = None
    poolarea_fund_pay_type: Annotated[str | None, code("poolarea_fund_pay_type", "统筹区基金支付类型", length=10)] = (
        None
    )
    fund_payamt: Annotated[Decimal | None, amount("基金支付金额")] = None


@transaction(
    "90502", "月结对数查询", "monthly reconciliation detail query", does=Does.READS, of=Of.ACCOUNTS, confidence="medium"
)
class QuerySettlements:
    """Monthly reconciliation detail query.

    - 分页查询对数明细，返回结算记录 setlinfo 与各基金支付明细 setldetail；按结算时间、险种、清算类别、医疗类别
      过滤
    - 佛山实现中称对数明细信息查询接口；东莞称月结对数查询
    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: SettlementQuery

    @node
    class Output:
        totalRow: Annotated[str | None, text(None, "总行数")] = None
        totalPage: Annotated[str | None, text(None, "总页数")] = None
        setlinfo: list[SettlementRecord]
        setldetail: list[FundPayment]


@transaction(
    "90504",
    "月结信息查询（东莞）",
    "monthly settlement query",
    does=Does.READS,
    of=Of.ACCOUNTS,
    confidence="low",
    public=False,
    like="90502",
)
class QueryMonth:
    """Monthly settlement query.

    - 字段表没有公开，按原样收发；同组的 90502（月结对数查询）已有字段，可作参照，不是字段依据
    """
