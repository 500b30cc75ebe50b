"""Time as the platform keeps it: China's, whatever the computer's zone; replaceable, so that tests need not wait."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "CST")


class Clock(Protocol):
    """Where a runtime, a journal and a simulator get the time from."""

    def epoch(self) -> float:
        """Seconds since 1970, UTC."""

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass."""


class SystemClock:
    """The computer's clock."""

    def epoch(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ShiftedClock(SystemClock):
    """The computer's clock, put forward by ``shift`` seconds."""

    def __init__(self) -> None:
        self.shift = 0.0

    def epoch(self) -> float:
        return time.time() + self.shift


class SimulatedClock:
    """A clock that moves only when told to, or when somebody sleeps by it."""

    def __init__(self, start: datetime) -> None:
        self._epoch = start.replace(tzinfo=start.tzinfo or CHINA).timestamp()

    def epoch(self) -> float:
        return self._epoch

    def sleep(self, seconds: float) -> None:
        self._epoch += max(0.0, seconds)


def uptime() -> float:
    """Seconds by a clock that goes on while the machine sleeps, where the system has one (on Linux the monotonic one
    stands still)."""
    boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def now(clock: Clock) -> datetime:
    """The time of day in China, without a zone, as messages carry it."""
    return in_china(clock.epoch())


def in_china(epoch: float) -> datetime:
    """A moment as the time of day in China, without a zone."""
    return datetime.fromtimestamp(epoch, CHINA).replace(tzinfo=None)
