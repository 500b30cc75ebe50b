"""Listening: an application at an address of this machine, with a bound for everything that a caller may draw out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..config.clients import ServerSettings, ServerTls
from ..errors import ConfigurationError

BACKLOG = 2048
"""Connections that wait to be taken."""

HEAD_BYTES = 32 * 1024
"""The longest head of a request."""

HEAD_SECONDS = 20.0
"""How long a request's head may be on its way, and a fresh connection without one."""

KEEP_ALIVE_SECONDS = 60
"""How long a connection stays open between two requests."""


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 with no connection whose request's head does not come to its end."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch(True)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch(self._head_is_coming())

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch(self._head_is_coming())  # of the next request, behind the one that was answered

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch(False)
        super().connection_lost(exc)

    def _head_is_coming(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])

    def _watch(self, waits: bool) -> None:
        """Close the connection when its head does not come; ``waits``: whether one is on its way."""
        if not waits and self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        elif waits and self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_SECONDS, self.transport.abort)


def listen(
    app: Any, host: str, port: int, told: Callable[[str], None], settings: ServerSettings, beside: Path, *,
    held: socket.socket | None = None, leaving: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Serve an application until it is told to stop. ``told`` gets the address when it listens, which for port 0 is one
    that was free; ``held`` is a socket that listens there already; ``leaving`` asks requests to end that would go on by
    themselves. The files of ``settings.tls`` are looked for in ``beside``. ConfigurationError where they are none;
    SystemExit where the address is taken."""
    # The key of TLS is read here first: what is wrong with it is said in the words of the file.
    secured = {} if settings.tls is None else _files(settings.tls, beside)

    class Listening(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                told(told_address(self.servers[0].sockets[0], host, settings))

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            leaving()
            await super().shutdown(sockets=sockets)

    server = Listening(
        uvicorn.Config(
            app, host=host, port=port, http=BoundedProtocol, ws="none", log_config=None, log_level="warning",
            access_log=False, server_header=False, proxy_headers=False, h11_max_incomplete_event_size=HEAD_BYTES,
            limit_concurrency=settings.connections, timeout_keep_alive=KEEP_ALIVE_SECONDS, **secured,
        )
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        server.run(None if held is None else [held])
    if not server.started:
        raise SystemExit(1)


def told_address(held: Any, host: str, settings: ServerSettings) -> str:
    """The address that a socket listens at, as it is told."""
    scheme = "http" if settings.tls is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{held.getsockname()[1]}"


def held_at(host: str, port: int) -> socket.socket:
    """A socket that listens at an address, for processes that serve it together. ConfigurationError where the address
    cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as failed:
        told = failed.strerror or failed
        raise ConfigurationError(f"监听不了 {host} 端口 {port}：{told}", path="server.port") from None


def _files(tls: ServerTls, beside: Path) -> dict[str, Any]:
    certificate, key = beside / tls.certificate, beside / tls.key
    for name, path in (("certificate", certificate), ("key", key)):
        if not path.is_file():
            raise ConfigurationError(f"没有文件 {path}", path=f"server.tls.{name}", remedy="写 PEM 文件的路径")
    try:
        # A key with a password would be asked for at the terminal, where nobody sits.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as wrong:
        raise ConfigurationError(
            f"{tls.certificate} 与 {tls.key} 不能用：{getattr(wrong, 'reason', None) or wrong}",
            path="server.tls",
            remedy="证书和没有口令的私钥各一个 PEM 文件，二者是一对",
        ) from None
    return {"ssl_certfile": certificate, "ssl_keyfile": key}
