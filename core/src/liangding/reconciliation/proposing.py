"""Two persons for what is done about a difference: one proposes, another one approves or returns it.

What is proposed is an event of the journal, so that it outlasts a restart and every process sees it. It is done against
a reconciliation of that moment: a difference that is no more, or another one by now, is not acted on.
"""

from __future__ import annotations

import calendar
import re
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

import attrs

from ..errors import LiangdingError
from ..journal.asking import asking
from ..journal.finding import JournalReading
from ..journal.recording import Recording
from ..resolution import NotAllowed
from ..resolution.approving import check_second
from ..runtime import Runtime
from .asking import TOTALS
from .causes import Explained, SafeAction, act
from .reconciling import Report, reconcile

DAYS = 62
"""How far back a proposal is looked for."""

KIND = "difference"

Look = Callable[[Runtime, str], Report]
"""A reconciliation of a period, as it is now."""


class WrongPeriod(LiangdingError):
    """A day or a month that is none."""

    code = "wrong_period"
    http_status = 422


@attrs.frozen(kw_only=True)
class DifferenceProposal:
    """What one person proposed about a difference of a period (``2026-11`` or ``2026-11-28``); ``by`` is the principal
    that it came from."""

    number: str
    period: str
    setl_id: str
    kind: str
    action: SafeAction
    person: str
    reason: str
    by: str


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day of ``2026-11`` or ``2026-11-28``. WrongPeriod."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?", period)
    try:
        year, month = (int(found[1]), int(found[2])) if found else (0, 0)
        if found and found[3]:
            return date(year, month, int(found[3])), date(year, month, int(found[3]))
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        raise WrongPeriod("写成 2026-11（一个月）或 2026-11-28（一天）", path="period") from None


def reconciled(runtime: Runtime, period: str) -> Report:
    """The period against the platform now; where 3201 counts as applying for something, the details alone are asked
    for."""
    first, last = days_of(period)
    return reconcile(runtime, first, last, totals_too=not runtime.interfaces[TOTALS].changes)


def proposals_of(runtime: Runtime) -> list[DifferenceProposal]:
    """What is proposed about differences and waits for a second person."""
    return _waiting(runtime.journal, runtime.clock.epoch())


def _waiting(journal: JournalReading, now: float) -> list[DifferenceProposal]:
    held: dict[str, DifferenceProposal] = {}
    for event in reversed(journal.reports(now - DAYS * 86_400, kind=KIND)):
        told: dict[str, Any] = event.detail
        if told["step"] == "proposed":
            names = ("number", "period", "setl_id", "kind", "person", "reason")
            held[told["number"]] = DifferenceProposal(
                **{name: told[name] for name in names}, action=SafeAction(told["action"]), by=event.principal or ""
            )
        else:
            held.pop(told["number"], None)
    return list(held.values())


def propose(
    runtime: Runtime, period: str, setl_id: str, *, person: str, reason: str, kind: str = "", look: Look = reconciled
) -> DifferenceProposal:
    """Propose the action of a difference, which is looked at again; it takes the place of what was proposed of it
    before. ``kind`` tells apart differences of one settlement, ``look`` is the reconciliation that lists them.
    NotAllowed."""
    if not (person.strip() and reason.strip()):
        raise NotAllowed("要写明谁提出的（person）和为什么（reason）", path="reason")
    found = _difference(look(runtime, period), setl_id, kind)
    if found.action is SafeAction.NOTHING:
        raise NotAllowed("这个差异没有可以安全做的事", remedy="与经办机构核对")
    made = DifferenceProposal(
        number=secrets.token_hex(6), period=period, setl_id=setl_id, kind=found.difference.kind.value,
        action=found.action, person=person, reason=reason, by=asking() or "",
    )  # fmt: skip
    for earlier in proposals_of(runtime):
        if (earlier.setl_id, earlier.kind) == (made.setl_id, made.kind):
            _report(runtime.journal, earlier, "replaced", person)
    names = ("number", "period", "setl_id", "kind", "person", "reason")
    told = {"step": "proposed", "action": made.action.value, **{name: getattr(made, name) for name in names}}
    runtime.journal.report(KIND, told)
    return made


def approve(runtime: Runtime, number: str, person: str, *, look: Look = reconciled) -> str:
    """Do what another person proposed under ``number``, if it is still what may be done; a sentence of what came of
    it. NotAllowed where nothing of that number stands, the same person or principal proposed it, or the difference is
    no more or another one."""
    proposal = _standing(runtime, number)
    check_second(person, proposal.person, proposal.by)
    found = _difference(look(runtime, proposal.period), proposal.setl_id, proposal.kind)
    if found.action is not proposal.action:
        raise NotAllowed("能办的已经不是提出的那样了", remedy="退回，重新对账再提出")
    _report(runtime.journal, proposal, "approved", person)
    return act(runtime, found, person=proposal.person, reason=proposal.reason, approved_by=person)


def give_back(runtime: Runtime, number: str, person: str, reason: str) -> None:
    """Return what is proposed under ``number``: it is not done."""
    if not (person.strip() and reason.strip()):
        raise NotAllowed("要写明谁退回的（person）和为什么（reason）", path="reason")
    _report(runtime.journal, _standing(runtime, number), "returned", person, reason=reason)


def give_back_all_of(journal: Recording, now: float, by: str, reason: str) -> int:
    """Return whatever a principal proposed, as :func:`~liangding.resolution.approving.give_back_all_of` does of cases;
    ``now`` is the moment, in seconds."""
    theirs = [each for each in _waiting(journal, now) if each.by == by]
    for each in theirs:
        _report(journal, each, "returned", "", reason=reason)
    return len(theirs)


def _standing(runtime: Runtime, number: str) -> DifferenceProposal:
    found = next((each for each in proposals_of(runtime) if each.number == number), None)
    if found is None:
        raise NotAllowed("这个提议已经不在了：已办、已退回，或换了新的", remedy="重新对账，看现在的情况")
    return found


def _difference(report: Report, setl_id: str, kind: str) -> Explained:
    """The difference as it is now. NotAllowed where it is no more."""
    for each in report.differences:
        if each.difference.setl_id == setl_id and kind in ("", each.difference.kind.value):
            return each
    raise NotAllowed("这个差异已经不在了", remedy="重新对账，看现在的情况")


def _report(journal: Recording, proposal: DifferenceProposal, how: str, person: str, **more: str) -> None:
    told = {"step": how, "number": proposal.number, "setl_id": proposal.setl_id, "action": proposal.action.value}
    journal.report(KIND, {**told, "person": person, **more})
