"""Looking for matchings of the institution's items: what 1317 shows of each."""

from __future__ import annotations

from typing import Any

from ..contract.cases import Case, Finding, Seen

SHOWS = "1317"

EVER, ROWS = "2000-01-01", 100

VALID = ("1", None)
"""vali_flag of a matching that holds."""


def matched(case: Case) -> Finding:
    """3301: each item of the batch is matched with the code that the call gives it."""
    return _all([_holds(case, row) for row in case.rows("data")])


def withdrawn(case: Case) -> Finding:
    """3302: the matching that the call names holds no more."""
    return _all([not _holds(case, row) for row in case.rows("data")])


def _holds(case: Case, row: Any) -> bool:
    asked = {
        "fixmedins_code": case.institution, "medins_list_codg": row.fixmedins_hilist_id, "updt_time": EVER,
        "page_num": 1, "page_size": ROWS,
    }  # fmt: skip
    output = case.ask(SHOWS, {"data": asked})
    return output is not None and any(
        held.medins_list_codg == row.fixmedins_hilist_id and held.med_list_codg == row.med_list_codg
        and held.list_type in (row.list_type, None) and held.vali_flag in VALID
        for held in output.data or ()
    )  # fmt: skip


def _all(seen: list[bool]) -> Finding:
    """What the rows together show: all there, none there, or nothing that can be said."""
    if all(seen) or not any(seen):
        return Finding(seen=Seen.THERE if all(seen) else Seen.NOT_THERE, by=SHOWS)
    return Finding(seen=Seen.UNCLEAR, by=SHOWS, note=f"{len(seen)} 条对照中平台有 {sum(seen)} 条")
