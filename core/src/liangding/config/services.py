"""Online services that are spoken to in the secured envelope, as a deployment's file describes them."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from ..wire.gm import SM4_BLOCK
from ..wire.secured import Variant
from .secrets import Secret


@attrs.frozen(kw_only=True)
class Listener:
    """Where a service's own notices come in (7108, 7109, 6302): an address on the line's side, of nothing else.
    ``paths`` gives a transaction's path where the centre was told another one."""

    port: int
    host: str = "127.0.0.1"
    paths: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise ValueError("port 应在 0 到 65535 之间")
        if wrong := [path for path in self.paths.values() if not path.startswith("/")]:
            raise ValueError(f"paths 中的 {wrong[0]} 应以 / 开头")


@attrs.frozen(kw_only=True)
class SecuredService:
    """An online service that is spoken to in the secured envelope: a prescription centre, a payment centre.

    ``app_id`` and ``app_secret`` are what the centre gave; ``private_key`` is the institution's own, ``platform_key``
    the centre's public one (hexadecimal, Base64, PEM or PKCS#8). ``variant`` says where this centre differs
    (:class:`liangding.wire.secured.Variant`).

    What goes to it: transactions whose number begins as ``carries`` says, and those that are declared for a service of
    this name. Where: ``url`` and the transaction's own path (``paths`` gives those that are not public), its number
    (``address = "infno"``), or nothing more (``"single"``). ``gateway``: the platform's gateway signs the sealed
    message, too. ``fresh_seconds``: how far an answer's time may be away from ours (0: it is not looked at).
    ``listener``: where the service's own notices come in.
    """

    url: str
    app_id: str
    app_secret: Secret
    private_key: Secret
    platform_key: Secret
    variant: Variant = attrs.field(factory=Variant)
    carries: list[str] = attrs.field(factory=list)
    address: Literal["path", "infno", "single"] = "path"
    paths: dict[str, str] = attrs.field(factory=dict)
    gateway: bool = False
    fresh_seconds: float = 300.0
    listener: Listener | None = None

    def __attrs_post_init__(self) -> None:
        if not re.match(r"https?://", self.url):
            raise ValueError("url 应以 http:// 或 https:// 开头")
        if self.fresh_seconds < 0:
            raise ValueError("fresh_seconds 不能小于 0")
        if len(self.app_id) < SM4_BLOCK and self.variant.sm4_key != "secret":
            raise ValueError(f"app_id 应为 {SM4_BLOCK} 个以上的字符")
