"""A simulated platform served over HTTP by a thread of this process: for demonstrations, tests and benchmarks."""

from __future__ import annotations

import socket
import threading
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from .app import simulator_app
from .line import Door


class Port:
    """A free port of the loopback that is held, so that its ``url`` is known before anything is served there."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


class Served:
    """Serve an application on a free port of the loopback, or at ``port``, while the ``with`` block runs; ``url`` says
    where."""

    def __init__(self, app: ASGIApp, port: Port | None = None) -> None:
        at = port or Port()
        self._socket, self.url = at.socket, at.url
        config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class ServedPlatform(Served):
    """Serve the platform behind ``door``."""

    def __init__(self, door: Door, port: Port | None = None) -> None:
        self.door = door
        super().__init__(simulator_app(door), port)
