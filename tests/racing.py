"""A process of several desks that all want to settle the same bills of the same persons: run by test_locks.

Arguments: the journal's URL and its key, and a number that is this process's own. On the standard input a line to
begin. Who holds a record and would send, says so in a table of the test's own, by key and by person; two at the same
time are told on the standard output, as is each bill that was settled.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import threading
import time
import traceback
from typing import Any

import psycopg

from liangding.journal import Existing, Held, Journal, NewCall, Opened, Outcome, State, Vault

BILLS = tuple((f"B{n}", f"4419000000000000000{n % 2}") for n in range(8))
DESKS = 3
SHARE = 0.2
"""Of what is sent, so much is settled; the rest has not left, and is tried again by whoever comes."""


class Desk:
    """One thread that goes on until every bill is settled, by whomever."""

    def __init__(self, journal: Journal, url: str, numbers: itertools.count[int], seed: int) -> None:
        self._journal, self._numbers = journal, numbers
        self._random = random.Random(seed)
        self._sending = psycopg.connect(url, autocommit=True)

    def work(self) -> None:
        bills = list(BILLS)
        while bills:
            bill = self._random.choice(bills)
            if self._is_settled(*bill):
                bills.remove(bill)

    def _is_settled(self, key: str, person: str) -> bool:
        number = next(self._numbers)
        new = NewCall(
            deployment="test", institution="P44190000001", infno="2102", msgid=f"P44190000001{number:018d}",
            operator="001", changes=True, holds=True, request=b"{}", content=key, at=time.time(), key=key,
            person=person,
        )  # fmt: skip
        made = self._journal.open_call(new, again=True)
        if isinstance(made, Held):
            return False
        if isinstance(made, Existing):
            return made.call.state is State.ACCEPTED
        self._send(made, key, person)
        return False

    def _send(self, made: Opened, key: str, person: str) -> None:
        try:
            self._sending.execute("INSERT INTO sending VALUES (%s), (%s)", [key, person])
        except psycopg.errors.UniqueViolation:
            print(f"two at once: {key}", flush=True)
        accepted = self._random.random() < SHARE
        if accepted:
            print(f"settled: {key}", flush=True)
        self._sending.execute("DELETE FROM sending WHERE what IN (%s, %s)", [key, person])
        state = State.ACCEPTED if accepted else State.NOT_SENT
        assert self._journal.close_call(made, Outcome(state=state, at=time.time()))


def give_up(failed: Any) -> None:
    """One desk that fails is the end of all."""
    traceback.print_exception(failed.exc_value)
    os._exit(1)


def main(url: str, secret: str, own: int) -> None:
    journal = Journal(url, Vault(secret))
    numbers = itertools.count(own * 1_000_000)
    desks = [Desk(journal, url, numbers, own * DESKS + n) for n in range(DESKS)]
    print("ready", flush=True)
    sys.stdin.readline()
    threading.excepthook = give_up
    threads = [threading.Thread(target=desk.work) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
