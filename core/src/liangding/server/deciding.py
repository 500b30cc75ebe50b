"""Decisions over HTTP: on a case that waits for a person, by one, or proposed by one and approved by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..journal import CallRecord
from ..resolution import (
    Action,
    Decision,
    NotAllowed,
    Proposal,
    actions,
    approve,
    decide,
    give_back,
    proposal_of,
    propose,
)  # fmt: skip
from ..runtime import Runtime
from .entering import Entrance
from .frame import BadRequest, Handler, body_of, client_of, json_response, number_of
from .rooms import Room

KEY_GONE = "提出的密钥已停用，或不再有这个权限"
DECIDES = {"action", "person", "reason", "setl_id", "mdtrt_id"}


class DecisionDoor:
    """What the API offers of one deployment's decisions. Who, where a request names nobody, is its key."""

    def __init__(self, runtime: Runtime, room: Room, entrance: Entrance) -> None:
        self._runtime, self._room, self._entrance = runtime, room, entrance

    def routes(self, route: Callable[[str, Handler, str], Route]) -> list[Route]:
        at = "/journal/{id:int}"
        return [
            route(f"{at}/decision", self.decide, "POST"),
            route(f"{at}/proposal", self.proposal, "GET"),
            route(f"{at}/proposal", self.propose, "POST"),
            route(f"{at}/proposal/approve", self.approve, "POST"),
            route(f"{at}/proposal/return", self.give_back, "POST"),
        ]

    async def decide(self, request: Request) -> Response:
        """What a person decides of a case that waits for one."""
        body = await body_of(request, DECIDES | {"break_glass"})
        alone = body.pop("break_glass", False)
        if not isinstance(alone, bool):
            raise BadRequest("break_glass 应为 true 或 false", path="break_glass")
        decision = decision_of({"person": client_of(request).name, **body}, break_glass=alone)
        return await self._done(request, lambda call: decide(self._runtime.resolver, call, decision))

    async def propose(self, request: Request) -> Response:
        body = await body_of(request, DECIDES)
        decision = decision_of({"person": client_of(request).name, **body})
        return await self._done(request, lambda call: propose(self._runtime.resolver, call, decision))

    async def proposal(self, request: Request) -> Response:
        return await self._done(request, lambda call: None)

    async def approve(self, request: Request) -> Response:
        said = await _said(request)

        def work(call: CallRecord) -> None:
            self._return_what_nobody_may(call, said)
            approve(self._runtime.resolver, call, said["number"], said["person"])

        return await self._done(request, work)

    def _return_what_nobody_may(self, call: CallRecord, said: dict[str, str]) -> None:
        """What a key proposed that is no more, or may not any more, is returned. NotAllowed."""
        proposal = proposal_of(self._runtime.journal, call)
        kind, _, name = ("", "", "") if proposal is None else proposal.by.partition(":")
        if kind == "api" and name and not self._entrance.may(name, "decisions"):
            give_back(self._runtime.resolver, call, said["number"], said["person"], KEY_GONE)
            raise NotAllowed(KEY_GONE, remedy="已退回；要办的由别人另提")

    async def give_back(self, request: Request) -> Response:
        said = await _said(request)
        return await self._done(request, lambda call: give_back(self._runtime.resolver, call, **said))

    async def _done(self, request: Request, work: Callable[[Any], object]) -> Response:
        """The call after it, with what may be done of it now and what is proposed."""
        number, journal, resolver = number_of(request), self._runtime.journal, self._runtime.resolver

        def do() -> dict[str, Any]:
            work(journal.call(number))
            call = journal.call(number)
            proposed = proposal_of(journal, call)
            told = None if proposed is None else proposal_as_json(proposed)
            return {**call.as_json(), "actions": list(actions(resolver, call)), "proposal": told}

        return json_response(await self._room.run(do))


def decision_of(asked: Mapping[str, Any], *, break_glass: bool = False) -> Decision:
    """A decision as a request gives it. BadRequest where it is none."""
    if not all(isinstance(value, str) for value in asked.values()) or asked.get("action") not in list(Action):
        raise BadRequest(f"action 只能是 {'、'.join(Action)}；其余应为文本", path="action")
    return Decision(**{"reason": "", **asked, "action": Action(asked["action"]), "break_glass": break_glass})


def proposal_as_json(proposal: Proposal) -> dict[str, Any]:
    decision = proposal.decision
    return {
        "number": proposal.number, "action": decision.action.value, "person": decision.person,
        "reason": decision.reason, "setl_id": decision.setl_id, "mdtrt_id": decision.mdtrt_id, "by": proposal.by,
        "at": proposal.at.isoformat(" ", "seconds"), "seen": proposal.seen,
    }  # fmt: skip


async def _said(request: Request) -> dict[str, str]:
    """Which proposal is answered, by whom, and why."""
    body = await body_of(request, {"number", "person", "reason"})
    said = {"person": client_of(request).name, "reason": "", "number": "", **body}
    if not all(isinstance(value, str) for value in said.values()):
        raise BadRequest("number、person、reason 应为文本")
    return said
