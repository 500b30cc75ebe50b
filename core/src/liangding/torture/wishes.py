"""What the institution wants in one run: purchases, visits, stays, and taking them back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ..clock import now
from ..simulator.people import Person
from .channel import channel_business
from .his import Business, DirectPurchase, FlowBusiness, FlowStage
from .orders import order_business
from .surroundings import Surroundings

PEOPLE = ("local", "province", "cross", "several_cities", "retired")

AMOUNTS = tuple(map(Decimal, ("36.50", "100.10", "288.00", "1200.30")))


def pharmacy_business(scene: Surroundings, key: str) -> Business:
    """A purchase by the flow, or by single calls."""
    choices = scene.choices
    person = scene.world.people.case(choices.one(PEOPLE))
    total = choices.one(AMOUNTS)
    if choices.chance(0.5):

        def direct(key: str, *, forgets: bool = False) -> DirectPurchase:
            return DirectPurchase(
                key=key, person=person, total=total, message=_direct(person, total, now(scene.clock)),
                place=person.covers[0].place, forgets=forgets, again=direct,
            )  # fmt: skip

        return direct(key, forgets=choices.chance(0.2))
    codes = tuple(f"8{key[1:]}{i:018d}" for i in range(choices.number(3)))
    confirms, day = not choices.chance(0.1), _day(scene)

    def sold(key: str) -> FlowBusiness:
        refund = {"credential": _token(person), "purchase_key": key}
        return FlowBusiness(
            key=key, person=person, total=total, codes=codes, confirms=confirms, again=sold,
            plan=(FlowStage(flow="pharmacy_purchase", given=_purchase(person, total, key, codes) | day),),
            undo=FlowStage(flow="pharmacy_refund", given=refund, ending="-refund", ends="cancelled"),
        )  # fmt: skip

    return sold(key)


def _direct(person: Person, total: Decimal, at: datetime) -> dict[str, Any]:
    """The input of 2102 with one row."""
    moment = f"{at:%Y-%m-%d %H:%M:%S}"
    return {
        "druginfo": {
            "psn_no": person.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "begntime": moment,
            "med_type": "41", "medfee_sumamt": str(total), "insutype": person.covers[0].insutype, "acct_used_flag": "1",
        },
        "drugdetail": [
            {
                "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": moment, "med_list_codg": "XA01",
                "medins_list_codg": "D1", "det_item_fee_sumamt": str(total), "cnt": "1", "pric": str(total),
            }
        ],
    }  # fmt: skip


def _purchase(person: Person, total: Decimal, receipt: str, codes: tuple[str, ...]) -> dict[str, Any]:
    """What the purchase flow is given: one row, with goods where there are codes."""
    row: dict[str, Any] = {
        "feedetl_sn": "1", "med_list_codg": "XA05", "medins_list_codg": "D1", "count": "1", "price": str(total)
    }  # fmt: skip
    if codes:
        row["goods"] = {
            "fixmedins_hilist_id": "D1", "fixmedins_hilist_name": "测试药品", "fixmedins_bchno": f"B-{receipt}",
            "manu_lotnum": "L1", "manu_date": "2026-01-01", "trace_codes": list(codes),
        }  # fmt: skip
    return {
        "credential": _token(person),
        "receipt_no": receipt,
        "rows": [row],
        "staff": {"pharmacist": "测试药师", "pharmacist_certificate": "Z1"},
    }


# -- a hospital --------------------------------------------------------------------------------------------------------

DOCTOR = {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}
DIAGNOSES = [{"diag_code": "I10.x00", "diag_name": "高血压"}]
VISIT_LEVELS = ("settlement", "fees", "registration")
STAY_LEVELS = ("settlement", "discharge", "fees", "admission")


def hospital_business(scene: Surroundings, key: str) -> Business:
    """An outpatient visit with one bill, a stay, an order of mobile payment or of a payment channel."""
    kind = scene.choices.weighted((0.5, 0.3, 0.2))
    if kind == 2:
        person, total = scene.world.people.case(scene.choices.one(PEOPLE)), scene.choices.one(AMOUNTS)
        if total == AMOUNTS[-1]:
            return channel_business(scene, key, person)
        return order_business(scene, key, person, total)
    return _stay(scene, key) if kind else _visit(scene, key)


def _visit(scene: Surroundings, key: str) -> Business:
    choices = scene.choices
    person = scene.world.people.case(choices.one(PEOPLE))
    price, account, confirms, day = choices.one(AMOUNTS), choices.chance(0.5), not choices.chance(0.1), _day(scene)
    total = 2 * price + Decimal("12.30")
    level = "" if choices.chance(0.4) else choices.one(VISIT_LEVELS)

    def billed(key: str) -> FlowBusiness:
        bill = {
            "credential": _card(person), "ipt_otp_no": f"O-{key}", "chrg_bchno": key, "doctor": DOCTOR,
            "diagnoses": DIAGNOSES, "rows": [_row(f"{key}-1", price, 2), _row(f"{key}-2", Decimal("12.30"), 1)],
            "use_account": account, **day,
        }  # fmt: skip
        common: dict[str, Any] = {
            "key": key, "person": person, "total": total, "confirms": confirms, "again": billed,
            "plan": (FlowStage(flow="outpatient", given=bill),), "account": account,
        }  # fmt: skip
        whose = {"credential": _card(person), "bill_key": key}
        if not level:
            returned = whose | {"returns": [{"feedetl_sn": f"{key}-1", "count": "1"}]}
            undo = FlowStage(flow="outpatient_partial_refund", given=returned, ending="-part", ends="settlement")
            return FlowBusiness(**common, undo=undo, resettles=True, kept=total - price)
        undo = FlowStage(flow="outpatient_undo", given=whose | {"level": level}, ending="-undo", ends="cancelled")
        return FlowBusiness(**common, undo=undo)

    return billed(key)


def _stay(scene: Surroundings, key: str) -> Business:
    choices = scene.choices
    person = scene.world.people.case(choices.one(PEOPLE))
    price, begun = choices.one(AMOUNTS), f"{now(scene.clock):%Y-%m-%d %H:%M:%S}"
    stay = {"admission_key": f"{key}-in"}
    ward = {"doctor": DOCTOR, "adm_bed": "12", "adm_diag_dscr": "高血压"}
    admission = {
        "credential": _card(person), "ipt_no": f"I-{key}", "diagnoses": DIAGNOSES, "begun_at": begun, "ward": ward,
    }  # fmt: skip
    moved = {
        "credential": _card(person), "stay": stay, "diagnoses": DIAGNOSES, "begun_at": begun,
        "ward": ward | {"adm_bed": "13"},
    }  # fmt: skip
    fees = {"stay": stay, "doctor": DOCTOR, "rows": [_row(f"{key}-{i}", price, 2) for i in range(2)]}
    account = choices.chance(0.5)
    discharge = {
        "credential": _card(person), "stay": stay, "doctor": DOCTOR, "diagnoses": DIAGNOSES, "dscg_way": "1",
        "use_account": account,
    }  # fmt: skip
    back = {"credential": _card(person), "stay": stay, "level": choices.one(STAY_LEVELS)}
    change = FlowStage(flow="admission_change", given=moved, ending="-bed", ends="changed")
    trial = FlowStage(flow="inpatient_trial", given=_trial(person, stay), ending="-trial", ends="trial")
    return FlowBusiness(
        key=key, person=person, total=4 * price, account=account, confirms=not choices.chance(0.1),
        plan=(
            FlowStage(flow="admission", given=admission, ending="-in", ends="visit"),
            *((change,) if choices.chance(0.3) else ()),
            FlowStage(flow="inpatient_fees", given=fees, ending="-fees", ends="fees"),
            *((trial,) if choices.chance(0.3) else ()),
            FlowStage(flow="discharge", given=discharge, ending="-out"),
        ),
        undo=FlowStage(flow="inpatient_undo", given=back, ending="-undo", ends="cancelled"),
    )  # fmt: skip


def _trial(person: Person, stay: dict[str, str]) -> dict[str, Any]:
    return {"credential": _card(person), "stay": stay, "use_account": False}


def _day(scene: Surroundings) -> dict[str, str]:
    """The day of a bill, as the till writes it."""
    return {"bill_date": f"{now(scene.clock):%Y-%m-%d}"}


def _row(serial: str, price: Decimal, count: int) -> dict[str, Any]:
    return {
        "feedetl_sn": serial, "med_list_codg": "XA01", "medins_list_codg": "HXA01", "count": str(count),
        "price": str(price), "name": "测试药品", "hosp_appr_flag": "1",
    }  # fmt: skip


def _card(person: Person) -> dict[str, str]:
    return {"type": "02", "number": person.certno}


def _token(person: Person) -> dict[str, str]:
    return {"type": "01", "number": person.token}
