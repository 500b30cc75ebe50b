"""After a crash: taking up what was left half-way."""

from __future__ import annotations

from ..errors import LiangdingError, OutcomeUnknown
from ..journal.flows import Left
from ..privacy import logger
from ..runtime import Runtime
from .at_work import working_on
from .records import Record, Records
from .running import Runner
from .standing import Interrupted, Status
from .tracks import Tracks

log = logger("flows")


class Recovery:
    """Takes up flows of one deployment that nobody works on any more."""

    def __init__(self, runtime: Runtime, records: Records, tracks: Tracks, runner: Runner) -> None:
        self._runtime = runtime
        self._records = records
        self._tracks = tracks
        self._runner = runner

    def recover(self) -> int:
        """Take up what was left half-way: flows whose process died, flows whose unknown outcome is known by now, and
        flows that a passing failure stopped after money had moved. How many were moved.

        Where money has moved the flow goes on by itself, each call with the key that it had: nothing is done twice.
        Where it has not, the flow stops and waits for its caller, who may resume or abandon it.
        """
        found = self._runtime.journal.flows.left(self._runtime.deployment.name, self._runtime.clock.epoch())
        return sum(map(self._taken_up, found))

    def _taken_up(self, left: Left) -> bool:
        try:
            return self._take_up(left)
        except LiangdingError as failed:
            log.warning("flow %s cannot be taken up: %s", left.id, failed.code)
            return False

    def _take_up(self, left: Left) -> bool:
        if left.status == Status.RUNNING and not self._tracks.left(left.id, left.owner):
            return False
        concluded = self._runtime.journal.flow_is_concluded(left.id)
        if left.status == Status.UNKNOWN and not concluded:
            return False
        record = self._records.load(left.id)
        if record.status != left.status:
            return False
        if record.status is Status.DONE:
            self._runner.repay(record)
            return True
        if not concluded and record.status is Status.RUNNING:
            return self._leave(record, Status.UNKNOWN, OutcomeUnknown("办理中进程中断，正在查明"))
        if record.status is not Status.STOPPED and not self._tracks.charged(record):
            return self._leave(record, Status.STOPPED, Interrupted("办理中断，还没有收费"))
        record.status, record.error = Status.RUNNING, None
        self._runner.run(record)
        return True

    def _leave(self, record: Record, status: Status, why: LiangdingError) -> bool:
        with working_on(record.id, self._runtime.take_from_plugins):
            record.status, record.error = status, why.as_json()
            self._records.keep(record)
        return True
