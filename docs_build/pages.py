"""The generated pages, and their place in the navigation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, TypeAlias

import attrs

from liangding.checks.book import book, differences
from liangding.kit.conformance import all_rules
from liangding.spec import Effect
from liangding.spec.codes import CodeTable

from . import declared
from .declared import Chapter, Scope
from .links import (
    CHECKS,
    CODES,
    FLOWS,
    GAPS,
    INDEX,
    LONG,
    RULES,
    SETTINGS,
    TRANSACTIONS,
    UNDO,
    letter_page,
    own_page,
    rule_page,
)
from .provinces import Province
from .rendering import render
from .settings import tables

Nav: TypeAlias = list[dict[str, Any]]


@attrs.frozen(kw_only=True)
class Page:
    """One generated page: its path in the site's sources, and its Markdown."""

    path: str
    text: str


def pages(regions: tuple[Province, ...] = ()) -> Iterator[Page]:
    """Every generated page: the baseline's, the code tables', and those of ``regions``."""
    yield _page(INDEX, "index.md")
    yield _page(TRANSACTIONS, "transactions.md")
    yield _page(FLOWS, "flows.md")
    yield _page(UNDO, "undo.md", repeatable=_with_effect(Effect.REPEATABLE))
    groups = [(name, list(held)) for name, held in groupby(book().values(), lambda rule: rule.group)]
    yield _page(CHECKS, "checks.md", groups=groups, differences=differences)
    yield _page(SETTINGS, "deployment.md", tables=tables())
    yield _page(GAPS, "not_public.md", unsure=list(_unsure()))
    yield _page(RULES, "rules.md", tiers=[(tier, list(held)) for tier, held in groupby(all_rules(), lambda r: r.tier)])
    for rule in all_rules():
        yield _page(rule_page(rule.id), "rule.md", rule=rule)
    for chapter in declared.baseline().chapters:
        yield _page(chapter.path, "chapter.md", chapter=chapter, province=None)
    yield _page(CODES, "codes_index.md")
    for letter, held in by_letter():
        yield _page(letter_page(letter), "codes_letter.md", letter=letter, tables=held, long=LONG)
    for table in long_tables():
        yield _page(own_page(table.table), "codes_table.md", table=table)
    for region in regions:
        scope = region.scope()
        yield _page(region.path, "province.md", scope, province=region)
        for chapter in region.chapters:
            yield _page(chapter.path, "chapter.md", scope, chapter=chapter, province=region)


def navigation(regions: tuple[Province, ...] = ()) -> Nav:
    """The generated part of the navigation: the interfaces, the regions, the code tables."""
    areas: dict[str, Nav] = {area: [] for area in declared.AREAS}
    for chapter in declared.baseline().chapters:
        areas.setdefault(chapter.area, []).append(_entry(chapter))
    interfaces: Nav = [
        {"How to read it": INDEX}, {"全部交易 All transactions": TRANSACTIONS},
        *({f"{area} {declared.AREAS.get(area, '')}".strip(): listed} for area, listed in areas.items() if listed),
        {"撤销与冲正 Undo and reversal": UNDO}, {"业务流程 Flows": FLOWS},
        {"报文规则 Rules of messages": CHECKS}, {"部署文件 Deployment file": SETTINGS},
        {"未公开 What is not public": GAPS},
    ]  # fmt: skip
    letters: Nav = [{f"字典 {letter.upper()}": letter_page(letter)} for letter, _ in by_letter()]
    long: Nav = [{f"{table.table} {table.name}": own_page(table.table)} for table in long_tables()]
    codes: Nav = [{"全部字典 All code tables": CODES}, *letters, {"长字典 Long tables": long}]
    places: Nav = [
        {f"{r.region.name} {r.name.capitalize()}": [r.path, *(_entry(chapter) for chapter in r.chapters)]}
        for r in regions
    ]
    between: Nav = [{"地区 Regions": places}] if places else []
    rules: Nav = [{"全部规则 All rules": RULES}, *({f"{r.id} {r.title}": rule_page(r.id)} for r in all_rules())]
    return [{"接口 Interfaces": interfaces}, *between, {"字典 Code tables": codes}, {"插件规则 Rules": rules}]


def _entry(chapter: Chapter) -> dict[str, str]:
    return {f"{chapter.chinese} {chapter.english}": chapter.path}


def by_letter() -> Iterable[tuple[str, list[CodeTable]]]:
    """The code tables by the letter that they begin with."""
    tables = sorted(declared.code_tables().values(), key=lambda table: table.table.lower())
    return [(letter, list(held)) for letter, held in groupby(tables, key=lambda table: table.table[0].lower())]


def long_tables() -> list[CodeTable]:
    return [table for table in declared.code_tables().values() if len(table.values) >= LONG]


def _page(path: str, template: str, scope: Scope | None = None, **facts: Any) -> Page:
    return Page(path=path, text=render(template, path, scope, **facts))


def _with_effect(effect: Effect) -> list[Any]:
    return [t for t in declared.baseline().transactions.values() if t.effect is effect]


def _unsure() -> Iterator[CodeTable]:
    return (table for table in declared.code_tables().values() if table.confidence == "low")
