"""What the journal holds of a call."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs


class State(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    """Recorded; its outcome is not recorded yet: it is under way, or its process died."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    """Sent, and nobody knows what the platform did with it. Never ages into anything else by itself."""

    @property
    def final(self) -> bool:
        return self not in (State.OPEN, State.UNKNOWN)

    @property
    def repeatable(self) -> bool:
        """Whether the same business key may be sent again: it is certain that nothing happened."""
        return self in (State.REFUSED, State.NOT_SENT)


STATE_NAMES = {
    State.OPEN: "在途",
    State.ACCEPTED: "已受理",
    State.REFUSED: "被拒绝",
    State.NOT_SENT: "未发出",
    State.UNKNOWN: "结果不明",
}


@attrs.frozen(kw_only=True)
class NewCall:
    """A call about to be made. ``request`` are the exact bytes; ``content`` a digest of what the caller asked for;
    ``person`` the person's number, which is stored as a keyed hash only."""

    deployment: str
    institution: str
    infno: str
    msgid: str
    operator: str
    changes: bool
    request: bytes
    content: str
    at: float
    key: str | None = None
    person: str | None = None
    flow: str | None = None
    amount: str | None = None
    mdtrt_id: str | None = None
    setl_id: str | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a call. ``answer`` are the exact bytes that came back, if any did."""

    state: State
    at: float
    answer: bytes = b""
    http_status: int | None = None
    failure: str = ""
    message: str = ""
    inf_refmsgid: str | None = None
    mdtrt_id: str | None = None
    setl_id: str | None = None
    amount: str | None = None
    advice: tuple[str, ...] = ()


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
    state: State
    key: str | None
    content: str
    person: str | None
    flow: str | None
    mdtrt_id: str | None
    setl_id: str | None
    amount: str | None
    created_at: datetime
    finished_at: datetime | None
    http_status: int | None
    failure: str
    inf_refmsgid: str | None
    owner: str
    message: str = attrs.field(repr=False)
    advice: tuple[str, ...] = attrs.field(repr=False)
    request: bytes = attrs.field(repr=False)
    answer: bytes = attrs.field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """What may be shown of it: everything but bodies and messages, which may name persons."""
        shown = attrs.asdict(self, filter=lambda a, _: a.repr is True and a.name != "person")
        for moment in ("created_at", "finished_at"):
            shown[moment] = shown[moment] and shown[moment].isoformat(" ", "seconds")
        return shown | {"state": self.state.value, "state_name": STATE_NAMES[self.state]}
