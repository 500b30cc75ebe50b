"""Several processes on one PostgreSQL: who touches the same waits, who touches something else goes on beside it, and
what names nothing has the database to itself."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest
from sqlalchemy import Connection, text

import racing
from liangding.journal import Existing, Held, Journal, NewCall, Opened, Outcome, Settlement, State, Vault
from liangding.journal.examining import Examined, examine
from liangding.journal.locks import MOST, Unnamed, number, of_call, statement
from liangding.journal.store import JournalUnavailable, Store, Tx
from liangding.journal.tables import calls
from liangding.journal.vault import new_secret
from liangding.journal.verifying import Verification

SECRET = new_secret()
NOW = 1_800_000_000.0
INSTITUTION = "P44190000001"

_numbers = itertools.count(1)


class HeldStore(Store):
    """A store whose next commit waits until it may, its transaction open meanwhile."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self.holds = False
        self.reached, self.go_on = threading.Event(), threading.Event()

    def _say(self, command: str) -> None:
        if command == "COMMIT" and self.holds:
            self.holds = False
            self.reached.set()
            self.go_on.wait()
        super()._say(command)


@attrs.frozen
class Two:
    """Two journals on one database, as two processes have them; the first may be held before its commit."""

    url: str
    first: Journal
    second: Journal

    def outcome_beside(self, held: Callable[[Journal], Any], other: Callable[[Journal], Any]) -> tuple[bool, Any]:
        """Whether ``other`` has to wait while ``held`` stands before its commit, and what it comes to."""
        store: Any = self.first.store
        store.reached.clear()
        store.go_on.clear()
        store.holds = True
        came: list[Any] = []
        threads = [
            threading.Thread(target=held, args=(self.first,)),
            threading.Thread(target=lambda: came.append(other(self.second))),
        ]
        threads[0].start()
        while not store.reached.wait(0.05):
            assert threads[0].is_alive()
        threads[1].start()
        with psycopg.connect(self.url, autocommit=True) as looking:
            while not (waits := waited_for(looking)) and threads[1].is_alive():
                threads[1].join(0.01)
        store.go_on.set()
        for thread in threads:
            thread.join()
        return waits == "advisory", came[0]


def waited_for(looking: psycopg.Connection[Any]) -> str:
    """The kind of lock that somebody waits for, empty where nobody does: at a row they meet without names, too."""
    (found,) = looking.execute("SELECT max(locktype) FROM pg_locks WHERE NOT granted").fetchone() or (None,)
    return found or ""


@pytest.fixture(scope="module")
def database(postgresql: str) -> str:
    """A database of this module's own."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS locks WITH (FORCE)")
        connection.execute("CREATE DATABASE locks")
    return postgresql.replace("/postgres?", "/locks?")


@pytest.fixture(scope="module")
def two(database: str) -> Iterator[Two]:
    first = Journal(database, Vault(SECRET), epoch=lambda: NOW, store=HeldStore)
    second = Journal(database, Vault(SECRET), epoch=lambda: NOW)
    yield Two(database, first, second)
    assert first.verify() == []
    first.close()
    second.close()


def new_call(**given: Any) -> NewCall:
    each = next(_numbers)
    facts: dict[str, Any] = {
        "deployment": "test", "institution": INSTITUTION, "infno": "2102", "operator": "001", "changes": True,
        "holds": True, "request": b"{}", "content": "c", "at": NOW, "msgid": f"{INSTITUTION}{each:018d}",
    }  # fmt: skip
    return NewCall(**facts | given)


# -- what a process does, of a bill ``n`` of its own ------------------------------------------------------------------


def _call(key: str | None = None, person: str | None = None) -> Callable[[Journal], Any]:
    return lambda journal: journal.open_call(new_call(key=key, person=person))


def _outcome(made: Opened, **settlement: Any) -> Callable[[Journal], Any]:
    told = Settlement(**settlement) if settlement else None
    return lambda journal: journal.close_call(made, Outcome(state=State.ACCEPTED, at=NOW, settlement=told))


def _flow(flow_id: str, key: str | None = None, expected: int | None = None) -> Callable[[Journal], Any]:
    row = {
        "id": flow_id, "flow": "purchase", "deployment": "test", "institution": INSTITUTION, "key": key, "content": "c",
        "status": "running", "step": "s", "owner": "o", "version": 1 if expected is None else expected + 1,
        "created_at": NOW, "updated_at": NOW, "state": b"{}",
    }  # fmt: skip
    return lambda journal: journal.flows.keep(row, expected_version=expected)


def _signed_in(journal: Journal) -> None:
    journal.sign_ins.keep(INSTITUTION, "001", "1", NOW)


def _reported(journal: Journal) -> None:
    journal.report("verified", {})


def _noted(made: Opened) -> Callable[[Journal], Any]:
    return lambda journal: journal.note(made.id, "told", {})


@attrs.frozen
class Bill:
    """What a case has of its own: keys, a person, a flow at its first version, and a call that is open: of that key and
    person where the case is about an outcome."""

    key: str
    other: str
    person: str
    flow: str
    made: Opened


Doing = Callable[[Bill], Callable[[Journal], Any]]

WAITS: dict[str, tuple[Doing, Doing, Any]] = {
    "a call under the same key": (lambda b: _call(b.key), lambda b: _call(b.key), Existing),
    "a call of the same person": (lambda b: _call(b.key, b.person), lambda b: _call(b.other, b.person), Held),
    "a call of the same person without a key": (
        lambda b: _call(None, b.person), lambda b: _call(b.other, b.person), Held,
    ),
    "a call while an outcome is written": (lambda b: _outcome(b.made), lambda b: _call(b.key), Existing),
    "the person's next call while an outcome is written": (
        lambda b: _outcome(b.made), lambda b: _call(b.other, b.person), Opened,
    ),
    "the same flow moved twice": (lambda b: _flow(b.flow, None, 1), lambda b: _flow(b.flow, None, 1), False),
    "two flows of one key": (lambda b: _flow(f"{b.flow}-1", b.key), lambda b: _flow(f"{b.flow}-2", b.key), False),
    "a call beside what names nothing": (lambda _: _signed_in, lambda b: _call(b.key, b.person), Opened),
    "what names nothing beside a call": (lambda b: _call(b.key, b.person), lambda _: _signed_in, None),
    "a note beside another's call": (lambda b: _call(b.other), lambda b: _noted(b.made), None),
}  # fmt: skip

GOES_ON: dict[str, tuple[Doing, Doing, Any]] = {
    "another bill of another person": (lambda b: _call(b.key, b.person), lambda b: _call(b.other, b.other), Opened),
    "another's outcome": (lambda b: _call(b.other), lambda b: _outcome(b.made, setl_id=b.key), True),
    "another flow": (lambda b: _flow(b.flow, None, 1), lambda b: _flow(f"{b.flow}-3", b.other), True),
    "a flow beside a call": (lambda b: _call(b.key, b.person), lambda b: _flow(b.flow, None, 1), True),
    "a report beside a call": (lambda b: _call(b.key, b.person), lambda _: _reported, None),
}  # fmt: skip


def a_bill(two: Two, *, recorded: bool) -> Bill:
    n = next(_numbers)
    key, person, flow = f"K{n}", f"person {n}", f"f{n}"
    made = two.first.open_call(new_call(key=key, person=person) if recorded else new_call(key=f"M{n}"))
    assert isinstance(made, Opened)
    assert _flow(flow)(two.first)
    return Bill(key, f"O{n}", person, flow, made)


def is_as(came: Any, wanted: Any) -> bool:
    return isinstance(came, wanted) if isinstance(wanted, type) else came is wanted


@pytest.mark.parametrize("case", WAITS)
def test_who_touches_the_same_waits_and_sees_what_was_done(two: Two, case: str) -> None:
    held, other, wanted = WAITS[case]
    bill = a_bill(two, recorded="outcome" in case)
    waited, came = two.outcome_beside(held(bill), other(bill))
    assert waited
    assert is_as(came, wanted)


@pytest.mark.parametrize("case", GOES_ON)
def test_who_touches_something_else_goes_on_beside_it(two: Two, case: str) -> None:
    held, other, wanted = GOES_ON[case]
    bill = a_bill(two, recorded="outcome" in case)
    waited, came = two.outcome_beside(held(bill), other(bill))
    assert not waited
    assert is_as(came, wanted)


def test_a_settlement_is_marked_once_whoever_cancels_it(two: Two) -> None:
    bill = a_bill(two, recorded=False)
    assert _outcome(bill.made, setl_id=bill.key)(two.first)
    cancels: list[Any] = [two.first.open_call(new_call(key=f"{bill.key}-{n}")) for n in (1, 2)]
    held, other = (_outcome(each, setl_id=f"C{each.id}", refund_of=bill.key) for each in cancels)
    assert two.outcome_beside(held, other) == (True, True)
    (of_bill, *_) = two.first.settlements.by_setl_id(bill.key)
    assert of_bill.state == "refunded"


def test_desks_of_several_processes_settle_each_bill_once(database: str, two: Two) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE sending (what varchar(40) PRIMARY KEY)")
    command = [sys.executable, racing.__file__, database, SECRET]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen([*command, str(n)], stdin=pipe, stdout=pipe, text=True) for n in range(1, 5)]
    try:
        for each in processes:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in processes:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        told = [line for each in processes for line in each.communicate()[0].splitlines()]
    finally:
        for each in processes:
            each.kill()
            each.wait()
    assert [each.returncode for each in processes] == [0] * 4
    assert sorted(told) == sorted(f"settled: {key}" for key, _ in racing.BILLS)
    assert two.first.verify() == []


def test_a_call_whose_number_is_lower_and_that_comes_later_is_verified_too(two: Two) -> None:
    bill = a_bill(two, recorded=False)

    def look(journal: Journal) -> Examined:
        assert isinstance(_call(bill.other)(journal), Opened)
        return journal.store.read(lambda connection: examine(connection, journal.vault, NOW), still=True)

    waited, seen = two.outcome_beside(_call(bill.key), look)
    assert (waited, seen.faults) == (False, ())
    late = two.first.by_key(INSTITUTION, bill.key)
    assert late is not None
    assert late.id < seen.newest

    def since(connection: Connection) -> list[str]:
        return list(Verification(connection, two.first.vault, seen.checkpoint).faults())

    assert two.first.store.read(since) == []
    for amount in ("1.00", None):
        with two.first.store.engine.begin() as connection:
            connection.execute(calls.update().where(calls.c.id == late.id).values(amount=amount))
        assert two.first.store.read(since) == ([f"调用 {late.id} 的内容被改过"] if amount else [])


# -- what is not named, and what goes wrong --------------------------------------------------------------------------


FORGOTTEN: dict[str, Callable[[Journal, Tx, dict[str, Any]], Any]] = {
    "a call": lambda journal, tx, row: journal._writer.insert(tx, row | {"msgid": "x"}),
    "an outcome": lambda journal, tx, row: journal._writer.note(tx, 1, row, "told", {}, {}),
    "whether a call is the only one": lambda journal, tx, row: journal._writer.is_alone(tx, 1, row),
}


@pytest.mark.parametrize("what", FORGOTTEN)
def test_work_that_touches_what_it_did_not_name_is_refused(journal_url: str, what: str) -> None:
    journal = Journal(journal_url, Vault(SECRET), epoch=lambda: NOW)
    made = journal.open_call(new_call(key="K", person="1"))
    assert isinstance(made, Opened)
    for named in (
        frozenset[str](),
        of_call(INSTITUTION, "K", ()),
        of_call(INSTITUTION, "another", (made.row["person"],)),
    ):
        with pytest.raises(Unnamed):
            journal.store.write(lambda tx: FORGOTTEN[what](journal, tx, made.row), touches=named)
    assert len(journal.latest()) == 1
    assert journal.verify() == []
    journal.close()


def test_locks_are_taken_in_one_order_and_not_without_end() -> None:
    names = [f"key:I:{n}" for n in range(MOST)]
    taken = statement(frozenset(names)).partition("'{")[2].partition("}'")[0].split(",")
    assert [int(each) for each in taken] == sorted(number(each) for each in names)
    assert statement(frozenset([*names, "one more"])) == statement(None) != statement(frozenset(names))


def test_of_two_that_stand_in_each_others_way_one_does_it_once_more(two: Two) -> None:
    """What nothing names may still meet at a row: PostgreSQL takes one of the two back, and it is done again."""
    with psycopg.connect(two.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE met (id int PRIMARY KEY, n int NOT NULL)")
        connection.execute("INSERT INTO met VALUES (1, 0), (2, 0)")
    both, runs = threading.Barrier(2), itertools.count()

    def touching(first: int, second: int) -> Callable[[Tx], None]:
        came = threading.Event()

        def work(tx: Tx) -> None:
            next(runs)
            tx.say("SET LOCAL deadlock_timeout = '20ms'")
            tx.execute(text("UPDATE met SET n = n + 1 WHERE id = :id"), {"id": first})
            if not came.is_set():
                came.set()
                both.wait()
            tx.execute(text("UPDATE met SET n = n + 1 WHERE id = :id"), {"id": second})

        return work

    works = (two.first.store, touching(1, 2)), (two.second.store, touching(2, 1))
    threads = [
        threading.Thread(target=store.write, args=(work,), kwargs={"touches": frozenset()}) for store, work in works
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(two.url) as connection:
        assert connection.execute("SELECT n FROM met").fetchall() == [(2,), (2,)]
    assert next(runs) >= 3, "one of them once more, or, where it met the other again, oftener"


def test_after_a_commit_of_which_nothing_was_heard_the_next_one_waits_for_it(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line breaks while the database commits: it may still be made. Whoever writes next, of whatever else, waits
    until that is known, so that the chain goes on behind it."""
    journal = Journal(two.url, Vault(SECRET), epoch=lambda: NOW)
    say, left = journal.store._say, []

    def deaf(command: str) -> None:
        if command != "COMMIT":
            say(command)
            return
        left.append(journal.store._cursor)
        journal.store._writer, writer = None, journal.store._writer
        left.append(writer)
        monkeypatch.setattr(journal.store, "_say", say)
        raise psycopg.OperationalError("connection lost")

    monkeypatch.setattr(journal.store, "_say", deaf)
    n = next(_numbers)
    with pytest.raises(JournalUnavailable):
        journal.open_call(new_call(key=f"lost {n}", person=f"{n}"))
    came: list[Any] = []
    next_one = threading.Thread(
        target=lambda: came.append(journal.open_call(new_call(key=f"next {n}", person=f"{n}0")))
    )
    next_one.start()
    with psycopg.connect(two.url, autocommit=True) as looking:
        while waited_for(looking) != "advisory":
            assert next_one.is_alive()
    left[0].execute("COMMIT")
    next_one.join()
    assert isinstance(came[0], Opened)
    assert [call.key for call in journal.latest(limit=2)] == [f"next {n}", f"lost {n}"]
    assert journal.verify() == []
    journal.close()
