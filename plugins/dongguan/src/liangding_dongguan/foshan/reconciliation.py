"""Reconciliation (费用结算对账) in Foshan and Zhongshan: transactions 3201 and 3202 declared anew."""

from typing import Annotated

from liangding.national import reconciliation
from liangding.spec import code, node, redeclares

MEANING = "1、空或缺省为含退费，0 为不含"


@node
class TotalsStatement(reconciliation.TotalsStatement):
    """总账."""

    refd_setl_flag: Annotated[
        str | None, code("refd_setl_flag", "退费结算标志", note=MEANING, wire="REFD_SETL_FLAG")
    ] = None


@redeclares(reconciliation.ReconcileTotals)
class ReconcileTotals:
    """3201 in Foshan and Zhongshan.

    - 佛山、中山：退费结算标志的字段名为大写 REFD_SETL_FLAG
    """

    @node
    class Input:
        data: TotalsStatement


@node
class DetailsStatement(reconciliation.DetailsStatement):
    """明细账."""

    refd_setl_flag: Annotated[
        str | None, code("refd_setl_flag", "退费结算标志", length=3, note=MEANING, wire="REFD_SETL_FLAG")
    ] = None


@redeclares(reconciliation.ReconcileDetails)
class ReconcileDetails:
    """3202 in Foshan and Zhongshan.

    - 佛山、中山：退费结算标志的字段名为大写 REFD_SETL_FLAG
    """

    @node
    class Input:
        data: DetailsStatement
