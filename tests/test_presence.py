"""Whose a call is: which processes of this machine and of others count as gone, and what follows from it."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from liangding.config import load_deployment
from liangding.config.recording import open_journal
from liangding.errors import CallNotSent, OutcomeUnknown
from liangding.journal import Journal, JournalUnavailable, Outcome, State, Vault, presence, recording
from liangding.journal.presence import is_gone, this_process
from liangding.journal.reading import ReadJournal
from liangding.journal.tables import owners
from liangding.journal.timing import DatabaseClock, clock
from liangding.journal.vault import new_secret
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from shell import liangding
from support import Rig, purchase, write_deployment
from test_journal import NOW, end, new_call, opened, record, recorded

OTHER = "import sys; from liangding.journal.presence import this_process; print(this_process(), flush=True); input()"


@contextlib.contextmanager
def another() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A living process of this machine, and its name."""
    with subprocess.Popen([sys.executable, "-c", OTHER], stdin=-1, stdout=-1, text=True) as started:
        assert started.stdout is not None
        yield started.stdout.readline().strip(), started
        started.kill()


def test_a_process_of_this_machine_is_looked_up() -> None:
    with another() as (name, started):
        assert not is_gone(name, NOW, NOW)
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
        assert name.split(":")[2] == boot, "versions that work beside each other name a boot alike"
        started.send_signal(signal.SIGKILL)
        started.wait()
        assert is_gone(name, NOW, NOW)


def test_versions_that_work_beside_each_other_name_a_machine_alike() -> None:
    """By a digest of the machine's own number, and of the room for process numbers on it."""
    told = [Path(path) for path in ("/etc/machine-id", "/var/lib/dbus/machine-id") if Path(path).exists()]
    number = next(filter(None, (path.read_text("ascii").strip() for path in told)), str(uuid.getnode()))
    known = f"liangding {number} {os.readlink('/proc/self/ns/pid')}"
    host, machine, *_ = this_process().split(":")
    assert machine == hashlib.sha256(known.encode()).hexdigest()[:16]
    assert host == socket.gethostname()[:20].replace(":", "-")


def test_one_that_has_ended_and_was_not_buried_is_gone() -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, this_process().encode())
        os._exit(0)
    name = os.read(read, 200).decode()
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    try:
        assert is_gone(name, NOW, NOW)
    finally:
        os.waitpid(child, 0)


def test_one_that_we_may_not_ask_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError

    with another() as (name, _), monkeypatch.context() as patched:
        patched.setattr(os, "kill", denied)
        assert not is_gone(name, NOW, NOW)


class OnWindows:
    """What of a Windows machine presence asks: its registry, and its processes as ``handle`` and ``error`` tell."""

    name = "nt"

    def __init__(self, patched: pytest.MonkeyPatch, handle: int = 7, error: int = 0) -> None:
        self.registry: dict[str, object] = {"MachineGuid": "a guid", "BootId": 41}
        self.closed: list[int] = []
        kernel = SimpleNamespace(
            OpenProcess=lambda *_: handle, CloseHandle=self.closed.append, GetLastError=lambda: error
        )
        opened = SimpleNamespace(
            HKEY_LOCAL_MACHINE=1,
            OpenKey=lambda *_: contextlib.nullcontext(),
            QueryValueEx=lambda _, name: self.told(name),
        )
        patched.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
        patched.setitem(sys.modules, "winreg", opened)
        patched.setattr(presence, "os", self)
        for asked in (presence._machine, presence._boot):
            patched.setattr(presence, asked.__name__, asked.__wrapped__)

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def told(self, name: str) -> tuple[object, int]:
        if name not in self.registry:
            raise FileNotFoundError(name)
        return self.registry[name], 1


@pytest.mark.parametrize(
    ("handle", "error", "gone"), [(7, 0, False), (0, 5, False), (0, 87, True)], ids=["there", "not ours", "none"]
)
def test_on_windows_a_process_is_looked_up_too(
    handle: int, error: int, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = OnWindows(monkeypatch, handle, error)
    name = this_process()
    assert is_gone(name, NOW, NOW) is gone
    assert machine.closed == [handle] * bool(handle)
    machine.registry["BootId"] = 42
    assert is_gone(name, NOW, NOW), "the machine was started anew"
    machine.registry |= {"BootId": 41, "MachineGuid": "another"}
    assert not is_gone(name, NOW, NOW), "another machine is not looked up here"


def changed(name: str, place: int, value: str) -> str:
    parts = name.split(":")
    parts[place] = value
    return ":".join(parts)


def as_before(name: str) -> str:
    """What an earlier version called the process: host, number, beginning, something of its own."""
    _, _, _, number, began, own = name.split(":")
    return ":".join((socket.gethostname()[:30], number, began, own))


NAMES: dict[str, tuple[Callable[[str], str], float, bool]] = {
    "itself": (lambda name: name, 0, False),
    "itself, silent": (lambda name: name, 61, True),
    "another start of this machine": (lambda name: changed(name, 2, "another"), 0, True),
    "a number that is used again": (lambda name: changed(name, 4, "1"), 0, True),
    "another machine of the same host name": (lambda name: changed(name, 1, "another"), 59, False),
    "another machine, silent": (lambda name: changed(name, 1, "another"), 61, True),
    "another machine, whose clock is ahead": (lambda name: changed(name, 1, "another"), -90, False),
    "another machine, an hour ahead": (lambda name: changed(name, 1, "another"), -3600, False),
    "another machine, more than that": (lambda name: changed(name, 1, "another"), -3601, True),
    "another machine, from before the clock went back": (lambda name: changed(name, 1, "another"), -86400, True),
    "itself, from before the clock went back": (lambda name: name, -86400, False),
    "another start, from before the clock went back": (lambda name: changed(name, 2, "another"), -86400, True),
    "itself, of an earlier version": (as_before, 0, False),
    "a number that is used again, of an earlier version": (lambda name: changed(as_before(name), 2, "1"), 0, True),
    "another host, of an earlier version": (lambda name: changed(as_before(name), 0, "another"), 59, False),
    "another host, of an earlier version, from before": (
        lambda name: changed(as_before(name), 0, "another"), -86400, True,
    ),
}  # fmt: skip
"""Which process → its name, made of this one's; how long it has been silent; whether it counts as gone."""


@pytest.mark.parametrize("case", NAMES)
def test_who_counts_as_gone(case: str) -> None:
    name, silent, gone = NAMES[case]
    assert is_gone(name(this_process()), NOW, NOW + silent) is gone


@pytest.mark.parametrize(("silent", "gone"), [(60, True), (300, False)])
def test_how_long_a_process_may_be_silent_is_a_setting(tmp_path: Path, silent: int, gone: bool) -> None:
    """One of another machine, not heard of for two minutes; and on a system that says nothing of processes."""
    assert is_gone(this_process(), NOW, NOW + 120, silent=silent) is gone
    config = write_deployment(tmp_path)
    config.write_text(config.read_text("utf-8").replace("[journal]", f"[journal]\nsilent_seconds = {silent}"), "utf-8")
    deployment = load_deployment(config)
    assert deployment.journal.silent_seconds == silent
    with contextlib.closing(open_journal(deployment)) as journal:
        another = changed(journal.owner, 1, "another")
        row = {"owner": another, "beat_at": time.time() - 120}
        with journal.store.engine.begin() as connection:
            held = dict(connection.execute(select(owners)).one()._mapping)
            connection.execute(owners.insert().values(held | row | {"ordinal": 2, "first_link": "x"}))
        assert journal.is_gone(another) is gone


def test_the_defaults_wait_as_long_as_an_answer_may_take_and_check_names_what_does_not(tmp_path: Path) -> None:
    usual = load_deployment(write_deployment(tmp_path))
    platform = usual.platform
    assert usual.resolution.believe_seconds >= platform.connect_seconds + platform.read_seconds + 5
    assert usual.patient() is usual
    hasty = write_deployment(tmp_path, more=f"[resolution]\nbelieve_seconds = {platform.read_seconds:g}")
    least = platform.connect_seconds + platform.read_seconds + 5
    assert load_deployment(hasty).patient().resolution.believe_seconds == least
    with Runtime.from_file(hasty) as runtime:
        assert runtime.deployment.resolution.believe_seconds == least
    said = liangding("check", "--config", hasty)
    told = said.stdout.replace("\n", "")
    assert f"[resolution] believe_seconds = {platform.read_seconds:g} 太短，至少 {least:g}" in told


@pytest.mark.parametrize("clock_of", ["wall", "up"])
def test_what_waited_by_either_clock_is_read_again(
    tmp_path: Path, clock_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wall's clock, or the one that goes on while the machine sleeps: whichever says more."""
    at = {"wall": NOW, "up": 5.0}
    monkeypatch.setattr(recording, "uptime", lambda: at["up"])
    with opened(f"sqlite:///{tmp_path}/journal.db") as other:
        journal = Journal(f"sqlite:///{tmp_path}/journal.db", other.vault, epoch=lambda: at["wall"])
        call = record(journal)
        assert other.conclude(call.id, Outcome(state=State.UNKNOWN, at=NOW), "orphaned")
        at[clock_of] += 3
        assert journal.may_send(call), "not yet"
        at[clock_of] += 0.5
        assert not journal.may_send(call)
        journal.close()


def test_on_postgresql_the_clock_is_the_databases(postgresql_url: str) -> None:
    """A process whose own clock is a day behind is heard of at the right time."""
    behind = Journal(postgresql_url, vault := Vault(new_secret()), epoch=lambda: time.time() - 86400)
    other = Journal(postgresql_url, vault, epoch=lambda: time.time() + 86400)
    record(behind)
    with other.store.engine.connect() as connection:
        now = clock("postgresql")
        assert now is not None
        query = select(now - owners.c.beat_at).where(owners.c.owner == behind.owner)
        assert 0 <= (connection.execute(query).scalar() or -1) < 60
    assert not other.is_gone(behind.owner)
    with other.store.engine.begin() as connection:
        connection.execute(update(owners).where(owners.c.owner == behind.owner).values(beat_at=owners.c.beat_at - 61))
    assert other.is_gone(behind.owner)
    for each in (behind, other):
        each.close()


def test_rows_age_by_the_clock_that_all_machines_share_where_there_is_one(journal_url: str) -> None:
    """A database server's own; where another one was given, or each machine goes by its own, none is shared."""
    vault, shares = Vault(new_secret()), journal_url.startswith("postgresql")
    for make in (Journal, ReadJournal):
        with contextlib.closing(make(journal_url, vault)) as journal:
            assert (journal.clock is not None) is shares
            assert isinstance(journal.clock, DatabaseClock) is shares
    for make in (Journal, ReadJournal):
        with contextlib.closing(make(journal_url, vault, epoch=time.time)) as journal:
            assert journal.clock is None


# -- what follows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_file_that_was_taken_away_stops_what_would_be_written(tmp_path: Path, replaced: bool) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    with opened(url) as journal:
        recorded(journal, State.ACCEPTED, key="B1")
        (tmp_path / "journal.db").rename(tmp_path / "away.db")
        if replaced:
            Journal(url, Vault(new_secret())).close()
        for _ in range(2):
            with pytest.raises(JournalUnavailable, match="换成了另一个" if replaced else "删掉或移走"):
                journal.open_call(new_call(key="B1"))
    if not replaced:
        assert not (tmp_path / "journal.db").exists()


def test_an_older_copy_that_is_written_over_the_journal_stops_what_would_be_written(tmp_path: Path) -> None:
    """The file stays the same one, as with cp: what it holds is what was there before the last bills."""
    path = tmp_path / "journal.db"
    with opened(f"sqlite:///{path}") as journal:
        recorded(journal, State.ACCEPTED, key="B1")
        older = checkpointed(path)
        recorded(journal, State.ACCEPTED, key="B2")
        checkpointed(path)
        with path.open("r+b") as held:
            held.truncate(0)
            held.write(older)
        for key in ("B2", "B3"):
            with pytest.raises(JournalUnavailable, match="旧的一份"):
                journal.open_call(new_call(key=key))


def checkpointed(path: Path) -> bytes:
    """What the file holds when all of the log beside it is in it."""
    with contextlib.closing(sqlite3.connect(path)) as beside:
        beside.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def test_what_is_due_stays_due_when_the_clock_goes_back(journal_url: str) -> None:
    with opened(journal_url) as journal:
        call = recorded(journal, State.UNKNOWN)
        journal.schedule(call, attempts=0, due_at=NOW + 7200)
        assert journal.due("test") == []
    with opened(journal_url) as journal:
        journal.schedule(call, attempts=1, due_at=NOW + 86400)
        assert [each.id for each in journal.due("test")] == [call]
        assert journal.is_due(journal.call(call))


def test_a_late_answer_is_only_noted_once_a_reversal_was_begun(journal_url: str) -> None:
    """The 2601 may have taken effect: what the answer said then does not stand any more."""
    with opened(journal_url) as journal, opened(journal_url) as other:
        call = record(journal, key="B1")
        other.conclude(call.id, Outcome(state=State.UNKNOWN, at=NOW), "orphaned")
        other.schedule(call.id, attempts=0, resolution="reversing", due_at=NOW - 1)
        for state in (State.ACCEPTED, State.REFUSED):
            assert not journal.close_call(call, Outcome(state=state, at=NOW, answer=b"{}"))
        found = other.call(call.id)
        assert (found.state, found.resolution) == (State.UNKNOWN, "reversing")


def test_an_institution_sees_its_own_only(journal_url: str) -> None:
    with opened(journal_url) as journal:
        mine, theirs = journal.of("P44190000001"), journal.of("P44190000002")
        call = recorded(mine, State.UNKNOWN, flow="F", key="B1")
        mine.schedule(call, attempts=0, due_at=NOW)
        msgid = mine.call(call).msgid
        looks: dict[str, Callable[[Journal], object]] = {
            "call": lambda j: j.call(call), "msgid": lambda j: j.by_msgid(msgid), "history": lambda j: j.history(call),
            "flow": lambda j: j.of_flow("F"), "latest": lambda j: j.latest(), "due": lambda j: j.due("other name"),
            "next": lambda j: j.next_due(), "pending": lambda j: j.pending(), "orphans": lambda j: j.orphans(),
            "since": lambda j: j.created_since("other name", 0, limit=9),
        }  # fmt: skip
        for name, look in looks.items():
            seen: dict[str, object] = {}
            for whose, each in {"mine": mine, "theirs": theirs}.items():
                try:
                    seen[whose] = look(each)
                except Exception as failed:
                    seen[whose] = getattr(failed, "code", failed)
            assert seen["theirs"] in ([], None, "no_such_call"), name
            assert name == "orphans" or seen["mine"], name


def test_a_renamed_deployment_file_loses_no_open_case(rig: Rig) -> None:
    """An open case belongs to the institution, not to the name of a file."""
    for fault in (Fault.ANSWER_LOST, Fault.REQUEST_LOST):
        rig.strike(fault, "2102" if fault is Fault.ANSWER_LOST else "5201", times=0)
    with pytest.raises(OutcomeUnknown):
        rig.settle(key="B1")
    rig.door.faults.clear()
    text = rig.config.read_text("utf-8").replace('name = "test"', 'name = "renamed"')
    (rig.folder / "renamed.toml").write_text(text, "utf-8")
    with Runtime(load_deployment(rig.folder / "renamed.toml")) as runtime:
        (left,) = runtime.journal.pending()
        assert (left.deployment, runtime.deployment.name) == ("test", "renamed")
        runtime.journal.note(left.id, "asked", {}, due_at=1.0)
        assert runtime.resolver.sweep() == 1
        assert runtime.journal.pending() == []
        answer = runtime.call("2102", purchase(rig.person()), key="B1", insured_place="441900")
        assert rig.standing() == [answer.output.setlinfo.setl_id]


def test_what_is_open_for_long_goes_to_a_person_whoever_works_on_it(rig: Rig) -> None:
    journal = rig.runtime.journal
    call = record(journal, institution=journal.institution, at=rig.runtime.clock.epoch() - 1900)
    young = record(journal, institution=journal.institution, at=rig.runtime.clock.epoch())
    for _ in range(2):
        rig.runtime.resolver.recover()
    assert [event.kind for event in journal.history(call.id)] == ["recorded", "escalated"]
    assert [event.kind for event in journal.history(young.id)] == ["recorded"]
    assert journal.call(call.id).state is State.OPEN
    end(journal, call, State.ACCEPTED, answer=b"{}")


@pytest.mark.parametrize("found", [State.UNKNOWN, State.ABSENT, State.ACCEPTED])
def test_what_waited_between_its_record_and_its_first_byte_does_not_leave(
    rig: Rig, found: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine slept before the message went out; another one took the call up, and the bill was settled there."""
    journal, sending = rig.runtime.journal, rig.runtime._sending
    post = sending.post

    def slept(*given: Any) -> Any:
        monkeypatch.setattr(sending, "post", post)
        monkeypatch.setattr(recording, "uptime", lambda: time.monotonic() + 1e9)
        (call,) = journal.pending()
        journal.conclude(call.id, Outcome(state=State.UNKNOWN, at=NOW), "orphaned")
        if found is not State.UNKNOWN:
            journal.conclude(call.id, Outcome(state=State.ABSENT, at=NOW), "resolved")
        if found is State.ACCEPTED:
            rig.settle(key="B1")
        return post(*given)

    rig.runtime.sign_in(rig.deployment.operators[0])
    monkeypatch.setattr(sending, "post", slept)
    if found is State.ACCEPTED:
        assert rig.settle(key="B1").recorded
    else:
        with pytest.raises(CallNotSent, match="没有发出"):
            rig.settle(key="B1")
        assert (rig.sent("2102"), rig.standing()) == (0, [])
    assert [rig.settle(key="B1").output.setlinfo.setl_id] == rig.standing()


def test_what_waited_and_is_still_its_own_may_leave(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    call = record(rig.runtime.journal)
    monkeypatch.setattr(recording, "uptime", lambda: time.monotonic() + 1e9)
    assert rig.runtime.journal.may_send(call)
    end(rig.runtime.journal, call, State.NOT_SENT)
    assert not rig.runtime.journal.may_send(call)
