"""Inpatient settlement (住院结算) in Guangzhou: transactions 2302 to 2305 declared anew."""

from typing import Annotated

from liangding.national import inpatient
from liangding.spec import nested, node, redeclares, rows

from .fields import CardBasics, CardCheck, OrderNo, Violation, VisitMode


@redeclares(inpatient.CancelFees)
class CancelFees:
    """2302 in Guangzhou.

    - 广州：输入节点为 feeinfo，只有一行时传单个对象
    """

    @node
    class Input:
        data: Annotated[list[inpatient.FeeRowReference], rows("撤销信息", wire="feeinfo")]


@node
class TrialBill(inpatient.TrialBill):
    """预结算信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None


@redeclares(inpatient.PreSettle)
class PreSettle:
    """2303 in Guangzhou.

    - 广州：输入节点名未见，照国家；输出另有违规提示 voladetail
    """

    @node
    class Input:
        data: Annotated[TrialBill, nested("预结算信息")]

    @node
    class Output(inpatient.PreSettle.Output):
        voladetail: Annotated[list[Violation] | None, rows("违规提示")] = None


@node
class Bill(inpatient.Bill):
    """结算信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None
    mdtrt_mode: VisitMode = None
    order_no: OrderNo = None


@redeclares(inpatient.Settle)
class Settle:
    """2304 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo；输出另有违规提示 voladetail
    """

    @node
    class Input:
        data: Annotated[Bill, nested("结算信息", wire="mdtrtinfo")]

    @node
    class Output(inpatient.Settle.Output):
        voladetail: Annotated[list[Violation] | None, rows("违规提示")] = None


@redeclares(inpatient.CancelSettlement)
class CancelSettlement:
    """2305 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo
    """

    @node
    class Input:
        data: Annotated[inpatient.SettlementReference, nested("撤销信息", wire="mdtrtinfo")]
