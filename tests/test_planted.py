"""Bugs that are planted are found, and break the rules that they break and no others. All of them, over a hundred seeds
each, are world/test_all_planted.py (``make world``); here are those that are found soonest."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

import planted
from liangding.torture.choices import Choices
from liangding.torture.faults import WhatHolds
from liangding.torture.run import Laboratory
from planted import PLANTED, Plant

SOON = (
    planted.five_hundreds_are_refusals, planted.what_meets_503_is_sent_once_more, planted.a_message_is_sent_twice,
    planted.nobody_is_held_back, planted.amounts_are_told_wrong, planted.an_account_is_not_given_back,
    planted.keys_are_voluntary, planted.what_was_given_up_is_sent,
    planted.the_same_bill_is_not_seen_under_another_key,
)  # fmt: skip
WITHIN = 40

NAMED = (
    planted.what_meets_503_is_sent_once_more, planted.nobody_is_held_back,
    planted.not_there_is_believed_at_the_first_look, planted.what_is_absent_is_not_watched,
    planted.a_late_answer_overwrites_what_was_resolved, planted.a_refusal_is_believed_by_its_code_alone,
    planted.the_second_answer_of_a_duplicate_is_believed, planted.what_was_sent_is_composed_anew,
    planted.a_decision_is_taken_while_a_reversal_is_under_way, planted.a_refused_query_means_not_there,
)  # fmt: skip
"""Mistakes that were made, or nearly."""


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    logging.disable(logging.CRITICAL)
    with Laboratory("dongguan") as made:
        yield made
    logging.disable(logging.NOTSET)


def test_every_rule_is_broken_by_some_bug() -> None:
    assert len(PLANTED) >= 30
    assert {rule for rules in PLANTED.values() for rule in rules} == set(WhatHolds)
    assert set(NAMED) <= set(PLANTED)


@pytest.mark.parametrize("plant", SOON, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(laboratory: Laboratory, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    found = (outcome.rules for outcome in map(laboratory.run, map(Choices, range(1, WITHIN + 1))))
    broken = next((rules for rules in found if rules), None)
    assert broken
    assert broken <= PLANTED[plant]
