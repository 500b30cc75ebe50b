"""Two persons for a decision on money: one proposes, another one approves or returns it.

Both are events of the call in the journal, so that they outlast a restart and every process sees them. What is approved
is decided then, against the platform as it is at that moment.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import attrs

from ..contract.cases import Seen
from ..journal import CallRecord, State
from ..journal.asking import asking
from ..journal.finding import JournalReading
from ..journal.recording import Recording
from .deciding import Action, Decision, NotAllowed, check, decide, recorded
from .resolver import Resolver

ENDS_IT = ("returned", "decided", "resolved", "reversed")
"""What happens to a call after which its proposal is no more."""


@attrs.frozen(kw_only=True)
class Proposal:
    """What one person proposed: under ``number`` another one answers to it. ``by`` is the principal that it came from,
    ``seen`` what the platform had last said of the call then (:class:`~liangding.contract.cases.Seen`, empty where it
    was not asked)."""

    number: str
    decision: Decision
    by: str
    at: datetime
    seen: str


def proposal_of(journal: JournalReading, call: CallRecord) -> Proposal | None:
    """What is proposed of a call and waits for a second person; None where nothing is."""
    if call.state is not State.UNKNOWN:
        return None
    held: Proposal | None = None
    for event in journal.history(call.id):
        told = event.detail
        if event.kind == "proposed":
            decision = Decision(
                action=Action(told["action"]), person=told["person"], reason=told["reason"],
                setl_id=told.get("setl_id"), mdtrt_id=told.get("mdtrt_id"),
            )  # fmt: skip
            held = Proposal(
                number=told["number"], decision=decision, by=event.principal or "", at=event.at, seen=told["seen"]
            )
        elif event.kind in ENDS_IT:
            held = None
    return held


def propose(resolver: Resolver, call: CallRecord, decision: Decision) -> Proposal:
    """Propose what another person is to approve; it takes the place of what was proposed before. NotAllowed where it
    may not be done, as for :func:`~liangding.resolution.deciding.decide`."""
    if decision.action is Action.RETRY:
        raise NotAllowed("再查一次不要批准，直接办即可", path="action")
    check(resolver, call, decision)
    journal = resolver.asking.journal
    told = recorded(decision) | {
        "number": secrets.token_hex(6), "setl_id": decision.setl_id, "mdtrt_id": decision.mdtrt_id,
        "seen": _last_seen(journal, call),
    }  # fmt: skip
    journal.note(call.id, "proposed", told)
    made = proposal_of(journal, journal.call(call.id))
    if made is None:
        raise NotAllowed(f"{call.infno} {call.msgid} 期间已有变动：看过现在的情况再提出")
    return made


def approve(resolver: Resolver, call: CallRecord, number: str, person: str) -> None:
    """Approve what stands under ``number``, and do it. NotAllowed where it is another one by now, where the same person
    or principal proposed it, or where the decision itself may not be, or the platform speaks for it less than it did
    when it was proposed; then it is returned, with the reason."""
    proposal = _standing(resolver, call, number)
    check_second(person, proposal.decision.person, proposal.by)
    journal = resolver.asking.journal
    evidence = {"proposed_on": proposal.seen, "seen": _last_seen(journal, call)}
    journal.note(call.id, "approved", {"number": number, "person": person, **evidence})
    try:
        decide(resolver, journal.call(call.id), proposal.decision, approved_by=person, on=proposal.seen)
    except NotAllowed as refused:
        if proposal_of(journal, journal.call(call.id)) is not None:
            journal.note(call.id, "returned", {"number": number, "person": "", "reason": refused.message})
        raise


def check_second(person: str, proposer: str, by: str) -> None:
    """NotAllowed where ``person``, who asks now, is nobody, or is who proposed it: by name, or by the principal that it
    came from."""
    if not person.strip():
        raise NotAllowed("要写明谁批准的（person）", path="person")
    if person.strip().casefold() == proposer.strip().casefold() or (asking() or "") == by:
        raise NotAllowed("提出的人不能批准自己提出的", remedy="换另一个人，用自己的账户或密钥来批准")


def give_back_all_of(journal: Recording, by: str, reason: str) -> int:
    """Return whatever a principal proposed and nobody has approved yet, because its account has ended or may not
    propose any more; how many there were."""
    found = [(call, proposal_of(journal, call)) for call in journal.pending() if call.state is State.UNKNOWN]
    theirs = [(call, proposal) for call, proposal in found if proposal is not None and proposal.by == by]
    for call, proposal in theirs:
        journal.note(call.id, "returned", {"number": proposal.number, "person": "", "reason": reason})
    return len(theirs)


def _last_seen(journal: JournalReading, call: CallRecord) -> str:
    """What the last look at the platform showed of a call; empty where there was none."""
    looks = [event.detail.get("seen") for event in journal.history(call.id) if event.kind == "asked"]
    return str(looks[-1] or "") if looks else ""


def give_back(resolver: Resolver, call: CallRecord, number: str, person: str, reason: str) -> None:
    """Return what stands under ``number``: it is not done. Whoever proposed it may take it back, too."""
    if not (person.strip() and reason.strip()):
        raise NotAllowed("要写明谁退回的（person）和为什么（reason）", path="reason")
    _standing(resolver, call, number)
    detail = {"number": number, "person": person, "reason": reason}
    resolver.asking.journal.note(call.id, "returned", detail)


def _standing(resolver: Resolver, call: CallRecord, number: str) -> Proposal:
    found = proposal_of(resolver.asking.journal, call)
    if found is None or found.number != number:
        raise NotAllowed("这个提议已经不在了：已办、已退回，或换了新的", remedy="看过现在的情况再决定")
    return found


SEEN_NAMES = {
    Seen.THERE.value: "平台上有",
    Seen.NOT_THERE.value: "平台上没有",
    Seen.UNCLEAR.value: "平台没有说清",
    "": "还没有问过",
}
"""What was seen, in the operator's words."""
