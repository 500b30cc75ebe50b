"""What the cashier must be told after a settlement (附件6，二(一) 的界面提醒与二(二))."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from liangding.calls import Answer, Call
from liangding.config import Kind
from liangding.errors import CallRefused
from liangding.region import Place

from .cities import DONGGUAN, city_of

ACCOUNT_CHARGED = "个人账户已由接口扣除 {acct_pay} 元，请勿再刷 POS 机"

INSURED_ELSEWHERE = (
    "参保人如从未在东莞参保而 POS 机能扣个人账户：请其咨询参保地政策，是否允许使用、是否需要上传接口数据、"
    "能否直接刷 POS 机而不调接口"
)


def remind(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """The account is charged: the cashier must not swipe the POS again. Refused for somebody insured elsewhere: the
    person has to ask there."""
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
