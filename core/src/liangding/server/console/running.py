"""部署与健康: versions, line, journal, disk."""

from __future__ import annotations

import shutil
from typing import Any

from starlette.responses import Response

from ... import __version__
from ...errors import LiangdingError
from ...rollout.fleet import glance_at
from ...runtime import Runtime
from ...wire.gm import engine_name
from .frame import PageVisit
from .rights import Right


def shown(visit: PageVisit) -> Response:
    return _page(visit, {})


def _page(visit: PageVisit, verified: dict[str, list[str]]) -> Response:
    seen = visit.site.seen_by(visit.person, Right.OPERATE)
    rows = [_of(name, runtime) for name, runtime in seen.items()]
    return visit.render("running.html", rows=rows, verified=verified, version=__version__)


def _of(name: str, runtime: Runtime) -> dict[str, Any]:
    glance = glance_at(runtime.known, lambda: runtime.journal, runtime.clock)
    platform = runtime.deployment.platform
    return {
        "d": name, "glance": glance, "institution": runtime.deployment.institution, "environment": platform.environment,
        "sm2": _sm2(), "free": _free(runtime), "keys": runtime.deployment.clients(),
        "settings": runtime.deployment.resolution,
    }  # fmt: skip


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
