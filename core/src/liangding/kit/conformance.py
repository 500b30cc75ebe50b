"""What a plugin comes to: each rule's verdict, the tier that follows, and what is known of each transaction there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import attrs

from ..config import Kind
from ..errors import ConfigurationError
from ..simulator.requests import HANDLERS
from ..structuring import nearest
from . import bronze, gold, silver, working  # noqa: F401 - they fill the rules
from .rules import RULES, KitRule, NotConcerned, Tier
from .subject import PluginAtTest

SHOWN = 20
"""How many findings of one rule are kept."""

LONG = frozenset({"G02"})
"""Rules that take minutes; they are checked where that is asked for."""


def all_rules() -> list[KitRule]:
    """Every rule, tier by tier."""
    return sorted(RULES.values(), key=lambda rule: (rule.tier, rule.id))


def rule_named(number: str) -> KitRule:
    """The rule of that number. ConfigurationError where there is none."""
    if number not in RULES:
        raise ConfigurationError(
            f"没有规则 {number}{nearest(number, RULES)}", remedy="liangding conformance 列出全部规则"
        )
    return RULES[number]


class RunEnds(StrEnum):
    """What came of a rule; ``holds``: the tier is not lost by it."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CONCERNED = "not concerned"
    EXEMPT = "exempt"
    DONE = "done"
    OPEN = "open"
    NOT_CHECKED = "not checked"

    @property
    def holds(self) -> bool:
        return self in (RunEnds.PASSED, RunEnds.NOT_CONCERNED, RunEnds.EXEMPT, RunEnds.DONE)

    @property
    def chinese(self) -> str:
        words = {
            "passed": "通过", "failed": "不通过", "not concerned": "不涉及", "exempt": "豁免", "done": "已由人完成",
            "open": "待人完成", "not checked": "未检查",
        }  # fmt: skip
        return words[self.value]


@attrs.frozen(kw_only=True)
class RuleVerdict:
    """What came of one rule: ``findings`` where it failed, ``why`` where it is exempt, done or does not concern."""

    rule: KitRule
    ends: RunEnds
    findings: tuple[str, ...] = ()
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.id, "tier": self.rule.tier.name.lower(), "title": self.rule.title,
            "ends": self.ends.value, "findings": list(self.findings), "why": self.why,
        }  # fmt: skip


def judged(
    subject: PluginAtTest, rules: Iterable[KitRule] | None = None, *, long: bool = False
) -> Iterator[RuleVerdict]:
    """The verdict on each rule, in order; ``long`` checks those, too, that take minutes."""
    for rule in rules if rules is not None else all_rules():
        yield judge(subject, rule, long=long)


def judge(subject: PluginAtTest, rule: KitRule, *, long: bool = False) -> RuleVerdict:
    """The verdict on one rule. The plugin's record exempts, and gives a person's evidence; what code checks is checked
    whatever the record says, unless it is exempt."""
    record = subject.record
    if rule.id in record.exempt:
        return RuleVerdict(rule=rule, ends=RunEnds.EXEMPT, why=record.exempt[rule.id])
    if rule.check is None:
        evidence = record.done.get(rule.id, "")
        return RuleVerdict(rule=rule, ends=RunEnds.DONE if evidence else RunEnds.OPEN, why=evidence)
    if rule.id in LONG and not long:
        return RuleVerdict(rule=rule, ends=RunEnds.NOT_CHECKED, why="要几分钟，用 --long")
    try:
        findings = tuple(dict.fromkeys(rule.check(subject)))
    except NotConcerned as why:
        return RuleVerdict(rule=rule, ends=RunEnds.NOT_CONCERNED, why=str(why))
    except Exception as failed:
        findings = (f"{type(failed).__name__}: {failed}",)
    more = (f"… and {len(findings) - SHOWN} more",) if len(findings) > SHOWN else ()
    return RuleVerdict(
        rule=rule, ends=RunEnds.FAILED if findings else RunEnds.PASSED, findings=(*findings[:SHOWN], *more)
    )


def tier_of(verdicts: Iterable[RuleVerdict]) -> Tier:
    """The highest tier all of whose rules hold, and those of the tiers below it."""
    held = list(verdicts)
    reached = Tier.NONE
    for tier in (Tier.BRONZE, Tier.SILVER, Tier.GOLD):
        of_tier = [verdict for verdict in held if verdict.rule.tier is tier]
        if not of_tier or not all(verdict.ends.holds for verdict in of_tier):
            break
        reached = tier
    return reached


# -- what is known of each transaction ---------------------------------------------------------------------------------


class Known(StrEnum):
    """How well a transaction is known in a region, from the least to the most."""

    DECLARED = "declared"
    SIMULATED = "simulated"
    SEEN = "seen"
    ACCEPTED = "accepted"

    @property
    def chinese(self) -> str:
        return {"declared": "已声明", "simulated": "可模拟", "seen": "见过真实报文", "accepted": "经验收"}[self.value]


def matrix(subjects: Iterable[PluginAtTest]) -> dict[str, dict[str, Known]]:
    """infno → region → how well it is known there, found by asking: each region's own declarations, the simulator's
    handlers, and what the plugin's record says was seen and accepted."""
    found: dict[str, dict[str, Known]] = {}
    for subject in subjects:
        for place, area in subject.places.items():
            known = subject.known(area, Kind.HOSPITAL)
            extended = known.manager.hook.liangding_simulate(deployment=known.deployment)
            played: set[str] = {*HANDLERS, *(infno for handlers in extended for infno in handlers)}
            for infno in known.interfaces.numbers():
                found.setdefault(infno, {})[place] = _how_well(infno, played, subject.record)
    return found


def _how_well(infno: str, played: set[str], record: Any) -> Known:
    if infno in record.accepted:
        return Known.ACCEPTED
    if infno in record.seen:
        return Known.SEEN
    return Known.SIMULATED if infno in played else Known.DECLARED


def counts(shown: Mapping[str, Mapping[str, Known]]) -> dict[str, dict[Known, int]]:
    """Region → how many transactions are known how well there."""
    found: dict[str, dict[Known, int]] = {}
    for places in shown.values():
        for place, how in places.items():
            held = found.setdefault(place, dict.fromkeys(Known, 0))
            held[how] += 1
    return found
