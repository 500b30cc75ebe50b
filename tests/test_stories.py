"""What happens is what is written down, word by word: messages, answers, what was told, the journal's rows and events.

Where one is told differently on purpose: ``python -m stories --renew`` in ``tests/``, and the difference is read and
committed with the change that made it.
"""

from __future__ import annotations

import pytest

from stories import STORIES, TOLD
from stories.comparing import differences


@pytest.mark.parametrize("name", sorted(STORIES))
def test_a_story_goes_as_it_was_written(name: str) -> None:
    found = differences(STORIES[name], STORIES[name].told())
    assert not found, f"{name} is told differently (renew: cd tests && python -m stories --renew {name})\n{found}"


@pytest.mark.parametrize("name", sorted(name for name, each in STORIES.items() if each.everywhere))
def test_a_story_goes_the_same_on_postgresql(name: str, postgresql_url: str) -> None:
    assert not differences(STORIES[name], STORIES[name].told(postgresql_url))


def test_nothing_else_is_kept() -> None:
    assert {*TOLD.rglob("*.txt")} == {each.kept for each in STORIES.values()}
