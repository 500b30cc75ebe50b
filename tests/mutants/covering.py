"""Which tests run which lines: what is asked first of a mutant. Made once, by running the tests under coverage, and
kept beside the sources' build until it is made anew (``python -m mutants --map``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as Xml
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "core" / "src" / "liangding"
FOLDER = ROOT / "build" / "mutants"
MAP = FOLDER / "map.json"

TESTS = (
    "amending", "clock_back", "crashes", "custody", "declarations", "devices_regions", "directions", "doubts",
    "flow_crashes", "flow_declarations", "flow_upgrades", "given_first", "held_up", "inpatient", "journal",
    "journal_commands", "keys", "line", "looking", "looks", "messages", "model", "outpatient", "pharmacy", "plugins",
    "plugins_that_fail", "presence", "refusals", "registrations", "resolution", "runtime", "settlements", "slips",
    "stated", "stories", "transitions", "wire",
)  # fmt: skip
"""The tests of the money core that run in one process each."""

EVERYWHERE = ("stories",)
"""Whose tests are asked first of every part: they hold all that happens to what is written down."""

NEAR = {
    "journal": ("custody", "journal", "journal_commands", "transitions"),
    "resolution": ("doubts", "looking", "looks", "resolution"),
    "calls": ("keys", "plugins_that_fail", "refusals", "runtime"),
    "runtime.py": ("runtime", "doubts", "refusals"),
    "workflow": ("flow_crashes", "flow_declarations", "flow_upgrades", "held_up"),
    "checks": ("settlements",),
}
"""Whose tests are asked first, by the part that is mutated; those of flows are named like it."""

SETTINGS = """\
[run]
dynamic_context = test_function
source = {package}
data_file = {data}
"""


@attrs.frozen
class Covering:
    """``lines``: module → line → tests that run it; ``seconds``: how long each takes, all of its cases together."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]

    def of(self, module: str, first: int, last: int) -> list[str]:
        """The tests that run one of these lines, its part's own first, and the quickest first."""
        held = self.lines.get(module, {})
        return self._in_order(module, (test for line in range(first, last + 1) for test in held.get(line, ())))

    def of_module(self, module: str) -> list[str]:
        """The tests that run the module at all, in the same order."""
        return self._in_order(module, (test for tests in self.lines.get(module, {}).values() for test in tests))

    def within(self, tests: list[str], most: float) -> list[str]:
        """The first of some tests, as many as fit into so many seconds; always one, where there is one."""
        chosen: list[str] = []
        for test in tests:
            if self._seconds(test) <= most or not chosen:
                chosen.append(test)
                most -= self._seconds(test)
        return chosen

    def _in_order(self, module: str, tests: Iterable[str]) -> list[str]:
        parts = module.split("/")
        near = [f"tests/test_{name}.py" for name in (*NEAR.get(parts[0], ()), *parts)]
        ranks = {f"tests/test_{name}.py": 0 for name in EVERYWHERE} | dict.fromkeys(near, 1)
        return sorted(set(tests), key=lambda test: (ranks.get(test.partition("::")[0], 2), self._seconds(test), test))

    def _seconds(self, test: str) -> float:
        return self.seconds.get(test, 1.0)


def covering() -> Covering:
    """The map that was made last."""
    held = json.loads(MAP.read_text("utf-8"))
    lines = {module: {int(line): tests for line, tests in each.items()} for module, each in held["lines"].items()}
    return Covering(lines=lines, seconds=held["seconds"])


def make(files: Iterable[str] = TESTS) -> None:
    """Run the tests under coverage and keep which lines each has run."""
    from coverage import CoverageData

    FOLDER.mkdir(parents=True, exist_ok=True)
    data, settings, report = FOLDER / "coverage", FOLDER / "coveragerc", FOLDER / "report.xml"
    data.unlink(missing_ok=True)
    settings.write_text(SETTINGS.format(package=PACKAGE, data=data), "utf-8")
    paths = [str(path) for name in files if (path := ROOT / "tests" / f"test_{name}.py").exists()]
    command = [
        sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest", "-p", "no:cacheprovider",
    ]  # fmt: skip
    subprocess.run([*command, "-m", "not long", f"--junitxml={report}", *paths], cwd=ROOT, env=os.environ, check=False)
    found = CoverageData(basename=str(data))
    found.read()
    lines = {
        str(Path(file).relative_to(PACKAGE)): {
            line: tests for line, contexts in found.contexts_by_lineno(file).items() if (tests := _tests(contexts))
        }
        for file in found.measured_files()
    }
    MAP.write_text(json.dumps({"lines": lines, "seconds": _seconds(report)}), "utf-8")


def _tests(contexts: Iterable[str]) -> list[str]:
    """Contexts as coverage names them, module.function, as tests that pytest takes."""
    named = (context.partition(".") for context in contexts)
    return sorted({f"tests/{module}.py::{test}" for module, _, test in named if test.startswith("test_")})


def _seconds(report: Path) -> dict[str, float]:
    held: defaultdict[str, float] = defaultdict(float)
    for case in Xml.parse(report).iter("testcase"):
        module, test = str(case.get("classname")).rpartition(".")[2], str(case.get("name")).partition("[")[0]
        held[f"tests/{module}.py::{test}"] += float(case.get("time") or 0)
    return dict(held)
