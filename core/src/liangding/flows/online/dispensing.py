"""电子处方流转, the pharmacy's side: the person lets the pharmacy see the prescription (7201, 7203), it is downloaded
(7204), verified (7205), reviewed by the pharmacist (7206), sold, and the sale reported (7207); taken back (7208),
delivered (7209, 7210).

The sale itself is an ordinary purchase (``pharmacy_purchase``), made in between: the flow asks for its key.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ...contract.questions import CASHIER, AnswerKind, Option, Question
from ...contract.steps import Flow, step
from ...spec.writing import SPARSE, MessageWriter
from ...workflow.standing import FlowStopped, Status
from ...workflow.work import Work
from .. import following

_write = MessageWriter(SPARSE).write

PASS, REFUSE = Option(value="1", label="审核通过"), Option(value="0", label="审核不通过")
"""rx_chk_stas_codg."""

BY_INSURANCE, BY_CASH = "1", "0"
"""hi_feesetl_flag."""

SELF_PAID = "self"


@attrs.frozen(kw_only=True)
class Reviewer:
    """The pharmacist who reviews, by the fields of 7206; ``ec_token`` is the pharmacist's own."""

    name: str
    code: str
    certno: str = attrs.field(repr=False)
    cert_type: str = "01"
    ec_token: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class Dispensed:
    """One drug as it is handed out, by the fields of 7207."""

    med_list_codg: str
    medins_list_codg: str
    name: str
    spec: str
    count: Decimal
    unit: str
    lot: str | None = None
    trace_code: str | None = None
    amount: Decimal | None = None


@attrs.define(kw_only=True)
class DispensingGiven:
    """Somebody comes with a prescription. By the person (``name``, ``certno``, and ``ec_token`` or ``reg_sn``), or by
    the prescription's ``qr_code``. ``receipt_no`` is the pharmacy's own number of the sale."""

    receipt_no: str
    reviewer: Reviewer
    drugs: list[Dispensed]
    name: str = attrs.field(default="", repr=False)
    certno: str = attrs.field(default="", repr=False)
    cert_type: str = "01"
    ec_token: str | None = attrs.field(default=None, repr=False)
    reg_sn: str | None = attrs.field(default=None, repr=False)
    qr_code: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.drugs:
            raise ValueError("drugs 至少要有一种药")
        by_person = self.name and self.certno and bool(self.ec_token) != bool(self.reg_sn)
        if not (self.qr_code or by_person):
            raise ValueError("给出 qr_code，或 name、certno 与 ec_token、reg_sn 中的一项")


@attrs.define(kw_only=True)
class DispensingState:
    """How far a prescription has got at the pharmacy."""

    given: DispensingGiven
    release: dict[str, Any] = attrs.field(factory=dict, repr=False)
    prescription: dict[str, Any] = attrs.field(factory=dict, repr=False)
    verified: str = ""
    passed: bool | None = None
    review_serial: str = ""
    purchase: str = ""
    sale_serial: str = ""


def _ours(work: Work[Any]) -> dict[str, Any]:
    """Who asks, and from where."""
    deployment = work.runtime.deployment
    operator = deployment.operator(work.operator)
    return {
        "fixmedinsCode": deployment.institution.code, "optinsNo": deployment.institution.code, "opter": operator.code,
        "opterName": operator.name, "ipInfo": operator.ip,
    }  # fmt: skip


@step("取药授权", "7201", "7203")
def authorise(work: Work[DispensingState]) -> None:
    """Learn which prescriptions wait for the person, and choose one."""
    state, given = work.state, work.state.given
    if given.qr_code:
        data = {**_ours(work), "epcQrcd": given.qr_code, "devInfo": "till"}
        state.release = _write(work.call("7203", {"data": data}).node("data"))
        return
    data = {
        **_ours(work), "psnName": given.name, "psnCertType": given.cert_type, "certno": given.certno,
        "ecToken": given.ec_token, "regSn": given.reg_sn,
    }  # fmt: skip
    waiting = [_write(row) for row in work.call("7201", {"data": data}).output.data or ()]
    if not waiting:
        raise FlowStopped("没有待取药的处方", remedy="请患者核对处方的有效期，或到开方的医院查询")
    state.release = waiting[0] if len(waiting) == 1 else _chosen(work, waiting)


def _chosen(work: Work[DispensingState], waiting: list[dict[str, Any]]) -> dict[str, Any]:
    options = tuple(
        Option(value=row["authRxno"], label=f"{row['prscTime']} {row['fixmedinsName']}", detail=row.get("deptName", ""))
        for row in waiting
    )
    chosen = work.ask(Question(id="prescription", text="取哪一张处方？", options=options))
    return next(row for row in waiting if row["authRxno"] == chosen)


@step("处方下载", "7204", takes=("7201.output.data.epcToken", "7201.output.data.authRxno"))
def download(work: Work[DispensingState]) -> None:
    """Fetch the prescription: its drugs and its document."""
    state = work.state
    released = {name: state.release[name] for name in ("epcToken", "authRxno")}
    data = {**_ours(work), **released, "devInfo": "till"}
    state.prescription = _write(work.call("7204", {"data": data}).node("data"))


@step("处方验签", "7205", takes=("7204.output.data.rxTraceCode", "7204.output.data.rxFile"))
def verify(work: Work[DispensingState]) -> None:
    """Have the document held against its signature, byte for byte as it came."""
    state = work.state
    names = ("hiRxno", "rxTraceCode", "rxFile")
    data = {name: state.prescription[name] for name in names}
    data |= {"epcToken": state.release["epcToken"], "fixmedinsCode": work.runtime.deployment.institution.code}
    answer = work.call("7205", {"data": data}).node("data")
    if not answer.flag:
        raise FlowStopped("处方验签没有通过，不能发药", remedy="请患者到开方的医院核实这张处方")
    state.verified = answer.rxSignVerifySn or ""


@step("药师审方", "7206", takes=("7205.output.data.rxSignVerifySn",))
def review(work: Work[DispensingState]) -> None:
    """The pharmacist judges; what is judged is reported. A prescription that did not pass is not dispensed."""
    state, given = work.state, work.state.given
    facts = tuple(
        (str(row["drugGenname"]), f"{row['drugSpec']} × {row['drugCnt']}{row['drugDosunt']}")
        for row in state.prescription.get("rxDetlList") or ()
    )
    asked = Question(id="review", text="处方审核是否通过？", options=(PASS, REFUSE), whom="药师", facts=facts)
    verdict = work.ask(asked)
    opinion = "审核通过"
    if verdict == REFUSE.value:
        opinion = work.ask(Question(id="opinion", text="请写出不通过的理由", kind=AnswerKind.TEXT, whom="药师"))
    institution = work.runtime.deployment.institution
    data = {
        "hiRxno": state.prescription["hiRxno"], "epcToken": state.release["epcToken"],
        "ecToken": given.reviewer.ec_token,
        "fixmedinsCode": institution.code, "fixmedinsName": institution.name, "pharCertType": given.reviewer.cert_type,
        "pharCertno": given.reviewer.certno, "pharName": given.reviewer.name, "pharCode": given.reviewer.code,
        "rxChkOpnn": opinion, "rxChkStasCodg": verdict, "rxChkTime": f"{work.begun_at:%Y-%m-%d %H:%M:%S}",
        "rxSignVerifySn": state.verified,
    }  # fmt: skip
    answer = work.call("7206", {"data": data}).node("data")
    if answer.flag is False or not answer.rxChkBizSn:
        raise FlowStopped("处方中心没有收下审方结果", remedy="向处方中心核对这张处方的审核状态")
    state.review_serial = answer.rxChkBizSn
    state.passed = verdict == PASS.value


def _refused(state: DispensingState) -> bool:
    return state.passed is False


@step("结算", skip=_refused, when="审核通过")
def await_purchase(work: Work[DispensingState]) -> None:
    """The sale is settled as any purchase is; whose key is asked for, or whether the person paid it in whole."""
    state = work.state
    text = f"用处方号 {state.prescription['hiRxno']} 办理药店购药后，填写那笔购药的业务号；全部自费的填 {SELF_PAID}"
    key = work.ask(Question(id="purchase", text=text, kind=AnswerKind.TEXT, whom=CASHIER))
    if key != SELF_PAID:
        found = work.flows.find("pharmacy_purchase", key)
        if found is None or found.status is not Status.DONE:
            work.forget("purchase")
            raise FlowStopped(f"业务号为 {key} 的购药还没有办成", remedy="结算后再填，或核对业务号")
    state.purchase = key


@step("销售出库上传", "7207", takes=("7206.output.data.rxChkBizSn",), undone_by="7208", skip=_refused, when="审核通过")
def report_sale(work: Work[DispensingState]) -> None:
    """Report what was handed out against the prescription."""
    state, institution = work.state, work.runtime.deployment.institution
    self_paid = state.purchase == SELF_PAID
    total = sum((drug.amount or Decimal(0) for drug in state.given.drugs), Decimal(0))
    data = {
        "hiRxno": state.prescription["hiRxno"], "fixmedinsCode": institution.code, "fixmedinsName": institution.name,
        "rxChkBizSn": state.review_serial, "hiFeesetlFlag": BY_CASH if self_paid else BY_INSURANCE,
        "psnCashPay": total if self_paid else None,
        "rxSaleDrugDetl": [_sold(work, drug) for drug in state.given.drugs],
    }  # fmt: skip
    state.sale_serial = work.call("7207", {"data": data}).node("data").selStooutSn


def _sold(work: Work[DispensingState], drug: Dispensed) -> dict[str, Any]:
    return {
        "rtalDocno": work.state.given.receipt_no, "stooutTime": f"{work.begun_at:%Y-%m-%d %H:%M:%S}",
        "medListCodg": drug.med_list_codg, "medinsListCodg": drug.medins_list_codg, "drugGenname": drug.name,
        "drugSpec": drug.spec, "drugTotlcnt": drug.count, "drugTotlcntEmp": drug.unit, "manuLotnum": drug.lot,
        "drugTraceCodg": drug.trace_code, "drugSumamt": drug.amount,
    }  # fmt: skip


class DispensingResult(TypedDict):
    """What was dispensed."""

    prescription: str
    drugs: list[dict[str, Any]]
    passed: bool | None
    purchase: str
    sale: str


class PrescriptionDispensing(Flow[DispensingState]):
    """电子处方取药: from the person at the till to the reported sale."""

    name = "prescription_dispensing"
    title = "电子处方取药"
    given = DispensingGiven
    state = DispensingState
    undone_by = "prescription_sale_withdrawal"
    keyed_by = (("receipt_no",),)
    steps = (authorise, download, verify, review, await_purchase, report_sale)

    @staticmethod
    def result(state: DispensingState) -> DispensingResult:
        return {
            "prescription": state.prescription.get("hiRxno", ""),
            "drugs": [dict(row) for row in state.prescription.get("rxDetlList") or ()],
            "passed": state.passed, "purchase": state.purchase, "sale": state.sale_serial,
        }  # fmt: skip


# -- what follows ------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class SaleGiven:
    """The dispensing that is meant: its flow, or the key that it was started with. ``delivery`` is 7209's data without
    number and institution, ``receipt`` 7210's: each is sent where it is given."""

    dispensing: str | None = None
    dispensing_key: str | None = None
    delivery: dict[str, Any] = attrs.field(factory=dict, repr=False)
    receipt: dict[str, Any] = attrs.field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        if not (self.dispensing or self.dispensing_key):
            raise ValueError("给出 dispensing 或 dispensing_key")


@attrs.define(kw_only=True)
class SaleState:
    """How far it has got."""

    given: SaleGiven
    prescription: str = ""
    sale: str = ""
    self_paid: bool = False
    done: list[str] = attrs.field(factory=list)


@step("找到取药")
def find_sale(work: Work[SaleState]) -> None:
    """Know which reported sale is meant. NotKnownYet where nobody knows whether it was reported."""
    state, given = work.state, work.state.given
    names = (PrescriptionDispensing.name,)
    flow_id = following.earlier_id(work, names, given.dispensing, given.dispensing_key)
    assert flow_id is not None
    found: DispensingState = work.flows.state_of(flow_id)
    if not found.sale_serial:
        raise following.not_done(work, flow_id, report_sale.name, "这笔取药还没有上传销售出库", "先把取药办完")
    state.prescription, state.sale = found.prescription["hiRxno"], found.sale_serial
    state.self_paid = found.purchase == SELF_PAID


@step("销售出库撤销", "7208", takes=("7207.output.data.selStooutSn",))
def withdraw_sale(work: Work[SaleState]) -> None:
    """Take the reported sale back; the purchase itself is refunded by its own flow, before."""
    state = work.state
    data = {
        "hiRxno": state.prescription, "fixmedinsCode": work.runtime.deployment.institution.code,
        "selStooutSn": state.sale, "hiFeesetlFlag": BY_CASH if state.self_paid else BY_INSURANCE,
    }  # fmt: skip
    work.call("7208", {"data": data})
    state.done.append("7208")


class PrescriptionSaleWithdrawal(Flow[SaleState]):
    """电子处方取药撤销: the reported sale taken back."""

    name = "prescription_sale_withdrawal"
    title = "电子处方取药撤销"
    given = SaleGiven
    state = SaleState
    steps = (find_sale, withdraw_sale)

    @staticmethod
    def result(state: SaleState) -> dict[str, Any]:
        return {"prescription": state.prescription, "done": list(state.done)}


@step("配送信息同步", "7209", skip=lambda state: not state.given.delivery, when="给出了 delivery")
def sync_delivery(work: Work[SaleState]) -> None:
    """Tell how the drugs are on their way."""
    institution = work.runtime.deployment.institution
    ours = {"fixmedinsCode": institution.code, "fixmedinsName": institution.name, "hiRxno": work.state.prescription}
    work.call("7209", {"data": {**work.state.given.delivery, **ours}})
    work.state.done.append("7209")


@step("配送签收确认", "7210", skip=lambda state: not state.given.receipt, when="给出了 receipt")
def confirm_receipt(work: Work[SaleState]) -> None:
    """Tell that they arrived."""
    work.call("7210", {"data": {**work.state.given.receipt, "hiRxno": work.state.prescription}})
    work.state.done.append("7210")


class PrescriptionDelivery(Flow[SaleState]):
    """电子处方配送: how the drugs are on their way, and that they arrived."""

    name = "prescription_delivery"
    title = "电子处方配送"
    given = SaleGiven
    state = SaleState
    steps = (find_sale, sync_delivery, confirm_receipt)

    @staticmethod
    def result(state: SaleState) -> dict[str, Any]:
        return {"prescription": state.prescription, "done": list(state.done)}
