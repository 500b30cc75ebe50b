"""Regions as they are without a deployment: what a plugin declares to an institution of one place there.

For showing and comparing. Nothing is opened and nothing can be sent.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Iterator, Mapping

import attrs
import pluggy

from ..config import Deployment, Institution, JournalSettings, Kind, Operator, Platform
from ..config.secrets import Secret
from ..contract.region import FixedValues, Region
from ..errors import ConfigurationError
from ..spec import Transaction
from ..spec.codes import Code
from .editions import FollowedEdition
from .interfaces import Interfaces
from .plugins import installed, load_plugin, plugin_manager

BASELINE = "national"
"""The name of the baseline, where the name of a region may stand."""


@attrs.frozen(kw_only=True, eq=False)
class SeenMessages:
    """A region, as institutions of each kind in ``area`` see it; the baseline where ``plugin`` is empty."""

    name: str
    plugin: str
    area: str
    _by_kind: Mapping[Kind, tuple[Deployment, pluggy.PluginManager, Interfaces]] = attrs.field(repr=False)

    @property
    def region(self) -> Region:
        """The region, as a hospital has it."""
        return self.regions[Kind.HOSPITAL]

    @functools.cached_property
    def regions(self) -> Mapping[Kind, Region]:
        """The region, as each kind of institution has it."""
        found = {kind: manager.hook.liangding_region(deployment=d) for kind, (d, manager, _) in self._by_kind.items()}
        return found if self.plugin else {kind: attrs.evolve(r, name="国家基线") for kind, r in found.items()}

    @property
    def about(self) -> str:
        """What the plugin says of itself."""
        _, manager, _ = self._by_kind[Kind.HOSPITAL]
        return inspect.getdoc(manager.get_plugin(self.plugin)) or ""

    @functools.cached_property
    def interfaces(self) -> Interfaces:
        """All transactions, as a hospital has them, in the region's edition where it is known."""
        known, edition = self._by_kind[Kind.HOSPITAL][2], self.region.edition
        return known.following(FollowedEdition(edition)) if edition else known

    @functools.cached_property
    def own(self) -> Mapping[str, Transaction]:
        """The transactions that the plugin declares, for whatever kind of institution."""
        found: dict[str, Transaction] = {}
        for _, _, interfaces in self._by_kind.values():
            found.update({n: interfaces[n] for n in interfaces.numbers() if interfaces.owner(n)})
        return found

    @functools.cached_property
    def fixed(self) -> Mapping[Kind, FixedValues]:
        """The fixed values of each kind of institution: infno (or ``*``) → field → value."""
        return {kind: _fixed(manager, deployment) for kind, (deployment, manager, _) in self._by_kind.items()}

    @functools.cached_property
    def codes(self) -> Mapping[str, tuple[Code, ...]]:
        """The values that the region adds to code tables, as a hospital has them."""
        deployment, manager, _ = self._by_kind[Kind.HOSPITAL]
        added: dict[str, tuple[Code, ...]] = {}
        for tables in manager.hook.liangding_code_tables(deployment=deployment):
            for table, values in tables.items():
                added[table] = (*added.get(table, ()), *values)
        return added

    def around(self) -> Iterator[tuple[str, str, str]]:
        """The interfaces that the plugin does something around: infno, hook, and what its docstring says."""
        _, manager, interfaces = self._by_kind[Kind.HOSPITAL]
        for infno in interfaces.numbers():
            hook = interfaces.hook(infno)
            for found in getattr(manager.hook, hook).get_hookimpls():
                if found.plugin_name == self.plugin:
                    yield infno, hook, inspect.getdoc(found.function) or ""


def _fixed(manager: pluggy.PluginManager, deployment: Deployment) -> FixedValues:
    merged: dict[str, dict[str, str | tuple[str, ...]]] = {}
    for values in manager.hook.liangding_fixed_values(deployment=deployment):
        for infno, fields in values.items():
            merged.setdefault(infno, {}).update(fields)
    return merged


def places() -> dict[str, tuple[str, str]]:
    """The regions of all installed plugins: name → plugin and admdvs (``liangding_places``)."""
    found: dict[str, tuple[str, str]] = {}
    for plugin in sorted(installed()):
        told = getattr(load_plugin(plugin), "liangding_places", None)
        found |= {name: (plugin, area) for name, area in (told() if told else {}).items()}
    return found


def region_seen(name: str) -> SeenMessages:
    """The region ``name``: one of :func:`places`, or ``national`` for the baseline. ConfigurationError else."""
    if name == BASELINE:
        return seen_from("", "999900", name)
    known = places()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"；是不是想写 {near[0]}" if near else ""
        raise ConfigurationError(f"没有地区 {name}{hint}", remedy=f"有：{BASELINE}、{'、'.join(known)}")
    plugin, area = known[name]
    return seen_from(plugin, area, name)


@functools.cache
def seen_from(plugin: str, area: str, name: str) -> SeenMessages:
    """What ``plugin`` declares to institutions in ``area`` (admdvs)."""
    return SeenMessages(
        name=name, plugin=plugin, area=area, by_kind={kind: _institution(plugin, area, kind) for kind in Kind}
    )


def _institution(plugin: str, area: str, kind: Kind) -> tuple[Deployment, pluggy.PluginManager, Interfaces]:
    deployment = Deployment(
        province=plugin,
        institution=Institution(code=f"H{area}00001", name="示例", kind=kind, area=area),
        operators=[Operator(code="001", name="示例")],
        platform=Platform(url="http://127.0.0.1/", gateway="plain"),
        journal=JournalSettings(url="sqlite://", key=Secret(env="UNUSED")),
    )
    return deployment, *plugin_manager(deployment)
