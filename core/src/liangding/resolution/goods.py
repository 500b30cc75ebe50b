"""Looking for goods: counts, changes, purchases and what was deleted, by the batch's own number (3508 to 3511) and by
traceability codes (3512).

Codes that came in once are shown whatever brought them, so 3512 alone says only that nothing is there; that it is there
says the record itself, where the platform shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from ..contract.cases import CannotAsk, Case, Finding, Seen

CODES, COUNTS, CHANGES, PURCHASES, SALES = "3512", "3508", "3509", "3510", "3511"

OF_KIND = {"1": COUNTS, "2": CHANGES, "3": PURCHASES, "4": SALES}
"""inv_data_type → what shows the records of that kind."""

BEGINNING = date(2021, 1, 1)
"""Before the platform was there nothing was uploaded to it."""

INVALID = "0"
"""vali_flag of what counts no more."""

RETURNED = "1"
"""prod_retn_flag of what went back to the supplier."""


def count(case: Case) -> Finding:
    """3501, 3501A: each batch has a count of ours of that day (3508), and its codes came in (3512)."""
    rows = [*case.rows("invinfo"), *case.rows("invinfoDetail")]
    return _all([_record(case, row, COUNTS, row.invdate, _same_count) for row in rows])


def change(case: Case) -> Finding:
    """3502, 3502A: each batch has a change of that kind and time (3509), and its codes came in (3512)."""
    rows = [*case.rows("invinfo"), *case.rows("invinfoDetail")]
    return _all([_record(case, row, CHANGES, row.inv_chg_time.date(), _same_change) for row in rows])


def purchase(case: Case) -> Finding:
    """3503, 3504 and their A: each batch has a purchase, or a return, of that time and number (3510)."""
    back = case.transaction.does.value == "returns"
    rows = [*case.rows("purcinfo"), *case.rows("purcinfoDetail")]

    def same(held: Any, row: Any) -> bool:
        told = held.prodRetnFlag == RETURNED if held.prodRetnFlag else back
        number = held.purcRetnCnt is not None and abs(held.purcRetnCnt) == abs(row.purc_retn_cnt)
        return told == back and number and held.purcRetnStoinTime == row.purc_retn_stoin_time

    return _all([_record(case, row, PURCHASES, row.purc_retn_stoin_time.date(), same) for row in rows])


def deleted(case: Case) -> Finding:
    """3507, 3507A: nothing of that kind is left of the batch."""
    seen = []
    for row in [*case.rows("data"), *case.rows("goodDetail")]:
        shows = OF_KIND.get(row.inv_data_type)
        if shows is None:
            return Finding(seen=Seen.UNCLEAR, note=f"不认识的进销存数据类型 {row.inv_data_type}")
        seen.append((Seen.NOT_THERE if _shown(case, shows, row.fixmedins_bchno, BEGINNING) else Seen.THERE, shows))
    return _all(seen)


def sale_without_codes(case: Case, rows: Iterable[Any]) -> Finding:
    """3505, 3505A of packs without a code: the batch has a sale of that time and number (3511)."""

    def same(held: Any, row: Any) -> bool:
        return (
            held.setlId in (None, row.setl_id) and held.selRetnTime == row.sel_retn_time
            and held.selRetnCnt == row.sel_retn_cnt
        )  # fmt: skip

    return _all([_record(case, row, SALES, row.sel_retn_time.date(), same) for row in rows])


def _same_count(held: Any, row: Any) -> bool:
    return bool(held.invdate == row.invdate and held.invCnt == row.inv_cnt)


def _same_change(held: Any, row: Any) -> bool:
    return bool(held.invChgType == row.inv_chg_type and held.invChgTime == row.inv_chg_time and held.cnt == row.cnt)


def _record(
    case: Case, row: Any, shows: str, day: date, same: Callable[[Any, Any], bool]
) -> tuple[Seen, str]:  # fmt: skip
    """Whether a row of ours is there, and by what that was seen."""
    codes = {given.drug_trac_codg for given in getattr(row, "drugtracinfo", None) or () if given.drug_trac_codg}
    if codes and shows in (COUNTS, CHANGES):
        held = {each.drugTracCodg for each in _shown(case, CODES, row.fixmedins_bchno, day)}
        if not codes & held:
            return Seen.NOT_THERE, CODES
    try:
        found = any(same(each, row) for each in _shown(case, shows, row.fixmedins_bchno, day))
    except CannotAsk:
        if not codes:
            raise
        return Seen.UNCLEAR, CODES
    return Seen.THERE if found else Seen.NOT_THERE, shows


def _shown(case: Case, infno: str, batch: str, since: date) -> list[Any]:
    """What the platform shows of a batch, from a day to the day after ours."""
    asked = {
        "fixmedins_code": case.institution, "fixmedins_bchno": batch, "begndate": min(since, _day(case.sent_at)),
        "enddate": max(since, _day(case.sent_at)) + timedelta(days=1),
    }  # fmt: skip
    answer = case.ask(infno, {"data": asked})
    rows = (answer.output if answer is not None else None) or ()
    return [each for each in rows if each.valiFlag != INVALID and each.fixmedinsBchno in (None, batch)]


def _day(moment: datetime) -> date:
    return moment.date()


def _all(seen: list[tuple[Seen, str]]) -> Finding:
    """What the rows together show: all there, none there, or nothing that can be said."""
    by = "+".join(dict.fromkeys(by for _, by in seen))
    kinds = {each for each, _ in seen}
    if len(kinds) == 1 and Seen.UNCLEAR not in kinds:
        return Finding(seen=kinds.pop(), by=by)
    if Seen.UNCLEAR in kinds:
        return Finding(seen=Seen.UNCLEAR, by=by, note="平台有这些追溯码，却问不到这一条记录，不知是不是这次传的")
    there = sum(each is Seen.THERE for each, _ in seen)
    return Finding(seen=Seen.UNCLEAR, by=by, note=f"{len(seen)} 行中平台有 {there} 行")
