"""How a filing (90201 to 90203) whose answer was lost is found: by the query that shows it (90101 to 90103)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liangding.contract import Case, Finding, Resolution, Seen

ASKED_BY = {"90201": "90101", "90202": "90102", "90203": "90103"}

PENDING = "没有查到；刚办的备案多久查得到，没有公开"

SAME = {"90201": ("matn_type",), "90202": ("dr_code",), "90203": ("chfpdr_code",)}
"""What a filing has to have in common with what was filed, beside institution and day."""


def resolutions() -> Mapping[str, Resolution]:
    """Number → how it is found out."""
    return {infno: Resolution(look=_look(infno), by=(query,)) for infno, query in ASKED_BY.items()}


def _look(infno: str) -> Any:
    query, same = ASKED_BY[infno], ("fixmedins_code", "begndate", *SAME[infno])

    def look(case: Case) -> Finding:
        filed = case.input.data
        found = case.ask(query, {"data": {"psn_no": case.psn_no}})
        for row in (found.result if found is not None else None) or ():
            if all(getattr(row, name) == getattr(filed, name) for name in same) and row.vali_flag != "0":
                return Finding(seen=Seen.THERE, by=query, output={"result": {"trt_dcla_detl_sn": row.trt_dcla_detl_sn}})
        return Finding(seen=Seen.UNCLEAR, by=query, note=PENDING)

    return look
