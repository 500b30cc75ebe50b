"""Daily uploads over HTTP: records are taken in at once and sent later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..runtime import Runtime
from ..uploads.queue import Uploads
from ..uploads.records import UploadState
from .frame import BadRequest, Handler, body_of, json_response, number_of

MOST = 1000


class UploadDoor:
    """What the API offers of one deployment's uploads; the queue is opened when it is first asked for."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._opened: Uploads | None = None

    def _uploads(self) -> Uploads:
        if self._opened is None:
            self._opened = Uploads(self._runtime)
        return self._opened

    def routes(self, route: Callable[[str, Handler, str], Route]) -> list[Route]:
        return [
            route("/uploads", self.listed, "GET"),
            route("/uploads/counts", self.counted, "GET"),
            route("/uploads/{id:int}", self.shown, "GET"),
            route("/uploads/{id:int}/withdraw", self.withdrawn, "POST"),
            route("/uploads/{infno}", self.taken_in, "POST"),
        ]

    async def taken_in(self, request: Request) -> Response:
        body = await body_of(request, {"input", "insuplc_admdvs", "day"})
        key, day = request.headers.get("idempotency-key"), _day(body.get("day"))

        def add() -> dict[str, Any]:
            place = body.get("insuplc_admdvs") or ""
            infno = request.path_params["infno"]
            return self._uploads().add(infno, body.get("input"), insured_place=place, key=key, day=day).as_json()

        return json_response(await to_thread.run_sync(add), status=202)

    async def listed(self, request: Request) -> Response:
        asked = request.query_params
        try:
            states = [UploadState(state) for state in asked.getlist("state")]
            most = int(asked.get("limit", "100"))
        except ValueError:
            raise BadRequest(f"state 只能是 {'、'.join(UploadState)}；limit 是整数") from None
        if not 1 <= most <= MOST:
            raise BadRequest(f"limit 在 1 到 {MOST} 之间", path="limit")
        found = await to_thread.run_sync(
            lambda: self._uploads().rows.listed(
                states=states, infno=asked.get("infno", ""), day=asked.get("day", ""), most=most
            )
        )
        return json_response([each.as_json() for each in found])

    async def counted(self, request: Request) -> Response:
        day = request.query_params.get("day", "")
        found = await to_thread.run_sync(lambda: self._uploads().rows.counted(day))
        return json_response(
            [{"infno": infno, "state": state.value, "count": count} for (infno, state), count in sorted(found.items())]
        )

    async def shown(self, request: Request) -> Response:
        number = number_of(request)
        return json_response(await to_thread.run_sync(lambda: self._uploads().rows.get(number).as_json()))

    async def withdrawn(self, request: Request) -> Response:
        number = number_of(request)
        return json_response(await to_thread.run_sync(lambda: self._uploads().withdraw(number).as_json()))


def _day(given: Any) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise BadRequest("day 应写成 2026-11-28", path="day") from None
