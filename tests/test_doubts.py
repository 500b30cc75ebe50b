"""Questions about a business whose money is not known: refund, undo, abandon, slip and what follows from it are told
that it is not known, until it is; nobody reads an empty field as "nothing happened"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside import DOCTOR, HOSPITAL, STAY, admission, bill, discharge, done, go_on, item, run, shown
from liangding.errors import LiangdingError, OutcomeUnknown
from liangding.flows import FlowStopped, Status, View
from liangding.receipts.gathering import reprint
from liangding.simulator.faults import Fault
from support import Rig, simulated_rig_for
from support import bill as purchase_bill

UNKNOWN = "outcome_unknown"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path) as made:
        yield made


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, **HOSPITAL) as made:
        yield made


def deafen(rig: Rig, begin: Callable[[Rig], View]) -> None:
    """No query is answered, but those that an admission and a discharge begin with."""
    asked: dict[Any, tuple[str, ...]] = {is_admitted: ("5303",), leaves: ("5303", "5204")}
    first = asked.get(begin, ())
    for infno in ("5201", "5202", "5203", "5204", "5301", "5302", "5303", "5304", "3513"):
        rig.strike(Fault.REQUEST_LOST, infno, times=0, skip=int(infno in first))


# -- what is begun, and its last answer lost ---------------------------------------------------------------------------


def buys(rig: Rig) -> View:
    given = purchase_bill(rig.person(), credential=shown(rig.person()), use_account=False)
    return run(rig, "pharmacy_purchase", given, "K1")


def visits(rig: Rig) -> View:
    return run(rig, "outpatient", bill(rig.person()), "K1")


def is_admitted(rig: Rig) -> View:
    return run(rig, "admission", admission(rig.person()), "A1")


def leaves(rig: Rig) -> View:
    done(is_admitted(rig))
    done(run(rig, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item("F-1")]}, "F1"))
    return run(rig, "discharge", discharge(rig.person()), "K1")


FACTS = {
    "opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "ide_fixmedins_no": "H44190000001",
    "ide_fixmedins_name": "测试机构", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1", "diag_dr_name": "测试医师",
    "begndate": "2026-01-10",
}  # fmt: skip


def is_registered(rig: Rig) -> View:
    return run(rig, "register_chronic_disease", {"credential": shown(rig.person()), "facts": FACTS}, "K1")


# -- what is asked then ------------------------------------------------------------------------------------------------


def follows(flow: str, **given: Any) -> Callable[[Rig, View], Any]:
    """Another flow that names it."""

    def ask(rig: Rig, _: View) -> Any:
        return run(rig, flow, {"credential": shown(rig.person()), **given}, f"{flow}-1")

    return ask


def further(rig: Rig, _: View) -> Any:
    return run(rig, "outpatient", bill(rig.person(), "B2", visit_key="K1"), "K2")


def fees(rig: Rig, _: View) -> Any:
    return run(rig, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item("F-1")]}, "F1")


def abandon(rig: Rig, view: View) -> Any:
    return rig.flows.abandon(view.id)


def slip(rig: Rig, view: View) -> Any:
    return reprint(rig.flows, view.id)


REFUND = follows("pharmacy_refund", purchase_key="K1")
BACK_SETTLEMENT, BACK_VISIT = (
    follows("outpatient_undo", bill_key="K1", level=level) for level in ("settlement", "registration")
)
PARTIAL = follows("outpatient_partial_refund", bill_key="K1", returns=[{"feedetl_sn": "B1-0001", "count": "1"}])
OUT = follows("inpatient_undo", stay=STAY, settled_by_key="K1", level="settlement")
OUT_BY_VISIT = follows("inpatient_undo", stay=STAY, level="settlement")
NOT_ADMITTED = follows("inpatient_undo", stay=STAY, level="admission")
WITHDRAWN = follows("withdraw_chronic_disease", registration_key="K1", reason="误报")

QUESTIONS: dict[str, tuple[str, Callable[[Rig], View], str, Callable[[Rig, View], Any]]] = {
    "a purchase is refunded": ("shop", buys, "2102", REFUND),
    "a purchase is given up": ("shop", buys, "2102", abandon),
    "a purchase's slip": ("shop", buys, "2102", slip),
    "a bill is undone": ("ward", visits, "2207", BACK_SETTLEMENT),
    "a bill is returned in part": ("ward", visits, "2207", PARTIAL),
    "a bill is given up": ("ward", visits, "2207", abandon),
    "a bill's slip": ("ward", visits, "2207", slip),
    "a visit is undone": ("ward", visits, "2201", BACK_VISIT),
    "a further bill of a visit": ("ward", visits, "2201", further),
    "a visit is given up": ("ward", visits, "2201", abandon),
    "a discharge is undone": ("ward", leaves, "2304", OUT),
    "the settlements of a stay are undone": ("ward", leaves, "2304", OUT_BY_VISIT),
    "a discharge's slip": ("ward", leaves, "2304", slip),
    "an admission is undone": ("ward", is_admitted, "2401", NOT_ADMITTED),
    "fees of an admission": ("ward", is_admitted, "2401", fees),
    "an admission is given up": ("ward", is_admitted, "2401", abandon),
    "a registration is withdrawn": ("ward", is_registered, "2503", WITHDRAWN),
}
"""At which institution what is begun, the answer that is lost, and what is asked then."""


def told(rig: Rig, view: View, ask: Callable[[Rig, View], Any]) -> Any:
    """What is answered: a failure, or what came of it."""
    try:
        answer = ask(rig, view)
    except LiangdingError as failed:
        return failed
    if isinstance(answer, View) and answer.status is Status.STOPPED:
        assert answer.error is not None
        return FlowStopped(answer.error["message"]) if answer.error["code"] != UNKNOWN else answer.error
    return answer


def code_of(answer: Any) -> str:
    return str(answer["code"] if isinstance(answer, dict) else getattr(answer, "code", ""))


@pytest.mark.parametrize("what", QUESTIONS)
def test_what_is_not_known_is_told_as_not_known_and_then_as_it_is(what: str, request: pytest.FixtureRequest) -> None:
    place, begin, infno, ask = QUESTIONS[what]
    rig: Rig = request.getfixturevalue(place)
    deafen(rig, begin)
    rig.strike(Fault.ANSWER_LOST, infno)
    view = begin(rig)
    assert (view.status, view.error and view.error["code"]) == (Status.UNKNOWN, UNKNOWN)
    answer = told(rig, view, ask)
    assert code_of(answer) == UNKNOWN, answer
    assert infno in str(answer)
    sent = len(rig.platform.requests)
    rig.door.faults.clear()
    answer = told(rig, view, ask)
    if ask is abandon:
        assert (code_of(answer), "已在平台上办成" in str(answer)) == ("flow_state", True)
        assert rig.flows.get(view.id).status is Status.UNKNOWN
    elif ask is slip:
        assert [each.setl_id for each in answer] == rig.standing()
    elif ask is WITHDRAWN:
        assert "没有流水号" in str(answer), "it stands; no query of the platform's says under which number"
    else:
        assert isinstance(answer, View), answer
        done(answer)
    assert rig.sent(infno) == (2 if ask is PARTIAL else 1)
    assert len(rig.platform.requests) > sent


SOMETHING = {"a bill is given up", "a further bill of a visit", "a registration is withdrawn"}
"""Of what was begun there something stands, or nobody can be asked."""


SAID = {
    "a bill is returned in part": "这张单没有结算，不用退",
    "a visit is undone": "这张单没有挂号，没有可撤销的",
}
"""What a till reads then, where it is not plain."""


@pytest.mark.parametrize("what", [name for name in QUESTIONS if name not in SOMETHING])
def test_only_what_is_proved_is_told_as_nothing(what: str, request: pytest.FixtureRequest) -> None:
    """The request was lost: nothing stands. That is said when the platform was asked, and not before."""
    place, begin, infno, ask = QUESTIONS[what]
    rig: Rig = request.getfixturevalue(place)
    deafen(rig, begin)
    rig.strike(Fault.REQUEST_LOST, infno)
    view = begin(rig)
    assert code_of(told(rig, view, ask)) == UNKNOWN
    rig.door.faults.clear()
    rig.let_pass(600)
    answer = told(rig, view, ask)
    if ask is abandon:
        assert answer.status is Status.ABANDONED
    else:
        assert code_of(answer) in ("flow_state", "no_statement"), answer
        assert SAID.get(what, "") in str(answer)
    assert rig.standing() == []


@pytest.mark.parametrize("ask", [REFUND, BACK_SETTLEMENT], ids=["refund", "undo"])
def test_what_a_single_call_charged_is_no_business_that_never_was(shop: Rig, ask: Callable[[Rig, Any], Any]) -> None:
    """Charged by a call, and taken back by a flow that names the call's key."""
    shop.deafen()
    shop.strike(Fault.ANSWER_LOST, "2102")
    with pytest.raises(OutcomeUnknown):
        shop.settle(key="K1")
    assert code_of(ask(shop, None).error) == UNKNOWN
    shop.door.faults.clear()
    said = ask(shop, None)
    assert (code_of(said.error), shop.standing()[0] in said.error["message"]) == ("flow_state", True)


def test_a_refund_that_is_not_known_has_no_slip_and_its_purchase_neither(shop: Rig) -> None:
    bought = done(buys(shop))
    shop.deafen()
    shop.strike(Fault.ANSWER_LOST, "2103")
    back = REFUND(shop, bought)
    assert back.status is Status.UNKNOWN
    for view in (back, bought):
        assert code_of(told(shop, view, slip)) == UNKNOWN
        assert str(told(shop, view, slip)).startswith("11-21 10:00 的 2103 结果不明")
    assert code_of(told(shop, back, abandon)) == UNKNOWN
    shop.door.faults.clear()
    assert [each.refunded for each in slip(shop, bought)] == [True]
    done(go_on(shop, shop.flows.resume(back.id)))
    assert [each.is_refund for each in slip(shop, back)] == [True]


def test_a_slip_is_printed_while_the_goods_of_its_purchase_are_not_known(shop: Rig) -> None:
    """What is not known moves no money."""
    shop.deafen()
    shop.strike(Fault.ANSWER_LOST, "3505")
    given = purchase_bill(shop.person(), codes=("81000000000000000001",), use_account=False)
    view = run(shop, "pharmacy_purchase", given, "K1")
    assert view.status is Status.UNKNOWN
    assert [each.setl_id for each in slip(shop, view)] == shop.standing()
    shop.door.faults.clear()
    assert shop.flows.resume(view.id).status is Status.DONE, "its codes are found on the platform"
    assert shop.sent("3505") == 1


def test_a_yes_with_nothing_in_it_is_one_where_nothing_is_required(shop: Rig) -> None:
    shop.platform.handlers["3505"] = lambda _: {}
    given = purchase_bill(shop.person(), codes=("81000000000000000001",), use_account=False)
    done(run(shop, "pharmacy_purchase", given, "K1"))
    assert (shop.sent("3505"), shop.sent("3513")) == (1, 0)


def test_whoever_takes_up_what_was_left_leaves_what_is_not_known_as_it_is(shop: Rig) -> None:
    shop.deafen()
    shop.strike(Fault.ANSWER_LOST, "2102")
    view = run(shop, "pharmacy_purchase", purchase_bill(shop.person(), use_account=False), "K1")
    assert view.status is Status.UNKNOWN
    for _ in range(2):
        assert shop.flows.recover() == 0
        assert shop.flows.get(view.id).status is Status.UNKNOWN


def test_of_a_stay_nothing_is_undone_that_was_not_named(ward: Rig) -> None:
    """A discharge that settled nothing was named: the interim settlement of the stay stays."""
    done(is_admitted(ward))
    done(run(ward, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item("F-1")]}, "F1"))
    done(run(ward, "discharge", discharge(ward.person(), interim=True), "I1"))
    done(run(ward, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": [item("F-2")]}, "F2"))
    stopped = run(ward, "discharge", discharge(ward.person()), "K1", confirm="no")
    assert stopped.status is Status.STOPPED
    interim = ward.standing()
    assert "没有可撤销的结算" in str(told(ward, stopped, OUT))
    view = run(
        ward, "inpatient_undo",
        {"credential": shown(ward.person()), "stay": STAY, "settled_by_key": "K1", "level": "discharge"}, "U1",
    )  # fmt: skip
    assert done(view).result["discharge_cancelled"]
    assert ward.standing() == interim
