"""Self-paying patients (4201A to 4209): rows and visit in either order, closed by 4203, taken back, asked for.

A row's number is there once; what is closed takes no more. ``world.kept["self_pay"]`` has what the platform holds.
"""

from __future__ import annotations

from typing import Any

import attrs

from ...contract.simulation import Refuse
from ...spec.writing import SPARSE, MessageWriter
from ..requests import Request, handles

COMPLETE, INCOMPLETE = "1", "0"

_written = MessageWriter(SPARSE)


@attrs.define(kw_only=True)
class HeldSelfPay:
    """What the platform has of a visit: its facts and diagnoses, its fee rows by number, whether it is closed."""

    visit: dict[str, Any] | None = attrs.field(default=None, repr=False)
    diagnoses: list[dict[str, Any]] = attrs.field(factory=list, repr=False)
    fees: dict[str, dict[str, Any]] = attrs.field(factory=dict, repr=False)
    complete: bool = False


def visits(world: Any) -> dict[str, HeldSelfPay]:
    """What the platform has, by the institution's number of the visit."""
    held: dict[str, HeldSelfPay] = world.kept.setdefault("self_pay", {})
    return held


def _open(request: Request, number: str) -> HeldSelfPay:
    held = visits(request.world).setdefault(number, HeldSelfPay())
    if held.complete:
        raise Refuse("该就诊已上传完成，不能再改")
    return held


def _there(request: Request, number: str) -> HeldSelfPay:
    held = visits(request.world).get(number)
    if held is None:
        raise Refuse("自费就诊信息不存在")
    return held


def _enter(held: HeldSelfPay, rows: list[dict[str, Any]], name: str) -> None:
    numbers = [str(row[name]) for row in rows]
    for number in numbers:
        if number in held.fees or numbers.count(number) > 1:
            raise Refuse(f"记账流水号 {number} 已存在")
    held.fees.update(zip(numbers, rows, strict=True))


@handles("4201")
def take_rows(request: Request) -> None:
    """Rows by the institution's number of the visit, as the first edition has them."""
    given = _written.write(request.input)
    rows = next(node for node in given.values() if isinstance(node, list))
    (number,) = {str(row["mdtrt_sn"]) for row in rows}
    _enter(_open(request, number), rows, "feedetl_sn")


@handles("4201A")
def take_fees(request: Request) -> None:
    rows = _written.write(request.input.fsiOwnpayPatnFeeListDDTO)
    (number,) = {str(row["fixmedins_mdtrt_id"]) for row in rows}
    _enter(_open(request, number), rows, "bkkp_sn")


@handles("4202")
def take_visit(request: Request) -> None:
    given = _written.write(request.input)
    held = _open(request, given["ownPayPatnMdtrtD"]["fixmedins_mdtrt_id"])
    held.visit, held.diagnoses = given["ownPayPatnMdtrtD"], given["ownPayPatnDiagListD"]


@handles("4203")
def close(request: Request) -> None:
    asked = request.input
    held = _there(request, asked.fixmedins_mdtrt_id)
    if asked.cplt_flag == COMPLETE and (held.visit is None or not held.fees):
        raise Refuse("就诊信息和费用明细没有传全")
    held.complete = asked.cplt_flag == COMPLETE


@handles("4204")
def take_back_fees(request: Request) -> None:
    held = _open(request, request.input.feedetail.fixmedins_mdtrt_id)
    rows = request.input.feedetl
    for number in [row.bkkp_sn for row in rows] if rows else list(held.fees):
        if held.fees.pop(number, None) is None:
            raise Refuse(f"记账流水号 {number} 不存在")


@handles("4205")
def take_outpatient_visit(request: Request) -> None:
    given = _written.write(request.input)
    visit = given["mdtrtinfo"]
    held = _open(request, visit["fixmedins_mdtrt_id"])
    _enter(held, given["feedetail"], next(name for name in ("bkkp_sn", "feedetl_sn") if name in given["feedetail"][0]))
    held.visit, held.diagnoses = visit, given["diseinfo"]


@handles("4206")
def take_back_visit(request: Request) -> None:
    number = request.input.fixmedins_mdtrt_id
    _open(request, number)
    del visits(request.world)[number]


@handles("4207")
def query_fees(request: Request) -> dict[str, Any]:
    held = _there(request, request.input.fixmedins_mdtrt_id)
    rows = [_camel(row | {"fixmedins_mdtrt_id": request.input.fixmedins_mdtrt_id}) for row in held.fees.values()]
    return {"recordCounts": len(rows), "pages": 1, "data": rows}


@handles("4208")
def query_visits(request: Request) -> dict[str, Any]:
    asked = request.input.certno
    held = [each.visit for each in visits(request.world).values() if each.visit]
    found = [visit for visit in held if asked in (None, visit["certno"])]
    return {"recordCounts": len(found), "pages": 1, "data": [_camel(each) for each in found]}


@handles("4209")
def query_diagnoses(request: Request) -> dict[str, Any]:
    held = _there(request, request.input.fixmedins_mdtrt_id)
    return {"recordCounts": len(held.diagnoses), "pages": 1, "data": [_camel(each) for each in held.diagnoses]}


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    def name(wire: str) -> str:
        first, *rest = wire.split("_")
        return first + "".join(part.title() for part in rest)

    return {name(wire): value for wire, value in row.items()}
