"""对账: a day or a month against the platform, its differences, and one safe action each, which takes two persons.

What is proposed about a difference is an event of the journal. It is done against a reconciliation of that moment: a
difference that is no more, or another one by now, is not acted on.
"""

from __future__ import annotations

import calendar
import re
import secrets
from datetime import date
from typing import Any

import attrs
from starlette.responses import Response

from ...errors import LiangdingError
from ...journal.finding import JournalReading
from ...reconciliation.asking import TOTALS
from ...reconciliation.causes import Explained, SafeAction, act
from ...reconciliation.reconciling import Report, reconcile
from ...reconciliation.report import TOTALS as HEADS
from ...reconciliation.report import rows_of_totals
from ...resolution import NotAllowed
from ...runtime import Runtime
from .frame import PageVisit
from .rights import Right

DAYS = 62
"""How far back a proposal is looked for."""


class WrongPeriod(LiangdingError):
    """A day or a month that is none."""

    code = "wrong_period"
    http_status = 422


@attrs.frozen(kw_only=True)
class DifferenceProposal:
    """What one person proposed about a difference of a period."""

    number: str
    period: str
    setl_id: str
    kind: str
    action: SafeAction
    person: str
    reason: str
    by: str


def shown(visit: PageVisit) -> Response:
    return _page(visit, None, "")


def _page(visit: PageVisit, report: Report | None, period: str) -> Response:
    seen = visit.site.seen_by(visit.person, Right.RECONCILE)
    waiting = [(d, each) for d, runtime in seen.items() for each in proposals_of(runtime.journal, _since(runtime))]
    rows = [] if report is None else [[str(cell) for cell in row] for row in rows_of_totals(report)]
    return visit.render(
        "reconcile.html", names=list(seen), d=visit.deployment or next(iter(seen), ""), report=report, heads=HEADS,
        rows=rows, waiting=waiting, period=period, nothing=SafeAction.NOTHING,
    )  # fmt: skip


def run(visit: PageVisit) -> Response:
    """Reconcile now; where 3201 counts as applying for something, the details alone are asked for."""
    period = visit.form.get("period", "")
    return _page(visit, _reconciled(visit.runtime, period), period)


def _reconciled(runtime: Runtime, period: str) -> Report:
    first, last = days_of(period)
    return reconcile(runtime, first, last, totals_too=not runtime.interfaces[TOTALS].changes)


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day of ``2026-11`` or ``2026-11-28``. WrongPeriod."""
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", period)
    try:
        year, month = (int(found[1]), int(found[2])) if found else (0, 0)
        if found and found[3]:
            return date(year, month, int(found[3])), date(year, month, int(found[3]))
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        raise WrongPeriod("写成 2026-11（一个月）或 2026-11-28（一天）", path="period") from None


# -- two persons -------------------------------------------------------------------------------------------------------


def _since(runtime: Runtime) -> float:
    return runtime.clock.epoch() - DAYS * 86_400


def proposals_of(journal: JournalReading, since: float) -> list[DifferenceProposal]:
    """What is proposed about differences and waits for a second person."""
    held: dict[str, DifferenceProposal] = {}
    for event in reversed(journal.reports(since)):
        if event.kind != "difference":
            continue
        told: dict[str, Any] = event.detail
        if told["step"] == "proposed":
            names = ("number", "period", "setl_id", "kind", "person", "reason")
            held[told["number"]] = DifferenceProposal(
                **{name: told[name] for name in names}, action=SafeAction(told["action"]), by=event.principal or ""
            )
        else:
            held.pop(told["number"], None)
    return list(held.values())


def propose(visit: PageVisit) -> Response:
    """Propose the action of a difference, which is looked at again."""
    form, runtime = visit.form, visit.runtime
    found = _difference(runtime, form.get("period", ""), form.get("setl_id", ""), form.get("kind", ""))
    if found.action is SafeAction.NOTHING:
        raise NotAllowed("这个差异没有可以安全做的事", remedy="与经办机构核对")
    if not form.get("reason"):
        raise NotAllowed("要写明为什么", path="reason")
    told = {
        "step": "proposed", "number": secrets.token_hex(6), "period": form["period"], "setl_id": form["setl_id"],
        "kind": form["kind"], "action": found.action.value, "person": visit.person.display, "reason": form["reason"],
    }  # fmt: skip
    runtime.journal.report("difference", told)
    return visit.go("/console/reconcile")


def _difference(runtime: Runtime, period: str, setl_id: str, kind: str) -> Explained:
    """The difference as it is now. NotAllowed where it is no more."""
    report = _reconciled(runtime, period)
    for each in report.differences:
        if (each.difference.setl_id, each.difference.kind.value) == (setl_id, kind):
            return each
    raise NotAllowed("这个差异已经不在了", remedy="重新对账，看现在的情况")


def approve(visit: PageVisit) -> Response:
    """Do what another person proposed, if it is still what may be done."""
    proposal = _standing(visit)
    if visit.person.principal == proposal.by or visit.person.display == proposal.person:
        raise NotAllowed("提出的人不能批准自己提出的", remedy="换另一个人，用自己的账户来批准")
    found = _difference(visit.runtime, proposal.period, proposal.setl_id, proposal.kind)
    if found.action is not proposal.action:
        raise NotAllowed("能办的已经不是提出的那样了", remedy="退回，重新对账再提出")
    _report(visit, proposal, "approved")
    said = act(visit.runtime, found, person=f"{proposal.person}、{visit.person.display}", reason=proposal.reason)
    return visit.render("done.html", said=said, onward="/console/reconcile")


def give_back(visit: PageVisit) -> Response:
    """Return what is proposed."""
    proposal, reason = _standing(visit), visit.form.get("reason", "")
    if not reason:
        raise NotAllowed("要写明为什么退回", path="reason")
    _report(visit, proposal, "returned", reason=reason)
    return visit.go("/console/reconcile")


def _standing(visit: PageVisit) -> DifferenceProposal:
    number = visit.form.get("number", "")
    for each in proposals_of(visit.runtime.journal, _since(visit.runtime)):
        if each.number == number:
            return each
    raise NotAllowed("这个提议已经不在了：已办或已退回")


def _report(visit: PageVisit, proposal: DifferenceProposal, how: str, **more: str) -> None:
    told = {"step": how, "number": proposal.number, "setl_id": proposal.setl_id, "action": proposal.action.value}
    visit.runtime.journal.report("difference", {**told, "person": visit.person.display, **more})
