"""Business flows: what a till or a ward does, step by step, with questions to people, across crashes."""

from .engine import Flow, Flows, FlowStopped, Status, Step, View, Work, step
from .questions import Option, Question

__all__ = ["Flow", "FlowStopped", "Flows", "Option", "Question", "Status", "Step", "View", "Work", "step"]
