"""Monthly declarations and accounts inside the province (省内异地对账): transactions 2172 to 2176."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, amount, chapter, code, day, nested, node, number, rows, text

transaction = chapter("offsite_accounts", "医药机构管理/省内异地对账")


@node
class Page:
    """分页信息."""

    pageNum: Annotated[Decimal | None, number(6, 0, "页码")] = None
    pageSize: Annotated[Decimal | None, number(6, 0, "每页条目数")] = None
    startRow: Annotated[Decimal | None, number(6, 0, "页面展示起始行")] = None
    endRow: Annotated[Decimal | None, number(6, 0, "页面展示结束行")] = None
    recordCounts: Annotated[Decimal | None, number(6, 0, "总条目数")] = None
    size: Annotated[Decimal | None, number(6, 0, "当前页条目数")] = None
    pages: Annotated[Decimal | None, number(6, 0, "总页数")] = None
    isFirstPage: Annotated[str | None, text(None, "是否为第一页", boolean=True)] = None
    isLastPage: Annotated[str | None, text(None, "是否为最后一页", boolean=True)] = None


@node
class MonthTotal:
    """Totals of a declaration."""

    setl_dcla_no: Annotated[str, text(40, "结算申报号")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(100, "定点医药机构名称")]
    clr_optins: Annotated[str, text(6, "清算经办机构")]
    clr_type: Annotated[str, text(3, "清算类别")]
    clr_type_name: Annotated[str | None, text(40, "清算类别名称")] = None
    clr_stas: Annotated[str | None, text(1, "清算状态", note="0 未申报，10 已申报")] = None
    clr_stas_name: Annotated[str, text(40, "清算状态名称")]
    start_clrym: Annotated[str, text(6, "起始清算年月")]
    end_clrym: Annotated[str, text(6, "结束清算年月")]
    begndate: Annotated[str, text(8, "开始日期")]
    enddate: Annotated[str, text(8, "结束日期")]
    setl_ids_key: Annotated[str, text(50, "结算ID集合缓存KEY")]
    sumamt: Annotated[Decimal, amount("医疗总费用")]
    cash_payamt: Annotated[Decimal, amount("现金支付金额")]
    acct_pay_sumamt: Annotated[Decimal, amount("个人账户支付")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    clr_psntime: Annotated[Decimal, number(10, 0, "清算人次")]


@transaction(
    "2172",
    "医疗机构月结申报汇总数据查询",
    "monthly declaration totals query (provincial)",
    does=Does.READS,
    of=Of.CLEARING,
)
class QueryMonthTotals:
    """Totals of monthly declarations.

    - 分页，每页默认 20 行
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        clr_type: Annotated[str, text(3, "清算类别")]
        start_clrym: Annotated[str, text(6, "起始年月")]
        end_clrym: Annotated[str, text(6, "结束年月")]
        clr_optins: Annotated[str, text(6, "清算机构")]
        clr_stas: Annotated[str, text(6, "清算状态", note="0 未申报，10 已申报")]
        page_num: Annotated[str | None, text(6, "页码")] = None
        page_size: Annotated[str | None, text(6, "每页条目数")] = None

    @node
    class Output:
        parameters: Annotated[Page | None, nested("分页信息")] = None
        n_output: Annotated[list[MonthTotal] | None, rows("结果")] = None


@node
class MonthDetail:
    """A settlement of a declaration."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(100, "定点医药机构名称")]
    out_type: Annotated[str, text(3, "异地类别", note="见字典")]
    out_type_name: Annotated[str | None, text(40, "异地类别名称")] = None
    med_type: Annotated[str, text(3, "医疗类别")]
    med_type_name: Annotated[str | None, text(40, "医疗类别名称")] = None
    insutype: Annotated[str, text(3, "险种")]
    insutype_name: Annotated[str | None, text(40, "险种名称")] = None
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    psn_type_name: Annotated[str | None, text(40, "人员类别名称")] = None
    sumamt: Annotated[Decimal, amount("医疗总费用")]
    cash_payamt: Annotated[Decimal, amount("现金支付金额")]
    acct_payamt: Annotated[Decimal, amount("个人账户支付")]
    clr_psntime: Annotated[Decimal, number(10, 0, "清算人次")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    gend: Annotated[str | None, text(3, "性别")] = None
    gend_name: Annotated[str | None, text(40, "性别名称")] = None
    ssn: Annotated[str | None, text(30, "社会保障号码", personal=True)] = None
    emp_name: Annotated[str | None, text(100, "单位名称")] = None
    emp_type: Annotated[str | None, text(3, "单位类型")] = None
    emp_type_name: Annotated[str | None, text(40, "单位类型名称")] = None
    mdtrt_setl_time: Annotated[date | None, day("就诊结算时间")] = None
    mdtrt_regno: Annotated[str, text(40, "就诊登记号")]
    mdtrtsn: Annotated[str, text(40, "就诊号", note="同一机构内不得重复")]


@transaction(
    "2173",
    "查询月结算申报业务明细数据",
    "monthly declaration detail query (provincial)",
    does=Does.READS,
    of=Of.CLEARING,
)
class QueryMonthDetails:
    """Details of monthly declarations.

    - 分页，每页默认 1000 行
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        clr_type: Annotated[str, text(3, "清算类别")]
        start_clrym: Annotated[str, text(6, "起始年月")]
        end_clrym: Annotated[str, text(6, "结束年月")]
        clr_optins: Annotated[str, text(6, "清算机构")]
        clr_stas: Annotated[str, text(6, "清算状态", note="0 未申报，10 已申报")]
        page_num: Annotated[str | None, text(6, "页码")] = None
        page_size: Annotated[str | None, text(6, "每页条目数")] = None

    @node
    class Output:
        parameters: Annotated[Page | None, nested("分页信息")] = None
        n_output: Annotated[list[MonthDetail] | None, rows("结果")] = None


@node
class MonthFund:
    """A fund item of a declaration."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(100, "定点医药机构名称")]
    clr_optins: Annotated[str, text(6, "清算经办机构")]
    clr_type: Annotated[str, code("clr_type", "清算类别")]
    clr_type_name: Annotated[str | None, text(40, "清算类别名称")] = None
    clr_way: Annotated[str, code("clr_way", "清算方式")]
    clr_way_name: Annotated[str | None, text(40, "清算方式名称")] = None
    med_type: Annotated[str, text(3, "医疗类别")]
    med_type_name: Annotated[str | None, text(40, "医疗类别名称")] = None
    insutype: Annotated[str, text(3, "险种")]
    insutype_name: Annotated[str | None, text(40, "险种名称")] = None
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    psn_type_name: Annotated[str | None, text(40, "人员类别名称")] = None
    clr_stas: Annotated[str, text(3, "清算状态", note="0 未申报，10 已申报")]
    clr_stas_name: Annotated[str | None, text(40, "清算状态名称")] = None
    fund_pay_type: Annotated[str, text(10, "基金支付类型名称")]
    fund_pay_type_name: Annotated[str, text(200, "基金支付类型")]
    poolarea_fund_pay_type: Annotated[str, text(10, "统筹区基金支付类型")]
    poolarea_fund_pay_name: Annotated[str, text(100, "统筹区基金支付类型名称")]
    fund_appy_sum: Annotated[Decimal | None, amount("基金申报总额")] = None


@transaction(
    "2174",
    "查询月结申报基金分项数据",
    "monthly declaration fund item query (provincial)",
    does=Does.READS,
    of=Of.CLEARING,
)
class QueryMonthFunds:
    """Fund items of monthly declarations.

    - 分页，每页默认 1000 行
    - 给出订单号时只答该订单
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        clr_type: Annotated[str, text(3, "清算类别")]
        start_clrym: Annotated[str, text(6, "起始年月")]
        end_clrym: Annotated[str, text(6, "结束年月")]
        clr_optins: Annotated[str, text(6, "清算机构")]
        clr_stas: Annotated[str, text(6, "清算状态", note="0 未申报，10 已申报")]
        mdtrt_regno: Annotated[str | None, text(40, "就诊登记号")] = None
        page_num: Annotated[str | None, text(6, "页码")] = None
        page_size: Annotated[str | None, text(6, "每页条目数")] = None

    @node
    class Output:
        parameters: Annotated[Page | None, nested("分页信息")] = None
        n_output: Annotated[list[MonthFund] | None, rows("结果")] = None


@node
class PharmacyDetail:
    """A settlement of a pharmacy's day."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(100, "定点医药机构名称")]
    med_type: Annotated[str, text(3, "医疗类别")]
    mdtrt_regno: Annotated[str, text(20, "订单号")]
    certno: Annotated[str, text(20, "证件号码")]
    psn_name: Annotated[str, text(20, "姓名")]
    med_type_name: Annotated[str | None, text(40, "医疗类别名称")] = None
    insutype: Annotated[str, text(3, "险种")]
    insutype_name: Annotated[str | None, text(40, "险种名称")] = None
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    psn_type_name: Annotated[str | None, text(40, "人员类别名称")] = None
    clr_stas: Annotated[str, text(3, "清算状态", note="0 未申报，10 已申报")]
    clr_stas_name: Annotated[str | None, text(40, "清算状态名称")] = None
    fund_pay_type: Annotated[str, text(10, "基金支付类型名称")]
    fund_pay_type_name: Annotated[str, text(200, "基金支付类型")]
    medfee_sumamt: Annotated[Decimal, amount("总费用")]
    dfr_sumamt: Annotated[Decimal, amount("应拨付金额")]
    dcla_sum: Annotated[Decimal | None, amount("申报总额")] = None
    pay_sum: Annotated[Decimal | None, amount("已拨付金额")] = None


@transaction(
    "2175", "药店账务明细查询数据", "pharmacy account detail query (provincial)", does=Does.READS, of=Of.ACCOUNTS
)
class QueryPharmacyDetails:
    """A pharmacy's settlements of one day.

    - 每次一个营业日；分页，每页默认 1000 行
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        query_date: Annotated[date, day("查询日期")]
        page_num: Annotated[str | None, text(6, "页码")] = None
        page_size: Annotated[str | None, text(6, "每页条目数")] = None

    @node
    class Output:
        parameters: Annotated[Page | None, nested("分页信息")] = None
        n_output: Annotated[list[PharmacyDetail] | None, rows("结果")] = None


@node
class PharmacyTotal:
    """Totals of a pharmacy's days."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(100, "定点医药机构名称")]
    med_type: Annotated[str, text(3, "医疗类别")]
    med_type_name: Annotated[str, text(20, "医疗类别名称")]
    medfee_sumamt: Annotated[Decimal, amount("总费用")]
    dfr_sumamt: Annotated[Decimal, amount("应拨付金额")]
    dcla_sum: Annotated[Decimal, amount("药店申报总额")]
    pay_sum: Annotated[Decimal, amount("已拨付金额")]
    no_pay_sum: Annotated[Decimal, amount("未拨付金额")]


@transaction(
    "2176", "药店账务汇总数据查询", "pharmacy account totals query (provincial)", does=Does.READS, of=Of.ACCOUNTS
)
class QueryPharmacyTotals:
    """A pharmacy's totals.

    - 药店账务的汇总
    """

    @node
    class Input:
        fixmedins_code: Annotated[str, text(20, "医疗机构编码")]
        start_date: Annotated[date, day("查询开始日期")]
        end_date: Annotated[date, day("查询结束日期")]

    Output = list[PharmacyTotal]
