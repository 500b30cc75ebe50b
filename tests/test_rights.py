"""Keys of the local API: what each may do, for how long, as whom; and what is written down of those that may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.requests import Request

from liangding.cli.app import run as command
from liangding.config import load_deployment
from liangding.config.clients import digest_of, new_api_key, weakness
from liangding.server.entering import Entrance, Unauthorised
from liangding.simulator.faults import Fault
from support import Rig, free_port, purchase, rig_for, write_deployment, write_secret
from test_server import serving

HIS, NEW = new_api_key(), new_api_key()
TILL, LOOKER, OLD = new_api_key(), new_api_key(), new_api_key()

KEYS = f"""
[[server.api_keys]]
name = "his"
hash = "{digest_of(HIS)}"

[[server.api_keys]]
name = "till"
key = {{ file = "secrets/till" }}
roles = ["transactions", "flows"]
operators = ["002"]

[[server.api_keys]]
name = "looker"
hash = "{digest_of(LOOKER)}"
roles = ["journal"]

[[server.api_keys]]
name = "old"
hash = "{digest_of(OLD)}"
expires = 2026-01-01
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, str]]:
    folder = tmp_path_factory.mktemp("rights")
    write_secret(folder, "till", TILL)
    port = free_port()
    with rig_for(folder, more=KEYS) as rig, serving(rig.config, port=port):
        yield rig, f"http://127.0.0.1:{port}/v1"


@pytest.fixture
def ask(served: tuple[Rig, str]) -> Callable[..., httpx.Response]:
    def ask(key: str, method: str, path: str, **body: Any) -> httpx.Response:
        headers = {"idempotency-key": "B1"} | ({"authorization": f"Bearer {key}"} if key else {})
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.request(method, served[1] + path, headers=headers, json=body or None)

    return ask


def bought(rig: Rig, **more: Any) -> dict[str, Any]:
    return {"input": purchase(rig.person()), "insuplc_admdvs": rig.person().covers[0].place, **more}


def test_a_key_may_what_its_roles_say_and_no_more(served: tuple[Rig, str], ask: Callable[..., httpx.Response]) -> None:
    rig, _ = served
    asked = {
        (TILL, "GET", "/journal"): 403, (TILL, "POST", "/desk/person"): 403, (TILL, "GET", "/devices"): 403,
        (TILL, "POST", "/journal/1/decision"): 403, (LOOKER, "GET", "/journal"): 200,
        (LOOKER, "POST", "/transactions/1101"): 403, (LOOKER, "POST", "/flows/pharmacy_purchase"): 403,
        (LOOKER, "GET", "/flows/debts"): 403, (LOOKER, "POST", "/journal/1/decision"): 403,
        (HIS, "GET", "/journal"): 200, (HIS, "GET", "/flows/debts"): 200, (HIS, "GET", "/devices"): 200,
        (OLD, "GET", "/journal"): 401, ("wrong" * 9, "GET", "/journal"): 401, ("", "GET", "/journal"): 401,
    }  # fmt: skip
    assert {each: ask(*each).status_code for each in asked} == asked
    told = rig.runtime.journal.reports(0.0)
    assert {event.kind for event in told} >= {"entered", "denied", "attempts"}
    (denied,) = {event.detail["client"] for event in told if event.detail.get("role") == "flows"}
    assert denied == "looker"
    assert not any(key in str(event.detail) for event in told for key in (HIS, TILL, LOOKER, OLD, "wrongwrong"))


def test_a_key_works_as_the_operators_that_it_may_name(
    served: tuple[Rig, str], ask: Callable[..., httpx.Response]
) -> None:
    rig, _ = served
    refused = ask(TILL, "POST", "/transactions/2102", **bought(rig, operator="001"))
    assert (refused.status_code, refused.json()["error"]["path"]) == (403, "operator")
    assert rig.sent("2102") == 0
    answer = ask(TILL, "POST", "/transactions/2102", **bought(rig)).json()
    call = rig.runtime.journal.call(answer["call_id"])
    assert (call.operator, call.principal) == ("002", "api:till")


def test_who_may_decide_ends_a_case_by_http(served: tuple[Rig, str], ask: Callable[..., httpx.Response]) -> None:
    rig, _ = served
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    person = rig.person("retired")
    given = {"input": purchase(person), "insuplc_admdvs": person.covers[0].place}
    with httpx.Client(trust_env=False, timeout=60) as client:
        headers = {"authorization": f"Bearer {HIS}", "idempotency-key": "B2"}
        lost = client.post(f"{served[1]}/transactions/2102", headers=headers, json=given).json()["error"]
    assert lost["code"] == "outcome_unknown"
    unsaid = ask(HIS, "POST", f"/journal/{lost['call_id']}/decision", action="accept", reason="")
    assert (unsaid.status_code, unsaid.json()["error"]["path"]) == (409, "person")
    rig.door.faults.clear()
    ended = ask(HIS, "POST", f"/journal/{lost['call_id']}/decision", action="accept", reason="平台页面上查到")
    assert (ended.status_code, ended.json()["state"]) == (200, "accepted")
    last = rig.runtime.journal.history(lost["call_id"])[-1]
    assert (last.kind, last.principal, last.detail["person"]) == ("decided", "api:his", "his")


def test_keys_change_without_a_restart(served: tuple[Rig, str], ask: Callable[..., httpx.Response]) -> None:
    rig, _ = served
    before = rig.config.read_text("utf-8")
    changed = before.replace(digest_of(HIS), digest_of(NEW)).replace('name = "looker"', 'name = "auditor"')
    rig.config.write_text(changed, "utf-8")
    assert [ask(key, "GET", "/journal").status_code for key in (HIS, NEW, LOOKER)] == [401, 200, 200]
    rig.config.write_text(changed.replace("[[server", "[[server.", 1), "utf-8")
    assert ask(NEW, "GET", "/journal").status_code == 200, "a file that cannot be read changes nothing"
    write_secret(rig.folder, "till", OLD)
    rig.config.write_text(changed, "utf-8")
    assert [ask(key, "GET", "/flows/debts").status_code for key in (TILL, OLD)] == [401, 200]
    reports = [event.detail for event in rig.runtime.journal.reports(0.0) if event.kind == "api_keys"]
    assert (["his", "looker"], ["auditor", "his"]) in [(detail["gone"], detail["new"]) for detail in reports]
    rig.config.write_text(before, "utf-8")


def test_wrong_keys_are_answered_ever_more_slowly_each_address_by_itself(tmp_path: Path) -> None:
    deployment = load_deployment(write_deployment(tmp_path, more=KEYS.replace("secrets/till", "secrets/journal")))
    waited: list[float] = []
    told: list[tuple[str, dict[str, Any]]] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    entrance = Entrance(deployment, lambda kind, detail: told.append((kind, detail)), wait=wait)

    def come(address: str, key: str) -> bool:
        headers = [(b"authorization", f"Bearer {key}".encode())]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "client": (address, 1)}
        try:
            anyio.run(entrance.enter, Request(scope), "journal")
        except Unauthorised:
            return False
        return True

    assert not any(come("10.0.0.1", f"guess{n}") for n in range(10))
    assert waited == sorted(waited)
    assert waited[0] < waited[3] <= waited[-1]
    assert [detail["count"] for kind, detail in told if kind == "attempts"] == [1, 10]
    assert not come("10.0.0.2", "guess")
    assert waited[-1] == waited[0]
    assert come("10.0.0.1", HIS)
    assert len(waited) == 11
    assert not come("10.0.0.1", "guess")
    assert waited[-1] == waited[0]


@pytest.mark.parametrize(
    "key", ["1", "abc", "test_api_key", "12345678901234567890", "a" * 64, "0123456789abcdef0123456789abcde"]
)
def test_check_refuses_weak_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str) -> None:
    assert weakness(key)
    write_secret(tmp_path, "api", key)
    config = write_deployment(tmp_path, more='[server]\napi_keys = [{ name = "his", key = { file = "secrets/api" } }]')
    assert command(["check", "--config", str(config)]) == 2
    assert "his 太弱" in capsys.readouterr().err
    assert command(["serve", "--config", str(config), "--host", "0.0.0.0", "--port", "1"]) == 2


def test_a_key_that_is_made_is_good_and_comes_with_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["key", "--api"]) == 0
    told = capsys.readouterr()
    key = told.out.strip()
    assert weakness(key) == ""
    assert digest_of(key) in told.err.replace("\n", "")


def test_reading_bodies_exporting_and_pruning_are_written_down_with_who_and_why(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    call_id = str(rig.settle(key="B1").call_id)
    config = ["--config", str(rig.config), "--reason", "对账"]
    assert command(["journal", "show", call_id, "--bodies", *config]) == 0
    assert command(["journal", "export", str(rig.folder / "export.zip"), *config]) == 0
    assert command(["journal", "prune", "--keep-days", "1", *config]) == 0
    told = rig.runtime.journal.reports(0.0)
    assert [event.kind for event in told] == ["pruning", "exported", "bodies_read"]
    assert {event.detail["reason"] for event in told} == {"对账"}
    assert all(event.principal and event.principal.startswith("cli:") for event in told)
    assert str(told[-1].call_id) == call_id
    capsys.readouterr()
    assert command(["journal", "events", "--config", str(rig.config)]) == 0
    assert "看了报文正文" in capsys.readouterr().out
    assert rig.runtime.journal.verify() == []
