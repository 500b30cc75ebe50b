"""What was refused and moves money is looked at again: a refusal is a claim, and whoever stands before the platform can
make one. No words are needed for that, and nobody waits for it.

Before the key is used again there is one look: what stands then is the answer. A minute after the refusal, and once
more when queries have surely caught up, the keeper looks: what stands then, and nobody has asked for, came late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..contract.calls import Verdict
from ..contract.cases import CannotAsk, Finding, Seen
from ..journal import CallRecord, NoSuchCall, Outcome, State
from ..journal.states import LATE, PROVED
from ..national.meaning import settled_before, taken_back_before
from ..spec import Does, Transaction
from ..wire.replies import Reply, parse_reply
from .asking import Asking

SOON_SECONDS = 60.0
"""When what was refused is looked at for the first time."""


@attrs.frozen(kw_only=True)
class SecondLook:
    """The second look of one deployment. ``look`` is one at a call, ``can_ask`` whether the platform can be asked about
    a transaction at all, ``accept`` writes down that a call took effect, by an event of a kind, ``attempt`` works on a
    case, ``was_made_anew`` says whether the same bill was settled under another key since a call was told as not made.
    """

    asking: Asking
    look: Callable[[CallRecord], Finding]
    can_ask: Callable[[str], bool]
    accept: Callable[..., None]
    attempt: Callable[[int], CallRecord]
    was_made_anew: Callable[[CallRecord], bool]

    # -- when it is due ----------------------------------------------------------------------------------------------

    def judged(self, transaction: Transaction, verdict: Verdict) -> dict[str, Any]:
        """What of the outcome follows from a verdict: that a refusal needs no second look, or when it has one."""
        if not transaction.does.moves_money or verdict.state is not State.REFUSED:
            return {}
        said_before = transaction.does is Does.CANCELS and taken_back_before(verdict.message)
        if verdict.unreached or verdict.sign_in_expired or said_before:
            return {"failure": PROVED}
        return self.due(transaction.infno)

    def due(self, infno: str) -> dict[str, Any]:
        """When what was refused now is looked at; nothing where the platform cannot be asked."""
        if not self.can_ask(infno):
            return {}
        now = self.asking.clock.epoch()
        return {"due_at": now + SOON_SECONDS, "watch_until": now + self._longest}

    @property
    def _longest(self) -> float:
        """How long after a refusal it is looked at for the last time."""
        return max(SOON_SECONDS, self.asking.deployment.resolution.believe_seconds)

    def is_due(self, call: CallRecord) -> bool:
        """Whether a call's refusal is a claim that its key must not be used again on without a look."""
        refused = call.state is State.REFUSED and call.failure != PROVED
        return refused and self.asking.interfaces.meant(call)[0].moves_money

    # -- the looks ---------------------------------------------------------------------------------------------------

    def before_it_is_made_again(self, call: CallRecord) -> None:
        """One look, without waiting. What stands is the answer; where the platform does not tell, a refusal with its
        marks is one, and what bears none is unknown."""
        finding = self._glance(call)
        if finding.seen is Seen.THERE:
            self.appeared(call, finding)
        if finding.seen is Seen.THERE or _is_unproved(call, finding):
            # what stands and was not accepted is not to be made again either
            text = f"先查明：上次答复“{call.message}”，没有凭据，平台现在也说不清（{finding.note or finding.by}）"
            outcome = Outcome(state=State.UNKNOWN, at=self.asking.clock.epoch(), message=text)
            due: dict[str, Any] = {"due_at": outcome.at, "watch_until": None, "attempts": 0, "absences": 0}
            self.asking.journal.conclude(call.id, outcome, "doubted", only_from=State.REFUSED, **due)

    def before_another_is_made(self, call: CallRecord) -> None:
        """The same look at a call that was refused or was not there, because another one is about to do the same: where
        it is there, or nobody can tell, it came late, and is taken back first."""
        finding = self._glance(call)
        if (finding.seen is Seen.THERE or _is_unproved(call, finding)) and self.reopened(call):
            self.attempt(call.id)

    def _glance(self, call: CallRecord) -> Finding:
        try:
            return self.look(call)
        except CannotAsk as silent:
            return Finding(seen=Seen.UNCLEAR, note=silent.message)

    def appeared(self, call: CallRecord, finding: Finding) -> None:
        """What was told as not made stands, and its key is asked for: that is the answer. Where the same bill was made
        anew under another key since then, two would stand: this one came late, and is taken back."""
        if not self.was_made_anew(call):
            self.accept(call, finding, "appeared", only_from=call.state)
        elif self.reopened(call):
            self.attempt(call.id)

    def later(self, call: CallRecord) -> bool:
        """The keeper's look. True where it stands: then its case is open again, and it is taken back."""
        journal, now = self.asking.journal, self.asking.clock.epoch()
        finding = self.look(call)
        if finding.seen is Seen.THERE:
            return self.reopened(call, taken=call.attempts)
        until = min(call.watch_until or 0.0, now + self._longest)  # it lies farther ahead where the clock went back
        detail = {"seen": finding.seen.value, "by": finding.by, "note": finding.note}
        if now < until:
            journal.note(call.id, "asked", detail, due_at=until, watch_until=until)
        elif _is_unproved(call, finding) and self._is_watched_still(call):
            journal.note(call.id, "asked", detail)
        else:
            journal.note(call.id, "watch_ended", {"seen": finding.seen.value}, watch_until=None, due_at=None)
        return False

    def _is_watched_still(self, call: CallRecord) -> bool:
        """Whether what was refused is no older than what was not there is watched."""
        age = (self.asking.now() - call.created_at).total_seconds()
        return age < self.asking.deployment.resolution.watch_hours * 3600

    # -- settled by another message ----------------------------------------------------------------------------------

    def as_settled_by_another(self, call: CallRecord, finding: Finding) -> bool:
        """Whether a call that was refused because it is settled already is so by another message: then that is the
        refusal, and it says by which. One of our own of which nobody was told is nobody else's: it came late, and is
        taken back first; as long as it stands nothing more is said."""
        other, said = finding.other, _refusal(call)
        if not other or said is None or not settled_before(said.message):
            return False
        own = self._own(other)
        if own is not None and own.state is not State.ACCEPTED:
            if self._taken_back(own).state is not State.REVERSED:
                note = f"平台上是本机构先前的报文 {own.msgid} 办的结算，查明、退回之后再看"
                self.asking.journal.note(call.id, "asked", {"seen": Seen.UNCLEAR.value, "by": finding.by, "note": note})
                return True
            which = f"是本机构先前的报文 {own.msgid} 迟到办成的，没有人得知，已退回，可以重办"
        else:
            told = (("结算编号 {}", "setl_id"), ("{}", "setl_time"), ("{} 元", "medfee_sumamt"))
            parts = [form.format(other[name]) for form, name in told if other.get(name) is not None]
            parts += [] if own is None or own.key is None else [f"业务号 {own.key}"]
            which = "已由另一报文结算：" + "，".join(parts)
        outcome = Outcome(
            state=State.REFUSED, at=self.asking.clock.epoch(), message=f"{said.message}（{which}）",
            resolution=f"asked:{finding.by}",
        )  # fmt: skip
        due = {"due_at": None, "watch_until": None} | self.due(call.infno)
        return self.asking.journal.conclude(
            call.id, outcome, "resolved", {"seen": finding.seen.value, "by": finding.by}, only_from=State.UNKNOWN,
            taken=call.attempts, **due,
        )  # fmt: skip

    def _own(self, other: Mapping[str, Any]) -> CallRecord | None:
        """Our own call that made a settlement, as far as is known by now; None where it is none of ours."""
        try:
            own = self.asking.journal.by_msgid(str(other.get("medins_setl_id") or ""))
        except NoSuchCall:
            return None
        return own if own.state.final else self.attempt(own.id)

    def _taken_back(self, own: CallRecord) -> CallRecord:
        """What was given up and stands came late: it has to go."""
        if own.state in (State.ABSENT, State.REVERSED, State.REFUSED):
            self.reopened(own)
        return self.attempt(own.id)

    def reopened(self, call: CallRecord, **guards: Any) -> bool:
        """Whether the case of what came late is open again."""
        late = Outcome(state=State.UNKNOWN, at=self.asking.clock.epoch(), resolution=LATE)
        due: dict[str, Any] = {"due_at": late.at, "watch_until": None}
        return self.asking.journal.conclude(call.id, late, "reopened", only_from=call.state, **due, **guards)


def _refusal(call: CallRecord) -> Reply | None:
    """The refusal that a call was answered; None where its answer was none, or is not kept any more."""
    reply = parse_reply(call.answer) if call.answer else None
    return reply if isinstance(reply, Reply) and not reply.succeeded else None


def _is_unproved(call: CallRecord, finding: Finding) -> bool:
    """Whether a refusal that bears no marks is all that tells of a call."""
    return call.state is State.REFUSED and finding.seen is Seen.UNCLEAR and not _is_marked(call)


def _is_marked(call: CallRecord) -> bool:
    refusal = _refusal(call)
    return refusal is not None and refusal.is_marked
