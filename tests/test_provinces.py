"""The fifteen deployment files of ``examples/provinces``, each done as its README says; and a hospital that moves."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding.config import load_deployment
from liangding.journal.vault import new_secret
from liangding.runtime import Runtime
from liangding.server.app import api
from liangding.simulator.background import Served, ServedPlatform
from liangding.simulator.setup import door_for

PROVINCES = Path(__file__).parent.parent / "examples" / "provinces"
SECRETS = {
    "LIANGDING_JOURNAL_KEY": new_secret(), "LIANGDING_API_KEY": "his-key-for-trying-0123456789",
    "LIANGDING_TIF_PAASID": "p", "LIANGDING_TIF_TOKEN": "t",
}  # fmt: skip

DONE = {
    "pharmacy": ["药店购药"], "clinic": ["门诊结算"], "hospital": ["门诊结算", "入院办理", "住院费用上传", "出院结算"],
}  # fmt: skip


@contextlib.contextmanager
def at_work(config: Path) -> Iterator[tuple[str, ServedPlatform]]:
    """The API of a deployment file, and the platform that it names."""
    with ServedPlatform(door_for(load_deployment(config))) as platform:
        text = config.read_text("utf-8").replace("http://127.0.0.1:8190", platform.url)
        config.write_text(text, "utf-8")
        with Runtime.from_file(config) as runtime, Served(api({"main": runtime})) as served:
            yield served.url, platform


def client(folder: Path, url: str, kind: str, province: str) -> str:
    """What the example's client says, in a process of its own."""
    done = subprocess.run(
        [sys.executable, folder / "client.py", kind, province], capture_output=True, text=True, check=False,
        env={**os.environ, "LIANGDING_URL": url, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return Path(shutil.copytree(PROVINCES, tmp_path / "provinces"))


def charges(platform: ServedPlatform) -> list[Any]:
    return [each["medfee_sumamt"] for each in platform.door.platform.world.ledger() if each["counts"]]


@pytest.mark.parametrize("config", sorted(path.stem for path in PROVINCES.glob("*.toml")))
def test_each_kind_in_each_province(examples: Path, config: str) -> None:
    province, kind = config.split("-")
    with at_work(examples / f"{config}.toml") as (url, platform):
        said = client(examples, url, kind, province)
        for title in DONE[kind]:
            assert f" {title}" in said, said
        once = charges(platform)
        assert len(once) == (2 if kind == "hospital" else 1)
        assert "✓" in client(examples, url, kind, province)
        assert charges(platform) == once


def test_there_are_fifteen() -> None:
    assert len(list(PROVINCES.glob("*.toml"))) == 15


def flat(held: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Every setting of a file by its key."""
    found: dict[str, Any] = {}
    for name, value in held.items():
        at = f"{path}.{name}" if path else name
        found |= flat(value, at) if isinstance(value, dict) else {at: value}
    return found


MOVED = {
    "province", "name", "institution.code", "institution.area", "platform.url", "platform.gateway",
    "platform.credentials.key", "journal.url",
}  # fmt: skip
"""What may differ: the province, the institution's code and area, address and credentials; a name and a journal of its
own, where both stand on one machine."""


def test_a_hospital_moves_from_gansu_to_sichuan(examples: Path) -> None:
    """The same client and the same bodies over HTTP; only the control's token is asked beyond."""
    files = [examples / f"{province}-hospital.toml" for province in ("gansu", "sichuan")]
    before, after = (flat(tomllib.loads(file.read_text("utf-8"))) for file in files)
    assert {key for key in before | after if before.get(key) != after.get(key)} <= MOVED
    asked: list[set[str]] = []
    told: list[dict[str, Any]] = []
    for province, file in zip(("gansu", "sichuan"), files, strict=True):
        with at_work(file) as (url, platform):
            said = client(examples, url, "hospital", province)
            asked.append({line.strip().partition("：")[0] for line in said.splitlines() if line.startswith("  问")})
            told.append({"charges": charges(platform)})
            sent = [infno for _, infno in platform.door.platform.requests]
            assert ("2207A" in sent) is (province == "sichuan")
    assert told[0] == told[1]
    assert asked[1] - asked[0] == {"问收银程序"}
    assert not asked[0] - asked[1]
    assert json.loads((PROVINCES / "people.json").read_text("utf-8")).keys() >= {"gansu", "sichuan"}
