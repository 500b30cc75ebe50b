"""Processes that die after a step of a flow, and plugins made on the spot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from liangding.config import Deployment
from liangding.contract.hookspecs import hookimpl
from liangding.contract.steps import Change
from liangding.flows import Around, Flows, Work
from liangding.runtime import Runtime
from support import Rig


class Plugin:
    """A plugin made of the changes to one flow."""

    def __init__(self, flow: str, *changes: Change) -> None:
        self.flow, self.changes = flow, changes

    @hookimpl
    def liangding_flow_steps(self, flow: str, deployment: Deployment) -> Iterable[Change]:
        return self.changes if flow == self.flow else ()


class Died(BaseException):
    """The process is gone: its step has done its work, and nothing of it is stored."""


def _die(work: Work[Any], go_on: Callable[[], None]) -> None:
    go_on()
    raise Died


@contextlib.contextmanager
def doomed(rig: Rig, flow: str, step: str) -> Iterator[Flows]:
    """The flows of a process that dies when it has done that step, before it is stored."""
    plugins = {"death": Plugin(flow, Around(step, _die))}
    shared: dict[str, Any] = {} if rig.url else {"transport": rig.runtime.transport, "clock": rig.runtime.clock}
    with Runtime(rig.deployment, plugins=plugins, journal=rig.runtime.journal, **shared) as runtime:
        yield Flows(runtime)
