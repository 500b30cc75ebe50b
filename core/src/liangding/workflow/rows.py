"""Flows as they are declared, and the row of steps that a deployment has of one, after every plugin's changes."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar

import attrs
import pluggy

from ..config import Deployment
from ..contract.steps import After, Around, Before, Change, EachCall, Sees, Step
from ..knowledge.fitting import unfit
from ..knowledge.misfits import Misfit, refuse
from ..knowledge.plugins import answers
from ..structuring import nearest

S = TypeVar("S")

HOOK = "liangding_flow_steps"


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
    """The row of a flow after every plugin's changes. PluginRefused for what is no change, for a change at a step that
    is not there, and for two steps of one name."""
    changed: list[Step] = list(steps)
    each_call: list[Sees] = []
    for plugin, answered in answers(manager, HOOK, flow=flow, deployment=deployment):
        changes = tuple(answered) if isinstance(answered, Iterable) else answered
        wrong = unfit(changes, Iterable[Change] | None)
        refuse(Misfit(plugin=plugin, hook=HOOK, key=f"{flow}{u.key}", message=str(u)) for u in wrong)
        for change in changes or ():
            if isinstance(change, EachCall):
                each_call.append(change.run)
            else:
                _apply(change, changed, flow, plugin)
    return Row(steps=tuple(changed), each_call=tuple(each_call))


def _apply(change: Before | After | Around, steps: list[Step], flow: str, plugin: str) -> None:
    names = [each.name for each in steps]
    if change.name not in names:
        text = f"没有这一步{nearest(change.name, names)}；有的是 {'、'.join(names)}"
        refuse([Misfit(plugin=plugin, hook=HOOK, key=f"{flow}.{change.name}", message=text)])
    at = names.index(change.name)
    if isinstance(change, Around):
        steps[at] = _around(steps[at], change.run, plugin)
        return
    if change.step.name in names:
        text = "要加的步骤已经有了"
        refuse([Misfit(plugin=plugin, hook=HOOK, key=f"{flow}.{change.step.name}", message=text)])
    put = attrs.evolve(change.step, plugins=(*change.step.plugins, plugin))
    steps.insert(at if isinstance(change, Before) else at + 1, put)


def _around(inner: Step, run: Callable[[Any, Callable[[], None]], None], plugin: str) -> Step:
    def wrapped(work: Any) -> None:
        run(work, lambda: inner.run(work))

    wrapped.__doc__ = inner.run.__doc__
    return attrs.evolve(inner, run=wrapped, plugins=(*inner.plugins, plugin))
