"""Which mutations there are in the money core, a random sample of them, and the names that they keep."""

from __future__ import annotations

import ast
import random
from collections import Counter
from functools import lru_cache
from pathlib import Path

import attrs

from .mutating import Mutation, mutations

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "core" / "src"
PACKAGE = SOURCES / "liangding"
KNOWN = Path(__file__).with_name("survivors.tsv")

MUTATED = (
    "runtime.py", "calls/*.py", "resolution/*.py", "journal/*.py", "workflow/*.py", "flows/settling.py",
    "flows/batching.py", "flows/pharmacy/*.py", "flows/outpatient/*.py", "flows/inpatient/*.py", "checks/settlement.py",
)  # fmt: skip


@attrs.frozen
class Drawn:
    """One mutation of one module."""

    path: Path
    mutation: Mutation

    @property
    def module(self) -> str:
        """The module's path in the package."""
        return str(self.path.relative_to(PACKAGE))

    @property
    def place(self) -> str:
        """Where it is today: module#number."""
        return f"{self.module}#{self.mutation.number}"

    @property
    def name(self) -> str:
        """What it is known by, however lines move: module, line's text, change (and which of several alike)."""
        return _names(self.path)[self.mutation.number]


@lru_cache
def _names(path: Path) -> list[str]:
    source = path.read_text("utf-8")
    lines, seen, names = source.splitlines(), Counter[str](), []
    for each in mutations(source):
        name = f"{path.relative_to(PACKAGE)}\t{lines[each.line - 1].strip()}\t{each.what}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def modules() -> list[Path]:
    """What is mutated."""
    found = {path for pattern in MUTATED for path in PACKAGE.glob(pattern) if path.name != "__init__.py"}
    return sorted(found)


def sample(count: int, seed: int, only: str) -> list[Drawn]:
    """A random sample, drawn by module and then within it."""
    drawing = random.Random(seed)
    held = {path: mutations(path.read_text("utf-8")) for path in modules() if _asked(path, only)}
    held = {path: each for path, each in held.items() if each}
    drawn: list[Drawn] = []
    while held and len(drawn) < count:
        path = drawing.choice(sorted(held))
        drawn.append(Drawn(path, held[path].pop(drawing.randrange(len(held[path])))))
        if not held[path]:
            del held[path]
    return drawn


def at(place: str) -> Drawn:
    """The mutation at a place (``calls/keying.py#12``)."""
    module, _, number = place.partition("#")
    path = PACKAGE / module
    return Drawn(path, mutations(path.read_text("utf-8"))[int(number)])


def named(name: str) -> Drawn | None:
    """The mutation of a name, where the line still stands."""
    path = PACKAGE / name.partition("\t")[0]
    if not path.exists() or name not in _names(path):
        return None
    return Drawn(path, mutations(path.read_text("utf-8"))[_names(path).index(name)])


def span(path: Path, line: int) -> tuple[int, int]:
    """The first and the last line of the function that a line is in; the line itself where it is in none."""
    functions = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))
    spans = [(node.lineno, node.end_lineno or node.lineno) for node in functions]
    return max((each for each in spans if each[0] <= line <= each[1]), default=(line, line))


def known() -> dict[str, str]:
    """Survivors that may live, and why: module, line's text and change → reason, which begins with its kind."""
    rows = (line.split("\t") for line in KNOWN.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {"\t".join(row[:3]): row[3] for row in rows}


def _asked(path: Path, only: str) -> bool:
    return any(word in str(path.relative_to(PACKAGE)) for word in only.split(","))
