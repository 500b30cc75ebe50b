"""Outpatient settlement (门急诊结算) in Sichuan: what carries the safety control's token, declared anew."""

from typing import Annotated

from liangding.national import outpatient
from liangding.spec import nested, node, redeclares, rows

from .card_token import CardToken


@node
class Registration(outpatient.Registration):
    """挂号信息."""

    exp_content: CardToken = None


@redeclares(outpatient.Register)
class Register:
    """2201 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中
    """

    @node
    class Input:
        data: Annotated[Registration, nested("挂号信息")]


@node
class RegistrationReference(outpatient.RegistrationReference):
    """撤销信息."""

    exp_content: CardToken = None


@redeclares(outpatient.CancelRegistration)
class CancelRegistration:
    """2202 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中
    """

    @node
    class Input:
        data: Annotated[RegistrationReference, nested("撤销信息")]


@node
class Visit(outpatient.Visit):
    """就诊信息."""

    exp_content: CardToken = None


@redeclares(outpatient.UploadVisit, confidence="low")
class UploadVisit:
    """2203 in Sichuan.

    - 四川：校验介质 card_token 放在 mdtrtinfo.expContent 中；放置位置只见于 2203A，此处为推断
    """

    @node
    class Input:
        mdtrtinfo: Annotated[Visit, nested("就诊信息")]
        diseinfo: Annotated[list[outpatient.Diagnosis], rows("诊断信息")]


@node
class VisitA(outpatient.VisitA):
    """就诊信息."""

    exp_content: CardToken = None


@redeclares(outpatient.UploadVisitA)
class UploadVisitA:
    """2203A in Sichuan.

    - 四川：校验介质 card_token 放在 mdtrtinfo.expContent 中
    """

    @node
    class Input:
        mdtrtinfo: Annotated[VisitA, nested("就诊信息")]
        diseinfo: Annotated[list[outpatient.DiagnosisA], rows("诊断信息")]


@node
class FeeRow(outpatient.FeeRow):
    """费用明细."""

    exp_content: CardToken = None


@redeclares(outpatient.UploadFees)
class UploadFees:
    """2204 in Sichuan.

    - 四川：校验介质 card_token 放在每一行明细的 expContent 中
    """

    @node
    class Input:
        feedetail: Annotated[list[FeeRow], rows("费用明细")]


@node
class TrialBill(outpatient.TrialBill):
    """预结算信息."""

    exp_content: CardToken = None


@redeclares(outpatient.PreSettle, confidence="low")
class PreSettle:
    """2206 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中；放置位置只见于 2206A，此处为推断
    """

    @node
    class Input:
        data: Annotated[TrialBill, nested("预结算信息")]


@node
class TrialBillA(outpatient.TrialBillA):
    """预结算信息."""

    exp_content: CardToken = None


@redeclares(outpatient.PreSettleA)
class PreSettleA:
    """2206A in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中
    """

    @node
    class Input:
        data: Annotated[TrialBillA, nested("预结算信息")]


@node
class Bill(outpatient.Bill):
    """结算信息."""

    exp_content: CardToken = None


@redeclares(outpatient.Settle, confidence="low")
class Settle:
    """2207 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中；放置位置只见于 2207A，此处为推断
    """

    @node
    class Input:
        data: Annotated[Bill, nested("结算信息")]


@node
class BillA(outpatient.BillA):
    """结算信息."""

    exp_content: CardToken = None


@redeclares(outpatient.SettleA)
class SettleA:
    """2207A in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中；取它时传给安全控件的交易号就是 2207A
    """

    @node
    class Input:
        data: Annotated[BillA, nested("结算信息")]
