"""Flows as they are declared, and the row of steps that a deployment has of one, after every plugin's changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import attrs
import pluggy

from ..config import Deployment
from ..contract.steps import After, Around, Before, Change, EachCall, Flow, GoesRound, Sees, Step
from ..knowledge import Knowledge
from ..knowledge.fitting import unfit
from ..knowledge.misfits import Misfit, refuse
from ..knowledge.plugins import answers
from ..structuring import nearest
from .standing import Paused

HOOK = "liangding_flow_steps"


class RoundFailed(Exception):
    """What goes round a step failed after the step itself was done: by plugin, what happened."""

    def __init__(self, failures: list[tuple[str, Exception]]) -> None:
        super().__init__("、".join(plugin for plugin, _ in failures))
        self.failures = failures


@attrs.frozen(kw_only=True)
class FlowPlan:
    """The steps of a flow as a deployment has them, and what sees its calls."""

    steps: tuple[Step, ...]
    each_call: tuple[Sees, ...] = ()

    def names(self) -> dict[str, int]:
        """The steps' names and their places; those of earlier versions, too."""
        former = {name: place for place, each in enumerate(self.steps) for name in each.formerly}
        return former | {each.name: place for place, each in enumerate(self.steps)}

    def step(self, name: str) -> Step | None:
        """The step that goes, or went, by that name."""
        place = self.names().get(name)
        return None if place is None else self.steps[place]


_Declared = tuple[dict[str, type[Flow[Any]]], dict[str, FlowPlan]]

_KEPT: WeakKeyDictionary[Knowledge, dict[tuple[type[Flow[Any]], ...], _Declared]] = WeakKeyDictionary()


def declared(core: tuple[type[Flow[Any]], ...], known: Knowledge) -> _Declared:
    """The flows of a deployment (:func:`flows_of`) and their rows (:func:`rows_of`); plugins are asked once."""
    kept = _KEPT.setdefault(known, {})
    if core not in kept:
        flows = flows_of(core, known.manager, known.deployment)
        kept[core] = flows, rows_of(flows, known.manager, known.deployment)
    return kept[core]


def flows_of(
    core: Iterable[type[Flow[Any]]], manager: pluggy.PluginManager, deployment: Deployment
) -> dict[str, type[Flow[Any]]]:
    """The flows of a deployment by name: the core's, and those that plugins bring. PluginRefused for what is no flow,
    and for a name that is taken."""
    flows, theirs = {flow.name: flow for flow in core}, "liangding_flows"
    for plugin, brought in answers(manager, theirs, deployment=deployment):
        for flow in brought or ():
            if why := _no_flow(flow) or (f"已有流程 {flow.name}" if flow.name in flows else ""):
                refuse([Misfit(plugin=plugin, hook=theirs, key=getattr(flow, "__name__", ""), message=why)])
            flows[flow.name] = flow
    return flows


def _no_flow(flow: Any) -> str:
    """Why something is no flow; empty where it is one."""
    if not (isinstance(flow, type) and issubclass(flow, Flow)):
        return f"应为 Flow 的类，给的是 {flow!r}"
    missing = [name for name in ("name", "title", "given", "state", "steps") if not hasattr(flow, name)]
    if missing or getattr(flow.result, "__isabstractmethod__", False):
        return f"没有写 {'、'.join(missing or ['result'])}"
    if wrong := next(unfit(flow.steps, tuple[Step, ...]), None):
        return f"steps{wrong.key} {wrong}"
    names = [step.name for step in flow.steps]
    twice = next((name for name in names if names.count(name) > 1), None)
    return f"步骤 {twice} 写了两次" if twice else "" if names else "没有步骤"


def rows_of(
    flows: Mapping[str, type[Flow[Any]]], manager: pluggy.PluginManager, deployment: Deployment
) -> dict[str, FlowPlan]:
    """The row of each flow, as :func:`row_of`. PluginRefused, too, for a plugin that asks after a flow whose name is
    nearly that of one."""
    asked = {name: _Asked(name) for name in flows}
    rows = {name: row_of(asked[name], flow.steps, manager, deployment) for name, flow in flows.items()}
    strange = {other for name in asked.values() for other in name.compared if other not in flows}
    plugins = "、".join(dict.fromkeys(i.plugin_name for i in manager.hook.liangding_flow_steps.get_hookimpls()))
    near = {other: hint for other in sorted(strange) if (hint := nearest(other, flows))}
    refuse(Misfit(plugin=plugins, hook=HOOK, key=other, message=f"没有这个流程{hint}") for other, hint in near.items())
    return rows


class _Asked(str):
    """A flow's name that remembers what it was compared with."""

    def __init__(self, name: str) -> None:
        self.compared: set[str] = set()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            self.compared.add(str(other))
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def row_of(flow: str, steps: Iterable[Step], manager: pluggy.PluginManager, deployment: Deployment) -> FlowPlan:
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
    return FlowPlan(steps=tuple(changed), each_call=tuple(each_call))


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
    put = attrs.evolve(change.step, plugins=(*change.step.plugins, plugin), brought_by=plugin)
    steps.insert(at if isinstance(change, Before) else at + 1, put)


def _around(inner: Step, run: GoesRound, plugin: str) -> Step:
    """The step with something round it. What the step itself came to stands: its failure is not swallowed, and
    RoundFailed says that what goes round it failed when the step was done already."""

    def wrapped(work: Any) -> None:
        went = _Went(inner, work)
        try:
            run(work, went.on)
        except Paused:
            raise
        except Exception as failed:
            if not went.done:
                raise
            went.failures.append((plugin, failed))
        if went.failed is not None:
            raise went.failed
        if went.failures:
            raise RoundFailed(went.failures)

    wrapped.__doc__ = inner.run.__doc__
    return attrs.evolve(inner, run=wrapped, plugins=(*inner.plugins, plugin), around=(*inner.around, (plugin, run)))


@attrs.define
class _Went:
    """How a step went that something goes round. ``failures`` are those of what goes round it further in."""

    step: Step
    work: Any
    done: bool = False
    failed: Exception | None = None
    failures: list[tuple[str, Exception]] = attrs.field(factory=list)

    def on(self) -> None:
        """Let the step go on."""
        self.failed = None
        try:
            self.step.run(self.work)
        except RoundFailed as further_in:
            self.failures += further_in.failures
        except Exception as failed:
            self.failed = failed
            raise
        self.done = True
