"""Draw a sample of mutations and run the tests against each: ``python -m mutants --sample 150 --seed 1``.

A mutant lives in a copy of the sources that stands before the real ones; the tests are those that run its line
(``covering``), the quickest first, then some seeds of torture. Survivors that are known, with the reason, stand in
``survivors.tsv``; another one is a failure.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from . import covering
from .mutating import Mutation, mutated, mutations

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "core" / "src"
KNOWN = Path(__file__).with_name("survivors.tsv")

MUTATED = (
    "runtime.py", "calls/*.py", "resolution/*.py", "journal/*.py", "workflow/*.py", "flows/settling.py",
    "flows/batching.py", "flows/pharmacy/*.py", "flows/outpatient/*.py", "flows/inpatient/*.py", "checks/settlement.py",
)  # fmt: skip

SEEDS = "1..40"
"""Of torture, for who lives through the tests."""

TESTS_SECONDS, LONGEST_SECONDS = 90.0, 240
"""The tests of one mutant: so long by themselves, and at most (a mutant that hangs is noticed)."""


def modules() -> list[Path]:
    """What is mutated."""
    package = SOURCES / "liangding"
    found = {path for pattern in MUTATED for path in package.glob(pattern) if path.name != "__init__.py"}
    return sorted(found)


def sample(count: int, seed: int, only: str) -> list[tuple[Path, Mutation]]:
    """A random sample, drawn by module and then within it."""
    drawing = random.Random(seed)
    held = {path: mutations(path.read_text("utf-8")) for path in modules() if _asked(path, only)}
    held = {path: each for path, each in held.items() if each}
    drawn: list[tuple[Path, Mutation]] = []
    while held and len(drawn) < count:
        path = drawing.choice(sorted(held))
        drawn.append((path, held[path].pop(drawing.randrange(len(held[path])))))
        if not held[path]:
            del held[path]
    return drawn


class Copy:
    """A copy of the sources, in which one mutant at a time lives."""

    def __init__(self, folder: Path) -> None:
        self._sources = folder / "src"
        shutil.copytree(SOURCES, self._sources, ignore=shutil.ignore_patterns("__pycache__"))
        # A changed file of the same size within a second would be taken for the compiled one.
        self.environment = os.environ | {"PYTHONPATH": str(self._sources), "PYTHONDONTWRITEBYTECODE": "1"}

    def put(self, path: Path, source: str) -> None:
        """Let a module be this; what was compiled of it is forgotten."""
        target = self._sources / path.relative_to(SOURCES)
        target.write_text(source, "utf-8")
        for compiled in (target.parent / "__pycache__").glob(f"{target.stem}.*.pyc"):
            compiled.unlink()


def killed(copy: Copy, path: Path, mutation: Mutation, tests: list[str]) -> bool:
    """Whether a test notices."""
    whole = path.read_text("utf-8")
    copy.put(path, mutated(whole, mutation.number))
    commands = (
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not long", *tests],
        [sys.executable, "-m", "liangding", "torture", "--seeds", SEEDS, "--jobs", "1", "--no-shrink"],
    )
    try:
        return any(_fails(command, copy.environment) for command in commands)
    finally:
        copy.put(path, whole)


def _fails(command: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def span(path: Path, line: int) -> tuple[int, int]:
    """The first and the last line of the function that a line is in; the line itself where it is in none."""
    functions = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))
    spans = [(node.lineno, node.end_lineno or node.lineno) for node in functions]
    return max((each for each in spans if each[0] <= line <= each[1]), default=(line, line))


def known() -> dict[str, str]:
    """Survivors that may live, and why: module, line's text and change → reason."""
    rows = (line.split("\t") for line in KNOWN.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {"\t".join(row[:3]): row[3] for row in rows}


def _asked(path: Path, only: str) -> bool:
    return any(word in str(path.relative_to(SOURCES / "liangding")) for word in only.split(","))


def name_of(path: Path, mutation: Mutation) -> str:
    """What a mutation is known by, however lines move."""
    line = path.read_text("utf-8").splitlines()[mutation.line - 1].strip()
    return f"{path.relative_to(SOURCES / 'liangding')}\t{line}\t{mutation.what}"


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--sample", type=int, default=150)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="modules whose path holds one of these, by commas")
    asked.add_argument("--map", action="store_true", help="make the map of which test runs which line anew")
    given = asked.parse_args()
    if given.map or not covering.MAP.exists():
        covering.make()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        return run(Copy(Path(folder)), sample(given.sample, given.seed, given.only))


def run(copy: Copy, drawn: list[tuple[Path, Mutation]]) -> int:
    """Try each; 1 where one lives that is not excused."""
    held, excused = covering.covering(), known()
    lived, count = [], Counter[str]()
    for path, mutation in drawn:
        module, name = str(path.relative_to(SOURCES / "liangding")), name_of(path, mutation)
        tests = held.of(module, *span(path, mutation.line), most=TESTS_SECONDS)
        fate = "excused" if name in excused else "killed" if killed(copy, path, mutation, tests) else "lived"
        count[fate] += 1
        lived += [name] * (fate == "lived")
        print(f"{fate}: {module}:{mutation.line} {mutation.what}", flush=True)
    print(", ".join(f"{number} {fate}" for fate, number in count.items()))
    for name in lived:
        print(f"lives: {name}")
    return bool(lived)


if __name__ == "__main__":
    sys.exit(main())
