"""Draw a sample of mutations and run the tests against each: ``python -m mutants --sample 150 --seed 1``.

A mutant lives in the processes that are started with it (``living``); the tests are those that run its line and its
function (``covering``), the quickest first, then some seeds of torture. What becomes of each is written at once
(``--results``), so that a run that was broken off goes on where it was. Survivors that are known, with the reason,
stand in ``survivors.tsv``; another one is a failure.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

from . import covering
from .drawing import Drawn, at, known, sample
from .mutating import mutated
from .trying import Fate, fate_of, no_witnesses, stages
from .warm import Warm


@attrs.frozen
class Results:
    """A file with a line for each mutant: seed, fate, place, line, change, line's text, by which test."""

    path: Path
    seed: int

    def before(self) -> dict[str, Fate]:
        """Name → fate of those that were tried before, with this seed or another."""
        if not self.path.exists():
            return {}
        rows = [line.split("\t") for line in self.path.read_text("utf-8").splitlines()]
        return {"\t".join(row[3:6]): Fate(row[1], row[6]) for row in rows}

    def write(self, drawn: Drawn, fate: Fate) -> None:
        """One more."""
        where = f"{drawn.place}:{drawn.mutation.line}"
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\t".join([str(self.seed), fate.what, where, drawn.name, fate.by]) + "\n")


def run(
    drawn: list[Drawn], jobs: int, results: Results, before: dict[str, Fate], seeds: str, held: covering.Covering
) -> int:
    """Try each that was not tried before; 1 where one lives that is not excused."""
    excused = known()
    with ThreadPoolExecutor(jobs) as workers:

        def tried(each: Drawn) -> Fate:
            if each.name in before:
                return before[each.name]
            why = excused.get(each.name)
            fate = fate_of(each, held, seeds) if why is None else Fate(why.partition(":")[0])
            results.write(each, fate)
            return fate

        fates = []
        for each, fate in zip(drawn, workers.map(tried, drawn), strict=True):
            print(f"{fate.what}: {each.module}:{each.mutation.line} {each.mutation.what} {fate.by}", flush=True)
            fates.append((each, fate))
    print(", ".join(f"{number} {fate}" for fate, number in Counter(fate.what for _, fate in fates).items()))
    for each, _ in (lived := [pair for pair in fates if pair[1].what == "lived"]):
        print(f"lives: {each.name}")
    for test in (doubted := no_witnesses({fate.by for _, fate in fates if "::" in fate.by})):
        print(f"no witness, as it fails without a mutant, too: {test}")
    return bool(lived or doubted)


def warmed(drawn: list[Drawn], jobs: int, results: Results, held: covering.Covering) -> covering.Covering:
    """Try those first that can be tried in a process with everything loaded (``warm``): who is killed is written. What
    is covered, of the cases that there are."""
    excused, before = known(), results.before()
    left = [each for each in drawn if each.name not in before and each.name not in excused]
    warm = Warm([f"tests/test_{name}.py" for name in covering.TESTS])
    held = attrs.evolve(held, there=warm.cases)
    part = next((number for number in range(1, jobs) if not os.fork()), 0)
    for each in left[part::jobs]:
        fates = (warm.fate_of(each, tests) for tests in stages(each, held))
        if (fate := next(filter(None, fates), None)) is not None:
            results.write(each, fate)
    if part:
        os._exit(0)
    for _ in range(1, jobs):
        os.wait()
    return held


def shown(drawn: Drawn) -> str:
    """A mutation as a difference of two texts."""
    source = drawn.path.read_text("utf-8")
    before, after = ast.unparse(ast.parse(source)), mutated(source, drawn.mutation.number)
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), drawn.place, drawn.name, n=6))


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--sample", type=int, default=150)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="modules whose path holds one of these, by commas")
    asked.add_argument("--jobs", type=int, default=1, help="so many side by side")
    asked.add_argument("--at", nargs="*", default=[], help="these instead of a sample: calls/keying.py#12")
    asked.add_argument("--show", action="store_true", help="show them instead of trying them")
    asked.add_argument("--results", type=Path, help="where what becomes of each is written and read")
    asked.add_argument("--seeds", default="1..40", help="of torture, for who lives through the tests; empty: none")
    asked.add_argument("--cold", action="store_true", help="each in processes of its own at once, without the warm one")
    asked.add_argument(
        "--map", nargs="*", metavar="NAME", help="make the map of which case runs which line anew (of these files only)"
    )
    given = asked.parse_args()
    drawn = [at(place) for place in given.at] or sample(given.sample, given.seed, given.only)
    if given.show:
        print("\n\n".join(map(shown, drawn)))
        return 0
    if given.map is not None:
        covering.make(given.map or covering.TESTS)
        return 0
    if not covering.MAPS.exists():
        covering.make()
    results = Results(given.results or covering.FOLDER / f"results-{given.seed}.tsv", given.seed)
    held = covering.covering() if given.cold else warmed(drawn, given.jobs, results, covering.covering())
    return run(drawn, given.jobs, results, {} if given.at else results.before(), given.seeds, held)


if __name__ == "__main__":
    sys.exit(main())
