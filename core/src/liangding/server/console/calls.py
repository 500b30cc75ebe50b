"""流水 and 一笔: the journal's calls, found by any number, and one of them with what happened to it."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.responses import Response

from ...clock import CHINA, in_china
from ...errors import LiangdingError
from ...journal import EVENT_NAMES, STATE_NAMES, CallRecord, Event, State
from ...journal.searching import CallSearch
from ...privacy import masked_text
from ...resolution import ACTION_NAMES, Action, actions, proposal_of
from ...resolution.approving import SEEN_NAMES
from ...runtime import Runtime
from ...wire.transport import FAILURE_NAMES
from .frame import PageVisit, attachment
from .rights import Right

PAGE, EXPORTED = 50, 10_000
"""Calls on a page, and in a file at most."""

COLUMNS = ("id", "created_at", "infno", "state_name", "msgid", "amount", "setl_id", "mdtrt_id", "bill_no", "operator")


HIDDEN = ("number", "setl_id", "mdtrt_id", "institution")
"""What is not shown of an event."""


class WrongSearch(LiangdingError):
    """What is looked for is not written as it has to be."""

    code = "wrong_search"
    http_status = 422


def listed(visit: PageVisit) -> Response:
    """The calls that fit, a page at a time."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    asked = dict(visit.request.query_params)
    name = asked.get("d") if asked.get("d") in seen else next(iter(seen))
    runtime = seen[str(name)]
    before = asked.get("before", "")
    found = runtime.journal.search(search_of(asked), before=int(before) if before.isdecimal() else None, limit=PAGE + 1)
    more = {**asked, "before": str(found[PAGE - 1].id)} if len(found) > PAGE else None
    return visit.render(
        "calls.html", found=found[:PAGE], names=list(seen), d=name, asked_for=asked, states=STATE_NAMES, more=more,
        kinds=_titles(runtime, found), failures=FAILURE_NAMES,
    )  # fmt: skip


def _titles(runtime: Runtime, found: list[CallRecord]) -> dict[str, str]:
    numbers = {call.infno for call in found}
    return {infno: runtime.interfaces[infno].name for infno in numbers if infno in runtime.interfaces}


def search_of(asked: dict[str, str]) -> CallSearch:
    """A search as a page's form gives it. WrongSearch."""
    state = asked.get("state", "")
    if state and state not in list(State):
        raise WrongSearch("状态不认识", path="state")
    first, last = _day(asked.get("since", ""), "since"), _day(asked.get("until", ""), "until")
    behind = None if last is None else _epoch(last + timedelta(days=1))
    return CallSearch(
        states=(State(state),) if state else (), infno=asked.get("infno", ""), number=asked.get("number", ""),
        operator=asked.get("operator", ""), since=None if first is None else _epoch(first),
        until=behind, least=_amount(asked.get("least", ""), "least"),
        most=_amount(asked.get("most", ""), "most"), changes=None if asked.get("all") else True,
    )  # fmt: skip


def _day(text: str, path: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongSearch(f"日期写成 2026-11-28，给了 {masked_text(text)[:20]}", path=path) from None


def _amount(text: str, path: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise WrongSearch("金额写成 12.50 这样的数", path=path) from None


def _epoch(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()


def export(visit: PageVisit) -> Response:
    """The calls that fit as CSV, without anything personal; written down."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    asked = visit.form
    if asked.get("d") not in seen:
        raise WrongSearch("选一个部署", path="d")
    journal = seen[asked["d"]].journal
    found = journal.search(search_of(asked), limit=EXPORTED)
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
    return visit.render("call.html", **about(visit), bodies=None, case=None)


def opened(visit: PageVisit) -> Response:
    """The same with its bodies, for a reason that is written down."""
    reason = visit.form.get("reason", "")
    if not reason:
        raise WrongSearch("要写明为什么看报文", path="reason")
    told = about(visit)
    call: CallRecord = told["call"]
    visit.runtime.journal.report("bodies_read", {"reason": reason}, call_id=call.id)
    bodies = {"发出": call.request.decode("utf-8", "replace"), "收到": call.answer.decode("utf-8", "replace")}
    return visit.render("call.html", **told, bodies=bodies, case=None)


def about(visit: PageVisit) -> dict[str, Any]:
    """What the page of one call shows."""
    runtime, journal = visit.runtime, visit.runtime.journal
    call = journal.call(visit.request.path_params["id"])
    flow = journal.of_flow(call.flow) if call.flow else []
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
        "now": in_china(runtime.clock.epoch()),
    }  # fmt: skip


def _told(event: Event) -> dict[str, str]:
    told = {name: value for name, value in event.detail.items() if value not in ("", None) and name not in HIDDEN}
    return {
        "at": f"{event.at:%m-%d %H:%M:%S}", "who": event.principal or "",
        "what": EVENT_NAMES.get(event.kind, event.kind),
        "detail": masked_text("，".join(f"{name} {value}" for name, value in told.items())),
    }  # fmt: skip
