"""The trial set-up by one command: the simulated platform and two servers on one PostgreSQL, killed one by one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from liangding.journal.engines import libpq_url
from support import free_port, write_deployment, write_secret

from .house import SETTINGS
from .line import until
from .oracle import judge
from .till import API_KEY, SETTLED, Bill, Till

TILLS, BILLS = 4, 8


def two_ports() -> tuple[int, int]:
    """Two free ones beside each other."""
    while True:
        first = free_port()
        try:
            socket.create_server(("127.0.0.1", first + 1)).close()
        except (OSError, OverflowError):
            continue
        return first, first + 1


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Trial:
    """The command at work."""

    def __init__(self, folder: Path, journal: str) -> None:
        write_secret(folder, "till", API_KEY)
        self.platform, self.ports = free_port(), two_ports()
        self.config = write_deployment(
            folder, url=f"http://127.0.0.1:{self.platform}/hsa/hgs", gateway="plain", journal=journal, keys="",
            read_seconds=2, more=SETTINGS.format(believe_seconds=10),
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "liangding", "trial", "--config", str(self.config)]
        self.process = subprocess.Popen([*command, "--port", str(self.ports[0])])
        until(self.is_up, "the platform and both servers answer")
        self._admin = httpx.Client(base_url=f"http://127.0.0.1:{self.platform}/_simulator", trust_env=False, timeout=60)

    def is_up(self) -> bool:
        assert self.process.poll() is None
        return all(map(listens, (self.platform, *self.ports)))

    def number(self, what: str) -> int:
        """The process whose command has these words; 0 where there is none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        for each in map(int, children):
            if what in Path(f"/proc/{each}/cmdline").read_text("utf-8").replace("\0", " "):
                return each
        return 0

    def people(self, count: int) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._admin.post("/people", json={"case": "local", "count": count}).json()
        return found

    def ledger(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._admin.get("/ledger").json()
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)


@pytest.fixture
def trial(tmp_path: Path, postgresql_url: str) -> Iterator[Trial]:
    made = Trial(tmp_path, libpq_url(postgresql_url))
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.stop()


def test_killed_one_by_one_under_load_nothing_is_lost(trial: Trial) -> None:
    people = trial.people(TILLS * BILLS)
    bills = [Bill(key=f"T{n}", person=person, by_flow=n % 2 == 0) for n, person in enumerate(people)]
    told: list[str] = []
    desks = [threading.Thread(target=_desk, args=(trial, bills[n::TILLS], told)) for n in range(TILLS)]
    for desk in desks:
        desk.start()

    def more(count: int) -> Callable[[], bool]:
        enough = min(len(told) + count, len(bills))
        return lambda: len(told) >= enough

    for what in (f"--port {trial.ports[0]}", " simulate ", f"--port {trial.ports[1]}", " simulate "):
        until(more(4), "bills are settled", 300)
        killed = trial.number(what)
        os.kill(killed, signal.SIGKILL)
        until(lambda w=what, k=killed: trial.number(w) not in (0, k), "it is started anew", 300)  # type: ignore[misc]
        until(trial.is_up, "it answers", 300)
    for desk in desks:
        desk.join(600)
    assert sorted(told) == sorted(bill.key for bill in bills)
    assert judge(bills, trial.ledger()) == []
    verified = [sys.executable, "-m", "liangding", "journal", "verify", "--config", str(trial.config)]
    assert subprocess.run(verified, check=False).returncode == 0
    before = trial.ledger()
    assert trial.stop() == 0
    assert not any(map(listens, (trial.platform, *trial.ports)))
    trial.start()
    assert trial.ledger() == before, "and it is the same platform the next day"
    trial.process.kill()
    trial.process.wait()
    until(lambda: not any(map(listens, (trial.platform, *trial.ports))), "nothing of it goes on by itself", 300)


def _desk(trial: Trial, bills: list[Bill], told: list[str]) -> None:
    """A till that asks the one server, and where that is not there the other, until it is told."""
    till, patience = Till(*trial.ports), threading.Event()
    for bill in bills:
        for attempt in range(3000):
            if till.ask(bill, port=trial.ports[attempt % 2]).says == SETTLED:
                told.append(bill.key)
                break
            patience.wait(0.05)


@pytest.mark.parametrize(
    ("settings", "arguments", "named"),
    [
        ({"url": "http://hsa.example/hsa/hgs"}, [], "platform.url"),
        ({"url": "http://127.0.0.1:8190/hsa/hgs"}, [], "journal.url"),
        ({"url": "http://127.0.0.1:8190/hsa/hgs"}, ["--servers", "9"], "--servers"),
    ],
    ids=["a real platform", "sqlite", "too many"],
)
def test_what_is_no_trial_is_refused(
    tmp_path: Path, settings: dict[str, str], arguments: list[str], named: str
) -> None:
    config = write_deployment(tmp_path, **settings)
    command = [sys.executable, "-m", "liangding", "trial", "--config", str(config), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert named in done.stderr
