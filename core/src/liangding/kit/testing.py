"""A plugin's own tests: one for each rule of the tier that it claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conformance import RunEnds, all_rules, judge
from .rules import Tier
from .subject import PluginAtTest


def conformance_tests(name: str, tier: Tier = Tier.SILVER) -> Callable[..., Any]:
    """A test for pytest, one case for each rule up to ``tier`` of the installed plugin ``name``:

        test_conformance = conformance_tests("yunzhou", Tier.SILVER)

    A rule that does not hold fails with what is wrong; one that does not concern, or is exempt, is skipped with why.
    """
    import pytest

    subjects: list[PluginAtTest] = []

    @pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.tier <= tier], ids=lambda rule: rule.id)
    def test_conformance(rule: Any) -> None:
        if not subjects:
            subjects.append(PluginAtTest(name))
        verdict = judge(subjects[0], rule)
        if verdict.ends in (RunEnds.NOT_CONCERNED, RunEnds.EXEMPT, RunEnds.NOT_CHECKED):
            pytest.skip(f"{rule.title}：{verdict.ends.chinese}（{verdict.why}）")
        assert verdict.ends.holds, "\n".join([f"{rule.id} {rule.title}", *verdict.findings, "", rule.page])

    tests: Callable[..., Any] = test_conformance
    return tests
