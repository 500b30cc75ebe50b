"""Notices of online services: at a door of their own, verified, acted on once, whenever they come."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Any

import pytest

from liangding.flows import Status
from liangding.notices import Receiver, listening
from liangding.simulator.centres import SealFault
from liangding.simulator.chapters.orders import FiledOrder, as_told, orders_of
from liangding.simulator.faults import Fault
from liangding.wire.json import decode
from support import Rig, rig_for, simulated_rig_for
from test_mobile_payment import order_of, paid
from test_online_line import HOSPITAL

CALLBACK = "/pmc/api/hos/seltSucCallback"
REVIEWED = {
    "hiRxno": "RX1", "pharName": "测试药师", "pharCode": "HY1", "rxChkStasCodg": "1", "rxChkOpnn": "审核通过",
    "rxChkTime": "2026-11-21 10:00:00", "rxStasCodg": "1", "rxStasName": "有效", "rxChkStasName": "审核通过",
}  # fmt: skip


def sealed(rig: Rig, service: str, data: Any) -> bytes:
    return rig.centre(service).sealed(data, rig.platform.clock.epoch(), answers=False)


def of_order(rig: Rig) -> bytes:
    """6302, as the centre would send it now."""
    order = order_of(rig)
    order.go_on(rig.platform.clock.epoch())
    return sealed(rig, "payment", {**as_told(order), "callType": "02", "medOrgOrd": order.institution_order})


def test_a_notice_of_an_order_lets_it_be_asked_for_once(tmp_path: Path) -> None:
    """Before the order is there, while it is on its way, twice, and late after a query."""
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}) as rig:
        receiver = Receiver(rig.runtime, "payment")
        early = sealed(rig, "payment", {"callType": "02", "payOrdId": "ORD1", "medOrgOrd": "ORDER1"})
        assert receiver.receive(CALLBACK, early).as_json() == {
            "code": "1", "success": False, "message": "还没有这个订单，请稍后再通知",
        }  # fmt: skip
        orders_of(rig.platform.world).next_seconds = 100
        view = paid(rig)
        assert view.status is Status.STOPPED
        assert not receiver.receive(CALLBACK, of_order(rig)).success, "still on its way: 6301 says so"
        rig.runtime.clock.sleep(101)
        notice = of_order(rig)
        assert [receiver.receive(CALLBACK, notice).success for _ in range(3)] == [True] * 3
        view = rig.flows.get(view.id)
        assert (view.status, view.result["paid"], rig.sent("6202")) == (Status.DONE, True, 1)
        asked = rig.sent("6301")
        assert receiver.receive(CALLBACK, of_order(rig)).success, "late, after the order had been asked for"
        assert rig.sent("6301") == asked


def test_a_notice_that_an_order_was_placed_is_acknowledged(tmp_path: Path) -> None:
    """6204, at the path that the centre was told: it lets the order be asked for, and proves nothing."""
    services = {"payment": '[services.payment.listener]\nport = 0\npaths = { "6204" = "/placed" }\n'}
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services=services) as rig:
        receiver = Receiver(rig.runtime, "payment")
        told = {
            "payOrdId": "X", "medOrgOrd": "ORDER1", "feeSumamt": "100.00", "ownPayAmt": "0.00", "psnAcctPay": "40.00",
            "fundPay": "60.00", "thdPayType": "WX",
        }  # fmt: skip
        assert not receiver.receive("/placed", sealed(rig, "payment", told)).success, "no such order yet"
        orders_of(rig.platform.world).next_seconds = 100
        view = paid(rig)
        assert [receiver.receive("/placed", sealed(rig, "payment", told)).success for _ in range(2)] == [True] * 2
        assert not rig.flows.get(view.id).result["paid"]
        rig.runtime.clock.sleep(101)
        assert receiver.receive("/placed", sealed(rig, "payment", told)).success
        view = rig.flows.get(view.id)
        assert (view.result["paid"], view.result["parts"]["现金支付"], rig.sent("6202")) == (True, "10.00", 1)


def test_a_notice_is_no_proof(tmp_path: Path) -> None:
    """It says that the order is settled; 6301 says that it failed."""
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}) as rig:
        orders_of(rig.platform.world).next_seconds, orders_of(rig.platform.world).next_ends = 100, "15"
        view = paid(rig)
        rig.runtime.clock.sleep(101)
        told = sealed(rig, "payment", {"callType": "02", "ordStas": "6", "payOrdId": "X", "medOrgOrd": "ORDER1"})
        assert Receiver(rig.runtime, "payment").receive(CALLBACK, told).success
        assert not rig.flows.get(view.id).result["paid"]


@pytest.mark.parametrize("fault", [*SealFault])
def test_what_is_not_the_centres_is_not_taken(tmp_path: Path, fault: SealFault) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"prescription": ""}) as rig:
        receiver = Receiver(rig.runtime, "prescription")
        rig.centre("prescription").faults.append(fault)
        received = receiver.receive("/rxChkInfoCallback", sealed(rig, "prescription", REVIEWED))
        assert (received.status, received.success) == (401, False)
        assert rig.flows.find("prescription_notice", "RX1-7108") is None


def test_notices_come_in_by_their_own_door(tmp_path: Path) -> None:
    """Over HTTP: only these paths, only by POST, bounded; the prescription's notice is kept under its number, once."""
    more = {"prescription": "[services.prescription.listener]\nport = 0\n"}
    with (
        rig_for(tmp_path, **HOSPITAL, gateway="plain", services=more) as rig,
        listening(rig.runtime) as doors,
    ):
        port = int(doors[0].rpartition(":")[2])

        def post(path: str, body: bytes, method: str = "POST") -> tuple[int, Any]:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            line.request(method, path, body)
            answer = line.getresponse()
            content = answer.read()
            return answer.status, decode(content) if answer.status == 200 else None

        notice = sealed(rig, "prescription", REVIEWED)
        for _ in range(2):
            assert post("/rxChkInfoCallback", notice) == (200, {"code": "0", "success": True, "message": "已收到"})
        kept = rig.flows.find("prescription_notice", "RX1-7108")
        assert kept is not None
        assert (kept.status, kept.result["told"]["rxChkStasName"]) == (Status.DONE, "审核通过")
        other = sealed(rig, "prescription", REVIEWED | {"rxChkStasCodg": "0", "rxChkStasName": "审核不通过"})
        assert post("/rxChkInfoCallback", other)[0] == 200
        taken = {k: REVIEWED[k] for k in ("hiRxno", "rxStasCodg", "rxStasName")} | {"rxUsedStasCodg": "2"}
        assert post("/rxSetlInfoCallback", sealed(rig, "prescription", taken))[0] == 200
        dispensed = rig.flows.find("prescription_notice", "RX1-7109")
        assert dispensed is not None
        assert dispensed.result["told"]["rxUsedStasCodg"] == "2"
        assert post("/rxChkInfoCallback", b"{}")[0] == 401
        assert post("/rxChkInfoCallback", b"x" * (2**20 + 1))[0] == 413
        assert post("/rxChkInfoCallback", b"", "GET")[0] == 405
        assert [post(path, b"")[0] for path in ("/v1/health", "/v1/journal", "/", CALLBACK)] == [404] * 4


def test_a_notice_while_the_answer_is_lost(tmp_path: Path) -> None:
    """It comes before the answer of 6202 is known; told again, the order is there."""
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}) as rig:
        receiver = Receiver(rig.runtime, "payment")
        heard: list[bool] = []

        def tell(_: FiledOrder) -> None:
            heard.append(receiver.receive(CALLBACK, of_order(rig)).success)

        orders_of(rig.platform.world).told.append(tell)
        rig.strike(Fault.ANSWER_LOST, "6202")
        view = paid(rig)
        assert (view.status, heard, rig.sent("6202")) == (Status.DONE, [False], 1)
        assert receiver.receive(CALLBACK, of_order(rig)).success
