"""Asking the platform, question by question, for what the desk wants to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import attrs

from ..config import Kind
from ..contract.credentials import Credential
from ..errors import CallNotSent, LiangdingError
from ..identity import Insured, NotInsured, choices, identify
from ..receipts.statements import Statement, fee_line, statement_of
from ..runtime import Runtime
from .views import UNSETTLED, Failure, PersonView, Section, VisitsView, VisitView

DAYS = 30
"""How far back is looked where nobody says."""

IN_HOSPITAL_DAYS = 366
"""5303 asks by the day of admission: how long somebody in hospital may have been there."""

MED_TYPES = {
    Kind.PHARMACY: ("41",),
    Kind.CLINIC: ("11", "12", "13", "14"),
    Kind.HOSPITAL: ("11", "12", "13", "14", "21", "22", "24", "25", "28", "51", "52"),
}
"""5201 asks for one kind of treatment at a time: those that are asked for where nobody says."""

DESIGNATIONS = ("1", "3")
"""biz_appy_type of 5302: 门慢门特登记 and 就医定点医疗机构登记."""

ACCUMULATOR_NAMES = "cum_type_code"
"""The dictionary (1901) that names kinds of accumulators; no table of it is published."""


class NoPerson(LiangdingError):
    """Nobody is named: a credential, or the person's number and insured place."""

    code = "no_person"
    http_status = 422
    remedy = "给出 credential，或 psn_no 与 insured_place 两项"


@attrs.define(kw_only=True)
class Search:
    """Whom the desk looks at, and how far back. A ``credential`` finds the person by 1101; else ``psn_no`` with
    ``insured_place``. ``med_types`` are the kinds of treatment to ask for."""

    credential: Credential | None = None
    psn_no: str | None = attrs.field(default=None, repr=False)
    insured_place: str | None = None
    since: date | None = None
    until: date | None = None
    med_types: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since 不能晚于 until")


class _Asking:
    """Questions about one person. What is not answered is kept; once nothing gets out any more, nothing else is
    asked, and that is said too."""

    def __init__(self, runtime: Runtime, psn_no: str, insured_place: str, operator: str | None) -> None:
        self.runtime = runtime
        self.psn_no, self.insured_place, self._operator = psn_no, insured_place, operator
        self._line_down = False

    def ask(self, infno: str, asked: str, message: Mapping[str, Any]) -> tuple[Any, tuple[Failure, ...]]:
        """The typed output, or None and why."""
        if self._line_down:
            return None, (Failure(infno=infno, asked=asked, code="not_asked", message="线路不通，没有再问"),)
        try:
            answer = self.runtime.call(infno, message, insured_place=self.insured_place, operator=self._operator)
        except LiangdingError as failed:
            self._line_down = isinstance(failed, CallNotSent)
            return None, (Failure(infno=infno, asked=asked, code=failed.code, message=failed.message),)
        return answer.output, ()

    def section(
        self, infno: str, title: str, messages: Mapping[str, Mapping[str, Any]], rows: Callable[[Any], Any]
    ) -> Section:
        """One section, from one question or several; ``messages`` are the inputs by what each asks."""
        found: list[Any] = []
        failures: list[Failure] = []
        for asked, message in messages.items():
            output, failed = self.ask(infno, asked, message)
            found += [] if output is None else rows(output) or ()
            failures += failed
        return Section(title=title, rows=tuple(found), failures=tuple(failures))

    def data(self, **fields: Any) -> dict[str, Any]:
        return {"data": {"psn_no": self.psn_no, **fields}}


def person(runtime: Runtime, search: Search, *, operator: str | None = None) -> PersonView:
    """Everything about a person. Raises NoPerson, and what 1101 raises where a credential finds nobody."""
    insured, asking = _begin(runtime, search, operator)
    seen = _visits(asking, search)
    begin, end = _bounds(seen.since, seen.until)
    institution = runtime.deployment.institution
    own = {
        "fixmedins_type": "2" if institution.kind is Kind.PHARMACY else "1",
        "fixmedins_code": institution.code,
    }
    accumulators = asking.section(
        "5206",
        "累计信息",
        {month: asking.data(cum_ym=month) for month in _months(seen.since, seen.until)},
        lambda output: output.cuminfo,
    )
    sections = {
        "registrations": asking.section(
            "5301", "慢特病备案", {"慢特病备案": asking.data()}, lambda output: output.feedetail
        ),
        "designations": asking.section(
            "5302",
            "定点机构",
            {_name(runtime, "biz_appy_type", kind): asking.data(biz_appy_type=kind) for kind in DESIGNATIONS},
            lambda output: output.psnfixmedin,
        ),
        "medication": asking.section(
            "5205",
            "慢特病用药",
            {"慢特病用药": asking.data(begntime=begin, endtime=end)},
            lambda output: output.feedetail,
        ),
        "accumulators": accumulators,
        "in_hospital": asking.section(
            "5303",
            "在院",
            {"在院": asking.data(begntime=end - timedelta(days=IN_HOSPITAL_DAYS), endtime=end)},
            lambda output: output.data,
        ),
        "transfers": asking.section(
            "5304", "转院备案", {"转院备案": asking.data(begntime=begin, endtime=end)}, lambda output: output.refmedin
        ),
        "institution": asking.section(
            "1201", "本机构", {"本机构": {"medinsinfo": own}}, lambda output: output.medinsinfo
        ),
        "names": _names(asking) if accumulators.rows else Section(title="字典"),
    }
    return PersonView(person=insured, visits=seen, sections=sections)


def visits(runtime: Runtime, search: Search, *, operator: str | None = None) -> VisitsView:
    """A person's visits with all that belongs to them, and what they come to. Raises as :func:`person` does."""
    _, asking = _begin(runtime, search, operator)
    return _visits(asking, search)


def dictionary(runtime: Runtime, kind: str, *, parent: str | None = None, operator: str | None = None) -> Section:
    """The platform's own dictionary ``kind`` (1901) as of today: a failure in it where it has none."""
    return _dictionary(_Asking(runtime, "", "", operator), kind, parent)


Whom = tuple[str, str]
"""psn_no and the place where the person is insured."""


def whom_of(runtime: Runtime, search: Search, *, operator: str | None = None) -> Whom:
    """Whom a search is about. NoPerson; what 1101 raises where a credential finds nobody."""
    _, asking = _begin(runtime, search, operator)
    return asking.psn_no, asking.insured_place


# -- the questions -----------------------------------------------------------------------------------------------


def _begin(runtime: Runtime, search: Search, operator: str | None) -> tuple[Insured | None, _Asking]:
    if search.credential is None:
        if not (search.psn_no and search.insured_place):
            raise NoPerson("没有说要看谁")
        return None, _Asking(runtime, search.psn_no, search.insured_place, operator)
    found = identify(runtime, search.credential, operator=operator)
    return found, _Asking(runtime, found.psn_no, search.insured_place or _place(runtime, found), operator)


def _place(runtime: Runtime, insured: Insured) -> str:
    """The place to ask for: of the insurance that would settle here, else of any."""
    kind = runtime.deployment.institution.kind
    try:
        return choices(insured, runtime.region, runtime.region.insurances.get(kind, ()))[0].insured_place
    except NotInsured:
        return insured.covers[0].insured_place if insured.covers else ""


def _visits(asking: _Asking, search: Search) -> VisitsView:
    runtime = asking.runtime
    until = search.until or runtime.now().date()
    since = search.since or until - timedelta(days=DAYS)
    begin, end = _bounds(since, until)
    kinds = tuple(search.med_types or MED_TYPES[runtime.deployment.institution.kind])
    messages = {
        _name(runtime, "med_type", kind): asking.data(begntime=begin, endtime=end, med_type=kind) for kind in kinds
    }
    found = asking.section("5201", "就诊", messages, lambda output: output.mdtrtinfo)
    newest = sorted(found.rows, key=lambda visit: (visit.begntime or begin, visit.mdtrt_id), reverse=True)
    return VisitsView(
        psn_no=asking.psn_no, insured_place=asking.insured_place, since=since, until=until, med_types=kinds,
        visits=tuple(_visit(asking, visit) for visit in newest), failures=found.failures,
    )  # fmt: skip


def _visit(asking: _Asking, visit: Any) -> VisitView:
    of_visit = {visit.mdtrt_id: asking.data(mdtrt_id=visit.mdtrt_id)}
    fees = asking.section("5204", "费用明细", of_visit, lambda rows: rows)
    named = dict.fromkeys(row.setl_id for row in fees.rows if row.setl_id not in UNSETTLED)
    settlements: list[Statement] = []
    failures: list[Failure] = []
    for setl_id in named:
        output, failed = asking.ask("5203", setl_id, asking.data(mdtrt_id=visit.mdtrt_id, setl_id=setl_id))
        failures += failed
        if output is not None:
            settlements.append(_settlement(asking, output, (row for row in fees.rows if row.setl_id == setl_id)))
    diagnoses = asking.section("5202", "诊断", of_visit, lambda output: output.diseinfo)
    return VisitView(
        visit=visit, diagnoses=diagnoses, fees=fees, settlements=tuple(settlements), failures=tuple(failures)
    )


def _settlement(asking: _Asking, output: Any, rows: Iterable[Any]) -> Statement:
    lines = tuple(fee_line(row, asking.runtime) for row in rows)
    return statement_of(output, asking.runtime, insured_place=asking.insured_place, fees=lines)


def _names(asking: _Asking) -> Section:
    return _dictionary(asking, ACCUMULATOR_NAMES, None)


def _dictionary(asking: _Asking, kind: str, parent: str | None) -> Section:
    data = {
        "type": kind, "admdvs": asking.runtime.deployment.institution.area, "date": asking.runtime.now().date(),
        "parentValue": parent,
    }  # fmt: skip
    given = {key: value for key, value in data.items() if value is not None}
    return asking.section("1901", "字典", {kind: {"data": given}}, lambda output: output.list_)


def _name(runtime: Runtime, table: str, code: str) -> str:
    found = runtime.known.code_table(table)
    return found.name_of(code) if found else code


def _bounds(since: date, until: date) -> tuple[datetime, datetime]:
    return datetime.combine(since, time()), datetime.combine(until, time(23, 59, 59))


def _months(since: date, until: date) -> list[str]:
    """Every month of a period, yyyyMM: 5206 answers one at a time."""
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [f"{month // 12:04}{month % 12 + 1:02}" for month in range(first, last + 1)]
