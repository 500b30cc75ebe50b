"""Recording calls, finding them again, letting a business key be used once only, and holding back a person whose last
call is not settled."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Select, and_, bindparam, func, literal_column, or_, select, true

from ..errors import LiangdingError
from ..spec.leaves import CHINA
from ..wire.json import decode, encode
from . import chain, migrations
from .flows import FlowRows
from .owners import BEAT_SECONDS, is_gone, this_process
from .records import UNSETTLED, Call, Event, NewCall, Outcome, State
from .sign_ins import SignIns
from .store import AlreadyThere, Head, JournalUnavailable, Prepared, Store, Tx
from .tables import calls, events, keys, owners
from .vault import Vault


@attrs.frozen
class Opened:
    """The call is recorded: it may be sent."""

    id: int
    row: dict[str, Any] = attrs.field(repr=False)


@attrs.frozen
class Existing:
    """The business key was used before, for the same content: this is its call. Nothing new may be sent."""

    call: Call


@attrs.frozen
class Held:
    """The person's last calls are not settled: nothing new may be sent before they are."""

    calls: tuple[Call, ...]


class KeyConflict(LiangdingError):
    """A business key was used before, for something else."""

    code = "key_conflict"
    http_status = 409
    remedy = "同一业务号只能用于同一内容；先用原内容查明那一笔，再决定"


class MsgidTaken(LiangdingError):
    """That message number was used before. The caller takes another."""

    code = "msgid_taken"


class _Raced(LiangdingError):
    """Another process recorded the same business key at the same moment."""


class _Moved(LiangdingError):
    """Somebody else changed the row since it was read."""


class NoSuchCall(LiangdingError):
    """The journal holds no such call."""

    code = "no_such_call"
    http_status = 404


class Journal:
    """The journal of one database; several deployments may share it.

    ``owner`` names this process in the rows that it opens, so that after a crash its unfinished rows are known;
    ``alive`` says of such a name whether its process is still there, instead of looking it up. ``epoch`` is the clock,
    ``store`` what opens the database.
    """

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        folder: Path = Path(),
        owner: str | None = None,
        alive: Callable[[str], bool] | None = None,
        epoch: Callable[[], float] = time.time,
        store: Callable[[str, Path], Store] = Store,
    ) -> None:
        self.vault = vault
        self.owner = owner or this_process()
        self._alive = alive
        self._epoch = epoch
        self._under_way: set[str] = set()
        self.store = store(url, folder)
        _bring_up(self.store)
        self._insert = Prepared(calls.insert().returning(calls.c.id), self.store.engine, _CALL_COLUMNS)
        self._update = Prepared(_UPDATE, self.store.engine)
        self._insert_event = Prepared(events.insert(), self.store.engine, tuple(c.name for c in events.columns))
        self._insert_key = Prepared(keys.insert(), self.store.engine, tuple(c.name for c in keys.columns))
        self._beat = Prepared(_BEAT, self.store.engine)
        self._key_row = Prepared(_KEY_ROW, self.store.engine)
        self._unsettled = Prepared(_UNSETTLED, self.store.engine)
        self._enter()
        self.store.closing, self.store.last_head = self._close_transaction, self._last_head
        self.flows = FlowRows(self.store, vault)
        self.sign_ins = SignIns(self.store)
        self._closed = threading.Event()
        if self.store.dialect != "sqlite":
            threading.Thread(target=self._keep_beating, name="journal beat", daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        self.store.close()

    # -- recording -------------------------------------------------------------------------------------------------

    def open_call(self, new: NewCall, *, again: bool = False) -> Opened | Existing | Held:
        """Record a call, durably, before it is sent.

        Existing where its business key holds a call that is not certain to have had no effect, or (unless ``again``)
        one that was found not to be there and is still watched; Held where calls of
        the same person at the same institution are not settled. Raises KeyConflict for a key used with other content,
        MsgidTaken, and JournalUnavailable where the record cannot be written: then nothing may be sent.
        """
        row = _row(new) | {
            "person": self.vault.hashed(new.person),
            "request": self.vault.seal(new.request),
            "owner": self.owner,
        }

        def work(tx: Tx) -> Opened | Existing | Held:
            before = self._held_by_key(tx, new) if new.key else None
            if before is not None and (not before.state.repeatable or (before.watch_until is not None and not again)):
                return Existing(before)
            if new.holds and row["person"]:
                blocking = self._blocking(tx, row)
                if blocking:
                    return Held(blocking)
            try:
                (call_id,) = tx.run(self._insert, row).fetchone()
            except AlreadyThere:
                raise MsgidTaken(f"报文号 {new.msgid} 已用过") from None
            assert isinstance(call_id, int)
            if new.key:
                self._point_key(tx, new, call_id, again=before is not None)
            self._note(tx, "recorded", call_id, row, {})
            return Opened(call_id, row)

        self._under_way.add(new.msgid)
        opened = None
        try:
            while opened is None:
                with contextlib.suppress(_Raced):
                    opened = self.store.write(work)
            return opened
        finally:
            if not isinstance(opened, Opened):
                self._under_way.discard(new.msgid)

    def close_call(self, opened: Opened, outcome: Outcome) -> bool:
        """Record what became of a call. JournalUnavailable where that cannot be written.

        Where another process took this one for dead meanwhile and the call is being resolved, the answer resolves it.
        False where it is resolved already: the answer is only noted, and what the journal holds is what counts.
        """
        changes = self._changes(opened.row, outcome)
        if outcome.state is State.UNKNOWN and opened.row["changes"] and opened.row["resolves"] is None:
            changes["due_at"] = outcome.at
        try:
            self.store.write(lambda tx: self._move(tx, opened.id, opened.row, changes, "ended"))
        except _Moved:
            if not self.settle(opened.id, outcome, "ended", only_from=State.UNKNOWN):
                self.note(opened.id, "answered_late", {"state": outcome.state.value})
                return False
        finally:
            self._under_way.discard(opened.row["msgid"])
        return True

    def abandon_call(self, opened: Opened) -> None:
        """This process works on the call no more, whatever became of it."""
        self._under_way.discard(opened.row["msgid"])

    def settle(
        self,
        call_id: int,
        outcome: Outcome,
        kind: str,
        detail: dict[str, Any] | None = None,
        *,
        only_from: State | None = None,
        taken: int | None = None,
        **columns: Any,
    ) -> bool:
        """Record how an unsettled call (or one that is watched) turned out, and in the same transaction when it is
        looked at next (``columns``); False where somebody else did, where it is not in the state ``only_from``, or
        where somebody has begun on it since the attempt ``taken``: what was seen before that counts no more."""

        def work(tx: Tx) -> bool:
            row = self._row_of(tx, call_id)
            state = State(row["state"])
            if state is outcome.state or only_from not in (None, state) or taken not in (None, row["attempts"]):
                return False
            self._move(tx, call_id, row, self._changes(row, outcome) | columns, kind, detail)
            return True

        return self.store.write(work)

    def note(self, call_id: int, kind: str, detail: dict[str, Any], **changes: Any) -> None:
        """Record something that happened to a call without settling it; ``changes`` are columns that change with it."""

        def work(tx: Tx) -> None:
            row = self._row_of(tx, call_id)
            self._move(tx, call_id, row, changes, kind, detail)

        self.store.write(work)

    def schedule(self, call_id: int, *, attempts: int, **columns: Any) -> bool:
        """Say when a call is looked at next, if nobody else has looked since ``attempts``; False where somebody has."""

        def work(tx: Tx) -> bool:
            row = self._row_of(tx, call_id)
            if row["attempts"] != attempts:
                return False
            self._move(tx, call_id, row, {"attempts": attempts + 1, **columns}, "taken")
            return True

        return self.store.write(work)

    def _changes(self, row: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
        changes = {
            "state": outcome.state.value,
            "finished_at": outcome.at,
            "failure": outcome.failure or row["failure"],
            "message": self.vault.seal(outcome.message.encode()),
            "resolution": outcome.resolution or row["resolution"],
        }
        if outcome.state is State.ACCEPTED:
            changes |= {"due_at": None, "watch_until": None}
        if outcome.answer or not row["answer"]:
            changes["answer"] = self.vault.seal(outcome.answer)
        if outcome.advice:
            changes["advice"] = self.vault.seal(encode(list(outcome.advice)))
        for name in ("http_status", "inf_refmsgid", "mdtrt_id", "setl_id", "amount"):
            if getattr(outcome, name) is not None:
                changes[name] = getattr(outcome, name)
        return changes

    def _move(
        self,
        tx: Tx,
        call_id: int,
        row: dict[str, Any],
        changes: dict[str, Any],
        kind: str,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Change a row and link the event that says so."""
        moved = row | changes | {"version": row["version"] + 1}
        values = {f"new_{name}": moved[name] for name in _MUTABLE}
        values |= {"call_id": call_id, "old_version": row["version"]}
        if tx.run(self._update, values).rowcount != 1:
            raise _Moved(f"{call_id} 号调用已由别处改动")
        self._note(tx, kind, call_id, moved, detail or {})

    def _note(self, tx: Tx, kind: str, call_id: int, row: dict[str, Any], detail: dict[str, Any]) -> None:
        event = {
            "call_id": call_id, "at": self._epoch(), "kind": kind, "row_version": row["version"],
            "detail": self.vault.seal(encode(detail)) if detail else b"",
            "row_digest": chain.row_digest(self.vault, row),
        }  # fmt: skip
        chain.append(tx, self._insert_event, self.vault, self.owner, event)

    def _row_of(self, tx: Tx, call_id: int) -> dict[str, Any]:
        found = tx.execute(select(calls).where(calls.c.id == call_id)).first()
        if found is None:
            raise NoSuchCall(f"流水中没有 {call_id} 号调用")
        return {name: value for name, value in found._mapping.items() if name != "id"}

    # -- business keys, and holding back -----------------------------------------------------------------------------

    def _held_by_key(self, tx: Tx, new: NewCall) -> Call | None:
        found = tx.run(self._key_row, {"institution": new.institution, "key": new.key}).fetchone()
        if found is None:
            return None
        held = self._one(tx, found[0])
        if held.state.repeatable:
            held = self._earlier(tx, new) or held
        if held.content != new.content and not held.state.repeatable:
            raise KeyConflict(f"业务号 {new.key} 已用于另一内容的交易")
        return held

    def _earlier(self, tx: Tx, new: NewCall) -> Call | None:
        """A call made under the key before the last one that stands, or is unknown again: one that came late."""
        query = select(calls).where(calls.c.institution == new.institution, calls.c.key == new.key)
        standing = calls.c.state.in_([state.value for state in (State.ACCEPTED, *UNSETTLED)])
        row = tx.execute(query.where(standing).order_by(calls.c.id.desc()).limit(1)).first()
        return None if row is None else self._call(row)

    def _point_key(self, tx: Tx, new: NewCall, call_id: int, *, again: bool) -> None:
        if again:
            where = and_(keys.c.institution == new.institution, keys.c.key == new.key)
            tx.execute(keys.update().where(where).values(call_id=call_id, content=new.content))
            return
        values = {"institution": new.institution, "key": new.key, "call_id": call_id, "content": new.content}
        try:
            tx.run(self._insert_key, values)
        except AlreadyThere:
            raise _Raced("另一进程刚用了同一业务号") from None

    def _blocking(self, tx: Tx, row: dict[str, Any]) -> tuple[Call, ...]:
        """The unsettled calls that a new one has to wait for: the person's unknown ones, and those under way for the
        same visit (or for none that is known)."""
        found = tx.run(self._unsettled, {"institution": row["institution"], "person": row["person"]}).fetchall()
        visit = row["mdtrt_id"]
        return tuple(
            self._one(tx, call_id)
            for call_id, state, other in found
            if state == State.UNKNOWN.value or visit is None or other is None or visit == other
        )

    def _one(self, tx: Tx, call_id: int) -> Call:
        row = tx.execute(select(calls).where(calls.c.id == call_id)).first()
        assert row is not None
        return self._call(row)

    # -- finding -----------------------------------------------------------------------------------------------------

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
        return self._of_visit(call.institution, call.person, call.mdtrt_id)

    def accepted_of(self, institution: str, psn_no: str, mdtrt_id: str) -> list[Call]:
        """The changing calls of a person's visit that the platform accepted, in order."""
        found = self._of_visit(institution, self.vault.hashed(psn_no), mdtrt_id)
        return [call for call in found if call.changes and call.state is State.ACCEPTED]

    def accepted_since(self, institution: str, psn_no: str, infnos: Iterable[str], epoch: float) -> list[Call]:
        """The calls of a person, of these transactions, whose acceptance was learnt since then."""
        person = self.vault.hashed(psn_no)
        same = calls.c.institution == institution, calls.c.person == person, calls.c.infno.in_(tuple(infnos))
        accepted = calls.c.state == State.ACCEPTED.value, calls.c.finished_at >= epoch
        return self._calls(select(calls).where(*same, *accepted).order_by(calls.c.id))

    def _of_visit(self, institution: str, person: str | None, mdtrt_id: str) -> list[Call]:
        same = calls.c.institution == institution, calls.c.person == person, calls.c.mdtrt_id == mdtrt_id
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
        again = and_(calls.c.id > call.id, calls.c.infno == call.infno, calls.c.content == call.content)
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
        if owner == self.owner:
            return False
        query = select(owners.c.beat_at).where(owners.c.owner == owner)
        beat_at = self.store.read(lambda c: c.execute(query).scalar()) or 0.0
        return is_gone(owner, beat_at, self._epoch(), self._alive)

    def history(self, call_id: int) -> list[Event]:
        """What happened to a call, in order."""
        query = select(events).where(events.c.call_id == call_id).order_by(events.c.at, events.c.row_version)
        return [
            Event(
                owner=row.owner, number=row.number, call_id=row.call_id, at=_moment(row.at), kind=row.kind,
                detail=decode(opened) if (opened := self.vault.open(row.detail)) else {},
            )
            for row in self.store.read(lambda c: c.execute(query).all())
        ]  # fmt: skip

    def _calls(self, query: Select[Any]) -> list[Call]:
        return [self._call(row) for row in self.store.read(lambda c: c.execute(query).all())]

    def _call(self, row: Row[Any]) -> Call:
        opened = self.vault.open
        names = attrs.fields_dict(Call)
        plain = {name: value for name, value in row._mapping.items() if name in names}
        return Call(
            **plain
            | {
                "state": State(row.state),
                "created_at": _moment(row.created_at),
                "created_epoch": row.created_at,
                "finished_at": row.finished_at and _moment(row.finished_at),
                "escalated_at": row.escalated_at and _moment(row.escalated_at),
                "message": opened(row.message).decode(),
                "request": opened(row.request),
                "answer": opened(row.answer),
                "advice": tuple(decode(opened(row.advice))) if row.advice else (),
            }
        )

    # -- keeping -----------------------------------------------------------------------------------------------------

    def verify(self) -> list[str]:
        """Everything that somebody changed or removed, as sentences; empty where all is as it was written."""
        return self.store.read(lambda connection: list(chain.verify(connection, self.vault)), still=True)

    def reseal(self, *, batch: int = 200) -> int:
        """Seal every body anew under the present secret and cipher; how many rows were changed."""
        done, last = 0, 0
        while True:
            query = select(calls).where(calls.c.id > last).order_by(calls.c.id).limit(batch)
            found = self.store.read(lambda c, q=query: c.execute(q).all())  # type: ignore[misc]
            if not found:
                return done
            last = found[-1].id
            done += sum(self._reseal(row.id) for row in found)

    def _reseal(self, call_id: int) -> bool:
        def work(tx: Tx) -> bool:
            row = self._row_of(tx, call_id)
            renewed = {name: self.vault.renewed(row[name]) for name in _SEALED}
            changes = {name: value for name, value in renewed.items() if value is not None}
            if not changes:
                return False
            self._replace_request(tx, call_id, row, changes.pop("request", row["request"]))
            self._move(tx, call_id, row, changes, "resealed")
            return True

        return self.store.write(work)

    def _replace_request(self, tx: Tx, call_id: int, row: dict[str, Any], request: bytes | None) -> None:
        """The one thing that is otherwise never changed: sealed anew, or taken out."""
        tx.execute(calls.update().where(calls.c.id == call_id).values(request=request))
        row["request"] = request

    def prune(self, before: float) -> int:
        """Take the bodies out of calls that were settled before then; rows, outcomes and the chain stay."""
        where = and_(calls.c.created_at < before, calls.c.request.is_not(None), calls.c.watch_until.is_(None))
        settled = calls.c.state.not_in([state.value for state in UNSETTLED])
        query = select(calls.c.id).where(and_(where, settled))
        found = self.store.read(lambda c: c.execute(query).scalars().all())
        for call_id in found:
            self.store.write(lambda tx, i=call_id: self._prune(tx, i))  # type: ignore[misc]
        return len(found)

    def _prune(self, tx: Tx, call_id: int) -> None:
        row = self._row_of(tx, call_id)
        self._replace_request(tx, call_id, row, None)
        self._move(tx, call_id, row, dict.fromkeys(("answer", "message", "advice")), "pruned")

    def _enter(self) -> None:
        """Write this process down, and begin its chain."""

        def work(tx: Tx) -> Head:
            last = tx.execute(select(owners).order_by(owners.c.ordinal.desc()).limit(1)).first()
            ordinal, before = (last.ordinal + 1, last.first_link) if last is not None else (1, chain.ROOT)
            now = self._epoch()
            link = chain.first_link(self.vault, self.owner, ordinal, now, before)
            row = {
                "owner": self.owner, "ordinal": ordinal, "started_at": now, "beat_at": now, "first_link": link,
                "events": 0, "closing": chain.closing(self.vault, self.owner, Head(0, link)),
                "successor": chain.successor(self.vault, self.owner, None),
            }  # fmt: skip
            tx.execute(owners.insert(), row)
            if last is not None:
                followed = {"successor": chain.successor(self.vault, last.owner, link)}
                tx.execute(owners.update().where(owners.c.owner == last.owner).values(followed))
            return Head(0, link)

        self.store.head = self.store.write(work)

    def _last_head(self, connection: Connection) -> Head:
        """The end of this process's chain, as the database has it: a commit that failed may have been made."""
        mine = select(events.c.number, events.c.link).where(events.c.owner == self.owner)
        last = connection.execute(mine.order_by(events.c.number.desc()).limit(1)).first()
        if last is not None:
            return Head(last.number, last.link)
        return Head(0, connection.execute(select(owners.c.first_link).where(owners.c.owner == self.owner)).scalar_one())

    def _close_transaction(self, tx: Tx) -> None:
        closing = chain.closing(self.vault, self.owner, tx.head)
        tx.run(self._beat, {"who": self.owner, "count": tx.head.number, "link": closing, "now": self._epoch()})

    def _keep_beating(self) -> None:
        while not self._closed.wait(BEAT_SECONDS):
            statement = owners.update().where(owners.c.owner == self.owner).values(beat_at=self._epoch())
            try:
                self.store.write(lambda tx, s=statement: tx.execute(s))  # type: ignore[misc]
            except JournalUnavailable:
                continue


_SEALED = ("request", "answer", "message", "advice")

_CALL_COLUMNS = tuple(column.name for column in calls.columns if column.name != "id")

_MUTABLE = (
    "version", "state", "mdtrt_id", "setl_id", "amount", "finished_at", "http_status", "failure", "inf_refmsgid",
    "answer", "message", "advice", "resolution", "due_at", "attempts", "absences", "escalated_at", "watch_until",
)  # fmt: skip

_UPDATE = (
    calls.update()
    .where(and_(calls.c.id == bindparam("call_id"), calls.c.version == bindparam("old_version")))
    .values({name: bindparam(f"new_{name}", type_=calls.c[name].type) for name in _MUTABLE})
)

_BEAT = (
    owners.update()
    .where(owners.c.owner == bindparam("who"))
    .values(events=bindparam("count"), closing=bindparam("link"), beat_at=bindparam("now"))
)

_KEY_ROW = select(keys.c.call_id, keys.c.content).where(
    and_(keys.c.institution == bindparam("institution"), keys.c.key == bindparam("key"))
)

_UNSETTLED = select(calls.c.id, calls.c.state, calls.c.mdtrt_id).where(
    and_(
        calls.c.institution == bindparam("institution"),
        calls.c.person == bindparam("person"),
        calls.c.holds == true(),
        calls.c.state.in_([literal_column(f"'{state.value}'") for state in UNSETTLED]),
    )
)


def _row(new: NewCall) -> dict[str, Any]:
    """A row as it is before anything became of the call."""
    row: dict[str, Any] = dict.fromkeys(_CALL_COLUMNS)
    row |= attrs.asdict(new, filter=lambda a, _: a.name in row)
    return row | {
        "state": State.OPEN.value, "version": 1, "failure": "", "resolution": "", "attempts": 0, "absences": 0,
        "created_at": new.at,
    }  # fmt: skip


def _bring_up(store: Store) -> None:
    """Bring the database's tables up to what this version needs; two processes at once make them once."""

    def work(tx: Tx) -> None:
        if migrations.revision(tx.connection) != migrations.HEAD:
            migrations.upgrade(tx.connection)

    if store.read(migrations.revision) != migrations.HEAD:
        store.write(work)


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, CHINA).replace(tzinfo=None)
