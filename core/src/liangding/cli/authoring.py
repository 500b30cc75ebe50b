"""``liangding new-province`` and ``liangding conformance``: writing a plugin, and what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..kit.conformance import RuleVerdict, RunEnds, all_rules, counts, judge, matrix, rule_named, tier_of
from ..kit.rules import KitRule, Tier
from ..kit.scaffold import write_plugin
from ..kit.subject import PluginAtTest
from ..knowledge.regions import places
from .app import AsJson
from .output import console, print_json, table


def new_province(
    name: Annotated[str, Parameter(help="插件名，小写字母，如 yunzhou")],
    *,
    chinese: Annotated[str, Parameter(help="地区的中文名 · what the region is called")] = "",
    area: Annotated[str, Parameter(help="一家机构的六位医保区划 · the place of an institution there")],
    folder: Annotated[Path | None, Parameter(help="写到哪里；不给则 plugins/插件名")] = None,
) -> None:
    """写一个新省份的插件，自带测试 · Write a plugin for a new province that passes its own tests."""
    folder = folder or Path("plugins") / name
    for path in write_plugin(name, chinese, area, folder):
        print(path)
    console().print(
        f"\n下一步：\n  pip install --editable {folder}\n  pytest {folder}\n  liangding conformance {name}",
        markup=False,
    )


def conformance(
    name: Annotated[str | None, Parameter(help="插件名；不给则列出全部规则 · the plugin")] = None,
    *,
    rule: Annotated[list[str] | None, Parameter(help="只看这几条，如 B01 · these rules only")] = None,
    long: Annotated[bool, Parameter(negative="", help="也检查要几分钟的规则 · those that take minutes, too")] = False,
    page: Annotated[str | None, Parameter(help="一条规则的说明 · why there is a rule")] = None,
    known: Annotated[
        bool, Parameter(name="--matrix", negative="", help="省份与交易的对照 · how well each is known")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """一个插件符合哪些规则、达到哪一级（铜、银、金）· Which rules a plugin holds to, and the tier that it reaches.

    Exit code 1 where a rule fails that code checks.
    """
    if page is not None:
        return _page(rule_named(page))
    if known:
        return _matrix(None if name is None else [name], as_json)
    if name is None:
        return _rules(as_json)
    subject = PluginAtTest(name)
    chosen = [rule_named(number) for number in rule] if rule else all_rules()
    verdicts = [judge(subject, each, long=long) for each in chosen]
    if as_json:
        tier = None if rule else tier_of(verdicts).name.lower()
        print_json({"plugin": name, "tier": tier, "rules": [verdict.as_json() for verdict in verdicts]})
    else:
        _show(name, verdicts, whole=not rule)
    return int(any(verdict.ends is RunEnds.FAILED for verdict in verdicts))


def _show(name: str, verdicts: list[RuleVerdict], *, whole: bool) -> None:
    out = console()
    shown = table("规则", "级", "内容", "结果", "")
    for verdict in verdicts:
        mark = {RunEnds.FAILED: "[red]✗ 不通过[/]", RunEnds.PASSED: "[green]✓ 通过[/]"}.get(
            verdict.ends, verdict.ends.chinese
        )
        shown.add_row(verdict.rule.id, verdict.rule.tier.chinese, verdict.rule.title, mark, verdict.why)
    out.print(shown)
    for verdict in (each for each in verdicts if each.findings):
        out.print(f"\n[bold]{verdict.rule.id} {verdict.rule.title}[/]")
        for finding in verdict.findings:
            out.print(f"  · {finding}", markup=False)
    if whole:
        tier = tier_of(verdicts)
        out.print(f"\n[bold]{name}：{tier.chinese}[/]", markup=True)
        missing = [v.rule.id for v in verdicts if v.rule.tier == tier + 1 and not v.ends.holds]
        if missing:
            out.print(
                f"到{Tier(tier + 1).chinese}还差：{'、'.join(missing)}（liangding conformance --page {missing[0]}）"
            )


def _rules(as_json: bool) -> int:
    if as_json:
        shown = [{"id": r.id, "tier": r.tier.name.lower(), "title": r.title, "person": r.person} for r in all_rules()]
        print_json(shown)
        return 0
    listed = table("规则", "级", "内容", "由谁检查")
    for each in all_rules():
        listed.add_row(each.id, each.tier.chinese, each.title, "人" if each.person else "程序")
    console().print(listed)
    return 0


def _page(rule: KitRule) -> int:
    console().print(f"[bold]{rule.id} {rule.title}[/]（{rule.tier.chinese}，{'人' if rule.person else '程序'}检查）\n")
    print(rule.page)
    return 0


def _matrix(names: list[str] | None, as_json: bool) -> int:
    plugins = names if names is not None else sorted({plugin for plugin, _ in places().values()})
    held = matrix(map(PluginAtTest, plugins))
    if as_json:
        print_json({infno: {place: how.value for place, how in row.items()} for infno, row in held.items()})
        return 0
    regions = list(counts(held))
    shown = table("交易", *regions)
    for infno, row in held.items():
        shown.add_row(infno, *(row[place].chinese if place in row else "" for place in regions))
    console().print(shown)
    for place, numbers in counts(held).items():
        print(f"{place}：" + "，".join(f"{how.chinese} {count}" for how, count in numbers.items()))
    return 0
