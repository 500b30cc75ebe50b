"""What two processes must not write at the same moment, by name: on PostgreSQL an advisory lock for each.

Work that names what it touches shares the database with other work of its kind, and waits for those only that touch
the same. Work that names nothing has the database to itself. Work that touches what it did not name is refused by its
own transaction (:meth:`.store.Tx.needs`), on every database: a name that was forgotten shows wherever it is tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

Touched = frozenset[str] | None
"""The names of what a piece of work touches; None: it may touch anything."""

OWN_CHAIN: frozenset[str] = frozenset()
"""Nothing but the process's own chain and row, which no other process writes."""

WRITER = 0x4C44_4A4C
"""The advisory lock of the database as a whole: work that names what it touches holds it with others, work that does
not holds it alone. Earlier versions, which knew no other, held it alone for everything."""

MOST = 500
"""More names than this are not locked one by one: PostgreSQL has room for some thousands in all."""


class Unnamed(RuntimeError):
    """A piece of work touches what it did not name: a mistake of the program."""


def of_call(institution: str, key: str | None, persons: Iterable[str | None]) -> frozenset[str]:
    """What recording a call touches, or its outcome: its business key, and its person, by every hash that the person
    may be stored under."""
    named = {f"key:{institution}:{key}"} if key else set()
    return frozenset(named | {f"person:{institution}:{person}" for person in persons if person})


def of_call_row(row: Mapping[str, Any]) -> frozenset[str]:
    """The same of a call that is recorded."""
    return of_call(row["institution"], row["key"], (row["person"],))


def of_settlement(institution: str, setl_id: str | None) -> frozenset[str]:
    """What a settlement touches that its own call does not name: its row, which its cancellation marks."""
    return frozenset([f"settlement:{institution}:{setl_id}"] if setl_id is not None else [])


def of_flow(flow_id: str, institution: str, flow: str, key: str | None) -> frozenset[str]:
    """What storing a flow touches: its row, and the key that it was begun with."""
    return frozenset([f"flow:{flow_id}", *([f"flow key:{institution}:{flow}:{key}"] if key else [])])


def statement(touched: Touched) -> str:
    """What a writing transaction on PostgreSQL begins with: the locks, in the order of their numbers, so that no two
    wait for each other. Each statement after them sees everything that who held them before has committed."""
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    if touched is None or len(touched) > MOST:
        return f"{begin}; SELECT pg_advisory_xact_lock({WRITER})"
    numbers = ",".join(map(str, sorted({number(name) for name in touched})))
    alone = f"; SELECT pg_advisory_xact_lock(n) FROM unnest('{{{numbers}}}'::bigint[]) AS n" if numbers else ""
    return f"{begin}; SELECT pg_advisory_xact_lock_shared({WRITER}){alone}"


def number(name: str) -> int:
    """The number of a lock, below zero, where :data:`WRITER` is not. Two names of one number only wait for each
    other needlessly."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True) | -(1 << 63)
