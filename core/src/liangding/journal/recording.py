"""Recording calls before they are sent, and what becomes of them: a business key is used once, and a person whose last
call is not settled is held back."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
from sqlalchemy import Connection, Select, and_, bindparam, select, true

from ..clock import uptime
from ..errors import ConfigurationError, LiangdingError
from ..spec.does import Does
from ..wire.json import encode
from . import locks, settling
from .finding import BY_ID, JournalReading
from .records import CallRecord, NewCall, Outcome
from .statements import Prepared
from .states import LATE, PENDING, REPORTS, REVERSING, State
from .store import AlreadyThere, Tx
from .subjects import JOURNAL
from .tables import calls, events, keys, one_of
from .writing import CALL_COLUMNS, Moved, NoSuchCall, call_place

SEND_SECONDS = 3.0
"""So long after its record a call may be sent as it is; after that its row is read again first."""


@attrs.frozen
class Opened:
    """The call is recorded: it may be sent. ``at`` and ``up`` say when: by the wall clock, and by one that goes on
    while the machine sleeps."""

    id: int
    row: dict[str, Any] = attrs.field(repr=False)
    at: float | None = None
    up: float = 0.0


@attrs.frozen
class Existing:
    """The business key was used before, for the same content: this is its call. Nothing new may be sent."""

    call: CallRecord


@attrs.frozen
class Held:
    """The person's last calls are not settled: nothing new may be sent before they are."""

    calls: tuple[CallRecord, ...]


class KeyConflict(LiangdingError):
    """A business key was used before, for something else."""

    code = "key_conflict"
    http_status = 409
    remedy = "同一业务号只能用于同一内容；先用原内容查明那一笔，再决定"


class MsgidTaken(LiangdingError):
    """That message number was used before. The caller takes another."""

    code = "msgid_taken"


class OtherPlatform(ConfigurationError):
    """The journal holds calls of this institution that went to another platform."""

    code = "other_platform"


class _Raced(LiangdingError):
    """Another process recorded the same business key at the same moment."""


class Recording(JournalReading):
    """What a deployment at work writes down."""

    def open_call(self, new: NewCall, *, again: int | bool = False) -> Opened | Existing | Held:
        """Record a call, durably, before it is sent.

        Existing where its business key holds a call that is not certain to have had no effect, or one that may still
        turn up (:attr:`Call.may_be_there`), unless its number is ``again``: it was looked at just now (True: whichever
        it is); Held where calls of the same person at the same institution are not settled. Raises KeyConflict for a
        key used with other content, MsgidTaken, and JournalUnavailable where the record cannot be written: then nothing
        may be sent. ValueError for a call of another institution than the journal is bound to.
        """
        if not self._sees(new.institution):
            raise ValueError(f"a call of {new.institution} in the journal of {self.institution}")
        persons = self._hashes_of(new) or (None,)
        touches = locks.of_call(new.institution, new.key, persons)
        row = new_row(new) | {
            "person": persons[0],
            "content": self.vault.content(new.content),
            "request": self.vault.seal(new.request, call_place("request", new.msgid)),
            "owner": self.owner,
        }

        def work(tx: Tx) -> Opened | Existing | Held:
            before = self._held_by_key(tx, new) if new.key else None
            if before is not None:
                looked_at = again is True or before.id == again
                if not before.state.repeatable or (before.may_be_there and not looked_at):
                    return Existing(before)
            if new.holds and new.person:
                blocking = self._blocking(tx, row, persons)
                if blocking:
                    return Held(blocking)
            try:
                call_id = self._writer.insert(tx, row)
            except AlreadyThere:
                raise MsgidTaken(f"报文号 {new.msgid} 已用过") from None
            if new.key:
                self._point_key(tx, new, call_id, row["content"], again=before is not None)
            return Opened(call_id, row, self._wall(), uptime())

        self._under_way.add(new.msgid)
        opened = None
        try:
            while opened is None:
                with contextlib.suppress(_Raced):
                    opened = self.store.write(work, touches=touches)
            return opened
        finally:
            if not isinstance(opened, Opened):
                self._under_way.discard(new.msgid)

    def close_call(self, opened: Opened, outcome: Outcome) -> bool:
        """Record what became of a call. JournalUnavailable where that cannot be written.

        Another process may have taken this one for dead meanwhile. Then the answer counts where the call's key still
        points to it and nothing else stands under it; what the platform accepted otherwise is taken back. False where
        what the journal holds is what counts, not this answer.
        """
        touches = locks.of_call_row(opened.row) | settling.touched(opened.row["institution"], outcome)
        try:
            return self.store.write(lambda tx: self._end(tx, opened, opened.row, outcome), touches=touches)
        except Moved:
            return self.store.write(lambda tx: self._end_late(tx, opened, outcome))
        finally:
            self._under_way.discard(opened.row["msgid"])

    def _end(self, tx: Tx, opened: Opened, row: dict[str, Any], outcome: Outcome) -> bool:
        asks = outcome.state is State.UNKNOWN and row["changes"]
        due = {"due_at": outcome.at} if asks else {}
        return self._conclude(tx, opened.id, row, outcome, "ended", columns=due)

    def _end_late(self, tx: Tx, opened: Opened, outcome: Outcome) -> bool:
        row = self._writer.row(tx, opened.id)
        state = State(row["state"])
        if state is State.OPEN:
            return self._end(tx, opened, row, outcome)
        late = outcome.state in (State.ACCEPTED, State.REFUSED, State.NOT_SENT)
        if late and self._conclude(tx, opened.id, row, outcome, "answered_late"):
            return True
        detail = {"state": outcome.state.value}
        if outcome.state is State.ACCEPTED and state in (State.UNKNOWN, State.ABSENT):
            self._take_back(tx, opened.id, row, outcome, detail)
        else:
            self._writer.note(tx, opened.id, row, "answered_late", detail, {})
        return False

    def _take_back(self, tx: Tx, call_id: int, row: dict[str, Any], outcome: Outcome, detail: dict[str, Any]) -> None:
        """The platform accepted what the journal has given up, and its key went on without it: nobody is told of it,
        and it has to go. While a 2601 for it is on its way the case is in good hands already."""
        if row["resolution"] == REVERSING:
            self._writer.note(tx, call_id, row, "answered_late", detail, {})
            return
        columns = {"resolution": LATE, "due_at": outcome.at, "watch_until": None}
        if row["state"] == State.UNKNOWN.value:
            self._writer.note(tx, call_id, row, "came_late", detail, columns)
            return
        unknown = Outcome(state=State.UNKNOWN, at=outcome.at)
        self._writer.conclude(tx, call_id, row, unknown, "came_late", detail, columns)

    def may_send(self, opened: Opened) -> bool:
        """Whether a recorded call is still this process's to send, asked right before its first byte. One that waited
        longer than a moment (a closed lid, a paused machine, a slow signature) may have been given up meanwhile, and
        its key used again: then it must not leave any more."""
        at, up = opened.at, opened.up
        while at is not None and max(self._wall() - at, uptime() - up) > SEND_SECONDS:
            at, up = self._wall(), uptime()
            found = self.store.fetch(_STATE_OF, {"id": opened.id})
            if [tuple(row.values()) for row in found] != [(State.OPEN.value, self.owner)]:
                return False
        return True

    def abandon_call(self, opened: Opened) -> None:
        """This process works on the call no more, whatever became of it."""
        self._under_way.discard(opened.row["msgid"])

    def conclude(
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
        """Record how a call turned out that was not settled (or is watched), by an event of that ``kind``, and in the
        same transaction when it is looked at next (``columns``).

        False where the table of transitions (:mod:`.states`) does not lead there from where the call stands, or
        where it is not in the state ``only_from``, or where somebody has begun on it since the attempt ``taken``: what
        was seen before that counts no more.
        """

        def work(tx: Tx) -> bool:
            row = self._row(tx, call_id)
            state = State(row["state"])
            if state is outcome.state or only_from not in (None, state) or taken not in (None, row["attempts"]):
                return False
            return self._conclude(tx, call_id, row, outcome, kind, detail, columns)

        return self.store.write(work)

    def _conclude(
        self,
        tx: Tx,
        call_id: int,
        row: dict[str, Any],
        outcome: Outcome,
        kind: str,
        detail: dict[str, Any] | None = None,
        columns: dict[str, Any] | None = None,
    ) -> bool:
        concluded = self._writer.conclude(tx, call_id, row, outcome, kind, detail, columns)
        if concluded and outcome.settlement is not None:
            settling.enter(self._writer, tx, call_id, row, outcome)
        return concluded

    def note(self, call_id: int, kind: str, detail: dict[str, Any], **changes: Any) -> None:
        """Record something that happened to a call without settling it; ``changes`` are columns that change with it."""

        def work(tx: Tx) -> None:
            self._writer.note(tx, call_id, self._row(tx, call_id), kind, detail, changes)

        self.store.write(work)

    def report(self, kind: str, detail: dict[str, Any], *, call_id: int | None = None) -> None:
        """Record a use of the journal: who (by :func:`.asking.asked_by`) did what, and why. ValueError for a kind that
        is not of :data:`.states.REPORTS`."""
        if kind not in REPORTS:
            raise ValueError(f"{kind} is no report")
        about: dict[str, Any] = {"subject": JOURNAL} if call_id is None else {"call_id": call_id}
        told = detail if self.institution is None else {"institution": self.institution, **detail}

        def work(tx: Tx) -> None:
            if call_id is not None:
                self._row(tx, call_id)
            self._writer.link(tx, kind, told, **about)

        self.store.write(work, touches=locks.OWN_CHAIN)

    def serve(self, platform: str) -> None:
        """This institution's calls go to that platform. OtherPlatform where the journal holds its calls to another one:
        each would look for the other's cases, and find that they never were."""
        assert self.institution is not None
        subject = f"platform:{self.institution}"
        query = select(events).where(events.c.subject == subject).order_by(events.c.at.desc()).limit(1)

        def known(connection: Connection) -> str | None:
            row = connection.execute(query).first()
            return None if row is None else self._detail(dict(row._mapping)).get("platform")

        def work(tx: Tx) -> str | None:
            before = known(tx.connection)
            if before is None:
                self._writer.link(tx, "platform", {"platform": platform}, subject=subject)
            return before

        held = self.store.read(known) or self.store.write(work)
        if held not in (None, platform):
            raise OtherPlatform(
                f"这个流水里机构 {self.institution} 的业务办在平台 {held}，部署文件连的是 {platform}",
                path="platform.url",
                remedy=f'同一个平台换了地址：在 [platform] 写 name = "{held}"；'
                "是另一个平台（如测试环境）：用另一个 journal.url",
            )

    def _row(self, tx: Tx, call_id: int) -> dict[str, Any]:
        """A call's row as it stands. NoSuchCall where there is none, or it is not seen here."""
        row = self._writer.row(tx, call_id)
        if not self._sees(row["institution"]):
            raise NoSuchCall(f"流水中没有 {call_id} 号调用")
        return row

    def advise(self, call_id: int, advice: Iterable[str]) -> None:
        """Keep what the caller is told beside a call's answer, so that it is told the same when it asks again."""

        def work(tx: Tx) -> None:
            row = self._row(tx, call_id)
            sealed = self.vault.seal(encode(list(advice)), call_place("advice", row["msgid"]))
            self._writer.note(tx, call_id, row, "advised", {}, {"advice": sealed})

        self.store.write(work)

    def schedule(self, call_id: int, *, attempts: int, **columns: Any) -> bool:
        """Say when a call is looked at next, if nobody else has looked since ``attempts``; False where somebody has."""

        def work(tx: Tx) -> bool:
            row = self._row(tx, call_id)
            if row["attempts"] != attempts:
                return False
            self._writer.note(tx, call_id, row, "taken", {}, {"attempts": attempts + 1, **columns})
            return True

        return self.store.write(work)

    # -- business keys, and holding back -----------------------------------------------------------------------------

    def _held_by_key(self, tx: Tx, new: NewCall) -> CallRecord | None:
        tx.needs(locks.of_call(new.institution, new.key, ()))
        found = tx.run(self._key_row, {"institution": new.institution, "key": new.key}).fetchone()
        if found is None:
            return None
        held = self._one(tx, found[0])
        if held.state.repeatable:
            held = self._earlier(tx, new) or held
        if self.vault.content(held.content) != self.vault.content(new.content) and not held.state.repeatable:
            another = "" if held.person is None or held.person in self._hashes_of(new) else "另一参保人的"
            raise KeyConflict(f"业务号 {new.key} 已用于{another}另一内容的交易：{held.told}")
        return held

    def _hashes_of(self, new: NewCall) -> tuple[str, ...]:
        """Every hash that the person of a call may be stored under."""
        return self.vault.hashes(new.person) if new.person else ()

    def _earlier(self, tx: Tx, new: NewCall) -> CallRecord | None:
        """A call made under the key before the last one that stands, or is unknown again: one that came late."""
        found = tx.fetch(self._standing, {"institution": new.institution, "key": new.key})
        return self._call(found[0]) if found else None

    def _point_key(self, tx: Tx, new: NewCall, call_id: int, content: str, *, again: bool) -> None:
        if again:
            where = and_(keys.c.institution == new.institution, keys.c.key == new.key)
            tx.execute(keys.update().where(where).values(call_id=call_id, content=content))
            return
        values = {"institution": new.institution, "key": new.key, "call_id": call_id, "content": content}
        try:
            tx.run(self._insert_key, values)
        except AlreadyThere:
            raise _Raced("另一进程刚用了同一业务号") from None

    def _blocking(self, tx: Tx, row: dict[str, Any], persons: Sequence[str | None]) -> tuple[CallRecord, ...]:
        """The pending calls that a new one has to wait for: the person's unknown ones, and those under way for the
        same visit (or for none that is known); a settlement also for one of another visit, which may be the same bill
        under another key."""
        tx.needs(locks.of_call(row["institution"], None, persons))
        values = {"institution": row["institution"]} | dict(zip(self._persons, persons, strict=True))
        found = tx.run(self._pending, values).fetchall()
        visit, settles = row["mdtrt_id"], row["does"] == Does.SETTLES.value
        return tuple(
            self._one(tx, call_id)
            for call_id, state, other, does in found
            if state == State.UNKNOWN.value
            or None in (visit, other)
            or visit == other
            or (settles and does == Does.SETTLES.value)
        )

    def _one(self, tx: Tx, call_id: int) -> CallRecord:
        (row,) = tx.fetch(self._by_id, {"id": call_id})
        return self._call(row)

    def _prepare(self) -> None:
        engine, shared = self.store.engine, self._writer.presence.shared
        self._wall = self._epoch if shared is None else shared.wall
        self._insert_key = Prepared.of(_INSERT_KEY, engine, tuple(c.name for c in keys.columns))
        self._key_row = Prepared.of(_KEY_ROW, engine)
        self._by_id = Prepared.of(BY_ID, engine)
        self._standing = Prepared.of(_STANDING, engine)
        self._persons = tuple(f"person_{i}" for i in range(len(self.vault.hashes(""))))
        self._pending = Prepared.of(_pending(self._persons), engine)


_STATE_OF = select(calls.c.state, calls.c.owner).where(calls.c.id == bindparam("id"))

_STANDING = (
    select(calls)
    .where(calls.c.institution == bindparam("institution"), calls.c.key == bindparam("key"))
    .where(one_of(calls.c.state, (State.ACCEPTED, *PENDING)))
    .order_by(calls.c.id.desc())
    .limit(1)
)

_INSERT_KEY = keys.insert()

_KEY_ROW = select(keys.c.call_id, keys.c.content).where(
    and_(keys.c.institution == bindparam("institution"), keys.c.key == bindparam("key"))
)


@functools.cache
def _pending(persons: tuple[str, ...]) -> Select[Any]:
    """The pending calls that hold a person, whose number may be stored under several hashes."""
    return select(calls.c.id, calls.c.state, calls.c.mdtrt_id, calls.c.does).where(
        and_(
            calls.c.institution == bindparam("institution"),
            calls.c.person.in_([bindparam(name) for name in persons]),
            calls.c.holds == true(),
            one_of(calls.c.state, PENDING),
        )
    )


def new_row(new: NewCall) -> dict[str, Any]:
    """A row as it is before anything became of the call."""
    row: dict[str, Any] = dict.fromkeys(CALL_COLUMNS)
    row |= attrs.asdict(new, filter=lambda a, _: a.name in row)
    return row | {
        "state": State.OPEN.value, "version": 1, "failure": "", "resolution": "", "attempts": 0, "absences": 0,
        "created_at": new.at, "bill_date": new.bill_date and new.bill_date.isoformat(),
        **{name: row[name] and row[name][:100] for name in ("principal", "bill_no")},
    }  # fmt: skip
