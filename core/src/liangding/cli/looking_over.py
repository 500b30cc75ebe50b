"""What ``liangding check`` says of a deployment's custody: modes of files, passwords in addresses, lines in the
clear."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..config import Deployment
from ..config.addresses import without_secrets
from ..config.recording import heads_of, read_whole_journal
from ..config.sharing import files_of
from ..errors import ConfigurationError
from ..files.text import is_utf8
from ..journal.engines import database_url
from ..journal.reading import OldJournal
from ..journal.store import JournalUnavailable

APART = (
    "报文号分了段（platform.msgid_first、msgid_last）：另一台有自己的流水。两份流水互不知道：业务号防不住另一台再收一次，"
    "结果不明时另一台不会拦住同一参保人，退费、打单、对账要到办的那一台。"
    "每次结算前先向平台查当天的结算，多两三次查询；平台查不到时不结算。更好的办法："
    "只在一台上跑 liangding serve（[server] host 写它的内网地址，各台一把 [[server.api_keys]]），"
    "另一台的收费程序连它的接口；或两台的 journal.url 指向同一个 postgresql://。那样就不用分段，删掉这两行"
)
"""What is lost where desks of one institution have journals of their own, and how one server serves both."""


def hold_journal(deployment: Deployment) -> list[str]:
    """Hold the journal, where there is one, to the deployment's keys and to the head outside it: WrongKey, OlderCopy,
    ConfigurationError for a key that is none. Why it could not be, in a sentence; nothing is written."""
    try:
        with read_whole_journal(deployment) as opened:
            heads = heads_of(deployment)
            if heads is not None:
                opened.store.read(heads.hold)
    except OldJournal as old:
        return [f"{old}：启动时升级，旧的留一份"]
    except JournalUnavailable as missing:
        return [f"流水没有看：{missing}"]
    return []


def doubts(deployment: Deployment) -> Iterator[str]:
    """What somebody should look at, each in a sentence."""
    yield from _modes(deployment)
    for path in files_of(deployment.source):
        if not is_utf8(path.read_bytes()):
            yield f"{path} 不是 UTF-8，按 GBK 或 UTF-16 读了：另存为 UTF-8，别的编辑器才不会写坏它"
    yield from _addresses(deployment)
    for each in deployment.server.api_keys:
        if each.expires is None:
            yield f"接口密钥 {each.name} 没有到期日：写 expires，按期换"
    if deployment.platform.has_range:
        yield APART
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
        parsed = database_url(deployment.journal.url)
    except ConfigurationError:
        return
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        yield from (deployment.folder / f"{parsed.database}{suffix}" for suffix in ("", "-wal", "-shm"))
    if deployment.journal.heads:
        yield deployment.folder / deployment.journal.heads


def _addresses(deployment: Deployment) -> Iterator[str]:
    databases = {"journal": deployment.journal.url, "catalogues": deployment.catalogues.url}
    for key, url in databases.items():
        if without_secrets(url) != url:
            yield f'{key}.url 里写着密码：从地址里拿掉，写 {key}.password = {{ env = "变量名" }}'
    lines = {"platform.url": deployment.platform.url} | {
        f"platform.routes.{name}": url for name, url in deployment.platform.routes.items()
    }
    services = {f"services.{name}.url": each.url for name, each in deployment.services.items()}
    decoding = {"ecredential.url": deployment.ecredential.url} if deployment.ecredential else {}
    for key, url in (lines | services | decoding).items():
        if without_secrets(url) != url:
            yield f"{key} 里写着密码或令牌：从地址里拿掉，写进 credentials，由环境变量或文件给"
    if not deployment.platform.plain:
        for key in deployment.platform.in_clear:
            yield f"{key} 是 http，报文在线路上是明文，只靠专线隔开：能用 https 的用 https"
