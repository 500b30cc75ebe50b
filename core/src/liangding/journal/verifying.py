"""Whether a journal is as it was written.

A changed byte, a deleted row or event, and a row whose state was moved without an event are found. Rows are read in
order beside the events that are about them, so that a large journal needs no more memory than a small one. From a
checkpoint on, what came since is gone through, and the rows that it is about. What cannot be found from within is an
older copy of the whole database in the place of this one.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from sqlalchemy import BindParameter, Column, Connection, Row, Select, and_, bindparam, func, or_, select

from . import chain
from .checkpoints import Checkpoint
from .store import ChainHead
from .subjects import JOURNAL, SUBJECTS, LinkedSubject
from .tables import calls, events, journal_keys, keys, owners
from .vault import Keyed, Purpose, UnreadableValue, Vault
from .writing import event_place

_AT_ONCE = 1000
"""How many rows are read at once."""

_OWNERS = select(owners).order_by(owners.c.ordinal)

_AFTER = and_(events.c.owner == bindparam("owner"), events.c.number > bindparam("after"))

_CHAIN = select(events).where(_AFTER).order_by(events.c.number)

_LINK = select(events.c.link).where(events.c.owner == bindparam("owner"), events.c.number == bindparam("number"))

_ABOUT = select(events.c.call_id, events.c.subject, events.c.row_version).where(_AFTER).order_by(events.c.number)

_OF_NOTHING = (
    select(calls.c.id)
    .where(calls.c.id > bindparam("after"), ~select(events.c.number).where(events.c.call_id == calls.c.id).exists())
    .order_by(calls.c.id)
)

_CALLS = select(calls).order_by(calls.c.id)

_NAMED = and_(keys.c.institution == calls.c.institution, keys.c.key == calls.c.key)

_NEWEST = select(func.max(calls.c.id)).where(calls.c.key.is_not(None)).group_by(calls.c.institution, calls.c.key)

_WITH_KEYS = select(calls.c.id, calls.c.content, keys.c.call_id, keys.c.content.label("held")).join_from(
    calls, keys, _NAMED, isouter=True
)

_UNDER_KEYS = _WITH_KEYS.where(calls.c.id.in_(_NEWEST)).order_by(calls.c.id)

_SOME: BindParameter[Any] = bindparam("among", expanding=True)

_later = calls.alias("later")

_NEWER = select(_later.c.id).where(
    _later.c.institution == calls.c.institution, _later.c.key == calls.c.key, _later.c.id > calls.c.id
)

_SOME_UNDER_KEYS = _WITH_KEYS.where(calls.c.id.in_(_SOME), calls.c.key.is_not(None), ~_NEWER.exists())

_STRANGE_KEYS = (
    select(keys.c.call_id)
    .join(calls, calls.c.id == keys.c.call_id, isouter=True)
    .where(or_(calls.c.key.is_(None), ~_NAMED))
    .order_by(keys.c.call_id)
)

_SOME_CALLS = select(calls).where(calls.c.id.in_(_SOME))

_EARLIER = select(journal_keys.c.number).where(journal_keys.c.purpose == Purpose.EARLIER.value).limit(1)

_UPGRADED = select(events.c.number).where(events.c.subject == JOURNAL, events.c.kind == "upgraded").limit(1)


@functools.cache
def _events_about(column: Column[Any], some: bool) -> Select[Any]:
    """What the events say of the rows that the column names, all of them or ``some``, in order."""
    names = (events.c.row_version, events.c.row_digest, events.c.format, events.c.owner)
    query = select(column.label("about"), *names).where(column.is_not(None)).order_by(column)
    return query.where(column.in_(_SOME)) if some else query


@functools.cache
def _rows_of(subject: LinkedSubject) -> Select[Any]:
    return select(subject.table).order_by(*subject.table.primary_key.columns)


@functools.cache
def _subjects(subject: LinkedSubject) -> Select[Any]:
    """The rows of a table that events are about, each once."""
    about = func.substr(events.c.subject, 1, len(subject.prefix) + 1) == f"{subject.prefix}:"
    return select(events.c.subject).where(about).distinct()


@functools.cache
def _how_many(subject: LinkedSubject) -> Select[Any]:
    return select(func.count()).select_from(_subjects(subject).subquery())


@attrs.frozen
class _Last:
    """What the latest event about a row says of it."""

    version: int
    digest: str
    format: int | None
    owner: str


class Verification:
    """One look at everything, or at what came ``since`` a checkpoint."""

    def __init__(self, connection: Connection, vault: Vault, since: Checkpoint | None = None) -> None:
        self._connection = connection
        self._vault = vault
        self._since = since
        self._owners: dict[str, Row[Any]] = {}
        self._is_upgrading = is_upgrading(connection)

    def faults(self) -> Iterator[str]:
        """Everything that is not as it was written, as sentences; nothing where all is well."""
        yield from self._chains()
        if self._since is not None:
            yield from self._what_came(self._since)
            return
        yield from self._calls()
        yield from self._keys()
        for subject in SUBJECTS:
            yield from self._subject(subject)

    # -- chains --------------------------------------------------------------------------------------------------------

    def _chains(self) -> Iterator[str]:
        before, ordinal = chain.ROOT, 0
        entered = self._connection.execute(_OWNERS).all()
        self._owners = {owner.owner: owner for owner in entered}
        for owner, after in zip(entered, (*entered[1:], None)[: len(entered)], strict=True):
            ordinal += 1
            keyed = self._vault.chain(owner.chain)
            if owner.ordinal != ordinal:
                yield f"缺少第 {ordinal} 个进程的链（接着是第 {owner.ordinal} 个）"
                ordinal = owner.ordinal
            elif keyed is None or owner.first_link != chain.first_link(
                keyed, owner.owner, owner.ordinal, owner.started_at, before
            ):
                yield f"第 {ordinal} 个进程的链头被改过，或它之前的链缺失"
            before = owner.first_link
            if keyed is None:
                continue
            if owner.successor != chain.successor(keyed, owner.owner, None if after is None else after.first_link):
                yield f"第 {ordinal} 个进程之后的进程缺失，或被改过"
            yield from self._chain(owner, keyed)

    def _chain(self, owner: Row[Any], keyed: Keyed) -> Iterator[str]:
        head = self._reached(owner)
        for event in self._stream(_CHAIN, {"owner": owner.owner, "after": head.number}):
            if event.number != head.number + 1:
                yield f"第 {owner.ordinal} 个进程的链缺少第 {head.number + 1} 至 {event.number - 1} 件事"
            elif not self._is_linked(keyed, head, event):
                yield f"第 {owner.ordinal} 个进程的链上第 {event.number} 件事被改过（{_about(event)}）"
            head = ChainHead(event.number, event.link)
        if head.number != owner.events or chain.closing(keyed, owner.owner, head) != owner.closing:
            yield f"第 {owner.ordinal} 个进程的链应有 {owner.events} 件事，末尾对不上（有 {head.number} 件）"

    def _reached(self, owner: Row[Any]) -> ChainHead:
        """How far a process's chain was found whole."""
        reached = () if self._since is None else self._since.head.events
        number = reached[owner.ordinal - 1] if owner.ordinal <= len(reached) else 0
        if not number:
            return ChainHead(0, owner.first_link)
        return ChainHead(number, self._connection.execute(_LINK, {"owner": owner.owner, "number": number}).scalar_one())

    def _is_linked(self, keyed: Keyed, head: ChainHead, event: Row[Any]) -> bool:
        try:
            place = event_place(event.owner, event.number)
            plain = b"" if event.format is None else self._vault.open(event.detail, place)
        except UnreadableValue:
            return False
        if event.format == chain.VOUCHED:
            return self._is_vouched(event, plain)
        return bool(event.link == chain.next_link(keyed, head, event._asdict(), plain))

    def _is_vouched(self, event: Row[Any], plain: bytes) -> bool:
        """Whether another event says that this one is as it was."""
        said = self._latest(events.c.subject, [f"event:{event.owner}:{event.number}"])
        keyed = ((self._keyed_of(each.owner), each.digest) for _, last in said for each in last)
        return any(of and chain.event_digest(of, event._asdict(), plain) == digest for of, digest in keyed)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _calls(self) -> Iterator[str]:
        """Calls in order, each beside its latest event."""
        latest = self._latest(events.c.call_id)
        said = next(latest, None)
        for row in self._stream(_CALLS):
            while said is not None and said[0] < row.id:
                yield f"调用 {said[0]} 被删掉了"
                said = next(latest, None)
            if said is None or said[0] > row.id:
                yield f"调用 {row.id} 没有记录它的事"
                continue
            if not self._fits("calls", row._asdict(), row.version, said[1]):
                yield f"调用 {row.id} 的内容被改过"
            said = next(latest, None)
        while said is not None:
            yield f"调用 {said[0]} 被删掉了"
            said = next(latest, None)

    def _subject(self, subject: LinkedSubject) -> Iterator[str]:
        """Rows of a table in portions, each beside its latest event; and what has events and no row."""
        table, found = subject.table, 0
        rows = self._stream(_rows_of(subject))
        while portion := list(itertools.islice(rows, _AT_ONCE)):
            named = {subject.name(row._asdict()): row for row in portion}
            said = dict(self._latest(events.c.subject, list(named)))
            found += len(said)
            for name, row in named.items():
                if name in said and not self._fits(table.name, row._asdict(), row.version, said[name]):
                    yield f"{subject.chinese} {subject.number(name)} 的内容被改过"
                elif name not in said and not self._is_upgrading:
                    yield f"{subject.chinese} {subject.number(name)} 没有记录它的事"
        if self._connection.execute(_how_many(subject)).scalar() != found:
            for name in self._connection.execute(_subjects(subject)).scalars():
                if not subject.is_there(self._connection, str(name)):
                    yield f"{subject.chinese} {subject.number(str(name))} 被删掉了"

    # -- since a checkpoint --------------------------------------------------------------------------------------------

    def _what_came(self, since: Checkpoint) -> Iterator[str]:
        """The rows that events since then are about, each beside its latest event, and calls without one."""
        for owner in self._owners.values():
            came = self._stream(_ABOUT, {"owner": owner.owner, "after": self._reached(owner).number})
            while portion := list(itertools.islice(came, _AT_ONCE)):
                yield from self._calls_of({each.call_id: each.row_version for each in portion if each.call_id})
                for subject in SUBJECTS:
                    mine = (each for each in portion if str(each.subject).startswith(f"{subject.prefix}:"))
                    yield from self._rows_among(subject, {each.subject: each.row_version for each in mine})
        for call_id in self._connection.execute(_OF_NOTHING, {"after": since.call}).scalars():
            yield f"调用 {call_id} 没有记录它的事"

    def _calls_of(self, versions: dict[int, int]) -> Iterator[str]:
        """Of these calls those whose latest event it is, with the keys that they hold; of the others it comes later."""
        latest = self._newest(events.c.call_id, versions)
        among = {"among": list(latest)}
        found = {row.id: row for row in self._stream(_SOME_CALLS, among)}
        for call_id, said in latest.items():
            if call_id not in found:
                yield f"调用 {call_id} 被删掉了"
            elif not self._fits("calls", found[call_id]._asdict(), found[call_id].version, said):
                yield f"调用 {call_id} 的内容被改过"
        yield from self._held(self._stream(_SOME_UNDER_KEYS, among))

    def _rows_among(self, subject: LinkedSubject, versions: dict[str, int]) -> Iterator[str]:
        for name, said in self._newest(events.c.subject, versions).items():
            row = subject.row(self._connection, name)
            if row is None:
                yield f"{subject.chinese} {subject.number(name)} 被删掉了"
            elif not self._fits(subject.table.name, row._asdict(), row.version, said):
                yield f"{subject.chinese} {subject.number(name)} 的内容被改过"

    def _newest(self, column: Column[Any], versions: dict[Any, int]) -> dict[Any, list[_Last]]:
        """What the latest events say of those whose latest version is the one given."""
        said = self._latest(column, list(versions)) if versions else ()
        return {about: last for about, last in said if last[0].version == versions[about]}

    # -- both ----------------------------------------------------------------------------------------------------------

    def _latest(self, column: Column[Any], among: Sequence[str] | None = None) -> Iterator[tuple[Any, list[_Last]]]:
        """For each value of the column the events about its latest version, in the order of the values. A row that was
        sealed anew where its version has to stay has several."""
        found = self._stream(_events_about(column, among is not None), {} if among is None else {"among": among})
        for about, group in itertools.groupby(found, lambda event: event.about):
            said = [_Last(each.row_version, each.row_digest, each.format, each.owner) for each in group]
            newest = max(each.version for each in said)
            yield about, [each for each in said if each.version == newest]

    def _fits(self, kind: str, row: dict[str, Any], version: int, said: list[_Last]) -> bool:
        """Whether a row is what an event about its latest version says."""
        if version != said[0].version:
            return False
        keyed = ((self._keyed_of(each.owner), each) for each in said)
        return any(of and chain.row_digest(of, kind, row, each.format) == each.digest for of, each in keyed)

    def _keyed_of(self, owner: str) -> Keyed | None:
        """What makes the digests of a process's chain."""
        held = self._owners.get(owner)
        return None if held is None else self._vault.chain(held.chain)

    def _keys(self) -> Iterator[str]:
        """A business key belongs to the newest call that was made under it, with that call's content."""
        yield from self._held(self._stream(_UNDER_KEYS))
        for call_id in self._connection.execute(_STRANGE_KEYS).scalars():
            yield f"有业务号指向调用 {call_id}，它却不是用这个业务号的"

    def _held(self, rows: Iterator[Any]) -> Iterator[str]:
        for row in rows:
            if (row.call_id, row.held) != (row.id, row.content):
                yield f"调用 {row.id} 的业务号被改过，或被删掉了"

    def _stream(self, query: Select[Any], values: dict[str, Any] | None = None) -> Iterator[Any]:
        return iter(self._connection.execute(query, values, execution_options={"yield_per": _AT_ONCE}))


def is_upgrading(connection: Connection) -> bool:
    """Whether rows of schema 0001 are still to be brought into the chain: its keys are there, and nothing says that all
    its rows are done."""
    return connection.execute(_EARLIER).first() is not None and connection.execute(_UPGRADED).first() is None


def _about(event: Row[Any]) -> str:
    return f"调用 {event.call_id}" if event.call_id is not None else str(event.subject)
