"""Signing in and out (9001, 9002): one number an operator and day."""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ..requests import Request, handles


@handles("9001")
def sign_in(request: Request) -> dict[str, Any]:
    operator = request.input.signIn.opter_no
    held = request.world.sign_ins.get(operator)
    if held is None or held[1] != request.at.date():
        number = f"{request.at:%Y%m%d%H%M%S}{request.world.number('sign_in'):06d}"
        held = request.world.sign_ins[operator] = (number, request.at.date())
    return {"signinoutb": {"sign_time": request.at.isoformat(" ", "seconds"), "sign_no": held[0]}}


@handles("9002")
def sign_out(request: Request) -> dict[str, Any]:
    if request.world.sign_ins.pop(request.input.signOut.opter_no, None) is None:
        raise Refuse("当天没有签到记录")
    return {"signoutoutb": {"sign_time": request.at.isoformat(" ", "seconds")}}
