"""Letting a flow go on, step by step: the state is stored after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..contract.steps import Step
from ..errors import CallRefused, InProgress, InvalidMessage, LiangdingError, OutcomeUnknown
from ..journal import KeyConflict
from ..journal.store import JournalUnavailable
from ..privacy import logger
from ..runtime import Runtime
from .at_work import working_on
from .records import Record, Records
from .rows import FlowPlan, RoundFailed
from .showing import run_showing
from .standing import DONE, PASSING, BrokeOff, Debt, FlowStopped, PartlyTaken, Paused, Status
from .storing import NotRecalled, recalled, stored
from .tracks import Tracks
from .work import OtherFlows, Work

log = logger("flows")

REFUSALS = (CallRefused, InvalidMessage, PartlyTaken)
"""What is owed of a step that comes after the money: the platform does not take it as it is."""


class Runner:
    """Lets flows of one deployment go on. ``row`` is a flow's row of steps by its name."""

    def __init__(
        self, runtime: Runtime, flows: OtherFlows, row: Callable[[str], FlowPlan], records: Records, tracks: Tracks
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
            self._position(record)  # who cannot go on with it leaves it as it is
            record.owner = self._runtime.journal.owner
            self._records.keep(record)
            self.go_on(record)

    def go_on(self, record: Record) -> None:
        """Let a flow that is taken go on until it asks, stops or ends."""
        steps = self._row(record.flow).steps
        position = self._position(record)
        while position < len(steps):
            current = steps[position]
            if not _passed(current, record):
                record.step, record.plugin = current.name, current.brought_by
                if not (current.skip and current.skip(record.state)) and not self._do(current, record):
                    self._keep_progress(record)
                    return
                record.pass_by(current.name)
            position += 1
            record.step = steps[position].name if position < len(steps) else DONE
            record.status = Status.RUNNING if position < len(steps) else Status.DONE
            self._keep_progress(record)

    def _position(self, record: Record) -> int:
        """Where in its row a flow goes on: where it stands, or, before money may have moved, at a step before that
        which an upgrade put in. FlowStopped where the step is one of a plugin that is not enabled now."""
        steps, names = self._row(record.flow).steps, self._row(record.flow).names()
        charged = self._tracks.may_have_charged(record)
        at = len(steps) if record.step == DONE else names.get(record.step)
        if at is None:
            at = self._after_what_is_gone(record, names, charged=charged)
        if record.passed is None:
            record.passed = [each.name for each in steps[:at]]
        put_in = (i for i, each in enumerate(steps[:at]) if not _passed(each, record))
        return at if charged else next(put_in, at)

    def _after_what_is_gone(self, record: Record, names: dict[str, int], *, charged: bool) -> int:
        """Where a flow goes on whose step there is no more: after the last one that it has passed."""
        if record.passed is None or (record.plugin and not charged):
            text = f"流程 {record.flow} 停在步骤 {record.step}，这个部署现在没有这一步"
            raise FlowStopped(text, remedy="启用加了这一步的插件，再继续")
        return max((names[name] + 1 for name in record.passed if name in names), default=0)

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
            self._run_step(current, record)
        except Paused as paused:
            record.status, record.question = Status.QUESTION, paused.question
            return False
        except InProgress as busy:
            if self._owes(record, current, current.brought_by, busy):
                return True
            raise
        except RoundFailed as round_it:
            owed = [self._owes(record, current, plugin, failed) for plugin, failed in round_it.failures]
            return all(owed) or self._stop(record, current, round_it.failures[0][1])
        except Exception as failed:
            return self._owes(record, current, current.brought_by, failed) or self._stop(record, current, failed)
        record.error = None
        return True

    def _run_step(self, current: Step, record: Record) -> None:
        """Run one step. BrokeOff where it leaves something that could not be read again, which would strand the flow
        for ever: then the flow's state is as it was before."""
        before = stored(record.state)
        try:
            run_showing(lambda: self._work(record, current), current, lambda: not self._went_on(record))
        except Exception:
            _unread(record, before)
            raise
        if places := _unread(record, before):
            raise BrokeOff(f"步骤“{current.title}”得到的内容不是应有的样子：{places}")

    def _work(self, record: Record, current: Step) -> Work[Any]:
        return Work(self._runtime, self._flows, record, self._row(record.flow), current.name)

    def _went_on(self, record: Record) -> bool:
        """Whether something has moved already that what was shown stands for."""
        return self._tracks.moved(record) or self._tracks.charged(record)

    def _stop(self, record: Record, current: Step, failed: Exception) -> bool:
        """Stop at a step that failed; never goes on."""
        error = _told(failed, current, record)
        in_doubt = error.code in PASSING or isinstance(error, KeyConflict)
        moved = in_doubt and current.charges and self._tracks.moved(record)
        unknown = isinstance(error, OutcomeUnknown) or moved
        record.status, record.error = Status.UNKNOWN if unknown else Status.STOPPED, error.as_json()
        if not (unknown or in_doubt) and (left := self._left_behind(record)):
            record.error["remedy"] = "；".join(filter(None, (str(record.error["remedy"]), left)))
        return False

    def _left_behind(self, record: Record) -> str:
        """What a flow leaves on the platform that stops for good, and both ways on, in words."""
        try:
            return self._flows.flow(record.flow).left_behind(record.state, touched=self._tracks.touched(record))
        except Exception:
            log.exception("flow %s does not say what it leaves behind", record.id)
            return ""

    # -- what is owed ------------------------------------------------------------------------------------------------

    def _owes(self, record: Record, current: Step, plugin: str, failed: Exception) -> bool:
        """Whether what failed is a plugin's alone, after money has moved, or was refused in a step that may be owed:
        then it is kept as a debt, and the flow goes on to its end."""
        refused = current.owed and not plugin and isinstance(failed, REFUSALS)
        if not refused and not (plugin and self._tracks.charged(record)):
            return False
        error = _told(failed, current, record).as_json()
        debt = Debt(step=current.name, title=current.title, plugin=plugin, error=error)
        record.debts.append(debt)
        if debt.sentence not in record.advice:
            record.advice.append(debt.sentence)
        log.error("flow %s: %s owes %s: %s", record.id, plugin or "the flow", current.name, error["code"])
        record.error = None
        return True

    def repay(self, record: Record) -> None:
        """Try again what a flow that is done owes. FlowBusy where somebody works on it."""
        with working_on(record.id):
            record.owner = self._runtime.journal.owner
            self._records.keep(record)
            for debt in tuple(record.debts):
                self._try_again(record, debt)
            self._keep_progress(record)

    def _try_again(self, record: Record, debt: Debt) -> None:
        current = self._row(record.flow).step(debt.step)
        around = dict(current.around) if current else {}
        try:
            if current is not None and current.brought_by == debt.plugin:
                current.run(self._work(record, current))
            elif current is not None and debt.plugin in around:
                around[debt.plugin](self._work(record, current), lambda: None)
            else:
                raise FlowStopped("插件没有启用，没法再办", remedy="启用插件")
        except Exception as failed:
            debt.error = _told(failed, current, record).as_json()
            debt.tries += 1
            return
        record.debts.remove(debt)
        if debt.sentence in record.advice:
            record.advice.remove(debt.sentence)


def _unread(record: Record, before: dict[str, Any]) -> str:
    """Where the state, which was ``before``, holds what could not be read again; it is as before then. Empty where all
    of it can."""
    kind = type(record.state)
    changed = {name: value for name, value in stored(record.state).items() if before.get(name) != value}
    try:
        recalled(changed, kind)
    except NotRecalled as unread:
        record.state = recalled(before, kind)
        return unread.places
    return ""


def _passed(step: Step, record: Record) -> bool:
    """Whether a flow has passed the step, by this name or a former one."""
    return any(name in (record.passed or ()) for name in (step.name, *step.formerly))


def _told(failed: Exception, current: Step | None, record: Record) -> LiangdingError:
    """What is told of a failure: what it says itself, where it is one of ours."""
    if isinstance(failed, LiangdingError):
        return failed
    if isinstance(failed, Paused):
        return FlowStopped(f"要有人回答：{failed.question.text}")
    title = current.title if current else ""
    log.error("flow %s broke off at %s", record.id, title, exc_info=failed)
    return BrokeOff(f"步骤“{title}”出错：{type(failed).__name__}")
