"""Upgrades in mid-flow: the version before the second round on money safety and this one take turns on one journal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .house import House, Process, house
from .oracle import accounts, judge
from .till import SETTLED, UNKNOWN, Bill, Till
from .troubles import TROUBLES

BEFORE = "c0333ed"
ROOT = Path(__file__).parents[2]
SETTLING = ("2102", "2102A")


@pytest.fixture(scope="session")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the earlier version, out of the repository's history."""
    folder = tmp_path_factory.mktemp("earlier")
    packed = subprocess.run(
        ["git", "archive", BEFORE, "core", "plugins/dongguan"], cwd=ROOT, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"the history does not hold {BEFORE}: a shallow clone?")
    subprocess.run(["tar", "x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def at(request: pytest.FixtureRequest) -> Iterator[House]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        journal = "sqlite:///journal.db"
        if request.param == "postgresql":
            journal = request.getfixturevalue("postgresql_url")
        with house(Path(folder), journal=journal) as built:
            yield built


def serve_earlier(at: House, sources: Path) -> Process:
    """A server of the earlier version, by the same interpreter and its libraries."""
    paths = [at.clock.environment()["PYTHONPATH"], str(sources / "core/src"), str(sources / "plugins/dongguan/src")]
    environment = {"PYTHONPATH": os.pathsep.join(paths)}
    asked = [sys.executable, "-c", "import liangding, liangding_dongguan as d; print(liangding.__file__, d.__file__)"]
    whose = subprocess.run(
        asked, env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout.split()
    assert all(Path(each).is_relative_to(sources) for each in whose), whose
    return at.serve(config=_as_it_was(at.config), environment=environment)


LATER = re.compile(r'^(environment = .*|name = "simulated")\n', re.MULTILINE)
"""What [platform] could not yet say."""


def _as_it_was(config: Path) -> Path:
    """The deployment file that the earlier version had."""
    written = config.with_name(f"{config.stem}-earlier.toml")
    text, taken_out = LATER.subn("", config.read_text("utf-8"))
    assert taken_out == 2
    written.write_text(text, "utf-8")
    return written


def test_both_versions_take_turns_on_one_journal(at: House, earlier: Path) -> None:
    """Settled, unknown, killed in the middle, refunded: each begun by one version and ended by the other."""
    people = iter(at.people(12))
    before = at.everybody()
    bills: list[Bill] = []

    def ask(till: Till, *troubles: str, by_flow: bool) -> Bill:
        bill = Bill(key=f"U{len(bills)}", person=next(people), by_flow=by_flow)
        for trouble in troubles:
            at.line.strike(TROUBLES[trouble], *SETTLING, who=bill.psn_no)
        bills.append(bill)
        till.ask(bill)
        return bill

    old = serve_earlier(at, earlier)
    till = Till(old.port)
    settled = [ask(till, by_flow=by_flow) for by_flow in (False, True)]
    at.line.strike(TROUBLES["request lost"], "5201", "5203", "5204", times=0)
    for trouble in ("answer lost", "request lost", "held on the way"):
        ask(till, trouble, by_flow=False)
        ask(till, trouble, by_flow=True)
    old.kill()
    at.line.calm()
    till.ports = [at.serve().port]
    for bill in bills:
        till.ask(bill)
    at.line.deliver()
    for seconds in (5, 130, 20, 130):
        at.rest(seconds)
        for bill in bills:
            if bill.last == UNKNOWN:
                till.ask(bill)
    assert [bill.last for bill in bills] == [SETTLED] * len(bills), [bill.heard[-1] for bill in bills]
    for bill in settled:
        till.take_back(bill)
    at.rest(400, 2000)
    assert judge(bills, at.ledger()) == []
    assert accounts(before, at.everybody(), at.ledger()) == []
