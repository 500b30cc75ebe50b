"""Deterministic exploration: money is safe in every seed, and a bug that is planted is found."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from liangding.calls.classify import classify
from liangding.contract.calls import Verdict
from liangding.journal import Journal, Opened, Outcome, State
from liangding.journal.recording import new_row
from liangding.resolution.resolver import Resolver
from liangding.simulator.line import SimulatedLine
from liangding.torture import explore, run, shrink
from liangding.workflow.tracks import Tracks

SEEDS = 500
PARTS = 10
PLANTED_WITHIN = 200


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """What goes wrong on purpose need not be in the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("part", range(PARTS))
def test_money_is_safe(part: int) -> None:
    size = SEEDS // PARTS
    for seed, outcome in explore(range(1 + part * size, 1 + (part + 1) * size), province="dongguan"):
        assert not outcome.faults, (seed, outcome.faults, "\n".join(outcome.history))


@pytest.mark.parametrize("province", ["sichuan", "shaanxi", "gansu", "xinjiang", "guangzhou"])
def test_money_is_safe_in_other_places(province: str) -> None:
    for seed, outcome in explore(range(1, 16), province=province):
        assert not outcome.faults, (seed, outcome.faults, "\n".join(outcome.history))


def test_a_seed_replays_exactly() -> None:
    first, again = (run(7, province="dongguan") for _ in range(2))
    assert (first.history, first.script) == (again.history, again.script)
    assert shrink(first.script, province="dongguan", attempts=1).history == first.history


# -- planted bugs ------------------------------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def five_hundreds_are_refusals(patch: pytest.MonkeyPatch) -> None:
    def wrong(call: Any, exchange: Any, *rest: Any) -> Verdict:
        if exchange.status and exchange.status >= 500:
            return Verdict(state=State.REFUSED, message="5xx")
        return classify(call, exchange, *rest)

    patch.setattr("liangding.calls.answers.classify", wrong)


def a_cut_answer_is_a_failure(patch: pytest.MonkeyPatch) -> None:
    def wrong(call: Any, exchange: Any, *rest: Any) -> Verdict:
        return Verdict(state=State.NOT_SENT) if exchange.failure else classify(call, exchange, *rest)

    patch.setattr("liangding.calls.answers.classify", wrong)


def nothing_is_recorded_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    open_call = Journal.open_call

    def wrong(self: Journal, new: Any, **more: Any) -> Any:
        if new.infno not in ("2102", "2102A"):
            return open_call(self, new, **more)
        return Opened(0, new_row(new) | {"person": None, "request": b"", "owner": self.owner})

    patch.setattr(Journal, "open_call", wrong)
    patch.setattr(Journal, "close_call", lambda *_: None)


def what_fails_is_sent_once_more(patch: pytest.MonkeyPatch) -> None:
    post = SimulatedLine.post

    def wrong(self: SimulatedLine, url: str, headers: Any, body: bytes) -> Any:
        exchange = post(self, url, headers, body)
        if exchange.failure or exchange.status != 200:
            return post(self, url, headers, re.sub(rb'("msgid":"\w{26})\d{4}', rb"\g<1>9999", body))
        return exchange

    patch.setattr(SimulatedLine, "post", wrong)


def not_there_is_believed_at_once(patch: pytest.MonkeyPatch) -> None:
    def wrong(self: Resolver, call: Any, finding: Any) -> None:
        outcome = Outcome(state=State.ABSENT, at=self._now(), resolution="asked:once")
        self.asking.journal.conclude(call.id, outcome, "resolved")

    patch.setattr(Resolver, "_not_there", wrong)


def a_key_may_be_used_again_while_its_call_is_unknown(patch: pytest.MonkeyPatch) -> None:
    held = Journal._held_by_key

    def wrong(self: Journal, tx: Any, new: Any) -> Any:
        before = held(self, tx, new)
        return attrs.evolve(before, state=State.ABSENT) if before and before.state is State.UNKNOWN else before

    patch.setattr(Journal, "_held_by_key", wrong)
    patch.setattr(Journal, "_blocking", lambda *_: ())


def a_flow_goes_on_without_its_caller(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Tracks, "charged", lambda *_: True)


@pytest.mark.parametrize(
    "plant",
    [
        five_hundreds_are_refusals,
        a_cut_answer_is_a_failure,
        nothing_is_recorded_before_it_is_sent,
        what_fails_is_sent_once_more,
        not_there_is_believed_at_once,
        a_key_may_be_used_again_while_its_call_is_unknown,
        a_flow_goes_on_without_its_caller,
    ],
)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    seeds = explore(range(1, PLANTED_WITHIN + 1), province="dongguan")
    found = next((seed for seed, outcome in seeds if outcome.faults), None)
    assert found is not None


def test_a_failing_seed_shrinks(monkeypatch: pytest.MonkeyPatch) -> None:
    five_hundreds_are_refusals(monkeypatch)
    failed = (o for _, o in explore(range(1, PLANTED_WITHIN + 1), province="dongguan") if o.faults)
    failing = max(itertools.islice(failed, 3), key=lambda o: len(o.history))
    smaller = shrink(failing.script, province="dongguan", attempts=60)
    assert smaller.faults
    assert eventful(smaller) < eventful(failing)


def eventful(outcome: Any) -> int:
    """How many of a run's decisions were not the uneventful ones."""
    return sum(map(bool, outcome.script))
