"""Price caps at the till: told from what is kept of them, so that nobody waits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ..catalogue.opening import shelf_of
from ..catalogue.terms import kept_terms
from ..errors import LiangdingError
from ..privacy import logger
from ..workflow.work import Work

log = logger("flows")


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
