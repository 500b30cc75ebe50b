"""An operator's day: the server is started as a service manager starts it, stopped, killed, copied, put up elsewhere,
its key changed, an earlier version's journal brought up. Nothing is charged twice, nothing is lost."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from kept.fill import KEYS, SHOP
from kept_journals import restore as kept_journal
from liangding.cli.app import run as command
from liangding.config.clients import new_api_key
from liangding.journal import State, Vault
from liangding.journal.reading import ReadJournal
from liangding.journal.vault import new_secret
from liangding.kit import purchase
from liangding.simulator.faults import Fault
from support import Rig, free_port, rig_for, until_up, write_deployment

UNIT = Path(__file__).parents[1] / "packaging" / "liangding.service"
SECRETS = ("LIANGDING_JOURNAL_KEY", "LIANGDING_API_KEY", "LIANGDING_OLD_KEY")


class Manager:
    """What a service manager does with ``packaging/liangding.service``, with the paths of this test: nothing but the
    unit and its environment file says how the server is started and ended."""

    def __init__(self, config: Path, environment: Path, port: int) -> None:
        read = configparser.ConfigParser(interpolation=None, strict=False)
        read.optionxform = str  # type: ignore[assignment,method-assign]
        read.read(UNIT, "utf-8")
        self.unit, self.port, self.url = read["Service"], port, f"http://127.0.0.1:{port}"
        self.config, self.environment = config, environment

    @property
    def secrets(self) -> dict[str, str]:
        lines = [line for line in self.environment.read_text("utf-8").splitlines() if line and line[0] != "#"]
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    def _run(self, what: str) -> subprocess.Popen[bytes]:
        _, *arguments = shlex.split(self.unit[what])
        given = [str(self.config) if each.endswith(".toml") else each for each in arguments]
        ours = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
        return subprocess.Popen(
            [sys.executable, "-m", "liangding", *given], cwd=self.config.parent, env=ours | self.secrets,
            umask=int(self.unit["UMask"], 8), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def checked(self) -> int:
        return self._run("ExecStartPre").wait(timeout=120)

    def start(self) -> None:
        self.process = self._run("ExecStart")
        until_up(self.process, self.port)
        assert httpx.get(f"{self.url}/v1/health", trust_env=False, timeout=120).status_code == 200

    def stop(self, limit: float = 120) -> int:
        """End it as the unit says; killed after ``limit`` seconds."""
        self.process.send_signal(signal.Signals[self.unit["KillSignal"]])
        try:
            return self.process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(timeout=120)

    def buys(self, rig: Rig, key: str) -> dict[str, Any]:
        """The till asks for a purchase under its bill's number: what it hears."""
        headers = {"authorization": f"Bearer {self.secrets['LIANGDING_API_KEY']}", "idempotency-key": key}
        body = {"input": purchase(rig.person()), "insuplc_admdvs": rig.person().covers[0].place, "meant": True}
        url = f"{self.url}/v1/transactions/2102"
        told: dict[str, Any] = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=120).json()
        return told

    def does(self, *arguments: object) -> int:
        """A command of the operator's, with the environment file's secrets."""
        before = {name: os.environ.pop(name, None) for name in SECRETS}
        os.environ.update(self.secrets)
        try:
            return command([*map(str, arguments), "--config", str(self.config)])
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                os.environ.update({} if value is None else {name: value})


def set_up(rig: Rig, folder: Path, heads: Path) -> Manager:
    """A pharmacy as docs/service.md has it: secrets in an environment file, the head on another disk."""
    folder.mkdir()
    port = free_port()
    shutil.copytree(rig.folder / "secrets", folder / "secrets")
    api_keys = '[[server.api_keys]]\nname = "till"\nkey = { env = "LIANGDING_API_KEY" }'
    more = f'heads = "{heads}"\n[log]\nfile = "log"\n[server]\nport = {port}\n{api_keys}'
    config = write_deployment(folder, url=rig.deployment.platform.url, read_seconds=90, more=more)
    text = config.read_text("utf-8").replace('{ file = "secrets/journal" }', '{ env = "LIANGDING_JOURNAL_KEY" }')
    config.write_text(text, "utf-8")
    secrets = {"LIANGDING_JOURNAL_KEY": new_secret(), "LIANGDING_API_KEY": new_api_key()}
    write_environment(folder, secrets)
    return Manager(config, folder / "environment", port)


def write_environment(folder: Path, secrets: dict[str, str]) -> None:
    path = folder / "environment"
    path.touch(mode=0o600)
    path.write_text("# secrets of liangding\n" + "".join(f"{n}={v}\n" for n, v in secrets.items()), "utf-8")


def setl_id(told: dict[str, Any]) -> str:
    found: str = told["output"]["setlinfo"]["setl_id"]
    return found


@pytest.mark.skipif(os.name != "posix", reason="signals, modes")
def test_an_operators_day(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    with rig_for(tmp_path / "platform") as rig:
        day = set_up(rig, tmp_path / "shop", tmp_path / "heads")
        made = started_and_stopped(rig, day)
        made |= killed_in_the_middle_of_a_settlement(rig, day)
        elsewhere = copied_and_put_up_elsewhere(rig, day, tmp_path / "elsewhere")
        made |= key_changed(rig, elsewhere, made)
        assert sorted(rig.standing()) == sorted(made.values())
        assert (len(made), rig.sent("2102"), rig.sent("2103"), rig.sent("2601")) == (3, 3, 0, 0)
        made_here = [path for path in (tmp_path / "elsewhere").iterdir() if path.name.startswith(("journal.db", "log"))]
        assert made_here
        assert [path for path in made_here if path.stat().st_mode & 0o077] == [], "its owner's alone"
    earlier_journal_brought_up(tmp_path / "old")


def started_and_stopped(rig: Rig, day: Manager) -> dict[str, str]:
    assert day.checked() == 0
    day.start()
    made = {"B1": setl_id(day.buys(rig, "B1"))}
    assert day.stop() == 0
    found = sorted(path.name for path in day.config.parent.iterdir() if path.name.startswith("journal.db"))
    assert found == ["journal.db"], "after a clean end the file is whole by itself"
    return made


def killed_in_the_middle_of_a_settlement(rig: Rig, day: Manager) -> dict[str, str]:
    """The answer is on its way when the server is to end, and does not within its limit."""
    day.start()
    rig.strike(Fault.SLOW, "2102", seconds=20)
    with ThreadPoolExecutor(1) as pool:
        asked: Future[dict[str, Any]] = pool.submit(day.buys, rig, "B2")
        deadline = time.monotonic() + 120
        while rig.sent("2102") < 2:
            assert time.monotonic() < deadline
        assert day.stop(limit=1) == -signal.SIGKILL
        with pytest.raises(httpx.TransportError):
            asked.result()
    day.start()
    again = day.buys(rig, "B2")
    assert rig.sent("2102") == 2
    return {"B2": setl_id(again)}


def copied_and_put_up_elsewhere(rig: Rig, day: Manager, folder: Path) -> Manager:
    """A copy at work; the machine goes; the copy is put up on another one."""
    copy = day.config.parent / "copy.db"
    assert day.does("journal", "head") == 0
    assert day.does("journal", "backup", copy) == 0
    assert day.stop() == 0
    elsewhere = set_up(rig, folder, day.config.parent.parent / "heads")
    write_environment(folder, day.secrets)
    assert elsewhere.does("journal", "restore", copy, "--reason", "旧机器坏了") == 0
    wrong = day.secrets | {"LIANGDING_JOURNAL_KEY": new_secret()}
    write_environment(folder, wrong)
    before = (folder / "journal.db").read_bytes()
    assert elsewhere.does("check") != 0
    assert elsewhere._run("ExecStart").wait(timeout=120) != 0
    assert (folder / "journal.db").read_bytes() == before
    write_environment(folder, day.secrets)
    return elsewhere


def key_changed(rig: Rig, elsewhere: Manager, made: dict[str, str]) -> dict[str, str]:
    """The new key beside the old one; started once; the old one taken out. The bills of before are still known."""
    text = elsewhere.config.read_text("utf-8")
    both = text.replace("heads =", 'old_keys = [{ env = "LIANGDING_OLD_KEY" }]\nheads =')
    elsewhere.config.write_text(both, "utf-8")
    secrets = elsewhere.secrets
    renewed = secrets | {"LIANGDING_JOURNAL_KEY": new_secret()}
    write_environment(elsewhere.config.parent, renewed | {"LIANGDING_OLD_KEY": secrets["LIANGDING_JOURNAL_KEY"]})
    elsewhere.start()
    known = {key: elsewhere.buys(rig, key) for key in made}
    assert {key: setl_id(told) for key, told in known.items()} == made
    assert all(told["recorded"] for told in known.values())
    assert elsewhere.stop() == 0
    elsewhere.config.write_text(text, "utf-8")
    write_environment(elsewhere.config.parent, renewed)
    assert elsewhere.does("journal", "verify", "--full") == 0
    elsewhere.start()
    new = {"B3": setl_id(elsewhere.buys(rig, "B3"))}
    assert elsewhere.buys(rig, "B1")["recorded"]
    assert elsewhere.stop() == 0
    assert elsewhere.does("journal", "head") == 0
    return new


def earlier_journal_brought_up(folder: Path) -> None:
    """An earlier version's journal is refused by what only looks, upgraded with a copy kept, pruned; what was held is
    held."""
    folder.mkdir()
    kept_journal("0002", f"sqlite:///{folder / 'journal.db'}")
    config = write_deployment(folder, code="P44190000001", more='old_keys = [{ env = "LIANGDING_OLD_KEY" }]')
    text = config.read_text("utf-8").replace('{ file = "secrets/journal" }', '{ env = "LIANGDING_JOURNAL_KEY" }')
    config.write_text(text, "utf-8")
    write_environment(folder, {"LIANGDING_JOURNAL_KEY": KEYS["B"], "LIANGDING_OLD_KEY": KEYS["A"]})
    old = Manager(config, folder / "environment", 0)
    assert old.does("journal", "verify") != 0
    assert old.does("journal", "upgrade") == 0
    assert (folder / "journal.db.0002").exists()
    assert old.does("journal", "verify") == 0
    assert old.does("journal", "prune", "--keep-days", "1", "--reason", "保存期已满") == 0
    assert old.does("journal", "verify", "--full") == 0
    with ReadJournal(f"sqlite:///{folder / 'journal.db'}", Vault(KEYS["B"])) as journal:
        held = journal.by_key(SHOP, "C-accepted")
        assert held is not None
        assert (held.state, bool(held.setl_id), held.request) == (State.ACCEPTED, True, b"")
