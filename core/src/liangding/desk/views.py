"""What the desk sees. Rows are the nodes of the platform's own declarations, settlements are statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from ..identity import Insured
from ..receipts.money import ZERO
from ..receipts.statements import FundPaid, Statement
from ..spec.writing import SPARSE, MessageWriter
from ..workflow.storing import stored

_sparse = MessageWriter(SPARSE)

UNSETTLED = (None, "", "0")
"""setl_id of a row of fees that no settlement holds."""


@attrs.frozen(kw_only=True)
class Failure:
    """One question that was not answered: its transaction, what it asked, and why (code and Chinese sentence)."""

    infno: str
    asked: str
    code: str
    message: str


@attrs.frozen(kw_only=True)
class Section:
    """The rows of one kind that the platform has, and the questions about them that were not answered."""

    title: str
    rows: tuple[Any, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every question was answered: then no rows means that there are none."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        return {"rows": [_sparse.write(row) for row in self.rows], "failures": [attrs.asdict(f) for f in self.failures]}


@attrs.frozen(kw_only=True)
class Sums:
    """What settlements that stand come to, in yuan. ``unsettled`` is the fees that no settlement holds yet."""

    settlements: int
    total: Decimal
    fund: Decimal
    account: Decimal
    cash: Decimal
    hospital: Decimal
    unsettled: Decimal
    funds: tuple[FundPaid, ...]


@attrs.frozen(kw_only=True)
class VisitView:
    """One visit (5201) with its diagnoses (5202), its fees (5204) and the settlements that its fees name (5203)."""

    visit: Any
    diagnoses: Section
    fees: Section
    settlements: tuple[Statement, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def mdtrt_id(self) -> str:
        return str(self.visit.mdtrt_id)

    @property
    def unsettled(self) -> tuple[Any, ...]:
        """The rows of fees that no settlement holds."""
        return tuple(row for row in self.fees.rows if row.setl_id in UNSETTLED)

    @property
    def sums(self) -> Sums:
        return sums_of([self])

    @property
    def unanswered(self) -> tuple[Failure, ...]:
        return (*self.diagnoses.failures, *self.fees.failures, *self.failures)

    def as_json(self) -> dict[str, Any]:
        return {
            "visit": _sparse.write(self.visit), "diagnoses": self.diagnoses.as_json(), "fees": self.fees.as_json(),
            "settlements": [_settlement(each) for each in self.settlements],
            "failures": [attrs.asdict(failure) for failure in self.failures], "sums": attrs.asdict(self.sums),
        }  # fmt: skip


@attrs.frozen(kw_only=True)
class VisitsView:
    """A person's visits at this institution from ``since`` to ``until``, of the kinds asked for."""

    psn_no: str = attrs.field(repr=False)
    insured_place: str
    since: date
    until: date
    med_types: tuple[str, ...]
    visits: tuple[VisitView, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def sums(self) -> Sums:
        """Over all visits."""
        return sums_of(self.visits)

    @property
    def unanswered(self) -> tuple[Failure, ...]:
        """Every question that was not answered."""
        return (*self.failures, *(failure for visit in self.visits for failure in visit.unanswered))

    def as_json(self) -> dict[str, Any]:
        """JSON values; amounts are text."""
        return stored(self._plain())  # type: ignore[no-any-return]

    def _plain(self) -> dict[str, Any]:
        return {
            "psn_no": self.psn_no, "insured_place": self.insured_place, "since": self.since, "until": self.until,
            "med_types": list(self.med_types), "visits": [visit.as_json() for visit in self.visits],
            "failures": [attrs.asdict(failure) for failure in self.failures], "sums": attrs.asdict(self.sums),
            "complete": not self.unanswered,
        }  # fmt: skip


@attrs.frozen(kw_only=True)
class PersonView:
    """Everything of a person: who it is (1101, None where only the number was given), the visits, and the
    ``sections`` by name: registrations (5301), designations (5302), medication (5205), accumulators (5206),
    in_hospital (5303), transfers (5304), institution (1201), names (1901)."""

    person: Insured | None
    visits: VisitsView
    sections: dict[str, Section]

    def __getitem__(self, name: str) -> Section:
        return self.sections[name]

    @property
    def unanswered(self) -> tuple[Failure, ...]:
        """Every question that was not answered."""
        own = [failure for section in self.sections.values() for failure in section.failures]
        return (*own, *self.visits.unanswered)

    def as_json(self) -> dict[str, Any]:
        """JSON values; amounts are text. What the person showed is not in it."""
        person = self.person and attrs.asdict(self.person, filter=lambda a, _: a.name != "credential")
        plain = {name: section.as_json() for name, section in self.sections.items()}
        body = {"person": person, "visits": self.visits.as_json(), **plain, "complete": not self.unanswered}
        return stored(body)  # type: ignore[no-any-return]


def sums_of(visits: Iterable[VisitView]) -> Sums:
    """The money of several visits: of each settlement that stands, once."""
    found = list(visits)
    standing = [s for visit in found for s in visit.settlements if not (s.refunded or s.is_refund)]
    by_fund: dict[str, FundPaid] = {}
    for paid in (fund for each in standing for fund in each.funds):
        before = by_fund.get(paid.code)
        by_fund[paid.code] = paid if before is None else attrs.evolve(paid, amount=before.amount + paid.amount)
    splits = [each.split for each in standing]
    return Sums(
        settlements=len(standing), total=sum((s.total for s in splits), ZERO), fund=sum((s.fund for s in splits), ZERO),
        account=sum((s.account for s in splits), ZERO), cash=sum((s.cash for s in splits), ZERO),
        hospital=sum((each.hospital_part for each in standing), ZERO),
        unsettled=sum((row.det_item_fee_sumamt for visit in found for row in visit.unsettled), ZERO),
        funds=tuple(by_fund.values()),
    )  # fmt: skip


def _settlement(statement: Statement) -> dict[str, Any]:
    """A settlement without its rows, which the visit has."""
    return attrs.asdict(statement, filter=lambda a, _: a.name not in ("fees", "copy", "printed_at", "operator"))
