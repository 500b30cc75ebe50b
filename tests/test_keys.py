"""Business keys: compulsory or derived, one bill once, never another day's or another person's."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import pytest

from bedside import HOSPITAL, done, item, shown
from bedside import bill as visit_bill
from hospital import Desk
from liangding.calls.bills import rows_in
from liangding.calls.preparing import digest
from liangding.cli.app import run as cli
from liangding.config import KeySettings, load_deployment
from liangding.errors import (
    BadKey,
    CallRefused,
    ConfigurationError,
    HeldBack,
    InProgress,
    KeyRequired,
    LiangdingError,
    OutcomeUnknown,
    SameBill,
)
from liangding.flows import FLOWS, Flows, Status, View
from liangding.journal import KeyConflict
from liangding.runtime import Runtime
from liangding.simulator.chapters.settling import take_back_elsewhere
from liangding.simulator.faults import Fault
from liangding.simulator.world import GivenToken
from liangding.workflow.keys import FlowKeys
from support import Rig, bill, purchase, run_flow, simulated_rig_for, write_deployment

YES = {"confirm": "yes", "same_bill": "another"}
DAY, NEXT = "2026-11-21", "2026-11-22"


@contextlib.contextmanager
def shop(folder: Path, keys: str = "", **settings: Any) -> Iterator[Rig]:
    with simulated_rig_for(folder, keys=keys, **settings) as rig:
        yield rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A pharmacy with the settings of keys as they are where a deployment says nothing of them."""
    with shop(tmp_path) as made:
        yield made


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    with shop(tmp_path, **HOSPITAL) as made:
        yield made


def buy(rig: Rig, key: str | None = "R1", case: str = "local", **more: Any) -> View:
    given = bill(rig.person(case), use_account=True, **more)
    return run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key=key), YES)


# -- compulsory, or derived --------------------------------------------------------------------------------------------

CHARGING = {flow.name for flow in FLOWS if any(step.charges for step in flow.steps)}


def test_what_charges_needs_a_key_and_says_what_to_write(rig: Rig) -> None:
    assert {
        "pharmacy_purchase", "pharmacy_refund", "outpatient", "outpatient_undo", "outpatient_partial_refund",
        "outpatient_settle_again", "discharge", "inpatient_undo", "mobile_payment", "mobile_payment_refund",
        "channel_order",
    } == CHARGING  # fmt: skip
    calls: dict[str, Any] = {
        "2102": purchase(rig.person()),
        "2103": {"data": {"setl_id": "S1", "mdtrt_id": "M1", "psn_no": rig.person().psn_no}},
    }
    start: Callable[[], Any] = functools.partial(rig.flows.start, "pharmacy_purchase", bill(rig.person()))
    single: list[Callable[[], Any]] = [
        functools.partial(rig.runtime.call, *each, insured_place="441900") for each in calls.items()
    ]
    for attempt in (start, *single):
        with pytest.raises(KeyRequired) as caught:
            attempt()
        assert (caught.value.code, caught.value.http_status) == ("key_required", 400)
        assert all(word in caught.value.remedy for word in ("Idempotency-Key", "--key", "[keys] derive"))
    assert rig.platform.requests == []


KEYED: dict[str, tuple[str, ...]] = {
    "pharmacy_purchase": ("receipt_no",), "pharmacy_refund": ("purchase_key", "purchase", "setl_id"),
    "outpatient": ("ipt_otp_no chrg_bchno",), "outpatient_registration": ("ipt_otp_no",), "admission": ("ipt_no",),
    "mobile_payment": ("order_no",), "mobile_payment_refund": ("refund_no",), "channel_order": ("out_trade_no",),
}  # fmt: skip
"""Flow → what its key is built from where the deployment names no fields: the first of these that the bill brings."""


@pytest.mark.parametrize("name", KEYED)
def test_the_key_of_each_flow_is_built_from_what_names_its_bill(name: str) -> None:
    (flow,) = (each for each in FLOWS if each.name == name)
    runtime: Any = SimpleNamespace(deployment=SimpleNamespace(keys=KeySettings(derive=True)))
    nothing = dict.fromkeys(attrs.fields_dict(flow.given))

    def key(*fields: str) -> str | None:
        given = SimpleNamespace(**nothing | {field: f"<{field}>" for field in fields})
        return FlowKeys(runtime=runtime).of(flow, given, None, "001", charges=False)

    assert key() is None
    for number, each in enumerate(KEYED[name]):
        fields = each.split()
        built = ":".join(quote(f"<{field}>") for field in fields)
        later = [field for other in KEYED[name][number:] for field in other.split()]
        assert key(*fields) == key(*later) == built, "the best first"
        assert len(fields) == 1 or {key(field) for field in fields} == {None}


DERIVED: dict[str, tuple[str, dict[str, Any], str]] = {
    "the usual field": ("derive = true", {}, "R1"),
    "its own fields": ('derive = ["receipt_no", "bill_date"]', {"bill_date": DAY}, f"R1:{DAY}"),
    "the till beside it": ('derive = ["till", "receipt_no"]', {"till": "2"}, "R1:2"),
    "the operator beside it": ('derive = ["operator"]', {}, "R1:001"),
    "anew each day": ('derive = true\nper = "day"', {"bill_date": DAY}, f"R1@{DAY}"),
}


@pytest.mark.parametrize("what", DERIVED)
def test_a_key_is_built_from_the_bill(tmp_path: Path, what: str) -> None:
    keys, more, key = DERIVED[what]
    with shop(tmp_path, keys) as rig:
        first = buy(rig, None, **more)
        assert first.status is Status.DONE
        found = rig.flows.find("pharmacy_purchase", key)
        assert found is not None
        assert buy(rig, None, **more).id == first.id == found.id
        assert len(rig.standing()) == 1


@pytest.mark.parametrize(("keys", "missing"), [
    ('derive = ["receipt_no", "bill_date"]', "bill_date"), ('derive = ["receipt_no", "till"]', "till"),
    ('per = "day"', "bill_date"),
])  # fmt: skip
def test_what_a_key_is_built_of_has_to_be_given(tmp_path: Path, keys: str, missing: str) -> None:
    with shop(tmp_path, keys) as rig:
        with pytest.raises(KeyRequired) as caught:
            buy(rig, "R1" if "per" in keys else None)
        assert missing in caught.value.message + caught.value.remedy


def test_a_key_that_is_built_too_long_is_said_and_not_left_to_the_database(tmp_path: Path) -> None:
    with shop(tmp_path, 'derive = true\nper = "day"') as rig:
        for key, more in ((None, {"receipt_no": "单" * 23}), ("K" * 195, {})):
            with pytest.raises(BadKey, match="200 个字符"):
                buy(rig, key, bill_date=DAY, **more)
        assert rig.platform.requests == []
        assert buy(rig, None, bill_date=DAY, receipt_no="单" * 20).status is Status.DONE


def test_single_calls_derive_their_keys(tmp_path: Path) -> None:
    with shop(tmp_path, "derive = true", **HOSPITAL) as rig:
        desk = Desk(rig=rig, person=rig.person())
        desk.register()
        desk.describe()
        desk.charge(desk.fee("F1", "50.00"))
        message = desk.bill("50.00", account="0")
        message["data"] |= dict.fromkeys(("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"), "0")
        message["data"]["inscp_scp_amt"] = "50.00"

        def settle() -> Any:
            return rig.runtime.call("2207", message, insured_place="441900")

        first = settle()
        assert settle().recorded
        back = {"data": desk.named | {"setl_id": first.output.setlinfo.setl_id}}
        undone = [rig.runtime.call("2208", back, insured_place="441900") for _ in range(2)]
        assert [each.recorded for each in undone] == [False, True]
    assert rig.standing() == []


@pytest.mark.parametrize("text", ["derive = 5", "derive = []", 'per = "week"', "same_bill_hours = 0", "derived = true"])
def test_settings_of_keys_are_checked(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="keys"):
        load_deployment(write_deployment(tmp_path, keys=text))


def test_a_key_is_ascii_but_one_that_is_in_use_already_goes_on(rig: Rig) -> None:
    for key in ("单据1", "é", "a\tb"):
        with pytest.raises(BadKey):
            buy(rig, key)
        with pytest.raises(BadKey):
            rig.settle(key=key)
    view = buy(rig, "R1")
    assert view.status is Status.DONE
    journal = rig.runtime.journal
    row = journal.flows.get(view.id)
    assert row is not None
    journal.flows.keep(row | {"key": "单据1", "version": row["version"] + 1}, expected_version=row["version"])
    assert buy(rig, "单据1").id == view.id


# -- calls that get one by themselves ----------------------------------------------------------------------------------


def test_calls_that_hold_a_person_are_made_once_without_a_key_of_their_caller(ward: Rig) -> None:
    desk = Desk(rig=ward, person=ward.person())
    place = desk.person.covers[0].place

    def call(infno: str, message: Any) -> Any:
        return ward.runtime.call(infno, message, insured_place=place)

    registration = desk.registration()
    first = call("2201", registration)
    again = registration["data"] | {"begntime": registration["data"]["begntime"][:-2] + "59"}
    assert call("2201", registration).recorded
    assert call("2201", {"data": again}).recorded
    with pytest.raises(KeyConflict, match="2201"):
        call("2201", {"data": again | {"dept_name": "别的科室"}})
    with pytest.raises(CallRefused, match="已挂号"):  # another day is another call, and the platform's to judge
        call("2201", {"data": again | {"begntime": "2026-11-22 10:00:00"}})
    desk.visit = first.output.data.mdtrt_id
    desk.describe()
    rows, more = {"feedetail": [desk.fee("F1", "50.00")]}, {"feedetail": [desk.fee("F2", "60.00")]}
    assert [call("2204", each).recorded for each in (rows, more, rows)] == [False, False, True]
    withdrawn = desk.withdrawing("B1")
    assert [call("2205", withdrawn).recorded for _ in range(2)] == [False, True]
    assert [call("2204", rows).recorded for _ in range(2)] == [False, True]
    assert [call("2205", withdrawn).recorded for _ in range(2)] == [False, True]
    gone = desk.unregistering()
    assert [call("2202", gone).recorded for _ in range(2)] == [False, True]
    second = call("2201", registration)
    assert not second.recorded
    assert second.output.data.mdtrt_id != desk.visit


def test_a_changed_stay_is_changed_back(ward: Rig) -> None:
    desk = Desk(rig=ward, person=ward.person())
    place = desk.person.covers[0].place
    desk.admit()
    one, other = desk.change(adm_bed="12"), desk.change(adm_bed="13")
    made = [ward.runtime.call("2403", each, insured_place=place).recorded for each in (one, one, other, other, one)]
    assert made == [False, True, False, True, False]


def test_a_lost_answer_without_a_key_is_not_sent_again(ward: Rig) -> None:
    desk = Desk(rig=ward, person=ward.person())
    ward.strike(Fault.ANSWER_LOST, "2201")
    for _ in range(2):
        ward.runtime.call("2201", desk.registration(), insured_place=desk.person.covers[0].place)
    assert ward.sent("2201") == 1


# -- the same key for something else -----------------------------------------------------------------------------------


def test_asked_again_after_midnight_it_is_the_same_bill(rig: Rig) -> None:
    for more in ({"bill_date": DAY}, {}):
        key = f"R{len(more)}"
        rig.runtime.clock.sleep(13.9 * 3600 if more else 0)
        first = buy(rig, key, **more)
        rig.runtime.clock.sleep(600)
        assert buy(rig, key, **more).id == first.id
    rig.runtime.clock.sleep(22 * 3600)
    late = buy(rig, "R9")
    rig.runtime.clock.sleep(6 * 3600)
    assert buy(rig, "R9").id == late.id, "six hours to the second"
    rig.runtime.clock.sleep(1)
    with pytest.raises(KeyConflict):
        buy(rig, "R9")
    assert len(rig.standing()) == 3


@pytest.mark.parametrize("more", [{}, {"bill_date": DAY}], ids=["no day given", "its own day given"])
def test_a_bill_left_unfinished_is_the_same_one_a_day_later(rig: Rig, more: dict[str, Any]) -> None:
    given = bill(rig.person(), use_account=True, **more)
    waits = rig.flows.start("pharmacy_purchase", given, key="R1")
    assert waits.status is Status.QUESTION
    rig.runtime.clock.sleep(24 * 3600)
    again = rig.flows.start("pharmacy_purchase", given, key="R1")
    assert (again.id, again.status) == (waits.id, Status.QUESTION)
    assert run_flow(rig.flows, again, YES).status is Status.DONE
    assert len(rig.standing()) == 1


@pytest.mark.parametrize("days", [(DAY, NEXT), (None, None)], ids=["of another day", "after a day, no day given"])
def test_a_key_of_another_day_is_a_conflict_that_says_what_it_was_for(rig: Rig, days: tuple[str | None, str]) -> None:
    before, after = ({"bill_date": day} if day else {} for day in days)
    settled = buy(rig, **before).result["settlement"]
    rig.runtime.clock.sleep(24 * 3600)
    with pytest.raises(KeyConflict) as caught:
        buy(rig, **after)
    assert all(word in caught.value.message for word in ("11-21 10:00", "药店购药", "112.40", settled.setl_id))
    assert len(rig.standing()) == 1


def test_where_numbers_are_used_anew_each_day_another_day_is_another_bill(tmp_path: Path) -> None:
    with shop(tmp_path, 'per = "day"') as rig:
        first = buy(rig, bill_date=DAY)
        rig.runtime.clock.sleep(24 * 3600)
        second = buy(rig, bill_date=NEXT)
        assert (buy(rig, bill_date=DAY).id, buy(rig, bill_date=NEXT).id) == (first.id, second.id)
        with pytest.raises(KeyConflict, match=f"R1@{DAY} 或 R1@{NEXT}"):
            rig.flows.find("pharmacy_purchase", "R1")
        back = {"credential": {"type": "02", "number": rig.person().certno}, "purchase_key": f"R1@{NEXT}"}
        run_flow(rig.flows, rig.flows.start("pharmacy_refund", back, key="R1-back"), YES)
        assert rig.standing() == [first.result["settlement"].setl_id]


def test_single_calls_of_another_day_are_other_bills(tmp_path: Path) -> None:
    with shop(tmp_path, 'per = "day"') as rig:
        one, other = purchase(rig.person()), purchase(rig.person(), "70.00")
        other["druginfo"]["begntime"] = "2026-11-22 09:00:00"
        made = [
            rig.runtime.call("2102", each, key="R1", insured_place="441900").recorded
            for each in (one, other, one, other)
        ]
        assert made == [False, False, True, True]


def test_a_key_of_another_person_is_a_conflict(rig: Rig) -> None:
    buy(rig)
    with pytest.raises(KeyConflict, match="另一人"):
        buy(rig, case="retired")
    rig.settle(key="R2")
    with pytest.raises(KeyConflict, match=r"另一参保人.*11-21 10:00 的 2102（已受理"):
        rig.settle(rig.person("retired"), key="R2")
    assert len(rig.standing()) == 2
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    assert buy(rig, "R3").status is Status.UNKNOWN
    with pytest.raises(KeyConflict, match=r"另一人的药店购药：\d\d-\d\d \d\d:\d\d 的药店购药（[^，]+）"):
        buy(rig, "R3", case="retired")


def test_a_code_that_is_scanned_anew_is_the_same_person(rig: Rig) -> None:
    person = rig.person()
    first = buy(rig)
    message = purchase(person) | {}
    message["druginfo"] |= {"mdtrt_cert_type": "01", "mdtrt_cert_no": person.token}
    rig.runtime.call("2102", message, key="R2", insured_place="441900", meant=True)
    another = bill(person, use_account=True) | {"credential": {"type": "01", "number": "scanned-anew"}}
    rig.platform.world.tokens["scanned-anew"] = GivenToken(person=person, until=rig.runtime.clock.epoch() + 60)
    assert rig.flows.start("pharmacy_purchase", another, key="R1").id == first.id
    card = another | {"credential": {"type": "02", "number": person.certno.lower()}}
    asked = rig.sent("1101")
    assert rig.flows.start("pharmacy_purchase", card, key="R1").id == first.id
    assert rig.sent("1101") == asked, "the number that 1101 gave is on the card"
    message["druginfo"] |= {"mdtrt_cert_no": "scanned-anew"}
    assert rig.runtime.call("2102", message, key="R2", insured_place="441900").recorded


def test_what_was_recorded_with_what_was_shown_in_it_is_known_again(rig: Rig) -> None:
    message = purchase(rig.person())
    rig.runtime.call("2102", message, key="R1", insured_place="441900")
    journal = rig.runtime.journal
    before = digest("2102", message, shown=True)
    held = journal.by_key(rig.deployment.institution.code, "R1")
    assert held is not None
    assert before != digest("2102", message), "what is shown is left out now"
    with journal.store.engine.begin() as connection:
        for table in ("calls", "keys"):
            connection.exec_driver_sql(f"UPDATE {table} SET content = ?", (before,))
    assert rig.runtime.call("2102", message, key="R1", insured_place="441900").recorded


# -- the same bill under another key -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["flow", "call"])
@pytest.mark.parametrize("earlier", ["flow", "call"])
def test_the_same_rows_under_another_key_are_asked_about(ward: Rig, rig: Rig, how: str, earlier: str) -> None:
    row = [{"feedetl_sn": "1", "med_list_codg": "XA01", "medins_list_codg": "D1", "count": "1", "price": "100.00"}]
    if earlier == "flow":
        buy(rig, "R1", rows=row)
    else:
        rig.settle(key="R1")
    if how == "call":
        with pytest.raises(SameBill) as caught:
            rig.settle(key="R2")
        assert (caught.value.code, caught.value.http_status) == ("same_bill", 409)
        assert "100.00" in caught.value.message
        message = purchase(rig.person())
        assert not rig.runtime.call("2102", message, key="R2", insured_place="441900", meant=True).recorded
    else:
        view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True, rows=row), key="R2")
        assert view.question is not None
        assert (view.question.id, view.question.whom) == ("same_bill", "收银员")
        assert dict(view.question.facts)["医疗费总额"] == "100.00"
        stopped = rig.flows.answer(view.id, "same")
        assert (stopped.status, len(rig.standing())) == (Status.STOPPED, 1)
        assert run_flow(rig.flows, rig.flows.resume(view.id), YES).status is Status.DONE
    assert len(rig.standing()) == 2


def test_the_same_bill_in_other_rows_is_the_same_bill(rig: Rig) -> None:
    """In another order, with counts written otherwise, one row as two; another price is another bill."""
    first, second = (
        {"feedetl_sn": sn, "med_list_codg": f"XA0{sn}", "medins_list_codg": f"D{sn}", "count": count, "price": "10.00"}
        for sn, count in (("1", "3"), ("2", "1"))
    )
    buy(rig, "R1", rows=[first, second])
    halves = [second | {"count": "1.000"}, first | {"count": "1.0"}, first | {"feedetl_sn": "3", "count": "2"}]
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True, rows=halves), key="R2")
    assert view.question is not None
    assert view.question.id == "same_bill"
    dearer = [second, first | {"price": "10.01"}]
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True, rows=dearer), key="R3")
    assert view.question is not None
    assert view.question.id == "confirm"


def test_the_same_bill_of_a_visit_is_asked_about_before_anything_is_registered(ward: Rig) -> None:
    given = visit_bill(ward.person())
    view = ward.flows.start("outpatient", given, key="B1")
    done(run_flow(ward.flows, view, YES))
    rows = [item("X-1"), item("X-2", "30", "2")]
    other = given | {"ipt_otp_no": "O2", "chrg_bchno": "B2", "rows": rows}
    view = ward.flows.start("outpatient", other, key="B2")
    assert view.question is not None
    assert view.question.id == "same_bill"
    assert ward.sent("2201") == 1
    done(run_flow(ward.flows, view, YES))


@pytest.mark.parametrize("how", ["flow", "call"])
def test_a_bill_whose_answer_was_lost_is_the_same_one_under_another_key(rig: Rig, how: str) -> None:
    """The till gives up and charges anew under another number: what held it back was the same bill."""
    row = [{"feedetl_sn": "1", "med_list_codg": "XA01", "medins_list_codg": "D1", "count": "1", "price": "100.00"}]
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    with pytest.raises(OutcomeUnknown):
        rig.settle(key="R1")
    if how == "call":
        with pytest.raises(HeldBack):
            rig.settle(key="R2")
        rig.door.faults.clear()
        for _ in range(2):
            with pytest.raises(SameBill, match="R1"):
                rig.settle(key="R2")
        return
    view = buy(rig, "R2", rows=row)
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "held_back")
    rig.door.faults.clear()
    view = rig.flows.resume(view.id)
    assert view.question is not None
    assert (view.step, view.question.id) == ("settle", "same_bill")
    assert dict(view.question.facts)["结算编号"] == rig.standing()[0]
    assert rig.sent("2102") == 1
    assert rig.flows.answer(view.id, "same").status is Status.STOPPED
    assert run_flow(rig.flows, rig.flows.resume(view.id), YES).status is Status.DONE
    assert (len(rig.standing()), rig.sent("2102")) == (2, 2)


def test_another_desk_that_settles_meanwhile_is_seen(rig: Rig) -> None:
    """Both desks have asked before either settled; the second one's person is asked again."""
    row = [{"feedetl_sn": "1", "med_list_codg": "XA01", "medins_list_codg": "D1", "count": "1", "price": "100.00"}]
    given = bill(rig.person(), use_account=True, rows=row)
    views = [rig.flows.start("pharmacy_purchase", given | {"receipt_no": key}, key=key) for key in ("R1", "R2")]
    assert [view.question and view.question.id for view in views] == ["confirm", "confirm"]
    assert rig.flows.answer(views[0].id, "yes").status is Status.DONE
    view = rig.flows.answer(views[1].id, "yes")
    assert (view.step, view.question and view.question.id) == ("settle", "same_bill")
    assert len(rig.standing()) == 1


def test_two_tills_that_settle_the_same_rows_at_once_settle_them_once(ward: Rig) -> None:
    """Each has a visit of its own by then, and the first one's settlement is on the line when the second one comes."""
    given = visit_bill(ward.person(), use_account=True)
    other = given | {"ipt_otp_no": "O2", "chrg_bchno": "B2", "rows": [item("X-1"), item("X-2", "30", "2")]}
    first, second = (ward.flows.start("outpatient", each, key=key) for key, each in (("B1", given), ("B2", other)))
    assert [view.question and view.question.id for view in (first, second)] == ["confirm", "confirm"]
    settles = ward.platform.handlers["2207"]
    told: list[Any] = []

    def slow(request: Any) -> Any:
        ward.platform.handlers["2207"] = settles
        try:
            told.append(ward.flows.answer(second.id, "yes"))
        except InProgress as busy:
            told.append((busy.message, busy.remedy))
        return settles(request)

    ward.platform.handlers["2207"] = slow
    assert ward.flows.answer(first.id, "yes").status is Status.DONE
    assert told == [("同一参保人的 2207 正在办理", "稍候，用同一业务号再问")]
    view = ward.flows.resume(second.id)
    assert (view.step, view.question and view.question.id) == ("settle", "same_bill")
    assert (len(ward.standing()), ward.sent("2207")) == (1, 1)


def test_a_bill_of_which_a_part_was_given_back_is_still_the_same_bill(ward: Rig) -> None:
    """Before the rest is settled, while its flow is at it, and when it is: whoever charges all of it anew is asked."""
    given = visit_bill(ward.person())
    other = given | {"ipt_otp_no": "O2", "chrg_bchno": "B2", "rows": [item("X-1"), item("X-2", "30", "2")]}
    yes = YES | {"confirm_undo": "yes"}
    done(run_flow(ward.flows, ward.flows.start("outpatient", given, key="B1"), yes))
    presettles = ward.platform.handlers["2206"]
    asked: list[Any] = []

    def anew(request: Any) -> Any:
        ward.platform.handlers["2206"] = presettles
        asked.append(ward.flows.start("outpatient", other, key="B2"))
        return presettles(request)

    ward.platform.handlers["2206"] = anew
    returns = [{"feedetl_sn": "B1-0001", "count": "1"}]
    back = {"credential": shown(ward.person()), "bill_key": "B1", "returns": returns}
    done(run_flow(ward.flows, ward.flows.start("outpatient_partial_refund", back, key="P1"), yes))
    asked.append(ward.flows.start("outpatient", other | {"chrg_bchno": "B3"}, key="B3"))
    assert [view.question and view.question.id for view in asked] == ["same_bill", "same_bill"]
    assert dict(asked[1].question.facts)["结算编号"] == ward.standing()[0]
    undo = {"credential": shown(ward.person()), "bill_key": "B1", "level": "settlement"}
    done(run_flow(ward.flows, ward.flows.start("outpatient_undo", undo, key="U1"), yes))
    view = ward.flows.start("outpatient", other | {"chrg_bchno": "B4"}, key="B4")
    assert view.question is None or view.question.id != "same_bill"


def test_what_was_taken_back_elsewhere_is_not_the_same_bill(rig: Rig) -> None:
    person = rig.person()
    first = rig.settle(key="R1").output.setlinfo
    take_back_elsewhere(rig.platform.world.settlements[first.setl_id])
    with pytest.raises(SameBill):
        rig.settle(key="R2")
    back = {"setl_id": first.setl_id, "mdtrt_id": first.mdtrt_id, "insured_place": "441900"}
    given = back | {"credential": {"type": "02", "number": person.certno}}
    assert run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key="B1"), YES).status is Status.DONE
    assert not rig.settle(key="R2").recorded


OTHERS: dict[str, tuple[str, Any]] = {
    "another price": ("", lambda rig: rig.settle(key="R2", total="99.99")),
    "another person": ("", lambda rig: rig.settle(rig.person("retired"), key="R2")),
    "it was taken back": ("", lambda rig: _take_back(rig).settle(key="R2")),
    "hours later": ("", lambda rig: (rig.runtime.clock.sleep(13 * 3600), rig.settle(key="R2"))),
    "it is allowed": ('same_bill = "allow"', lambda rig: rig.settle(key="R2")),
    "the same key": ("", lambda rig: rig.settle(key="R1")),
}


def _take_back(rig: Rig) -> Rig:
    settlement = next(iter(rig.platform.world.settlements.values()))
    data = {"setl_id": settlement.setl_id, "mdtrt_id": settlement.visit.mdtrt_id, "psn_no": rig.person().psn_no}
    rig.runtime.call("2103", {"data": data}, key="R1-back", insured_place="441900")
    return rig


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_not_the_same_bill_is_not_asked_about(tmp_path: Path, what: str) -> None:
    keys, again = OTHERS[what]
    with shop(tmp_path, keys) as rig:
        rig.settle(key="R1")
        again(rig)


def test_rows_are_the_same_by_their_numbers_and_codes_by_their_text() -> None:
    def row(code: str, count: Any = "1", price: Any = "10.00") -> Any:
        return rows_in({"rows": [{"med_list_codg": code, "cnt": count, "pric": price}]})

    assert row("XA01", 1, Decimal(10)) == row("XA01", "1.0000", 10.0)
    assert row("XA01", "1") != row("XA01", "2")
    assert row("0123") != row("123")
    assert row("1E2") != row("100")
    assert row("XA01", "约1") == row("XA01", "约1")


def test_where_it_is_refused_nobody_may_mean_it(tmp_path: Path) -> None:
    with shop(tmp_path, 'same_bill = "refuse"') as rig:
        rig.settle(key="R1")
        rig.runtime.clock.sleep(11 * 3600)
        with pytest.raises(SameBill, match="同样的明细"):
            rig.runtime.call("2102", purchase(rig.person()), key="R2", insured_place="441900", meant=True)
        row = {"feedetl_sn": "1", "med_list_codg": "XA01", "medins_list_codg": "D1", "count": "1", "price": "100"}
        view = buy(rig, "R3", rows=[row])
        assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "same_bill")
        assert view.step == "check_same_bill", "before anything is sent"
    assert len(rig.standing()) == 1


# -- given up ----------------------------------------------------------------------------------------------------------


def test_a_flow_that_changed_nothing_frees_its_key(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key="R1")
    assert rig.flows.abandon(view.id).status is Status.ABANDONED
    assert rig.flows.find("pharmacy_purchase", "R1") is None
    corrected = buy(rig, "R1", receipt="R1b")
    assert corrected.status is Status.DONE
    assert corrected.id != view.id


def test_a_flow_that_an_earlier_version_gave_up_frees_its_key(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key="R1")
    rig.flows.abandon(view.id)
    row = rig.runtime.journal.flows.get(view.id)
    assert row is not None
    held = row | {"key": "R1", "version": row["version"] + 1}
    assert rig.runtime.journal.flows.keep(held, expected_version=row["version"])
    assert buy(rig, "R1").status is Status.DONE


# -- the edges ---------------------------------------------------------------------------------------------------------


def test_the_http_api_and_the_command_line_say_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from liangding.server.app import api

    with shop(tmp_path) as rig:
        person = rig.person()
        transport = httpx.ASGITransport(app=api({"test": rig.runtime}))

        async def ask() -> list[tuple[int, str]]:
            async with httpx.AsyncClient(transport=transport, base_url="http://till") as client:
                settle = {"input": purchase(person), "insuplc_admdvs": "441900"}
                key = {"idempotency-key": "R1"}
                answers = [
                    await client.post("/v1/flows/pharmacy_purchase", json=bill(person)),
                    await client.post("/v1/transactions/2102", json=settle),
                    await client.post("/v1/transactions/2102", json=settle, headers=key),
                    await client.post("/v1/transactions/2102", json=settle, headers={"idempotency-key": "R2"}),
                    await client.post(
                        "/v1/transactions/2102", json=settle | {"meant": True}, headers={"idempotency-key": "R2"}
                    ),
                    await client.post("/v1/transactions/2102", json=settle | {"bill_date": "x"}, headers=key),
                ]
            return [(a.status_code, a.json().get("error", {}).get("code", "")) for a in answers]

        import anyio

        required = (400, "key_required")
        assert anyio.run(ask) == [required, required, (200, ""), (409, "same_bill"), (200, ""), (400, "bad_request")]
    file = tmp_path / "bill.json"
    file.write_text("{}", "utf-8")
    assert cli(["flow", "start", "pharmacy_purchase", str(file), "--config", str(rig.config)]) == 1
    capsys.readouterr()


def test_flows_and_calls_share_nothing_but_the_rule(rig: Rig) -> None:
    """A flow's key and a single call's key are of two kinds: the same number in both is two pieces of business."""
    rig.settle(key="R1")
    with contextlib.suppress(LiangdingError):
        assert buy(rig, "R1").status is Status.DONE
    with Runtime(rig.deployment, journal=rig.runtime.journal, transport=rig.runtime.transport) as runtime:
        assert Flows(runtime).find("pharmacy_purchase", "R1") is not None
