"""What the cashier must be told after a settlement (附件6，二(一) 的界面提醒与二(二))."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from liangding.contract import Answer, Call, CallRefused, Kind, Place, around

from .cities import DONGGUAN, city_of

ACCOUNT_CHARGED = "个人账户已由接口扣除 {acct_pay} 元，请勿再刷 POS 机"

INSURED_ELSEWHERE = (
    "参保人如从未在东莞参保而 POS 机能扣个人账户：请其咨询参保地政策，是否允许使用、是否需要上传接口数据、"
    "能否直接刷 POS 机而不调接口"
)


@around("2102", "2102A", "2207", "2207A")
def remind(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """个人账户已扣时提醒勿再刷 POS；异地参保人被拒时提示咨询参保地."""
    try:
        answer = yield
    except CallRefused as refused:
        if _insured_elsewhere(call):
            refused.remedy = f"{refused.remedy}；{INSURED_ELSEWHERE}"
        raise
    if answer.output.setlinfo.acct_pay:
        call.advise(ACCOUNT_CHARGED, answer.output.setlinfo)
    return answer


def _insured_elsewhere(call: Call[Any]) -> bool:
    asked = city_of(call.deployment) == DONGGUAN and call.deployment.institution.kind is not Kind.HOSPITAL
    return asked and call.region.place(call.insured_place or "") is not Place.LOCAL
