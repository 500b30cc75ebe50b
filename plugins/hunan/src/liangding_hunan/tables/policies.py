"""Policy items of a settlement (政策项): transaction 100001."""

from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, chapter, node, number, text

transaction = chapter("policies", "其他/政策项")


@node
class ItemQuery:
    """Which settlement."""

    psn_No: Annotated[str, text(30, "人员编号", personal=True)]
    setl_Id: Annotated[str, text(30, "结算ID")]
    mdtrt_Id: Annotated[str, text(30, "就诊ID")]


@node
class PolicyItem:
    """What one policy item paid."""

    setlId: Annotated[str, text(50, "结算ID")]
    mdtrtId: Annotated[str, text(30, "就诊ID")]
    psnNo: Annotated[str, text(30, "人员编号")]
    polItemCode: Annotated[str, text(50, "政策项编码")]
    polItemName: Annotated[str, text(50, "政策项名称")]
    selfPayAmt: Annotated[Decimal | None, number(None, None, "自付金额")] = None
    selfPayProp: Annotated[Decimal | None, number(None, None, "自付比例")] = None
    fundPayAmt: Annotated[Decimal | None, number(None, None, "基金支付金额")] = None
    fundPayProp: Annotated[Decimal | None, number(None, None, "基金支付比例")] = None
    polItemPaySum: Annotated[Decimal | None, number(None, None, "政策项支付合计")] = None


@transaction("100001", "政策项查询", "settlement policy item query", does=Does.READS, of=Of.SETTLEMENT)
class QueryItems:
    """What each policy item (起付线、分段 …) paid.

    - 一笔结算中各政策项（起付线、分段等）支付了多少
    - 输出用驼峰字段名，输入为 psn_No、setl_Id、mdtrt_Id
    """

    @node
    class Input:
        data: ItemQuery

    @node
    class Output:
        data: list[PolicyItem]
