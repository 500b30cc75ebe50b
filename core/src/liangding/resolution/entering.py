"""Entering a call into the journal, after what stands in its way is out of it: a number that is taken, an earlier call
under the same key, an earlier call of the same person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ..clock import Clock
from ..config import ResolutionSettings
from ..contract.calls import Call
from ..errors import HeldBack, InProgress, OutcomeUnknown
from ..journal import CallRecord as Record
from ..journal import Existing, Held, Journal, JournalUnavailable, MsgidTaken, NewCall, Opened, State
from .resolver import Resolver

HOLD_STEP_SECONDS = 0.5
"""Between two looks at what holds a person back, where calls wait."""


@attrs.frozen(kw_only=True)
class Entering:
    """Enters the calls of one deployment. Whatever stands in a call's way is looked at once more first."""

    journal: Journal
    resolver: Resolver
    clock: Clock
    settings: ResolutionSettings

    def enter(self, call: Call[Any], compose: Callable[[], NewCall]) -> tuple[Opened | Existing, NewCall]:
        """Record a call durably, as ``compose`` makes it each time anew, or find what its business key holds.

        HeldBack or InProgress where the person's last call is not settled; OutcomeUnknown and what else
        :meth:`Journal.open_call` raises.
        """
        again, stands = 0, None
        waits_until = self.clock.epoch() + self._hold_seconds()
        while True:
            new = compose()
            try:
                record = self.journal.open_call(new, again=again)
            except MsgidTaken:
                continue
            except JournalUnavailable as failed:
                if stands is None:
                    raise
                raise _perhaps_there(stands, failed) from None
            if isinstance(record, Held):
                self._wait_for(call, record, waits_until)
            elif isinstance(record, Existing):
                try:
                    settled = self.look_at(record.call)
                except JournalUnavailable as failed:
                    raise _perhaps_there(record.call, failed) from None
                if settled.state.repeatable:
                    again = settled.id
                elif not record.call.state.repeatable or (call.flow is not None and self._is_persons(settled, new)):
                    return Existing(settled), new
                stands = settled  # or nobody knows: whether it is for this content is asked once more; a step of a
                # flow is finished by its record, whatever its message would be today, where it is the same person's
            else:
                return record, new

    def _is_persons(self, held: Record, new: NewCall) -> bool:
        """Whether a call is that person's, as far as both name one."""
        return None in (held.person, new.person) or held.person in self.journal.vault.hashes(new.person or "")

    def look_at(self, earlier: Record) -> Record:
        """An earlier call under the same key, after one more look at it where it is not settled for good."""
        if earlier.state is State.UNKNOWN or (earlier.state is State.OPEN and self.journal.is_left(earlier)):
            return self.resolver.attempt(earlier.id)
        return self.resolver.look_again(earlier)

    def gone_on(self, call: Call[Any], opened: Opened) -> Record | None:
        """The call to which the business key went on without this one, looked at once more; None where it did not."""
        held = self.journal.by_key(self.journal.institution or "", call.key) if call.key else None
        return self.look_at(held) if held is not None and held.id != opened.id else None

    def _hold_seconds(self) -> float:
        return self.settings.hold_seconds if self.settings.hold == "wait" else 0.0

    def _wait_for(self, call: Call[Any], held: Held, until: float) -> None:
        """Try to settle what holds the person back. HeldBack or InProgress where that does not succeed in time."""
        open_still = [earlier for earlier in map(self.look_at, held.calls) if not earlier.state.final]
        if not open_still:
            return
        if self.clock.epoch() < until:
            self.clock.sleep(HOLD_STEP_SECONDS)
            return
        first, infno = open_still[0], call.transaction.infno
        if first.state is State.OPEN:
            text = f"同一参保人的 {first.infno} 正在办理"
            raise InProgress(text, infno=infno, msgid=first.msgid, call_id=first.id)
        text = f"同一参保人的上一笔 {first.infno}（{first.created_at:%m-%d %H:%M:%S}）结果不明，查明前不能办 {infno}"
        raise HeldBack(text, infno=infno, msgid=first.msgid, call_id=first.id)


def _perhaps_there(held: Record, failed: JournalUnavailable) -> OutcomeUnknown:
    """What the caller was told to have failed may be there by now: it has to ask once more to hear so."""
    text = f"业务号 {held.key} 上次那一笔刚查过，可能又有了变化，流水现在写不了：{failed.message}"
    return OutcomeUnknown(text, infno=held.infno, msgid=held.msgid, call_id=held.id)
