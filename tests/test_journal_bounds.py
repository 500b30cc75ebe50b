"""The journal at the very edge of its times, numbers and portions: what counts in, and what does not by a second."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from liangding.errors import ConfigurationError
from liangding.journal import Journal, Outcome, State, Vault
from liangding.journal.copying import BadCopy, Copies, copy
from liangding.journal.engines import JournalUnavailable, _hold_role, _write_ahead, open_engine
from liangding.journal.examining import examine
from liangding.journal.heads import HeadsFile, KeptHead
from liangding.journal.presence import WorkingProcess
from liangding.journal.reading import ReadJournal
from liangding.journal.timing import DatabaseClock
from liangding.journal.vault import WrongKey, new_secret
from liangding.wire.json import decode, encode
from test_journal import NOW, SECRET, end, flow_row, opened, record, recorded

DAY = 86400.0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with opened(f"sqlite:///{tmp_path}/journal.db") as made:
        yield made


# -- times -------------------------------------------------------------------------------------------------------------

DUE = {-1.0: True, 0.0: True, 0.5: False, 21600.0: False, 21600.5: True}
"""When a call is to be looked at, in seconds from now → whether it is due: what lies farther ahead than six hours was
written down before the clock went back."""


def test_when_a_call_is_due(journal: Journal) -> None:
    call, seen = recorded(journal, State.UNKNOWN), {}
    for attempts, ahead in enumerate(DUE):
        assert journal.schedule(call, attempts=attempts, due_at=NOW + ahead)
        by_itself, listed = journal.is_due(journal.call(call)), bool(journal.due("test"))
        stirs = journal.stirring() == {"P44190000001"}
        seen[ahead] = by_itself
        assert by_itself is listed is stirs, ahead
        assert journal.next_due("test") == NOW + ahead == journal.next_due_each()["P44190000001"]
    assert seen == DUE


def test_when_a_flow_is_left(journal: Journal) -> None:
    seen = {}
    for number, ahead in enumerate(DUE):
        row = flow_row(id=f"f{number}", key=f"K{number}", status="stopped", resume_at=NOW + ahead)
        assert journal.flows.keep(row, expected_version=None)
        seen[ahead] = f"f{number}" in [left.id for left in journal.flows.left("test", NOW)]
    assert seen == DUE


def test_what_is_open_for_long(journal: Journal) -> None:
    """Recorded so long ago, or so far ahead of a clock that went back; who knows of it is told once."""
    ages = {-61.0: True, -60.0: False, 0.0: False, 60.0: False, 61.0: True}
    made = {age: record(journal, at=NOW - age).id for age in ages}
    assert [call.id for call in journal.open_for(60)] == [made[age] for age, long in ages.items() if long]
    journal.note(made[61.0], "escalated", {}, escalated_at=NOW)
    end_of_one = journal.call(made[-61.0])
    assert [call.id for call in journal.open_for(60)] == [end_of_one.id]


def test_what_was_accepted_lately_and_after(journal: Journal) -> None:
    """Both ends are counted in; what was learnt far ahead of now is from before the clock went back."""
    made = {}
    for at in (NOW - 1, NOW, NOW + 21600, NOW + 21601):
        call = record(journal, person="7", at=at)
        assert journal.close_call(call, Outcome(state=State.ACCEPTED, at=at, answer=b"{}"))
        made[call.id] = at
    code = "P44190000001"
    assert [made[c.id] for c in journal.accepted_since(code, "7", ["2102"], NOW)] == [NOW, NOW + 21600]
    first, *others = made
    assert [c.id for c in journal.accepted_after(code, "7", first)] == others
    assert [made[c.id] for c in journal.accepted_after(code, "7", first, since=NOW + 1)] == [NOW + 21600, NOW + 21601]
    assert [made[c.id] for c in journal.accepted_after(code, "7", 0, since=NOW)] == [NOW, NOW + 21600, NOW + 21601]
    assert journal.tally(NOW + 21600) == {State.ACCEPTED: 2}
    assert [made[c.id] for c in journal.created_since("test", NOW, limit=2)] == [NOW + 21600, NOW + 21601]


def test_of_reports_and_decisions_that_very_moment_counts(journal: Journal) -> None:
    journal.report("exported", {})
    call, decisions = recorded(journal, State.UNKNOWN), ["proposed", "returned", "broke_glass", "approved", "decided"]
    for kind in ("taken", *decisions, "asked"):
        journal.note(call, kind, {})
    assert [event.kind for event in journal.decisions(NOW)] == decisions[::-1], "the latest first"
    assert [event.kind for event in journal.decisions(NOW, limit=2)] == ["decided", "approved"]
    looks = (journal.reports, journal.decisions)
    assert [[len(look(NOW + more)) for more in (0, 1)] for look in looks] == [[1, 0], [5, 0]]


def test_what_is_pruned(journal: Journal) -> None:
    """Of calls and flows what is before that moment, has ended, and is owed nothing."""
    old, new = recorded(journal, State.ACCEPTED, at=NOW - 1), recorded(journal, State.ACCEPTED)
    rows: dict[str, dict[str, Any]] = {
        "old": {}, "at that moment": {"updated_at": NOW}, "running": {"status": "running"}, "owing": {"debts": 1},
        "owing nothing": {"debts": 0}, "stopped": {"status": "stopped"},
        "another's": {"institution": "P44190000002"},
    }  # fmt: skip
    state = encode({"given": {"psn_name": "甲", "psn_no": "7"}, "again": 1})
    for number, (name, more) in enumerate(rows.items()):
        usual = {"id": name, "key": f"K{number}", "status": "done", "updated_at": NOW - 1, "debts": None}
        assert journal.flows.keep(flow_row(state=state, **usual | more), expected_version=None)
    assert journal.of("P44190000001").prune(NOW, ["done", "stopped"]) == 1
    assert [bool(journal.call(each).request) for each in (old, new)] == [False, True]

    def named() -> set[str]:
        held = {name: journal.flows.get(name) for name in rows}
        told = {name: decode(row["state"]) for name, row in held.items() if row is not None}
        assert all((each["again"], each["given"]["psn_no"]) == (1, "7") for each in told.values())
        return {name for name, each in told.items() if each["given"]["psn_name"]}

    assert named() == {"at that moment", "running", "owing", "another's"}
    assert journal.prune(NOW, ["done", "stopped"]) == 0
    assert named() == {"at that moment", "running", "owing"}
    assert journal.verify() == []


def test_a_large_journal_is_gone_through_as_a_whole_once_a_week(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(at: float) -> Any:
        return journal.store.read(lambda connection: examine(connection, journal.vault, at, full=None))

    recorded(journal, State.ACCEPTED)
    first = looked(NOW)
    journal.keep_checkpoint(first.checkpoint)
    many = sum(first.head.events)
    monkeypatch.setattr("liangding.journal.examining.SMALL", many)
    assert looked(NOW).since is None, "so many events are few"
    monkeypatch.setattr("liangding.journal.examining.SMALL", many - 1)
    assert looked(NOW + DAY).since == first.checkpoint
    journal.keep_checkpoint(looked(NOW + DAY).checkpoint)
    assert (looked(NOW + 2 * DAY).since.head.at, looked(NOW + 2 * DAY).since.whole_at) == (NOW + DAY, NOW)
    assert [looked(NOW + 7 * DAY + more).since is None for more in (0, 1)] == [False, True]


def test_a_clock_that_answers_at_once_is_looked_at_once() -> None:
    """A fifth of a second is near enough."""
    for spent, looks in ((0.15, 1), (0.25, 3)):
        up, asked = itertools.count(0, spent), list[int]()

        def read(_: Any, told: list[int] = asked) -> float:
            told.append(1)
            return 5.0

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("liangding.journal.timing.uptime", lambda up=up: next(up))
            DatabaseClock(SimpleNamespace(read=read))  # type: ignore[arg-type]
        assert len(asked) == looks


# -- numbers and names -------------------------------------------------------------------------------------------------


def test_a_resolution_is_cut_where_its_column_ends(journal: Journal) -> None:
    """As a plugin's own query may be called: the outcome is recorded all the same."""
    call = recorded(journal, State.UNKNOWN)
    long = "asked:" + "x" * 60
    assert journal.conclude(call, Outcome(state=State.ABSENT, at=NOW, resolution=long), "resolved")
    assert journal.call(call).resolution == long[:40]


def test_what_an_answer_says_is_kept_where_its_column_holds_it(journal: Journal) -> None:
    kept = {}
    for given in ("S" * 40, "S" * 41, "S\0"):
        call = record(journal)
        end(journal, call, State.ACCEPTED, answer=b"{}", setl_id=given)
        kept[given] = journal.call(call.id).setl_id
    assert kept == {"S" * 40: "S" * 40, "S" * 41: None, "S\0": None}


def test_whose_name_says_which_machine_and_number() -> None:
    told = {}
    for owner in ("host:0123:b001:77:9:ab", "host:77:9:ab", "keeper"):
        held = WorkingProcess(owner=owner, started_at=NOW, beat_at=NOW)
        told[owner] = (held.machine, held.number)
    assert list(told.values()) == [("host", "77"), ("host", "77"), ("keeper", "")]


# -- files -------------------------------------------------------------------------------------------------------------


def copies(folder: Path, **more: Any) -> Copies:
    return Copies("sqlite:///journal.db", folder, Vault(SECRET), lambda: NOW, **more)


def test_what_stood_in_a_copys_place_is_put_aside_each_time_with_its_log(journal: Journal, tmp_path: Path) -> None:
    recorded(journal, State.ACCEPTED)
    target = tmp_path / "copy.db"
    journal.close()
    (tmp_path / "copy.db.part").write_bytes(b"left by one that broke off")
    copies(tmp_path).back_up(target)
    assert not (tmp_path / "copy.db.part").exists()
    held = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    held.execute("CREATE TABLE noted (x)")
    assert (tmp_path / "journal.db-wal").stat().st_size > 0
    for _ in range(3):
        copies(tmp_path).restore(target)
    held.close()
    beside = {path.name.removeprefix("journal.db") for path in tmp_path.glob("journal.db*")}
    assert beside == {"", ".replaced-1", ".replaced-1-wal", ".replaced-1-shm", ".replaced-2", ".replaced-3"}


def test_a_copy_is_one_file_that_is_safe_on_the_disk(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(journal, State.ACCEPTED)
    safe: list[int] = []
    monkeypatch.setattr("liangding.journal.copying.os.fsync", lambda _: safe.append(len(list(tmp_path.glob("c.db*")))))
    copy(tmp_path / "journal.db", tmp_path / "c.db")
    assert safe == [1], "before it has its name"
    with sqlite3.connect(tmp_path / "c.db") as read:
        assert read.execute("SELECT count(*) FROM calls").fetchone() == (1,)
        assert [path.name for path in tmp_path.glob("c.db*")] == ["c.db"], "who reads it needs nothing beside it"
    read.close()


def test_a_copy_that_is_not_whole_says_three_of_its_faults(journal: Journal, tmp_path: Path) -> None:
    for _ in range(5):
        recorded(journal, State.ACCEPTED)
    journal.close()
    copy(tmp_path / "journal.db", tmp_path / "c.db")
    with sqlite3.connect(tmp_path / "c.db") as changed:
        changed.execute("UPDATE calls SET operator = 'x'")
    changed.close()
    with pytest.raises(BadCopy) as broken:
        copies(tmp_path).restore(tmp_path / "c.db")
    assert broken.value.message.count("的内容被改过") == 3


def test_a_head_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="链头文件写不了") as failed:
        HeadsFile(tmp_path / "file" / "heads").add(KeptHead(at=1.0, events=(1,), digest="d"))
    assert failed.value.path == f"journal.heads {tmp_path}/file/heads"


def test_of_an_empty_journal_nothing_is_told_of_its_days(journal: Journal) -> None:
    found = journal.store.read(lambda connection: examine(connection, journal.vault, NOW))
    assert (found.calls, found.first, found.last, found.newest, found.faults) == (0, None, None, 0, ())
    assert found.as_text() == f"0 次调用，0 件事，链头 {found.head.short}"


def test_a_key_with_a_wildcard_in_it_is_nobody_elses(journal: Journal) -> None:
    for number, key in enumerate(("K_1@2026-11-28", "KX1@2026-11-28", "K%@2026-11-28")):
        assert journal.flows.keep(flow_row(id=f"f{number}", key=key), expected_version=None)
    begun = {
        begins: sorted(journal.flows.by_key_of_days("P44190000001", "pharmacy_purchase", begins).values())
        for begins in ("K_1@", "K%@", "K")
    }
    assert begun == {"K_1@": ["f0"], "K%@": ["f2"], "K": ["f0", "f1", "f2"]}


def files_of(folder: Path) -> set[str]:
    """The files in a folder that this process has open."""
    found = set[str]()
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(os.readlink(each))
    return {Path(name).name for name in found if name.startswith(f"{folder}/")}


def test_whoever_is_done_with_a_journal_gives_its_files_back(tmp_path: Path) -> None:
    """Also where it was not the one that was looked for; its folders are made with it."""
    url = f"sqlite:///{tmp_path}/years/2026/journal.db"

    def refuses(_: Any) -> None:
        raise ConfigurationError("another")

    for _ in range(2):
        with opened(url) as made:
            recorded(made, State.ACCEPTED, key=f"B{_}")
            assert made.by_key("P44190000001", "B0") is not None
            assert files_of(tmp_path)
        assert files_of(tmp_path) == set()
    with pytest.raises(WrongKey):
        Journal(url, Vault(new_secret()))
    assert files_of(tmp_path) == set()
    with pytest.raises(ConfigurationError, match="another"):
        Journal(url, Vault(SECRET), held=refuses)
    assert files_of(tmp_path) == set()
    with ReadJournal(url, Vault(SECRET), epoch=lambda: NOW) as read:
        assert len(read.latest()) == 2
        assert "journal.db" in files_of(tmp_path)
    assert files_of(tmp_path) == set()
    with pytest.raises(WrongKey):
        ReadJournal(url, Vault(new_secret()))
    assert (files_of(tmp_path), sorted(path.name for path in tmp_path.rglob("*.db*"))) == (set(), ["journal.db"])


# -- transactions ------------------------------------------------------------------------------------------------------


class InTheWay(Exception):
    """As PostgreSQL takes a transaction back."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "times", "tries", "done"),
    [("40001", 4, 5, True), ("40P01", 4, 5, True), ("40001", 5, 5, False), ("40P01", 9, 5, False)],
    ids=["an order", "a deadlock", "no order", "deadlocks"],
)
def test_what_stands_in_anothers_way_is_begun_again(
    journal: Journal, sqlstate: str, times: int, tries: int, done: bool
) -> None:
    tried: list[int] = []

    def work(_: Any) -> str:
        tried.append(1)
        if len(tried) <= times:
            raise InTheWay(sqlstate)
        return "done"

    if done:
        assert journal.store.write(work) == "done"
    else:
        with pytest.raises(JournalUnavailable, match="相撞"):
            journal.store.write(work)
    assert len(tried) == tries
    recorded(journal, State.ACCEPTED)
    assert journal.verify() == []


def test_what_fails_otherwise_is_not_begun_again(journal: Journal) -> None:
    tried: list[int] = []

    def work(_: Any) -> None:
        tried.append(1)
        raise InTheWay("40002")

    with pytest.raises(InTheWay):
        journal.store.write(work)
    assert len(tried) == 1


def test_a_glance_whose_connection_broke_is_made_on_another(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    call = recorded(journal, State.ACCEPTED, key="B1")

    def seen() -> int | None:
        found = journal.by_key("P44190000001", "B1")
        return None if found is None else found.id

    def broken() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    for _ in range(2):
        assert seen() == call
        assert journal.store._glancer is not None
        journal.store._glancer[1].close()
    assert seen() == call
    assert journal.store._glancer is not None
    journal.store._glancer[1].close()
    with monkeypatch.context() as patched:
        patched.setattr(journal.store.engine, "connect", broken)
        with pytest.raises(JournalUnavailable, match="disk I/O error"):
            seen()
    assert seen() == call


# -- databases ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locked", "tries"), [(0, 1), (2, 3), (10**9, 0)], ids=["free", "locked at first", "locked"])
def test_a_database_that_another_process_makes_is_waited_for(
    locked: int, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, asked = [100.0], []

    def execute(command: str) -> None:
        asked.append(command)
        if len(asked) <= locked:
            raise sqlite3.OperationalError("database is locked")

    def sleep(seconds: float) -> None:
        assert 0 < seconds < 1
        at[0] += seconds

    monkeypatch.setattr("liangding.journal.engines.time", SimpleNamespace(monotonic=lambda: at[0], sleep=sleep))
    if tries:
        _write_ahead(SimpleNamespace(execute=execute))
        assert len(asked) == tries
    else:
        with pytest.raises(sqlite3.OperationalError):
            _write_ahead(SimpleNamespace(execute=execute))
        assert 110 < at[0] < 110.1
    assert set(asked) == {"PRAGMA journal_mode = WAL"}


def test_who_has_no_driver_is_told_which_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise ImportError("no module psycopg")

    monkeypatch.setattr("liangding.journal.engines.create_engine", missing)
    with pytest.raises(ConfigurationError, match="没有安装 PostgreSQL 的驱动") as failed:
        open_engine("postgresql://his@db/liangding", tmp_path)
    assert (failed.value.path, failed.value.remedy) == ("journal.url", "pip install 'liangding[postgresql]'")


ROLES: dict[tuple[str, str, str], list[str]] = {
    ("0", "0", "off"): [
        "lock_timeout = '10s'", "idle_in_transaction_session_timeout = '60s'", "synchronous_commit = on",
    ],
    ("0", "5min", "on"): ["lock_timeout = '10s'"], ("2s", "0", "on"): ["idle_in_transaction_session_timeout = '60s'"],
    ("2s", "5min", "local"): ["synchronous_commit = on"], ("2s", "5min", "on"): [],
    ("2s", "5min", "remote_apply"): [],
}  # fmt: skip
"""What a role behind a pooler has set: lock_timeout, idle_in_transaction_session_timeout, synchronous_commit → what it
has to be set to."""


@pytest.mark.parametrize("held", ROLES, ids=" ".join)
def test_what_a_role_behind_a_pooler_has_to_be_set_to(held: tuple[str, str, str]) -> None:
    found = SimpleNamespace(fetchone=lambda: ("his", *held))
    connection = SimpleNamespace(execute=lambda _: found, autocommit=True)
    wanted = [f"ALTER ROLE his SET {each}" for each in ROLES[held]]
    if not wanted:
        return _hold_role(connection)
    with pytest.raises(JournalUnavailable, match="角色 his 的设置") as refused:
        _hold_role(connection)
    assert refused.value.remedy.startswith(f"在数据库里执行：{'；'.join(wanted)}；")
    assert refused.value.path == "journal.url"
    return None
