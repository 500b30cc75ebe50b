"""A desk's clock that was weeks ahead and is put right: nothing that it wrote down then waits for those weeks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.clock import Clock
from liangding.errors import CallRefused
from liangding.journal import State
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.wire.transport import Exchange
from support import Rig, simulated_rig_for
from test_resolution import Replacing, ask, kinds, settlement

AHEAD = 40 * 86400.0

MINUTE = 60.0

REFUSAL = '{"infcode":-1,"err_msg":"参保人员已停保，不能结算"}'.encode()


@attrs.define
class DesksClock:
    """The desk's clock: the platform's, and how far it is ahead of it."""

    right: Clock
    ahead: float = AHEAD

    def epoch(self) -> float:
        return self.right.epoch() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.right.sleep(seconds)


@attrs.define
class Desk:
    """A desk on such a clock, and the platform on its own."""

    rig: Rig
    clock: DesksClock

    def put_right(self) -> None:
        self.clock.ahead = 0.0

    def goes_on(self, seconds: float, step: float = 5.0) -> None:
        """Time passes; the keeper looks at what is due every few seconds."""
        for _ in range(int(seconds / step)):
            self.clock.sleep(step)
            self.rig.door.commit_late()
            self.rig.runtime.resolver.recover()
            self.rig.runtime.resolver.sweep()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with simulated_rig_for(tmp_path, gateway="plain") as made:
        clock = DesksClock(made.runtime.clock)
        with Runtime(made.deployment, transport=made.runtime.transport, clock=clock, known=made.runtime.known) as own:
            yield Desk(attrs.evolve(made, runtime=own), clock)


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST])
def test_what_is_unknown_is_found_out_in_the_usual_time(desk: Desk, fault: Fault) -> None:
    desk.rig.strike(fault, "2102")
    desk.rig.strike(Fault.REQUEST_LOST, "5201", times=3)
    assert ask(desk.rig) == "outcome_unknown"
    desk.put_right()
    desk.goes_on(MINUTE)
    found = settlement(desk.rig)
    assert found.state is (State.ACCEPTED if fault is Fault.ANSWER_LOST else State.UNKNOWN), "not believed too soon"
    desk.goes_on(4 * MINUTE)
    found = settlement(desk.rig)
    assert found.state is (State.ACCEPTED if fault is Fault.ANSWER_LOST else State.ABSENT)
    assert found.attempts < 10, "not looked at in every round"
    assert [ask(desk.rig)] == desk.rig.standing()


def test_what_stays_unknown_is_a_persons_after_the_grace_time(desk: Desk) -> None:
    desk.rig.deafen()
    desk.rig.strike(Fault.ANSWER_LOST, "2102")
    assert ask(desk.rig) == "outcome_unknown"
    desk.put_right()
    desk.goes_on(20 * MINUTE)
    assert settlement(desk.rig).escalated_at is None
    desk.goes_on(20 * MINUTE)
    assert settlement(desk.rig).escalated_at is not None


def test_what_is_open_so_long_is_a_persons_whoever_works_on_it(desk: Desk) -> None:
    line: Any = Waiting(desk)
    other = Runtime(desk.rig.deployment, transport=line, clock=desk.clock, known=desk.rig.runtime.known)
    with other:
        assert ask(attrs.evolve(desk.rig, runtime=other)) == desk.rig.standing()[0]
    assert "escalated" in kinds(desk.rig, settlement(desk.rig))


@attrs.define
class Waiting:
    """A line on which a settlement waits: meanwhile the clock is put right, and the others' keepers have their turn."""

    desk: Desk

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        if url.endswith("2102"):
            self.desk.put_right()
            self.desk.goes_on(5)
        return self.desk.rig.runtime.transport.post(url, headers, body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.desk.rig.runtime.transport, name)


def test_what_is_watched_is_watched_no_longer_than_it_is_at_all(desk: Desk) -> None:
    desk.rig.strike(Fault.REQUEST_LOST, "2102")
    assert ask(desk.rig) == "outcome_unknown"
    desk.goes_on(5 * MINUTE)
    assert settlement(desk.rig).state is State.ABSENT
    desk.put_right()
    desk.goes_on(10 * MINUTE)
    until = settlement(desk.rig).watch_until
    assert until is not None
    assert until <= desk.clock.epoch() + 24 * 3600
    assert settlement(desk.rig).attempts < 10


def test_what_was_refused_is_looked_at_for_minutes_and_no_more(desk: Desk) -> None:
    line = desk.rig.runtime.transport
    assert isinstance(line, SimulatedLine)
    desk.rig.runtime.transport = Replacing(line, "2102", REFUSAL, before=True)
    with pytest.raises(CallRefused):
        desk.rig.settle(key="B1")
    desk.put_right()
    desk.goes_on(10 * MINUTE)
    refused = settlement(desk.rig)
    assert (refused.state, refused.watch_until) == (State.REFUSED, None)
    assert "watch_ended" in kinds(desk.rig, refused)
    assert refused.attempts < 10


def test_what_has_changed_weeks_ahead_makes_no_query_lag(desk: Desk) -> None:
    """A sale and its return within minutes: the second is looked for behind the first's lag, not for forty days."""
    desk.rig.settle(key="B1")
    person, since = desk.rig.person(), desk.clock.epoch() - 120
    journal, of = desk.rig.runtime.journal, desk.rig.deployment.institution.code
    assert len(journal.accepted_since(of, person.psn_no, ("2102",), since)) == 1
    desk.put_right()
    assert journal.accepted_since(of, person.psn_no, ("2102",), desk.clock.epoch() - 120) == []


def test_a_flow_that_rests_is_taken_up_again(desk: Desk) -> None:
    """When it is to be tried again was set by the clock that was ahead."""
    flows = desk.rig.runtime.journal.flows
    row = {
        "id": "f" * 32, "flow": "pharmacy_purchase", "deployment": "test", "key": "B1", "content": "c",
        "institution": desk.rig.deployment.institution.code, "status": "stopped", "step": "settle", "version": 1,
        "created_at": desk.clock.epoch(), "updated_at": desk.clock.epoch(), "owner": "nobody",
        "resume_at": desk.clock.epoch() + 60, "state": b"{}", "debts": 0,
    }  # fmt: skip
    assert flows.keep(row, expected_version=None)
    assert flows.left("test", desk.clock.epoch()) == []
    desk.put_right()
    assert [left.id for left in flows.left("test", desk.clock.epoch())] == [row["id"]]
