"""A flow as it is stored in the journal: its row, and what is sealed in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ..contract.questions import Question
from ..contract.steps import Flow
from ..runtime import Runtime
from ..wire.json import decode, encode
from .standing import FlowBusy, NoSuchFlow, Status
from .storing import restore, stored


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


class Records:
    """The flows of one deployment in its journal. ``flow`` finds a flow's class by its name, ``resume_at`` says of a
    flow and the time it is when it is tried again, if it stopped."""

    def __init__(
        self,
        runtime: Runtime,
        flow: Callable[[str], type[Flow[Any]]],
        resume_at: Callable[[Record, float], float | None],
    ) -> None:
        self._runtime = runtime
        self._flow = flow
        self._resume_at = resume_at

    def load(self, flow_id: str) -> Record:
        """The flow of that number. NoSuchFlow where there is none."""
        row = self._runtime.journal.flows.get(flow_id)
        if row is None:
            raise NoSuchFlow(f"没有业务 {flow_id}")
        flow = self._flow(row["flow"])
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

    def keep(self, record: Record, *, new: bool = False) -> bool:
        """Store a flow as it is now; False where another one of the same key is there already. FlowBusy where somebody
        moved it since it was loaded."""
        body = {
            "state": stored(record.state), "answers": record.answers, "operator": record.operator,
            "question": stored(record.question) if record.question else None, "error": record.error,
            "advice": record.advice, "kept": record.kept,
        }  # fmt: skip
        now = self._runtime.clock.epoch()
        row = {
            "id": record.id, "flow": record.flow, "deployment": record.deployment, "institution": record.institution,
            "key": record.key, "content": record.content, "status": record.status.value, "step": record.step,
            "version": record.version + 1, "created_at": record.created_at, "updated_at": now, "owner": record.owner,
            "resume_at": self._resume_at(record, now), "state": encode(body),
        }  # fmt: skip
        kept = self._runtime.journal.flows.keep(row, expected_version=None if new else record.version)
        if kept:
            record.version += 1
        elif not new:
            raise FlowBusy("这笔业务正由另一处办理")
        return kept
