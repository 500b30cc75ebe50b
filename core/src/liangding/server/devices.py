"""Devices over HTTP: those of a deployment beside its other resources, those of a till on its own loopback.

A till's door refuses web pages that it was not told of: any page that the till's browser shows can reach the loopback.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from .. import __version__
from ..config import Deployment
from ..config.till import Till
from ..contract.devices import PasswordRequest, ReadRequest
from ..devices import Devices
from ..workflow.storing import restore, stored
from .door import FrontDoor
from .entering import Entrance
from .frame import BadRequest, Handler, body_of, guard, json_response, not_found
from .rooms import DEVICES, Room

LONGEST = 600.0
"""Seconds that one request may wait for somebody to show something."""


class DeviceDoor:
    """What is offered of some devices. ``complete`` fills in what a request leaves out."""

    def __init__(self, devices: Devices, complete: Callable[[ReadRequest], ReadRequest] | None = None) -> None:
        self._devices = devices
        self._room = Room(DEVICES)
        self._complete = complete or (lambda asked: asked)

    def routes(self, route: Callable[[str, Handler, str], Route]) -> list[BaseRoute]:
        return [
            route("/devices", self.listed, "GET"),
            route("/devices/read", self.read, "POST"),
            route("/devices/verify-password", self.verify_password, "POST"),
            route("/devices/change-password", self.change_password, "POST"),
            route("/devices/cancel", self.cancel, "POST"),
        ]

    async def listed(self, _: Request) -> Response:
        return json_response(self._devices.listed())

    async def read(self, request: Request) -> Response:
        device, body = await _with_device(request)
        asked = self._complete(restore(body, ReadRequest, ("body",)))
        if not 0 < asked.seconds <= LONGEST:
            raise BadRequest(f"seconds 在 0 到 {LONGEST:.0f} 之间", path="seconds")
        reading = await self._room.run(lambda: self._devices.read(asked, device=device))
        return json_response(stored(reading))

    async def verify_password(self, request: Request) -> Response:
        return await self._password(request, self._devices.verify_password)

    async def change_password(self, request: Request) -> Response:
        return await self._password(request, self._devices.change_password)

    async def _password(self, request: Request, do: Callable[..., None]) -> Response:
        device, body = await _with_device(request)
        asked = restore(body, PasswordRequest, ("body",))
        await self._room.run(lambda: do(asked, device=device))
        return json_response({"ok": True})

    async def cancel(self, _: Request) -> Response:
        return json_response({"cancelled": await to_thread.run_sync(self._devices.cancel)})


async def _with_device(request: Request) -> tuple[str | None, dict[str, Any]]:
    """The device that a body names, and the rest of it."""
    body = await body_of(request, None)
    device = body.pop("device", None)
    if device is not None and not isinstance(device, str):
        raise BadRequest("device 应为设备名", path="device")
    return device, body


def till_app(till: Till, devices: Devices) -> FrontDoor:
    """A till's devices on its own door: the same paths as a deployment's, and no others."""
    entrance = Entrance(till, lambda kind, detail: None)

    def route(path: str, handler: Handler, method: str) -> Route:
        return Route(path, guard(handler, entrance.enter, "devices"), methods=[method])

    async def health(_: Request) -> Response:
        return json_response({"status": "ok", "version": __version__, "devices": devices.listed()})

    routes = [Route("/v1/health", guard(health, None)), Mount("/v1", routes=DeviceDoor(devices).routes(route))]
    app = Starlette(routes=routes, exception_handlers={404: not_found, 405: not_found})
    remedy = "网页要用本机设备的，把它的来源写进 origins"
    return FrontDoor(app, names=till.server.names, origins=till.origins, remedy=remedy)


def completed(asked: ReadRequest, deployment: Deployment) -> ReadRequest:
    """A request with what the deployment knows in the place of what it leaves out."""
    institution, operator = deployment.institution, deployment.operator(asked.operator or None)
    return attrs.evolve(
        asked, institution=asked.institution or institution.code, area=asked.area or institution.area,
        operator=operator.code, operator_name=asked.operator_name or operator.name,
    )  # fmt: skip
