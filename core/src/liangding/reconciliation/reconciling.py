"""One reconciliation of a period: our settlements by group, the platform's word on each, and every difference
explained.

    report = reconcile(runtime, date(2026, 11, 1), date(2026, 11, 30))
    report.balanced, report.totals, report.differences, report.findings
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import attrs

from ..errors import CallFailed, CallRefused, LiangdingError
from ..national.meaning import found_nothing
from ..privacy import logger
from ..runtime import Runtime
from .asking import BALANCED, TOTALS, PlatformPeriod, TheirRow, Total, no_total, totals
from .causes import Causes, Explained, SafeAction
from .comparing import Difference, DifferenceKind, compare, written
from .lines import Group, Ours, SettlementLine, ours

log = logger("reconciliation")

LATELY = timedelta(days=31)
"""Groups that had settlements within so many days before are asked for, too: the platform may have what we have not."""


@attrs.frozen(kw_only=True)
class Report:
    """What a reconciliation came to. ``findings`` are what is odd on our own side, before anybody was asked."""

    institution: str
    name: str
    first: date
    last: date
    at: str
    totals: tuple[Total, ...]
    differences: tuple[Explained, ...]
    findings: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether every group was asked and balances, and no difference is left."""
        return all(each.balanced for each in self.totals) and not self.differences and not self.failures

    def as_json(self) -> dict[str, Any]:
        return {
            "institution": self.institution, "name": self.name, "first": self.first.isoformat(),
            "last": self.last.isoformat(), "at": self.at, "balanced": self.balanced,
            "totals": [each.as_json() for each in self.totals],
            "differences": [each.as_json() for each in self.differences],
            "findings": list(self.findings), "failures": list(self.failures),
        }  # fmt: skip


def reconcile(
    runtime: Runtime, first: date, last: date, *, totals_too: bool = True, every_detail: bool = False
) -> Report:
    """Reconcile the settlements of these days, both included, by the time that the platform gave them.

    Where 3201 changes something (in one province it counts as applying for clearing), it is sent only with
    ``totals_too``; details are asked then for every group. With ``every_detail`` they are also asked for groups that
    balance. What cannot be asked is among the ``failures``; nothing is raised for it.
    """
    return _Reconciliation(runtime, first, last).made(totals_too=totals_too, every_detail=every_detail)


class _Reconciliation:
    def __init__(self, runtime: Runtime, first: date, last: date) -> None:
        self._runtime, self._first, self._last = runtime, first, last
        self._with_refunds = runtime.deployment.reconciliation.refunds == "with"
        self._platform = PlatformPeriod(runtime, first, last, with_refunds=self._with_refunds)
        held = runtime.journal.settlements
        self._ours = list(ours(held.between(first, last), with_refunds=self._with_refunds))
        day = timedelta(days=1)
        beside = [*held.between(first - day, first - day), *held.between(last + day, last + day)]
        self._around = list(ours(beside, with_refunds=True))
        self._failures: list[str] = []
        lately = {each.group for each in ours(held.between(first - LATELY, first - day), with_refunds=True)}
        known = ours(held.between(first - LATELY, last), with_refunds=True)
        self._gone = [each for each in known if each.elsewhere]
        self._idle = sorted(each for each in lately - {each.group for each in self._ours} if all(each))

    def made(self, *, totals_too: bool, every_detail: bool) -> Report:
        runtime = self._runtime
        ask = totals_too or not runtime.interfaces[TOTALS].changes
        told = [self._total(each) if ask else attrs.evolve(each, said=NOT_SENT) for each in totals(self._ours)]
        told += [total for each in self._idle if ask and not (total := self._nothing(each)).balanced]
        differences: list[Difference] = []
        for clr_type, clr_optins in sorted({each.group[1:] for each in told if every_detail or not each.balanced}):
            found, known = self._details(clr_type, clr_optins)
            differences += found
            if known and not found:
                told = [_explained(each, known) if each.group[1:] == (clr_type, clr_optins) else each for each in told]
        causes = Causes(runtime)
        institution = runtime.deployment.institution
        return Report(
            institution=institution.code, name=institution.name, first=self._first, last=self._last,
            at=f"{runtime.now():%Y-%m-%d %H:%M:%S}", totals=tuple(told),
            differences=tuple(causes.explain(each) for each in differences), findings=tuple(self._findings()),
            failures=tuple(self._failures),
        )  # fmt: skip

    def _total(self, total: Total) -> Total:
        try:
            return self._platform.total(total)
        except CallFailed as failed:
            return attrs.evolve(total, said=failed.message)

    def _nothing(self, group: Group) -> Total:
        """What the platform says of a group of which nothing happened here: it may have what we have not."""
        try:
            return self._platform.total(no_total(group))
        except CallRefused as refused:
            nothing = found_nothing(refused.message)
            return attrs.evolve(
                no_total(group), asked=nothing, result=BALANCED[0] if nothing else "", said=refused.message
            )
        except CallFailed as failed:
            return attrs.evolve(no_total(group), said=failed.message)

    def _details(self, clr_type: str, clr_optins: str) -> tuple[list[Difference], int]:
        """What differs in a group, and how many of the platform's rows are refunds made elsewhere that we know."""
        mine = [each for each in self._ours if each.group[1:] == (clr_type, clr_optins)]
        try:
            results = list(self._platform.details(clr_type, clr_optins, mine))
        except LiangdingError as failed:
            self._failures.append(f"{clr_type} {clr_optins} 没有对成明细：{failed.message}")
            return [], 0
        found = differing(mine, results, around=self._around, gone=self._gone)
        return found, len(known_refunds(mine, results, self._gone))

    def _findings(self) -> list[str]:
        """Settlements whose clr_type is another than the region's table has for their place, and such without what
        reconciliation goes by."""
        region, kind = self._runtime.region, self._runtime.deployment.institution.kind
        expected = region.clearing.get(kind, {})
        found: dict[str, int] = {}
        for each in self._ours:
            wanted = expected.get(region.place(each.insuplc_admdvs)) if each.insuplc_admdvs else None
            if wanted and each.group[1] != wanted:
                place = region.place(each.insuplc_admdvs).value
                said = f"{place}的清算类别应为 {wanted}，平台给的是 {each.group[1] or '空'}"
                found[said] = found.get(said, 0) + 1
            if not all(each.group):
                found[UNGROUPED] = found.get(UNGROUPED, 0) + 1
        without = sum(1 for _ in self._runtime.journal.settlements.without_time())
        if without:
            found["结算没有平台的时间，不知属于哪天"] = without
        return [f"{said}（{count} 笔）" for said, count in found.items()]


UNGROUPED = "结算没有险种、清算类别或经办机构，不能分组"

NOT_SENT = "当地 3201 视同清算申请，没有发送"


def _explained(total: Total, taken_back: int) -> Total:
    if total.balanced:
        return total
    said = f"{total.said}；差的是在别处退费的 {taken_back} 行，流水中已记为在别处退费"
    return attrs.evolve(total, taken_back=taken_back, said=said.removeprefix("；"))


def known_refunds(mine: Iterable[Ours], results: Iterable[TheirRow], gone: Iterable[Ours]) -> list[TheirRow]:
    """The platform's rows that take back what our record knows to have been taken back elsewhere (``gone``): one row
    for each. Such a row mostly names neither the settlement nor its visit; it has its sums, below zero."""
    by_us, left, found = {each.line.setl_id for each in mine if each.line.minus}, list(gone), []
    for each in results:
        if not each.line.minus or each.line.setl_id in by_us:
            continue
        sums = tuple(-value for value in each.line.sums)
        same = [one for one in left if one.line.sums == sums and each.line.mdtrt_id in ("", one.line.mdtrt_id)]
        if same:
            left.remove(same[0])
            found.append(each)
    return found


def differing(
    mine: Iterable[Ours], results: Iterable[TheirRow], *, around: Iterable[Ours] = (), gone: Iterable[Ours] = ()
) -> list[Difference]:
    """What differs between our lines and the rows of 3202's result, each with the message that made it and the
    platform's words; what takes back what is known to be ``gone`` is no difference."""
    mine, results = list(mine), list(results)
    known = known_refunds(mine, results, gone)
    held = {each.line.setl_id: each.line for each in mine}
    told = [each for each in results if each not in known and not _is_ours_only(each, held)]
    names: dict[str, TheirRow] = {}
    for each in told:
        names.setdefault(each.line.setl_id, each)
    theirs = [written(_completed(each.line, held.get(each.line.setl_id))) for each in told]
    beside = [written(each.line) for each in around]
    found = compare([written(attrs.evolve(line, at=None)) for line in held.values()], theirs, around=beside)
    return [
        attrs.evolve(each, msgid=names[each.setl_id].msgid, note=names[each.setl_id].memo)
        if each.setl_id in names else each
        for each in found
    ]  # fmt: skip


def _is_ours_only(result: TheirRow, held: dict[str, SettlementLine]) -> bool:
    """Whether a result's row is but ours given back, which the platform has not: it bears no message of its own."""
    return not result.balanced and not result.msgid.strip("0") and result.line.setl_id in held


def _completed(line: SettlementLine, mine: SettlementLine | None) -> SettlementLine:
    """A row of the platform with the visit's number, which it leaves out where it alone has the settlement."""
    return line if line.mdtrt_id or mine is None else attrs.evolve(line, mdtrt_id=mine.mdtrt_id)


__all__ = ["DifferenceKind", "Explained", "Report", "SafeAction", "differing", "reconcile"]
