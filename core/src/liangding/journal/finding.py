"""Finding calls again: by number, by key, by flow and visit, by what is still to be done with them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Self, cast

import attrs
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from ..clock import CHINA, Clock
from ..wire.json import decode
from .flows import LEFT_NOW, FlowRows
from .presence import WorkingProcess
from .records import Bodies, CallRecord, Event
from .searching import CallSearch, behind
from .settling import Settlements
from .sign_ins import SignIns
from .statements import Prepared
from .states import DECISIONS, HELD_UP, PENDING, REPORTS, State
from .store import Store
from .tables import by_the_way, calls, events, flows, journal_keys, keys, one_of
from .vault import UnreadableValue, Vault
from .writing import FARTHEST_SECONDS, SEALED, NoSuchCall, Writer, call_place, event_place, is_due

_PLAIN = tuple(name for name in attrs.fields_dict(CallRecord) if name in calls.columns)


class _Query:
    """A query made once: of all calls, and of one institution's only."""

    def __init__(
        self, query: Select[Any], bound: Select[Any] | None = None, whose: ColumnElement[str] = calls.c.institution
    ) -> None:
        self.all = query
        self.bound = (query if bound is None else bound).where(whose == bindparam("institution"))


_MAY_STAND = one_of(calls.c.state, (state for state in State if not state.repeatable))
_OF_DEPLOYMENT = calls.c.deployment == bindparam("deployment")
_WATCHED = or_(calls.c.state == State.UNKNOWN.value, calls.c.watch_until.is_not(None))
_HAS_TIME = calls.c.due_at >= 0
_DUE = and_(_HAS_TIME, _WATCHED, or_(calls.c.due_at <= bindparam("now"), calls.c.due_at > bindparam("farthest")))
_OPEN = calls.c.state == State.OPEN.value
_IN_ORDER = select(calls).order_by(calls.c.id)

BY_ID = select(calls).where(calls.c.id == bindparam("id"))
_BY_ID = _Query(BY_ID)
_BY_MSGID = _Query(select(calls).where(calls.c.msgid == bindparam("msgid")))
_BY_KEY = (
    select(calls)
    .join(keys, keys.c.call_id == calls.c.id)
    .where(keys.c.institution == bindparam("institution"), keys.c.key == bindparam("key"))
)
_UNDER_KEY = select(keys.c.call_id).where(
    keys.c.institution == bindparam("institution"), keys.c.key == bindparam("key")
)
_OF_FLOW = _Query(_IN_ORDER.where(calls.c.flow == bindparam("flow")))
_PENDING_ONES = and_(calls.c.changes, one_of(calls.c.state, PENDING))
_OPEN_OF_FLOW = _Query(select(calls.c.id).where(calls.c.flow == bindparam("flow"), _PENDING_ONES).limit(1))
_DUE_ONES = _Query(
    select(calls).where(_DUE, _OF_DEPLOYMENT).order_by(calls.c.due_at).limit(bindparam("most")),
    select(calls).where(_DUE).order_by(calls.c.due_at).limit(bindparam("most")),
    by_the_way(calls.c.institution),
)
_NEXT_DUE = _Query(
    select(func.min(calls.c.due_at)).where(_HAS_TIME, _WATCHED, _OF_DEPLOYMENT),
    select(func.min(calls.c.due_at)).where(_HAS_TIME, _WATCHED),
    by_the_way(calls.c.institution),
)
_PENDING = _Query(_IN_ORDER.where(_PENDING_ONES))
_PENDING_OF = _Query(_PENDING.all.where(_OF_DEPLOYMENT), _PENDING.all)
_OPEN_ONES = _Query(_IN_ORDER.where(_OPEN, _OF_DEPLOYMENT), _IN_ORDER.where(_OPEN))
# Few rows each time, found by what they wait for: put together by the database, every call would be gone through.
_STIRRING = tuple(
    select(table.c.institution).where(where) for table, where in ((calls, _OPEN), (calls, _DUE), (flows, LEFT_NOW))
)
_NEXT_DUE_EACH = select(calls.c.institution, calls.c.due_at).where(_WATCHED, _HAS_TIME)
_HISTORY = select(events).where(events.c.call_id == bindparam("id")).order_by(events.c.at, events.c.row_version)
_LATEST = select(events).where(events.c.at >= bindparam("since"), events.c.at < bindparam("until"))
_LATEST = _LATEST.order_by(events.c.at.desc(), events.c.number.desc()).limit(bindparam("most"))
_REPORTS_OF = _LATEST.where(events.c.kind == bindparam("kind"))
_REPORTS = _LATEST.where(one_of(events.c.kind, REPORTS))
_DECIDED = _LATEST.where(one_of(events.c.kind, DECISIONS))
_DECISIONS = _Query(_DECIDED, _DECIDED.join(calls, calls.c.id == events.c.call_id), by_the_way(calls.c.institution))

_NEVER, _MOST_READ = 1e12, 64_000
"""A moment that never comes; so many reports are gone through at most for those of one institution."""


class JournalReading:
    """What is read from a journal while a deployment is at work.

    A journal that is bound to an institution (:meth:`of`) shows that institution's calls and flows only, whichever
    deployment made them. Where one is not bound, what is due and what is open is asked for by deployment.
    """

    institution: str | None = None

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.store: Store = writer.store
        self.vault: Vault = writer.vault
        self.owner = writer.presence.owner
        self.flows = FlowRows(writer)
        self.sign_ins = SignIns(writer)
        self.settlements = Settlements(writer)
        self._under_way = writer.presence.under_way
        self._epoch: Callable[[], float] = writer.epoch
        self._under_key = Prepared.of(_UNDER_KEY, self.store.engine)
        self._prepare()

    @property
    def clock(self) -> Clock | None:
        """The clock by which the rows age on every machine, where several share one; None where each goes by its own,
        or another one was given."""
        return self._writer.presence.shared

    def of(self, institution: str) -> Self:
        """This journal as that institution sees it; one store, owner and chain behind all of them."""
        view = copy.copy(self)
        view.institution = institution
        view.flows = FlowRows(self._writer, institution)
        view.settlements = Settlements(self._writer, institution)
        view.sign_ins = SignIns(self._writer, institution)
        return view

    def _sees(self, institution: str) -> bool:
        """Whether what belongs to that institution is seen here at all."""
        return self.institution in (None, institution)

    def _whose(self, institution: str) -> str:
        """The institution that is asked for, or nobody's where it is not seen here."""
        return institution if self._sees(institution) else ""

    def _prepare(self) -> None:
        """Compile what every call needs."""

    def call(self, call_id: int) -> CallRecord:
        """One call. NoSuchCall where there is none."""
        found = self._found(_BY_ID, id=call_id)
        if not found:
            raise NoSuchCall(f"流水中没有 {call_id} 号调用")
        return found[0]

    def by_msgid(self, msgid: str) -> CallRecord:
        """The call that went out under ``msgid``."""
        found = self._found(_BY_MSGID, msgid=msgid)
        if not found:
            raise NoSuchCall(f"流水中没有报文 {msgid}")
        return found[0]

    def by_key(self, institution: str, key: str) -> CallRecord | None:
        """The call that a business key holds. That it mostly holds none is seen at a glance."""
        asked = {"institution": institution, "key": key}
        if not self._sees(institution) or self.store.glance(self._under_key, asked) is None:
            return None
        found = self._kept(_BY_KEY, {"institution": institution, "key": key})
        return found[0] if found else None

    def is_of(self, call: CallRecord, content: str) -> bool:
        """Whether a call was made with this content. What is stored of it is a keyed digest."""
        return self.vault.content(call.content) == self.vault.content(content)

    def of_flow(self, flow_id: str) -> list[CallRecord]:
        """The calls that a flow made, in order."""
        return self._found(_OF_FLOW, flow=flow_id)

    def is_undone(self, call: CallRecord) -> bool:
        """Whether the flow that made a call was taken back by another one."""
        row = self.flows.get(call.flow) if call.flow else None
        return row is not None and row["status"] == "undone"

    def is_held_up(self, flow_id: str) -> bool:
        """Whether a plugin holds a flow up that was told of an accepted call, as the process that has the flow noted;
        until somebody moves it."""
        row = self.flows.get(flow_id)
        accepted = (call for call in reversed(self.of_flow(flow_id)) if call.state is State.ACCEPTED and call.changes)
        noted = (event for call in accepted for event in self.history(call.id) if event.kind == HELD_UP)
        return row is not None and any(
            (event.owner, event.detail.get("flow_version")) == (row["owner"], row["version"]) for event in noted
        )

    def flow_is_concluded(self, flow_id: str) -> bool:
        """Whether the outcome of every changing call of a flow is known."""
        query, values = self._query(_OPEN_OF_FLOW, {"flow": flow_id})
        return not self.store.fetch(query, values)

    def of_visit(self, call: CallRecord) -> list[CallRecord]:
        """The calls of the person and visit that ``call`` names, in order, whatever flow made them; none where it
        names no visit."""
        if call.person is None or call.mdtrt_id is None:
            return []
        return self._of_visit(call.institution, (call.person,), call.mdtrt_id)

    def accepted_of(self, institution: str, psn_no: str, mdtrt_id: str) -> list[CallRecord]:
        """The changing calls of a person's visit that the platform accepted, in order."""
        found = self._of_visit(institution, self.vault.hashes(psn_no), mdtrt_id)
        return [call for call in found if call.changes and call.state is State.ACCEPTED]

    def pending_of(self, psn_no: str, mdtrt_id: str) -> list[CallRecord]:
        """The changing calls of a person's visit that are open or unknown."""
        persons = self.vault.hashes(psn_no)
        return [call for call in self.pending() if call.mdtrt_id == mdtrt_id and call.person in persons]

    def accepted_since(self, institution: str, psn_no: str, infnos: Iterable[str], epoch: float) -> list[CallRecord]:
        """The calls of a person, of these transactions, whose acceptance was learnt since then; not what was learnt
        before the clock went back, far ahead of now."""
        persons = self.vault.hashes(psn_no)
        same = (
            calls.c.institution == self._whose(institution),
            calls.c.person.in_(persons),
            calls.c.infno.in_(tuple(infnos)),
        )
        lately = calls.c.finished_at.between(epoch, self._epoch() + FARTHEST_SECONDS)
        accepted = calls.c.state == State.ACCEPTED.value, lately
        return self._calls(_IN_ORDER.where(*same, *accepted))

    def accepted_after(self, institution: str, psn_no: str, call_id: int, *, since: float = 0.0) -> list[CallRecord]:
        """The changing calls of a person that were made after a call, and since then, and were accepted; in order."""
        persons = self.vault.hashes(psn_no)
        same = calls.c.institution == self._whose(institution), calls.c.person.in_(persons), calls.c.changes
        where = calls.c.state == State.ACCEPTED.value, calls.c.id > call_id, calls.c.created_at >= since
        return self._calls(_IN_ORDER.where(*same, *where))

    def watched_of(self, institution: str, psn_no: str) -> list[CallRecord]:
        """The changing calls of a person that were refused or found not to be there, and may turn up yet; in order."""
        same = calls.c.institution == self._whose(institution), calls.c.person.in_(self.vault.hashes(psn_no))
        where = calls.c.changes, calls.c.watch_until.is_not(None)
        return self._calls(_IN_ORDER.where(*same, *where))

    def _of_visit(self, institution: str, persons: tuple[str, ...], mdtrt_id: str) -> list[CallRecord]:
        same = (
            calls.c.institution == self._whose(institution),
            calls.c.person.in_(persons),
            calls.c.mdtrt_id == mdtrt_id,
        )
        return self._calls(_IN_ORDER.where(*same))

    def latest(
        self, *, states: Iterable[State] = (), infno: str | None = None, limit: int = 50, changes: bool | None = None
    ) -> list[CallRecord]:
        """The latest calls first."""
        query = select(calls).order_by(calls.c.id.desc()).limit(limit)
        if wanted := [state.value for state in states]:
            query = query.where(calls.c.state.in_(wanted))
        if infno is not None:
            query = query.where(calls.c.infno == infno)
        if changes is not None:
            query = query.where(calls.c.changes == changes)
        if self.institution is not None:
            query = query.where(calls.c.institution == self.institution)
        return self._calls(query)

    def was_used_by(self, principal: str) -> bool:
        """Whether a call was ever made for this principal, or by a version that did not keep for whom."""
        early = and_(calls.c.principal.is_(None), calls.c.does.is_(None))
        whose = or_(calls.c.principal == principal, early)
        query = select(calls.c.id).where(whose).limit(1)
        if self.institution is not None:
            query = query.where(calls.c.institution == self.institution)
        return bool(self.store.read(lambda connection: connection.execute(query).all()))

    def search(self, wanted: CallSearch, *, before: int | None = None, limit: int = 50) -> list[CallRecord]:
        """The calls that fit, by the time when they were made, the latest first; ``before`` goes on behind a call that
        was shown."""
        plainly = self.store.dialect == "sqlite"
        query = wanted.query(self.institution, self.vault.hashes, plainly=plainly).limit(limit)
        if before is not None:
            shown = self._found(_BY_ID, id=before)
            query = query.where(behind(before, shown[0].created_epoch if shown else None))
        return self._calls(query)

    def tally(self, since: float) -> dict[State, int]:
        """How many calls that were made since then stand how."""
        where = one_of(calls.c.state, State), calls.c.created_at >= since
        query = select(calls.c.state, func.count()).where(*where).group_by(calls.c.state)
        if self.institution is not None:
            query = query.where(calls.c.institution == self.institution)
        return {State(state): count for state, count in self.store.read(lambda c: c.execute(query).all())}

    def created_since(self, deployment: str, epoch: float, *, limit: int) -> list[CallRecord]:
        """The latest calls of a deployment (of a bound journal: of its institution) that were made since then, in
        order."""
        whose = calls.c.deployment == deployment
        if self.institution is not None:
            whose = calls.c.institution == self.institution
        where = and_(whose, calls.c.created_at >= epoch)
        return self._calls(select(calls).where(where).order_by(calls.c.id.desc()).limit(limit))[::-1]

    def due(self, deployment: str = "", *, limit: int = 100) -> list[CallRecord]:
        """The pending calls whose time to be looked at has come, and the watched ones."""
        now = self._epoch()
        farthest = now + FARTHEST_SECONDS
        return self._found(_DUE_ONES, deployment=deployment, now=now, farthest=farthest, most=limit)

    def next_due(self, deployment: str = "") -> float | None:
        """When the next call has to be looked at; None where none has."""
        query, values = self._query(_NEXT_DUE, {"deployment": deployment})
        ((found,),) = (row.values() for row in self.store.fetch(query, values))
        return cast("float | None", found)

    def stirring(self) -> set[str]:
        """The institutions, of all that share the journal, of which a call is open or due, or a flow is left."""
        now = self._epoch()
        values = {"now": now, "farthest": now + FARTHEST_SECONDS}
        return {row["institution"] for query in _STIRRING for row in self.store.fetch(query, values)}

    def next_due_each(self) -> dict[str, float]:
        """When the next call of each institution has to be looked at, of all that share the journal."""
        due: dict[str, float] = {}
        for row in self.store.fetch(_NEXT_DUE_EACH, {}):
            due[row["institution"]] = min(row["due_at"], due.get(row["institution"], row["due_at"]))
        return due

    def is_due(self, call: CallRecord) -> bool:
        """Whether the time to look at a call has come."""
        return is_due(call.due_at, self._epoch())

    def was_repeated(self, call: CallRecord) -> bool:
        """Whether the same content went out once more after ``call`` and may have taken effect."""
        contents = {call.content, self.vault.content(call.content)}
        again = and_(calls.c.id > call.id, calls.c.infno == call.infno, calls.c.content.in_(contents))
        query = select(calls.c.id).where(calls.c.institution == call.institution, again, _MAY_STAND).limit(1)
        return self.store.read(lambda c: c.execute(query).first()) is not None

    def pending(self, deployment: str | None = None) -> list[CallRecord]:
        """Every changing call that is open or unknown."""
        if deployment is None:
            return self._found(_PENDING)
        return self._found(_PENDING_OF, deployment=deployment)

    def orphans(self, deployment: str = "") -> list[CallRecord]:
        """The open calls that nobody works on any more."""
        return [call for call in self._found(_OPEN_ONES, deployment=deployment) if self.is_left(call)]

    def open_for(self, seconds: float) -> list[CallRecord]:
        """The changing calls that are open for longer than that, whoever works on them, and that no person knows of.
        One that was recorded so far ahead is from before the clock went back."""
        now = self._epoch()
        untold = (call for call in self.pending() if call.state is State.OPEN and call.escalated_at is None)
        return [call for call in untold if abs(now - call.created_epoch) > seconds]

    def is_left(self, call: CallRecord) -> bool:
        """Whether an open call was left behind: its process is no more, or is this one and works on it no more (it
        could not write down what became of it)."""
        if call.owner == self.owner:
            return call.msgid not in self._under_way
        return self.is_gone(call.owner)

    def is_gone(self, owner: str) -> bool:
        """Whether the process of that name is no more."""
        return self._writer.presence.is_gone(owner, self.store)

    def processes(self) -> list[WorkingProcess]:
        """The processes that are at work on the journal, the latest first."""
        return self._writer.presence.at_work(self.store)

    def keys_since(self) -> datetime | None:
        """Since when the youngest of the journal's own keys is there; None where it has none."""
        found = self.store.read(lambda c: c.scalar(select(func.max(journal_keys.c.created_at))))
        return None if found is None else _moment(found)

    def history(self, call_id: int) -> list[Event]:
        """What happened to a call, in order. A detail that does not open is left out."""
        if self.institution is not None:
            self.call(call_id)
        return [self._event(row) for row in self.store.fetch(_HISTORY, {"id": call_id})]

    def reports(self, since: float, *, until: float = _NEVER, limit: int = 1000, kind: str = "") -> list[Event]:
        """How the journal and its door were used since then, and before ``until``: who came, was refused, read bodies,
        exported, pruned; the latest first, and of one ``kind`` where that is given. Where the journal is bound, what
        was done with that institution's, however much others did."""
        query, more = (_REPORTS_OF, {"kind": kind}) if kind else (_REPORTS, {})
        most = limit
        while True:
            rows = self.store.fetch(query, {"since": since, "until": until, "most": most, **more})
            found = [event for event in map(self._event, rows) if self._is_of_ours(event)]
            if len(found) >= limit or len(rows) < most or most >= _MOST_READ:
                return found[:limit]
            most *= 4

    def _is_of_ours(self, event: Event) -> bool:
        return self._sees(event.detail.get("institution", self.institution) or "")

    def decisions(self, since: float, *, until: float = _NEVER, limit: int = 1000) -> list[Event]:
        """What persons decided, proposed, approved and returned since then, and before ``until``, the latest first;
        where the journal is bound, of that institution's calls."""
        query, values = self._query(_DECISIONS, {"since": since, "until": until, "most": limit})
        return [self._event(row) for row in self.store.fetch(query, values)]

    def _event(self, row: dict[str, Any]) -> Event:
        return Event(
            owner=row["owner"], number=row["number"], call_id=row["call_id"], at=_moment(row["at"]), kind=row["kind"],
            state=State(row["state"]) if row["state"] else None, detail=self._detail(row), principal=row["principal"],
        )  # fmt: skip

    def _detail(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            opened = self.vault.open(row["detail"], event_place(row["owner"], row["number"]))
        except UnreadableValue as unreadable:
            return {"note": unreadable.message}
        return dict(decode(opened)) if opened else {}

    def _query(self, query: _Query, values: dict[str, Any]) -> tuple[Select[Any], dict[str, Any]]:
        if self.institution is None:
            return query.all, values
        return query.bound, values | {"institution": self.institution}

    def _found(self, query: _Query, **values: Any) -> list[CallRecord]:
        return self._kept(*self._query(query, values))

    def _kept(self, query: Select[Any], values: dict[str, Any]) -> list[CallRecord]:
        """What a query finds that is a constant."""
        return [self._call(row) for row in self.store.fetch(query, values)]

    def _calls(self, query: Select[Any]) -> list[CallRecord]:
        return [self._call(dict(row._mapping)) for row in self.store.read(lambda c: c.execute(query).all())]

    def _call(self, row: Mapping[str, Any]) -> CallRecord:
        moments = {name: row[name] and _moment(row[name]) for name in ("created_at", "finished_at", "escalated_at")}
        bodies = Bodies({name: row[name] for name in SEALED}, self._opener(row["msgid"]))
        more = {"state": State(row["state"]), "created_epoch": row["created_at"], "bodies": bodies}
        return CallRecord(**{name: row[name] for name in _PLAIN} | moments | more)

    def _opener(self, msgid: str) -> Callable[[str, bytes | None], bytes]:
        return lambda name, sealed: self.vault.open(sealed, call_place(name, msgid))


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, CHINA).replace(tzinfo=None)
