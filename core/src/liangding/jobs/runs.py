"""What jobs were to be done when, by whom, and what became of it: a row for each run, in the journal's database.

The row is the record, whoever moves jobs between processes: a run is worked on by whom it says, and taken over when
that process is gone. Losing a mover's own state loses nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    or_,
    select,
    true,
)

from ..clock import in_china
from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.store import Tx

JOBS, FORM = "jobs", 1

metadata = MetaData()

runs = Table(
    "job_runs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("institution", String(30), nullable=False),
    Column("job", String(40), nullable=False),
    Column("slot", String(40), nullable=False),  # the time that it is the run of; one run for each
    Column("state", String(20), nullable=False),
    Column("due_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(100), nullable=False),
    Column("began_at", Float),
    Column("ended_at", Float),
    Column("said", String(500), nullable=False),
    UniqueConstraint("institution", "job", "slot", name="job_runs_slot"),
)
Index("job_runs_due", runs.c.state, runs.c.due_at)

pauses = Table(
    "job_pauses",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("job", String(40), primary_key=True),
    Column("at", Float, nullable=False),
)

KEPT_RUNS = 200
"""So many runs of a job are kept, the latest."""


class RunState(StrEnum):
    """Where a run stands; ``chinese`` is the word for operators."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def chinese(self) -> str:
        return {"waiting": "待办", "running": "在办", "done": "办完", "failed": "没办成"}[self.value]


@attrs.frozen(kw_only=True)
class Run:
    """One run of a job. ``slot`` names the time that it is for; ``said`` is what it came to, or why it failed, without
    personal data. Times in seconds."""

    id: int
    job: str
    slot: str
    state: RunState
    due_at: float
    attempts: int
    owner: str
    began_at: float | None
    ended_at: float | None
    said: str

    @property
    def ended(self) -> datetime | None:
        return None if self.ended_at is None else in_china(self.ended_at)


_FIELDS = tuple(attrs.fields_dict(Run))


WHOLE_JOURNAL = "*"
"""Stands for the institution in the rows of jobs that are a journal's."""


class Runs:
    """The runs of one institution's jobs, or of those of the whole journal."""

    def __init__(self, journal: JournalReading, institution: str) -> None:
        self._beside = Beside(journal, JOBS, metadata, FORM)
        self._institution = institution
        self._mine = runs.c.institution == institution

    def enter(self, job: str, slot: str, due_at: float) -> int | None:
        """A run that is to be made; its number, or None where that slot has its run already."""
        same = and_(self._mine, runs.c.job == job, runs.c.slot == slot)
        row = {
            "institution": self._institution, "job": job, "slot": slot, "state": RunState.WAITING.value,
            "due_at": due_at, "attempts": 0, "owner": "", "said": "",
        }  # fmt: skip

        def work(tx: Tx) -> int | None:
            if tx.execute(select(runs.c.id).where(same)).first() is not None:
                return None
            key = tx.execute(runs.insert(), row).inserted_primary_key
            assert key is not None
            return int(key[0])

        if self._beside.read(lambda c: c.execute(select(runs.c.id).where(same)).first()) is not None:
            return None
        return self._beside.write(work)

    def due(self, now: float) -> list[int]:
        """The runs that somebody may take: whose time has come, and whose process is gone; the oldest first. None of a
        job that is paused, or that is at work already."""
        query = _due(self._beside, now).where(self._mine).order_by(runs.c.due_at, runs.c.id)
        return [row.id for row in self._beside.read(lambda c: c.execute(query).all())]

    def take(self, number: int, now: float) -> Run | None:
        """Take a run; None where somebody else has it, or its time has not come."""
        query = _due(self._beside, now).where(self._mine, runs.c.id == number).with_for_update(skip_locked=True)

        def work(tx: Tx) -> Run | None:
            if tx.execute(query).first() is None:
                return None
            row = tx.execute(select(runs).where(runs.c.id == number)).one()
            taken = {"state": RunState.RUNNING.value, "owner": self._beside.owner, "began_at": now}
            tx.execute(runs.update().where(runs.c.id == number).values(taken | {"attempts": row.attempts + 1}))
            return attrs.evolve(_run(row), attempts=row.attempts + 1, state=RunState.RUNNING, owner=self._beside.owner)

        return self._beside.write(work)

    def end(self, run: Run, state: RunState, at: float, said: str, *, due_at: float | None = None) -> bool:
        """What a run came to; with ``due_at`` it is tried again then. False where it was taken over meanwhile."""
        mine = and_(runs.c.id == run.id, runs.c.owner == self._beside.owner, runs.c.attempts == run.attempts)
        values = {
            "state": state.value,
            "ended_at": at,
            "said": said[:500],
            "due_at": run.due_at if due_at is None else due_at,
        }
        ended = self._beside.write(lambda tx: tx.execute(runs.update().where(mine).values(values)).rowcount == 1)
        self._forget(run.job)
        return ended

    def _forget(self, job: str) -> None:
        of_job = and_(self._mine, runs.c.job == job, runs.c.state.in_([RunState.DONE.value, RunState.FAILED.value]))
        kept = select(runs.c.id).where(of_job).order_by(runs.c.id.desc()).limit(KEPT_RUNS)
        oldest = self._beside.read(lambda c: min(c.scalars(kept), default=0))
        older = select(runs.c.id).where(of_job, runs.c.id < oldest).limit(1)
        if oldest and self._beside.read(lambda c: c.scalar(older)):
            self._beside.write(lambda tx: tx.execute(delete(runs).where(of_job, runs.c.id < oldest)))

    def get(self, number: int) -> Run:
        return _run(self._beside.read(lambda c: c.execute(select(runs).where(self._mine, runs.c.id == number)).one()))

    def latest(self, job: str, most: int = 1) -> list[Run]:
        """The latest runs of a job, the last one first."""
        query = select(runs).where(self._mine, runs.c.job == job).order_by(runs.c.id.desc()).limit(most)
        return [_run(row) for row in self._beside.read(lambda c: c.execute(query).all())]

    def pause(self, job: str, at: float) -> None:
        """No run of the job is begun until it is resumed."""
        row = {"institution": self._institution, "job": job, "at": at}

        def work(tx: Tx) -> None:
            tx.execute(delete(pauses).where(pauses.c.institution == self._institution, pauses.c.job == job))
            tx.execute(pauses.insert(), row)

        self._beside.write(work)

    def resume(self, job: str) -> None:
        where = and_(self._pausing, pauses.c.job == job)
        self._beside.write(lambda tx: tx.execute(delete(pauses).where(where)))

    def paused(self) -> set[str]:
        query = select(pauses.c.job).where(self._pausing)
        return set(self._beside.read(lambda c: c.scalars(query).all()))

    @property
    def _pausing(self) -> ColumnElement[bool]:
        """Who may have paused a job: of the whole journal's any institution, before it was the journal's."""
        return true() if self._institution == WHOLE_JOURNAL else pauses.c.institution == self._institution


class AllRuns:
    """The runs of a journal, whoever's they are."""

    def __init__(self, journal: JournalReading) -> None:
        self._beside = Beside(journal, JOBS, metadata, FORM)

    def due(self, now: float) -> list[tuple[str, int]]:
        """The runs that somebody may take, each with whose it is; the oldest first."""
        query = _due(self._beside, now).order_by(runs.c.due_at, runs.c.id)
        return [(row.institution, row.id) for row in self._beside.read(lambda c: c.execute(query).all())]

    def whose(self, number: int) -> str | None:
        """Whose run it is; None where there is none of that number."""
        query = select(runs.c.institution).where(runs.c.id == number)
        return self._beside.read(lambda c: c.scalar(query))


def _due(beside: Beside, now: float) -> Select[Any]:
    """Number and institution of the runs that may be taken."""
    gone = beside.gone(runs, RunState.RUNNING.value)
    left = and_(runs.c.state == RunState.RUNNING.value, runs.c.owner.in_(gone))
    waiting = and_(runs.c.state == RunState.WAITING.value, runs.c.due_at <= now)
    other = runs.alias("other")
    busy = exists().where(
        other.c.institution == runs.c.institution, other.c.job == runs.c.job,
        other.c.state == RunState.RUNNING.value, other.c.owner.not_in(gone),
    )  # fmt: skip
    paused = exists().where(
        or_(pauses.c.institution == runs.c.institution, runs.c.institution == WHOLE_JOURNAL),
        pauses.c.job == runs.c.job,
    )  # fmt: skip
    return select(runs.c.id, runs.c.institution).where(or_(left, waiting), ~busy, ~paused)


def _run(row: Row[Any]) -> Run:
    told = {name: getattr(row, name) for name in _FIELDS}
    return Run(**told | {"state": RunState(row.state)})
