"""The chain of events: each is linked to the one before, and holds a digest of its call's row as it then was.

A changed byte, a deleted row or event, and a row whose state was moved without an event are found by :func:`verify`.
Each process has a chain of its own, so that nobody waits for another's link; the chains' beginnings are linked too, and
the end of each says under the key how long it is and who came after. Digests are keyed: who does not have the secret
cannot make one. What cannot be found out from within is an older copy of the whole database in the place of this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, or_, select

from .store import Head, Prepared, Tx
from .tables import calls, events, keys, owners
from .vault import Vault

DIGESTED = tuple(column.name for column in calls.columns if column.name != "id")

LINKED = ("number", "call_id", "at", "kind", "detail", "row_version", "row_digest")

ROOT = "0" * 64

_encode = msgspec.msgpack.Encoder().encode
"""Values as bytes, the same for the same ones, and different for others or for another kind."""


def row_digest(vault: Vault, row: Mapping[str, Any]) -> str:
    """A digest of a call's row, whatever its id."""
    return _digest(vault, "row", [row[name] for name in DIGESTED])


def first_link(vault: Vault, owner: str, ordinal: int, started_at: float, before: str) -> str:
    """The beginning of a process's chain."""
    return _digest(vault, "owner", [before, owner, ordinal, started_at])


def closing(vault: Vault, owner: str, head: Head) -> str:
    """The end of a process's chain: a chain that was cut short needs another."""
    return _digest(vault, "end", [owner, head.number, head.link])


def successor(vault: Vault, owner: str, link: str | None) -> str:
    """Who came after a process: the beginning of the next one's chain, None for nobody yet."""
    return _digest(vault, "successor", [owner, link])


def next_link(vault: Vault, head: Head, event: Mapping[str, Any]) -> str:
    """The link of ``event`` after ``head``."""
    return _digest(vault, "link", [head.link, *(event[name] for name in LINKED)])


def _digest(vault: Vault, kind: str, values: list[Any]) -> str:
    return vault.keyed(_encode((kind, values)))


def append(tx: Tx, insert: Prepared, vault: Vault, owner: str, event: dict[str, Any]) -> None:
    """Link ``event`` to this process's chain."""
    number = tx.head.number + 1
    whole = {**event, "owner": owner, "number": number}
    whole["link"] = next_link(vault, tx.head, whole)
    tx.run(insert, whole)
    tx.head = Head(number, whole["link"])


def verify(connection: Connection, vault: Vault) -> Iterator[str]:
    """Everything that is not as it was written, as sentences; nothing where all is well."""
    latest: dict[int, tuple[int, str]] = {}
    before, ordinal = ROOT, 0
    entered = connection.execute(select(owners).order_by(owners.c.ordinal)).all()
    for owner, after in zip(entered, (*entered[1:], None), strict=True):
        ordinal += 1
        if owner.ordinal != ordinal:
            yield f"缺少第 {ordinal} 个进程的链（接着是第 {owner.ordinal} 个）"
            ordinal = owner.ordinal
        elif owner.first_link != first_link(vault, owner.owner, owner.ordinal, owner.started_at, before):
            yield f"第 {ordinal} 个进程的链头被改过，或它之前的链缺失"
        if owner.successor != successor(vault, owner.owner, None if after is None else after.first_link):
            yield f"第 {ordinal} 个进程之后的进程缺失，或被改过"
        before = owner.first_link
        yield from _verify_chain(connection, vault, owner, latest)
    yield from _verify_rows(connection, vault, latest)
    yield from _verify_keys(connection)


def _verify_chain(
    connection: Connection, vault: Vault, owner: Row[Any], latest: dict[int, tuple[int, str]]
) -> Iterator[str]:
    head = Head(0, owner.first_link)
    query = select(events).where(events.c.owner == owner.owner).order_by(events.c.number)
    for event in connection.execute(query.execution_options(yield_per=1000)):
        if event.number != head.number + 1:
            yield f"第 {owner.ordinal} 个进程的链缺少第 {head.number + 1} 至 {event.number - 1} 件事"
        elif event.link != next_link(vault, head, event._asdict()):
            yield f"第 {owner.ordinal} 个进程的链上第 {event.number} 件事被改过（调用 {event.call_id}）"
        head = Head(event.number, event.link)
        if event.call_id is not None and event.row_version >= latest.get(event.call_id, (0, ""))[0]:
            latest[event.call_id] = event.row_version, event.row_digest
    if head.number != owner.events or closing(vault, owner.owner, head) != owner.closing:
        yield f"第 {owner.ordinal} 个进程的链应有 {owner.events} 件事，末尾对不上（有 {head.number} 件）"


def _verify_rows(connection: Connection, vault: Vault, latest: dict[int, tuple[int, str]]) -> Iterator[str]:
    for row in connection.execute(select(calls).order_by(calls.c.id).execution_options(yield_per=1000)):
        version, digest = latest.pop(row.id, (0, ""))
        if version == 0:
            yield f"调用 {row.id} 没有记录它的事"
        elif row.version != version or row_digest(vault, row._asdict()) != digest:
            yield f"调用 {row.id} 的内容被改过"
    for missing in sorted(latest):
        yield f"调用 {missing} 被删掉了"


def _verify_keys(connection: Connection) -> Iterator[str]:
    """A business key belongs to the newest call that was made under it, with that call's content."""
    named = and_(keys.c.institution == calls.c.institution, keys.c.key == calls.c.key)
    newest = select(func.max(calls.c.id)).where(calls.c.key.is_not(None)).group_by(calls.c.institution, calls.c.key)
    query = select(calls.c.id, calls.c.content, keys.c.call_id, keys.c.content.label("held"))
    query = query.join_from(calls, keys, named, isouter=True).where(calls.c.id.in_(newest)).order_by(calls.c.id)
    for row in connection.execute(query.execution_options(yield_per=1000)):
        if (row.call_id, row.held) != (row.id, row.content):
            yield f"调用 {row.id} 的业务号被改过，或被删掉了"
    strange = select(keys.c.call_id).join(calls, calls.c.id == keys.c.call_id, isouter=True)
    strange = strange.where(or_(calls.c.key.is_(None), ~named)).order_by(keys.c.call_id)
    for call_id in connection.execute(strange).scalars():
        yield f"有业务号指向调用 {call_id}，它却不是用这个业务号的"
