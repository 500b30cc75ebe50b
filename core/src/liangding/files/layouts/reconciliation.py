"""Reconciliation of settlements in detail (费用结算对明细账): what goes up with 9101 before 3202, and its result.

A refunded settlement has two rows in the upload, the plus and the minus, where refunds are included; the date range
and the totals of the 3202 call are those of the file's rows.
"""

from ...spec import amount, code, text
from ..columns import column, layout

DETAILS = layout(
    "3202.details",
    "对明细账上传文件",
    key=1,
    columns=[
        column(1, "setl_id", text(30, "结算ID"), required=True),
        column(2, "mdtrt_id", text(30, "就诊ID"), required=True),
        column(3, "psn_no", text(30, "人员编号"), required=True),
        column(4, "medfee_sumamt", amount("医疗费总额"), required=True),
        column(5, "fund_pay_sumamt", amount("基金支付总额"), required=True),
        column(6, "acct_pay", amount("个人账户支出"), required=True),
        column(7, "refd_setl_flag", code("refd_setl_flag", "退费结算标志", length=3), required=True),
    ],
)

RESULTS = layout(
    "3202.results",
    "对明细账结果文件",
    key=None,
    earliest=7,
    free=7,
    note="只有中心端有的行不带就诊ID；备注在有的地区含 TAB 或另带险种；第 8 至 10 列是 2021-09 修订加入的",
    columns=[
        column(1, "psn_no", text(30, "人员编号"), required=True),
        column(2, "mdtrt_id", text(30, "就诊ID")),
        column(3, "setl_id", text(30, "结算ID")),
        column(4, "msgid", text(30, "发送方报文ID", note="需冲正时作为 2601 的原报文号"), required=True),
        column(5, "stmt_rslt", code("stmt_rslt", "对账结果", note="各地取值不同"), required=True),
        column(6, "refd_setl_flag", code("refd_setl_flag", "退费结算标志", length=3), required=True),
        column(7, "memo", text(500, "备注")),
        column(8, "medfee_sumamt", amount("医疗费总额")),
        column(9, "fund_pay_sumamt", amount("基金支付总额")),
        column(10, "acct_pay", amount("个人账户支出")),
    ],
)

DETAILS_EXTENDED = DETAILS.and_then(
    "3202.details.extended",
    "对明细账上传文件（带字段扩展）",
    column(8, "exp_content", text(4000, "字段扩展", note="一处的后来版本才有，别处不要写")),
)

RESULTS_EXTENDED = RESULTS.and_then(
    "3202.results.extended",
    "对明细账结果文件（带字段扩展）",
    column(11, "exp_content", text(4000, "字段扩展", note="一处的后来版本才有")),
)
