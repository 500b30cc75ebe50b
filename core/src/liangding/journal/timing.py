"""The clock by which the rows of a journal age where several machines share it: the database's own."""

from __future__ import annotations

import time

from sqlalchemy import ColumnElement, Double, cast, func, select

from ..clock import SystemClock, uptime
from .store import Store

LOOKS = 3
"""How often the clock is looked at for the answer that took the least time."""

QUICK_SECONDS = 0.2
"""An answer that took no longer than this is near enough."""


class DatabaseClock(SystemClock):
    """The time of a database that all processes share, whatever the clocks of their machines say. It is looked at when
    a journal is opened and with each beat, and goes on in between by the clock that counts from the machine's start:
    hands that somebody moves make nothing older."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: tuple[float, float] | None = None
        self.look()

    def epoch(self) -> float:
        assert self._read is not None
        at, up = self._read
        return at + uptime() - up

    def look(self) -> None:
        """See what time it is there. JournalUnavailable where the database does not say."""
        spent, at, up = min(self._looked(), key=lambda told: told[0])
        if self._read is None or abs(at + uptime() - up - self.epoch()) > spent:
            self._read = at, up

    def _looked(self) -> list[tuple[float, float, float]]:
        told: list[tuple[float, float, float]] = []
        while len(told) < LOOKS and not (told and told[-1][0] <= QUICK_SECONDS):
            begun = uptime()
            at = self._store.read(lambda c: float(c.execute(select(_NOW)).scalar_one()))
            ended = uptime()
            told.append((ended - begun, at, (begun + ended) / 2))
        return told

    @staticmethod
    def wall() -> float:
        """The time of this machine."""
        return time.time()


_NOW = cast(func.extract("epoch", func.clock_timestamp()), Double)


def clock(dialect: str) -> ColumnElement[float] | None:
    """The database's clock in a statement, where it has one that all processes share; None where each goes by its
    machine's."""
    return None if dialect == "sqlite" else _NOW


def shared_clock(store: Store) -> DatabaseClock | None:
    """The clock of a database that has one for all its processes."""
    return None if clock(store.dialect) is None else DatabaseClock(store)
