"""The drivers that are there: those of plugins, and the core's simulated reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pluggy

from ..contract.devices import Driver
from ..errors import ConfigurationError
from ..knowledge.plugins import installed, load_plugin
from .simulated import SimulatedDriver


def drivers_of(plugins: pluggy.PluginManager) -> dict[str, Driver]:
    """The drivers that enabled plugins name, by name."""
    return _by_name(each for found in plugins.hook.liangding_device_drivers() for each in found)


def drivers_named(names: Iterable[str]) -> dict[str, Driver]:
    """The drivers of these plugins, where there is no deployment. ConfigurationError where one is not installed."""
    return _by_name(each for name in names for each in _of_plugin(name))


def installed_drivers() -> dict[str, Driver]:
    """The drivers of every installed plugin. One that does not load is left out: it is nobody's yet."""
    found: list[Driver] = []
    for name in installed():
        try:
            found += _of_plugin(name)
        except ConfigurationError:
            continue
    return _by_name(found)


def _of_plugin(name: str) -> Iterable[Driver]:
    named = getattr(load_plugin(name), "liangding_device_drivers", None)
    return named() if named is not None else ()


def _by_name(drivers: Iterable[Driver]) -> dict[str, Driver]:
    found: dict[str, Driver] = {}
    for driver in (SimulatedDriver(), *drivers):
        if driver.name in found:
            raise ConfigurationError(f"两个插件都有名为 {driver.name} 的设备驱动")
        found[driver.name] = driver
    return found


def driver_named(name: str, drivers: Mapping[str, Driver], path: str) -> Driver:
    """The driver of that name. ConfigurationError names those that there are."""
    if name not in drivers:
        listed = "、".join(drivers)
        raise ConfigurationError(
            f"没有设备驱动 {name}", path=path, remedy=f"已启用的有：{listed}；其他的先安装，并写进 plugins"
        )
    return drivers[name]
