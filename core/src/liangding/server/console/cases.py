"""待处理: what nobody knows the outcome of, and two persons' decision on it."""

from __future__ import annotations

import attrs
from starlette.responses import Response

from ...journal import STATE_NAMES, CallRecord, State
from ...journal.states import LATE
from ...privacy import masked_text
from ...resolution import (
    ACTION_NAMES,
    Action,
    Decision,
    NotAllowed,
    Proposal,
    approve,
    give_back,
    proposal_of,
    propose,
    shown_case,
    whose,
)
from ...resolution.approving import SEEN_NAMES
from ...runtime import Runtime
from .calls import about
from .frame import PageVisit
from .rights import Right
from .today import minutes_of

PROPOSER_GONE = "提出的人已停用，或不再有这个权限"
"""Why what somebody proposed is returned whose account has ended, or who may not propose any more."""


@attrs.frozen(kw_only=True)
class WaitingCase:
    """One case: ``person`` is whose it is, masked; ``seen`` is what the last look at the platform showed, ``note`` what
    it said."""

    d: str
    call: CallRecord
    title: str
    person: str
    minutes: int
    seen: str
    note: str
    proposal: Proposal | None

    @property
    def late(self) -> bool:
        """Whether it turned up after it was taken for not there: it has to be taken back."""
        return self.call.resolution == LATE


def listed(visit: PageVisit) -> Response:
    """The cases of every deployment that the person may see: those that wait for a second person first."""
    found = [
        case
        for name, runtime in visit.site.seen_by(visit.person, Right.LOOK).items()
        for case in cases_of(name, runtime)
    ]
    found.sort(key=lambda case: (case.proposal is None, not case.late, -case.minutes))
    may_ask = set(visit.site.seen_by(visit.person, Right.PROPOSE))
    return visit.render("cases.html", cases=found, states=STATE_NAMES, action_names=ACTION_NAMES, may_ask=may_ask)


def cases_of(name: str, runtime: Runtime) -> list[WaitingCase]:
    """The cases of one deployment."""
    return [_case(name, runtime, call) for call in runtime.journal.pending() if call.state is State.UNKNOWN]


def _case(name: str, runtime: Runtime, call: CallRecord) -> WaitingCase:
    journal = runtime.journal
    looks = [event for event in journal.history(call.id) if event.kind == "asked"]
    last = looks[-1].detail if looks else {}
    return WaitingCase(
        d=name, call=call, person=" ".join(whose(runtime.resolver, call)),
        minutes=minutes_of(runtime, call), proposal=proposal_of(journal, call),
        title=runtime.interfaces[call.infno].name if call.infno in runtime.interfaces else "",
        seen=SEEN_NAMES.get(str(last.get("seen") or ""), ""), note=masked_text(str(last.get("note") or "")),
    )  # fmt: skip


def _call(visit: PageVisit) -> CallRecord:
    return visit.runtime.journal.call(visit.request.path_params["id"])


def _back(visit: PageVisit) -> Response:
    return visit.go(f"/console/calls/{visit.deployment}/{visit.request.path_params['id']}")


def look(visit: PageVisit) -> Response:
    """The case with whose bill it is, and what the platform has that it may be: the platform is asked."""
    case = shown_case(visit.runtime.resolver, _call(visit))
    return visit.render("call.html", **about(visit), bodies=None, case=case, asked_now=None)


def propose_(visit: PageVisit) -> Response:
    """Propose what another person is to approve."""
    form = visit.form
    picked = [*form.get("picked", "").split(","), "", ""]
    if form.get("action") not in list(Action):
        raise NotAllowed("先选怎样办", path="action")
    decision = Decision(
        action=Action(form["action"]), person=visit.person.display, reason=form.get("reason", ""),
        setl_id=form.get("setl_id") or picked[0] or None, mdtrt_id=form.get("mdtrt_id") or picked[1] or None,
    )  # fmt: skip
    propose(visit.runtime.resolver, _call(visit), decision)
    return _back(visit)


def approve_(visit: PageVisit) -> Response:
    """Approve what another one proposed: it is done then and there. What somebody proposed who may not any more is
    returned."""
    call, number, resolver = _call(visit), visit.form.get("number", ""), visit.runtime.resolver
    proposal = proposal_of(visit.runtime.journal, call)
    if proposal and not visit.site.still_may(proposal.by, Right.PROPOSE, visit.deployment):
        give_back(resolver, call, number, visit.person.display, PROPOSER_GONE)
        raise NotAllowed(PROPOSER_GONE, remedy="已退回；要办的由别人另提")
    approve(resolver, call, number, visit.person.display)
    return _back(visit)


def give_back_(visit: PageVisit) -> Response:
    """Return what another one proposed, or take back what one proposed oneself."""
    number, reason = visit.form.get("number", ""), visit.form.get("reason", "")
    proposal = proposal_of(visit.runtime.journal, _call(visit))
    if proposal is None or proposal.by != visit.person.principal:
        visit.hold_to(Right.APPROVE)
    give_back(visit.runtime.resolver, _call(visit), number, visit.person.display, reason)
    return _back(visit)
