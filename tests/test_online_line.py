"""The line to an online service: what goes out sealed, what is believed of what comes back, what an observer sees."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liangding.config import Kind
from liangding.contract.calls import Answer
from liangding.errors import CallRefused, ConfigurationError, NoAnswer, OutcomeUnknown
from liangding.kit import new_key
from liangding.simulator.centres import SealFault
from liangding.simulator.faults import Fault
from liangding.simulator.people import Person
from liangding.wire.json import decode, encode
from liangding.wire.secured import NotAuthentic
from support import Rig, rig_for, simulated_rig_for

HOSPITAL: dict[str, Any] = {"kind": Kind.HOSPITAL, "province": "", "area": "990100", "code": "H99010000001"}


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}) as rig:
        yield rig


def fees(person: Person, order: str = "ORDER1", total: str = "100.00") -> dict[str, Any]:
    """The data of 6201 for one row."""
    row = {
        "feedetlSn": "F1", "psnNo": person.psn_no, "chrgBchno": "B1", "rxCircFlag": "0", "medType": "11",
        "feeOcurTime": "2026-11-21 09:00:00", "medListCodg": "XA02BCA001A006010100001", "medinsListCodg": "D1",
        "detItemFeeSumamt": total, "cnt": "1", "pric": total, "bilgDeptCodg": "01", "bilgDeptName": "内科",
        "bilgDrCodg": "D990100000001", "bilgDrName": "测试医生", "hospApprFlag": "0",
    }  # fmt: skip
    diagnosis = {
        "diagType": "1", "diagSrtNo": "1", "diagCode": "J06.900", "diagName": "急性上呼吸道感染", "diagDept": "内科",
        "diseDorNo": "D990100000001", "diseDorName": "测试医生", "diagTime": "2026-11-21 09:00:00", "valiFlag": "1",
    }  # fmt: skip
    return {
        "orgCodg": "H99010000001", "psnNo": person.psn_no, "insutype": person.covers[0].insutype, "medOrgOrd": order,
        "begntime": "2026-11-21 09:00:00", "idNo": person.certno, "userName": person.name, "idType": "01",
        "payAuthNo": "AUTH1", "iptOtpNo": "OP1", "deptName": "内科", "caty": "A03", "medType": "11", "feeType": "01",
        "medfeeSumamt": total, "acctUsedFlag": "1", "psnSetlway": "01", "chrgBchno": "B1",
        "diseinfoList": [diagnosis], "feedetailList": [row],
    }  # fmt: skip


def uploaded(rig: Rig, order: str = "ORDER1") -> dict[str, str]:
    person = rig.person()
    answer = rig.runtime.call("6201", {"data": fees(person, order)}, insured_place=person.covers[0].place)
    return {"payOrdId": answer.output.data.payOrdId, "payToken": answer.output.data.payToken}


def asked(rig: Rig, order: dict[str, str]) -> Answer[Any]:
    person = rig.person()
    data = {**order, "orgCodg": "H99010000001", "idNo": person.certno, "userName": person.name, "idType": "01"}
    return rig.runtime.call("6301", {"data": data})


def placed(rig: Rig, order: dict[str, str], serial: str = "S1", key: str | None = None) -> Answer[Any]:
    data = {**order, "orgCodg": "H99010000001", "orgBizSer": serial, "mdtrtId": "M1", "payAuthNo": "AUTH1"}
    return rig.runtime.call("6202", {"data": data}, key=key or new_key())


def test_an_order_goes_out_sealed_and_comes_back_opened(hospital: Rig) -> None:
    order = uploaded(hospital)
    answer = placed(hospital, order)
    assert answer.output.data.feeSumamt == Decimal("100.00")
    assert asked(hospital, order).output.data.ordStas == "6"
    record = hospital.runtime.journal.call(answer.call_id)
    assert decode(record.request)["input"]["data"]["payOrdId"] == order["payOrdId"], "recorded as it was meant"
    assert "signData" in decode(record.answer or b"")["sealed"], "and the centre's signature with it"
    assert hospital.sent("9001") == 0, "a centre knows no sign-in of the platform's"


def test_an_observer_of_the_line_sees_nothing(tmp_path: Path) -> None:
    """The simulator's own record of bytes, over HTTP: no name, no number of a person, no token, no drug."""
    with rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}) as rig:
        order = uploaded(rig)
        placed(rig, order)
        asked(rig, order)
        person = rig.person()
        captured = b"".join(asked + told for asked, told in rig.centre("payment").captured)
        for secret in (
            person.certno,
            person.psn_no,
            order["payToken"],
            order["payOrdId"],
            "XA02BCA001",
            "AUTH1",
            "100.00",
        ):
            assert secret.encode() not in captured
        assert person.name.encode() not in captured
        assert encode(person.name).strip(b'"') not in captured
        assert captured.count(b'"encData"') == 6


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (SealFault.FORGED, "签名不对"), (SealFault.TAMPERED, "密文|签名"), (SealFault.STALE, "时间戳"),
        (SealFault.BARE, "没有加密|签名"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_centres_is_not_used(hospital: Rig, fault: SealFault, says: str) -> None:
    """A query is asked again, an order's outcome is found out; nothing of the answer is used."""
    centre = hospital.centre("payment")
    order = uploaded(hospital)
    centre.faults += [fault, fault]
    with pytest.raises(NoAnswer, match=says):
        asked(hospital, order)
    assert asked(hospital, order).output.data.ordStas == "0"
    centre.faults += [fault] * 3
    with pytest.raises(OutcomeUnknown, match=says):
        placed(hospital, order)


def test_an_answer_that_was_given_before_is_another_orders(hospital: Rig) -> None:
    first, second = uploaded(hospital), uploaded(hospital, "ORDER2")
    asked(hospital, first)
    hospital.strike(Fault.OTHER_ANSWER, "6301")
    sent = hospital.sent("6301")
    assert asked(hospital, second).output.data.payOrdId == second["payOrdId"]
    assert hospital.sent("6301") == sent + 2, "the first answer was the first order's: it was asked again"


def test_the_centre_holds_us_to_the_same(hospital: Rig) -> None:
    """Delivered twice it acts once; old and unsigned messages are refused, in clear, as centres refuse."""
    hospital.strike(Fault.DUPLICATE, "6201")
    uploaded(hospital)
    centre = hospital.centre("payment")
    seen, told = centre.captured[-1]
    assert decode(told) == {"code": "360053", "message": "重复的报文", "success": False, "type": "error"}
    path = next(path for path, infno in centre.paths.items() if infno == "6301")
    hospital.runtime.clock.sleep(3600)
    for body in (seen, b"{}", encode({"appId": "TESTAPPID0000000000000000000001", "data": {"payOrdId": "1"}})):
        told, good = centre.answer(path, body)
        assert (decode(told)["code"], good) == ("360053", False)


def test_a_refusal_reaches_the_till_and_one_of_money_is_proved(hospital: Rig) -> None:
    person = hospital.person()
    wrong = fees(person) | {"medfeeSumamt": "99.00"}
    with pytest.raises(CallRefused, match="费用明细之和"):
        hospital.runtime.call("6201", {"data": wrong}, insured_place=person.covers[0].place)
    order = uploaded(hospital)
    placed(hospital, order)
    with pytest.raises(OutcomeUnknown, match="订单已下单"):
        placed(hospital, order, "S2")  # centres do not sign refusals: of money it proves nothing


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), other=st.integers(0, 255))
def test_any_single_byte_changed_is_refused(hospital: Rig, where: float, other: int) -> None:
    """Of an answer, and of what we send: whatever is opened is what was sealed."""
    line = hospital.centre("payment")._secured
    ours = hospital.runtime.known.services.line("payment")
    for seals, opens in ((ours, line), (line, ours)):
        sealed = seals.seal({"payOrdId": "1", "idNo": "441900199003079010"}, epoch=1_795_000_000, beside={"code": "0"})
        at = int(where * len(sealed))
        changed = sealed[:at] + bytes((other,)) + sealed[at + 1 :]
        try:
            opened = opens.open(changed)
        except NotAuthentic:
            continue
        assert not opened.signed or decode(changed) == decode(sealed), at


def test_a_service_that_is_not_described_is_named(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain") as rig:
        with pytest.raises(ConfigurationError, match="不向结算地址明文发送") as wrong:
            uploaded(rig)
        assert "[services.payment]" in wrong.value.remedy
    more = {"prescription": ""}
    (tmp_path / "two").mkdir()
    with simulated_rig_for(tmp_path / "two", **HOSPITAL, gateway="plain", services=more) as rig:
        known = rig.runtime.known
        assert (
            known.address(known.interfaces["7101"])
            == "http://127.0.0.1:9/centre/prescription/epc/api/fixmedins/uploadChk"
        )
        with pytest.raises(ConfigurationError, match=r"7204 .*没有公开的路径") as wrong:
            known.address(known.interfaces["7204"])
        assert wrong.value.path == "services.prescription.paths"
        unsent = known.services.without_path("prescription", known.interfaces)
        assert (unsent[0], unsent[-1], "7103" in unsent) == ("7201", "7210", False)
