"""Journals that earlier versions filled, and the platforms that they were filled against (``kept/fill.py`` made them).

A folder of ``kept/`` is named by the schema that its journal had.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg

from kept.fill import deployments
from liangding.clock import SimulatedClock, in_china
from liangding.config import load_deployment
from liangding.runtime import Runtime
from liangding.simulator.line import Door, SimulatedLine
from liangding.simulator.setup import door_for
from support import Rig

FOLDER = Path(__file__).parent / "kept"
SCHEMAS = sorted(path.name for path in FOLDER.iterdir() if path.name.isdigit())

AFTER = datetime(2026, 11, 23, 12, 5)
"""A time after everything that is kept."""


def restore(schema: str, url: str) -> None:
    """Put a kept journal where ``url`` says."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).write_bytes(_content(schema, "sqlite"))
        return
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in _content(schema, "postgresql.sql").split(b";\n"):
            connection.execute(statement)
        connection.execute("SELECT pg_catalog.set_config('search_path', 'public', false)")


def _content(schema: str, name: str) -> bytes:
    return gzip.decompress((FOLDER / schema / f"{name}.gz").read_bytes())


@contextlib.contextmanager
def rigs(schema: str, folder: Path, url: str) -> Iterator[dict[str, Rig]]:
    """Pharmacy and hospital at work on a kept journal that was restored to ``url``, each with its platform as it was
    left; the processes that wrote it are gone."""
    clock = SimulatedClock(AFTER)
    taken = json.loads(_content(schema, "platforms.json"))
    with contextlib.ExitStack() as stack:
        made: dict[str, Rig] = {}
        for code, path in deployments(folder, url).items():
            deployment = load_deployment(path)
            door = door_for(deployment, clock=clock)
            _replay(door, taken[code])
            runtime = stack.enter_context(Runtime(deployment, transport=SimulatedLine(door), clock=clock))
            made[code] = Rig(folder=folder, config=path, deployment=deployment, door=door, url="", runtime=runtime)
        yield made


def _replay(door: Door, taken: list[tuple[float, str]]) -> None:
    """Let a platform live through what it was sent, each message at its time."""
    clock = door.platform.clock
    for at, envelope in taken:
        door.platform.clock = SimulatedClock(in_china(at))
        door.platform.answer(envelope.encode())
    door.platform.clock = clock
