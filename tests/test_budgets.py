"""Rooms for work: where the platform is slow for one deployment, others, health and the journal go on; check looks over
what an installation leaves open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from liangding.cli.app import run as command
from liangding.config.addresses import without_secrets
from liangding.journal.vault import new_secret
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from support import Rig, free_port, rig_for, write_deployment, write_secret
from test_server import own_key, serving


def test_slow_calls_of_one_shop_hold_up_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    async def sleep(seconds: float) -> None:
        await asyncio.to_thread(let_go.wait, seconds)

    monkeypatch.setattr("liangding.simulator.app.asyncio", SimpleNamespace(sleep=sleep))
    (tmp_path / "slow").mkdir()
    (tmp_path / "quick").mkdir()
    port = free_port()
    with contextlib.ExitStack() as stack:
        slow = stack.enter_context(
            rig_for(tmp_path / "slow", name="slow", more="[server]\nworkers = 2", read_seconds=60)
        )
        quick = stack.enter_context(rig_for(tmp_path / "quick", name="quick", code="P44190000002"))
        stack.enter_context(serving(slow.config, quick.config, port=port))
        for rig in (slow, quick):  # signed in already
            assert asked(rig, port).status_code == 200
        slow.strike(Fault.SLOW, "1101", times=2, seconds=60)
        before, recorded = slow.sent("1101"), len(slow.runtime.journal.latest(limit=100))
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(asked, slow, port) for _ in range(2)]
            deadline = time.monotonic() + 60
            while slow.sent("1101") < before + 2:
                assert time.monotonic() < deadline
            busy = asked(slow, port)
            assert (busy.status_code, busy.json()["error"]["code"], busy.headers["retry-after"]) == (503, "busy", "2")
            assert asked(quick, port).status_code == 200
            health = httpx.get(f"http://127.0.0.1:{port}/v1/health", trust_env=False, timeout=60)
            listed = httpx.get(
                f"http://127.0.0.1:{port}/v1/deployments/slow/journal",
                headers=own_key(slow.config),
                trust_env=False,
                timeout=60,
            )
            assert (health.status_code, listed.status_code) == (200, 200)
            assert not any(each.done() for each in waiting), "all of it happened while they waited"
            let_go.set()
            assert [each.result().status_code for each in waiting] == [200, 200]
        assert len(slow.runtime.journal.latest(limit=100)) == recorded + 2


def asked(rig: Rig, port: int) -> httpx.Response:
    person = rig.person()
    shown = {"mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno, "psn_cert_type": "01", "certno": person.certno}
    body = {"input": {"data": shown | {"psn_name": person.name}}}
    url = f"http://127.0.0.1:{port}/v1/deployments/{rig.deployment.name}/transactions/1101"
    return httpx.post(url, json=body, headers=own_key(rig.config), trust_env=False, timeout=120)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_check_looks_over_modes_passwords_and_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_deployment(tmp_path, url="http://10.1.2.3/hsa", journal="postgresql://his:hunter2@db/journal")
    assert command(["check", "--config", str(config)]) == 0
    told = capsys.readouterr().out.replace("\n", "")
    assert "hunter2" not in told
    assert 'journal.password = { env = "变量名" }' in told
    assert "platform.url 是 http" in told
    assert "没有写 journal.heads" in told
    config = write_deployment(tmp_path, url="https://10.1.2.3/hsa", more='heads = "heads"')
    (tmp_path / "journal.db").touch()
    (tmp_path / "journal.db").chmod(0o644)
    config.chmod(0o666)
    assert command(["check", "--config", str(config)]) == 0
    told = capsys.readouterr().out.replace("\n", "")
    assert f"chmod 600 {tmp_path / 'journal.db'}" in told
    assert "别人可改" in told
    assert "里写着密码" not in told
    assert "http，" not in told


@pytest.mark.parametrize("key", ["", "abc", new_secret()], ids=["missing", "malformed", "another"])
def test_check_refuses_a_key_that_does_not_open_the_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    config = write_deployment(tmp_path)
    with Runtime.from_file(config):
        pass
    before = (tmp_path / "journal.db").read_bytes()
    assert command(["check", "--config", str(config)]) == 0
    write_secret(tmp_path, "journal", key)
    assert command(["check", "--config", str(config)]) == 2
    assert "journal.key" in capsys.readouterr().err
    assert (tmp_path / "journal.db").read_bytes() == before


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://his:hunter2@db/journal", "postgresql://his:***@db/journal"),
        ("postgresql://his:hun@ter2/:x@db/journal", "postgresql://his:***@db/journal"),
        ("postgresql://db/journal?user=his&password=hunter2", "postgresql://db/journal?user=his&password=***"),
        ("https://his:hunter2@10.1.2.3/hsa", "https://his:***@10.1.2.3/hsa"),
        ("https://10.1.2.3/hsa?access_token=hunter2&v=1", "https://10.1.2.3/hsa?access_token=***&v=1"),
        ("https://10.1.2.3:8443/hsa?v=1", "https://10.1.2.3:8443/hsa?v=1"),
        ("sqlite:///journal.db", "sqlite:///journal.db"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


def test_check_prints_no_password_wherever_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = '[catalogues]\nurl = "postgresql://db/shelf?password=hunter2"'
    config = write_deployment(tmp_path, url="https://his:hunter2@10.1.2.3/hsa", more=more)
    assert command(["check", "--config", str(config)]) == 0
    told = "".join(capsys.readouterr()).replace("\n", "")
    assert "hunter2" not in told
    assert 'catalogues.password = { env = "变量名" }' in told
    assert "platform.url 里写着密码" in told


def test_a_databases_password_is_a_secret_of_its_own(tmp_path: Path, postgresql_url: str) -> None:
    write_secret(tmp_path, "database", "not asked for here")
    more = 'password = { file = "secrets/database" }'
    with rig_for(tmp_path, journal=postgresql_url, more=more) as rig:
        rig.settle(key="B1")
        assert command(["journal", "verify", "--config", str(rig.config)]) == 0
