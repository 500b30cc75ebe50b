"""Business flows: what a till or a ward does, step by step, with questions to people, across crashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..config import Deployment
from ..contract.questions import Option, Question
from ..contract.steps import After, Around, Before, EachCall, Flow, Step, step
from ..runtime import Runtime
from ..workflow import engine
from ..workflow.standing import FlowStopped, Status, View
from ..workflow.work import Work
from .all import FLOWS
from .one_code import with_one_code
from .settings import refuse_unused

__all__ = [
    "FLOWS", "After", "Around", "Before", "EachCall", "Flow", "FlowStopped", "Flows", "Option", "Question", "Status",
    "Step", "View", "Work", "step",
]  # fmt: skip


def flows_of(deployment: Deployment) -> tuple[type[Flow[Any]], ...]:
    """The core's flows as a deployment has them: with one-code payment where its file says so."""
    return FLOWS if deployment.one_code is None else tuple(with_one_code(flow) for flow in FLOWS)


class Flows(engine.FlowEngine):
    """The flows of one deployment: all that the core has (:data:`FLOWS`), or those that are given."""

    def __init__(self, runtime: Runtime, flows: Iterable[type[Flow[Any]]] | None = None) -> None:
        super().__init__(runtime, flows_of(runtime.deployment) if flows is None else flows)
        if flows is None:
            refuse_unused(self._flows, self._rows, runtime.known)
