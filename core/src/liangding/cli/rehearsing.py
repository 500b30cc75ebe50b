"""``liangding trial``: what ``packaging/compose-trial.yaml`` starts, by one command and without containers."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import attrs
from cyclopts import Parameter

from ..config import Deployment, load_deployment
from ..config.clients import LOOPBACK
from ..errors import ConfigurationError
from .app import Config
from .output import console

LIVED_SECONDS, PAUSE_SECONDS = 10.0, 1.0
"""What dies earlier is started anew after a pause, so that a mistake does not keep the machine busy."""

MOST_SERVERS = 8

LEDGER = ".platform.db"
"""What the platform's ledger is called behind the name of the deployment's file, where nothing else is said."""


@attrs.define
class _Started:
    """One of the processes: its command, and when it began."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes]
    began: float


def trial(
    *,
    config: Config,
    servers: Annotated[int, Parameter(help="几个服务，端口从 server.port 往上数 · how many servers")] = 2,
    port: Annotated[int | None, Parameter(help="第一个服务的端口；不给看部署文件")] = None,
    ledger: Annotated[
        Path | None, Parameter(help="模拟平台的账本文件；不给则在部署文件旁边 · where the platform keeps its ledger")
    ] = None,
) -> None:
    """试运行：模拟平台和同一机构的几个服务，一条命令 · The simulated platform and several servers of one institution.

    What dies is started anew, the platform with its ledger; SIGTERM or Ctrl+C ends all of them in order, and they end
    by themselves where this command is killed. The journal is one PostgreSQL.
    """
    deployment = load_deployment(config)
    _refuse(deployment, servers)
    first, ended = deployment.server.port if port is None else port, threading.Event()
    kept = ledger or deployment.source.with_name(f"{deployment.source.stem}{LEDGER}")
    commands = {"simulate": ["simulate", "--config", str(config), "--ledger", str(kept)]} | {
        f"serve {number}": ["serve", "--config", str(config), "--port", str(first + number)]
        for number in range(servers)
    }
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    started = [_start(name, arguments) for name, arguments in commands.items()]
    try:
        while not ended.wait(0.2):
            for each in started:
                if each.process.poll() is not None:
                    _start_anew(each, ended)
    finally:
        for each in reversed(started):  # the platform last: what is under way is still answered
            _end(each)


def _refuse(deployment: Deployment, servers: int) -> None:
    """ConfigurationError where a trial cannot be, or is not one."""
    if not 1 <= servers <= MOST_SERVERS:
        raise ConfigurationError(f"servers 应在 1 到 {MOST_SERVERS} 之间", path="--servers")
    named = urlsplit(deployment.platform.url)
    if named.hostname not in LOOPBACK or not named.port:
        raise ConfigurationError(
            f"试运行只用模拟平台，platform.url 指着别处（{named.hostname}）",
            path=f"{deployment.source.name}: platform.url",
            remedy="另写一个部署文件，platform.url 写成 http://127.0.0.1:8190/… 这样的本机地址",
        )
    if servers > 1 and not deployment.journal.url.startswith("postgresql"):
        raise ConfigurationError(
            "几个服务要用同一个 PostgreSQL 流水",
            path=f"{deployment.source.name}: journal.url",
            remedy="写 postgresql://用户@主机/库；或 --servers 1",
        )


def _start(name: str, arguments: list[str]) -> _Started:
    command = [sys.executable, "-m", "liangding.cli.leashed", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)  # held open by nobody else, and never written to
    return _Started(name, arguments, process, time.monotonic())


def _start_anew(each: _Started, ended: threading.Event) -> None:
    code = each.process.returncode
    console().print(f"[yellow]{each.name} 结束了（{code}）[/]，再启动")
    if time.monotonic() - each.began < LIVED_SECONDS:
        ended.wait(PAUSE_SECONDS)
    if not ended.is_set():
        fresh = _start(each.name, each.arguments)
        each.process, each.began = fresh.process, fresh.began


def _end(each: _Started) -> None:
    if each.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            each.process.send_signal(signal.SIGTERM)
        each.process.wait()
