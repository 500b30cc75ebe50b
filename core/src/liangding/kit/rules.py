"""Rules that a plugin is held to: bronze, silver, gold. Each is a function whose docstring is its page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import IntEnum

import attrs

from .subject import PluginAtTest

Check = Callable[[PluginAtTest], Iterator[str]]
"""Yields what is wrong, in the author's language; nothing where the rule holds."""


class Tier(IntEnum):
    """How far a plugin has come. None: not even that it can be enabled without harm."""

    NONE = 0
    BRONZE = 1
    """It can be enabled and harms nothing."""
    SILVER = 2
    """Software can be developed against it: all that it says works on the simulated platform."""
    GOLD = 3
    """It is used: the bureau has seen it, and nothing of the documents is open."""

    @property
    def chinese(self) -> str:
        return ("未达标", "铜", "银", "金")[self]


class NotConcerned(Exception):
    """A rule does not concern a plugin: it has nothing of the kind."""


@attrs.frozen(kw_only=True)
class KitRule:
    """One rule. ``check`` None: a person sees to it, and the plugin's record names the evidence."""

    id: str
    tier: Tier
    title: str
    check: Check | None
    page: str

    @property
    def person(self) -> bool:
        return self.check is None


RULES: dict[str, KitRule] = {}
"""All rules by their number, in order. The modules of the three tiers fill it."""


def rule(number: str, tier: Tier, title: str) -> Callable[[Check], Check]:
    """Make a function a rule; its docstring says why there is one, with an example and the exception."""

    def declare(check: Check) -> Check:
        RULES[number] = KitRule(id=number, tier=tier, title=title, check=check, page=inspect.getdoc(check) or "")
        return check

    return declare


def person(number: str, tier: Tier, title: str, page: str) -> None:
    """A rule that a person sees to."""
    RULES[number] = KitRule(id=number, tier=tier, title=title, check=None, page=inspect.cleandoc(page))
