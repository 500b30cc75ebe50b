"""How far a journal was verified, kept in it under its own key: what was found whole then need not be gone through
again to see what has come since.

A checkpoint that somebody altered counts for nothing, and the whole is verified. After a change of the journal's keys
there is none."""

from __future__ import annotations

import json

import attrs
from sqlalchemy import Connection, bindparam, delete, select

from .heads import KeptHead, head_of
from .store import Tx
from .tables import calls, checkpoints, events, owners
from .vault import UnreadableValue, Vault

_BEFORE = (
    select(events.c.number)
    .where(events.c.owner == bindparam("owner"), events.c.at < bindparam("at"))
    .order_by(events.c.number.desc())
    .limit(1)
)

_LAST_BEFORE = (
    select(calls.c.id).where(calls.c.created_at < bindparam("at")).order_by(calls.c.created_at.desc()).limit(1)
)

KEPT = 30
"""How many checkpoints are kept."""

_LATEST = select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)


@attrs.frozen(kw_only=True)
class Checkpoint:
    """The journal was whole up to ``head``, when its last call was ``call``. ``whole_at``: when all of it was gone
    through the last time, in seconds since 1970."""

    head: KeptHead
    call: int
    whole_at: float

    def as_bytes(self) -> bytes:
        return json.dumps([self.head.at, self.head.events, self.head.digest, self.call, self.whole_at]).encode()

    @classmethod
    def of_bytes(cls, told: bytes) -> Checkpoint:
        at, events, digest, call, whole_at = json.loads(told)
        return cls(head=KeptHead(at=at, events=tuple(events), digest=digest), call=call, whole_at=whole_at)


def latest(connection: Connection, vault: Vault) -> Checkpoint | None:
    """The latest checkpoint from which the journal goes on; None where there is none that is as it was written."""
    found = connection.execute(_LATEST).first()
    if found is None:
        return None
    try:
        told = vault.open(found.reached, _place(found.at))
    except UnreadableValue:
        return None
    if found.digest != vault.keyed(b"checkpoint " + told):
        return None
    checkpoint = Checkpoint.of_bytes(told)
    was = head_of(connection, checkpoint.head.at, checkpoint.head.events)
    return checkpoint if was is not None and was.digest == checkpoint.head.digest else None


def of_time(connection: Connection, at: float) -> Checkpoint:
    """Where the journal was at a time, as far as it is known today: nobody looked then. What was written since is
    verified from there; each process's chain is read backwards to it."""
    names = connection.execute(select(owners.c.owner).order_by(owners.c.ordinal)).scalars().all()
    reached = tuple(connection.execute(_BEFORE, {"owner": name, "at": at}).scalar() or 0 for name in names)
    call = connection.execute(_LAST_BEFORE, {"at": at}).scalar() or 0
    return Checkpoint(head=KeptHead(at=at, events=reached, digest=""), call=call, whole_at=at)


def keep(tx: Tx, vault: Vault, checkpoint: Checkpoint) -> None:
    """Write one more, and let go of those that are long past."""
    told, at = checkpoint.as_bytes(), checkpoint.head.at
    row = {
        "at": at, "reached": vault.seal(told, _place(at)), "head": checkpoint.head.digest,
        "digest": vault.keyed(b"checkpoint " + told),
    }  # fmt: skip
    number = tx.execute(checkpoints.insert().returning(checkpoints.c.number), row).scalar_one()
    tx.execute(delete(checkpoints).where(checkpoints.c.number <= number - KEPT))


def forget(tx: Tx) -> None:
    """Let go of all: what they are sealed with ends."""
    tx.execute(delete(checkpoints))


def _place(at: float) -> str:
    return f"checkpoints.reached:{at}"
