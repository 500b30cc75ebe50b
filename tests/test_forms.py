"""Whatever form an answer has, and whatever a raw call brings: bounded, recorded, and never an exception."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import test_mobile_payment as payment
import test_prescriptions as prescriptions
import test_registrations as registrations
from bedside import HOSPITAL, admission, bill, done, go_on, item, run, shown
from liangding.errors import InvalidMessage, NoAnswer
from liangding.flows import Status
from liangding.journal import State
from liangding.simulator.faults import Fault
from liangding.wire.json import decode, encode_plain
from support import Rig, new_key, purchase, rig_for, simulated_rig_for
from test_online_line import HOSPITAL as CENTRES

# -- what is read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200 + "]" * 200, '{"a":' * 200 + "1" + "}" * 200, "[" * 100_000, "1E+1000", "1e-1000", "1E999999999999",
        "0." + "1" * 100, "[" + "[]," * 200 + "[" * 150 + "]" * 150 + "]",
    ],
)  # fmt: skip
def test_what_goes_too_deep_or_has_too_many_digits_is_no_json(text: str) -> None:
    for form in (text, text.encode()):
        with pytest.raises(ValueError):  # noqa: PT011
            decode(form)


def test_what_is_wide_or_long_is_read() -> None:
    assert len(decode("[" + ",".join(["[1.10]"] * 5000) + "]")) == 5000
    assert decode("[" * 90 + "]" * 90) is not None
    assert str(decode("1.10")) == "1.10"


@pytest.mark.parametrize("body", [b"[" * 5000, b'{"infcode":0,"output":' + b"[" * 150 + b"]" * 150 + b"}",
                                  b'{"infcode":0,"output":{"setlinfo":{"medfee_sumamt":1E+999999}}}'])  # fmt: skip
def test_an_answer_without_bounds_is_looked_into_and_nothing_breaks(tmp_path: Path, body: bytes) -> None:
    from test_resolution import Replacing

    with simulated_rig_for(tmp_path) as sim:
        sim.runtime.sign_in(sim.deployment.operators[0])
        sim.runtime.transport = Replacing(sim.runtime.transport, "2102", body, before=False)  # type: ignore[arg-type]
        answer = sim.settle(key="B1")
        assert [answer.output.setlinfo.setl_id] == sim.standing()
        kinds = [event.kind for event in sim.runtime.journal.history(answer.call_id)]
        assert sim.runtime.journal.call(answer.call_id).failure != "broke_off"
        assert "broke_off" not in kinds


FORMS: dict[str, Any] = {
    "a text": "密文", "a number": 5, "true": True, "nothing": None, "no rows": [], "texts": ["a", "b"], "nulls": [None],
    "rows in rows": [[{"a": 1}]], "empty": {},
}  # fmt: skip


def bent(told: Any, form: str, inside: bool) -> Any:
    """An output in another form: the whole of it, or each node of it."""
    return dict.fromkeys(told or ("data",), FORMS[form]) if inside and isinstance(told, dict | None) else FORMS[form]


@pytest.mark.parametrize("inside", [False, True], ids=["the whole", "its nodes"])
@pytest.mark.parametrize("form", FORMS)
def test_every_answer_of_a_visit_is_read_in_every_form(tmp_path: Path, form: str, inside: bool) -> None:
    """The first answer to each question and each change of a bill and its undo comes in that form: a sentence or the
    truth, never an exception, and the business ends well when it goes on."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as sim:
        person, whole = sim.person(), dict(sim.platform.handlers)
        left = {"1101", "2201", "2203", "2204", "2206", "2207", "5204", "5203", "2208", "2205", "2202", "5201", "5202"}

        def handler(infno: str, request: Any) -> Any:
            told = whole[infno](request)
            if infno not in left:
                return told
            left.remove(infno)
            return bent(told, form, inside)

        sim.platform.handlers.update({infno: partial(handler, infno) for infno in left})
        back = {"credential": shown(person), "bill_key": "outpatient", "level": "registration"}
        for flow, given in (("outpatient", bill(person)), ("outpatient_undo", back)):
            view = run(sim, flow, given, flow)
            for _ in range(12):
                assert (view.error or {"code": ""})["code"] != "broke_off", view.error
                if view.status is not Status.DONE:
                    sim.let_pass(200)
                    view = go_on(sim, sim.flows.resume(view.id))
            assert view.status is Status.DONE, (flow, view.step, view.error)
        assert (sim.standing(), sim.runtime.journal.pending(), sim.runtime.journal.verify()) == ([], [], [])
        made = sim.runtime.journal.latest(limit=200)
        assert "broke_off" not in {event.kind for call in made for event in sim.runtime.journal.history(call.id)}


NO_AMOUNTS = [
    None,
    "1e50",
    "1E+29",
    "9" * 70,
    "1e999999",
    "-1e25",
    Decimal("1E50"),
    Decimal(123456789012345678),
    "1,159.99",
    "NaN",
]


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=range(len(NO_AMOUNTS)))
def test_what_was_settled_at_no_amount_that_there_is_was_settled(tmp_path: Path, amount: Any) -> None:
    """Every amount of the answer is one of these: the flow goes on to its slip, and what stands is told."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as sim:
        whole = dict(sim.platform.handlers)

        def odd(node: dict[str, Any]) -> dict[str, Any]:
            return {name: amount if isinstance(held, Decimal) else held for name, held in node.items()}

        def settled(request: Any) -> Any:
            told = whole["2207"](request)
            return told | {"setlinfo": odd(told["setlinfo"])}

        def uploaded(request: Any) -> Any:
            told = whole["2204"](request)
            return told | {"result": [odd(row) for row in told["result"]]}

        sim.platform.handlers |= {"2204": uploaded, "2207": settled}
        view = done(run(sim, "outpatient", bill(sim.person()), "B1"))
        assert [view.result["settlement"].setl_id] == sim.standing()


@pytest.mark.parametrize("form", ["a text", "nothing", "texts"])
def test_every_answer_of_an_online_service_is_read_in_every_form(tmp_path: Path, form: str) -> None:
    """All that is asked of the centres of payment and prescriptions, and a registration whose outcome cannot be asked
    for: each ends in a sentence or well, and money is not said to be refunded where nobody says so."""
    centres = {"gateway": "plain", "services": {"payment": "", **prescriptions.AT_CENTRE}}
    with simulated_rig_for(tmp_path, **CENTRES, **centres) as sim:
        person, whole = sim.person(), dict(sim.platform.handlers)
        assert payment.paid(sim).status is Status.DONE
        assert prescriptions.uploaded(sim).status is Status.DONE
        sim.platform.handlers.update({infno: lambda _: FORMS[form] for infno in whole if infno[0] in "67"})
        sim.platform.handlers["2507"] = lambda _: FORMS[form]
        injury = {"credential": shown(person), "facts": registrations.INJURY}
        for flow, given in (
            ("mobile_payment", payment.given(sim, "ORDER2")),
            ("mobile_payment_refund", {"refund_no": "R1", "order_key": "ORDER1", "pay_auth_no": "AUTH1"}),
            ("prescription_outcome", {"prescription_key": "RX1"}),
            ("register_injury", injury),
        ):
            view = run(sim, flow, given, f"K-{flow}")
            for _ in range(2):
                assert (view.error or {"code": ""})["code"] not in ("broke_off", "not_recalled"), view.error
                sim.let_pass(200)
                view = go_on(sim, sim.flows.resume(view.id))
            assert (view.status is Status.DONE) is (flow == "register_injury"), (flow, view.error)
            assert view.result.get("paid", False) is False
        made = sim.runtime.journal.latest(limit=200)
        assert "broke_off" not in {event.kind for call in made for event in sim.runtime.journal.history(call.id)}


@pytest.mark.parametrize("number", ["S1\0", "9" * 5000, "S1\x1b"], ids=["a zero", "too long", "a control character"])
def test_a_settlement_whose_number_cannot_be_asked_with_is_not_clear(tmp_path: Path, number: str) -> None:
    """What a look finds has a number that no message can bring: nothing breaks off, and it is found when it has one."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as sim:
        whole = sim.platform.handlers["5204"]

        def handler(request: Any) -> Any:
            told = whole(request)
            return [row | {"setl_id": number} for row in told] if isinstance(told, list) else told

        sim.platform.handlers["5204"] = handler
        sim.strike(Fault.ANSWER_LOST, "2207")
        view = run(sim, "outpatient", bill(sim.person()), "B1")
        sim.let_pass(200)
        call = sim.runtime.journal.latest(infno="2207", limit=1)[0]
        assert call.state is State.UNKNOWN
        assert "broke_off" not in {event.kind for event in sim.runtime.journal.history(call.id)}
        sim.platform.handlers["5204"] = whole
        sim.let_pass(4000)
        assert [done(go_on(sim, sim.flows.resume(view.id))).result["settlement"].setl_id] == sim.standing()


# -- what leaves -------------------------------------------------------------------------------------------------------


def test_numbers_leave_written_out() -> None:
    numbers = {"a": [Decimal("1E+2"), Decimal("1E-8"), Decimal("1.50"), 7], "b": "1E+2"}
    assert encode_plain(numbers) == b'{"a":[100,0.00000001,1.50,7],"b":"1E+2"}'


@pytest.mark.parametrize("value", ["1E+2", Decimal("1E+2")])
def test_a_call_sends_plain_decimals(rig: Rig, value: Any) -> None:
    message = purchase(rig.person())
    message["drugdetail"][0] |= {"cnt": value, "pric": "1", "det_item_fee_sumamt": value}
    message["druginfo"]["medfee_sumamt"] = value
    answer = rig.runtime.call("2102", message, key=new_key(), insured_place="441900")
    sent = rig.runtime.journal.call(answer.call_id).request
    assert b"E+" not in sent
    assert b'"medfee_sumamt":100' in sent


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"cnt": "-1", "det_item_fee_sumamt": "-100.00"}, "cnt"),
        ({"pric": "-100", "det_item_fee_sumamt": "-100.00"}, "pric"),
        ({"det_item_fee_sumamt": "-100.00"}, "det_item_fee_sumamt"),
    ],
)
def test_a_raw_bill_below_zero_is_refused_before_it_leaves(rig: Rig, change: dict[str, str], where: str) -> None:
    message = purchase(rig.person())
    message["drugdetail"][0] |= change
    message["druginfo"]["medfee_sumamt"] = "-100.00"
    for infno in ("2101", "2102"):
        with pytest.raises(InvalidMessage) as caught:
            rig.runtime.call(infno, message, key=new_key(), insured_place="441900")
        assert where in {problem.field for problem in caught.value.problems}
    assert rig.sent("2101") == rig.sent("2102") == 0


def test_a_row_that_gives_back_another_may_be_below_zero(ward: Rig) -> None:
    done(run(ward, "admission", admission(ward.person()), "A1"))
    rows = [item("FEE-0001", "500", "4"), item("FEE-0002", "500", "-1", init_feedetl_sn="FEE-0001")]
    for row in rows:
        done(run(ward, "inpatient_fees", {"stay": {"admission_key": "A1"}, "rows": [row], **DOCTOR}))
    assert ward.sent("2301") == 2


DOCTOR = {
    "doctor": {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}
}

# -- what was accepted is recorded -------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", ["S" * 300, "S\0" + "1" * 20])
def test_identifiers_that_do_not_fit_make_no_unknown(tmp_path: Path, journal_url: str, odd: str) -> None:
    with rig_for(tmp_path, journal=journal_url) as rig:
        inner = rig.platform.handlers["2102"]

        def handler(request: Any) -> Any:
            answer = inner(request)
            answer["setlinfo"] |= {"setl_id": odd, "mdtrt_id": odd}
            return answer

        rig.platform.handlers["2102"] = handler
        answer = rig.settle(key="B1")
        record = rig.runtime.journal.call(answer.call_id)
        assert (record.state, answer.output.setlinfo.setl_id) == (State.ACCEPTED, odd)
        assert rig.settle(key="B1").output.setlinfo.setl_id == odd
        assert rig.runtime.journal.verify() == []


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_a_lost_settlement_is_looked_for_where_it_can_be(tmp_path: Path) -> None:
    """Visits that other settlements of ours made are not asked about, and the newest comes first."""
    with simulated_rig_for(tmp_path) as sim:
        for i in range(27):
            sim.settle(key=f"B{i}")
            sim.runtime.clock.sleep(60)
        sim.strike(Fault.ANSWER_LOST, "2102")
        sim.settle(key="lost")
        assert (sim.sent("5201"), sim.sent("5204"), sim.sent("5203")) == (1, 1, 1)


def test_an_answer_about_another_person_is_asked_for_again(rig: Rig) -> None:
    first, second = rig.person(), rig.person("retired")
    inner, wrong = rig.platform.handlers["1101"], [True]

    def handler(request: Any) -> Any:
        answer = inner(request)
        if wrong:
            answer["baseinfo"] |= {"certno": second.certno, "psn_name": second.name}
        return answer

    rig.platform.handlers["1101"] = handler
    asked = {"mdtrt_cert_type": "02", "mdtrt_cert_no": first.certno, "psn_cert_type": "01"}
    with pytest.raises(NoAnswer):
        rig.runtime.call("1101", {"data": asked})
    wrong.clear()
    assert rig.runtime.call("1101", {"data": asked}).output.baseinfo.certno == first.certno


def test_what_was_cleared_away_is_told_by_what_is_left(rig: Rig) -> None:
    settled = rig.settle(key="B1").output.setlinfo
    assert rig.runtime.journal.prune(rig.runtime.clock.epoch() + 1)
    again = rig.settle(key="B1")
    told = again.output.setlinfo
    assert (told.setl_id, told.mdtrt_id, told.medfee_sumamt) == (settled.setl_id, settled.mdtrt_id, Decimal("100.00"))
    assert any("清除" in said for said in again.advice)
    assert rig.sent("2102") == 1
