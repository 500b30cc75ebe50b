"""What a region's plugin adds to the baseline and changes in it, as an institution of one place there sees it.

The regions are those that installed plugins tell apart (``liangding_places``).
"""

from __future__ import annotations

import functools
import importlib
from collections import Counter
from collections.abc import Iterator, Mapping

import attrs

from liangding.config import Kind
from liangding.contract.region import FixedValues, Region
from liangding.knowledge.regions import SeenMessages, places, region_seen
from liangding.spec import Transaction
from liangding.spec.codes import Code, code_table

from .declared import Chapter, Scope, baseline, chapter_of


@attrs.frozen(kw_only=True, eq=False)
class Province:
    """A region as its plugin declares it."""

    name: str
    """Its folder in the reference (``dongguan``); deep links are made of it."""
    plugin: str
    area: str
    region: Region
    about: str
    chapters: tuple[Chapter, ...]
    fixed: Mapping[Kind, FixedValues]
    codes: Mapping[str, tuple[Code, ...]]
    around: tuple[tuple[str, str, str], ...]
    """Interfaces that the plugin does something around: infno, hook, and its docstring."""
    over: Province | None = None
    """The region that this one is a city of: what it declares alike is described there."""

    @property
    def path(self) -> str:
        return f"reference/{self.name}/index.md"

    @property
    def place(self) -> str:
        """The name of the place from where it is seen."""
        return code_table("admdvs").name_of(self.area)

    def scope(self) -> Scope:
        """The baseline with this region's chapters over it."""
        below = self.over.scope() if self.over else baseline()
        return Scope((*below.chapters, *self.chapters))


@functools.cache
def provinces() -> tuple[Province, ...]:
    """The regions of all plugins; of a plugin's several places the first is the one that the others are cities of."""
    made: dict[str, Province] = {}
    firsts: dict[str, Province] = {}
    for name, (plugin, _) in places().items():
        made[name] = _province(region_seen(name), firsts.get(plugin))
        firsts.setdefault(plugin, made[name])
    return tuple(made.values())


def _province(seen: SeenMessages, over: Province | None) -> Province:
    """What ``seen`` declares, beside what ``over`` declares, where that is given."""
    own = dict(seen.own)
    if over is not None:
        above = {t.cls for chapter in over.chapters for t in chapter.transactions}
        own = {infno: t for infno, t in own.items() if t.cls not in above}
    return Province(
        name=seen.name, plugin=seen.plugin, area=seen.area, region=seen.region, about=seen.about,
        chapters=tuple(_chapters(own, seen.name)), fixed=seen.fixed, codes=_beside(seen.codes, over), over=over,
        around=tuple(a for a in seen.around() if over is None or a not in over.around),
    )  # fmt: skip


def _chapters(own: Mapping[str, Transaction], home: str) -> Iterator[Chapter]:
    by_module: dict[str, list[Transaction]] = {}
    for transaction in own.values():
        by_module.setdefault(transaction.cls.__module__, []).append(transaction)
    tails = Counter(module.rpartition(".")[2] for module in by_module)
    for module, transactions in by_module.items():
        chapter = chapter_of(importlib.import_module(module), tuple(transactions), home)
        if tails[chapter.name] > 1:
            raise ValueError(f"{home}: {tails[chapter.name]} modules named {chapter.name} would share one page")
        yield chapter


def _beside(codes: Mapping[str, tuple[Code, ...]], over: Province | None) -> dict[str, tuple[Code, ...]]:
    known = over.codes if over else {}
    beside = {table: tuple(v for v in values if v not in known.get(table, ())) for table, values in codes.items()}
    return {table: values for table, values in beside.items() if values}
