"""Business flows: what a till or a ward does, step by step, with questions to people, across crashes."""

from ..workflow.declaring import After, Around, Before, EachCall, Step, step
from ..workflow.engine import Flow, Flows, FlowStopped, Status, View, Work
from ..workflow.questions import Option, Question

__all__ = [
    "After", "Around", "Before", "EachCall", "Flow", "FlowStopped", "Flows", "Option", "Question", "Status", "Step",
    "View", "Work", "step",
]  # fmt: skip
