"""Every bug that is planted is found within a hundred seeds, and over these breaks the rules that are written beside
it: each of them somewhere, but for those that it breaks rarely, and the other rules stay quiet."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from liangding.torture.choices import Choices
from liangding.torture.faults import WhatHolds
from liangding.torture.run import Laboratory
from planted import PLANTED, RARELY, Plant

SEEDS = range(1, 101)


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    logging.disable(logging.CRITICAL)
    with Laboratory("dongguan") as made:
        yield made
    logging.disable(logging.NOTSET)


@pytest.mark.long
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_it_breaks_the_rules_that_it_breaks(
    laboratory: Laboratory, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    broken: frozenset[WhatHolds] = frozenset().union(*(laboratory.run(Choices(seed)).rules for seed in SEEDS))
    assert broken
    assert PLANTED[plant] - RARELY.get(plant, frozenset()) <= broken <= PLANTED[plant]
