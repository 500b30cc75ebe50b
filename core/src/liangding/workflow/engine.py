"""Flows: declared steps that survive their process.

A flow is a class with a typed state and a row of steps. After each step the state is stored in the journal; a call
that a step makes carries a business key of its own, so that a step that runs again after a crash gets the recorded
answer and nothing is sent twice. A step that needs a person's decision asks: the flow pauses, and goes on with the
answer, in this process or another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import attrs

from ..calls.keying import DAY_MARK, check_key
from ..contract.questions import AnswerKind, BadAnswer
from ..contract.steps import Flow, Step
from ..journal import State
from ..journal.journal import KeyConflict
from ..runtime import Runtime
from ..wire.json import encode_ordered
from .at_work import working_on
from .doubts import changes_of
from .keys import FlowKeys
from .records import Record, Records
from .recovering import Recovery
from .rows import FlowPlan, declared
from .running import Runner
from .showing import shown_by
from .standing import FlowBusy, FlowStopped, NoSuchFlow, Status, View
from .storing import restore, stored
from .tracks import Tracks


class FlowEngine:
    """The flows of one deployment: start them, answer them, resume them, look at them."""

    def __init__(self, runtime: Runtime, flows: Iterable[type[Flow[Any]]]) -> None:
        self.runtime = runtime
        self._flows, self._rows = declared(tuple(flows), runtime.known)
        self._tracks = Tracks(runtime.journal, self.steps)
        self._records = Records(runtime, self.flow, self._tracks.resume_at)
        self._runner = Runner(runtime, self, self._row, self._records, self._tracks)
        self._keys = FlowKeys(runtime=runtime)
        self._recovery = Recovery(runtime, self._records, self._tracks, self._runner)

    # -- what there is ---------------------------------------------------------------------------------------------

    def flow(self, name: str) -> type[Flow[Any]]:
        """The flow of that name. NoSuchFlow where there is none."""
        found = self._flows.get(name)
        if found is None:
            raise NoSuchFlow(f"没有流程 {name}；有 {'、'.join(self._flows)}")
        return found

    def names(self) -> list[str]:
        return list(self._flows)

    def steps(self, name: str) -> tuple[Step, ...]:
        """The steps of a flow as this deployment has them, those of plugins among them."""
        return self._row(name).steps

    def _row(self, name: str) -> FlowPlan:
        return self._rows[self.flow(name).name]

    # -- starting and going on -------------------------------------------------------------------------------------

    def start(
        self, name: str, given: Mapping[str, Any], *, key: str | None = None, operator: str | None = None
    ) -> View:
        """Start a flow and let it run until it asks, stops or ends.

        ``given`` is what the flow's ``given`` class takes. ``key`` is the caller's own number for this piece of
        business: started again with the same key and content, the flow that is there already is returned (and goes
        on where it stopped). One that stopped before it had sent anything but questions begins again with mended
        content; else, with other content, for the bill of another day or for another person KeyConflict is raised.
        What the person showed (``credential``) is not content: a code is scanned anew, and takes the old one's place,
        once something was changed where it is of the same kind. A flow that charges needs a key: KeyRequired where
        none is given, and none can be derived ([keys]).
        InvalidMessage where ``given`` is not right.
        """
        flow, content = self.flow(name), _content(name, given)
        check_key(key, known=lambda used: self._by_key(name, used) is not None)
        operator = self.runtime.deployment.operator(operator).code
        fresh: Any = restore(given, flow.given, ("given",))
        charges = any(step.charges for step in self.steps(name))
        kept_as = self._keys.of(flow, fresh, key, operator, charges=charges)
        held = None if kept_as is None else self._by_key(name, kept_as)
        if held is not None:
            record = self._records.load(held)
            if record.status is not Status.ABANDONED and not self._is_now_anothers(record, flow, fresh, content):
                return self._again(record, flow, fresh, content)
            self._free(record)
        record = Record(
            id=self.runtime.new_id(), flow=name, deployment=self.runtime.deployment.name,
            institution=self.runtime.deployment.institution.code, key=kept_as, content=content, status=Status.RUNNING,
            step=self.steps(name)[0].name, version=0, created_at=self.runtime.clock.epoch(), operator=operator,
            owner=self.runtime.journal.owner, state=flow.state(given=fresh),
        )  # fmt: skip
        with working_on(record.id):
            if self._records.keep(record, new=True):
                self._runner.go_on(record)
                return attrs.evolve(self._view(record), new=True)
        return self.start(name, given, key=key, operator=operator)

    def _by_key(self, name: str, key: str) -> str | None:
        """The number of the flow that is kept under a key."""
        held = self.runtime.journal.flows.by_key(self.runtime.deployment.institution.code, name, key)
        return None if held is None else str(held["id"])

    def _free(self, record: Record) -> None:
        """Let the key of a flow that was given up be used again."""
        record.key, record.freed_key = None, record.key or record.freed_key
        self._records.keep(record)

    def _is_now_anothers(self, record: Record, flow: type[Flow[Any]], fresh: Any, content: str) -> bool:
        """Whether a flow of which nothing stands, by what is known, is asked for by somebody else, after something was
        sent for the earlier person: then it is given up, and its calls stay with the one they were sent for."""
        waits = record.status in (Status.QUESTION, Status.STOPPED)
        if not waits or self._tracks.has_only_asked(record) or self._tracks.touched(record):
            return False
        self._keys.hold(record, flow, fresh, content, anew=True)
        if self._keys.is_same_person(record, fresh):
            return False
        record.status, record.question = Status.ABANDONED, None
        return True

    def _again(self, record: Record, flow: type[Flow[Any]], fresh: Any, content: str) -> View:
        """A flow that is started once more: as it stands, or from the beginning with a fresh credential where
        nothing was changed yet. KeyConflict where it is not the same piece of business."""
        if getattr(fresh, "credential", self) is None:  # what was shown stays, where nothing else is given
            fresh = attrs.evolve(fresh, credential=record.state.given.credential)
        waits = record.status in (Status.QUESTION, Status.STOPPED)
        mended = record.status is Status.STOPPED and self._tracks.has_only_asked(record)
        if mended and not self._keys.is_content(record, content) and self._keys.may_be_mended(record, fresh):
            record.content = content
            record.answers.clear()
            record.advice.clear()
            return self._from_the_beginning(record, flow, fresh)
        anew = waits and fresh != record.state.given and not self._tracks.touched(record)
        self._keys.hold(record, flow, fresh, content, anew=anew)
        if anew:
            return self._from_the_beginning(record, flow, fresh)
        if waits and self._shown_anew(record, fresh):
            with working_on(record.id):
                self._records.keep(record)
        return self.resume(record.id)

    def _from_the_beginning(self, record: Record, flow: type[Flow[Any]], fresh: Any) -> View:
        record.state, record.step = flow.state(given=fresh), self.steps(record.flow)[0].name
        record.kept.clear()
        record.passed, record.plugin = [], ""
        record.status, record.question, record.error = Status.RUNNING, None, None
        return self._run(record)

    def _shown_anew(self, record: Record, fresh: Any) -> bool:
        """Take a credential of the same kind in the place of the old one, which may have expired; not where the step
        at hand has changed something with the old one."""
        state, shown = record.state, getattr(fresh, "credential", None)
        person = getattr(state, "person", None)
        if shown is None or person is None or shown == state.given.credential or self._tracks.moved(record):
            return False
        if shown.type != person.credential.type:
            return False
        state.given.credential, state.person = shown, attrs.evolve(person, credential=shown)
        return True

    def answer(self, flow_id: str, value: str, *, question: str | None = None) -> View:
        """Answer the question that a flow waits with. BadAnswer where it asks none, or another one."""
        record = self._records.load(flow_id)
        if record.question is None or record.status is not Status.QUESTION:
            raise BadAnswer("这笔业务现在没有在等答案")
        if question is not None and question != record.question.id:
            raise BadAnswer(f"现在问的是 {record.question.id}，不是 {question}")
        record.question.check(value)
        if record.question.kind is AnswerKind.CREDENTIAL:
            shown_by(value)
        record.answers[record.question.id] = value
        record.question, record.status = None, Status.RUNNING
        return self._run(record)

    def resume(self, flow_id: str) -> View:
        """Let a flow that stopped go on from its step; one that waits or is done is returned as it stands. FlowBusy
        where somebody is working on it."""
        record = self._records.load(flow_id)
        if not self.runtime.held_up(flow_id):
            self._refuse_busy(record, "这笔业务正由另一处办理")
        if record.status in (Status.STOPPED, Status.UNKNOWN, Status.RUNNING):
            record.status, record.error = Status.RUNNING, None
            return self._run(record)
        if record.status is Status.DONE and record.debts:
            self._runner.repay(record)
        return self._view(record)

    def recover(self) -> int:
        """Take up what was left half-way: flows whose process died, flows whose unknown outcome is known by now, and
        flows that a passing failure stopped after money had moved. How many were moved.

        Where money has moved the flow goes on by itself, each call with the key that it had: nothing is done twice.
        Where it has not, the flow stops and waits for its caller, who may resume or abandon it.
        """
        return self._recovery.recover()

    def _run(self, record: Record) -> View:
        self._runner.run(record)
        return self._view(record)

    def _refuse_busy(self, record: Record, text: str) -> None:
        if record.status is Status.RUNNING and not self._tracks.left(record.id, record.owner):
            raise FlowBusy(text)

    # -- giving up, and being taken back ---------------------------------------------------------------------------

    def abandon(self, flow_id: str) -> View:
        """Give a flow up, which has changed nothing; its key may be used again. By its calls: FlowStopped where it has
        changed something already, NotKnownYet where the outcome of one is not known."""
        record = self._records.load(flow_id)
        self._refuse_busy(record, "这笔业务正在办理，不能放弃")
        made = changes_of(self.runtime, flow_id)
        if record.status is Status.DONE or not all(call.state.repeatable for call in made):
            raise FlowStopped("已在平台上办成，不能放弃", remedy="已结算的用退费流程撤销，已登记的用各自的撤销流程")
        record.status, record.question = Status.ABANDONED, None
        self._free(record)
        return self._view(record)

    def take_over(self, flow_id: str) -> dict[str, State]:
        """Another flow takes this one back: nothing of it goes on from now on. What became of each changing call that
        it made, by step and part. FlowBusy where somebody works on it."""
        record = self._records.load(flow_id)
        self._refuse_busy(record, "要撤销的业务正在办理")
        if record.status is not Status.UNDONE:
            with working_on(flow_id, self.runtime.take_from_plugins):
                record.status, record.question, record.debts = Status.UNDONE, None, []
                self._records.keep(record)
        return self._tracks.calls(flow_id)

    # -- looking ---------------------------------------------------------------------------------------------------

    def get(self, flow_id: str) -> View:
        """A flow as it stands. NoSuchFlow where there is none."""
        return self._view(self._records.load(flow_id))

    def find(self, name: str, key: str, *, bill_date: date | None = None) -> View | None:
        """The flow that was started with ``key``, or None; where numbers are used anew each day, for the bill of
        ``bill_date``, else of the only day that there is. KeyConflict where there are several."""
        asked = key if bill_date is None else f"{key}{DAY_MARK}{bill_date:%Y-%m-%d}"
        held = self._by_key(name, asked)
        if held is None and bill_date is None and self.runtime.deployment.keys.per == "day":
            held = self._of_any_day(name, key)
        return None if held is None else self.get(held)

    def _of_any_day(self, name: str, key: str) -> str | None:
        institution = self.runtime.deployment.institution.code
        found = self.runtime.journal.flows.by_key_of_days(institution, name, f"{key}{DAY_MARK}")
        if len(found) > 1:
            raise KeyConflict(f"业务号 {key} 用于几天的单据，写成 {' 或 '.join(list(found)[-2:])}")
        return next(iter(found.values()), None)

    def debts(self) -> list[View]:
        """The flows of this deployment that are done and owe something, oldest first."""
        owing = self.runtime.journal.flows.owing(self.runtime.deployment.name, Status.DONE)
        return [view for view in map(self.get, owing) if view.debts]

    def state_of(self, flow_id: str) -> Any:
        """The typed state of a flow, for another flow that follows from it."""
        return self._records.load(flow_id).state

    def _view(self, record: Record) -> View:
        flow = self.flow(record.flow)
        titles = {s.name: s.title for s in self.steps(record.flow)}
        return View(
            id=record.id, flow=record.flow, title=flow.title, status=record.status, step=record.step,
            step_title=titles.get(record.step, "完成"), question=record.question, error=record.error,
            advice=tuple(record.advice), result=dict(flow.result(record.state)), debts=tuple(record.debts),
        )  # fmt: skip


def _content(name: str, given: Mapping[str, Any]) -> str:
    """A digest of a piece of business, without what the person showed."""
    kept = {field: value for field, value in given.items() if field != "credential"}
    return hashlib.sha256(encode_ordered([name, stored(kept)])).hexdigest()
