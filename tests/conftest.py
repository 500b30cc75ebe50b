"""Fixtures: a deployment in a folder of its own, the simulated platform over real HTTP, and a runtime between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from liangding.config import Kind
from support import Rig, rig_for


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A pharmacy in Dongguan and its platform."""
    with rig_for(tmp_path) as made:
        yield made


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Rig]:
    """A clinic in Dongguan and its platform."""
    with rig_for(tmp_path, kind=Kind.CLINIC) as made:
        yield made
