"""Where everything that may go one way or another is decided."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Decisions drawn by a seed, or read from a script; each is a number, and 0 is the uneventful one.

    ``made`` is the script that repeats them. Beyond its end a script decides 0.
    """

    def __init__(self, seed: int | None = None, script: Sequence[int] = ()) -> None:
        self._random = None if seed is None else random.Random(seed)
        self._script = script
        self.made: list[int] = []

    def number(self, bound: int) -> int:
        """A number below ``bound``."""
        if self._random is not None:
            value = self._random.randrange(bound)
        else:
            at = len(self.made)
            value = min(self._script[at], bound - 1) if at < len(self._script) else 0
        self.made.append(value)
        return value

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        if self._random is None:
            return self.weighted((1 - share, share)) == 1
        happens = self._random.random() * ((1 - share) + share) >= 1 - share
        self.made.append(int(happens))
        return happens

    def weighted(self, shares: Sequence[float]) -> int:
        """The place of one of ``shares``, each as likely as it says."""
        if self._random is not None:
            until = list(itertools.accumulate(shares))
            value = bisect.bisect(until, self._random.random() * until[-1], 0, len(until) - 1)
        else:
            at = len(self.made)
            value = min(self._script[at], len(shares) - 1) if at < len(self._script) else 0
        self.made.append(value)
        return value

    def one(self, of: Sequence[T]) -> T:
        return of[self.number(len(of))]
