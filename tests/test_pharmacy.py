"""药店购药 and 药店退药: the flow with its questions, its stops and its way back."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedside import DIAGNOSES, DOCTOR, LEVEL, ORDER
from dying import Died, doomed
from liangding.contract.questions import BadAnswer
from liangding.contract.simulation import Refuse
from liangding.errors import BadKey, InvalidMessage, OutcomeUnknown
from liangding.flows import Flows, FlowStopped, Status
from liangding.flows.pharmacy import PharmacyPurchase
from liangding.journal.journal import KeyConflict
from liangding.journal.store import JournalUnavailable
from liangding.receipts.slips import capital
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.workflow.records import Record, Records
from support import Rig, bill, new_key, rig_for, run_flow

YES = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}
CODES = ("81000000000000000001", "81000000000000000002")


def buy(rig: Rig, case: str = "local", receipt: str = "R1", **more: Any) -> Any:
    given = bill(rig.person(case), receipt, **more)
    return run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key=receipt), YES)


@pytest.mark.parametrize("how", ["show", "stop"])
def test_a_purchase_is_audited_before_and_while_it_is_settled(tmp_path: Path, how: str) -> None:
    """东莞 附件6 药店：3101 事前、3102 事中、3103 反馈."""
    with rig_for(tmp_path, institution=LEVEL, more=f'[features]\naudit = "{how}"') as rig:
        plain, sent = buy(rig, receipt="R0"), [each[1] for each in rig.platform.requests]
        if how == "show":
            assert plain.status is Status.DONE
            assert any("没有做明细审核" in sentence for sentence in plain.advice)
        else:
            wanting = [each["path"] for each in plain.error["problems"]]
            assert wanting == ["given.doctor", "given.diagnoses", "given.rows[0].order", "given.rows[1].order"]
            assert "2101" not in sent
        given = bill(rig.person(), "R1", doctor=DOCTOR, diagnoses=DIAGNOSES, use_account=False)
        given["rows"] = [{**row, "order": ORDER, "name": "测试药品"} for row in given["rows"]]
        given["rows"][0]["count"] = "99"
        view = rig.flows.start("pharmacy_purchase", given, key="R1")
        assert view.question is not None
        assert (view.question.id, view.question.facts[0][0]) == ("audit_3101", "轻度可疑 超量开药")
        why = {"audit_3101": "continue", "audit_3101_reason": "长期用药", "audit_3102": "continue"}
        view = run_flow(rig.flows, view, YES | why | {"audit_3102_reason": "长期用药"})
        assert view.status is Status.DONE, view.error
        assert [each.infno for each in view.result["audits"]] == ["3101", "3102"]
        assert [each.feedback and each.feedback["dspo_way"] for each in rig.platform.world.findings.values()] == [
            "1",
            "1",
        ]
        asked = json.loads(rig.runtime.journal.latest(infno="3101", limit=1)[0].request)["input"]["data"]
        visit = asked["patient_dtos"][0]["fsi_encounter_dtos"][0]
        assert (asked["trig_scen"], visit["med_mdtrt_type"], visit["mdtrt_id"]) == ("11", "3", "R1")


def test_a_whole_purchase(rig: Rig) -> None:
    view = buy(rig, codes=CODES)
    assert view.status is Status.DONE
    settlement = view.result["settlement"]
    assert rig.standing() == [settlement.setl_id]
    assert settlement.split == view.result["trial"]
    assert settlement.split.total == Decimal("112.40")
    assert settlement.split.account + settlement.split.cash + settlement.split.fund == settlement.split.total
    assert settlement.setl_id in view.result["slip"]
    assert "请勿再刷 POS" in view.result["slip"]
    assert set(rig.platform.world.sold) == set(CODES)


def test_a_person_of_several_places_is_asked_which(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person("several_cities")), key=new_key())
    assert view.question is not None
    assert [option.value for option in view.question.options] == ["441900", "440100"]
    view = run_flow(rig.flows, view, YES | {"insured_place": "440100"})
    assert view.result["settlement"].split.balance < Decimal("95.30")
    assert next(iter(rig.platform.world.settlements.values())).clr_type == "9904"


def test_questions_answered_in_advance_are_not_asked(rig: Rig) -> None:
    given = bill(rig.person("several_cities"), insured_place="440100", use_account=False)
    view = rig.flows.start("pharmacy_purchase", given, key=new_key())
    assert view.question is not None
    assert view.question.id == "confirm"
    assert dict(view.question.facts)["个人账户支付"] == "0.00"


@pytest.mark.parametrize(
    ("case", "infno", "insutype"),
    [
        ("local", "2102", "310"),
        ("province", "2102", "310"),
        ("cross", "2102", "310"),
        ("retired", "2102", "310"),
        ("resident", "2102", "390"),
        ("paused_and_normal", "2102", "390"),
    ],
)
def test_who_settles_by_what(rig: Rig, case: str, infno: str, insutype: str) -> None:
    view = buy(rig, case)
    assert (view.result["settlement"].infno, view.result["insurance"].insutype) == (infno, insutype)


@pytest.mark.parametrize("kind", ["01", "02", "03"])
def test_all_three_credentials(rig: Rig, kind: str) -> None:
    person = rig.person()
    number = {"01": person.token, "02": person.certno, "03": person.card_no}[kind]
    credential = {"type": kind, "number": number} | ({"card_sn": person.card_sn} if kind == "03" else {})
    view = rig.flows.start("pharmacy_purchase", bill(person) | {"credential": credential}, key=new_key())
    assert run_flow(rig.flows, view, YES).status is Status.DONE


@pytest.mark.parametrize("case", ["hong_kong", "macao", "taiwan", "foreigner"])
def test_other_documents_are_asked_by_their_number(rig: Rig, case: str) -> None:
    person = rig.person(case)
    for kind in ("02", "99"):
        credential = {"type": kind, "number": person.certno, "cert_type": person.cert_type}
        view = rig.flows.start(
            "pharmacy_purchase", bill(person, f"{case}{kind}") | {"credential": credential}, key=new_key()
        )
        assert run_flow(rig.flows, view, YES).status is Status.DONE


def test_a_suspended_person_is_told_why(rig: Rig) -> None:
    view = buy(rig, "suspended")
    assert (view.status, view.error["code"]) == (Status.STOPPED, "not_insured")
    assert "暂停参保" in view.error["message"]
    assert rig.standing() == []


def test_a_person_who_does_not_confirm_is_not_charged(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key=new_key())
    view = run_flow(rig.flows, view, YES | {"confirm": "no"})
    assert view.status is Status.STOPPED
    assert rig.standing() == []
    assert rig.flows.abandon(view.id).status is Status.ABANDONED


def test_the_same_key_returns_the_same_purchase(rig: Rig) -> None:
    view = buy(rig)
    sent = len(rig.platform.requests)
    assert buy(rig).id == view.id
    assert len(rig.platform.requests) == sent
    with pytest.raises(KeyConflict):
        rig.flows.start("pharmacy_purchase", bill(rig.person(), "R2"), key="R1")


def test_a_purchase_goes_on_in_another_process(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), codes=CODES), key=new_key())
    with Runtime(rig.deployment) as other:
        view = run_flow(Flows(other), Flows(other).get(view.id), YES)
    assert view.status is Status.DONE
    assert rig.flows.get(view.id).result["slip"] == view.result["slip"]


@pytest.mark.parametrize("name", [step.name for step in PharmacyPurchase.steps])
def test_a_purchase_outlives_its_process(rig: Rig, name: str) -> None:
    given, answers = bill(rig.person(), codes=CODES, use_account=True), {"confirm": "yes"}
    with doomed(rig, PharmacyPurchase.name, name) as flows, contextlib.suppress(Died):
        run_flow(flows, flows.start(PharmacyPurchase.name, given, key="R1"), answers)
    view = run_flow(rig.flows, rig.flows.start(PharmacyPurchase.name, given, key="R1"), answers)
    assert view.status is Status.DONE, (view.step, view.error)
    assert (rig.sent("2102"), rig.sent("3505")) == (1, 1)


def test_an_unknown_settlement_stops_the_flow_there(rig: Rig) -> None:
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    view = buy(rig)
    assert (view.status, view.step, view.error["code"]) == (Status.UNKNOWN, "settle", "outcome_unknown")
    assert rig.flows.resume(view.id).status is Status.UNKNOWN
    with pytest.raises(FlowStopped):
        rig.flows.abandon(view.id)
    assert rig.sent("2102") == 1


def test_a_refused_upload_hides_neither_settlement_nor_slip(rig: Rig) -> None:
    def refuses(request: Any) -> Any:
        raise Refuse("药师未备案")

    rig.platform.handlers["3505"] = refuses
    view = buy(rig, codes=CODES)
    assert (view.status, len(rig.standing())) == (Status.DONE, 1), view.error
    assert (view.debts[0].error["message"], view.result["uploaded"]) == ("药师未备案", [])
    assert "个人现金支付" in view.result["slip"]


def test_a_code_that_is_sold_already_stops_the_purchase_before_money_moves(rig: Rig) -> None:
    buy(rig, receipt="R1", codes=CODES)
    view = buy(rig, "retired", "R2", codes=CODES[:1])
    assert (view.status, view.step) == (Status.STOPPED, "settle")
    assert len(rig.standing()) == 1


@pytest.mark.parametrize("mode", ["single", "batch"])
def test_a_refund_takes_everything_back(tmp_path: Path, mode: str) -> None:
    with rig_for(tmp_path, more=f'[features]\nsale_upload = "{mode}"') as rig:
        before = rig.person().covers[0].balance
        bought = buy(rig, codes=CODES)
        given = {"credential": {"type": "01", "number": rig.person().token}, "purchase": bought.id}
        view = run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key="back"), YES)
        assert view.status is Status.DONE, view.error
        assert rig.standing() == []
        assert rig.person().covers[0].balance == before
        assert all(sold.returned for sold in rig.platform.world.sold.values())
        assert "-112.40" in view.result["slip"]
        again = buy(rig, receipt="R2", codes=CODES)
        assert again.status is Status.DONE


def test_a_refund_that_nobody_confirms_is_asked_about_again(rig: Rig) -> None:
    buy(rig)
    given = {"credential": {"type": "01", "number": rig.person().token}, "purchase_key": "R1"}
    view = run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key="back"), {"confirm": "no"})
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "not_confirmed")
    view = rig.flows.resume(view.id)
    assert (view.status, view.question and view.question.id) == (Status.QUESTION, "confirm")
    assert len(rig.standing()) == 1
    assert run_flow(rig.flows, view, YES).status is Status.DONE
    assert rig.standing() == []


def test_a_refund_needs_the_buyers_credential(rig: Rig) -> None:
    buy(rig)
    given = {"credential": {"type": "01", "number": rig.person("retired").token}, "purchase_key": "R1"}
    view = rig.flows.start("pharmacy_refund", given, key=new_key())
    assert view.error is not None
    assert view.error["code"] == "other_person"
    assert len(rig.standing()) == 1


def test_a_refund_by_the_settlement_alone(rig: Rig) -> None:
    settled = buy(rig).result["settlement"]
    given = {
        "credential": {"type": "02", "number": rig.person().certno}, "setl_id": settled.setl_id,
        "mdtrt_id": settled.mdtrt_id, "insured_place": "441900",
    }  # fmt: skip
    assert run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key=new_key()), YES).status is Status.DONE
    assert rig.standing() == []


def test_a_settlement_is_not_taken_back_twice(rig: Rig) -> None:
    buy(rig)
    given = {"credential": {"type": "01", "number": rig.person().token}, "purchase_key": "R1"}
    for key, status in (("a", Status.DONE), ("b", Status.STOPPED)):
        view = run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key=key), YES)
        assert view.status is status


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rows": []}, "given"),
        ({"receipt": "x"}, "given.receipt"),
        ({"credential": {"type": "01"}}, "given.credential.number"),
        ({"rows": [{"feedetl_sn": "1"}]}, "given.rows[0].med_list_codg"),
        ({"use_account": "yes"}, "given.use_account"),
    ],
)
def test_what_a_flow_is_given_is_checked(rig: Rig, change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidMessage) as caught:
        rig.flows.start("pharmacy_purchase", bill(rig.person()) | change, key=new_key())
    assert place in [problem.where for problem in caught.value.problems]


def test_only_the_question_that_is_asked_can_be_answered(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key=new_key())
    with pytest.raises(BadAnswer):
        rig.flows.answer(view.id, "2")
    with pytest.raises(BadAnswer):
        rig.flows.answer(view.id, "yes", question="confirm")


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("6.50", "陆元伍角整"),
        ("10.03", "壹拾元零叁分"),
        ("1204.50", "壹仟贰佰零肆元伍角整"),
        ("100000.00", "壹拾万元整"),
        ("1000001.01", "壹佰万零壹元零壹分"),
        ("20305.67", "贰万零叁佰零伍元陆角柒分"),
        ("-112.40", "负壹佰壹拾贰元肆角整"),
    ],
)
def test_amounts_in_capitals(amount: str, written: str) -> None:
    assert capital(Decimal(amount)) == written


def test_a_contradictory_pre_settlement_stops_before_money_moves(rig: Rig) -> None:
    inner = rig.platform.handlers["2101"]

    def falsified(request: Any) -> Any:
        answer = inner(request)
        answer["setlinfo"]["psn_cash_pay"] += Decimal("1.00")
        return answer

    rig.platform.handlers["2101"] = falsified
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=False), key=new_key())
    assert view.error is not None
    assert (view.status, view.step, view.error["code"]) == (Status.STOPPED, "pre_settle", "broken_trial")
    assert rig.sent("2102") == 0


# -- what a till does when it is in doubt ------------------------------------------------------------------------------


def test_the_order_of_keys_and_a_freshly_scanned_code_are_not_other_content(rig: Rig) -> None:
    given = bill(rig.person())
    first = rig.flows.start("pharmacy_purchase", given, key="R1")
    turned = dict(reversed(given.items())) | {"credential": {"type": "02", "number": rig.person().certno}}
    again = rig.flows.start("pharmacy_purchase", turned, key="R1")
    assert again.id == first.id
    assert run_flow(rig.flows, again, YES).status is Status.DONE
    assert run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key="R1"), YES).status is Status.DONE
    assert len(rig.standing()) == 1
    assert next(iter(rig.platform.world.visits.values())).cert_type == "02"


def test_a_flow_that_is_under_way_cannot_be_given_up(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key=new_key())
    view = rig.flows.answer(view.id, "1")
    settle = rig.platform.handlers["2102"]
    refused: list[str] = []

    def meanwhile(request: Any) -> Any:
        try:
            rig.flows.abandon(view.id)
        except FlowStopped as busy:
            refused.append(busy.code)
        return settle(request)

    rig.platform.handlers["2102"] = meanwhile
    assert rig.flows.answer(view.id, "yes").status is Status.DONE
    assert refused == ["flow_busy"]


def test_money_that_moved_is_never_reported_as_nothing_happened(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=True), key=new_key())
    keep = Records.keep
    kept = iter(range(10))

    def full(self: Records, record: Record, **more: Any) -> bool:
        if next(kept) >= 2:
            raise JournalUnavailable("流水库不可用：disk full")
        return keep(self, record, **more)

    with monkeypatch.context() as broken:
        broken.setattr(Records, "keep", full)
        with pytest.raises(OutcomeUnknown):
            rig.flows.answer(view.id, "yes")
    assert len(rig.standing()) == 1
    assert rig.flows.resume(view.id).status is Status.DONE
    assert (len(rig.standing()), rig.sent("2102")) == (1, 1)


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
def test_a_key_that_cannot_be_one_is_refused(rig: Rig, key: str) -> None:
    with pytest.raises(BadKey):
        rig.flows.start("pharmacy_purchase", bill(rig.person()), key=key)
    with pytest.raises(BadKey):
        rig.settle(key=key)
