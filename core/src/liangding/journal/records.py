"""What the journal holds of a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from ..spec import Does
from ..wire.json import decode
from .states import PROVED, STATE_NAMES, State

_MOVES_MONEY = (None, *(does.value for does in Does if does.moves_money))
"""What may have moved money, by what a call does; None is of an earlier version, which did not write it down."""


@attrs.frozen(kw_only=True)
class NewCall:
    """A call about to be made. ``request`` are the exact bytes; ``content`` a digest of what the caller asked for;
    ``person`` the person's number, which is stored as a keyed hash only; ``holds`` whether its person's next call has
    to wait while it is pending; ``resolves`` the call that this one helps to resolve. ``principal`` is who asked;
    ``bill_no`` and ``bill_date`` are the institution's own number and day of the bill; ``does`` and ``of_what`` what
    the transaction means by its declaration, for a time when that is gone."""

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
    principal: str | None = None
    bill_no: str | None = None
    bill_date: date | None = None
    traceparent: str | None = None
    does: str | None = None
    of_what: str | None = None


@attrs.frozen(kw_only=True)
class Settlement:
    """A settlement as the platform answered it, or the cancellation of one (``refund_of`` is the other's setl_id), in
    the answer's own names; sums in yuan."""

    psn_no: str | None = attrs.field(default=None, repr=False)
    setl_id: str | None = None
    mdtrt_id: str | None = None
    setl_time: datetime | None = None
    insutype: str | None = None
    med_type: str | None = None
    clr_type: str | None = None
    clr_optins: str | None = None
    clr_way: str | None = None
    insuplc_admdvs: str | None = None
    medfee_sumamt: Decimal | None = None
    fund_pay_sumamt: Decimal | None = None
    acct_pay: Decimal | None = None
    psn_cash_pay: Decimal | None = None
    refund_of: str | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a call. ``answer`` are the exact bytes that came back, if any did; ``resolution`` says how it was
    found out, where it was not known at first. ``due_at`` and ``watch_until`` say when, and how long, it is looked at
    again all the same. ``settlement`` is what an accepted call settled or took back."""

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
    due_at: float | None = None
    watch_until: float | None = None
    settlement: Settlement | None = attrs.field(default=None, repr=False)


@attrs.frozen(eq=False)
class Bodies:
    """The sealed bodies of a call, and what opens one of them."""

    sealed: dict[str, bytes | None] = attrs.field(repr=False)
    opened: Callable[[str, bytes | None], bytes] = attrs.field(repr=False)

    def open(self, name: str) -> bytes:
        return self.opened(name, self.sealed[name])


@attrs.frozen(kw_only=True)
class CallRecord:
    """A call as the journal holds it. Its bodies are opened when they are asked for: Unreadable where one does not."""

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
    principal: str | None
    bill_no: str | None
    bill_date: str | None
    traceparent: str | None = attrs.field(repr=False)
    does: str | None
    of_what: str | None
    bodies: Bodies = attrs.field(repr=False, eq=False)

    @property
    def may_be_there(self) -> bool:
        """Whether its key must not be used again before one more look: it is watched, or a refusal that nothing proves
        of what may have moved money."""
        claimed = self.state is State.REFUSED and self.failure != PROVED
        return self.watch_until is not None or (claimed and self.does in _MOVES_MONEY)

    @property
    def request(self) -> bytes:
        """The exact bytes that went out."""
        return self.bodies.open("request")

    @property
    def answer(self) -> bytes:
        """The exact bytes that came back."""
        return self.bodies.open("answer")

    @property
    def message(self) -> str:
        """The platform's words, or ours."""
        return self.bodies.open("message").decode()

    @property
    def advice(self) -> tuple[str, ...]:
        advice = self.bodies.open("advice")
        return tuple(decode(advice)) if advice else ()

    @property
    def told(self) -> str:
        """When it was made, what it is and how it stands, in words for an operator."""
        amount = f"，{self.amount} 元" if self.amount else ""
        settled = f"，结算编号 {self.setl_id}" if self.setl_id else ""
        return f"{self.created_at:%m-%d %H:%M} 的 {self.infno}（{STATE_NAMES[self.state]}{amount}{settled}）"

    def as_json(self) -> dict[str, Any]:
        """What may be shown of it: everything but bodies and messages, which may name persons."""
        hidden = {"created_epoch", "due_at", "watch_until"}
        shown = attrs.asdict(self, filter=lambda a, _: a.repr is True and a.name not in hidden)
        for moment in ("created_at", "finished_at", "escalated_at"):
            shown[moment] = shown[moment] and shown[moment].isoformat(" ", "seconds")
        return shown | {"state": self.state.value, "state_name": STATE_NAMES[self.state]}


@attrs.frozen(kw_only=True)
class Event:
    """One thing that happened to a call: it was recorded, ended, asked about, reversed, handed to a person; and where
    the call stood after it (None: schema 0001 did not say). ``principal`` is who asked for it, where that was said."""

    owner: str
    number: int
    call_id: int | None
    at: datetime
    kind: str
    state: State | None
    detail: dict[str, Any] = attrs.field(repr=False)
    principal: str | None = None
