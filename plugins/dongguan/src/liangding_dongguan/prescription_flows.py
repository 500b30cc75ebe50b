"""What Guangdong's prescriptions add to the flows: the access token before all else, which pharmacy has a drug, and the
stock that hospitals see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from liangding.contract import ConfigurationError, Refuse, SimulatedRequest, SimulatedTransaction, State
from liangding.contract.steps import Before, Change, EachCall, Flow, step
from liangding.spec.nodes import beyond
from liangding.workflow.work import Work

TOKEN = "access_token"

ISSUES, PHARMACIES, STOCK = "CFYYJG111", "CFYLJG008", "YDZF102"

FIRST = {
    "prescription_dispensing": "authorise",
    "prescription_sale_withdrawal": "find_sale",
    "prescription_delivery": "find_sale",
}
"""The flows of a pharmacy, and the step that each begins with."""


# -- the access token --------------------------------------------------------------------------------------------------


@step("获取访问令牌", ISSUES, when="按广东的编号办理", uses=())
def access_token(work: Work[Any]) -> None:
    """Fetch the token that the other calls of the pharmacy carry."""
    if work.number("7201") == "7201":
        return
    data = {"fixmedins_code": work.runtime.deployment.institution.code}
    answer = work.call(ISSUES, {"data": data})
    token = work.heard(answer).get("data") or {}
    if not (isinstance(token, dict) and token.get(TOKEN)):
        where = f"spoken.{ISSUES}.fields"
        remedy = f'应答里另有名字的，在部署文件中写 fields = {{ {TOKEN} = "…" }}'
        raise ConfigurationError(f"{ISSUES} 的应答里没有 {TOKEN}", path=where, remedy=remedy)
    work.kept[TOKEN] = token[TOKEN]


def carry_token(work: Work[Any], infno: str, message: Any) -> None:
    """Put the token into what has no public table: the one table that is public has no place for it."""
    token, name = work.kept.get(TOKEN), work.said(infno, TOKEN)
    if not (token and name) or infno == ISSUES or not infno.startswith("CFYYJG"):
        return
    if work.runtime.interfaces[infno].public:
        return
    for node in message.values():
        if isinstance(node, dict):
            node[name] = token


def changes(flow: str) -> Iterable[Change]:
    return (Before(FIRST[flow], access_token), EachCall(carry_token)) if flow in FIRST else ()


# -- which pharmacy has it ---------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class ChoiceGiven:
    """The drug that a doctor thinks of, by its national code."""

    med_list_codg: str


@attrs.define(kw_only=True)
class ChoiceState:
    """What was found: the drug as the centre has it, and the pharmacies, as they were answered."""

    given: ChoiceGiven
    drugs: list[Any] = attrs.field(factory=list)
    pharmacies: list[Any] = attrs.field(factory=list)


@step("查询处方药品", "7211")
def ask_drug(work: Work[ChoiceState]) -> None:
    """Whether the drug can be prescribed outside."""
    data = {
        "fixmedinsCode": work.runtime.deployment.institution.code, "medListCodg": work.state.given.med_list_codg,
        "pageNum": 1, "pageSize": 20,
    }  # fmt: skip
    found = work.call("7211", {"data": data}).output.data
    work.state.drugs = [{"code": row.medListCodg, "name": row.genname} for row in found.list_ or ()]


@step("查询药店", PHARMACIES)
def ask_pharmacies(work: Work[ChoiceState]) -> None:
    """Which pharmacies have it in stock."""
    given = {
        "fixmedins_code": work.runtime.deployment.institution.code, "med_list_codg": work.state.given.med_list_codg
    }  # fmt: skip
    held = work.heard(work.call(PHARMACIES, {"data": given})).get("data")
    work.state.pharmacies = held if isinstance(held, list) else [held] if held else []


class PrescriptionPharmacies(Flow[ChoiceState]):
    """处方药品与药店查询: before a prescription is written that is dispensed elsewhere."""

    name = "prescription_pharmacies"
    title = "处方药品与药店查询"
    given = ChoiceGiven
    state = ChoiceState
    steps = (ask_drug, ask_pharmacies)

    @staticmethod
    def result(state: ChoiceState) -> dict[str, Any]:
        return {"drugs": list(state.drugs), "pharmacies": list(state.pharmacies)}


# -- the stock that hospitals see --------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class StockGiven:
    """``rows`` as 3501A has them; left out, what was counted and uploaded last of each batch (3501, 3501A)."""

    rows: list[dict[str, Any]] = attrs.field(factory=list)


@attrs.define(kw_only=True)
class StockState:
    """How many batches were told."""

    given: StockGiven
    rows: list[dict[str, Any]] = attrs.field(factory=list)
    told: int = 0


LOOKED_AT = 1000
"""How many of the latest counts are looked at."""


@step("汇总库存")
def gather_stock(work: Work[StockState]) -> None:
    """The last count of each batch that the platform has."""
    work.state.rows = list(work.state.given.rows) or counted(work)
    if not work.state.rows:
        work.advise("没有盘存过的库存：先用 3501 或 3501A 上传，或给出 rows")


def counted(work: Work[Any]) -> list[dict[str, Any]]:
    """What 3501 and 3501A uploaded last of each batch, oldest first."""
    journal = work.runtime.journal
    calls = [call for infno in ("3501", "3501A") for call in journal.latest(infno=infno, limit=LOOKED_AT)]
    held: dict[tuple[Any, Any], dict[str, Any]] = {}
    for call in sorted(calls, key=lambda each: each.id):
        if call.state is not State.ACCEPTED or not call.request:
            continue
        rows = json.loads(call.request)["input"].get("invinfo") or []
        for row in rows if isinstance(rows, list) else [rows]:
            told = {name: value for name, value in row.items() if name != "drugtracinfo"}
            held[row.get("fixmedins_hilist_id"), row.get("fixmedins_bchno")] = told
    return list(held.values())


@step("在线库存上传", STOCK, skip=lambda state: not state.rows, when="有库存")
def tell_stock(work: Work[StockState]) -> None:
    """Tell the stock."""
    data = {"fixmedins_code": work.runtime.deployment.institution.code, "invinfo": work.state.rows}
    work.call(STOCK, {"data": data})
    work.state.told = len(work.state.rows)


class OnlineStock(Flow[StockState]):
    """在线库存上传: what hospitals see when they look for a pharmacy."""

    name = "online_stock"
    title = "在线库存上传"
    given = StockGiven
    state = StockState
    steps = (gather_stock, tell_stock)

    @staticmethod
    def result(state: StockState) -> dict[str, Any]:
        return {"told": state.told}


FLOWS = (PrescriptionPharmacies, OnlineStock)


# -- the platform's side -----------------------------------------------------------------------------------------------


def _data(request: SimulatedRequest) -> dict[str, Any]:
    held = beyond(request.input).get("data")
    if not isinstance(held, dict) or held.get("fixmedins_code") != request.deployment.institution.code:
        raise Refuse("定点医药机构编号不存在")
    return held


def issue_token(request: SimulatedRequest) -> Any:
    _data(request)
    return {"data": {TOKEN: f"AT{request.msgid}"}}


def take_stock(request: SimulatedRequest) -> Any:
    data = _data(request)
    request.world.kept.setdefault("online_stock", {})[data["fixmedins_code"]] = data["invinfo"]
    return {"data": {"flag": True}}


def show_pharmacies(request: SimulatedRequest) -> Any:
    wanted = _data(request).get("med_list_codg")
    held = request.world.kept.get("online_stock", {})
    return {
        "data": [
            {"fixmedins_code": code, "inv_cnt": row.get("inv_cnt")}
            for code, rows in held.items()
            for row in rows
            if row.get("med_list_codg") == wanted
        ]
    }


PLAYED: Mapping[str, SimulatedTransaction] = {
    ISSUES: issue_token, STOCK: take_stock, PHARMACIES: show_pharmacies,
}  # fmt: skip
