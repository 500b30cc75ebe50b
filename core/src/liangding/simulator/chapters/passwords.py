"""Passwords that the platform keeps (1602, 1603): every identity card has the same one until it is changed."""

from __future__ import annotations

from ...contract.simulation import Refuse
from ...national.passwords import digest
from ..requests import Request, handles

FIRST = "123456"


def _hold(request: Request, idcard: str, typed: str) -> None:
    if all(person.certno != idcard for person in request.world.people.all):
        raise Refuse("人员信息不存在")
    if request.world.passwords.get(idcard, digest(FIRST)) != typed.lower():
        raise Refuse("密码不正确")


@handles("1602")
def check(request: Request) -> None:
    _hold(request, request.input.idcard, request.input.inputPassword)


@handles("1603")
def change(request: Request) -> None:
    _hold(request, request.input.idcard, request.input.oldPassword)
    request.world.passwords[request.input.idcard] = request.input.password.lower()
