"""Try a mutant: what runs while it lives, the tests that are asked, and who noticed it.

Asked are first the tests that run its line, its part's own and the quickest first, then those that run its function,
then some seeds of torture. One that hangs is told as hanging.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import attrs

from .covering import Covering
from .drawing import ROOT, SOURCES, Drawn, span
from .mutating import mutated

LIVING = Path(__file__).with_name("living")

FIRST_SECONDS, LINE_SECONDS, FUNCTION_SECONDS = 5.0, 12.0, 8.0
"""So long the tests of one command take by themselves: the quickest of the line, its others, those of the function."""

LONGEST_SECONDS = 300
"""And at most, on a machine that has other work, too."""

MISUSED, NOTHING_RUN = 4, 5
"""Exit codes of pytest."""

Command = list[str]
Done = subprocess.CompletedProcess[str]
NAMED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+?\.py(?:::.+?)?)(?: - .*)?$", re.MULTILINE)


@attrs.frozen
class Fate:
    """What became of a mutant: ``killed``, ``lived`` or ``hung``, and by which test."""

    what: str
    by: str = ""


LIVED = Fate("lived")


def environment_of(mutant: Drawn | None = None, text: str = "") -> dict[str, str]:
    """What processes are told of who lives in them: the module, and the file that holds its text."""
    paths = [str(LIVING), str(SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])]
    told = {"PYTHONPATH": os.pathsep.join(paths), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if mutant is None:
        return told
    module = ".".join(mutant.path.relative_to(SOURCES).with_suffix("").parts)
    return told | {"MUTANT_MODULE": module, "MUTANT_SOURCE": text}


def run(command: Command, mutant: Drawn | None = None) -> Done | None:
    """A command upon the sources, while a mutant lives in them or none does; None where it hangs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MUTANT_")}
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".py") as file:
        if mutant is not None:
            file.write(mutated(mutant.path.read_text("utf-8"), mutant.mutation.number))
            file.flush()
        try:
            return subprocess.run(
                command, cwd=ROOT, env=environment | environment_of(mutant, file.name), capture_output=True,
                timeout=LONGEST_SECONDS, check=False, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None


def pytest(*words: str) -> Command:
    """The command that runs some tests until one fails."""
    return [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-rfE", "-m", "not long", *words]


def torture(seeds: str) -> Command:
    """The command that runs some seeds of torture."""
    return [sys.executable, "-m", "liangding", "torture", "--seeds", seeds, "--jobs", "1", "--no-shrink"]


def no_witnesses(tests: Collection[str]) -> list[str]:
    """Those tests that fail where no mutant lives, too: they say nothing."""
    command = [word for word in pytest(*sorted(tests)) if word != "-x"]
    done = run(command) if tests else None
    return [] if done is None else NAMED.findall(done.stdout)


def fate_of(drawn: Drawn, held: Covering, seeds: str) -> Fate:
    """Whether a test notices a mutant, and which; else some seeds of torture (none where ``seeds`` is empty)."""
    for tests in stages(drawn, held):
        fate = _by_tests(drawn, tests)
        if fate.what != "lived":
            return fate
    if not seeds:
        return LIVED
    done = run(torture(seeds), drawn)
    return Fate("hung", "torture") if done is None else Fate("killed", "torture") if done.returncode else LIVED


def stages(drawn: Drawn, held: Covering) -> Iterator[list[str]]:
    """The tests that are asked of a mutant, in portions: the next one where it lives through the last."""
    module, line = drawn.module, drawn.mutation.line
    of_line = held.of(module, line, line)
    first = held.within(of_line, FIRST_SECONDS)
    rest = held.within([test for test in of_line if test not in first], LINE_SECONDS)
    wider = held.of(module, *span(drawn.path, line)) or held.of_module(module)
    around = held.within([test for test in wider if test not in {*first, *rest}], FUNCTION_SECONDS)
    near = [] if of_line else held.within([test for test in held.near(module) if test not in around], LINE_SECONDS)
    yield from (tests for tests in (first, rest, around, near) if tests)


def _by_tests(drawn: Drawn, tests: list[str]) -> Fate:
    done = run(pytest(*tests), drawn)
    if done is None:
        return Fate("hung", " ".join(tests[:3]))
    if done.returncode in (0, NOTHING_RUN):
        return LIVED
    named = NAMED.search(done.stdout)
    if named is None and done.returncode == MISUSED and "ImportError while loading conftest" not in done.stderr:
        raise SystemExit(f"a test is not there any more: make the map anew (--map)\n{done.stderr[-2000:]}")
    return Fate("killed", named.group(1) if named else f"exit {done.returncode}")
