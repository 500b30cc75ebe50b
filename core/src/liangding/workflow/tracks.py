"""What a flow has done so far, by what the journal holds of its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..contract.steps import Step
from ..journal import CallRecord, Journal, State
from .at_work import is_worked_on
from .records import Record
from .standing import PASSING, Status
from .work import step_of

RETRY_SECONDS, RETRY_HOURS = 60, 24
"""How long a flow rests before it is tried again, and how long after its start it is tried by itself."""


LONGEST_SECONDS = 3600
"""How long a debt rests at most before it is tried again."""


class Tracks:
    """What flows have done. ``steps`` are a flow's steps by its name."""

    def __init__(self, journal: Journal, steps: Callable[[str], tuple[Step, ...]]) -> None:
        self._journal = journal
        self._steps = steps

    def moved(self, record: Record) -> bool:
        """Whether the step where a flow stands has moved money already, or may have: then nobody may read from its
        stopping that nothing happened."""
        names = self._names(record, lambda each: each.name == record.step) or {record.step}
        calls = (c for c in self._journal.of_flow(record.id) if c.changes and not c.state.repeatable)
        return any(step_of(call.key or "", record.id) in names for call in calls)

    def touched(self, record: Record) -> bool:
        """Whether this flow has changed something on the platform, or may have."""
        return any(call.changes and not call.state.repeatable for call in self._journal.of_flow(record.id))

    def has_only_asked(self, record: Record) -> bool:
        """Whether this flow has sent nothing that changes anything, not even what was refused."""
        return not any(call.changes for call in self._journal.of_flow(record.id))

    def charged(self, record: Record) -> bool:
        """Whether money has moved in this flow."""
        return any(call.state is State.ACCEPTED for call in self._charges(record))

    def may_have_charged(self, record: Record) -> bool:
        """Whether money has moved in this flow, or nobody knows whether it has."""
        return any(not call.state.repeatable for call in self._charges(record))

    def _charges(self, record: Record) -> Iterator[CallRecord]:
        """The calls of a flow's steps that move money."""
        charging = self._names(record, lambda each: each.charges)
        calls = self._journal.of_flow(record.id)
        return (call for call in calls if call.changes and step_of(call.key or "", record.id) in charging)

    def _names(self, record: Record, which: Callable[[Step], bool]) -> set[str]:
        """The names of a flow's steps, those of earlier versions among them."""
        return {name for each in self._steps(record.flow) if which(each) for name in (each.name, *each.formerly)}

    def left(self, flow_id: str, owner: str) -> bool:
        """Whether nobody works on a running flow any more, which ``owner`` had; a plugin that was told of what the
        platform did, and does not come back, is nobody."""
        mine = owner == self._journal.owner
        gone = not is_worked_on(flow_id) if mine else self._journal.is_gone(owner)
        return gone or self._journal.is_held_up(flow_id)

    def calls(self, flow_id: str) -> dict[str, State]:
        """What became of each changing call of a flow, by step and part."""
        made = (call for call in self._journal.of_flow(flow_id) if call.changes and call.key)
        return {(call.key or "").partition(":")[2]: call.state for call in made}

    def resume_at(self, record: Record, now: float) -> float | None:
        """When a flow is tried again: one that stopped where money has moved and what stopped it may pass, for a
        while; one that is done and owes something, until it is paid."""
        if record.status is Status.DONE and record.debts:
            tries: int = min(each.tries for each in record.debts)
            return now + min(RETRY_SECONDS << min(tries - 1, 6), LONGEST_SECONDS)
        passing = record.error is not None and record.error["code"] in PASSING
        if record.status is not Status.STOPPED or not passing or not self.charged(record):
            return None
        soon = now + RETRY_SECONDS
        return soon if soon < record.created_at + RETRY_HOURS * 3600 else None
