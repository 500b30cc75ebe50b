"""The webhook of a deployment: who is told by itself that an unknown call has ended.

[webhook]
url = "https://his.example/liangding"
secret = { file = "secrets/webhook" }
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

import attrs

from .clients import LOOPBACK, PLAIN
from .secrets import Secret

Told = Literal["call.ended", "call.unknown", "flow.ended", "decision.proposed", "decision.approved",
               "decision.returned", "decision.broke_glass"]  # fmt: skip


@attrs.frozen(kw_only=True)
class WebhookSettings:
    """Where what happened is sent to (``url``), and the ``secret`` that both sides hold: 32 random bytes in Base64
    (``liangding key``). ``digest`` is what the signature is made with, ``events`` which kinds are told, ``seconds`` how
    long an answer may take. ``ca`` is the root that the other side's certificate comes from, where no public one; in
    clear it goes to this machine only, or with ``plain = "局域网"`` through a network of one's own."""

    url: str
    secret: Secret
    digest: Literal["sha256", "sm3"] = "sha256"
    events: list[Told] = attrs.field(factory=lambda: ["call.ended"])
    seconds: float = 10.0
    ca: str = ""
    plain: Literal["", "局域网"] = ""

    def __attrs_post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            named = parts.hostname and (parts.port or True)
        except ValueError:
            named = None
        if not named or parts.scheme not in ("http", "https") or not re.fullmatch(r"[!-~]+", self.url):
            raise ValueError("url 写成 https://主机/路径，只用 ASCII 字符")
        if parts.username or parts.password or parts.fragment:
            raise ValueError("url 里不写用户名、密码和 #")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and self.plain != PLAIN:
            raise ValueError(f'url 不是 https：对方做不了 TLS 而线路在自己的局域网里的，写 plain = "{PLAIN}"')
        if self.ca and parts.scheme != "https":
            raise ValueError("ca 只用于 https，请删去这一行")
        if not 1 <= self.seconds <= 30:
            raise ValueError("seconds 应在 1 到 30 之间")
        if not self.events:
            raise ValueError("events 至少写一种；什么都不通知的，删去 [webhook]")
