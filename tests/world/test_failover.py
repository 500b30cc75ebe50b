"""A PostgreSQL that dies under settlements, and the one that stood by for it: nothing that was told is lost."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .clusters import Cluster
from .house import House, house
from .line import until
from .oracle import accounts, judge
from .test_one_house import liangding
from .till import SETTLED, Bill, Till

TILLS, BILLS = 4, 10

STANDS_BY = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def clusters(folder: Path) -> Iterator[tuple[Cluster, Cluster]]:
    """One that is written to, and one that has every commit before it counts as done."""
    first = Cluster(folder / "first")
    first.start()
    second = Cluster(folder / "second", standby_of=first)
    second.start(cluster_name="standby")
    first.ask("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    first.ask("SELECT pg_reload_conf()")
    until(lambda: first.ask(STANDS_BY) == [(1,)], "the other one stands by")
    try:
        yield first, second
    finally:
        first.kill()
        second.kill()


@pytest.mark.long
def test_the_standby_takes_over_and_nothing_that_was_told_is_lost(
    folder: Path, clusters: tuple[Cluster, Cluster]
) -> None:
    first, second = clusters
    journal = f"postgresql://postgres@{first.address},{second.address}/postgres"
    (folder / "house").mkdir()
    with house(folder / "house", journal=journal) as at:
        server = at.serve(workers=2)
        bills = [Bill(key=f"F{n}", person=who, by_flow=n % 2 == 0) for n, who in enumerate(at.people(TILLS * BILLS))]
        before, told, heard = at.everybody(), list[str](), set[str]()
        desks = [
            threading.Thread(target=_desk, args=(server.port, bills[n::TILLS], told, heard)) for n in range(TILLS)
        ]  # fmt: skip
        for desk in desks:
            desk.start()
        until(lambda: len(told) >= len(bills) // 4, "bills are settled", 300)
        first.kill()
        acknowledged = [bill for bill in bills if bill.key in told]
        until(lambda: "journal_unavailable" in heard, "a till hears that nothing can be recorded", 300)
        second.promote()
        _come_to_rest(at, desks)
        for bill in acknowledged:
            assert Till(server.port).ask(bill).says == SETTLED, "what was told before is told again"
        assert sorted(told) == sorted(bill.key for bill in bills)
        ledger = at.ledger()
        assert judge(bills, ledger) == []
        assert accounts(before, at.everybody(), ledger) == []
        assert liangding(at, "journal", "verify").returncode == 0
        assert second.ask("SELECT pg_is_in_recovery()") == [(False,)]


def _desk(port: int, bills: list[Bill], told: list[str], heard: set[str]) -> None:
    """A till that asks under the same key until it is told."""
    till, patience = Till(port), threading.Event()
    for bill in bills:
        for _ in range(6000):
            answer = till.ask(bill)
            heard.add(answer.code)
            if answer.says == SETTLED:
                told.append(bill.key)
                break
            patience.wait(0.05)


def _come_to_rest(at: House, desks: list[threading.Thread]) -> None:
    """What has no known outcome is found out as time passes."""
    for seconds in (5, 130, 20, 130, 300, 600, 2000):
        for desk in desks:
            desk.join(10)
        at.clock.pass_by(seconds)
    for desk in desks:
        desk.join(120)
        assert not desk.is_alive()
