"""The door that notices come in by: its own address on the line's side, never the local API's."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..config.services import Listener
from ..runtime import Runtime
from ..wire.json import encode
from .receiving import ReceivedNotice, Receiver

LARGEST = 2**20
"""Bytes of a notice at most."""


def notice_app(receiver: Receiver) -> Starlette:
    """The application of one service's notices: its paths, by POST, and nothing else."""

    async def take(request: Request) -> Response:
        held = bytearray()
        async for piece in request.stream():
            held += piece
            if len(held) > LARGEST:
                return _answer(ReceivedNotice(status=413, success=False, message="通知过长"))
        return _answer(await to_thread.run_sync(receiver.receive, request.url.path, bytes(held)))

    return Starlette(routes=[Route(path, take, methods=["POST"]) for path in receiver.paths])


def _answer(received: ReceivedNotice) -> Response:
    return Response(encode(received.as_json()), status_code=received.status, media_type="application/json")


@contextlib.contextmanager
def listening(runtime: Runtime) -> Iterator[list[str]]:
    """While the block runs: a door for each service of the deployment that has a listener. Says where they are."""
    services = runtime.known.services
    with contextlib.ExitStack() as opened:
        doors = []
        for name in services.names():
            listener = services.named(name).listener
            if listener is not None:
                doors.append(opened.enter_context(_door(Receiver(runtime, name), listener)))
        yield doors


@contextlib.contextmanager
def _door(receiver: Receiver, listener: Listener) -> Iterator[str]:
    """Files that are read anew open the new door before the old one closes: both may listen meanwhile."""
    at = (listener.host, listener.port)
    held = socket.create_server(at, reuse_port=hasattr(socket, "SO_REUSEPORT"))
    config = uvicorn.Config(notice_app(receiver), log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([held],), name="notices", daemon=True)
    thread.start()
    try:
        yield f"http://{listener.host}:{held.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        held.close()
