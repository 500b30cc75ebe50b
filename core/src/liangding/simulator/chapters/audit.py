"""Audit of orders (3101, 3102) by a handful of made-up rules, and what was done about the findings (3103).

The rules go by words in names and by codes of diagnoses, so that synthetic orders can break them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from ...contract.simulation import Refuse
from ...national.meaning import WARN_TYPES
from ..arithmetic import ZERO
from ..people import FEMALE, MALE, whole_years
from ..requests import Request, handles
from ..world import AuditEntry

CLEAR, LIKELY, SLIGHT = "1", "2", "3"
"""sev_deg: 明确违规、高度可疑、轻度可疑."""

NEW = "1"
"""curr_drord_flag of an order that is being written now."""

MOST = Decimal(60)
"""How much of a thing one order may ask for."""

ADULT = 18

OF_WOMEN, OF_MEN = ("妇科", "宫颈", "子宫", "阴道", "分娩"), ("前列腺", "睾丸", "包皮")
FOR_ADULTS = ("沙星",)
NEEDS = {
    "胰岛素": ("E10", "E11", "E12", "E13", "E14", "O24"),
    "二甲双胍": ("E10", "E11", "E12", "E13", "E14", "O24"),
    "沙坦": ("I10", "I11", "I12", "I13", "I15", "N18"),
    "他汀": ("E78", "I20", "I21", "I25", "I63"),
}
"""Word in the name of a drug → the diagnoses that it is for, by the beginning of their code."""


@attrs.frozen(kw_only=True)
class BrokenRule:
    """A rule that orders break: the ones that do, and those that are involved."""

    orders: tuple[Any, ...]
    involved: tuple[Any, ...] = ()
    text: str


Judge = Callable[[Any, Any, date], Iterator[BrokenRule]]


@attrs.frozen(kw_only=True)
class AuditRule:
    """One rule over a patient's visit."""

    name: str
    severity: str
    why: str
    judge: Judge


def _new(visit: Any) -> list[Any]:
    return [order for order in visit.fsi_order_dtos if order.curr_drord_flag == NEW]


def _twice(patient: Any, visit: Any, today: date) -> Iterator[BrokenRule]:
    held: dict[str, Any] = {}
    new = _new(visit)
    for order in sorted(visit.fsi_order_dtos, key=lambda each: each in new):
        first = held.setdefault(order.hilist_code, order)
        if first is not order and order in new:
            yield BrokenRule(orders=(order,), involved=(first,), text=f"{order.hilist_name} 重复开立")


def _too_much(patient: Any, visit: Any, today: date) -> Iterator[BrokenRule]:
    for order in _new(visit):
        if order.cnt > MOST:
            yield BrokenRule(orders=(order,), text=f"{order.hilist_name} 数量 {order.cnt} 超过 {MOST}")


def _other_sex(patient: Any, visit: Any, today: date) -> Iterator[BrokenRule]:
    words = {MALE: OF_WOMEN, FEMALE: OF_MEN}.get(patient.gend, ())
    for order in _new(visit):
        if any(word in order.hilist_name for word in words):
            yield BrokenRule(orders=(order,), text=f"{order.hilist_name} 与参保人性别不符")


def _child(patient: Any, visit: Any, today: date) -> Iterator[BrokenRule]:
    if whole_years(patient.brdy, today) < ADULT:
        for order in _new(visit):
            if any(word in order.hilist_name for word in FOR_ADULTS):
                yield BrokenRule(orders=(order,), text=f"{order.hilist_name} 不宜用于 {ADULT} 岁以下")


def _without_diagnosis(patient: Any, visit: Any, today: date) -> Iterator[BrokenRule]:
    codes = (visit.dscg_main_dise_codg, *(each.dise_codg for each in visit.fsi_diagnose_dtos))
    for order in _new(visit):
        wanted = next((codes for word, codes in NEEDS.items() if word in order.hilist_name), None)
        if wanted and not any(code.startswith(wanted) for code in codes):
            yield BrokenRule(orders=(order,), text=f"{order.hilist_name} 没有对应的诊断")


def _too_dear(patient: Any, visit: Any, today: date) -> Iterator[BrokenRule]:
    for order in _new(visit):
        if order.pric > order.hilist_pric > 0:
            yield BrokenRule(orders=(order,), text=f"{order.hilist_name} 单价高于目录价格 {order.hilist_pric}")


RULES = {
    "R01": AuditRule(name="重复用药", severity=LIKELY, why="同一就诊同一目录项目只开立一次", judge=_twice),
    "R02": AuditRule(name="超量开药", severity=SLIGHT, why="单次开立数量的上限", judge=_too_much),
    "R03": AuditRule(name="限性别项目", severity=CLEAR, why="项目只用于一种性别", judge=_other_sex),
    "R04": AuditRule(name="限适应症", severity=LIKELY, why="药品须有对应的诊断", judge=_without_diagnosis),
    "R05": AuditRule(name="限儿童用药", severity=CLEAR, why="药品不用于儿童", judge=_child),
    "R06": AuditRule(name="超目录价格", severity=LIKELY, why="单价不高于目录价格", judge=_too_dear),
}


@handles("3101", "3102")
def analyse(request: Request) -> dict[str, Any] | None:
    data = request.input.data
    wanted = RULES if data.trig_scen else {number: RULES[number] for number in _rule_ids(data.rule_ids)}
    found = [
        _finding(request, number, rule, patient, visit, broken)
        for patient in data.patient_dtos
        for visit in patient.fsi_encounter_dtos
        for number, rule in wanted.items()
        for broken in rule.judge(patient, visit, request.at.date())
    ]
    return {"result": found} if found else None


def _rule_ids(given: str | None) -> list[str]:
    try:
        asked = json.loads(given or "")
    except ValueError:
        raise Refuse("规则标识集合不是 JSON 数组") from None
    unknown = [each for each in asked if each not in RULES] if isinstance(asked, list) else [given]
    if unknown:
        raise Refuse(f"没有规则 {unknown[0]}")
    return list(asked)


def _finding(
    request: Request, number: str, rule: AuditRule, patient: Any, visit: Any, broken: BrokenRule
) -> dict[str, Any]:
    jr_id = f"{request.world.area}J{request.world.number('finding'):010d}"
    request.world.findings[jr_id] = AuditEntry(number=jr_id, infno=request.infno, psn_no=patient.patn_id, rule=number)
    listed = [("1", order) for order in broken.orders] + [("2", order) for order in broken.involved]
    return {
        "jr_id": jr_id, "rule_id": number, "rule_name": rule.name, "vola_cont": broken.text,
        "patn_id": patient.patn_id, "mdtrt_id": visit.mdtrt_id,
        "vola_amt": sum((order.sumamt for order in broken.orders), ZERO), "vola_amt_stas": "1",
        "sev_deg": rule.severity, "vola_evid": rule.why, "vola_bhvr_type": "2", "task_id": request.input.data.task_id,
        "judge_result_detail_dtos": [
            {
                "jrd_id": f"{jr_id}-{n}", "patn_id": patient.patn_id, "mdtrt_id": visit.mdtrt_id,
                "rx_id": order.rx_id, "vola_item_type": kind, "vola_amt": order.sumamt if kind == "1" else ZERO,
            }
            for n, (kind, order) in enumerate(listed, 1)
        ],
    }  # fmt: skip


@handles("3103")
def report_feedback(request: Request) -> None:
    data, findings = request.input.data, request.world.findings
    for warning in data.warns:
        held = findings.get(warning.warn_rslt_id)
        if held is None or WARN_TYPES.get(held.infno) != data.warn_type:
            raise Refuse(f"违规标识 {warning.warn_rslt_id} 不存在")
    for warning in data.warns:
        findings[warning.warn_rslt_id].feedback = {"dspo_way": warning.dspo_way, "reason": warning.dspo_way_rea}
