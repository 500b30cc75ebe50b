"""What a run's desks and institution live among: platform, clock, storage, what goes wrong."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from ..clock import SimulatedClock, now
from ..journal import Vault
from ..knowledge import Knowledge
from ..simulator.setup import door_for
from .choices import Choices
from .journals import Databases, Lite
from .troubles import Troubles
from .witness import Witness


class Surroundings:
    """One run's surroundings. ``history`` is what happened, in words; ``alive`` the processes that live."""

    def __init__(
        self, known: tuple[Knowledge, Knowledge], vault: Vault, choices: Choices, journals: Databases | Lite,
        *, relays: bool,
    ) -> None:  # fmt: skip
        self.known, self.changed = known
        self.deployment = self.known.deployment
        self.vault = vault
        self.choices = choices
        self.journals = journals
        self.history: list[str] = []
        self.foreign: set[str] = set()
        """Messages that no desk of this institution sent."""
        self.taken_back: set[str] = set()
        """Settlements that were taken back in the insurer's own pages."""
        self.alive: set[str] = set()
        self.witness = Witness(self.known.interfaces, self.say)
        self.clock = SimulatedClock(datetime(2026, 11, 21, 9, 0))
        self.randomness = random.Random(7)
        self.troubles = Troubles(choices, self.say, relays=relays)
        self.door = door_for(self.deployment, clock=self.clock, known=self.known)
        self.world.query_delay = (0.0, 0.0, 20.0, 90.0)[choices.number(4)]

    @property
    def world(self) -> Any:
        return self.door.platform.world

    def say(self, line: str) -> None:
        """A line of the history."""
        self.history.append(f"{now(self.clock):%d %H:%M:%S} {line}")
