"""What goes wrong: the line, the disk, and the process itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ..journal.store import Store
from ..simulator.faults import Fault, Rule
from ..simulator.line import SimulatedLine
from ..wire.transport import Exchange, Receive
from .choices import Choices


class Crash(BaseException):
    """The process dies here. Nothing of ours may catch it."""


class Troubles:
    """What goes wrong in one run, and how often. ``said`` takes a line of the history."""

    def __init__(self, choices: Choices, said: Callable[[str], None]) -> None:
        self._choices = choices
        self._said = said
        self.quiet = False
        self.line_share = (0.0, 0.1, 0.3)[choices.number(3)]
        self.disk_share = (0.0, 0.01, 0.04)[choices.number(3)]
        self.crash_share = (0.0, 0.01, 0.03)[choices.number(3)]

    def crash(self, where: str) -> None:
        """Perhaps the process dies here."""
        if not self.quiet and self._choices.chance(self.crash_share):
            self._said(f"✗ process dies {where}")
            raise Crash(where)

    def on_the_line(self) -> Rule | None:
        """What goes wrong with this exchange."""
        if self.quiet or not self._choices.chance(self.line_share):
            return None
        fault = self._choices.one(list(Fault))
        return Rule(fault=fault, seconds=(5.0, 30.0, 90.0, 300.0, 1500.0)[self._choices.number(5)])

    def on_disk(self, when: str) -> None:
        """Perhaps the disk fails."""
        if not self.quiet and self._choices.chance(self.disk_share):
            error = {"begin": "database is locked", "commit": "database or disk is full"}.get(when, "disk I/O error")
            self._said(f"✗ disk: {error} ({when})")
            raise sqlite3.OperationalError(error)


class Engines:
    """Engines that are opened once and used again by whoever comes next under a name: what SQLAlchemy compiled for one
    run serves the next ones, which is most of a run's time."""

    def __init__(self) -> None:
        self._held: dict[str, Engine] = {}

    def of(self, name: str, make: Callable[[], Engine]) -> Engine:
        """The engine of that name, without connections."""
        held = self._held.get(name)
        if held is None:
            held = self._held[name] = make()
        held.dispose()
        return held


class KeptStore(Store):
    """A database that is opened many times, one after the other, by an engine that is kept."""

    def __init__(self, url: str, folder: Path, engines: Engines, name: str) -> None:
        self._engines, self._name = engines, name
        super().__init__(url, folder)

    def _open(self, url: str, folder: Path) -> Engine:
        return self._engines.of(self._name, lambda: super(KeptStore, self)._open(url, folder))


class TroubledStore(KeptStore):
    """A journal's database on a disk that fails, in a process that dies."""

    def __init__(self, url: str, folder: Path, engines: Engines, name: str, troubles: Troubles) -> None:
        self._troubles = troubles
        super().__init__(url, folder, engines, name)

    def _say(self, command: str) -> None:
        if command.startswith("BEGIN"):
            self._troubles.on_disk("begin")
        elif command == "COMMIT":
            self._troubles.crash("before a commit")
            self._troubles.on_disk("commit")
        super()._say(command)
        if command == "COMMIT":
            self._troubles.crash("after a commit")
            self._troubles.on_disk("after the commit")

    def die(self) -> None:
        """The process that held this is no more."""
        self._drop_writer()
        self.engine.dispose()


class TroubledLine(SimulatedLine):
    """A line that fails, and on which others are at work at the same time (``meanwhile``)."""

    def __init__(
        self, door: Any, troubles: Troubles, meanwhile: Callable[[], None], said: Callable[[str], None]
    ) -> None:
        super().__init__(door, read_seconds=60.0)
        self._troubles = troubles
        self._meanwhile = meanwhile
        self._said = said

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        infno = url.rpartition("/")[2]
        self._troubles.crash(f"before sending {infno}")
        self._meanwhile()
        rule = self._troubles.on_the_line()
        self.door.faults.clear()
        if rule is not None:
            self.door.faults.add(rule)
            late = f" {rule.seconds:.0f} s" if rule.fault in (Fault.SLOW, Fault.LATE_COMMIT) else ""
            self._said(f"~ {infno}: {rule.fault.value}{late}")
        exchange = super().post(url, headers, body)
        self._said(f"  {infno} → {exchange.status or exchange.failure}")
        self._meanwhile()
        self._troubles.crash(f"after {infno}")
        return exchange

    def stream(self, url: str, headers: Mapping[str, str], body: bytes, receive: Receive) -> Exchange:
        self._troubles.crash("before sending")
        return super().stream(url, headers, body, receive)
