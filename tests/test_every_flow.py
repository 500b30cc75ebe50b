"""Every flow in every province, kind of institution and for every kind of person, with the least that it can be given.

What is expected stands here as the documents say it, section by section; nothing of it is read from the plugins.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import attrs
import pytest

import bedside
from bedside import numbers, run
from liangding.config import Kind
from liangding.contract import Credential, Region
from liangding.flows import Status, View
from liangding.identity import Cover, Insured, choices
from liangding.simulator.people import Person
from support import Rig, bill, simulated_rig_for

AREAS = {"dongguan": "441900", "shaanxi": "610100", "sichuan": "510400", "xinjiang": "650100", "gansu": "620100",
         "hunan": "430100"}  # fmt: skip

WITH_A = {
    # 东莞 附件6 各表只列不带 A 的交易；四川 三章 建议实现带 A 的交易号，支持本地、省内异地及跨省异地
    "dongguan": (), "sichuan": ("local", "province", "cross"),
    # 陕西、新疆、甘肃的文件没有另说：带 A 的用于跨省异地
    "shaanxi": ("cross",), "xinjiang": ("cross",), "gansu": ("cross",), "hunan": ("cross",),
}  # fmt: skip

FIXED = {
    # 东莞 附件6 药店二(一)：med_type 41，mdtrtarea_admvs 441900；门诊部二(一)：med_type 9935，psn_setlway 01
    ("dongguan", Kind.PHARMACY): {"med_type": "41"},
    ("dongguan", Kind.CLINIC): {"med_type": "9935", "psn_setlway": "01"},
}

INSURANCES = {
    # 东莞 附件6 药店、门诊部二(一)：险种 310、390
    ("dongguan", Kind.PHARMACY): ("310", "390"), ("dongguan", Kind.CLINIC): ("310", "390"),
}  # fmt: skip

ACCOUNTS = {"dongguan": ("310", "390")}
"""东莞 二(一) acct_used_flag：310、390 都问；别处个人账户是职工的."""

CARRIERS = ("1101", "2101", "2102", "2103", "2201", "2202", "2203", "2204", "2206", "2207", "2208", "2303", "2304",
            "2305", "2401")  # fmt: skip
"""四川 五章：药店、门诊、住院结算与撤销都带校验介质."""

PAPERS = {
    # 湖南 V1.1.27：这些交易的证件类型、证件号码、人员姓名、人员类别必填，住院另有参保地、就医地
    "2101": ("psn_cert_type", "certno", "psn_name", "psn_type"),
    "2102": ("psn_cert_type", "certno", "psn_name", "psn_type"),
    "2201": ("psn_cert_type", "certno", "psn_name", "psn_type"),
    "2206": ("psn_cert_type", "certno", "psn_name", "psn_type"),
    "2207": ("psn_cert_type", "certno"),
    "2303": ("psn_cert_type", "certno", "psn_name", "psn_type", "insuplc_admdvs", "mdtrtarea_admvs"),
    "2304": ("psn_cert_type", "certno", "psn_name", "psn_type", "insuplc_admdvs", "mdtrtarea_admvs"),
    "2401": ("cert_type", "certno", "insuplc_admdvs", "mdtrtarea_admvs"),
}

PEOPLE: dict[str, tuple[str, str]] = {
    # case → where insured, and the insurance that settles; "-": none does; "?": the person is asked, and says the last
    "local": ("local", "310"), "province": ("province", "310"), "cross": ("cross", "310"),
    "resident": ("local", "390"), "employee_and_resident": ("local", "?310 390"),
    "veteran": ("local", "340"), "veteran_and_employee": ("local", "?310 340"),
    "births": ("local", "310"), "births_only": ("local", "-"),
    "suspended": ("local", "-"), "paused_and_normal": ("local", "390"), "hong_kong": ("local", "310"),
}  # fmt: skip


def shown(person: Person) -> dict[str, str]:
    """The identity card, or another document by its number (99)."""
    return bedside.shown(person) if person.cert_type == "01" else {"type": "99", "number": person.certno}


def expected(region: str, kind: Kind, case: str) -> tuple[str, bool]:
    """The insurance that settles (empty: none does), and whether the person is asked which."""
    told = PEOPLE[case][1]
    held, order = told.lstrip("?-").split(), INSURANCES.get((region, kind))
    if order is not None:
        left = [each for each in order if each in held]
        return (left[0] if left else "", False)
    return (held[-1] if held else "", told.startswith("?"))


def sent(rig: Rig, since: int) -> list[dict[str, Any]]:
    """What was sent after a call of that number, in order."""
    calls = [call for call in reversed(rig.runtime.journal.latest(limit=400)) if call.id > since]
    return [json.loads(call.request or b"{}") for call in calls]


def nodes(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The business nodes of a message, each row of one that repeats."""
    found = message["input"].values()
    return [row for node in found for row in (node if isinstance(node, list) else [node]) if isinstance(row, dict)]


@attrs.define(kw_only=True)
class Case:
    """One person at one institution."""

    rig: Rig
    region: str
    kind: Kind
    case: str
    number: int
    views: list[View] = attrs.field(factory=list)

    @property
    def person(self) -> Person:
        return self.rig.person(self.case)

    def key(self, name: str) -> str:
        return f"{name}{self.number}"

    def run(self, flow: str, given: dict[str, Any], name: str, **answers: str) -> View:
        wanted, _ = expected(self.region, self.kind, self.case)
        told = {"insutype": wanted, "use_account": "1", **answers}
        given = {k: v for k, v in given.items() if k != "use_account"}
        view = run(self.rig, flow, given | {"credential": shown(self.person)}, self.key(name), **told)
        self.views.append(view)
        return view

    # -- what is sent ------------------------------------------------------------------------------------------------

    def hold(self, messages: list[dict[str, Any]]) -> None:
        """Hold what was sent against what the documents say."""
        where, (insutype, _) = PEOPLE[self.case][0], expected(self.region, self.kind, self.case)
        place = next(c.place for c in self.person.covers if c.insutype == insutype and c.status == "1")
        for message in messages:
            infno = message["infno"]
            assert message["mdtrtarea_admvs"] == AREAS[self.region], infno
            if infno not in ("9001", "1101"):
                assert message["insuplc_admdvs"] == place, infno
            for node in nodes(message):
                self._fields(infno, node, insutype)
            if self.region == "hunan":
                wanted = PAPERS.get(infno, ())
                assert not wanted or any(all(node.get(name) for name in wanted) for node in nodes(message)), infno
            if self.region == "sichuan" and infno.rstrip("A") in CARRIERS:
                assert any((node.get("expContent") or {}).get("card_token") for node in nodes(message)), infno
        settled = [m["infno"] for m in messages if m["infno"].rstrip("A") in ("2102", "2207", "2304")]
        a = "A" if where in WITH_A[self.region] else ""
        assert all(each.endswith("A") is bool(a) for each in settled), settled
        assert settled

    def _fields(self, infno: str, node: dict[str, Any], insutype: str) -> None:
        for name, value in FIXED.get((self.region, self.kind), {}).items():
            if name in node:
                assert node[name] == value, (infno, name)
        if "insutype" in node:
            assert node["insutype"] == insutype, infno
        if "acct_used_flag" in node:
            account = insutype in ACCOUNTS.get(self.region, ("310",)) and self._balance(insutype) > 0
            assert node["acct_used_flag"] == ("1" if account else "0"), (self.case, infno)
        assert "exp_content" not in node or self.region != "sichuan", infno

    def _balance(self, insutype: str) -> Any:
        return max(c.balance for c in self.person.covers if c.insutype == insutype)

    # -- flows -------------------------------------------------------------------------------------------------------

    def begin(self, flow: str, given: dict[str, Any], name: str) -> bool:
        """The flow that the person's business begins with; whether an insurance settles at all. Who has none is told
        so, and nothing was changed."""
        insutype, _ = expected(self.region, self.kind, self.case)
        before = len(numbers(self.rig))
        view = self.run(flow, given, name)
        if insutype:
            assert view.status is Status.DONE, (self.case, view.step, view.error, view.question)
            return True
        assert view.error is not None
        assert view.error["code"] == "not_insured", (self.case, view.error)
        assert set(numbers(self.rig)[before:]) <= {"9001", "1101"}
        return False

    def follow(self, flow: str, given: dict[str, Any], name: str) -> View:
        view = self.run(flow, given, name)
        assert view.status is Status.DONE, (self.case, flow, view.step, view.error, view.question)
        return view


def at_a_pharmacy(case: Case) -> None:
    """购药，退药."""
    if case.begin("pharmacy_purchase", bill(case.person, case.key("R")), "R"):
        case.follow("pharmacy_refund", {"purchase_key": case.key("R")}, "B")


def outpatients(case: Case) -> None:
    """挂号、收费、又一张单、部分退费、只撤结算后重新结算、退到挂号."""
    number = case.key("O")
    given = {"ipt_otp_no": number, "doctor": bedside.DOCTOR}
    if not case.begin("outpatient_registration", given, "G"):
        return
    first = bedside.bill(case.person, case.key("V"), ipt_otp_no=number, visit_key=case.key("G"))
    case.follow("outpatient", first, "V")
    second = bedside.bill(case.person, case.key("W"), ipt_otp_no=number, visit_key=case.key("V"), diagnoses=[])
    case.follow("outpatient", second, "W")
    back = [{"feedetl_sn": f"{case.key('V')}-0001", "count": "1"}]
    case.follow("outpatient_partial_refund", {"bill_key": case.key("V"), "returns": back}, "P")
    case.follow("outpatient_undo", {"bill_key": case.key("W"), "level": "settlement"}, "U")
    case.follow("outpatient_settle_again", {"bill_key": case.key("W")}, "S")
    case.follow("outpatient_undo", {"bill_key": case.key("V"), "level": "registration"}, "X")


def inpatients(case: Case) -> None:
    """入院、变更、每日费用、预结算、出院结算，逐级撤回到入院."""
    admission = bedside.admission(case.person, ipt_no=case.key("I"))
    if not case.begin("admission", admission, "A"):
        return
    stay = {"admission_key": case.key("A")}
    moved = {"stay": stay, "ward": bedside.WARD | {"adm_bed": "15"}, "diagnoses": bedside.DIAGNOSES,
             "begun_at": bedside.ADMITTED}  # fmt: skip
    case.follow("admission_change", moved, "C")
    fees = {"stay": stay, "doctor": bedside.DOCTOR, "rows": [bedside.item(case.key("F"))]}
    view = run(case.rig, "inpatient_fees", fees, case.key("F"))
    assert view.status is Status.DONE, view.error
    case.follow("inpatient_trial", {"stay": stay}, "T")
    case.follow("discharge", bedside.discharge(case.person, stay=stay), "D")
    case.follow("inpatient_undo", {"stay": stay, "level": "admission"}, "Z")


BUSINESS = {Kind.PHARMACY: (at_a_pharmacy,), Kind.CLINIC: (outpatients,), Kind.HOSPITAL: (outpatients, inpatients)}

QUICK = "[resolution]\nbelieve_seconds = 0"


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("region", AREAS)
def test_every_flow_with_the_least_input(tmp_path: Path, region: str, kind: Kind) -> None:
    letter = "P" if kind is Kind.PHARMACY else "H"
    where = {"province": region, "area": AREAS[region], "kind": kind, "code": f"{letter}{AREAS[region]}00001"}
    with simulated_rig_for(tmp_path, **where, more=QUICK) as rig:
        for number, name in enumerate(PEOPLE):
            balances = [cover.balance for cover in rig.person(name).covers]
            for business in BUSINESS[kind]:
                case = Case(rig=rig, region=region, kind=kind, case=name, number=number)
                latest = rig.runtime.journal.latest(limit=1)
                business(case)
                if expected(region, kind, name)[0]:
                    case.hold(sent(rig, latest[0].id if latest else 0))
            assert [cover.balance for cover in rig.person(name).covers] == balances, name
        assert rig.standing() == []
        open_visits = [v for v in rig.platform.world.visits.values() if v.state == "effective" and not v.settlements]
        assert [v.mdtrt_id for v in open_visits] == [], "a visit was left behind"


@pytest.mark.parametrize("case", PEOPLE)
def test_the_order_of_the_rows_of_1101_decides_nothing(tmp_path: Path, case: str) -> None:
    """Rows as 1101 tells them, shuffled a hundred times: one choice."""
    with simulated_rig_for(tmp_path, province="gansu", area="620100") as rig:
        person = rig.person(case)
        rows = [
            Cover(insutype=c.insutype, insured_place=c.place, status=c.status, psn_type=c.psn_type, balance=c.balance)
            for c in [*person.covers, *(attrs.evolve(c, status="2") for c in person.covers)]
        ]
    region, found = Region(name="x", local=("6201",), province=("62",)), set()
    shuffled = random.Random(1)
    for _ in range(100):
        shuffled.shuffle(rows)
        insured = Insured(
            psn_no="1", name="", certno="", cert_type="01", gender="1", covers=tuple(rows),
            credential=Credential(type="02", number="1"),
        )  # fmt: skip
        try:
            found.add(tuple(each.insutype for each in choices(insured, region, ())))
        except Exception as refused:
            found.add((type(refused).__name__,))
    assert len(found) == 1
    (one,) = found
    assert one == {"?": tuple(PEOPLE[case][1][1:].split()), "-": ("NotInsured",)}.get(
        PEOPLE[case][1][0], (PEOPLE[case][1],)
    )


def test_a_veteran_settles_in_full_and_who_has_aid_pays_less(tmp_path: Path) -> None:
    """陕西 一：人员含离休干部、医疗救助；离休（340）政策范围内全额由基金支付."""
    where = {"province": "shaanxi", "area": "610100", "kind": Kind.HOSPITAL, "code": "H61010000001"}
    with simulated_rig_for(tmp_path, **where) as rig:
        splits = {}
        for name in ("veteran", "resident", "aided"):
            given = bedside.bill(rig.person(name), f"B-{name}", ipt_otp_no=f"O-{name}")
            view = run(rig, "outpatient", given, f"B-{name}")
            assert view.status is Status.DONE, view.error
            splits[name] = view.result["settlement"].split
        assert splits["veteran"].fund == splits["veteran"].in_scope > 0
        assert splits["aided"].cash < splits["resident"].cash
        aided = rig.platform.world.settlements[next(reversed(rig.platform.world.settlements))]
        assert aided.split.aid > 0
