"""The journal's commands, and the support bundle, as an operator meets them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.journal.states import LATE
from liangding.resolution import Action, Decision, NotAllowed, actions, decide, shown_case
from liangding.server.app import api
from liangding.simulator.background import Served
from liangding.simulator.faults import Fault
from shell import liangding
from support import Rig, bill, rig_for, run_flow, simulated_rig_for

QUICK = "[resolution]\nbelieve_seconds = 0\ngrace_minutes = 0"


@pytest.fixture
def unknown(tmp_path: Path) -> object:
    """A rig whose settlement 2102 is unknown: its answer was lost, and the platform answers no query."""
    with rig_for(tmp_path, more=QUICK) as rig:
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="B1")
        yield rig


def case(rig: Rig) -> int:
    (call,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
    return call.id


def by(action: Action, **more: Any) -> Decision:
    return Decision(action=action, person="测试主管", reason="与中心核对", **more)


def test_a_case_shows_what_happened_and_what_may_be_done(unknown: Rig) -> None:
    done = liangding("journal", "resolve", case(unknown), "--config", unknown.config)
    assert done.returncode == 1
    assert "结果不明" in done.stdout
    assert "交人处理" in done.stdout
    assert all(f"--do {action}" in done.stdout for action in ("retry", "reverse", "accept"))
    assert "--do absent" not in done.stdout, "believe_seconds are shorter than the line: what is safe counts"


def test_what_is_unsettled_is_listed_first_however_many_came_after(unknown: Rig) -> None:
    for number in range(3):
        unknown.settle(unknown.person("retired"), key=f"N{number}")
    listed = liangding("journal", "list", "--config", unknown.config, "--limit", "2", "--json")
    states = [call["state"] for call in json.loads(listed.stdout)]
    assert states == ["unknown", "accepted", "accepted"]


def test_retry_finds_it_as_soon_as_the_platform_answers(unknown: Rig) -> None:
    unknown.door.faults.clear()
    done = liangding("journal", "resolve", case(unknown), "--config", unknown.config, "--do", "retry", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["state"] == "accepted"
    assert unknown.settle(key="B1").output.setlinfo.setl_id == unknown.standing()[0]


def test_a_decision_needs_a_person_and_a_reason(unknown: Rig) -> None:
    done = liangding("journal", "resolve", case(unknown), "--config", unknown.config, "--do", "absent")
    assert done.returncode == 1
    assert "person" in done.stderr


def test_what_the_platform_contradicts_is_not_believed(unknown: Rig) -> None:
    unknown.door.faults.clear()
    runtime, call_id = unknown.runtime, case(unknown)
    with pytest.raises(NotAllowed, match="平台上有这一笔"):
        decide(runtime.resolver, runtime.journal.call(call_id), by(Action.ABSENT))
    assert runtime.journal.call(call_id).state is State.UNKNOWN


def test_while_the_platform_does_not_answer_nothing_is_believed(unknown: Rig) -> None:
    runtime, call_id = unknown.runtime, case(unknown)
    for action in (Action.ABSENT, Action.ACCEPT):
        with pytest.raises(NotAllowed, match="问不到"):
            decide(runtime.resolver, runtime.journal.call(call_id), by(action))


def test_a_settlement_that_a_person_names_is_looked_at(unknown: Rig) -> None:
    unknown.door.faults.clear()
    unknown.strike(Fault.REQUEST_LOST, "5201", times=2)
    (made,) = unknown.platform.world.settlements.values()
    runtime, call_id = unknown.runtime, case(unknown)
    named = by(Action.ACCEPT, setl_id=made.setl_id, mdtrt_id=made.visit.mdtrt_id)
    with pytest.raises(NotAllowed, match="问不到"):
        decide(runtime.resolver, runtime.journal.call(call_id), named)
    decide(runtime.resolver, runtime.journal.call(call_id), named)
    call = runtime.journal.call(call_id)
    assert (call.state, call.setl_id) == (State.ACCEPTED, made.setl_id)
    decided = next(event for event in runtime.journal.history(call_id) if event.kind == "decided")
    assert (decided.detail["person"], decided.detail["reason"]) == ("测试主管", "与中心核对")
    assert actions(runtime.resolver, call) == ()
    assert runtime.journal.verify() == []


def test_what_moved_money_is_not_accepted_without_an_answer(unknown: Rig) -> None:
    """Torture, Dongguan: a cancellation that a person accepted while the platform did not tell had no answer to read,
    and its flow broke off for ever."""
    unknown.door.faults.clear()
    runtime, call_id, query = unknown.runtime, case(unknown), unknown.platform.handlers["5203"]

    def nameless(request: Any) -> Any:
        found = query(request)
        found["setlinfo"]["medins_setl_id"] = None
        return found

    unknown.platform.handlers["5203"] = nameless
    with pytest.raises(NotAllowed, match="没有用 setl_id 指明"):
        decide(runtime.resolver, runtime.journal.call(call_id), by(Action.ACCEPT))
    assert runtime.journal.call(call_id).state is State.UNKNOWN

    def numberless(request: Any) -> Any:
        found = query(request)
        found["setlinfo"]["setl_id"] = None
        return found

    unknown.platform.handlers["5203"] = numberless
    with pytest.raises(NotAllowed, match="要给出平台上的结算编号") as caught:
        decide(runtime.resolver, runtime.journal.call(call_id), by(Action.ACCEPT))
    assert caught.value.path == "setl_id"
    unknown.platform.handlers["5203"] = query
    decide(runtime.resolver, runtime.journal.call(call_id), by(Action.ACCEPT))
    assert unknown.settle(key="B1").output.setlinfo.setl_id == unknown.standing()[0]


def test_sweep_goes_on_with_what_was_left(rig: Rig) -> None:
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    given = bill(rig.person(), use_account=True)
    view = run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key="R1"), {"confirm": "yes"})
    assert view.status == "unknown"
    assert liangding("journal", "sweep", "--config", rig.config).returncode == 1
    rig.door.faults.clear()
    rig.runtime.resolver.attempt(case(rig))
    assert rig.flows.get(view.id).status == "unknown"
    assert liangding("journal", "sweep", "--config", rig.config).returncode == 0
    assert rig.flows.get(view.id).status == "done"


def test_verify_prune_and_reseal(rig: Rig) -> None:
    rig.settle(key="B1")
    assert liangding("journal", "verify", "--config", rig.config).returncode == 0
    assert "0 次" in liangding("journal", "prune", "--config", rig.config, "--keep-days", "1").stdout
    assert "0 行" in liangding("journal", "reseal", "--config", rig.config).stdout
    with rig.runtime.journal.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE calls SET amount = '1.00' WHERE infno = '2102'")
    done = liangding("journal", "verify", "--config", rig.config)
    assert done.returncode == 1
    assert "被改过" in done.stdout


def test_the_support_bundle_names_nobody(rig: Rig, tmp_path: Path) -> None:
    view = run_flow(
        rig.flows,
        rig.flows.start("pharmacy_purchase", bill(rig.person()), key="ZhangSan"),
        {"confirm": "yes", "use_account": "1"},
    )
    assert view.status == "done"
    made = tmp_path / "support.zip"
    assert liangding("journal", "export", made, "--config", rig.config).returncode == 0
    with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    everything = "\n".join(held.values())
    person = rig.person()
    for personal in (person.name, person.certno, person.psn_no, person.token, person.card_no, "ZhangSan", "R1"):
        assert personal not in everything
    settled = next(c for c in map(json.loads, held["calls.jsonl"].splitlines()) if c["infno"] == "2102")
    assert settled["input"]["druginfo"]["insutype"] == "310"
    assert settled["input"]["druginfo"]["psn_no"] == "文本，20 位"
    assert settled["output"]["setlinfo"]["medfee_sumamt"] == "文本，6 位"
    assert held["verify.txt"] == "完好"
    assert liangding("journal", "export", made, "--config", rig.config).returncode == 2


# -- decisions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def case_of(tmp_path: Path) -> object:
    """A rig on a simulated clock whose settlement is unknown, and the platform answers no query."""
    with simulated_rig_for(tmp_path) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="B1")
        yield rig


def test_a_decision_that_comes_too_early_says_when_it_may_be_taken(case_of: Rig) -> None:
    journal, resolver = case_of.runtime.journal, case_of.runtime.resolver
    call = journal.call(case(case_of))
    with pytest.raises(NotAllowed) as caught:
        decide(resolver, call, by(Action.ABSENT))
    assert caught.value.remedy == "11-21 10:02:00 以后再办"
    case_of.strike(Fault.ANSWER_LOST, "2601", times=0)
    decide(resolver, call, by(Action.REVERSE))
    for action in (Action.ACCEPT, Action.ABSENT, Action.REVERSE):
        with pytest.raises(NotAllowed, match="2601 还可能生效") as caught:
            decide(resolver, journal.call(call.id), by(action, setl_id="S1"))
        assert caught.value.remedy
    assert journal.call(call.id).state is State.UNKNOWN


def test_a_settlement_is_accepted_by_its_number_alone(case_of: Rig) -> None:
    """Also where the platform fills in a number of its own; another message's is refused."""
    journal, resolver = case_of.runtime.journal, case_of.runtime.resolver
    (made,) = case_of.platform.world.settlements.values()
    call = journal.call(case(case_of))
    case_of.door.faults.clear()
    own, made.msgid = made.msgid, "platform-7"
    with pytest.raises(NotAllowed, match="setl_id"):
        decide(resolver, call, by(Action.ACCEPT))
    named = by(Action.ACCEPT, setl_id=made.setl_id, mdtrt_id=made.visit.mdtrt_id)
    made.msgid = f"{own[:-4]}9999"
    with pytest.raises(NotAllowed, match="另一报文"):
        decide(resolver, call, named)
    made.msgid = "platform-7"
    decide(resolver, call, named)
    answer = case_of.settle(key="B1")
    assert (answer.output.setlinfo.setl_id, str(answer.output.setlinfo.medfee_sumamt)) == (made.setl_id, "100.00")
    assert journal.call(call.id).state is State.ACCEPTED


def seen_by_http(rig: Rig, number: int) -> dict[str, Any]:
    with (
        Served(api({"test": rig.runtime})) as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=60) as http,
    ):
        told: dict[str, Any] = http.get(f"/v1/journal/{number}/case").raise_for_status().json()
        return told


def test_a_case_shows_whose_bill_it_is_and_what_the_platform_has(case_of: Rig) -> None:
    """Of the person so much as is needed to compare; of the platform's settlements those that it may be and those that
    it cannot be."""
    rig, number = case_of, case(case_of)
    assert "问不到" in seen_by_http(rig, number)["unasked"]
    rig.door.faults.clear()
    (made,) = rig.platform.world.settlements.values()
    told, person = seen_by_http(rig, number), rig.person()
    assert (told["bill_no"], told["amount"], told["unasked"]) == ("B1", "100.00", "")
    assert told["psn_name"] == f"{person.name[0]}{'*' * (len(person.name) - 1)}"
    assert told["psn_no"].endswith(person.psn_no[-4:])
    assert not any(private in json.dumps(told) for private in (person.psn_no, person.name, person.certno))
    (candidate,) = told["candidates"]
    assert candidate == {
        "setl_id": made.setl_id, "mdtrt_id": made.visit.mdtrt_id, "medfee_sumamt": "100.00", "possible": True,
        "setl_time": f"{made.at:%Y-%m-%d %H:%M:%S}", "note": "报文号就是这一笔的",
    }  # fmt: skip
    assert told["actions"] == ["retry", "reverse", "accept"]
    assert [(each["action"], each["at"]) for each in told["later"]] == [("absent", "2026-11-21 10:02:00")]
    own = made.msgid
    for given, possible in ((f"{own[:-4]}9999", False), ("platform-7", True)):
        made.msgid = given
        (candidate,) = seen_by_http(rig, number)["candidates"]
        assert candidate["possible"] is possible
        assert candidate["note"] != "报文号就是这一笔的"


def test_while_a_2601_may_take_effect_a_case_says_that_nothing_may_be_done_yet(case_of: Rig) -> None:
    rig, number = case_of, case(case_of)
    rig.strike(Fault.ANSWER_LOST, "2601", times=0)
    decide(rig.runtime.resolver, rig.runtime.journal.call(number), by(Action.REVERSE))
    shown = shown_case(rig.runtime.resolver, rig.runtime.journal.call(number))
    assert shown.actions == (Action.RETRY,)
    assert {each.action for each in shown.later} == {Action.REVERSE, Action.ACCEPT, Action.ABSENT}
    for each in shown.later:
        with pytest.raises(NotAllowed) as caught:
            decide(rig.runtime.resolver, rig.runtime.journal.call(number), by(each.action, setl_id="S1"))
        assert f"{each.at:%m-%d %H:%M:%S}" in (caught.value.remedy or "")


def test_what_came_late_is_taken_back_and_not_accepted(case_of: Rig) -> None:
    resolver, journal = case_of.runtime.resolver, case_of.runtime.journal
    call = journal.call(case(case_of))
    assert journal.schedule(call.id, attempts=call.attempts, resolution=LATE, due_at=case_of.runtime.clock.epoch())
    case_of.door.faults.clear()
    (made,) = case_of.platform.world.settlements.values()
    shown = shown_case(resolver, journal.call(call.id))
    assert Action.ACCEPT not in (*shown.actions, *(each.action for each in shown.later))
    with pytest.raises(NotAllowed):
        decide(resolver, journal.call(call.id), by(Action.ACCEPT, setl_id=made.setl_id, mdtrt_id=made.visit.mdtrt_id))
    assert journal.call(call.id).state is State.UNKNOWN
    decide(resolver, journal.call(call.id), by(Action.REVERSE))
    assert (journal.call(call.id).state, case_of.standing()) == (State.REVERSED, [])
    asked = len(case_of.platform.requests)
    assert shown_case(resolver, journal.call(call.id)).candidates == ()
    assert len(case_of.platform.requests) == asked, "of what is known nobody is asked"


def test_the_command_shows_the_case_too(unknown: Rig) -> None:
    unknown.door.faults.clear()
    (made,) = unknown.platform.world.settlements.values()
    done = liangding("journal", "resolve", case(unknown), "--config", unknown.config)
    person = unknown.person()
    for expected in ("单据号 B1", "金额 100.00", f"{person.name[0]}*", person.psn_no[-4:], made.setl_id):
        assert expected in done.stdout
    assert person.name not in done.stdout
    assert person.psn_no not in done.stdout
