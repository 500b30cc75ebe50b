"""Verifying, and what was verified: how many calls, from when to when, and the head."""

from __future__ import annotations

from datetime import datetime

import attrs
from sqlalchemy import Connection, func, select

from ..clock import in_china
from .heads import KeptHead, head_of
from .tables import calls
from .vault import Vault
from .verifying import Verification


@attrs.frozen(kw_only=True)
class Examined:
    """``faults`` are sentences for a person; ``calls`` how many there are, from ``first`` to ``last``."""

    faults: tuple[str, ...]
    calls: int
    first: datetime | None
    last: datetime | None
    head: KeptHead

    def as_text(self) -> str:
        """What was looked at, for a person."""
        when = f"，自 {self.first:%Y-%m-%d %H:%M} 至 {self.last:%Y-%m-%d %H:%M}" if self.first and self.last else ""
        return f"{self.calls} 次调用{when}，{sum(self.head.events)} 件事，链头 {self.head.short}"


def examine(connection: Connection, vault: Vault, at: float) -> Examined:
    """Everything, in one look at the database."""
    faults = tuple(Verification(connection, vault).faults())
    query = select(func.count(), func.min(calls.c.created_at), func.max(calls.c.created_at)).select_from(calls)
    count, first, last = connection.execute(query).one()
    head = head_of(connection, at)
    assert head is not None
    moments = {"first": first and in_china(first), "last": last and in_china(last)}
    return Examined(faults=faults, calls=count, head=head, **moments)
