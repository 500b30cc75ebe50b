"""One command with several processes behind one port: one of them killed in the middle, all of them told to end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from support import write_deployment

from .house import House, Process, house
from .line import Met, http_answer, until
from .oracle import judge
from .test_houses import ask_later, bill_of, folder
from .test_one_house import SETTLING, liangding
from .till import API_KEY, SETTLED, Bill, Till

__all__ = ["folder"]

AT_WORK = text("SELECT owner FROM calls WHERE state = :state AND infno IN ('2102', '2102A') ORDER BY id DESC LIMIT 1")


def at_work(at: House, state: str = "open") -> int:
    """The process that made the last settling call of that state: the journal's rows name it."""
    engine = create_engine(at.journal_url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            owner: str = connection.execute(AT_WORK, {"state": state}).scalar_one()
    finally:
        engine.dispose()
    return int(owner.split(":")[3])


def test_a_process_of_several_killed_in_the_middle_of_a_settlement(folder: Path, postgresql_url: str) -> None:
    with house(folder, journal=postgresql_url) as at:
        server = at.serve(workers=3)
        until(lambda: len(server.workers) == 3, "three processes serve")
        till, killed, bills = Till(server.port), [0], []
        for by_flow in (False, True):
            bill, other = (bill_of(at, f"{by_flow}{n}", by_flow=by_flow) for n in range(2))
            bills += [bill, other]
            at.line.strike(_killing(at, killed), *SETTLING, who=bill.psn_no)
            assert till.ask(bill).code == "down"
            assert till.ask(other).says == SETTLED, "the others go on"
            ask_later(at, till, bill)
            assert till.until_told(bill).says == SETTLED, [heard.code for heard in bill.heard]
            until(lambda: len({*server.workers} - {*killed}) == 3, "another one is there in its place")
        assert len(killed) == 3
        bills += _counted_whichever_process_is_asked(at, server)
        bills.append(_told_to_end_in_the_middle(at, server, till))
        assert judge(bills, at.ledger()) == []
        assert liangding(at, "journal", "verify").returncode == 0


@pytest.mark.parametrize(
    ("journal", "more", "workers", "named"),
    [
        ("sqlite:///journal.db", "", "2", ("journal.url", "postgresql://", "server.processes")),
        ("postgresql://nobody@127.0.0.1:9/none", '[devices.tray]\ndriver = "simulated"\n', "2", ("devices serve",)),
        ("sqlite:///journal.db", "", "0", ("--workers", "64")),
        ("sqlite:///journal.db", "[server]\nprocesses = 65\n", "", ("server", "64")),
        ("sqlite:///journal.db", "[server]\nprocesses = 2\n", "", ("journal.url", "server.processes")),
    ],
    ids=["sqlite", "devices", "none", "too many", "by the file"],
)
def test_several_processes_are_refused_with_what_to_write(
    tmp_path: Path, journal: str, more: str, workers: str, named: tuple[str, ...]
) -> None:
    config = write_deployment(tmp_path, journal=journal, more=more, url="http://127.0.0.1:9/")
    command = [sys.executable, "-m", "liangding", "serve", "--config", str(config), "--port", "0"]
    command += ["--workers", workers] if workers else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2, done
    assert all(each in done.stdout + done.stderr for each in named), done


def _killing(at: House, killed: list[int]) -> Callable[[Met], None]:
    def trouble(met: Met) -> None:
        met.pass_on()
        killed.append(at_work(at))
        os.kill(killed[-1], signal.SIGKILL)
        met.reset()

    return trouble


def _counted_whichever_process_is_asked(at: House, server: Process) -> list[Bill]:
    """Each fetch shows what all processes counted, those that were killed too."""
    bills = [bill_of(at, f"counted{n}") for n in range(6)]
    before = _accepted(server.port)
    assert all(Till(server.port).ask(bill).says == SETTLED for bill in bills)
    assert {_accepted(server.port) for _ in range(6)} == {before + 6}
    killed = at_work(at, "accepted")
    os.kill(killed, signal.SIGKILL)
    until(lambda: len({*server.workers} - {killed}) == 3, "another one is there in its place")
    assert {_accepted(server.port) for _ in range(6)} == {before + 6}
    return bills


def _accepted(port: int) -> float:
    """Settlements by single calls, as one process says; and the keeper of each goes round."""
    headers = {"authorization": f"Bearer {API_KEY}"}
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=headers, trust_env=False, timeout=60).text
    assert float(re.findall(r'^liangding_keeper_seconds{province="dongguan"} (\S+)$', text, re.MULTILINE)[0]) < 600
    assert "liangding_keeper_round" not in text
    counted = r'^liangding_calls_accepted_total{infno="2102",province="dongguan"} (\S+)$'
    return sum(map(float, re.findall(counted, text, re.MULTILINE)))


def _told_to_end_in_the_middle(at: House, server: Process, till: Till) -> Bill:
    """The command alone is told to end while a settlement is under way: it is told still, and nobody is left."""
    bill, workers = bill_of(at, "last"), server.workers

    def ending(met: Met) -> None:
        os.kill(server.pid, signal.SIGTERM)
        met.say(http_answer(met.pass_on()))

    at.line.strike(ending, *SETTLING, who=bill.psn_no)
    assert till.ask(bill).says == SETTLED
    assert server.stop() == 0
    assert not any(Path(f"/proc/{number}").exists() for number in workers)
    return bill
