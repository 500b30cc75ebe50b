"""How far a journal was verified, kept in it under its own key: what was found whole then need not be gone through
again to see what has come since.

A checkpoint that somebody altered counts for nothing, and the whole is verified. After a change of the journal's keys
there is none."""

from __future__ import annotations

import json

import attrs
from sqlalchemy import Connection, delete, select

from .heads import KeptHead, head_of
from .store import Tx
from .tables import checkpoints
from .vault import UnreadableValue, Vault

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
