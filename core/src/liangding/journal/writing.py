"""How the journal's rows are changed: each together with the event that says so, and by the table of transitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from sqlalchemy import Column, Connection, String, and_, bindparam, select

from ..errors import LiangdingError
from ..wire.json import encode
from . import chain, locks
from .asking import asking
from .presence import Presence, beat
from .records import NewCall, Outcome
from .statements import Prepared
from .states import LATE, NOTES, REVERSING, State, Transition, transition
from .store import ChainHead, Store, Tx
from .subjects import LinkedSubject
from .tables import calls, events, keys, owners
from .vault import Vault


class NoSuchCall(LiangdingError):
    """The journal holds no such call."""

    code = "no_such_call"
    http_status = 404


class Moved(LiangdingError):
    """Somebody else changed the row since it was read."""


SEALED = ("request", "answer", "message", "advice")

CALL_COLUMNS = tuple(column.name for column in calls.columns if column.name != "id")

_KNOWN_AT_ONCE = {field.name for field in attrs.fields(NewCall)} | {"owner", "created_at"}
_LEARNT = {field.name for field in attrs.fields(Outcome)}
_MUTABLE = tuple(name for name in CALL_COLUMNS if name in _LEARNT or name not in _KNOWN_AT_ONCE)
"""What may change of a call. What is known when it is recorded does not, unless an outcome tells it better."""

_TAKEN_AS_IT_IS = tuple(sorted(_LEARNT & set(CALL_COLUMNS) - {"state", "failure", "resolution", *SEALED}))
"""The columns that an outcome fills with what it says, where it says something."""

_EVENT_COLUMNS = tuple(column.name for column in events.columns)

_INSERT = calls.insert().returning(calls.c.id)

_INSERT_EVENT = events.insert()

_ROW = select(*(calls.c[name] for name in CALL_COLUMNS)).where(calls.c.id == bindparam("call_id"))

_UPDATE = (
    calls.update()
    .where(and_(calls.c.id == bindparam("call_id"), calls.c.version == bindparam("old_version")))
    .values({name: bindparam(f"new_{name}", type_=calls.c[name].type) for name in _MUTABLE})
)


def fits(column: Column[Any], value: Any) -> bool:
    """Whether a column can hold what an answer says; what it cannot is in the answer itself. A row must never keep an
    outcome from being recorded."""
    length = column.type.length if isinstance(column.type, String) else None
    return not isinstance(value, str) or ("\0" not in value and (length is None or len(value) <= length))


RESOLUTION = 40
"""The characters of a resolution that its column takes."""


def call_place(column: str, msgid: str) -> str:
    """Where a sealed value of a call stands."""
    return f"calls.{column}:{msgid}"


def event_place(owner: str, number: int) -> str:
    """Where the sealed detail of an event stands."""
    return f"events.detail:{owner}:{number}"


FARTHEST_SECONDS = 6 * 3600.0
"""No due time is set farther ahead: one that is, was set before the clock went back, and counts as due."""


def is_due(due_at: float | None, now: float) -> bool:
    """Whether the time has come."""
    return due_at is not None and not now < due_at <= now + FARTHEST_SECONDS


class Writer:
    """What writes into one database for one process: store, vault, the process's chain, and the clock."""

    def __init__(self, store: Store, vault: Vault, presence: Presence, epoch: Callable[[], float]) -> None:
        self.store = store
        self.vault = vault
        self.presence = presence
        self.epoch = epoch
        self._insert = Prepared.of(_INSERT, store.engine, CALL_COLUMNS)
        self._update = Prepared.of(_UPDATE, store.engine)
        self._insert_event = Prepared.of(_INSERT_EVENT, store.engine, _EVENT_COLUMNS)
        self._beat = Prepared.of(beat(store.dialect), store.engine)
        self._row = Prepared.of(_ROW, store.engine)
        store.head = store.write(lambda tx: presence.enter(tx, vault))
        store.closing, store.last_head = self._close_transaction, self._last_head

    def insert(self, tx: Tx, row: dict[str, Any]) -> int:
        """Put a new call's row in, with its event. AlreadyThere where its message number was used before."""
        tx.needs(locks.of_call_row(row))
        (call_id,) = tx.run(self._insert, row).fetchone()
        assert isinstance(call_id, int)
        self._link_call(tx, "recorded", call_id, row, {})
        return call_id

    def keep(self, tx: Tx, subject: LinkedSubject, row: dict[str, Any], kind: str = "") -> None:
        """Link the event that says that a row of another table is now as ``row`` has it."""
        state = row.get("status") or row.get("state")
        self.link(
            tx, kind or subject.kind, {}, subject=subject.name(row), row_version=row["version"],
            row_digest=chain.row_digest(self.vault.keyed, subject.table.name, row),
            state=state if isinstance(state, str) else None,
        )  # fmt: skip

    def link(self, tx: Tx, kind: str, detail: dict[str, Any], **about: Any) -> None:
        """Link an event to this process's chain; ``about`` are its further columns."""
        owner = self.presence.owner
        event = dict.fromkeys(_EVENT_COLUMNS) | {"row_version": 0, "row_digest": ""} | about
        plain = encode(detail) if detail else b""
        sealed = self.vault.seal(plain, event_place(owner, tx.head.number + 1))
        event |= {"owner": owner, "at": self.epoch(), "kind": kind, "detail": sealed, "principal": asking()}
        chain.append(tx, self._insert_event, self.vault.keyed, event, plain)

    def row(self, tx: Tx, call_id: int) -> dict[str, Any]:
        """A call's row as it stands."""
        found = tx.fetch(self._row, {"call_id": call_id})
        if not found:
            raise NoSuchCall(f"流水中没有 {call_id} 号调用")
        return found[0]

    def conclude(
        self,
        tx: Tx,
        call_id: int,
        row: dict[str, Any],
        outcome: Outcome,
        kind: str,
        detail: dict[str, Any] | None = None,
        columns: dict[str, Any] | None = None,
    ) -> bool:
        """Write down what became of a call; False where the table of transitions does not let it go there from where
        it stands. Moved where somebody changed the row since it was read."""
        move = transition(kind, State(row["state"]), outcome.state)
        if move is None or (move.still and self.is_reversing(row)):
            return False
        if move.unreversed and row["resolution"] == REVERSING:
            return False
        if move.alone and not self.is_alone(tx, call_id, row):
            return False
        self._move(tx, call_id, row, self._changes(row, outcome) | (columns or {}), kind, detail)
        return True

    def note(
        self, tx: Tx, call_id: int, row: dict[str, Any], kind: str, detail: dict[str, Any], changes: dict[str, Any]
    ) -> None:
        """Write down something that leaves the call in its state. ValueError for what is no note."""
        if kind not in NOTES or "state" in changes:
            raise ValueError(f"{kind} is no note")
        self._move(tx, call_id, row, changes, kind, detail)

    def replace_request(
        self, tx: Tx, call_id: int, row: dict[str, Any], request: bytes | None, **more: str | None
    ) -> None:
        """What is otherwise never changed: the request, sealed anew or taken out; its ``person``, hashed anew. A note
        has to follow."""
        values = {"request": request, **more}
        tx.execute(calls.update().where(calls.c.id == call_id).values(values))
        row.update(values)

    def is_reversing(self, row: dict[str, Any]) -> bool:
        """Whether a 2601 for the call may still take effect."""
        return row["resolution"] == REVERSING and not is_due(row["due_at"], self.epoch())

    def is_alone(self, tx: Tx, call_id: int, row: dict[str, Any]) -> bool:
        """Whether a call may still be the one of its business key: the key points to it, and no other call under it
        stands or may stand. Without a key the same content must not have gone out again."""
        tx.needs_all()
        if row["resolution"] == LATE:
            return False
        standing = calls.c.state.in_([state.value for state in State if not state.repeatable])
        mine = and_(calls.c.institution == row["institution"], calls.c.id != call_id, standing)
        if row["key"] is None:
            again = and_(mine, calls.c.id > call_id, calls.c.infno == row["infno"], calls.c.content == row["content"])
            return tx.execute(select(calls.c.id).where(again).limit(1)).first() is None
        named = and_(keys.c.institution == row["institution"], keys.c.key == row["key"])
        if tx.execute(select(keys.c.call_id).where(named)).scalar() != call_id:
            return False
        return tx.execute(select(calls.c.id).where(and_(mine, calls.c.key == row["key"])).limit(1)).first() is None

    def _changes(self, row: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
        changes = {
            "state": outcome.state.value,
            "finished_at": outcome.at,
            "failure": outcome.failure or row["failure"],
            "message": self._sealed(row, "message", outcome.message.encode()),
            "resolution": (outcome.resolution or row["resolution"])[:RESOLUTION],
        }
        if outcome.state is State.ACCEPTED:
            changes |= {"due_at": None, "watch_until": None}
        if outcome.answer or not row["answer"]:
            changes["answer"] = self._sealed(row, "answer", outcome.answer)
        if outcome.advice:
            changes["advice"] = self._sealed(row, "advice", encode(list(outcome.advice)))
        for name in _TAKEN_AS_IT_IS:
            value = getattr(outcome, name)
            if value is not None and fits(calls.c[name], value):
                changes[name] = value
        return changes

    def _sealed(self, row: dict[str, Any], column: str, plain: bytes) -> bytes:
        return self.vault.seal(plain, call_place(column, row["msgid"]))

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
        tx.needs(locks.of_call_row(row))
        moved = row | changes | {"version": row["version"] + 1}
        values = {f"new_{name}": moved[name] for name in _MUTABLE}
        values |= {"call_id": call_id, "old_version": row["version"]}
        if tx.run(self._update, values).rowcount != 1:
            raise Moved(f"{call_id} 号调用已由别处改动")
        self._link_call(tx, kind, call_id, moved, detail or {})

    def _link_call(self, tx: Tx, kind: str, call_id: int, row: dict[str, Any], detail: dict[str, Any]) -> None:
        digest = chain.row_digest(self.vault.keyed, calls.name, row)
        version, state = row["version"], row["state"]
        self.link(tx, kind, detail, call_id=call_id, row_version=version, row_digest=digest, state=state)

    def _last_head(self, connection: Connection) -> ChainHead:
        """The end of this process's chain, as the database has it: a commit that failed may have been made."""
        owner = self.presence.owner
        mine = select(events.c.number, events.c.link).where(events.c.owner == owner)
        last = connection.execute(mine.order_by(events.c.number.desc()).limit(1)).first()
        if last is not None:
            return ChainHead(last.number, last.link)
        return ChainHead(0, connection.execute(select(owners.c.first_link).where(owners.c.owner == owner)).scalar_one())

    def _close_transaction(self, tx: Tx) -> None:
        closing = chain.closing(self.vault.keyed, self.presence.owner, tx.head)
        values = {"who": self.presence.owner, "count": tx.head.number, "link": closing, "now": self.epoch()}
        if tx.run(self._beat, values | {"before": self.store.head.number}).rowcount != 1:
            raise self.store.fell_back()


__all__ = ["CALL_COLUMNS", "SEALED", "Moved", "NoSuchCall", "Transition", "Writer"]
