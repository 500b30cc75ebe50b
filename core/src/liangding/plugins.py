"""Finding plugins by entry points and enabling them by configuration."""

from __future__ import annotations

import difflib
import functools
import inspect
import types
from collections.abc import Iterable, Mapping

import pluggy
from importlib_metadata import EntryPoint, entry_points

from .config import Deployment
from .core_plugin import CORE, CorePlugin
from .errors import ConfigurationError
from .hookspecs import PROJECT, HookSpecs, interface_specs, numbers_around
from .interfaces import Declared, Interfaces


@functools.cache
def installed() -> dict[str, EntryPoint]:
    """The plugins that are installed, by name; being installed enables none."""
    return {found.name: found for found in entry_points(group=PROJECT)}


def load_plugin(name: str) -> object:
    """The plugin ``name``. ConfigurationError where it is not installed or does not load."""
    known = installed()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"；是不是想写 {near[0]}" if near else ""
        listed = "、".join(sorted(known)) or "一个也没有"
        raise ConfigurationError(f"没有安装插件 {name}{hint}", remedy=f"已安装的有：{listed}")
    try:
        plugin: object = known[name].load()
    except Exception as failed:
        raise ConfigurationError(f"插件 {name} 载入失败：{type(failed).__name__}: {failed}") from failed
    return plugin


def plugin_manager(
    deployment: Deployment, extra: Mapping[str, object] | None = None
) -> tuple[pluggy.PluginManager, Interfaces]:
    """The manager and the interfaces of one deployment: the core's plugin, and the plugins that the deployment
    enables (no province: the baseline alone); ``extra`` are further plugins by name, given as objects.

    ConfigurationError for a plugin that is not there, a hook name that does not exist, and two plugins that answer
    the same first-result hook.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    named = {name: load_plugin(name) for name in (deployment.province, *deployment.plugins) if name}
    named.update(extra or {})
    interfaces = _interfaces(named, deployment)
    manager.add_hookspecs(interface_specs(interfaces.hooks()))
    manager.register(CorePlugin(interfaces.hooks()), CORE)
    for name, plugin in named.items():
        manager.register(_spread(name, plugin, interfaces), name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as unknown:
        raise ConfigurationError(_unknown_hook(unknown, interfaces.hooks())) from None
    _refuse_rivals(manager)
    return manager, interfaces


def _interfaces(named: Mapping[str, object], deployment: Deployment) -> Interfaces:
    """What the plugins declare over the baseline. ConfigurationError where two declare the same infno."""
    own: dict[str, tuple[str, Declared]] = {}
    for name, plugin in named.items():
        declare = getattr(plugin, "liangding_transactions", None)
        for infno, declared in (declare(deployment) if declare else {}).items():
            if infno in own:
                raise ConfigurationError(f"插件 {own[infno][0]} 与 {name} 都声明了交易 {infno}")
            own[infno] = name, declared
    return Interfaces(own)


def _spread(name: str, plugin: object, interfaces: Interfaces) -> object:
    """The plugin with each function that goes round several interfaces under the name of every one's hook; itself where
    it has none. ConfigurationError for a number that is not there, and for two functions round one interface."""
    held = {each: getattr(plugin, each) for each in dir(plugin) if not each.startswith("__")}
    several = {each: held[each] for each in held if inspect.isroutine(held[each]) and numbers_around(held[each])}
    if not several:
        return plugin
    spread = types.ModuleType(name, inspect.getdoc(plugin))
    spread.__dict__.update({each: value for each, value in held.items() if each not in several})
    for own, function in several.items():
        for infno in numbers_around(function):
            if infno not in interfaces:
                near = difflib.get_close_matches(infno, interfaces.numbers(), n=1)
                hint = f"；是不是想写 {near[0]}" if near else ""
                raise ConfigurationError(f"插件 {name} 的 {own} 围绕的交易 {infno} 不存在{hint}")
            hook = interfaces.hook(infno)
            if hook in vars(spread):
                raise ConfigurationError(f"插件 {name} 对交易 {infno} 写了两个函数：{own} 与另一个，只能有一个")
            setattr(spread, hook, function)
    return spread


def _refuse_rivals(manager: pluggy.PluginManager) -> None:
    """Two plugins that answer one first-result hook would fight silently: an error, not an order."""
    for name, caller in sorted(vars(manager.hook).items()):
        if not isinstance(caller, pluggy.HookCaller) or caller.spec is None or not caller.spec.opts.get("firstresult"):
            continue
        answering = [i.plugin_name for i in caller.get_hookimpls() if not (i.wrapper or i.hookwrapper)]
        others = [plugin for plugin in answering if plugin != CORE]
        if name.startswith(f"{PROJECT}_"):
            if len(others) > 1 and name != "liangding_gateway":
                raise ConfigurationError(f"插件 {'、'.join(others)} 都要回答 {name}，只能启用其一")
        elif others:
            raise ConfigurationError(f"插件 {others[0]} 的 {name} 必须写成 hookimpl(wrapper=True)：发送的只能是核心")


def _unknown_hook(error: pluggy.PluginValidationError, interfaces: Iterable[str]) -> str:
    text = str(error)
    name = text.split("'")[1] if text.count("'") >= 2 else ""
    known = [*interfaces, *(n for n in vars(HookSpecs) if n.startswith(PROJECT))]
    near = difflib.get_close_matches(name, known, n=1)
    return f"插件中的 {name} 不是已有的接口点" + (f"；是不是想写 {near[0]}" if near else "")
