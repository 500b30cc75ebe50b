"""Jobs at work: entered when their time comes, taken by whichever process is free, tried again after failures."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ..clock import CHINA
from ..errors import ConfigurationError, LiangdingError
from ..journal.asking import asked_by
from ..privacy import logger
from ..runtime import Runtime
from ..structuring import nearest
from .declared import Job
from .runs import Run, Runs, RunState

log = logger("jobs")

ATTEMPTS = 6
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 3600.0
"""Before a failed run is tried again: twice as long each time, up to the longest."""


class Jobs:
    """The jobs of one deployment. Several processes on one journal share them: a run is one process's."""

    def __init__(self, runtime: Runtime, jobs: Iterable[Job]) -> None:
        self.runtime = runtime
        self.jobs = {job.name: job for job in jobs}
        self.runs = Runs(runtime.journal, runtime.deployment.institution.code)
        unknown = [name for name in runtime.deployment.jobs.schedule if name not in self.jobs]
        if unknown:
            raise ConfigurationError(
                f"没有名为 {unknown[0]} 的作业{nearest(unknown[0], self.jobs)}", path="jobs.schedule",
                remedy=f"有：{'、'.join(self.jobs)}",
            )  # fmt: skip

    def job(self, name: str) -> Job:
        """The job of that name. ConfigurationError where there is none."""
        if name not in self.jobs:
            raise ConfigurationError(
                f"没有名为 {name} 的作业{nearest(name, self.jobs)}", remedy=f"有：{'、'.join(self.jobs)}"
            )
        return self.jobs[name]

    def enter(self) -> list[int]:
        """Enter the runs whose time has come; their numbers. A time that was missed is made up for once."""
        now, entered = self.runtime.now(), []
        for job in self.jobs.values():
            last = job.when(self.runtime).last(now)
            if last is not None:
                number = self.runs.enter(job.name, f"{last:%Y-%m-%d %H:%M}", last.replace(tzinfo=CHINA).timestamp())
                entered += [] if number is None else [number]
        return entered

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
                self._end(run, RunState.FAILED, "这个版本没有这个作业")
            else:
                self._end(run, RunState.DONE, job.work(self.runtime))
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


STEP_SECONDS, LEAVE_SECONDS = 5.0, 10.0


class KeeperMover:
    """Each process looks for itself what is due, in a thread of its own while the ``with`` block runs."""

    def __init__(self, jobs: Jobs, *, step: float = STEP_SECONDS) -> None:
        self._jobs, self._step = jobs, step
        self._closed = threading.Event()
        name = f"jobs of {jobs.runtime.deployment.name}"
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def __enter__(self) -> KeeperMover:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(LEAVE_SECONDS)

    def _work(self) -> None:
        with asked_by("jobs", self._jobs.runtime.deployment.name):
            while not self._closed.is_set():
                try:
                    self._jobs.round()
                except LiangdingError as failed:
                    log.warning("jobs wait: %s", failed.code)
                except Exception:
                    log.exception("a round of jobs broke off")
                self._closed.wait(self._step)
