"""用码: how often codes were used, by occasion, day and department, beside the journal; nobody is named in it.

The platform counts by the business type that each code is decoded under; this is the institution's own count, to be
held against the region's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs
from sqlalchemy import Column, Integer, MetaData, String, Table, and_, func, select

from ..config import Ecredential, Institution, Kind
from ..errors import LiangdingError
from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.store import Tx
from ..privacy import logger
from .scenarios import SCENARIOS, Setting, UseScenario

log = logger("identity")

FORM = 1

_metadata = MetaData()

_uses = Table(
    "code_uses",
    _metadata,
    Column("institution", String(30), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("scenario", String(40), primary_key=True),
    Column("office", String(40), primary_key=True),
    Column("office_name", String(100), nullable=False),
    Column("uses", Integer, nullable=False),
)


@attrs.frozen(kw_only=True)
class CodeUse:
    """How often codes were used on one occasion, on one day, at one department."""

    day: str
    scenario: str
    office: str
    office_name: str
    uses: int


class CodeUses:
    """The counts of one institution. JournalUnavailable where the journal's database does not answer."""

    def __init__(self, journal: JournalReading, institution: str) -> None:
        self._beside = Beside(journal, "code_uses", _metadata, FORM)
        self._institution = institution

    def count(self, scenario: UseScenario, day: date, office: tuple[str, str]) -> None:
        """One code more was used."""
        key = {"institution": self._institution, "day": f"{day}", "scenario": scenario.id, "office": office[0]}
        where = and_(*(_uses.c[name] == value for name, value in key.items()))

        def work(tx: Tx) -> None:
            more = {"uses": _uses.c.uses + 1, "office_name": office[1]}
            if not tx.execute(_uses.update().where(where).values(more)).rowcount:
                tx.execute(_uses.insert(), {**key, "office_name": office[1], "uses": 1})

        self._beside.write(work)

    def between(self, first: date, last: date) -> list[CodeUse]:
        """The counts of these days, both counted in, in order."""
        where = and_(_uses.c.institution == self._institution, _uses.c.day.between(f"{first}", f"{last}"))
        query = select(_uses).where(where).order_by(_uses.c.day, _uses.c.scenario, _uses.c.office)

        def read(connection: Any) -> list[CodeUse]:
            names = [field.name for field in attrs.fields(CodeUse)]
            return [CodeUse(**{name: row[name] for name in names}) for row in connection.execute(query).mappings()]

        return self._beside.read(read)

    def total(self, scenario: UseScenario) -> int:
        """How often codes were ever used on that occasion."""
        where = and_(_uses.c.institution == self._institution, _uses.c.scenario == scenario.id)
        return self._beside.read(
            lambda connection: int(connection.scalar(select(func.sum(_uses.c.uses)).where(where)) or 0)
        )


def counted(
    journal: JournalReading, institution: str, scenario: UseScenario, day: date, office: tuple[str, str]
) -> None:
    """Count one use; that it could not be counted holds nobody up."""
    try:
        CodeUses(journal, institution).count(scenario, day, office)
    except LiangdingError as failed:
        log.warning("a use at %s is not counted: %s", scenario.id, failed.code)


@attrs.frozen(kw_only=True)
class OccasionReport:
    """One occasion of the institution: the business type that it is decoded under (empty: none is known, so that no
    code can be decoded for it), and how often it was used."""

    scenario: UseScenario
    business_type: str
    uses: int
    rows: tuple[CodeUse, ...]

    @property
    def open(self) -> bool:
        """Whether no code of 用码业务类型 is known for it: to be asked of the bureau."""
        return not self.business_type

    def as_json(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.id, "name": self.scenario.name, "business_type": self.business_type,
            "open": self.open, "uses": self.uses, "rows": [attrs.asdict(row) for row in self.rows],
        }  # fmt: skip


def report(rows: list[CodeUse], institution: Institution, settings: Ecredential | None) -> tuple[OccasionReport, ...]:
    """Every occasion of the institution's kind, also those on which no code was used, and those used of an app."""
    here = Setting.PHARMACY if institution.kind is Kind.PHARMACY else Setting.HOSPITAL
    own: Mapping[str, str] = settings.business_types if settings else {}
    found = []
    for scenario in SCENARIOS:
        used = tuple(row for row in rows if row.scenario == scenario.id)
        if scenario.setting is here or used:
            business_type = own.get(scenario.id) or scenario.business_type or ""
            found.append(
                OccasionReport(
                    scenario=scenario, business_type=business_type, uses=sum(row.uses for row in used), rows=used
                )
            )
    return tuple(found)
