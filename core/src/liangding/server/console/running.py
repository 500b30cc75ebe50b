"""部署与健康: versions, keys and certificates, line, journal, disk, processes; verified, tried and copied from here."""

from __future__ import annotations

import shutil
from typing import Any

from starlette.responses import Response

from ... import __version__
from ...clock import in_china
from ...config.recording import copies_of, heads_of, journal_disk, read_whole_journal
from ...errors import LiangdingError
from ...journal.presence import WorkingProcess
from ...rollout.doctor import HealthFinding, examined
from ...rollout.fleet import glance_at
from ...rollout.standing import certificates_of, keys_of, last_verified, versions_of
from ...runtime import Runtime
from ...wire.gm import engine_name
from .frame import PageVisit
from .rights import Right

BACKUPS, SUFFIX, COPIES = "backups", ".db", 10
"""The folder beside the deployment's file into which the journal is copied from here, how a copy's name ends, and how
many the page names."""


def shown(visit: PageVisit) -> Response:
    return _page(visit)


def examine(visit: PageVisit) -> Response:
    """Try the line, sign-in, devices, catalogues, keys and disk now; nothing is settled."""
    runtime = visit.runtime
    return _page(visit, findings=list(examined(runtime.deployment, runtime.clock)))


def _page(
    visit: PageVisit, told: str = "", *, wrong: bool = False, findings: list[HealthFinding] | None = None
) -> Response:
    seen = visit.site.seen_by(visit.person, Right.OPERATE)
    rows = [_of(name, runtime) for name, runtime in seen.items()]
    return visit.render(
        "running.html", rows=rows, told=told, wrong=wrong, version=__version__, d=visit.deployment, findings=findings,
    )  # fmt: skip


def _of(name: str, runtime: Runtime) -> dict[str, Any]:
    deployment, journal, now = runtime.deployment, runtime.journal, runtime.now()
    heads = heads_of(deployment)
    return {
        "d": name, "glance": glance_at(runtime.known, lambda: journal, runtime.clock), "deployment": deployment,
        "sm2": _sm2(), "free": f"{shutil.disk_usage(journal_disk(deployment)).free / 2**30:.1f} GB", "now": now,
        "clients": deployment.clients(), "versions": versions_of(deployment), "secrets": keys_of(deployment, journal),
        "certificates": certificates_of(deployment), "verified": last_verified(journal),
        "kept": heads.last() if heads is not None else None, "heads": heads is not None,
        "processes": [_process(each, journal.owner) for each in journal.processes()], "copies": _copies(runtime),
    }  # fmt: skip


def _process(process: WorkingProcess, own: str) -> str:
    at, heard = in_china(process.started_at), in_china(process.beat_at)
    here = "，就是这个" if process.owner == own else ""
    return f"{process.machine} 进程 {process.number}，{at:%m-%d %H:%M} 起，{heard:%m-%d %H:%M:%S} 还在{here}"


def _copies(runtime: Runtime) -> list[str]:
    """The copies that were made from here, the latest first."""
    found = sorted((runtime.deployment.folder / BACKUPS).glob(f"*{SUFFIX}"), reverse=True)
    return [f"{path.name}（{path.stat().st_size / 2**20:.1f} MB）" for path in found[:COPIES]]


def _sm2() -> str:
    try:
        return engine_name()
    except LiangdingError as missing:
        return missing.message


def verify(visit: PageVisit) -> Response:
    """Hold the journal against its chain, and against the head that is written outside it, now; what was found is
    written down."""
    deployment, heads = visit.runtime.deployment, heads_of(visit.runtime.deployment)
    with read_whole_journal(deployment) as opened:
        if heads is not None:
            opened.store.read(heads.hold)
        found = opened.examine(full=None)
    journal = visit.runtime.journal
    journal.report("verified", {"head": found.head.short, "calls": found.calls, "problems": len(found.faults)})
    if not found.faults:
        journal.keep_checkpoint(found.checkpoint)
    return _page(visit, "；".join(found.faults) or f"流水完好：{found.as_text()}", wrong=bool(found.faults))


def back_up(visit: PageVisit) -> Response:
    """Copy the journal beside the deployment's file while it is at work, verified, with its head."""
    runtime = visit.runtime
    name = f"{runtime.deployment.name}-{runtime.now():%Y%m%d-%H%M%S}{SUFFIX}"
    found = copies_of(runtime.deployment).back_up(runtime.deployment.folder / BACKUPS / name)
    runtime.journal.report("backed_up", {"head": found.head.short, "calls": found.calls, "file": name})
    told = f"备份在 {BACKUPS}/{name}：{found.as_text()}。把它拷到另一块盘上"
    return _page(visit, "；".join(found.faults) or told, wrong=bool(found.faults))
