"""Where a flow stands, how its caller sees it, and what can stop it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from ..contract.questions import Question
from ..errors import CallNotSent, HeldBack, InProgress, LiangdingError, NoAnswer, OutcomeUnknown
from ..journal.store import JournalUnavailable
from .storing import stored


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


STATUS_NAMES = {
    Status.RUNNING: "办理中", Status.QUESTION: "等待回答", Status.STOPPED: "已停下", Status.UNKNOWN: "结果不明",
    Status.DONE: "已办成", Status.ABANDONED: "已放弃", Status.UNDONE: "已撤销",
}  # fmt: skip

ENDED = (Status.DONE, Status.ABANDONED, Status.UNDONE)
"""Where nothing of a flow goes on."""

DONE = "done"
"""The step of a flow that has none left."""


@attrs.define(kw_only=True)
class Debt:
    """What a step owes after money had moved: the flow went on without it, and it is tried again. ``plugin`` is the one
    that brought the step; empty for one of the flow's own, of which something was refused."""

    step: str
    title: str
    plugin: str
    error: dict[str, Any]
    tries: int = 1

    @property
    def sentence(self) -> str:
        """What the person at the till reads of it, and the slip says: the platform's words, which may name a person,
        stay in ``error``."""
        if not self.plugin:
            return f"“{self.title}”没有办全，不影响结算，会自动再办"
        return f"“{self.title}”没有办成，不影响结算，会自动再办（插件 {self.plugin}）"


@attrs.frozen(kw_only=True)
class View:
    """A flow as its caller sees it.

    ``question`` is set where it waits for an answer, ``error`` where a step did not end well, ``result`` holds what
    has been reached so far, ``advice`` what the person at the till has to read, ``debts`` what steps owe.
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
    debts: tuple[Debt, ...] = ()
    new: bool = False
    """Whether it was begun just now, and not asked for again."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "flow": self.flow, "title": self.title, "status": self.status.value, "step": self.step,
            "step_title": self.step_title, "question": self.question and self.question.as_json(), "error": self.error,
            "advice": list(self.advice), "result": stored(self.result), "debts": stored(self.debts),
        }  # fmt: skip


class Paused(Exception):
    """A step asks; the flow waits."""

    def __init__(self, question: Question) -> None:
        self.question = question


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


class PartlyTaken(FlowStopped):
    """Of several rows that were sent in one call some were taken, and others not."""

    code = "partly_taken"
    remedy = "按平台说的原因核对这几行；继续（resume）会把没有传上的再传一次"


class NoSuchFlow(LiangdingError):
    """There is no flow of that name, or of that number."""

    code = "no_such_flow"
    http_status = 404


class StillRunning(FlowStopped):
    """Something on the other side is still on its way: it is asked for again by itself."""

    code = "still_running"
    remedy = "有了结果自动继续；也可稍后继续（resume）这笔业务"


PASSING = frozenset(
    kind.code
    for kind in (
        CallNotSent, NoAnswer, HeldBack, InProgress, OutcomeUnknown, JournalUnavailable, BrokeOff, StillRunning,
    )
)  # fmt: skip
"""What stops a flow for the moment only: where money has moved already it is tried again."""
