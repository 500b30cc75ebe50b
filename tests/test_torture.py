"""Deterministic exploration: money is safe in every seed."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import planted
from liangding.torture import explore, run, scene, shrink
from liangding.torture.scene import Scene

SEEDS = 500
PARTS = 10
WITHIN = 200


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


@pytest.mark.parametrize(("store", "seeds"), [("memory", 7), ("file", 2), ("postgresql", 3)])
def test_money_is_safe_with_four_desks(store: str, seeds: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    journal = request.getfixturevalue("postgresql") if store == "postgresql" else None
    at = {"folder": tmp_path if store == "file" else None, "journal": journal}
    for seed, outcome in explore(range(1, 1 + seeds), province="dongguan", desks=4, **at):
        assert not outcome.faults, (seed, outcome.faults, "\n".join(outcome.history))


@pytest.mark.parametrize("put_back", [True, False])
def test_settings_that_a_region_refuses_are_not_for_ever(monkeypatch: pytest.MonkeyPatch, put_back: bool) -> None:
    """Every desk comes to rest on them, with a bill that is cancelled and not yet settled again: the till hears that it
    is refused, and that it is done once the first settings are there again. Without them it would never be."""
    says = Scene.say

    def say(place: Scene, text: str) -> None:
        says(place, text)
        for desk in place.desks if "nothing goes wrong" in text else ():
            desk.die()
            desk.changed = True

    monkeypatch.setattr(Scene, "say", say)
    if not put_back:
        monkeypatch.setattr(scene, "SETTINGS_BACK_AT", len(scene.REST_SECONDS))
    for seed in (2696, 2708):
        outcome = run(seed, province="dongguan")
        rest = "\n".join(outcome.history).partition("nothing goes wrong")[2]
        refused, _, back = rest.partition("has its first settings again")
        assert "told unknown (refused)" in refused
        assert ("told done" in back) is put_back
        assert [fault.partition("[")[2] for fault in outcome.faults] == ([] if put_back else ["known in the end]"])


def test_a_seed_replays_exactly() -> None:
    """Also after other seeds, whose journals it had before."""
    first = run(7, province="dongguan")
    again = dict(explore((5, 6, 7), province="dongguan"))[7]
    assert (first.history, first.script) == (again.history, again.script)
    assert shrink(first.script, province="dongguan", attempts=1).history == first.history


def test_a_failing_seed_shrinks(monkeypatch: pytest.MonkeyPatch) -> None:
    planted.amounts_are_told_wrong(monkeypatch)
    failed = (o for _, o in explore(range(1, WITHIN + 1), province="dongguan") if o.faults)
    failing = max(itertools.islice(failed, 3), key=lambda o: len(o.history))
    smaller = shrink(failing.script, province="dongguan", attempts=60)
    assert smaller.faults
    assert eventful(smaller) < eventful(failing)


def eventful(outcome: Any) -> int:
    """How many of a run's decisions were not the uneventful ones."""
    return sum(map(bool, outcome.script))
