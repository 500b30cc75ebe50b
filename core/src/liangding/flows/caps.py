"""What is told at the till of what is sold: prices above a cap, items that are not matched, diagnoses that no catalogue
has. From what is kept, so that nobody waits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Protocol

from ..catalogue.finding import show
from ..catalogue.matching import MATCHINGS, Matching
from ..catalogue.opening import shelf_of
from ..catalogue.terms import kept_terms
from ..errors import LiangdingError
from ..journal.beside import Beside
from ..privacy import logger
from ..workflow.work import Work

log = logger("flows")


class SoldItem(Protocol):
    """A row of a bill, whoever's it is."""

    @property
    def med_list_codg(self) -> str: ...
    @property
    def medins_list_codg(self) -> str: ...
    @property
    def price(self) -> Decimal: ...


def remind_of_items(work: Work[Any], items: Iterable[SoldItem], insured_place: str) -> None:
    """Tell the person at the till what is known against the items of a bill, before it is settled."""
    held = list(items)
    remind_of_caps(work, ((item.med_list_codg, item.price) for item in held), insured_place)
    try:
        if Beside.is_there(work.runtime.journal, MATCHINGS):
            for said in Matching(work.runtime).against((item.medins_list_codg, item.med_list_codg) for item in held):
                work.advise(said)
    except LiangdingError as failed:
        log.warning("matchings are not looked up: %s", failed.code)


OF_DIAGNOSES = ("1307", "1314", "1315", "1313")
"""Where codes of diagnoses stand: diseases, those of Chinese medicine, morphology of tumours."""


def remind_of_diagnoses(work: Work[Any], codes: Iterable[str]) -> None:
    """Tell which codes of diagnoses are in no catalogue; nothing where the catalogue of diseases is not kept."""
    shelf = shelf_of(work.runtime)
    if shelf is None:
        return
    try:
        if not shelf.standing(OF_DIAGNOSES[0]).rows:
            return
        for code in dict.fromkeys(codes):
            if all(show(shelf, code, number=each) is None for each in OF_DIAGNOSES):
                work.advise(f"诊断编码 {code} 不在医保的疾病目录里，核对后再结算")
    except LiangdingError as failed:
        log.warning("diagnoses are not looked up: %s", failed.code)


def remind_of_caps(work: Work[Any], rows: Iterable[tuple[str, Decimal]], insured_place: str) -> None:
    """Tell the person at the till which prices are above the insurance's cap: ``rows`` are the catalogue's code and the
    price of each. Only what is kept of the caps is looked at (:mod:`liangding.catalogue.terms`): nobody waits for it,
    and where nothing is known nothing is said."""
    shelf = shelf_of(work.runtime)
    if shelf is None:
        return
    try:
        for code, price in dict.fromkeys(rows):
            terms = kept_terms(shelf, code, place=insured_place, day=work.begun_at.date())
            if terms is not None and terms.cap is not None and price > terms.cap:
                work.advise(f"{code} 售价 {price:.2f} 元，高于医保限价 {terms.cap:.2f} 元，超出部分由个人负担")
    except LiangdingError as failed:
        log.warning("price caps are not looked up: %s", failed.code)
