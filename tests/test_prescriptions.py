"""Electronic prescriptions: a hospital writes, signs and uploads; a pharmacy fetches, reviews and dispenses."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding.config import Kind
from liangding.flows import Status, View
from liangding.kit import bill, run_flow
from liangding.simulator.chapters.prescriptions import prescriptions_of
from liangding.simulator.faults import Fault
from liangding.simulator.people import Person
from liangding.wire.json import decode
from support import Rig, simulated_rig_for
from test_online_line import HOSPITAL

PDF = base64.b64encode(b"%PDF-1.4\n" + bytes(range(256))).decode()
AT_CENTRE = {"prescription": 'address = "infno"'}
PHARMACIST = {
    "pharDeptName": "药剂科", "pharDeptCode": "09", "pharCode": "HY990100000001", "pharName": "测试药师",
    "pharChkTime": "2026-11-21 09:30:00",
}  # fmt: skip


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "hospital"
    folder.mkdir()
    with simulated_rig_for(folder, **HOSPITAL, gateway="plain", services=AT_CENTRE) as rig:
        yield rig


@pytest.fixture
def pharmacy(tmp_path: Path, hospital: Rig) -> Iterator[Rig]:
    """At the same centre as the hospital."""
    folder = tmp_path / "pharmacy"
    folder.mkdir()
    own = {"kind": Kind.PHARMACY, "province": "", "area": "990100", "code": "P99010000001"}
    with simulated_rig_for(folder, **own, gateway="plain", services=AT_CENTRE) as rig:
        rig.platform.world.kept["prescriptions"] = prescriptions_of(hospital.platform.world)
        yield rig


def written(person: Person, number: str = "RX1") -> dict[str, Any]:
    """7101's data for one drug, without what the flow puts in."""
    drug = {
        "medListCodg": "XC07ABM064A001010100001", "rxItemTypeCode": "11", "drugGenname": "美托洛尔",
        "drugDosform": "片剂", "drugSpec": "25mg*20", "medcWayCodg": "1", "medcWayDscr": "口服",
        "medcBegntime": "2026-11-21 10:00:00", "medcEndtime": "2026-11-28 10:00:00", "medcDays": "7",
        "sinDosunt": "mg", "sinDoscnt": "25", "usedFrquCodg": "12", "usedFrquName": "每日两次", "drugDosunt": "盒",
        "drugCnt": "1", "hospApprFlag": "1",
    }  # fmt: skip
    visit = {
        "mdtrtId": "M1", "medType": "11", "iptOtpNo": "OP1", "otpIptFlag": "1", "psnNo": person.psn_no,
        "patnName": person.name, "psnCertType": "01", "certno": person.certno, "patnAge": "50", "gend": person.gender,
        "prscDeptName": "内科", "prscDeptCode": "01", "drCode": "D990100000001", "prscDrName": "测试医生",
        "drProfttlCodg": "5", "drProfttlName": "主任医师", "drDeptCode": "01", "drDeptName": "内科", "caty": "A03",
        "spDiseFlag": "0", "maindiagCode": "I10.x00x002", "maindiagName": "高血压", "mdtrtTime": "2026-11-21 09:00:00",
    }  # fmt: skip
    diagnosis = {
        "diagType": "1", "maindiagFlag": "1", "diagSrtNo": "1", "diagCode": "I10.x00x002", "diagName": "高血压",
        "diagDept": "内科", "diagDeptCode": "01", "diagDrNo": "D990100000001", "diagDrName": "测试医生",
        "diagTime": "2026-11-21 09:00:00",
    }  # fmt: skip
    return {
        "mdtrtCertType": "02", "mdtrtCertNo": person.certno, "bizTypeCode": "01", "hospRxno": number,
        "rxTypeCode": "1", "prscTime": "2026-11-21 09:00:00", "valiDays": "7", "rxdrugdetail": [drug],
        "mdtrtinfo": visit, "diseinfo": [diagnosis],
    }  # fmt: skip


def uploaded(rig: Rig, number: str = "RX1") -> View:
    given = {
        "prescription": written(rig.person(), number), "pharmacist": PHARMACIST, "document": PDF,
        "insured_place": rig.person().covers[0].place,
    }  # fmt: skip
    return rig.flows.start("outward_prescription", given, key=number)


def came(rig: Rig, receipt: str = "S1", **more: Any) -> View:
    person = rig.person()
    reviewer = {"name": "测试药师乙", "code": "HY990100000002", "certno": "990100198001010011", "ec_token": "T1"}
    drug = {
        "med_list_codg": "XC07ABM064A001010100001", "medins_list_codg": "D1", "name": "美托洛尔", "spec": "25mg*20",
        "count": "1", "unit": "盒", "amount": "23.80",
    }  # fmt: skip
    given = {
        "receipt_no": receipt, "reviewer": reviewer, "drugs": [drug], "name": person.name, "certno": person.certno,
        "reg_sn": "REG1", **more,
    }  # fmt: skip
    return rig.flows.start("prescription_dispensing", given, key=receipt)


def asked(rig: Rig) -> View:
    return rig.flows.start("prescription_outcome", {"prescription_key": "RX1"}, key=f"A{rig.runtime.new_id()}")


def test_from_the_doctor_to_the_drugs(hospital: Rig, pharmacy: Rig) -> None:
    view = uploaded(hospital)
    assert view.status is Status.DONE, view.error
    assert (view.result["status_name"], asked(hospital).result["dispensing"]) == ("有效", None)
    taken = came(pharmacy)
    assert taken.question is not None, taken.error
    assert (taken.question.id, taken.question.whom) == ("review", "药师")
    assert taken.question.facts[0][0] == "美托洛尔"
    taken = pharmacy.flows.answer(taken.id, "1")
    assert taken.question is not None, taken.error
    early = pharmacy.flows.answer(taken.id, "P1")
    assert early.error is not None
    assert "还没有办成" in early.error["message"]
    bought = pharmacy.flows.start("pharmacy_purchase", bill(pharmacy.person(), use_account=False), key="P1")
    assert run_flow(pharmacy.flows, bought, {"confirm": "yes"}).status is Status.DONE
    taken = run_flow(pharmacy.flows, came(pharmacy), {"purchase": "P1"})
    assert taken.status is Status.DONE, taken.error
    outcome = asked(hospital).result
    assert (outcome["rxUsedStasName"], outcome["review"]["rxChkStasName"]) == ("已使用", "审核通过")
    assert outcome["dispensing"]["seltdelts"][0]["drugGenname"] == "美托洛尔"
    delivery = {
        "delvNo": "E1", "delvAddr": "测试路 1 号", "delvEntpName": "测试快递", "delvStasCodg": "1",
        "delvStasName": "配送中", "delvConner": "测试甲", "delvStasTime": "2026-11-21 11:00:00",
    }  # fmt: skip
    receipt = {
        "delverCertType": "01", "delverCertno": "990100198001010011", "delverName": "测试乙", "delvNo": "E1",
        "delvStasTime": "2026-11-21 12:00:00",
    }  # fmt: skip
    sent = pharmacy.flows.start(
        "prescription_delivery", {"dispensing_key": "S1", "delivery": delivery, "receipt": receipt}, key="D1"
    )
    assert (sent.status, sent.result["done"]) == (Status.DONE, ["7209", "7210"]), sent.error
    back = pharmacy.flows.start("prescription_sale_withdrawal", {"dispensing_key": "S1"}, key="W1")
    assert back.status is Status.DONE, back.error
    assert asked(hospital).result["rxUsedStasName"] == "未使用"


def test_the_document_is_signed_and_uploaded_byte_for_byte(hospital: Rig, pharmacy: Rig) -> None:
    """The twenty fields of the table, in its order; what was signed is what is uploaded and downloaded."""
    number = uploaded(hospital).result["prescription"]
    held = prescriptions_of(hospital.platform.world).by_number[number]
    assert held.signed is not None
    assert held.uploaded is not None
    fields, file, _ = held.signed
    assert (len(fields), list(fields)[:3], list(fields)[-1]) == (
        20,
        ["rxTraceCode", "hiRxno", "mdtrtId"],
        "pharChkTime",
    )
    assert file == held.uploaded["rxFile"] == PDF
    came(pharmacy)
    download = next(c for c in pharmacy.runtime.journal.latest(limit=50) if c.infno == "7204")
    assert decode(download.answer or b"")["output"]["data"]["rxFile"] == PDF
    captured = b"".join(one + two for one, two in hospital.centre("prescription").captured)
    person = hospital.person()
    for secret in (person.certno, person.name, person.psn_no, PDF[:40], "XC07ABM064", number):
        assert secret.encode() not in captured


def test_a_prescription_is_found_by_its_code_and_online(hospital: Rig, pharmacy: Rig) -> None:
    number = uploaded(hospital).result["prescription"]
    taken = came(pharmacy, qr_code=number, name="", certno="", reg_sn=None)
    assert taken.question is not None, taken.error
    assert (taken.question.id, pharmacy.sent("7203"), pharmacy.sent("7201")) == ("review", 1, 0)
    ours = {"fixmedinsCode": "P99010000001", "ipInfo": "127.0.0.1", "opter": "001", "opterName": "甲", "optinsNo": "P1"}
    online = {**ours, "hiRxno": number, "authCircBizSn": "B1", "epcChnlId": "C1"}
    assert pharmacy.runtime.call("7202", {"data": online}).output.data.authRxno
    asked_for = {
        "fixmedinsCode": "P99010000001",
        "medListCodg": "XC07ABM064A001010100001",
        "pageNum": 1,
        "pageSize": 10,
    }
    drugs = pharmacy.runtime.call("7211", {"data": asked_for}).output.data
    assert [drug.genname for drug in drugs.list_] == ["美托洛尔"]


def test_a_prescription_that_the_pharmacist_refuses_is_not_sold(hospital: Rig, pharmacy: Rig) -> None:
    uploaded(hospital)
    refused = run_flow(pharmacy.flows, came(pharmacy), {"review": "0", "opinion": "剂量过大"})
    assert (refused.status, refused.result["passed"], refused.result["sale"]) == (Status.DONE, False, "")
    review = asked(hospital).result["review"]
    assert (review["rxChkStasName"], review["rxChkOpnn"]) == ("审核不通过", "剂量过大")
    assert pharmacy.sent("7207") == 0


def test_a_prescription_is_withdrawn_only_before_it_is_dispensed(hospital: Rig, pharmacy: Rig) -> None:
    uploaded(hospital)
    uploaded(hospital, "RX2")
    reason = {
        "drCode": "D990100000001", "undoDrName": "测试医生", "undoDrCertType": "01",
        "undoDrCertno": "990100198001010011", "undoRea": "开错",
    }  # fmt: skip
    back = {"prescription_key": "RX2", "withdrawal": reason}
    assert hospital.flows.start("prescription_withdrawal", back, key="W2").result["rxStasName"] == "已撤销"
    answers = {"review": "1", "purchase": "self"}
    assert run_flow(pharmacy.flows, came(pharmacy), answers).status is Status.DONE
    late = hospital.flows.start("prescription_withdrawal", back | {"prescription_key": "RX1"}, key="W1")
    assert late.error is not None
    assert "已使用，不能撤销" in late.error["message"]
    nothing = came(pharmacy, "S2")
    assert nothing.error is not None
    assert "没有待取药的处方" in nothing.error["message"]


@pytest.mark.parametrize("infno", ["7101", "7102", "7103"])
@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.CUT])
def test_an_upload_whose_answer_is_lost_is_one_prescription(hospital: Rig, infno: str, fault: Fault) -> None:
    hospital.strike(fault, infno)
    view = uploaded(hospital)
    if view.status is not Status.DONE:
        hospital.let_pass(3600)
        view = hospital.flows.resume(view.id)
    assert (view.status, view.result["status_name"]) == (Status.DONE, "有效"), view.error
    held = prescriptions_of(hospital.platform.world).by_number.values()
    assert [each.state for each in held] == ["1"]


@pytest.mark.parametrize(
    ("change", "says"),
    [({"document": "###"}, "Base64"), ({"document": base64.b64encode(b"GIF89a").decode()}, "PDF 或 OFD"),
     ({"prescription": {}}, "缺少 hospRxno")],
)  # fmt: skip
def test_what_is_not_right_is_named(hospital: Rig, change: dict[str, Any], says: str) -> None:
    given = {"prescription": written(hospital.person()), "pharmacist": PHARMACIST, "document": PDF}
    with pytest.raises(Exception, match=says):
        hospital.flows.start("outward_prescription", given | change, key="X")
