"""Matched items held against the platform by a settlement: one stay with a row of each, settled at its discharge, each
row's result beside what the catalogues say, and taken back.

It is performed as a scenario is: on a test platform, in production only where a person has let it; kept with its calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs

from ..catalogue.asking import CatalogueQueries
from ..catalogue.matching import Matched, MatchState
from ..catalogue.shelf import Shelf
from ..catalogue.terms import NO_CAP, Terms, terms_of
from ..errors import CallFailed, ConfigurationError
from .keeping import ScenarioRecord
from .running import Performer
from .scenarios import MATCHED_ITEMS, concerns
from .scripts import Doing, settled_stay

NO_LIMIT = Decimal(999_999)
"""pric_uplmt_amt from which on a row says that there is no cap: two spellings of it are known."""


@attrs.frozen(kw_only=True)
class CheckedRow:
    """One item: what the platform made of its row, and what the catalogues said. ``differs`` names what is not the
    same; empty: all is. Prices in yuan, ratios from 0 to 1."""

    number: str
    name: str
    code: str
    price: Decimal
    differs: tuple[str, ...]
    level: str = ""
    their_level: str = ""
    ratios: tuple[Decimal, ...] = ()
    their_ratio: Decimal | None = None
    caps: tuple[Decimal, ...] = ()
    their_cap: Decimal | None = None
    their_name: str = ""

    def as_json(self) -> dict[str, Any]:
        return attrs.asdict(self)


def settle_matched(
    performer: Performer, shelf: Shelf, items: Iterable[Matched], *, price: Decimal
) -> tuple[ScenarioRecord, list[CheckedRow]]:
    """Settle a stay with one row of each uploaded item, at ``price``, and take it back; what became of it, and each row
    (none where it did not come to a settlement). ConfigurationError where it may not be done here, or nothing is
    uploaded."""
    if not concerns(MATCHED_ITEMS, performer.deployment):
        raise ConfigurationError("出院结算只有办住院的医院能做", path="institution.kind")
    uploaded = [each for each in items if each.state is MatchState.UPLOADED]
    if not uploaded:
        raise ConfigurationError("没有已上传的对照", remedy="liangding matching upload")
    checked: list[CheckedRow] = []

    def do(doing: Doing) -> None:
        rows = [_fee(doing, place, each, price) for place, each in enumerate(uploaded, 1)]
        view = settled_stay(doing, rows)
        state = doing.flows.state_of(view.id)
        named = {
            "psn_no": state.person.psn_no,
            "mdtrt_id": state.settlement.mdtrt_id,
            "setl_id": state.settlement.setl_id,
        }
        place = state.visit.insured_place
        answer = doing.runtime.call("5204", {"data": named}, insured_place=place)
        doing.asked.append(answer.call_id)
        theirs = {row.feedetl_sn: row for row in answer.output or ()}
        queries, today = CatalogueQueries(doing.runtime, shelf), doing.runtime.now().date()
        for row, each in zip(rows, uploaded, strict=True):
            try:
                terms = terms_of(queries, each.item.med_list_codg, place=place, day=today)
            except CallFailed:
                terms = None
            checked.append(_checked(each, price, theirs.get(row["feedetl_sn"]), terms))

    return performer.perform(MATCHED_ITEMS, do), checked


def _fee(doing: Doing, place: int, matched: Matched, price: Decimal) -> dict[str, Any]:
    item = matched.item
    return {
        "feedetl_sn": f"{doing.number}-{place}", "med_list_codg": item.med_list_codg,
        "name": item.fixmedins_hilist_name,
        "medins_list_codg": item.fixmedins_hilist_id, "count": "1", "price": str(price), "hosp_appr_flag": "1",
    }  # fmt: skip


def _checked(matched: Matched, price: Decimal, theirs: Any, terms: Terms | None) -> CheckedRow:
    item, differs = matched.item, []
    made = CheckedRow(
        number=item.fixmedins_hilist_id, name=item.fixmedins_hilist_name, code=item.med_list_codg, price=price,
        differs=(),
    )  # fmt: skip
    if terms is not None:
        made = attrs.evolve(
            made, level=terms.level, ratios=tuple(sorted(set(terms.ratios.values()))),
            caps=tuple(sorted(set(terms.caps.values()))),
        )  # fmt: skip
    if theirs is None:
        return attrs.evolve(made, differs=("平台的结算里没有这一行",))
    made = attrs.evolve(
        made, their_level=theirs.chrgitm_lv, their_ratio=theirs.selfpay_prop, their_name=theirs.hilist_name,
        their_cap=None if theirs.pric_uplmt_amt >= min(NO_LIMIT, NO_CAP) else theirs.pric_uplmt_amt,
    )  # fmt: skip
    if theirs.med_list_codg != item.med_list_codg:
        differs.append(f"编码 {theirs.med_list_codg}")
    if theirs.det_item_fee_sumamt != price:
        differs.append(f"金额 {theirs.det_item_fee_sumamt}")
    if terms is None:
        return attrs.evolve(made, differs=(*differs, "目录的限价、自付比例问不到，没有比"))
    if made.level and made.level.lstrip("0") != made.their_level.lstrip("0"):
        differs.append("等级")
    if made.ratios and made.their_ratio is not None and made.their_ratio not in made.ratios:
        differs.append("自付比例")
    if (made.their_cap is None and made.caps) or (made.their_cap is not None and made.their_cap not in made.caps):
        differs.append("限价")
    return attrs.evolve(made, differs=tuple(differs))
