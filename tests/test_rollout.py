"""Rolling out by configuration: what a change will do, what is wrong on a machine, features on their day, reloading."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from liangding.clock import SystemClock
from liangding.config import load_deployment
from liangding.errors import ConfigurationError
from liangding.knowledge import Knowledge
from liangding.rollout.doctor import Health, examined
from liangding.rollout.planning import Change, Matter, plan
from support import purchase, rig_for, write_deployment
from test_cli import liangding
from test_server import free_port, serving


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
                f"{url}/transactions/2102", json=body, headers={"Idempotency-Key": "R1"}, timeout=120, trust_env=False
            )

        def names() -> list[str]:
            return list(httpx.get(f"{url}/health", timeout=60, trust_env=False).json()["deployments"])

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
