"""Settlement lists (结算清单): their scores under payment by disease (4160), and taking one back (90306)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, amount, chapter, code, moment, node, number, text

transaction = chapter("list_scores", "信息采集上传/结算清单")


@node
class ScoreQuery:
    """Which settlements, and which page."""

    poolarea_no: Annotated[str | None, text(10, "统筹区")] = None
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    norm_flag: Annotated[str | None, text(6, "数据标识", note="代码型，取值未见")] = None
    diag_grp: Annotated[str | None, text(10, "诊断亚目分组")] = None
    setl_end_date: Annotated[
        datetime | None, moment("结算结束时间（查询区间开始值）", or_day=True, note="结算结束时间的下限")
    ] = None
    end_setl_end_date: Annotated[
        datetime | None, moment("结算结束时间（查询区间结束值）", or_day=True, note="结算结束时间的上限")
    ] = None
    page_num: Annotated[Decimal | None, number(4, 0, "当前页数")] = None
    page_size: Annotated[Decimal | None, number(4, 0, "本页数据量", note="见过取 300")] = None


@node
class Score:
    """One settlement list, its scores and amounts."""

    diag_code: Annotated[str | None, text(40, "主要诊断编码")] = None
    diag_name: Annotated[str | None, text(255, "主要诊断名称")] = None
    poolarea_no: Annotated[str, text(10, "统筹区")]
    dise_sco: Annotated[Decimal | None, amount("对照病种分值", length=10)] = None
    act_dise_sco: Annotated[Decimal | None, amount("实际分组病种分值", length=10)] = None
    act_setl_sco: Annotated[Decimal | None, amount("实际结算分值", length=10)] = None
    trt_way: Annotated[str | None, text(10, "治疗方式", note="代码型，取值未见")] = None
    trt_way_name: Annotated[str | None, text(10, "治疗方式名称")] = None
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    psn_no: Annotated[str | None, text(32, "人员编号")] = None
    psn_name: Annotated[str | None, text(10, "人员姓名")] = None
    insu_admdvs: Annotated[str | None, text(100, "参保所属医保区划")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    act_ipt_days: Annotated[Decimal | None, number(10, 0, "住院天数")] = None
    fund_payamt: Annotated[Decimal | None, amount("统筹基金支付金额")] = None
    psn_selfpay_amt: Annotated[Decimal, amount("个人自付金额")]
    total_payamt: Annotated[Decimal | None, amount("住院总费用")] = None
    inscp_amt: Annotated[Decimal | None, amount("符合范围金额")] = None
    fund_pay_sumamt: Annotated[Decimal | None, amount("基金支付总额")] = None
    adm_time: Annotated[datetime | None, moment("入院时间")] = None
    dscg_time: Annotated[datetime | None, moment("出院时间")] = None
    setl_end_date: Annotated[datetime | None, moment("结算结束时间")] = None
    norm_flag: Annotated[str | None, text(6, "数据标识", note="代码型，取值未见")] = None
    payb_setl_amt: Annotated[Decimal | None, amount("应付结算金额")] = None
    act_setl_amt: Annotated[Decimal | None, amount("实际结算金额")] = None
    diag_grp: Annotated[str | None, text(10, "诊断亚目分组")] = None
    remark: Annotated[str | None, text(100, "备注")] = None


@transaction(
    "4160",
    "结算清单信息查询（清单分值）",
    "settlement list score query (DIP/DRG points)",
    does=Does.READS,
    of=Of.LIST,
    confidence="medium",
)
class Query:
    """Settlement list score query (DIP/DRG points).

    - 按结算时间区间分页查询各清单的病种分值与结算金额，用于院内核对按病种分值付费的结果
    - 页码从 1 起，返回行数少于 page_size 即最后一页
    - 在中山的医院系统见到，字段与长度取自其数据类注释；省内其他地市是否开放未证实
    """

    @node
    class Input:
        data: ScoreQuery

    @node
    class Output:
        data: list[Score]


@transaction(
    "90306",
    "撤销结算清单信息",
    "undo settlement list upload",
    does=Does.WITHDRAWS,
    of=Of.LIST,
    confidence="low",
    public=False,
)
class WithdrawList:
    """Undo settlement list upload.

    - 撤销 4101A 上传的结算清单
    - 字段表没有公开，按原样收发；国家的 4102（结算清单状态修改）是状态流转而非撤销，不能代替
    """
