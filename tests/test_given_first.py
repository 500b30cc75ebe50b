"""What a flow is given is held against all that it will send before the first message leaves, in the caller's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import HOSPITAL, done, numbers, run
from liangding.config import Kind
from liangding.contract import Credential
from liangding.flows import Status
from liangding.simulator.people import Person
from stories.given import (
    ADMITTED_WITH,
    INPATIENT_FEE,
    WHOLE_WARD,
    fee,
    whole_admission,
    whole_discharge,
    whole_purchase,
    whole_visit,
)
from support import Rig, bill, simulated_rig_for
from test_registrations import TRANSFER

LONG = "长" * 120
STAY = {"mdtrt_id": "1", "psn_no": "1", "insured_place": "441900", "insutype": "310", "ipt_no": "I1"}


def given_of(rig: Rig, flow: str) -> dict[str, Any]:
    """The least that each flow is given."""
    person = rig.person()
    made: dict[str, Any] = {
        "pharmacy_purchase": lambda: bill(person, codes=("81000000000000000001",)),
        "outpatient": lambda: bedside.bill(person),
        "outpatient_registration": lambda: {
            "credential": bedside.shown(person), "ipt_otp_no": "O1", "doctor": bedside.DOCTOR,
        },
        "admission": lambda: bedside.admission(person),
        "admission_change": lambda: {
            "credential": bedside.shown(person), "stay": STAY, "ward": bedside.WARD, "diagnoses": bedside.DIAGNOSES,
            "begun_at": bedside.ADMITTED,
        },
        "inpatient_fees": lambda: {"stay": STAY, "doctor": bedside.DOCTOR, "rows": [bedside.item("F1")]},
        "inpatient_trial": lambda: {"credential": bedside.shown(person), "stay": STAY},
        "discharge": lambda: bedside.discharge(person, stay=STAY),
        "register_transfer": lambda: {"credential": bedside.shown(person), "facts": TRANSFER},
    }  # fmt: skip
    return dict(made[flow]())


def put(given: Any, place: str, value: Any) -> None:
    """Write ``value`` at a place as errors name it, ``rows[0].price``."""
    *above, last = [int(p) if p.isdigit() else p for p in place.replace("[", ".").replace("]", "").split(".")]
    for each in above:
        if isinstance(given[each], dict | list):
            given[each] = given[each].copy()
        given = given[each]
    given[last] = value


WRONG = [
    (Kind.PHARMACY, "pharmacy_purchase", "rows[0].price", "-1"),
    (Kind.PHARMACY, "pharmacy_purchase", "rows[0].count", "0"),
    (Kind.PHARMACY, "pharmacy_purchase", "rows[1].med_list_codg", ""),
    (Kind.PHARMACY, "pharmacy_purchase", "rows[1].prescription_no", "R" * 41),
    (Kind.PHARMACY, "pharmacy_purchase", "rows[0].goods.manu_lotnum", LONG),
    (Kind.PHARMACY, "pharmacy_purchase", "staff.pharmacist", LONG),
    (Kind.PHARMACY, "pharmacy_purchase", "invoice_no", LONG),
    # 东莞 附件6 药店二(一)：医疗类别固定 41；门诊部二(一)：个人结算方式固定 01
    (Kind.PHARMACY, "pharmacy_purchase", "med_type", "11"),
    (Kind.CLINIC, "outpatient", "psn_setlway", "02"),
    (Kind.HOSPITAL, "outpatient", "psn_setlway", LONG),
    (Kind.HOSPITAL, "outpatient", "ipt_otp_no", "O" * 31),
    (Kind.HOSPITAL, "outpatient", "invoice_no", LONG),
    (Kind.HOSPITAL, "discharge", "invoice_no", LONG),
    (Kind.HOSPITAL, "outpatient", "doctor.dr_name", LONG),
    (Kind.HOSPITAL, "outpatient", "diagnoses[1].diag_code", ""),
    (Kind.HOSPITAL, "outpatient", "rows[1].hosp_appr_flag", "9"),
    (Kind.HOSPITAL, "outpatient", "rows[0].price", "-0.01"),
    (Kind.HOSPITAL, "outpatient_registration", "doctor.caty", LONG),
    (Kind.HOSPITAL, "admission", "ward.adm_bed", LONG),
    (Kind.HOSPITAL, "admission", "ward.doctor.dr_name", LONG),
    (Kind.HOSPITAL, "admission", "diagnoses[0].diag_name", ""),
    (Kind.HOSPITAL, "admission_change", "ward.adm_bed", LONG),
    (Kind.HOSPITAL, "inpatient_fees", "rows[0].medins_list_codg", ""),
    (Kind.HOSPITAL, "inpatient_trial", "psn_setlway", LONG),
    (Kind.HOSPITAL, "discharge", "dscg_way", "Z"),
    (Kind.HOSPITAL, "discharge", "psn_setlway", LONG),
    (Kind.HOSPITAL, "register_transfer", "facts.refl_rea", ""),
    # 异地就医 2.1：代码在字典之中，住院类型只随住院；凭证与险种也在第一条报文之前核对
    (Kind.HOSPITAL, "outpatient", "offsite", {"trum_flag": "7"}),
    (Kind.HOSPITAL, "outpatient", "offsite", {"ipt_type": "2"}),
    (Kind.HOSPITAL, "outpatient_registration", "offsite", {"otp_er_refl_flag": "X"}),
    (Kind.HOSPITAL, "admission", "offsite", {"otp_er_refl_flag": "1"}),
    (Kind.HOSPITAL, "admission", "insutype", "ABC"),
    (Kind.HOSPITAL, "outpatient", "insured_place", "东莞"),
    (Kind.HOSPITAL, "outpatient", "credential.number", ""),
    (Kind.PHARMACY, "pharmacy_purchase", "credential.type", "7"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "flow", "place", "value"), WRONG)
def test_what_is_wrong_is_told_before_the_first_message_by_the_callers_own_place(
    tmp_path: Path, kind: Kind, flow: str, place: str, value: Any
) -> None:
    settings: dict[str, Any] = HOSPITAL if kind is Kind.HOSPITAL else {"kind": kind}
    with simulated_rig_for(tmp_path, **settings) as rig:
        given = given_of(rig, flow)
        put(given, place, value)
        view = run(rig, flow, given, "K1")
        assert view.error is not None
        assert (view.status, numbers(rig)) == (Status.STOPPED, [])
        place = f"{place}.{next(iter(value))}" if isinstance(value, dict) else place
        assert {each["path"] for each in view.error["problems"]} == {f"given.{place}"}


TOO_LONG, TOO_MANY = "长" * 5000, "9" * 40
NUMBERS = {"count", "price", "total", "geso_val", "fetts", "fetus_cnt", "prd_days"}
KEPT = {"credential", "order", "stay"}
"""What is shown, asked by the audit alone, or known to the platform by then."""

ELSEWHERE = {
    "pharmacy_purchase": r"receipt_no|till|doctor|diagnoses|rows\[\d\]\.name", "admission": r"ward\.doctor\.caty",
    "admission_change": r"ward\.doctor\.caty", "inpatient_fees": r"doctor|rows\[\d\]\.(doctor|name)",
    "outpatient": r"till|matn_stas|matn_type|geso_val|rows\[\d\]\.(doctor|name)",
    "discharge": r"matn_stas|doctor\.(atddr_no|dr_name|caty)|ward\.(doctor|adm_|main_|medrcdno|coner|tel|dise_type)",
}  # fmt: skip
"""What of the given is in no message that the flow will certainly send: in keys, in audits, in 2203A, or a row's own;
the doctor of a row is held when the rows are."""


def spoilt(given: Any, place: str, places: set[str]) -> Any:
    """The given with every text and number longer than it can be; where that is."""
    if isinstance(given, dict):
        inner = {name: f"{place}.{name}" for name in given}
        return {n: each if n in KEPT else spoilt(each, inner[n], places) for n, each in given.items()}
    if isinstance(given, list):
        return [spoilt(each, f"{place}[{i}]", places) for i, each in enumerate(given)]
    if not isinstance(given, str) or re.match(r"\d{4}-\d\d-\d\d", given):
        return given
    places.add(place)
    return TOO_MANY if place.rpartition(".")[2] in NUMBERS else TOO_LONG + place


WHOLE: dict[str, Callable[[Person], Any]] = {
    "pharmacy_purchase": whole_purchase, "outpatient": whole_visit, "admission": whole_admission,
    "admission_change": lambda person: {
        "credential": bedside.shown(person), "stay": STAY, "ward": WHOLE_WARD, "diagnoses": ADMITTED_WITH,
        "begun_at": bedside.ADMITTED,
    },
    "inpatient_fees": lambda _: {"stay": STAY, "doctor": bedside.DOCTOR, "rows": [fee(1), fee(2, **INPATIENT_FEE)]},
    "discharge": lambda person: whole_discharge(person, stay=STAY),
}  # fmt: skip


@pytest.mark.parametrize("flow", WHOLE)
def test_whatever_is_wrong_is_told_by_the_callers_own_place_all_at_once(tmp_path: Path, flow: str) -> None:
    with simulated_rig_for(tmp_path, **({} if flow == "pharmacy_purchase" else HOSPITAL)) as rig:
        places: set[str] = set()
        view = run(rig, flow, spoilt(WHOLE[flow](rig.person()), "given", places), "K1")
        assert view.error is not None
        assert (view.status, numbers(rig)) == (Status.STOPPED, [])
        told = {each["path"] for each in view.error["problems"]}
        wanted = {place for place in places if not re.match(rf"given\.({ELSEWHERE[flow]})", place)}
        assert (wanted - told, told - places) == (set(), set())


@pytest.mark.parametrize("flow", sorted({flow for kind, flow, _, _ in WRONG if kind is Kind.HOSPITAL}))
def test_the_least_that_is_right_passes(tmp_path: Path, flow: str) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL) as rig:
        view = run(rig, flow, given_of(rig, flow), "K1")
        assert (view.error or {}).get("code") != "invalid_message", view.error


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("02", " 11010519491231002x ", "11010519491231002X"),
        ("02", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("02", "110105 19491231 002X", "11010519491231002X"), ("99", "Ｈ12345678", "H12345678"),
        ("03", " A12345678 ", "A12345678"), ("01", "x1y2", "x1y2"),
    ],
)  # fmt: skip
def test_a_number_that_is_typed_otherwise_is_mended(kind: str, written: str, read: str) -> None:
    assert Credential(type=kind, number=written).number == read


def test_a_number_with_a_wrong_checksum_is_asked_and_warned_of(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        person = rig.person()
        wrong = person.certno[:-1] + ("1" if person.certno[-1] != "1" else "2")
        given = bill(person, credential={"type": "02", "number": wrong})
        view = run(rig, "pharmacy_purchase", given, "K1")
        assert view.status is Status.STOPPED
        assert any("身份证号码可能抄错了" in sentence and wrong not in sentence for sentence in view.advice)
        assert numbers(rig) == ["9001", "1101", "1101"]
        lower = {"type": "02", "number": person.certno.lower()}
        done(run(rig, "pharmacy_purchase", bill(person, credential=lower), "K2", use_account="0"))
