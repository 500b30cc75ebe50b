"""The mutator: each change is one change, none is lost, and what may not be changed is not."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import planted
from mutants import fixed
from mutants.drawing import MUTATED, PACKAGE, known, modules, named, sample
from mutants.mutating import mutated, mutations

SOURCE = '''
"""What it is."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from a import b
LIMIT = 3
"""A limit"""
@attrs.frozen(kw_only=True)
class C:
    """A class"""
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
    nothing = "def f() -> None:\n    return None\n"
    assert mutations(nothing) == [], "what gives back nothing cannot give back less"
    assert len(set(made)) == len(made)
    assert plain not in made
    assert {mutation.what.split()[-1] for mutation in mutations(SOURCE)} >= {"turned", "always", "never", "out", "one"}


@pytest.mark.parametrize(
    "text",
    ["kw_only=True", "A class", "What it", "A limit", "left alone", "TYPE_CHECKING", "from a import b", "'A'"],
)
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


# -- the fixed sample --------------------------------------------------------------------------------------------------


def test_every_rule_of_money_safety_names_what_breaks_it() -> None:
    """A planted bug that the exploration finds, and mutants with the test that kills each."""
    assert fixed.in_the_docs() == fixed.table(), "python -m mutants.fixed --write"
    assert [each.name for each in fixed.sample() if each.drawn is None] == []
    rules = fixed.PAGE.read_text("utf-8").partition("## The rules")[2].partition("\n## ")[0]
    numbers = {int(number) for number in re.findall(r"^(\d+)\. \*\*", rules, re.MULTILINE)}
    named = dict(re.findall(r"^\| (\d+) \| (`\w+`(?:, `\w+`)*) \|$", rules, re.MULTILINE))
    assert {int(number) for number in named} == numbers == {each.rule for each in fixed.sample()}
    bugs = {plant.__name__ for plant in planted.PLANTED}
    assert {bug for told in named.values() for bug in re.findall(r"\w+", told)} <= bugs


def test_the_fixed_sample_is_killed_by_the_tests_that_it_names() -> None:
    here = Path(__file__).parent
    tried = subprocess.run(
        [sys.executable, "-m", "mutants.fixed"], cwd=here, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(here)},
    )  # fmt: skip
    assert tried.returncode == 0, tried.stdout + tried.stderr
