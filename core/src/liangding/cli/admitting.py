"""Who may come to a local server: what is refused before it listens, and the key that is made where none is named."""

from __future__ import annotations

from pathlib import Path

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


def keep_own_key(runtime: Runtime) -> None:
    """Where the file names no key, one is made and shown once. Who has asked without a key so far goes on: the tills of
    a shop do not stop because of an upgrade, and it is said at every start."""
    deployment = runtime.deployment
    if deployment.server.api_keys:
        return
    path: Path = own_key_file(deployment.folder)
    if path.exists():
        console().print(f"接口密钥在 {path}", soft_wrap=True)
    elif runtime.journal.was_used_by("api"):
        console().print(
            f"[red]本地接口没有密钥[/]：{deployment.name} 的收银软件一向不带密钥，照旧可用；"
            f"liangding key --api 生成一个，写进 {deployment.source.name} 的 \\[\\[server.api_keys]]，收银软件带上它",
            soft_wrap=True,
        )
    elif key := make_own_key(deployment.folder):
        console().print(
            f"[yellow]新建了接口密钥[/] {path}（只有本用户能读），只显示这一次。收银软件的每个请求加一行请求头：",
            soft_wrap=True,
        )
        console().print(f"  Authorization: Bearer {key}", soft_wrap=True, highlight=False, markup=False)
