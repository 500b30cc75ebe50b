"""How a flow is declared: its steps, what feeds what, what repeats, what may be left out, what takes a step back.

A region's plugin changes a row of steps without copying it (hook ``liangding_flow_steps``): :class:`Before` and
:class:`After` put a step in, :class:`Around` goes round one, :class:`EachCall` sees each call that the flow makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import pluggy

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..config import Deployment
    from .engine import Work

S = TypeVar("S")


@attrs.frozen(kw_only=True)
class Step:
    """One step: what it does, which transactions it may make, which transaction takes it back, when it is left out.

    ``takes`` are the places that what it sends comes from (``2201.output.data.mdtrt_id``). ``repeats`` and ``when``
    say in words how often it runs and when it is not left out. ``charges``: when its call is accepted, money has
    moved. From there on the flow goes on to its end by itself, also after a crash; before that it waits for its
    caller. ``plugins`` are those that put it in or went round it.
    """

    name: str
    title: str
    run: Callable[[Work[Any]], None]
    calls: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    undone_by: str | None = None
    skip: Callable[[Any], bool] | None = None
    when: str = ""
    repeats: str = ""
    charges: bool = False
    plugins: tuple[str, ...] = ()


def step(
    title: str,
    *calls: str,
    takes: tuple[str, ...] = (),
    undone_by: str | None = None,
    skip: Callable[[Any], bool] | None = None,
    when: str = "",
    repeats: str = "",
    charges: bool = False,
) -> Callable[[Callable[[Work[S]], None]], Step]:
    """Make a function a step. ``calls`` are the transactions it may make, ``takes`` where what it sends comes from,
    ``skip`` says of a state that the step is not needed, ``when`` says so in words, ``charges`` that money moves in
    it."""

    def declare(run: Callable[[Work[S]], None]) -> Step:
        return Step(
            name=run.__name__, title=title, run=run, calls=calls, takes=takes, undone_by=undone_by, skip=skip,
            when=when, repeats=repeats, charges=charges,
        )  # fmt: skip

    return declare


@attrs.frozen
class Before:
    """``step`` is put in before the step ``name``."""

    name: str
    step: Step


@attrs.frozen
class After:
    """``step`` is put in after the step ``name``."""

    name: str
    step: Step


@attrs.frozen
class Around:
    """``run`` goes round the step ``name``: it is given the step's work and what goes on with the step."""

    name: str
    run: Callable[[Work[Any], Callable[[], None]], None]


@attrs.frozen
class EachCall:
    """``run`` sees the message of each call that the flow makes, before it is checked and sent, and may change it or
    ask a person (``work.ask``). It is given the work, the transaction's number and the message."""

    run: Callable[[Work[Any], str, Any], None]


Change = Before | After | Around | EachCall


@attrs.frozen(kw_only=True)
class Row:
    """The steps of a flow as a deployment has them, and what sees its calls."""

    steps: tuple[Step, ...]
    each_call: tuple[Callable[[Work[Any], str, Any], None], ...] = ()

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


def _around(inner: Step, run: Callable[[Work[Any], Callable[[], None]], None], plugin: str) -> Step:
    def wrapped(work: Work[Any]) -> None:
        run(work, lambda: inner.run(work))

    wrapped.__doc__ = inner.run.__doc__
    return attrs.evolve(inner, run=wrapped, plugins=(*inner.plugins, plugin))
