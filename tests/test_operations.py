"""For whoever operates the server: alive, ready, metrics, traces; the files for Prometheus, Grafana and containers."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]
from prometheus_client.parser import text_string_to_metric_families

from liangding.config.clients import ServerSettings
from liangding.flows import Status
from liangding.jobs.keeper import Keeper
from liangding.journal.engines import JournalUnavailable
from liangding.journal.finding import JournalReading
from liangding.server.app import api
from liangding.simulator.background import Served
from liangding.simulator.faults import Fault
from support import Rig, bill, purchase, rig_for, run_flow, simulated_rig_for, write_secret
from test_units import understood

PACKAGING = Path(__file__).parents[1] / "packaging"
ALERTS = PACKAGING / "alerts.yml"
KEYS = """
[server]
api_keys = [
    { name = "operator", key = { file = "secrets/operator" } },
    { name = "till", key = { file = "secrets/till" }, roles = ["transactions"] },
]
"""
OPERATOR, TILL = (
    {"authorization": "Bearer a-key-of-the-operator-1"},
    {"authorization": "Bearer a-key-of-the-till-01234"},
)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@contextlib.contextmanager
def asked_of(rig: Rig, headers: dict[str, str] | None = None) -> Iterator[httpx.Client]:
    """What asks the API of a rig, over HTTP."""
    with (
        Served(api({"main": rig.runtime})) as served,
        httpx.Client(base_url=served.url, headers=headers, trust_env=False, timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("operations")
    write_secret(folder, "operator", OPERATOR["authorization"].removeprefix("Bearer "))
    write_secret(folder, "till", TILL["authorization"].removeprefix("Bearer "))
    with rig_for(folder, keys="", more=KEYS) as made:
        yield made


@pytest.fixture(scope="module")
def client(rig: Rig) -> Iterator[httpx.Client]:
    with asked_of(rig, OPERATOR) as made:
        yield made


def measured(client: httpx.Client) -> dict[tuple[str, str], float]:
    """Name and number (or province) of each sample."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            assert set(sample.labels) <= {"province", "infno", "le"}
            if "le" not in sample.labels:
                found[sample.name, sample.labels.get("infno", "")] = sample.value
    return found


def test_metrics_count_outcomes_and_name_nobody(rig: Rig, client: httpx.Client) -> None:
    rig.settle(key="B1")
    rig.strike(Fault.ANSWER_LOST, "2102")
    rig.deafen()
    answer = client.post(
        "/v1/transactions/2102",
        json={"input": purchase(rig.person("retired")), "insuplc_admdvs": rig.person("retired").covers[0].place},
        headers={"idempotency-key": "B2"},
    )
    assert answer.status_code == 504, answer.text
    rig.door.faults.clear()
    Keeper(rig.runtime).round()
    (call,) = rig.runtime.journal.latest(infno="2102", limit=1)
    rig.runtime.journal.note(call.id, "broke_glass", {"action": "accept", "person": "甲", "reason": "深夜"})
    found = measured(client)
    assert found["liangding_decided_alone", ""] == 1
    assert found["liangding_calls_accepted_total", "2102"] == 1
    assert found["liangding_calls_unknown_total", "2102"] == 1
    assert found["liangding_call_seconds_count", "2102"] == 2
    assert ("liangding_keeper_seconds", "") in found
    text = client.get("/metrics").text
    for personal in (rig.person().psn_no, rig.person().certno, rig.deployment.institution.code):
        assert personal not in text


@pytest.mark.parametrize(("headers", "status"), [(TILL, 403), ({"authorization": "Bearer wrong"}, 401), ({}, 200)])
def test_metrics_want_a_key_with_the_right(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    assert client.get("/metrics", headers=headers).status_code == status


def test_ready_says_what_is_wrong_and_only_to_who_has_a_key(tmp_path: Path) -> None:
    write_secret(tmp_path, "operator", OPERATOR["authorization"].removeprefix("Bearer "))
    write_secret(tmp_path, "till", TILL["authorization"].removeprefix("Bearer "))
    with rig_for(tmp_path, keys="", more=KEYS) as rig, asked_of(rig) as client:
        well = client.get("/v1/ready", headers=OPERATOR)
        assert well.status_code == 200, well.text
        checks = {each["what"]: each for each in well.json()["deployments"]["main"]}
        assert set(checks) == {"disk", "journal", "line", "keeper", "unknown"}
        assert all(each["well"] for each in checks.values())
        assert client.get("/v1/ready").json() == {"status": "ready"}
    # The platform is gone, and the store is closed.
    with asked_of(rig) as client:
        ill = client.get("/v1/ready", headers=OPERATOR)
        assert ill.status_code == 503
        checks = {each["what"]: each for each in ill.json()["deployments"]["main"]}
        assert not checks["line"]["well"]
        assert client.get("/v1/live").json() == {"status": "alive"}, "asks nothing of anything"


def checks_of(client: httpx.Client) -> dict[str, Any]:
    """What ``/v1/ready`` looked at, and its status."""
    answer = client.get("/v1/ready", headers=OPERATOR)
    (checks,) = answer.json()["deployments"].values()
    return {each["what"]: each for each in checks} | {"status": answer.status_code}


def test_the_disk_that_is_looked_at_is_the_one_that_takes_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment in a container: its file in a folder that is mounted to be read, its journal in a volume."""
    write_secret(tmp_path, "operator", OPERATOR["authorization"].removeprefix("Bearer "))
    write_secret(tmp_path, "till", TILL["authorization"].removeprefix("Bearer "))
    volume = tmp_path / "volume"
    volume.mkdir()
    whole = shutil.disk_usage(tmp_path)
    free = {volume: 100 * 1024**2, tmp_path: 0}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: whole._replace(free=free[Path(path)]))
    with rig_for(tmp_path, keys="", more=KEYS, journal=f"sqlite:///{volume}/journal.db") as rig:
        with asked_of(rig) as client:
            seen = checks_of(client)
            assert (seen["disk"]["well"], seen["disk"]["told"], seen["status"]) == (False, "还有 100 MB", 503)
        free[volume] = 300 * 1024**2
        with asked_of(rig) as client:
            seen = checks_of(client)
            assert (seen["disk"]["well"], seen["status"]) == (True, 200)


def test_a_keeper_that_never_came_round_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(_: object) -> None:
        raise JournalUnavailable("流水打不开")

    monkeypatch.setattr(JournalReading, "stirring", stuck)
    with simulated_rig_for(tmp_path) as rig, Keeper(rig.runtime):
        rig.runtime.clock.sleep(121)
        with asked_of(rig) as client:
            (keeper,) = (
                each for each in client.get("/v1/ready").json()["deployments"]["main"] if each["what"] == "keeper"
            )
            assert (keeper["well"], keeper["told"]) == (False, "121 秒前")
            assert measured(client)["liangding_keeper_seconds", ""] == 121


def test_of_a_journal_that_is_silent_nothing_else_is_told(tmp_path: Path) -> None:
    """Two deployments of a province, one of whose journals is gone: what the other one has is told, and no 0 for it."""
    (tmp_path / "gone").mkdir()
    with simulated_rig_for(tmp_path) as rig:
        rig.settle(key="B1")
        with simulated_rig_for(tmp_path / "gone") as gone:
            pass
        shutil.rmtree(gone.folder)
        both = {"main": rig.runtime, "gone": gone.runtime}
        for runtimes, silent, there in ((both, 1, True), ({"gone": gone.runtime}, 1, False)):
            with (
                Served(api(runtimes)) as served,
                httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client,
            ):
                found = measured(client)
                assert found["liangding_journal_silent", ""] == silent
                assert (("liangding_unknown_calls", "") in found) == there


class Tracer:
    """A tracer that notes of each span what it stands under, and its attributes; the span goes on in that trace."""

    def __init__(self, spans: list[Any]) -> None:
        self.spans = spans

    def start_as_current_span(self, _: str, *, context: Any, attributes: Any, **__: Any) -> Any:
        from opentelemetry.trace import INVALID_SPAN, get_current_span

        above = INVALID_SPAN if context is None else get_current_span(context)
        told = above.get_span_context()
        self.spans.append(
            ([f"{told.trace_id:032x}", f"{told.span_id:016x}"] if told.is_valid else None, dict(attributes))
        )
        return contextlib.nullcontext(above)


@pytest.mark.parametrize("loaded", [False, True])
def test_a_trace_is_kept_and_goes_to_nobody_else(
    rig: Rig, client: httpx.Client, loaded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans: list[Any] = []
    if loaded:
        import opentelemetry.trace  # the calls look whether somebody has it

        monkeypatch.setattr(opentelemetry.trace, "get_tracer", lambda _: Tracer(spans))
    else:
        monkeypatch.delitem(sys.modules, "opentelemetry.trace", raising=False)
    seen: list[Any] = []
    take = rig.door.receive

    def taking(headers: Any, body: bytes, path: str = "") -> Any:
        seen.append(headers)
        return take(headers, body, path)

    monkeypatch.setattr(rig.door, "receive", taking)
    for given, kept in ((TRACE, TRACE), ("00-" + "0" * 32 + "-00f067aa0ba902b7-01", None), ("x" * 500, None)):
        asked = {"input": {"medinsinfo": {"fixmedins_type": "2", "fixmedins_name": "测试机构"}}}
        answer = client.post("/v1/transactions/1201", json=asked, headers={"traceparent": given})
        assert answer.status_code == 200, answer.text
        (call,) = rig.runtime.journal.latest(limit=1)
        assert call.traceparent == kept
    parents, attributes = [each[0] for each in spans], [each[1] for each in spans]
    assert parents == ([TRACE.split("-")[1:3], None, None] if loaded else [])
    assert all(
        each == {"liangding.infno": "1201", "liangding.province": rig.deployment.province} for each in attributes
    )
    assert seen
    assert not any("traceparent" in {name.lower() for name in headers} for headers in seen)


def test_the_trial_starts_what_there_is_on_one_journal(tmp_path: Path) -> None:
    services = yaml.safe_load((PACKAGING / "compose-trial.yaml").read_text("utf-8"))["services"]
    ours = {name: each["command"] for name, each in services.items() if name != "journal"}
    assert {name: understood(command)[0] for name, command in ours.items()} == {
        "simulator": "simulate", "server-1": "serve", "server-2": "serve",
    }  # fmt: skip
    port = ServerSettings().port
    assert [services[f"server-{n}"]["ports"] for n in (1, 2)] == [
        [f"127.0.0.1:{port}:{port}"], [f"127.0.0.1:{port + 1}:{port}"],
    ]  # fmt: skip
    assert all(each["stop_grace_period"] == "30s" for name, each in services.items() if name.startswith("server"))


def test_rules_and_dashboard_ask_for_what_is_measured(rig: Rig, client: httpx.Client) -> None:
    rig.settle(rig.person("chronic"), key="B9")
    text = client.get("/metrics").text
    for name in ("alerts.yml", "dashboard.json"):
        wanted = set(re.findall(r"liangding_\w+", (PACKAGING / name).read_text("utf-8")))
        assert wanted
        for metric in wanted:
            assert f"# TYPE {re.sub('(?<=seconds)_(bucket|count)$', '', metric)} " in text, metric
    panels = json.loads((PACKAGING / "dashboard.json").read_text("utf-8"))["panels"]
    assert all(each["targets"] and each["title"] for each in panels)


def counted(name: str, each: str, infno: str = "2102") -> dict[str, str]:
    return {"series": f'{name}{{province="p", infno="{infno}"}}', "values": each}


def standing(name: str, each: str) -> dict[str, str]:
    return {"series": f'{name}{{province="p"}}', "values": each}


CALLS = counted("liangding_call_seconds_count", "0+10x60")
FIRES: dict[str, list[dict[str, str]]] = {
    "": [CALLS, counted("liangding_calls_accepted_total", "0+10x60"), standing("liangding_keeper_seconds", "5x60")],
    "LiangdingDown": [{"series": 'up{job="liangding", instance="i"}', "values": "0x60"}],
    "LiangdingWaitsForAPerson": [standing("liangding_waiting_calls", "1x60")],
    "LiangdingDecidedAlone": [standing("liangding_decided_alone", "1x60")],
    "LiangdingWebhookStands": [standing("liangding_untold_events", "3x60")],
    "LiangdingUnknownIsOld": [standing("liangding_oldest_unknown_seconds", "1801x60")],
    # From the beginning on: nothing was accepted, so nothing counts that.
    "LiangdingManyUnknown": [CALLS, counted("liangding_calls_unknown_total", "0+1x60")],
    "LiangdingNothingLeaves": [
        CALLS, counted("liangding_calls_not_sent_total", "0+3x60"),
        counted("liangding_calls_unanswered_total", "0+3x60", "1101"),
    ],
    "LiangdingJournalSilent": [standing("liangding_journal_silent", "1x60")],
    "LiangdingKeeperStands": [standing("liangding_keeper_seconds", "301x60")],
    "LiangdingSlow": [
        counted("liangding_call_seconds_bucket", "0+9x60").copy() | {
            "series": f'liangding_call_seconds_bucket{{province="p", infno="2102", le="{le}"}}', "values": f"0+{n}x60",
        }
        for le, n in (("10", 9), ("30", 10), ("+Inf", 10))
    ],
}  # fmt: skip
"""What is measured for an hour while each rule calls somebody, it alone; and when none does."""


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus")
def test_each_rule_calls_somebody_when_it_should_and_no_other_does(tmp_path: Path) -> None:
    rules = [rule["alert"] for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]
    assert set(rules) == FIRES.keys() - {""}
    firing = [
        {
            "interval": "1m", "input_series": series,
            "promql_expr_test": [
                {
                    "expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": "50m",
                    "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1}] if name else [],
                }
            ],
        }
        for name, series in FIRES.items()
    ]  # fmt: skip
    tests = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": firing}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests, allow_unicode=True), "utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "tests.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Failing:
    """A tracer of which one moment fails: the beginning of a span, what it is asked, or its end."""

    def __init__(self, at: str) -> None:
        self.at = at

    def get_tracer(self, _: str) -> Failing:
        return self

    def get_current_span(self) -> Failing:
        return self

    def start_as_current_span(self, *_: object, **__: object) -> Failing:
        return self

    def _comes(self, at: str) -> None:
        if at == self.at:
            raise RuntimeError(at)

    def __enter__(self) -> Failing:
        self._comes("begin")
        return self

    def __exit__(self, *_: object) -> None:
        self._comes("end")

    def get_span_context(self) -> Any:
        self._comes("ask")
        return type("Context", (), {"is_valid": False})


@pytest.mark.parametrize("at", ["begin", "ask", "end"])
def test_whoever_counts_and_traces_fails_by_themselves(
    tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform has settled; what looks on changes nothing of what is heard."""
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, "opentelemetry.trace", Failing(at))

    def failing(*_: object) -> None:
        raise RuntimeError("nobody counts")

    with simulated_rig_for(tmp_path) as rig:
        rig.runtime.observe = failing
        answer = rig.settle(key="B1")
        assert [answer.output.setlinfo.setl_id] == rig.standing()


# -- what was done is found again --------------------------------------------------------------------------------------


def test_calls_and_flows_are_found_page_by_page(tmp_path: Path) -> None:
    answers = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}
    with rig_for(tmp_path) as rig, asked_of(rig) as client:
        for number in range(5):
            view = rig.flows.start("pharmacy_purchase", bill(rig.person(), f"R{number}"), key=f"R{number}")
            assert run_flow(rig.flows, view, answers).status is Status.DONE
        abandoned = rig.flows.start("pharmacy_purchase", bill(rig.person("retired"), "R9"), key="R9")
        day = f"{rig.runtime.now():%Y-%m-%d}"

        def pages(path: str, limit: int, **asked: str) -> list[Any]:
            found: list[Any] = []
            before: dict[str, Any] = {}
            while page := client.get(path, params={**asked, "limit": limit, **before}).json():
                assert len(page) <= limit
                assert not {each["id"] for each in page} & {each["id"] for each in found}, "behind what was shown"
                found += page
                before = {"before": page[-1]["id"]}
            return found

        listed = pages("/v1/flows", 2)
        assert [each["id"] for each in listed] == [each["id"] for each in client.get("/v1/flows").json()]
        assert len({each["id"] for each in listed}) == 6
        assert listed[0]["id"] == abandoned.id
        done = pages("/v1/flows", 2, status="done", since=day, until=day, flow="pharmacy_purchase")
        assert len(done) == 5
        assert [each["id"] for each in pages("/v1/flows", 9, number="R3")] == [done[1]["id"]]
        assert client.get("/v1/flows", params={"before": "none", "_": "1"}).status_code == 404, "behind nothing"
        assert pages("/v1/flows", 9, until="2020-01-01") == pages("/v1/flows", 9, flow="outpatient") == []

        settled = pages("/v1/journal", 2, infno="2102")
        assert [each["id"] for each in settled] == sorted((each["id"] for each in settled), reverse=True)
        assert len(settled) == 5
        total, receipt = settled[0]["amount"], settled[0]["bill_no"]
        assert pages("/v1/journal", 9, infno="2102", least=str(total), most=str(total)) == settled
        assert pages("/v1/journal", 9, infno="2102", most="0.01") == []
        assert [each["id"] for each in pages("/v1/journal", 9, infno="2102", number=receipt)] == [settled[0]["id"]]
        assert pages("/v1/journal", 9, number=settled[1]["setl_id"], state="accepted")[-1]["id"] == settled[1]["id"]
        assert pages("/v1/journal", 9, since=f"{day} 00:00:00", infno="2102", operator="001") == settled


@pytest.mark.parametrize(("path", "asked", "names"), [
    ("/v1/journal", {"since": "gestern"}, "since"), ("/v1/journal", {"until": "9999-12-31"}, "until"),
    ("/v1/journal", {"least": "NaN"}, "least"), ("/v1/journal", {"most": "1e400"}, "most"),
    ("/v1/journal", {"before": "9" * 5000}, "before"), ("/v1/journal", {"before": "-1"}, "before"),
    ("/v1/journal", {"limit": "0"}, "limit"), ("/v1/journal", {"state": "fine"}, "state"),
    ("/v1/flows", {"status": "fine"}, "status"), ("/v1/flows", {"limit": "201"}, "limit"),
    ("/v1/journal", {"setl_id": "S1"}, "setl_id"), ("/v1/journal", {"psn_no": "1", "_": "7"}, "psn_no"),
    ("/v1/flows", {"bill_no": "B1"}, "bill_no"), ("/v1/flows", {"state": "done"}, "state"),
])  # fmt: skip
def test_what_cannot_be_looked_for_is_named(client: httpx.Client, path: str, asked: dict[str, str], names: str) -> None:
    answer = client.get(path, params=asked)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["path"] == names
