"""Finding plugins by entry points and enabling them by configuration."""

from __future__ import annotations

import functools
import inspect
import re
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import pluggy
from importlib_metadata import EntryPoint, entry_points

from .. import national
from ..config import Deployment
from ..contract.hookspecs import API, PROJECT, Declared, HookSpecs, interface_specs, numbers_around
from ..errors import ConfigurationError, LiangdingError
from ..spec import Amendment
from ..structuring import nearest
from .blaming import running
from .core_plugin import CORE, CorePlugin
from .fitting import unfit
from .interfaces import Interfaces
from .local import opened
from .misfits import Misfit, PluginRefused, refuse

MARK = f"{PROJECT}_impl"
"""The attribute that ``hookimpl`` puts on a function: how it is marked."""


@functools.cache
def installed() -> dict[str, EntryPoint]:
    """The plugins that are installed, by name; being installed enables none."""
    return {found.name: found for found in entry_points(group=PROJECT)}


def load_plugin(name: str) -> object:
    """The plugin ``name``. ConfigurationError where it is not installed or does not load."""
    known = installed()
    if name not in known:
        listed = "、".join(sorted(known)) or "一个也没有"
        raise ConfigurationError(f"没有安装插件 {name}{nearest(name, known)}", remedy=f"已安装的有：{listed}")
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

    ConfigurationError for a plugin that is not there, a hook that does not exist or is written as it cannot be called,
    and two plugins that answer the same first-result hook.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(HookSpecs)
    named = {name: load_plugin(name) for name in (deployment.province, *deployment.plugins) if name}
    named.update(extra or {})
    refuse(misfit for name, plugin in named.items() for misfit in _of_another_edition(name, plugin))
    interfaces = _interfaces(named, deployment)
    hooks = interfaces.hooks()
    manager.add_hookspecs(interface_specs(hooks))
    refuse(misfit for name, plugin in named.items() for misfit in _ill_written(name, plugin, hooks))
    manager.register(CorePlugin(hooks), CORE)
    for name, plugin in named.items():
        try:
            manager.register(_spread(name, plugin, interfaces), name)
        except (pluggy.PluginValidationError, ValueError) as wrong:
            raise ConfigurationError(f"插件 {name} 不能启用：{wrong}") from None
    _refuse_rivals(manager)
    return manager, interfaces


# -- asking ------------------------------------------------------------------------------------------------------------


def ask(manager: pluggy.PluginManager, hook: str, **given: Any) -> Any:
    """What a hook answers while a deployment starts. PluginRefused where a plugin fails."""
    try:
        return getattr(manager.hook, hook)(**given)
    except LiangdingError:
        raise
    except Exception as failed:
        raise PluginRefused([_broke_off(_culprit(manager, hook, failed), hook, failed)]) from failed


def answers(manager: pluggy.PluginManager, hook: str, **given: Any) -> Iterator[tuple[str, Any]]:
    """What each plugin by itself answers to a hook, the core and wrappers left out: plugin and answer. PluginRefused
    where one fails."""
    for found in getattr(manager.hook, hook).get_hookimpls():
        if not _wraps(found) and found.plugin_name != CORE:
            try:
                answer = found.function(*(given[name] for name in found.argnames))
            except LiangdingError:
                raise
            except Exception as failed:
                raise PluginRefused([_broke_off(found.plugin_name, hook, failed)]) from failed
            yield found.plugin_name, answer


def _culprit(manager: pluggy.PluginManager, hook: str, failed: Exception) -> str:
    """The plugin whose implementation of a hook failed."""
    ran = running(getattr(manager.hook, hook), failed)
    return ran[-1].plugin_name if ran else "（不明）"


def _broke_off(plugin: str, hook: str, failed: Exception) -> Misfit:
    """A hook that failed while a deployment starts, where no message of a person is at hand: the error and its line. A
    gateway's error may quote a credential, and is not quoted."""
    frame, line = list(traceback.walk_tb(failed.__traceback__))[-1]
    place = f"{Path(frame.f_code.co_filename).name} 第 {line} 行"
    quoted = "" if hook == "liangding_gateway" and not isinstance(failed, TypeError) else f": {failed}"
    message = f"出错（{place}）：{type(failed).__name__}{quoted}"
    unknown = re.match(r"(?:.*\.)?(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", str(failed))
    if unknown is None:
        return Misfit(plugin=plugin, hook=hook, message=message)
    cls, key = unknown.groups()
    takes = inspect.signature(frame.f_globals[cls]).parameters if cls in frame.f_globals else ()
    return Misfit(plugin=plugin, hook=hook, key=key, message=f"{cls} 没有 {key}{nearest(key, takes)}（{place}）")


def _wraps(found: pluggy.HookImpl) -> bool:
    return bool(found.wrapper or found.hookwrapper)


# -- declarations ------------------------------------------------------------------------------------------------------


def _interfaces(named: Mapping[str, object], deployment: Deployment) -> Interfaces:
    """What the plugins declare over the baseline. ConfigurationError where two declare the same infno."""
    own: dict[str, tuple[str, Declared]] = {}
    for name, plugin in named.items():
        for infno, declared in _declared(name, plugin, deployment).items():
            if infno in own:
                raise ConfigurationError(f"插件 {own[infno][0]} 与 {name} 都声明了交易 {infno}")
            own[infno] = name, declared
    elsewhere = functools.partial(_elsewhere, frozenset(named), deployment)
    known = Interfaces(own, elsewhere)
    local = opened(deployment, known)
    return Interfaces({**own, **local}, elsewhere) if local else known


def _elsewhere(enabled: Set[str], deployment: Deployment, infno: str) -> str:
    """An installed plugin that declares ``infno`` and could be enabled beside the others: it answers for no region."""
    for name in sorted(installed().keys() - enabled):
        try:
            plugin = load_plugin(name)
            if not hasattr(plugin, "liangding_region") and infno in _declared(name, plugin, deployment):
                return name
        except LiangdingError:
            continue  # it is not enabled: what is wrong with it concerns nobody here
    return ""


def _declared(name: str, plugin: object, deployment: Deployment) -> Mapping[str, Declared]:
    hook = "liangding_transactions"
    declare = getattr(plugin, hook, None)
    if declare is None or not hasattr(declare, MARK):
        return {}
    try:
        declared: Mapping[str, Declared] = declare(deployment) if inspect.signature(declare).parameters else declare()
    except LiangdingError:
        raise
    except Exception as failed:
        raise PluginRefused([_broke_off(name, hook, failed)]) from failed
    wrong = [Misfit(plugin=name, hook=hook, key=u.key, message=str(u)) for u in unfit(declared, Mapping[str, Declared])]
    refuse(wrong or _misplaced(name, hook, declared))
    return declared


def _misplaced(name: str, hook: str, declared: Mapping[str, Declared]) -> Iterator[Misfit]:
    """Declarations that say no transaction, or one that another number has already."""
    for infno, each in declared.items():
        if isinstance(each, str):
            module, _, cls = each.partition(":")
            if not (module.replace(".", "_").isidentifier() and cls.isidentifier()):
                yield Misfit(plugin=name, hook=hook, key=infno, message=f"“{each}” 应写成 包.模块:类")
        elif isinstance(each, Amendment):
            if infno not in national.places():
                message = f"改动的不是国家交易，须整个声明{nearest(infno, national.places())}"
                yield Misfit(plugin=name, hook=hook, key=infno, message=message)
        elif not hasattr(each, "transaction"):
            yield Misfit(plugin=name, hook=hook, key=infno, message=f"类 {each.__qualname__} 没有声明交易")


# -- the contract's edition --------------------------------------------------------------------------------------------


def _of_another_edition(name: str, plugin: object) -> Iterator[Misfit]:
    """A plugin that was written for a contract that this core does not have."""
    written = getattr(plugin, "LIANGDING_API", "1.0")
    if not isinstance(written, str) or not re.fullmatch(r"\d+\.\d+", written):
        yield Misfit(plugin=name, hook="LIANGDING_API", message=f'应写作 "{API}" 这样的文本，给的是 {written!r}')
        return
    (major, minor), (ours, latest) = (tuple(map(int, edition.split("."))) for edition in (written, API))
    if major != ours or minor > latest:
        todo = "升级 liangding" if (major, minor) > (ours, latest) else f"换用为 {ours} 版契约写的插件"
        yield Misfit(plugin=name, hook="LIANGDING_API", message=f"为契约 {written} 版而写，这里是 {API}：{todo}")


# -- how hooks are written ---------------------------------------------------------------------------------------------


def _ill_written(name: str, plugin: object, interfaces: Iterable[str]) -> Iterator[Misfit]:
    """Functions of a plugin that are meant as hooks and can be none: not marked, of no known name, with an argument
    that the hook does not have, a wrapper that does not yield."""
    specs: dict[str, Any] = {each: getattr(HookSpecs, each) for each in vars(HookSpecs) if each.startswith(PROJECT)}
    known = {*specs, *interfaces}
    for attribute in dir(plugin):
        function = getattr(plugin, attribute, None)
        if not inspect.isroutine(function):
            continue
        mark = getattr(function, MARK, None)
        if numbers_around(function):
            yield from _ill_called(name, attribute, function, ["call"], True)
            continue
        hook = (mark or {}).get("specname") or attribute
        if mark is None:
            if attribute.startswith(f"{PROJECT}_") or attribute in known:
                yield Misfit(plugin=name, hook=attribute, message=f"没有标 @hookimpl，不会被调用{_near(hook, known)}")
        elif hook not in known:
            if not mark["optionalhook"]:
                yield Misfit(plugin=name, hook=hook, message=f"不是已有的接口点{nearest(hook, known)}")
        else:
            arguments = _arguments(specs[hook])[1:] if hook in specs else ["call"]
            if mark["hookwrapper"]:
                yield Misfit(plugin=name, hook=hook, message="写成了 hookwrapper=True，请改成 hookimpl(wrapper=True)")
            yield from _ill_called(name, hook, function, arguments, mark["wrapper"] or mark["hookwrapper"])


def _near(hook: str, known: Iterable[str]) -> str:
    return "" if hook in known else nearest(hook, known)


def _ill_called(name: str, hook: str, function: Callable[..., Any], has: list[str], wraps: bool) -> Iterator[Misfit]:
    for argument in _arguments(function):
        if argument not in has:
            listed = f"；有的是 {'、'.join(has)}" if has else "；它没有参数"
            message = f"没有参数 {argument}{nearest(argument, has)}{listed}"
            yield Misfit(plugin=name, hook=hook, key=argument, message=message)
    if wraps and not inspect.isgeneratorfunction(function):
        yield Misfit(plugin=name, hook=hook, message="写成了 wrapper=True，函数中却没有 yield")


def _arguments(function: Callable[..., Any]) -> list[str]:
    """The arguments that a function has to be given."""
    given = inspect.signature(function).parameters.values()
    return [each.name for each in given if each.kind is each.POSITIONAL_OR_KEYWORD and each.default is each.empty]


def _spread(name: str, plugin: object, interfaces: Interfaces) -> object:
    """The plugin with each function that goes round several interfaces under the name of every one's hook; itself where
    it has none. PluginRefused for a number that is not there, and for two functions round one interface."""
    held = {each: getattr(plugin, each) for each in dir(plugin) if not each.startswith("__")}
    several = {each: held[each] for each in held if inspect.isroutine(held[each]) and numbers_around(held[each])}
    if not several:
        return plugin
    spread = types.ModuleType(name, inspect.getdoc(plugin))
    spread.__dict__.update({each: value for each, value in held.items() if each not in several})
    for own, function in several.items():
        for infno in numbers_around(function):
            if infno not in interfaces:
                message = f"围绕的交易不存在{nearest(infno, interfaces.numbers())}"
                refuse([Misfit(plugin=name, hook=own, key=infno, message=message)])
            hook = interfaces.hook(infno)
            if hook in vars(spread):
                message = "这个交易写了两个函数：这一个与另一个，只能有一个"
                refuse([Misfit(plugin=name, hook=own, key=infno, message=message)])
            setattr(spread, hook, function)
    return spread


def _refuse_rivals(manager: pluggy.PluginManager) -> None:
    """Two plugins that answer one first-result hook would fight silently: an error, not an order."""
    for name, caller in sorted(vars(manager.hook).items()):
        if not isinstance(caller, pluggy.HookCaller) or caller.spec is None or not caller.spec.opts.get("firstresult"):
            continue
        others = [i.plugin_name for i in caller.get_hookimpls() if not _wraps(i) and i.plugin_name != CORE]
        if name.startswith(f"{PROJECT}_"):
            if len(others) > 1 and name != "liangding_gateway":
                raise ConfigurationError(f"插件 {'、'.join(others)} 都要回答 {name}，只能启用其一")
        elif others:
            raise ConfigurationError(f"插件 {others[0]} 的 {name} 必须写成 hookimpl(wrapper=True)：发送的只能是核心")
