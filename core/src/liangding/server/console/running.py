"""部署与健康: versions, line, journal, disk."""

from __future__ import annotations

import shutil
from typing import Any

from starlette.responses import Response

from ... import __version__
from ...errors import LiangdingError
from ...rollout.doctor import HealthFinding, examined
from ...rollout.fleet import glance_at
from ...runtime import Runtime
from ...wire.gm import engine_name
from .frame import PageVisit
from .rights import Right


def shown(visit: PageVisit) -> Response:
    return _page(visit, {})


def examine(visit: PageVisit) -> Response:
    """Try the line, sign-in, devices, catalogues, keys and disk now; nothing is settled."""
    runtime = visit.runtime
    return _page(visit, {}, list(examined(runtime.deployment, runtime.clock)))


def _page(visit: PageVisit, verified: dict[str, list[str]], findings: list[HealthFinding] | None = None) -> Response:
    seen = visit.site.seen_by(visit.person, Right.OPERATE)
    rows = [_of(name, runtime) for name, runtime in seen.items()]
    return visit.render(
        "running.html", rows=rows, verified=verified, version=__version__, d=visit.deployment, findings=findings
    )


def _of(name: str, runtime: Runtime) -> dict[str, Any]:
    glance = glance_at(runtime.known, lambda: runtime.journal, runtime.clock)
    platform = runtime.deployment.platform
    return {
        "d": name, "glance": glance, "institution": runtime.deployment.institution, "environment": platform.environment,
        "sm2": _sm2(), "free": _free(runtime), "keys": runtime.deployment.clients(),
        "settings": runtime.deployment.resolution, "checked": _checked(runtime),
    }  # fmt: skip


def _checked(runtime: Runtime) -> str:
    """When the journal was held against its chain last, as far as that was written down, and what came of it."""
    found = [event for event in runtime.journal.reports(0.0) if event.kind == "verified"]
    if not found:
        return "没有记下"
    problems = found[0].detail.get("problems")
    return f"{found[0].at:%m-%d %H:%M}，{f'{problems} 处不对' if problems else '完好'}"


def _sm2() -> str:
    try:
        return engine_name()
    except LiangdingError as missing:
        return missing.message


def _free(runtime: Runtime) -> str:
    """What is free of the disk that the deployment's folder is on."""
    return f"{shutil.disk_usage(runtime.deployment.folder).free / 2**30:.1f} GB"


def verify(visit: PageVisit) -> Response:
    """Hold the journal against its chain now."""
    problems = visit.runtime.journal.verify()
    visit.runtime.journal.report("verified", {"problems": len(problems)})
    return _page(visit, {visit.deployment: problems})
