"""A flow as it is stored in the journal: its row, and what is sealed in it.

What is sealed carries the number of its format. Format 1, which names none, is that of the first version; format 2 says
which steps a flow has passed and what it owes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import attrs

from ..calls.keying import number_of
from ..contract.questions import Question
from ..contract.steps import Flow
from ..journal.asking import asking
from ..runtime import Runtime
from ..wire.json import decode, encode
from .standing import Debt, FlowBusy, NoSuchFlow, Status
from .storing import beyond, recalled, stored

FORMAT = 2


@attrs.define(kw_only=True)
class Record:
    """A flow as it is stored. ``passed`` are the steps that it has done or left out, None where its format does not
    say; ``plugin`` the one that brought the step at which it stands."""

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
    kept: dict[str, Any] = attrs.field(factory=dict)
    passed: list[str] | None = attrs.field(factory=list)
    plugin: str = ""
    freed_key: str = ""
    """The key that it had before it was given up."""
    debts: list[Debt] = attrs.field(factory=list)
    later: dict[str, Any] = attrs.field(factory=dict)
    """What a later version keeps in it, and in its state: it stays there."""
    later_state: dict[str, Any] = attrs.field(factory=dict)
    sent: bool = attrs.field(default=False, init=False)
    """Whether a call was made since the flow was last loaded; not stored."""

    def pass_by(self, step: str) -> None:
        """The step is done, or left out."""
        if self.passed is not None and step not in self.passed:
            self.passed.append(step)


SEALED = ("answers", "operator", "error", "advice", "kept", "passed", "plugin", "freed_key")
"""What is sealed of a record as it is."""


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
        """The flow of that number. NoSuchFlow where there is none, NotRecalled where its state cannot be read."""
        row = self._runtime.journal.flows.get(flow_id)
        if row is None:
            raise NoSuchFlow(f"没有业务 {flow_id}")
        return _opened(row, self._flow(row["flow"]))

    def keep(self, record: Record, *, new: bool = False) -> bool:
        """Store a flow as it is now; False where another one of the same key is there already. FlowBusy where somebody
        moved it since it was loaded."""
        now = self._runtime.clock.epoch()
        row = {
            "id": record.id, "flow": record.flow, "deployment": record.deployment, "institution": record.institution,
            "key": record.key, "content": record.content, "status": record.status.value, "step": record.step,
            "version": record.version + 1, "created_at": record.created_at, "updated_at": now, "owner": record.owner,
            "resume_at": self._resume_at(record, now), "state": encode(_body(record)), "debts": len(record.debts),
            **self._bill(record), **({"principal": asking()} if new else {}),
        }  # fmt: skip
        kept = self._runtime.journal.flows.keep(row, expected_version=None if new else record.version)
        if kept:
            record.version += 1
        elif not new:
            raise FlowBusy("这笔业务正由另一处办理")
        return kept

    def _bill(self, record: Record) -> dict[str, Any]:
        number = number_of(self._runtime.deployment.keys, record.key or record.freed_key)
        day = day_of(record.state.given)
        return {"bill_no": number and number[:100], "bill_date": day and day.isoformat()}


def day_of(given: Any) -> date | None:
    """The bill's own day, as its caller gave it; None where it gave none."""
    day: date | None = getattr(given, "bill_date", None)
    begun: datetime | None = getattr(given, "begun_at", None)
    return day or (begun.date() if begun else None)


def _body(record: Record) -> dict[str, Any]:
    """What is sealed of a record."""
    return record.later | {
        "format": FORMAT, "state": record.later_state | stored(record.state), "debts": stored(record.debts),
        "question": stored(record.question) if record.question else None,
        **{name: getattr(record, name) for name in SEALED},
    }  # fmt: skip


def _opened(row: Mapping[str, Any], flow: type[Flow[Any]]) -> Record:
    """The record of a row, of whatever format."""
    body: dict[str, Any] = decode(row["state"])
    columns = {a.name: row[a.name] for a in attrs.fields(Record) if a.init and a.name in row}
    sealed = {name: body[name] for name in SEALED if name in body}
    if "format" not in body:
        sealed["passed"] = None
    known = {"format", "state", "debts", "question", *SEALED}
    return Record(
        **columns | sealed | {
            "status": Status(row["status"]), "state": recalled(body["state"], flow.state),
            "question": recalled(body["question"], Question) if body["question"] else None,
            "debts": [recalled(each, Debt) for each in body.get("debts", ())],
            "later": {name: held for name, held in body.items() if name not in known},
            "later_state": beyond(body["state"], flow.state),
        }
    )  # fmt: skip
