"""The front door: which requests may come in at all, whoever has a key, and what every answer bears.

A page in a browser on the same machine can send requests here, and a name of its own may be made to point here; a till
does neither. So a request names this machine by an address or a name that is its own, and comes from no foreign page.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from ..config.clients import LOOPBACK
from ..errors import LiangdingError
from ..journal.asking import in_request
from .frame import BadRequest, error_response

Application = Callable[[Any, Any, Any], Awaitable[None]]

EVERY_ANSWER = {
    b"cache-control": b"no-store",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
"""Headers of every answer; what an application says itself stays."""

ALLOWED = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, x-api-key, x-request-id",
    "access-control-allow-private-network": "true",
    "access-control-max-age": "600",
}
"""What the program of an allowed page may send."""

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z._-]+))(?::[0-9]{1,5})?")
_NUMBER = re.compile(r"[0-9A-Za-z_.-]{8,64}")


class ForbiddenHost(LiangdingError):
    """The request names this machine by a name that is not its own."""

    code = "forbidden_host"
    http_status = 403


class ForbiddenOrigin(LiangdingError):
    """A web page asks that this door was not told of."""

    code = "forbidden_origin"
    http_status = 403


class FrontDoor:
    """An application behind its front door. ``names`` are further names of this machine; ``origins`` pages of others
    that may ask, and ``remedy`` what to do for one that may not."""

    def __init__(
        self,
        app: Application,
        *,
        names: Iterable[str] = (),
        origins: Iterable[str] = (),
        remedy: str = "网页不能直接用这个接口：由收银软件来调用",
    ) -> None:
        self._app = app
        self._names = {name.lower() for name in names}
        self._origins = frozenset(origins)
        self._remedy = remedy

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1").strip() for name, value in scope["headers"]}
        given = headers.get(b"x-request-id", "")
        number = given if _NUMBER.fullmatch(given) else secrets.token_hex(8)

        allowed = ""

        async def answered(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                more = [(name, value) for name, value in EVERY_ANSWER.items() if name not in own]
                if allowed:
                    more += [(b"access-control-allow-origin", allowed.encode("latin-1")), (b"vary", b"origin")]
                message = {**message, "headers": [*message["headers"], *more, (b"x-request-id", number.encode())]}
            await send(message)

        with in_request(number):
            try:
                self._refuse_names(headers, scope.get("server"))
                if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
                    raise BadRequest("地址里有空字符（%00）")  # no database keeps one
                allowed = self._allowed_page(headers)
            except LiangdingError as refused:
                await error_response(refused)(scope, receive, answered)
                return
            if allowed and scope["method"] == "OPTIONS":
                await Response(status_code=204, headers=ALLOWED)(scope, receive, answered)
                return
            await self._app(scope, receive, answered)

    def _refuse_names(self, headers: dict[bytes, str], server: tuple[str, int] | None) -> None:
        """ForbiddenHost for a name that is not this machine's. A request without one comes from no browser."""
        given = headers.get(b"host")
        if given is None:
            return
        host = _host_of(given)
        if host in LOOPBACK or host in self._names or host in _own_names() or _is_own(host, server):
            return
        raise ForbiddenHost(
            f"请求头 Host 写的 {host[:80]!r} 不是本机的名字",
            path="Host",
            remedy=f'用本机的地址来访问；这个名字确是本机的，写进部署文件：[server] names = ["{_shown(host)}"]',
        )

    def _allowed_page(self, headers: dict[bytes, str]) -> str:
        """The foreign page that asks and may; empty where none asks. ForbiddenOrigin for any other one, whether its
        program asks or only a link or form of it."""
        origin = headers.get(b"origin")
        if origin is not None:
            if origin in self._origins:
                return origin
            if _place_of(origin) == headers.get(b"host", "").lower() != "":
                return ""
            raise ForbiddenOrigin(f"没有允许网页 {origin[:80]} 使用本机接口", path="Origin", remedy=self._remedy)
        if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
            raise ForbiddenOrigin("别的网页不能使用本机接口", path="Sec-Fetch-Site", remedy=self._remedy)
        return ""


def _place_of(origin: str) -> str:
    """The host and port of an origin; empty where it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _host_of(given: str) -> str:
    """The name or address that a Host header has, without the port; empty where it has none."""
    found = _HOST.fullmatch(given)
    return (found["address"] or found["name"]).lower().rstrip(".") if found else ""


def _shown(host: str) -> str:
    return host if re.fullmatch(r"[0-9a-z.:_-]{1,80}", host) else "主机名"


def _is_own(host: str, server: tuple[str, int] | None) -> bool:
    """Whether it is the address at which the request came in, or another one of this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if address.is_loopback or (server is not None and host == server[0]):
        return True
    return host in _own_addresses()


@cache
def _own_names() -> frozenset[str]:
    return frozenset(name.lower() for name in (socket.gethostname(), socket.getfqdn()) if name)


@cache
def _own_addresses() -> frozenset[str]:
    found = set()
    for name in _own_names():
        try:
            found |= {str(each[4][0]).partition("%")[0] for each in socket.getaddrinfo(name, None)}
        except (OSError, UnicodeError):
            continue
    return frozenset(found)
