"""What flows are given in stories: everything that there is to give, each field with a value that no other has, so that
none can go out in another's place; and the least."""

from __future__ import annotations

from typing import Any

from liangding.simulator.people import Person

AUDITED = {
    "institution": 'medins_type = "A100"\nhosp_lv = "5"', "more": '[features]\naudit = "show"',
}  # fmt: skip
"""Settings of a deployment whose bills are audited."""

DOCTOR = {"atddr_no": "D11", "dr_name": "测试医师甲", "dept_code": "K11", "dept_name": "测试内科", "caty": "A03"}
OTHER_DOCTOR = {"atddr_no": "D12", "dr_name": "测试医师乙", "dept_code": "K12", "dept_name": "测试外科", "caty": "A04"}

ORDER = {
    "list_type": "101", "med_chrgitm_type": "09", "chrgitm_lv": "01", "spec": "10mg", "unit": "盒",
    "doctor_title": "234",
}  # fmt: skip
WHOLE_ORDER = ORDER | {
    "list_type": "102", "med_chrgitm_type": "11", "chrgitm_lv": "02", "spec": "20mg", "unit": "瓶",
    "doctor_title": "233", "list_name": "目录名", "list_price": "7.77", "behaviour": "1", "long_term": True,
}  # fmt: skip

DIAGNOSES: list[dict[str, Any]] = [
    {"diag_code": "J06.900", "diag_name": "上呼吸道感染"},
    {
        "diag_code": "I10.x00", "diag_name": "高血压", "diag_type": "2", "main": True, "diag_dept": "测试诊断科",
        "dise_dor_no": "D13", "dise_dor_name": "测试医师丙", "diag_time": "2026-11-20 07:08:09",
    },
]  # fmt: skip
ADMITTED_WITH = [DIAGNOSES[0] | {"adm_cond": "1"}, DIAGNOSES[1] | {"adm_cond": "2"}]


def shown(person: Person, kind: str = "02") -> dict[str, str]:
    """What the person shows: e-credential, identity card or social security card."""
    if kind == "03":
        return {"type": kind, "number": person.card_no, "card_sn": person.card_sn}
    return {"type": kind, "number": person.certno if kind == "02" else person.token}


# -- at a pharmacy -----------------------------------------------------------------------------------------------------

STAFF = {
    "pharmacist": "测试药师", "pharmacist_certificate": "Z21", "prescriber": "测试处方医师", "seller": "测试营业员",
}  # fmt: skip


def sold(number: int, codes: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A row with its goods."""
    return {
        "feedetl_sn": f"F{number}", "med_list_codg": f"XA0{number}", "medins_list_codg": f"H0{number}",
        "count": f"{number}", "price": f"{number}1.1{number}", "name": f"测试药品{number}",
        "goods": {
            "fixmedins_hilist_id": f"I0{number}", "fixmedins_hilist_name": f"测试商品{number}",
            "fixmedins_bchno": f"B0{number}", "manu_lotnum": f"L0{number}", "manu_date": f"2026-01-0{number}",
            "trace_codes": list(codes),
        },
        **more,
    }  # fmt: skip


def whole_purchase(person: Person, **more: Any) -> dict[str, Any]:
    """A purchase with everything that can be given of it."""
    first, second = sold(1, ("81000000000000000011", "81000000000000000012")), sold(2, ("81000000000000000021",))
    first |= {"prescription_no": "RX1", "order": ORDER}
    first["goods"] |= {"expy_end": "2028-02-03", "prescription_drug": True, "barcode": "6900000000011"}
    second |= {"order": WHOLE_ORDER}
    second["goods"] |= {"split_pack": True}
    plain = {
        "feedetl_sn": "F3", "med_list_codg": "XA03", "medins_list_codg": "H03", "count": "3", "price": "3.333",
        "name": "测试药品3", "order": ORDER,
    }  # fmt: skip
    return {
        "credential": shown(person, "03"), "receipt_no": "R1", "rows": [first, second, plain], "staff": STAFF,
        "dise_codg": "M01", "dise_name": "测试病种", "invoice_no": "V1", "doctor": DOCTOR, "diagnoses": DIAGNOSES,
        "bill_date": "2026-11-20", "till": "T1", "use_account": True, **more,
    }  # fmt: skip


def least_purchase(person: Person, **more: Any) -> dict[str, Any]:
    """A purchase with as little as there can be."""
    row = {"feedetl_sn": "F1", "med_list_codg": "XA01", "medins_list_codg": "H01", "count": "2", "price": "50.00"}
    return {"credential": shown(person), "receipt_no": "R1", "rows": [row], **more}


# -- outpatients -------------------------------------------------------------------------------------------------------


def fee(number: int, **more: Any) -> dict[str, Any]:
    """A fee row with what it has to have."""
    return {
        "feedetl_sn": f"F{number}", "med_list_codg": f"XA0{number}", "medins_list_codg": f"H0{number}",
        "count": f"{number}", "price": f"1{number}.1{number}", "hosp_appr_flag": "1", **more,
    }  # fmt: skip


WHOLE_FEE = {
    "name": "测试项目", "fee_ocur_time": "2026-11-20 01:02:03", "hosp_appr_flag": "2", "doctor": OTHER_DOCTOR,
    "acord_dept_codg": "K14", "acord_dept_name": "测试受单科", "orders_dr_code": "D14",
     "orders_dr_name": "测试受单医师",
    "tcmdrug_used_way": "1", "etip_flag": "1", "etip_hosp_code": "H55", "dscg_tkdrug_flag": "1", "matn_fee_flag": "1",
    "memo": "备注一", "order": WHOLE_ORDER,
}  # fmt: skip
OUTPATIENT_FEE = WHOLE_FEE | {
    "rxno": "RX9", "outside_prescription": True, "sin_dos_dscr": "一片", "used_frqu_dscr": "一日三次", "prd_days": "7",
    "medc_way_dscr": "口服",
}  # fmt: skip


def whole_visit(person: Person, number: str = "B1", **more: Any) -> dict[str, Any]:
    """An outpatient's bill with everything that can be given of it."""
    return {
        "credential": shown(person), "ipt_otp_no": "O1", "chrg_bchno": number, "doctor": DOCTOR,
        "diagnoses": DIAGNOSES, "rows": [fee(1, name="测试项目甲", order=ORDER), fee(2, **OUTPATIENT_FEE)],
         "med_type": "11",
        "begun_at": "2026-11-20 05:06:07", "bill_date": "2026-11-19", "till": "T1", "dise_codg": "M02",
        "dise_name": "测试门慢", "dise_type_code": "1", "main_cond_dscr": "头痛三天", "birctrl_type": "1",
        "birctrl_matn_date": "2026-10-09", "matn_type": "2", "geso_val": "33", "matn_stas": "1", "psn_setlway": "02",
        "invoice_no": "V2", "use_account": True, **more,
    }  # fmt: skip


def least_visit(person: Person, number: str = "B1", **more: Any) -> dict[str, Any]:
    """A bill with as little as there can be."""
    return {
        "credential": shown(person), "ipt_otp_no": "O1", "chrg_bchno": number, "doctor": DOCTOR,
        "diagnoses": DIAGNOSES[:1], "rows": [fee(1), fee(2)], **more,
    }  # fmt: skip


# -- inpatients --------------------------------------------------------------------------------------------------------

RELATIVE = ("测试联系人", "13000000000")
"""Whom to call, and under which number."""

WARD = {"doctor": DOCTOR, "adm_bed": "12", "adm_diag_dscr": "高血压三级"}
WHOLE_WARD = WARD | {
    "main_cond_dscr": "头晕五天", "medrcdno": "BA1", "coner_name": RELATIVE[0], "tel": RELATIVE[1],
    "dise_type_code": "1", "dise_codg": "M03", "dise_name": "测试病种乙", "oprn_oprt_code": "OP1",
    "oprn_oprt_name": "测试手术", "fpsc_no": "FP1", "matn_type": "2", "birctrl_type": "1",
    "birctrl_matn_date": "2026-10-08", "latechb_flag": "1", "geso_val": "34", "fetts": "2", "fetus_cnt": "3",
    "pret_flag": "0",
}  # fmt: skip

INPATIENT_FEE = WHOLE_FEE | {"drord_no": "DO1"}


def whole_admission(person: Person, **more: Any) -> dict[str, Any]:
    """An admission with everything that can be given of it."""
    return {
        "credential": shown(person), "ipt_no": "I1", "ward": WHOLE_WARD, "diagnoses": ADMITTED_WITH, "med_type": "21",
        "begun_at": "2026-11-18 08:09:10", **more,
    }  # fmt: skip


def least_admission(person: Person, **more: Any) -> dict[str, Any]:
    """An admission with as little as there can be."""
    return {"credential": shown(person), "ipt_no": "I1", "ward": WARD, "diagnoses": DIAGNOSES[:1], **more}


def whole_discharge(person: Person, **more: Any) -> dict[str, Any]:
    """A discharge with everything that can be given of it."""
    return {
        "credential": shown(person), "stay": {"admission_key": "A1"}, "doctor": OTHER_DOCTOR, "diagnoses": DIAGNOSES,
        "dscg_way": "2", "ended_at": "2026-11-21 09:08:07", "dscg_bed": "14", "die_date": "2026-11-22", "cop_flag": "1",
        "ward": WHOLE_WARD | {"dise_codg": "M04", "dise_name": "测试病种丙"}, "psn_setlway": "02", "invoice_no": "V3",
        "matn_stas": "2", "use_account": True, **more,
    }  # fmt: skip


def least_discharge(person: Person, **more: Any) -> dict[str, Any]:
    """A discharge with as little as there can be."""
    return {
        "credential": shown(person), "stay": {"admission_key": "A1"}, "doctor": DOCTOR, "diagnoses": DIAGNOSES[:1],
        "dscg_way": "1", **more,
    }  # fmt: skip
