"""Every bug that is planted is found within a hundred seeds, and breaks only the rules that are written beside it: the
other rules stay quiet."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from liangding.torture.choices import Choices
from liangding.torture.faults import WhatHolds
from liangding.torture.run import Laboratory
from planted import PLANTED, Plant

SEEDS, FARTHEST = 50, 100
"""So many seeds for each, and more only until it is found."""


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
    broken: set[WhatHolds] = set()
    for seed in range(1, FARTHEST + 1):
        if seed > SEEDS and broken:
            break
        broken |= laboratory.run(Choices(seed)).rules
    assert broken
    assert broken <= PLANTED[plant]
