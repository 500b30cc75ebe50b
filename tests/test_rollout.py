"""Rolling out by configuration: what a change will do, what is wrong on a machine, features on their day, reloading."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from liangding import __version__
from liangding.clock import SystemClock
from liangding.config import deployment_files, load_deployment
from liangding.config.clients import new_api_key
from liangding.errors import ConfigurationError, OutcomeUnknown
from liangding.journal.vault import new_secret
from liangding.knowledge import Knowledge
from liangding.rollout.doctor import Health, examined
from liangding.rollout.planning import Change, Matter, plan
from liangding.rollout.standing import certificates_of
from liangding.simulator.faults import Fault
from shell import liangding
from support import free_port, purchase, rig_for, write_deployment, write_secret
from test_line_tls import Authority
from test_server import own_key, serving


def planned(old: Path, new: Path, on: date | None = None) -> dict[Matter, dict[str, Change]]:
    found = plan(Knowledge(load_deployment(old)), Knowledge(load_deployment(new, on=on)))
    return {matter: {each.what: each for each in found if each.matter is matter} for matter in Matter}


def test_a_plan_says_what_changes_and_what_to_think_of(tmp_path: Path) -> None:
    old = write_deployment(tmp_path, name="old")
    assert not any(planned(old, old).values())
    new = write_deployment(
        tmp_path, name="new", url="http://127.0.0.1:10", journal="sqlite:///other.db",
        institution='businesses = ["购药", "门慢"]', more='[jobs.schedule]\ncatalogues = "daily 03:30"\n',
    )  # fmt: skip
    seen = planned(old, new)
    assert (seen[Matter.FIXED]["2102.med_type"].before, seen[Matter.FIXED]["2102.med_type"].after) == ("41", "41、14")
    assert "127.0.0.1:10" in seen[Matter.ENDPOINTS]["平台"].after
    assert "结果不明" in seen[Matter.SETTINGS]["journal.url"].care
    assert list(seen[Matter.SCHEDULES]) == ["schedule.catalogues"]
    assert not seen[Matter.TRANSACTIONS]
    elsewhere = write_deployment(
        tmp_path, name="gansu", province="gansu", area="620100", code="P62010000001", gateway="plain"
    )
    seen = planned(old, elsewhere)
    assert seen[Matter.TRANSACTIONS]["90502"].after == ""
    assert seen[Matter.FIXED]["2102.med_type"].after == ""
    assert "departments_upload_batch" in seen[Matter.HOOKS]["3401A departments_upload_batch"].after
    assert seen[Matter.STEPS]["pharmacy_purchase"].before != seen[Matter.STEPS]["pharmacy_purchase"].after
    assert seen[Matter.EDITIONS]["地区"].after == "甘肃"
    told = liangding("plan", old, new)
    assert not [*tmp_path.rglob("*.db")], "a plan only looks: it makes no journal"
    assert told.returncode == 0, told.stderr
    assert "固定值：" in told.stdout
    for secret in (tmp_path / "secrets").iterdir():
        assert secret.read_text("utf-8") not in told.stdout


def test_features_change_on_their_day(tmp_path: Path) -> None:
    later = '[[later]]\non = 2027-01-01\nfeatures = { trace_codes = "both" }\n'
    path = write_deployment(tmp_path, more=later)
    assert load_deployment(path, on=date(2026, 12, 31)).features.trace_codes is None
    assert load_deployment(path, on=date(2027, 1, 1)).features.trace_codes == "both"
    changed = planned(path, path, date(2027, 1, 1))[Matter.SETTINGS]
    assert list(changed) == ["features.trace_codes"]
    for wrong, said in (
        ('features = { trace_code = "both" }', "是不是想写 trace_codes"),
        ('features = { trace_codes = "bote" }', "trace_codes"),
    ):
        path.write_text(path.read_text("utf-8").replace('features = { trace_codes = "both" }', wrong), "utf-8")
        with pytest.raises(ConfigurationError, match=said):
            load_deployment(path, on=date(2026, 1, 1))
        write_deployment(tmp_path, more=later)


def test_the_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="gansu", area="620100", code="P62010000001", gateway="plain") as rig:
        found = {each.what: each for each in examined(rig.deployment, SystemClock())}
        healthy = {"部署文件", "平台环境", "网络：平台", "网关", "签到", "密钥", "流水"}
        assert {what for what in healthy if found[what].health is Health.WELL} == healthy
        assert found["目录"].health is Health.DOUBTFUL
        assert found["备份"].health is Health.PERSON
        assert rig.sent("9001") == 1
        assert all(each.todo for each in found.values() if each.health is not Health.WELL)
    gone = {each.what: each for each in examined(rig.deployment, SystemClock())}
    assert gone["网络：平台"].health is Health.ILL
    assert "签到" not in gone
    done = liangding("doctor", "--config", rig.config, "--json")
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize(
    ("days", "health", "told"),
    [(-1, Health.ILL, "为止"), (5, Health.DOUBTFUL, "为止"), (400, None, ""), (None, Health.ILL, "读不了")],
    ids=["gone", "soon", "long", "none"],
)
def test_a_certificate_that_ends_is_told(tmp_path: Path, days: int | None, health: Health | None, told: str) -> None:
    """What the server shows to tills, by its file: until when it holds, and a file that is none."""
    now = datetime.now(UTC)
    if days is None:
        (tmp_path / "server.pem").write_text("none", "utf-8")
    else:
        issued, _ = Authority(tmp_path).issue("server", begins=now - timedelta(days=9), ends=now + timedelta(days=days))
        assert issued.name == "server.pem"
    more = '[server.tls]\ncertificate = "server.pem"\nkey = "server.key"\n'
    place = {"province": "gansu", "area": "620100", "code": "P62010000001"}
    deployment = load_deployment(write_deployment(tmp_path, more=more, **place))
    (held,) = certificates_of(deployment)
    assert (held.what, held.until is None) == ("server.tls.certificate", days is None)
    found = {each.what: each for each in examined(deployment, SystemClock())}.get("证书 server.tls.certificate")
    assert (found.health if found else None, told in (found.told if found else "")) == (health, True)


def test_the_doctor_pings_what_the_region_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """东莞 附件6 二：ping 10.97.240.206、10.146.49.87、10.97.145.148、10.97.145.149."""
    asked = tmp_path / "asked"
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "ping"
    command.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$last" >> {asked}\ntest "$last" != 10.146.49.87\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    deployment = load_deployment(write_deployment(tmp_path))
    found = {each.what: each.health for each in examined(deployment, SystemClock()) if each.what.startswith("ping")}
    reached = {"10.97.240.206", "10.97.145.148", "10.97.145.149"}
    assert found == {"ping 10.146.49.87": Health.ILL, **{f"ping {each}": Health.WELL for each in reached}}
    assert sorted(asked.read_text("utf-8").split()) == sorted({*reached, "10.146.49.87"})


def test_a_server_reads_its_files_anew_and_loses_no_call(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    reached, let_go = threading.Event(), threading.Event()
    with rig_for(tmp_path, read_seconds=120) as rig, serving(rig.config, port=port) as server:
        settle = rig.platform.handlers["2102"]

        def waiting(request: Any) -> Any:
            reached.set()
            assert let_go.wait(100)
            return settle(request)

        rig.platform.handlers["2102"] = waiting
        message = purchase(rig.person())
        body = {"input": message, "insuplc_admdvs": rig.person().covers[0].place}

        def charge() -> httpx.Response:
            return httpx.post(
                f"{url}/transactions/2102",
                json=body,
                headers={"Idempotency-Key": "R1"} | own_key(rig.config),
                timeout=120,
                trust_env=False,
            )

        def names() -> list[str]:
            return list(
                httpx.get(f"{url}/health", headers=own_key(rig.config), timeout=60, trust_env=False).json()[
                    "deployments"
                ]
            )

        with ThreadPoolExecutor(1) as desk:
            charged = desk.submit(charge)
            assert reached.wait(60)
            text = rig.config.read_text("utf-8")
            rig.config.write_text(f"{text}\n[nothing]\n", "utf-8")
            server.send_signal(signal.SIGHUP)
            assert names() == ["test"], "a file that is wrong changes nothing"
            rig.config.write_text(text.replace('name = "test"', 'name = "renewed"'), "utf-8")
            until = time.monotonic() + 60
            while names() != ["renewed"]:
                server.send_signal(signal.SIGHUP)
                assert time.monotonic() < until
            let_go.set()
            assert charged.result().status_code == 200, "what was under way ended as it began"
        again = charge()
        assert (again.status_code, again.json()["recorded"]) == (200, True)
        assert rig.sent("2102") == 1


SHARED = """
province = "dongguan"
[[operators]]
code = "001"
name = "收银员"
[platform]
url = "http://127.0.0.1:9"
gateway = "plain"
environment = "test"
[journal]
url = "sqlite:///journal.db"
key = { file = "secrets/journal" }
[server]
workers = 4
api_keys = [{ name = "his", key = { file = "secrets/his" } }]
"""
OWN = """
extends = "shared.toml"
[institution]
code = "{code}"
name = "药店"
kind = "pharmacy"
area = "441900"
{more}
"""


def institutions(folder: Path, own: Mapping[str, str]) -> Path:
    """Deployment files of several institutions, by code with lines of their own, over one set-up, which also has the
    key of the HIS."""
    folder.mkdir()
    write_secret(folder, "journal", new_secret())
    write_secret(folder, "his", new_api_key())
    (folder / "shared.toml").write_text(SHARED, "utf-8")
    for code, more in own.items():
        (folder / f"{code}.toml").write_text(OWN.format(code=code, more=more), "utf-8")
    return folder


def test_a_set_up_is_shared_and_each_file_has_the_last_word(tmp_path: Path) -> None:
    folder = institutions(tmp_path / "all", {"P44190000001": "[server]\nworkers = 9\n"})
    own = folder / "P44190000001.toml"
    held = load_deployment(own)
    assert (held.name, held.institution.code, held.server.workers) == ("P44190000001", "P44190000001", 9)
    assert [client.name for client in held.clients()] == ["his"], "what the file does not say is the shared set-up's"
    assert deployment_files([folder]) == [own]
    text, shared = own.read_text("utf-8"), (folder / "shared.toml").read_text("utf-8")
    for ours, theirs, said in (
        (text.replace("shared.toml", "../common.toml"), shared, "同一文件夹里的一个文件名"),
        (text.replace("shared.toml", "share.toml"), shared, "share.toml"),
        (text, 'extends = "further.toml"\n' + shared, "只有一层"),
        (text, shared.replace("gateway =", "gatewy ="), r"或它 extends 的 shared.toml.*gatewy"),
    ):
        own.write_text(ours, "utf-8")
        (folder / "shared.toml").write_text(theirs, "utf-8")
        with pytest.raises(ConfigurationError) as wrong:
            load_deployment(own)
        assert re.search(said, str(wrong.value)), wrong.value
    with pytest.raises(ConfigurationError, match="没有部署文件"):
        deployment_files([tmp_path])


def test_each_request_names_its_institution(tmp_path: Path) -> None:
    codes = ["P44190000001", "P44190000002", "P44190000003"]
    with contextlib.ExitStack() as stack:
        rigs = []
        for code in codes[:2]:
            (tmp_path / code).mkdir()
            rigs.append(stack.enter_context(rig_for(tmp_path / code, code=code, gateway="plain")))
        own = dict.fromkeys(codes, "") | {
            code: f'[platform]\nurl = "{rig.url}/hsa/hgs"\n' for code, rig in zip(codes, rigs, strict=False)
        }
        folder, port = institutions(tmp_path / "all", own), free_port()
        person = rigs[0].person()
        body = {"input": purchase(person), "insuplc_admdvs": person.covers[0].place}
        key = (folder / "secrets" / "his").read_text("utf-8")
        with (
            serving(folder, port=port),
            httpx.Client(base_url=f"http://127.0.0.1:{port}/v1", timeout=120, trust_env=False) as http,
        ):
            http.headers["authorization"] = f"Bearer {key}"

            def charge(code: str, path: str = "transactions/2102") -> httpx.Response:
                named = {"X-Institution": code} if code else {}
                return http.post(path, json=body, headers={"Idempotency-Key": "R1", **named})

            answers = [charge(code) for code in codes[:2]]
            assert [each.status_code for each in answers] == [200, 200], answers[1].text
            assert [each.json()["msgid"][:12] for each in answers] == codes[:2]
            assert [each.json()["recorded"] for each in answers] == [False, False], "a key is its institution's"
            assert charge(codes[0]).json()["recorded"]
            by_path = charge("", f"deployments/{codes[1]}/transactions/2102")
            assert by_path.json()["msgid"] == answers[1].json()["msgid"]
            for refused, status, code in (
                (charge(""), 404, "unknown_institution"),
                (charge("P44190000009"), 404, "unknown_institution"),
                (charge(codes[0], f"deployments/{codes[1]}/transactions/2102"), 400, "other_institution"),
            ):
                assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
            assert [rig.sent("2102") for rig in rigs] == [1, 1]
            assert set(http.get("health", headers={"X-Institution": codes[0]}).json()["deployments"]) == set(codes)
            write_secret(folder, "his", new_api_key())
            assert charge(codes[0]).status_code == 401, "keys of the shared set-up are taken up, too"
    assert {path.name for path in folder.glob("*.db")} == {"journal.db"}


def test_a_fleet_is_seen_from_files_and_from_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_secret(tmp_path, "his", new_api_key())
    port, here = free_port(), {"province": "xinjiang", "area": "650100", "code": "P65010000001", "gateway": "plain"}
    api = f'[server]\nport = {port}\napi_keys = [{{ name = "his", key = {{ file = "secrets/his" }} }}]\n'
    stated = '[acceptance.stated]\nXJ-081 = "2024-09-20 平台已查到"\n'
    with rig_for(tmp_path, **here, more=api + stated) as rig, serving(rig.config, port=port):
        rig.strike(Fault.ANSWER_LOST, "2102")
        rig.deafen()
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="R1")
        (tmp_path / "broken.toml").write_text("[institution]\n", "utf-8")
        write_deployment(tmp_path, name="fresh", journal="sqlite:///fresh.db")
        url = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("LIANGDING_API_KEY", (tmp_path / "secrets" / "his").read_text("utf-8"))
        done = liangding("fleet", tmp_path, "--server", url, "--server", "http://127.0.0.1:9", "--json")
        assert done.returncode == 1, done.stderr
        broken, fresh, of_file, running, gone = json.loads(done.stdout)
        assert broken["wrong"]
        assert (fresh["unknown"], "流水" in fresh["wrong"]) == (None, True), fresh
        assert not (tmp_path / "fresh.db").exists(), "looking makes nothing"
        assert running == of_file | {"source": url}
        assert (of_file["province"], of_file["institution"], of_file["version"]) == (
            "xinjiang", "P65010000001", __version__
        )  # fmt: skip
        assert (of_file["unknown"], of_file["catalogue_days"], of_file["wrong"]) == (1, None, "")
        assert of_file["overdue"] == ["XJ-074", "XJ-076", "XJ-082", "XJ-084"], "what is stated as done is not overdue"
        assert (of_file["open_requirements"], fresh["open_requirements"]) == (0, 1), "DG-010"
        assert "没有应答" in gone["wrong"]
        monkeypatch.delenv("LIANGDING_API_KEY")
        (blind,) = json.loads(liangding("fleet", "--server", url, "--json").stdout)
        assert (blind["unknown"], blind["overdue"], "密钥" in blind["wrong"]) == (None, None, True)
        told = liangding("fleet", tmp_path).stdout
        assert "XJ-074" in told
