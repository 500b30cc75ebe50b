"""云州, a province that does not exist: every way in which a province differs, once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from decimal import Decimal
from typing import Annotated, Any

from liangding.contract import Answer, Call, Declared, Deployment, FixedValues, Kind, Region, around, hookimpl
from liangding.spec import Does, Of, adds, amends, amount, chapter, code, node, renamed, text

# -- what differs as data ----------------------------------------------------------------------------------------------


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"yunzhou": "990100"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return Region(
        name="云州",
        local=(deployment.institution.area[:4],),
        province=("99",),
        unanswered=("2601 可以冲正哪些交易", "签到多久有效"),
    )


@hookimpl
def liangding_fixed_values(deployment: Deployment) -> FixedValues:
    return {"2102": {"med_type": "41"}} if deployment.institution.kind is Kind.PHARMACY else {}


# -- what differs in a national transaction ----------------------------------------------------------------------------


@node
class Card:
    """What the card readers of the province give beside the number."""

    card_area: Annotated[str | None, text(6, "发卡地区划")] = None


# -- a transaction of its own ------------------------------------------------------------------------------------------

transaction = chapter("benefits_left", "医保服务/信息查询")


@node
class Asked:
    """Whose."""

    psn_no: Annotated[str, text(30, "人员编号")]
    insutype: Annotated[str, code("insutype", "险种类型")]


@node
class Left:
    """What is left of the year's ceiling."""

    left_amt: Annotated[Decimal, amount("剩余限额")]


@transaction("99001", "年度剩余限额查询", "what is left of the year's ceiling", does=Does.READS, of=Of.BENEFITS)
class QueryLeft:
    """What is left of the year's ceiling.

    - 云州：只答本年度
    """

    @node
    class Input:
        data: Asked

    @node
    class Output:
        result: Left


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    return {
        "99001": QueryLeft,
        "2102": amends(druginfo=adds(Card), note="云州：另带读卡器给出的 card_area"),
        "2202": amends(renamed("data", "mdtrtinfo"), note="云州：输入节点为 mdtrtinfo"),
    }


@hookimpl
def liangding_simulate(deployment: Deployment) -> Mapping[str, Callable[..., Any]]:
    return {"99001": lambda request: {"result": {"left_amt": "1200.00"}}}


# -- what differs in doing ---------------------------------------------------------------------------------------------


@around("2102", "2207")
def remind(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """个人账户已扣时提醒打印小票."""
    answer = yield
    if answer.output.setlinfo.acct_pay:
        call.advise("个人账户已支付 {acct_pay} 元，请打印小票", answer.output.setlinfo)
    return answer
