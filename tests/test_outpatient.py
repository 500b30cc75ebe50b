"""门诊: visits forwards and backwards through the flow, what stops it, and how it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedside import DOCTOR, HOSPITAL, LEVEL, ORDER, bill, done, go_on, item, ledger, numbers, run, shown
from liangding.errors import InvalidMessage
from liangding.flows import Flows, FlowStopped, Status
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.world import GivenToken
from support import Rig, new_key, rig_for, yuan

# -- forwards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    ["local", "province", "cross", "resident", "retired", "civil_servant"],
)
def test_a_whole_visit(ward: Rig, case: str) -> None:
    view = done(run(ward, "outpatient", bill(ward.person(case), use_account=True), "B1"))
    settlement = view.result["settlement"]
    assert numbers(ward)[1:] == ["1101", "2201", "2203", "2204", "2206", "2207"]
    assert ward.standing() == [settlement.setl_id]
    assert settlement.split == view.result["trial"]
    held = ledger(ward)
    split = settlement.split
    assert (held["medfee_sumamt"], held["fund_pay_sumamt"]) == (split.total, split.fund) == (yuan("159.99"), split.fund)
    assert (held["acct_pay"], held["psn_cash_pay"]) == (split.account, split.cash)
    assert settlement.setl_id in view.result["slip"]


def test_a_person_of_several_places_is_asked_which_of_them(clinic: Rig) -> None:
    given = bill(clinic.person("several_cities"))
    view = clinic.flows.start("outpatient", given, key="B1")
    assert view.question is not None
    assert [option.value for option in view.question.options] == ["441900", "440100"]
    view = done(go_on(clinic, clinic.flows.answer(view.id, "440100")))
    assert view.result["visit"]["insured_place"] == "440100"
    request = clinic.runtime.journal.latest(infno="2207", limit=1)[0].request
    assert request is not None
    assert b'"insuplc_admdvs":"440100"' in request


def test_cross_province_persons_bring_their_papers(ward: Rig) -> None:
    person = ward.person("cross")
    done(run(ward, "outpatient", bill(person), "B1"))
    request = ward.runtime.journal.latest(infno="2201", limit=1)[0].request
    assert request is not None
    assert f'"certno":"{person.certno}"'.encode() in request
    assert f'"psn_type":"{person.covers[0].psn_type}"'.encode() in request


def test_an_emergency_is_one_by_its_med_type(ward: Rig) -> None:
    view = done(run(ward, "outpatient", bill(ward.person(), med_type="13"), "B1"))
    assert view.result["visit"]["med_type_name"] == "急诊"
    ordinary = done(run(ward, "outpatient", bill(ward.person("retired")), "B2"))
    assert view.result["settlement"].split.fund > 0
    assert ordinary.result["settlement"].split != view.result["settlement"].split


def test_several_bills_of_one_visit_are_settled_and_undone_by_themselves(ward: Rig) -> None:
    person = ward.person()
    first = done(run(ward, "outpatient", bill(person), "B1"))
    second = done(run(ward, "outpatient", bill(person, "B2", visit_key="B1", diagnoses=[]), "B2"))
    third = {"mdtrt_id": first.result["visit"]["mdtrt_id"], "diagnoses": []}
    third_view = done(run(ward, "outpatient", bill(person, "B3", **third), "B3"))
    assert numbers(ward).count("2201") == 1
    assert len(ward.standing()) == 3
    undone = {"credential": shown(person), "level": "settlement", "bill_key": "B2"}
    done(run(ward, "outpatient_undo", undone, "U2"))
    left = [first.result["settlement"].setl_id, third_view.result["settlement"].setl_id]
    assert sorted(ward.standing()) == sorted(left)
    assert ward.flows.get(second.id).status is Status.UNDONE
    known = {"mdtrt_id": third["mdtrt_id"], "insured_place": person.covers[0].place}
    named = {"credential": shown(person), "level": "settlement", "setl_id": left[1], **known}
    done(run(ward, "outpatient_undo", named, "U3"))
    assert ward.standing() == left[:1]


def test_a_further_bill_is_of_the_same_person_and_credential(ward: Rig) -> None:
    person = ward.person()
    done(run(ward, "outpatient", bill(person), "B1"))
    other = run(ward, "outpatient", bill(ward.person("retired"), "B2", visit_key="B1"))
    assert (other.status, other.step) == (Status.STOPPED, "find_visit")
    code = run(ward, "outpatient", bill(person, "B2", visit_key="B1", credential=shown(person, "01")))
    assert code.error is not None
    assert "居民身份证" in code.error["message"]


CHRONIC = {
    "opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "ide_fixmedins_no": "H44190000001",
    "ide_fixmedins_name": "测试机构", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1", "diag_dr_name": "测试医师",
    "begndate": "2026-01-10",
}  # fmt: skip


def test_a_chronic_disease_has_to_be_registered(ward: Rig) -> None:
    person = ward.person()
    view = run(ward, "outpatient", bill(person, med_type="14"), "B1")
    assert (view.status, view.step) == (Status.STOPPED, "check_chronic")
    assert "2201" not in numbers(ward)
    registration = {"credential": shown(person), "facts": CHRONIC}
    done(run(ward, "register_chronic_disease", registration, "C1"))
    done(run(ward, "outpatient", bill(person, med_type="14"), "B1"))
    assert next(iter(ward.platform.world.settlements.values())).visit.facts["dise_codg"] == "M03900"


def test_of_several_chronic_diseases_it_is_asked_which(ward: Rig) -> None:
    person = ward.person()
    for code, name in (("M03900", "高血压"), ("M01600", "糖尿病")):
        facts = CHRONIC | {"opsp_dise_code": code, "opsp_dise_name": name}
        done(run(ward, "register_chronic_disease", {"credential": shown(person), "facts": facts}))
    view = run(ward, "outpatient", bill(person, med_type="14"), dise_codg="wait")
    assert view.question is not None
    assert [option.label for option in view.question.options] == ["高血压", "糖尿病"]
    done(go_on(ward, view, dise_codg="M01600"))
    assert {row.given["dise_codg"] for row in ward.platform.world.settlements.popitem()[1].rows} == {"M01600"}


# -- again, and in doubt -----------------------------------------------------------------------------------------------


def test_the_same_key_is_the_same_bill(ward: Rig) -> None:
    view = done(run(ward, "outpatient", bill(ward.person()), "B1"))
    sent = len(ward.platform.requests)
    assert run(ward, "outpatient", bill(ward.person()), "B1").id == view.id
    assert len(ward.platform.requests) == sent


def test_a_bill_goes_on_from_where_it_is_in_another_process(ward: Rig) -> None:
    view = run(ward, "outpatient", bill(ward.person()), "B1", confirm="no")
    assert (view.status, view.step) == (Status.STOPPED, "confirm")
    with Runtime(ward.deployment) as other:
        again = Flows(other).start("outpatient", bill(ward.person()), key="B1")
        assert Flows(other).answer(again.id, "yes").status is Status.DONE
    assert numbers(ward).count("2201") == numbers(ward).count("2204") == numbers(ward).count("2207") == 1


def test_a_code_that_expired_is_shown_anew_for_what_is_left(ward: Rig) -> None:
    person = ward.person()
    given = bill(person, credential=shown(person, "01"))
    view = run(ward, "outpatient", given, "B1", confirm="wait")
    ward.platform.world.tokens["another-code"] = GivenToken(person=person, until=time.time() + 3600)
    person.token = "another-code"
    stopped = ward.flows.answer(view.id, "yes")
    assert (stopped.status, stopped.step) == (Status.STOPPED, "settle")
    view = done(ward.flows.start("outpatient", given | {"credential": shown(person, "01")}, key="B1"))
    assert view.id == stopped.id
    assert len(ward.standing()) == 1
    assert numbers(ward).count("2201") == 1


@pytest.mark.parametrize("infno", ["2201", "2204", "2207"])
def test_a_lost_answer_is_found_out_and_nothing_is_done_twice(ward: Rig, infno: str) -> None:
    ward.strike(Fault.ANSWER_LOST, infno)
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    assert numbers(ward).count(infno) == 1
    assert len(ward.standing()) == 1


def test_an_unknown_settlement_stays_unknown_until_the_platform_tells(ward: Rig) -> None:
    ward.deafen()
    ward.strike(Fault.ANSWER_LOST, "2207")
    view = run(ward, "outpatient", bill(ward.person()), "B1")
    assert (view.status, view.step) == (Status.UNKNOWN, "settle")
    assert ward.flows.resume(view.id).status is Status.UNKNOWN
    ward.door.faults.clear()
    done(ward.flows.resume(view.id))
    assert numbers(ward).count("2207") == 1


# -- rows --------------------------------------------------------------------------------------------------------------


def test_rows_go_in_batches_of_the_platforms_size(tmp_path: Path) -> None:
    with rig_for(tmp_path, more='[features.row_limits]\n"2204" = 20', **HOSPITAL) as rig:
        rows = [item(f"ROW-{i:04d}", "1.11", "1") for i in range(45)]
        view = done(run(rig, "outpatient", bill(rig.person(), rows=rows), "B1"))
        assert [each["rows"] for each in view.result["fees"]["batches"]] == [20, 20, 5]
        assert len({each["msgid"] for each in view.result["fees"]["batches"]}) == 3
        assert view.result["settlement"].split.total == yuan("49.95")


def test_a_lost_batch_is_not_uploaded_twice(tmp_path: Path) -> None:
    with rig_for(tmp_path, more='[features.row_limits]\n"2204" = 2', **HOSPITAL) as rig:
        rig.strike(Fault.ANSWER_LOST, "2204", skip=1)
        rows = [item(f"ROW-{i:04d}") for i in range(5)]
        done(run(rig, "outpatient", bill(rig.person(), rows=rows), "B1"))
        assert rig.sent("2204") == 3
        assert len(rig.platform.world.settlements.popitem()[1].rows) == 5


def test_an_upload_goes_on_with_the_batch_at_which_it_stopped(tmp_path: Path) -> None:
    with rig_for(tmp_path, more='[features.row_limits]\n"2204" = 2', **HOSPITAL) as rig:
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2204", skip=1)
        rows = [item(f"ROW-{i:04d}") for i in range(5)]
        view = run(rig, "outpatient", bill(rig.person(), rows=rows), "B1")
        assert (view.status, view.result["fees"]["accepted"]) == (Status.UNKNOWN, 2)
        rig.door.faults.clear()
        done(go_on(rig, rig.flows.resume(view.id)))
        assert rig.sent("2204") == 3


def test_a_refused_row_is_named_with_its_place(tmp_path: Path) -> None:
    with rig_for(tmp_path, more='[features.row_limits]\n"2204" = 3', **HOSPITAL) as rig:
        person = rig.person()
        done(run(rig, "outpatient", bill(person, "B0", rows=[item("ROW-0004")]), "B0"))
        rows = [item(f"ROW-{i:04d}") for i in range(6)]
        view = run(rig, "outpatient", bill(person, "B1", visit_key="B0", rows=rows), "B1")
        assert (view.status, view.step) == (Status.STOPPED, "upload_fees")
        assert view.error is not None
        assert view.error["code"] == "rows_refused"
        assert [each["path"] for each in view.error["problems"]] == ["given.rows[4]"]
        assert "重复" in view.error["problems"][0]["message"]
        fees = view.result["fees"]
        assert (fees["accepted"], fees["held"]) == (3, ["ROW-0004"])

        undo = {"credential": shown(person), "level": "fees", "bill_key": "B1"}
        done(run(rig, "outpatient_undo", undo))
        mended = [item(f"NEW-{i:04d}") for i in range(6)]
        done(run(rig, "outpatient", bill(person, "B1", visit_key="B0", rows=mended), "B1-2"))
        assert len(rig.standing()) == 1 + 1


def test_a_bill_of_which_nothing_was_taken_has_no_rows_to_undo(ward: Rig) -> None:
    person = ward.person()
    done(run(ward, "outpatient", bill(person), "B1"))
    rows = [item("B1-0001"), item("B2-0002")]
    view = run(ward, "outpatient", bill(person, "B2", visit_key="B1", rows=rows), "B2")
    assert view.error is not None
    assert (view.error["code"], view.result["fees"]["held"]) == ("rows_refused", ["B1-0001"])
    undone = done(run(ward, "outpatient_undo", {"credential": shown(person), "level": "fees", "bill_key": "B2"}))
    assert not undone.result["fees_cancelled"]
    assert undone.result["cancelled"] == []
    assert len(ward.standing()) == 1


@pytest.mark.parametrize(
    ("row", "doctor", "place"),
    [
        (item("X" * 31), {}, "given.rows[1].feedetl_sn"),
        (item("ROW-0002", count="1.00001"), {}, "given.rows[1].count"),
        (item("ROW-0002", price="1.0000001"), {}, "given.rows[1].price"),
        (item("ROW-0002", hosp_appr_flag="9"), {}, "given.rows[1].hosp_appr_flag"),
        (item("ROW-0002"), {"dept_name": "科" * 101}, "given.doctor.dept_name"),
    ],
    ids=["serial", "count", "price", "approval", "department"],
)
def test_a_wrong_value_is_said_before_anything_is_sent(
    ward: Rig, row: dict[str, Any], doctor: dict[str, Any], place: str
) -> None:
    given = bill(ward.person(), rows=[item("ROW-0001"), row], doctor=DOCTOR | doctor)
    view = run(ward, "outpatient", given)
    assert (view.status, view.step) == (Status.STOPPED, "check_given")
    assert view.error is not None
    assert [each["path"] for each in view.error["problems"]] == [place]
    assert numbers(ward) == []


@pytest.mark.parametrize(
    "change",
    [
        {"rows": []}, {"chrg_bchno": "0000"}, {"diagnoses": []}, {"rows": [item("0000")]},
        {"rows": [item("ROW-1"), item("ROW-1")]}, {"rows": [item("ROW-1", count="-1")]},
        {"rows": [{**item("ROW-1"), "hosp_appr_flag": None}]},
    ],
)  # fmt: skip
def test_what_a_bill_is_given_is_checked(ward: Rig, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage):
        ward.flows.start("outpatient", bill(ward.person()) | change, key=new_key())


# -- audit -------------------------------------------------------------------------------------------------------------


def audited(rig: Rig, name: str, count: str = "3") -> dict[str, Any]:
    return bill(rig.person("local"), rows=[item("ROW-0001", count=count, order=ORDER) | {"name": name}])


@pytest.fixture(params=["show", "stop"])
def audit_rig(request: Any, tmp_path: Path) -> Iterator[Rig]:
    with rig_for(
        tmp_path,
        institution=LEVEL,
        more=f'[features]\naudit = "{request.param}"',
        **HOSPITAL,
    ) as rig:
        yield rig


def decisions(rig: Rig) -> list[tuple[str, str | None]]:
    """What was reported of each finding: the way, and the reason."""
    reported = [each.feedback or {} for each in rig.platform.world.findings.values()]
    return [(each["dspo_way"], each["reason"]) for each in reported]


def test_a_finding_is_decided_by_a_person_and_reported(audit_rig: Rig) -> None:
    given = audited(audit_rig, "测试药品", "99")
    view = run(audit_rig, "outpatient", given, "B1", audit_3101="wait")
    assert view.question is not None
    assert [option.value for option in view.question.options] == ["change", "continue"]
    assert view.question.facts[0][0].startswith("轻度可疑")
    view = go_on(audit_rig, view, audit_3101="continue", audit_3101_reason="长期用药", audit_3102="continue")
    done(view)
    findings = list(audit_rig.platform.world.findings.values())
    reported = [(each.infno, *decisions(audit_rig)[n]) for n, each in enumerate(findings)]
    assert reported == [("3101", "1", "长期用药"), ("3102", "1", "yes")]


def test_who_goes_back_to_change_has_settled_nothing(audit_rig: Rig) -> None:
    view = run(audit_rig, "outpatient", audited(audit_rig, "测试药品", "99"), "B1", audit_3101="change")
    assert (view.status, view.step) == (Status.STOPPED, "audit_before")
    assert "2204" not in numbers(audit_rig)
    assert decisions(audit_rig) == [("2", None)]


def test_a_clear_violation_stops_where_the_institution_says_so(audit_rig: Rig) -> None:
    other = "前列腺" if audit_rig.person().gender == "2" else "子宫"
    view = run(
        audit_rig,
        "outpatient",
        audited(audit_rig, f"{other}测试药"),
        "B1",
        audit_3101="continue",
        audit_3102="continue",
    )
    mode = audit_rig.deployment.features.audit
    assert view.status is (Status.DONE if mode == "show" else Status.STOPPED)
    if mode == "stop":
        assert view.error is not None
        assert view.error["code"] == "violation"
        assert audit_rig.standing() == []
        assert decisions(audit_rig) == [("2", None)]


def test_an_audit_needs_what_only_the_caller_knows(audit_rig: Rig) -> None:
    view = run(audit_rig, "outpatient", bill(audit_rig.person()))
    assert view.error is not None
    assert view.error["problems"][0]["path"] == "given.rows[0].order"
    assert "2201" not in numbers(audit_rig)


def test_nothing_found_asks_nothing(audit_rig: Rig) -> None:
    done(run(audit_rig, "outpatient", audited(audit_rig, "测试药品"), "B1", audit_3101="wait", audit_3102="wait"))
    assert "3103" not in numbers(audit_rig)


# -- amounts that contradict each other --------------------------------------------------------------------------------


def falsified(rig: Rig, infno: str) -> None:
    """Let the platform state a total of cash that fits nothing."""
    inner = rig.platform.handlers[infno]

    def handler(request: Any) -> Any:
        answer = inner(request)
        answer["setlinfo"]["psn_cash_pay"] += Decimal("1.00")
        return answer

    rig.platform.handlers[infno] = handler


def test_a_contradictory_pre_settlement_stops_before_money_moves(ward: Rig) -> None:
    falsified(ward, "2206")
    view = run(ward, "outpatient", bill(ward.person()), "B1")
    assert (view.status, view.step) == (Status.STOPPED, "pre_settle")
    assert view.error is not None
    assert view.error["code"] == "broken_trial"
    assert "2207" not in numbers(ward)


def test_a_contradictory_settlement_stands_and_is_said(ward: Rig) -> None:
    falsified(ward, "2207")
    view = done(run(ward, "outpatient", bill(ward.person()), "B1"))
    assert ward.standing() == [view.result["settlement"].setl_id]
    assert any("金额关系却不成立" in sentence for sentence in view.advice)


# -- backwards ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "calls"),
    [("settlement", ["2208"]), ("fees", ["2208", "2205"]), ("registration", ["2208", "2205", "2202"])],
)
def test_each_level_is_undone_from_the_end(ward: Rig, level: str, calls: list[str]) -> None:
    person = ward.person()
    before = person.covers[0].balance
    charged = done(run(ward, "outpatient", bill(person, use_account=True), "B1"))
    assert sum("POS" in sentence for sentence in charged.advice) == 1
    assert person.covers[0].balance < before
    given = {"credential": shown(person), "level": level, "bill_key": "B1"}
    view = done(run(ward, "outpatient_undo", given, "U1"))
    assert [n for n in numbers(ward) if n in ("2208", "2205", "2202")] == calls
    assert ward.standing() == []
    assert person.covers[0].balance == before
    assert view.result["cancelled"][0].split.total == yuan("-159.99")
    sent = len(ward.platform.requests)
    assert run(ward, "outpatient_undo", given, "U1").id == view.id
    assert len(ward.platform.requests) == sent


@pytest.mark.parametrize("infno", ["2208", "2205", "2202"])
def test_a_lost_answer_of_an_undo_is_found_out(ward: Rig, infno: str) -> None:
    person = ward.person()
    done(run(ward, "outpatient", bill(person), "B1"))
    ward.strike(Fault.ANSWER_LOST, infno)
    given = {"credential": shown(person), "level": "registration", "bill_key": "B1"}
    done(run(ward, "outpatient_undo", given, "U1"))
    assert numbers(ward).count(infno) == 1
    assert ward.standing() == []


def test_levels_one_after_the_other(ward: Rig) -> None:
    person = ward.person()
    done(run(ward, "outpatient", bill(person), "B1"))
    for level in ("settlement", "fees", "registration"):
        given = {"credential": shown(person), "level": level, "bill_key": "B1"}
        done(run(ward, "outpatient_undo", given, level))
    assert [n for n in numbers(ward) if n in ("2208", "2205", "2202")] == ["2208", "2205", "2202"]
    again = {"credential": shown(person), "level": "settlement", "bill_key": "B1"}
    view = run(ward, "outpatient_undo", again)
    assert (view.status, view.step) == (Status.STOPPED, "look")


def test_with_the_registration_all_bills_are_undone(ward: Rig) -> None:
    person = ward.person()
    view = done(run(ward, "outpatient", bill(person), "B1"))
    done(run(ward, "outpatient", bill(person, "B2", visit_key="B1"), "B2"))
    given = {
        "credential": shown(person), "level": "registration", "mdtrt_id": view.result["visit"]["mdtrt_id"],
        "ipt_otp_no": "O1", "insured_place": person.covers[0].place,
    }  # fmt: skip
    done(run(ward, "outpatient_undo", given, "U1"))
    assert numbers(ward).count("2208") == 2
    assert ward.standing() == []


def test_an_undo_needs_the_patients_credential_and_a_yes(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    given = {"credential": shown(ward.person("retired")), "level": "settlement", "bill_key": "B1"}
    view = run(ward, "outpatient_undo", given)
    assert view.error is not None
    assert view.error["code"] == "other_person"
    view = run(ward, "outpatient_undo", given | {"credential": shown(ward.person())}, confirm_undo="no")
    assert view.status is Status.STOPPED
    assert len(ward.standing()) == 1
    assert ward.flows.abandon(view.id).status is Status.ABANDONED


# -- a registration by itself, and a settlement made again -------------------------------------------------------------


def test_a_visit_is_registered_at_one_desk_and_charged_at_another(ward: Rig) -> None:
    """挂号在挂号处，收费在收费处：第一张单要给诊断，同一就诊再开的不用."""
    person = ward.person()
    given = {"credential": shown(person), "ipt_otp_no": "O1", "doctor": DOCTOR}
    registered = done(run(ward, "outpatient_registration", given, "G1"))
    view = run(ward, "outpatient", bill(person, visit_key="G1", diagnoses=[]), "B0")
    assert view.error is not None
    assert view.error["problems"][0]["path"] == "given.diagnoses"
    first = done(run(ward, "outpatient", bill(person, visit_key="G1"), "B1"))
    done(run(ward, "outpatient", bill(person, "B2", visit_key="G1", diagnoses=[]), "B2"))
    assert first.result["visit"]["mdtrt_id"] == registered.result["visit"]["mdtrt_id"]
    assert (numbers(ward).count("2201"), numbers(ward).count("2203"), len(ward.standing())) == (1, 1, 2)


def test_a_registration_is_taken_back_and_nothing_else_of_it_can_be(ward: Rig) -> None:
    person = ward.person()
    given = {"credential": shown(person), "ipt_otp_no": "O1", "doctor": DOCTOR}
    done(run(ward, "outpatient_registration", given, "G1"))
    back = {"credential": shown(person), "bill_key": "G1"}
    view = run(ward, "outpatient_undo", back | {"level": "fees"}, "U1")
    assert "只挂了号" in str(view.error)
    done(run(ward, "outpatient_undo", back | {"level": "registration"}, "U2"))
    assert [each for each in numbers(ward) if each.startswith("22")] == ["2201", "2202"]


def test_a_settlement_that_was_taken_back_is_made_again(ward: Rig) -> None:
    """四川 六章 门诊撤销 3：只重新结算时，2208 之后 2206A、2207A；明细不再传."""
    person = ward.person()
    done(run(ward, "outpatient", bill(person, use_account=True), "B1"))
    again = {"credential": shown(person), "bill_key": "B1"}
    view = run(ward, "outpatient_settle_again", again, "S0")
    assert (view.status, view.step) == (Status.STOPPED, "look")
    assert "还没有撤销" in str(view.error)
    done(run(ward, "outpatient_undo", again | {"level": "settlement"}, "U1"))
    before = len(numbers(ward))
    view = done(run(ward, "outpatient_settle_again", again | {"use_account": False}, "S1"))
    sent = [each for each in numbers(ward)[before:] if each.startswith("22")]
    assert (sent, len(ward.standing())) == (["2206", "2207"], 1)
    assert (view.result["settlement"].split.total, view.result["settlement"].split.account) == (Decimal("159.99"), 0)
    done(run(ward, "outpatient_undo", {"credential": shown(person), "bill_key": "S1", "level": "fees"}, "U2"))
    view = run(ward, "outpatient_settle_again", again, "S2")
    assert "没有这张单的明细" in str(view.error)
    assert ward.standing() == []


# -- partial refunds ---------------------------------------------------------------------------------------------------


def refund(rig: Rig, *returns: tuple[str, str], **more: Any) -> dict[str, Any]:
    back = [{"feedetl_sn": serial, "count": count} for serial, count in returns]
    return {"credential": shown(rig.person()), "bill_key": "B1", "returns": back, **more}


def test_a_partial_refund_leaves_the_right_money(ward: Rig) -> None:
    before = ward.person().covers[0].balance
    done(run(ward, "outpatient", bill(ward.person(), use_account=True), "B1"))
    view = done(run(ward, "outpatient_partial_refund", refund(ward, ("B1-0001", "1"), ("B1-0002", "2")), "R1"))
    settlement = view.result["settlement"]
    assert ward.standing() == [settlement.setl_id]
    assert settlement.split.total == ledger(ward)["medfee_sumamt"] == yuan("66.66")
    assert ward.person().covers[0].balance == before - ledger(ward)["acct_pay"]
    rows = ward.platform.world.settlements[settlement.setl_id].rows
    assert [(row.split.feedetl_sn, row.split.count) for row in rows] == [("B1-0001", yuan("2"))]
    again = run(ward, "outpatient_partial_refund", refund(ward, ("B1-0001", "1"), ("B1-0002", "2")), "R1")
    assert again.id == view.id
    assert len(ward.standing()) == 1


@pytest.mark.parametrize("infno", ["2208", "2205", "2204", "2207"])
def test_a_partial_refund_is_done_exactly_once(ward: Rig, infno: str) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    ward.strike(Fault.ANSWER_LOST, infno)
    done(run(ward, "outpatient_partial_refund", refund(ward, ("B1-0001", "1")), "R1"))
    assert ledger(ward)["medfee_sumamt"] == yuan("126.66")
    assert [numbers(ward).count(n) for n in ("2208", "2205", "2204", "2207")] == [1, 1, 2, 2]


def test_a_partial_refund_goes_on_after_its_process(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    view = run(ward, "outpatient_partial_refund", refund(ward, ("B1-0001", "1")), "R1", confirm="wait")
    assert ward.standing() == []
    with Runtime(ward.deployment) as other:
        again = Flows(other).start("outpatient_partial_refund", refund(ward, ("B1-0001", "1")), key="R1")
        assert again.id == view.id
        assert Flows(other).answer(view.id, "yes").status is Status.DONE
    assert ledger(ward)["medfee_sumamt"] == yuan("126.66")


def test_a_refund_of_a_refund_and_of_all(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    done(run(ward, "outpatient_partial_refund", refund(ward, ("B1-0001", "1")), "R1"))
    second = refund(ward, ("B1-0001", "1")) | {"bill_key": "R1"}
    done(run(ward, "outpatient_partial_refund", second, "R2"))
    assert ledger(ward)["medfee_sumamt"] == yuan("93.33")
    rest = refund(ward, ("B1-0001", "1"), ("B1-0002", "2")) | {"bill_key": "R2"}
    view = done(run(ward, "outpatient_partial_refund", rest, "R3"))
    assert view.result["settlement"] is None
    assert ward.standing() == []


def test_without_returns_the_bill_is_settled_once_more(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person(), use_account=True), "B1"))
    view = done(run(ward, "outpatient_partial_refund", refund(ward, use_account=False), "R1"))
    assert view.result["settlement"].split.account == 0
    assert numbers(ward).count("2204") == 1
    assert "2205" not in numbers(ward)


@pytest.mark.parametrize("returns", [("B1-0001", "4"), ("B1-0009", "1")])
def test_no_more_comes_back_than_there_was(ward: Rig, returns: tuple[str, str]) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    view = run(ward, "outpatient_partial_refund", refund(ward, returns))
    assert (view.status, view.step) == (Status.STOPPED, "find_settled_bill")
    assert len(ward.standing()) == 1


def test_a_refund_is_settled_with_the_same_kind_of_credential(ward: Rig) -> None:
    done(run(ward, "outpatient", bill(ward.person()), "B1"))
    given = refund(ward, ("B1-0001", "1")) | {"credential": shown(ward.person(), "01")}
    view = run(ward, "outpatient_partial_refund", given)
    assert (view.status, view.step) == (Status.STOPPED, "check_same_credential")
    assert len(ward.standing()) == 1


def test_only_what_was_started_here_can_be_named(ward: Rig) -> None:
    given = {"credential": shown(ward.person()), "level": "settlement", "bill_key": "nothing"}
    view = run(ward, "outpatient_undo", given)
    assert view.error is not None
    assert view.error["code"] == FlowStopped.code
