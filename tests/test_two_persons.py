"""Two persons for a decision on money: proposed by one, approved by another, whoever asks and by whatever way."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from liangding.config.clients import digest_of
from liangding.config.recording import open_own_journal
from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.journal.asking import asked_by
from liangding.reconciliation import proposing
from liangding.reconciliation.causes import NotDone, act
from liangding.reconciliation.reconciling import reconcile
from liangding.resolution import (
    Action,
    Decision,
    NotAllowed,
    SecondPersonNeeded,
    approve,
    decide,
    give_back,
    proposal_of,
    propose,
)
from liangding.resolution.approving import give_back_all_of
from liangding.server.app import api
from liangding.simulator.chapters.accounts import plant
from liangding.simulator.faults import Fault
from support import Rig, simulated_rig_for
from test_resolution import anonymous

FIRST, SECOND = "first-key-0123456789-ABCDEFGHIJ", "second-key-0123456789-ABCDEFGHIJ"
MORE = f"""
[resolution]
second_person = true
[server]
api_keys = [
  {{ name = "office", hash = "{digest_of(FIRST)}" }},
  {{ name = "head", hash = "{digest_of(SECOND)}" }},
]
"""


@pytest.fixture
def unknown(tmp_path: Path) -> Iterator[Rig]:
    """A settlement whose answer was lost; the platform answers again, and tells of it."""
    with simulated_rig_for(tmp_path, more=MORE) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="B1")
        rig.door.faults.clear()
        yield rig


def case(rig: Rig) -> int:
    return rig.runtime.journal.latest(states=[State.UNKNOWN])[0].id


def proposed(rig: Rig, action: Action = Action.ACCEPT, person: str = "甲", by: str = "person:a") -> str:
    with asked_by(by):
        decision = Decision(action=action, person=person, reason="已与中心核对")
        return propose(rig.runtime.resolver, rig.runtime.journal.call(case(rig)), decision).number


def test_one_proposes_another_approves(unknown: Rig) -> None:
    runtime, call_id = unknown.runtime, case(unknown)
    with pytest.raises(SecondPersonNeeded), asked_by("person:a"):
        decide(runtime.resolver, runtime.journal.call(call_id), Decision(action=Action.ACCEPT, person="甲", reason="x"))
    number = proposed(unknown)
    assert runtime.journal.call(call_id).state is State.UNKNOWN
    another = open_own_journal(unknown.deployment)  # of another process, or after a restart
    waits = proposal_of(another, another.call(call_id))
    another.close()
    assert (waits is not None and waits.number, waits and waits.by) == (number, "person:a")
    with asked_by("person:b"):
        approve(runtime.resolver, runtime.journal.call(call_id), number, "乙")
    assert runtime.journal.call(call_id).state is State.ACCEPTED
    told = [(e.kind, e.principal, e.detail.get("person"), e.detail.get("approved_by"))
            for e in runtime.journal.history(call_id)][-3:]  # fmt: skip
    assert told == [
        ("proposed", "person:a", "甲", None), ("approved", "person:b", "乙", None),
        ("decided", "person:b", "甲", "乙"),
    ]  # fmt: skip
    assert runtime.journal.history(call_id)[-1].detail["seen"] == "there", "what both decided on"
    assert runtime.journal.verify() == []


@pytest.mark.parametrize(
    ("by", "person"),
    [("person:a", "乙"), ("person:b", "甲"), ("person:b", " 甲 "), ("person:b", "")],
    ids=["one account", "one name", "one name with blanks", "nobody"],
)
def test_nobody_approves_what_is_their_own(unknown: Rig, by: str, person: str) -> None:
    number, call_id = proposed(unknown), case(unknown)
    with pytest.raises(NotAllowed), asked_by(by):
        approve(unknown.runtime.resolver, unknown.runtime.journal.call(call_id), number, person)
    assert unknown.runtime.journal.call(call_id).state is State.UNKNOWN
    found = proposal_of(unknown.runtime.journal, unknown.runtime.journal.call(call_id))
    assert found is not None
    assert found.number == number, "it still waits"


def test_what_the_platform_contradicts_is_returned(unknown: Rig) -> None:
    """Both agree that it is not there; the platform has it."""
    unknown.runtime.clock.sleep(200)
    number, call_id, runtime = proposed(unknown, Action.ABSENT), case(unknown), unknown.runtime
    with pytest.raises(NotAllowed, match="平台上有这一笔"), asked_by("person:b"):
        approve(runtime.resolver, runtime.journal.call(call_id), number, "乙")
    assert proposal_of(runtime.journal, runtime.journal.call(call_id)) is None
    last = runtime.journal.history(call_id)[-1]
    assert (last.kind, "平台上有这一笔" in last.detail["reason"]) == ("returned", True)


def test_a_newer_proposal_and_a_returned_one_are_not_approved(unknown: Rig) -> None:
    runtime, call_id = unknown.runtime, case(unknown)
    first, second = proposed(unknown), proposed(unknown, person="丙", by="person:c")
    with asked_by("person:b"):
        with pytest.raises(NotAllowed, match="不在了"):
            approve(runtime.resolver, runtime.journal.call(call_id), first, "乙")
        give_back(runtime.resolver, runtime.journal.call(call_id), second, "乙", "金额对不上")
        with pytest.raises(NotAllowed, match="不在了"):
            approve(runtime.resolver, runtime.journal.call(call_id), second, "乙")
    assert runtime.journal.call(call_id).state is State.UNKNOWN


def test_one_person_alone_is_told(unknown: Rig, caplog: pytest.LogCaptureFixture) -> None:
    runtime, call_id = unknown.runtime, case(unknown)
    alone = Decision(action=Action.ACCEPT, person="甲", reason="深夜，找不到第二人", break_glass=True)
    with caplog.at_level(logging.ERROR, "liangding.resolution"), asked_by("person:a"):
        decide(runtime.resolver, runtime.journal.call(call_id), alone)
    assert runtime.journal.call(call_id).state is State.ACCEPTED
    assert "one person alone" in caplog.text
    assert [e.kind for e in runtime.journal.history(call_id)][-2:] == ["broke_glass", "decided"]


def test_what_speaks_less_for_it_than_when_it_was_proposed_is_returned(unknown: Rig) -> None:
    """Proposed as absent on the platform's word that it is not there; by then the platform does not tell any more."""
    runtime, call_id = unknown.runtime, case(unknown)
    runtime.clock.sleep(200)
    unknown.platform.world.query_delay = 86_400
    runtime.resolver.attempt(call_id)
    number = proposed(unknown, Action.ABSENT)
    unknown.platform.world.query_delay = 0
    anonymous(unknown, None)
    with pytest.raises(NotAllowed, match="平台的说法变了"), asked_by("person:b"):
        approve(runtime.resolver, runtime.journal.call(call_id), number, "乙")
    assert proposal_of(runtime.journal, runtime.journal.call(call_id)) is None
    assert runtime.journal.call(call_id).state is State.UNKNOWN
    (told,) = [event.detail for event in runtime.journal.history(call_id) if event.kind == "approved"]
    assert told["proposed_on"] == "not_there"
    with asked_by("person:b"):
        approve(runtime.resolver, runtime.journal.call(call_id), proposed(unknown, Action.ABSENT), "乙")


def test_what_an_ended_account_proposed_is_returned(unknown: Rig) -> None:
    runtime, call_id = unknown.runtime, case(unknown)
    number = proposed(unknown)
    assert give_back_all_of(runtime.journal, "person:z", "x") == 0
    assert give_back_all_of(runtime.journal, "person:a", "提出的人已停用") == 1
    with pytest.raises(NotAllowed, match="不在了"), asked_by("person:b"):
        approve(runtime.resolver, runtime.journal.call(call_id), number, "乙")


def test_a_settlement_that_the_platform_names_otherwise_is_not_accepted(unknown: Rig) -> None:
    """A number that was copied from another bill: what is taken back later would be that one."""
    runtime, call_id = unknown.runtime, case(unknown)
    (made,) = unknown.platform.world.settlements.values()
    for named in ({"setl_id": made.setl_id[:-1] + "9X"}, {"mdtrt_id": "1" + made.visit.mdtrt_id}):
        wrong = Decision(action=Action.ACCEPT, person="甲", reason="x", break_glass=True, **named)
        with pytest.raises(NotAllowed, match="平台上这一笔的"), asked_by("person:a"):
            decide(runtime.resolver, runtime.journal.call(call_id), wrong)
    assert runtime.journal.call(call_id).state is State.UNKNOWN
    right = Decision(action=Action.ACCEPT, person="甲", reason="x", break_glass=True, setl_id=made.setl_id)
    decide(runtime.resolver, runtime.journal.call(call_id), right)
    assert runtime.journal.call(call_id).setl_id == made.setl_id


def test_a_difference_takes_two_wherever_it_is_decided(unknown: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A refund made elsewhere, found by reconciling: one alone does not note it, by whatever way."""
    runtime, call_id = unknown.runtime, case(unknown)
    runtime.resolver.attempt(call_id)
    setl_id = str(runtime.journal.call(call_id).setl_id)
    plant(unknown.platform.world, "foreign refund", setl_id)
    day = runtime.now().date()
    found = next(each for each in reconcile(runtime, day, day).differences if each.difference.setl_id == setl_id)
    with pytest.raises(SecondPersonNeeded):
        act(runtime, found, person="甲", reason="大厅退的")
    with asked_by("person:a"):
        first = proposing.propose(runtime, f"{day}", setl_id, person="甲", reason="大厅退的")
        number = proposing.propose(runtime, f"{day}", setl_id, person="甲", reason="大厅退的").number
    for by, person, named in (
        ("person:a", "乙", number), ("person:b", "甲", number), ("person:b", "乙", first.number),
        ("person:b", "", number),
    ):  # fmt: skip
        with pytest.raises(NotAllowed), asked_by(by):
            proposing.approve(runtime, named, person)
    assert [each.number for each in proposing.proposals_of(runtime)] == [number]
    with asked_by("person:b"):
        assert "已记为在别处退费" in proposing.approve(runtime, number, "乙")
    decided = runtime.journal.history(call_id)[-1].detail
    assert (decided["person"], decided["approved_by"]) == ("甲", "乙")
    with caplog.at_level(logging.ERROR, "liangding.reconciliation"), pytest.raises(NotDone):
        act(runtime, found, person="甲", reason="找不到第二人", break_glass=True)
    assert "one person alone" in caplog.text
    assert "broke_glass" in [event.kind for event in runtime.journal.decisions(0.0)]


def test_over_http_two_keys_are_needed(unknown: Rig) -> None:
    call_id = case(unknown)
    client = TestClient(api({unknown.deployment.name: unknown.runtime}))

    def ask(key: str, method: str, path: str, **body: Any) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {key}"}
        answer = client.request(method, f"/v1/journal/{call_id}/{path}", headers=headers, json=body or None)
        return answer.status_code, answer.json()

    wanted = {"action": "accept", "reason": "平台页面上查到"}
    status, told = ask(FIRST, "POST", "decision", **wanted)
    assert (status, told["error"]["code"]) == (409, "second_person")
    status, told = ask(FIRST, "POST", "proposal", **wanted)
    assert (status, told["proposal"]["person"], told["state"]) == (200, "office", "unknown")
    number = told["proposal"]["number"]
    assert ask(FIRST, "POST", "proposal/approve", number=number, person="主任")[0] == 409, "its own key"
    assert ask(SECOND, "GET", "proposal")[1]["proposal"]["number"] == number
    status, told = ask(SECOND, "POST", "proposal/approve", number=number)
    assert (status, told["state"], told["proposal"]) == (200, "accepted", None)
    assert ask(SECOND, "POST", "decision", action="absent", reason="x", break_glass="yes")[0] == 400


def test_what_a_key_proposed_that_is_no_more_is_returned(unknown: Rig) -> None:
    call_id = case(unknown)
    client = TestClient(api({unknown.deployment.name: unknown.runtime}))
    at, keys = f"/v1/journal/{call_id}/proposal", [{"authorization": f"Bearer {key}"} for key in (FIRST, SECOND)]
    made = client.post(at, headers=keys[0], json={"action": "accept", "reason": "平台页面上查到", "person": "甲"})
    number = made.json()["proposal"]["number"]
    text = unknown.config.read_text("utf-8")
    unknown.config.write_text(text.replace('name = "office"', 'name = "office", roles = ["flows"]'), "utf-8")
    answer = client.post(f"{at}/approve", headers=keys[1], json={"number": number, "person": "乙"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, "提出的密钥已停用，或不再有这个权限")
    assert client.get(at, headers=keys[1]).json()["proposal"] is None
    assert unknown.runtime.journal.call(call_id).state is State.UNKNOWN
