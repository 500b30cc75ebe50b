"""Looks at what was done: calls and flows found by number, time and amount, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

import attrs
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ..clock import CHINA
from ..errors import LiangdingError
from ..flows import Flows, Status
from ..journal import State
from ..journal.searching import CallSearch
from ..privacy import logger
from ..runtime import Runtime
from .entering import NotAllowedHere
from .frame import BadRequest, body_of, client_of, json_response, number_of
from .rooms import Room

log = logger("server")

E = TypeVar("E", bound=StrEnum)

MOST_CALLS, MOST_FLOWS, USUAL = 1000, 200, 50
"""How many one request may list, and how many it lists where it does not say."""


SEARCHED = {
    "state", "infno", "number", "psn_no", "operator", "since", "until", "least", "most", "before", "limit",
}  # fmt: skip
"""What a search in a body may name."""

IN_ADDRESS = SEARCHED - {"psn_no"}
FLOWS_SEARCHED = {"status", "flow", "number", "since", "until", "before", "limit"}
"""What a search in an address may name, of calls and of flows."""

NUMBERED = {"bill_no", "msgid", "setl_id", "mdtrt_id", "key", "inf_refmsgid"}
OF_PERSONS = {"psn_no", "psn_name", "certno", "mdtrt_cert_no", "person"}


class LookDoor:
    """Looks at the journal of one deployment."""

    def __init__(self, runtime: Runtime, flows: Flows, room: Room) -> None:
        self._runtime, self._flows, self._room = runtime, flows, room

    def routes(self, journal: Callable[..., BaseRoute], flows: Callable[..., BaseRoute]) -> list[BaseRoute]:
        return [
            journal("/journal", self.list_calls, "GET"),
            journal("/journal/search", self.search_calls, "POST"),
            journal("/journal/{id:int}", self.show_call, "GET"),
            flows("/flows", self.list_flows, "GET"),
        ]

    async def list_calls(self, request: Request) -> Response:
        """The calls that fit, the latest first; the next page is asked for with the last one's id as ``before``."""
        _refuse_others(request.query_params, IN_ADDRESS)
        return await self._calls(request.query_params)

    async def search_calls(self, request: Request) -> Response:
        """The same, asked for in a body: a person's number belongs in no address. NotAllowedHere for who may not ask
        for persons."""
        body = await body_of(request, SEARCHED)
        given = [
            (name, each) for name, value in body.items() for each in (value if isinstance(value, list) else [value])
        ]
        if any(isinstance(each, bool) or not isinstance(each, str | int | Decimal) for _, each in given):
            raise BadRequest("各条件应为文本或数，state 可以是文本的列表")
        person = str(body.get("psn_no", ""))
        if person and "desk" not in client_of(request).roles:
            raise NotAllowedHere("按参保人找要有 desk 权限", path="psn_no")
        return await self._calls(QueryParams([(name, str(each)) for name, each in given]), person)

    async def _calls(self, asked: QueryParams, person: str = "") -> Response:
        wanted = attrs.evolve(search_of(asked), person=person)
        before = _whole(asked, "before", None, most=2**63 - 1)
        limit = _whole(asked, "limit", USUAL, most=MOST_CALLS) or USUAL
        found = await self._room.run(lambda: self._runtime.journal.search(wanted, before=before, limit=limit))
        return json_response([call.as_json() for call in found])

    async def show_call(self, request: Request) -> Response:
        call = await self._room.run(self._runtime.journal.call, number_of(request))
        return json_response(call.as_json())

    async def list_flows(self, request: Request) -> Response:
        """The flows that fit, the latest first; the next page is asked for with the last one's id as ``before``."""
        asked = request.query_params
        _refuse_others(asked, FLOWS_SEARCHED)
        told: dict[str, Any] = {
            "statuses": [each.value for each in _words(asked, "status", Status)], "flow": asked.get("flow", ""),
            "number": asked.get("number", ""), "since": _moment(asked, "since"), "until": _moment(asked, "until"),
            "before": asked.get("before", ""), "limit": _whole(asked, "limit", USUAL, most=MOST_FLOWS),
        }  # fmt: skip
        return json_response(await self._room.run(lambda: self._views(told)))

    def _views(self, told: dict[str, Any]) -> list[Any]:
        if told["before"]:
            self._flows.get(told["before"])  # one that is not there has nothing behind it
        shown = []
        for flow_id in self._runtime.journal.flows.search(**told):
            try:
                shown.append(self._flows.get(flow_id).as_json())
            except LiangdingError as failed:  # one whose plugin is not enabled any more hides no other
                log.warning("flow %s is not listed: %s", flow_id, failed.code)
        return shown


# -- what is asked for ---------------------------------------------------------------------------------------------


def search_of(asked: QueryParams) -> CallSearch:
    """What is looked for in the journal. BadRequest names what is not written as it has to be."""
    if (bad := next((name for name, value in asked.multi_items() if "\0" in value), None)) is not None:
        raise BadRequest(f"{bad} 里有空字符", path=bad)
    return CallSearch(
        states=tuple(_words(asked, "state", State)), infno=asked.get("infno", ""), number=asked.get("number", ""),
        operator=asked.get("operator", ""), since=_moment(asked, "since"), until=_moment(asked, "until"),
        least=_amount(asked, "least"), most=_amount(asked, "most"),
    )  # fmt: skip


def _refuse_others(asked: QueryParams, known: set[str]) -> None:
    """BadRequest where something else is asked for: without it more would be found than is meant. What begins with
    ``_`` is a client's own."""
    other = next((name for name in asked if name not in known and not name.startswith("_")), None)
    if other is None:
        return
    remedy = f"可用的有 {'、'.join(sorted(known))}"
    if other in OF_PERSONS:
        remedy = "按参保人找用 POST /v1/journal/search，号码写在请求体里"
    elif other in NUMBERED:
        remedy = f"任一个完整的号都写作 number=…；{remedy}"
    raise BadRequest(f"不认识的条件 {other}", path=other, remedy=remedy)


def _words(asked: QueryParams, name: str, of: type[E]) -> list[E]:
    try:
        return [of(each) for each in asked.getlist(name)]
    except ValueError:
        raise BadRequest(f"{name} 只能是 {'、'.join(of)}", path=name) from None


def _whole(asked: QueryParams, name: str, default: int | None, *, most: int) -> int | None:
    given = asked.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and len(given) < 20 and 1 <= int(given) <= most):
        raise BadRequest(f"{name} 是 1 到 {most} 之间的整数", path=name)
    return int(given)


def _moment(asked: QueryParams, name: str) -> float | None:
    """A moment, or a day, which ``until`` counts in whole, in China's time."""
    given = asked.get(name)
    if not given:
        return None
    whole_day = len(given) == len("2026-11-28")
    try:
        at = datetime.strptime(given, "%Y-%m-%d" if whole_day else "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        return (at + timedelta(days=1 if whole_day and name == "until" else 0)).timestamp()
    except (ValueError, OverflowError):
        raise BadRequest(f"{name} 写成 2026-11-28 或 2026-11-28 10:00:00", path=name) from None


def _amount(asked: QueryParams, name: str) -> Decimal | None:
    given = asked.get(name)
    if not given:
        return None
    try:
        amount = Decimal(given)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= 10**12:
        raise BadRequest(f"{name} 写成 12.50 这样的数，元", path=name)
    return amount
