"""For whoever operates the server: whether it lives, whether it can settle, and what a monitoring system counts.

``/v1/live`` asks nothing of anything. ``/v1/ready`` looks at what a settlement needs: room on the disk, the journal and
its key, the platform's line, the keeper. ``/metrics`` is for keys that have the right ``journal`` at every deployment.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import attrs
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..config import Deployment
from ..config.recording import journal_disk
from ..errors import LiangdingError
from ..journal import State
from ..runtime import Runtime
from .entering import ANYBODY, Entrance, NotAllowedHere
from .frame import guard, json_response
from .metrics import Metrics, NoMetrics

LEAST_BYTES = 200 * 1024**2
"""With less room on the disk the journal may not take the next call."""

KEEPER_SECONDS = 120.0
"""The keeper's rounds are seconds apart; after so long something holds them up."""

CONNECT_SECONDS = 3.0
HELD_SECONDS = 5.0
"""How long what was looked at is told again, so that asking often costs nothing."""

WORDS = {"disk": "磁盘", "journal": "流水与密钥", "line": "平台线路", "keeper": "后台查明", "unknown": "最久的结果不明"}


@attrs.frozen(kw_only=True)
class Checked:
    """One thing that was looked at. ``needed``: without it nothing can be settled."""

    what: str
    well: bool
    told: str = ""
    needed: bool = True

    def as_json(self) -> dict[str, object]:
        return attrs.asdict(self) | {"name": WORDS[self.what]}


class Operations:
    """What the whole server offers to its operators."""

    def __init__(self, runtimes: Mapping[str, Runtime], entrances: Mapping[str, Entrance]) -> None:
        self._runtimes, self._entrances = runtimes, entrances
        self._limiter: CapacityLimiter | None = None
        self._held: tuple[float, dict[str, list[Checked]]] | None = None
        self._metrics: Metrics | None = None
        with contextlib.suppress(NoMetrics):
            self._metrics = Metrics(runtimes.values())

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/live", guard(_live, None)),
            Route("/v1/ready", guard(self.ready, None)),
            Route("/metrics", guard(self.metrics, None)),
        ]

    async def ready(self, request: Request) -> Response:
        """200 where everything that a settlement needs is there, else 503; what was looked at, of the deployments of
        which the request has a key."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(2)
        found = await to_thread.run_sync(self._looked, limiter=self._limiter)
        known = [name for name, each in self._entrances.items() if await each.known(request)]
        if not known:
            await next(iter(self._entrances.values())).refuse(request)
        well = all(each.well for checks in found.values() for each in checks if each.needed)
        told: dict[str, object] = {"status": "ready" if well else "not ready"}
        if known:
            told["deployments"] = {name: [each.as_json() for each in found[name]] for name in known}
        return json_response(told, status=200 if well else 503)

    def _looked(self) -> dict[str, list[Checked]]:
        if self._held is not None and time.monotonic() - self._held[0] < HELD_SECONDS:
            return self._held[1]
        seen: dict[object, Checked] = {}
        found = {name: list(_of(runtime, seen)) for name, runtime in self._runtimes.items()}
        self._held = time.monotonic(), found
        return found

    async def metrics(self, request: Request) -> Response:
        """What was counted since the server began, of all deployments together."""
        for entrance in self._entrances.values():
            await _enter(entrance, request)
        if self._metrics is None:
            raise NoMetrics("没有安装指标部件 prometheus-client")
        if self._limiter is None:
            self._limiter = CapacityLimiter(2)
        written = await to_thread.run_sync(self._metrics.written, limiter=self._limiter)
        return Response(written, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _enter(entrance: Entrance, request: Request) -> None:
    """Unauthorised, NotAllowedHere where the request's key may not see the journal there."""
    client = await entrance.known(request)
    if client is None:
        await entrance.enter(request, "journal")
    elif client is not ANYBODY and "journal" not in client.roles:
        raise NotAllowedHere(
            f"密钥 {client.name} 没有 journal 权限", remedy="指标要一把对每个部署都有 journal 权限的密钥"
        )


async def _live(_: Request) -> Response:
    return json_response({"status": "alive"})


# -- what is looked at -------------------------------------------------------------------------------------------------


def _of(runtime: Runtime, seen: dict[object, Checked]) -> Iterator[Checked]:
    """What is looked at of a deployment. ``seen`` is what others share with it: each line is tried once, and a journal
    that does not answer is waited for once."""
    deployment = runtime.deployment
    yield _disk(deployment)
    store, url, unknown = runtime.journal.store, deployment.platform.url, []
    if store not in seen:
        try:
            unknown = [call for call in runtime.journal.pending() if call.state is State.UNKNOWN]
        except LiangdingError as failed:
            seen[store] = Checked(what="journal", well=False, told=failed.message)
    yield seen.get(store, Checked(what="journal", well=True))
    if url not in seen:
        seen[url] = _line(url)
    yield seen[url]
    now = runtime.clock.epoch()
    since = None if runtime.kept_at is None else now - runtime.kept_at
    told = "还没有做过一轮" if since is None else f"{since:.0f} 秒前"
    yield Checked(what="keeper", well=since is None or since < KEEPER_SECONDS, told=told)
    oldest = max((now - call.created_epoch for call in unknown), default=0.0)
    grace = deployment.resolution.grace_minutes * 60
    yield Checked(
        what="unknown", well=oldest <= grace, told=f"{len(unknown)} 笔，最久 {oldest:.0f} 秒", needed=False
    )  # fmt: skip


def _disk(deployment: Deployment) -> Checked:
    """Whether the disk still takes calls."""
    try:
        free = shutil.disk_usage(journal_disk(deployment)).free
    except OSError as failed:
        return Checked(what="disk", well=False, told=failed.strerror or type(failed).__name__)
    return Checked(what="disk", well=free >= LEAST_BYTES, told=f"还有 {free // 1024**2} MB")


def _line(url: str) -> Checked:
    """Whether the platform's address takes a connection."""
    parts = urlsplit(url)
    address = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection(address, timeout=CONNECT_SECONDS).close()
    except OSError as failed:
        return Checked(what="line", well=False, told=failed.strerror or type(failed).__name__)
    return Checked(what="line", well=True)
