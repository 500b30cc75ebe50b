"""The local HTTP API, served for real: transactions, flows, keys, errors, the document."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from liangding.simulator.faults import Fault
from support import Rig, bill, free_port, purchase, rig_for, until_up, write_secret

API_KEY = "test_api_key"
SERVER = """
[server]
port = {port}
api_keys = [{{ name = "his", key = {{ file = "secrets/api" }} }}]

[ecredential]
by = "platform"
office_id = "A01"
office_name = "收费处"
"""


@contextlib.contextmanager
def serving(*configs: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """``liangding serve`` in a process of its own, up and answering."""
    arguments = [argument for config in configs for argument in ("--config", str(config))]
    started = subprocess.Popen(
        [sys.executable, "-m", "liangding", "serve", *arguments, "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        until_up(started, port)
        httpx.get(f"http://127.0.0.1:{port}/v1/health", trust_env=False, timeout=120)
        yield started
    finally:
        started.terminate()
        started.wait(timeout=20)


def own_key(config: Path) -> dict[str, str]:
    """The header with the key that a server made for a file without one."""
    return {"authorization": f"Bearer {(config.parent / 'api-key').read_text('utf-8')}"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, httpx.Client]]:
    folder = tmp_path_factory.mktemp("served")
    write_secret(folder, "api", API_KEY)
    port = free_port()
    with rig_for(folder, more=SERVER.format(port=port)) as rig, serving(rig.config, port=port):
        headers = {"authorization": f"Bearer {API_KEY}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as client:
            yield rig, client


@pytest.fixture
def rig(served: tuple[Rig, httpx.Client]) -> Rig:
    return served[0]


@pytest.fixture
def client(served: tuple[Rig, httpx.Client]) -> httpx.Client:
    return served[1]


def settle(client: httpx.Client, rig: Rig, key: str, **changes: Any) -> httpx.Response:
    body = {"input": purchase(rig.person()), "insuplc_admdvs": "441900"} | changes
    return client.post("/v1/transactions/2102", json=body, headers={"idempotency-key": key})


def test_health_says_more_to_who_has_a_key(client: httpx.Client) -> None:
    url = client.base_url.join("/v1/health")
    for header in ({}, {"authorization": "Bearer wrong"}):
        assert httpx.get(url, headers=header, trust_env=False).json() == {"status": "ok"}
    answer = client.get("/v1/health").json()
    assert (answer["status"], answer["deployments"]["test"]["province"]) == ("ok", "dongguan")
    assert not answer["deployments"]["test"]["keyless"]


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"x-api-key": "wrong"}])
def test_without_the_key_nothing_happens(client: httpx.Client, rig: Rig, header: dict[str, str]) -> None:
    before = len(rig.platform.requests)
    url = client.base_url.join("/v1/transactions/2102")
    answer = httpx.post(url, json={"input": {}}, headers=header, trust_env=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorised")
    assert len(rig.platform.requests) == before


def test_a_settlement_and_the_same_again(client: httpx.Client, rig: Rig) -> None:
    first = settle(client, rig, "S1")
    again = settle(client, rig, "S1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["output"] == again.json()["output"]
    assert (first.json()["recorded"], again.json()["recorded"]) == (False, True)
    assert '"medfee_sumamt":100.00' in first.text
    assert first.json()["output"]["setlinfo"]["setl_id"] in rig.standing()


def test_errors_are_json_with_code_message_and_path(client: httpx.Client, rig: Rig) -> None:
    settle(client, rig, "S1")
    conflict = settle(client, rig, "S1", input=purchase(rig.person(), "50.00"))
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "key_conflict")
    invalid = client.post("/v1/transactions/2102", json={"input": {"druginfo": {}}})
    error = invalid.json()["error"]
    assert (invalid.status_code, error["code"], error["path"]) == (422, "invalid_message", "input.druginfo.psn_no")
    assert {"path", "label", "rule", "message", "row"} <= error["problems"][0].keys()
    refused = client.post(
        "/v1/transactions/2102",
        json={"input": purchase(rig.person("suspended")), "insuplc_admdvs": "441900"},
        headers={"idempotency-key": "S2"},
    ).json()["error"]
    assert (refused["code"], refused["infno"]) == ("refused", "2102")
    assert client.post("/v1/transactions/9999", json={}).status_code == 404
    assert (
        client.post("/v1/transactions/2102", content=b"{", headers={"content-type": "application/json"}).json()[
            "error"
        ]["code"]
        == "bad_request"
    )
    assert client.post("/v1/transactions/2102", json=[]).status_code == 400
    assert client.post("/v1/transactions/2102", json={"inputs": {}}).status_code == 400
    assert client.get("/v1/nothing").status_code == 404
    for odd in ("x", "", 5, True):
        assert client.post("/v1/transactions/1101", json={"input": odd}).status_code == 422, odd
        assert client.post("/v1/uploads/4101A", json={"input": odd}).status_code == 422, odd
    assert client.get(f"/v1/journal/{2**70}").status_code == 400
    xml = client.post("/v1/transactions/1101", content="<x/>", headers={"content-type": "application/xml"})
    assert (xml.status_code, xml.json()["error"]["code"]) == (415, "not_json")
    assert client.post("/v1/transactions/1101", content="x" * (9 * 1024 * 1024)).status_code == 413


def test_what_the_specification_does_not_know_is_nothing_for_the_till(client: httpx.Client, rig: Rig) -> None:
    message = purchase(rig.person())
    message["druginfo"]["our_own_note"] = "x"
    answer = settle(client, rig, "S-own", input=message).json()
    assert not [sentence for sentence in answer["advice"] if "our_own_note" in sentence]


def test_a_lost_answer_is_504_however_often_it_is_asked(client: httpx.Client, rig: Rig) -> None:
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    before = rig.sent("2102")
    for _ in range(3):
        answer = settle(client, rig, "S-lost")
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "outcome_unknown")
    assert rig.sent("2102") == before + 1
    unknown = client.get("/v1/journal", params={"state": "unknown"}).json()
    assert [call["infno"] for call in unknown] == ["2102"]
    assert client.get(f"/v1/journal/{unknown[0]['id']}").json()["key"] == "S-lost"
    assert client.get("/v1/health").json()["deployments"]["test"]["unknown"] == 1
    rig.door.faults.clear()
    assert settle(client, rig, "S-lost").json()["recorded"] is True


def test_a_flow_with_its_questions(client: httpx.Client, rig: Rig) -> None:
    given = bill(rig.person("several_cities"), "F1")
    started = client.post("/v1/flows/pharmacy_purchase", json=given, headers={"idempotency-key": "F1"})
    view = started.json()
    assert (started.status_code, view["status"], view["question"]["id"]) == (201, "question", "insured_place")
    for value in ("441900", "1", "yes"):
        view = client.post(f"/v1/flows/{view['id']}/answer", json={"value": value}).json()
    assert (view["status"], view["error"]) == ("done", None)
    settlement = view["result"]["settlement"]
    assert settlement["setlinfo"]["medfee_sumamt"] == settlement["split"]["total"]
    assert settlement["setlinfo"]["setl_id"] == settlement["setl_id"]
    assert all(re.fullmatch(r"-?\d+\.\d\d", amount) for amount in settlement["split"].values())
    assert all(re.fullmatch(r"-?\d+\.\d\d", row["fund_payamt"]) for row in settlement["setldetail"])
    assert settlement["setldetail"]
    assert client.get(f"/v1/flows/{view['id']}").json()["result"]["slip"] == view["result"]["slip"]
    again = client.post("/v1/flows/pharmacy_purchase", json=given, headers={"idempotency-key": "F1"})
    assert again.json()["id"] == view["id"]
    wrong = client.post("/v1/flows/pharmacy_purchase", json={"rows": []})
    assert wrong.status_code == 422
    assert client.post("/v1/flows/nothing", json={}).status_code == 404
    assert client.post(f"/v1/flows/{view['id']}/answer", json={"value": "yes"}).status_code == 422


def test_a_code_is_decoded_and_serves_a_flow(client: httpx.Client, rig: Rig) -> None:
    person = rig.person("province")
    shown = {"scenario": "药店购药", "code": person.qr_code, "operator": "002"}
    decoded = client.post("/v1/credentials/decode", json=shown).json()
    assert (decoded["name"], decoded["insured_place"]) == (person.name, person.covers[0].place)
    given = bill(person, "E1") | {"credential": decoded["credential"]}
    view = client.post("/v1/flows/pharmacy_purchase", json=given, headers={"idempotency-key": "E1"}).json()
    assert (view["status"], view["error"]) == ("question", None)
    refused = client.post("/v1/credentials/decode", json=shown | {"code": "1" * 28})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "code_used")
    assert client.post("/v1/credentials/decode", json={"scenario": "x"}).json()["error"]["code"] == "no_scenario"
    assert client.post("/v1/credentials/decode", json={"code": "1"}).status_code == 422
    unauthorised = httpx.post(client.base_url.join("/v1/credentials/decode"), json=shown, trust_env=False)
    assert unauthorised.status_code == 401


def test_the_desk_slips_and_statements(client: httpx.Client, rig: Rig) -> None:
    person = rig.person("retired")
    key = {"idempotency-key": "D1"}
    view = client.post("/v1/flows/pharmacy_purchase", json=bill(person, "D1"), headers=key).json()
    for value in ("1", "yes"):
        view = client.post(f"/v1/flows/{view['id']}/answer", json={"value": value}).json()
    assert view["status"] == "done"
    asked = {"credential": {"type": "02", "number": person.certno}, "since": "2026-01-01"}
    whole = client.post("/v1/desk/person", json=asked).json()
    assert (whole["complete"], whole["person"]["name"]) == (True, person.name)
    seen = client.post("/v1/desk/visits", json=asked | {"operator": "002"}).json()
    assert seen["sums"] == whole["visits"]["sums"]
    assert seen["sums"]["total"] == view["result"]["settlement"]["split"]["total"]
    assert client.post("/v1/desk/visits", json={}).json()["error"]["code"] == "no_person"
    assert client.post("/v1/desk/visits", json={"psn": "1"}).status_code == 422
    assert client.get("/v1/desk/visits").status_code == 405

    slip = client.get(f"/v1/flows/{view['id']}/slip", params={"columns": 32})
    assert slip.headers["content-type"] == "text/plain; charset=utf-8"
    assert "（重打）" in slip.text
    assert client.get(f"/v1/flows/{view['id']}/slip", params={"columns": "x"}).status_code == 400
    for kind in ("settlement", "fees"):
        made = client.get(f"/v1/flows/{view['id']}/statement", params={"kind": kind, "paper": "A5"})
        assert (made.headers["content-type"], made.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(f"/v1/flows/{view['id']}/statement", params={"paper": "A3"}).status_code == 422
    assert client.get(f"/v1/flows/{view['id']}/statement", params={"setl_id": "S404"}).status_code == 409
    assert client.get("/v1/flows/nothing/slip").status_code == 404


def test_the_document_describes_every_transaction_and_resolves(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert len([path for path in document["paths"] if path.startswith("/v1/transactions/")]) >= 235
    assert document["paths"]["/v1/devices/read"]["post"]["operationId"] == "read_device"
    schemas = document["components"]["schemas"]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= schemas.keys()
    row = schemas["pharmacy.TracedDrug"]["properties"]
    assert row["med_list_codg"]["maxLength"] == 50
    assert "med_list_codg" in schemas["pharmacy.TracedDrug"]["required"]


def test_two_deployments_in_one_server(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    port = free_port()
    with (
        rig_for(tmp_path / "a", name="a") as one,
        rig_for(tmp_path / "b", name="b", code="P44190000002") as two,
        serving(one.config, two.config, port=port),
    ):
        for name, rig in (("a", one), ("b", two)):
            body = {"input": purchase(rig.person()), "insuplc_admdvs": "441900"}
            url = f"http://127.0.0.1:{port}/v1/deployments/{name}/transactions/2102"
            headers = {"idempotency-key": "R1", **own_key(rig.config)}
            settled = httpx.post(url, json=body, headers=headers, trust_env=False)
            assert settled.status_code == 200
            assert len(rig.standing()) == 1
