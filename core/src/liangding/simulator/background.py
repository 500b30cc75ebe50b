"""A simulated platform served over HTTP by a thread of this process: for demonstrations, tests and benchmarks."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
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


TICK = 0.1
"""Seconds between two looks of a server at what is due."""


class _Server(uvicorn.Server):
    """One that ends when it is told to and not at its next look: a rig is made and ended for every test."""

    _leaving: asyncio.Event | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._leaving, self._loop = asyncio.Event(), asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - they tell nobody when they end
            await asyncio.sleep(0.005)

    def leave(self) -> None:
        self.should_exit = True
        if self._loop is not None and self._leaving is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._leaving.set)


class Served:
    """Serve an application on a free port of the loopback, or at ``port``, while the ``with`` block runs; ``url`` says
    where."""

    def __init__(self, app: ASGIApp, port: Port | None = None) -> None:
        at = port or Port()
        self._socket, self.url = at.socket, at.url
        config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off")
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.leave()
        self._thread.join()
        self._socket.close()


class ServedPlatform(Served):
    """Serve the platform behind ``door``."""

    def __init__(self, door: Door, port: Port | None = None) -> None:
        self.door = door
        super().__init__(simulator_app(door), port)
