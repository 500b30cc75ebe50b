"""Online services: a prescription from the doctor to the drugs, and an order of mobile payment whose answer is lost."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...config import Kind
from ...flows import Status, View
from ...journal import CallRecord
from ...privacy import is_personal, masked_text
from ...simulator.chapters.prescriptions import prescriptions_of
from ...simulator.faults import Fault, FaultRule
from ...simulator.people import Person
from ...wire.json import decode, encode
from ..flowing import show_question
from .stage import Stage, staged

DOCUMENT = base64.b64encode(b"%PDF-1.4 demo\n%%EOF\n").decode()
DOCTOR = {"drCode": "D441900000001", "prscDrName": "王医师（模拟）"}
AT_CENTRE = 'address = "infno"'
CLEAR_SHOWN, SEALED_SHOWN = 300, 220


class Online(Stage):
    """What both demonstrations show: messages in clear, with persons hidden, and as they went over the line."""

    def messages(self, service: str, *infnos: str) -> None:
        """The latest message of each of these transactions."""
        for infno in infnos:
            calls = [c for c in self.runtime.journal.latest(limit=200) if c.infno == infno]
            if calls:
                self._message(service, calls[0])

    def _message(self, service: str, call: CallRecord) -> None:
        data = decode(call.request)["input"]["data"] if call.request else {}
        centre = self.served.door.centres[service]
        title = self.runtime.interfaces[call.infno].name
        self.out.print(f"[bold]{call.infno}[/] {title}，明文（隐去个人信息）：")
        self.out.print(f"    {encode(hidden(data)).decode()[:CLEAR_SHOWN]}…", markup=False, soft_wrap=True)
        carried = zip(centre.carried, centre.captured, strict=True)
        sealed = [asked for infno, (asked, _) in carried if infno == call.infno]
        if sealed:
            self.out.print(
                f"    线上（{len(sealed[-1])} 字节）：{sealed[-1].decode()[:SEALED_SHOWN]}…",
                markup=False,
                soft_wrap=True,
            )

    def ended(self, view: View, sentence: str) -> None:
        self.expect(view.status is Status.DONE, sentence)
        self.advice(view)

    def nothing_in_clear(self, service: str, *secrets: str) -> None:
        line = b"".join(asked + told for asked, told in self.served.door.centres[service].captured)
        seen = [secret for secret in secrets if secret.encode() in line]
        self.expect(bool(line) and not seen, f"线上 {len(line)} 个字节里没有姓名、证件号码、令牌和处方")


def hidden(value: Any, name: str = "") -> Any:
    """A message with everything personal and every document hidden."""
    if isinstance(value, Mapping):
        return {key: hidden(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [hidden(inner, name) for inner in value]
    if is_personal(name) or any(part in name.casefold() for part in HIDDEN):
        return "***"
    return masked_text(value) if isinstance(value, str) else value


HIDDEN = ("name", "certno", "idno", "psnno", "token", "authno", "file", "digest", "originalvalue")


def mobile_payment(folder: Path) -> int:
    """An order, its payment, a lost answer that a query finds, a partial refund."""
    with staged(folder, Kind.HOSPITAL, services={"payment": ""}) as stage:
        acts = Online(stage.out, stage.config, stage.runtime, stage.served)
        acts.introduce()
        person = acts.platform.world.people.case("local")
        acts.rule("二、下单并支付 · an order, sealed with SM4 and signed with SM2")
        view = acts.go("mobile_payment", order(person, "M-0001", acts.runtime.deployment.institution.code), "M-0001")
        parts = "，".join(f"{name} {amount}" for name, amount in view.result["parts"].items())
        acts.ended(view, f"订单{view.result['state_name']}：{parts}")
        acts.messages("payment", "6201", "6202", "6301")
        acts.rule("三、下单的应答丢失 · the answer of 6202 is lost, 6301 finds the order")
        acts.served.door.faults.add(FaultRule(fault=Fault.ANSWER_LOST, infno="6202"))
        lost = acts.go("mobile_payment", order(person, "M-0002", acts.runtime.deployment.institution.code), "M-0002")
        acts.ended(lost, f"查得订单{lost.result['state_name']}，没有重新下单")
        acts.expect(acts.sent("6202") == 2, "两笔订单，各下单一次")
        acts.rule("四、退一部分自费 · a partial refund of the own money")
        given = {"refund_no": "B-0001", "order_key": "M-0001", "kind": "CASH", "cash": "4.00", "pay_auth_no": "DEMO"}
        back = acts.go("mobile_payment_refund", given, "B-0001")
        acts.ended(back, f"订单{back.result['state_name']}，退 {back.result['refunded']['费用总额']} 元")
        acts.rule("五、线上看得到什么 · what an observer of the line sees")
        acts.nothing_in_clear("payment", person.certno, person.name, person.psn_no)
        return acts.take_leave("liangding explain 6202")


def order(person: Person, number: str, institution: str) -> dict[str, Any]:
    """An order of one row."""
    row = {
        "feedetlSn": f"{number}-1", "psnNo": person.psn_no, "chrgBchno": number, "rxCircFlag": "0", "medType": "11",
        "feeOcurTime": "2026-11-21 09:00:00", "medListCodg": "XC07ABM064A001010100001", "medinsListCodg": "H-0001",
        "detItemFeeSumamt": "100.00", "cnt": "1", "pric": "100.00", "bilgDeptCodg": "A03", "bilgDeptName": "内科",
        "bilgDrCodg": DOCTOR["drCode"], "bilgDrName": DOCTOR["prscDrName"], "hospApprFlag": "0",
    }  # fmt: skip
    diagnosis = {
        "diagType": "1", "diagSrtNo": "1", "diagCode": "I10.x00x002", "diagName": "高血压", "diagDept": "内科",
        "diseDorNo": DOCTOR["drCode"], "diseDorName": DOCTOR["prscDrName"], "diagTime": "2026-11-21 09:00:00",
        "valiFlag": "1",
    }  # fmt: skip
    fees = {
        "psnNo": person.psn_no, "insutype": person.covers[0].insutype, "begntime": "2026-11-21 09:00:00",
        "idNo": person.certno, "userName": person.name, "idType": "01", "payAuthNo": "DEMO", "iptOtpNo": number,
        "deptName": "内科", "caty": "A03", "medType": "11", "feeType": "01", "medfeeSumamt": "100.00",
        "acctUsedFlag": "1", "psnSetlway": "01", "chrgBchno": number, "diseinfoList": [diagnosis],
        "feedetailList": [row],
    }  # fmt: skip
    payment = {"payAuthNo": "DEMO", "mdtrtId": f"V{number}"}
    return {"order_no": number, "fees": fees, "payment": payment, "insured_place": person.covers[0].place}


def prescription(folder: Path) -> int:
    """A hospital writes, has signed and uploads; a pharmacy is authorised, downloads, verifies, reviews, reports."""
    services = {"prescription": AT_CENTRE}
    with (
        staged(folder, Kind.HOSPITAL, services=services) as one,
        staged(folder / "pharmacy", Kind.PHARMACY, services=services) as two,
    ):
        hospital = Online(one.out, one.config, one.runtime, one.served)
        pharmacy = Online(two.out, two.config, two.runtime, two.served)
        pharmacy.platform.world.kept["prescriptions"] = prescriptions_of(hospital.platform.world)
        person = hospital.platform.world.people.case("local")
        hospital.introduce()
        hospital.rule("二、医院开方、签名、上传 · the hospital writes, signs and uploads")
        view = hospital.go("outward_prescription", written(person), "RX-0001")
        hospital.ended(view, f"处方{view.result['status_name']}")
        hospital.messages("prescription", "7101", "7102", "7103")
        pharmacy.rule("三、药店取方、验签、审方、售药、上传 · the pharmacy dispenses")
        taken = pharmacy.flows.start("prescription_dispensing", dispensed(person), key="S-0001")
        show_question(taken, pharmacy.out)
        pharmacy.out.print("  答：1 审核通过")
        taken = pharmacy.flows.answer(taken.id, "1")
        bought = pharmacy.go("pharmacy_purchase", sold(person, taken.result["prescription"]), "P-0001", use_account="1")
        pharmacy.ended(bought, "处方药已结算")
        pharmacy.ended(pharmacy.go_on(taken, purchase="P-0001"), "销售出库已上传")
        pharmacy.messages("prescription", "7201", "7204", "7205", "7206", "7207")
        hospital.rule("四、医院查结果 · the hospital asks what became of it")
        outcome = hospital.go("prescription_outcome", {"prescription_key": "RX-0001"}, "Q-0001")
        hospital.expect(outcome.result.get("rxUsedStasName") == "已使用", "处方已使用，审核与取药结果查得")
        hospital.rule("五、线上看得到什么 · what an observer of the line sees")
        for side in (hospital, pharmacy):
            side.nothing_in_clear("prescription", person.certno, person.name, "美托洛尔", DOCUMENT)
        hospital.well &= pharmacy.well
        return hospital.take_leave("liangding explain 7103")


def written(person: Person) -> dict[str, Any]:
    """A prescription of one drug, as the flow takes it."""
    drug = {
        "medListCodg": "XC07ABM064A001010100001", "rxItemTypeCode": "11", "drugGenname": "美托洛尔",
        "drugDosform": "片剂", "drugSpec": "25mg*20", "medcWayCodg": "1", "medcWayDscr": "口服",
        "medcBegntime": "2026-11-21 10:00:00", "medcEndtime": "2026-11-28 10:00:00", "medcDays": "7",
        "sinDosunt": "mg", "sinDoscnt": "25", "usedFrquCodg": "12", "usedFrquName": "每日两次", "drugDosunt": "盒",
        "drugCnt": "1", "hospApprFlag": "1",
    }  # fmt: skip
    visit = {
        "mdtrtId": "V-0001", "medType": "11", "iptOtpNo": "OP-0001", "otpIptFlag": "1", "psnNo": person.psn_no,
        "patnName": person.name, "psnCertType": "01", "certno": person.certno, "patnAge": "50", "gend": person.gender,
        "prscDeptName": "内科", "prscDeptCode": "A03", "drProfttlCodg": "5", "drProfttlName": "主任医师",
        "drDeptCode": "A03", "drDeptName": "内科", "caty": "A03", "spDiseFlag": "0", "maindiagCode": "I10.x00x002",
        "maindiagName": "高血压", "mdtrtTime": "2026-11-21 09:00:00", **DOCTOR,
    }  # fmt: skip
    diagnosis = {
        "diagType": "1", "maindiagFlag": "1", "diagSrtNo": "1", "diagCode": "I10.x00x002", "diagName": "高血压",
        "diagDept": "内科", "diagDeptCode": "A03", "diagDrNo": DOCTOR["drCode"], "diagDrName": DOCTOR["prscDrName"],
        "diagTime": "2026-11-21 09:00:00",
    }  # fmt: skip
    days = 3650
    return {
        "prescription": {
            "mdtrtCertType": "02", "mdtrtCertNo": person.certno, "bizTypeCode": "01", "hospRxno": "RX-0001",
            "rxTypeCode": "1", "prscTime": "2026-11-21 09:00:00", "valiDays": str(days), "rxdrugdetail": [drug],
            "mdtrtinfo": visit, "diseinfo": [diagnosis],
        },
        "pharmacist": {
            "pharDeptName": "药剂科", "pharDeptCode": "A99", "pharCode": "HY441900000001", "pharName": "李药师（模拟）",
            "pharChkTime": "2026-11-21 09:30:00",
        },
        "document": DOCUMENT, "insured_place": person.covers[0].place,
    }  # fmt: skip


def sold(person: Person, prescription_no: str) -> dict[str, Any]:
    """The purchase of what was prescribed."""
    row = {
        "feedetl_sn": "S-0001-1", "med_list_codg": "XC07ABM064A001010100001", "name": "美托洛尔",
        "medins_list_codg": "D0001", "count": "1", "price": "23.80", "prescription_no": prescription_no,
    }  # fmt: skip
    return {"credential": {"type": "02", "number": person.certno}, "receipt_no": "S-0001", "rows": [row]}


def dispensed(person: Person) -> dict[str, Any]:
    """The same person at the pharmacy."""
    reviewer = {"name": "赵药师（模拟）", "code": "HY441900000002", "certno": "441900198001010017", "ec_token": "DEMO"}
    drug = {
        "med_list_codg": "XC07ABM064A001010100001", "medins_list_codg": "D0001", "name": "美托洛尔",
        "spec": "25mg*20", "count": "1", "unit": "盒", "amount": "23.80",
    }  # fmt: skip
    return {
        "receipt_no": "S-0001", "reviewer": reviewer, "drugs": [drug], "name": person.name, "certno": person.certno,
        "reg_sn": "REG-0001",
    }  # fmt: skip
