"""One HTTP exchange, and what is certain about it when it fails: did any byte leave, or not.

A call has one limit for its whole answer, in seconds and in bytes, packed and unpacked, however many pieces it has.
What changes something (it goes out with ``connection: close``) has a connection of its own; for what asks, none is used
again on which more came than its answer: what is left there belongs to nobody.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import attrs
import httpcore
import httpx

from .. import __version__
from .tls import LineTls, tls_failure
from .unpacking import BadlyPacked, TooLarge, unpacked


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


OVERTAKEN = "overtaken"
"""The failure of a call that waited so long before it left that somebody else had taken it up: it did not leave."""


class Transport(Protocol):
    """The line to the platform."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Send ``body`` once and wait for the answer. Never raises for what the network does, never repeats."""

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        """The same, with the answer's content handed to ``receive`` as it comes, whatever its status."""

    def close(self) -> None: ...


CONTENT_TYPE = "application/json; charset=utf-8"
USER_AGENT = f"liangding/{__version__}"


class Overtaken(Exception):
    """What was about to leave must not leave any more."""


_BEFORE_THE_FIRST_BYTE = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
    httpx.InvalidURL,
    UnicodeEncodeError,
    Overtaken,
)

_FAILURES: tuple[tuple[type[Exception], str, str], ...] = (
    (httpcore.ConnectTimeout, "connect_timeout", "连接超时，未发出"),
    (httpcore.ConnectError, "connect_failed", "连不上平台，未发出"),
    (httpcore.PoolTimeout, "pool_timeout", "连接都在用，未发出"),
    (httpcore.UnsupportedProtocol, "bad_url", "地址不是 http 或 https，未发出"),
    (httpx.InvalidURL, "bad_url", "地址不正确，未发出"),
    (httpcore.LocalProtocolError, "bad_request", "请求无法组成，未发出"),
    (UnicodeEncodeError, "bad_request", "请求无法组成，未发出"),
    (Overtaken, OVERTAKEN, "等得太久，期间已被别处接手，未发出"),
    (httpcore.ReadTimeout, "read_timeout", "等应答超时"),
    (httpcore.WriteTimeout, "write_timeout", "发送中超时"),
    (httpcore.TimeoutException, "timeout", "超时"),
    (httpcore.RemoteProtocolError, "cut", "应答中断"),
    (TooLarge, "too_large", "应答太大，不再收"),
    (BadlyPacked, "undecodable", "应答的压缩无法解开"),
    (httpcore.NetworkError, "network", "网络中断"),
    (Exception, "http", "传输失败"),
)

_NETWORK = (
    Overtaken,
    httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    httpx.InvalidURL, UnicodeEncodeError, TooLarge, BadlyPacked,
)  # fmt: skip
"""What an exchange fails of."""


FAILURE_NAMES = {failure: message.removesuffix("，未发出") for _, failure, message in _FAILURES} | {
    "bad_certificate": "平台的证书没有通过核对", "tls_failed": "与平台的 TLS 没有谈成",
}  # fmt: skip
"""What to call a failure, for people."""

MEGABYTE = 1 << 20
HEAD_BYTES = 1 << 16


class HttpTransport:
    """HTTP with a limit for connecting and one for everything after that, in seconds; ``answer_bytes`` is what an
    answer may have, packed or unpacked. A file is not held to them as a whole: each of its pieces has
    ``read_seconds``. Safe to share between threads.

    Environment proxies are ignored: the insurance line is a private network. Idle connections are dropped early, so
    that a query seldom meets one that the other side has just closed.
    """

    def __init__(
        self, *, connect_seconds: float, read_seconds: float, connections: int = 64,
        answer_bytes: int = 32 * MEGABYTE, tls: LineTls | None = None,
    ) -> None:  # fmt: skip
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._answer_bytes = answer_bytes
        self._tls = functools.cache((tls or LineTls()).context)
        self._connections = connections
        self._here = _Here()
        self._pools: dict[bool, httpcore.ConnectionPool] = {}
        self._opening = threading.Lock()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        self._here.receiving = receiving = _Receiving(seconds=self._read_seconds, most=self._answer_bytes)

        def receive(head: Exchange, content: Iterator[bytes]) -> Exchange:
            return attrs.evolve(head, body=b"".join(content))

        return self._exchange(url, headers, body, receive, receiving)

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        self._here.receiving = receiving = _Receiving()
        return self._exchange(url, headers, body, receive, receiving)

    def _exchange(
        self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive, receiving: _Receiving
    ) -> Exchange:
        sent = {"content-type": CONTENT_TYPE, "user-agent": USER_AGENT, **headers}
        seconds = {
            "connect": self._connect_seconds, "pool": self._connect_seconds,
            "read": self._read_seconds, "write": self._read_seconds,
        }  # fmt: skip
        try:
            with contextlib.ExitStack() as held:
                parts = httpx.URL(url)
                if parts.scheme not in ("http", "https") or not parts.host:
                    raise httpcore.UnsupportedProtocol(parts.scheme)
                pool = self._pool(parts.scheme == "https", sent, held)
                answer = held.enter_context(pool.stream("POST", _address(parts), headers=_lines(sent), content=body,
                                                        extensions={"timeout": seconds}))  # fmt: skip
                told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                head = Exchange(status=answer.status, content_type=told.get("content-type", ""))
                pieces = unpacked(told.get("content-encoding", ""), answer.iter_stream(), receiving.most)
                whole = receive(head, pieces)
                receiving.ends(told.get("content-length"))
                return whole
        except _NETWORK as failed:
            return _failed(failed)

    def _pool(self, secure: bool, headers: Mapping[str, str], held: contextlib.ExitStack) -> httpcore.ConnectionPool:
        """The connections of a call: one of its own where it asks for that, else those that are shared."""
        alone = any(name.lower() == "connection" and value.lower() == "close" for name, value in headers.items())
        if alone:
            return held.enter_context(self._opened(secure, 1))
        with self._opening:
            if secure not in self._pools:
                self._pools[secure] = self._opened(secure, self._connections)
            return self._pools[secure]

    def _opened(self, secure: bool, connections: int) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=self._tls() if secure else None, max_connections=connections, keepalive_expiry=4,
            network_backend=_Network(self._here),
        )  # fmt: skip

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()


def _address(parts: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path)


def _lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _failed(error: Exception) -> Exchange:
    secured = tls_failure(error) if isinstance(error, httpcore.ConnectError) else None
    if secured is not None:
        return Exchange(failure=secured[0], message=secured[1], sent=False)
    _, failure, message = next(known for known in _FAILURES if isinstance(error, known[0]))
    return Exchange(failure=failure, message=message, sent=not isinstance(error, _BEFORE_THE_FIRST_BYTE))


_still: threading.local = threading.local()


@contextlib.contextmanager
def leaving_only_while(allowed: Callable[[], bool]) -> Iterator[None]:
    """Within it a request of this thread leaves only as long as ``allowed`` says so, which is asked before each of its
    pieces: without its last one it is no request."""
    _still.allowed = allowed
    try:
        yield
    finally:
        _still.allowed = None


# -- one limit for all pieces ------------------------------------------------------------------------------------------


class _Receiving:
    """What one call may still take, and what came so far. ``seconds`` count from its first byte on."""

    def __init__(self, *, seconds: float | None = None, most: int | None = None) -> None:
        self.most = most
        self._seconds = seconds
        self._until: float | None = None
        self._count = 0
        self._head = b""
        self.stream: _Stream | None = None

    def left(self, given: float | None) -> float | None:
        """The seconds that the next piece has."""
        if self._seconds is None:
            return given
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        left = self._until - time.monotonic()
        return left if given is None else min(given, left)

    def takes(self, stream: _Stream, data: bytes) -> None:
        """Count a piece. TooLarge where there are too many."""
        self.stream = stream
        self._count += len(data)
        if len(self._head) < HEAD_BYTES:
            self._head += data[:HEAD_BYTES]
        if self.most is not None and self._count > self.most + HEAD_BYTES:
            raise TooLarge

    def ends(self, length: str | None) -> None:
        """The answer is whole. A connection on which not exactly that came is not used again."""
        head = self._head.find(b"\r\n\r\n") + 4
        exact = length is not None and length.isdigit() and self._count == head + int(length)
        if self.stream is not None and not exact:
            self.stream.spoilt = True


class _Here(threading.local):
    """What the call of this thread receives."""

    receiving: _Receiving | None = None


class _Stream(httpcore.NetworkStream):
    """A connection whose pieces are held to the limits of the call that they are for."""

    def __init__(self, inner: httpcore.NetworkStream, here: _Here) -> None:
        self._inner, self._here = inner, here
        self.spoilt = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        receiving = self._here.receiving
        if receiving is None:
            return self._inner.read(max_bytes, timeout)
        left = receiving.left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ReadTimeout("the answer's time is over")
        data = self._inner.read(max_bytes, left)
        receiving.takes(self, data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        allowed: Callable[[], bool] | None = getattr(_still, "allowed", None)
        if allowed is not None and not allowed():
            raise Overtaken
        left = timeout if self._here.receiving is None else self._here.receiving.left(timeout)
        if left is not None and left <= 0:
            raise httpcore.WriteTimeout("the call's time is over")
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._here)

    def get_extra_info(self, info: str) -> Any:
        return True if info == "is_readable" and self.spoilt else self._inner.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    def __init__(self, here: _Here) -> None:
        self._inner, self._here = httpcore.SyncBackend(), here

    def connect_tcp(self, *where: Any, **more: Any) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(*where, **more), self._here)
