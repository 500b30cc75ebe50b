"""What a run's desks and institution live among: platform, clock, storage, what goes wrong."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

from ..clock import SimulatedClock, now
from ..journal import Vault
from ..knowledge import Knowledge
from ..simulator.setup import door_for
from .choices import Choices
from .troubles import Engines, Troubles


class Surroundings:
    """One run's surroundings. ``history`` is what happened, in words; ``alive`` the processes that live."""

    def __init__(self, known: Knowledge, vault: Vault, folder: Path, choices: Choices, engines: Engines) -> None:
        self.known = known
        self.deployment = known.deployment
        self.vault = vault
        self.folder = folder
        self.choices = choices
        self.engines = engines
        self.history: list[str] = []
        self.alive: set[str] = set()
        self.clock = SimulatedClock(datetime(2026, 11, 21, 9, 0))
        self.randomness = random.Random(7)
        self.troubles = Troubles(choices, self.say)
        self.door = door_for(self.deployment, clock=self.clock, known=known)
        self.world.query_delay = (0.0, 0.0, 20.0, 90.0)[choices.number(4)]

    @property
    def world(self) -> Any:
        return self.door.platform.world

    def say(self, line: str) -> None:
        """A line of the history."""
        self.history.append(f"{now(self.clock):%d %H:%M:%S} {line}")
