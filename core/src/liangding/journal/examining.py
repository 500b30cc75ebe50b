"""Verifying, and what was verified: how many calls, from when to when, and the head."""

from __future__ import annotations

from datetime import datetime

import attrs
from sqlalchemy import Connection, func, select

from ..clock import in_china
from . import checkpoints
from .checkpoints import Checkpoint
from .heads import KeptHead, head_of
from .tables import calls
from .vault import Vault
from .verifying import Verification

SMALL = 100_000
"""A journal of so many events is gone through as a whole each time: that takes seconds."""

WHOLE_SECONDS = 7 * 86400.0
"""So long after a large journal was gone through as a whole the last time, it is again."""


@attrs.frozen(kw_only=True)
class Examined:
    """``faults`` are sentences for a person; ``calls`` how many there are, from ``first`` to ``last``. ``since`` is the
    checkpoint from which verifying went on; None where it was the whole."""

    faults: tuple[str, ...]
    calls: int
    first: datetime | None
    last: datetime | None
    head: KeptHead
    since: Checkpoint | None = None
    newest: int = 0

    def as_text(self) -> str:
        """What was looked at, for a person."""
        when = f"，自 {self.first:%Y-%m-%d %H:%M} 至 {self.last:%Y-%m-%d %H:%M}" if self.first and self.last else ""
        return f"{self.calls} 次调用{when}，{sum(self.head.events)} 件事，链头 {self.head.short}{self._since()}"

    def _since(self) -> str:
        if self.since is None:
            return ""
        new = sum(self.head.events) - sum(self.since.head.events)
        at, whole = in_china(self.since.head.at), in_china(self.since.whole_at)
        return (
            f"；接着 {at:%Y-%m-%d %H:%M} 的校验点看了之后的 {new} 件事，"
            f"全部重看是 {whole:%Y-%m-%d %H:%M}（--full 现在就全部重看）"
        )

    @property
    def checkpoint(self) -> Checkpoint:
        """From where verifying may go on, where there are no faults."""
        whole_at = self.head.at if self.since is None else self.since.whole_at
        return Checkpoint(head=self.head, call=self.newest, whole_at=whole_at)


def examine(connection: Connection, vault: Vault, at: float, *, full: bool | None = True) -> Examined:
    """In one look at the database: everything, or (``full`` False) what came since the last checkpoint; None: as the
    journal's size and its last look as a whole suggest."""
    head = head_of(connection, at)
    assert head is not None
    since = None if full else checkpoints.latest(connection, vault)
    if since is not None and full is None and (sum(head.events) <= SMALL or at - since.whole_at > WHOLE_SECONDS):
        since = None
    faults = tuple(Verification(connection, vault, since).faults())
    query = select(func.count(), func.min(calls.c.created_at), func.max(calls.c.created_at), func.max(calls.c.id))
    count, first, last, newest = connection.execute(query.select_from(calls)).one()
    moments = {"first": first and in_china(first), "last": last and in_china(last)}
    return Examined(faults=faults, calls=count, head=head, since=since, newest=newest or 0, **moments)
