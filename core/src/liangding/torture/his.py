"""The institution's own software: what it asks for, what it was told, and how it asks again."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from ..calls.answers import CHECK_FIRST
from ..clock import in_china
from ..errors import (
    CallNotSent,
    CallRefused,
    HeldBack,
    InvalidMessage,
    KeyRequired,
    LiangdingError,
    OutcomeUnknown,
    SameBill,
)
from ..flows import Status, View
from ..journal import Journal, State
from ..journal.store import JournalUnavailable
from ..journal.writing import NoSuchCall
from ..simulator.people import Person
from ..simulator.world import LedgerEntry
from .desks import Desk
from .surroundings import Surroundings


class Told(StrEnum):
    """What the institution's software believes of a piece of business, by what it was told last."""

    NOTHING = "nothing"
    """Nothing of it stands on the platform."""
    DONE = "done"
    UNKNOWN = "unknown"
    """It has to ask again."""


@attrs.define(kw_only=True)
class Business(abc.ABC):
    """One settlement that the institution wants, and perhaps its taking back. ``given_up``: it does not ask again.

    ``again`` makes the same bill anew under another key; ``other`` is the same bill under its other key, where a till
    did that. ``back`` is which settlement was told to be taken back, and the cash to give back for it."""

    key: str
    person: Person
    total: Decimal
    told: Told = Told.NOTHING
    setl_id: str = ""
    cash: Decimal | None = None
    refund: Told = Told.NOTHING
    begun: bool = False
    refunding: bool = False
    given_up: bool = False
    attempts: int = 0
    again: Callable[[str], Business] | None = attrs.field(default=None, repr=False, eq=False)
    other: Business | None = attrs.field(default=None, repr=False, eq=False)
    back: tuple[str, Decimal] | None = None

    def anew(self, key: str) -> Business:
        """The same bill under another key, as a till asks for it that did not hear what became of the first."""
        assert self.again is not None
        same = self.again(key)
        self.other, same.other = same, self
        same.told, same.begun = Told.UNKNOWN, True
        return same

    def act(self, desk: Desk, scene: Surroundings) -> None:
        """Ask for what is not certain yet, or for the next thing."""
        if self.told is not Told.DONE:
            self.begun = True
            self._ask(desk, scene)
        elif self.refund is not Told.DONE and (self.other is None or not self.other.open):
            self.refunding = True  # nobody takes back, in part perhaps, what is being asked for under another key
            self._refund(desk, scene)

    def owns(self, msgid: str, journal: Journal) -> bool:
        """Whether the call of that message was made for this business."""
        try:
            call = journal.by_msgid(msgid)
        except NoSuchCall:
            return False
        if call.flow is not None:
            held = journal.flows.get(call.flow) or {"key": "", "bill_no": ""}
            named: str = held["key"] or held["bill_no"] or ""  # a flow that was abandoned may have given its key back
            return named.partition("-")[0] == self.key
        return call.key == self.key

    def charged(self, scene: Surroundings, journal: Journal) -> list[str]:
        """What stands of it on the platform, by name, and could be known by now: not what no query shows yet although
        it was found missing as late as has to be, or before it was made."""
        world, now = scene.world, scene.clock.epoch()
        believe = scene.deployment.resolution.believe_seconds
        own = (s for s in world.settlements.values() if s.counts and self.owns(s.msgid, journal))
        return [s.setl_id for s in own if world.visible(s.made_at, now) or not _was_missing(s, journal, believe)]

    @property
    def stands(self) -> bool:
        """Whether, by what the institution was told, a settlement stands."""
        return self.told is Told.DONE and self.refund is not Told.DONE

    @property
    def open(self) -> bool:
        """Whether the institution has still to ask."""
        if self.told is not Told.DONE:
            return self.begun and not self.given_up and self.told is Told.UNKNOWN
        return self.refunding and self.refund is Told.UNKNOWN

    @abc.abstractmethod
    def _ask(self, desk: Desk, scene: Surroundings) -> None:
        """Ask for the settlement."""

    @abc.abstractmethod
    def _refund(self, desk: Desk, scene: Surroundings) -> None:
        """Ask for its taking back."""

    def _told_back(self, cash: Decimal, advice: Iterable[str]) -> None:
        """The cash that the till was told to give; nothing where it was told to ask first whether it was given."""
        if not any(CHECK_FIRST in text for text in advice):
            self.back = self.setl_id, cash

    def _attempt(self, what: str, work: Callable[[], Told]) -> None:
        """Ask, and believe what is told. Where an attempt ends with an error that says nothing of the business, what
        was known before, or was told at another desk meanwhile, stays known."""
        before: Told = getattr(self, what)
        self.attempts += 1
        mine = self.attempts
        setattr(self, what, Told.UNKNOWN)
        told = self._outcome(work)
        if told is not None:
            setattr(self, what, told)
        elif self.attempts == mine:
            setattr(self, what, before)

    def _outcome(self, work: Callable[[], Told]) -> Told | None:
        try:
            return work()
        except (CallRefused, CallNotSent, InvalidMessage):
            return Told.NOTHING
        except (HeldBack, JournalUnavailable):
            return None
        except LiangdingError as failed:
            if failed.code == "key_conflict":
                raise
            return Told.UNKNOWN


@attrs.frozen(kw_only=True)
class FlowStage:
    """One flow on the way to a settlement, or back: its name, what it is given, the key's ending; ``ends`` is the entry
    of its result that is there when it has reached what it is for."""

    flow: str
    given: dict[str, Any]
    ending: str = ""
    ends: str = "settlement"


@attrs.define(kw_only=True)
class FlowBusiness(Business):
    """A settlement by the flows of ``plan``, one after the other, and its taking back by ``undo``, under the
    institution's keys. ``codes`` are the traceability codes sold with it; ``resettles``: the undo ends with another
    settlement of what is kept, ``kept`` yuan; ``account``: whether the person pays from the account, None where nobody
    said."""

    plan: tuple[FlowStage, ...]
    undo: FlowStage
    codes: tuple[str, ...] = ()
    confirms: bool = True
    resettles: bool = False
    kept: Decimal = Decimal(0)
    account: bool | None = None
    at: int = 0
    error: str = ""

    @property
    def stands(self) -> bool:
        return self.told is Told.DONE and (self.resettles or self.refund is not Told.DONE)

    def _ask(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("told", lambda: self._go(desk))
        desk.say(f"{self.key} {self.plan[self.at].flow}: told {self.told.value}{self._why}")
        if self.told is Told.NOTHING and scene.choices.chance(0.4):
            self.given_up = True

    @property
    def _why(self) -> str:
        return f" ({self.error})" if self.error else ""

    def _go(self, desk: Desk) -> Told:
        while True:
            stage, self.error = self.plan[self.at], ""
            view = self._run(desk, stage, self._said)
            if not view.result.get(stage.ends):
                return self._stopped(desk, view)
            if self.at + 1 == len(self.plan):
                self._settled(view)
                return Told.DONE
            if view.status is not Status.DONE:
                return self._stopped(desk, view)
            self.at += 1

    def _said(self) -> dict[str, str]:
        """What is answered at the till, by question."""
        said = {} if self.confirms else {"confirm": "no"}
        return said if self.other is None else said | THE_SAME

    def _stopped(self, desk: Desk, view: View) -> Told:
        self.error = view.error["code"] if view.error else view.status.value
        _hold_back(self.error)
        if view.status is Status.STOPPED and self.error == "not_confirmed":
            with contextlib.suppress(LiangdingError):
                desk.flows.abandon(view.id)
        return Told.NOTHING if view.status in (Status.STOPPED, Status.ABANDONED) else Told.UNKNOWN

    def _settled(self, view: View) -> None:
        settled = view.result["settlement"]
        self.setl_id, self.cash = settled.setl_id, settled.split.cash

    def _refund(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("refund", lambda: self._take_back(desk))
        desk.say(f"{self.key} {self.undo.flow}: told {self.refund.value}{self._why}")

    def _take_back(self, desk: Desk) -> Told:
        self.error = ""
        view = self._run(desk, self.undo, dict)
        if view.result.get(self.undo.ends):
            self._given_back(view)
            if self.resettles:
                self._settled(view)
                self.total = self.kept
            return Told.DONE
        if view.status is Status.DONE:  # nothing stood any more: taken back in the insurer's pages
            self._told_back(Decimal(0), view.advice)
            return Told.DONE
        self.error = view.error["code"] if view.error else view.status.value
        between = self.resettles and view.result.get("cancelled")
        if not between:
            _hold_back(self.error)
        return Told.NOTHING if view.status is Status.STOPPED and not between else Told.UNKNOWN

    def _given_back(self, view: View) -> None:
        told = view.result["cancelled"]
        for each in told if isinstance(told, list) else [told]:
            self._told_back(each.split.cash, view.advice)

    def _run(self, desk: Desk, stage: FlowStage, answers: Answers) -> View:
        return run_flow(desk, stage.flow, stage.given, f"{self.key}{stage.ending}", answers)


def _hold_back(code: str) -> None:
    """A flow that is held back says nothing of its own business: it is asked for again later."""
    if code == HeldBack.code:
        raise HeldBack("上一笔没有查明")


TOKEN = "T0123456789"
"""What is answered where a text is asked for."""

ANOTHER, THE_SAME = {"same_bill": "another"}, {"same_bill": "same"}
"""What is answered to the question whether it is the same bill: two pieces of business are two, and one that was made
anew is one."""


Answers = Callable[[], dict[str, str]]
"""What is answered by question, as it is when it is asked: meanwhile the same bill may have been made anew."""


def run_flow(desk: Desk, flow: str, given: dict[str, Any], key: str, answers: Answers) -> View:
    """A flow until it asks no more: ``answers``, else the first of those that are offered."""
    view = desk.flows.start(flow, given, key=key, operator=desk.operator)
    while view.status is Status.QUESTION:
        assert view.question is not None
        first = view.question.options[0].value if view.question.options else TOKEN
        try:
            view = desk.flows.answer(view.id, (ANOTHER | answers()).get(view.question.id, first))
        except (HeldBack, JournalUnavailable) as between:
            raise OutcomeUnknown(str(between)) from None
    return view


@attrs.define(kw_only=True)
class DirectPurchase(Business):
    """A settlement and its cancellation by single calls, with the institution's key; ``forgets``: each time it first
    asks without one."""

    message: dict[str, Any]
    place: str
    forgets: bool = False
    mdtrt_id: str = ""

    def _ask(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("told", lambda: self._settle(desk))
        desk.say(f"{self.key} 2102: told {self.told.value}")
        if self.told is Told.NOTHING and scene.choices.chance(0.4):
            self.given_up = True

    def _settle(self, desk: Desk) -> Told:
        assert desk.runtime is not None
        if self.forgets:
            with contextlib.suppress(KeyRequired):
                desk.runtime.call("2102", self.message, insured_place=self.place, operator=desk.operator)
        try:
            answer = self._purchase(desk, meant=False)
        except SameBill as said:
            if self.other is not None or not said.may_be_meant:
                return Told.NOTHING
            answer = self._purchase(desk, meant=True)  # another piece of business of the person, with the same rows
        info = answer.output.setlinfo
        if info is None:  # told that it is done, and not what
            self.setl_id, self.cash = "", None
            return Told.DONE
        self.setl_id, self.mdtrt_id, self.cash = info.setl_id, info.mdtrt_id, info.psn_cash_pay
        return Told.DONE

    def _purchase(self, desk: Desk, *, meant: bool) -> Any:
        assert desk.runtime is not None
        return desk.runtime.call(
            "2102", self.message, key=self.key, insured_place=self.place, operator=desk.operator, meant=meant
        )

    def _refund(self, desk: Desk, scene: Surroundings) -> None:
        self._attempt("refund", lambda: self._cancel(desk))
        desk.say(f"{self.key} 2103: told {self.refund.value}")

    def _cancel(self, desk: Desk) -> Told:
        assert desk.runtime is not None
        data = {"setl_id": self.setl_id, "mdtrt_id": self.mdtrt_id, "psn_no": self.person.psn_no}
        answer = desk.runtime.call(
            "2103", {"data": data}, key=f"{self.key}-refund", insured_place=self.place, operator=desk.operator
        )
        info = answer.output.setlinfo
        if info is not None and info.psn_cash_pay is not None:
            self._told_back(info.psn_cash_pay, answer.advice)
        return Told.DONE


def _was_missing(settlement: LedgerEntry, journal: Journal, believe_seconds: float) -> bool:
    """Whether the message of a settlement was found not to be there late enough, or before the settlement was made."""
    call = journal.by_msgid(settlement.msgid)
    found = call.finished_at if call.state is State.ABSENT else None
    if found is None:
        return False
    return in_china(settlement.made_at) > found or (found - call.created_at).total_seconds() >= believe_seconds
