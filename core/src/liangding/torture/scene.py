"""One run: the desks, the institution's business, and the order of events."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from decimal import Decimal

from ..config import Kind
from ..errors import LiangdingError
from ..journal import State, Vault
from ..knowledge import Knowledge
from ..resolution import Action, Decision, decide
from ..simulator.chapters.settling import take_back_elsewhere
from .choices import Choices
from .desks import Desk
from .earlier import write_as_earlier
from .faults import WhatHolds
from .his import Business, Told
from .journals import Databases, Lite
from .orders import centre_tells, let_orders_end
from .surroundings import Surroundings
from .wishes import hospital_business, pharmacy_business

MOST_BUSINESS = 3
MOST_STEPS = 14
MEANWHILE_SHARE = 0.06

ANEW_SHARE = 0.3
"""How often a till that lost an answer comes again with another key."""

REST_SECONDS = (0, 3, 10, 60, 130, 130, 300, 600, 900, 1800, 1800, 3600, 7200, 7200, 90000, 7200, 600, 600)
"""How time goes on when nothing goes wrong any more: past every late commit and every watch."""

SETTINGS_BACK_AT = 8
"""From when on every desk of a run at rest has its first settings again: a region may refuse the others for ever."""


class Scene(Surroundings):
    """One run's world: its surroundings, and who acts in them."""

    def __init__(
        self, known: tuple[Knowledge, Knowledge], vault: Vault, choices: Choices, journals: Databases | Lite,
        *, relays: bool, desks: int,
    ) -> None:  # fmt: skip
        super().__init__(known, vault, choices, journals, relays=relays)
        deployment = self.deployment
        codes = [operator.code for operator in deployment.operators]
        self.desks = [Desk(self, i + 1, codes[i % len(codes)], self.meanwhile) for i in range(desks)]
        make = pharmacy_business if deployment.institution.kind is Kind.PHARMACY else hospital_business
        self.business = [make(self, f"B{i + 1}") for i in range(1 + choices.number(MOST_BUSINESS))]
        self.balances = {p.psn_no: sum((c.balance for c in p.covers), Decimal(0)) for p in self.world.people.all}
        self._depth = 0
        let_orders_end(self)

    def play(self) -> None:
        """Let everything happen, then let it come to rest."""
        for each in tuple(self.business):
            self._act(self.choices.one(self.desks), each)
        for _ in range(3 + self.choices.number(MOST_STEPS)):
            self._step(self.desks)
        self.troubles.quiet = True
        self.say("-- from here on nothing goes wrong --")
        for i, seconds in enumerate(REST_SECONDS):
            self.clock.sleep(seconds)
            self.door.commit_late()
            if i == SETTINGS_BACK_AT:
                self._settings_back()
            desk = self.desks[i % len(self.desks)]
            desk.do(desk.keep)
            for each in self.business:
                if each.open:
                    self._act(desk, each)
        for desk in self.desks:
            desk.die()

    def meanwhile(self, desk: Desk, *, surely: bool = False) -> None:
        """While one desk waits for the line, another one may do something."""
        if self._depth or self.troubles.quiet or not (surely or self.choices.chance(MEANWHILE_SHARE)):
            return
        self._depth += 1
        try:
            self._step([other for other in self.desks if other is not desk])
        finally:
            self._depth -= 1

    def _step(self, desks: Sequence[Desk]) -> None:
        desk = self.choices.one(desks)
        kind = self.choices.weighted((0.48, 0.15, 0.15, 0.05, 0.03, 0.05, 0.05, 0.01, 0.03))
        if kind == 0:
            self._act(desk, self.choices.one(self.business))
        elif kind == 1:
            desk.do(desk.keep)
        elif kind == 2:
            self.clock.sleep((1, 10, 60, 200, 1900)[self.choices.number(5)])
            self.door.commit_late()
        elif kind == 3 and not desk.busy and desk.runtime is not None:
            self.say(f"desk {desk.number} is killed")
            desk.die()
        elif kind == 4:
            desk.do(desk.change_shift)
        elif kind == 5:
            desk.do(lambda: self._somebody_decides(desk))
        elif kind == 6:
            self._upgrade(desk)
        elif kind == 7:
            self._insurer_takes_back(desks)
        elif kind == 8:
            desk.do(lambda: centre_tells(self, desk))

    def _somebody_decides(self, desk: Desk) -> None:
        """A person decides on a case, at whatever moment it is."""
        assert desk.runtime is not None
        states = [State.UNKNOWN] if self.choices.chance(0.8) else [*State]
        waiting = desk.runtime.journal.latest(states=states, changes=True, limit=5)
        if not waiting:
            return
        action, call = self.choices.one(list(Action)), self.choices.one(waiting)
        desk.say(f"a person decides on {call.infno} {call.msgid}: {action.value}")
        with contextlib.suppress(LiangdingError):
            decide(desk.runtime.resolver, call, Decision(action=action, person="试验员", reason="试验"))

    def _insurer_takes_back(self, desks: Sequence[Desk]) -> None:
        """A settlement that the institution knows of is taken back in the insurer's own pages; mostly the patient comes
        to a desk with that."""
        known = {business.setl_id: business for business in self.business if business.stands}
        standing = [s for s in self.world.settlements.values() if s.counts and s.setl_id in known]
        if standing:
            taken = self.choices.one(standing)
            take_back_elsewhere(taken)
            self.taken_back.add(taken.setl_id)
            self.say(f"{taken.setl_id} is taken back in the insurer's pages")
            if self.choices.chance(0.7):
                self._act(self.choices.one(desks), known[taken.setl_id])

    def _upgrade(self, desk: Desk) -> None:
        """The desk is stopped, and started anew with other settings."""
        if desk.busy or desk.runtime is None:
            return
        if not any(each.busy for each in self.desks) and self.choices.chance(0.5):
            desk.do(lambda: self._as_it_was(desk))
        desk.say("is stopped, its settings change")
        desk.die()
        desk.changed = not desk.changed

    def _settings_back(self) -> None:
        """Who looks after the institution undoes what an upgrade changed."""
        for desk in self.desks:
            if desk.changed:
                desk.say("is stopped, and has its first settings again")
                desk.die()
                desk.changed = False

    def _as_it_was(self, desk: Desk) -> None:
        """What is under way had been begun by the first version."""
        assert desk.runtime is not None
        with contextlib.suppress(LiangdingError):
            flows = write_as_earlier(desk.runtime.journal, self.deployment.name, self.clock.epoch())
            desk.say(f"the first version kept {'、'.join(flows) or 'nothing'}")

    def _act(self, desk: Desk, business: Business) -> None:
        if not business.given_up or business.open:
            business = self._perhaps_anew(business)
            desk.do(lambda: business.act(desk, self))
            self._hold_against_the_ledger(desk, business)

    def _perhaps_anew(self, business: Business) -> Business:
        """What a till asks for that did not hear what became of the business: mostly that, and now and then the same
        bill under another key, where the institution does not allow that and the person has no other bill with which
        it could be confused."""
        lost = business.told is Told.UNKNOWN and business.again is not None and business.other is None
        alone = not any(each is not business and each.person is business.person for each in self.business)
        stops = self.deployment.keys.same_bill != "allow"
        if not (lost and alone and stops) or self.troubles.quiet or not self.choices.chance(ANEW_SHARE):
            return business
        same = business.anew(f"{business.key}N")
        self.business.append(same)
        self.say(f"{business.key} is made anew as {same.key}")
        return same

    def _hold_against_the_ledger(self, desk: Desk, business: Business) -> None:
        """What the institution was told to have failed must not stand in that moment, as far as anybody could know.
        (Where something lied in the platform's place nobody can; the second look mends it.)"""
        if desk.runtime is None or not business.begun or business.told is not Told.NOTHING or self.troubles.lied:
            return
        for name in business.charged(self, desk.runtime.journal):
            self.witness.notes(WhatHolds.TRULY, f"{business.key} is told to have failed, and {name} stands")
