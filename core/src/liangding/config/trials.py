"""What acceptance is tried with: persons by reference, one bill, and what forms print that nobody else knows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import attrs

from .secrets import Secret

Group = Literal["职工", "居民", "生育", "医疗救助", "离休"]
"""The kinds of insured persons that documents tell apart."""

Whereabouts = Literal["local", "province", "cross"]
"""Where a person is insured, seen from the institution: 本地, 省内异地, 跨省异地."""


@attrs.frozen(kw_only=True)
class TrialPerson:
    """A person that acceptance is tried with. The file never holds a number of theirs: ``credentials`` are references
    by mdtrt_cert_type (``01`` a token, ``02``, ``03`` with ``card_sn``); one that is left out is read by a device, or
    shown by the person. ``name`` is the institution's own word for the person, no real name."""

    name: str
    group: Group = "职工"
    place: Whereabouts = "local"
    credentials: dict[str, Secret] = attrs.field(factory=dict)
    card_sn: Secret | None = None


@attrs.frozen(kw_only=True)
class TrialBill:
    """The one row that is settled: a code of the catalogue and the institution's own, price in yuan; where there is a
    visit also who treats, at which department, and for what. ``dise_codg`` is a chronic disease (门慢) that the trial
    person is registered for, ``special_dise_codg`` one of those that count as 门特. ``trace_codes`` are codes of packs
    that may be sold and returned. ``order`` is what an audit
    (``features.audit``) asks of a row, as the flows take it (``rows.order``)."""

    med_list_codg: str
    medins_list_codg: str
    name: str
    price: Decimal
    count: Decimal = Decimal(1)
    trace_codes: list[str] = attrs.field(factory=list)
    batch: str = "1"
    made_on: date | None = None
    diag_code: str = ""
    diag_name: str = ""
    dise_codg: str = ""
    dise_name: str = ""
    special_dise_codg: str = ""
    special_dise_name: str = ""
    doctor_code: str = ""
    doctor_name: str = ""
    dept_code: str = ""
    dept_name: str = ""
    caty: str = ""
    bed: str = ""
    pharmacist: str = ""
    pharmacist_certificate: str = ""
    order: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.price <= 0 or self.count <= 0:
            raise ValueError("price 与 count 应大于 0")
        if self.trace_codes and not (self.pharmacist and self.pharmacist_certificate and self.made_on):
            raise ValueError("有 trace_codes 时还要 pharmacist、pharmacist_certificate 与 made_on")


@attrs.frozen(kw_only=True)
class Trials:
    """How acceptance is tried: ``persons``, the ``bill``; ``folder`` where results are kept, beside the deployment file
    (empty: ``acceptance/`` and the deployment's name). Calls count as evidence from ``since`` on. ``facts`` are what
    forms print and nobody but the institution knows (contact persons, the project's test address …), ``stated`` what a
    person has done, by the requirement's id, with paper and day."""

    persons: list[TrialPerson] = attrs.field(factory=list)
    bill: TrialBill | None = None
    folder: str = ""
    since: date | None = None
    facts: dict[str, str] = attrs.field(factory=dict)
    stated: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        names = [person.name for person in self.persons]
        if len(set(names)) != len(names):
            raise ValueError("persons 中 name 有重复")
