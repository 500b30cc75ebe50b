"""Taking up changed deployment files at work: new requests go to what was read anew, old ones end where they began."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..errors import LiangdingError
from ..privacy import logger

log = logger("reloading")

Application = Callable[[Any, Any, Any], Any]
"""An ASGI application."""


class Generation:
    """An application with everything that it works with, until its last request has ended; ``leaving`` asks those
    requests to end that would go on by themselves."""

    def __init__(self, app: Application, close: Callable[[], None], leaving: Callable[[], None] = lambda: None) -> None:
        self.app, self._close, self.leave_off = app, close, leaving
        self._lock = threading.Lock()
        self._under_way, self._retired, self._closed = 0, False, threading.Event()

    def enter(self) -> None:
        with self._lock:
            self._under_way += 1

    def leave(self) -> None:
        with self._lock:
            self._under_way -= 1
        self._close_when_idle()

    def retire(self) -> None:
        """No request comes any more; it closes when the last one has ended."""
        self.leave_off()
        with self._lock:
            self._retired = True
        self._close_when_idle()

    def wait_closed(self, seconds: float | None = None) -> bool:
        """Whether it has closed, within so many seconds."""
        return self._closed.wait(seconds)

    def _close_when_idle(self) -> None:
        with self._lock:
            if not self._retired or self._under_way or self._closed.is_set():
                return
            self._closed.set()
        threading.Thread(target=self._close, name="closing an old generation").start()


class Switchboard:
    """An application that changes under way. ``make`` reads the files and begins a generation; where that fails the old
    one stays, and what is wrong is said."""

    def __init__(self, make: Callable[[], Generation]) -> None:
        self._make = make
        self._changing = threading.Lock()
        self.current = make()

    def reload(self) -> str:
        """Change to what the files say now; empty, or why nothing was changed."""
        with self._changing:
            try:
                fresh = self._make()
            except LiangdingError as failed:
                log.error("not reloaded: %s", failed)
                return str(failed)
            old, self.current = self.current, fresh
        old.retire()
        log.info("reloaded")
        return ""

    def leave_off(self) -> None:
        """The server ends: what would go on by itself is to end, too."""
        self.current.leave_off()

    def close(self) -> None:
        self.current.retire()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        generation = self.current
        generation.enter()
        try:
            await generation.app(scope, receive, send)
        finally:
            generation.leave()


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
