"""Business flows: what a till or a ward does, step by step, with questions to people, across crashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..contract.questions import Option, Question
from ..contract.steps import After, Around, Before, EachCall, Flow, Step, step
from ..runtime import Runtime
from ..workflow import engine
from ..workflow.standing import FlowStopped, Status, View
from ..workflow.work import Work
from .all import FLOWS

__all__ = [
    "FLOWS", "After", "Around", "Before", "EachCall", "Flow", "FlowStopped", "Flows", "Option", "Question", "Status",
    "Step", "View", "Work", "step",
]  # fmt: skip


class Flows(engine.FlowEngine):
    """The flows of one deployment: all that the core has (:data:`FLOWS`), or those that are given."""

    def __init__(self, runtime: Runtime, flows: Iterable[type[Flow[Any]]] | None = None) -> None:
        super().__init__(runtime, FLOWS if flows is None else flows)
