"""Rooms for work: so many requests of a deployment are worked on at a time, and no more wait behind them.

Each deployment has a room of its own, and others for its devices and for looks at the journal: where the platform is
slow for one, the others go on. Who finds no seat is told so before anything is recorded, and asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import to_thread

from ..errors import LiangdingError

T = TypeVar("T")

LOOKS = 8
"""Looks at the journal of one deployment at a time."""

DEVICES = 8
"""Persons who show something to the devices of one deployment at a time."""


class Busy(LiangdingError):
    """As many requests are at work as may be; nothing was done of this one."""

    code = "busy"
    http_status = 503
    remedy = "稍等再办；常有此事的，在部署文件里加大 [server] workers"


class Room:
    """So many seats, each with a thread."""

    def __init__(self, seats: int) -> None:
        self._seats = seats
        self._taken = 0
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Do blocking work in a thread. Busy where no seat is free."""
        if self._taken >= self._seats:
            raise Busy(f"正在办的已有 {self._seats} 件")
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._seats)
        self._taken += 1
        try:
            return await to_thread.run_sync(work, *arguments, limiter=self._limiter)
        finally:
            self._taken -= 1
