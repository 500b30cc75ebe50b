"""The mutator: each change is one change, none is lost, and what may not be changed is not."""

from __future__ import annotations

import ast

import pytest

from mutants.__main__ import modules, sample
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
    assert len(modules()) > 20
    assert sample(20, 7, "") == sample(20, 7, "")
    for path, mutation in sample(20, 7, ""):
        compile(mutated(path.read_text("utf-8"), mutation.number), str(path), "exec")
