"""``liangding serve`` and ``liangding simulate``: the two servers."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from cyclopts import Parameter
from rich.markup import escape

from ..config import Deployment, deployment_files, load_deployment
from ..config.addresses import without_secrets
from ..config.clients import LOOPBACK, MOST_PROCESSES, ServerSettings
from ..config.logs import LogSettings
from ..config.recording import Journals
from ..config.sharing import files_of
from ..errors import ConfigurationError, LiangdingError
from .admitting import in_clear, keep_own_keys, refuse_open_door, refuse_several_processes, refuse_weak_keys
from .app import Config
from .deployments import too_hasty
from .output import console

if TYPE_CHECKING:
    from ..runtime import Runtime
    from ..server.processes import Worker
    from ..server.reloading import Switchboard


def serve(
    config: Annotated[
        list[Path], Parameter(name=["--config", "-c"], help="部署文件或文件夹，可给多个 · deployment files, folders")
    ],
    *,
    host: str | None = None,
    port: int | None = None,
    watch: Annotated[bool, Parameter(help="部署文件一改就重读；不给则收到 SIGHUP 才重读")] = False,
    workers: Annotated[
        int | None,
        Parameter(name=["--workers", "--processes"], help="几个进程一起服务；不给看部署文件的 server.processes"),
    ] = None,
) -> None:
    """启动本地 HTTP 接口 · Serve the local HTTP API of one or several deployments.

    SIGHUP reads the files anew: requests under way end as they began, new ones go by the new files.
    """
    from ..jobs.all import movers_of
    from ..jobs.keeper import keepers_of
    from ..notices import listening
    from ..runtime import Runtime
    from ..server.app import api
    from ..server.door import FrontDoor
    from ..server.institutions import by_institution
    from ..server.listening import listen
    from ..server.logs import log_to
    from ..server.reloading import Generation, Switchboard

    if not config:
        raise ConfigurationError("至少给一个部署文件：--config 文件")
    first = load_deployment(deployment_files(config)[0])
    at, door = host or first.server.host, first.server.port if port is None else port
    worker = _one_of(first, workers, at, door)
    signal.signal(signal.SIGTERM, _leave)

    def begun() -> Generation:
        """Everything that the files describe now, at work."""
        deployments = _checked(config, host, alone=worker is None)
        with contextlib.ExitStack() as opened:
            journals = opened.enter_context(Journals())
            runtimes = {
                each.name: opened.enter_context(Runtime(each, journal=journals.open(each))) for each in deployments
            }
            _announce(deployments, runtimes)
            for background in (*keepers_of(runtimes.values()), *movers_of(runtimes.values())):
                opened.enter_context(background)
            for runtime in runtimes.values() if worker is None or worker.speaks else ():
                for where in opened.enter_context(listening(runtime)):
                    console().print(f"{runtime.deployment.name}：在线服务的通知在 {where} 接收")
            application = api(runtimes)
            routed = by_institution(application, runtimes, named=any(path.is_dir() for path in config))
            names = [name for each in deployments for name in each.server.names]
            return Generation(FrontDoor(routed, names=names), opened.pop_all().close, application.state.feeds.close)

    log_to(first.log if worker is None else first.log.of_process(worker.number), first.folder)
    board = Switchboard(begun)
    with contextlib.closing(board), _reloading(board, config, watch):
        told, held = (_told_of_api, None) if worker is None else (lambda _: worker.listens(), worker.held)
        listen(board, at, door, told, first.server, first.folder, held=held, leaving=board.leave_off)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending


def _one_of(first: Deployment, workers: int | None, host: str, port: int) -> Worker | None:
    """This process as one of several that serve the address, one after the other has been started; None where one
    process is enough. ConfigurationError."""
    count = first.server.processes if workers is None else workers
    if not 1 <= count <= MOST_PROCESSES:
        raise ConfigurationError(f"进程数应在 1 到 {MOST_PROCESSES} 之间", path="--workers")
    if count == 1:
        return None
    from ..server.listening import held_at, told_address
    from ..server.logs import log_to
    from ..server.processes import refuse_several, share

    refuse_several()
    log_to(first.log, first.folder)
    held = held_at(host, port)
    url = told_address(held, host, first.server)
    worker = share(count, held, lambda: _told_of_api(url, f"，{count} 个进程"))
    if not worker.speaks:  # what an operator has to read is read once
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return worker


def _checked(config: list[Path], host: str | None, *, alone: bool = True) -> list[Deployment]:
    """The deployments, each held to what a server needs of it; ``alone``: one process serves them."""
    deployments = [_patient(load_deployment(path)) for path in deployment_files(config)]
    for deployment in () if alone else deployments:
        refuse_several_processes(deployment)
    names = [deployment.name for deployment in deployments]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"部署名有重复：{'、'.join(names)}", remedy="在部署文件中用 name 区分")
    at = host or deployments[0].server.host
    for deployment in deployments:
        refuse_open_door(deployment.server, at, deployment.source.name)
        refuse_weak_keys(deployment, at)
    return deployments


LOOK_SECONDS = 5.0
"""How often it is looked whether a day has begun on which something changes, or a file has changed."""


@contextlib.contextmanager
def _reloading(board: Switchboard, config: list[Path], watch: bool) -> Iterator[None]:
    """While the server is at work: read the files anew on SIGHUP, on a day that is named in one, and with ``watch``
    whenever one has changed."""
    ended = threading.Event()

    def stamps() -> Any:
        found = deployment_files(config)
        files = {each for path in found for each in files_of(path) if each.exists()} if watch else ()
        return {each: each.stat().st_mtime_ns for each in files}, [load_deployment(path).features for path in found]

    def look() -> None:
        held = stamps()
        while not ended.wait(LOOK_SECONDS):
            with contextlib.suppress(LiangdingError):
                seen = stamps()
                if seen != held:
                    held = seen
                    board.reload()

    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None:
        signal.signal(hangup, lambda *_: threading.Thread(target=board.reload, name="reload").start())
    if watch or any(load_deployment(path).later for path in deployment_files(config)):
        threading.Thread(target=look, name="looking for changes", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _patient(deployment: Deployment) -> Deployment:
    """The deployment, after a word where its time for belief is shorter than the line and was lifted."""
    patient = deployment.patient()
    if patient is not deployment:
        console().print(f"{too_hasty(deployment)}；现在按 {patient.resolution.believe_seconds:g} 秒办")
    return patient


def _leave(*_: object) -> None:
    """A service manager ends the server: what is open is closed, so that the journal's file is whole by itself. Asked
    again, as where the manager tells every process and the first one passes it on, it goes on ending."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _announce(deployments: list[Deployment], runtimes: Mapping[str, Runtime]) -> None:
    """What an operator has to read: a journal that was not there before, as perhaps another one was meant; where the
    API's key is; lines in clear; a webhook that cannot be sent."""
    from ..feed.webhook import wrong_with

    for deployment in deployments:
        if runtimes[deployment.name].journal.is_new:
            url = without_secrets(deployment.journal.url)
            console().print(f"[yellow]新建了流水[/] {url}：以前办过业务的，请核对是不是这一个")
    keep_own_keys(runtimes.values())
    for runtime in runtimes.values():
        for told in in_clear(runtime.known):
            console().print(f"[red]明文线路[/] {runtime.deployment.name}：{escape(told)}", soft_wrap=True)
    for wrong in filter(None, map(wrong_with, deployments)):
        console().print(f"[red]webhook 发不出[/] {escape(str(wrong))}", soft_wrap=True)


def _told_of_api(url: str, more: str = "") -> None:
    console().print(f"本地接口 {url}/v1/ ，文档 {url}/openapi.json{more}", soft_wrap=True)


SIMULATED_AT = "127.0.0.1", 8190
"""Where the simulated platform listens for a deployment whose own one is elsewhere."""


def simulate(
    config: Config,
    *,
    host: str | None = None,
    port: int | None = None,
    ledger: Annotated[
        Path | None, Parameter(help="账本文件：重新启动后还是同一个平台；不给则只在内存里 · keeps what it has settled")
    ] = None,
) -> None:
    """启动模拟平台 · Serve the simulated platform that fits a deployment.

    Where the deployment's platform is on this machine, it listens there: at the host and port of platform.url.
    """
    from ..server.listening import listen
    from ..server.logs import log_to
    from ..simulator.app import simulator_app
    from ..simulator.setup import door_for

    deployment = load_deployment(config)
    named = urlsplit(deployment.platform.url)
    here = (named.hostname, named.port or 80) if named.hostname in LOOPBACK else SIMULATED_AT
    door = door_for(deployment, ledger=ledger)
    out = console()
    if here is SIMULATED_AT:
        out.print(f"部署文件的平台在别处（{named.hostname}），不去动它；要用模拟平台，请把 platform.url 改为下面的地址")

    def told(url: str) -> None:
        out.print(f"模拟平台 {url}{named.path or '/'} ，查看 {url}/_simulator/ledger", soft_wrap=True)

    if ledger is not None:
        count = sum(entry["counts"] for entry in door.platform.world.ledger())
        out.print(f"账本 {ledger}，现有 {count} 笔有效结算", soft_wrap=True)
    out.print("参保人 people：02 证件号 certno，01 令牌 token，03 卡号 card 与卡识别码 card_sn")
    for person in door.platform.world.people.all:
        covers = "，".join(f"{c.place} {c.insutype} {c.balance}" for c in person.covers)
        print(f"  {person.case:18} {covers}")
        print(f"    02 {person.certno}   01 {person.token}   03 {person.card_no} {person.card_sn}")
    log_to(LogSettings(), deployment.folder)
    at = host or here[0], here[1] if port is None else port
    signal.signal(signal.SIGTERM, _leave)
    with contextlib.closing(door):
        listen(simulator_app(door), *at, told, ServerSettings(), deployment.folder)
