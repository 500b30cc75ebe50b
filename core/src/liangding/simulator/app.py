"""The simulated platform over HTTP: any path takes requests; ``/_simulator/`` inspects and breaks it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import attrs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..clock import ShiftedClock, now
from ..wire.json import decode, encode
from .faults import Fault, FaultRule
from .line import Door, Reaction

ADMIN = "/_simulator"


def simulator_app(door: Door) -> ASGIApp:
    """The ASGI application of one simulated platform."""
    return _App(door, _admin(door))


class _App:
    def __init__(self, door: Door, admin: Starlette) -> None:
        self._door = door
        self._admin = admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ADMIN):
            await self._admin(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        await _send(self._door.receive(headers, body, scope["path"]), send)


async def _send(reaction: Reaction, send: Send) -> None:
    if reaction.delay:
        await asyncio.sleep(reaction.delay)
    if reaction.upto == 0:
        _hang_up(send)
        return
    headers = [
        (b"content-type", reaction.content_type.encode()),
        (b"content-length", str(len(reaction.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": reaction.status, "headers": headers})
    if reaction.upto is None:
        await send({"type": "http.response.body", "body": reaction.body})
        return
    await send({"type": "http.response.body", "body": reaction.body[: reaction.upto], "more_body": True})
    await asyncio.sleep(0.01)
    _hang_up(send)


def _hang_up(send: Send) -> None:
    """Break the connection as a failing line does. ASGI has no word for it, so uvicorn's transport is taken."""
    cycle: Any = getattr(send, "__self__", None)
    with contextlib.suppress(AttributeError):
        cycle.disconnected = True
        cycle.transport.abort()


def _json(value: Any) -> Response:
    return Response(encode(value), media_type="application/json")


def _break(door: Door, given: dict[str, Any]) -> None:
    """One fault by rule, or a share of all calls by seed. TypeError, ValueError where ``given`` says neither."""
    if "seed" in given:
        kinds = [Fault(kind) for kind in given.get("kinds", list(Fault))]
        share, seconds = float(given.get("share", 0.1)), float(given.get("seconds", 0.0))
        door.faults.by_seed(int(given["seed"]), share, kinds, seconds)
    else:
        door.faults.add(FaultRule(**{**given, "fault": Fault(str(given.get("fault")))}))


def _admin(door: Door) -> Starlette:
    async def ledger(_: Request) -> Response:
        return _json(door.platform.world.ledger())

    async def requests(_: Request) -> Response:
        return _json([{"msgid": msgid, "infno": infno} for msgid, infno in door.platform.requests])

    async def people(request: Request) -> Response:
        held = door.platform.world.people
        if request.method == "POST":
            try:
                given = decode(await request.body())
                return _json([attrs.asdict(person) for person in door.more_people(given["case"], int(given["count"]))])
            except (TypeError, ValueError, KeyError) as wrong:
                return Response(encode({"message": str(wrong)}), status_code=422)
        return _json([attrs.asdict(person) for person in held.all])

    async def sold(_: Request) -> Response:
        held = door.platform.world.sold.values()
        return _json([{"code": s.code, "setl_id": s.setl_id, "returned": s.returned} for s in held])

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            door.faults.clear()
        elif request.method == "POST":
            try:
                _break(door, decode(await request.body()))
            except (TypeError, ValueError) as wrong:
                return Response(encode({"message": str(wrong), "faults": list(Fault)}), status_code=422)
        return _json([attrs.asdict(rule) for rule in door.faults.rules])

    async def time(request: Request) -> Response:
        clock, world = door.platform.clock, door.platform.world
        if request.method == "POST":
            try:
                given = decode(await request.body())
                forward = max(0.0, float(given.get("forward", 0.0)))
                shift = clock.shift + forward if isinstance(clock, ShiftedClock) else None
                door.set_time(shift, max(0.0, float(given.get("query_delay", world.query_delay))))
            except (TypeError, ValueError) as wrong:
                return Response(encode({"message": str(wrong)}), status_code=422)
            door.commit_late()
        return _json({"now": str(now(clock)), "query_delay": world.query_delay, "late": door.late})

    return Starlette(
        routes=[
            Route(f"{ADMIN}/ledger", ledger),
            Route(f"{ADMIN}/requests", requests),
            Route(f"{ADMIN}/people", people, methods=["GET", "POST"]),
            Route(f"{ADMIN}/sold", sold),
            Route(f"{ADMIN}/faults", faults, methods=["GET", "POST", "DELETE"]),
            Route(f"{ADMIN}/time", time, methods=["GET", "POST"]),
        ]
    )
