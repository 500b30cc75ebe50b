"""The same bill under another business key, where the first one turns up after all: of the two one stands, whichever is
found first, whoever decides, and whenever its rows were brought."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside import HOSPITAL, bill, done, run, shown
from hospital import Desk
from liangding.errors import CallRefused, SameBill
from liangding.flows import Status
from liangding.journal import CallRecord, State
from liangding.kit import purchase
from liangding.resolution.deciding import Action, Decision, NotAllowed, actions, decide
from support import Rig, simulated_rig_for
from test_mended import HOUR, STOPPED, nothing, refuses, silent
from test_refusals import told


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, keys="same_bill_hours = 1") as rig:
        yield rig


def settle(rig: Rig, flow: str, **more: Any) -> Any:
    """A flow's own settlement, as its step sends it."""
    message = purchase(rig.person())
    message["druginfo"]["med_type"] = "41"
    return rig.runtime.call("2102", message, key=f"{flow}:settle:1", flow=flow, insured_place="441900", **more)


def held(rig: Rig, key: str) -> CallRecord:
    found = rig.runtime.journal.by_key(rig.deployment.institution.code, key)
    assert found is not None
    return found


def at_rest(rig: Rig) -> list[str]:
    """What stands when hours have passed: it is what the journal says, and nothing of it is open."""
    rig.let_pass(HOUR)
    journal = rig.runtime.journal
    accepted = [c.setl_id for c in journal.latest(states=[State.ACCEPTED], changes=True) if c.infno in ("2102", "2207")]
    assert journal.pending() == []
    assert set(rig.standing()) <= set(accepted)
    return rig.standing()


def test_of_two_that_turn_up_one_after_the_other_the_one_that_was_told_stands(shop: Rig) -> None:
    """Both were told as refused, and queries show the first one first: its till hears that it stands. The other one's
    till asks when that one is shown, too."""
    shows = shop.platform.handlers["5203"]
    refuses(shop, "2102")
    with pytest.raises(CallRefused):
        settle(shop, "F1")
    shop.runtime.clock.sleep(5)
    shop.platform.handlers["5203"] = nothing
    refuses(shop, "2102")
    with pytest.raises(CallRefused):
        settle(shop, "F2")
    first, second = shop.standing()

    def one(request: Any) -> Any:
        return nothing(request) if request.input.data.setl_id == second else shows(request)

    shop.platform.handlers["5203"] = one
    shop.runtime.clock.sleep(5)
    assert settle(shop, "F1").output.setlinfo.setl_id == first
    shop.platform.handlers["5203"] = shows
    shop.runtime.clock.sleep(5)
    with pytest.raises(SameBill):
        settle(shop, "F2")
    assert at_rest(shop) == [first]


def visit(rig: Rig, number: str, *, again: bool = False) -> Desk:
    """A visit of a bill whose rows were brought; ``again``: taken back, and brought once more."""
    desk = Desk(rig=rig, person=rig.person())
    desk.register(number)
    desk.describe()
    for serial in ("F1", "F2") if again else ("F1",):
        desk.charge(desk.fee(f"{number}{serial}", "50.00"))
        if again and serial == "F1":
            desk.call("2205", desk.withdrawing())
    return desk


def charge(desk: Desk, key: str) -> Any:
    message = desk.bill("50.00", account="0")
    message["data"] |= dict.fromkeys(("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"), "0")
    message["data"]["inscp_scp_amt"] = "50.00"
    return desk.call("2207", message, key=key)


@pytest.mark.parametrize("how", ["settled", "told as refused", "seen late"])
@pytest.mark.parametrize("rows", ["long ago", "again"])
def test_the_rows_of_a_bill_are_those_that_stand_whenever_they_were_brought(
    tmp_path: Path, rows: str, how: str
) -> None:
    """In the evening for a bill that is paid in the morning; or twice, because the first ones were wrong."""
    with simulated_rig_for(tmp_path, keys="same_bill_hours = 1", **HOSPITAL) as rig:
        first = visit(rig, "O1", again=rows == "again")
        if rows == "long ago":
            rig.runtime.clock.sleep(2 * HOUR)
        second = visit(rig, "O2")
        shows = rig.platform.handlers["5203"]
        if how == "settled":
            charge(first, "K1")
            with pytest.raises(SameBill, match="业务号 K1"):
                charge(second, "K2")
        else:
            refuses(rig, "2207")
            with pytest.raises(CallRefused):
                charge(first, "K1")
            if how == "seen late":
                rig.platform.handlers["5203"] = nothing
            charge(second, "K2")
            rig.platform.handlers["5203"] = shows
            assert len(rig.standing()) == (2 if how == "seen late" else 1)
            with pytest.raises(SameBill, match="业务号 K2"):
                charge(first, "K1")
        assert len(at_rest(rig)) == 1


def test_a_bill_that_was_made_anew_and_given_back_in_part_was_made_anew(tmp_path: Path) -> None:
    """What turns up of the first key afterwards goes, whatever is left of the other one."""
    with simulated_rig_for(tmp_path, keys="same_bill_hours = 1", **HOSPITAL) as rig:
        shows = rig.platform.handlers["5203"]
        refuses(rig, "2207")
        first = bill(rig.person(), "V1")
        view = run(rig, "outpatient", first, "K1", confirm="yes")
        assert view.error is not None
        rig.platform.handlers["5203"] = nothing
        second = bill(rig.person(), "V2", ipt_otp_no="O2")
        done(run(rig, "outpatient", second, "K2", confirm="yes"))
        (hidden, whole) = rig.standing()
        rig.platform.handlers["5203"] = lambda request: (
            nothing(request) if request.input.data.setl_id == hidden else shows(request)
        )
        returns = [{"feedetl_sn": "V2-0001", "count": "1"}]
        back = {"credential": shown(rig.person()), "bill_key": "K2", "returns": returns}
        rest = done(run(rig, "outpatient_partial_refund", back, "P2", confirm_undo="yes")).result["settlement"].setl_id
        rig.platform.handlers["5203"] = shows
        view = run(rig, "outpatient", first, "K1", confirm="yes", same_bill="same")
        assert view.status is not Status.DONE
        assert (at_rest(rig), whole != rest) == ([rest], True)


def test_a_person_does_not_accept_a_bill_that_was_made_anew(shop: Rig) -> None:
    """Refused without proof, made anew, then doubted while nobody can be asked; the platform is back before anybody
    has looked again."""
    shows = dict(shop.platform.handlers)
    told(shop, "2102", STOPPED)
    with pytest.raises(CallRefused):
        shop.settle(key="K1")
    (first,) = shop.standing()
    shop.platform.handlers["5203"] = nothing
    second = shop.settle(key="K2").output.setlinfo.setl_id
    shop.platform.handlers |= dict.fromkeys(("5201", "5203", "5204"), silent)
    shop.runtime.resolver.look_again(held(shop, "K1"))
    doubted = held(shop, "K1")
    assert doubted.state is State.UNKNOWN
    shop.platform.handlers |= shows
    decision = Decision(action=Action.ACCEPT, person="测试", reason="在平台上", setl_id=first)
    assert Action.ACCEPT not in actions(shop.runtime.resolver, doubted)
    with pytest.raises(NotAllowed, match="另一个业务号"):
        decide(shop.runtime.resolver, doubted, decision)
    decide(shop.runtime.resolver, doubted, Decision(action=Action.RETRY, person="", reason=""))
    assert at_rest(shop) == [second]


def test_what_a_platform_does_not_tell_of_is_looked_at_until_it_does(shop: Rig) -> None:
    """Whatever settlements it shows bear no message number for an hour: nobody can tell whether one of them is it."""
    shows = shop.platform.handlers["5203"]

    def nameless(request: Any) -> Any:
        answer = shows(request)
        answer["setlinfo"]["medins_setl_id"] = None
        return answer

    told(shop, "2102", STOPPED)
    with pytest.raises(CallRefused):
        shop.settle(key="K1")
    shop.platform.handlers["5203"] = nameless
    shop.let_pass(HOUR)
    assert len(shop.standing()) == 1
    shop.platform.handlers["5203"] = shows
    shop.let_pass(3 * HOUR)
    assert (at_rest(shop), held(shop, "K1").state) == ([], State.REVERSED)
