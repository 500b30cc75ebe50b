"""The simulator's own doors over HTTP: faults by rule and by seed, its clock, how far its queries lag."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from liangding.errors import OutcomeUnknown
from liangding.wire.gateways import Outgoing
from support import Rig


@pytest.fixture
def admin(rig: Rig) -> Any:
    with httpx.Client(base_url=f"{rig.url}/_simulator") as client:
        yield client


def test_a_fault_by_rule(rig: Rig, admin: httpx.Client) -> None:
    made = admin.post("/faults", json={"fault": "answer_lost", "infno": "2102"}).json()
    assert made == [{"fault": "answer_lost", "infno": "2102", "times": 1, "skip": 0, "seconds": 0.0}]
    assert rig.settle().recorded
    assert [call["setl_id"] for call in admin.get("/ledger").json()] == rig.standing()
    assert admin.delete("/faults").json() == []


def test_faults_by_seed_are_the_same_for_the_same_seed(rig: Rig, admin: httpx.Client) -> None:
    body = b'{"infno": "9001"}'
    outgoing = Outgoing(infno="9001", body=body, epoch=rig.runtime.clock.epoch(), nonce="1")
    headers = dict(rig.runtime.known.gateway.headers(outgoing))

    def seen() -> list[int]:
        admin.post("/faults", json={"seed": 3, "share": 0.5, "kinds": ["error_before"]})
        answers = [httpx.post(f"{rig.url}/x", content=body, headers=headers).status_code for _ in range(20)]
        admin.delete("/faults")
        return answers

    first = seen()
    assert first == seen()
    assert {503} < set(first)


@pytest.mark.parametrize("wrong", [{"fault": "answer_lots"}, {"fault": "slow", "secs": 3}, {"seed": 1, "kinds": ["x"]}])
def test_a_fault_that_is_none_is_said_to_be_so(admin: httpx.Client, wrong: dict[str, Any]) -> None:
    refused = admin.post("/faults", json=wrong)
    assert refused.status_code == 422
    assert "answer_lost" in refused.json()["faults"]


def test_a_late_commit_comes_when_time_goes_on_and_is_seen_when_queries_catch_up(rig: Rig, admin: httpx.Client) -> None:
    admin.post("/time", json={"query_delay": 60})
    admin.post("/faults", json={"fault": "late_commit", "infno": "2102", "seconds": 300})
    with pytest.raises(OutcomeUnknown):
        rig.settle(key="B1")
    assert (rig.standing(), admin.get("/time").json()["late"]) == ([], 1)
    assert admin.post("/time", json={"forward": 301}).json()["late"] == 0
    assert len(rig.standing()) == 1
    (call,) = rig.runtime.journal.latest(infno="2102")
    assert rig.runtime.resolver.attempt(call.id).state == "unknown"
    admin.post("/time", json={"forward": 61})
    assert rig.runtime.resolver.attempt(call.id).state == "accepted"
    assert admin.post("/time", json={"forward": "soon"}).status_code == 422


def test_more_persons_insured_like_one_of_a_case(rig: Rig, admin: httpx.Client) -> None:
    made = admin.post("/people", json={"case": "local", "count": 150}).json()
    everybody = admin.get("/people").json()
    assert everybody[-150:] == made
    assert len({person["certno"] for person in everybody}) == len(everybody)
    first, second = (rig.platform.world.people.by_number(person["psn_no"]) for person in made[:2])
    assert first is not None
    assert second is not None
    rig.settle(first)
    assert second.covers[0].balance == rig.person().covers[0].balance > first.covers[0].balance


@pytest.mark.parametrize(
    "wrong",
    [
        {"case": "nobody", "count": 1},
        {"case": "child", "count": 1},
        {"case": "local", "count": 0},
        {},
        {"case": "local", "count": 23000},
    ],
)
def test_persons_that_cannot_be_made(admin: httpx.Client, wrong: dict[str, Any]) -> None:
    before = len(admin.get("/people").json())
    assert admin.post("/people", json=wrong).status_code == 422
    assert len(admin.get("/people").json()) == before
