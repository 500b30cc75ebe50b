"""An auditor that stands at the line: what leaves is held against the journal in the moment before it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..journal import CallRecord, Journal, State
from ..journal.writing import NoSuchCall
from ..knowledge.interfaces import Interfaces
from ..wire.json import decode
from .faults import WhatHolds, Wrong


class Witness:
    """What it saw go wrong is in ``wrong``."""

    def __init__(self, interfaces: Interfaces, say: Callable[[str], None]) -> None:
        self._interfaces = interfaces
        self._say = say
        self._sent: set[str] = set()
        self.wrong: list[Wrong] = []

    def sees(self, journal: Journal, infno: str, body: bytes, *, sealed: str | None = None) -> None:
        """A message is about to leave. ``sealed`` is the number by which the journal knows one that nobody can read on
        the line; empty where it knows none."""
        if infno in self._interfaces and not self._interfaces[infno].changes:
            return
        msgid = decode(body)["msgid"] if sealed is None else sealed
        found = list(self._about(journal, infno, msgid))
        self._sent.add(msgid)
        for each in found:
            self.notes(each.rule, each.text)

    def notes(self, rule: WhatHolds, text: str) -> None:
        """Something is wrong in this moment."""
        self.wrong.append(Wrong(rule, text))
        self._say(f"! {self.wrong[-1]}")

    def _about(self, journal: Journal, infno: str, msgid: str) -> Iterator[Wrong]:
        if msgid in self._sent:
            yield Wrong(WhatHolds.SENT_TWICE, f"{infno} {msgid} is sent twice")
        try:
            call = journal.by_msgid(msgid)
        except NoSuchCall:
            yield Wrong(WhatHolds.SENT_UNRECORDED, f"{infno} {msgid} is sent without a record")
            return
        if call.state is not State.OPEN:
            yield Wrong(
                WhatHolds.SENT_GIVEN_UP, f"{infno} {msgid} is sent, and the journal says {call.state.value} of it"
            )
        if call.holds and call.resolves is None:
            for other in journal.pending(call.deployment):
                if self._holds_back(other, call):
                    text = f"{infno} {msgid} is sent while {other.infno} {other.msgid} is {other.state.value}"
                    yield Wrong(WhatHolds.SENT_WHILE_HELD, text)

    def _holds_back(self, other: CallRecord, call: CallRecord) -> bool:
        same = other.person == call.person and other.person is not None and other.id < call.id
        return (
            same
            and other.holds
            and other.state is State.UNKNOWN
            and (other.finished_at or call.created_at) <= call.created_at
        )
