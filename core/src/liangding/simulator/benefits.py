"""What a visit is entitled to (待遇): deductible, ratio and ceiling by insurance, kind of visit and hospital level.

The figures are made up; only their shape is that of real policies. What was used up in the year is read from the
ledger each time, so an undone settlement has never counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum

import attrs

from .arithmetic import NO_LIMIT, ZERO, Policy, cents
from .people import EMPLOYEES, RESIDENTS, RETIRED, VETERANS, Insurance
from .world import LedgerEntry, LedgerVisit, World


class Care(Enum):
    """The kinds of visit that the terms tell apart."""

    OUTPATIENT = "普通门诊"
    EMERGENCY = "急诊"
    CHRONIC = "门诊慢特病"
    BIRTH_OUTPATIENT = "生育门诊"
    PHARMACY = "药店购药"
    INPATIENT = "住院"
    DAY_SURGERY = "日间手术"
    BIRTH = "生育住院"
    ACCOUNT_ONLY = "个人账户支付"

    @property
    def in_hospital(self) -> bool:
        return self in (Care.INPATIENT, Care.DAY_SURGERY, Care.BIRTH)

    @property
    def of_birth(self) -> bool:
        return self in (Care.BIRTH, Care.BIRTH_OUTPATIENT)


BY_TYPE = {
    "13": Care.EMERGENCY,
    "14": Care.CHRONIC,
    "28": Care.DAY_SURGERY,
    "41": Care.PHARMACY,
    "51": Care.BIRTH_OUTPATIENT,
    "52": Care.BIRTH,
    "9935": Care.ACCOUNT_ONLY,
}
"""med_type → kind of visit; any other is an ordinary one."""


def care_of(med_type: str, *, inpatient: bool) -> Care:
    """What kind of visit ``med_type`` is."""
    return BY_TYPE.get(med_type) or (Care.INPATIENT if inpatient else Care.OUTPATIENT)


def tier(hosp_lv: str) -> int:
    """0 for an institution without level, 1 to 3 for 一级 to 三级, of a hosp_lv."""
    return {
        **dict.fromkeys(("1", "2", "3", "4", "12"), 3),
        **dict.fromkeys(("5", "6", "7", "13"), 2),
        **dict.fromkeys(("8", "9", "10", "14"), 1),
    }.get(hosp_lv.lstrip("0"), 0)


@attrs.frozen(kw_only=True)
class BenefitTerms:
    """Deductible (yuan) and ratio by tier of the institution; ``ceiling`` of the pool in a year, yuan."""

    deductible: tuple[int, int, int, int] = (0, 0, 0, 0)
    ratio: tuple[str, str, str, str]
    ceiling: Decimal


def _terms(deductible: tuple[int, int, int, int], ratio: tuple[str, str, str, str], ceiling: int) -> BenefitTerms:
    return BenefitTerms(deductible=deductible, ratio=ratio, ceiling=Decimal(ceiling))


NONE = (0, 0, 0, 0)

TERMS: dict[str, dict[Care, BenefitTerms]] = {
    EMPLOYEES: {
        Care.OUTPATIENT: _terms((30, 30, 60, 100), ("0.75", "0.75", "0.65", "0.55"), 6000),
        Care.EMERGENCY: _terms(NONE, ("0.8", "0.8", "0.75", "0.7"), 6000),
        Care.CHRONIC: _terms(NONE, ("0.85", "0.85", "0.8", "0.75"), 10000),
        Care.BIRTH_OUTPATIENT: _terms(NONE, ("1", "1", "1", "1"), 2000),
        Care.INPATIENT: _terms((200, 300, 600, 900), ("0.95", "0.95", "0.9", "0.85"), 300000),
        Care.DAY_SURGERY: _terms((100, 150, 300, 450), ("0.95", "0.95", "0.9", "0.85"), 300000),
        Care.BIRTH: _terms(NONE, ("1", "1", "1", "1"), 8000),
    },
    RESIDENTS: {
        Care.OUTPATIENT: _terms((20, 20, 40, 60), ("0.6", "0.6", "0.5", "0.4"), 800),
        Care.EMERGENCY: _terms(NONE, ("0.6", "0.6", "0.55", "0.5"), 2000),
        Care.CHRONIC: _terms(NONE, ("0.7", "0.7", "0.65", "0.6"), 6000),
        Care.BIRTH_OUTPATIENT: _terms(NONE, ("0.5", "0.5", "0.5", "0.5"), 1000),
        Care.INPATIENT: _terms((150, 200, 500, 800), ("0.85", "0.85", "0.75", "0.65"), 150000),
        Care.DAY_SURGERY: _terms((75, 100, 250, 400), ("0.85", "0.85", "0.75", "0.65"), 150000),
        Care.BIRTH: _terms(NONE, ("0.8", "0.8", "0.75", "0.7"), 4000),
    },
}

RETIRED_MORE = Decimal("0.05")
PROVINCE_LESS, CROSS_LESS = Decimal("0.05"), Decimal("0.1")
LARGE_RATIO = Decimal("0.8")
AID_RATIO = Decimal("0.7")
IN_FULL = Policy(ratio=Decimal(1))
"""离休: the fund pays all that is in scope."""

CIVIL_SERVANT_RATIO = Decimal("0.5")
CATASTROPHIC_RATIO, CATASTROPHIC_FROM = Decimal("0.6"), Decimal(15000)


def insured_as(insutype: str) -> str:
    """Whose terms hold: those of veterans, of residents or of employees."""
    return VETERANS if insutype == VETERANS else RESIDENTS if insutype.startswith("39") else EMPLOYEES


def settled_in_year(world: World, cover: Insurance, person: str, year: int) -> Iterator[LedgerEntry]:
    """The settlements on this insurance that charge somebody, of that year."""
    for visit in world.visits_of(person):
        if visit.cover is cover:
            yield from (s for s in visit.standing_settlements if s.at.year == year)


@attrs.frozen(kw_only=True)
class Used:
    """What is used up already, in yuan: of the deductible and of the ceiling of this kind of visit, what the person has
    borne of the scope of all visits, and how many other stays were settled."""

    deductible: Decimal
    pool: Decimal
    borne: Decimal
    stays: int


def used(world: World, visit: LedgerVisit, year: int) -> Used:
    """What counts against ``visit``. The deductible of outpatients is one of the year, that of inpatients of a stay."""
    care = care_of(visit.med_type, inpatient=visit.inpatient)
    held = list(settled_in_year(world, visit.cover, visit.person.psn_no, year))
    alike = [s for s in held if care_of(s.visit.med_type, inpatient=s.visit.inpatient) is care]
    stays = {s.visit.mdtrt_id for s in held if s.visit.inpatient and s.visit is not visit}
    counted = [s for s in alike if s.visit is visit] if care.in_hospital else alike
    return Used(
        deductible=sum((s.split.deductible for s in counted), ZERO), pool=sum((s.split.pool for s in alike), ZERO),
        borne=sum((s.split.borne for s in held), ZERO), stays=len(stays),
    )  # fmt: skip


def policy_for(world: World, visit: LedgerVisit, year: int, *, less: Decimal = ZERO) -> Policy:
    """The entitlement of ``visit`` in ``year``, ``less`` of the ratio for who comes from elsewhere."""
    cover, care = visit.cover, care_of(visit.med_type, inpatient=visit.inpatient)
    if cover.insutype == VETERANS:
        return IN_FULL
    terms = TERMS[insured_as(cover.insutype)].get(care)
    if terms is None:
        return Policy()
    spent, level = used(world, visit, year), tier(world.hosp_lv)
    deductible = Decimal(terms.deductible[level])
    if care.in_hospital and spent.stays:
        deductible = cents(deductible / 2)
    ratio = Decimal(terms.ratio[level]) + (RETIRED_MORE if cover.psn_type.startswith(RETIRED) else ZERO) - less
    resident = insured_as(cover.insutype) == RESIDENTS
    return Policy(
        deductible=max(deductible - spent.deductible, ZERO), ratio=min(ratio, Decimal(1)),
        ceiling=terms.ceiling - spent.pool, large_ratio=LARGE_RATIO if care.in_hospital and not resident else ZERO,
        civil_servant_ratio=CIVIL_SERVANT_RATIO if cover.civil_servant else ZERO,
        catastrophic_ratio=CATASTROPHIC_RATIO if resident else ZERO,
        catastrophic_from=CATASTROPHIC_FROM if resident else NO_LIMIT, borne=spent.borne,
        hospital_bears_over_limit=care is Care.DAY_SURGERY, aid_ratio=AID_RATIO if cover.aided else ZERO,
    )  # fmt: skip
