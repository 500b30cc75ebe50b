"""What a step works with."""

from __future__ import annotations

from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import attrs

from ..calls.keying import number_of
from ..clock import in_china
from ..contract.calls import Answer
from ..contract.devices import MEDIA, Medium, ReadRequest, Scope
from ..contract.questions import Question
from ..contract.steps import Flow, Step
from ..errors import SameBill
from ..identity import Credential
from ..journal import CallRecord, State
from ..knowledge.speaking import Speaking
from ..runtime import Runtime
from .passwords import check_password
from .records import Record, day_of
from .rows import FlowPlan
from .same_bill import ask_same_bill, is_meant
from .showing import request, show
from .standing import FlowBusy, Paused, View

S = TypeVar("S")

WHOSE = "answers.person"
"""Beside a flow's answers: the person (psn_no) whom they were given for."""


class OtherFlows(Protocol):
    """The deployment's flows, as a step of one of them sees them."""

    def flow(self, name: str) -> type[Flow[Any]]: ...
    def names(self) -> list[str]: ...
    def steps(self, name: str) -> tuple[Step, ...]: ...
    def find(self, name: str, key: str) -> View | None: ...
    def get(self, flow_id: str) -> View: ...
    def state_of(self, flow_id: str) -> Any: ...
    def take_over(self, flow_id: str) -> dict[str, State]: ...


class Work(Generic[S]):
    """What a step works with: the state, the deployment's runtime and flows, and the answers given so far."""

    def __init__(self, runtime: Runtime, flows: OtherFlows, record: Record, row: FlowPlan, step: str) -> None:
        self.runtime = runtime
        self.flows = flows
        self.state: S = record.state
        self.flow = record.flow
        self.flow_id = record.id
        self.step = step
        self.operator = record.operator
        self.advice = record.advice
        self.begun_at = in_china(record.created_at).replace(microsecond=0)
        """When the flow was started: the same, however often a step runs, so that what it sends is the same, too."""
        self.kept = record.kept
        """What steps of plugins keep for later ones: stored, sealed, with the flow's state."""
        self._record = record
        self._row = row
        self._calls = 0
        self._taken: set[int] = set()
        self._made: list[CallRecord] | None = None

    def call(
        self, infno: str, message: Any, *, part: str | None = None, insured_place: str | None = None
    ) -> Answer[Any]:
        """Make a call as part of this step: with a business key of its own, and the flow's operator.

        ``part`` names the call within the step; without it the number does that the call has in this run of the step.
        A step that leaves out what it did already needs names.

        What this step has sent already is finished by its record, whatever the message, the settings or the program
        would be today; so ``message`` may be a function that composes it where it has to be made anew.
        """
        self._calls += 1
        self._record.sent = True
        national, infno = infno, self.number(infno)
        answer = self._finished(infno, part)
        if answer is None:
            self._refuse_taken(infno)
            composed = self._speaking.said(infno, message() if callable(message) else message)
            for see in self._row.each_call:
                see(self, infno, composed)
            key = call_key(self._record.id, self.step, part or self._calls)
            bill_no = number_of(self.runtime.deployment.keys, self._record.key)
            call = partial(
                self.runtime.call, infno, composed, key=key, insured_place=insured_place, operator=self.operator,
                flow=self._record.id, bill_no=bill_no, bill_date=day_of(self._record.state.given),
            )  # fmt: skip
            try:
                answer = call(meant=is_meant(self))
            except SameBill as said:
                if not said.may_be_meant:
                    raise
                ask_same_bill(self, said)
                answer = call(meant=True)
        self.advise(*answer.advice)
        return self._by_standard(national, answer)

    def _refuse_taken(self, infno: str) -> None:
        """FlowBusy where somebody took the flow meanwhile, who thought this process dead or held up by a plugin: what
        would be changed now may be something that was taken back since."""
        if not self.runtime.interfaces[infno].changes:
            return
        if self.runtime.journal.flows.version(self._record.id) != self._record.version:
            raise FlowBusy("这笔业务已由另一处接着办理")

    def number(self, infno: str) -> str:
        """The number that a national transaction goes out under here: the region's own, where it has one."""
        return self._speaking.number(infno)

    def said(self, infno: str, name: str) -> str:
        """What a field is called in the messages of a number of this region; empty where it is left out."""
        return self._speaking.spoken(infno).fields.get(name, name)

    def heard(self, answer: Answer[Any]) -> dict[str, Any]:
        """What an answer to a number of this region's own says, by the names that the standard would have for it."""
        held = self._speaking.heard(answer.infno, answer.body.get("output"))
        return held if isinstance(held, dict) else {}

    @property
    def _speaking(self) -> Speaking:
        return self.runtime.known.speaking

    def _by_standard(self, national: str, answer: Answer[Any]) -> Answer[Any]:
        """The answer to a region's number as the answer to the national one that it stands for."""
        known = self.runtime.known
        if known.speaking.national(answer.infno) == answer.infno:
            return answer
        output = known.speaking.heard(answer.infno, answer.body.get("output"))
        read, _ = known.answers.read(known.interfaces[national].output, output, ("output",))
        return attrs.evolve(answer, output=read)

    def made(self) -> dict[str, CallRecord]:
        """The changing calls that earlier runs of this step have sent, by their part or number; without those of which
        it is certain that they had no effect."""
        return {part_of(call.key or ""): call for call in self._before() if not call.state.repeatable}

    def has_sent(self, part: str) -> bool:
        """Whether an earlier run of this step has sent the call of that part, whatever became of it."""
        return any(part_of(call.key or "") == part for call in self._before())

    def not_taken(self, part: str) -> CallRecord | None:
        """The last call of that part that an earlier run of this step has sent, where it is certain that none of them
        had an effect; None where one had, or may have had, or none was sent."""
        if part in self.made():
            return None
        return next((call for call in reversed(self._before()) if part_of(call.key or "") == part), None)

    def _finished(self, infno: str, part: str | None) -> Answer[Any] | None:
        """The answer of what was sent in an earlier run of this step in the place of this call; None where nothing
        was, or where it is certain that it had no effect."""
        if not self.runtime.interfaces[infno].changes:
            return None
        earlier = self._earlier(infno, part)
        if earlier is None:
            return None
        self._taken.add(earlier.id)
        return self.runtime.finish(earlier)

    def _earlier(self, infno: str, part: str | None) -> CallRecord | None:
        """The call that an earlier run of this step made in the place of this one: the one of that name; of those that
        have only a number the one of this number, else the first of this transaction (with or without A)."""
        national = self._speaking.national
        meant = national(infno).removesuffix("A")
        same = {
            named: call
            for named, call in self.made().items()
            if national(call.infno).removesuffix("A") == meant and call.id not in self._taken
        }
        found = same.get(part or str(self._calls))
        return found if found is not None or part is not None else next(iter(same.values()), None)

    def _before(self) -> list[CallRecord]:
        """The changing calls that earlier runs of this step made, under this name or a former one, in order."""
        if self._made is None:
            step = self._row.step(self.step)
            names = (self.step, *(step.formerly if step else ()))
            calls = self.runtime.journal.of_flow(self.flow_id)
            self._made = [call for call in calls if call.changes and step_of(call.key or "", self.flow_id) in names]
        return self._made

    def ask(self, question: Question) -> str:
        """The person's answer. Pauses the flow where it is not given yet."""
        given = self._record.answers.get(question.id)
        if given is None:
            raise Paused(question.asked_of(self.runtime.deployment.institution.kind.cashier))
        question.check(given)
        return given

    def answer_of(self, question_id: str) -> str | None:
        """What was answered to a question already; None where nothing was."""
        return self._record.answers.get(question_id)

    def remember(self, question_id: str, answer: str) -> None:
        """Keep an answer that somebody else than a person gave, a device for example."""
        self._record.answers[question_id] = answer

    def show(
        self, question_id: str, *, infno: str, scope: Scope = Scope.VISIT, media: tuple[Medium, ...] = MEDIA
    ) -> Credential:
        """The credential that a person shows now, read by a device or asked of the caller. See
        :func:`liangding.workflow.showing.show`."""
        return show(self, question_id, infno=infno, scope=scope, media=media)

    def check_password(self, infno: str) -> None:
        """Have the password of what the person showed checked, where the deployment says for what
        (``features.password``). See :func:`liangding.workflow.passwords.check_password`."""
        check_password(self, infno)

    def reading(self, infno: str, scope: Scope = Scope.VISIT, media: tuple[Medium, ...] = MEDIA) -> ReadRequest:
        """What a device would be asked for now: for questions that the till's program answers with its own devices."""
        return request(self, infno, scope, media)

    def belong_to(self, psn_no: str) -> None:
        """The flow is that person's from now on: what was answered for another one before does not count."""
        if self._record.answers.get(WHOSE) not in (None, psn_no):
            self._record.answers.clear()
        self._record.answers[WHOSE] = psn_no

    def forget(self, question_id: str) -> None:
        """Let a question be asked anew, because what it was about has changed."""
        self._record.answers.pop(question_id, None)

    def advise(self, *sentences: str) -> None:
        """Something for the person at the till to read; once is enough."""
        self.advice.extend(s for s in sentences if s not in self.advice)


def call_key(flow_id: str, step_name: str, number: int | str) -> str:
    """The business key of a call that a step makes."""
    return f"{flow_id}:{step_name}:{number}"


def part_of(key: str) -> str:
    """The part of its step that a call's key names, or its number there."""
    return key.rpartition(":")[2]


def step_of(key: str, flow_id: str) -> str:
    """The step that made the call of that key; empty where the key is none of that flow's."""
    head, _, rest = key.partition(":")
    return rest.rpartition(":")[0] if head == flow_id else ""
