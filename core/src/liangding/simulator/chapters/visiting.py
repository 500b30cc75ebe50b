"""What outpatient and inpatient visits have in common: opening, fee rows with their checks, and settling them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ...contract.region import Place
from ...contract.simulation import Refuse
from ...spec.nodes import members
from ..arithmetic import ZERO, BillSplit, RowSplit, cents, split_row
from ..benefits import CROSS_LESS, PROVINCE_LESS, Care, care_of, policy_for
from ..people import FEMALE, Person
from ..requests import Request
from ..world import CANCELLED, FeeRow, FiledRegistration, LedgerEntry, LedgerVisit
from .registering import chronic_registration, transferred_here
from .settling import book, check_credential, check_variant, cover_of, settled_answer, tried_answer, try_settle

INTERIM = "1"
"""mid_setl_flag of a settlement in the middle of a stay."""


def open_visit(request: Request, data: Any, *, med_type: str, number: str, inpatient: bool) -> LedgerVisit:
    """A visit of the person that ``data`` names (2201, 2401)."""
    person = request.world.person(data.psn_no)
    check_credential(request, person, data.mdtrt_cert_type, data.mdtrt_cert_no)
    visit = LedgerVisit(
        mdtrt_id="", person=person, cover=cover_of(request, person, data.insutype), med_type=med_type,
        begin=data.begntime, cert_type=data.mdtrt_cert_type, inpatient=inpatient, ipt_otp_no=number,
        made_at=request.epoch,
    )  # fmt: skip
    request.world.open_visit(visit, request.at)
    return visit


def visit_of(request: Request, data: Any, *, inpatient: bool) -> LedgerVisit:
    """The visit that ``data`` names. Refuse where it is none of that kind."""
    visit = request.world.visit(data.mdtrt_id, data.psn_no)
    if visit.inpatient is not inpatient:
        raise Refuse("就诊不是住院" if inpatient else "就诊不是门诊")
    return visit


def written(node: Any, *names: str) -> dict[str, Any]:
    """What a node gives under ``names``, or under any name: days and times as text."""
    cls: Any = type(node)
    given = {m.wire: getattr(node, m.attribute) for m in members(cls) if not names or m.wire in names}
    return {name: _as_text(value) for name, value in given.items() if value is not None}


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else value


def diagnoses(rows: Iterable[Any], *, one_main: bool) -> list[dict[str, Any]]:
    """The rows of a diagnosis node, checked: order numbers differ, and with ``one_main`` exactly one is the main."""
    listed = [written(row) for row in rows]
    if len({row["diag_srt_no"] for row in listed}) != len(listed):
        raise Refuse("诊断排序号重复")
    if one_main and sum(row.get("maindiag_flag") == "1" for row in listed) != 1:
        raise Refuse("诊断里应恰有一条主诊断")
    return listed


# -- fee rows --------------------------------------------------------------------------------------------------------

ROW_FACTS = (
    "fee_ocur_time", "medins_list_codg", "bilg_dept_codg", "bilg_dept_name", "bilg_dr_codg", "bilg_dr_name",
    "acord_dept_codg", "acord_dept_name", "orders_dr_code", "orders_dr_name", "hosp_appr_flag", "tcmdrug_used_way",
    "etip_flag", "etip_hosp_code", "dscg_tkdrug_flag", "matn_fee_flag", "sin_dos_dscr", "used_frqu_dscr", "prd_days",
    "medc_way_dscr", "dise_codg",
)  # fmt: skip


def take_rows(request: Request, visit: LedgerVisit, given: list[Any]) -> list[FeeRow]:
    """Enter the rows of one message in the visit, all of them or none. Refuse with the first that is wrong."""
    if len(given) > request.world.row_limit:
        raise Refuse(f"费用明细一次最多上传 {request.world.row_limit} 行")
    held = {row.split.feedetl_sn: row for row in visit.standing_rows}
    taken: list[FeeRow] = []
    for row in given:
        if (row.mdtrt_id, row.psn_no) != (visit.mdtrt_id, visit.person.psn_no):
            raise Refuse("同一报文的明细应属于同一就诊")
        if row.feedetl_sn in held:
            raise Refuse(f"费用明细流水号 {row.feedetl_sn} 重复")
        if cents(row.cnt * row.pric) != row.det_item_fee_sumamt:
            raise Refuse(f"明细 {row.feedetl_sn} 的金额不等于数量乘单价")
        made = _fee_row(request, visit, row, held)
        held[row.feedetl_sn] = made
        taken.append(made)
    visit.rows += taken
    return taken


def _fee_row(request: Request, visit: LedgerVisit, row: Any, held: Mapping[str, FeeRow]) -> FeeRow:
    facts = written(row, *ROW_FACTS) | {"rx_drord_no": getattr(row, "rxno", None) or getattr(row, "drord_no", None)}
    return FeeRow(
        visit=visit, batch=getattr(row, "chrg_bchno", ""), given=facts, made_at=request.epoch,
        split=split_row(row.feedetl_sn, row.med_list_codg, row.cnt, row.pric, row.det_item_fee_sumamt),
        refund_of=_refunded(row, held),
    )  # fmt: skip


def _refunded(row: Any, held: Mapping[str, FeeRow]) -> FeeRow | None:
    """The row that a negative one takes back, wholly or in part."""
    serial = getattr(row, "init_feedetl_sn", None)
    if not serial:
        if row.cnt <= 0 or row.det_item_fee_sumamt < 0:
            raise Refuse(f"明细 {row.feedetl_sn} 的数量应为正；退费须传原费用流水号")
        return None
    name = f"退费明细 {row.feedetl_sn}"
    if row.cnt >= 0:
        raise Refuse(f"{name} 的数量应为负")
    original = held.get(serial)
    if original is None or original.refund_of is not None:
        raise Refuse(f"{name} 的原明细不存在")
    if original.setl_id is not None:
        raise Refuse(f"{name} 的原明细已结算，请先撤销结算")
    known = original.batch, original.split.code, original.split.price
    if known != (getattr(row, "chrg_bchno", ""), row.med_list_codg, row.pric):
        raise Refuse(f"{name} 与原明细的收费批次、项目或单价不同")
    earlier = [r.split for r in held.values() if r.refund_of is original]
    count = original.split.count + sum((r.count for r in earlier), ZERO) + row.cnt
    total = original.split.total + sum((r.total for r in earlier), ZERO) + row.det_item_fee_sumamt
    if count < 0 or total < 0:
        raise Refuse(f"{name} 超过原明细的数量或金额")
    return original


def net(rows: Iterable[FeeRow]) -> list[RowSplit]:
    """What is left of each row after its refunds, split anew: parts of rows would not add up to the cent."""
    listed = list(rows)
    refunds = _refunds(listed)
    left: list[RowSplit] = []
    for row in (r for r in listed if r.refund_of is None):
        whole = [row.split, *(refund.split for refund in refunds.get(row, ()))]
        count, total = (sum((getattr(part, name) for part in whole), ZERO) for name in ("count", "total"))
        left.append(split_row(row.split.feedetl_sn, row.split.code, count, row.split.price, total))
    return left


def _refunds(rows: Iterable[FeeRow]) -> dict[FeeRow, list[FeeRow]]:
    """Row → the refunds of it."""
    found: dict[FeeRow, list[FeeRow]] = {}
    for row in rows:
        if row.refund_of is not None:
            found.setdefault(row.refund_of, []).append(row)
    return found


def withdraw(leaving: list[FeeRow]) -> None:
    """Take rows out of their visits. Refuse where a settlement holds one, or a refund would be left without its row."""
    if any(row.setl_id for row in leaving):
        raise Refuse("费用明细已结算，请先撤销结算")
    going = set(leaving)
    visits = dict.fromkeys(row.visit for row in leaving)
    for row, refunds in _refunds(row for visit in visits for row in visit.standing_rows).items():
        if row in going and not going.issuperset(refunds):
            raise Refuse(f"明细 {row.split.feedetl_sn} 已有退费，请一并撤销")
    for row in leaving:
        row.state = CANCELLED


# -- settling --------------------------------------------------------------------------------------------------------

SCOPE = {
    "fulamt_ownpay_amt": "full_own",
    "overlmt_selfpay": "over_limit",
    "preselfpay_amt": "own_first",
    "inscp_scp_amt": "in_scope",
}
"""The split by scope, as a settlement's input names it → as the split does."""


def try_bill(request: Request, visit: LedgerVisit, rows: list[FeeRow]) -> dict[str, Any]:
    """A pre-settlement of ``rows`` (2206, 2303)."""
    return tried_answer(request, visit, _split(request, visit, rows))


def settle_bill(
    request: Request, visit: LedgerVisit, rows: list[FeeRow], batch: str = "", *, interim: bool = False
) -> dict[str, Any]:
    """A settlement of ``rows`` (2207, 2304)."""
    split, data = _split(request, visit, rows), request.input.data
    for name, part in SCOPE.items():
        if getattr(data, name) not in (None, getattr(split, part)):
            raise Refuse("传入的费用分割与预结算结果不一致，请重新预结算")
    booked = book(request, visit, split, rows, batch, interim=interim)
    registered = _chronic(request, visit)
    if registered is not None:
        registered.decided = True
    return settled_answer(request, booked)


def _split(request: Request, visit: LedgerVisit, rows: list[FeeRow]) -> BillSplit:
    data = request.input.data
    check_variant(request)
    check_credential(request, visit.person, data.mdtrt_cert_type, data.mdtrt_cert_no)
    if data.mdtrt_cert_type.zfill(2) != visit.cert_type.zfill(2):
        raise Refuse("就诊凭证类型与登记时不一致")
    if cover_of(request, visit.person, data.insutype) is not visit.cover:
        raise Refuse("险种或参保地与登记时不一致")
    if not visit.described:
        raise Refuse("未上传就诊和诊断信息，不能结算")
    if not rows:
        raise Refuse("没有待结算的费用明细")
    left = net(rows)
    if sum((row.total for row in left), ZERO) != data.medfee_sumamt:
        raise Refuse("医疗费总额不等于待结算明细的合计")
    _check_entitled(request, visit)
    policy = policy_for(request.world, visit, request.at.year, less=_reduction(request, visit.person))
    uses_account = data.acct_used_flag == "1" and visit.cover.insutype in request.region.accounts
    return try_settle(visit, left, policy, use_account=uses_account)


def _check_entitled(request: Request, visit: LedgerVisit) -> None:
    care = care_of(visit.med_type, inpatient=visit.inpatient)
    if care is Care.CHRONIC and _chronic(request, visit) is None:
        raise Refuse("没有该病种的慢特病备案，不能按门诊慢特病结算")
    if care.of_birth and visit.person.gender != FEMALE:
        raise Refuse("性别与生育类别不符")


def _chronic(request: Request, visit: LedgerVisit) -> FiledRegistration | None:
    """The registration that a visit for a chronic disease goes by."""
    if care_of(visit.med_type, inpatient=visit.inpatient) is not Care.CHRONIC:
        return None
    return chronic_registration(request, visit.person.psn_no, visit.facts.get("dise_codg") or "")


def _reduction(request: Request, person: Person) -> Decimal:
    """What the ratio is less for who comes from elsewhere without being referred here."""
    place = request.region.place(request.insured_place)
    if place is Place.LOCAL or transferred_here(request, person.psn_no):
        return ZERO
    return PROVINCE_LESS if place is Place.PROVINCE else CROSS_LESS


def settlement_asked(request: Request, *, inpatient: bool) -> LedgerEntry:
    """The settlement that a cancellation names (2208, 2305)."""
    asked = request.input.data
    visit_of(request, asked, inpatient=inpatient)
    return request.world.settlement(asked.setl_id, asked.mdtrt_id, asked.psn_no)
