"""The core as a plugin of itself: it answers every interface last, by sending, and the other hooks by the standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ..config import Deployment
from ..contract.calls import Answer, Call
from ..contract.hookspecs import hookimpl
from ..contract.region import Region, national_region
from ..errors import ConfigurationError
from ..structuring import nearest
from ..wire.gateways import SCHEMES, Gateway

CORE = "core"
"""The name that the core's own plugin goes by."""


class CorePlugin:
    """``interfaces`` are the names of the interfaces' hooks."""

    def __init__(self, interfaces: Iterable[str]) -> None:
        @hookimpl(trylast=True)
        def interface(call: Call[Any]) -> Answer[Any]:
            return call.send(call)

        for name in interfaces:
            setattr(self, name, interface)

    @hookimpl(trylast=True)
    def liangding_region(self, deployment: Deployment) -> Region:
        return national_region(deployment)

    @hookimpl(trylast=True)
    def liangding_gateway(
        self, scheme: str, credentials: Mapping[str, str], settings: Mapping[str, Any], deployment: Deployment
    ) -> Gateway | None:
        made = SCHEMES.get(scheme)
        if made is None:
            return None
        given: dict[str, Any] = {**credentials, **settings}
        required = {a.name: a.default is attrs.NOTHING for a in attrs.fields(made)}
        for name in sorted(given.keys() - required.keys()):
            path, remedy = f"platform.credentials.{name}", f"可用的有 {'、'.join(required)}"
            text = f"网关 {scheme} 没有设置项 {name}{nearest(name, required)}"
            raise ConfigurationError(text, path=path, remedy=remedy)
        for name, needed in required.items():
            if needed and name not in given:
                raise ConfigurationError(f"网关 {scheme} 需要 {name}，未给出", path=f"platform.credentials.{name}")
        try:
            return made(**given)
        except ValueError as wrong:
            raise ConfigurationError(f"网关 {scheme} 的 {wrong}", path="platform.settings") from None
