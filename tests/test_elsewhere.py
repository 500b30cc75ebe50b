"""What happened behind our back: a settlement of ours that somebody took back in the insurer's pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside import DOCTOR, HOSPITAL, STAY, admission, bill, discharge, done, go_on, item, run, shown
from liangding.calls.answers import CHECK_FIRST
from liangding.contract.simulation import Refuse
from liangding.flows import Status, View
from liangding.journal.settling import SettlementState
from liangding.national.meaning import found_nothing, knows_no_message
from liangding.receipts.gathering import reprint
from liangding.simulator.chapters.settling import take_back_elsewhere
from liangding.simulator.faults import Fault
from support import Rig, new_key, simulated_rig_for
from support import bill as purchase_bill

CODE = "81000000000000000001"
CASH = ("退现金（大写）", "退费合计", "个人现金支付")
"""What a slip names where money is given back."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path) as made:
        yield made


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, **HOSPITAL) as made:
        yield made


def bought(rig: Rig, key: str = "K1") -> View:
    codes = (CODE,) if key == "K1" else ()
    given = purchase_bill(rig.person(), credential=shown(rig.person()), use_account=False, codes=codes)
    return done(run(rig, "pharmacy_purchase", given, key))


def refund(rig: Rig, key: str = "K1-back", **answers: str) -> View:
    return run(rig, "pharmacy_refund", {"credential": shown(rig.person()), "purchase_key": "K1"}, key, **answers)


def stayed_and_undone(rig: Rig, fault: Fault) -> View:
    """A stay that is settled, and its undo, which the fault meets."""
    done(run(rig, "admission", admission(rig.person()), "A1"))
    done(run(rig, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item("F-1")]}, "F1"))
    done(run(rig, "discharge", discharge(rig.person()), "K1"))
    rig.strike(fault, "2305")
    given = {"credential": shown(rig.person()), "stay": STAY, "level": "settlement", "settled_by_key": "K1"}
    return run(rig, "inpatient_undo", given, "U1")


def insurer_takes_back(rig: Rig) -> str:
    (settlement,) = (each for each in rig.platform.world.settlements.values() if each.counts)
    take_back_elsewhere(settlement)
    return settlement.setl_id


def is_told_well(rig: Rig, view: View, setl_id: str) -> None:
    """The flow has ended, the cashier knows, nobody gives cash back, and the journal knows what became of it."""
    assert done(view).advice[0].startswith(f"结算 {setl_id} 已在别处撤销")
    back = view.result["cancelled"]
    back = back if isinstance(back, list) else [back]
    assert [(each.elsewhere, each.split.cash, each.split.account) for each in back] == [(True, 0, 0)]
    assert setl_id in view.result["slip"]
    assert not any(word in view.result["slip"] for word in CASH)
    assert [each.state for each in rig.runtime.journal.settlements.by_setl_id(setl_id)] == [
        SettlementState.REFUNDED_ELSEWHERE
    ]


# -- at a pharmacy -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before the refund", "while it waits to be confirmed"])
def test_the_rest_of_a_refund_goes_on_and_names_no_cash(shop: Rig, when: str) -> None:
    purchase = bought(shop)
    if when == "before the refund":
        setl_id, view = insurer_takes_back(shop), refund(shop)
    else:
        view = refund(shop, confirm="wait")
        setl_id = insurer_takes_back(shop)
        view = go_on(shop, view)
    is_told_well(shop, view, setl_id)
    assert view.result["returned"] == ["1"]
    assert shop.platform.world.sold[CODE].returned
    assert shop.flows.get(purchase.id).status is Status.UNDONE
    assert [each.refunded for each in reprint(shop.flows, purchase.id)] == [True]
    assert refund(shop).id == view.id
    assert (shop.sent("2103"), shop.sent("3506"), shop.standing()) == (0, 1, [])


def test_what_a_flow_of_ours_took_back_is_said_to_be_ours(shop: Rig) -> None:
    bought(shop)
    done(refund(shop))
    again = refund(shop, "K1-back-2")
    assert (again.status, again.step) == (Status.STOPPED, "cancel")
    assert "已由本机撤销" in str(again.error)


def test_after_a_single_2103_of_ours_the_goods_still_come_back(shop: Rig) -> None:
    settlement = bought(shop).result["settlement"]
    message = {"data": {name: getattr(settlement, name) for name in ("setl_id", "mdtrt_id", "psn_no")}}
    shop.runtime.call("2103", message, key=new_key(), insured_place="441900")
    assert done(refund(shop)).result["returned"] == ["1"]


def test_a_cancellation_that_is_refused_stays_so_while_the_settlement_stands(shop: Rig) -> None:
    bought(shop)
    inner = shop.platform.handlers["2103"]

    def refuses(_: Any) -> Any:
        raise Refuse("参保人已停保，不能撤销")

    shop.platform.handlers["2103"] = refuses
    view = refund(shop)
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "refused")
    shop.platform.handlers["2103"] = inner
    assert not done(go_on(shop, shop.flows.resume(view.id))).result["cancelled"].elsewhere


def test_a_cancellation_that_took_effect_and_was_told_as_refused_is_our_own(shop: Rig) -> None:
    """The relay lies: nobody else took the settlement back, and what we did may not be reversed behind us."""
    bought(shop)
    inner = shop.platform.handlers["2103"]

    def lies(request: Any) -> Any:
        inner(request)
        raise Refuse("参保人已停保，不能撤销")

    shop.platform.handlers["2103"] = lies
    view = refund(shop)
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "refused")
    view = done(go_on(shop, shop.flows.resume(view.id)))
    assert not view.result["cancelled"].elsewhere
    shop.let_pass(48 * 3600)
    assert (shop.standing(), shop.sent("2601")) == ([], 0)


def test_a_slip_that_asks_the_platform_ends_what_was_taken_back_elsewhere(shop: Rig) -> None:
    purchase = bought(shop)
    assert [each.refunded for each in reprint(shop.flows, purchase.id, ask=True)] == [False]
    assert shop.flows.get(purchase.id).status is Status.DONE
    insurer_takes_back(shop)
    assert [each.refunded for each in reprint(shop.flows, purchase.id, ask=True)] == [True]
    assert shop.flows.get(purchase.id).status is Status.UNDONE


@pytest.mark.parametrize(
    ("fault", "elsewhere", "checks"),
    [(Fault.REQUEST_LOST, True, True), (Fault.REQUEST_LOST, False, False), (Fault.ANSWER_LOST, False, True)],
    ids=["not there, then gone", "sent again", "there at once"],
)
@pytest.mark.parametrize("where", ["shop", "ward"])
def test_who_took_it_back_is_asked_where_nobody_can_tell(
    request: pytest.FixtureRequest, where: str, fault: Fault, elsewhere: bool, checks: bool
) -> None:
    """Our cancellation got no answer, and the settlement was seen taken back: it may be ours, or the insurer's, who
    gave the cash. The cashier is told to ask first; not where an answer of our own says so."""
    rig: Rig = request.getfixturevalue(where)
    if where == "shop":
        bought(rig)
        rig.strike(fault, "2103")
        view = refund(rig)
    else:
        view = stayed_and_undone(rig, fault)
    if fault is Fault.REQUEST_LOST:
        assert view.status is Status.UNKNOWN
        if elsewhere:
            insurer_takes_back(rig)
        rig.runtime.clock.sleep(3600)
        for _ in range(3):
            rig.runtime.resolver.sweep()
        view = go_on(rig, rig.flows.resume(view.id))
    assert any(CHECK_FIRST in text for text in done(view).advice) is checks
    assert rig.standing() == []


def test_a_single_cancellation_says_so_too(shop: Rig) -> None:
    """A program that cancels by itself hears the same beside the answer, each time it asks; only where it is so."""
    settlement = bought(shop).result["settlement"]
    message = {"data": {name: getattr(settlement, name) for name in ("setl_id", "mdtrt_id", "psn_no")}}
    shop.strike(Fault.ANSWER_LOST, "2103")
    heard = [shop.runtime.call("2103", message, key="C1", insured_place="441900") for _ in range(3)]
    assert [[CHECK_FIRST in text for text in answer.advice] for answer in heard] == [[True]] * 3
    assert all(settlement.setl_id in answer.advice[0] for answer in heard)
    other = bought(shop, key="K2").result["settlement"]
    message = {"data": {name: getattr(other, name) for name in ("setl_id", "mdtrt_id", "psn_no")}}
    heard = [shop.runtime.call("2103", message, key="C2", insured_place="441900") for _ in range(2)]
    assert [answer.advice for answer in heard] == [(), ()]


# -- in a hospital -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["settlement", "fees", "registration"])
def test_an_undo_of_a_bill_goes_on(ward: Rig, level: str) -> None:
    billed = done(run(ward, "outpatient", bill(ward.person()), "K1"))
    setl_id = insurer_takes_back(ward)
    given = {"credential": shown(ward.person()), "bill_key": "K1", "level": level}
    view = run(ward, "outpatient_undo", given, "U1", confirm_undo="wait")
    assert view.question is not None
    assert f"结算 {setl_id} 已在别处撤销" in view.question.text
    view = go_on(ward, view)
    is_told_well(ward, view, setl_id)
    assert (view.result["fees_cancelled"], view.result["registration_cancelled"]) == (
        level != "settlement", level == "registration",
    )  # fmt: skip
    assert ward.flows.get(billed.id).status is Status.UNDONE
    assert ward.sent("2208") == 0


def test_of_a_bill_that_was_taken_back_elsewhere_nothing_is_returned_in_part(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "K1"))
    insurer_takes_back(ward)
    returns = [{"feedetl_sn": "B1-0001", "count": "1"}]
    given = {"credential": shown(ward.person()), "bill_key": "K1", "returns": returns}
    view = run(ward, "outpatient_partial_refund", given, "P1")
    assert view.status is Status.STOPPED
    assert "已在别处撤销" in str(view.error)
    assert ward.standing() == []


def test_a_bill_that_was_taken_back_elsewhere_is_settled_again(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "K1"))
    insurer_takes_back(ward)
    view = done(run(ward, "outpatient_settle_again", {"credential": shown(ward.person()), "bill_key": "K1"}, "S1"))
    assert ward.standing() == [view.result["settlement"].setl_id]


@pytest.mark.parametrize("level", ["settlement", "discharge", "admission"])
@pytest.mark.parametrize("named", [True, False])
def test_an_undo_of_a_stay_goes_on(ward: Rig, level: str, named: bool) -> None:
    done(run(ward, "admission", admission(ward.person()), "A1"))
    done(run(ward, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item("F-1")]}, "F1"))
    done(run(ward, "discharge", discharge(ward.person()), "K1"))
    setl_id = insurer_takes_back(ward)
    given = {"credential": shown(ward.person()), "stay": STAY, "level": level}
    view = run(ward, "inpatient_undo", given | ({"settled_by_key": "K1"} if named else {}), "U1")
    is_told_well(ward, view, setl_id)
    assert view.result["discharge_cancelled"] is (level != "settlement")
    assert view.result["admission_cancelled"] is (level == "admission")
    assert ward.sent("2305") == 0


# -- what a refused query says -----------------------------------------------------------------------------------------

NOTHING_THERE = """
就诊信息不存在 结算信息不存在 结算记录不存在 就诊ID[4400]不存在 结算信息【setl_id=12】不存在 未查询到就诊信息
未查到该人员的结算记录 没有查询到相关数据 该参保人没有费用明细 查无此就诊记录 数据不存在 备案不存在 查询结果为空
无就诊记录 费用明细为空 未找到结算信息 在院信息不存在 原交易流水不存在 找不到该就诊记录 查询不到结算信息 结算单据为空
"""
SAYS_NOTHING = """
查询服务不存在 医保区划不存在 经办人信息不存在 交易编码不存在 该交易不存在 结算服务不存在 人员信息不存在
参保信息不存在 基本信息为空 定点医药机构编号不存在 数据源不存在 签到编号不存在 数据库表不存在 未查到该人员的参保信息
系统繁忙 该人员不存在 没有就诊信息的查询权限 卡不存在 就诊人员ID123不存在 接口[5203]不存在 查询结算信息接口不存在
就诊ID为空 结算编号为空 结算ID不能为空 未获取到结算信息查询结果
"""
NO_SUCH_MESSAGE = """
未找到原交易 发送方报文ID不存在 未找到原交易信息 找不到对应的原交易流水 没有找到该笔交易 未查询到msgid为123的报文 不存在
原记录不存在 没有可冲正的交易记录 查无此交易 原报文ID[123]不存在 待冲正交易不存在 没有该报文的记录 原业务流水未找到
"""
SAYS_NOTHING_OF_IT = """
冲正服务不存在 交易编码不存在 人员不存在 人员信息不存在 未找到参保人信息 未查询到该人员 参保信息不存在 卡信息不存在
原交易人员不存在 报文头不存在 险种不存在 没有冲正权限 没有业务授权 未查询到人员基本信息 原交易不允许冲正 报文ID不能为空
"""


def test_only_what_says_so_says_that_nothing_is_there() -> None:
    assert [sentence for sentence in NOTHING_THERE.split() if not found_nothing(sentence)] == []
    assert [sentence for sentence in SAYS_NOTHING.split() if found_nothing(sentence)] == []
    assert [sentence for sentence in NO_SUCH_MESSAGE.split() if not knows_no_message(sentence)] == []
    assert [sentence for sentence in SAYS_NOTHING_OF_IT.split() if knows_no_message(sentence)] == []
