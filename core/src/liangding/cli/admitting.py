"""Who may come to a local server: what is refused before it listens, and the key that is made where none is named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.markup import escape

from ..config import Deployment
from ..config.clients import LOOPBACK, PLAIN, ServerSettings, refuse_weak
from ..config.line import DEDICATED
from ..config.own_key import make_own_key, own_key_file
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..runtime import Runtime
from .output import console

PLAIN_LINE = f'[server] plain = "{PLAIN}"'


def refuse_open_door(settings: ServerSettings, host: str, source: str) -> None:
    """ConfigurationError for an address that others reach, without keys or in clear."""
    if host in LOOPBACK:
        return
    if not settings.api_keys:
        raise ConfigurationError(
            f"对外开放（{host}）而没有配置密钥",
            path=f"{source}: server.api_keys",
            remedy="配置 server.api_keys，或只监听 127.0.0.1",
        )
    if settings.tls is None and settings.plain != PLAIN:
        raise ConfigurationError(
            f"对外开放（{host}）而没有 TLS，密钥和参保人信息会在网上明传",
            path=f"{source}: server.tls",
            remedy=f"配置 [server.tls] 的 certificate 与 key；收银软件不会 TLS 的，写明 {PLAIN_LINE}",
        )


def refuse_several_processes(deployment: Deployment) -> None:
    """ConfigurationError where a deployment gains nothing by several processes, or cannot have them: on SQLite they
    wait for each other at the one file (measured: half the calls with two, waits of seconds), and a device is one
    process's."""
    if deployment.journal.url.startswith("sqlite"):
        raise ConfigurationError(
            "几个进程共用一个 SQLite 流水，互相等着写，办得更少",
            path=f"{deployment.source.name}: journal.url",
            remedy="流水放到 PostgreSQL：postgresql://用户@主机/库；或 server.processes 写 1，不用 --workers",
        )
    if deployment.devices:
        raise ConfigurationError(
            f"{deployment.name} 接着设备，设备只能由一个进程来用",
            path=f"{deployment.source.name}: devices",
            remedy="server.processes 写 1，不用 --workers；或设备接在哪台电脑，就在那里 liangding devices serve",
        )


def in_clear(known: Knowledge) -> list[str]:
    """What has to be said of a line in clear that nobody has called a line of one's own."""
    return [
        f'{key} 是 http，报文在线路上是明文：能用 https 的用 https，走专线的写明 [platform] plain = "{DEDICATED}"'
        for key in known.in_clear
    ]


def refuse_what_is_open(known: Knowledge) -> None:
    """ConfigurationError for an address that others reach without keys or in clear, for keys that can be tried out, and
    for a line in clear that is nobody's own."""
    deployment = known.deployment
    for told in in_clear(known):
        what, _, line = told.partition("：")
        raise ConfigurationError(what, path=f"{deployment.source.name}: platform", remedy=line)
    refuse_open_door(deployment.server, deployment.server.host, deployment.source.name)
    refuse_weak(deployment.clients(), deployment.source.name)


def refuse_weak_keys(deployment: Deployment, host: str) -> None:
    """A key that can be tried out opens no door to others; on the loopback it is said and goes on."""
    clients = deployment.clients()
    if host not in LOOPBACK:
        refuse_weak(clients, deployment.source.name)
    for client in clients:
        if client.weak:
            console().print(
                f"[yellow]请换[/]：接口密钥 {client.name} 太弱：{client.weak}（liangding key --api 生成一个）"
            )


def keep_own_keys(runtimes: Iterable[Runtime]) -> None:
    """Where files name no key, one is made for all of their folder and shown once. Who has asked without a key so far
    goes on: the tills of a shop do not stop because of an upgrade, or because another shop's file came beside its own,
    and it is said at every start."""
    unnamed: dict[Path, list[Runtime]] = {}
    for runtime in runtimes:
        if not runtime.deployment.server.api_keys:
            unnamed.setdefault(runtime.deployment.folder, []).append(runtime)
    for folder, held in unnamed.items():
        if own_key_file(folder).exists():
            console().print(f"接口密钥在 {own_key_file(folder)}", soft_wrap=True)
        elif any(runtime.journal.was_used_by("api") for runtime in held):
            _say_keyless(held)
        elif key := make_own_key(folder):
            _show(key, own_key_file(folder))


def _say_keyless(held: list[Runtime]) -> None:
    names = "、".join(runtime.deployment.name for runtime in held)
    console().print(
        f"[red]本地接口没有密钥[/]：{escape(names)} 的收银软件一向不带密钥，照旧可用；"
        f"liangding key --api 生成一个，写进部署文件的 \\[\\[server.api_keys]]，收银软件带上它",
        soft_wrap=True,
    )


def _show(key: str, path: Path) -> None:
    console().print(
        f"[yellow]新建了接口密钥[/] {path}（只有本用户能读），只显示这一次。收银软件的每个请求加一行请求头：",
        soft_wrap=True,
    )
    console().print(f"  Authorization: Bearer {key}", soft_wrap=True, highlight=False, markup=False)
