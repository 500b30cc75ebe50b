"""The resolver: takes each unknown call, asks, reverses, waits, and hands over; survives a crash at any point.

Every step is in the journal before the next one. A call is taken by moving its attempt count, so that two processes
never work on one case at the same time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs

from ..calls.settled import Settled
from ..contract.calls import READ_ATTEMPTS
from ..contract.cases import CannotAsk, Case, Finding, Resolution, Seen
from ..errors import CallFailed, CallNotSent, CallRefused, LiangdingError
from ..journal import STATE_NAMES, CallRecord, JournalUnavailable, NoSuchCall, Outcome, State
from ..journal.states import LATE, REVERSING
from ..knowledge.blaming import blame
from ..national.meaning import IDENTIFIERS, is_reversed_already, knows_no_message
from ..privacy import logger
from ..wire.json import encode
from .asking import Asking
from .cases import OpenCase, opposites
from .second_look import SecondLook
from .undoing import undoing
from .ways import WAYS, way_of

log = logger("resolution")

REVERSAL = "2601"

FIRST_SECONDS, LONGEST_SECONDS = 2.0, 300.0
"""Between two looks at a case: doubled each time, up to the longest."""

WATCH_SECONDS = (60.0, 300.0, 1800.0, 7200.0)
"""When a call that was not there is looked at again; the last one repeats."""

ASK_AGAIN = 3
"""After so many looks that did not tell, a call is reversed where that is allowed."""


class NotReversible(LiangdingError):
    """A reversal that must not be sent: what it names stands by the platform's own word, or is the resolver's."""

    code = "not_reversible"
    http_status = 409
    remedy = "已受理的用各自的撤销交易（2103、2208、2305）退；结果不明的由系统查明，见 liangding journal list"


class Resolver:
    """The resolver of one deployment."""

    def __init__(self, asking: Asking, was_made_anew: Callable[[CallRecord], bool] = lambda _: False) -> None:
        self.asking = asking
        self.settled = Settled(asking.known)
        self._settings = asking.deployment.resolution
        self.second_look = SecondLook(
            asking=asking, look=self.look, can_ask=self.can_ask, accept=self._accept, attempt=self.attempt,
            was_made_anew=was_made_anew,
        )  # fmt: skip

    @property
    def second_person(self) -> bool:
        """Whether what a person decides of money takes a second one."""
        return self._settings.second_person

    # -- when ------------------------------------------------------------------------------------------------------

    def recover(self) -> int:
        """Calls that a process left open when it died have an unknown outcome: say so. How many there were."""
        found = self.asking.journal.orphans(self.asking.deployment.name)
        for call in found:
            self.give_up_waiting(call)
        for call in self.asking.journal.open_for(self._settings.grace_minutes * 60):
            self._note(call, "escalated", {"attempts": 0}, escalated_at=self._now())
            log.warning("%s %s is open for long, whoever works on it, and waits for a person", call.infno, call.msgid)
        return len(found)

    def give_up_waiting(self, call: CallRecord) -> None:
        """An open call whose process is gone is unknown from now on."""
        now = self._now()
        state = State.UNKNOWN if call.changes else State.FAILED
        outcome = Outcome(state=state, at=now, failure="process_died", message="办理中进程中断")
        due: dict[str, Any] = {"due_at": now} if call.changes else {}
        self.asking.journal.conclude(call.id, outcome, "orphaned", only_from=State.OPEN, **due)

    def sweep(self, *, limit: int = 100) -> int:
        """Look at every case whose time has come; how many there were."""
        due = self.asking.journal.due(self.asking.deployment.name, limit=limit)
        for call in due:
            self.attempt(call.id)
        return len(due)

    def attempt(self, call_id: int) -> CallRecord:
        """Work on one case now, unless somebody else does; the call as it then stands."""
        journal = self.asking.journal
        call = journal.call(call_id)
        if call.state is State.OPEN and journal.is_left(call):
            self.give_up_waiting(call)
            call = journal.call(call_id)
        if not call.changes or not (call.state is State.UNKNOWN or call.watch_until is not None):
            return call
        if call.resolution == REVERSING and not journal.is_due(call):
            return call
        if not self._take(call):
            return journal.call(call_id)
        call = attrs.evolve(call, attempts=call.attempts + 1)
        try:
            if call.state is not State.UNKNOWN:
                self._watch(call)
            elif call.resolution == LATE:
                self._take_back(call)
            else:
                self._resolve(call)
        except CannotAsk as silent:
            self._note(call, "asked", {"seen": Seen.UNCLEAR.value, "note": silent.message})
        except JournalUnavailable:
            raise
        except Exception as failed:
            log.exception("%s %s: resolving broke off", call.infno, call.msgid)
            self._note(call, "broke_off", {"note": type(failed).__name__})
        self._escalate(journal.call(call_id))
        return journal.call(call_id)

    def refuse_reversal(self, msgid: str, infno: str) -> None:
        """NotReversible where a caller's own 2601 must not go out: only what is unknown is reversed, only where 2601
        may cancel it, and what this journal holds as unknown is reversed by the resolver itself."""
        if not self._may_be_reversed(infno):
            raise NotReversible(f"2601 在本地不能冲正 {infno}", path="input.data.oinfno")
        try:
            held = self.asking.journal.by_msgid(msgid)
        except NoSuchCall:
            return
        if not held.state.final:
            held = self.attempt(held.id)
        if not held.state.repeatable:
            text = f"{msgid} {STATE_NAMES[held.state]}，不能冲正"
            raise NotReversible(text, path="input.data.omsgid")

    def look_again(self, call: CallRecord) -> CallRecord:
        """Before the key of a call that was not there, or was refused, is used once more: is it there by now? Then it
        stands."""
        if self.second_look.is_due(call):
            self.second_look.before_it_is_made_again(call)
        elif call.state is State.ABSENT and call.watch_until is not None:
            try:
                finding = self.look(call)
            except CannotAsk:
                return call
            if finding.seen is Seen.THERE:
                self.second_look.appeared(call, finding)
        return self.asking.journal.call(call.id)

    def _take(self, call: CallRecord) -> bool:
        return self.asking.journal.schedule(call.id, attempts=call.attempts, due_at=self._next(call))

    def _next(self, call: CallRecord) -> float:
        """When a case that is looked at now is looked at again."""
        if call.state is not State.UNKNOWN:
            return self._now() + WATCH_SECONDS[min(call.attempts, len(WATCH_SECONDS) - 1)]
        return self._now() + min(FIRST_SECONDS * 2.0 ** min(call.attempts, 20), LONGEST_SECONDS)

    # -- an unknown outcome ------------------------------------------------------------------------------------------

    def _resolve(self, call: CallRecord) -> None:
        begun = self.asking.now()
        finding = self.look(call)
        going = call.resolution == REVERSING  # by a 2601 of which nobody knows, and that may come late, too
        if finding.seen is Seen.THERE and (going or self.second_look.was_made_anew(call)):
            due = {"due_at": self._next(call), "resolution": LATE}
            if self.asking.journal.schedule(call.id, attempts=call.attempts, **due):
                self._take_back(self.asking.journal.call(call.id))
        elif finding.seen is Seen.THERE:
            self._accept(call, finding, "resolved", only_from=State.UNKNOWN, taken=call.attempts)
        elif finding.seen is Seen.NOT_THERE:
            if not self.second_look.as_settled_by_another(call, finding):
                self._not_there(call, finding, begun)
        elif self.may_reverse(call) and call.attempts > (ASK_AGAIN if self._rule(call.infno).look else 0):
            self.reverse(call)
        else:
            self._note(call, "asked", {"seen": finding.seen.value, "by": finding.by, "note": finding.note})

    def look(self, call: CallRecord) -> Finding:
        """What the platform says of a call now. CannotAsk where it does not answer."""
        rule = self._rule(call.infno)
        if rule.look is None:
            return Finding(seen=Seen.UNCLEAR, note=rule.why)
        case = OpenCase(self.asking, call)
        finding = rule.look(case) if rule in WAYS.values() else self._seen_by_plugin(rule.look, case)
        if finding.seen is Seen.THERE and self.may_lag(call):
            return attrs.evolve(finding, seen=Seen.UNCLEAR, note="这次就诊刚有变动，平台的查询可能还没跟上")
        return finding

    def may_lag(self, call: CallRecord) -> bool:
        """Whether a query that shows what the call was to bring need not show it for the call's sake: something before
        it was accepted so lately that the platform's queries may still be behind that."""
        rule = self._rule(call.infno)
        lags = opposites(self.asking.interfaces, call.infno) if rule.behind_opposites else rule.lags
        return bool(lags) and OpenCase(self.asking, call).changed_lately(lags)

    def can_ask(self, infno: str) -> bool:
        """Whether the platform can be asked what became of a call of that transaction."""
        return self._rule(infno).look is not None

    def _rule(self, infno: str) -> Resolution:
        """How calls of a transaction are resolved. What a plugin declares wrongly lets nobody ask: the case stays."""
        hook, known = self.asking.known.manager.hook.liangding_resolution, self.asking.interfaces
        try:
            declared = hook(infno=infno, deployment=self.asking.deployment)
            if declared is not None and not isinstance(declared, Resolution):
                raise TypeError("a Resolution, or None")
        except (Exception, SystemExit) as failed:
            return _nobody_can_ask(blame(hook, failed))
        if declared is not None:
            return declared
        return way_of(known[infno]) if infno in known else Resolution(look=None)

    def _seen_by_plugin(self, look: Callable[[Case], Finding], case: Case) -> Finding:
        """What a plugin's look shows. CannotAsk naming the plugin where it fails, or shows what no look can."""
        try:
            finding = look(case)
            if not isinstance(finding, Finding) or not isinstance(finding.seen, Seen):
                raise TypeError("a Finding")
            encode(dict(finding.output))
        except (CannotAsk, JournalUnavailable):
            raise
        except (Exception, SystemExit) as failed:
            raise CannotAsk(blame(self.asking.known.manager.hook.liangding_resolution, failed)) from None
        return finding

    def _not_there(self, call: CallRecord, finding: Finding, begun: datetime) -> None:
        """Believed only when it was seen twice, the second time late enough: the platform may commit late. What counts
        is when the look was ``begun``: a process may stand still between a look and what it makes of it."""
        journal, now = self.asking.journal, self._now()
        detail = {"seen": finding.seen.value, "by": finding.by, "note": finding.note}
        if self.old_enough(call, begun) and call.absences:
            outcome = Outcome(state=State.ABSENT, at=now, resolution=f"asked:{finding.by}")
            anothers = call.resolution == LATE and not self._rule(call.infno).by_message
            watch = {} if anothers else self.watched(call)  # what stands is there by another message
            journal.conclude(
                call.id, outcome, "resolved", detail, only_from=State.UNKNOWN, taken=call.attempts, **watch
            )
            return
        due = now + max(FIRST_SECONDS, self._settings.believe_seconds - self._unknown_for(call))
        self._note(call, "asked", detail, absences=call.absences + 1, due_at=due)

    def old_enough(self, call: CallRecord, at: datetime | None = None) -> bool:
        """Whether the platform's "not there", seen at that moment (None: now), may be believed: it may commit late,
        after its answer was given up."""
        passed = 0.0 if at is None else (self.asking.now() - at).total_seconds()
        return self._unknown_for(call) - max(passed, 0.0) >= self._settings.believe_seconds

    def believable_at(self, call: CallRecord) -> datetime:
        """From when on "not there" may be believed of it."""
        return self.asking.now() + timedelta(seconds=self._settings.believe_seconds - self._unknown_for(call))

    def _unknown_for(self, call: CallRecord) -> float:
        """Seconds since nobody waits for the call's answer any more."""
        return self._seconds_since(call, call.finished_at or call.created_at)

    def _seconds_since(self, call: CallRecord, moment: datetime) -> float:
        """How long ago a moment of a call was. One that lies ahead was written down before the clock went back: since
        then it is at least as long as since the first thing that was written of the call by the clock as it goes."""
        now = self.asking.now()
        if moment > now:
            moment = min((event.at for event in self.asking.journal.history(call.id) if event.at <= now), default=now)
        return (now - moment).total_seconds()

    def _accept(self, call: CallRecord, finding: Finding, kind: str, **guards: Any) -> None:
        """The call took effect: its answer is what the platform tells of it now. ``guards`` are those of
        :meth:`Journal.conclude`."""
        answer = {"infcode": 0, "err_msg": None, "output": dict(finding.output) or None}
        found = {name: str(value) for name in IDENTIFIERS if (value := finding.named.get(name))}
        body = encode(answer)
        outcome = Outcome(
            state=State.ACCEPTED, at=self._now(), answer=body, resolution=f"asked:{finding.by}",
            mdtrt_id=found.get("mdtrt_id"), setl_id=found.get("setl_id"), settlement=self.settled.of_record(call, body),
        )  # fmt: skip
        detail = {"seen": finding.seen.value, "by": finding.by}
        if self.asking.journal.conclude(call.id, outcome, kind, detail, **guards):
            log.info("%s %s: found on the platform", call.infno, call.msgid)

    # -- reversal ----------------------------------------------------------------------------------------------------

    def may_reverse(self, call: CallRecord) -> bool:
        """Whether 2601 may cancel a call of that transaction here."""
        return self._may_be_reversed(call.infno)

    def _may_be_reversed(self, infno: str) -> bool:
        allowed, known = self.asking.region.reversible, self.asking.interfaces
        return infno in allowed if allowed is not None else infno in known and known[infno].reversible

    def reverse(self, call: CallRecord) -> None:
        """2601 with the stored number; its own unknown outcome changes nothing here. As long as it may take effect
        nobody else works on the case, so that nobody is told of what is about to go."""
        begun = self._begin_reversal(call)
        if begun is None or not self._send_reversal(begun):
            return
        try:
            after = self.look(call)
        except CannotAsk as silent:
            self._note(call, "reversed", {"note": f"冲正已受理，还没能核对：{silent.message}"})
            return
        if after.seen is Seen.THERE:
            self._note(call, "reversed", {"note": "冲正已受理，平台上却还在"})
            return
        outcome = Outcome(state=State.REVERSED, at=self._now(), resolution=f"reversed:{REVERSAL}")
        detail = {"seen": after.seen.value, "by": REVERSAL}
        self.asking.journal.conclude(
            call.id, outcome, "resolved", detail, only_from=State.UNKNOWN, taken=begun.attempts, **self.watched(call)
        )

    def _begin_reversal(self, call: CallRecord) -> CallRecord | None:
        """The call as it is now, with nobody else at work on it; None where there is nothing to reverse any more."""
        journal, platform = self.asking.journal, self.asking.deployment.platform
        held = journal.call(call.id)
        if held.state is not State.UNKNOWN or held.attempts != call.attempts:
            return None
        if held.resolution == LATE:
            return held
        line = READ_ATTEMPTS * (platform.connect_seconds + platform.read_seconds)
        until = self._now() + line + self._settings.believe_seconds
        taken = journal.schedule(held.id, attempts=held.attempts, due_at=until, resolution=REVERSING)
        return journal.call(call.id) if taken else None

    def _send_reversal(self, call: CallRecord) -> bool:
        """Whether the platform says that the call is reversed now. What it says is in the journal either way."""
        case = OpenCase(self.asking, call)
        message = {"data": {"psn_no": case.psn_no, "omsgid": call.msgid, "oinfno": call.infno}}
        begun = self.asking.now()
        try:
            self.asking.call(
                REVERSAL, message, insured_place=case.insured_place, operator=call.operator, resolves=call.id
            )
        except CallRefused as refused:
            if is_reversed_already(refused.message):
                return True
            if knows_no_message(refused.message):
                self._not_there(call, Finding(seen=Seen.NOT_THERE, by=REVERSAL), begun)
            else:
                self._note(call, "reversal_refused", {"by": REVERSAL}, **self._not_reversing(call))
            return False
        except CallFailed as failed:
            left = not isinstance(failed, CallNotSent)
            self._note(call, "reversal_unknown", {"by": REVERSAL}, **({} if left else self._not_reversing(call)))
            return False
        return True

    def _not_reversing(self, call: CallRecord) -> dict[str, Any]:
        """What is written down where no 2601 for the call can take effect any more: it is looked at as before."""
        return {} if call.resolution == LATE else {"resolution": "", "due_at": self._now() + LONGEST_SECONDS}

    # -- what comes late ---------------------------------------------------------------------------------------------

    def watched(self, call: CallRecord) -> dict[str, Any]:
        """When a call that is not there is looked at again: it may come late."""
        if not self._settings.watch_hours or self._rule(call.infno).look is None:
            return {}
        now = self._now()
        until = now + self._settings.watch_hours * 3600
        return {"watch_until": until, "due_at": now + WATCH_SECONDS[0], "attempts": 0}

    def _watch(self, call: CallRecord) -> None:
        """A call that was found not to be there, or was reversed, or refused: is it there by now? Then its case is open
        again, where money moved in it or it can be reversed; what did neither may stand."""
        journal = self.asking.journal
        if not self._rule(call.infno).by_message and journal.was_repeated(call):
            journal.note(call.id, "watch_ended", {"note": "已重办"}, watch_until=None, due_at=None)
            return
        if call.state is State.REFUSED:
            if self.second_look.later(call):
                self.attempt(call.id)
            return
        finding, until = self.look(call), self._watch_until(call)
        moves_money = self.asking.interfaces.meant(call)[0].moves_money
        harmless = not moves_money and not self.may_reverse(call) and not journal.is_undone(call)
        if finding.seen is Seen.THERE and harmless:
            self._accept(call, finding, "let_stand", only_from=call.state, watch_until=None, due_at=None)
        elif finding.seen is Seen.THERE:
            if self.second_look.reopened(call, taken=call.attempts):
                self.attempt(call.id)
        elif self._now() >= until:
            journal.note(call.id, "watch_ended", {}, watch_until=None, due_at=None)
        elif until != call.watch_until:
            journal.note(call.id, "asked", {"seen": finding.seen.value, "by": finding.by}, watch_until=until)

    def _watch_until(self, call: CallRecord) -> float:
        """Until when a call is watched: no longer from now on than it is at all, also where the clock went back."""
        return min(call.watch_until or 0.0, self._now() + self._settings.watch_hours * 3600)

    def _take_back(self, call: CallRecord) -> None:
        """A late one: nobody was told of it, so it must not stand. 2601, else the transaction that undoes it."""
        if self.may_reverse(call):
            self.reverse(call)
            if self.asking.journal.call(call.id).state is not State.UNKNOWN:
                return
        finding = self.look(call)
        if finding.seen is Seen.UNCLEAR:
            self._note(call, "asked", {"seen": finding.seen.value, "by": finding.by, "note": finding.note})
            return
        if finding.seen is Seen.NOT_THERE:
            outcome = Outcome(state=State.REVERSED, at=self._now(), resolution=f"reversed:{finding.by}")
            self.asking.journal.conclude(
                call.id, outcome, "resolved", {"seen": finding.seen.value}, only_from=State.UNKNOWN,
                taken=call.attempts, **self.watched(call),
            )  # fmt: skip
            return
        self._undo(call, finding)

    def _undo(self, call: CallRecord, finding: Finding) -> None:
        case = OpenCase(self.asking, call)
        undo = case.transaction.undone_by
        message = None if undo is None else undoing(case, finding, self.asking.interfaces[undo], self.asking.now())
        if undo is None or message is None:
            self._note(call, "stands", {"note": "迟到成立，没有可用的撤销交易"})
            return
        try:
            self.asking.call(
                undo, message, key=f"late:{call.msgid}", insured_place=case.insured_place, operator=call.operator,
                resolves=call.id,
            )  # fmt: skip
        except LiangdingError as failed:
            self._note(call, "undo_failed", {"by": undo, "code": failed.code})

    # -- a person ----------------------------------------------------------------------------------------------------

    def _escalate(self, call: CallRecord) -> None:
        """After the grace time an unresolved case is a person's, too; the resolver goes on with it."""
        age = self._seconds_since(call, call.created_at)
        hopeless = self._rule(call.infno).look is None and not self.may_reverse(call)
        overdue = age >= self._settings.grace_minutes * 60
        if call.state is State.UNKNOWN and call.escalated_at is None and (overdue or hopeless):
            self._note(call, "escalated", {"attempts": call.attempts}, escalated_at=self._now())
            log.warning("%s %s is still unknown and waits for a person", call.infno, call.msgid)

    def _note(self, call: CallRecord, kind: str, detail: dict[str, Any], **changes: Any) -> None:
        self.asking.journal.note(call.id, kind, detail, **changes)

    def _now(self) -> float:
        return self.asking.clock.epoch()


def _nobody_can_ask(why: str) -> Resolution:
    def look(case: Case) -> Finding:
        raise CannotAsk(why)

    return Resolution(look=look)
