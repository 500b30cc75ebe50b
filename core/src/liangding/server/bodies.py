"""Example bodies for the document: each is what a request takes, with a synthetic person. A test sends every one."""

from __future__ import annotations

import base64
import types
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from ..calls.checking import checked
from ..checks.identity_numbers import whole
from ..config import Deployment
from ..knowledge import Knowledge
from ..knowledge.fixed import Fixed
from ..spec import Transaction
from ..spec.problems import errors
from ..spec.sampling import DAY, MOMENT, sample_request
from .labels import label_of

Json = dict[str, Any]

SOMEBODY = "SOMEBODY"
"""Stands for a synthetic identity number, which is made for the place that a deployment is at."""

CREDENTIAL = {"type": "02", "number": SOMEBODY}

DOCTOR = {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}
DIAGNOSES = [{"diag_code": "I10.x00", "diag_name": "高血压"}]
STAY = {"admission_key": "ZY260701001"}
ROW = {
    "feedetl_sn": "1", "med_list_codg": "XA01", "medins_list_codg": "HXA01", "count": "2", "price": "30.00",
    "name": "测试药品",
}  # fmt: skip
_PDF = base64.b64encode(b"%PDF-1.7 \n").decode()

FLOWS: dict[str, Json] = {
    "pharmacy_purchase": {
        "credential": CREDENTIAL, "receipt_no": "260701001", "bill_date": "2026-07-01", "rows": [ROW],
    },
    "pharmacy_refund": {"credential": CREDENTIAL, "purchase_key": "260701001"},
    "outpatient_registration": {"credential": CREDENTIAL, "ipt_otp_no": "MZ260701001", "doctor": DOCTOR},
    "outpatient": {
        "credential": CREDENTIAL, "ipt_otp_no": "MZ260701001", "chrg_bchno": "SF260701001",
        "bill_date": "2026-07-01", "doctor": DOCTOR, "diagnoses": DIAGNOSES, "rows": [ROW | {"hosp_appr_flag": "1"}],
    },
    "outpatient_undo": {"credential": CREDENTIAL, "bill_key": "SF260701001", "level": "settlement"},
    "outpatient_partial_refund": {
        "credential": CREDENTIAL, "bill_key": "SF260701001", "returns": [{"feedetl_sn": "1", "count": "1"}],
    },
    "outpatient_settle_again": {"credential": CREDENTIAL, "bill_key": "SF260701001"},
    "admission": {
        "credential": CREDENTIAL, "ipt_no": "ZY260701001", "diagnoses": DIAGNOSES, "begun_at": "2026-07-01 09:00:00",
        "ward": {"doctor": DOCTOR, "adm_bed": "12", "adm_diag_dscr": "高血压"},
    },
    "admission_change": {
        "credential": CREDENTIAL, "stay": STAY, "diagnoses": DIAGNOSES, "begun_at": "2026-07-01 09:00:00",
        "ward": {"doctor": DOCTOR, "adm_bed": "15", "adm_diag_dscr": "高血压"},
    },
    "inpatient_fees": {"stay": STAY, "doctor": DOCTOR, "rows": [ROW | {"hosp_appr_flag": "1"}]},
    "inpatient_trial": {"credential": CREDENTIAL, "stay": STAY},
    "discharge": {
        "credential": CREDENTIAL, "stay": STAY, "doctor": DOCTOR, "diagnoses": DIAGNOSES, "dscg_way": "1",
    },
    "inpatient_undo": {"credential": CREDENTIAL, "stay": STAY, "level": "settlement"},
    "mobile_payment": {
        "order_no": "DD260701001",
        "fees": {
            "psnNo": "1", "idNo": SOMEBODY, "userName": "测试一", "idType": "01", "medfeeSumamt": "60.00",
            "feedetailList": [{"detItemFeeSumamt": "60.00"}],
        },
        "payment": {"payAuthNo": "AUTH1"},
    },
    "mobile_payment_refund": {"refund_no": "TK260701001", "order_key": "DD260701001", "pay_auth_no": "AUTH1"},
    "channel_order": {
        "out_trade_no": "QD260701001",
        "order": {"mix_pay_type": "CASH_ONLY", "total_fee": 1000, "wechat_pay_cash_fee": 1000},
    },
    "mobile_payment_withdrawal": {"order_key": "DD260701001"},
    "outward_prescription": {
        "prescription": {
            "hospRxno": "CF260701001", "prscTime": "2026-07-01 09:30:00", "valiDays": "3",
            "rxdrugdetail": [{"medListCodg": "XA01"}], "mdtrtinfo": {"mdtrtId": "1"},
        },
        "pharmacist": {"pharCode": "Y1", "pharName": "测试药师"}, "document": _PDF,
    },
    "prescription_withdrawal": {"prescription_key": "CF260701001", "withdrawal": {"undoRea": "开错"}},
    "prescription_outcome": {"prescription_key": "CF260701001"},
    "prescription_dispensing": {
        "receipt_no": "260701002", "qr_code": "https://example.invalid/rx/1",
        "reviewer": {"name": "测试药师", "code": "Y1", "certno": SOMEBODY},
        "drugs": [
            {"med_list_codg": "XA01", "medins_list_codg": "HXA01", "name": "测试药品", "spec": "10mg", "count": "1",
             "unit": "盒"},
        ],
    },
    "prescription_sale_withdrawal": {"dispensing_key": "260701002"},
    "prescription_delivery": {"dispensing_key": "260701002", "delivery": {"dlvStas": "1"}},
    "prescription_notice": {"infno": "7108", "prescription": "RX1", "told": {"hiRxno": "RX1"}},
    "voucher_upload": {
        "batch_no": "2026070100001",
        "vouchers": [{"told": {"elecSetlCertNo": "1", "billDate": "2026-07-01"}, "document": _PDF}],
    },
    "withdraw_transfer": {"credential": CREDENTIAL, "registration_key": "BA1", "reason": "不再转院"},
    "withdraw_chronic_disease": {"credential": CREDENTIAL, "registration_key": "BA2", "reason": "登记有误"},
    "withdraw_designation": {"credential": CREDENTIAL, "registration_key": "BA3", "reason": "改定点"},
    "goods_dispensing": {
        "bill_key": "SF260701001", "document_no": "FY260701001",
        "staff": {"pharmacist": "测试药师", "pharmacist_certificate": "YS0000001"},
        "rows": [
            ROW | {
                "goods": {
                    "fixmedins_hilist_id": "HXA01", "fixmedins_hilist_name": "测试药品", "fixmedins_bchno": "B1",
                    "manu_lotnum": "260301", "manu_date": "2026-03-01", "trace_codes": ["81000000000000000001"],
                },
            },
        ],
    },
    "goods_return": {"dispensing_key": "FY260701001"},
    "shift_change": {"leaving": "001", "coming": "001"},
}  # fmt: skip
"""What the core's flows are given. What is not here is made from its class."""


def flow_body(name: str, given: type, deployment: Deployment) -> Json:
    """An example of what a flow is given."""
    operator = deployment.operator(None).code
    if name == "shift_change":
        return {"leaving": operator, "coming": operator}
    body: Json = with_somebody(FLOWS.get(name) or _made(given), deployment)
    return body


def with_somebody(body: Any, deployment: Deployment) -> Any:
    """A body with the identity number of somebody who does not exist: the simulated platform knows whose it is."""
    if isinstance(body, Mapping):
        return {name: with_somebody(each, deployment) for name, each in body.items()}
    if isinstance(body, list):
        return [with_somebody(each, deployment) for each in body]
    return whole(f"{deployment.institution.area}19570612901") if body == SOMEBODY else body


def _made(cls: Any) -> Json:
    """What has to be given of a class, and who shows it."""
    hints = get_type_hints(cls)
    needed = (a.name for a in attrs.fields(cls) if a.init and a.default is attrs.NOTHING)
    shown: Json = {"credential": CREDENTIAL} if "credential" in hints else {}
    return shown | {name: _value(name, hints[name]) for name in needed if name not in shown}


_PLAIN: dict[Any, Any] = {
    bool: False, int: 1, float: 1.0, Decimal: "1.00", date: DAY.isoformat(), datetime: MOMENT.isoformat(" "),
}  # fmt: skip


def _value(name: str, hint: Any) -> Any:
    if hint is str:
        return label_of(name)[:3] or name
    if hint in _PLAIN:
        return _PLAIN[hint]
    if attrs.has(hint):
        return _made(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).value
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType, Literal):
        return inner[0] if origin is Literal else _value(name, inner[0])
    return [_value(name, inner[0])] if origin in (list, tuple) else {}


def transaction_body(transaction: Transaction, known: Knowledge) -> Json:
    """An example of what a transaction takes here, with the region's fixed values."""
    message = _sample(transaction, known, full=False)
    if errors(checked(transaction, message, known.requests, known.region.circumstances)[1]):
        message = _sample(transaction, known, full=True)  # what the region leaves open, a rule of the whole may ask for
    body: Json = {"input": message}
    if _holds(message, "psn_no"):
        body["insuplc_admdvs"] = known.deployment.institution.area
    return body


def _sample(transaction: Transaction, known: Knowledge, *, full: bool) -> Any:
    message = sample_request(transaction, tables=known.code_table, full=full)
    for fixed in known.fixed.of(transaction):
        message = _as_fixed(message, fixed)
    return message


def _as_fixed(message: Any, fixed: Fixed) -> Any:
    for place in fixed.places:
        for node in _nodes(message, place[1:-1]):
            if place[0] == "input" and place[-1] in node:
                node[place[-1]] = fixed.value
    return message


def _nodes(message: Any, path: tuple[str | int, ...]) -> Iterable[Json]:
    """The objects at a place, each row of a list."""
    if isinstance(message, list):
        for row in message:
            yield from _nodes(row, path)
    elif isinstance(message, dict):
        if not path:
            yield message
        elif path[0] in message:
            yield from _nodes(message[path[0]], path[1:])


def _holds(message: Any, name: str) -> bool:
    if isinstance(message, Mapping):
        return name in message or any(_holds(each, name) for each in message.values())
    return isinstance(message, list) and any(_holds(each, name) for each in message)
