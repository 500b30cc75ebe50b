"""The examples, run as their README runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liangding.config import load_deployment
from liangding.journal.vault import new_secret
from liangding.simulator.background import ServedPlatform
from liangding.simulator.setup import door_for
from support import free_port, write_secret
from test_server import serving

EXAMPLES = Path(__file__).parent.parent / "examples"

SECRETS = {"LIANGDING_TIF_PAASID": "p", "LIANGDING_TIF_TOKEN": "t", "LIANGDING_API_KEY": "k"}


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, ServedPlatform]]:
    """The example's deployment, its platform, and the local API."""
    folder = tmp_path_factory.mktemp("examples")
    os.environ.update(SECRETS | {"LIANGDING_JOURNAL_KEY": new_secret()})
    write_secret(folder, "unused", "x")
    config = folder / "dongguan-pharmacy.toml"
    text = (EXAMPLES / "dongguan-pharmacy.toml").read_text("utf-8")
    config.write_text(text, "utf-8")
    with ServedPlatform(door_for(load_deployment(config))) as platform:
        config.write_text(text.replace("http://127.0.0.1:8190", platform.url), "utf-8")
        port = free_port()
        with serving(config, port=port):
            yield config, port, platform


def run(*command: object, port: int) -> str:
    environment = {**os.environ, "LIANGDING_URL": f"http://127.0.0.1:{port}", "PYTHONUTF8": "1"}
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def another_bill(folder: Path, number: int) -> Path:
    path = folder / f"bill-{number}.json"
    path.write_text((EXAMPLES / "bill.json").read_text("utf-8").replace("260701001", f"26070{number}"), "utf-8")
    return path


ANSWERS = ("use_account=1", "same_bill=another", "confirm=yes")


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on this machine: its example was NOT run")


def test_curl(till: tuple[Path, int, ServedPlatform]) -> None:
    needs("curl")
    config, port, platform = till
    shown = run("sh", EXAMPLES / "curl" / "purchase.sh", another_bill(config.parent, 2001), *ANSWERS, port=port)
    assert "医保结算单" in shown
    assert sum(s.counts for s in platform.door.platform.world.settlements.values()) >= 1


def test_java(till: tuple[Path, int, ServedPlatform]) -> None:
    needs("java")
    config, port, _ = till
    source = EXAMPLES / "java" / "PharmacyClient.java"
    shown = run("java", "-Dfile.encoding=UTF-8", source, another_bill(config.parent, 2002), *ANSWERS, port=port)
    assert "医保结算单" in shown


def test_python(till: tuple[Path, int, ServedPlatform]) -> None:
    config, port, _ = till
    source = EXAMPLES / "python" / "purchase.py"
    shown = run(sys.executable, source, config, another_bill(config.parent, 2003), *ANSWERS, port=port)
    assert "医保结算单" in shown
