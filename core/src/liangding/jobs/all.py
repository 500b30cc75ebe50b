"""The jobs that there are."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from ..catalogue.opening import arrivals, open_shelf
from ..catalogue.shelf import ShelfStanding
from ..catalogue.syncing import CatalogueSync
from ..errors import LiangdingError
from ..reconciliation.reconciling import reconcile
from ..runtime import Runtime
from ..uploads.queue import Uploads
from .declared import Job
from .procrastinated import ProcrastinateMover
from .working import Jobs, KeeperMover


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
    return f"{day}：{len(report.differences)} 处差异，{len(report.failures)} 组没有对成"


def _verification(runtime: Runtime) -> str:
    """The journal verified from its last checkpoint on, and its head written outside it where that is set up: in a
    process of its own, so that no till waits."""
    deployment = runtime.deployment
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
    Job(name="uploads", title="日常上传", schedule="every 1 minutes", work=_uploads),
    Job(name="verification", title="校验流水、记链头", schedule="daily 03:40", work=_verification),
    Job(name="reconciliation", title="日对账", schedule="off", work=_reconciliation),
)


def jobs_of(runtime: Runtime) -> Jobs:
    """The jobs of a deployment. ConfigurationError where its file names one that there is not."""
    return Jobs(runtime, ALL)


def mover_of(jobs: Jobs) -> KeeperMover | ProcrastinateMover:
    """Who moves a deployment's jobs, as its file says. ConfigurationError where that cannot be."""
    wanted = jobs.runtime.deployment.jobs.mover
    return ProcrastinateMover(jobs) if wanted == "procrastinate" else KeeperMover(jobs)
