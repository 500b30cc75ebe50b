"""对账: a day or a month against the platform, its differences, and one safe action each, which takes two persons."""

from __future__ import annotations

from starlette.responses import Response

from ...reconciliation import proposing
from ...reconciliation.causes import SafeAction
from ...reconciliation.proposing import proposals_of, reconciled
from ...reconciliation.reconciling import Report
from ...reconciliation.report import TOTALS as HEADS
from ...reconciliation.report import rows_of_totals
from ...resolution import NotAllowed
from .cases import PROPOSER_GONE
from .frame import PageVisit
from .rights import Right


def shown(visit: PageVisit) -> Response:
    return _page(visit, None, "")


def _page(visit: PageVisit, report: Report | None, period: str) -> Response:
    seen = visit.site.seen_by(visit.person, Right.RECONCILE)
    waiting = [(d, each) for d, runtime in seen.items() for each in proposals_of(runtime)]
    rows = [] if report is None else [[str(cell) for cell in row] for row in rows_of_totals(report)]
    return visit.render(
        "reconcile.html", names=list(seen), d=visit.deployment or next(iter(seen), ""), report=report, heads=HEADS,
        rows=rows, waiting=waiting, period=period, nothing=SafeAction.NOTHING,
    )  # fmt: skip


def run(visit: PageVisit) -> Response:
    """Reconcile now; where 3201 counts as applying for something, the details alone are asked for."""
    period = visit.form.get("period", "")
    return _page(visit, reconciled(visit.runtime, period), period)


def propose(visit: PageVisit) -> Response:
    """Propose the action of a difference, which is looked at again."""
    form = visit.form
    proposing.propose(
        visit.runtime, form.get("period", ""), form.get("setl_id", ""), kind=form.get("kind", ""),
        person=visit.person.display, reason=form.get("reason", ""),
    )  # fmt: skip
    return visit.go("/console/reconcile")


def approve(visit: PageVisit) -> Response:
    """Do what another person proposed, if it is still what may be done, and they may still propose it."""
    number = visit.form.get("number", "")
    proposal = next((each for each in proposals_of(visit.runtime) if each.number == number), None)
    if proposal and not visit.site.still_may(proposal.by, Right.PROPOSE, visit.deployment):
        proposing.give_back(visit.runtime, number, visit.person.display, PROPOSER_GONE)
        raise NotAllowed(PROPOSER_GONE, remedy="已退回；要办的由别人另提")
    said = proposing.approve(visit.runtime, number, visit.person.display)
    return visit.render("done.html", said=said, onward="/console/reconcile")


def give_back(visit: PageVisit) -> Response:
    """Return what another one proposed, or take back what one proposed oneself."""
    number, reason = visit.form.get("number", ""), visit.form.get("reason", "")
    proposal = next((each for each in proposals_of(visit.runtime) if each.number == number), None)
    if proposal is None or proposal.by != visit.person.principal:
        visit.hold_to(Right.APPROVE)
    proposing.give_back(visit.runtime, number, visit.person.display, reason)
    return visit.go("/console/reconcile")
