"""Stock: counts, changes, purchases and returns by batch (3501 to 3504), what is deleted (3507), what is shown
of it (3508 to 3512).

A record is of one batch (fixmedins_bchno), and stays until its batch's records of that kind are deleted.
``world.kept["stock"]`` has what the platform holds; ``world.kept["refusals"]`` is where a test says in which words the
records of a batch are refused, one after the other.
"""

from __future__ import annotations

from typing import Any

import attrs

from ...contract.simulation import Refuse
from ..requests import Request, handles
from .records import refusals

COUNT, CHANGE, PURCHASE, SALE = "1", "2", "3", "4"
"""inv_data_type."""

REFUSED = "0"

BOUGHT, GIVEN_BACK = "0", "1"
"""prod_retn_flag."""


@attrs.define(kw_only=True)
class StockRecord:
    """A record of stock. ``msgid`` is the message that brought it."""

    kind: str
    row: Any = attrs.field(repr=False)
    msgid: str
    at: Any
    back: bool = False

    @property
    def batch(self) -> str:
        return str(self.row.fixmedins_bchno)


def stock(world: Any) -> list[StockRecord]:
    """What the platform holds, in order."""
    held: list[StockRecord] = world.kept.setdefault("stock", [])
    return held


def _take(request: Request, row: Any, kind: str, *, back: bool = False) -> str:
    """Take a record; why not, where it is refused."""
    waiting = refusals(request.world).get(row.fixmedins_bchno)
    if waiting:
        return str(waiting.pop(0))
    held = stock(request.world)
    bought = any(each.batch == row.fixmedins_bchno and each.kind == PURCHASE for each in held)
    if back and not bought:
        return f"批次 {row.fixmedins_bchno} 没有采购记录"
    held.append(StockRecord(kind=kind, row=row, msgid=request.msgid, at=request.at, back=back))
    return ""


def _one(request: Request, row: Any, kind: str, *, back: bool = False) -> None:
    why = _take(request, row, kind, back=back)
    if why:
        raise Refuse(why)


def _several(
    request: Request, rows: list[Any], kind: str, *, back: bool = False, named: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Take several records; those that are refused, as answers list them."""
    refused = []
    for row in rows:
        why = _take(request, row, kind, back=back)
        if why:
            names = ("fixmedins_hilist_id", "fixmedins_hilist_name", "fixmedins_bchno", "med_list_codg", *named)
            refused.append({name: getattr(row, name) for name in names} | {"retRslt": REFUSED, "msgRslt": why})
    return refused


@handles("3501")
def count(request: Request) -> None:
    _one(request, request.input.invinfo, COUNT)


@handles("3501A")
def counts(request: Request) -> None:
    refused = _several(request, request.input.invinfoDetail, COUNT)
    if refused:
        raise Refuse("；".join(each["msgRslt"] for each in refused))


@handles("3502")
def change(request: Request) -> None:
    _one(request, request.input.invinfo, CHANGE)


@handles("3502A")
def changes(request: Request) -> dict[str, Any] | None:
    refused = _several(request, request.input.invinfoDetail, CHANGE, named=("inv_chg_type",))
    return {"invinfoErrDetail": refused} if refused else None


@handles("3503")
def purchase(request: Request) -> dict[str, Any]:
    _one(request, request.input.purcinfo, PURCHASE)
    return {"result": {"retRslt": "1", "msgRslt": ""}}


@handles("3503A")
def purchases(request: Request) -> dict[str, Any]:
    rows = request.input.purcinfoDetail
    refused = {each["fixmedins_bchno"]: each["msgRslt"] for each in _several(request, rows, PURCHASE)}
    return {"purcinfoDetail": [
        {
            "fixmedins_bchno": row.fixmedins_bchno, "retRslt": "0" if row.fixmedins_bchno in refused else "1",
            "msgRslt": refused.get(row.fixmedins_bchno, ""), "medins_prod_purc_no": f"P{request.msgid[-12:]}{place}",
        }
        for place, row in enumerate(rows)
    ]}  # fmt: skip


@handles("3504")
def purchase_return(request: Request) -> dict[str, Any]:
    _one(request, request.input.purcinfo, PURCHASE, back=True)
    return {"result": {"retRslt": "1", "msgRslt": ""}}


@handles("3504A")
def purchase_returns(request: Request) -> dict[str, Any] | None:
    rows = request.input.purcinfoDetail
    refused = _several(request, rows, PURCHASE, back=True, named=("medins_prod_purc_no",))
    return {"purcinfoErrDetail": refused} if refused else None


# -- deleted ---------------------------------------------------------------------------------------------------------


def _delete(request: Request, row: Any) -> str:
    world, batch = request.world, row.fixmedins_bchno
    if row.inv_data_type == SALE:
        sold = [code for code, each in world.sold.items() if each.facts["fixmedins_bchno"] == batch]
        sales = [each for each in world.sales if each["batch"] == batch]
        if not sales:
            return f"批次 {batch} 没有销售记录"
        for code in sold:
            del world.sold[code]
        world.sales[:] = [each for each in world.sales if each["batch"] != batch]
        return ""
    held = stock(world)
    left = [each for each in held if (each.batch, each.kind) != (batch, row.inv_data_type)]
    if len(left) == len(held):
        return f"批次 {batch} 没有这类记录"
    held[:] = left
    return ""


@handles("3507")
def delete(request: Request) -> None:
    why = _delete(request, request.input.data)
    if why:
        raise Refuse(why)


@handles("3507A")
def delete_several(request: Request) -> dict[str, Any] | None:
    refused = [
        {"fixmedins_bchno": row.fixmedins_bchno, "inv_data_type": row.inv_data_type, "retRslt": REFUSED, "msgRslt": why}
        for row in request.input.goodDetail
        if (why := _delete(request, row))
    ]
    return {"goodErrDetail": refused} if refused else None


# -- shown -----------------------------------------------------------------------------------------------------------


def _asked(request: Request, kind: str) -> list[StockRecord]:
    asked = request.input.data
    return [
        each
        for each in stock(request.world)
        if each.kind == kind
        and asked.fixmedins_bchno in (None, each.batch)
        and asked.medins_list_codg in (None, each.row.fixmedins_hilist_id)
        and asked.begndate <= each.at.date() <= asked.enddate
    ]


def _common(request: Request, record: StockRecord) -> dict[str, Any]:
    row = record.row
    return {
        "fixmedinsCode": request.world.institution, "medListCodg": row.med_list_codg,
        "medinsListCodg": row.fixmedins_hilist_id, "medinsListName": row.fixmedins_hilist_name,
        "fixmedinsBchno": row.fixmedins_bchno, "rxFlag": row.rx_flag, "memo": row.memo, "valiFlag": "1",
        "crteTime": record.at.isoformat(" ", "seconds"),
    }  # fmt: skip


@handles("3508")
def query_stock(request: Request) -> dict[str, Any]:
    return {"output": [
        _common(request, each) | {"invdate": each.row.invdate, "invCnt": each.row.inv_cnt}
        for each in _asked(request, COUNT)
    ]}  # fmt: skip


@handles("3509")
def query_changes(request: Request) -> dict[str, Any]:
    return {"output": [
        _common(request, each) | {
            "invChgType": each.row.inv_chg_type, "cnt": each.row.cnt, "pric": each.row.pric,
            "invChgTime": each.row.inv_chg_time.isoformat(" ", "seconds"),
        }
        for each in _asked(request, CHANGE)
    ]}  # fmt: skip


@handles("3510")
def query_purchases(request: Request) -> dict[str, Any]:
    return {"output": [
        _common(request, each) | {
            "purcRetnCnt": each.row.purc_retn_cnt, "splerName": each.row.spler_name,
            "purcRetnStoinTime": each.row.purc_retn_stoin_time.isoformat(" ", "seconds"),
            "prodRetnFlag": GIVEN_BACK if each.back else BOUGHT,
        }
        for each in _asked(request, PURCHASE)
    ]}  # fmt: skip


@handles("3511")
def query_sales(request: Request) -> dict[str, Any]:
    asked = request.input.data
    return {"output": [
        {
            "fixmedinsCode": request.world.institution, "fixmedinsBchno": each["batch"], "setlId": each["setl_id"],
            "medinsListCodg": each["item"], "selRetnTime": each["time"].isoformat(" ", "seconds"),
            "selRetnCnt": each["cnt"], "valiFlag": "1",
        }
        for each in request.world.sales
        if asked.fixmedins_bchno in (None, each["batch"]) and asked.setl_id in (None, each["setl_id"])
    ]}  # fmt: skip


@handles("3512")
def query_inbound_codes(request: Request) -> dict[str, Any]:
    asked = request.input.data
    found = [
        (each, given.drug_trac_codg)
        for kind in (COUNT, CHANGE)
        for each in _asked(request, kind)
        for given in each.row.drugtracinfo or ()
    ]
    return {"output": [
        _common(request, each) | {"drugTracCodg": code}
        for each, code in found
        if asked.drug_trac_codg in (None, code)
    ]}  # fmt: skip
