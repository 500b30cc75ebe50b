"""Mobile payment: orders from the fees to the refund, with answers that are lost and orders that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dying import Plugin
from liangding.contract.simulation import Refuse
from liangding.flows import Before, Flows, Status, View, Work, step
from liangding.jobs.keeper import Keeper
from liangding.journal import Journal
from liangding.kit import run_flow
from liangding.national.order_states import OrderState
from liangding.resolution import Action, Decision, decide
from liangding.resolution.deciding import NotAllowed
from liangding.runtime import Runtime
from liangding.simulator.chapters.orders import FiledOrder, orders_of
from liangding.simulator.faults import Fault
from liangding.wire.json import decode
from support import Rig, simulated_rig_for
from test_online_line import HOSPITAL, fees

YES = {"confirm": "yes"}


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}) as rig:
        yield rig


def given(rig: Rig, order: str = "ORDER1") -> dict[str, Any]:
    person = rig.person()
    uploaded = {k: v for k, v in fees(person).items() if k not in ("orgCodg", "medOrgOrd")}
    payment = {"payAuthNo": "AUTH1", "mdtrtId": "M1"}
    return {"order_no": order, "fees": uploaded, "payment": payment, "insured_place": person.covers[0].place}


def paid(rig: Rig, order: str = "ORDER1") -> View:
    return rig.flows.start("mobile_payment", given(rig, order), key=order)


def refunded(rig: Rig, number: str = "R1", **more: Any) -> View:
    asked = {"refund_no": number, "order_key": "ORDER1", "pay_auth_no": "AUTH1", **more}
    return run_flow(rig.flows, rig.flows.start("mobile_payment_refund", asked, key=number), YES)


def order_of(rig: Rig, number: str = "ORDER1") -> FiledOrder:
    return next(o for o in orders_of(rig.platform.world).by_number.values() if o.institution_order == number)


def asked_by(rig: Rig) -> dict[str, Any]:
    """What the last order was asked for by."""
    (call, *_) = rig.runtime.journal.latest(infno="6301")
    return dict(decode(call.request)["input"]["data"])


def test_an_order_is_paid_for_and_refunded_part_by_part(hospital: Rig) -> None:
    view = paid(hospital)
    assert view.status is Status.DONE, view.error
    assert view.result["paid"]
    assert view.result["parts"] == {
        "费用总额": "100.00", "现金支付": "10.00", "个人账户支付": "30.00", "基金支付": "60.00",
    }  # fmt: skip
    assert order_of(hospital).token not in str(view.as_json())
    assert hospital.sent("9001") == 0
    again = paid(hospital)
    assert (again.id, hospital.sent("6202")) == (view.id, 1)
    part = refunded(hospital, kind="CASH", cash="4.00")
    assert (part.status, part.result["state_name"]) == (Status.DONE, "仅自费部分退款")
    wrong = refunded(hospital, "R2", kind="ALL")
    assert wrong.error is not None
    assert "不能再全部退" in wrong.error["message"]
    insurance = refunded(hospital, "R3", kind="HI")
    assert insurance.result["state_name"] == "医保全部、自费部分退款"
    rest = refunded(hospital, "R4", kind="CASH", cash="6.00")
    assert (rest.result["state_name"], order_of(hospital).state) == ("已退款", "7")
    nothing = refunded(hospital, "R5")
    assert nothing.error is not None
    assert "没有可退的" in nothing.error["message"]


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.CUT, Fault.EMPTY, Fault.LATE_COMMIT])
def test_an_order_whose_answer_is_lost_is_found(hospital: Rig, fault: Fault) -> None:
    hospital.strike(fault, "6202", seconds=30)
    view = paid(hospital)
    if view.status is not Status.DONE:
        hospital.let_pass(3600)
        hospital.flows.recover()
        view = paid(hospital)
    assert view.status is Status.DONE, view.error
    assert view.result["paid"]
    assert [o.state for o in orders_of(hospital.platform.world).by_number.values()] == ["6"]


def test_an_order_is_looked_for_by_its_own_number_whatever_else_was_asked(hospital: Rig) -> None:
    """A plugin asks about the patient's earlier order, which is paid for: that one is not the one that was lost."""
    paid(hospital)
    earlier = asked_by(hospital)

    @step("看上一个订单", "6301")
    def see(work: Work[Any]) -> None:
        """See what became of the order before."""
        work.call("6301", {"data": earlier})

    shared: dict[str, Any] = {"transport": hospital.runtime.transport, "clock": hospital.runtime.clock}
    plugins = {"sees": Plugin("mobile_payment", Before("place_order", see))}
    with Runtime(hospital.deployment, plugins=plugins, journal=hospital.runtime.journal, **shared) as runtime:
        flows = Flows(runtime)
        hospital.strike(Fault.REQUEST_LOST, "6202")
        view = flows.start("mobile_payment", given(hospital, "ORDER2"), key="ORDER2")
        if view.status is not Status.DONE:
            hospital.let_pass(3600)
            view = flows.resume(view.id)
    assert (view.status, view.result["paid"]) == (Status.DONE, True), view.error
    assert order_of(hospital, "ORDER2").state == "6"


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST])
def test_a_refund_whose_answer_is_lost_is_found_and_made_once(hospital: Rig, fault: Fault) -> None:
    paid(hospital)
    hospital.strike(fault, "6203")
    view = refunded(hospital)
    if view.status is not Status.DONE:
        hospital.let_pass(3600)
        view = hospital.flows.resume(view.id)
    assert (view.status, view.result["state_name"]) == (Status.DONE, "已退款")
    assert len(order_of(hospital).refunds) == 1


def test_an_order_on_its_way_is_asked_for_until_it_stands(hospital: Rig) -> None:
    """Nobody resumes it: the keeper's rounds do."""
    orders_of(hospital.platform.world).next_seconds = 150
    view = paid(hospital)
    assert view.error is not None
    assert (view.status, view.error["code"], view.result["paid"]) == (Status.STOPPED, "still_running", False)
    keeper = Keeper(hospital.runtime)
    for _ in range(4):
        hospital.runtime.clock.sleep(61)
        keeper.round()
    view = hospital.flows.get(view.id)
    assert (view.status, view.result["paid"]) == (Status.DONE, True)
    assert hospital.sent("6202") == 1


def test_an_upload_that_a_person_accepts_without_its_answer_ends_the_order(hospital: Rig) -> None:
    """Torture, seed 92: nobody knows the order's number, and the flow broke off for ever."""
    hospital.strike(Fault.ANSWER_LOST, "6201")
    view = paid(hospital)
    assert view.error is not None
    decision = Decision(action=Action.ACCEPT, person="测试主管", reason="与中心核对")
    decide(hospital.runtime.resolver, hospital.runtime.journal.call(view.error["call_id"]), decision)
    view = hospital.flows.resume(view.id)
    assert view.error is not None
    assert (view.status, view.error["code"], hospital.sent("6202")) == (Status.STOPPED, "flow_state", 0)
    assert "换一个 order_no" in view.error["remedy"]
    assert paid(hospital, "ORDER2").result["paid"]


@pytest.mark.parametrize("shows", [True, False], ids=["shown", "no such order"])
def test_a_refund_that_a_person_knows_of_is_accepted_and_not_made_again(hospital: Rig, shows: bool) -> None:
    """Of the own money some was back before: the order's state does not show this refund, and a person says. Before,
    only that it was not made could be said, whatever the bank's statement showed."""
    paid(hospital)
    refunded(hospital, kind="CASH", cash="4.00")
    hospital.strike(Fault.ANSWER_LOST, "6203")
    view = refunded(hospital, "R2", kind="CASH", cash="3.00")
    assert view.error is not None
    call = hospital.runtime.journal.call(view.error["call_id"])
    decide(hospital.runtime.resolver, call, Decision(action=Action.ACCEPT, person="测试主管", reason="银行流水"))
    if not shows:
        hospital.platform.handlers["6301"] = refuses_always("订单不存在")
    view = hospital.flows.resume(view.id)
    assert (view.status, hospital.sent("6203")) == (Status.DONE, 2), view.error
    assert any("由人认定" in sentence and "不要先给现金" in sentence for sentence in view.advice)
    assert len(order_of(hospital).refunds) == 2


@pytest.mark.parametrize("flow", ["mobile_payment_refund", "mobile_payment_withdrawal"])
def test_an_order_that_is_not_known_is_not_said_to_be_none(hospital: Rig, flow: str) -> None:
    """By the call of 6201, never by an empty field."""
    hospital.strike(Fault.ANSWER_LOST, "6201")
    assert paid(hospital).status is Status.UNKNOWN
    more = {"refund_no": "R1", "pay_auth_no": "AUTH1"} if flow == "mobile_payment_refund" else {}
    view = hospital.flows.start(flow, {"order_key": "ORDER1", **more}, key="R1")
    assert view.error is not None
    assert (view.error["code"], "先查明" in view.error["message"]) == ("outcome_unknown", True), view.error


@pytest.mark.parametrize("more", [{"kind": "ALL"}, {"kind": "CASH"}, {"kind": "CASH", "cash": "4.00"}])
def test_a_refund_that_the_state_would_show_is_never_accepted_unseen(hospital: Rig, more: dict[str, str]) -> None:
    """Torture, Xinjiang, seed 43033 of four desks: the till was told that it is refunded, and it was not yet."""
    paid(hospital)
    hospital.strike(Fault.LATE_COMMIT, "6203", seconds=300)
    view = refunded(hospital, **more)
    assert view.error is not None
    hospital.platform.handlers["6301"] = refuses_always("订单不存在")
    call = hospital.runtime.journal.call(view.error["call_id"])
    with pytest.raises(NotAllowed, match="说不清这个订单"):
        decide(hospital.runtime.resolver, call, Decision(action=Action.ACCEPT, person="测试主管", reason="看错了一行"))


def refuses_always(words: str) -> Callable[[Any], Any]:
    def refuses(_: Any) -> Any:
        raise Refuse(words)

    return refuses


def test_an_order_that_the_centre_does_not_show_is_absent_and_never_accepted(hospital: Rig) -> None:
    """What goes on from a placed order asks for it: accepted against the centre it would be asked for without end."""
    asks = hospital.platform.handlers["6301"]
    hospital.platform.handlers["6301"] = refuses_always("订单不存在")
    hospital.strike(Fault.REQUEST_LOST, "6202")
    view = paid(hospital)
    assert view.error is not None
    call = hospital.runtime.journal.call(view.error["call_id"])
    said = Decision(action=Action.ACCEPT, person="测试主管", reason="看错了一行")
    with pytest.raises(NotAllowed, match="说不清这个订单"):
        decide(hospital.runtime.resolver, call, said)
    hospital.let_pass(600)
    call = hospital.runtime.journal.call(call.id)
    decide(hospital.runtime.resolver, call, Decision(action=Action.ABSENT, person="测试主管", reason="中心没有"))
    hospital.platform.handlers["6301"] = asks
    view = hospital.flows.resume(view.id)
    assert (view.status, view.result["paid"]) == (Status.DONE, True), view.error
    assert [each.state for each in orders_of(hospital.platform.world).by_number.values()] == ["6"]


@pytest.mark.parametrize("refunds", [False, True])
def test_a_refused_question_is_no_refusal_of_the_order(hospital: Rig, refunds: bool) -> None:
    """The order is placed (refunded); the centre will not say so. The till is not told that it was refused."""
    asking, sent = hospital.platform.handlers["6301"], "6203" if refunds else "6202"

    def refuses(request: Any) -> Any:
        if hospital.sent(sent):
            raise Refuse("医保区划不存在")
        return asking(request)

    if refunds:
        paid(hospital)
    hospital.platform.handlers["6301"] = refuses
    view = refunded(hospital) if refunds else paid(hospital)
    assert view.error is not None
    assert (view.status, view.error["code"]) == (Status.STOPPED, "still_running")
    assert "医保区划不存在" in view.error["message"]
    hospital.platform.handlers["6301"] = asking
    hospital.runtime.clock.sleep(61)
    Keeper(hospital.runtime).round()
    view = hospital.flows.get(view.id)
    assert (view.status, view.result["state_name"]) == (Status.DONE, "已退款" if refunds else "结算完成")
    assert hospital.sent(sent) == 1


@pytest.mark.parametrize(
    ("earlier", "kind", "cash", "told"),
    [
        ((), "HI", None, "SUCC"), ((), "CASH", "4.00", "SUCC"),
        ((("HI", None),), "CASH", "4.00", "SUCC"), ((("CASH", None),), "HI", None, "SUCC"),
        ((("CASH", "4.00"),), "HI", None, "SUCC"),
        ((("CASH", "4.00"), ("HI", None)), "CASH", "6.00", "unknown"), ((("CASH", "4.00"),), "CASH", "3.00", "unknown"),
    ],
    ids=["insurance", "some cash", "cash after insurance", "insurance after cash", "insurance after some cash",
         "the rest after both", "more cash"],
)  # fmt: skip
def test_a_refund_that_never_arrived_is_made_or_a_persons(
    hospital: Rig, earlier: tuple[tuple[str, str | None], ...], kind: str, cash: str | None, told: str
) -> None:
    """Never told to be done where the order's state does not show which refund brought it there."""
    paid(hospital)
    for n, (before, some) in enumerate(earlier):
        refunded(hospital, f"E{n}", kind=before, cash=some)
    back = order_of(hospital).cash_refunded
    hospital.strike(Fault.REQUEST_LOST, "6203")
    view = refunded(hospital, kind=kind, cash=cash)
    if view.status is not Status.DONE:
        hospital.let_pass(7200)
        view = hospital.flows.resume(view.id)
    assert (view.result["status"] if view.status is Status.DONE else view.status.value) == told
    assert len(order_of(hospital).refunds) == len(earlier) + (told == "SUCC")
    assert order_of(hospital).cash_refunded - back == (Decimal(cash) if cash and told == "SUCC" else 0)


def test_own_money_that_is_kept_goes_back_where_the_request_was_lost(hospital: Rig) -> None:
    orders_of(hospital.platform.world).next_ends = "16"
    hospital.strike(Fault.REQUEST_LOST, "6203")
    view = paid(hospital)
    hospital.let_pass(3600)
    view = hospital.flows.resume(view.id)
    assert (view.status, view.result["cash_back"]) == (Status.DONE, "SUCC")
    assert order_of(hospital).cash_refunded == 10


def test_another_messages_answer_is_no_refund(hospital: Rig) -> None:
    """It tells of the same order, and says yes: but it holds nothing of what 6203 answers."""
    paid(hospital)
    hospital.strike(Fault.OTHER_ANSWER, "6203")
    view = refunded(hospital)
    if view.status is not Status.DONE:
        hospital.let_pass(3600)
        view = hospital.flows.resume(view.id)
    assert (view.result["status"], view.result["state_name"]) == ("SUCC", "已退款")
    assert hospital.sent("6203") == len(order_of(hospital).refunds) == 1


@pytest.mark.parametrize("fault", [None, Fault.ANSWER_LOST])
@pytest.mark.parametrize("ends", ["12", "13", "14", "15"])
def test_an_order_that_fails_is_told_and_never_paid_for(hospital: Rig, ends: str, fault: Fault | None) -> None:
    """Where the answer of 6202 is lost, too: an order that was withdrawn cannot be placed once more."""
    orders_of(hospital.platform.world).next_ends = ends
    if fault is not None:
        hospital.strike(fault, "6202")
    view = paid(hospital)
    if view.status is not Status.DONE:
        hospital.let_pass(3600)
        view = hospital.flows.resume(view.id)
    assert hospital.sent("6202") == 1
    assert (view.status, view.result["paid"]) == (Status.DONE, False)
    assert view.result["state_name"] in view.advice[-1]


def test_own_money_of_an_order_that_failed_goes_back_by_itself(hospital: Rig) -> None:
    orders_of(hospital.platform.world).next_ends = "16"
    view = paid(hospital)
    assert (view.status, view.result["paid"], view.result["cash_back"]) == (Status.DONE, False, "SUCC")
    assert order_of(hospital).cash_refunded == 10


def test_own_money_that_has_not_gone_back_is_no_order_that_never_was(
    hospital: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not leave is the refund: the order took the money, and nobody hears otherwise (Dongguan, seed 8750)."""
    orders_of(hospital.platform.world).next_ends = "16"
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "may_send", lambda self, opened: opened.row["infno"] != "6203")
        view = paid(hospital)
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "still_running")
    assert "自费部分已经收了，还没有退成" in str(view.error)
    ended = hospital.flows.resume(view.id)
    assert (ended.status, ended.result["cash_back"]) == (Status.DONE, "SUCC")
    assert order_of(hospital).cash_refunded == 10


def test_fees_that_were_uploaded_are_withdrawn_where_the_order_was_not_placed(hospital: Rig) -> None:
    hospital.strike(Fault.ERROR_BEFORE, "6202", times=0)
    view = paid(hospital)
    assert view.status is not Status.DONE
    early = hospital.flows.start("mobile_payment_withdrawal", {"order_key": "ORDER1"}, key="W0")
    hospital.let_pass(3600)
    view = hospital.flows.start("mobile_payment_withdrawal", {"order_key": "ORDER1"}, key="W1")
    assert (early.status, view.status) == (Status.STOPPED, Status.DONE), view.error
    assert order_of(hospital).state == OrderState.WITHDRAWN.value


def test_states_follow_each_other() -> None:
    """What ended does not come back; every state is one of the seventeen."""
    assert len(OrderState) == 17
    assert OrderState.SETTLED.follows(OrderState.SETTLING)
    assert not OrderState.SETTLING.follows(OrderState.SETTLED)
    for ended in (OrderState.REFUNDED, OrderState.WITHDRAWN, OrderState.FAILED):
        assert [each for each in OrderState if each.follows(ended)] == [ended]
    assert [each for each in OrderState if each.refundable and not each.placed] == []


def test_amounts_that_do_not_fit_are_told(hospital: Rig) -> None:
    placing = hospital.platform.handlers["6202"]

    def odd(request: Any) -> Any:
        answer = placing(request)
        answer["data"]["ownPayAmt"] = "11.00"
        return answer

    hospital.platform.handlers["6202"] = odd
    assert any("不一致" in said for said in paid(hospital).advice)
    wrong = given(hospital, "ORDER2")
    wrong["fees"] |= {"medfeeSumamt": "99.99"}
    with pytest.raises(Exception, match="之和与 medfeeSumamt"):
        hospital.flows.start("mobile_payment", wrong, key="ORDER2")


@pytest.mark.parametrize("fault", [None, Fault.ANSWER_LOST, Fault.REQUEST_LOST, Fault.CUT])
def test_an_order_is_paid_for_by_a_bank_card(tmp_path: Path, fault: Fault | None) -> None:
    """6205 has no public table: it goes out as it is given, and 6301 tells what became of it."""
    services = {"payment": 'paths = { "6205" = "/bank_order" }'}
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services=services) as rig:
        if fault is not None:
            rig.strike(fault, "6205")
        asked = given(rig)
        asked["bank_card"] = {"bankCardNo": "6222000000000000000"} | asked.pop("payment")
        view = rig.flows.start("mobile_payment", asked, key="ORDER1")
        if view.status is not Status.DONE:
            rig.let_pass(3600)
            view = rig.flows.resume(view.id)
        assert (view.status, view.result["paid"]) == (Status.DONE, True), view.error
        assert view.result["parts"]["现金支付"] == "10.00"
        assert [o.state for o in orders_of(rig.platform.world).by_number.values()] == ["6"]
        assert rig.sent("6202") == 0
        captured = b"".join(one + two for one, two in rig.centre("payment").captured)
        assert b"6222000000000000000" not in captured
        assert order_of(rig).serials == {"ORDER1"}
