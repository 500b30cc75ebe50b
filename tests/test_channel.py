"""A channel's order of three parts, against a payment back end that is played here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangding.contract.simulation import Refuse
from liangding.errors import LiangdingError
from liangding.flows import Status, View
from liangding.flows.online.channel import wrong_amounts
from liangding.jobs.keeper import Keeper
from liangding.journal import CallRecord
from liangding.resolution import Action, Decision, decide
from liangding.simulator.faults import Fault
from liangding.spec.nodes import beyond
from support import Rig, simulated_rig_for
from test_mobile_payment import paid, refunded
from test_online_line import HOSPITAL

CHANNEL = """
[channel]
order = "MIX1"
query = "MIX2"
refund = "MIX3"
refund_notice = "MIX4"

[transactions.MIX1]
name = "混合收款下单"

[transactions.MIX2]
name = "混合收款查询"
changes = false

[transactions.MIX3]
name = "自费退款"

[transactions.MIX4]
name = "医保退款通知"
"""
ORDER: dict[str, Any] = {
    "mix_pay_type": "CASH_AND_INSURANCE", "order_type": "DIAG_PAY", "total_fee": 10_000, "med_ins_gov_fee": 6_000,
    "med_ins_self_fee": 3_000, "med_ins_other_fee": 0, "med_ins_cash_fee": 1_000, "wechat_pay_cash_fee": 1_100,
    "cash_add_detail": [{"cash_add_fee": 300, "cash_add_type": "FREIGHT"}],
    "cash_reduce_detail": [{"cash_reduce_fee": 200, "cash_reduce_type": "DISCOUNT"}],
}  # fmt: skip
ORDER["total_fee"] = 6_000 + 3_000 + 1_100 + 200


class BackEnd:
    """The channel, behind the institution's payment back end."""

    def __init__(self, rig: Rig) -> None:
        self.orders: dict[str, dict[str, str]] = {}
        self.refunds: dict[str, int] = {}
        self.told: list[dict[str, Any]] = []
        self.next = ("SUCCESS", "SUCCESS", "SUCCESS")
        self.says_of_what_is_not_there = "订单不存在"
        rig.platform.handlers |= {"MIX1": self.place, "MIX2": self.query, "MIX3": self.refund, "MIX4": self.tell}

    def place(self, request: Any) -> Any:
        data = beyond(request.input)["data"]
        if data["out_trade_no"] in self.orders:
            raise Refuse("商户订单号重复")
        self.come(data["out_trade_no"])
        return {"data": {"mix_trade_no": self.orders[data["out_trade_no"]]["mix_trade_no"]}}

    def come(self, number: str) -> None:
        """An order is at the channel from now on."""
        mix, own, medical = self.next
        self.orders[number] = {
            "mix_trade_no": f"M{len(self.orders)}", "mix_pay_status": f"MIX_PAY_{mix}",
            "self_pay_status": f"SELF_PAY_{own}" if own else "NO_SELF_PAY",
            "med_ins_pay_status": f"MED_INS_PAY_{medical}" if medical else "NO_MED_INS_PAY",
        }  # fmt: skip

    def query(self, request: Any) -> Any:
        number = beyond(request.input)["data"]["out_trade_no"]
        if number not in self.orders:
            raise Refuse(self.says_of_what_is_not_there)
        return {"data": {"out_trade_no": number, **self.orders[number]}}

    def refund(self, request: Any) -> Any:
        data = beyond(request.input)["data"]
        self.refunds[data["out_refund_no"]] = data["amount"]["refund"]
        self.orders[data["out_trade_no"]]["self_pay_status"] = "SELF_PAY_REFUND"
        return {"data": {"status": "SUCCESS"}}

    def tell(self, request: Any) -> Any:
        self.told.append(beyond(request.input)["data"])
        return {"data": {}}


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain", services={"payment": ""}, more=CHANNEL) as rig:
        yield rig


def placed(rig: Rig, number: str = "Q1") -> View:
    return rig.flows.start("channel_order", {"out_trade_no": number, "order": ORDER}, key=number)


@pytest.mark.parametrize(
    ("parts", "pays", "back"),
    [
        (("SUCCESS", "SUCCESS", "SUCCESS"), True, {}), (("SUCCESS", "", "SUCCESS"), True, {}),
        (("SUCCESS", "SUCCESS", ""), True, {}), (("FAIL", "FAIL", "FAIL"), False, {}),
        (("FAIL", "SUCCESS", "FAIL"), False, {"Q1R": 1_100}), (("FAIL", "REFUND", "FAIL"), False, {}),
        (("REFUND", "REFUND", "REFUND"), False, {}),
    ],
)  # fmt: skip
def test_three_parts(hospital: Rig, parts: tuple[str, str, str], pays: bool, back: dict[str, int]) -> None:
    """Paid for is what is paid for in all its parts; a failed whole gives a paid own part back, by itself, once."""
    channel = BackEnd(hospital)
    channel.next = parts
    view = placed(hospital)
    assert (view.status, view.result["paid"], channel.refunds) == (Status.DONE, pays, back), view.error
    assert (placed(hospital).id, hospital.sent("MIX1"), hospital.sent("MIX3")) == (view.id, 1, len(back))


def test_a_created_order_is_asked_for_on_a_timer(hospital: Rig) -> None:
    channel = BackEnd(hospital)
    channel.next = ("CREATED", "SUCCESS", "CREATED")
    view = placed(hospital)
    assert (view.status, view.result["paid"]) == (Status.STOPPED, False)
    channel.orders["Q1"] |= {"mix_pay_status": "MIX_PAY_FAIL", "med_ins_pay_status": "MED_INS_PAY_FAIL"}
    keeper = Keeper(hospital.runtime)
    for _ in range(2):
        hospital.runtime.clock.sleep(61)
        keeper.round()
    view = hospital.flows.get(view.id)
    assert (view.status, view.result["paid"], channel.refunds) == (Status.DONE, False, {"Q1R": 1_100})


def test_a_refund_whose_answer_is_lost_is_not_made_twice(hospital: Rig) -> None:
    channel = BackEnd(hospital)
    channel.next = ("FAIL", "SUCCESS", "FAIL")
    hospital.strike(Fault.ANSWER_LOST, "MIX3")
    view = placed(hospital)
    assert view.status is Status.UNKNOWN
    hospital.flows.resume(view.id)
    assert hospital.sent("MIX3") == 1, "the back end says what became of it: a person decides"


def without_an_answer(rig: Rig) -> View:
    """An order whose request never came to the channel, and which a person says was placed."""
    rig.strike(Fault.REQUEST_LOST, "MIX1")
    view = placed(rig)
    assert (view.status, view.error and view.error["code"]) == (Status.UNKNOWN, "outcome_unknown")
    assert view.error is not None
    call = rig.runtime.journal.call(view.error["call_id"])
    decide(rig.runtime.resolver, call, Decision(action=Action.ACCEPT, person="测试主管", reason="看错了一行"))
    return rig.flows.resume(view.id)


@pytest.mark.parametrize("words", ["订单不存在", "查询的订单号Q1不存在", "未查询到订单信息"])
def test_an_order_that_a_person_accepted_and_the_channel_does_not_know_comes_to_its_end(
    hospital: Rig, words: str
) -> None:
    """Torture, Sichuan, seed 30229: the flow was "still running" for ever. Now it ends, unpaid, once the channel has
    said twice, late enough, that there is none; the till is told, and the next order is another one."""
    channel = BackEnd(hospital)
    channel.says_of_what_is_not_there = words
    view = without_an_answer(hospital)
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "still_running"), view.error
    assert "不要重新下单" in str(view.error)
    assert hospital.flows.resume(view.id).status is Status.STOPPED, "too early to be believed"
    keeper = Keeper(hospital.runtime)
    for _ in range(20):
        hospital.runtime.clock.sleep(61)
        keeper.round()
    view = hospital.flows.get(view.id)
    assert (view.status, view.result["paid"], view.result["parts"]) == (Status.DONE, False, {}), view.error
    (advice,) = view.advice
    assert "由人认定已办成" in advice
    assert "换一个 out_trade_no" in advice
    kinds = [event.kind for event in hospital.runtime.journal.history(_placing(hospital, view).id)]
    assert kinds.count("contradicted") == 1, "whoever looks at the decision sees that it was wrong"
    assert (placed(hospital).id, hospital.sent("MIX1")) == (view.id, 0), "its key charges nobody later"
    assert placed(hospital, "Q2").result["paid"]


def test_an_order_that_a_person_denied_and_the_channel_has_is_not_told_as_refused(hospital: Rig) -> None:
    """Placed once more it is refused, as the number is used: the till was told so, and the person had paid."""
    channel = BackEnd(hospital)
    hospital.strike(Fault.ANSWER_LOST, "MIX1")
    view = placed(hospital)
    assert view.error is not None
    hospital.runtime.clock.sleep(3600)
    call = hospital.runtime.journal.call(view.error["call_id"])
    decide(hospital.runtime.resolver, call, Decision(action=Action.ABSENT, person="测试主管", reason="看错了一行"))
    view = hospital.flows.resume(view.id)
    assert (view.status, view.result["paid"], len(channel.orders)) == (Status.DONE, True, 1), view.error


def _placing(rig: Rig, view: View) -> CallRecord:
    return next(call for call in rig.runtime.journal.of_flow(view.id) if call.infno == "MIX1")


@pytest.mark.parametrize("refusal", ["查询服务不存在", "参数错误"])
def test_what_the_channel_does_not_say_of_the_order_ends_nothing(hospital: Rig, refusal: str) -> None:
    """A refusal of the question itself, or an order that comes to the channel after all."""
    channel = BackEnd(hospital)
    channel.says_of_what_is_not_there = refusal
    view = without_an_answer(hospital)
    for _ in range(3):
        hospital.runtime.clock.sleep(3600)
        view = hospital.flows.resume(view.id)
        assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "still_running")
    channel.says_of_what_is_not_there = "订单不存在"
    assert hospital.flows.resume(view.id).status is Status.STOPPED, "seen once only"
    channel.come("Q1")
    view = hospital.flows.resume(view.id)
    assert (view.status, view.result["paid"], hospital.sent("MIX1")) == (Status.DONE, True, 0)


def test_the_channel_is_told_after_the_insurance_gave_back(hospital: Rig) -> None:
    channel = BackEnd(hospital)
    placed(hospital)
    paid(hospital)
    view = refunded(hospital, kind="HI", channel_order="Q1")
    assert view.status is Status.DONE, view.error
    (told,) = channel.told
    assert (told["mix_trade_no"], told["out_refund_no"], told["med_refund_total_fee"]) == ("M0", "R1", 9_000)
    assert (told["med_refund_gov_fee"], told["med_refund_self_fee"], told["med_refund_other_fee"]) == (6_000, 3_000, 0)
    sent = [infno for _, infno in hospital.platform.requests if infno in ("6203", "MIX4")]
    assert sent == ["6203", "MIX4"]
    assert refunded(hospital, "R2", kind="CASH", cash="1.00", channel_order="Q1").status is Status.DONE
    assert len(channel.told) == 1, "own money is no refund of the insurance's"


def test_what_is_told_after_a_refund_is_known_before_it_and_holds_it_up_in_nothing(hospital: Rig) -> None:
    """Before, money was given back first, and then it turned out that the channel's order has no number, or that the
    channel does not want to hear of it: the refund never came to its end."""
    channel = BackEnd(hospital)
    paid(hospital)
    without_an_answer(hospital)
    view = refunded(hospital, kind="HI", channel_order="Q1")
    assert (view.status, view.step, hospital.sent("6203")) == (Status.STOPPED, "find_order", 0)
    assert "还没有编号" in str(view.error)
    placed(hospital, "Q2")
    wants = {"it": False}

    def tell(request: Any) -> Any:
        if not wants["it"]:
            raise Refuse("退款单号不合规则")
        return channel.tell(request)

    hospital.platform.handlers["MIX4"] = tell
    view = refunded(hospital, "R2", kind="HI", channel_order="Q2")
    assert (view.status, view.result["status"], len(view.debts)) == (Status.DONE, "SUCC", 1), view.error
    assert "退款单号不合规则" in view.debts[0].error["message"]
    wants["it"] = True
    hospital.runtime.clock.sleep(61)
    Keeper(hospital.runtime).round()
    assert (hospital.flows.get(view.id).debts, len(channel.told)) == ((), 1)


@given(*[st.integers(0, 10**7)] * 5, st.lists(st.integers(1, 10**5), max_size=3), st.integers(-3, 3))
@settings(max_examples=80, deadline=None)
def test_both_formulas_hold_in_fen(
    gov: int, own: int, other: int, after: int, reduced: int, added: list[int], off: int
) -> None:
    reduced = min(reduced, after)
    cash = after + sum(added) - reduced
    order = {
        "mix_pay_type": "CASH_AND_INSURANCE" if cash else "INSURANCE_ONLY", "med_ins_gov_fee": gov,
        "med_ins_self_fee": own, "med_ins_other_fee": other, "med_ins_cash_fee": after, "wechat_pay_cash_fee": cash,
        "total_fee": gov + own + other + after + sum(added) + off,
        "cash_add_detail": [{"cash_add_fee": fee} for fee in added],
        "cash_reduce_detail": [{"cash_reduce_fee": reduced}] if reduced else [],
    }  # fmt: skip
    wrong = wrong_amounts(order)
    assert bool(wrong) == bool(off), wrong


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"total_fee": 10_001}, "total_fee"), ({"total_fee": "100.00"}, "整数"), ({"med_ins_gov_fee": 60.0}, "整数"),
        ({"mix_pay_type": "BOTH"}, "mix_pay_type"), ({"mix_pay_type": "INSURANCE_ONLY"}, "INSURANCE_ONLY"),
        ({"mix_pay_type": "CASH_ONLY", "pay_order_id": "1"}, "pay_order_id"), ({"out_trade_no": "1"}, "由系统填"),
    ],
    ids=["sum", "yuan", "float", "kind", "no cash", "cash only", "number"],
)  # fmt: skip
def test_what_does_not_fit_is_not_placed(hospital: Rig, change: dict[str, Any], said: str) -> None:
    BackEnd(hospital)
    with pytest.raises(LiangdingError, match=said):
        hospital.flows.start("channel_order", {"out_trade_no": "Q1", "order": ORDER | change}, key="Q1")
    assert hospital.sent("MIX1") == 0
