"""What outpatient and inpatient flows have in common: the visit, its doctor, its diagnoses, its fee rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ..errors import CallRefused
from ..national.meaning import EVERYTHING, found_nothing, names_one
from ..receipts.money import ZERO, priced
from ..spec.codes import code_table
from ..workflow.work import Work


@attrs.frozen(kw_only=True)
class Visit:
    """A visit (就诊) as the platform knows it. ``cert_type`` is the kind of credential that opened it."""

    mdtrt_id: str
    psn_no: str = attrs.field(repr=False)
    insured_place: str
    insutype: str = ""
    med_type: str = ""
    ipt_otp_no: str = ""
    cert_type: str = ""
    begun_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Doctor:
    """Who treats: the doctor's national code and name, the department's code, name and 科别 (caty)."""

    atddr_no: str
    dr_name: str
    dept_code: str
    dept_name: str
    caty: str = ""


@attrs.frozen(kw_only=True)
class Diagnosis:
    """One diagnosis; the first of a list is the main one where none is marked. Department, doctor and time are the
    visit's where they are not given."""

    diag_code: str
    diag_name: str
    diag_type: str = "1"
    main: bool = False
    diag_dept: str | None = None
    dise_dor_no: str | None = None
    dise_dor_name: str | None = None
    diag_time: datetime | None = None
    adm_cond: str | None = None


def diagnosis_rows(given: list[Diagnosis], doctor: Doctor, at: datetime | None, **each: Any) -> list[dict[str, Any]]:
    """The rows of diseinfo, in order; ``each`` are fields that every row has."""
    marked = any(each_one.main for each_one in given)
    return [
        {
            "diag_type": one.diag_type, "maindiag_flag": "1" if one.main or (not marked and i == 0) else "0",
            "diag_srt_no": i + 1, "diag_code": one.diag_code, "diag_name": one.diag_name,
            "diag_dept": one.diag_dept or doctor.dept_name, "dise_dor_no": one.dise_dor_no or doctor.atddr_no,
            "dise_dor_name": one.dise_dor_name or doctor.dr_name, "diag_time": one.diag_time or at, **each,
        }
        for i, one in enumerate(given)
    ]  # fmt: skip


def main_diagnosis(given: list[Diagnosis]) -> Diagnosis:
    """The main one: the one that is marked, else the first."""
    return next((one for one in given if one.main), given[0])


@attrs.frozen(kw_only=True)
class Order:
    """What the audit (3101, 3102) asks of a row beyond its price: the catalogue's kind, charge kind, level and name,
    packing, the doctor's title (231 to 235), and 医嘱行为 (0 其他, 1 出院带药). ``list_price`` is the catalogue's,
    else the row's."""

    list_type: str
    med_chrgitm_type: str
    chrgitm_lv: str
    spec: str
    unit: str
    doctor_title: str
    list_name: str = ""
    list_price: Decimal | None = None
    behaviour: str = "0"
    long_term: bool = False


@attrs.frozen(kw_only=True)
class FeeItem:
    """One fee row. ``count`` times ``price`` (yuan) gives its amount, rounded to the cent; in a hospital a negative
    count gives back a row, which ``init_feedetl_sn`` names. Doctor and time are the visit's where they are not given.
    ``hosp_appr_flag`` is what the region uses (it decides how restricted drugs are paid, so there is no default)."""

    feedetl_sn: str
    med_list_codg: str
    medins_list_codg: str
    count: Decimal
    price: Decimal
    name: str = ""
    fee_ocur_time: datetime | None = None
    hosp_appr_flag: str | None = None
    init_feedetl_sn: str | None = None
    drord_no: str | None = None
    rxno: str | None = None
    outside_prescription: bool = False
    doctor: Doctor | None = None
    acord_dept_codg: str | None = None
    acord_dept_name: str | None = None
    orders_dr_code: str | None = None
    orders_dr_name: str | None = None
    sin_dos_dscr: str | None = None
    used_frqu_dscr: str | None = None
    prd_days: Decimal | None = None
    medc_way_dscr: str | None = None
    tcmdrug_used_way: str | None = None
    etip_flag: str | None = None
    etip_hosp_code: str | None = None
    dscg_tkdrug_flag: str | None = None
    matn_fee_flag: str | None = None
    memo: str | None = None
    order: Order | None = None

    @property
    def amount(self) -> Decimal:
        return priced(self.count, self.price)


BOTH = (
    "feedetl_sn", "med_list_codg", "medins_list_codg", "hosp_appr_flag", "acord_dept_codg", "acord_dept_name",
    "orders_dr_code", "orders_dr_name", "tcmdrug_used_way", "etip_flag", "etip_hosp_code", "dscg_tkdrug_flag",
    "matn_fee_flag", "memo",
)  # fmt: skip
"""What 2204 and 2301 take from a row as it is."""

OUTPATIENT_ONLY = ("rxno", "sin_dos_dscr", "used_frqu_dscr", "prd_days", "medc_way_dscr")
INPATIENT_ONLY = ("init_feedetl_sn", "drord_no")


def fee_row(item: FeeItem, visit: Visit, doctor: Doctor, at: datetime | None, *only: str) -> dict[str, Any]:
    """A row of feedetail; ``only`` are the fields that one of the two transactions has."""
    by = item.doctor or doctor
    return {
        "mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "fee_ocur_time": item.fee_ocur_time or at,
        "det_item_fee_sumamt": item.amount, "cnt": item.count, "pric": item.price, "bilg_dept_codg": by.dept_code,
        "bilg_dept_name": by.dept_name, "bilg_dr_codg": by.atddr_no, "bilg_dr_name": by.dr_name,
        **{name: value for name in (*BOTH, *only) if (value := getattr(item, name)) is not None},
    }  # fmt: skip


def sum_of(items: Iterable[FeeItem]) -> Decimal:
    return sum((item.amount for item in items), ZERO)


def check_serials(items: list[FeeItem], name: str = "rows") -> None:
    """ValueError where a list of rows is empty, or names a row twice."""
    serials = [item.feedetl_sn for item in items]
    if not serials:
        raise ValueError(f"{name} 至少要有一行")
    if len(set(serials)) != len(serials):
        raise ValueError(f"{name} 中 feedetl_sn 有重复")
    if EVERYTHING in serials:
        raise ValueError(f"feedetl_sn 不能是 {EVERYTHING}：平台以它表示全部")


class ShownVisit(TypedDict):
    """A visit as a flow's caller sees it."""

    mdtrt_id: str
    psn_no: str
    insured_place: str
    ipt_otp_no: str
    med_type: str
    med_type_name: str


def shown_visit(visit: Visit | None) -> ShownVisit | None:
    """The visit as a flow's caller sees it."""
    if visit is None:
        return None
    named = code_table("med_type").name_of(visit.med_type) if visit.med_type else ""
    return {
        "mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "insured_place": visit.insured_place,
        "ipt_otp_no": visit.ipt_otp_no, "med_type": visit.med_type, "med_type_name": named,
    }  # fmt: skip


# -- what the platform holds -------------------------------------------------------------------------------------------


def fees_on_platform(work: Work[Any], visit: Visit) -> list[Any]:
    """The visit's fee rows on the platform (5204)."""
    asked = {"psn_no": visit.psn_no, "mdtrt_id": visit.mdtrt_id}
    try:
        return list(work.call("5204", {"data": asked}, insured_place=visit.insured_place).output or ())
    except CallRefused as refused:
        if found_nothing(refused.message):
            return []
        raise


def unsettled(rows: list[Any]) -> list[Any]:
    """Those fee rows of the platform that no settlement holds."""
    return [row for row in rows if not names_one(row.setl_id)]
