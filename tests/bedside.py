"""What flows of a hospital are given in tests, and letting them run."""

from __future__ import annotations

from typing import Any

from liangding.config import Kind
from liangding.flows import Status, View
from liangding.simulator.people import Person
from support import Rig, new_key

HOSPITAL = {"kind": Kind.HOSPITAL, "code": "H44190000001"}
"""What makes a rig's deployment a hospital."""

DOCTOR = {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}
DIAGNOSES = [{"diag_code": "I10.x00", "diag_name": "高血压"}, {"diag_code": "J06.900", "diag_name": "上呼吸道感染"}]
WARD = {"doctor": DOCTOR, "adm_bed": "12", "adm_diag_dscr": "高血压"}
ADMITTED = "2026-11-20 09:00:00"


def shown(person: Person, kind: str = "02") -> dict[str, str]:
    """The person's identity number, or the e-credential."""
    return {"type": kind, "number": person.certno if kind == "02" else person.token}


def registration(person: Person) -> dict[str, Any]:
    """2201's input: a person registers at the doctor's."""
    return {
        "data": {
            "psn_no": person.psn_no, "insutype": "310", "begntime": "2026-11-21 10:00:00", "mdtrt_cert_type": "02",
            "mdtrt_cert_no": person.certno, "ipt_otp_no": "O1", **DOCTOR,
        }
    }  # fmt: skip


def item(serial: str, price: str = "33.33", count: str = "3", code: str = "XA01", **more: Any) -> dict[str, Any]:
    """One fee row."""
    return {
        "feedetl_sn": serial, "med_list_codg": code, "medins_list_codg": f"H{code}", "count": count, "price": price,
        "name": "测试药品", "hosp_appr_flag": "1", **more,
    }  # fmt: skip


def bill(person: Person, number: str = "B1", **more: Any) -> dict[str, Any]:
    """A visit with one bill of two rows, 159.99 yuan, whose serial numbers begin with the bill's."""
    return {
        "credential": shown(person), "ipt_otp_no": "O1", "chrg_bchno": number, "doctor": DOCTOR,
        "diagnoses": DIAGNOSES, "rows": [item(f"{number}-0001"), item(f"{number}-0002", "30", "2")],
        "use_account": False, **more,
    }  # fmt: skip


def admission(person: Person, **more: Any) -> dict[str, Any]:
    return {
        "credential": shown(person), "ipt_no": "I1", "ward": WARD, "diagnoses": DIAGNOSES, "begun_at": ADMITTED, **more,
    }  # fmt: skip


def discharge(person: Person, **more: Any) -> dict[str, Any]:
    return {
        "credential": shown(person), "stay": STAY, "doctor": DOCTOR, "diagnoses": DIAGNOSES, "dscg_way": "1",
        "use_account": False, **more,
    }  # fmt: skip


ORDER = {
    "list_type": "101", "med_chrgitm_type": "09", "chrgitm_lv": "01", "spec": "10mg", "unit": "盒",
    "doctor_title": "234",
}  # fmt: skip
"""What the audit asks of a row."""

LEVEL = 'medins_type = "A100"\nhosp_lv = "5"'
"""What the audit asks of the institution."""

STAY = {"admission_key": "A1"}
"""The stay of the admission that was started with the key A1."""


def run(rig: Rig, flow: str, given: dict[str, Any], key: str | None = None, **answers: str) -> View:
    """A flow from its start to where no answer is left for its question; where none is given, it is yes."""
    view = rig.flows.start(flow, given, key=key or new_key())
    return go_on(rig, view, **answers)


def go_on(rig: Rig, view: View, **answers: str) -> View:
    for _ in range(20):
        if view.status is not Status.QUESTION:
            return view
        assert view.question is not None
        if answers.get(view.question.id) == "wait":
            return view
        view = rig.flows.answer(view.id, answers.get(view.question.id, "yes"))
    raise AssertionError(f"asks again and again: {view.question}")


def done(view: View) -> View:
    """The view of a flow that has to have ended well."""
    assert view.status is Status.DONE, (view.step, view.error, view.question)
    return view


def numbers(rig: Rig) -> list[str]:
    """The transactions that reached the platform, in order."""
    return [infno for _, infno in rig.platform.requests]


def ledger(rig: Rig) -> dict[str, Any]:
    """What every settlement that stands charges in all, by its payers."""
    standing = [row for row in rig.platform.world.ledger() if row["counts"]]
    names = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
    return {name: sum(row[name] for row in standing) for name in names}
