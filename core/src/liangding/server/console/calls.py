"""流水 and 一笔: the journal's calls, found by any number, and one of them with what happened to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import attrs
from starlette.datastructures import QueryParams
from starlette.responses import Response

from ...clock import in_china
from ...errors import LiangdingError
from ...flows import Flows
from ...journal import EVENT_NAMES, STATE_NAMES, CallRecord, Event, State
from ...journal.searching import CallSearch
from ...privacy import masked_text
from ...receipts.gathering import ask_settled, reprint, settled_here
from ...resolution import ACTION_NAMES, Action, actions, proposal_of
from ...resolution.approving import SEEN_NAMES
from ...rollout.support import bundle_of, outlined
from ...runtime import Runtime
from ...wire.transport import FAILURE_NAMES
from ..frame import BadRequest
from ..looking import search_of
from .frame import PageVisit, attachment
from .rights import Right

PAGE, EXPORTED = 50, 10_000
"""Calls on a page, and in a file at most."""

AMOUNT_DAYS = 90
"""How far back amounts are looked for where nobody says since when."""

COLUMNS = ("id", "created_at", "infno", "state_name", "msgid", "amount", "setl_id", "mdtrt_id", "bill_no", "operator")


HIDDEN = ("number", "setl_id", "mdtrt_id", "institution")
"""What is not shown of an event."""


class NoReason(LiangdingError):
    """What is written down needs a reason."""

    code = "no_reason"
    http_status = 422


class NothingToAsk(LiangdingError):
    """The platform cannot be asked about that call."""

    code = "nothing_to_ask"
    http_status = 409


def listed(visit: PageVisit) -> Response:
    """The calls that fit, a page at a time."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    given = dict(visit.request.query_params)
    name = given.get("d") if given.get("d") in seen else next(iter(seen))
    runtime = seen[str(name)]
    asked = _within_days(given, runtime.clock.epoch())
    before = asked.get("before", "")
    behind = int(before) if before.isdecimal() and len(before) < 19 else None
    found = runtime.journal.search(_search(asked), before=behind, limit=PAGE + 1)
    more = {**asked, "before": str(found[PAGE - 1].id)} if len(found) > PAGE else None
    return visit.render(
        "calls.html", found=found[:PAGE], names=list(seen), d=name, asked_for=asked, states=STATE_NAMES, more=more,
        kinds=_titles(runtime, found), failures=FAILURE_NAMES, days=AMOUNT_DAYS if asked != given else 0,
    )  # fmt: skip


def _within_days(given: dict[str, str], now: float) -> dict[str, str]:
    """What is asked for; amounts by themselves, which have no index, among the last days."""
    if given.get("since") or given.get("number") or not (given.get("least") or given.get("most")):
        return given
    until = _search(given).until or now
    return {**given, "since": f"{in_china(until - AMOUNT_DAYS * 86_400):%Y-%m-%d}"}


def _titles(runtime: Runtime, found: list[CallRecord]) -> dict[str, str]:
    numbers = {call.infno for call in found}
    return {infno: runtime.interfaces[infno].name for infno in numbers if infno in runtime.interfaces}


def _search(asked: Mapping[str, str]) -> CallSearch:
    """The search of a page's form, where what is empty is not asked for; queries only where they are wanted. BadRequest
    names what is not written as it has to be."""
    given = QueryParams([(name, value) for name, value in asked.items() if value])
    return attrs.evolve(search_of(given), changes=None if asked.get("all") else True)


def export(visit: PageVisit) -> Response:
    """The calls that fit as CSV, without anything personal; written down."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    asked = visit.form
    if asked.get("d") not in seen:
        raise BadRequest("选一个部署", path="d")
    journal = seen[asked["d"]].journal
    found = journal.search(_search(asked), limit=EXPORTED)
    journal.report("exported", {"file": "流水.csv", "calls": len(found)})
    held = io.StringIO()
    rows = csv.writer(held)
    rows.writerow(COLUMNS)
    for call in found:
        told = call.as_json()
        rows.writerow([_harmless(told[name]) for name in COLUMNS])
    return attachment(("\ufeff" + held.getvalue()).encode(), "流水.csv", "text/csv; charset=utf-8")


def _harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and not text.lstrip("-").replace(".", "").isdecimal() else text


def shown(visit: PageVisit) -> Response:
    """One call: its facts, what happened to it, what belongs to it, and what may be done."""
    return visit.render("call.html", **about(visit), bodies=None, case=None, asked_now=None)


def opened(visit: PageVisit) -> Response:
    """The same with its bodies, for a reason that is written down."""
    reason = _reason(visit, "要写明为什么看报文")
    told = about(visit)
    call: CallRecord = told["call"]
    visit.runtime.journal.report("bodies_read", {"reason": reason}, call_id=call.id)
    bodies = {"发出": call.request.decode("utf-8", "replace"), "收到": call.answer.decode("utf-8", "replace")}
    return visit.render("call.html", **told, bodies=bodies, case=None, asked_now=None)


def _reason(visit: PageVisit, told: str) -> str:
    if not visit.form.get("reason"):
        raise NoReason(told, path="reason")
    return visit.form["reason"]


def _call(visit: PageVisit) -> CallRecord:
    return visit.runtime.journal.call(visit.request.path_params["id"])


def ask(visit: PageVisit) -> Response:
    """Ask the platform now: what became of a call that nobody knows of or that is watched, else how its settlement
    stands there."""
    runtime, call = visit.runtime, _call(visit)
    if _is_looked_into(call):
        runtime.resolver.attempt(call.id)
        return visit.go(f"/console/calls/{visit.deployment}/{call.id}")
    if not settled_here(runtime, call):
        raise NothingToAsk("这一笔没有可以向平台问的")
    if call.flow:
        told = reprint(Flows(runtime), call.flow, setl_id=call.setl_id, ask=True)[-1]
    else:
        told = ask_settled(runtime, call)
    return visit.render("call.html", **about(visit), bodies=None, case=None, asked_now=told)


def _is_looked_into(call: CallRecord) -> bool:
    return call.changes and (call.state is State.UNKNOWN or call.watch_until is not None)


def support(visit: PageVisit) -> Response:
    """A bundle for who supports, of this call and those of its flow and visit: nothing in it names anybody."""
    reason = _reason(visit, "要写明给谁、为什么")
    runtime, call = visit.runtime, _call(visit)
    beside = {each.id: each for each in (call, *_related(runtime, call), *runtime.journal.of_visit(call))}
    content = bundle_of(runtime.known, runtime.journal, [beside[number] for number in sorted(beside)])
    name = f"支持-{call.id}.zip"
    runtime.journal.report("exported", {"file": name, "calls": len(beside), "reason": reason}, call_id=call.id)
    return attachment(content, name, "application/zip")


def _related(runtime: Runtime, call: CallRecord) -> list[CallRecord]:
    return runtime.journal.of_flow(call.flow) if call.flow else []


def about(visit: PageVisit) -> dict[str, Any]:
    """What the page of one call shows."""
    runtime, journal = visit.runtime, visit.runtime.journal
    call = _call(visit)
    flow = _related(runtime, call)
    may = {right: visit.person.may(right, visit.deployment) for right in Right}
    proposal = proposal_of(journal, call)
    mine = proposal is not None and proposal.by == visit.person.principal
    return {
        "call": call, "d": visit.deployment, "state": STATE_NAMES[call.state], "related": flow, "states": STATE_NAMES,
        "visit_calls": [each for each in journal.of_visit(call) if each not in flow],
        "history": [_told(event) for event in journal.history(call.id)], "proposal": proposal, "mine": mine, "may": may,
        "title": runtime.interfaces[call.infno].name if call.infno in runtime.interfaces else "",
        "seen": SEEN_NAMES[proposal.seen] if proposal else "",
        "actions": {a: ACTION_NAMES[a] for a in actions(runtime.resolver, call) if a is not Action.RETRY},
        "action_names": ACTION_NAMES, "failure": FAILURE_NAMES.get(call.failure, call.failure),
        "message": masked_text(call.message), "age": int((runtime.clock.epoch() - call.created_epoch) // 60),
        "now": in_china(runtime.clock.epoch()), "outlined": outlined(runtime.known, call),
        "may_ask": _is_looked_into(call) or settled_here(runtime, call),
    }  # fmt: skip


def _told(event: Event) -> dict[str, str]:
    told = {name: value for name, value in event.detail.items() if value not in ("", None) and name not in HIDDEN}
    return {
        "at": f"{event.at:%m-%d %H:%M:%S}", "who": event.principal or "",
        "what": EVENT_NAMES.get(event.kind, event.kind),
        "detail": masked_text("，".join(f"{name} {value}" for name, value in told.items())),
    }  # fmt: skip
