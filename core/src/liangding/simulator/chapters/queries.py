"""Queries of visits, diagnoses, settlements, fee rows, sums, and who is in hospital (5201 to 5206, 5303)."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from ...contract.region import Place
from ...contract.simulation import Refuse
from ...national.meaning import IN_HOSPITAL, NOT_REFUNDED, OUT, REFUNDED
from ..arithmetic import ZERO
from ..requests import Request, handles
from ..world import EFFECTIVE, REVERSED, FeeRow, LedgerEntry, LedgerVisit
from .settling import age, amounts, fund_shares, row_split

UNSETTLED = "0"
"""setl_id of a row that no settlement holds."""


@handles("5201")
def query_visits(request: Request) -> dict[str, Any]:
    asked = request.input.data
    last = _until(request, asked.endtime)
    found = [
        visit
        for visit in request.world.visits_of(asked.psn_no)
        if visit.state == EFFECTIVE
        and asked.mdtrt_id in (None, visit.mdtrt_id)
        and visit.med_type == asked.med_type
        and asked.begntime <= visit.begin <= last
        and request.world.visible(visit.made_at, request.epoch)
        and not _only_reversed(visit)
    ]
    return {"mdtrtinfo": [_visit(request, visit) for visit in found]}


def _until(request: Request, end: datetime | None) -> datetime:
    """The end of a period that is asked for: a day counts whole; without an end it is now."""
    if end is None:
        return request.at.replace(tzinfo=None)
    return end if end.time() != time() else end.replace(hour=23, minute=59, second=59)


def _only_reversed(visit: LedgerVisit) -> bool:
    """A pharmacy's visit goes with its settlement: reversed, it is no more."""
    held = visit.settlements
    return bool(held) and visit.med_type == "41" and all(s.state == REVERSED for s in held)


def _visit(request: Request, visit: LedgerVisit) -> dict[str, Any]:
    person, cover = visit.person, visit.cover
    return {
        "mdtrt_id": visit.mdtrt_id, "psn_no": person.psn_no, "psn_cert_type": person.cert_type,
        "certno": person.certno, "psn_name": person.name, "gend": person.gender, "naty": "01",
        "brdy": person.born.isoformat(), "age": age(person, request), "insutype": cover.insutype,
        "psn_type": cover.psn_type, "cvlserv_flag": "1" if cover.civil_servant else "0",
        "begntime": visit.begin.isoformat(" ", "seconds"),
        "endtime": (visit.end or request.at).isoformat(" ", "seconds"),
        "mdtrt_cert_type": visit.cert_type, "med_type": visit.med_type, "ipt_otp_no": visit.ipt_otp_no or None,
        **_stay(request, visit), **visit.facts,
    }  # fmt: skip


def _stay(request: Request, visit: LedgerVisit) -> dict[str, Any]:
    if not visit.inpatient:
        return {}
    days = ((visit.end or request.at.replace(tzinfo=None)).date() - visit.begin.date()).days
    return {"inhosp_stas": IN_HOSPITAL if visit.in_hospital else OUT, "ipt_days": max(days, 1)}


ON_ADMISSION, ON_DISCHARGE = "1", "2"
"""inout_diag_type."""


@handles("5202")
def query_diagnoses(request: Request) -> dict[str, Any]:
    asked = request.input.data
    visit = request.world.visit(asked.mdtrt_id, asked.psn_no)
    listed = [(ON_ADMISSION, row) for row in visit.diagnoses]
    listed += [(ON_DISCHARGE, row) for row in visit.discharge_diagnoses]
    if not request.world.visible(visit.made_at, request.epoch):
        listed = []
    return {
        "diseinfo": [
            {"maindiag_flag": "1" if row["diag_srt_no"] == 1 else "0"}
            | row
            | {
                "diag_info_id": f"{visit.mdtrt_id}D{kind}{n:02d}", "mdtrt_id": visit.mdtrt_id,
                "psn_no": asked.psn_no, "inout_diag_type": kind,
            }
            for n, (kind, row) in enumerate(listed, 1)
        ]
    }  # fmt: skip


@handles("5203")
def query_settlement(request: Request) -> dict[str, Any]:
    asked = request.input.data
    settlement = request.world.settlement(asked.setl_id, asked.mdtrt_id, asked.psn_no)
    if not request.world.visible(settlement.made_at, request.epoch) or settlement.state == REVERSED:
        raise Refuse("结算信息不存在")
    return {"setlinfo": _settled(request, settlement), "setldetail": fund_shares(settlement.visit, settlement.split)}


def _settled(request: Request, settlement: LedgerEntry) -> dict[str, Any]:
    visit, split = settlement.visit, settlement.split
    paid = amounts(split)
    personal = paid.pop("psn_part_amt"), paid.pop("psn_cash_pay"), paid.pop("hosp_part_amt")
    return {
        **_visit(request, visit), **paid, "psn_pay": personal[0], "cash_payamt": personal[1],
        "setl_id": settlement.setl_id, "pay_loc": "2", "fixmedins_code": request.deployment.institution.code,
        "fixmedins_name": request.deployment.institution.name, "hosp_lv": request.world.hosp_lv,
        "begndate": visit.begin.date().isoformat(), "enddate": (visit.end or request.at).date().isoformat(),
        "setl_time": settlement.at.isoformat(" ", "seconds"), "clr_type": settlement.clr_type, "clr_way": "1",
        "clr_optins": settlement.clr_optins, "balc": settlement.balance_after, "medins_setl_id": settlement.msgid,
        "refd_setl_flag": NOT_REFUNDED if settlement.counts else REFUNDED,
        "year": str(settlement.at.year),
    }  # fmt: skip


@handles("5204")
def query_fees(request: Request) -> list[dict[str, Any]]:
    asked = request.input.data
    visit = request.world.visits.get(asked.mdtrt_id)
    if visit is None or visit.person.psn_no != asked.psn_no:
        raise Refuse("就诊信息不存在")
    shown = [_fee(request, row) for row in visit.standing_rows if request.world.visible(row.made_at, request.epoch)]
    return [row for row in shown if asked.setl_id in (None, row["setl_id"])]


def _shown_settlement(request: Request, row: FeeRow) -> str:
    """The settlement that holds the row, as far as a query sees it already."""
    held = request.world.settlements.get(row.setl_id or "")
    return held.setl_id if held is not None and request.world.visible(held.made_at, request.epoch) else UNSETTLED


def _fee(request: Request, row: FeeRow) -> dict[str, Any]:
    return {
        **row_split(row.split), **row.given, "mdtrt_id": row.visit.mdtrt_id, "setl_id": _shown_settlement(request, row),
        "med_type": row.visit.med_type, "hilist_code": row.split.code, "hilist_name": f"测试项目 {row.split.code}",
        "list_type": "101", "med_list_codg": row.split.code, "medins_list_name": f"测试项目 {row.split.code}",
        "dosform_name": "片剂", "opt_time": request.at.isoformat(" ", "seconds"),
    }  # fmt: skip


@handles("5205")
def query_chronic_medication(request: Request) -> dict[str, Any]:
    asked = request.input.data
    last, institution = _until(request, asked.endtime), request.deployment.institution
    visits = [v for v in request.world.visits_of(asked.psn_no) if v.state == EFFECTIVE and asked.begntime <= v.begin]
    rows = [row for v in visits for row in v.standing_rows if v.begin <= last and v.med_type == CHRONIC_VISIT]
    named = {"fixmedins_code": institution.code, "fixmedins_name": institution.name, "psn_no": asked.psn_no}
    return {
        "feedetail": [
            _fee(request, row) | named | {"spec": "1"}
            for row in rows
            if request.world.visible(row.made_at, request.epoch)
        ]
    }


CHRONIC_VISIT = "14"
"""med_type 门诊慢特病."""

SUMS = {"medfee": "total", "inscp": "in_scope", "dedc": "deductible", "pool": "pool", "fund": "fund", "acct": "account"}
"""cum_type_code of 5206 → the amount. The codes are made up: no source gives any."""


@handles("5206")
def query_sums(request: Request) -> dict[str, Any]:
    asked = request.input.data
    sums: dict[tuple[str, str, str], Decimal] = {}
    for visit in request.world.visits_of(asked.psn_no):
        for settlement in visit.standing_settlements:
            month = f"{settlement.at:%Y%m}"
            if asked.cum_ym in (None, month) and request.world.visible(settlement.made_at, request.epoch):
                for code, name in SUMS.items():
                    key = visit.cover.insutype, month, code
                    sums[key] = sums.get(key, ZERO) + getattr(settlement.split, name)
    return {
        "cuminfo": [
            {"insutype": insutype, "year": month[:4], "cum_ym": month, "cum_type_code": code, "cum": amount}
            for (insutype, month, code), amount in sums.items()
        ]
    }


@handles("5303")
def query_in_hospital(request: Request) -> dict[str, Any]:
    asked, world = request.input.data, request.world
    last = _until(request, asked.endtime)
    visits = world.visits_of(asked.psn_no) if asked.psn_no else list(world.visits.values())
    return {
        "data": [
            _visit(request, visit) | {"begndate": visit.begin.date().isoformat(), "out_flag": _away(request, visit)}
            for visit in visits
            if visit.in_hospital and asked.begntime <= visit.begin <= last
            if world.visible(visit.made_at, request.epoch)
        ]
    }


def _away(request: Request, visit: LedgerVisit) -> str:
    return "0" if request.region.place(visit.cover.place) is Place.LOCAL else "1"
