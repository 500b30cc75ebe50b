"""Catalogues that are queried page by page (1304, 1312, 1316 to 1319).

The platform knows every item that somebody asks for by its code, and a hundred and fifty of its own for whoever asks
for all of them. Content is made up: level, cap and ratio follow from the code, as they do where a bill is split.
``request.world.kept["terms"]`` is where a test sets others, which then contradict the bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..arithmetic import NO_LIMIT, catalogue_item
from ..requests import Request, handles

KNOWN = 150
"""Items of its own."""

FROM, WRITTEN = "2020-01-01", "2026-01-01"

Row = dict[str, Any]


def terms(world: Any) -> dict[str, dict[str, Any]]:
    """Item → what is set for it: ``cap``, ``ratio``, ``level``, ``mapped``."""
    held: dict[str, dict[str, Any]] = world.kept.setdefault("terms", {})
    return held


def _period(request: Request) -> Row:
    return {
        "insu_admdvs": request.world.area, "begndate": FROM, "enddate": None, "vali_flag": "1", "updt_time": WRITTEN,
        "crte_time": WRITTEN,
    }  # fmt: skip


def _codes(asked: str | None) -> list[str]:
    return [asked] if asked else [f"SIM{number:06d}" for number in range(1, KNOWN + 1)]


def _cap(code: str) -> Decimal:
    limit = catalogue_item(code).limit
    return Decimal("99999999.000000") if limit == NO_LIMIT else limit


def _answer(request: Request, rows: Iterable[Row]) -> Row:
    asked = request.input.data
    listed = [row for row in rows if row["updt_time"] >= str(asked.updt_time)]
    size, first = int(asked.page_size), (int(asked.page_num) - 1) * int(asked.page_size)
    return {"recordCounts": len(listed), "data": listed[first : first + size]}


@handles("1304")
def ethnic_drugs(request: Request) -> Row:
    whose = ("crter_id", "crter_name", "crte_optins_no", "opter_id", "opter_name", "optins_no")
    made = dict.fromkeys(whose, "模拟") | dict.fromkeys(("crte_time", "updt_time", "opt_time"), WRITTEN)
    made |= {"vali_flag": "1", "ver": "v0001"}
    return _answer(
        request,
        (
            {"med_list_codg": code, "drug_genname": f"测试民族药{code[-4:]}", "rid": f"R{code}", **made}
            for code in _codes(request.input.data.med_list_codg)
        ),
    )


@handles("1312")
def insurance_catalogue(request: Request) -> Row:
    return _answer(request, (_item(request, code) for code in _codes(request.input.data.hilist_code)))


def _item(request: Request, code: str) -> Row:
    set_ = terms(request.world).get(code, {})
    return _period(request) | {
        "hilist_code": code, "hilist_name": f"测试项目{code[-4:]}", "list_type": "101", "rid": f"L{code}",
        "med_chrgitm_type": "09",
        "chrgitm_lv": set_.get("level") or f"0{catalogue_item(code).level}", "lmt_used_flag": "0",
        "med_use_flag": "1", "matn_used_flag": "0", "hilist_use_type": "1", "lmt_cpnd_type": "0",
    }  # fmt: skip


@handles("1316")
def mapping_of_catalogue(request: Request) -> Row:
    return _answer(request, (
        _period(request)
        | {"med_list_codg": code, "hilist_code": terms(request.world).get(code, {}).get("mapped", code),
           "list_type": "101", "rid": f"M{code}"}
        for code in _codes(request.input.data.med_list_codg)
    ))  # fmt: skip


@handles("1317")
def mapping_of_institution(request: Request) -> Row:
    """What the institution has matched (3301), as it was approved."""
    asked = request.input.data
    held: Mapping[Any, Row] = request.world.kept.get("matchings", {})
    return _answer(request, (
        _period(request) | row | {"fixmedins_code": request.world.institution, "rid": f"I{number}"}
        for number, row in enumerate(held.values(), 1)
        if asked.medins_list_codg in (None, row["medins_list_codg"])
        and asked.med_list_codg in (None, row["med_list_codg"])
    ))  # fmt: skip


@handles("1318")
def price_limits(request: Request) -> Row:
    return _answer(request, (
        _period(request)
        | {"hilist_code": code, "rid": f"P{code}", "hilist_lmtpric_type": "1", "overlmt_dspo_way": "1",
           "hilist_pric_uplmt_amt": terms(request.world).get(code, {}).get("cap", _cap(code))}
        for code in _codes(request.input.data.hilist_code)
    ))  # fmt: skip


@handles("1319")
def own_pay_ratios(request: Request) -> Row:
    return _answer(request, (
        _period(request)
        | {"hilist_code": code, "rid": f"S{code}", "selfpay_prop_psn_type": kind, "selfpay_prop_type": "10",
           "selfpay_prop": terms(request.world).get(code, {}).get("ratio", catalogue_item(code).own_share)}
        for code in _codes(request.input.data.hilist_code)
        for kind in ("310", "390")
    ))  # fmt: skip
