"""The institution's own software: what it asks for, what it was told, and how it asks again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import CallNotSent, CallRefused, HeldBack, InvalidMessage, LiangdingError
from ..flows import Status, View
from ..journal.store import JournalUnavailable
from ..simulator.people import Person

if TYPE_CHECKING:
    from .desks import Desk
    from .scene import Scene


class Told(StrEnum):
    """What the institution's software believes of a piece of business, by what it was told last."""

    NOTHING = "nothing"
    """Nothing of it stands on the platform."""
    DONE = "done"
    UNKNOWN = "unknown"
    """It has to ask again."""


@attrs.define(kw_only=True)
class Business:
    """One settlement that the institution wants, and perhaps its taking back. ``given_up``: it does not ask again."""

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

    def act(self, desk: Desk, scene: Scene) -> None:
        """Ask for what is not certain yet, or for the next thing."""
        if self.told is not Told.DONE:
            self.begun = True
            self._ask(desk, scene)
        elif self.refund is not Told.DONE:
            self.refunding = True
            self._refund(desk, scene)

    @property
    def open(self) -> bool:
        """Whether the institution has still to ask."""
        if self.told is not Told.DONE:
            return self.begun and not self.given_up and self.told is Told.UNKNOWN
        return self.refunding and self.refund is Told.UNKNOWN

    def _ask(self, desk: Desk, scene: Scene) -> None:
        raise AssertionError

    def _refund(self, desk: Desk, scene: Scene) -> None:
        raise AssertionError

    def _attempt(self, what: str, work: Callable[[], Told]) -> None:
        """Ask, and believe what is told. Where an attempt ends with an error that says nothing of the business, what
        was known before, or was told at another desk meanwhile, stays known."""
        before: Told = getattr(self, what)
        setattr(self, what, Told.UNKNOWN)
        told = self._outcome(work)
        if told is not None:
            setattr(self, what, told)
        elif getattr(self, what) is Told.UNKNOWN:
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


@attrs.define(kw_only=True)
class FlowPurchase(Business):
    """A purchase and its refund by flows, under the institution's keys."""

    given: dict[str, Any]
    confirms: bool = True
    error: str = ""

    def _ask(self, desk: Desk, scene: Scene) -> None:
        self._attempt("told", lambda: self._purchase(desk))
        desk.say(f"{self.key} purchase: told {self.told.value}{f' ({self.error})' if self.error else ''}")
        if self.told is Told.NOTHING and scene.choices.chance(0.4):
            self.given_up = True

    def _purchase(self, desk: Desk) -> Told:
        self.error = ""
        flows = desk.flows
        view = flows.start("pharmacy_purchase", self.given, key=self.key, operator=desk.operator)
        view = self._answered(desk, view, {"confirm": "yes" if self.confirms else "no"})
        settled = view.result["settlement"]
        if settled is not None:
            self.setl_id, self.cash = settled.setl_id, settled.split.cash
            return Told.DONE
        self.error = view.error["code"] if view.error else view.status.value
        if view.status is Status.STOPPED and not self.confirms:
            flows.abandon(view.id)
        return Told.NOTHING if view.status in (Status.STOPPED, Status.ABANDONED) else Told.UNKNOWN

    def _refund(self, desk: Desk, scene: Scene) -> None:
        self._attempt("refund", lambda: self._take_back(desk))
        desk.say(f"{self.key} refund: told {self.refund.value}")

    def _take_back(self, desk: Desk) -> Told:
        given = {"credential": self.given["credential"], "purchase_key": self.key}
        view = desk.flows.start("pharmacy_refund", given, key=f"{self.key}-refund", operator=desk.operator)
        view = self._answered(desk, view, {"confirm": "yes"})
        if view.result["cancelled"] is not None:
            return Told.DONE
        return Told.NOTHING if view.status is Status.STOPPED else Told.UNKNOWN

    def _answered(self, desk: Desk, view: View, answers: dict[str, str]) -> View:
        while view.status is Status.QUESTION:
            assert view.question is not None
            options = view.question.options
            answer = answers.get(view.question.id) or options[0].value
            view = desk.flows.answer(view.id, answer)
        return view


@attrs.define(kw_only=True)
class DirectPurchase(Business):
    """A settlement and its cancellation by single calls, with the institution's key."""

    message: dict[str, Any]
    place: str
    mdtrt_id: str = ""

    def _ask(self, desk: Desk, scene: Scene) -> None:
        self._attempt("told", lambda: self._settle(desk))
        desk.say(f"{self.key} 2102: told {self.told.value}")
        if self.told is Told.NOTHING and scene.choices.chance(0.4):
            self.given_up = True

    def _settle(self, desk: Desk) -> Told:
        assert desk.runtime is not None
        answer = desk.runtime.call("2102", self.message, key=self.key, insured_place=self.place, operator=desk.operator)
        info = answer.output.setlinfo
        self.setl_id, self.mdtrt_id, self.cash = info.setl_id, info.mdtrt_id, info.psn_cash_pay
        return Told.DONE

    def _refund(self, desk: Desk, scene: Scene) -> None:
        self._attempt("refund", lambda: self._cancel(desk))
        desk.say(f"{self.key} 2103: told {self.refund.value}")

    def _cancel(self, desk: Desk) -> Told:
        assert desk.runtime is not None
        data = {"setl_id": self.setl_id, "mdtrt_id": self.mdtrt_id, "psn_no": self.person.psn_no}
        desk.runtime.call(
            "2103", {"data": data}, key=f"{self.key}-refund", insured_place=self.place, operator=desk.operator
        )
        return Told.DONE
