"""What a region's plugin adds to the baseline and changes in it, as an institution of one place there sees it.

Which regions are shown, and from which place, stands in ``mkdocs.yml``: ``extra.regions``.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pluggy

from liangding.calls import Answer, Call
from liangding.config import Deployment, Institution, JournalSettings, Kind, Operator, Platform
from liangding.interfaces import Interfaces
from liangding.plugins import plugin_manager
from liangding.region import FixedValues, Region
from liangding.secrets import Secret
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


def provinces(regions: Mapping[str, Mapping[str, str]]) -> tuple[Province, ...]:
    """The regions of ``extra.regions``: name → ``plugin``, ``area`` (admdvs), and ``over`` for a city of another."""
    made: dict[str, Province] = {}
    for name, facts in regions.items():
        over = made[facts["over"]] if "over" in facts else None
        made[name] = province(name, facts["plugin"], facts["area"], over)
    return tuple(made.values())


@functools.cache
def province(name: str, plugin: str, area: str, over: Province | None = None) -> Province:
    """What the plugin ``plugin`` declares for an institution in ``area``, of whatever kind; beside what ``over``
    declares, where that is given."""
    seen = {kind: _seen(plugin, area, kind) for kind in Kind}
    own: dict[str, Transaction] = {}
    for _, _, interfaces in seen.values():
        own.update({n: interfaces[n] for n in interfaces.numbers() if interfaces.owner(n)})
    if over is not None:
        above = {t.cls for chapter in over.chapters for t in chapter.transactions}
        own = {infno: t for infno, t in own.items() if t.cls not in above}
    deployment, manager, interfaces = seen[Kind.HOSPITAL]
    return Province(
        name=name, plugin=plugin, area=area, region=manager.hook.liangding_region(deployment=deployment),
        about=inspect.getdoc(manager.get_plugin(plugin)) or "", chapters=tuple(_chapters(own, name)),
        fixed={kind: _fixed(manager, deployment) for kind, (deployment, manager, _) in seen.items()},
        codes=_codes(manager, deployment, over), over=over,
        around=tuple(a for a in _around(manager, interfaces, plugin) if over is None or a not in over.around),
    )  # fmt: skip


def _seen(plugin: str, area: str, kind: Kind) -> tuple[Deployment, pluggy.PluginManager, Interfaces]:
    deployment = Deployment(
        province=plugin,
        institution=Institution(code=f"H{area}00001", name="示例", kind=kind, area=area),
        operators=[Operator(code="001", name="示例")],
        platform=Platform(url="http://127.0.0.1/", gateway="tif"),
        journal=JournalSettings(url="sqlite://", key=Secret(env="UNUSED")),
    )
    return deployment, *plugin_manager(deployment, _nothing_is_sent)


def _nothing_is_sent(call: Call[Any]) -> Answer[Any]:
    raise NotImplementedError(call.transaction.infno)


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


def _fixed(manager: pluggy.PluginManager, deployment: Deployment) -> FixedValues:
    merged: dict[str, dict[str, str]] = {}
    for values in manager.hook.liangding_fixed_values(deployment=deployment):
        for infno, fields in values.items():
            merged.setdefault(infno, {}).update(fields)
    return merged


def _codes(manager: pluggy.PluginManager, deployment: Deployment, over: Province | None) -> dict[str, tuple[Code, ...]]:
    known = over.codes if over else {}
    added: dict[str, tuple[Code, ...]] = {}
    for tables in manager.hook.liangding_code_tables(deployment=deployment):
        for table, values in tables.items():
            beside = tuple(value for value in values if value not in known.get(table, ()))
            if beside:
                added[table] = (*added.get(table, ()), *beside)
    return added


def _around(manager: pluggy.PluginManager, interfaces: Interfaces, plugin: str) -> Iterator[tuple[str, str, str]]:
    for infno in interfaces.numbers():
        hook = interfaces.hook(infno)
        for found in getattr(manager.hook, hook).get_hookimpls():
            if found.plugin_name == plugin:
                yield infno, hook, inspect.getdoc(found.function) or ""
