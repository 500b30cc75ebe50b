"""The jobs that there are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta

from ..catalogue.opening import arrivals, open_shelf
from ..catalogue.shelf import ShelfStanding
from ..catalogue.syncing import CatalogueSync
from ..config import Deployment
from ..errors import LiangdingError
from ..privacy import logger
from ..reconciliation.reconciling import reconcile
from ..runtime import Runtime
from ..uploads.queue import Uploads
from .declared import Job, JournalJob
from .procrastinated import ProcrastinateMover
from .working import AnyJobs, Jobs, JournalJobs, KeeperMover, by_store, no_such_job

log = logger("jobs")


def _catalogues(runtime: Runtime) -> str:
    """Every catalogue brought up to date. What could not be is told, and tried again."""
    shelf = open_shelf(runtime.deployment)
    try:
        found = list(CatalogueSync(runtime, shelf, arrivals(runtime.deployment)).sync())
    finally:
        shelf.close()
    failed = [each for each in found if isinstance(each, LiangdingError)]
    current = sum(isinstance(each, ShelfStanding) for each in found)
    if failed:
        raise LiangdingError(
            f"{current} 个目录是最新的，{len(failed)} 个没有办成：{failed[0].path} {failed[0].message}"
        )
    return f"{current} 个目录是最新的"


def _uploads(runtime: Runtime) -> str:
    """What is due of the daily uploads, sent."""
    return f"办了 {Uploads(runtime).drain()} 条"


def _reconciliation(runtime: Runtime) -> str:
    """The settlements of yesterday, held against the platform's. 3201 is not sent where it changes something."""
    day = runtime.now().date() - timedelta(days=1)
    report = reconcile(runtime, day, day, totals_too=False)
    if report.balanced:
        return f"{day}：平"
    told = f"{day}：{len(report.differences)} 处差异，{len(report.failures)} 组没有对成"
    log.warning("%s: %s (liangding reconcile --date %s)", runtime.deployment.name, told, day)
    return f"{told}；liangding reconcile --date {day}"


def _verification(runtimes: Sequence[Runtime]) -> str:
    """The journal verified from its last checkpoint on, and its head written outside it where that is set up: in a
    process of its own, so that no till waits."""
    heads = {each.folder / each.journal.heads: each for r in runtimes if (each := r.deployment).journal.heads}
    return "；".join(_verified(each) for each in heads.values() or [runtimes[0].deployment])


def _verified(deployment: Deployment) -> str:
    how = ["head"] if deployment.journal.heads else ["verify", "--checkpoint"]
    asked = [sys.executable, "-m", "liangding", "journal", *how, "--config", str(deployment.source)]
    done = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=False)
    told = (done.stdout.strip() or done.stderr.strip()).splitlines()
    if done.returncode:
        raise LiangdingError(
            f"流水校验没有通过：{told[-1] if told else done.returncode}", remedy="liangding journal verify"
        )
    return told[-1] if told else ""


ALL = (
    Job(name="catalogues", title="目录更新", schedule="off", work=_catalogues),
    Job(
        name="uploads", title="日常上传", schedule="every 1 minutes", work=_uploads,
        wanted=lambda runtime: Uploads(runtime).is_due(),
    ),
    Job(
        name="reconciliation", title="日对账", schedule="daily 06:10", work=_reconciliation,
        wanted=lambda runtime: runtime.journal.settlements.lately(runtime.now().date() - timedelta(days=32)),
    ),
)  # fmt: skip
"""What each deployment does."""

OF_A_JOURNAL = (JournalJob(name="verification", title="校验流水、记链头", schedule="daily 03:40", work=_verification),)
"""What is done once for a journal."""

NAMES = tuple(job.name for job in (*ALL, *OF_A_JOURNAL))


def jobs_of(runtime: Runtime) -> Jobs:
    """The jobs of a deployment. ConfigurationError where its file names one that there is not."""
    for name in runtime.deployment.jobs.schedule:
        if name not in NAMES:
            raise no_such_job(name, NAMES, "jobs.schedule")
    return Jobs(runtime, ALL)


def all_jobs(runtimes: Iterable[Runtime]) -> list[AnyJobs]:
    """The jobs of deployments, and those of the journals that they have. ConfigurationError."""
    own = [jobs_of(runtime) for runtime in runtimes]
    together = [[each.runtime for each in held] for held in by_store(own)]
    return [*own, *(JournalJobs(held, OF_A_JOURNAL) for held in together)]


def movers_of(runtimes: Iterable[Runtime]) -> list[KeeperMover | ProcrastinateMover]:
    """Who moves the jobs of these deployments, as their files say: one for all whose processes look for themselves, and
    one of procrastinate for each of its databases. ConfigurationError where that cannot be."""
    kept: list[AnyJobs] = []
    movers: list[KeeperMover | ProcrastinateMover] = []
    for held in by_store(all_jobs(runtimes)):
        handed = [each for each in held if each.runtime.deployment.jobs.mover == "procrastinate"]
        movers += [ProcrastinateMover(*handed)] if handed else []
        kept += [each for each in held if each not in handed]
    return [*([KeeperMover(*kept)] if kept else []), *movers]


def mover_of(jobs: AnyJobs) -> KeeperMover | ProcrastinateMover:
    """The same for jobs of one deployment or journal."""
    wanted = jobs.runtime.deployment.jobs.mover
    return ProcrastinateMover(jobs) if wanted == "procrastinate" else KeeperMover(jobs)
