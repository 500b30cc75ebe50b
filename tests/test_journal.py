"""The journal on both databases: what is recorded, what a key and a person hold, and that nothing is altered unseen."""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    and_,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from liangding.errors import LiangdingError
from liangding.journal import (
    Existing,
    Held,
    Journal,
    NewCall,
    Opened,
    Outcome,
    Settlement,
    State,
    Vault,
    chain,
    migrations,
)
from liangding.journal.beside import reseal
from liangding.journal.engines import READING
from liangding.journal.examining import Examined, examine
from liangding.journal.journal import KeyConflict, MsgidTaken
from liangding.journal.states import PENDING, PROVED, TRANSITIONS
from liangding.journal.store import JournalUnavailable, Store
from liangding.journal.tables import (
    calls,
    checkpoints,
    events,
    flows,
    keys,
    metadata,
    owners,
    settlements,
    sign_ins,
)
from liangding.journal.vault import CipherName, UnreadableValue, WrongKey, new_secret

SECRET = new_secret()
PERSON = "44190000000000000001"
NOW = 1_800_000_000.0

_numbers = itertools.count(1)


def new_call(**given: Any) -> NewCall:
    number = next(_numbers)
    facts: dict[str, Any] = {
        "deployment": "test", "institution": "P44190000001", "infno": "2102", "operator": "001", "changes": True,
        "holds": True, "request": f'{{"n":{number}}}'.encode(), "content": "c", "at": NOW,
        "msgid": f"P44190000001{number:018d}",
    }  # fmt: skip
    return NewCall(**facts | given)


@contextlib.contextmanager
def opened(url: str, vault: Vault | None = None, **parts: Any) -> Iterator[Journal]:
    journal = Journal(url, vault or Vault(SECRET), epoch=lambda: NOW, **parts)
    try:
        yield journal
    finally:
        journal.close()


@pytest.fixture
def journal(journal_url: str) -> Iterator[Journal]:
    with opened(journal_url) as made:
        yield made


def record(journal: Journal, **given: Any) -> Opened:
    """A new call; where its key was used before, that one was looked at just now."""
    made = journal.open_call(new_call(**given), again=True)
    assert isinstance(made, Opened)
    return made


def end(journal: Journal, call: Opened, state: State, **facts: Any) -> None:
    assert journal.close_call(call, Outcome(state=state, at=NOW + 1, **facts))


def recorded(journal: Journal, state: State, **given: Any) -> int:
    """A call that ended in ``state``: its number."""
    call = record(journal, **given)
    if state in (State.ABSENT, State.REVERSED):
        end(journal, call, State.UNKNOWN)
        assert journal.conclude(call.id, Outcome(state=state, at=NOW + 2), "resolved")
    elif state is not State.OPEN:
        end(journal, call, state, answer=b"{}", message="said", advice=("advised",))
    return call.id


# -- recording -------------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_there_for_every_process_byte_for_byte(journal: Journal, journal_url: str) -> None:
    body = '{"input":{"name":"测试"}}'.encode()
    call = record(journal, request=body, key="B1", person=PERSON)
    with opened(journal_url) as other:
        found = other.by_key("P44190000001", "B1")
        assert found is not None
        assert (found.id, found.state, found.request) == (call.id, State.OPEN, body)
        end(journal, call, State.ACCEPTED, answer=b"\x00\xff", setl_id="S1", http_status=200, advice=("a", "b"))
        after = other.call(call.id)
        assert (after.state, after.answer, after.setl_id, after.advice) == (
            State.ACCEPTED, b"\x00\xff", "S1", ("a", "b"),
        )  # fmt: skip
        assert [(e.kind, e.owner == journal.owner) for e in other.history(call.id)] == [
            ("recorded", True), ("ended", True),
        ]  # fmt: skip


def test_a_message_number_goes_out_once_and_what_failed_leaves_nothing(journal: Journal) -> None:
    first = new_call()
    journal.open_call(first)
    with pytest.raises(MsgidTaken):
        journal.open_call(attrs.evolve(first, key="B2"))
    assert journal.by_key("P44190000001", "B2") is None
    assert len(journal.latest()) == 1
    assert journal.verify() == []


def test_what_is_committed_is_safe_on_the_disk(journal: Journal) -> None:
    """By what each database was told, on every connection."""
    asked: dict[str, dict[str, Any]] = {
        "sqlite": {"PRAGMA synchronous": 2, "PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": 1},
        "postgresql": {"SHOW synchronous_commit": "on", "SHOW idle_in_transaction_session_timeout": "1min"},
    }
    for question, told in asked[journal.store.dialect].items():
        read = journal.store.read(partial(answer_to, question))
        written = journal.store.write(partial(in_a_transaction, question))
        assert (question, read, written) == (question, told, told)


def answer_to(question: str, connection: Connection) -> Any:
    return connection.exec_driver_sql(question).scalar()


def in_a_transaction(question: str, tx: Any) -> Any:
    return answer_to(question, tx.connection)


def test_nothing_of_a_body_or_a_person_is_shown(journal: Journal) -> None:
    """What the journal hands about may stand in an error or a log: never with what somebody said or who it is."""
    said = "said-of-somebody"
    new = new_call(request=said.encode(), person=PERSON)
    call = journal.open_call(new)
    assert isinstance(call, Opened)
    settlement = Settlement(psn_no=PERSON, setl_id="S1")
    outcome = Outcome(
        state=State.ACCEPTED, at=NOW, answer=said.encode(), message=said, advice=(said,), settlement=settlement
    )
    assert journal.close_call(call, outcome)
    journal.advise(call.id, (said,))
    kept = journal.call(call.id)
    shown = repr([new, call, settlement, outcome, kept, kept.bodies, journal.history(call.id)])
    assert said not in shown
    assert PERSON not in shown


def test_nothing_is_recorded_where_there_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    for url in (f"sqlite:///{tmp_path}/a file/j.db", "postgresql://postgres@127.0.0.1:9/none"):
        with pytest.raises(JournalUnavailable):
            Journal(url, Vault(SECRET))


def test_the_tables_are_what_the_migrations_make(journal: Journal) -> None:
    with journal.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        held = {table: inspect(connection).get_pk_constraint(table)["constrained_columns"] for table in metadata.tables}
        assert held == {name: [column.name for column in table.primary_key] for name, table in metadata.tables.items()}
        where = f"{context.dialect.name}_where"
        partly = {
            index["name"]
            for table in metadata.tables
            for index in inspect(connection).get_indexes(table)
            if where in index.get("dialect_options", {})
        }
    indexes = [index for table in metadata.tables.values() for index in table.indexes]
    for dialect in ("sqlite", "postgresql"):
        assert partly == {index.name for index in indexes if index.dialect_options[dialect]["where"] is not None}
    assert partly


def test_a_new_journal_has_what_one_has_that_went_through_every_schema(journal_url: str, tmp_path: Path) -> None:
    """Columns that came later stand at the end of the one and in their place in the other: nobody reads by place."""
    store = Store(journal_url, tmp_path)
    described = []
    for make in (migrations.migrate, migrations.upgrade):
        with store.engine.begin() as connection:
            make(connection)
            described.append(_described(connection))
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
    store.close()
    assert described[0] == described[1]
    assert described[0]["alembic_version"][0] == migrations.HEAD


def _described(connection: Connection) -> dict[str, list[Any]]:
    """Each table: its columns, keys and indexes; of SQLite also its own words."""
    held = inspect(connection)
    described: dict[str, list[Any]] = {}
    for table in held.get_table_names():
        told = [
            *held.get_columns(table), *held.get_foreign_keys(table), *held.get_unique_constraints(table),
            *held.get_check_constraints(table), *held.get_indexes(table), held.get_pk_constraint(table),
        ]  # fmt: skip
        described[table] = sorted(repr(_in_words(each)) for each in told)
    described["alembic_version"].insert(0, migrations.revision(connection))
    if connection.dialect.name == "sqlite":
        for name, words in connection.execute(text("SELECT name, sql FROM sqlite_master")).all():
            described[f"{name} in words"] = sorted(re.findall(r"\w+", words or ""))
    return described


def _in_words(described: Any) -> Any:
    """What reflection says, with conditions as text."""
    if isinstance(described, dict):
        return sorted((name, _in_words(each)) for name, each in described.items())
    return described if isinstance(described, str | int | list | None) else str(described).replace('"', "")


def test_a_journal_of_the_first_0002_is_brought_up_too(journal_url: str, tmp_path: Path) -> None:
    """For forty minutes of its making schema 0002 had no columns for what a call does."""
    store = Store(journal_url, tmp_path)
    with store.engine.begin() as connection:
        migrations.upgrade(connection, "0002")
        for column in ("does", "of_what"):
            connection.execute(text(f"ALTER TABLE calls DROP COLUMN {column}"))
        migrations.upgrade(connection)
        found = {column["name"] for column in inspect(connection).get_columns("calls")}
    store.close()
    assert found == set(calls.c.keys())


def test_many_processes_bring_up_one_database_at_once(journal_url: str) -> None:
    together = threading.Barrier(6)
    made: list[Journal] = []

    def start() -> None:
        together.wait()
        made.append(Journal(journal_url, Vault(SECRET)))

    in_threads([start] * 6)
    with made[0].store.engine.connect() as connection:
        assert sorted(connection.execute(select(owners.c.ordinal)).scalars()) == [1, 2, 3, 4, 5, 6]
    assert made[5].verify() == []
    for each in made:
        each.close()


def in_threads(works: Sequence[Callable[[], Any]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# -- business keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_a_key_may_be_used_again_only_where_nothing_stands(journal: Journal, state: State) -> None:
    first = recorded(journal, state, key="B1")
    again = journal.open_call(new_call(key="B1"))
    if state is State.REFUSED:  # a refusal that may have moved money is looked at before that
        assert isinstance(again, Existing)
        again = journal.open_call(new_call(key="B1"), again=first)
    if state.repeatable:
        assert isinstance(again, Opened)
        found = journal.by_key("P44190000001", "B1")
        assert found is not None
        assert found.id == again.id
    else:
        assert isinstance(again, Existing)
        assert (again.call.id, again.call.state) == (first, state)
    assert journal.verify() == []


@pytest.mark.parametrize("state", [State.OPEN, State.UNKNOWN, State.ACCEPTED])
def test_a_key_with_other_content_is_a_conflict(journal: Journal, state: State) -> None:
    recorded(journal, state, key="B1")
    with pytest.raises(KeyConflict):
        journal.open_call(new_call(key="B1", content="other"))
    assert isinstance(journal.open_call(new_call(key="B1", institution="P44190000002")), Opened)


def test_a_key_whose_call_was_not_there_is_looked_at_before_it_is_used_again(journal: Journal) -> None:
    first = recorded(journal, State.ABSENT, key="B1")
    journal.note(first, "taken", {}, watch_until=NOW + 9)
    assert isinstance(journal.open_call(new_call(key="B1")), Existing)
    assert isinstance(journal.open_call(new_call(key="B1"), again=True), Opened)


@pytest.mark.parametrize(
    ("does", "failure", "looked_at"),
    [
        ("settles", "", True),
        ("cancels", "", True),
        (None, "", True),
        ("uploads", "", False),
        ("settles", PROVED, False),
    ],
)
def test_a_refusal_is_looked_at_where_money_may_have_moved(
    journal: Journal, does: str | None, failure: str, looked_at: bool
) -> None:
    end(journal, record(journal, key="B1", does=does), State.REFUSED, failure=failure)
    assert isinstance(journal.open_call(new_call(key="B1")), Existing if looked_at else Opened)


def test_one_of_many_callers_gets_the_key(journal: Journal, journal_url: str) -> None:
    got: list[Opened | Existing | Held] = []

    def settle(each: Journal) -> None:
        got.append(each.open_call(new_call(key="B1")))

    with opened(journal_url) as other:
        in_threads([partial(settle, each) for each in [journal, other] * 8])
    (winner,) = [each for each in got if isinstance(each, Opened)]
    assert {each.call.id for each in got if isinstance(each, Existing)} == {winner.id}
    assert len(got) == 16


# -- holding a person back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "visits", "held"),
    [
        (State.UNKNOWN, ("M1", "M2"), True),
        (State.OPEN, ("M1", "M1"), True),
        (State.OPEN, (None, "M1"), True),
        (State.OPEN, ("M1", "M2"), False),
        (State.ACCEPTED, ("M1", "M1"), False),
        (State.ABSENT, ("M1", "M1"), False),
    ],
)
def test_what_holds_a_person_back(
    journal: Journal, state: State, visits: tuple[str | None, str | None], held: bool
) -> None:
    first = recorded(journal, state, person=PERSON, mdtrt_id=visits[0])
    made = journal.open_call(new_call(person=PERSON, mdtrt_id=visits[1]))
    assert isinstance(made, Held) is held
    if isinstance(made, Held):
        assert [call.id for call in made.calls] == [first]


def test_what_is_under_way_in_another_visit_holds_back_what_may_be_the_same_bill(journal: Journal) -> None:
    both = {
        ("settles", "settles"): True, ("settles", "uploads"): False, ("uploads", "settles"): False,
        ("uploads", "uploads"): False, ("cancels", "settles"): False, (None, "settles"): False,
    }  # fmt: skip
    seen = {}
    for number, (first, second) in enumerate(both):
        person = f"9{number}"
        recorded(journal, State.OPEN, person=person, mdtrt_id="M1", does=first)
        made = journal.open_call(new_call(person=person, mdtrt_id="M2", does=second))
        seen[first, second] = isinstance(made, Held)
    assert seen == both


def test_what_does_not_hold_a_person_back(journal: Journal) -> None:
    recorded(journal, State.UNKNOWN, person=PERSON)
    for other in (
        {"person": "2"},
        {"person": PERSON, "institution": "P44190000002"},
        {"person": PERSON, "holds": False},
    ):
        assert isinstance(journal.open_call(new_call(**other)), Opened)


def test_a_person_is_stored_as_a_keyed_hash(journal: Journal, journal_url: str, tmp_path: Path) -> None:
    first, second = recorded(journal, State.REFUSED, person=PERSON), recorded(journal, State.OPEN, person=PERSON)
    assert journal.call(first).person == journal.call(second).person == journal.vault.hashed(PERSON)
    assert Vault(new_secret()).hashed(PERSON) != Vault(SECRET).hashed(PERSON)
    with journal.store.engine.connect() as connection:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert PERSON not in repr(rows)
    assert all(PERSON.encode() not in path.read_bytes() for path in tmp_path.iterdir())


# -- whose a call is -------------------------------------------------------------------------------------------------


def test_open_calls_whose_process_is_gone_are_orphans(journal_url: str) -> None:
    with (
        opened(journal_url, owner="dead") as dead,
        opened(journal_url, owner="other", alive=lambda who: who != "dead") as other,
        opened(journal_url, owner="mine", alive=lambda who: who != "dead") as mine,
    ):
        lost = recorded(dead, State.OPEN)
        recorded(dead, State.UNKNOWN)
        recorded(dead, State.OPEN, deployment="another")
        recorded(other, State.OPEN)
        recorded(mine, State.OPEN)
        assert [call.id for call in mine.orphans("test")] == [lost]


def test_a_call_that_its_own_process_let_go_of_is_an_orphan_too(journal: Journal) -> None:
    call = record(journal)
    assert journal.orphans("test") == []
    journal.abandon_call(call)
    assert [each.id for each in journal.orphans("test")] == [call.id]


LATE_ANSWERS: dict[str, tuple[State, str, State, bool, State, str]] = {
    "unknown, and its key still points to it": (State.UNKNOWN, "", State.ACCEPTED, True, State.ACCEPTED, ""),
    "unknown, and the platform said no": (State.UNKNOWN, "", State.REFUSED, True, State.REFUSED, ""),
    "unknown, and 2601 is on its way": (State.UNKNOWN, "reversing", State.ACCEPTED, False, State.UNKNOWN, "reversing"),
    "unknown again, to be taken back": (State.UNKNOWN, "late", State.ACCEPTED, False, State.UNKNOWN, "late"),
    "found not to be there": (State.ABSENT, "", State.ACCEPTED, False, State.UNKNOWN, "late"),
    "found not to be there, and the platform said no": (State.ABSENT, "", State.REFUSED, False, State.ABSENT, ""),
    "reversed": (State.REVERSED, "", State.ACCEPTED, False, State.REVERSED, ""),
    "found on the platform": (State.ACCEPTED, "", State.ACCEPTED, False, State.ACCEPTED, ""),
}  # fmt: skip
"""Where a call stands when its own process, taken for dead meanwhile, brings an answer → whether that counts, and where
the call stands then."""


@pytest.mark.parametrize("case", LATE_ANSWERS)
def test_an_answer_after_the_case_was_taken_over(journal: Journal, journal_url: str, case: str) -> None:
    state, resolution, answered, stands, after, left = LATE_ANSWERS[case]
    call = record(journal, key="B1")
    with opened(journal_url) as other:
        other.conclude(call.id, Outcome(state=State.UNKNOWN, at=NOW), "orphaned")
        if state is not State.UNKNOWN:
            other.conclude(call.id, Outcome(state=state, at=NOW, answer=b"{}"), "resolved")
        if resolution:
            other.schedule(call.id, attempts=0, resolution=resolution, due_at=NOW + 60)
        assert journal.close_call(call, Outcome(state=answered, at=NOW, answer=b"{}")) is stands
        found = other.call(call.id)
        assert (found.state, found.resolution) == (after, left)
        assert other.verify() == []


@pytest.mark.parametrize("key", ["B1", None])
def test_a_late_answer_does_not_stand_beside_another(journal: Journal, journal_url: str, key: str | None) -> None:
    """Its key, or where it has none its content, went out again and was settled: the late one is taken back."""
    call = record(journal, key=key)
    with opened(journal_url) as other:
        other.conclude(call.id, Outcome(state=State.UNKNOWN, at=NOW), "orphaned")
        other.conclude(call.id, Outcome(state=State.ABSENT, at=NOW), "resolved")
        again = recorded(other, State.ACCEPTED, key=key)
        other.conclude(call.id, Outcome(state=State.UNKNOWN, at=NOW), "reopened")
        assert not journal.close_call(call, Outcome(state=State.ACCEPTED, at=NOW, answer=b"{}"))
        found = other.call(call.id)
        assert (found.state, found.resolution, found.due_at) == (State.UNKNOWN, "late", NOW)
        assert other.call(again).state is State.ACCEPTED
        assert other.verify() == []


def test_what_is_not_in_the_table_does_not_happen(journal: Journal) -> None:
    call = recorded(journal, State.ACCEPTED)
    for kind in ("orphaned", "resolved", "reopened", "decided"):
        for state in State:
            try:
                assert not journal.conclude(call, Outcome(state=state, at=NOW), kind)
            except ValueError:
                assert kind not in {row.kind for row in TRANSITIONS if state in row.after}
    with pytest.raises(ValueError, match="no note"):
        journal.note(call, "ended", {})
    assert [event.kind for event in journal.history(call)] == ["recorded", "ended"]


def test_the_earlier_names_say_the_same_and_by_which_line_they_are_used(journal: Journal) -> None:
    call, told = record(journal, flow="F"), list[str]()
    end(journal, call, State.UNKNOWN)
    for concluded in (False, True):
        with pytest.warns(DeprecationWarning, match="concluded") as flow:
            assert journal.flow_is_settled("F") is concluded
        with pytest.warns(DeprecationWarning, match="pending") as pending:
            assert [each.id for each in journal.unsettled()] == [call.id] * (not concluded)
        with pytest.warns(DeprecationWarning, match="conclude") as conclude:
            assert journal.settle(call.id, Outcome(state=State.ABSENT, at=NOW + 2), "resolved") is not concluded
        told += [warned.filename for each in (flow, pending, conclude) for warned in each]
    assert told == [__file__] * 6
    assert journal.call(call.id).state is State.ABSENT


def test_a_case_is_taken_by_one(journal: Journal, journal_url: str) -> None:
    call = recorded(journal, State.UNKNOWN)
    with opened(journal_url) as other:
        assert journal.schedule(call, attempts=0, due_at=NOW + 2)
        assert not other.schedule(call, attempts=0, due_at=NOW + 2)
        assert other.schedule(call, attempts=1, due_at=NOW + 4)
    assert journal.next_due("test") == NOW + 4


# -- group commit ----------------------------------------------------------------------------------------------------


class Refused(LiangdingError):
    pass


def test_in_a_group_each_piece_of_work_stands_or_falls_by_itself(journal: Journal) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(_: Any) -> None:
        entered.set()
        go_on.wait()

    def spoilt(error: Exception) -> Callable[[Any], None]:
        def work(tx: Any) -> None:
            tx.execute(insert(keys).values(institution="I", key=repr(error), call_id=recorded_before, content="c"))
            raise error

        return work

    def taken(tx: Any) -> None:
        tx.execute(insert(keys).values(institution="I", key="no such call", call_id=10**6, content="c"))

    recorded_before = recorded(journal, State.REFUSED)
    failed: list[type[BaseException]] = []

    def tried(work: Callable[[Any], None]) -> None:
        try:
            journal.store.write(work)
        except (Refused, ZeroDivisionError, JournalUnavailable) as error:
            failed.append(type(error))

    threads = [threading.Thread(target=tried, args=(slow,))]
    threads[0].start()
    entered.wait()
    works: list[Callable[[], Any]] = [partial(recorded, journal, State.REFUSED, key=f"G{n}") for n in range(8)]
    works += [lambda: tried(spoilt(Refused("no"))), lambda: tried(spoilt(ZeroDivisionError())), lambda: tried(taken)]
    threads += [threading.Thread(target=work) for work in works]
    for thread in threads[1:]:
        thread.start()
    while journal.store.queued < len(works):
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert sorted(each.__name__ for each in failed) == ["JournalUnavailable", "Refused", "ZeroDivisionError"]
    with journal.store.engine.connect() as connection:
        held = set(connection.execute(select(keys.c.key)).scalars())
    assert held == {f"G{n}" for n in range(8)}
    assert journal.verify() == []


def test_two_journals_at_once_on_one_database(journal: Journal, journal_url: str) -> None:
    with opened(journal_url) as other:

        def work(each: Journal) -> None:
            for _ in range(10):
                recorded(each, State.ACCEPTED)

        in_threads([partial(work, each) for each in [journal, other] * 4])
        assert len(other.latest(limit=1000)) == 80
        assert journal.verify() == other.verify() == []


def test_a_commit_whose_word_is_lost_does_not_break_the_chain(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit took effect, its confirmation did not come: the caller is told that nothing may be sent."""
    say = journal.store._say
    driver = journal.store.engine.dialect.loaded_dbapi

    def deaf(command: str) -> None:
        say(command)
        if command == "COMMIT":
            monkeypatch.setattr(journal.store, "_say", say)
            raise driver.OperationalError("connection lost")

    recorded(journal, State.ACCEPTED)
    monkeypatch.setattr(journal.store, "_say", deaf)
    with pytest.raises(JournalUnavailable):
        journal.open_call(new_call(key="B1"))
    recorded(journal, State.ACCEPTED)
    (left,) = journal.orphans("test")
    assert left.key == "B1"
    assert journal.verify() == []


def test_a_broken_connection_is_replaced(postgresql_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with opened(postgresql_url) as journal:
        recorded(journal, State.ACCEPTED)
        assert journal.by_key("P44190000001", "none") is None
        with journal.store.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert journal.by_key("P44190000001", "none") is None
        assert [each.getMessage() for each in caplog.records if each.name.startswith("sqlalchemy")] == []
        with pytest.raises(JournalUnavailable):
            journal.open_call(new_call())
        recorded(journal, State.ACCEPTED)
        assert journal.verify() == []
        assert len(journal.latest()) == 2


# -- what was altered is found ---------------------------------------------------------------------------------------


@pytest.fixture
def kept(journal_url: str) -> Iterator[Journal]:
    """A journal that three processes have written, with calls of every kind."""
    with opened(journal_url, owner="first") as first, opened(journal_url, owner="second") as second:
        whole = {
            "key": "B1", "person": PERSON, "flow": "F", "mdtrt_id": "M", "amount": "1.00", "principal": "till",
            "bill_no": "R1", "bill_date": date(2026, 11, 28), "traceparent": "00-1-2-01",
        }  # fmt: skip
        call = record(first, **whole)
        end(
            first, call, State.UNKNOWN, answer=b"{}", http_status=500, failure="cut", message="said",
            inf_refmsgid="r", setl_id="S", advice=("a",), resolution="asked",
        )  # fmt: skip
        second.note(call.id, "asked", {"seen": "unclear"}, due_at=NOW, escalated_at=NOW, watch_until=NOW, absences=1)
        recorded(second, State.ACCEPTED, resolves=call.id)
        recorded(first, State.REFUSED, key="B2")
        recorded(first, State.ACCEPTED, key="B2")
    with opened(journal_url, owner="third") as third:
        settled(third)
        third.sign_ins.keep("P44190000001", "001", "N1", NOW)
        assert third.flows.keep(flow_row(), expected_version=None)
        recorded(third, State.ACCEPTED)
        recorded(third, State.ACCEPTED, key="B3")
        assert third.verify() == []
        yield third


def settled(journal: Journal, **facts: Any) -> int:
    """A call that settled something."""
    call = record(journal, bill_no="R1", bill_date=date(2026, 11, 28))
    told: dict[str, Any] = {
        "psn_no": PERSON, "setl_id": "S1", "mdtrt_id": "M1", "setl_time": datetime(2026, 11, 28, 9, 30),
        "insutype": "310", "med_type": "41", "clr_type": "41", "clr_optins": "441900", "clr_way": "1",
        "insuplc_admdvs": "441900", "medfee_sumamt": Decimal("100.10"), "fund_pay_sumamt": Decimal("60.05"),
        "acct_pay": Decimal("30.00"), "psn_cash_pay": Decimal("10.05"),
    }  # fmt: skip
    end(journal, call, State.ACCEPTED, answer=b"{}", settlement=Settlement(**told | facts))
    return call.id


def test_a_day_has_its_first_and_its_last_second(journal: Journal) -> None:
    for number, time in enumerate(["27T23:59:59", "28T00:00:00", "28T23:59:59", "29T00:00:00"]):
        settled(journal, setl_id=f"S{number}", setl_time=datetime.fromisoformat(f"2026-11-{time}"))
    found = journal.settlements.between(date(2026, 11, 28), date(2026, 11, 28))
    assert [each.setl_id for each in found] == ["S1", "S2"]
    assert (journal.settlements.lately(date(2026, 11, 29)), journal.settlements.lately(date(2026, 11, 30))) == (
        True,
        False,
    )


def flow_row(**more: Any) -> dict[str, Any]:
    return {
        "id": "f1", "flow": "pharmacy_purchase", "deployment": "test", "institution": "P44190000001", "key": "R1",
        "content": "c", "status": "running", "step": "settle", "owner": "third", "version": 1, "created_at": NOW,
        "updated_at": NOW, "resume_at": NOW, "state": b"{}", "principal": "till", "bill_no": "R1",
        "bill_date": "2026-11-28", "debts": 1, **more,
    }  # fmt: skip


def altered(value: Any, column: Column[Any], others: Sequence[Any]) -> Any:
    """Something else that the column would hold; of one that refers to something, something that is there."""
    if others:
        return next(other for other in others if other != value)
    if isinstance(column.type, LargeBinary):
        return bytes(value[:-1]) + bytes([value[-1] ^ 1]) if value else b"x"
    if isinstance(value, bool):
        return not value
    if column.type.python_type in (int, float):
        return (value or 0) + 1000
    return "x" if value is None else value[:-1] + ("y" if value.endswith("x") else "x")


def test_a_changed_value_is_found_in_every_column(kept: Journal) -> None:
    with kept.store.engine.connect() as connection:
        numbers = list(connection.execute(select(calls.c.id)).scalars())
    unseen = [
        f"{table.name}.{column.name}"
        for table in (calls, events, owners, keys, flows, sign_ins, settlements)
        for column in table.columns
        if not _alter(kept, table, column, numbers if column.name == "call_id" and table is not events else [])
    ]
    assert unseen == ["owners.beat_at"]
    assert kept.verify() == []


def _alter(journal: Journal, table: Table, column: Column[Any], others: Sequence[Any]) -> bool:
    """Whether a changed value is found; the old one is put back."""
    with journal.store.engine.begin() as connection:
        rows = connection.execute(select(table)).all()
        row = rows[-2] if (table, column.name) == (calls, "id") else rows[0]  # nothing refers to the last but one
        primary = [c == getattr(row, c.name) for c in table.primary_key.columns]
        old, new = getattr(row, column.name), altered(getattr(row, column.name), column, others)
        connection.execute(update(table).where(and_(*primary)).values({column: new}))
    seen = journal.verify()
    changed = [c == (new if c is column else getattr(row, c.name)) for c in table.primary_key.columns]
    with journal.store.engine.begin() as connection:
        connection.execute(update(table).where(and_(*changed)).values({column: old}))
    return bool(seen)


def remove(journal: Journal, *statements: Any) -> list[str]:
    """What is found after these statements, which no one recorded."""
    with journal.store.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    return journal.verify()


def last_event(journal: Journal, owner: str) -> Any:
    with journal.store.engine.connect() as connection:
        mine = select(events).where(events.c.owner == owner)
        return connection.execute(mine.order_by(events.c.number.desc())).first()


def test_a_deleted_call_is_found(kept: Journal) -> None:
    call = kept.latest()[1].id
    assert remove(kept, delete(calls).where(calls.c.id == call))
    assert remove(kept, delete(events).where(events.c.call_id == call))


@pytest.mark.parametrize("table", [flows, sign_ins, settlements])
def test_a_deleted_row_beside_the_calls_is_found(kept: Journal, table: Table) -> None:
    assert remove(kept, delete(table)) != []


def test_a_column_that_is_added_later_leaves_every_digest_as_it_was(kept: Journal) -> None:
    """A new column of calls costs three files: tables.py, a migration, and the record that it is a field of."""
    with kept.store.engine.connect() as connection:
        row = connection.execute(select(calls).limit(1)).one()._asdict()
    now = chain.row_digest(kept.vault.keyed, "calls", row)
    assert chain.row_digest(kept.vault.keyed, "calls", {**row, "later": None}) == now
    assert chain.row_digest(kept.vault.keyed, "calls", {**row, "later": 0}) != now


def test_a_settlement_is_a_row_that_says_what_became_of_it(journal: Journal) -> None:
    taken_over = ("mdtrt_id", "insutype", "med_type", "clr_type", "clr_optins", "clr_way", "insuplc_admdvs")
    settled(journal)
    settled(journal, setl_id="S9", refund_of="S1", **dict.fromkeys(taken_over))
    with journal.store.engine.connect() as connection:
        rows = connection.execute(select(settlements).order_by(settlements.c.call_id)).all()
    assert [(row.setl_id, row.state, row.refund_of) for row in rows] == [
        ("S1", "refunded", None), ("S9", "cancels", "S1"),
    ]  # fmt: skip
    first = rows[0]
    assert (first.medfee_sumamt, first.psn_cash_pay, first.setl_time) == (10010, 1005, "2026-11-28 09:30:00")
    assert (first.bill_no, first.bill_date, first.clr_type) == ("R1", "2026-11-28", "41")
    assert [getattr(rows[1], name) for name in taken_over] == [getattr(first, name) for name in taken_over]
    assert PERSON.encode() not in first.psn_no
    assert journal.verify() == []


def test_the_calls_of_a_visit_are_those_of_its_person_and_number(journal: Journal) -> None:
    known = {"person": PERSON, "mdtrt_id": "M1"}
    first, *others = [
        recorded(journal, State.ACCEPTED, **given)
        for given in (
            known,
            known | {"mdtrt_id": "M2"},
            known | {"person": "P2"},
            {"person": PERSON},
            {"mdtrt_id": "M1"},
            {},
        )
    ]
    second = recorded(journal, State.REFUSED, **known)
    assert [call.id for call in journal.of_visit(journal.call(first))] == [first, second]
    assert [journal.of_visit(journal.call(each)) for each in others[2:]] == [[], [], []]


def test_a_deleted_key_is_found(kept: Journal) -> None:
    assert remove(kept, delete(keys).where(keys.c.key == "B2")) != []


def test_a_deleted_event_is_found(kept: Journal) -> None:
    assert remove(kept, delete(events).where(and_(events.c.owner == "first", events.c.number == 2)))


def test_a_chain_cut_short_is_found_even_where_its_length_is_put_right(kept: Journal) -> None:
    """The newest call goes with everything that names it, and the chain is made to look as if it ended before."""
    last = last_event(kept, "third")
    before = [
        delete(settlements).where(settlements.c.call_id == last.call_id),
        delete(keys).where(keys.c.call_id == last.call_id),
        delete(calls).where(calls.c.id == last.call_id),
        delete(events).where(events.c.call_id == last.call_id),
    ]
    assert remove(kept, *before)
    cut = last_event(kept, "third")
    values = {"events": cut.number, "closing": cut.link}
    assert remove(kept, update(owners).where(owners.c.owner == "third").values(values))


@pytest.mark.parametrize("owner", ["first", "second", "third"])
def test_a_process_that_was_taken_out_whole_is_found(kept: Journal, owner: str) -> None:
    mine = select(calls.c.id).where(calls.c.owner == owner)
    assert remove(
        kept,
        delete(settlements).where(settlements.c.call_id.in_(mine)),
        delete(keys).where(keys.c.call_id.in_(mine)),
        delete(events).where(events.c.owner == owner),
        delete(events).where(events.c.call_id.in_(mine)),
        delete(calls).where(calls.c.owner == owner),
        delete(owners).where(owners.c.owner == owner),
    )


def test_a_row_put_back_as_it_was_before_is_found(kept: Journal) -> None:
    call = kept.latest(states=[State.UNKNOWN])[0].id
    with kept.store.engine.connect() as connection:
        older = connection.execute(select(calls).where(calls.c.id == call)).one()._asdict()
    kept.conclude(call, Outcome(state=State.ACCEPTED, at=NOW), "resolved")
    assert kept.verify() == []
    assert remove(kept, update(calls).where(calls.c.id == call).values(older))


def test_who_is_signed_in_is_known_by_every_process_and_cannot_be_put_back(journal: Journal, journal_url: str) -> None:
    whose = ("P44190000001", "001")
    with opened(journal_url) as other:
        for number in ("N1", "N2"):
            journal.sign_ins.keep(*whose, number, NOW)
            assert other.sign_ins.get(*whose) == (number, NOW)
        with journal.store.engine.connect() as connection:
            older = connection.execute(select(sign_ins)).one()._asdict()
        other.sign_ins.keep(*whose, None, NOW + 1)
        assert journal.sign_ins.get(*whose) is None
        assert journal.sign_ins.get("P44190000001", "002") is None
        assert journal.verify() == []
        with journal.store.engine.begin() as connection:
            connection.execute(update(sign_ins).values(older))
        assert journal.verify()


def looked_at(journal: Journal, *, full: bool | None) -> Examined:
    return journal.store.read(lambda connection: examine(connection, journal.vault, NOW, full=full), still=True)


@contextlib.contextmanager
def undone(journal: Journal) -> Iterator[Connection]:
    """A connection, everything on which is taken back."""
    with journal.store.engine.connect().execution_options(**{READING: True}) as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


def test_verifying_goes_on_from_a_checkpoint(kept: Journal, journal_url: str) -> None:
    """What came since is gone through, and every row that it is about; of what was seen before, the whole tells."""
    begun = looked_at(kept, full=False)
    assert (begun.faults, begun.since) == ((), None), "there is no checkpoint yet"
    kept.keep_checkpoint(begun.checkpoint)
    old = kept.latest(states=[State.ACCEPTED], limit=100)[-1].id
    again = kept.latest(states=[State.UNKNOWN])[0].id
    kept.conclude(again, Outcome(state=State.ACCEPTED, at=NOW), "resolved")
    recorded(kept, State.REFUSED, key="N1")
    new = recorded(kept, State.ACCEPTED, key="N1")
    settlement = settled(kept, setl_id="S8")
    assert kept.flows.keep(flow_row(step="report", version=2), expected_version=1)
    with opened(journal_url, owner="fourth") as fourth:
        recorded(fourth, State.ACCEPTED)
    held = looked_at(kept, full=False)
    assert (held.faults, held.since) == ((), begun.checkpoint)
    new_events = sum(held.head.events) - sum(begun.head.events)
    assert f"校验点看了之后的 {new_events} 件事" in held.as_text()
    assert "校验点" not in begun.as_text()
    assert looked_at(kept, full=None).since is None, "a small journal is gone through as a whole"
    assert looked_at(kept, full=True).since is None, "and any one that somebody wants gone through as a whole"
    damages = {
        "a new call": update(calls).where(calls.c.id == new).values(amount="9.99"),
        "an old call with something new": update(calls).where(calls.c.id == again).values(operator="x"),
        "a version that nobody wrote": update(calls).where(calls.c.id == new).values(version=calls.c.version + 1),
        "a deleted key": delete(keys).where(keys.c.key == "N1"),
        "a key that points back": update(keys).where(keys.c.key == "N1").values(call_id=old),
        "a settlement": update(settlements).where(settlements.c.call_id == settlement).values(fund_pay_sumamt=1),
        "a deleted settlement": delete(settlements).where(settlements.c.call_id == settlement),
        "a flow": update(flows).values(step="done"),
        "an event": update(events).where(events.c.call_id == new).values(at=0.0),
        "a call whose events are gone": delete(events).where(events.c.call_id == new),
        "the last process": update(owners).where(owners.c.owner == "fourth").values(events=0),
        "a process that is gone": delete(owners).where(owners.c.owner == "fourth"),
    }
    for what, damage in damages.items():
        with undone(kept) as connection:
            connection.execute(damage)
            found = examine(connection, kept.vault, NOW, full=False)
        assert found.since is not None, what
        assert found.faults, what
    with undone(kept) as connection:
        connection.execute(update(calls).where(calls.c.id == old).values(amount="9.99"))
        assert examine(connection, kept.vault, NOW, full=False).faults == ()
        assert examine(connection, kept.vault, NOW, full=True).faults != ()


@pytest.mark.parametrize("what", ["altered", "older", "keys"])
def test_a_checkpoint_that_does_not_hold_counts_for_nothing(kept: Journal, journal_url: str, what: str) -> None:
    kept.keep_checkpoint(looked_at(kept, full=True).checkpoint)
    if what == "altered":
        with kept.store.engine.begin() as connection:
            connection.execute(update(checkpoints).values(digest="0" * 64))
    elif what == "older":
        removed = last_event(kept, "second").number
        with kept.store.engine.begin() as connection:
            connection.execute(delete(events).where(events.c.owner == "second", events.c.number == removed))
    else:
        kept.renew_keys()
    with opened(journal_url, owner="fourth") as fourth:
        found = looked_at(fourth, full=False)
    assert found.since is None
    assert bool(found.faults) == (what == "older")


def test_verification_sees_one_state_while_others_write(kept: Journal, journal_url: str) -> None:
    with opened(journal_url, owner="fourth") as other:
        busy = threading.local()

        def write_between(*_: Any) -> None:
            if not getattr(busy, "now", False):
                busy.now = True
                recorded(other, State.ACCEPTED, key=f"W{next(_numbers)}")
                busy.now = False

        event.listen(kept.store.engine, "before_cursor_execute", write_between)
        assert kept.verify() == []
        event.remove(kept.store.engine, "before_cursor_execute", write_between)
        assert len(other.latest(limit=1000)) > 8
        assert kept.verify() == []


# -- keys, ciphers, keeping ------------------------------------------------------------------------------------------


def test_another_secret_takes_the_place_of_the_old_one_at_once(kept: Journal, journal_url: str) -> None:
    renewed = new_secret()
    bodies = {call.id: (call.request, call.answer, call.message, call.advice) for call in kept.latest()}
    with opened(journal_url, Vault(renewed, old=[SECRET])) as journal:
        recorded(journal, State.ACCEPTED)
        assert isinstance(journal.open_call(new_call(person=PERSON)), Held), "the person is known by the same hash"
    with opened(journal_url, Vault(renewed)) as journal:
        assert {c.id: (c.request, c.answer, c.message, c.advice) for c in journal.latest() if c.id in bodies} == bodies
        assert journal.verify() == []
        assert journal.reseal() == 0
    for stranger in (Vault(SECRET), Vault(new_secret()), Vault(new_secret(), old=[SECRET])):
        with pytest.raises(WrongKey, match="密钥与流水不符"):
            Journal(journal_url, stranger)
    with opened(journal_url, Vault(new_secret(), old=[new_secret(), renewed])) as journal:
        assert journal.verify() == [], "the order of the old ones plays no part"


def test_a_key_that_something_is_sealed_with_is_not_taken_out(kept: Journal, journal_url: str) -> None:
    bodies = {call.id: (call.request, call.answer) for call in kept.latest()}
    kept.renew_keys()
    for still_needed in (1, 0):
        with opened(journal_url) as renewed:
            recorded(renewed, State.ACCEPTED)
            assert renewed.drop_unused_keys() == still_needed
        with opened(journal_url) as again:
            assert {c.id: (c.request, c.answer) for c in again.latest(limit=99) if c.id in bodies} == bodies
            again.reseal()


def test_what_does_not_open_beside_the_journal_stays_and_the_others_are_sealed_anew(
    journal: Journal, journal_url: str
) -> None:
    beside = Table("beside", MetaData(), Column("id", Integer, primary_key=True), Column("said", LargeBinary))

    def place(number: int) -> str:
        return f"beside.said:{number}"

    with journal.store.engine.begin() as connection:
        beside.create(connection)
        for number in (1, 2, 3):
            said = journal.vault.seal(b"said", place(number))
            connection.execute(insert(beside).values(id=number, said=said[:-1] + b"?" if number == 2 else said))
    journal.renew_keys()
    with opened(journal_url) as renewed:
        assert [reseal(renewed, beside, lambda row: {"said": place(row.id)}) for _ in range(2)] == [2, 0]
        rows = renewed.store.read(lambda connection: connection.execute(select(beside).order_by(beside.c.id)).all())
        assert [renewed.vault.open(rows[number].said, place(number + 1)) for number in (0, 2)] == [b"said", b"said"]
        assert rows[1].said.endswith(b"?")


def test_a_body_that_does_not_open_takes_nothing_else_away(kept: Journal) -> None:
    spoilt, whole = kept.latest(states=[State.ACCEPTED])[:2]
    remove(kept, update(calls).where(calls.c.id == spoilt.id).values(request=b"x" * 40))
    assert [call.id for call in kept.latest(states=[State.ACCEPTED])][:2] == [spoilt.id, whole.id]
    assert (kept.call(spoilt.id).answer, kept.call(whole.id).request) == (b"{}", whole.request)
    with pytest.raises(UnreadableValue):
        _ = kept.call(spoilt.id).request


def test_a_sealed_value_opens_at_its_place_only(kept: Journal) -> None:
    first, second = kept.latest(states=[State.ACCEPTED])[:2]
    with kept.store.engine.connect() as connection:
        other = connection.execute(select(calls.c.answer).where(calls.c.id == first.id)).scalar()
    remove(kept, update(calls).where(calls.c.id == second.id).values(answer=other))
    with pytest.raises(UnreadableValue):
        _ = kept.call(second.id).answer


def test_no_digest_of_a_content_can_be_tried_without_the_key(kept: Journal) -> None:
    """Who has the database alone cannot find out what was asked for by trying."""
    with kept.store.engine.connect() as connection:
        stored = {*connection.execute(select(calls.c.content)).scalars(), *_contents(connection)}
    assert "c" not in stored
    assert all(each.startswith("k1:") for each in stored)
    with pytest.raises(KeyConflict):
        kept.open_call(new_call(key="B3", content="other"))


def _contents(connection: Any) -> list[str]:
    return list(connection.execute(select(keys.c.content)).scalars())


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "sm4-gcm"])
def test_a_sealed_body_opens_only_whole_and_under_its_key(cipher: CipherName) -> None:
    vault = Vault(SECRET, cipher=cipher)
    assert vault.seal(b"") == b"", "nothing is kept as nothing, and takes no room"
    sealed = vault.seal(b"body")
    assert b"body" not in sealed
    assert sealed != vault.seal(b"body")
    assert Vault(SECRET).open(sealed) == b"body"
    for spoilt in (sealed[:-1], *(sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed)))):
        with pytest.raises(UnreadableValue):
            vault.open(spoilt)
    with pytest.raises(UnreadableValue):
        Vault(new_secret(), cipher=cipher).open(sealed)


def test_a_journal_moves_to_sm4(kept: Journal, journal_url: str) -> None:
    with opened(journal_url, Vault(SECRET, cipher="sm4-gcm")) as journal:
        assert journal.reseal() > 0
        assert journal.verify() == []
        with journal.store.engine.connect() as connection:
            assert {bytes(each)[0] for each in connection.execute(select(calls.c.request)).scalars()} == {4}
        assert journal.latest()[-1].message == "said"


@pytest.mark.parametrize(
    "secret",
    ["", "short", "c2hvcnQ=", "not base64!", f"{SECRET[:20]} {SECRET[20:]}"],
    ids=["none", "short", "too short", "no base64", "with a blank in it"],
)
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="32"):
        Vault(secret)


def test_pruning_goes_in_portions_and_leaves_what_somebody_began_on_meanwhile(
    kept: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = recorded(kept, State.ABSENT, key="P1")
    count = sum(bool(call.request) and call.state not in PENDING for call in kept.latest(limit=100))
    write, writes = kept.store.write, itertools.count(1)

    def meanwhile(work: Callable[[Any], Any], **more: Any) -> Any:
        if next(writes) == 1:
            assert kept.conclude(late, Outcome(state=State.UNKNOWN, at=NOW), "reopened")
        return write(work, **more)

    monkeypatch.setattr("liangding.journal.keeping.AT_ONCE", 3)
    monkeypatch.setattr(kept.store, "write", meanwhile)
    assert kept.prune(NOW + 1) == count - 1
    assert next(writes) - 1 == 1 + -(-count // 3), "one for what came between, one for each portion"
    assert kept.call(late).request
    assert kept.verify() == []


def test_verifying_some_days_goes_through_what_was_written_in_them(kept: Journal, journal_url: str) -> None:
    """Of a row that nothing was written about since, the whole tells."""
    old = kept.latest(states=[State.ACCEPTED])[0].id
    with contextlib.closing(Journal(journal_url, Vault(SECRET), epoch=lambda: NOW + 86400)) as later:
        new = record(later, key="L1", at=NOW + 86400).id
    since = NOW + 3600
    assert kept.verify_since(since) == kept.verify_since(NOW + 2 * 86400) == []
    told = {}
    for call_id in (old, new):
        with kept.store.engine.begin() as connection:
            connection.execute(update(calls).where(calls.c.id == call_id).values(operator="9"))
        told[call_id] = (len(kept.verify_since(since)), len(kept.verify()))
    assert told == {old: (0, 1), new: (1, 2)}
    assert [len(kept.verify_since(NOW + 86400 + more)) for more in (0, 1)] == [1, 0], "of that very moment, too"
    with kept.store.engine.begin() as connection:
        connection.execute(delete(events).where(events.c.call_id == new))
    for asked in (since, NOW + 86400):
        found = kept.verify_since(asked)
        assert any("末尾对不上" in fault for fault in found)
        assert f"调用 {new} 没有记录它的事" in found


def test_pruning_takes_bodies_and_leaves_outcomes(kept: Journal) -> None:
    unknown = kept.latest(states=[State.UNKNOWN])[0].id
    count = len(kept.latest())
    assert kept.prune(NOW + 1) == count - 1
    assert kept.verify() == []
    assert all(bool(call.request) == (call.id == unknown) for call in kept.latest())
    found = kept.by_key("P44190000001", "B2")
    assert found is not None
    assert (found.state, found.answer, found.message, found.advice) == (State.ACCEPTED, b"", "", ())
    with kept.store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(calls)).scalar() == count


def test_what_does_not_fit_the_row_of_a_settlement_keeps_no_outcome_from_being_recorded(journal_url: str) -> None:
    with opened(journal_url) as journal:
        call_id = settled(journal, clr_optins="4" * 80, medfee_sumamt=Decimal("1e40"), acct_pay=Decimal("NaN"))
        assert journal.call(call_id).state is State.ACCEPTED
        (row,) = journal.settlements.by_setl_id("S1")
        assert (row.clr_optins, row.medfee_sumamt, row.acct_pay) == (None, None, None)
        assert (row.fund_pay_sumamt, row.bill_no) == (Decimal("60.05"), "R1")
        assert journal.verify() == []
