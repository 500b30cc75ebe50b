"""Tells coverage which case of which test runs, and writes down how long each took, in seconds of processor whatever
else the machine does: ``-p mutants.contexts``, with the name of the file in ``MUTANTS_SECONDS``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_seconds: dict[str, float] = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What the case runs, its fixtures too, is its own."""
    measured = coverage.Coverage.current()
    assert measured is not None
    measured.switch_context(item.nodeid)
    begun = sum(os.times()[:4])
    yield
    _seconds[item.nodeid] = round(sum(os.times()[:4]) - begun, 3)
    measured.switch_context("")


def pytest_sessionfinish() -> None:
    Path(os.environ["MUTANTS_SECONDS"]).write_text(json.dumps(_seconds), "utf-8")
