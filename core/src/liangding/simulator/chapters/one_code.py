"""One-code payment (一码付): credentials for an amount, and their charge. No table is public: the names are the
deployment's."""

from __future__ import annotations

from typing import Any

from ...config.one_code import OneCode
from ...contract.simulation import Refuse
from ...spec.nodes import beyond
from ..requests import Request, handles


def one_code_of(world: Any) -> dict[str, dict[str, str]]:
    """The credentials that were given out: amount, and the order that it was charged for."""
    kept: dict[str, dict[str, str]] = world.kept.setdefault("one_code", {})
    return kept


def _asked(request: Request) -> tuple[OneCode, dict[str, Any]]:
    return request.deployment.one_code or OneCode(), beyond(request.input).get("data") or {}


def _holder(request: Request) -> None:
    settings, data = _asked(request)
    token, world = str(data.get(settings.ec_token)), request.world
    if world.token_holder(token, request.epoch) is None and world.people.by_credential("01", token) is None:
        raise Refuse("ecToken 二次核验失败")


@handles("一码付-用户一码付状态查询")
def tell_state(request: Request) -> Any:
    _holder(request)
    return {"data": {"status": "1"}}


@handles("一码付-获取付款凭据")
def give_credential(request: Request) -> Any:
    _holder(request)
    settings, data = _asked(request)
    number = f"28{request.world.number('one_code'):016d}"
    one_code_of(request.world)[number] = {"amount": str(data.get(settings.amount)), "order": ""}
    return {"data": {settings.credential: number, "channel": "TEST"}}


@handles("一码付-支付下单")
def charge(request: Request) -> Any:
    settings, data = _asked(request)
    held = one_code_of(request.world).get(str(data.get(settings.credential)))
    if held is None or held["order"]:
        raise Refuse("付款凭据无效或已使用")
    if held["amount"] != str(data.get(settings.amount)):
        raise Refuse("自付费金额与支付金额不匹配")
    held["order"] = str(data.get(settings.order))
    return {"data": {"status": "SUCCESS"}}
