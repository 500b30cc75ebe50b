"""Inpatient settlement (住院结算) in Sichuan: what carries the safety control's token, declared anew.

For inpatients every call takes a token of its own, got under the call's own number.
"""

from typing import Annotated

from liangding.national import inpatient
from liangding.spec import nested, node, redeclares

from .card_token import CardToken


@node
class TrialBill(inpatient.TrialBill):
    """预结算信息."""

    exp_content: CardToken = None


@redeclares(inpatient.PreSettle)
class PreSettle:
    """2303 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中
    """

    @node
    class Input:
        data: Annotated[TrialBill, nested("预结算信息")]


@node
class TrialBillA(inpatient.TrialBillA):
    """预结算信息."""

    exp_content: CardToken = None


@redeclares(inpatient.PreSettleA, confidence="low")
class PreSettleA:
    """2303A in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中；放置位置只见于 2303，此处为推断
    """

    @node
    class Input:
        data: Annotated[TrialBillA, nested("预结算信息")]


@node
class Bill(inpatient.Bill):
    """结算信息."""

    exp_content: CardToken = None


@redeclares(inpatient.Settle)
class Settle:
    """2304 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中
    """

    @node
    class Input:
        data: Annotated[Bill, nested("结算信息")]


@node
class BillA(inpatient.BillA):
    """结算信息."""

    exp_content: CardToken = None


@redeclares(inpatient.SettleA, confidence="low")
class SettleA:
    """2304A in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中；放置位置只见于 2304，此处为推断
    """

    @node
    class Input:
        data: Annotated[BillA, nested("结算信息")]
