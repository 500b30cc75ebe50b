"""Tries mutants in a process that has everything loaded: it forks for each, and the child changes the one function.

Loading the core and the tests takes longer than most tests. What is changed outside of a function, or lives through
its tests here, is tried the long way (``trying``): something may have been worked out before the change was made. The
tests that need PostgreSQL are left to that, too.
"""

from __future__ import annotations

import ast
import gc
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from .drawing import SOURCES, Drawn
from .mutating import mutant, mutated
from .trying import MISUSED, NAMED, NOTHING_RUN, Fate, environment_of

SECONDS = 120.0
"""The tests of one mutant, at most."""


class _Collected:
    """The cases that there are."""

    def __init__(self) -> None:
        self.cases = frozenset[str]()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.cases = frozenset(item.nodeid for item in session.items)


class Warm:
    """A process with the core and some test files loaded; ``cases`` are those that it found in them."""

    def __init__(self, files: list[str]) -> None:
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        collected = _Collected()
        with tempfile.TemporaryFile() as said:
            kept = os.dup(1)
            os.dup2(said.fileno(), 1)
            code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *files], plugins=[collected])
            os.dup2(kept, 1)
        if code:
            raise SystemExit(f"the tests are not collected: exit {code}")
        self.cases = collected.cases

    def fate_of(self, drawn: Drawn, tests: list[str]) -> Fate | None:
        """Whether one of these tests notices a mutant; None where it cannot be told here."""
        changed = _functions(drawn)
        if changed is None or not tests:
            return None
        with tempfile.NamedTemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            child = os.fork()
            if not child:
                _tried(drawn, changed, tests, said.fileno())
            code = _waited(child)
            said.seek(0)
            named = NAMED.search(said.read())
        if code is None:
            return Fate("hung", " ".join(tests[:3]))
        if code in (0, NOTHING_RUN, MISUSED) or named is None:
            return None
        return Fate("killed", named.group(1))


def _tried(drawn: Drawn, changed: list[tuple[FunctionType, CodeType]], tests: list[str], said: int) -> None:
    """In the child: change, run, end."""
    os.setsid()
    os.dup2(said, 1)
    os.dup2(said, 2)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".py") as file:
        file.write(mutated(drawn.path.read_text("utf-8"), drawn.mutation.number))
        file.flush()
        os.environ |= environment_of(drawn, file.name)
        for function, code in changed:
            function.__code__ = code
        ended = pytest.main(
            ["-x", "-q", "-p", "no:cacheprovider", "-rfE", "-m", "not long", "-k", "not postgresql", *tests]
        )
        sys.stdout.flush()
        os._exit(int(ended))


def _waited(child: int) -> int | None:
    """The child's exit code; None where it hangs, and is killed."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _functions(drawn: Drawn) -> list[tuple[FunctionType, CodeType]] | None:
    """The functions that a mutation changes, each with what it is then; None where it changes anything else."""
    source, filename = drawn.path.read_text("utf-8"), str(drawn.path)
    before = compile(ast.parse(source), filename, "exec", dont_inherit=True)
    after = compile(mutant(source, drawn.mutation.number), filename, "exec", dont_inherit=True)
    changes = _differences(before, after)
    if changes is None:
        return None
    module = ".".join(drawn.path.relative_to(SOURCES).with_suffix("").parts)
    live = [each for each in gc.get_objects() if isinstance(each, FunctionType) and each.__module__ == module]
    found: list[tuple[FunctionType, CodeType]] = []
    for old, new in changes:
        same = [each for each in live if each.__code__ == old]
        if not same:
            return None
        found += [(each, new) for each in same]
    return found or None


def _differences(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """The outermost functions that differ; None where what makes them differs."""
    inner, other = list(_inner(before)), list(_inner(after))
    if len(inner) != len(other) or before.co_code != after.co_code or _plain(before) != _plain(after):
        return None
    found: list[tuple[CodeType, CodeType]] = []
    for old, new in zip(inner, other, strict=True):
        if old == new:
            continue
        if old.co_flags & 2:  # a function's: it has variables of its own
            found.append((old, new))
            continue
        deeper = _differences(old, new)
        if deeper is None:
            return None
        found += deeper
    return found


def _inner(code: CodeType) -> Iterator[CodeType]:
    yield from (each for each in code.co_consts if isinstance(each, CodeType))


def _plain(code: CodeType) -> list[object]:
    return [(type(each), each) for each in code.co_consts if not isinstance(each, CodeType)] + [*code.co_names]


def files_of(tests: list[str]) -> list[str]:
    """The files of some tests."""
    return sorted({test.partition("::")[0] for test in tests if Path(test.partition("::")[0]).exists()})
