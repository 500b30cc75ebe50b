"""One-code payment: pre-settle, a credential for exactly the cash part, settle, charge; in that order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.config.one_code import REAL_MONEY
from liangding.flows import Status, View
from liangding.flows.one_code import CHARGE, CREDENTIAL, STATUS
from liangding.kit import bill, run_flow
from liangding.resolution import Action, Decision, decide
from liangding.resolution.deciding import NotAllowed
from liangding.resolution.showing import shown_case
from liangding.simulator.chapters.one_code import one_code_of
from liangding.simulator.faults import Fault
from shell import liangding
from support import Rig, simulated_rig_for

ONE_CODE = "[one_code]\nask_status = true"
ANSWERS = {"confirm": "yes", "use_account": "0"}


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, gateway="plain", more=ONE_CODE) as rig:
        yield rig


def bought(rig: Rig, key: str = "P1", **more: Any) -> View:
    given = bill(rig.person(), use_account=False) | {"credential": {"type": "01", "number": rig.person().token}} | more
    return run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key=key), ANSWERS)


def order(rig: Rig) -> list[str]:
    """The numbers that reached the platform, those that matter here."""
    wanted = ("2101", STATUS, CREDENTIAL, "2102", CHARGE, "3505")
    return [infno for _, infno in rig.platform.requests if infno in wanted]


def test_the_order_of_steps_and_exactly_the_cash_part(till: Rig) -> None:
    view = bought(till)
    assert view.status is Status.DONE, view.error
    assert [each for each in order(till) if each != "3505"] == ["2101", STATUS, CREDENTIAL, "2102", CHARGE]
    cash = view.result["settlement"].split.cash
    assert [held["amount"] for held in one_code_of(till.platform.world).values()] == [f"{cash:.2f}"]
    assert any("已用一码付收取" in said for said in view.advice)
    assert REAL_MONEY in view.advice, "the test environment charges real money"
    assert (bought(till).id, till.sent(CHARGE), till.sent("2102")) == (view.id, 1, 1)
    told = json.loads(liangding("one-code", "--config", till.config, "--json").stdout)
    settled = view.result["settlement"]
    assert [(row["setl_id"], row["own"], row["state"]) for row in told] == [
        (settled.setl_id, f"{cash:.2f}", "accepted")
    ]
    assert told[0]["insured"] == f"{settled.split.total - cash:.2f}"
    back = till.flows.start(
        "pharmacy_refund",
        {"credential": {"type": "01", "number": till.person().token}, "purchase_key": "P1"},
        key="B1",
    )
    assert run_flow(till.flows, back, {"confirm": "yes"}).status is Status.DONE, "the charge is no settlement"
    assert till.standing() == []


def test_who_shows_a_card_pays_as_ever(till: Rig) -> None:
    view = bought(till, credential={"type": "02", "number": till.person().certno})
    assert view.status is Status.DONE, view.error
    assert not {STATUS, CREDENTIAL, CHARGE} & set(order(till))


def test_without_the_table_nothing_changes(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, gateway="plain") as rig:
        assert bought(rig).status is Status.DONE
        assert CREDENTIAL not in order(rig)


def test_a_settlement_that_changes_the_cash_part_has_a_credential_of_its_own(till: Rig) -> None:
    trial = till.platform.handlers["2101"]

    def less(request: Any) -> Any:
        answer = trial(request)
        told = answer["setlinfo"]
        told["psn_cash_pay"] -= 1
        told["psn_part_amt"] -= 1
        told["fund_pay_sumamt"] += 1
        return answer

    till.platform.handlers["2101"] = less
    view = bought(till)
    assert view.status is Status.DONE, view.error
    held = list(one_code_of(till.platform.world).values())
    assert [bool(each["order"]) for each in held] == [False, True]


def test_a_charge_that_is_refused_leaves_the_settlement_and_is_told(till: Rig) -> None:
    def refuse(request: Any) -> Any:
        from liangding.contract.simulation import Refuse

        raise Refuse("自付费金额与支付金额不匹配")

    till.platform.handlers[CHARGE] = refuse
    view = bought(till)
    assert view.status is Status.DONE, view.error
    assert len(till.standing()) == 1
    assert any("请另行收款，不要重新结算" in said for said in view.advice)


def test_without_a_credential_nothing_is_settled(till: Rig) -> None:
    till.platform.handlers[CREDENTIAL] = lambda request: {"data": {"another_name": "28"}}
    view = bought(till)
    assert view.error is not None
    assert (view.status, view.error["code"], till.standing()) == (Status.STOPPED, "configuration", [])


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.CUT])
def test_a_charge_whose_answer_is_lost_is_made_once_and_goes_to_a_person(till: Rig, fault: Fault) -> None:
    till.strike(fault, CHARGE)
    view = bought(till)
    assert view.status is Status.UNKNOWN
    till.let_pass(7200)
    view = till.flows.resume(view.id)
    assert (view.status, till.sent(CHARGE), len(till.standing())) == (Status.UNKNOWN, 1, 1)


def test_a_charge_that_a_person_knows_of_is_accepted_and_not_made_again(till: Rig) -> None:
    """It is no settlement of the insurance's: no number of one was to be had, and all that could be said was that it
    had not been made, which charged it once more."""
    till.strike(Fault.ANSWER_LOST, CHARGE)
    view = bought(till)
    (call,) = till.runtime.journal.pending()
    shown = shown_case(till.runtime.resolver, call)
    assert (shown.candidates, Action.ACCEPT in shown.actions) == ((), True)
    said = Decision(action=Action.ACCEPT, person="测试主管", reason="收单方已到账")
    named = attrs.evolve(said, setl_id=view.result["settlement"].setl_id)
    with pytest.raises(NotAllowed, match="不是医保结算"):
        decide(till.runtime.resolver, call, named)
    decide(till.runtime.resolver, call, said)
    view = till.flows.resume(view.id)
    assert (view.status, till.sent(CHARGE), len(till.standing())) == (Status.DONE, 1, 1), view.error
    assert any("已用一码付收取，不要再收" in sentence for sentence in view.advice)


def test_it_is_said_wherever_it_is_configured(till: Rig) -> None:
    for command in (("check",), ("acceptance", "list")):
        assert REAL_MONEY[:12] in liangding(*command, "--config", till.config).stdout.replace("\n", ""), command
