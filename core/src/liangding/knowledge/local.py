"""Numbers that a deployment opens by itself: a province's or an aggregator's own, without a plugin.

[transactions.9950]
name = "商品采购（聚合平台）"
like = "3503"

Those of :data:`liangding.national.passwords.NUMBERS` have a shape of their own, and are open where
``features.password_by`` names them.
"""

from __future__ import annotations

from typing import Any

from ..config import Deployment
from ..config.features import LocalTransaction
from ..contract.hookspecs import Declared
from ..errors import ConfigurationError
from ..national.passwords import NUMBERS
from ..spec import Does, Effect, Transaction, Unasked, chapter
from .interfaces import Interfaces

OWNER = "部署文件"
"""Whom these declarations come from."""

UNKNOWN = Unasked("本机构自己开放的编号，结果不明时怎样向平台查没有声明；请向医保中心核对")


def opened(deployment: Deployment, known: Interfaces) -> dict[str, tuple[str, Declared]]:
    """infno → owner and class, of what the deployment's file opens over what is ``known``. ConfigurationError where a
    number is known already, or is like one that is not."""
    ways = deployment.features.password_by.values()
    found: dict[str, tuple[str, Declared]] = {
        infno: (OWNER, NUMBERS[infno]) for infno in ways if infno in NUMBERS and infno not in known
    }
    for infno, local in deployment.transactions.items():
        path = f"{deployment.source.name}: transactions.{infno}"
        if infno in known:
            raise ConfigurationError(f"{infno} 已有声明（{known[infno].name}），不用在部署文件中开放", path=path)
        if local.like and local.like not in known:
            raise ConfigurationError(f"没有交易 {local.like}", path=f"{path}.like")
        own_shape = NUMBERS.get(infno) if not local.like else None
        found[infno] = OWNER, own_shape or _declared(infno, known[local.like] if local.like else None, local)
    return found


def _declared(infno: str, like: Transaction | None, local: LocalTransaction) -> type:
    changes = local.changes
    facts: dict[str, Any] = {"channel": local.channel or None, "confidence": "low"}
    if like is None:
        facts |= {"public": False, "effect": Effect.READS if changes is False else Effect.CHANGES}
    else:
        does = like.does if changes is None or changes == like.changes else Does.CHANGES if changes else Does.READS
        facts |= {"public": like.public, "like": like.infno, "does": does, "of": like.of}
        if does in (Does.SETTLES, Does.CANCELS):
            facts["looked_for"] = UNKNOWN
    sides = {} if like is None else {"Input": like.input, "Output": like.output}
    told = f"{local.name}.\n\n- 部署文件开放的本地编号" + (f"，与 {like.infno} 同样收发" if like else "，按原样收发")
    cls: type = type(f"N{infno}", (), {"__doc__": told, **sides})
    return chapter("local", "本地/部署文件开放")(infno, local.name, f"local number {infno}", **facts)(cls)
