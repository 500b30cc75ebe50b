"""The platform's side of Guangdong's filings and queries, for the simulator: of those that have a public table.

What has none (90104, 90110, 90206, 90210, 90211, 90215, 90304, 90504, 90517 …) the simulated platform takes as it comes
and answers nothing of its own: it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from liangding.contract import Refuse, SimulatedRequest, SimulatedTransaction
from liangding.spec.nodes import beyond, members

from .extended import UNPUBLISHED
from .lost_filings import ASKED_BY

PAGE = 100
"""Rows of a page of 90502; the real one's is not public."""


def written(node: Any) -> dict[str, Any]:
    """What a node gives: days and times as text."""
    cls: Any = type(node)
    found = {each.wire: getattr(node, each.attribute) for each in members(cls)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in found.items()
        if value is not None
    }


def file(request: SimulatedRequest) -> Any:
    """90201, 90202, 90203: one at a time for a person; the number is what it is found by."""
    given = request.input.data
    person = request.world.person(given.psn_no)
    for held in _held(request, request.infno, person.psn_no):
        if held.holds(given.begndate or request.at.date()):
            raise Refuse("已有相同的备案，不能重复备案")
    if given.begndate and given.enddate and given.enddate < given.begndate:
        raise Refuse("结束日期早于开始日期")
    made = request.world.register(
        request.infno, person.psn_no, given.begndate or request.at.date(), written(given), end=given.enddate,
        made_at=request.epoch,
    )  # fmt: skip
    return {"result": {"trt_dcla_detl_sn": made.number}}


def _held(request: SimulatedRequest, kind: str, psn_no: str) -> Iterator[Any]:
    for held in request.world.registrations.values():
        if held.kind == kind and held.psn_no == psn_no:
            yield held


def show_filings(request: SimulatedRequest) -> Any:
    """90101, 90102, 90103: those in force and those that were."""
    person = request.world.person(request.input.data.psn_no)
    kind = next(files for files, asks in ASKED_BY.items() if asks == request.infno)
    about = {"psn_cert_type": person.cert_type, "certno": person.certno, "psn_name": person.name}
    return {
        "result": [
            about
            | held.given
            | {"trt_dcla_detl_sn": held.number, "vali_flag": "1" if held.state == "effective" else "0"}
            for held in _held(request, kind, person.psn_no)
            if request.world.visible(held.made_at, request.epoch)
        ]
    }


def show_payments(request: SimulatedRequest) -> Any:
    """90100: employees month by month, the others once for the year; who is paused stopped half a year ago."""
    person = request.world.person(request.input.data.psn_no)
    return [row for cover in person.covers for row in _payments(cover, request.at)]


def _payments(cover: Any, at: datetime) -> Iterator[dict[str, Any]]:
    common = {
        "poolarea_no": f"{cover.place[:4]}00", "insutype": cover.insutype, "clct_type": "10",
        "clct_type_name": "正常缴费", "clct_flag": "1", "clct_flag_name": "足额到账",
    }  # fmt: skip
    paused = cover.status != "1"
    if cover.insutype != "310":
        year = at.year - paused
        yield common | {
            "accrym_begn": f"{year}01", "accrym_end": f"{year}12", "clct_time": f"{year - 1}-12-20 10:00:00",
        }  # fmt: skip
        return
    month = at.date().replace(day=1)
    for number in range(1, 13):
        month = (month - timedelta(days=1)).replace(day=1)
        if paused and number <= 6:
            continue
        told = f"{month:%Y%m}"
        yield common | {"accrym_begn": told, "accrym_end": told, "clct_time": f"{month:%Y-%m}-20 10:00:00"}


def show_settlements(request: SimulatedRequest) -> Any:
    """90502: the month's settlements, a page at a time."""
    asked = request.input.data
    found = [entry for entry in request.world.settlements.values() if _is_asked_for(entry, asked)]
    first = (max(int(asked.pageNum or 1), 1) - 1) * PAGE
    page = found[first : first + PAGE]
    return {
        "totalRow": str(len(found)), "totalPage": str(-(-len(found) // PAGE)),
        "setlinfo": [_settlement(request, entry, first + i) for i, entry in enumerate(page, 1)], "setldetail": [],
    }  # fmt: skip


def _is_asked_for(entry: Any, asked: Any) -> bool:
    cover, day = entry.visit.cover, asked.setl_time
    wanted = (
        (asked.insutype, cover.insutype), (asked.clr_type, entry.clr_type), (asked.med_type, entry.visit.med_type),
        (day and f"{day:%Y-%m}", f"{entry.at:%Y-%m}"),
    )  # fmt: skip
    return entry.state != REVERSED and all(value in (None, "", held) for value, held in wanted)


def _settlement(request: SimulatedRequest, entry: Any, number: int) -> dict[str, Any]:
    visit, split = entry.visit, entry.split
    person, institution = visit.person, request.deployment.institution
    return {
        "seqno": number, "setl_id": entry.setl_id, "mdtrt_id": visit.mdtrt_id, "psn_no": person.psn_no,
        "psn_name": person.name, "psn_cert_type": person.cert_type, "certno": person.certno, "gend": person.gender,
        "insutype": visit.cover.insutype, "psn_type": visit.cover.psn_type, "insu_optins": visit.cover.place,
        "fixmedins_code": institution.code, "fixmedins_name": institution.name, "hosp_lv": request.world.hosp_lv,
        "setl_time": entry.at.isoformat(" ", "seconds"), "med_type": visit.med_type, "clr_type": entry.clr_type,
        "clr_optins": entry.clr_optins, "medfee_sumamt": split.total, "fund_pay_sumamt": split.fund,
        "acct_pay": split.account, "cash_payamt": split.cash, "year": str(entry.at.year),
        "refd_setl_flag": "0" if entry.counts else "1",
    }  # fmt: skip


REVERSED = "reversed"
"""What 2601 took back: as if it had never been."""

NOT_PLAYED = "模拟平台：没有公开的字段表，只收下了报文，什么也没有办"


def take(request: SimulatedRequest) -> Any:
    """What has no public table: taken as it comes, answered with a remark alone."""
    return {"memo": NOT_PLAYED}


APPROVED = "2"
"""stas_type of a list that the reviewers have accepted."""


def withdraw_list(request: SimulatedRequest) -> Any:
    """90306, as it is assumed to be: the list of a settlement goes, unless it is approved."""
    named = beyond(request.input).get("data")
    if not isinstance(named, dict) or "setl_id" not in named:
        return take(request)
    held, key = request.world.kept.get("records", {}), ("4101", str(named["setl_id"]))
    if key not in held:
        raise Refuse("结算清单不存在")
    if held[key].state == APPROVED:
        raise Refuse("结算清单已审核通过，不能撤销")
    del held[key]
    return {"memo": NOT_PLAYED}


PLAYED: Mapping[str, SimulatedTransaction] = {
    **dict.fromkeys(ASKED_BY, file), **dict.fromkeys(ASKED_BY.values(), show_filings), "90100": show_payments,
    "90502": show_settlements, **dict.fromkeys(UNPUBLISHED, take), "90306": withdraw_list,
}  # fmt: skip
