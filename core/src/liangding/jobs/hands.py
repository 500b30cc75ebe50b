"""Few threads for the work of many deployments: what one of them waits for holds up no other's."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable, Hashable

from ..privacy import logger

log = logger("jobs")

FEW, MOST = 4, 64
"""So many hands there are at once for whatever is given; so many at last, where those are held up."""

IDLE_SECONDS = 10.0
"""A hand beyond the few that finds nothing to do for so long goes."""


class Hands:
    """Threads that do what is given them, one thing of each ``whose`` at a time, begun when they are needed.

    A thing that hangs keeps its hand; where what waits does not get on meanwhile, there are more of them
    (:meth:`press`).
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._waiting: collections.deque[tuple[Hashable, Callable[[], object]]] = collections.deque()
        self._held: set[Hashable] = set()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._pressed: Hashable | None = None
        self._closed = False

    def give(self, whose: Hashable, work: Callable[[], object]) -> bool:
        """Have it done; False, and nothing is, where something of theirs waits or is being done."""
        with self._changed:
            if self._closed or whose in self._held:
                return False
            self._held.add(whose)
            self._waiting.append((whose, work))
            self._hire(FEW)
            self._changed.notify()
        return True

    def press(self) -> None:
        """Called every now and then: twice the hands, where what waited longest at the last time waits still."""
        with self._changed:
            first = self._waiting[0][0] if self._waiting else None
            for _ in range(len(self._threads) if first is not None and first == self._pressed else 0):
                self._hire(MOST)
            self._pressed = first

    def close(self, seconds: float) -> None:
        """Begin nothing more, and wait so long at most for what is being done."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
            threads = list(self._threads)
        until = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0.0))

    def _hire(self, most: int) -> None:
        if not self._closed and self._idle < len(self._waiting) and len(self._threads) < most:
            thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._threads.add(thread)
            thread.start()

    def _work(self) -> None:
        while (next_ := self._next()) is not None:
            whose, work = next_
            try:
                work()
            except Exception:
                log.exception("%s: what was begun broke off", self._name)
            finally:
                with self._changed:
                    self._held.discard(whose)

    def _next(self) -> tuple[Hashable, Callable[[], object]] | None:
        """What is to be done next; None where this hand is not needed any more."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                if not self._changed.wait(IDLE_SECONDS) and len(self._threads) > FEW:
                    break
            self._idle -= 1
            if self._waiting and not self._closed:
                return self._waiting.popleft()
            self._threads.discard(threading.current_thread())
            return None
