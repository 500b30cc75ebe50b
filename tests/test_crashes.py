"""Real crashes and real contention: processes killed at every step, a full disk, a locked journal, servers side by
side. At the end one settlement for each key, and a journal that verifies."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

import crashing
from liangding.config.clients import digest_of
from liangding.errors import OutcomeUnknown
from liangding.jobs.keeper import Keeper
from liangding.journal import Journal, State, Vault, locks
from liangding.journal.store import JournalUnavailable
from liangding.runtime import Runtime
from liangding.simulator.people import Person
from liangding.wire.transport import Exchange, HttpTransport
from support import Rig, free_port, purchase, rig_for
from test_server import serving

KEY = "0123456789abcdefghijKLMNOPQRSTUV"
AT_ONCE = f"""
[[server.api_keys]]
name = "till"
hash = "{digest_of(KEY)}"
[resolution]
believe_seconds = 0
"""
"""Not there is believed as soon as it was seen twice: nobody has to wait."""

SETTLED = ("after answer", "in outcome", "before acknowledging")
"""Where the process dies after the platform has settled for certain."""


@pytest.fixture
def shop(tmp_path: Path, journal_url: str) -> Iterator[Rig]:
    """A pharmacy on each of the two databases."""
    with rig_for(tmp_path, journal=journal_url, more=AT_ONCE) as rig:
        yield rig


def run(rig: Rig, where: str, key: str = "B1") -> subprocess.CompletedProcess[str]:
    """A settlement in a process of its own, to which something happens."""
    return subprocess.run(
        [sys.executable, crashing.__file__, str(rig.config), key, where],
        input=json.dumps(purchase(rig.person())), capture_output=True, text=True, check=False,
    )  # fmt: skip


def recovered(rig: Rig, key: str = "B1") -> str:
    """What a process that starts afterwards tells the HIS, which asks again with the same key."""
    with Runtime(rig.deployment) as runtime:
        Keeper(runtime).round()
        for _ in range(3):
            with contextlib.suppress(OutcomeUnknown):
                answer = runtime.call("2102", purchase(rig.person()), key=key, insured_place="441900")
                assert runtime.journal.pending() == []
                assert runtime.journal.verify() == []
                return str(answer.output.setlinfo.setl_id)
        raise AssertionError("still unknown")


@pytest.mark.parametrize("where", crashing.WHERE)
def test_killed_at_any_step_one_settlement_stands(shop: Rig, where: str) -> None:
    assert run(shop, where).returncode == -signal.SIGKILL
    if where in SETTLED:
        assert len(shop.standing()) == 1
    told = recovered(shop)
    assert shop.standing() == [told]
    assert shop.sent("2102") == 1 or where == "after send"
    assert recovered(shop) == told


def test_killed_again_and_again(shop: Rig) -> None:
    for _ in range(2):
        assert run(shop, "after record").returncode == -signal.SIGKILL
        with Runtime(shop.deployment) as runtime:
            Keeper(runtime).round()
    told = recovered(shop)
    assert (shop.standing(), shop.sent("2102")) == ([told], 1)


# -- disk and locks --------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_the_call_before_it_is_sent(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=AT_ONCE) as rig:
        done = run(rig, "full at record")
        failed, told = done.stdout.split()
        assert (failed, done.stderr) == ("journal_unavailable", "")
        assert rig.standing() == [told] == [recovered(rig)]
        assert rig.sent("2102") == 1


def test_an_answer_that_meets_a_full_disk_is_found_again_when_there_is_space(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=AT_ONCE) as rig:
        failed, told = run(rig, "full at outcome").stdout.split()
        assert failed == "outcome_unknown"
        assert rig.standing() == [told] == [recovered(rig)]
        assert rig.sent("2102") == 1


@contextlib.contextmanager
def locked(url: str) -> Iterator[None]:
    """Another process writes and does not come to an end."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.close()
        return
    with psycopg.connect(url) as session:
        session.execute("SELECT pg_advisory_xact_lock(%s)", [locks.WRITER])
        yield


class Locking:
    """A line whose answer finds the journal locked by another process."""

    def __init__(self, line: HttpTransport, url: str, held: contextlib.ExitStack) -> None:
        self.line, self.url, self.held = line, url, held

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        exchange = self.line.post(url, headers, body)
        if url.endswith("2102"):
            self.held.enter_context(locked(self.url))
        return exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


def test_a_locked_journal_stops_the_call_and_is_waited_for_no_longer_than_need_be(
    tmp_path: Path, journal_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liangding.journal.engines.LOCK_SECONDS", 0.1)
    with rig_for(tmp_path, journal=journal_url, more=AT_ONCE) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        with locked(journal_url), pytest.raises(JournalUnavailable):
            rig.settle(key="B1")
        assert rig.sent("2102") == 0
        line = rig.runtime.transport
        assert isinstance(line, HttpTransport)
        with contextlib.ExitStack() as held:
            rig.runtime.transport = Locking(line, journal_url, held)
            with pytest.raises(OutcomeUnknown):
                rig.settle(key="B1")
        rig.runtime.transport = line
        assert [rig.settle(key="B1").output.setlinfo.setl_id] == rig.standing()
        assert rig.sent("2102") == 1
        assert rig.runtime.journal.verify() == []


# -- servers side by side, and killed under load ---------------------------------------------------------------------


def settle(port: int, person: Person, key: str, total: str = "100.00") -> httpx.Response:
    return httpx.post(
        f"http://127.0.0.1:{port}/v1/transactions/2102", trust_env=False, verify=False, timeout=30,
        headers={"authorization": f"Bearer {KEY}", "idempotency-key": key},
        json={"input": purchase(person, total), "insuplc_admdvs": "441900"},
    )  # fmt: skip


def until_told(port: int, person: Person, key: str) -> str:
    """A HIS that asks with the same key until it is told; whatever it hears meanwhile must be one of these."""
    patience = threading.Event()
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            answer = settle(port, person, key)
            if answer.status_code == 200:
                return str(answer.json()["output"]["setlinfo"]["setl_id"])
            assert answer.json()["error"]["code"] in ("in_progress", "outcome_unknown", "not_sent", "held_back"), (
                answer.text
            )
        patience.wait(0.05)
    raise AssertionError(f"{key}: never told")


def in_threads(works: list[Callable[[], None]]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    return threads


def test_two_servers_on_one_journal_settle_once_for_a_key(tmp_path: Path, postgresql_url: str) -> None:
    ports = [free_port(), free_port()]
    with (
        rig_for(tmp_path, journal=postgresql_url, more=AT_ONCE) as rig,
        serving(rig.config, port=ports[0]),
        serving(rig.config, port=ports[1]),
    ):
        told: list[tuple[str, str]] = []
        people = [rig.person(case) for case in ("local", "retired", "civil_servant")]

        def desk(port: int, person: Person) -> None:
            for n in range(3):
                key = f"{person.case}{n}"
                told.append((key, until_told(port, person, key)))

        for thread in in_threads([lambda o=port, p=who: desk(o, p) for port in ports * 2 for who in people]):  # type: ignore[misc]
            thread.join()
        assert len(told) == 36
        assert len(set(told)) == 9
        assert sorted(setl_id for _, setl_id in set(told)) == sorted(rig.standing())
        assert rig.sent("2102") == 9
        again = [settle(port, people[0], "local0") for port in ports]
        assert {answer.json()["recorded"] for answer in again} == {True}
        other = [settle(port, people[0], "local0", "55.00") for port in ports]
        assert {(answer.status_code, answer.json()["error"]["code"]) for answer in other} == {(409, "key_conflict")}
        assert rig.runtime.journal.verify() == []


def test_a_server_killed_under_load_settles_once_for_a_key(tmp_path: Path) -> None:
    port = free_port()
    with rig_for(tmp_path, more=AT_ONCE) as rig, contextlib.ExitStack() as last:
        people = [rig.person(case) for case in ("local", "retired", "civil_servant", "several_cities")]
        told: dict[str, str] = {}
        patience = threading.Event()

        def desk(person: Person) -> None:
            for n in range(4):
                key = f"{person.case}{n}"
                told[key] = until_told(port, person, key)

        threads: list[threading.Thread] = []
        for enough in (3, 9):
            with serving(rig.config, port=port) as server:
                threads = threads or in_threads([lambda p=who: desk(p) for who in people])  # type: ignore[misc]
                while len(told) < enough:
                    assert any(thread.is_alive() for thread in threads)
                    patience.wait(0.02)
                server.kill()
        last.enter_context(serving(rig.config, port=port))
        for thread in threads:
            thread.join()
        assert len(told) == 16
        assert sorted(told.values()) == sorted(rig.standing())
        assert rig.runtime.journal.pending() == []
        assert rig.runtime.journal.verify() == []
        states = {call.state for call in rig.runtime.journal.latest(infno="2102", limit=1000)}
        assert states <= {State.ACCEPTED, State.ABSENT, State.NOT_SENT, State.REVERSED}


def test_a_server_that_is_told_to_end_leaves_a_journal_that_is_whole_by_its_file(tmp_path: Path) -> None:
    """A copy of the file alone, elsewhere, knows what was settled; a short time for belief is lifted, and said."""
    port = free_port()
    with rig_for(tmp_path, more=AT_ONCE) as rig:
        rig.runtime.close()
        with serving(rig.config, port=port) as server:
            told = until_told(port, rig.person(), "B1")
            server.send_signal(signal.SIGTERM)
            said = server.communicate(timeout=60)[0]
        assert (server.returncode, "believe_seconds = 0 太短" in said) == (0, True)
        moved = tmp_path / "moved"
        moved.mkdir()
        (moved / "journal.db").write_bytes((tmp_path / "journal.db").read_bytes())
        vault = Vault((tmp_path / "secrets" / "journal").read_text("utf-8"))
        journal = Journal("sqlite:///journal.db", vault, folder=moved)
        found = journal.by_key(rig.deployment.institution.code, "B1")
        assert found is not None
        assert (found.state, found.setl_id) == (State.ACCEPTED, told)
        assert journal.verify() == []
        journal.close()
