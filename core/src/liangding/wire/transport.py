"""One HTTP exchange, and what is certain about it when it fails: did any byte leave, or not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import attrs
import httpx

from .. import __version__


@attrs.frozen(kw_only=True)
class Exchange:
    """What happened on the line.

    ``failure`` is empty when an answer came in whole. ``sent`` is False only where it is certain that nothing left.
    """

    status: int | None = None
    content_type: str = ""
    body: bytes = b""
    failure: str = ""
    message: str = ""
    sent: bool = True


Receive = Callable[[Exchange, Iterator[bytes]], Exchange]
"""What takes an answer's content piece by piece: it gets the exchange without a body, and gives back the whole one."""


class Carriage(Protocol):
    """The way of one call over the line."""

    def packed(self, envelope: bytes) -> tuple[dict[str, str], bytes]:
        """The headers that the form needs, and the body that goes out for the recorded ``envelope``."""

    def receive(self, head: Exchange, content: Iterator[bytes]) -> Exchange:
        """The whole exchange, of which ``head`` lacks the body; network errors pass through."""


class Transport(Protocol):
    """The line to the platform."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Send ``body`` once and wait for the answer. Never raises for what the network does, never repeats."""

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        """The same, with the answer's content handed to ``receive`` as it comes, whatever its status."""

    def close(self) -> None: ...


CONTENT_TYPE = "application/json; charset=utf-8"
USER_AGENT = f"liangding/{__version__}"

_BEFORE_THE_FIRST_BYTE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)

_FAILURES: tuple[tuple[type[Exception], str, str], ...] = (
    (httpx.ConnectTimeout, "connect_timeout", "连接超时，未发出"),
    (httpx.ConnectError, "connect_failed", "连不上平台，未发出"),
    (httpx.PoolTimeout, "pool_timeout", "连接都在用，未发出"),
    (httpx.UnsupportedProtocol, "bad_url", "地址不是 http 或 https，未发出"),
    (httpx.InvalidURL, "bad_url", "地址不正确，未发出"),
    (httpx.LocalProtocolError, "bad_request", "请求无法组成，未发出"),
    (httpx.ReadTimeout, "read_timeout", "等应答超时"),
    (httpx.WriteTimeout, "write_timeout", "发送中超时"),
    (httpx.TimeoutException, "timeout", "超时"),
    (httpx.RemoteProtocolError, "cut", "应答中断"),
    (httpx.DecodingError, "undecodable", "应答的压缩无法解开"),
    (httpx.NetworkError, "network", "网络中断"),
    (httpx.HTTPError, "http", "传输失败"),
)


FAILURE_NAMES = {failure: message.removesuffix("，未发出") for _, failure, message in _FAILURES}
"""What to call a failure, for people."""


class HttpTransport:
    """httpx with separate limits for connecting and for waiting, in seconds. Safe to share between threads.

    Its transport is used without the client's sessions, cookies and redirects, of which this line has none.

    Environment proxies are ignored: the insurance line is a private network. Idle connections are dropped early, so
    that a call seldom meets one that the other side has just closed.
    """

    def __init__(self, *, connect_seconds: float, read_seconds: float, connections: int = 64) -> None:
        self._timeout = httpx.Timeout(read_seconds, connect=connect_seconds, pool=connect_seconds).as_dict()
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=4)
        self._line = httpx.HTTPTransport(limits=limits, trust_env=False)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        sent = {"content-type": CONTENT_TYPE, "user-agent": USER_AGENT, **headers}
        try:
            request = httpx.Request("POST", url, headers=sent, content=body, extensions={"timeout": self._timeout})
            answer = self._line.handle_request(request)
            content = answer.read()
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
            return _failed(failed)
        return Exchange(status=answer.status_code, content_type=answer.headers.get("content-type", ""), body=content)

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        sent = {"content-type": CONTENT_TYPE, "user-agent": USER_AGENT, **headers}
        try:
            request = httpx.Request("POST", url, headers=sent, content=body, extensions={"timeout": self._timeout})
            with contextlib.closing(self._line.handle_request(request)) as answer:
                head = Exchange(status=answer.status_code, content_type=answer.headers.get("content-type", ""))
                return receive(head, answer.iter_bytes())
        except (httpx.HTTPError, httpx.InvalidURL) as failed:
            return _failed(failed)

    def close(self) -> None:
        self._line.close()


def _failed(error: Exception) -> Exchange:
    _, failure, message = next(known for known in _FAILURES if isinstance(error, known[0]))
    return Exchange(failure=failure, message=message, sent=not isinstance(error, _BEFORE_THE_FIRST_BYTE))
