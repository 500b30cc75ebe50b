"""A settlement that was refused and stands after all, and what comes after it under the same key: somebody else, other
amounts, a refund. What was settled for one is never told as another's, and nobody hears that there is nothing to refund
where it is not proved."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from bedside import DOCTOR, HOSPITAL, STAY, admission, bill, discharge, done, go_on, item, run, shown
from liangding.contract.simulation import Refuse
from liangding.errors import CallRefused, HeldBack, OutcomeUnknown, SameBill
from liangding.flows import Status
from liangding.journal import KeyConflict, State
from liangding.simulator.faults import Fault
from support import Rig, simulated_rig_for
from support import bill as purchase_bill
from test_refusals import told

STOPPED = "参保人员已停保"
HOUR = 3600.0


def refuses(rig: Rig, infno: str, *, lies: bool = True) -> None:
    """The next answer to a transaction is a plain no; ``lies``: the platform has done it."""
    inner = rig.platform.handlers[infno]

    def handler(request: Any) -> Any:
        rig.platform.handlers[infno] = inner
        if lies:
            inner(request)
        raise Refuse(STOPPED)

    rig.platform.handlers[infno] = handler


def purchase(rig: Rig, **more: Any) -> dict[str, Any]:
    given = purchase_bill(rig.person(), "R1") | {"credential": shown(rig.person())} | more
    return {name: value for name, value in given.items() if name != "use_account"}


# -- the same bill under another key -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lies", "plain", "late"])
@pytest.mark.parametrize("by", ["flow", "call"])
def test_what_is_made_anew_under_another_key_is_looked_for_first(tmp_path: Path, how: str, by: str) -> None:
    """The till hears no of the first key, and types the bill again; then somebody asks under the first one, too."""
    with simulated_rig_for(tmp_path, keys="") as rig:
        ask: Callable[[str], Any] = functools.partial(by_call if by == "call" else purchased, rig)
        if how == "late":
            rig.strike(Fault.LATE_COMMIT, "2102", seconds=170)
        else:
            refuses(rig, "2102", lies=how == "lies")
        if by == "call":
            with pytest.raises(CallRefused if how != "late" else OutcomeUnknown):
                rig.settle(key="K1")
        else:
            ask("K1")
        if how == "late":
            rig.let_pass(140)
            rig.runtime.clock.sleep(60)
            rig.door.commit_late()
        ask("K2")
        assert len(rig.standing()) == 1
        with pytest.raises(SameBill, match="业务号 K2" if by == "call" else "同一单"):
            ask("K1")
        rig.let_pass(HOUR)
        ask("K2")
        assert (len(rig.standing()), rig.runtime.journal.pending()) == (1, [])
        first = rig.runtime.journal.by_key(rig.deployment.institution.code, "K2") if by == "call" else None
        assert first is None or rig.standing() == [first.setl_id]


@pytest.mark.parametrize("second", ["done", "unknown"])
@pytest.mark.parametrize("first", ["lies", "late"])
def test_what_was_made_anew_before_it_could_be_seen_stands_once(tmp_path: Path, first: str, second: str) -> None:
    """The look before the second key does not show the first one's settlement yet; then its till asks again, and hears
    of the second one, which may be unknown still."""
    with simulated_rig_for(tmp_path, keys="") as rig:
        shows = rig.platform.handlers["5203"]
        if first == "late":
            rig.strike(Fault.LATE_COMMIT, "2102", seconds=170)
        else:
            refuses(rig, "2102")
        with pytest.raises(CallRefused if first == "lies" else OutcomeUnknown):
            rig.settle(key="K1")
        if first == "late":
            rig.let_pass(140)
        rig.platform.handlers["5203"] = nothing
        if second == "unknown":
            rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown) if second == "unknown" else nullcontext():
            rig.settle(key="K2")
        rig.platform.handlers["5203"] = shows
        if first == "late":
            rig.runtime.clock.sleep(60)
            rig.door.commit_late()
        assert len(rig.standing()) == 2
        with pytest.raises(SameBill, match="业务号 K2"):
            rig.settle(key="K1")
        rig.let_pass(HOUR)
        settled = rig.settle(key="K2").output.setlinfo.setl_id
        assert (rig.standing(), rig.runtime.journal.pending()) == ([settled], [])


def test_of_two_that_were_told_as_refused_and_nobody_can_tell_one_stands(tmp_path: Path) -> None:
    """Nothing is asked while the second one goes out, nor when the first one's till comes back (Dongguan, seed 635)."""
    with simulated_rig_for(tmp_path, keys="") as rig:
        shows = dict(rig.platform.handlers)
        told(rig, "2102", STOPPED)
        with pytest.raises(CallRefused):
            rig.settle(key="K1")
        rig.platform.handlers |= dict.fromkeys(("5201", "5203", "5204"), silent)
        with pytest.raises(HeldBack):
            rig.settle(key="K2")
        assert rig.sent("2102") == 1
        rig.platform.handlers |= shows
        settled = rig.settle(key="K2").output.setlinfo.setl_id
        with pytest.raises(SameBill, match="业务号 K2"):
            rig.settle(key="K1")
        rig.let_pass(HOUR)
        assert (rig.standing(), rig.runtime.journal.pending()) == ([settled], [])


@pytest.mark.parametrize("first", ["first", "second"])
def test_what_is_doubted_goes_where_it_was_made_anew(tmp_path: Path, first: str) -> None:
    """The first one's settlement is not shown yet when the second one goes out, whose answer is lost; then nothing is
    told when the first one's till comes back. Either of the two is found first."""
    with simulated_rig_for(tmp_path, keys="same_bill_hours = 1") as rig:
        shows = dict(rig.platform.handlers)
        told(rig, "2102", STOPPED)
        with pytest.raises(CallRefused):
            rig.settle(key="K1")
        rig.platform.handlers["5203"] = nothing
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="K2")
        rig.platform.handlers |= dict.fromkeys(("5201", "5203", "5204"), silent)
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="K1")
        rig.platform.handlers |= shows
        settled = rig.settle(key="K2").output.setlinfo.setl_id if first == "second" else ""
        rig.let_pass(HOUR)
        settled = settled or rig.settle(key="K2").output.setlinfo.setl_id
        with pytest.raises(SameBill, match="业务号 K2"):
            rig.settle(key="K1")
        assert (rig.standing(), rig.runtime.journal.pending()) == ([settled], [])


def silent(_: Any) -> Any:
    raise Refuse("查询服务不存在")


def nothing(_: Any) -> Any:
    raise Refuse("未查询到结算信息")


def by_call(rig: Rig, key: str) -> Any:
    return rig.settle(key=key)


def purchased(rig: Rig, key: str) -> None:
    """SameBill where the flow asks whether it is the same bill; it is."""
    view = run(rig, "pharmacy_purchase", purchase(rig), key, use_account="1", confirm="yes", same_bill="same")
    if view.error and "同一单" in view.error["message"]:
        raise SameBill(view.error["message"])


# -- somebody else under the same key ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lies", "plain", "late"])
def test_what_was_settled_for_one_is_never_told_as_anothers(tmp_path: Path, how: str) -> None:
    """Refused, or found not to be there, for the one; the other shows a card for the same receipt."""
    with simulated_rig_for(tmp_path) as rig:
        given, other = purchase(rig), rig.person("resident")
        if how == "late":
            rig.strike(Fault.LATE_COMMIT, "2102", seconds=170)
        else:
            refuses(rig, "2102", lies=how == "lies")
        first = run(rig, "pharmacy_purchase", given, "R1", use_account="1")
        if how == "late":
            rig.let_pass(140)
            rig.flows.recover()
            first = rig.flows.get(first.id)
            assert first.status is Status.STOPPED, first.error
            rig.runtime.clock.sleep(60)
            rig.door.commit_late()
        view = run(rig, "pharmacy_purchase", given | {"credential": shown(other)}, "R1", confirm="wait")
        assert view.question is not None, "what the one confirmed is not the other's word"
        view = done(go_on(rig, view))
        settled = view.result["settlement"]
        assert (settled.psn_no, view.result["person"]["psn_no"]) == (other.psn_no, other.psn_no)
        assert rig.flows.get(first.id).status is Status.ABANDONED
        rig.let_pass(HOUR)
        assert (rig.standing(), rig.runtime.journal.pending()) == ([settled.setl_id], [])
        assert run(rig, "pharmacy_purchase", given | {"credential": shown(other)}, "R1").id == view.id


def test_what_one_person_answered_is_not_the_others_word(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        given = purchase(rig)
        view = run(rig, "pharmacy_purchase", given, "R1", use_account="1", confirm="wait")
        assert view.question is not None
        assert view.question.id == "confirm"
        given |= {"credential": shown(rig.person("retired"))}
        view = rig.flows.start("pharmacy_purchase", given, key="R1")
        assert view.question is not None
        assert view.question.id == "use_account"


def test_a_step_of_a_flow_is_not_finished_by_another_persons_record(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        message: dict[str, Any] = {}
        for case in ("local", "resident"):
            person = rig.person(case)
            rows = [{
                "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-21 10:00:00", "med_list_codg": "XA01",
                "medins_list_codg": "D1", "det_item_fee_sumamt": "100.00", "cnt": "1", "pric": "100.00",
            }]  # fmt: skip
            head = {
                "psn_no": person.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "med_type": "41",
                "begntime": "2026-11-21 10:00:00", "medfee_sumamt": "100.00", "insutype": person.covers[0].insutype,
                "acct_used_flag": "0",
            }  # fmt: skip
            message[case] = {"druginfo": head, "drugdetail": rows}
        key: dict[str, Any] = {"key": "F:settle:1", "flow": "F", "insured_place": "441900"}
        refuses(rig, "2102")
        with pytest.raises(CallRefused):
            rig.runtime.call("2102", message["local"], **key)
        with pytest.raises(KeyConflict, match="另一参保人"):
            rig.runtime.call("2102", message["resident"], **key)
        assert rig.runtime.call("2102", message["local"], **key).recorded


# -- other amounts -----------------------------------------------------------------------------------------------------


def in_hospital(rig: Rig) -> None:
    done(run(rig, "admission", admission(rig.person()), "A1"))
    fees(rig, "F-1")


def fees(rig: Rig, serial: str, price: str = "33.33") -> None:
    done(run(rig, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item(serial, price)]}, serial))


@pytest.mark.parametrize("lies", [True, False])
def test_other_amounts_are_confirmed_anew_and_what_was_settled_is_what_is_told(tmp_path: Path, lies: bool) -> None:
    """Settled in the middle of a stay; further fees come before the till asks again with the card scanned anew."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as rig:
        in_hospital(rig)
        given = discharge(rig.person(), interim=True)
        refuses(rig, "2304", lies=lies)
        first = run(rig, "discharge", given, "K1")
        assert first.status is Status.STOPPED
        fees(rig, "F-2", "20")
        again = given | {"credential": shown(rig.person()) | {"name": rig.person().name}}
        view = run(rig, "discharge", again, "K1", confirm="wait")
        assert view.question is not None
        assert dict(view.question.facts)["医疗费总额"] == ("60.00" if lies else "159.99")
        view = done(go_on(rig, view))
        assert rig.standing() == [view.result["settlement"].setl_id]
        assert f"{view.result['settlement'].split.total}" == ("99.99" if lies else "159.99")
        assert any("不一致，请按结算结果收款" in said for said in view.advice) is lies


# -- refunds of what was refused ---------------------------------------------------------------------------------------


def refund(rig: Rig) -> tuple[str, dict[str, Any], str]:
    return "pharmacy_refund", {"credential": shown(rig.person()), "purchase_key": "K1"}, "X1"


def undo(rig: Rig) -> tuple[str, dict[str, Any], str]:
    return "outpatient_undo", {"credential": shown(rig.person()), "bill_key": "K1", "level": "settlement"}, "X1"


def part(rig: Rig) -> tuple[str, dict[str, Any], str]:
    returns = [{"feedetl_sn": "B1-0001", "count": "1"}]
    return "outpatient_partial_refund", {"credential": shown(rig.person()), "bill_key": "K1", "returns": returns}, "X1"


def undo_stay(rig: Rig) -> tuple[str, dict[str, Any], str]:
    named = {"stay": STAY, "settled_by_key": "K1", "level": "settlement"}
    return "inpatient_undo", {"credential": shown(rig.person()), **named}, "X1"


Business = tuple[str, Callable[[Rig], dict[str, Any]], str, Callable[[Rig], tuple[str, dict[str, Any], str]]]

BUSINESS: dict[str, Business] = {
    "purchase": ("pharmacy_purchase", lambda rig: purchase(rig, use_account=False), "2102", refund),
    "bill": ("outpatient", lambda rig: bill(rig.person()), "2207", undo),
    "part of a bill": ("outpatient", lambda rig: bill(rig.person()), "2207", part),
    "stay": ("discharge", lambda rig: discharge(rig.person()), "2304", undo_stay),
}


@pytest.mark.parametrize("platform", ["it stands", "it does not", "silent"])
@pytest.mark.parametrize("what", BUSINESS)
def test_nothing_to_refund_is_said_only_where_it_is_proved(tmp_path: Path, what: str, platform: str) -> None:
    flow, given, infno, back = BUSINESS[what]
    with simulated_rig_for(tmp_path, **({} if what == "purchase" else HOSPITAL)) as rig:
        if what == "stay":
            in_hospital(rig)
        told(rig, infno, STOPPED, lost=platform != "it stands")
        assert run(rig, flow, given(rig), "K1", use_account="0").status is Status.STOPPED
        if platform == "silent":
            rig.deafen()
        view = run(rig, *back(rig))
        made = rig.runtime.journal.latest(infno=infno, limit=1)[0]
        if platform == "it stands":
            assert any("当时没有收过钱的，不要退现金" in said for said in done(view).advice)
            kept = view.result.get("settlement")
            assert rig.standing() == ([kept.setl_id] if kept else [])
        elif platform == "it does not":
            assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "flow_state")
            assert made.state is State.REFUSED
        else:
            assert view.error is not None
            assert view.error["code"] in ("outcome_unknown", "no_answer")
            rig.door.faults.clear()
        rig.let_pass(HOUR)
        assert len(rig.standing()) == (1 if (what, platform) == ("part of a bill", "it stands") else 0)
        assert rig.runtime.journal.pending() == []


# -- a cancellation ----------------------------------------------------------------------------------------------------


def test_a_cancellation_that_was_refused_and_done_is_not_the_answer_for_another_one(tmp_path: Path) -> None:
    """The till names the wrong settlement, hears no, and asks for the right one under the same key."""
    with simulated_rig_for(tmp_path) as rig:
        one, other = (rig.settle(key=key).output.setlinfo for key in ("B1", "B2"))

        def cancel(info: Any, key: str = "X1") -> Any:
            data = {"psn_no": info.psn_no, "setl_id": info.setl_id, "mdtrt_id": info.mdtrt_id}
            return rig.runtime.call("2103", {"data": data}, key=key, insured_place="441900")

        refuses(rig, "2103")
        with pytest.raises(CallRefused):
            cancel(one)
        for _ in range(2):
            with pytest.raises(KeyConflict, match="2103（已受理"):
                cancel(other)
        assert rig.standing() == [other.setl_id]
        assert cancel(one).recorded
        cancel(other, "X2")
        rig.let_pass(48 * HOUR)
        assert (rig.standing(), rig.sent("2601"), rig.runtime.journal.pending()) == ([], 0, [])
