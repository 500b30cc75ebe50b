"""One 9001 at a time for an operator: in this process by a promise that the others wait for, across processes by a row
beside the journal. Who waits gets the number that the other one was given.

Nobody waits for long: a process that is gone is taken over from, one that neither signs in nor dies is waited for as
long as an answer of the platform may take, and where an attempt failed whoever waited for it tries at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress

from sqlalchemy import Column, ColumnElement, MetaData, String, Table, and_, select

from ..clock import Clock
from ..errors import LiangdingError
from ..journal import Journal
from ..journal.beside import Beside
from ..journal.store import Tx

FORM = 1

metadata = MetaData()

turns = Table(
    "signing_in",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("operator", String(30), primary_key=True),
    Column("owner", String(100), nullable=False),
)

FIRST_LOOK, LONGEST_LOOK = 0.05, 0.5
"""Seconds until it is looked again whether another process has done it: the first time, and at most."""


class Together:
    """In this process: who comes while somebody signs an operator in gets what that one gets."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._under_way: dict[str, tuple[Future[str], int]] = {}

    def do(self, operator: str, work: Callable[[], str]) -> str:
        """What ``work`` gives, or raises, to the first of those who come at the same time."""
        while True:
            with self._mutex:
                promised, by = self._under_way.get(operator, (None, 0))
                if promised is None:
                    mine: Future[str] = Future()
                    self._under_way[operator] = mine, threading.get_ident()
                    break
            if by == threading.get_ident():  # signing in made a call that wants to be signed in
                return work()
            with suppress(CancelledError):
                return promised.result()
        try:
            number = work()
        except Exception as failed:
            mine.set_exception(failed)
            raise
        else:
            mine.set_result(number)
            return number
        finally:
            with self._mutex:
                del self._under_way[operator]
            mine.cancel()  # where neither came of it: this thread is being ended


class Turns:
    """Across the processes of one journal: whose turn it is to sign an operator of ``institution`` in. ``seconds`` is
    how long another one is waited for at most, by ``clock``."""

    def __init__(self, journal: Journal, institution: str, clock: Clock, seconds: float) -> None:
        self._journal, self._institution, self._clock, self._seconds = journal, institution, clock, seconds
        self._opened: Beside | None = None

    @contextmanager
    def of(self, operator: str, done: Callable[[], bool]) -> Iterator[None]:
        """While the block runs, nobody else signs the operator in; or somebody has (``done``) or has tried."""
        mine = self._taken(operator, done)
        try:
            yield
        except Exception:
            self._leave(operator, mine)
            raise
        self._leave(operator, mine)  # a process that is being ended leaves nothing: it is taken over from

    @property
    def _beside(self) -> Beside:
        if self._opened is None:
            self._opened = Beside(self._journal, "signing_in", metadata, FORM)
        return self._opened

    def _taken(self, operator: str, done: Callable[[], bool]) -> bool:
        """Whether the turn is this process's."""
        waited, pause, over = 0.0, FIRST_LOOK, ""
        while holder := self._take(operator, over):
            while waited < self._seconds:
                if done() or self._holder(operator) != holder:
                    return False
                if self._journal.is_gone(holder):
                    break
                self._clock.sleep(pause)
                waited, pause = waited + pause, min(pause * 1.5, LONGEST_LOOK)
            over = holder
        return True

    def _row(self, operator: str) -> ColumnElement[bool]:
        return and_(turns.c.institution == self._institution, turns.c.operator == operator)

    def _take(self, operator: str, over: str) -> str:
        """Take the turn where nobody has it, or ``over`` has; whose it is, empty where it is ours."""
        me, where = self._beside.owner, self._row(operator)

        def work(tx: Tx) -> str:
            held: str | None = tx.execute(select(turns.c.owner).where(where)).scalar()
            if held is None:
                tx.execute(turns.insert(), {"institution": self._institution, "operator": operator, "owner": me})
            elif held in (me, over):
                tx.execute(turns.update().where(where).values(owner=me))
            else:
                return held
            return ""

        return self._beside.write(work)

    def _holder(self, operator: str) -> str | None:
        query = select(turns.c.owner).where(self._row(operator))
        found: str | None = self._beside.read(lambda connection: connection.execute(query).scalar())
        return found

    def _leave(self, operator: str, mine: bool) -> None:
        if mine:
            row = and_(self._row(operator), turns.c.owner == self._beside.owner)
            with suppress(LiangdingError):
                self._beside.write(lambda tx: tx.execute(turns.delete().where(row)))
