"""Finding calls again: by number, by key, by flow and visit, by what is still to be done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Row, Select, and_, func, or_, select

from ..clock import CHINA
from ..wire.json import decode
from .flows import FlowRows
from .records import Bodies, Call, Event
from .sign_ins import SignIns
from .states import UNSETTLED, State
from .store import Store
from .tables import calls, events, keys
from .vault import Unreadable, Vault
from .writing import SEALED, NoSuchCall, Writer, call_place, event_place

_PLAIN = tuple(name for name in attrs.fields_dict(Call) if name in calls.columns)


class Finding:
    """What is read from a journal while a deployment is at work."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.store: Store = writer.store
        self.vault: Vault = writer.vault
        self.owner = writer.presence.owner
        self.flows = FlowRows(writer)
        self.sign_ins = SignIns(writer)
        self._under_way = writer.presence.under_way
        self._epoch: Callable[[], float] = writer.epoch
        self._prepare()

    def _prepare(self) -> None:
        """Compile what every call needs."""

    def call(self, call_id: int) -> Call:
        """One call. NoSuchCall where there is none."""
        found = self._calls(select(calls).where(calls.c.id == call_id))
        if not found:
            raise NoSuchCall(f"流水中没有 {call_id} 号调用")
        return found[0]

    def by_msgid(self, msgid: str) -> Call:
        """The call that went out under ``msgid``."""
        found = self._calls(select(calls).where(calls.c.msgid == msgid))
        if not found:
            raise NoSuchCall(f"流水中没有报文 {msgid}")
        return found[0]

    def by_key(self, institution: str, key: str) -> Call | None:
        """The call that a business key holds."""
        where = and_(keys.c.institution == institution, keys.c.key == key)
        found = self._calls(select(calls).join(keys, keys.c.call_id == calls.c.id).where(where))
        return found[0] if found else None

    def of_flow(self, flow_id: str) -> list[Call]:
        """The calls that a flow made, in order."""
        return self._calls(select(calls).where(calls.c.flow == flow_id).order_by(calls.c.id))

    def is_undone(self, call: Call) -> bool:
        """Whether the flow that made a call was taken back by another one."""
        row = self.flows.get(call.flow) if call.flow else None
        return row is not None and row["status"] == "undone"

    def flow_is_settled(self, flow_id: str) -> bool:
        """Whether the outcome of every changing call of a flow is known."""
        open_still = calls.c.state.in_([state.value for state in UNSETTLED])
        query = select(calls.c.id).where(calls.c.flow == flow_id, calls.c.changes, open_still).limit(1)
        return self.store.read(lambda c: c.execute(query).first()) is None

    def of_visit(self, call: Call) -> list[Call]:
        """The calls of the person and visit that ``call`` names, in order, whatever flow made them; none where it
        names no visit."""
        if call.person is None or call.mdtrt_id is None:
            return []
        return self._of_visit(call.institution, (call.person,), call.mdtrt_id)

    def accepted_of(self, institution: str, psn_no: str, mdtrt_id: str) -> list[Call]:
        """The changing calls of a person's visit that the platform accepted, in order."""
        found = self._of_visit(institution, self.vault.hashes(psn_no), mdtrt_id)
        return [call for call in found if call.changes and call.state is State.ACCEPTED]

    def accepted_since(self, institution: str, psn_no: str, infnos: Iterable[str], epoch: float) -> list[Call]:
        """The calls of a person, of these transactions, whose acceptance was learnt since then."""
        persons = self.vault.hashes(psn_no)
        same = calls.c.institution == institution, calls.c.person.in_(persons), calls.c.infno.in_(tuple(infnos))
        accepted = calls.c.state == State.ACCEPTED.value, calls.c.finished_at >= epoch
        return self._calls(select(calls).where(*same, *accepted).order_by(calls.c.id))

    def _of_visit(self, institution: str, persons: tuple[str, ...], mdtrt_id: str) -> list[Call]:
        same = calls.c.institution == institution, calls.c.person.in_(persons), calls.c.mdtrt_id == mdtrt_id
        return self._calls(select(calls).where(*same).order_by(calls.c.id))

    def latest(
        self, *, states: Iterable[State] = (), infno: str | None = None, limit: int = 50, changes: bool | None = None
    ) -> list[Call]:
        """The latest calls first."""
        query = select(calls).order_by(calls.c.id.desc()).limit(limit)
        if wanted := [state.value for state in states]:
            query = query.where(calls.c.state.in_(wanted))
        if infno is not None:
            query = query.where(calls.c.infno == infno)
        if changes is not None:
            query = query.where(calls.c.changes == changes)
        return self._calls(query)

    def created_since(self, deployment: str, epoch: float, *, limit: int) -> list[Call]:
        """The latest calls of a deployment that were made since then, in order."""
        where = and_(calls.c.deployment == deployment, calls.c.created_at >= epoch)
        return self._calls(select(calls).where(where).order_by(calls.c.id.desc()).limit(limit))[::-1]

    def due(self, deployment: str, *, limit: int = 100) -> list[Call]:
        """The unsettled calls of a deployment whose time to be looked at has come, and the watched ones."""
        query = select(calls).where(
            and_(
                calls.c.deployment == deployment,
                calls.c.due_at <= self._epoch(),
                or_(calls.c.state == State.UNKNOWN.value, calls.c.watch_until.is_not(None)),
            )
        )
        return self._calls(query.order_by(calls.c.due_at).limit(limit))

    def next_due(self, deployment: str) -> float | None:
        """When the next call of a deployment has to be looked at; None where none has."""
        query = select(func.min(calls.c.due_at)).where(
            and_(
                calls.c.deployment == deployment,
                or_(calls.c.state == State.UNKNOWN.value, calls.c.watch_until.is_not(None)),
            )
        )
        found: float | None = self.store.read(lambda c: c.execute(query).scalar())
        return found

    def was_repeated(self, call: Call) -> bool:
        """Whether the same content went out once more after ``call`` and may have taken effect."""
        contents = {call.content, self.vault.content(call.content)}
        again = and_(calls.c.id > call.id, calls.c.infno == call.infno, calls.c.content.in_(contents))
        standing = calls.c.state.in_([state.value for state in State if not state.repeatable])
        query = select(calls.c.id).where(and_(calls.c.institution == call.institution, again, standing)).limit(1)
        return self.store.read(lambda c: c.execute(query).first()) is not None

    def unsettled(self, deployment: str | None = None) -> list[Call]:
        """Every changing call that is open or unknown."""
        query = select(calls).where(and_(calls.c.changes, calls.c.state.in_([s.value for s in UNSETTLED])))
        if deployment is not None:
            query = query.where(calls.c.deployment == deployment)
        return self._calls(query.order_by(calls.c.id))

    def orphans(self, deployment: str) -> list[Call]:
        """The open calls of a deployment that nobody works on any more."""
        where = and_(calls.c.deployment == deployment, calls.c.state == State.OPEN.value)
        return [call for call in self._calls(select(calls).where(where).order_by(calls.c.id)) if self.is_left(call)]

    def is_left(self, call: Call) -> bool:
        """Whether an open call was left behind: its process is no more, or is this one and works on it no more (it
        could not write down what became of it)."""
        if call.owner == self.owner:
            return call.msgid not in self._under_way
        return self.is_gone(call.owner)

    def is_gone(self, owner: str) -> bool:
        """Whether the process of that name is no more."""
        return self._writer.presence.is_gone(owner, self.store)

    def history(self, call_id: int) -> list[Event]:
        """What happened to a call, in order. A detail that does not open is left out."""
        query = select(events).where(events.c.call_id == call_id).order_by(events.c.at, events.c.row_version)
        return [
            Event(
                owner=row.owner, number=row.number, call_id=row.call_id, at=_moment(row.at), kind=row.kind,
                state=State(row.state) if row.state else None, detail=self._detail(row),
            )
            for row in self.store.read(lambda c: c.execute(query).all())
        ]  # fmt: skip

    def _detail(self, row: Row[Any]) -> dict[str, Any]:
        try:
            opened = self.vault.open(row.detail, event_place(row.owner, row.number))
        except Unreadable as unreadable:
            return {"note": unreadable.message}
        return dict(decode(opened)) if opened else {}

    def _calls(self, query: Select[Any]) -> list[Call]:
        return [self._call(row) for row in self.store.read(lambda c: c.execute(query).all())]

    def _call(self, row: Row[Any]) -> Call:
        held = row._mapping
        moments = {name: held[name] and _moment(held[name]) for name in ("created_at", "finished_at", "escalated_at")}
        bodies = Bodies({name: held[name] for name in SEALED}, self._opener(row.msgid))
        more = {"state": State(row.state), "created_epoch": row.created_at, "bodies": bodies}
        return Call(**{name: held[name] for name in _PLAIN} | moments | more)

    def _opener(self, msgid: str) -> Callable[[str, bytes | None], bytes]:
        return lambda name, sealed: self.vault.open(sealed, call_place(name, msgid))


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, CHINA).replace(tzinfo=None)
