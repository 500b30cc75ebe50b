"""药店购药: a purchase at a pharmacy.

1101, pre-settlement 2101(A), the person's confirmation, settlement 2102(A), sale upload 3505(A), slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, TypedDict

import attrs

from ...contract.steps import Flow, step
from ...identity import Cover, Insured
from ...receipts.money import ZERO, SettledMoney, Split
from ...receipts.slips import slip
from ...spec.problems import problem
from ...workflow.work import Work
from .. import auditing, insurance
from ..auditing import Audited, Encounter
from ..caps import remind_of_items
from ..holding import NOT_SETTLED, Draft, held_first
from ..insurance import BillGiven
from ..settling import check_same_bill, confirm, keep_settlement, trial_of
from ..visits import Diagnosis, Doctor, FeeItem, Visit
from .goods import SoldRow, Staff, codes_go_with, goods_of, sale_drafts, sale_of, sell

PURCHASE = "41"
"""The med_type of an ordinary purchase at a pharmacy (定点药店购药)."""

GIVEN_AS = {
    "cnt": ("count",), "pric": ("price",), "det_item_fee_sumamt": ("price",), "invono": ("invoice_no",),
    "rxno": ("prescription_no",), "durg_trac_info": ("goods", "trace_codes"), "drug_trac_codg": (),
}  # fmt: skip
"""Fields of 2102 that are given under another name."""


@attrs.define(kw_only=True)
class PurchaseGiven(BillGiven):
    """A purchase, as the pharmacy's software knows it. ``receipt_no`` is its own number (零售单据号), ``med_type`` the
    kind of purchase where it is not the ordinary one. ``doctor`` (who prescribed, or the pharmacist) and ``diagnoses``
    are for the audit, where one is made."""

    TAKEN_AS: ClassVar = insurance.TakenAs("2102", PURCHASE, "购药")

    receipt_no: str
    rows: list[SoldRow]
    staff: Staff | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    invoice_no: str | None = None
    med_type: str = ""
    doctor: Doctor | None = None
    diagnoses: list[Diagnosis] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if not self.rows:
            raise ValueError("rows 至少要有一行")
        serials = [row.feedetl_sn for row in self.rows]
        if len(set(serials)) != len(serials):
            raise ValueError("rows 中 feedetl_sn 有重复")
        codes = [c for row in self.rows if row.goods and not row.goods.split_pack for c in row.goods.trace_codes]
        if len(set(codes)) != len(codes):
            raise ValueError("同一追溯码扫了两次")
        if any(row.goods for row in self.rows) and self.staff is None:
            raise ValueError("有商品信息的行须同时给出 staff（药师等），上传销售时要用")


@attrs.define(kw_only=True)
class PurchaseState:
    """How far a purchase has got."""

    given: PurchaseGiven
    person: Insured | None = None
    cover: Cover | None = None
    use_account: bool | None = None
    begun_at: datetime | None = None
    audits: list[Audited] = attrs.field(factory=list)
    trial: Split | None = None
    settlement: SettledMoney | None = None
    uploaded: list[str] = attrs.field(factory=list)
    slip: str = ""


@step(
    "事前审核",
    "3101",
    "3103",
    when="部署或地区要做审核（features.audit），且给出了 doctor、diagnoses",
    uses=("audit",),
)
def audit_before(work: Work[PurchaseState]) -> None:
    """Have what is to be sold audited. Without a diagnosis there is nothing to audit; where a clear violation would end
    the matter, it has to be given."""
    given, how = work.state.given, auditing.mode(work)
    if how == "off":
        return
    if how == "show" and not (given.doctor and given.diagnoses):
        work.advise("没有给出 doctor 与 diagnoses，没有做明细审核")
        return
    wanting = (
        problem(("given", name), "required", "本机构做明细审核，要给出") for name in ("doctor", "diagnoses")
        if not getattr(given, name)
    )  # fmt: skip
    items = _audited_items(given)
    auditing.check_orders(work, items, wanting)
    auditing.audit(work, "3101", _encounter(work, items, scene="11"))


@step("事中审核", "3102", "3103", takes=("2101.output.setlinfo.fulamt_ownpay_amt",), when="做了事前审核")
def audit_during(work: Work[PurchaseState]) -> None:
    """Have it audited with its real amounts, before it is settled."""
    if work.state.given.doctor and work.state.given.diagnoses:
        auditing.audit(work, "3102", _encounter(work, _audited_items(work.state.given), scene="10"))


def _audited_items(given: PurchaseGiven) -> list[FeeItem]:
    return [
        FeeItem(
            feedetl_sn=row.feedetl_sn, med_list_codg=row.med_list_codg, medins_list_codg=row.medins_list_codg,
            count=row.count, price=row.price, name=row.name, rxno=row.prescription_no, order=row.order,
        )
        for row in given.rows
    ]  # fmt: skip


def _encounter(work: Work[PurchaseState], items: list[FeeItem], *, scene: str) -> Encounter:
    """The purchase as an audit sees it. It has no 就诊ID before it is settled; the receipt's number stands for it."""
    state, given = work.state, work.state.given
    assert state.person is not None
    assert given.doctor is not None
    visit = Visit(mdtrt_id=given.receipt_no, psn_no=state.person.psn_no, insured_place=place_of(state))
    return Encounter(
        visit=visit, scene=scene, kind="3", med_type=given.med_type, doctor=given.doctor, diagnoses=given.diagnoses,
        items=items, begun_at=state.begun_at or work.begun_at,
    )  # fmt: skip


@step(
    "药店预结算",
    "2101",
    "2101A",
    takes=("1101.output.baseinfo.psn_no", "1101.output.insuinfo.insutype", "1101.output.insuinfo.insuplc_admdvs"),
    repeats="明细改动后",
)
def pre_settle(work: Work[PurchaseState]) -> None:
    """Ask the platform what the split would be."""
    state = work.state
    state.begun_at = state.begun_at or work.begun_at
    infno = insurance.variant(work, "2101")
    answer = work.call(infno, _purchase(work, infno, traced=False), insured_place=place_of(state))
    state.trial = trial_of(answer, sum((row.amount for row in state.given.rows), ZERO))
    remind_of_items(work, state.given.rows, place_of(state))


@step(
    "药店结算",
    "2102",
    "2102A",
    takes=("2101.input.druginfo",),
    undone_by="2103",
    charges=True,
    uses=("trace_codes",),
)
def settle(work: Work[PurchaseState]) -> None:
    """Settle: from here on money has moved."""
    infno = insurance.variant(work, "2102")
    answer = work.call(infno, lambda: _purchase(work, infno, traced=True), insured_place=place_of(work.state))
    keep_settlement(work, answer)


@step(
    "商品销售上传",
    "3505",
    "3505A",
    takes=("2102.output.setlinfo.setl_id", "2102.output.setlinfo.mdtrt_id"),
    repeats="每行商品",
    undone_by="3506",
    skip=lambda state: not goods_rows(state.given),
    when="有商品信息的行",
    uses=("sale_upload", "trace_codes"),
    owed=True,
)
def upload_sales(work: Work[PurchaseState]) -> None:
    """Upload what was sold, with its traceability codes; each row once. The settlement stands: what is refused here
    holds up neither the slip nor the other rows, and is owed until it is taken."""
    state = work.state
    sell(work, goods_rows(state.given), lambda row: _sale(work, row), place_of(state), state.uploaded)


@step("打印小票")
def print_purchase_slip(work: Work[PurchaseState]) -> None:
    """Compose the slip for the receipt printer."""
    work.state.slip = slip("pharmacy_purchase", work)


def _drafts(work: Work[PurchaseState]) -> Iterator[Draft]:
    """What a purchase will send."""
    state, given = work.state, work.state.given
    infno = insurance.variant(work, "2102")
    message = _purchase(work, infno, traced=True)
    yield Draft(infno=infno, message=message, nodes={"druginfo": (), "drugdetail": ("rows",)}, names=GIVEN_AS)
    state.settlement = NOT_SETTLED
    yield from sale_drafts(work, given.rows, lambda row: _sale(work, row))


class PurchaseResult(TypedDict):
    """A purchase."""

    person: insurance.ShownPerson | None
    insurance: Cover | None
    use_account: bool | None
    audits: list[Audited]
    trial: Split | None
    settlement: SettledMoney | None
    uploaded: list[str]
    slip: str


class PharmacyPurchase(Flow[PurchaseState]):
    """药店购药, from the credential to the slip."""

    name = "pharmacy_purchase"
    title = "药店购药"
    given = PurchaseGiven
    state = PurchaseState
    undone_by = "pharmacy_refund"
    keyed_by = (("receipt_no",),)
    steps = (
        held_first(_drafts),
        insurance.show_credential,
        insurance.find_person,
        insurance.choose_insurance,
        insurance.ask_account,
        audit_before,
        pre_settle,
        check_same_bill,
        audit_during,
        confirm,
        settle,
        upload_sales,
        print_purchase_slip,
    )

    @staticmethod
    def result(state: PurchaseState) -> PurchaseResult:
        return {
            "person": insurance.shown_person(state.person),
            "insurance": state.cover,
            "use_account": state.use_account,
            "audits": list(state.audits),
            "trial": state.trial,
            "settlement": state.settlement,
            "uploaded": list(state.uploaded),
            "slip": state.slip,
        }


def place_of(state: Any) -> str:
    return state.cover.insured_place if state.cover else ""


def goods_rows(given: PurchaseGiven) -> list[SoldRow]:
    return [row for row in given.rows if row.goods is not None]


def _purchase(work: Work[PurchaseState], infno: str, *, traced: bool) -> dict[str, Any]:
    """druginfo and drugdetail; the settlement's differ from the pre-settlement's by invoice and codes only."""
    state, given = work.state, work.state.given
    assert state.person is not None
    assert state.cover is not None
    credential = state.person.credential
    at = state.begun_at
    head: dict[str, Any] = {
        "psn_no": state.person.psn_no, "mdtrt_cert_type": credential.type, "mdtrt_cert_no": credential.number,
        "med_type": given.med_type, "begntime": at, "insutype": state.cover.insutype,
        "medfee_sumamt": sum((row.amount for row in given.rows), ZERO),
        "dise_codg": given.dise_codg, "dise_name": given.dise_name,
        "acct_used_flag": "1" if state.use_account else "0", "card_sn": credential.card_sn,
        **insurance.papers(work, infno, "druginfo"),
    }  # fmt: skip
    if traced:
        head["invono"] = given.invoice_no
    return {"druginfo": head, "drugdetail": [_drug(work, row, at, traced=traced) for row in given.rows]}


def _drug(work: Work[Any], row: SoldRow, at: datetime | None, *, traced: bool) -> dict[str, Any]:
    drug: dict[str, Any] = {
        "feedetl_sn": row.feedetl_sn, "rxno": row.prescription_no, "fee_ocur_time": at,
        "rx_circ_flag": "1" if row.prescription_no else "0", "med_list_codg": row.med_list_codg,
        "medins_list_codg": row.medins_list_codg, "det_item_fee_sumamt": row.amount, "cnt": row.count,
        "pric": row.price,
    }  # fmt: skip
    if traced and row.goods and row.goods.trace_codes and codes_go_with(work, "settlement"):
        drug["durg_trac_info"] = [
            {"feedetl_sn": row.feedetl_sn, "drug_trac_codg": code, "trdn_flag": "1" if row.goods.split_pack else "0"}
            for code in row.goods.trace_codes
        ]
    return drug


def _sale(work: Work[PurchaseState], row: SoldRow) -> dict[str, Any]:
    state, staff = work.state, work.state.given.staff
    assert state.settlement is not None
    assert state.person is not None
    assert state.begun_at is not None
    assert staff is not None
    common = goods_of(work, row, state.settlement.mdtrt_id, state.settlement.setl_id, state.person, state.begun_at)
    return sale_of(work, row, staff, common, document_no=state.given.receipt_no, insured_place=place_of(state))
