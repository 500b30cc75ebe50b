"""住院: stays in parts, forwards and backwards, and what stops them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedside import (
    ADMITTED,
    DIAGNOSES,
    DOCTOR,
    HOSPITAL,
    LEVEL,
    ORDER,
    STAY,
    WARD,
    admission,
    discharge,
    done,
    item,
    ledger,
    numbers,
    run,
    shown,
)
from liangding.errors import InvalidMessage
from liangding.flows import Flows, Status, View
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.people import Person
from support import Rig, new_key, rig_for, yuan


def charge(rig: Rig, *rows: dict[str, Any], key: str | None = None) -> View:
    return run(rig, "inpatient_fees", {"stay": STAY, "doctor": DOCTOR, "rows": list(rows)}, key)


def stay(rig: Rig, case: str = "local") -> Any:
    """A patient who is in hospital and has been charged 3,400.00 yuan."""
    person = rig.person(case)
    done(run(rig, "admission", admission(person), "A1"))
    done(charge(rig, item("FEE-0001", "500", "4"), item("FEE-0002", "700", "2"), key="F1"))
    return person


# -- forwards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["local", "province", "cross", "resident"])
def test_a_whole_stay(ward: Rig, case: str) -> None:
    person = stay(ward, case)
    done(run(ward, "admission_change", moved(person), "C1"))
    done(charge(ward, item("FEE-0003", "500", "-1", init_feedetl_sn="FEE-0001"), key="F2"))
    trial = {"credential": shown(person), "stay": STAY, "use_account": False}
    before = done(run(ward, "inpatient_trial", trial)).result["trial"]
    view = done(run(ward, "discharge", discharge(person, total="2900.00"), "D1"))
    settlement = view.result["settlement"]
    assert settlement.split == view.result["trial"] == before
    assert settlement.infno == "2304"
    assert settlement.split.total == ledger(ward)["medfee_sumamt"] == yuan("2900.00")
    assert ledger(ward)["fund_pay_sumamt"] == settlement.split.fund > 0
    assert [n for n in numbers(ward) if n[:2] in ("22", "23", "24")] == [
        "2401", "2301", "2403", "2301", "2303", "2402", "2303", "2304",
    ]  # fmt: skip
    assert settlement.setl_id in view.result["slip"]
    assert next(iter(ward.platform.world.visits.values())).facts["adm_bed"] == "13"


def moved(person: Person) -> dict[str, Any]:
    """The patient lies in another bed."""
    return {
        "credential": shown(person), "stay": STAY, "ward": WARD | {"adm_bed": "13"}, "diagnoses": DIAGNOSES,
        "begun_at": ADMITTED,
    }  # fmt: skip


def test_who_is_in_hospital_is_not_admitted_again(ward: Rig) -> None:
    person = stay(ward)
    view = run(ward, "admission", admission(person, ipt_no="I2"), "A2")
    assert (view.status, view.step) == (Status.STOPPED, "check_not_in_hospital")
    assert view.error is not None
    assert "I1" in view.error["message"]
    assert numbers(ward).count("2401") == 1


def test_a_stay_may_be_named_by_the_platforms_numbers(ward: Rig) -> None:
    person = stay(ward)
    visit = ward.flows.find("admission", "A1").result["visit"]  # type: ignore[union-attr]
    named = {
        "mdtrt_id": visit["mdtrt_id"], "psn_no": person.psn_no, "insured_place": person.covers[0].place,
        "insutype": "310", "ipt_no": "I1",
    }  # fmt: skip
    done(run(ward, "discharge", discharge(person) | {"stay": named}))
    with pytest.raises(InvalidMessage):
        ward.flows.start("discharge", discharge(person) | {"stay": {"mdtrt_id": "1"}}, key=new_key())


def test_an_interim_settlement_leaves_the_patient_in_hospital(ward: Rig) -> None:
    person = stay(ward)
    view = done(run(ward, "discharge", discharge(person, interim=True), "D1"))
    assert "2402" not in numbers(ward)
    done(charge(ward, item("FEE-0009", "100", "1")))
    last = done(run(ward, "discharge", discharge(person), "D2"))
    assert last.result["settlement"].split.total == yuan("100.00")
    assert sorted(ward.standing()) == sorted(v.result["settlement"].setl_id for v in (view, last))
    undo = {"credential": shown(person), "stay": STAY, "settled_by_key": "D2"}
    done(run(ward, "inpatient_undo", undo | {"level": "discharge"}))
    assert ward.standing() == [view.result["settlement"].setl_id]
    done(run(ward, "inpatient_undo", undo | {"level": "admission"}))
    assert ward.standing() == []


def test_sums_that_differ_stop_before_the_settlement(ward: Rig) -> None:
    person = stay(ward)
    view = run(ward, "discharge", discharge(person, total="3500.00"), "D1")
    assert (view.status, view.step) == (Status.STOPPED, "sum_fees")
    assert view.error is not None
    assert "3400.00" in view.error["message"]
    assert "3500.00" in view.error["message"]


def test_what_is_given_back_is_a_row_that_names_another(ward: Rig) -> None:
    stay(ward)
    with pytest.raises(InvalidMessage):
        charge(ward, item("FEE-0003", "500", "-1"))
    view = charge(ward, item("FEE-0003", "500", "-5", init_feedetl_sn="FEE-0001"))
    assert view.error is not None
    assert [each["path"] for each in view.error["problems"]] == ["given.rows[0]"]


def test_a_wrong_value_of_a_discharge_is_placed(ward: Rig) -> None:
    stay(ward)
    view = run(ward, "discharge", discharge(ward.person(), doctor=DOCTOR | {"dept_name": "科" * 101}))
    assert view.error is not None
    assert [each["path"] for each in view.error["problems"]] == ["given.doctor.dept_name"]


def test_fees_go_in_batches_and_a_refused_row_is_placed(tmp_path: Path) -> None:
    with rig_for(tmp_path, more='[features.row_limits]\n"2301" = 2', **HOSPITAL) as rig:
        stay(rig)
        rows = [item(f"DAY-{i:04d}") for i in range(4)] + [item("FEE-0002")]
        view = charge(rig, *rows, key="F2")
        assert view.error is not None
        assert [each["path"] for each in view.error["problems"]] == ["given.rows[4]"]
        assert view.result["fees"]["accepted"] == 4
        assert len(next(iter(rig.platform.world.visits.values())).rows) == 6


# -- in doubt ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("infno", ["2401", "2403", "2301", "2402", "2304"])
def test_a_lost_answer_is_found_out(ward: Rig, infno: str) -> None:
    ward.strike(Fault.ANSWER_LOST, infno)
    person = stay(ward)
    done(run(ward, "admission_change", moved(person), "C1"))
    done(run(ward, "discharge", discharge(person), "D1"))
    assert numbers(ward).count(infno) == 1
    assert len(ward.standing()) == 1


def test_a_discharge_goes_on_in_another_process(ward: Rig) -> None:
    person = stay(ward)
    view = run(ward, "discharge", discharge(person), "D1", confirm="wait")
    with Runtime(ward.deployment) as other:
        again = Flows(other).start("discharge", discharge(person), key="D1")
        assert again.id == view.id
        assert Flows(other).answer(view.id, "yes").status is Status.DONE
    assert numbers(ward).count("2402") == numbers(ward).count("2304") == 1


def test_a_contradictory_pre_settlement_stops_before_money_moves(ward: Rig) -> None:
    person, inner = stay(ward), ward.platform.handlers["2303"]

    def handler(request: Any) -> Any:
        answer = inner(request)
        answer["setlinfo"]["psn_cash_pay"] += Decimal("0.01")
        return answer

    ward.platform.handlers["2303"] = handler
    view = run(ward, "discharge", discharge(person), "D1")
    assert view.error is not None
    assert (view.step, view.error["code"]) == ("pre_settle", "broken_trial")
    assert "2304" not in numbers(ward)


@pytest.mark.parametrize("name", ["of another question", "without what a row is known by"])
def test_an_answer_that_can_be_none_strands_no_undo(ward: Rig, name: str) -> None:
    """What another question was answered is no answer to this one, and what cannot be kept is not kept: asked again
    once the platform answers well, the undo ends."""
    person, inner = stay(ward), ward.platform.handlers["5204"]
    done(run(ward, "discharge", discharge(person), "D1"))
    baseinfo = {"psn_no": person.psn_no, "psn_name": "测试"}
    wrong = {"baseinfo": baseinfo, "insuinfo": []} if name == "of another question" else [{"setl_id": "0", "cnt": "1"}]
    ward.platform.handlers["5204"] = lambda _: wrong
    given = {"credential": shown(person), "stay": STAY, "level": "admission"}
    view = run(ward, "inpatient_undo", given, "U1")
    assert (view.status, view.step) == (Status.STOPPED, "look")
    assert view.error is not None
    assert view.error["code"] == ("no_answer" if name == "of another question" else "broke_off")
    assert len(ward.standing()) == 1
    ward.platform.handlers["5204"] = inner
    view = done(run(ward, "inpatient_undo", given, "U1"))
    assert view.result["admission_cancelled"]
    assert ward.standing() == []


# -- backwards ---------------------------------------------------------------------------------------------------------

BACKWARDS = ("2305", "2405", "2302", "2404")


@pytest.mark.parametrize(("level", "count"), [("settlement", 1), ("discharge", 2), ("fees", 3), ("admission", 4)])
def test_each_level_is_undone_from_the_end(ward: Rig, level: str, count: int) -> None:
    person = stay(ward)
    before = person.covers[0].balance
    done(run(ward, "discharge", discharge(person, use_account=True), "D1"))
    given = {"credential": shown(person), "stay": STAY, "level": level, "settled_by_key": "D1"}
    view = done(run(ward, "inpatient_undo", given, "U1"))
    assert [n for n in numbers(ward) if n in BACKWARDS] == list(BACKWARDS[:count])
    assert ward.standing() == []
    assert person.covers[0].balance == before
    assert view.result["cancelled"][0].split.total == yuan("-3400.00")
    assert ward.flows.find("discharge", "D1").status is Status.UNDONE  # type: ignore[union-attr]
    sent = len(ward.platform.requests)
    assert run(ward, "inpatient_undo", given, "U1").id == view.id
    assert len(ward.platform.requests) == sent


@pytest.mark.parametrize("infno", BACKWARDS)
def test_a_lost_answer_of_an_undo_is_found_out(ward: Rig, infno: str) -> None:
    person = stay(ward)
    done(run(ward, "discharge", discharge(person), "D1"))
    ward.strike(Fault.ANSWER_LOST, infno)
    done(run(ward, "inpatient_undo", {"credential": shown(person), "stay": STAY, "level": "admission"}, "U1"))
    assert numbers(ward).count(infno) == 1
    assert ward.standing() == []
    done(run(ward, "admission", admission(person, ipt_no="I2"), "A2"))


def test_levels_that_are_undone_already_are_passed_over(ward: Rig) -> None:
    person = stay(ward)
    done(run(ward, "discharge", discharge(person), "D1"))
    for level in ("settlement", "discharge", "fees", "admission"):
        done(run(ward, "inpatient_undo", {"credential": shown(person), "stay": STAY, "level": level}, level))
    assert [n for n in numbers(ward) if n in BACKWARDS] == list(BACKWARDS)


def test_after_the_discharge_is_undone_the_stay_goes_on(ward: Rig) -> None:
    person = stay(ward)
    done(run(ward, "discharge", discharge(person), "D1"))
    done(run(ward, "inpatient_undo", {"credential": shown(person), "stay": STAY, "level": "discharge"}, "U1"))
    done(charge(ward, item("FEE-0005", "10", "1")))
    view = done(run(ward, "discharge", discharge(person), "D2"))
    assert ward.standing() == [view.result["settlement"].setl_id]
    assert ledger(ward)["medfee_sumamt"] == yuan("3410.00")


def test_single_rows_are_taken_back_during_the_stay(ward: Rig) -> None:
    person = stay(ward)
    given = {"credential": shown(person), "stay": STAY, "level": "fees", "feedetl_sns": ["FEE-0002"]}
    done(run(ward, "inpatient_undo", given))
    view = done(run(ward, "discharge", discharge(person), "D1"))
    assert view.result["settlement"].split.total == yuan("2000.00")
    strange = given | {"feedetl_sns": ["FEE-0099"]}
    assert run(ward, "inpatient_undo", strange).step == "look"


def test_rows_that_the_platform_does_not_list_yet_are_taken_back(ward: Rig) -> None:
    person = stay(ward)
    ward.platform.handlers["5204"] = lambda _: []
    done(run(ward, "inpatient_undo", {"credential": shown(person), "stay": STAY, "level": "fees"}))
    assert [n for n in numbers(ward) if n in BACKWARDS] == ["2302"]


def test_nothing_to_undo_is_said(ward: Rig) -> None:
    person = stay(ward)
    for level in ("settlement", "discharge"):
        view = run(ward, "inpatient_undo", {"credential": shown(person), "stay": STAY, "level": level})
        assert (view.status, view.step) == (Status.STOPPED, "look")


def test_an_undo_needs_the_patients_credential(ward: Rig) -> None:
    stay(ward)
    given = {"credential": shown(ward.person("retired")), "stay": STAY, "level": "admission"}
    view = run(ward, "inpatient_undo", given)
    assert view.error is not None
    assert view.error["code"] == "other_person"
    assert "2404" not in numbers(ward)


# -- audit -------------------------------------------------------------------------------------------------------------


def test_a_stay_is_audited_before_it_is_settled(tmp_path: Path) -> None:
    settings = {"institution": LEVEL, "more": '[features]\naudit = "show"'}
    with rig_for(tmp_path, **settings, **HOSPITAL) as rig:
        person = rig.person()
        done(run(rig, "admission", admission(person), "A1"))
        row = item("FEE-0001", "5", "99", order=ORDER)
        done(charge(rig, row))
        view = run(rig, "discharge", discharge(person, rows=[row]), "D1", audit_3102="change")
        assert (view.status, view.step) == (Status.STOPPED, "audit_during")
        assert rig.standing() == []
        view = rig.flows.answer(rig.flows.resume(view.id).id, "continue")
        view = rig.flows.answer(view.id, "长期用药")
        done(rig.flows.answer(view.id, "yes"))
        (finding, again) = rig.platform.world.findings.values()
        assert finding.feedback == {"dspo_way": "2", "reason": None}
        assert again.feedback == {"dspo_way": "1", "reason": "长期用药"}


def test_orders_of_a_stay_are_audited_before_they_are_uploaded(tmp_path: Path) -> None:
    settings = {"institution": LEVEL, "more": '[features]\naudit = "show"'}
    with rig_for(tmp_path, **HOSPITAL, **settings) as rig:
        done(run(rig, "admission", admission(rig.person()), "A1"))
        fees = {"stay": STAY, "doctor": DOCTOR, "diagnoses": DIAGNOSES}
        many = fees | {"rows": [item("FEE-0001", count="99", order=ORDER)]}
        view = run(rig, "inpatient_fees", many, "F1", audit_3101="change")
        assert (view.status, view.step) == (Status.STOPPED, "audit_fees")
        assert "2301" not in numbers(rig)
        view = done(run(rig, "inpatient_fees", fees | {"rows": [item("FEE-0002", order=ORDER)]}, "F2"))
        assert [(each.infno, each.findings) for each in view.result["audits"]] == [("3101", [])]
        without = run(rig, "inpatient_fees", fees | {"rows": [item("FEE-0003")]}, "F3")
        assert without.error is not None
        assert without.error["problems"][0]["path"] == "given.rows[0].order"
        found = rig.flows.get(view.id).result["visit"]
        numbered = {
            "mdtrt_id": found["mdtrt_id"], "psn_no": rig.person().psn_no, "insured_place": "441900", "insutype": "310",
            "ipt_no": "I1",
        }  # fmt: skip
        elsewhere = done(run(rig, "inpatient_fees", fees | {"stay": numbered, "rows": [item("FEE-0004")]}, "F4"))
        assert "没有做事前审核" in elsewhere.advice[-1]
