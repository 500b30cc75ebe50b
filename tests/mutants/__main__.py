"""Draw a sample of mutations and run the tests against each: ``python -m mutants --sample 150 --seed 1``.

A mutant lives in a copy of the sources that stands before the real ones; the tests are those that its module's part of
the core has (``TESTS``), then a hundred seeds of torture. Survivors that are known, with the reason, stand in
``survivors.tsv``; another one is a failure.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .mutating import Mutation, mutated, mutations

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "core" / "src"
KNOWN = Path(__file__).with_name("survivors.tsv")

TESTS: dict[str, tuple[str, ...]] = {
    "calls": ("test_runtime", "test_messages", "test_wire", "test_resolution", "test_plugins"),
    "runtime": ("test_runtime", "test_resolution", "test_plugins", "test_crashes"),
    "resolution": ("test_resolution", "test_registrations", "test_inpatient", "test_outpatient", "test_pharmacy"),
    "journal": ("test_journal", "test_journal_commands", "test_model", "test_resolution", "test_crashes"),
    "workflow": ("test_flow_crashes", "test_flow_declarations", "test_pharmacy", "test_outpatient", "test_inpatient"),
    "flows": ("test_pharmacy", "test_outpatient", "test_inpatient", "test_slips", "test_registrations"),
    "checks": ("test_messages", "test_settlement_list", "test_pharmacy", "test_inpatient"),
}
"""Part of the core → the tests that are run first against its mutants."""

MUTATED = (
    "runtime.py", "calls/*.py", "resolution/*.py", "journal/*.py", "workflow/*.py", "flows/settling.py",
    "flows/batching.py", "flows/pharmacy/*.py", "flows/outpatient/*.py", "flows/inpatient/*.py", "checks/settlement.py",
)  # fmt: skip

SEEDS = "1..60"
LONGEST_SECONDS = 900


def modules() -> list[Path]:
    """What is mutated."""
    package = SOURCES / "liangding"
    found = {path for pattern in MUTATED for path in package.glob(pattern) if path.name != "__init__.py"}
    return sorted(found)


def sample(count: int, seed: int, only: str) -> list[tuple[Path, Mutation]]:
    """A random sample, drawn by module and then within it."""
    drawing = random.Random(seed)
    held = {path: mutations(path.read_text("utf-8")) for path in modules() if only in str(path)}
    held = {path: each for path, each in held.items() if each}
    drawn: list[tuple[Path, Mutation]] = []
    while held and len(drawn) < count:
        path = drawing.choice(sorted(held))
        drawn.append((path, held[path].pop(drawing.randrange(len(held[path])))))
        if not held[path]:
            del held[path]
    return drawn


def killed(path: Path, mutation: Mutation) -> bool:
    """Whether a test notices."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        sources = Path(folder) / "src"
        shutil.copytree(SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
        target = sources / path.relative_to(SOURCES)
        target.write_text(mutated(path.read_text("utf-8"), mutation.number), "utf-8")
        environment = os.environ | {"PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1"}
        part = path.relative_to(SOURCES / "liangding").parts[0].removesuffix(".py")
        tests = [str(ROOT / "tests" / f"{name}.py") for name in TESTS[part] if (ROOT / "tests" / f"{name}.py").exists()]
        commands = (
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
            [sys.executable, "-m", "liangding", "torture", "--seeds", SEEDS, "--jobs", "1", "--no-shrink"],
        )
        return any(_fails(command, environment) for command in commands)


def _fails(command: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def known() -> dict[str, str]:
    """Survivors that may live, and why: module, line's text and change → reason."""
    rows = (line.split("\t") for line in KNOWN.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {"\t".join(row[:3]): row[3] for row in rows}


def name_of(path: Path, mutation: Mutation) -> str:
    """What a mutation is known by, however lines move."""
    line = path.read_text("utf-8").splitlines()[mutation.line - 1].strip()
    return f"{path.relative_to(SOURCES / 'liangding')}\t{line}\t{mutation.what}"


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--sample", type=int, default=150)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="modules whose path holds this")
    given = asked.parse_args()
    excused, lived, count = known(), [], Counter[str]()
    for path, mutation in sample(given.sample, given.seed, given.only):
        name = name_of(path, mutation)
        fate = "killed" if killed(path, mutation) else "excused" if name in excused else "lived"
        count[fate] += 1
        lived += [name] * (fate == "lived")
        print(f"{fate}: {path.relative_to(SOURCES)}:{mutation.line} {mutation.what}", flush=True)
    print(", ".join(f"{number} {fate}" for fate, number in count.items()))
    for name in lived:
        print(f"lives: {name}")
    return bool(lived)


if __name__ == "__main__":
    sys.exit(main())
