"""Jobs at work: entered when their time comes, taken by whichever process is free, tried again after failures."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from ..clock import CHINA
from ..errors import ConfigurationError, LiangdingError
from ..journal.asking import asked_by
from ..privacy import logger
from ..runtime import Runtime
from ..structuring import nearest
from .declared import Job, JournalJob
from .hands import Hands
from .runs import WHOLE_JOURNAL, AllRuns, Run, Runs, RunState

log = logger("jobs")

ATTEMPTS = 6
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 3600.0
"""Before a failed run is tried again: twice as long each time, up to the longest."""


J = TypeVar("J", Job, JournalJob)


class SharedJobs(ABC, Generic[J]):
    """Jobs that several processes on one journal share: a run is one process's. What :class:`Jobs` and
    :class:`JournalJobs` have in common."""

    def __init__(self, runtime: Runtime, whose: str, jobs: Iterable[J]) -> None:
        self.runtime = runtime
        """Whose clock and journal they go by."""
        self.whose = whose
        self.jobs: dict[str, J] = {job.name: job for job in jobs}
        self.runs = Runs(runtime.journal, whose)
        self._entered: dict[str, datetime] = {}

    def job(self, name: str) -> J:
        """The job of that name. ConfigurationError where there is none."""
        if name not in self.jobs:
            raise no_such_job(name, self.jobs)
        return self.jobs[name]

    def enter(self) -> list[int]:
        """Enter the runs whose time has come; their numbers. A time that was missed is made up for once."""
        now, entered = self.runtime.now(), []
        for job in self.jobs.values():
            last = self._last(job, now)
            if last is None or self._entered.get(job.name) == last:
                continue
            if self._wanted(job):
                number = self.runs.enter(job.name, f"{last:%Y-%m-%d %H:%M}", last.replace(tzinfo=CHINA).timestamp())
                entered += [] if number is None else [number]
            self._entered[job.name] = last
        return entered

    @abstractmethod
    def _last(self, job: J, now: datetime) -> datetime | None:
        """The latest time of a job up to now; None where it has none."""

    def _wanted(self, job: J) -> bool:
        """Whether there is anything to do."""
        return True

    @abstractmethod
    def _do(self, job: J) -> str:
        """Do it; what came of it."""

    def enter_now(self, name: str) -> int:
        """A run that somebody asks for, beside those of the schedule."""
        number = self.runs.enter(self.job(name).name, f"asked {self.runtime.new_id()[:16]}", self.runtime.clock.epoch())
        assert number is not None
        return number

    def work(self, number: int) -> Run | None:
        """Make a run, if it is free; None where it is not. What fails is noted, and never raised."""
        run = self.runs.take(number, self.runtime.clock.epoch())
        if run is None:
            return None
        job = self.jobs.get(run.job)
        try:
            if job is None:
                self._end(run, RunState.FAILED, "这个版本在这里没有这个作业")
            else:
                self._end(run, RunState.DONE, self._do(job))
        except LiangdingError as failed:
            self._fail(run, failed.message)
        except Exception as unexpected:
            log.exception("job %s broke off", run.job)
            self._fail(run, f"出错（{type(unexpected).__name__}）")
        return self.runs.get(number)

    def _fail(self, run: Run, why: str) -> None:
        log.warning("job %s of %s failed: %s", run.job, run.slot, why)
        if run.attempts >= ATTEMPTS:
            self._end(run, RunState.FAILED, why)
            return
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (run.attempts - 1), LONGEST_PAUSE_SECONDS)
        self._end(run, RunState.WAITING, why, due_at=self.runtime.clock.epoch() + pause)

    def _end(self, run: Run, state: RunState, said: str, due_at: float | None = None) -> None:
        self.runs.end(run, state, self.runtime.clock.epoch(), said, due_at=due_at)

    def round(self) -> int:
        """Enter what is due, and make every run that is free; how many were made."""
        self.enter()
        return sum(self.work(number) is not None for number in self.runs.due(self.runtime.clock.epoch()))


class Jobs(SharedJobs[Job]):
    """The jobs of one deployment."""

    def __init__(self, runtime: Runtime, jobs: Iterable[Job]) -> None:
        super().__init__(runtime, runtime.deployment.institution.code, jobs)

    def _last(self, job: Job, now: datetime) -> datetime | None:
        return job.when(self.runtime).last(now)

    def _wanted(self, job: Job) -> bool:
        return job.wanted is None or job.wanted(self.runtime)

    def _do(self, job: Job) -> str:
        return job.work(self.runtime)


class JournalJobs(SharedJobs[JournalJob]):
    """The jobs of a whole journal: done once, for all the deployments on it. Where these say different times, each of
    their times counts."""

    def __init__(self, runtimes: Sequence[Runtime], jobs: Iterable[JournalJob]) -> None:
        super().__init__(runtimes[0], WHOLE_JOURNAL, jobs)
        self._runtimes = tuple(runtimes)

    def _last(self, job: JournalJob, now: datetime) -> datetime | None:
        schedules = {job.when(runtime) for runtime in self._runtimes}
        return max((last for each in schedules if (last := each.last(now)) is not None), default=None)

    def _do(self, job: JournalJob) -> str:
        return job.work(self._runtimes)


def no_such_job(name: str, there: Iterable[str], path: str = "") -> ConfigurationError:
    """What is said of a job that there is not."""
    names = list(there)
    return ConfigurationError(
        f"没有名为 {name} 的作业{nearest(name, names)}", path=path, remedy=f"有：{'、'.join(names)}"
    )


AnyJobs = Jobs | JournalJobs

STEP_SECONDS, LEAVE_SECONDS = 5.0, 10.0


class KeeperMover:
    """This process looks for itself what is due of the jobs that it is given, while the ``with`` block runs: one thread
    looks, a few make the runs, whatever the number of deployments."""

    def __init__(self, jobs: AnyJobs, *others: AnyJobs, step: float = STEP_SECONDS) -> None:
        self._of_store = by_store((jobs, *others))
        self._step = step
        self._closed = threading.Event()
        self._hands = Hands("jobs")
        self._thread = threading.Thread(target=self._look, name="jobs", daemon=True)

    def __enter__(self) -> KeeperMover:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(LEAVE_SECONDS)
        self._hands.close(LEAVE_SECONDS)

    def _look(self) -> None:
        while True:
            for held in self._of_store:
                tried(lambda held=held: self._give(held))  # type: ignore[misc]
            self._hands.press()
            if self._closed.wait(self._step):
                return

    def _give(self, held: list[AnyJobs]) -> None:
        """Enter what is due of the jobs of one journal, and have what is free done."""
        for whose, numbers in due_of(held).items():
            self._hands.give(id(whose), lambda whose=whose, numbers=numbers: self._make(whose, numbers))  # type: ignore[misc]

    def _make(self, whose: AnyJobs, numbers: list[int]) -> None:
        with asked_by("jobs", whose.runtime.deployment.name):
            for number in numbers:
                if not self._closed.is_set():
                    tried(lambda number=number: whose.work(number))  # type: ignore[misc]


def by_store(jobs: Iterable[AnyJobs]) -> list[list[AnyJobs]]:
    """Jobs put together by the database that their runs are in."""
    found: dict[int, list[AnyJobs]] = {}
    for each in jobs:
        found.setdefault(id(each.runtime.journal.store), []).append(each)
    return list(found.values())


def due_of(held: list[AnyJobs]) -> dict[AnyJobs, list[int]]:
    """Of the jobs of one journal, the runs that somebody may take, those entered whose time has come."""
    for each in held:
        tried(each.enter)
    clock = held[0].runtime.clock
    whose = {each.whose: each for each in held}
    found: dict[AnyJobs, list[int]] = {}
    for institution, number in AllRuns(held[0].runtime.journal).due(clock.epoch()):
        if institution in whose:
            found.setdefault(whose[institution], []).append(number)
    return found


def tried(part: Callable[[], object]) -> None:
    """Do it; what fails is in the log, and ends nothing."""
    try:
        part()
    except LiangdingError as failed:
        log.warning("jobs wait: %s", failed.code)
    except Exception:
        log.exception("a round of jobs broke off")
