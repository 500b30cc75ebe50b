"""The chain of events: each is linked to the one before, and holds a digest of the row that it is about as it then was.

Each process has a chain of its own, so that nobody waits for another's link; the chains' beginnings are linked too, and
the end of each says under the key how long it is and who came after. Digests are keyed: who does not have the secret
cannot make one.

A digest of a row, or of an event, names the columns that hold something. A column that is added later is empty in the
rows of before, so that their digests stay what they are. Schema 0001 counted its columns instead of naming them: its
events have no ``format``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec

from .statements import Prepared
from .store import ChainHead, Tx
from .vault import Keyed

FORMAT = 2
"""The format of the digests that are made now: columns are named."""

VOUCHED = 0
"""The format of an event of schema 0001 whose detail was sealed anew: its own link no longer shows that it is as it
was, a later event about it does."""

ROOT = "0" * 64

_COUNTED = (
    "deployment", "institution", "infno", "msgid", "operator", "changes", "holds", "key", "content", "person", "flow",
    "resolves", "owner", "created_at", "request", "version", "state", "mdtrt_id", "setl_id", "amount", "finished_at",
    "http_status", "failure", "inf_refmsgid", "answer", "message", "advice", "resolution", "due_at", "attempts",
    "absences", "escalated_at", "watch_until",
)  # fmt: skip
"""The columns of a call in schema 0001, in the order in which its digests counted them."""

_COUNTED_LINK = ("number", "call_id", "at", "kind", "detail", "row_version", "row_digest")

_encode = msgspec.msgpack.Encoder().encode
"""Values as bytes, the same for the same ones, and different for others or for another kind."""


def row_digest(keyed: Keyed, kind: str, row: Mapping[str, Any], made: int | None = FORMAT) -> str:
    """A digest of a row of that kind of table, whatever its id; ``made`` is the format of the event that it is for."""
    if made is None:
        return _digest(keyed, "row", [row[name] for name in _COUNTED])
    return _digest(keyed, f"row of {kind}", _named(row, leave_out=("id",)))


def first_link(keyed: Keyed, owner: str, ordinal: int, started_at: float, before: str) -> str:
    """The beginning of a process's chain."""
    return _digest(keyed, "owner", [before, owner, ordinal, started_at])


def closing(keyed: Keyed, owner: str, head: ChainHead) -> str:
    """The end of a process's chain: a chain that was cut short needs another."""
    return _digest(keyed, "end", [owner, head.number, head.link])


def successor(keyed: Keyed, owner: str, link: str | None) -> str:
    """Who came after a process: the beginning of the next one's chain, None for nobody yet."""
    return _digest(keyed, "successor", [owner, link])


def next_link(keyed: Keyed, head: ChainHead, event: Mapping[str, Any], plain: bytes) -> str:
    """The link of ``event`` after ``head``; ``plain`` is its detail, opened: what is linked are not the sealed bytes,
    so that they may be sealed anew (schema 0001 linked those)."""
    if event["format"] is None:
        return _digest(keyed, "link", [head.link, *(event[name] for name in _COUNTED_LINK)])
    told = {**event, "detail": keyed(plain) if plain else None}
    return _digest(keyed, "link", [head.link, *_named(told, leave_out=("owner", "link"))])


def event_digest(keyed: Keyed, event: Mapping[str, Any], plain: bytes) -> str:
    """A digest of an event by which another one vouches for it."""
    return _digest(keyed, "row of events", _named({**event, "detail": keyed(plain)}, leave_out=()))


def append(tx: Tx, insert: Prepared, keyed: Keyed, event: dict[str, Any], plain: bytes) -> None:
    """Link ``event``, which names its owner, to that process's chain; ``plain`` is its detail before it was sealed."""
    whole = event | {"number": tx.head.number + 1, "format": FORMAT}
    whole["link"] = next_link(keyed, tx.head, whole, plain)
    tx.run(insert, whole)
    tx.head = ChainHead(whole["number"], whole["link"])


def _named(row: Mapping[str, Any], leave_out: tuple[str, ...]) -> list[Any]:
    return [(name, value) for name in _order(tuple(row), leave_out) if (value := row[name]) is not None]


@functools.lru_cache(64)
def _order(names: tuple[str, ...], leave_out: tuple[str, ...]) -> list[str]:
    """The names in their order, as plain text."""
    return [str(name) for name in sorted(names) if name not in leave_out]


def _digest(keyed: Keyed, kind: str, values: list[Any]) -> str:
    return keyed(_encode((kind, values)))
