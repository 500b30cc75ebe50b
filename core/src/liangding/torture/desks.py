"""Desks: processes of ours that share one journal, die, and come back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from ..errors import LiangdingError
from ..flows import Flows
from ..jobs.keeper import Keeper
from ..journal import Journal, Opened
from ..runtime import Runtime
from .surroundings import Surroundings
from .troubles import Crash, TroubledLine, TroubledStore


class Neighbourhood(Protocol):
    """Lets other desks than ``desk`` act for a moment; ``surely``: they do."""

    def __call__(self, desk: Desk, *, surely: bool = False) -> None: ...


class PausingJournal(Journal):
    """A journal in whose process something may happen between the record of a call and its sending. ``leaving`` is told
    which message is about to be sent."""

    pausing: Callable[[], None]
    leaving: Callable[[str], None]

    def may_send(self, opened: Opened) -> bool:
        self.pausing()
        may = super().may_send(opened)
        self.leaving(opened.row["msgid"] if may else "")
        return may


class Desk:
    """One process: a runtime of its own on the common journal. Dead between a crash and :meth:`revive`. ``neighbours``
    lets others act while it waits for the line."""

    def __init__(self, scene: Surroundings, number: int, operator: str, neighbours: Neighbourhood) -> None:
        self._scene = scene
        self._neighbours = neighbours
        self.number = number
        self.operator = operator
        self._lives = 0
        self._journal: PausingJournal | None = None
        self.runtime: Runtime | None = None
        self._flows: Flows | None = None
        self._keeper: Keeper | None = None
        self.busy = False
        self._leaving = ""
        self.changed = False
        """Whether it runs with the other settings."""

    @property
    def flows(self) -> Flows:
        """The process's own."""
        assert self.runtime is not None
        self._flows = self._flows or Flows(self.runtime)
        return self._flows

    def revive(self) -> None:
        """Start the process, if it is not running."""
        if self.runtime is not None:
            return
        scene = self._scene
        self._lives += 1
        owner = f"desk {self.number} life {self._lives}"
        scene.alive.add(owner)
        scene.say(f"desk {self.number} starts")

        def store(_: str, folder: Path) -> TroubledStore:
            return TroubledStore(scene.journals.kept(f"desk {self.number}"), folder, scene.troubles)

        try:
            self._journal = PausingJournal(
                scene.deployment.journal.url, scene.vault, folder=scene.journals.folder, owner=owner,
                alive=scene.alive.__contains__, epoch=scene.clock.epoch, store=store,
            )  # fmt: skip
            self._journal.pausing, self._journal.leaving = self.pause, self._leaves
            known = scene.changed if self.changed else scene.known
            line = TroubledLine(scene.door, scene.troubles, self, self.say, self._sending, known.interfaces.means)
            self.runtime = Runtime(
                known.deployment, journal=self._journal, transport=line, clock=scene.clock, known=known,
                randomness=scene.randomness,
            )  # fmt: skip
        except (Crash, LiangdingError) as failed:
            self.say(f"does not start: {failed}")
            self.die()

    def meanwhile(self) -> None:
        """While this process waits for the line, others may do something."""
        self._neighbours(self)

    def pause(self) -> None:
        """Perhaps the process stands still here."""
        if seconds := self._scene.troubles.silence():
            self.stand_still(seconds)

    def stand_still(self, seconds: float) -> None:
        """The process does nothing for so long, as a computer does that was suspended: others take it for dead, and
        may go on without it."""
        owner = f"desk {self.number} life {self._lives}"
        self.say(f"stands still for {seconds:.0f} s")
        self._scene.alive.discard(owner)
        for _ in range(3):
            self._scene.clock.sleep(seconds / 3)
            self._neighbours(self, surely=True)
        self._scene.alive.add(owner)
        self.say("goes on")

    def _sending(self, infno: str, body: bytes, *, sealed: bool) -> None:
        """What is wrong with sending this now, by the journal: written down for the auditor."""
        assert self._journal is not None
        self._scene.witness.sees(self._journal, infno, body, sealed=self._leaving if sealed else None)

    def _leaves(self, msgid: str) -> None:
        self._leaving = msgid

    def do(self, work: Callable[[], Any]) -> None:
        """Let the process do something; it may die of it."""
        self.revive()
        if self.runtime is None or self.busy:
            return
        self.busy = True
        try:
            work()
        except Crash:
            self.die()
        finally:
            self.busy = False

    def keep(self) -> None:
        """One round of the keeper."""
        assert self.runtime is not None
        self._keeper = self._keeper or Keeper(self.runtime)
        self._keeper.round()

    def change_shift(self) -> None:
        """Sign out and in again; what comes of it matters to nobody but the next call."""
        with contextlib.suppress(LiangdingError):
            self.flows.start("shift_change", {"leaving": self.operator, "coming": self.operator})

    def die(self) -> None:
        """The process is no more: what it had not committed is gone, and what it knew in memory."""
        self._scene.alive.discard(f"desk {self.number} life {self._lives}")
        if self._journal is not None:
            assert isinstance(self._journal.store, TroubledStore)
            self._journal.store.die()
        self._journal = self.runtime = self._flows = self._keeper = None

    def say(self, line: str) -> None:
        self._scene.say(f"desk {self.number}: {line}")
