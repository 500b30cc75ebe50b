"""What several processes have to stand: hosts taken for dead, processes killed and stopped, disks that fill up,
journals that go, settings that change under way."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from .house import House, Process, WorldClock, house
from .line import Met, http_answer, until
from .oracle import judge, standing
from .test_one_house import SETTLING, liangding
from .till import SETTLED, UNKNOWN, Bill, Till
from .troubles import TROUBLES

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="needs root: namespaces and file systems of its own")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as made:
        yield Path(made)


def bill_of(at: House, key: str = "H1", **more: Any) -> Bill:
    return Bill(key=key, person=at.people(1)[0], **more)


def asked(till: Till, bill: Bill) -> threading.Thread:
    """The till asks, and waits for the answer beside us."""
    asking = threading.Thread(target=till.ask, args=(bill,), daemon=True)
    asking.start()
    return asking


def ask_later(at: House, till: Till, *bills: Bill) -> None:
    for seconds in (5, 130, 20, 130):
        at.rest(seconds)
        for bill in bills:
            if bill.last == UNKNOWN:
                till.ask(bill)


# -- 3: the living dead ------------------------------------------------------------------------------------------------


def other_host(folder: Path, name: str) -> Sequence[str]:
    """A command under which a process is on another machine: name, process numbers, machine id and boot id."""
    machine, boot = folder / f"{name}.machine", folder / f"{name}.boot"
    machine.write_text(f"{abs(hash(name)) % 16**32:032x}\n", "ascii")
    boot.write_text(f"{abs(hash(name + 'boot')) % 16**8:08x}-0000-4000-8000-000000000000\n", "ascii")
    setup = (
        f"hostname {name} && mount -t proc proc /proc && mount --bind {machine} /etc/machine-id && "
        f'mount --bind {boot} /proc/sys/kernel/random/boot_id && exec "$@"'
    )
    return ["unshare", "--uts", "--pid", "--fork", "--mount", "--kill-child", "sh", "-c", setup, "sh"]


@pytest.fixture
def two_hosts(folder: Path, postgresql_url: str) -> Iterator[tuple[House, Process, Process]]:
    """One PostgreSQL, and a server on each of two machines."""
    with house(folder, journal=postgresql_url) as at:
        Path("/etc/machine-id").touch()
        gate = {"WORLD_GATE": str(folder / "gate")}
        first = at.serve(under=other_host(folder, "first"), environment=gate)
        yield at, first, at.serve(under=other_host(folder, "second"))


@needs_root
def test_a_host_that_slept_between_record_and_sending_does_not_send(two_hosts: tuple[House, Process, Process]) -> None:
    at, first, second = two_hosts
    tills, bill = (Till(first.port), Till(second.port)), bill_of(at)
    gate = at.folder / "gate"
    gate.touch()
    asking = asked(tills[0], bill)
    until((at.folder / "gate.reached").exists, "the first host is about to send")
    first.freeze()
    _taken_for_dead_and_settled(at, tills[1], bill)
    gate.unlink()
    first.thaw()
    asking.join(60)
    at.rest(10, 130)
    assert judge([bill], at.ledger()) == []
    assert at.line.count("2102", bill.psn_no) == 1


@needs_root
@pytest.mark.parametrize("arrives", ["before it wakes", "after it wakes"])
def test_a_late_answer_of_a_host_that_slept_counts_only_where_its_key_is_its_own(
    two_hosts: tuple[House, Process, Process], arrives: str
) -> None:
    at, first, second = two_hosts
    tills, bill = (Till(first.port), Till(second.port)), bill_of(at)
    answer = threading.Event()

    def held(met: Met) -> None:
        answer.wait(60)
        TROUBLES["delivered twice, first answer"](met)

    at.line.strike(held, *SETTLING, who=bill.psn_no)
    asking = asked(tills[0], bill)
    until(lambda: at.line.count("2102", bill.psn_no), "the first host has sent")
    first.freeze()
    _taken_for_dead_and_settled(at, tills[1], bill)
    if arrives == "before it wakes":
        answer.set()
        until(lambda: len(at.ledger()) > 1, "what was held has arrived")
    first.thaw()
    answer.set()
    asking.join(60)
    at.rest(10, 70, 400, 2000)
    tills[1].ask(bill)
    until(lambda: judge([bill], at.ledger()) == [], "what came late is taken back")


def _taken_for_dead_and_settled(at: House, till: Till, bill: Bill) -> None:
    """The other host goes on: the first one is silent, its call is not there, the till asks again."""
    for seconds in (100, 5, 130, 20, 130):
        at.clock.pass_by(seconds)
        until(lambda: not at.due(), "the second host looks at what is due", 60)
        if till.ask(bill).says == SETTLED:
            return
    raise AssertionError([heard.code for heard in bill.heard])


@pytest.mark.parametrize("apart", [90, -90])
def test_how_old_a_case_is_goes_by_the_databases_clock(folder: Path, postgresql_url: str, apart: float) -> None:
    """A settlement is on its way for longer than anybody waits; its host goes, and one whose clock is a minute and a
    half ahead, or behind, goes on: nothing is believed too early, and nothing waits for longer."""
    with house(folder, journal=postgresql_url) as at:
        others = WorldClock(folder / "others")
        others.pass_by(apart, asleep=False)
        first, second = at.serve(), at.serve(environment={"WORLD_CLOCK": str(others.file)})
        till, bill = Till(second.port), bill_of(at)
        at.line.strike(TROUBLES["held on the way"], *SETTLING, who=bill.psn_no)
        assert Till(first.port).ask(bill).says == UNKNOWN
        first.kill()
        for seconds, told in ((40, UNKNOWN), (90, SETTLED)):
            others.pass_by(seconds)
            at.rest(seconds)
            assert till.ask(bill).says == told
        at.line.deliver()
        for seconds in (70, 310, 1810):
            others.pass_by(seconds)
            at.rest(seconds)
        until(lambda: judge([bill], at.ledger()) == [], "what came late is taken back")


# -- kill -9 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_flow", [False, True])
@pytest.mark.parametrize("reaches", [False, True])
def test_killed_while_it_waits_for_the_answer(folder: Path, by_flow: bool, reaches: bool) -> None:
    with house(folder) as at:
        server = at.serve()
        till, bill = Till(server.port), bill_of(at, by_flow=by_flow)
        at.line.strike(_killing(server, reaches=reaches), *SETTLING, who=bill.psn_no)
        assert till.ask(bill).code == "down"
        server.start()
        ask_later(at, till, bill)
        assert till.until_told(bill).says == SETTLED, [heard.code for heard in bill.heard]
        assert judge([bill], at.ledger()) == []


def _killing(server: Process, *, reaches: bool) -> Callable[[Met], None]:
    def trouble(met: Met) -> None:
        if reaches:
            met.pass_on()
        server.kill()
        met.reset()

    return trouble


# -- 4: what was sent is finished by its record ------------------------------------------------------------------------


def test_settings_that_change_between_settling_and_going_on_charge_nobody_twice(folder: Path) -> None:
    with house(folder) as at:
        server = at.serve()
        till, bill = Till(server.port), bill_of(at, by_flow=True)
        at.line.strike(_killing(server, reaches=True), *SETTLING, who=bill.psn_no)
        assert till.ask(bill).code == "down"
        changed = at.config.read_text("utf-8") + "\n[features]\nprefer_a = true\n"
        at.config.write_text(changed.replace('name = "测试收银员"', 'name = "测试收银员丙"'), "utf-8")
        server.start()
        ask_later(at, till, bill)
        assert till.until_told(bill, most=3).says == SETTLED
        assert judge([bill], at.ledger()) == []
        assert till.take_back(bill).says == SETTLED
        assert judge([bill], at.ledger()) == []


# -- 5: a person decides -----------------------------------------------------------------------------------------------


def test_a_person_cannot_decide_while_a_reversal_is_on_its_way(folder: Path) -> None:
    with house(folder) as at:
        till, bill = Till(at.serve().port), bill_of(at)
        at.line.strike(TROUBLES["answer lost"], *SETTLING, who=bill.psn_no)
        at.line.strike(_nameless, "5203", who=bill.psn_no, times=0)
        at.line.strike(TROUBLES["held on the way"], "2601", times=1)
        till.ask(bill)
        for _ in range(30):
            at.clock.pass_by(20)
            at.keepers_turn()
            if at.line.held:
                break
        assert at.line.held, "a reversal is on its way"
        at.line.calm()
        call = json.loads(liangding(at, "journal", "list", "--json").stdout)[0]["id"]
        decided = liangding(
            at, "journal", "resolve", str(call), "--do", "accept", "--person", "测试收银员", "--reason", "页面上有"
        )
        assert decided.returncode != 0
        assert at.line.deliver() == 1
        ask_later(at, till, bill)
        at.rest(400, 2000)
        till.ask(bill)
        assert judge([bill], at.ledger()) == []


def _nameless(met: Met) -> None:
    """5203 of a platform that fills in a number of its own."""
    body = json.loads(met.pass_on())
    if body.get("output"):
        body["output"]["setlinfo"]["medins_setl_id"] = "DGX123"
    met.say(http_answer(json.dumps(body).encode()))


# -- 11: the journal's file, and commands that only read ---------------------------------------------------------------


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_journal_that_goes_stops_the_server(folder: Path, how: str) -> None:
    with house(folder) as at:
        till, first, second = Till(at.serve().port), bill_of(at), bill_of(at, "H2")
        till.ask(first)
        for file in folder.glob("journal.db*"):
            file.rename(file.with_name(f"moved-{file.name}"))
        if how == "replaced":
            shutil.copy(folder / "moved-journal.db", folder / "journal.db")
        assert till.ask(second).code == "journal_unavailable"
        assert standing(second, at.ledger()) == []


def test_a_command_that_only_reads_makes_no_journal(folder: Path) -> None:
    with house(folder) as at:
        for command in (["journal", "list"], ["journal", "verify"], ["check"]):
            liangding(at, *command)
            assert not (folder / "journal.db").exists(), command


# -- the disk ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@needs_root
@pytest.mark.parametrize("by_flow", [False, True])
def test_a_disk_that_fills_up_charges_nobody_twice(folder: Path, by_flow: bool) -> None:
    with small_disk(folder / "disk") as disk, house(folder, journal=f"sqlite:///{disk}/journal.db") as at:
        till = Till(at.serve().port)
        first, second = (bill_of(at, f"D{n}", by_flow=by_flow) for n in range(2))
        at.line.strike(_filling(disk), *SETTLING, who=first.psn_no)
        till.ask(first)
        till.ask(second)
        assert standing(second, at.ledger()) == [], "no record, no send"
        (disk / "filler").unlink()
        till.until_told(first)
        till.until_told(second)
        ask_later(at, till, first, second)
        assert judge([first, second], at.ledger()) == []
        assert [len(standing(bill, at.ledger())) for bill in (first, second)] == [1, 1]


def _filling(disk: Path) -> Callable[[Met], None]:
    def trouble(met: Met) -> None:
        answer = met.pass_on()
        with contextlib.suppress(OSError), (disk / "filler").open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        met.say(http_answer(answer))

    return trouble
