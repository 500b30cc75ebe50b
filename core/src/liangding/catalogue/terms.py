"""What an item costs the insured: its price cap (1318), its own-pay ratio (1319) and its level (1312).

    terms_of(CatalogueQueries(runtime, shelf), code, place=insuplc_admdvs, day=today)

At the till only what is kept is looked at (:func:`kept_terms`): the usual case waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from ..spec.codes import code_table
from .asking import CatalogueQueries, KnownAnswer, kept_rows
from .shelf import KeptAnswer, Shelf

LIST, MAPPING, CAPS, RATIOS = "1312", "1316", "1318", "1319"

OWN_FIRST = "10"
"""selfpay_prop_type 目录先自付比例: the ratio that is meant, where a region tells several kinds apart."""

NO_CAP = Decimal(99_999_999)
"""hilist_pric_uplmt_amt from which on it says that there is none."""

VALID = "1"


@attrs.frozen(kw_only=True)
class Terms:
    """What holds for an item on a day, for persons insured at a place. ``caps`` are the highest prices, in yuan, by
    hilist_lmtpric_type (mostly the level of hospital), ``ratios`` the share that is paid before insurance, by kind of
    person (selfpay_prop_psn_type), ``level`` is chrgitm_lv (1 甲, 2 乙, 3 丙 …; empty: not known), ``at`` when the
    oldest of this was asked (seconds)."""

    code: str
    caps: Mapping[str, Decimal]
    ratios: Mapping[str, Decimal]
    level: str
    at: float
    why_old: str = ""

    @property
    def cap(self) -> Decimal | None:
        """The price that is above every cap, whatever level an institution counts as; None where none is known."""
        return max(self.caps.values(), default=None)

    @property
    def level_name(self) -> str:
        return code_table("chrgitm_lv").name_of(self.level) if self.level else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "caps": dict(self.caps), "ratios": dict(self.ratios), "level": self.level,
            "level_name": self.level_name, "at": self.at, "why_old": self.why_old,
        }  # fmt: skip


def terms_of(queries: CatalogueQueries, code: str, *, place: str, day: date) -> Terms:
    """The terms of the catalogue's item ``code``, asked of the platform where nothing fresh is kept. What a call
    raises where it cannot be asked and nothing is kept."""
    mapped = insured_code(queries.ask(MAPPING, {"med_list_codg": code}).rows, code, place, day)
    asked = [queries.ask(number, {"hilist_code": mapped}) for number in (LIST, CAPS, RATIOS)]
    return _terms(code, asked, place, day, "；".join(dict.fromkeys(each.why_old for each in asked if each.why_old)))


def kept_terms(shelf: Shelf, code: str, *, place: str, day: date) -> Terms | None:
    """The terms as far as they are kept; None where nothing is."""
    mapping = kept_rows(shelf, MAPPING, {"med_list_codg": code})
    mapped = insured_code(mapping.rows if mapping else (), code, place, day)
    kept = {number: kept_rows(shelf, number, {"hilist_code": mapped}) for number in (LIST, CAPS, RATIOS)}
    if not any(kept.values()):
        return None
    return _terms(code, [each or KeptAnswer(rows=(), at=_oldest(kept.values())) for each in kept.values()], place, day)


def insured_code(rows: Iterable[Mapping[str, Any]], code: str, place: str, day: date) -> str:
    """The insurance's code (医保目录编码) of an item; its own where no mapping says otherwise, as for drugs."""
    return str(next((row["hilist_code"] for row in holding(rows, place, day)), code))


def holding(rows: Iterable[Mapping[str, Any]], place: str, day: date) -> list[Mapping[str, Any]]:
    """Of the rows those that hold on a day for persons of a place: of the place itself, else of the least region that
    it lies in."""
    valid = [row for row in rows if row.get("vali_flag") in (None, VALID) and _on(row, day)]
    areas = [(str(row.get("insu_admdvs") or "").rstrip("0"), row) for row in valid]
    nearest = max((len(area) for area, _ in areas if place.startswith(area)), default=0)
    return [row for area, row in areas if place.startswith(area) and len(area) == nearest]


def _on(row: Mapping[str, Any], day: date) -> bool:
    begin, end = (str(row.get(name) or "")[:10] for name in ("begndate", "enddate"))
    return begin <= day.isoformat() and (not end or day.isoformat() <= end)


def _terms(code: str, asked: Iterable[KnownAnswer | KeptAnswer], place: str, day: date, why_old: str = "") -> Terms:
    listed = list(asked)
    items, caps, ratios = (holding(each.rows, place, day) for each in listed)
    prices = {str(row["hilist_lmtpric_type"]): Decimal(str(row["hilist_pric_uplmt_amt"])) for row in caps}
    meant = [row for row in ratios if row.get("selfpay_prop_type") == OWN_FIRST] or ratios
    return Terms(
        code=code, caps={kind: price for kind, price in prices.items() if price < NO_CAP}, why_old=why_old,
        ratios={str(row["selfpay_prop_psn_type"]): Decimal(str(row["selfpay_prop"])) for row in meant},
        level=next((str(row["chrgitm_lv"]) for row in items), ""), at=min(each.at for each in listed),
    )  # fmt: skip


def _oldest(kept: Iterable[KeptAnswer | None]) -> float:
    return min(each.at for each in kept if each)
