"""What the files for containers start, started as they say, with this machine's paths and ports in place of theirs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]

from liangding.config.clients import ServerSettings
from liangding.journal.engines import libpq_url
from support import free_port, write_deployment, write_secret
from test_line_tls import Authority

from .line import until
from .test_trial import listens
from .till import API_KEY, Bill, body_of, purchase

PACKAGING = Path(__file__).parents[2] / "packaging"
CONTAINER = (PACKAGING / "Containerfile").read_text("utf-8")
TRIAL = yaml.safe_load((PACKAGING / "compose-trial.yaml").read_text("utf-8"))["services"]
PYTHON = "/opt/liangding/bin/python"


def here(told: list[str], folder: Path, ports: dict[str, int]) -> list[str]:
    """A container's command as it is on this machine."""
    places = {
        PYTHON: sys.executable, "/etc/liangding": str(folder), "/var/lib/liangding": str(folder),
        "0.0.0.0": "127.0.0.1",
    } | {number: str(port) for number, port in ports.items()}  # fmt: skip
    for there, ours in places.items():
        told = [each.replace(there, ours) for each in told]
    return told


@contextmanager
def running(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "liangding", *arguments])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(120)


def test_what_the_containers_run_lives_by_their_health_checks_and_settles(tmp_path: Path, postgresql_url: str) -> None:
    """The trial's simulator and one of its servers, with TLS; two checks that know it by the same words."""
    write_secret(tmp_path, "till", API_KEY)
    Authority(tmp_path).issue("server")
    serves, plays = free_port(), free_port()
    more = f"""
[server]
host = "0.0.0.0"
port = {serves}
tls = {{ certificate = "server.pem", key = "server.key" }}
[[server.api_keys]]
name = "till"
key = {{ file = "secrets/till" }}
"""
    config = write_deployment(
        tmp_path, url=f"http://127.0.0.1:{plays}/hsa/hgs", name="deployment", keys="", more=more,
        journal=libpq_url(postgresql_url),
    )  # fmt: skip
    assert TRIAL["server-1"]["command"][-1].endswith(f"/{config.name}")
    ports = {"8190": plays, str(ServerSettings().port): serves}
    checks = {
        "simulator": here(TRIAL["simulator"]["healthcheck"]["test"][1:], tmp_path, ports),
        "server-1": here(json.loads(re.findall(r"^    CMD (\[.*)$", CONTAINER, re.MULTILINE)[0]), tmp_path, ports),
    }
    environment = os.environ | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}

    def well(name: str) -> bool:
        return subprocess.run(checks[name], env=environment, check=False).returncode == 0

    with running(here(TRIAL["simulator"]["command"], tmp_path, ports)):
        with running(here(TRIAL["server-1"]["command"], tmp_path, ports)):
            until(lambda: all(map(listens, (plays, serves))), "both listen", 300)
            assert [name for name in checks if not well(name)] == []
            asked = {"case": "local", "count": 1}
            (person,) = httpx.post(f"http://127.0.0.1:{plays}/_simulator/people", json=asked, trust_env=False).json()
            bill = Bill(key="B1", person=person, by_flow=False)
            told = httpx.post(
                f"https://127.0.0.1:{serves}/v1/transactions/2102", json=body_of(bill, purchase(bill)), verify=False,
                headers={"authorization": f"Bearer {API_KEY}", "idempotency-key": "B1"}, trust_env=False, timeout=120,
            )  # fmt: skip
            assert told.status_code == 200, told.text
        assert (well("simulator"), well("server-1")) == (True, False)


@pytest.mark.parametrize("file", ["compose.yaml", "compose-trial.yaml"])
def test_what_a_compose_file_names_is_there(file: str) -> None:
    told = yaml.safe_load((PACKAGING / file).read_text("utf-8"))
    services: dict[str, Any] = told["services"]
    assert told.keys() <= {"services", "volumes", "secrets"}
    named = {volume.split(":")[0] for each in services.values() for volume in each.get("volumes", ())}
    assert {name for name in named if name[0] not in "./"} == told["volumes"].keys()
    assert {name for each in services.values() for name in each.get("secrets", ())} == told.get("secrets", {}).keys()
    for name, service in services.items():
        assert service.keys() <= WORDS, name
        assert all(each["condition"] == "service_healthy" for each in service.get("depends_on", {}).values())
        assert all("healthcheck" in services[each] for each in service.get("depends_on", ()))
        if service["image"] == "liangding":
            assert service["restart"] == "unless-stopped", (
                "what dies is started anew, as the trial without containers does"
            )


WORDS = {
    "build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "ports",
    "read_only", "restart", "secrets", "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
"""Those of compose that our files use; podman and docker know them."""
