"""Outpatient settlement (门急诊结算) in Guangzhou: transactions 2201 to 2208 declared anew."""

from typing import Annotated

from liangding.national import outpatient
from liangding.national.admission import Agent
from liangding.spec import code, nested, node, redeclares, rows, text

from .fields import CardBasics, CardCheck, OrderNo, ThirdParty, Violation, VisitMode


@node
class Registration(outpatient.Registration):
    """挂号信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None
    mdtrt_mode: VisitMode = None


@redeclares(outpatient.Register)
class Register:
    """2201 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo 与 agnterinfo；后者的字段未见，取 2401 的同名节点
    """

    @node
    class Input:
        data: Annotated[Registration, nested("挂号信息", wire="mdtrtinfo")]
        agnterinfo: Annotated[Agent | None, nested("代办人信息")] = None


@redeclares(outpatient.CancelRegistration)
class CancelRegistration:
    """2202 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo
    """

    @node
    class Input:
        data: Annotated[outpatient.RegistrationReference, nested("撤销信息", wire="mdtrtinfo")]


@node
class Visit(outpatient.Visit):
    """就诊信息."""

    ttp_resp: ThirdParty = None
    expi_gestation_nub_of_m: Annotated[str | None, text(None, "终止妊娠月数")] = None


@redeclares(outpatient.UploadVisit)
class UploadVisit:
    """2203 in Guangzhou.

    - 广州：另有 ttp_resp 与 expi_gestation_nub_of_m
    """

    @node
    class Input:
        mdtrtinfo: Annotated[Visit, nested("就诊信息")]
        diseinfo: Annotated[list[outpatient.Diagnosis], rows("诊断信息")]


@node
class FeeRow(outpatient.FeeRow):
    """费用明细."""

    medins_list_name: Annotated[str | None, text(100, "医疗机构目录名称")] = None
    unchk_flag: Annotated[str | None, text(None, "不进行审核标志")] = None
    unchk_memo: Annotated[str | None, text(None, "不进行审核说明")] = None


@redeclares(outpatient.UploadFees)
class UploadFees:
    """2204 in Guangzhou.

    - 广州：明细另有 medins_list_name、unchk_flag、unchk_memo
    """

    @node
    class Input:
        feedetail: Annotated[list[FeeRow], rows("费用明细")]


@node
class FeeBatchReference(outpatient.FeeBatchReference):
    """撤销信息."""

    feedetl_sn: Annotated[str | None, text(30, "费用明细流水号", note="传 0000 全部撤销")] = None


@redeclares(outpatient.CancelFees)
class CancelFees:
    """2205 in Guangzhou.

    - 广州：另有 feedetl_sn，传 0000 全部撤销
    """

    @node
    class Input:
        data: Annotated[FeeBatchReference, nested("撤销信息")]


@node
class TrialBill(outpatient.TrialBill):
    """预结算信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None


@redeclares(outpatient.PreSettle)
class PreSettle:
    """2206 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo；输出另有违规提示 voladetail
    """

    @node
    class Input:
        data: Annotated[TrialBill, nested("预结算信息", wire="mdtrtinfo")]

    @node
    class Output(outpatient.PreSettle.Output):
        voladetail: Annotated[list[Violation] | None, rows("违规提示")] = None


@node
class Bill(outpatient.Bill):
    """结算信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None
    mdtrt_mode: VisitMode = None
    mid_setl_flag: Annotated[str | None, code("mid_setl_flag", "中途结算标志", length=3)] = None
    order_no: OrderNo = None


@redeclares(outpatient.Settle)
class Settle:
    """2207 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo；输出另有违规提示 voladetail
    """

    @node
    class Input:
        data: Annotated[Bill, nested("结算信息", wire="mdtrtinfo")]

    @node
    class Output(outpatient.Settle.Output):
        voladetail: Annotated[list[Violation] | None, rows("违规提示")] = None


@redeclares(outpatient.CancelSettlement)
class CancelSettlement:
    """2208 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo
    """

    @node
    class Input:
        data: Annotated[outpatient.SettlementReference, nested("撤销信息", wire="mdtrtinfo")]
