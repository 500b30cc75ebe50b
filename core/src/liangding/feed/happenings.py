"""What is told of the journal's events: a call became unknown, an unknown call ended, a flow ended, persons decided.

Nothing personal is told, and no number that a till gave: who is told asks for the rest by the number of the call or
the flow, with the right to see it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import Row, and_, or_, select

from ..clock import in_china
from ..journal.states import TRANSITIONS, State, Turn
from ..journal.subjects import FLOW
from ..journal.tables import calls, events, one_of
from ..workflow.standing import ENDED


class Topic(StrEnum):
    """What can be told; who is told has to have the right before the dot's business."""

    CALL_UNKNOWN = "call.unknown"
    CALL_ENDED = "call.ended"
    """An unknown call ended, or one that had ended turned out otherwise."""
    FLOW_ENDED = "flow.ended"
    PROPOSED = "decision.proposed"
    APPROVED = "decision.approved"
    RETURNED = "decision.returned"
    BROKE_GLASS = "decision.broke_glass"

    @property
    def role(self) -> str:
        """The right that it takes to be told."""
        return {"call": "journal", "flow": "flows", "decision": "decisions"}[self.value.partition(".")[0]]


_DECISIONS = {kind.value.partition(".")[2]: kind for kind in Topic if kind.role == "decisions"}
_MOVES = {row.kind for row in TRANSITIONS if row.before}
_TURNS = {row.kind: row.turn for row in TRANSITIONS}

_NOT_EVERY_CALL = or_(events.c.kind != "ended", events.c.state == State.UNKNOWN.value)
_TOLD = or_(
    and_(one_of(events.c.kind, sorted(_MOVES)), _NOT_EVERY_CALL),
    one_of(events.c.kind, sorted(_DECISIONS)),
    and_(events.c.kind == FLOW.kind, one_of(events.c.state, (status.value for status in ENDED))),
)
"""Which events may be told at all."""

_earlier = events.alias("earlier")

CANDIDATES = (
    select(
        events.c.owner, events.c.number, events.c.at, events.c.kind, events.c.call_id, events.c.subject,
        events.c.row_version, events.c.state, calls.c.institution, calls.c.infno, calls.c.changes,
        _earlier.c.state.label("before"),
    )
    .outerjoin(calls, calls.c.id == events.c.call_id)
    .outerjoin(
        _earlier, and_(_earlier.c.call_id == events.c.call_id, _earlier.c.row_version == events.c.row_version - 1)
    )
    .where(_TOLD)
)  # fmt: skip
"""The events of a journal that may be told, each with its call, and with where that stood before."""


@attrs.frozen(kw_only=True)
class Happening:
    """One thing that happened. ``id`` is its own, whoever tells it and how often; ``version`` counts the changes of its
    call or flow: of two about one call the higher one is later. ``how`` is the journal's kind of event, ``by`` whose
    turn it was (``caller``, ``recovery``, ``resolver``, ``key``, ``watch``, ``person``)."""

    id: str
    kind: Topic
    at: float
    institution: str
    version: int
    state: str
    how: str
    by: str
    call_id: int | None = None
    infno: str | None = None
    flow_id: str | None = None
    flow: str | None = None

    @property
    def moment(self) -> datetime:
        return in_china(self.at)

    def as_json(self) -> dict[str, Any]:
        about = ("call_id", "infno") if self.flow_id is None else ("flow_id", "flow")
        return {
            "id": self.id, "type": self.kind.value, "at": f"{self.moment:%Y-%m-%d %H:%M:%S}",
            "institution": self.institution, "version": self.version, "state": self.state, "how": self.how,
            "by": self.by, **{name: getattr(self, name) for name in about},
        }  # fmt: skip


def happened(row: Row[Any], of_flow: dict[str, tuple[str, str]]) -> Happening | None:
    """What is told of an event; None where nothing is. ``of_flow`` are institution and kind of the flows by number."""
    told = {"id": _id_of(row.owner, row.number), "at": row.at, "version": row.row_version, "how": row.kind}
    by = _TURNS.get(row.kind, Turn.PERSON).value
    if row.call_id is None:
        flow_id = FLOW.number(row.subject)
        if flow_id not in of_flow:
            return None
        institution, flow = of_flow[flow_id]
        more = {"institution": institution, "state": row.state, "by": "", "flow_id": flow_id, "flow": flow}
        return Happening(kind=Topic.FLOW_ENDED, **told | {"how": ""}, **more)
    kind = _DECISIONS.get(row.kind) or _of_call(row.before, row.state)
    if kind is None or not row.changes:
        return None
    more = {"institution": row.institution, "state": row.state, "by": by, "call_id": row.call_id, "infno": row.infno}
    return Happening(kind=kind, **told, **more)


def _of_call(before: str | None, state: str) -> Topic | None:
    if state == before:
        return None
    if state == State.UNKNOWN.value:
        return Topic.CALL_UNKNOWN
    return None if before == State.OPEN.value else Topic.CALL_ENDED


def _id_of(owner: str, number: int) -> str:
    """An event's own number: the same whenever it is asked for, of every journal another one."""
    return hashlib.sha256(f"{owner}:{number}".encode()).hexdigest()[:24]


def flows_named(rows: Iterable[Row[Any]]) -> list[str]:
    """The flows that events are about."""
    return [FLOW.number(row.subject) for row in rows if row.call_id is None]


def in_order(found: list[Happening]) -> list[Happening]:
    """What several processes noted, by their clocks; what is about the same call or flow by its versions, whatever
    the clocks say."""
    found = sorted(found, key=lambda each: each.at)
    places: dict[object, list[int]] = {}
    for place, each in enumerate(found):
        places.setdefault(each.call_id or each.flow_id, []).append(place)
    ordered = list(found)
    for held in places.values():
        for place, each in zip(held, sorted((found[at] for at in held), key=lambda one: one.version), strict=True):
            ordered[place] = each
    return ordered
