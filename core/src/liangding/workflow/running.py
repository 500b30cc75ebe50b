"""Letting a flow go on, step by step: the state is stored after each."""

from __future__ import annotations

from collections.abc import Callable

from ..contract.steps import Step
from ..errors import InProgress, LiangdingError, OutcomeUnknown
from ..journal.store import JournalUnavailable
from ..privacy import logger
from ..runtime import Runtime
from .at_work import working_on
from .records import Record, Records
from .rows import Row
from .standing import DONE, PASSING, BrokeOff, FlowStopped, Status
from .tracks import Tracks
from .work import OtherFlows, Paused, Work

log = logger("flows")


class Runner:
    """Lets flows of one deployment go on. ``row`` is a flow's row of steps by its name."""

    def __init__(
        self, runtime: Runtime, flows: OtherFlows, row: Callable[[str], Row], records: Records, tracks: Tracks
    ) -> None:
        self._runtime = runtime
        self._flows = flows
        self._row = row
        self._records = records
        self._tracks = tracks

    def run(self, record: Record) -> None:
        """Take the flow, so that nobody else does or gives it up meanwhile, and let it go on. FlowBusy where somebody
        works on it; a plugin that holds it up is nobody."""
        with working_on(record.id, self._runtime.take_from_plugins):
            record.owner = self._runtime.journal.owner
            self._records.keep(record)
            self.go_on(record)

    def go_on(self, record: Record) -> None:
        """Let a flow that is taken go on until it asks, stops or ends."""
        steps = self._row(record.flow).steps
        position = self._position(record)
        while position < len(steps):
            current = steps[position]
            record.step = current.name
            if not (current.skip and current.skip(record.state)) and not self._do(current, record):
                self._keep_progress(record)
                return
            position += 1
            record.step = steps[position].name if position < len(steps) else DONE
            record.status = Status.RUNNING if position < len(steps) else Status.DONE
            self._keep_progress(record)

    def _position(self, record: Record) -> int:
        """Where in its row a flow stands. FlowStopped where the step is one of a plugin that is not enabled now."""
        names = self._row(record.flow).names()
        if record.step not in names and record.step != DONE:
            text = f"流程 {record.flow} 停在步骤 {record.step}，这个部署现在没有这一步"
            raise FlowStopped(text, remedy="启用加了这一步的插件，再继续")
        return names.get(record.step, len(names))

    def _keep_progress(self, record: Record) -> None:
        """Store a step's result. Where that fails after something was sent, nobody may think that nothing happened."""
        try:
            self._records.keep(record)
        except JournalUnavailable as failed:
            if record.sent:
                raise OutcomeUnknown(f"已向平台办理，但没能记下这笔业务的进度：{failed.message}") from None
            raise

    def _do(self, current: Step, record: Record) -> bool:
        """Run one step; False where the flow has to stop there."""
        try:
            current.run(Work(self._runtime, self._flows, record, self._row(record.flow)))
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
        moved = failed.code in PASSING and current.charges and self._tracks.moved(record)
        record.status, record.error = Status.UNKNOWN if moved else Status.STOPPED, failed.as_json()
