"""Admission (入院办理) in Sichuan: transaction 2401 declared anew."""

from typing import Annotated

from liangding.national import admission
from liangding.spec import nested, node, redeclares, rows

from .card_token import CardToken


@node
class Admission(admission.Admission):
    """就诊信息."""

    exp_content: CardToken = None


@redeclares(admission.Admit)
class Admit:
    """2401 in Sichuan.

    - 四川：校验介质 card_token 放在 mdtrtinfo.expContent 中
    """

    @node
    class Input:
        mdtrtinfo: Annotated[Admission, nested("就诊信息")]
        diseinfo: Annotated[list[admission.AdmissionDiagnosis], rows("入院诊断信息")]
        agnterinfo: Annotated[admission.Agent | None, nested("代办人信息")] = None
