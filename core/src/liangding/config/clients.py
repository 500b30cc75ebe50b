"""The clients of the local HTTP API: their keys, and what each may do."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import date
from typing import Literal, get_args

import attrs

from ..errors import ConfigurationError
from .secrets import Secret

Role = Literal["transactions", "flows", "journal", "desk", "devices", "decisions"]
"""What a client may do: single transactions; flows, slips and statements; look at the journal; ask for persons and
decode credentials; use devices; decide on cases that wait for a person."""

ROLES: tuple[Role, ...] = get_args(Role)

LOOPBACK = ("127.0.0.1", "::1", "localhost")

PLAIN = "局域网"
"""What a file says where its tills may come without TLS."""

MOST_PROCESSES = 64
"""So many processes may serve one port."""

HASH = "sha256:"
LEAST_BITS = 128
"""So many bits a key must have: then nobody tries them out, and its plain hash gives it away to nobody."""

_ALPHABETS = ((r"[0-9]+", 10), (r"[0-9a-fA-F]+", 16), (r"[0-9a-z]+|[0-9A-Z]+", 36), (r"[0-9A-Za-z_+/=-]+", 64))
_LEAST_KINDS = 10

Find = Callable[[str, Secret], str]
"""What gives the value of a secret; the text says which setting names it."""


@attrs.frozen(kw_only=True)
class ApiKey:
    """A client of the local HTTP API. Its ``key`` is a secret by reference, or kept as a ``hash`` (``sha256:…``;
    ``liangding key --api`` makes both). A name that stands twice has two keys: so one goes while the other comes.

    ``expires`` is the last day that the key is good for, in China. ``roles`` are what it may do, left out: everything;
    ``operators`` whom it may name, left out: everybody; ``institutions`` the codes of those whose business it sees,
    where several have the key in a file that they share, left out: all of these.
    """

    name: str
    key: Secret | None = None
    hash: str = ""
    expires: date | None = None
    roles: list[Role] = attrs.field(factory=lambda: list(ROLES))
    operators: list[str] = attrs.field(factory=list)
    institutions: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= 60 or not self.name.isprintable():
            raise ValueError("name 应为 1 到 60 个可打印的字符")
        if (self.key is None) == (not self.hash):
            raise ValueError("key 与 hash 给一个：key 指明密钥在哪，hash 是它的 sha256")
        if self.hash and not re.fullmatch(rf"{HASH}[0-9a-f]{{64}}", self.hash):
            raise ValueError(f"hash 应为 {HASH} 加 64 位十六进制；liangding key --api 会一并打印")


@attrs.frozen(kw_only=True)
class Client:
    """One key at work: its client's name, the digest that it is known by, and what it may do."""

    name: str
    digest: str = attrs.field(repr=False)
    expires: date | None
    roles: frozenset[str]
    operators: tuple[str, ...]
    institutions: tuple[str, ...] = ()
    weak: str = ""
    """Why the key is weak; empty where it is not, or only its hash is known."""

    def is_mine(self, digest: str) -> bool:
        return hmac.compare_digest(self.digest, digest)

    def sees(self, institution: str) -> bool:
        """Whether it may ask for an institution's business at all."""
        return not self.institutions or institution in self.institutions

    def has_expired(self, today: date) -> bool:
        return self.expires is not None and today > self.expires


@attrs.frozen(kw_only=True)
class ServerTls:
    """What the local API shows to who comes by TLS: the ``certificate`` with those between it and its root, and its
    ``key``; PEM files."""

    certificate: str
    key: str


@attrs.frozen(kw_only=True)
class ServerSettings:
    """The local HTTP API. ``workers`` is how many requests of a deployment are worked on at a time; the next one is
    told that it is busy. ``processes`` is how many processes serve the port (``liangding serve --workers``), each with
    so many ``workers`` of its own; of several deployments in one server the first one's counts. ``names`` are host
    names by which others reach it. Beyond this machine it wants ``tls``, or ``plain = "局域网"`` where the tills'
    programs cannot do that."""

    host: str = "127.0.0.1"
    port: int = 8180
    workers: int = 40
    processes: int = 1
    connections: int = 1000
    names: list[str] = attrs.field(factory=list)
    tls: ServerTls | None = None
    plain: Literal["", "局域网"] = ""
    api_keys: list[ApiKey] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.workers <= 1000:
            raise ValueError("workers 应在 1 到 1000 之间")
        if not 1 <= self.processes <= MOST_PROCESSES:
            raise ValueError(f"processes 应在 1 到 {MOST_PROCESSES} 之间")
        if not 10 <= self.connections <= 100_000:
            raise ValueError("connections 应在 10 到 100000 之间")
        for name in self.names:
            if not re.fullmatch(r"[0-9A-Za-z.:_-]+", name) or "//" in name:
                raise ValueError(f"names 写主机名或地址，不带 http:// 和端口：{name}")

    def keys(self, find: Find) -> dict[str, str]:
        """The keys that are secrets by reference, by client."""
        return {each.name: find(f"server.api_keys.{each.name}", each.key) for each in self.api_keys if each.key}

    def clients(self, find: Find) -> list[Client]:
        """Every key at work. ConfigurationError where one is missing."""
        return [_client(each, find) for each in self.api_keys]


def _client(each: ApiKey, find: Find) -> Client:
    key = find(f"server.api_keys.{each.name}", each.key) if each.key else None
    return Client(
        name=each.name, digest=each.hash if key is None else digest_of(key), expires=each.expires,
        roles=frozenset(each.roles), operators=tuple(each.operators), institutions=tuple(each.institutions),
        weak="" if key is None else weakness(key),
    )  # fmt: skip


def digest_of(key: str) -> str:
    """A key as it may stand in a file."""
    return HASH + hashlib.sha256(key.encode()).hexdigest()


def weakness(key: str) -> str:
    """Why a key is weak, in Chinese; empty where it is not."""
    size = next((size for pattern, size in _ALPHABETS if re.fullmatch(pattern, key)), 94)
    bits = int(len(key) * math.log2(size))
    if bits < LEAST_BITS:
        return f"只有约 {bits} 位，至少要 {LEAST_BITS} 位"
    return "字符重复太多，不像随机数" if len(set(key)) < _LEAST_KINDS else ""


def new_api_key() -> str:
    """A fresh key of 256 bits."""
    return secrets.token_urlsafe(32)


def refuse_weak(clients: Iterable[Client], source: str) -> None:
    """ConfigurationError where one of the keys can be tried out."""
    for client in clients:
        if client.weak:
            raise ConfigurationError(
                f"接口密钥 {client.name} 太弱：{client.weak}",
                path=f"{source}: server.api_keys.{client.name}",
                remedy="liangding key --api 生成一个",
            )
