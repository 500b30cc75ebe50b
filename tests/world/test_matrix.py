"""Every single fault, at a raw call and in a flow: one settlement or none, and the truth told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .house import house
from .matrix import Cell, differs, in_the_docs, run, table
from .troubles import TROUBLES

FAILS: dict[str, str] = {}
"""What is not mended yet, and why. Whoever mends it takes it out."""


@pytest.fixture(scope="module")
def cells() -> Iterator[list[Cell]]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, house(Path(folder)) as at:
        yield run(at)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=FAILS[name], strict=True)) if name in FAILS else name
        for name in TROUBLES
    ],
)
def test_one_settlement_or_none_and_the_truth_told(cells: list[Cell], name: str) -> None:
    wrong = [each for cell in cells if cell.trouble == name for each in cell.wrong]
    assert not wrong


def test_the_table_in_the_docs_is_what_was_seen(cells: list[Cell]) -> None:
    lines = list(zip(in_the_docs(), table(cells), strict=True))
    assert not [line for line in lines if differs(*line)], "python -m world.matrix, in tests/, writes it anew"
