"""Which tests run which lines, case by case: what is asked first of a mutant. Made once, by running the tests under
coverage, and kept beside the sources' build until it is made anew (``python -m mutants --map``; of some files only:
``--map stories keys``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from .drawing import modules

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "core" / "src" / "liangding"
FOLDER = ROOT / "build" / "mutants"
MAPS = FOLDER / "maps"
"""For each file of tests what its cases run."""

TESTS = (
    "amending", "asking", "at_work", "classification", "clock_back", "console", "console_work", "crashes", "custody",
    "databases", "declarations", "devices_regions", "directions", "doubts", "elsewhere", "every_flow", "feed",
    "flow_crashes", "flow_declarations", "flow_keys", "flow_upgrades", "given_first", "goods", "goods_back",
    "goods_rows", "held_up", "identities", "inpatient", "journal", "journal_bounds", "journal_commands", "kept",
    "kept_flows", "keying", "keys", "line", "lists", "locks", "logs", "looking", "looks", "looks_at_money", "lookups",
    "made_anew", "matching", "mended", "messages", "mobile_payment", "model", "named_rows", "one_code", "operations",
    "outpatient", "pharmacy", "plugins", "plugins_that_fail", "prescriptions", "presence", "privacy", "rare_turns",
    "reconciliation", "refusals", "refused_midway", "registrations", "resolution", "runtime", "second_desk", "server",
    "settlements", "settling", "showing", "signing_in", "slips", "spoken", "stated", "stories", "storing", "told",
    "transitions", "turns", "two_persons", "uploads", "validating", "why_refused", "wire",
)  # fmt: skip
"""The tests of the money core that run in one process each."""

EVERYWHERE = ("stories",)
"""Whose tests are asked first of every part: they hold all that happens to what is written down."""

NEAR = {
    "journal": (
        "asking", "clock_back", "custody", "databases", "journal", "journal_bounds", "journal_commands", "kept",
        "locks", "lookups", "presence", "rare_turns", "transitions",
    ),
    "resolution": (
        "doubts", "looking", "looks", "looks_at_money", "rare_turns", "resolution", "second_desk", "two_persons",
    ),
    "calls": (
        "classification", "keying", "keys", "plugins", "plugins_that_fail", "refusals", "runtime", "signing_in",
        "turns", "validating",
    ),
    "runtime.py": ("runtime", "doubts", "refusals"),
    "workflow": (
        "at_work", "flow_crashes", "flow_declarations", "flow_keys", "flow_upgrades", "given_first", "held_up", "keys",
        "privacy", "showing", "storing",
    ),
    "checks": ("identities", "settlements"),
    "flows": ("directions", "given_first", "goods_rows", "named_rows"),
}  # fmt: skip
"""Whose tests are asked first, by the part that is mutated; those of flows are named like it."""

COMPARED = {"journal/tables.py": (
    "tests/test_journal.py::test_a_new_journal_has_what_one_has_that_went_through_every_schema[sqlite]"
)}  # fmt: skip
"""What a module declares, and the case that compares all of it: asked first."""

OF_ALL = ("told", "why_refused")
"""Whose tests look at what every module declares: its errors, their codes and statuses."""

SETTINGS = """\
[run]
include = {package}
data_file = {data}
"""


@attrs.frozen
class Covering:
    """``lines``: module → line → cases that run it; ``seconds``: of processor that each takes. ``there``: the cases of
    today, where they are known: a map may be of before."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]
    there: frozenset[str] | None = None

    def of(self, module: str, first: int, last: int) -> list[str]:
        """The cases that run one of these lines, stories first, then its part's own, and the quickest first."""
        held = self.lines.get(module, {})
        return self._in_order(module, (test for line in range(first, last + 1) for test in held.get(line, ())))

    def of_module(self, module: str) -> list[str]:
        """The tests that run the module at all, in the same order."""
        return self._in_order(module, (test for tests in self.lines.get(module, {}).values() for test in tests))

    def near(self, module: str) -> list[str]:
        """The cases of the tests of its part and the stories, the quickest first: who is asked of what is worked out
        when a module is loaded, which no case runs."""
        files = {f"tests/test_{name}.py" for name in (*_near(module), *EVERYWHERE)}
        near = {test for test in self.seconds if test.partition("::")[0] in files}
        compares = {test for of, test in COMPARED.items() if of == module}
        there = filter(self._is_there, near | compares)
        return sorted(there, key=lambda test: (test not in compares, self._seconds(test), test))

    def within(self, tests: list[str], most: float) -> list[str]:
        """The first of some tests, as many as fit into so many seconds; always one, where there is one."""
        chosen: list[str] = []
        for test in tests:
            if self._seconds(test) <= most or not chosen:
                chosen.append(test)
                most -= self._seconds(test)
        return chosen

    def _in_order(self, module: str, tests: Iterable[str]) -> list[str]:
        near = [f"tests/test_{name}.py" for name in _near(module)]
        ranks = {f"tests/test_{name}.py": 0 for name in EVERYWHERE} | dict.fromkeys(near, 1)
        there = set(filter(self._is_there, tests))
        return sorted(there, key=lambda test: (ranks.get(test.partition("::")[0], 2), self._seconds(test), test))

    def _is_there(self, test: str) -> bool:
        return self.there is None or test in self.there

    def _seconds(self, test: str) -> float:
        return self.seconds.get(test, 1.0)


def _near(module: str) -> tuple[str, ...]:
    """The files of tests that are of a module's part, or named like it."""
    parts = module.removesuffix(".py").split("/")
    return *NEAR.get(module.split("/")[0], ()), *parts, *OF_ALL


def covering() -> Covering:
    """What was found when the tests ran the last time, each file by itself."""
    lines: dict[str, dict[int, list[str]]] = {}
    seconds: dict[str, float] = {}
    for path in sorted(MAPS.glob("*.json")):
        held = json.loads(path.read_text("utf-8"))
        cases: list[str] = held["cases"]
        seconds |= dict(zip(cases, held["seconds"], strict=True))
        for module, found in held["lines"].items():
            of_module = lines.setdefault(module, {})
            for line, numbers in found.items():
                of_module.setdefault(int(line), []).extend(cases[number] for number in numbers)
    return Covering(lines=lines, seconds=seconds)


def make(names: Iterable[str] = TESTS) -> None:
    """Run tests under coverage and keep which lines each case of them has run, each file by itself."""
    from coverage import CoverageData

    MAPS.mkdir(parents=True, exist_ok=True)
    mine = FOLDER / f"map-{os.getpid()}"
    data, settings, times = (mine.with_suffix(end) for end in (".coverage", ".rc", ".json"))
    include = "".join(f"\n    {path}" for path in modules())
    settings.write_text(SETTINGS.format(package=include, data=data), "utf-8")
    paths = [f"tests/test_{name}.py" for name in names if (ROOT / "tests" / f"test_{name}.py").exists()]
    command = [
        sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest", "-p", "no:cacheprovider",
        "-p", "mutants.contexts", "-q", "-m", "not long",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests"), "MUTANTS_SECONDS": str(times)}
    subprocess.run([*command, *paths], cwd=ROOT, env=environment, check=False)
    found = CoverageData(basename=str(data))
    found.read()
    lines = {str(Path(file).relative_to(PACKAGE)): found.contexts_by_lineno(file) for file in found.measured_files()}
    seconds: dict[str, float] = json.loads(times.read_text("utf-8"))
    for path in paths:
        cases = sorted({case for case in found.measured_contexts() if case.startswith(f"{path}::")})
        numbers = {case: number for number, case in enumerate(cases)}
        kept = {
            "cases": cases,
            "seconds": [seconds.get(case, 1.0) for case in cases],
            "lines": {module: dict(_of_file(each, numbers)) for module, each in lines.items()},
        }
        (MAPS / f"{Path(path).stem}.json").write_text(json.dumps(kept), "utf-8")
    for made in (data, settings, times):
        made.unlink()


def _of_file(lines: dict[int, list[str]], numbers: dict[str, int]) -> Iterator[tuple[int, list[int]]]:
    """Line → the cases that run it, of those that have numbers."""
    for line, contexts in lines.items():
        if found := [numbers[context] for context in contexts if context in numbers]:
            yield line, found
