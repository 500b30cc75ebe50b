"""Devices over HTTP and on the command line: a till's own door, a deployment's, and the commands."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from liangding.cli.app import run
from liangding.config.till import load_till
from liangding.contract.devices import Medium
from liangding.contract.serial_ports import EmulatedLine
from liangding.devices import devices_of_till
from liangding.errors import ConfigurationError
from liangding.flows import Status
from liangding.server.app import api
from liangding.server.devices import till_app
from liangding.simulator.people import People
from liangding_scanner.emulator import EmulatedScanner
from support import free_port, rig_for, run_flow, until_up, write_secret
from test_devices import CODES, DEVICE, YES, given, persona_of, shows

PERSON = People("441900").case("local")
CARD = (
    f'personas = [{{ name = "{PERSON.name}", certno = "{PERSON.certno}", sex = "{PERSON.gender}", '
    f'born = "{PERSON.born}", card_no = "{PERSON.card_no}", card_sn = "{PERSON.card_sn}", place = "441900", '
    f'shown = "{PERSON.qr_code}" }}]'
)
TILL = f"""\
origins = ["https://his.example"]

[devices.reader]
driver = "simulated"
{CARD}

[[server.api_keys]]
name = "his"
key = {{ file = "secrets/his" }}
"""
KEY = "made-up-key-of-the-his"


def till_file(folder: Path, text: str = TILL) -> Path:
    write_secret(folder, "his", KEY)
    path = folder / "till.toml"
    path.write_text(text, "utf-8")
    return path


class Client:
    """Asks an application in this process."""

    def __init__(self, app: Any, headers: dict[str, str] | None = None) -> None:
        self._transport = httpx.ASGITransport(app)
        self._headers = headers or {}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            given = self._headers | headers
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://127.0.0.1:8181", headers=given
            ) as client:
                return await client.request(method, path, json=body)

        return anyio.run(ask)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.ask("POST", path, body if body is not None else {})


@contextlib.contextmanager
def door(path: Path, **headers: str) -> Iterator[Client]:
    till = load_till(path)
    with contextlib.closing(devices_of_till(till)) as devices:
        yield Client(till_app(till, devices), headers)


# -- a till's door -----------------------------------------------------------------------------------------------


def test_a_till_offers_its_devices(tmp_path: Path) -> None:
    with door(till_file(tmp_path), authorization=f"Bearer {KEY}") as client:
        assert client.get("/v1/health").json()["devices"][0]["name"] == "reader"
        read = client.post("/v1/devices/read", {"media": ["social_card"], "seconds": 5})
        assert (read.status_code, read.json()["number"], read.json()["card_sn"]) == (
            200, PERSON.card_no, PERSON.card_sn,
        )  # fmt: skip
        wrong = client.post("/v1/devices/verify-password", {"password": "000000"}).json()["error"]
        assert (wrong["code"], wrong["tries_left"]) == ("password_wrong", 2)
        assert client.post("/v1/devices/verify-password", {"password": "123456"}).json() == {"ok": True}
        changed = client.post("/v1/devices/change-password", {"password": "123456", "new": "654321"})
        assert changed.json() == {"ok": True}
        assert client.post("/v1/devices/cancel").json() == {"cancelled": 0}
        assert client.get("/v1/journal").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"media": ["goods"], "seconds": 0.2}, 409, "no_device"),
        ({"media": ["coin"]}, 422, "invalid_message"),
        ({"seconds": 0}, 400, "bad_request"),
        ({"seconds": 10_000}, 400, "bad_request"),
        ({"device": "other"}, 409, "no_device"),
        ({"device": 1}, 400, "bad_request"),
        ({"medium": "code"}, 422, "invalid_message"),
    ],
)
def test_what_is_asked_wrongly_is_named(tmp_path: Path, body: dict[str, Any], status: int, code: str) -> None:
    with door(till_file(tmp_path), authorization=f"Bearer {KEY}") as client:
        answer = client.post("/v1/devices/read", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer other"}, 401),
        ({"authorization": f"Bearer {KEY}"}, 200),
        ({"authorization": f"Bearer {KEY}", "origin": "https://his.example"}, 200),
        ({"authorization": f"Bearer {KEY}", "origin": "https://other.example"}, 403),
    ],
)
def test_pages_and_strangers_are_refused(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    with door(till_file(tmp_path), **headers) as client:
        assert client.get("/v1/devices").status_code == status


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8181", 200), ("localhost", 200), ("evil.example:8181", 403)])
def test_a_name_that_pretends_to_be_the_loopback_is_refused(tmp_path: Path, host: str, status: int) -> None:
    path = till_file(tmp_path, TILL.partition("[[server")[0])
    with door(path) as client:
        assert client.get("/v1/devices", host=host).status_code == status


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("devices = 3", "devices"),
        ("[divices.a]", "divices"),
        ('[devices.a]\ndriver = "no"', "没有设备驱动 no"),
        ("[", "TOML"),
    ],
)
def test_a_tills_file_that_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as wrong, door(till_file(tmp_path, text)):
        pass
    assert says in str(wrong.value)


# -- a deployment's door -----------------------------------------------------------------------------------------


def test_a_deployment_offers_its_devices_too(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=CODES + DEVICE) as rig:
        client = Client(api({"test": rig.runtime}))
        device = shows(rig, rig.person(), media=(Medium.CODE,))
        read = client.post("/v1/devices/read", {"media": ["code"], "infno": "2102"}).json()
        assert read["shown"] == rig.person().qr_code
        asked = device.asked[0]
        assert (asked.institution, asked.area, asked.operator_name) == ("P44190000001", "441900", "测试收银员")
        assert client.get("/v1/devices").json()[0]["name"] == "till"
        view = client.ask("POST", "/v1/flows/pharmacy_purchase", given(rig), **{"idempotency-key": "R1"}).json()
        assert view["question"]["id"] == "use_account"


# -- real processes ----------------------------------------------------------------------------------------------


def command(*arguments: object) -> subprocess.Popen[str]:
    run_ = [sys.executable, "-m", "liangding", *map(str, arguments)]
    return subprocess.Popen(run_, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="the emulated scanner hangs at a pseudo-terminal")
def test_the_server_stands_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A flow's question goes to the till's program; that asks its own devices, by the till's own process; and the flow
    goes on with what they read."""
    with rig_for(tmp_path, more=CODES) as rig:
        line = EmulatedLine(EmulatedScanner([persona_of(rig.person()).shown]))
        table = f'[devices.gun]\ndriver = "scanner"\nport = "{line.port}"\ntrigger = "honeywell"\n'
        path = till_file(tmp_path, f'plugins = ["scanner"]\n{table}')
        port = free_port()
        serving = command("devices", "serve", "-c", path, "--port", port)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as till:
                until_up(serving, port)
                till.get("/v1/health").raise_for_status()
                view = rig.flows.start("pharmacy_purchase", given(rig), key="R1")
                assert view.question is not None
                asked = view.as_json()["question"]["read"]
                reading = till.post("/v1/devices/read", json=asked).json()
                assert reading["shown"] == rig.person().qr_code
                view = run_flow(rig.flows, rig.flows.answer(view.id, json.dumps(reading)), YES)
                assert view.status is Status.DONE, view.error
        finally:
            serving.terminate()
            serving.wait(timeout=20)
        assert run(["devices", "list", "-c", str(path)]) == 0
        assert run(["devices", "read", "-c", str(path), "-m", "code", "--seconds", "20"]) == 0
        assert run(["devices", "watch", "-c", str(path), "-m", "code", "--count", "1"]) == 0
        said = "".join(capsys.readouterr())
        assert "扫码枪" in said
        assert said.count("医保码（gun）") == 2
        assert rig.person().qr_code not in said
        line.close()


EMULATE = ["devices", "emulate", "simulated", "--area", "441900"]


def test_an_emulated_device_says_how_to_open_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*EMULATE, "--case", "hong_kong", "--seconds", "0"]) == 0
    path = till_file(tmp_path, capsys.readouterr().out.partition("\n\n")[2])
    assert run(["devices", "read", "-c", str(path), "-m", "code", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shown"] == People("441900").case("hong_kong").qr_code


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["emulate", "coin"], "没有设备驱动 coin"),
        (["emulate", "simulated", "--case", "nobody"], "没有模拟参保人 nobody"),
        (["serve", "-c", "FILE", "--host", "0.0.0.0"], "没有配置密钥"),
        (["read", "-c", "EMPTY"], "没有设备"),
    ],
)
def test_commands_say_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    files = {"FILE": till_file(tmp_path, CARDLESS), "EMPTY": tmp_path / "empty.toml"}
    files["EMPTY"].touch()
    assert run(["devices", *(str(files.get(each, each)) for each in arguments)]) == 2
    assert says in capsys.readouterr().err


CARDLESS = '[devices.reader]\ndriver = "simulated"\n'
