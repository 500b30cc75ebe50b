"""The line to the platform, as a deployment's file says it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import attrs

from ..errors import ConfigurationError
from ..wire.tls import Least, LineTls
from .clients import LOOPBACK
from .secrets import Secret
from .signing import InputSigning

DEDICATED = "专线"
"""What a file says where the line is one that nobody else is on, so that plain http may go over it."""


@attrs.frozen(kw_only=True)
class PlatformTls:
    """TLS of the line, where that of public sites will not do: ``ca`` is the PEM file of whom to trust, ``certificate``
    and ``key`` what this institution shows (``password``: the key's, by reference), ``least`` the oldest version."""

    ca: str = ""
    certificate: str = ""
    key: str = ""
    password: Secret | None = None
    least: Least = "1.2"

    def __attrs_post_init__(self) -> None:
        if bool(self.certificate) != bool(self.key):
            raise ValueError("tls 的 certificate 与 key 一起写：证书和它的私钥")

    def secured(self, beside: Path, find: Callable[[str, Secret], str]) -> LineTls:
        """The same with what it names. ConfigurationError where a file is missing or not as it must be."""
        named = {name: beside / path for name in ("ca", "certificate", "key") if (path := getattr(self, name))}
        for name, path in named.items():
            if not path.is_file():
                raise ConfigurationError(f"没有文件 {path}", path=f"platform.tls.{name}", remedy="写 PEM 文件的路径")
        password = find("platform.tls.password", self.password) if self.password else ""
        made = LineTls(**named, password=password, least=self.least)
        try:
            made.context()
        except (OSError, ValueError) as wrong:
            raise ConfigurationError(
                f"{'、'.join(path.name for path in named.values())} 不能用：{getattr(wrong, 'reason', None) or wrong}",
                path="platform.tls",
                remedy="都是 PEM 文件；certificate 与 key 是一对，key 有口令的写 password = { env = … }",
            ) from None
        return made


Address = Literal["single", "infno", "path"]
"""Where a transaction is posted: all to one address, with its number behind it, with its own REST path behind it."""


@attrs.frozen(kw_only=True)
class Platform:
    """The line to the platform. ``gateway``, ``address``, ``recer_sys_code``, ``infver`` and ``signtype`` are as the
    region has them, where it says them and the file does not (``Region.line``).

    ``address``: ``single`` posts everything to ``url``; ``infno`` puts the transaction's number behind it; ``path``
    puts the transaction's own REST path behind it. ``routes`` gives other addresses to transactions whose number
    begins so. ``connect_seconds`` and ``read_seconds`` are the limits for connecting, and for everything after that
    until the whole answer is there; a file has ``read_seconds`` for each of its pieces. ``answer_megabytes`` is how
    much an answer may have, packed or unpacked. ``environment`` says what it is: trials settle on a ``test`` one alone,
    in ``production`` one at a time, each confirmed by a person; left out, nowhere.
    ``behind_relay``: something of somebody else's stands before the platform and may tell a broken line as a refusal,
    so that one without the platform's marks is none. ``signing``: ``input`` is signed (cainfo). ``name`` is what the
    platform is known by in the journal, where that is not its address: the institution's calls to another platform do
    not go into the same journal. ``msgid_first`` to ``msgid_last``: this desk's part of the message numbers;
    others have journals of their own, and a settlement asks the platform first. ``tls`` is for https that wants more
    than public sites do; ``plain = "专线"`` says that http goes over a line of one's own.
    """

    url: str
    gateway: str = ""
    environment: Literal["test", "production"] | None = None
    address: Address | None = None
    name: str = ""
    routes: dict[str, str] = attrs.field(factory=dict)
    credentials: dict[str, Secret] = attrs.field(factory=dict)
    settings: dict[str, str | bool] = attrs.field(factory=dict)
    recer_sys_code: str = ""
    infver: str = ""
    signtype: str = ""
    signing: InputSigning | None = None
    head: dict[str, str] = attrs.field(factory=dict)
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    msgid_first: int = 0
    msgid_last: int = 9999
    behind_relay: bool = False
    answer_megabytes: int = 32
    tls: PlatformTls | None = None
    plain: Literal["", "专线"] = ""

    def __attrs_post_init__(self) -> None:
        if not re.match(r"https?://", self.url):
            raise ValueError("url 应以 http:// 或 https:// 开头")
        if not 0 <= self.msgid_first < self.msgid_last <= 9999:
            raise ValueError("msgid_first 与 msgid_last 应在 0 到 9999 之间，且前者小")
        if len(self.name) > 200:
            raise ValueError("name 至多 200 个字符")
        if self.connect_seconds <= 0 or self.read_seconds <= 0:
            raise ValueError("connect_seconds 与 read_seconds 应大于 0")
        if not 1 <= self.answer_megabytes <= 1024:
            raise ValueError("answer_megabytes 应为 1 到 1024")

    @property
    def in_clear(self) -> dict[str, str]:
        """The addresses to which messages go in clear beyond this machine, by their key in the file."""
        lines = {"platform.url": self.url} | {f"platform.routes.{name}": url for name, url in self.routes.items()}
        apart = {key: urlsplit(url) for key, url in lines.items()}
        return {key: lines[key] for key, at in apart.items() if at.scheme == "http" and at.hostname not in LOOPBACK}

    @property
    def has_range(self) -> bool:
        """Whether this desk has a part of the message numbers only."""
        return (self.msgid_first, self.msgid_last) != (0, 9999)

    @property
    def identity(self) -> str:
        """What the platform is known by: its name, else its address."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return self.name or f"{parts.hostname}{port}{parts.path.rstrip('/')}"
