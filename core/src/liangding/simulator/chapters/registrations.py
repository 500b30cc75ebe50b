"""Registrations of persons (2501 to 2507), their withdrawal, and what 5301, 5302 and 5304 tell of them.

A registration is in force at once. The bureau has dealt with one of a chronic disease when a settlement used it: then
it is not withdrawn any more.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ...contract.simulation import Refuse
from ...spec import Of
from ..people import NORMAL, Person
from ..requests import Request, handles
from ..world import CANCELLED, CHRONIC, DESIGNATION, EFFECTIVE, INJURY, TRANSFER, FiledRegistration
from .registering import in_force
from .settling import cover_of
from .visiting import written

# -- registering -----------------------------------------------------------------------------------------------------


def _register(
    request: Request, kind: str, data: Any, same: tuple[str, ...], begin: date, end: date | None
) -> dict[str, Any]:
    """Enter one, unless the person has one with the same facts under ``same`` at that time."""
    person = request.world.person(data.psn_no)
    insutype = getattr(data, "insutype", None)
    if insutype:
        cover_of(request, person, insutype)
    if end is not None and end < begin:
        raise Refuse("结束日期早于开始日期")
    given = written(data)
    for held in request.world.registrations.values():
        alike = held.kind == kind and held.psn_no == person.psn_no and held.state == EFFECTIVE
        apart = (held.end is not None and held.end < begin) or (end is not None and end < held.begin)
        if alike and not apart and all(held.given.get(name) == given.get(name) for name in same):
            raise Refuse("已有相同的备案，不能重复备案")
    made = request.world.register(kind, person.psn_no, begin, given, end=end, made_at=request.epoch)
    return {"result": {"trt_dcla_detl_sn": made.number}}


@handles("2501", "2501A")
def register_transfer(request: Request) -> dict[str, Any]:
    data = request.input.refmedin
    return _register(request, TRANSFER, data, ("reflin_medins_no",), data.begndate or data.refl_date, data.enddate)


@handles("2503")
def register_chronic_disease(request: Request) -> dict[str, Any]:
    data = request.input.data
    return _register(request, CHRONIC, data, ("opsp_dise_code",), data.begndate, data.enddate)


@handles("2505")
def register_designation(request: Request) -> dict[str, Any]:
    data = request.input.data
    taken = in_force(request, DESIGNATION, data.psn_no, data.begndate)
    place = data.biz_appy_type, data.fix_srt_no
    if any((r.given["biz_appy_type"], r.given["fix_srt_no"]) == place for r in taken):
        raise Refuse("该排序号已有定点")
    return _register(request, DESIGNATION, data, ("biz_appy_type", "fixmedins_code"), data.begndate, data.enddate)


@handles("2507")
def register_injury(request: Request) -> dict[str, Any]:
    data = request.input.data
    return _register(request, INJURY, data, ("trum_time", "fixmedins_code"), data.begndate, data.enddate)


# -- withdrawing -----------------------------------------------------------------------------------------------------

KINDS = {Of.TRANSFER: TRANSFER, Of.CHRONIC_DISEASE: CHRONIC, Of.DESIGNATION: DESIGNATION}


@handles("2502", "2504", "2506")
def withdraw_registration(request: Request) -> None:
    asked = request.input.data
    held = request.world.registrations.get(asked.trt_dcla_detl_sn)
    if held is None or (held.kind, held.psn_no) != (KINDS.get(request.transaction.of or Of.FILING), asked.psn_no):
        raise Refuse("备案不存在")
    if held.state != EFFECTIVE:
        raise Refuse("备案已撤销")
    if held.decided:
        raise Refuse("医保经办机构已处理，不能撤销")
    held.state = CANCELLED


# -- asking ----------------------------------------------------------------------------------------------------------


def _seen(request: Request, kind: str, psn_no: str) -> list[FiledRegistration]:
    held = in_force(request, kind, psn_no)
    return [r for r in held if request.world.visible(r.made_at, request.epoch)]


def _period(held: FiledRegistration) -> dict[str, Any]:
    return {"begndate": held.begin.isoformat(), "enddate": held.end.isoformat() if held.end else None}


@handles("5301")
def query_chronic_diseases(request: Request) -> dict[str, Any]:
    return {
        "feedetail": [
            {name: r.given[name] for name in ("opsp_dise_code", "opsp_dise_name")} | _period(r)
            for r in _seen(request, CHRONIC, request.input.data.psn_no)
        ]
    }


@handles("5302")
def query_designations(request: Request) -> dict[str, Any]:
    asked = request.input.data
    names = ("psn_no", "fix_srt_no", "fixmedins_code", "fixmedins_name", "memo")
    found = [r for r in _seen(request, DESIGNATION, asked.psn_no) if r.given["biz_appy_type"] == asked.biz_appy_type]
    insutype = _insurance(request.world.person(asked.psn_no))
    rows = [{name: r.given.get(name) for name in names} | _period(r) | {"insutype": insutype} for r in found]
    return {"psnfixmedin": sorted(rows, key=lambda row: str(row["fix_srt_no"]))}


@handles("5304")
def query_transfers(request: Request) -> dict[str, Any]:
    asked = request.input.data
    until = asked.endtime or request.at
    return {
        "refmedin": [
            _transfer(request, held)
            for held in request.world.registrations.values()
            if held.kind == TRANSFER and held.state == EFFECTIVE and asked.psn_no in (None, held.psn_no)
            if asked.begntime.date() <= held.begin <= until.date()
            if request.world.visible(held.made_at, request.epoch)
        ]
    }


def _transfer(request: Request, held: FiledRegistration) -> dict[str, Any]:
    person, given = request.world.person(held.psn_no), held.given
    names = (
        "tel", "addr", "insu_optins", "diag_code", "diag_name", "dise_cond_dscr", "reflin_medins_no",
        "reflin_medins_name", "refl_date", "refl_rea",
    )  # fmt: skip
    away = given["mdtrtarea_admdvs"][:4] != request.world.area[:4]
    return {name: given.get(name) for name in names} | {
        "insutype": given.get("insutype") or _insurance(person), "psn_no": person.psn_no,
        "psn_cert_type": person.cert_type, "certno": person.certno, "psn_name": person.name, "gend": person.gender,
        "brdy": person.born.isoformat(), "out_flag": "1" if away else "0", **_period(held),
        "hosp_agre_refl_flag": given.get("hosp_agre_refl_flag") or "1",
    }  # fmt: skip


def _insurance(person: Person) -> str:
    """The insurance type of a registration that does not say it: the person's, where it is in normal state."""
    normal = [cover.insutype for cover in person.covers if cover.status == NORMAL]
    return (normal or [person.covers[0].insutype])[0]
