"""Pharmacy settlement (2101, 2102, 2103): the visit comes into being with the settlement."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...contract.simulation import Refuse
from ..arithmetic import Policy, cents, split_row
from ..benefits import IN_FULL
from ..people import RETIRED, VETERANS
from ..requests import Request, handles
from ..world import FeeRow, LedgerVisit
from .settling import (
    book,
    cancel,
    check_credential,
    check_variant,
    cover_of,
    row_split,
    settled_answer,
    tried_answer,
    try_settle,
)


@handles("2101", "2101A")
def pre_settle(request: Request) -> dict[str, Any]:
    visit, rows, policy = _purchase(request)
    split = try_settle(visit, rows, policy, use_account=_uses_account(request, visit))
    return tried_answer(request, visit, split) | {"detlcutinfo": [row_split(row) for row in rows]}


@handles("2102", "2102A")
def settle(request: Request) -> dict[str, Any]:
    visit, rows, policy = _purchase(request)
    _check_codes(request)
    split = try_settle(visit, rows, policy, use_account=_uses_account(request, visit))
    request.world.open_visit(visit, request.at)
    visit.rows += [
        FeeRow(visit=visit, batch="", split=row, given=_row_facts(drug), made_at=request.epoch)
        for row, drug in zip(rows, request.input.drugdetail, strict=True)
    ]
    booked = book(request, visit, split, list(visit.rows))
    return settled_answer(request, booked) | {"detlcutinfo": [row_split(row) for row in rows]}


@handles("2103")
def cancel_settlement(request: Request) -> dict[str, Any]:
    asked = request.input.data
    negative = cancel(request, request.world.settlement(asked.setl_id, asked.mdtrt_id, asked.psn_no))
    answer = settled_answer(request, negative)
    info = answer["setlinfo"]
    return answer | {"setlinfo": info | {"psn_pay": info["psn_part_amt"], "cash_payamt": info["psn_cash_pay"]}}


def _purchase(request: Request) -> tuple[LedgerVisit, list[Any], Policy]:
    head = request.input.druginfo
    check_variant(request)
    person = request.world.person(head.psn_no)
    check_credential(request, person, head.mdtrt_cert_type, head.mdtrt_cert_no)
    cover = cover_of(request, person, head.insutype)
    rows = []
    for row in request.input.drugdetail:
        if cents(row.cnt * row.pric) != row.det_item_fee_sumamt:
            raise Refuse(f"明细 {row.feedetl_sn} 的金额不等于数量乘单价")
        rows.append(split_row(row.feedetl_sn, row.med_list_codg, row.cnt, row.pric, row.det_item_fee_sumamt))
    if len({row.feedetl_sn for row in rows}) != len(rows):
        raise Refuse("费用明细流水号重复")
    if sum((row.total for row in rows), Decimal(0)) != head.medfee_sumamt:
        raise Refuse("明细合计不等于医疗费总额")
    visit = LedgerVisit(
        mdtrt_id="0", person=person, cover=cover, med_type=head.med_type, begin=head.begntime,
        end=head.begntime, cert_type=head.mdtrt_cert_type, made_at=request.epoch,
    )  # fmt: skip
    chronic = Policy(ratio=Decimal("0.7") if cover.psn_type == RETIRED else Decimal("0.6"))
    ordinary = IN_FULL if cover.insutype == VETERANS else Policy()
    return visit, rows, chronic if head.dise_codg else ordinary


def _uses_account(request: Request, visit: LedgerVisit) -> bool:
    return request.input.druginfo.acct_used_flag == "1" and visit.cover.insutype in request.region.accounts


def _check_codes(request: Request) -> None:
    """Traceability codes on a settlement: none twice, none that another sale holds."""
    codes = [(c.drug_trac_codg, c.trdn_flag) for row in request.input.drugdetail for c in row.durg_trac_info or ()]
    for code, split_pack in codes:
        held = request.world.sold.get(code)
        if held is not None and not held.returned and split_pack != "1":
            raise Refuse("药品追溯码已有销售记录")
    whole = [code for code, split_pack in codes if split_pack != "1"]
    if len(set(whole)) != len(whole):
        raise Refuse("药品追溯码在同一单据中重复")


def _row_facts(row: Any) -> dict[str, Any]:
    return {
        "rx_drord_no": row.rxno, "fee_ocur_time": row.fee_ocur_time.isoformat(" ", "seconds"),
        "medins_list_codg": row.medins_list_codg, "bilg_dr_codg": row.bilg_dr_codg, "bilg_dr_name": row.bilg_dr_name,
    }  # fmt: skip
