"""Commands that only look create no journal and write no row in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from liangding.acceptance import findings_of
from liangding.catalogue.matching import Matching
from liangding.cli.accepting import CLOCK
from liangding.cli.looking import looking
from liangding.flows import Flows
from liangding.identity.uses import CodeUses
from liangding.jobs.all import jobs_of
from liangding.runtime import Runtime
from liangding.uploads.queue import Uploads
from shell import liangding
from support import Rig, bill, run_flow, simulated_rig_for, write_deployment

TODAY = date(2026, 11, 21)

LOOKS: dict[str, Callable[[Runtime], Any]] = {
    "uploads list": lambda runtime: Uploads(runtime).rows.listed(states=[], infno="", day="", most=10),
    "uploads status": lambda runtime: (Uploads(runtime).rows.counted(""), Uploads(runtime).wanted()),
    "matching list": lambda runtime: Matching(runtime).listed(states=[]),
    "matching counts": lambda runtime: Matching(runtime).counted(),
    "jobs list": lambda runtime: [jobs_of(runtime).runs.latest(name) for name in jobs_of(runtime).jobs],
    "uses": lambda runtime: CodeUses(runtime.journal, runtime.deployment.institution.code).between(TODAY, TODAY),
    "acceptance list": lambda runtime: findings_of(runtime.known, runtime.journal, CLOCK),
    "flow debts": lambda runtime: Flows(runtime).debts(),
}
"""What looks at a journal → how."""


@pytest.mark.parametrize("written", [False, True])
def test_who_only_looks_leaves_everything_as_it_is(tmp_path: Path, written: bool) -> None:
    """Where there is no journal yet, and where there is one beside which nobody has kept anything."""
    config = write_deployment(tmp_path)
    if written:
        with simulated_rig_for(tmp_path) as rig:
            rig.settle(key="B1")
            config = rig.config
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for name, look in LOOKS.items():
        with looking(config) as runtime:
            look(runtime)
            assert bool(runtime.journal.latest(infno="2102")) is written, name
    for command in (("uses",), ("uploads", "list")):
        assert liangding(*command, "--config", config).returncode == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", [
    "resolve 1", "propose 1 --do absent --person 甲 --reason 核对", "approve 1 --number 1 --person 乙",
    "show 1 --bodies",
])  # fmt: skip
def test_of_a_journal_that_is_not_there_nothing_is_asked(tmp_path: Path, command: str) -> None:
    """A file that was named wrongly: no journal is made beside it, and the answer says so."""
    config = write_deployment(tmp_path)
    before = set(tmp_path.rglob("*"))
    done = liangding("journal", *command.split(), "--config", config)
    assert (done.returncode, "没有流水文件" in done.stdout + done.stderr) == (1, True)
    assert set(tmp_path.rglob("*")) == before


def test_a_slip_is_printed_from_a_journal_that_is_only_looked_at(rig: Rig) -> None:
    view = run_flow(
        rig.flows, rig.flows.start("pharmacy_purchase", bill(rig.person()), key="B1"),
        {"confirm": "yes", "use_account": "1"},
    )  # fmt: skip
    events = rig.runtime.journal.store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM events").scalar())
    done = liangding("slip", view.id, "--config", rig.config)
    assert (done.returncode, "112.40" in done.stdout) == (0, True)
    after = rig.runtime.journal.store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM events").scalar())
    assert after == events
