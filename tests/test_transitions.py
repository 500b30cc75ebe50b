"""The one table of how a call gets from a state to another, walked: every row of it happens, nothing else does, each
on its own turn, whatever tills, processes, keepers and persons do; and what is accepted has an answer."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from liangding.config.recording import open_journal
from liangding.errors import LiangdingError
from liangding.journal import CallRecord, Event, Journal, Outcome, State
from liangding.journal.states import LATE, NOTES, REVERSING, TRANSITIONS, Transition, Turn
from liangding.resolution import Action, Decision, decide
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.wire.json import encode
from liangding.wire.transport import Exchange
from support import Rig, simulated_rig_for
from test_journal import NOW, end, opened, record

# -- every row, and nothing else ---------------------------------------------------------------------------------------

KINDS = tuple(dict.fromkeys(row.kind for row in TRANSITIONS if row.before))
"""The kinds of event by which a call that is there moves."""


def put(journal: Journal, state: State, key: str | None) -> int:
    """A call that got to ``state`` by transitions of the table."""
    call = record(journal, key=key)
    if state in (State.ABSENT, State.REVERSED):
        end(journal, call, State.UNKNOWN)
        assert journal.conclude(call.id, Outcome(state=state, at=NOW + 2), "resolved")
    elif state is not State.OPEN:
        end(journal, call, state, answer=b"{}")
    return call.id


def rows_of(kind: str, before: State, after: State) -> list[Transition]:
    return [row for row in TRANSITIONS if row.kind == kind and before in row.before and after in row.after]


@pytest.fixture(scope="module")
def one_journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    with opened(f"sqlite:///{tmp_path_factory.mktemp('table')}/journal.db") as journal:
        yield journal


def test_a_call_moves_as_the_table_says_and_in_no_other_way(one_journal: Journal) -> None:
    """Each kind of event, from each state, to each state."""
    journal, numbers, happened = one_journal, itertools.count(), set()
    for before in State:
        call = put(journal, before, f"T{next(numbers)}")
        for kind, after in itertools.product(KINDS, State):
            leads = before is not after and bool(rows_of(kind, before, after))
            try:
                moved = journal.conclude(call, Outcome(state=after, at=NOW + 3, answer=b"{}"), kind)
            except ValueError:
                moved = False
                assert not any(after in row.after for row in TRANSITIONS if row.kind == kind)
            assert moved is leads, (kind, before, after)
            assert journal.call(call).state is (after if leads else before)
            if leads:
                happened.add((kind, before, after))
                call = put(journal, before, f"T{next(numbers)}")
    assert happened == {(r.kind, b, a) for r in TRANSITIONS for b in r.before for a in r.after if a is not b}


GUARDED = {
    "alone": [(r, b, a) for r in TRANSITIONS if r.alone for b in r.before for a in r.after],
    "still": [(r, b, a) for r in TRANSITIONS if r.still for b in r.before for a in r.after],
    "unreversed": [(r, b, a) for r in TRANSITIONS if r.unreversed for b in r.before for a in r.after],
}  # fmt: skip


@pytest.mark.parametrize("guard", GUARDED)
def test_what_a_row_demands_is_held(one_journal: Journal, guard: str) -> None:
    """Alone: not once its key went on to a call that stands, nor while it is to be taken back. Still, unreversed: not
    while a 2601 may take effect; unreversed: nor when it could have."""
    journal = one_journal
    for number, (row, before, after) in enumerate(GUARDED[guard]):
        ways: dict[str, list[dict[str, Any]]] = {
            "alone": [{"resolution": LATE}],
            "still": [{"resolution": REVERSING, "due_at": NOW + 60}],
            "unreversed": [{"resolution": REVERSING, "due_at": NOW + 60}, {"resolution": REVERSING, "due_at": NOW - 1}],
        }
        for columns in ways[guard]:
            call = put(journal, before, f"{guard}{number}{columns}")
            assert journal.schedule(call, attempts=0, **columns)
            assert not journal.conclude(call, Outcome(state=after, at=NOW + 3, answer=b"{}"), row.kind)
            assert journal.call(call).state is before
            assert journal.schedule(call, attempts=1, resolution="", due_at=NOW)
            assert journal.conclude(call, Outcome(state=after, at=NOW + 3, answer=b"{}"), row.kind)
        if guard == "alone" and before.repeatable:
            call = put(journal, before, f"gone{number}")
            end(journal, record(journal, key=f"gone{number}"), State.ACCEPTED, answer=b"{}")
            assert not journal.conclude(call, Outcome(state=after, at=NOW + 3, answer=b"{}"), row.kind)


def test_what_was_seen_before_somebody_else_began_moves_nothing(one_journal: Journal) -> None:
    for before, after in ((State.UNKNOWN, State.ABSENT), (State.UNKNOWN, State.REVERSED)):
        call = put(one_journal, before, None)
        assert one_journal.schedule(call, attempts=0)
        assert not one_journal.conclude(call, Outcome(state=after, at=NOW), "resolved", taken=0)
        assert one_journal.conclude(call, Outcome(state=after, at=NOW), "resolved", taken=1)


# -- whatever everybody does -------------------------------------------------------------------------------------------


class Died(BaseException):
    """The process is gone."""


@attrs.define
class Line:
    """The line of the rig, on which the next settlement meets with ``how``; ``meanwhile`` is what others do while its
    answer is on the way."""

    inner: Any
    how: str = "well"
    meanwhile: list[Any] = attrs.field(factory=list)

    def post(self, url: str, headers: Any, body: bytes) -> Exchange:
        how = self.how if url.endswith("2102") else "well"
        if how == "dies before":
            raise Died
        exchange: Exchange = self.inner.post(url, headers, body)
        if not url.endswith("2102"):
            return exchange
        self.how = "well"
        while self.meanwhile:
            self.meanwhile.pop()()
        if how == "dies after":
            raise Died
        said = {"a lie": "余额不足", "a doubt": "系统繁忙"}.get(how)
        if said is None:
            return exchange
        return attrs.evolve(exchange, failure="", status=200, body=encode({"infcode": "-1", "err_msg": said}))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


FAULTS = {"request lost": Fault.REQUEST_LOST, "answer lost": Fault.ANSWER_LOST, "500": Fault.ERROR_AFTER}

WAYS = ("well", "a lie", "a doubt", "dies before", "dies after", "comes late", *FAULTS)


@attrs.frozen
class World:
    """A till's process, another one on the same journal that takes it for dead, and the platform."""

    rig: Rig
    line: Line
    other: Runtime


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with simulated_rig_for(tmp_path) as rig:
        line, clock = Line(rig.runtime.transport), rig.runtime.clock
        shared: dict[str, Any] = {"transport": line, "clock": clock}
        journal = open_journal(rig.deployment, clock)
        with (
            contextlib.closing(journal),
            Runtime(rig.deployment, journal=rig.runtime.journal, **shared) as till,
            Runtime(rig.deployment, journal=journal, **shared) as other,
        ):
            till.sign_in(rig.deployment.operators[0])
            yield World(attrs.evolve(rig, runtime=till), line, other)


class Walk(RuleBasedStateMachine):
    """One bill of one person; a till asks for it, processes die and come back, keepers look, a person decides."""

    world: World
    numbers = itertools.count(1)
    happened: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.rig, self.line, self.other = self.world.rig, self.world.line, self.world.other
        self.key = f"W{next(self.numbers)}"

    @rule(how=st.sampled_from(WAYS), deaf=st.booleans())
    def ask(self, how: str, deaf: bool) -> None:
        self.rig.door.faults.clear()
        if deaf:
            self.rig.deafen()
        if how in FAULTS:
            self.rig.strike(FAULTS[how], "2102")
        self.line.how, self.line.meanwhile = how, [self.take_over] if how == "comes late" else []
        with contextlib.suppress(LiangdingError, Died):
            self.rig.settle(key=self.key)
        self.line.how, self.line.meanwhile = "well", []

    def take_over(self) -> None:
        """Another process takes the till's for dead, and looks."""
        for call in self.calls():
            if call.state is State.OPEN:
                self.other.resolver.give_up_waiting(call)
                self.other.resolver.attempt(call.id)

    @rule()
    def recover(self) -> None:
        self.rig.runtime.resolver.recover()
        self.rig.runtime.resolver.sweep()

    @rule(seconds=st.sampled_from((1, 61, 130, 2000)), deaf=st.booleans())
    def wait(self, seconds: int, deaf: bool) -> None:
        self.rig.door.faults.clear()
        if deaf:
            self.rig.deafen()
        self.rig.let_pass(seconds)

    @rule(action=st.sampled_from(Action), named=st.booleans(), lost=st.booleans())
    def decide(self, action: Action, named: bool, lost: bool) -> None:
        if lost:
            self.rig.strike(Fault.ANSWER_LOST, "2601")
        standing = [s for s in self.rig.platform.world.settlements.values() if s.counts]
        numbers = {"setl_id": standing[-1].setl_id, "mdtrt_id": standing[-1].visit.mdtrt_id} if standing else {}
        decision = Decision(action=action, person="测试主管", reason="核对过", **(numbers if named else {}))
        for call in self.calls():
            with contextlib.suppress(LiangdingError):
                decide(self.rig.runtime.resolver, call, decision)

    @invariant()
    def each_moved_by_the_table_on_its_turn(self) -> None:
        for call in self.calls():
            history = self.rig.runtime.journal.history(call.id)
            hold(call, history)
            self.happened.update(event.kind for event in history)

    @invariant()
    def what_is_accepted_has_an_answer(self) -> None:
        for call in self.calls():
            if call.state is State.ACCEPTED:
                answer = self.rig.runtime.finish(call)
                assert answer is not None
                info = answer.output.setlinfo
                assert (info.setl_id, f"{info.medfee_sumamt:.2f}") == (call.setl_id, "100.00")

    def teardown(self) -> None:
        """Nothing goes wrong any more: one settlement stands or none, and it is what the journal says."""
        self.rig.door.faults.clear()
        self.rig.runtime.resolver.recover()
        self.rig.let_pass(2 * 86400)
        held = {call.msgid: call for call in self.calls()}
        made = [s for s in self.rig.platform.world.settlements.values() if s.msgid in held and s.counts]
        accepted = [call.setl_id for call in held.values() if call.state is State.ACCEPTED]
        assert [each.setl_id for each in made] == accepted
        assert len(accepted) <= 1
        assert all(call.state.final for call in held.values())

    def calls(self) -> list[CallRecord]:
        """The attempts at this bill."""
        found = self.rig.runtime.journal.latest(infno="2102", limit=50)
        return [call for call in found if call.key == self.key]


def hold(call: CallRecord, history: Sequence[Event]) -> None:
    """Every event of a call is one of the table, from where the call stood, on its turn."""
    state, taken, caller = None, "", history[0].owner
    for event in history:
        moves = [
            row for row in TRANSITIONS
            if row.kind == event.kind and event.state in row.after
            and (state in row.before if state else not row.before)
        ]  # fmt: skip
        assert moves or (event.kind in NOTES and event.state is state), (event.kind, state, event.state)
        turn = moves[0].turn if moves else NOTES[event.kind]
        if turn is Turn.CALLER:
            assert event.owner == caller
        if event.kind == "taken":
            taken = event.owner
        if moves and turn in (Turn.RESOLVER, Turn.WATCH):
            assert taken == event.owner, f"{event.kind}: another one has begun on it"
        if event.kind == "decided":
            assert (event.detail["person"], event.detail["reason"]) == ("测试主管", "核对过")
        state = event.state
    assert call.state is state


def test_whatever_everybody_does_each_call_moves_by_the_table(world: World) -> None:
    Walk.world, Walk.happened = world, set()
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=30, stateful_step_count=8, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert {row.kind for row in TRANSITIONS} - Walk.happened <= {"came_late", "let_stand"}
