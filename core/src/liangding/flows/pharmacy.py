"""药店购药 and 药店退药: a purchase at a pharmacy, and taking it back.

A purchase: 1101, pre-settlement 2101(A), the person's confirmation, settlement 2102(A), sale upload 3505(A), slip.
A refund: the credential again, 2103, sale return 3506(A), slip. The whole settlement is taken back; a partial
return is a refund and a new purchase of what is kept.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from ..errors import HeldBack
from ..identity import Cover, Credential, Insured
from ..journal import State
from ..receipts.money import ZERO, Settled, Split, priced, settled
from ..receipts.slips import slip
from ..region import Place
from ..spec.problems import problem
from ..workflow.declaring import step
from ..workflow.questions import NO, YES, Question
from ..workflow.rows import Flow
from ..workflow.standing import FlowStopped, NotConfirmed
from ..workflow.work import Work
from . import following, insurance
from .insurance import InsuredGiven
from .settling import confirm, keep_settlement, trial_of

PURCHASE = "41"
"""The med_type of an ordinary purchase at a pharmacy (定点药店购药)."""

WHOLE = "all"
"""The part of a step that does all rows in one call."""


@attrs.frozen(kw_only=True)
class Goods:
    """What the sale upload needs to know of a row beyond its price (进销存): the stock record, the batch, the codes.

    ``trace_codes`` are the scanned traceability codes, one for each pack; ``split_pack`` true where an opened pack
    is sold by the piece (拆零).
    """

    fixmedins_hilist_id: str
    fixmedins_hilist_name: str
    fixmedins_bchno: str
    manu_lotnum: str
    manu_date: date
    expy_end: date | None = None
    prescription_drug: bool = False
    split_pack: bool = False
    trace_codes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class SoldRow:
    """One row of the receipt. ``count`` times ``price`` (yuan) gives the row's amount, rounded to the cent."""

    feedetl_sn: str
    med_list_codg: str
    medins_list_codg: str
    count: Decimal
    price: Decimal
    name: str = ""
    prescription_no: str | None = None
    goods: Goods | None = None

    @property
    def amount(self) -> Decimal:
        return priced(self.count, self.price)


@attrs.frozen(kw_only=True)
class Staff:
    """Who sold: prescriber, pharmacist with the certificate's number, and the person at the till."""

    pharmacist: str
    pharmacist_certificate: str
    prescriber: str = "无"
    seller: str | None = None


@attrs.define(kw_only=True)
class PurchaseGiven(InsuredGiven):
    """A purchase, as the pharmacy's software knows it. ``receipt_no`` is its own number (零售单据号), ``med_type`` the
    kind of purchase where it is not the ordinary one."""

    receipt_no: str
    rows: list[SoldRow]
    staff: Staff | None = None
    dise_codg: str | None = None
    dise_name: str | None = None
    invoice_no: str | None = None
    med_type: str = PURCHASE

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
    trial: Split | None = None
    settlement: Settled | None = None
    uploaded: list[str] = attrs.field(factory=list)
    slip: str = ""


# -- the purchase ------------------------------------------------------------------------------------------------


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
    answer = work.call(insurance.variant(work, "2101"), _purchase(work, traced=False), insured_place=_place(state))
    state.trial = trial_of(answer, sum((row.amount for row in state.given.rows), ZERO))


@step("药店结算", "2102", "2102A", takes=("2101.input.druginfo",), undone_by="2103", charges=True)
def settle(work: Work[PurchaseState]) -> None:
    """Settle: from here on money has moved."""
    state = work.state
    answer = work.call(insurance.variant(work, "2102"), _purchase(work, traced=True), insured_place=_place(state))
    keep_settlement(work, answer)


@step(
    "商品销售上传",
    "3505",
    "3505A",
    takes=("2102.output.setlinfo.setl_id", "2102.output.setlinfo.mdtrt_id"),
    repeats="每行商品",
    undone_by="3506",
    skip=lambda state: not _goods_rows(state.given),
    when="有商品信息的行",
)
def upload_sales(work: Work[PurchaseState]) -> None:
    """Upload what was sold, with its traceability codes; each row once."""
    state = work.state
    rows = [row for row in _goods_rows(state.given) if row.feedetl_sn not in state.uploaded]
    if work.runtime.deployment.features.sale_upload == "batch":
        sold = {"selinfoDetail": [_sale(work, row) for row in rows]}
        work.call("3505A", sold, part=WHOLE, insured_place=_place(state))
        state.uploaded += [row.feedetl_sn for row in rows]
        return
    for row in rows:
        work.call("3505", {"selinfo": _sale(work, row)}, part=row.feedetl_sn, insured_place=_place(state))
        state.uploaded.append(row.feedetl_sn)


@step("打印小票")
def print_purchase_slip(work: Work[PurchaseState]) -> None:
    """Compose the slip for the receipt printer."""
    work.state.slip = slip("pharmacy_purchase", work)


class PharmacyPurchase(Flow[PurchaseState]):
    """药店购药, from the credential to the slip."""

    name = "pharmacy_purchase"
    title = "药店购药"
    given = PurchaseGiven
    state = PurchaseState
    undone_by = "pharmacy_refund"
    steps = (
        insurance.find_person,
        insurance.choose_insurance,
        insurance.ask_account,
        pre_settle,
        confirm,
        settle,
        upload_sales,
        print_purchase_slip,
    )

    @staticmethod
    def result(state: PurchaseState) -> dict[str, Any]:
        return {
            "person": insurance.shown_person(state.person),
            "insurance": state.cover,
            "use_account": state.use_account,
            "trial": state.trial,
            "settlement": state.settlement,
            "uploaded": list(state.uploaded),
            "slip": state.slip,
        }


def _place(state: Any) -> str:
    return state.cover.insured_place if state.cover else ""


def _goods_rows(given: PurchaseGiven) -> list[SoldRow]:
    return [row for row in given.rows if row.goods is not None]


def _purchase(work: Work[PurchaseState], *, traced: bool) -> dict[str, Any]:
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
    if traced and row.goods and row.goods.trace_codes and _codes_go_with(work, "settlement"):
        drug["durg_trac_info"] = [
            {"feedetl_sn": row.feedetl_sn, "drug_trac_codg": code, "trdn_flag": "1" if row.goods.split_pack else "0"}
            for code in row.goods.trace_codes
        ]
    return drug


def _codes_go_with(work: Work[Any], what: str) -> bool:
    wanted = work.runtime.deployment.features.trace_codes or work.runtime.region.trace_codes
    return wanted in (what, "both")


def _goods(work: Work[Any], row: SoldRow, mdtrt_id: str, setl_id: str, person: Insured, at: datetime) -> dict[str, Any]:
    """What a sale and its return have in common."""
    goods = row.goods
    assert goods is not None
    codes = goods.trace_codes if _codes_go_with(work, "sale") else ()
    return {
        "med_list_codg": row.med_list_codg, "fixmedins_hilist_id": goods.fixmedins_hilist_id,
        "fixmedins_hilist_name": goods.fixmedins_hilist_name, "fixmedins_bchno": goods.fixmedins_bchno,
        "setl_id": setl_id, "mdtrt_sn": mdtrt_id, "psn_no": person.psn_no, "psn_cert_type": person.cert_type or None,
        "certno": person.certno or None, "psn_name": person.name or None, "manu_lotnum": goods.manu_lotnum,
        "manu_date": goods.manu_date, "expy_end": goods.expy_end, "finl_trns_pric": row.price,
        "rx_flag": "1" if goods.prescription_drug else "0", "trdn_flag": "1" if goods.split_pack else "0",
        "sel_retn_cnt": row.count, "sel_retn_time": at,
        "drugtracinfo": [{"drug_trac_codg": code} for code in codes] or None,
    }  # fmt: skip


def _sale(work: Work[PurchaseState], row: SoldRow) -> dict[str, Any]:
    state, staff = work.state, work.state.given.staff
    assert state.settlement is not None
    assert state.person is not None
    assert state.begun_at is not None
    assert staff is not None
    local = work.runtime.region.place(_place(state)) is Place.LOCAL
    common = _goods(work, row, state.settlement.mdtrt_id, state.settlement.setl_id, state.person, state.begun_at)
    return common | {
        "prsc_dr_name": staff.prescriber, "phar_name": staff.pharmacist,
        "phar_prac_cert_no": staff.pharmacist_certificate, "rtal_docno": state.given.receipt_no,
        "rxno": row.prescription_no, "rx_circ_flag": "1" if row.prescription_no else "0",
        "sel_retn_opter_name": _seller(work, staff), "mdtrt_setl_type": "1",
        "hi_feesetl_type": "1" if local else "2",
    }  # fmt: skip


def _seller(work: Work[Any], staff: Staff | None) -> str:
    return (staff.seller if staff else None) or work.runtime.deployment.operator(work.operator).name


# -- the refund --------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class RefundGiven:
    """A refund: the purchase it takes back, by its flow's number or by the key that it was started with, or the
    settlement itself; and the credential, which has to be read again."""

    credential: Credential
    purchase: str | None = None
    purchase_key: str | None = None
    setl_id: str | None = None
    mdtrt_id: str | None = None
    insured_place: str | None = None

    def __attrs_post_init__(self) -> None:
        by_settlement = self.setl_id and self.mdtrt_id and self.insured_place
        if not (self.purchase or self.purchase_key or by_settlement):
            raise ValueError("给出 purchase 或 purchase_key，或者 setl_id、mdtrt_id 与 insured_place 三项")


@attrs.define(kw_only=True)
class RefundState:
    """How far a refund has got. ``rows`` are the goods to return, where they are known."""

    given: RefundGiven
    person: Insured | None = None
    setl_id: str = ""
    mdtrt_id: str = ""
    insured_place: str = ""
    psn_no: str = attrs.field(default="", repr=False)
    receipt_no: str = ""
    total: Decimal = Decimal(0)
    rows: list[SoldRow] = attrs.field(factory=list)
    staff: Staff | None = None
    begun_at: datetime | None = None
    cancelled: Settled | None = None
    returned: list[str] = attrs.field(factory=list)
    slip: str = ""


@step("找到原购药")
def find_purchase(work: Work[RefundState]) -> None:
    """Know what is taken back: from our own record of the purchase, else from what the caller says."""
    state, given = work.state, work.state.given
    purchase = _purchase_record(work)
    if purchase is None:
        state.setl_id, state.mdtrt_id = given.setl_id or "", given.mdtrt_id or ""
        state.insured_place = given.insured_place or ""
        return
    if purchase.settlement is None:
        raise FlowStopped("这笔购药没有结算，不用退", remedy="放弃那笔业务即可")
    state.setl_id, state.mdtrt_id = purchase.settlement.setl_id, purchase.settlement.mdtrt_id
    state.psn_no, state.total = purchase.settlement.psn_no, purchase.settlement.split.total
    state.insured_place, state.receipt_no = _place(purchase), purchase.given.receipt_no
    state.staff = purchase.given.staff


def _purchase_id(work: Work[RefundState]) -> str | None:
    given = work.state.given
    return following.earlier_id(work, (PharmacyPurchase.name,), given.purchase, given.purchase_key)


def _purchase_record(work: Work[RefundState]) -> PurchaseState | None:
    flow_id = _purchase_id(work)
    return None if flow_id is None else work.flows.state_of(flow_id)


@step("核对人员", "1101")
def check_person(work: Work[RefundState]) -> None:
    """The credential again: it has to be the buyer's."""
    following.check_person(work, work.state.psn_no)


@step("确认退款", when="请收款员确认")
def confirm_refund(work: Work[RefundState]) -> None:
    """Ask once more: the whole settlement is taken back."""
    text = f"撤销整笔结算 {work.state.setl_id}，是否继续？"
    amount = (("原医疗费总额", f"{work.state.total:.2f}"),) if work.state.total else ()
    question = Question(id="confirm", text=text, options=(YES, NO), whom="收款员", facts=amount)
    if work.ask(question) == NO.value:
        work.forget("confirm")
        raise NotConfirmed("没有确认，未撤销")


@step(
    "药店结算撤销",
    "2103",
    takes=("2102.output.setlinfo.setl_id", "2102.output.setlinfo.mdtrt_id", "2102.output.setlinfo.psn_no"),
    charges=True,
)
def cancel(work: Work[RefundState]) -> None:
    """Take the settlement back."""
    state = work.state
    assert state.person is not None
    state.begun_at = state.begun_at or work.begun_at
    data = {"setl_id": state.setl_id, "mdtrt_id": state.mdtrt_id, "psn_no": state.person.psn_no}
    state.cancelled = settled(work.call("2103", {"data": data}, insured_place=state.insured_place))


@step("结束原购药")
def close_purchase(work: Work[RefundState]) -> None:
    """Nothing of the purchase goes on from now on; what it had sold is what comes back.

    Stops where it is not known yet whether a row was uploaded: the keeper tries again when it is.
    """
    purchase, flow_id = _purchase_record(work), _purchase_id(work)
    if purchase is None or flow_id is None:
        return
    became = work.flows.take_over(flow_id)
    uploads = {key.partition(":")[2]: state for key, state in became.items() if key.startswith(upload_sales.name)}
    if not all(state.final for state in uploads.values()):
        raise HeldBack("原购药的销售上传结果还不明，查明后再上传退货", infno="3505")
    sold = {part for part, state in uploads.items() if state is State.ACCEPTED}
    work.state.rows = [row for row in _goods_rows(purchase.given) if sold & {row.feedetl_sn, WHOLE}]


@step("商品销售退货上传", "3506", "3506A", skip=lambda state: not state.rows, when="已上传过销售的行")
def return_goods(work: Work[RefundState]) -> None:
    """Upload what came back, with its codes, so that they may be sold again."""
    state = work.state
    rows = [row for row in state.rows if row.feedetl_sn not in state.returned]
    if work.runtime.deployment.features.sale_upload == "batch":
        answer = work.call(
            "3506A", {"selinfoDetail": [_return(work, r) for r in rows]}, insured_place=state.insured_place
        )
        refused = {row.fixmedins_bchno: row.msgRslt for row in answer.output.selinfoErrDetail or ()}
        if refused:
            path = ("output", "selinfoErrDetail")
            raise FlowStopped("；".join(str(problem(path, "refused", why or "")) for why in refused.values()))
        state.returned += [row.feedetl_sn for row in rows]
        return
    for row in rows:
        work.call("3506", {"selinfo": _return(work, row)}, part=row.feedetl_sn, insured_place=state.insured_place)
        state.returned.append(row.feedetl_sn)


def _return(work: Work[RefundState], row: SoldRow) -> dict[str, Any]:
    state = work.state
    assert state.person is not None
    assert state.begun_at is not None
    common = _goods(work, row, state.mdtrt_id, state.setl_id, state.person, state.begun_at)
    return common | {"sel_retn_opter_name": _seller(work, state.staff)}


@step("打印退款小票")
def print_refund_slip(work: Work[RefundState]) -> None:
    """Compose the refund's slip."""
    work.state.slip = slip("pharmacy_refund", work)


class PharmacyRefund(Flow[RefundState]):
    """药店退药: the whole purchase taken back."""

    name = "pharmacy_refund"
    title = "药店退药"
    given = RefundGiven
    state = RefundState
    steps = (find_purchase, check_person, confirm_refund, cancel, close_purchase, return_goods, print_refund_slip)

    @staticmethod
    def result(state: RefundState) -> dict[str, Any]:
        return {
            "setl_id": state.setl_id,
            "cancelled": state.cancelled,
            "returned": list(state.returned),
            "slip": state.slip,
        }
