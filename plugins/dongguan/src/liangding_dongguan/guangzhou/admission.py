"""Admission and discharge (住院办理) in Guangzhou: transactions 2401 to 2403 declared anew."""

from typing import Annotated

from liangding.national import admission
from liangding.spec import nested, node, redeclares, rows, text

from .fields import CardBasics, CardCheck, ThirdParty, VisitMode

INFERRED = "标签为推断"
NOT_SEEN = "广州的输入里没有见到这个节点"


@node
class Admission(admission.Admission):
    """就诊信息."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None
    mdtrt_mode: VisitMode = None
    clnc_flag: Annotated[str | None, text(None, "临床试验标志")] = None
    er_flag: Annotated[str | None, text(None, "急诊标志")] = None
    advpay: Annotated[str | None, text(None, "预付款", note=INFERRED)] = None
    repeat_ipt_flag: Annotated[str | None, text(None, "重复住院标志", note=INFERRED)] = None
    ttp_resp: ThirdParty = None
    merg_setl_flag: Annotated[str | None, text(None, "合并结算标志", note=INFERRED)] = None


@redeclares(admission.Admit)
class Admit:
    """2401 in Guangzhou.

    - 广州：就诊信息另有 mdtrt_mode、clnc_flag、er_flag、advpay、repeat_ipt_flag、ttp_resp、merg_setl_flag
    """

    @node
    class Input:
        mdtrtinfo: Annotated[Admission, nested("就诊信息")]
        diseinfo: Annotated[list[admission.AdmissionDiagnosis], rows("入院诊断信息")]
        agnterinfo: Annotated[admission.Agent | None, nested("代办人信息")] = None


@redeclares(admission.Discharge)
class Discharge:
    """2402 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo，没有见到 diseinfo
    """

    @node
    class Input:
        dscginfo: Annotated[admission.Discharging, nested("出院信息", wire="mdtrtinfo")]
        diseinfo: Annotated[list[admission.DischargeDiagnosis] | None, rows("出院诊断信息", note=NOT_SEEN)] = None


@redeclares(admission.ChangeAdmission)
class ChangeAdmission:
    """2403 in Guangzhou.

    - 广州：输入节点为 mdtrtinfo 与 agnterinfo，没有见到 diseinfo；agnterinfo 的字段取 2401 的同名节点
    """

    @node
    class Input:
        adminfo: Annotated[admission.ChangedAdmission, nested("住院信息", wire="mdtrtinfo")]
        diseinfo: Annotated[list[admission.ChangedDiagnosis] | None, rows("入院诊断信息", note=NOT_SEEN)] = None
        agnterinfo: Annotated[admission.Agent | None, nested("代办人信息")] = None
