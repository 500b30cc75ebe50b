"""What happened, told as it happens: ``GET /v1/events``, a stream of server-sent events.

A listener holds no thread while nothing happens: one look at the journal a second serves all listeners of a process.
What a listener gets is what its key may see, and a key that is taken back ends it. It goes on where it was by the
number of the last event that it has (``Last-Event-ID``), in whatever process.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ..errors import LiangdingError
from ..feed.happenings import Happening, Topic
from ..feed.sequence import Sequence
from ..privacy import logger
from ..runtime import Runtime
from ..wire.json import encode
from .entering import Entrance, NotAllowedHere
from .frame import BadRequest, Handler, client_of
from .rooms import Busy

log = logger("server")

LISTENERS = 32
"""Listeners of one deployment at a time."""

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 3600
"""A listener is asked to come again after so long: that is nothing to it, and nobody stays who is gone."""

STUCK_SECONDS = 60.0
"""How much longer one has that does not take what it is sent."""

COME_AGAIN = b"retry: 3000\n\n"


class Pulse:
    """How far the sequence of a journal goes, looked at once a second at most, for everybody who waits."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._sequence: Sequence | None = None
        self._at, self._head = 0.0, 0
        self._lock: anyio.Lock | None = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def head(self, *, fresh: bool = False) -> int:
        """The last position; ``fresh``: as it is now. JournalUnavailable."""
        self._lock = self._lock or anyio.Lock()
        async with self._lock:
            if fresh or self._sequence is None or time.monotonic() - self._at >= LOOK_SECONDS:
                self._head = await self.run(lambda sequence: sequence.take_up())
                self._at = time.monotonic()
        return self._head

    async def run(self, work: Callable[[Sequence], Any]) -> Any:
        """Ask the sequence something, in a thread."""
        self._limiter = self._limiter or anyio.CapacityLimiter(2)

        def ask() -> Any:
            if self._sequence is None:
                self._sequence = Sequence(self._runtime.journal, self._runtime.clock.epoch)
            return work(self._sequence)

        return await to_thread.run_sync(ask, limiter=self._limiter)


class Feeds:
    """The streams of all deployments of a server, until they are closed: then each ends within a second."""

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._pulses: dict[int, Pulse] = {}

    def of(self, runtime: Runtime, entrance: Entrance) -> FeedDoor:
        pulse = self._pulses.setdefault(id(runtime.journal.store), Pulse(runtime))
        return FeedDoor(runtime.deployment.institution.code, entrance, pulse, self._closed.is_set)

    def close(self) -> None:
        self._closed.set()


class FeedDoor:
    """What happened at one institution."""

    def __init__(self, institution: str, entrance: Entrance, pulse: Pulse, closed: Callable[[], bool]) -> None:
        self._institution, self._entrance, self._pulse, self._closed = institution, entrance, pulse, closed
        self._listeners = 0

    def routes(self, route: Callable[[str, Handler, str], Route]) -> list[Route]:
        return [route("/events", self.listen, "GET")]

    async def listen(self, request: Request) -> Response:
        """A stream of what happens from now on, or behind the event that the request names."""
        seconds = _seconds(request)
        kinds = self._kinds(request)
        if not kinds:
            rights = "、".join(dict.fromkeys(kind.role for kind in Topic))
            raise NotAllowedHere(f"密钥 {client_of(request).name} 没有可以听的：要 {rights} 之一的权限")
        head = await self._pulse.head(fresh=True)
        named = request.headers.get("last-event-id") or request.query_params.get("after", "")
        position, missed = await self._pulse.run(lambda sequence: _place(sequence, named, head))
        if self._listeners >= LISTENERS:
            raise Busy(f"已有 {LISTENERS} 路在听", remedy="一个程序开一路就够；用完的关掉，再来")
        self._listeners += 1
        return _EventStream(self._told(request, position, seconds, missed=missed), seconds, self._left)

    def _left(self) -> None:
        self._listeners -= 1

    def _kinds(self, request: Request) -> list[Topic]:
        roles = client_of(request).roles
        return [kind for kind in Topic if kind.role in roles]

    async def _told(self, request: Request, position: int, seconds: int, *, missed: bool) -> AsyncIterator[bytes]:
        try:
            yield COME_AGAIN
            if missed:
                yield b"event: missed\ndata: {}\n\n"
            async for piece in self._pieces(request, position, time.monotonic() + seconds):
                yield piece
        except LiangdingError as failed:
            log.warning("a listener has to come again: %s", failed.code)

    async def _pieces(self, request: Request, position: int, until: float) -> AsyncIterator[bytes]:
        said = time.monotonic()
        kinds = self._kinds(request)
        while True:
            head = await self._pulse.head()
            name = await self._pulse.run(lambda sequence: sequence.name)
            while position < head:
                behind = functools.partial(Sequence.after, position=position, institution=self._institution)
                found = await self._pulse.run(functools.partial(behind, kinds=kinds, upto=head))
                for at, each in found:
                    yield _event(f"{name}-{at}", each)
                position, said = found[-1][0] if found else head, time.monotonic()
            if self._closed() or time.monotonic() >= until:
                return
            if time.monotonic() - said >= HEARTBEAT_SECONDS:
                client = await self._entrance.known(request)
                if client is None or any(kind.role not in client.roles for kind in kinds):
                    return
                said = time.monotonic()
                yield f"id: {name}-{position}\n: 在听\n\n".encode()
            await anyio.sleep(min(LOOK_SECONDS, max(until - time.monotonic(), 0.0)))


class _EventStream(StreamingResponse):
    """A stream that ends, whether or not the other side takes it; ``left`` is told when it has."""

    def __init__(self, pieces: AsyncIterator[bytes], seconds: int, left: Callable[[], None]) -> None:
        super().__init__(pieces, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        self._longest, self._left = seconds + STUCK_SECONDS, left

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            with anyio.move_on_after(self._longest):
                await super().__call__(scope, receive, send)
        finally:
            self._left()


def _event(number: str, happening: Happening) -> bytes:
    data = encode(happening.as_json()).decode()
    return f"id: {number}\nevent: {happening.kind.value}\ndata: {data}\n\n".encode()


def _place(sequence: Sequence, named: str, head: int) -> tuple[int, bool]:
    """Where to go on behind an event, and whether something was missed since: it is too long ago, or of another
    journal. BadRequest where it is no event's number."""
    if not named:
        return head, False
    if named == "0":
        return 0, False
    name, _, number = named.rpartition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19 and len(name) <= 16):
        raise BadRequest("写收到的最后一个事件的 id，或 0：从留着的最早一个起", path="Last-Event-ID")
    if name == sequence.name and sequence.has(int(number)):
        return int(number), False
    return 0, True


def _seconds(request: Request) -> int:
    given = request.query_params.get("seconds", str(LONGEST_SECONDS))
    if not (given.isascii() and given.isdecimal() and len(given) < 6 and int(given) <= LONGEST_SECONDS):
        raise BadRequest(f"seconds 是 0 到 {LONGEST_SECONDS} 之间的整数", path="seconds")
    return int(given)
