"""Flows: declared steps that survive their process.

A flow is a class with a typed state and a row of steps. After each step the state is stored in the journal; a call
that a step makes carries a business key of its own, so that a step that runs again after a crash gets the recorded
answer and nothing is sent twice. A step that needs a person's decision asks: the flow pauses, and goes on with the
answer, in this process or another.
"""

from __future__ import annotations

import abc
import contextlib
import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

import attrs

from ..calls import Answer
from ..clock import in_china
from ..errors import CallNotSent, HeldBack, InProgress, LiangdingError, NoAnswer, OutcomeUnknown
from ..journal import State
from ..journal.flows import Left
from ..journal.journal import KeyConflict
from ..journal.store import JournalUnavailable
from ..privacy import logger
from ..runtime import Runtime, check_key
from ..wire.json import decode, encode, encode_ordered
from .declaring import Row, Step, row_of
from .questions import BadAnswer, Question
from .storing import restore, stored

S = TypeVar("S")

log = logger("flows")


class Status(StrEnum):
    """Where a flow stands."""

    RUNNING = "running"
    QUESTION = "question"
    """Waits for an answer."""
    STOPPED = "stopped"
    """A step did not end well; ``error`` says why. It may be resumed."""
    UNKNOWN = "unknown"
    """A step's outcome is not known: it goes on when that is resolved."""
    DONE = "done"
    ABANDONED = "abandoned"
    UNDONE = "undone"
    """Taken back by another flow; nothing of it goes on."""


class FlowStopped(LiangdingError):
    """A flow cannot do what is asked of it where it stands."""

    code = "flow_state"
    http_status = 409
    remedy = "看这笔业务现在的状态，再决定"


class FlowBusy(FlowStopped):
    """Somebody else is working on this flow at this moment."""

    code = "flow_busy"
    remedy = "稍候再看这笔业务"


class Interrupted(FlowStopped):
    """The process that worked on a flow died, before money moved or while nobody knew; nothing goes on by itself."""

    code = "interrupted"
    remedy = "继续（resume）接着办，或放弃这笔业务"


class BrokeOff(FlowStopped):
    """A step failed in a way that it did not foresee, an answer of another form than declared for example."""

    code = "broke_off"
    remedy = "继续（resume）再办一次；仍不行的，把业务号告诉技术支持"


class NotConfirmed(FlowStopped):
    """A person said no; nothing was done."""

    code = "not_confirmed"
    remedy = "改动后继续（resume）会再问一次，或放弃这笔业务"


class NoSuchFlow(LiangdingError):
    """There is no flow of that name, or of that number."""

    code = "no_such_flow"
    http_status = 404


class Flow(abc.ABC, Generic[S]):
    """The base of all flows: name, title, what it is given, its state, its steps."""

    name: ClassVar[str]
    title: ClassVar[str]
    given: ClassVar[type]
    state: ClassVar[type]
    steps: ClassVar[tuple[Step, ...]]
    undone_by: ClassVar[str | None] = None

    @staticmethod
    @abc.abstractmethod
    def result(state: Any) -> dict[str, Any]:
        """What the caller gets to see of a state."""


class Paused(Exception):
    """A step asks; the flow waits."""

    def __init__(self, question: Question) -> None:
        self.question = question


class Work(Generic[S]):
    """What a step works with: the state, the deployment's runtime, and the answers given so far."""

    def __init__(self, runtime: Runtime, record: Record, row: Row) -> None:
        self.runtime = runtime
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
        key = _call_key(self._record.id, self._record.step, part or self._calls)
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


@attrs.define(kw_only=True)
class Record:
    """A flow as it is stored."""

    id: str
    flow: str
    deployment: str
    institution: str
    key: str | None
    content: str
    status: Status
    step: str
    version: int
    created_at: float
    owner: str
    operator: str | None
    state: Any
    answers: dict[str, str] = attrs.field(factory=dict)
    question: Question | None = None
    error: dict[str, Any] | None = None
    advice: list[str] = attrs.field(factory=list)
    kept: dict[str, str] = attrs.field(factory=dict)
    sent: bool = attrs.field(default=False, init=False)
    """Whether a call was made since the flow was last loaded; not stored."""


@attrs.frozen(kw_only=True)
class View:
    """A flow as its caller sees it.

    ``question`` is set where it waits for an answer, ``error`` where a step did not end well, ``result`` holds what
    has been reached so far, ``advice`` what the person at the till has to read.
    """

    id: str
    flow: str
    title: str
    status: Status
    step: str
    step_title: str
    question: Question | None
    error: dict[str, Any] | None
    advice: tuple[str, ...]
    result: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "flow": self.flow, "title": self.title, "status": self.status.value, "step": self.step,
            "step_title": self.step_title, "question": self.question and self.question.as_json(), "error": self.error,
            "advice": list(self.advice), "result": stored(self.result),
        }  # fmt: skip


DONE = "done"

PASSING = frozenset(
    kind.code for kind in (CallNotSent, NoAnswer, HeldBack, InProgress, OutcomeUnknown, JournalUnavailable, BrokeOff)
)
"""What stops a flow for the moment only: where money has moved already it is tried again."""

RETRY_SECONDS, RETRY_HOURS = 60, 24
"""How long a flow rests before it is tried again, and how long after its start it is tried by itself."""

_at_work: set[str] = set()
_at_work_mutex = threading.Lock()


@contextlib.contextmanager
def _working_on(flow_id: str) -> Iterator[None]:
    """Nobody else in this process works on the flow meanwhile. FlowBusy where somebody does."""
    with _at_work_mutex:
        if flow_id in _at_work:
            raise FlowBusy("这笔业务正由另一处办理")
        _at_work.add(flow_id)
    try:
        yield
    finally:
        with _at_work_mutex:
            _at_work.discard(flow_id)


def _call_key(flow_id: str, step_name: str, number: int | str) -> str:
    return f"{flow_id}:{step_name}:{number}"


def _step_of(key: str, flow_id: str) -> str:
    """The step that made the call of that key."""
    head, _, rest = key.partition(":")
    return rest.rpartition(":")[0] if head == flow_id else ""


def _content(name: str, given: Mapping[str, Any]) -> str:
    """A digest of a piece of business, without what the person showed."""
    kept = {field: value for field, value in given.items() if field != "credential"}
    return hashlib.sha256(encode_ordered([name, stored(kept)])).hexdigest()


class Flows:
    """The flows of one deployment: start them, answer them, resume them, look at them."""

    def __init__(self, runtime: Runtime, flows: Iterable[type[Flow[Any]]] | None = None) -> None:
        from ..flows.all import FLOWS

        self.runtime = runtime
        self._flows = {flow.name: flow for flow in flows or FLOWS}
        manager, deployment = runtime.known.manager, runtime.deployment
        self._rows = {name: row_of(name, flow.steps, manager, deployment) for name, flow in self._flows.items()}

    def start(
        self, name: str, given: Mapping[str, Any], *, key: str | None = None, operator: str | None = None
    ) -> View:
        """Start a flow and let it run until it asks, stops or ends.

        ``given`` is what the flow's ``given`` class takes. ``key`` is the caller's own number for this piece of
        business: started again with the same key and content, the flow that is there already is returned (and goes
        on where it stopped); with other content KeyConflict is raised. What the person showed (``credential``) is not
        content: a code is scanned anew, and takes the old one's place, once something was changed where it is of the
        same kind.
        InvalidMessage where ``given`` is not right.
        """
        flow = self.flow(name)
        check_key(key)
        institution = self.runtime.deployment.institution.code
        content = _content(name, given)
        if key is not None:
            held = self.runtime.journal.flows.by_key(institution, name, key)
            if held is not None:
                if held["content"] != content:
                    raise KeyConflict(f"业务号 {key} 已用于另一内容的{flow.title}")
                return self._again(held["id"], flow, given)
        operator = self.runtime.deployment.operator(operator).code
        record = Record(
            id=self.runtime.new_id(), flow=name, deployment=self.runtime.deployment.name, institution=institution,
            key=key, content=content, status=Status.RUNNING, step=self.steps(name)[0].name, version=0,
            created_at=self.runtime.clock.epoch(), operator=operator, owner=self.runtime.journal.owner,
            state=flow.state(given=restore(given, flow.given, ("given",))),
        )  # fmt: skip
        with _working_on(record.id):
            if self._keep(record, new=True):
                return self._go_on(record)
        return self.start(name, given, key=key, operator=operator)

    def _again(self, flow_id: str, flow: type[Flow[Any]], given: Mapping[str, Any]) -> View:
        """A flow that is started once more: as it stands, or from the beginning with a fresh credential where
        nothing was changed yet."""
        record = self._load(flow_id)
        fresh: Any = restore(given, flow.given, ("given",))
        waits = record.status in (Status.QUESTION, Status.STOPPED)
        if waits and fresh != record.state.given and not self._touched(record):
            record.state, record.step = flow.state(given=fresh), self.steps(record.flow)[0].name
            record.kept.clear()
            record.status, record.question, record.error = Status.RUNNING, None, None
            return self._run(record)
        if waits and self._shown_anew(record, fresh):
            with _working_on(record.id):
                self._keep(record)
        return self.resume(flow_id)

    def _shown_anew(self, record: Record, fresh: Any) -> bool:
        """Take a credential of the same kind in the place of the old one, which may have expired; not where the step
        at hand has changed something with the old one."""
        state, shown = record.state, getattr(fresh, "credential", None)
        person = getattr(state, "person", None)
        if shown is None or person is None or shown == state.given.credential or self._moved(record):
            return False
        if shown.type != person.credential.type:
            return False
        state.given.credential, state.person = shown, attrs.evolve(person, credential=shown)
        return True

    def answer(self, flow_id: str, value: str, *, question: str | None = None) -> View:
        """Answer the question that a flow waits with. BadAnswer where it asks none, or another one."""
        record = self._load(flow_id)
        if record.question is None or record.status is not Status.QUESTION:
            raise BadAnswer("这笔业务现在没有在等答案")
        if question is not None and question != record.question.id:
            raise BadAnswer(f"现在问的是 {record.question.id}，不是 {question}")
        record.question.check(value)
        record.answers[record.question.id] = value
        record.question, record.status = None, Status.RUNNING
        return self._run(record)

    def resume(self, flow_id: str) -> View:
        """Let a flow that stopped go on from its step; one that waits or is done is returned as it stands. FlowBusy
        where somebody is working on it."""
        record = self._load(flow_id)
        if record.status is Status.RUNNING and not self._left(record):
            raise FlowBusy("这笔业务正由另一处办理")
        if record.status in (Status.STOPPED, Status.UNKNOWN, Status.RUNNING):
            record.status, record.error = Status.RUNNING, None
            return self._run(record)
        return self._view(record)

    def abandon(self, flow_id: str) -> View:
        """Give a flow up. FlowStopped where it has changed something already, or its outcome is not known."""
        record = self._load(flow_id)
        if record.status is Status.RUNNING and not self._left(record):
            raise FlowBusy("这笔业务正在办理，不能放弃")
        if record.status in (Status.DONE, Status.UNKNOWN) or self._touched(record):
            raise FlowStopped("已在平台上办成或结果不明，不能放弃", remedy="已结算的用退费流程撤销；结果不明的等查明")
        record.status = Status.ABANDONED
        self._keep(record)
        return self._view(record)

    def take_over(self, flow_id: str) -> dict[str, State]:
        """Another flow takes this one back: nothing of it goes on from now on. What became of each changing call that
        it made, by step and part. FlowBusy where somebody works on it."""
        record = self._load(flow_id)
        if record.status is Status.RUNNING and not self._left(record):
            raise FlowBusy("要撤销的业务正在办理")
        if record.status is not Status.UNDONE:
            with _working_on(flow_id):
                record.status, record.question = Status.UNDONE, None
                self._keep(record)
        calls = (call for call in self.runtime.journal.of_flow(flow_id) if call.changes and call.key)
        return {(call.key or "").partition(":")[2]: call.state for call in calls}

    def get(self, flow_id: str) -> View:
        """A flow as it stands. NoSuchFlow where there is none."""
        return self._view(self._load(flow_id))

    def find(self, name: str, key: str) -> View | None:
        """The flow that was started with ``key``, or None."""
        held = self.runtime.journal.flows.by_key(self.runtime.deployment.institution.code, name, key)
        return None if held is None else self.get(held["id"])

    def state_of(self, flow_id: str) -> Any:
        """The typed state of a flow, for another flow that follows from it."""
        return self._load(flow_id).state

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
        return self._rows[self.flow(name).name].steps

    # -- running ---------------------------------------------------------------------------------------------------

    def _run(self, record: Record) -> View:
        """Take the flow, so that nobody else does or gives it up meanwhile, and let it go on."""
        with _working_on(record.id):
            record.owner = self.runtime.journal.owner
            self._keep(record)
            return self._go_on(record)

    def _go_on(self, record: Record) -> View:
        steps = self.steps(record.flow)
        position = self._position(record)
        while position < len(steps):
            current = steps[position]
            record.step = current.name
            if not (current.skip and current.skip(record.state)) and not self._do(current, record):
                self._keep_progress(record)
                return self._view(record)
            position += 1
            record.step = steps[position].name if position < len(steps) else DONE
            record.status = Status.RUNNING if position < len(steps) else Status.DONE
            self._keep_progress(record)
        return self._view(record)

    def _position(self, record: Record) -> int:
        """Where in its row a flow stands. FlowStopped where the step is one of a plugin that is not enabled now."""
        names = self._rows[record.flow].names()
        if record.step not in names and record.step != DONE:
            text = f"流程 {record.flow} 停在步骤 {record.step}，这个部署现在没有这一步"
            raise FlowStopped(text, remedy="启用加了这一步的插件，再继续")
        return names.get(record.step, len(names))

    def _keep_progress(self, record: Record) -> None:
        """Store a step's result. Where that fails after something was sent, nobody may think that nothing happened."""
        try:
            self._keep(record)
        except JournalUnavailable as failed:
            if record.sent:
                raise OutcomeUnknown(f"已向平台办理，但没能记下这笔业务的进度：{failed.message}") from None
            raise

    def _do(self, current: Step, record: Record) -> bool:
        """Run one step; False where the flow has to stop there."""
        try:
            current.run(Work(self.runtime, record, self._rows[record.flow]))
        except Paused as paused:
            record.status, record.question = Status.QUESTION, paused.question
            return False
        except OutcomeUnknown as unknown:
            record.status, record.error = Status.UNKNOWN, unknown.as_json()
            return False
        except InProgress:
            raise
        except LiangdingError as failed:
            self._stop(record, current, failed)
            return False
        except Exception as unexpected:
            log.exception("flow %s broke off at %s", record.id, current.name)
            self._stop(record, current, BrokeOff(f"步骤“{current.title}”出错：{type(unexpected).__name__}"))
            return False
        record.error = None
        return True

    def _stop(self, record: Record, current: Step, failed: LiangdingError) -> None:
        moved = failed.code in PASSING and current.charges and self._moved(record)
        record.status, record.error = Status.UNKNOWN if moved else Status.STOPPED, failed.as_json()

    def _moved(self, record: Record) -> bool:
        """Whether the step where a flow stands has moved money already, or may have: then nobody may read from its
        stopping that nothing happened."""
        calls = (c for c in self.runtime.journal.of_flow(record.id) if c.changes and not c.state.repeatable)
        return any(_step_of(call.key or "", record.id) == record.step for call in calls)

    def _touched(self, record: Record) -> bool:
        """Whether this flow has changed something on the platform, or may have."""
        return any(call.changes and not call.state.repeatable for call in self.runtime.journal.of_flow(record.id))

    # -- after a crash ---------------------------------------------------------------------------------------------

    def recover(self) -> int:
        """Take up what was left half-way: flows whose process died, flows whose unknown outcome is known by now, and
        flows that a passing failure stopped after money had moved. How many were moved.

        Where money has moved the flow goes on by itself, each call with the key that it had: nothing is done twice.
        Where it has not, the flow stops and waits for its caller, who may resume or abandon it.
        """
        found = self.runtime.journal.flows.left(self.runtime.deployment.name, self.runtime.clock.epoch())
        return sum(map(self._taken_up, found))

    def _taken_up(self, left: Left) -> bool:
        try:
            return self._take_up(left)
        except LiangdingError as failed:
            log.warning("flow %s cannot be taken up: %s", left.id, failed.code)
            return False

    def _take_up(self, left: Left) -> bool:
        if left.status == Status.RUNNING and not self._is_left(left.id, left.owner):
            return False
        settled = self.runtime.journal.flow_is_settled(left.id)
        if left.status == Status.UNKNOWN and not settled:
            return False
        record = self._load(left.id)
        if record.status != left.status:
            return False
        if not settled and record.status is Status.RUNNING:
            return self._leave(record, Status.UNKNOWN, OutcomeUnknown("办理中进程中断，正在查明"))
        if record.status is not Status.STOPPED and not self._charged(record):
            return self._leave(record, Status.STOPPED, Interrupted("办理中断，还没有收费"))
        record.status, record.error = Status.RUNNING, None
        self._run(record)
        return True

    def _leave(self, record: Record, status: Status, why: LiangdingError) -> bool:
        with _working_on(record.id):
            record.status, record.error = status, why.as_json()
            self._keep(record)
        return True

    def _left(self, record: Record) -> bool:
        """Whether nobody works on a running flow any more."""
        return self._is_left(record.id, record.owner)

    def _is_left(self, flow_id: str, owner: str) -> bool:
        if owner == self.runtime.journal.owner:
            return flow_id not in _at_work
        return self.runtime.journal.is_gone(owner)

    def _resume_at(self, record: Record) -> float | None:
        """When a flow that stopped is tried again: where money has moved and what stopped it may pass, for a while."""
        passing = record.error is not None and record.error["code"] in PASSING
        if record.status is not Status.STOPPED or not passing or not self._charged(record):
            return None
        soon = self.runtime.clock.epoch() + RETRY_SECONDS
        return soon if soon < record.created_at + RETRY_HOURS * 3600 else None

    def _charged(self, record: Record) -> bool:
        """Whether money has moved in this flow."""
        charging = {s.name for s in self.steps(record.flow) if s.charges}
        accepted = (c for c in self.runtime.journal.of_flow(record.id) if c.state is State.ACCEPTED and c.key)
        return any(_step_of(call.key or "", record.id) in charging for call in accepted)

    # -- storing ---------------------------------------------------------------------------------------------------

    def _load(self, flow_id: str) -> Record:
        row = self.runtime.journal.flows.get(flow_id)
        if row is None:
            raise NoSuchFlow(f"没有业务 {flow_id}")
        flow = self.flow(row["flow"])
        body = decode(row.pop("state"))
        given = {a.name: row[a.name] for a in attrs.fields(Record) if a.init and a.name in row}
        given |= {
            "status": Status(row["status"]),
            "state": restore(body["state"], flow.state),
            "answers": body["answers"],
            "question": restore(body["question"], Question) if body["question"] else None,
            "error": body["error"],
            "advice": body["advice"],
            "kept": body.get("kept", {}),
            "operator": body["operator"],
        }
        return Record(**given)

    def _keep(self, record: Record, *, new: bool = False) -> bool:
        body = {
            "state": stored(record.state), "answers": record.answers, "operator": record.operator,
            "question": stored(record.question) if record.question else None, "error": record.error,
            "advice": record.advice, "kept": record.kept,
        }  # fmt: skip
        row = {
            "id": record.id, "flow": record.flow, "deployment": record.deployment, "institution": record.institution,
            "key": record.key, "content": record.content, "status": record.status.value, "step": record.step,
            "version": record.version + 1, "created_at": record.created_at, "updated_at": self.runtime.clock.epoch(),
            "owner": record.owner, "resume_at": self._resume_at(record), "state": encode(body),
        }  # fmt: skip
        kept = self.runtime.journal.flows.keep(row, expected_version=None if new else record.version)
        if kept:
            record.version += 1
        elif not new:
            raise FlowBusy("这笔业务正由另一处办理")
        return kept

    def _view(self, record: Record) -> View:
        flow = self.flow(record.flow)
        titles = {s.name: s.title for s in self.steps(record.flow)}
        return View(
            id=record.id, flow=record.flow, title=flow.title, status=record.status, step=record.step,
            step_title=titles.get(record.step, "完成"), question=record.question, error=record.error,
            advice=tuple(record.advice), result=flow.result(record.state),
        )  # fmt: skip
