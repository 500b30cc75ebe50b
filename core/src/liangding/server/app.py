"""The HTTP API: transactions, flows, the journal, health, and the OpenAPI document of all of it.

A deployment's resources stand under ``/v1/deployments/<name>/``; those of the only one, or the first, also directly
under ``/v1/``. Work is done in threads: the event loop never waits for the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from .. import __version__, desk
from ..config.clients import Role
from ..contract.calls import Answer
from ..feed.webhook import untold
from ..flows import Flows
from ..journal import State
from ..journal.states import LATE
from ..receipts.gathering import reprint
from ..receipts.slips import WIDTH, settlement_slip
from ..receipts.statements import Statement
from ..resolution import shown_case
from ..rollout.fleet import glance_at
from ..runtime import Runtime
from ..spec.writing import SHOWN, MessageWriter
from ..uploads.pausing import UploadPause, paused_of
from ..wire.json import encode
from ..workflow.standing import NoSuchFlow
from ..workflow.storing import restore
from .deciding import DecisionDoor
from .devices import DeviceDoor, completed
from .entering import Entrance, named_operator
from .feeding import Feeds
from .frame import BadRequest, Handler, body_of, client_of, guard, json_response, not_found, number_of, with_operator
from .looking import LookDoor
from .openapi import openapi
from .operations import Operations
from .rooms import LOOKS, Room
from .shown import ShownCode
from .uploads import UploadDoor

_shown = MessageWriter(SHOWN)


WithRight = Callable[[Role | None], Callable[[str, Handler, str], Route]]
"""What makes routes that need a right, or any key."""

LIST_LIMIT = 1000
"""Calls that one request may list."""

COLUMNS = 24, 120
"""The narrowest and the widest slip, in half-width characters."""


def api(runtimes: Mapping[str, Runtime]) -> Starlette:
    """The application that serves these deployments, by name; the first is the default one. Its ``state.feeds`` are
    streams that go on until they are closed."""
    feeds = Feeds()
    resources = {name: _Resources(runtime, feeds) for name, runtime in runtimes.items()}
    first = next(iter(resources.values()))
    documents = [f"{_base(name)}/openapi.json" for name in resources]
    mounted: list[BaseRoute] = [Mount(_base(name), routes=each.routes(_base(name))) for name, each in resources.items()]
    own = [
        first.document("/v1", documents if len(documents) > 1 else ()),
        Route("/v1/health", guard(_health(resources), None)),
        *Operations(runtimes, {name: each.entrance for name, each in resources.items()}).routes(),
        *mounted,
        Mount("/v1", routes=first.routes("/v1")),
        *console_of(runtimes),
    ]
    app = Starlette(routes=own, exception_handlers={404: not_found, 405: not_found})
    app.state.feeds = feeds
    return app


def console_of(runtimes: Mapping[str, Runtime]) -> list[BaseRoute]:
    """The console's routes, where a deployment has one: what it needs is loaded then alone."""
    if all(runtime.deployment.console is None for runtime in runtimes.values()):
        return []
    from .console import console_routes

    return console_routes(runtimes)


def _base(name: str) -> str:
    return f"/v1/deployments/{name}"


class _Resources:
    """What one deployment offers."""

    def __init__(self, runtime: Runtime, feeds: Feeds) -> None:
        self.runtime = runtime
        self.flows = Flows(runtime)
        self._room, self._looks_room = Room(runtime.deployment.server.workers), Room(LOOKS)
        code = runtime.deployment.institution.code
        self.entrance = Entrance(runtime.deployment, runtime.journal.report, institution=code)
        self._feed = feeds.of(runtime, self.entrance)

    def routes(self, base: str) -> list[BaseRoute]:
        """What it offers, mounted at ``base``."""

        def with_right(role: Role | None) -> Callable[[str, Handler, str], Route]:
            return lambda path, handler, method: Route(
                path, guard(handler, self.entrance.enter, role, self.runtime.deployment.name), methods=[method]
            )

        return [*self._work(with_right), *self._looks(with_right), self.document(base)]

    def _work(self, with_right: WithRight) -> list[BaseRoute]:
        transactions, flows = with_right("transactions"), with_right("flows")
        return [
            transactions("/transactions/{infno}", self.transaction, "POST"),
            flows("/flows/{flow}", self.start_flow, "POST"),
            flows("/flows/{flow}/by-key", self.find_flow, "GET"),
            flows("/flows/debts", self.show_debts, "GET"),
            flows("/flows/{id}", self.show_flow, "GET"),
            flows("/flows/{id}/answer", self.answer_flow, "POST"),
            flows("/flows/{id}/resume", self.resume_flow, "POST"),
            flows("/flows/{id}/abandon", self.abandon_flow, "POST"),
            flows("/flows/{id}/slip", self.show_slip, "GET"),
            flows("/flows/{id}/statement", self.show_statement, "GET"),
        ]

    def _looks(self, with_right: WithRight) -> list[BaseRoute]:
        desk, journal = with_right("desk"), with_right("journal")
        door = DeviceDoor(self.runtime.devices, lambda asked: completed(asked, self.runtime.deployment))
        return [
            desk("/credentials/decode", self.decode_credential, "POST"),
            *door.routes(with_right("devices")),
            desk("/desk/person", self.desk_person, "POST"),
            desk("/desk/visits", self.desk_visits, "POST"),
            journal("/glance", self.glance, "GET"),
            *LookDoor(self.runtime, self.flows, self._looks_room).routes(journal, with_right("flows")),
            *self._feed.routes(with_right(None)),
            *UploadDoor(self.runtime).routes(with_right("transactions")),
            with_right("decisions")("/journal/{id:int}/case", self.show_case, "GET"),
            *DecisionDoor(self.runtime, self._room, self.entrance).routes(with_right("decisions")),
        ]

    # -- transactions ----------------------------------------------------------------------------------------------

    async def transaction(self, request: Request) -> Response:
        body = await body_of(request, {"input", "insuplc_admdvs", "operator", "head", "bill_date", "meant"})
        bill_date, meant = _day(body.get("bill_date")), body.get("meant", False)
        if not isinstance(meant, bool):
            raise BadRequest("meant 应为 true 或 false", path="meant")
        answer = await self._room.run(
            lambda: self.runtime.call(
                request.path_params["infno"],
                body.get("input"),
                key=request.headers.get("idempotency-key"),
                insured_place=body.get("insuplc_admdvs"),
                operator=named_operator(client_of(request), body.get("operator")),
                head=body.get("head"),
                bill_date=bill_date,
                meant=meant,
            )
        )
        return json_response(_answer(answer))

    # -- flows -----------------------------------------------------------------------------------------------------

    async def start_flow(self, request: Request) -> Response:
        operator, given = await with_operator(request)
        key = request.headers.get("idempotency-key")
        flow = request.path_params["flow"]
        view = await self._room.run(lambda: self.flows.start(flow, given, key=key, operator=operator))
        return json_response(view.as_json(), status=201 if view.new else 200)

    async def find_flow(self, request: Request) -> Response:
        flow, key = request.path_params["flow"], request.query_params.get("key", "")
        day = _day(request.query_params.get("bill_date"))
        view = await self._room.run(lambda: self.flows.find(flow, key, bill_date=day))
        if view is None:
            raise NoSuchFlow(f"没有业务号为 {key} 的{self.flows.flow(flow).title}", path="key")
        return json_response(view.as_json())

    async def show_flow(self, request: Request) -> Response:
        view = await self._room.run(self.flows.get, request.path_params["id"])
        return json_response(view.as_json())

    async def show_debts(self, request: Request) -> Response:
        return json_response([view.as_json() for view in await self._room.run(self.flows.debts)])

    async def answer_flow(self, request: Request) -> Response:
        body = await body_of(request, {"question", "value"})
        value = body.get("value")
        if isinstance(value, dict):
            value = encode(value).decode()
        if not isinstance(value, str):
            raise BadRequest("value 应为字符串：所选答案的 value；凭证可以是对象", path="value")
        view = await self._room.run(
            lambda: self.flows.answer(request.path_params["id"], value, question=body.get("question"))
        )
        return json_response(view.as_json())

    async def resume_flow(self, request: Request) -> Response:
        view = await self._room.run(self.flows.resume, request.path_params["id"])
        return json_response(view.as_json())

    async def abandon_flow(self, request: Request) -> Response:
        view = await self._room.run(self.flows.abandon, request.path_params["id"])
        return json_response(view.as_json())

    # -- slips and statements --------------------------------------------------------------------------------------

    async def show_slip(self, request: Request) -> Response:
        columns = request.query_params.get("columns", str(WIDTH))
        if not (columns.isdecimal() and COLUMNS[0] <= int(columns) <= COLUMNS[1]):
            raise BadRequest(f"columns 在 {COLUMNS[0]} 到 {COLUMNS[1]} 之间", path="columns")
        found = await self._room.run(lambda: self._reprint(request))
        return PlainTextResponse("\n".join(settlement_slip(each, columns=int(columns)) for each in found))

    async def show_statement(self, request: Request) -> Response:
        from ..receipts import statement

        asked = request.query_params

        def make() -> bytes:
            return statement(asked.get("kind", "settlement"), self._reprint(request)[-1], asked.get("paper", "A4"))

        return Response(await self._room.run(make), media_type="application/pdf")

    def _reprint(self, request: Request) -> list[Statement]:
        return reprint(self.flows, request.path_params["id"], setl_id=request.query_params.get("setl_id"))

    # -- the desk --------------------------------------------------------------------------------------------------

    async def decode_credential(self, request: Request) -> Response:
        operator, body = await with_operator(request)
        shown = restore(body, ShownCode, ("body",))
        return json_response(await self._room.run(lambda: shown.decoded(self.runtime, operator)))

    async def desk_person(self, request: Request) -> Response:
        operator, body = await with_operator(request)
        search = restore(body, desk.Search, ("body",))
        view = await self._room.run(lambda: desk.person(self.runtime, search, operator=operator))
        return json_response(view.as_json())

    async def desk_visits(self, request: Request) -> Response:
        operator, body = await with_operator(request)
        search = restore(body, desk.Search, ("body",))
        view = await self._room.run(lambda: desk.visits(self.runtime, search, operator=operator))
        return json_response(view.as_json())

    # -- journal ---------------------------------------------------------------------------------------------------

    async def glance(self, _: Request) -> Response:
        """The deployment at a glance, as ``liangding fleet`` shows it."""
        runtime = self.runtime
        seen = await self._looks_room.run(lambda: glance_at(runtime.known, lambda: runtime.journal, runtime.clock))
        return json_response(seen.as_json())

    async def show_case(self, request: Request) -> Response:
        """A call as the case that a person decides; the platform is asked what it may be."""
        number = number_of(request)
        case = await self._room.run(lambda: shown_case(self.runtime.resolver, self.runtime.journal.call(number)))
        return json_response(case.as_json())

    def paused_uploads(self) -> list[UploadPause]:
        return paused_of(self.runtime.journal, self.runtime.deployment.institution.code)

    def standing(self) -> dict[str, Any]:
        """How the deployment stands: what is unknown or waits for a person."""
        unsettled = self.runtime.journal.latest(states=[State.UNKNOWN, State.OPEN], changes=True, limit=LIST_LIMIT)
        return {
            "province": self.runtime.deployment.province,
            "institution": self.runtime.deployment.institution.code,
            "unknown": sum(call.state is State.UNKNOWN for call in unsettled),
            "open": sum(call.state is State.OPEN for call in unsettled),
            "late": sum(call.resolution == LATE for call in unsettled),
            "debts": len(self.flows.debts()),
            "paused_uploads": [each.infno for each in self.paused_uploads()],
            "untold": untold(self.runtime),
            "keyless": not self.entrance.needs_key,
            "in_clear": sorted(self.runtime.known.in_clear),
        }

    # -- the document ----------------------------------------------------------------------------------------------

    def document(self, base: str, others: Sequence[str] = ()) -> Route:
        """The document of what stands under ``base``, made when it is first asked for."""
        made: list[bytes] = []

        async def openapi_of(_: Request) -> Response:
            if not made:
                made.append(
                    await self._room.run(lambda: encode(openapi(self.runtime, self.flows, base=base, others=others)))
                )
            return Response(made[0], media_type="application/json")

        return Route("/openapi.json", guard(openapi_of, self.entrance.enter))


def _health(resources: Mapping[str, _Resources]) -> Handler:
    """Alive; and how the deployments stand of which the request has a key, or which need none."""

    async def health(request: Request) -> Response:
        known = {name: each for name, each in resources.items() if await each.entrance.known(request)}

        def look() -> dict[str, Any]:
            return {name: each.standing() for name, each in known.items()}

        if not known:
            await next(iter(resources.values())).entrance.refuse(request)
            return json_response({"status": "ok"})
        standing = await to_thread.run_sync(look)
        return json_response({"status": "ok", "version": __version__, "deployments": standing})

    return health


def _day(given: object) -> date | None:
    """A bill's day, as a request names it."""
    if given is None:
        return None
    try:
        return date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise BadRequest("bill_date 应为 yyyy-MM-dd 的日期", path="bill_date") from None


def _answer(answer: Answer[Any]) -> dict[str, Any]:
    return {
        "infno": answer.infno,
        "msgid": answer.msgid,
        "call_id": answer.call_id,
        "output": _shown.write(answer.output),
        "advice": list(answer.advice),
        "findings": [finding.as_json() for finding in answer.findings],
        "recorded": answer.recorded,
    }
