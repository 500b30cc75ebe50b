"""Bills to try a region with: what a pharmacy's single call and its flow are given, and how a flow is answered."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ..flows import Flows, Status, View
from ..simulator.people import Person

_numbers = itertools.count(1)


def new_key() -> str:
    """A business key that nobody has used."""
    return f"T{next(_numbers)}"


def purchase(person: Person, total: str = "100.00", *, use_account: bool = True) -> dict[str, Any]:
    """The input of 2101 and 2102: one row of ``total`` yuan, with the person's papers, which some editions demand."""
    return {
        "druginfo": {
            "psn_no": person.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno,
            "begntime": "2026-11-21 10:00:00", "medfee_sumamt": total, "insutype": person.covers[0].insutype,
            "acct_used_flag": "1" if use_account else "0", "psn_cert_type": person.cert_type,
            "certno": person.certno, "psn_name": person.name, "psn_type": person.covers[0].psn_type,
        },
        "drugdetail": [
            {
                "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-21 10:00:00",
                "med_list_codg": "XA01", "medins_list_codg": "D1", "det_item_fee_sumamt": total, "cnt": "1",
                "pric": total,
            }
        ],
    }  # fmt: skip


def bill(person: Person, receipt: str = "R1", *, codes: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """What the pharmacy flow is given: two rows, the first with goods where there are codes."""
    first: dict[str, Any] = {
        "feedetl_sn": "1", "med_list_codg": "XA05", "medins_list_codg": "D1", "count": "2", "price": "50.05",
        "name": "测试药品",
    }  # fmt: skip
    if codes:
        first["goods"] = {
            "fixmedins_hilist_id": "D1", "fixmedins_hilist_name": "测试药品", "fixmedins_bchno": f"B-{receipt}",
            "manu_lotnum": "L1", "manu_date": "2026-01-01", "trace_codes": list(codes),
        }  # fmt: skip
    return {
        "credential": {"type": "01", "number": person.token},
        "receipt_no": receipt,
        "rows": [
            first,
            {"feedetl_sn": "2", "med_list_codg": "XA08", "medins_list_codg": "D2", "count": "1", "price": "12.30"},
        ],
        "staff": {"pharmacist": "测试药师", "pharmacist_certificate": "Z1"},
        **more,
    }


def run_flow(flows: Flows, view: View, answers: Mapping[str, str]) -> View:
    """Answer a flow's questions until it waits for none."""
    while view.status is Status.QUESTION:
        assert view.question is not None
        view = flows.answer(view.id, answers[view.question.id])
    return view
