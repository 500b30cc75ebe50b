"""What the journal holds of a call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from .states import STATE_NAMES, State


@attrs.frozen(kw_only=True)
class NewCall:
    """A call about to be made. ``request`` are the exact bytes; ``content`` a digest of what the caller asked for;
    ``person`` the person's number, which is stored as a keyed hash only; ``holds`` whether its person's next call has
    to wait while it is not settled; ``resolves`` the call that this one helps to resolve."""

    deployment: str
    institution: str
    infno: str
    msgid: str
    operator: str
    changes: bool
    request: bytes = attrs.field(repr=False)
    content: str
    at: float
    holds: bool = False
    key: str | None = None
    person: str | None = attrs.field(default=None, repr=False)
    flow: str | None = None
    resolves: int | None = None
    amount: str | None = None
    mdtrt_id: str | None = None
    setl_id: str | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a call. ``answer`` are the exact bytes that came back, if any did; ``resolution`` says how it was
    found out, where it was not known at first."""

    state: State
    at: float
    answer: bytes = attrs.field(default=b"", repr=False)
    http_status: int | None = None
    failure: str = ""
    message: str = attrs.field(default="", repr=False)
    inf_refmsgid: str | None = None
    mdtrt_id: str | None = None
    setl_id: str | None = None
    amount: str | None = None
    advice: tuple[str, ...] = attrs.field(default=(), repr=False)
    resolution: str = ""


@attrs.frozen(kw_only=True)
class Call:
    """A call as the journal holds it; ``request`` and ``answer`` are decrypted."""

    id: int
    deployment: str
    institution: str
    infno: str
    msgid: str
    operator: str
    changes: bool
    holds: bool
    state: State
    key: str | None
    content: str
    person: str | None = attrs.field(repr=False)
    flow: str | None
    resolves: int | None
    mdtrt_id: str | None
    setl_id: str | None
    amount: str | None
    created_at: datetime
    created_epoch: float
    finished_at: datetime | None
    http_status: int | None
    failure: str
    inf_refmsgid: str | None
    owner: str
    resolution: str
    due_at: float | None
    attempts: int
    absences: int
    escalated_at: datetime | None
    watch_until: float | None
    message: str = attrs.field(repr=False)
    advice: tuple[str, ...] = attrs.field(repr=False)
    request: bytes = attrs.field(repr=False)
    answer: bytes = attrs.field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """What may be shown of it: everything but bodies and messages, which may name persons."""
        hidden = {"created_epoch", "due_at", "watch_until"}
        shown = attrs.asdict(self, filter=lambda a, _: a.repr is True and a.name not in hidden)
        for moment in ("created_at", "finished_at", "escalated_at"):
            shown[moment] = shown[moment] and shown[moment].isoformat(" ", "seconds")
        return shown | {"state": self.state.value, "state_name": STATE_NAMES[self.state]}


@attrs.frozen(kw_only=True)
class Event:
    """One thing that happened to a call: it was recorded, ended, asked about, reversed, handed to a person."""

    owner: str
    number: int
    call_id: int | None
    at: datetime
    kind: str
    detail: dict[str, Any] = attrs.field(repr=False)
