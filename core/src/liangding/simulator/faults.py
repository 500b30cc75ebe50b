"""Faults as a first-class API: what goes wrong, with which call, how often, by rule or by seed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from enum import StrEnum

import attrs


class Fault(StrEnum):
    """What goes wrong with one exchange."""

    REQUEST_LOST = "request_lost"
    """The connection breaks before the platform has the request: nothing happens."""
    ANSWER_LOST = "answer_lost"
    """The platform commits; the connection breaks before the answer."""
    ERROR_BEFORE = "error_before"
    """503 from a gateway; the platform never saw the request."""
    ERROR_AFTER = "error_after"
    """500 although the platform committed."""
    SLOW = "slow"
    """The platform commits; its answer takes ``seconds``."""
    CUT = "cut"
    """The platform commits; the answer stops in the middle of its body."""
    HTML = "html"
    """A proxy's error page with status 200; the platform never saw the request."""
    EMPTY = "empty"
    """Status 200, no body, although the platform committed."""
    DUPLICATE = "duplicate"
    """The network delivers the request twice."""
    LATE_COMMIT = "late_commit"
    """The connection breaks, and the platform commits ``seconds`` later."""
    OTHER_ANSWER = "other_answer"
    """The platform commits; the answer that comes belongs to another message that it accepted. (A refusal of another
    message is not played: nothing in a refusal says which message it is about, so nobody could tell.)"""


@attrs.frozen(kw_only=True)
class FaultRule:
    """``fault`` strikes calls of ``infno`` (empty: every call), ``times`` times (0: always), after ``skip`` calls;
    ``seconds`` belongs to the slow and the late ones."""

    fault: Fault
    infno: str = ""
    times: int = 1
    skip: int = 0
    seconds: float = 0.0


class Faults:
    """The faults of one platform. Rules strike in the order in which they were added; without one, chance does."""

    def __init__(self) -> None:
        self._rules: list[tuple[FaultRule, int]] = []
        self._random: random.Random | None = None
        self._share = 0.0
        self._kinds: tuple[Fault, ...] = ()
        self._seconds = 0.0

    def add(self, rule: FaultRule) -> None:
        """Let ``rule`` strike."""
        self._rules.append((rule, 0))

    def by_seed(self, seed: int, share: float, kinds: Iterable[Fault] = tuple(Fault), seconds: float = 0.0) -> None:
        """Let one of ``kinds`` strike ``share`` of all calls (0 to 1), the same ones for the same seed."""
        self._random, self._share, self._kinds, self._seconds = random.Random(seed), share, tuple(kinds), seconds

    def clear(self) -> None:
        """No more faults."""
        self._rules.clear()
        self._random = None

    @property
    def rules(self) -> list[FaultRule]:
        """The rules that may still strike."""
        return [rule for rule, struck in self._rules if not rule.times or struck < rule.skip + rule.times]

    def strike(self, infno: str) -> FaultRule | None:
        """What goes wrong with this call, if anything does."""
        for i, (rule, struck) in enumerate(self._rules):
            if rule.infno not in ("", infno) or (rule.times and struck >= rule.skip + rule.times):
                continue
            self._rules[i] = rule, struck + 1
            if struck >= rule.skip:
                return rule
        if self._random is not None and self._random.random() < self._share:
            return FaultRule(fault=self._random.choice(self._kinds), seconds=self._seconds)
        return None
