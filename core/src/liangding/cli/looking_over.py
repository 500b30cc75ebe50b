"""What ``liangding check`` says of a deployment's custody: modes of files, passwords in addresses, lines in the
clear."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ..config import Deployment
from ..config.clients import LOOPBACK
from ..config.sharing import files_of


def without_password(url: str) -> str:
    """An address that may be shown."""
    try:
        return make_url(url).render_as_string()
    except SQLAlchemyError:
        return url.partition(":")[0]


def doubts(deployment: Deployment) -> Iterator[str]:
    """What somebody should look at, each in a sentence."""
    yield from _modes(deployment)
    yield from _addresses(deployment)
    for each in deployment.server.api_keys:
        if each.expires is None:
            yield f"接口密钥 {each.name} 没有到期日：写 expires，按期换"
    if not deployment.journal.heads:
        yield "没有写 journal.heads：流水被旧的一份顶替时看不出来；写另一块盘上的一个文件"


def _modes(deployment: Deployment) -> Iterator[str]:
    if os.name != "posix":
        return
    ours = ((path, 0o022, "别人可改") for path in files_of(deployment.source))
    files = [*ours, *((path, 0o077, "别人可读") for path in _of_journal(deployment))]
    for path, bits, what in files:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & bits:
            yield f"{path} {what}：chmod {'go-w' if bits == 0o022 else '600'} {path}"


def _of_journal(deployment: Deployment) -> Iterator[Path]:
    try:
        parsed = make_url(deployment.journal.url)
    except SQLAlchemyError:
        return
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        yield from (deployment.folder / f"{parsed.database}{suffix}" for suffix in ("", "-wal", "-shm"))
    if deployment.journal.heads:
        yield deployment.folder / deployment.journal.heads


def _addresses(deployment: Deployment) -> Iterator[str]:
    addresses = {"journal.url": deployment.journal.url, "catalogues.url": deployment.catalogues.url}
    for key, url in addresses.items():
        if url and "@" in url and without_password(url) != url:
            yield f'{key} 里写着密码：从地址里拿掉，写 {key.partition(".")[0]}.password = {{ env = "变量名" }}'
    lines = {"platform.url": deployment.platform.url} | {
        f"platform.routes.{name}": url for name, url in deployment.platform.routes.items()
    }
    for key, url in lines.items():
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            yield f"{key} 是 http，报文在线路上是明文：能用 https 的用 https，否则只走医保专网"
