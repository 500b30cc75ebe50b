"""Flows as they are declared, and the row of steps that a deployment has of one, after every plugin's changes."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar

import attrs
import pluggy

from ..config import Deployment
from ..errors import ConfigurationError
from .declaring import After, Around, Before, EachCall, Sees, Step

S = TypeVar("S")


class Flow(abc.ABC, Generic[S]):
    """The base of all flows: name, title, what it is given, its state, its steps."""

    name: ClassVar[str]
    title: ClassVar[str]
    given: ClassVar[type]
    state: ClassVar[type]
    steps: ClassVar[tuple[Step, ...]]
    undone_by: ClassVar[str | None] = None

    @staticmethod
    @abc.abstractmethod
    def result(state: Any) -> dict[str, Any]:
        """What the caller gets to see of a state."""


@attrs.frozen(kw_only=True)
class Row:
    """The steps of a flow as a deployment has them, and what sees its calls."""

    steps: tuple[Step, ...]
    each_call: tuple[Sees, ...] = ()

    def names(self) -> dict[str, int]:
        """The steps' names and their places."""
        return {each.name: place for place, each in enumerate(self.steps)}


def row_of(flow: str, steps: Iterable[Step], manager: pluggy.PluginManager, deployment: Deployment) -> Row:
    """The row of a flow after every plugin's changes. ConfigurationError for a change at a step that is not there, and
    for two steps of one name."""
    changed, each_call = list(steps), []
    for implementation in manager.hook.liangding_flow_steps.get_hookimpls():
        given = {"flow": flow, "deployment": deployment}
        asked = {name: given[name] for name in implementation.argnames}
        changes: Any = implementation.function(**asked)
        for change in changes or ():
            if isinstance(change, EachCall):
                each_call.append(change.run)
            else:
                _apply(change, changed, flow, implementation.plugin_name)
    return Row(steps=tuple(changed), each_call=tuple(each_call))


def _apply(change: Before | After | Around, steps: list[Step], flow: str, plugin: str) -> None:
    names = [each.name for each in steps]
    if change.name not in names:
        text = f"插件 {plugin} 要改流程 {flow} 的步骤 {change.name}，没有这一步"
        raise ConfigurationError(text, remedy=f"有的是 {'、'.join(names)}")
    at = names.index(change.name)
    if isinstance(change, Around):
        steps[at] = _around(steps[at], change.run, plugin)
        return
    if change.step.name in names:
        raise ConfigurationError(f"插件 {plugin} 给流程 {flow} 加的步骤 {change.step.name} 已经有了")
    put = attrs.evolve(change.step, plugins=(*change.step.plugins, plugin))
    steps.insert(at if isinstance(change, Before) else at + 1, put)


def _around(inner: Step, run: Callable[[Any, Callable[[], None]], None], plugin: str) -> Step:
    def wrapped(work: Any) -> None:
        run(work, lambda: inner.run(work))

    wrapped.__doc__ = inner.run.__doc__
    return attrs.evolve(inner, run=wrapped, plugins=(*inner.plugins, plugin))
