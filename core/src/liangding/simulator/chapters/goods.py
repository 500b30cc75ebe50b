"""Goods: sales and returns with traceability codes, each code on one sale only (3505, 3505A, 3506, 3506A, 3513)."""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ..requests import Request, handles
from ..world import Sold

ACCEPTED = {"retRslt": "1", "msgRslt": ""}


@handles("3505")
def upload_sale(request: Request) -> dict[str, Any]:
    return {"result": _sell(request, request.input.selinfo)}


@handles("3505A")
def upload_sales(request: Request) -> dict[str, Any]:
    rows = request.input.selinfoDetail
    answers = [_sell(request, row) | {"fixmedins_bchno": row.fixmedins_bchno} for row in rows]
    if all(answer["retRslt"] == "1" for answer in answers):
        return {"result": ACCEPTED}
    return {"selinfoDetail": answers}


def _sell(request: Request, sale: Any) -> dict[str, Any]:
    world = request.world
    codes = [c.drug_trac_codg for c in sale.drugtracinfo or () if c.drug_trac_codg]
    if sale.setl_id and (sale.setl_id not in world.settlements or not world.settlements[sale.setl_id].counts):
        return {"retRslt": "0", "msgRslt": "结算信息不存在或已撤销"}
    if sale.trdn_flag != "1":
        for code in codes:
            held = world.sold.get(code)
            if held is not None and not held.returned:
                return {"retRslt": "0", "msgRslt": f"追溯码 {code} 已有销售记录"}
        if len(set(codes)) != len(codes):
            return {"retRslt": "0", "msgRslt": "追溯码在同一单据中重复"}
    facts = {
        "med_list_codg": sale.med_list_codg, "fixmedins_bchno": sale.fixmedins_bchno, "at": request.at,
        "psn_no": sale.psn_no, "trdn_flag": sale.trdn_flag, "medins_list_codg": sale.fixmedins_hilist_id,
        "epoch": request.epoch,
    }  # fmt: skip
    for code in codes:
        world.sold[code] = Sold(code=code, setl_id=sale.setl_id or "", mdtrt_sn=sale.mdtrt_sn, facts=facts)
    world.sales.append({
        "msgid": request.msgid, "setl_id": sale.setl_id, "mdtrt_sn": sale.mdtrt_sn, "codes": codes,
        "batch": sale.fixmedins_bchno, "item": sale.fixmedins_hilist_id, "time": sale.sel_retn_time,
        "cnt": sale.sel_retn_cnt,
    })  # fmt: skip
    return ACCEPTED


@handles("3506")
def return_sale(request: Request) -> None:
    why = _take_back(request, request.input.selinfo)
    if why:
        raise Refuse(why)


@handles("3506A")
def return_sales(request: Request) -> dict[str, Any] | None:
    refused = []
    for row in request.input.selinfoDetail:
        why = _take_back(request, row)
        if why:
            refused.append(
                {
                    "med_list_codg": row.med_list_codg, "fixmedins_hilist_id": row.fixmedins_hilist_id,
                    "fixmedins_hilist_name": row.fixmedins_hilist_name, "fixmedins_bchno": row.fixmedins_bchno,
                    "retRslt": "0", "msgRslt": why,
                }
            )  # fmt: skip
    return {"selinfoErrDetail": refused} if refused else None


def _take_back(request: Request, sale: Any) -> str:
    for given in sale.drugtracinfo or ():
        held = request.world.sold.get(given.drug_trac_codg)
        if held is None or held.returned:
            return f"追溯码 {given.drug_trac_codg} 没有可退的销售记录"
        held.returned = True
    return ""


@handles("3513")
def query_sold(request: Request) -> dict[str, Any]:
    asked = request.input.data
    wanted = {
        "med_list_codg": asked.med_list_codg,
        "fixmedins_bchno": asked.fixmedins_bchno,
        "medins_list_codg": asked.medins_list_codg,
    }
    found = [
        sold
        for sold in request.world.sold.values()
        if not sold.returned
        and asked.mdtrt_id in (None, sold.mdtrt_sn)
        and asked.drug_trac_codg in (None, sold.code)
        and all(value in (None, sold.facts[name]) for name, value in wanted.items())
        and request.world.visible(sold.facts["epoch"], request.epoch)
    ]
    return {
        "output": [
            {
                "fixmedinsCode": request.world.institution, "medListCodg": sold.facts["med_list_codg"],
                "fixmedinsBchno": sold.facts["fixmedins_bchno"], "mdtrtId": sold.mdtrt_sn, "mdtrtSetlType": "1",
                "drugTracCodg": sold.code, "psnNo": sold.facts["psn_no"], "trdnFlag": sold.facts["trdn_flag"],
                "crteTime": sold.facts["at"].isoformat(" ", "seconds"),
            }
            for sold in found
        ]
    }  # fmt: skip
