"""What a step works with."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from ..clock import in_china
from ..contract.calls import Answer
from ..contract.questions import Question
from ..contract.steps import Flow, Step
from ..journal import State
from ..runtime import Runtime
from .records import Record
from .rows import Row
from .standing import View

S = TypeVar("S")


class Paused(Exception):
    """A step asks; the flow waits."""

    def __init__(self, question: Question) -> None:
        self.question = question


class OtherFlows(Protocol):
    """The deployment's flows, as a step of one of them sees them."""

    def flow(self, name: str) -> type[Flow[Any]]: ...
    def steps(self, name: str) -> tuple[Step, ...]: ...
    def find(self, name: str, key: str) -> View | None: ...
    def get(self, flow_id: str) -> View: ...
    def state_of(self, flow_id: str) -> Any: ...
    def take_over(self, flow_id: str) -> dict[str, State]: ...


class Work(Generic[S]):
    """What a step works with: the state, the deployment's runtime and flows, and the answers given so far."""

    def __init__(self, runtime: Runtime, flows: OtherFlows, record: Record, row: Row) -> None:
        self.runtime = runtime
        self.flows = flows
        self.state: S = record.state
        self.flow = record.flow
        self.flow_id = record.id
        self.step = record.step
        self.operator = record.operator
        self.advice = record.advice
        self.begun_at = in_china(record.created_at).replace(microsecond=0)
        """When the flow was started: the same, however often a step runs, so that what it sends is the same, too."""
        self.kept = record.kept
        """What steps of plugins keep for later ones: stored, sealed, with the flow's state."""
        self._record = record
        self._row = row
        self._calls = 0

    def call(
        self, infno: str, message: Any, *, part: str | None = None, insured_place: str | None = None
    ) -> Answer[Any]:
        """Make a call as part of this step: with a business key of its own, and the flow's operator.

        ``part`` names the call within the step; without it the number does that the call has in this run of the step.
        A step that leaves out what it did already needs names.
        """
        self._calls += 1
        key = call_key(self._record.id, self._record.step, part or self._calls)
        for see in self._row.each_call:
            see(self, infno, message)
        self._record.sent = True
        answer = self.runtime.call(
            infno, message, key=key, insured_place=insured_place, operator=self.operator, flow=self._record.id
        )
        self.advise(*answer.advice)
        return answer

    def ask(self, question: Question) -> str:
        """The person's answer. Pauses the flow where it is not given yet."""
        given = self._record.answers.get(question.id)
        if given is None:
            raise Paused(question)
        question.check(given)
        return given

    def forget(self, question_id: str) -> None:
        """Let a question be asked anew, because what it was about has changed."""
        self._record.answers.pop(question_id, None)

    def advise(self, *sentences: str) -> None:
        """Something for the person at the till to read; once is enough."""
        self.advice.extend(s for s in sentences if s not in self.advice)


def call_key(flow_id: str, step_name: str, number: int | str) -> str:
    """The business key of a call that a step makes."""
    return f"{flow_id}:{step_name}:{number}"


def step_of(key: str, flow_id: str) -> str:
    """The step that made the call of that key; empty where the key is none of that flow's."""
    head, _, rest = key.partition(":")
    return rest.rpartition(":")[0] if head == flow_id else ""
