"""The mutator: each change is one change, none is lost, and what may not be changed is not."""

from __future__ import annotations

import ast

import pytest

from mutants.drawing import MUTATED, PACKAGE, known, modules, named, sample
from mutants.mutating import mutated, mutations

SOURCE = '''
"""What it is."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from a import b
LIMIT = 3
"""A limit"""
def f(a: "A", *, b: bool = True) -> int:
    """What it does."""
    if not a and b:
        log.info("left alone")
        g(a, key=b)
    return {"x": 1, "y": a + LIMIT}["x"] if a == 2 else 0
'''


def test_every_change_is_one_and_another() -> None:
    made = [mutated(SOURCE, mutation.number) for mutation in mutations(SOURCE)]
    plain = ast.unparse(ast.parse(SOURCE))
    assert len(set(made)) == len(made)
    assert plain not in made
    assert {mutation.what.split()[-1] for mutation in mutations(SOURCE)} >= {"turned", "always", "never", "out", "one"}


@pytest.mark.parametrize("text", ["What it", "A limit", "left alone", "TYPE_CHECKING", "from a import b", "'A'"])
def test_what_says_nothing_to_a_machine_is_left_alone(text: str) -> None:
    assert all(text in mutated(SOURCE, mutation.number) for mutation in mutations(SOURCE))


def test_a_sample_is_drawn_the_same_way_again() -> None:
    assert len(modules()) > 90
    assert all(list(PACKAGE.glob(pattern)) for pattern in MUTATED)
    assert sample(20, 7, "") == sample(20, 7, "")
    for drawn in sample(20, 7, ""):
        compile(mutated(drawn.path.read_text("utf-8"), drawn.mutation.number), drawn.place, "exec")
        assert named(drawn.name) == drawn


def test_every_known_survivor_still_stands_in_the_code_and_says_why_it_may() -> None:
    """A line that went takes its excuse with it."""
    assert [name for name in known() if not named(name)] == []
    assert {why.partition(":")[0] for why in known().values()} <= {"equivalent", "harmless"}
