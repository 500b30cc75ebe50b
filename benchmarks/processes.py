"""Durable calls per second by one, two and four processes on one PostgreSQL, sixteen callers in all, the journal alone:
more processes must carry more. Beside it bare transactions of the same rows: what the database does without a journal.

The database is in memory, and its flush takes three milliseconds (``commit_delay``), as a disk's may; all numbers of
processes are measured turn by turn in one run. ``TURNS=20`` says how many turns."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import psycopg
from psycopg import sql

from liangding.journal import Journal, NewCall, Opened, Outcome, Settlement, State, Vault
from liangding.journal.vault import new_secret

from .journal import ANSWER, REQUEST, postgresql
from .rig import shared_memory

PROCESSES = (1, 2, 4)
CALLERS = 16
FLUSH_MICROSECONDS = 3000
TURNS = int(os.environ.get("TURNS", "10"))
TURN_SECONDS = 1.0
AIM = 1.3
"""Four processes, to one."""

INSTITUTION = "P44190000009"


def run() -> None:
    with tempfile.TemporaryDirectory(dir=shared_memory()) as folder, postgresql(folder) as url:
        secret = new_secret()
        _prepare(url, secret)
        with contextlib.ExitStack() as held:
            workers = {
                (how, n): [held.enter_context(Worker(url, secret, CALLERS // n, how)) for _ in range(n)]
                for n in PROCESSES
                for how in ("journal", "bare")
            }
            rates = _in_turn(workers)
    _report(rates)


def _in_turn(workers: dict[tuple[str, int], list[Worker]]) -> dict[tuple[str, int], list[float]]:
    rates: dict[tuple[str, int], list[float]] = {each: [] for each in workers}
    for turn in range(TURNS + 1):
        for each, together in workers.items():
            for worker in together:
                worker.begin()
            done = sum(worker.done() for worker in together)
            if turn:  # the first one warms up
                rates[each].append(done / TURN_SECONDS)
    return rates


def _report(rates: dict[tuple[str, int], list[float]]) -> None:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(
        f"durable calls a second, {CALLERS} callers, PostgreSQL in memory, a flush of {FLUSH_MICROSECONDS / 1000:g} ms;"
        f" medians of {TURNS} turns of {TURN_SECONDS:g} s (load {load:.1f})"
    )
    alone = rates["journal", PROCESSES[0]]
    for n in PROCESSES:
        mine, bare = rates["journal", n], rates["bare", n]
        to_one = median([a / b for a, b in zip(mine, alone, strict=True)])
        verdict = (
            f" (aim at least {AIM:g}: {'reached' if to_one >= AIM else 'NOT REACHED'})" if n == PROCESSES[-1] else ""
        )
        print(
            f"  {n} processes {median(mine):6.0f} calls/s   to one process {to_one:4.2f}{verdict}"
            f"   bare transactions {median(bare):6.0f} calls/s"
        )
    print()


class Worker:
    """A process with its callers, which waits for its turns."""

    def __init__(self, url: str, secret: str, callers: int, how: str) -> None:
        command = [sys.executable, "-m", "benchmarks.processes", how, url, str(callers)]
        pipe = subprocess.PIPE
        given = os.environ | {"LIANGDING_JOURNAL_KEY": secret}
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=given)
        self._line()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def done(self) -> int:
        """How many calls were made in the turn."""
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        if not told:
            raise SystemExit("a measuring process ended")
        return told


def _prepare(url: str, secret: str) -> None:
    """The flush, a journal, one call in it, and tables like its own for the bare transactions."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting, value in (("commit_delay", FLUSH_MICROSECONDS), ("commit_siblings", 0)):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(setting), value))
        connection.execute("SELECT pg_reload_conf()")
        journal = Journal(url, Vault(secret))
        _call(journal, "template")
        journal.close()
        for table in TABLES:
            connection.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                    sql.Identifier(f"bare_{table}"), sql.Identifier(table)
                )
            )


TABLES = ("calls", "keys", "events", "owners", "settlements")

_numbers = itertools.count(1)


def _call(journal: Journal, number: str) -> None:
    new = NewCall(
        deployment="bench", institution=INSTITUTION, infno="2102", msgid=number, operator="001", changes=True,
        request=REQUEST, content=f"{number:0>64}", at=time.time(), key=f"K{number}", person=number, holds=True,
    )  # fmt: skip
    opened = journal.open_call(new)
    assert isinstance(opened, Opened)
    settled = Settlement(setl_id=f"S{number}", mdtrt_id="M")
    outcome = Outcome(
        state=State.ACCEPTED, at=0.0, answer=ANSWER, http_status=200, setl_id=f"S{number}", settlement=settled
    )
    journal.close_call(opened, outcome)


class Bare:
    """One caller: the rows of a call put in as they are, in two transactions, and nothing asked or read."""

    def __init__(self, url: str) -> None:
        self._own = psycopg.connect(url, autocommit=True)
        self._own.execute("SET synchronous_commit = on")
        self._rows = {table: self._template(table) for table in TABLES}
        self._owner = f"bare:{self._own.info.backend_pid}"
        self._events = itertools.count(1)
        owner = self._rows["owners"] | {"owner": self._owner, "ordinal": self._own.info.backend_pid}
        self._insert("owners", owner)

    def _template(self, table: str) -> dict[str, Any]:
        cursor = self._own.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(table)))
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return dict(zip([column.name for column in cursor.description], row, strict=True))

    def call(self, number: str) -> None:
        row = self._rows["calls"] | {"msgid": number, "key": f"K{number}", "person": number}
        del row["id"]
        with self._own.transaction():
            call_id = self._insert("calls", row, " RETURNING id").fetchone()[0]  # type: ignore[index]
            self._event(call_id)
            key = {"key": f"K{number}", "call_id": call_id}
            self._insert("keys", self._rows["keys"] | key)
            self._beat()
        with self._own.transaction():
            self._own.execute(_ENDED, row | {"id": call_id})
            settled = {"call_id": call_id, "setl_id": f"S{number}"}
            self._insert("settlements", self._rows["settlements"] | settled)
            self._event(call_id)
            self._event(call_id)
            self._beat()

    def _event(self, call_id: int) -> None:
        self._insert(
            "events", self._rows["events"] | {"owner": self._owner, "number": next(self._events), "call_id": call_id}
        )

    def _beat(self) -> None:
        self._own.execute("UPDATE bare_owners SET events = events + 1 WHERE owner = %s", [self._owner])

    def _insert(self, table: str, row: dict[str, Any], more: str = "") -> psycopg.Cursor[Any]:
        names = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        return self._own.execute(f"INSERT INTO bare_{table} ({names}) VALUES ({values}){more}".encode(), row)


_ENDED = (
    "UPDATE bare_calls SET state = %(state)s, version = 2, answer = %(answer)s, finished_at = %(finished_at)s"
    " WHERE id = %(id)s AND version = %(version)s"
)


def work(how: str, url: str, callers: int) -> None:
    """Turns of ``callers`` threads, one for each line that comes in."""
    if how == "journal":
        journal = Journal(url, Vault(os.environ["LIANGDING_JOURNAL_KEY"]))
        calling = [lambda number: _call(journal, number)] * callers
    else:
        calling = [Bare(url).call for _ in range(callers)]
    print("ready", flush=True)
    for _ in sys.stdin:
        print(_turn(calling), flush=True)


def _turn(calling: Sequence[Any]) -> int:
    done = [0] * len(calling)
    until = time.perf_counter() + TURN_SECONDS

    def calls(which: int) -> None:
        while time.perf_counter() < until:
            calling[which](f"{os.getpid()}-{next(_numbers)}")
            done[which] += 1

    threads = [threading.Thread(target=calls, args=(which,)) for which in range(len(calling))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
