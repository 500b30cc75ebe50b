"""Reconciliation with the platform (费用结算对账): transactions 3201 to 3204."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import Does, Effect, Json, Of, amount, chapter, code, day, extension, moment, node, number, text

transaction = chapter("reconciliation", "医药机构管理/医药机构费用结算业务")


@node
class TotalsStatement:
    insutype: Annotated[str, code("insutype", "险种")]
    clr_type: Annotated[str, code("clr_type", "清算类别")]
    setl_optins: Annotated[str, text(6, "结算经办机构")]
    stmt_begndate: Annotated[date, day("对账开始日期")]
    stmt_enddate: Annotated[date, day("对账结束日期")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    acct_pay: Annotated[Decimal, amount("个人账户支付金额")]
    fixmedins_setl_cnt: Annotated[Decimal, number(10, 0, "定点医药机构结算笔数")]
    refd_setl_flag: Annotated[
        str | None,
        code(
            "refd_setl_flag",
            "退费结算标志",
            note="added later; empty or 1 = totals include refunds, 0 = without refunded settlements; some require it; some spell the key REFD_SETL_FLAG",
        ),
    ] = None
    fixmedins_refd_setl_flag: Annotated[
        str | None,
        code(
            "fixmedins_refd_setl_flag",
            "定点医药机构退费结算标志",
            note="V1.1.27 only, mandatory there: 0 no, 1 yes",
        ),
    ] = None
    exp_content: Annotated[
        Json | None, extension(4000, "字段扩展", long=False, note="later editions of one province")
    ] = None


@node
class TotalsResult:
    setl_optins: Annotated[str | None, text(6, "结算经办机构")] = None
    stmt_rslt: Annotated[str, code("stmt_rslt", "对账结果")]
    stmt_rslt_dscr: Annotated[str | None, text(200, "对账结果说明")] = None
    exp_content: Annotated[
        Json | None, extension(4000, "字段扩展", long=False, note="later editions of one province")
    ] = None


@transaction(
    "3201",
    "医药机构费用结算对总账",
    "settlement total reconciliation",
    does=Does.CHECKS,
    of=Of.ACCOUNTS,
    path="/fsi/api/ybSettlementStmtService/stmtTotal",
)
class ReconcileTotals:
    """Settlement total reconciliation.

    - Start and end date select by the settlement time that the platform returned (setl_time), not by the
      institution's own posting time.
    - One call covers one combination of insutype, clr_type and setl_optins (the clearing agency of the
      settlements); group local settlements by these before summing.
    - medfee_sumamt, fund_pay_sumamt, acct_pay and the count must agree with the platform to the cent; empty
      numbers go as 0.
    - Decide once whether refunds are in or out and use the same choice in 3201, in 3202 and in the detail file;
      with refunds in, the detail file carries a plus and a minus row for each refunded settlement.
    - clr_type is the clearing class of the settlement (11 outpatient, 21 inpatient, 41 pharmacy …); regions add
      their own, e.g. one city: 41 local pharmacy, 9904 in-province pharmacy, 11 local outpatient clinic, 9903
      in-province outpatient.
    - stmt_rslt 0 means balanced; other values mean not balanced. One edition writes 000000 for balanced and
      000103 for differing data: keep the success values configurable.
    - Not balanced: go on with 3202. In one province the totals call also counts as the clearing application.
    - One annotated copy says: totals at month end, details daily.
    """

    @node
    class Input:
        data: TotalsStatement

    @node
    class Output:
        stmtinfo: TotalsResult


@node
class DetailsStatement:
    setl_optins: Annotated[str, text(6, "结算经办机构")]
    file_qury_no: Annotated[
        str,
        text(200, "文件查询号", note="the file_qury_no that 9101 returned; 30 in the table, real values are longer"),
    ]
    stmt_begndate: Annotated[date, day("对账开始日期")]
    stmt_enddate: Annotated[date, day("对账结束日期")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    fund_pay_sumamt: Annotated[Decimal, amount("基金支付总额")]
    cash_payamt: Annotated[Decimal, amount("现金支付金额", note="3201 has acct_pay here instead")]
    fixmedins_setl_cnt: Annotated[Decimal, number(10, 0, "定点医药机构结算笔数")]
    clr_type: Annotated[
        str,
        code(
            "clr_type", "清算类别", note="not in V1.0 (2021-02); added in 2021-09 and sent by every later system seen"
        ),
    ]
    refd_setl_flag: Annotated[
        str | None,
        code(
            "refd_setl_flag",
            "退费结算标志",
            length=3,
            note="added later; same meaning as in 3201; some spell the key REFD_SETL_FLAG",
        ),
    ] = None
    fixmedins_refd_setl_flag: Annotated[
        str | None,
        code("fixmedins_refd_setl_flag", "定点医药机构退费结算标志", note="V1.1.27 only, mandatory there"),
    ] = None


@node
class ResultFile:
    file_qury_no: Annotated[
        str,
        text(
            200, "文件查询号", note="use it in 9102 to fetch the result file; 30 in the table, real values are longer"
        ),
    ]
    filename: Annotated[str, text(200, "文件名称")]
    dld_endtime: Annotated[datetime, moment("下载截止时间")]


@transaction(
    "3202",
    "医药机构费用结算对明细账",
    "settlement detail reconciliation",
    does=Does.CHECKS,
    of=Of.ACCOUNTS,
    effect=Effect.REPEATABLE,
    path="/fsi/api/ybSettlementStmtService/stmtDetail",
)
class ReconcileDetails:
    """Settlement detail reconciliation.

    - Start and end date select by the settlement time that the platform returned (setl_time), not by the
      institution's own posting time.
    - One call covers one combination of insutype, clr_type and setl_optins (the clearing agency of the
      settlements); group local settlements by these before summing.
    - medfee_sumamt, fund_pay_sumamt, acct_pay and the count must agree with the platform to the cent; empty
      numbers go as 0.
    - Decide once whether refunds are in or out and use the same choice in 3201, in 3202 and in the detail file;
      with refunds in, the detail file carries a plus and a minus row for each refunded settlement.
    - Order of work: write the detail file, zip it, upload it with 9101, call 3202 with the file_qury_no,
      download the result with 9102 (file_qury_no and filename of fileinfo), unzip, read.
    - A refunded settlement needs two rows, the plus row and the minus row, when refunds are included.
    - The date range of the call must cover exactly the rows of the file, and the totals of the call must be
      their sums.
    - Where the platform has rows that the file lacks, its result rows carry setl_id and leave mdtrt_id empty.
    - msgid of a result row is the original message id, to reverse an unmatched settlement by 2601 (oinfno and
      omsgid).
    - The memo column can hold tabs or the insurance type in some regions: read columns from both ends and
      tolerate one column too many.
    - Result codes of the rows differ by region: 0 balanced, 1 not; one city marks rows only the institution has
      with 99; one province uses 000102 (institution has more) and 000103 (data differ).
    - The input and result files have their own columns (files.json), which are not fields of the message.
    """

    @node
    class Input:
        data: DetailsStatement

    @node
    class Output:
        fileinfo: ResultFile


@node
class ApplyClearingData:
    clr_type: Annotated[str, code("clr_type", "清算类别", length=30)]
    clr_way: Annotated[str | None, code("clr_way", "清算方式", length=30, note="left out by a real system")] = None
    setlym: Annotated[str, text(6, "清算年月", note="yyyyMM")]
    psntime: Annotated[Decimal, number(6, 0, "清算人次")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费总额")]
    med_sumfee: Annotated[Decimal, amount("医保认可费用总额")]
    fund_appy_sum: Annotated[Decimal, amount("基金申报总额")]
    cash_payamt: Annotated[Decimal, amount("现金支付金额")]
    acct_pay: Annotated[Decimal, amount("个人账户支出")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]


@node
class ApplyClearingResult:
    clr_appy_evt_id: Annotated[str, text(30, "机构清算申请事件ID")]


@transaction("3203", "清算申请", "clearing application", does=Does.REGISTERS, of=Of.CLEARING, undone_by="3204")
class ApplyClearing:
    """Clearing application.

    - One application covers one clr_type (and clr_way) and one clearing month.
    - Keep clr_appy_evt_id: 3204 needs it.
    - med_sumfee (fees that the insurance accepts) normally equals medfee_sumamt; under fixed-amount payment it
      is personal payments plus fund payments.
    - Reconcile with 3201 (and 3202) first: the sums must be those of the balanced settlements.
    - Not offered everywhere: one province stopped it in 2022-04 in favour of a web platform, and some provinces use
      own numbers (e.g. 3691–3699) for clearing.
    """

    @node
    class Input:
        data: ApplyClearingData

    @node
    class Output:
        result: ApplyClearingResult


@transaction("3204", "清算申请撤销", "clearing application cancellation", does=Does.WITHDRAWS, of=Of.CLEARING)
class CancelClearing:
    """Clearing application cancellation.

    - No output node.
    - Stopped there together with 3203.
    """

    @node
    class Input:
        data: ApplyClearingResult
