"""``liangding journal``: keeping it: verified, copied, put back, moved, upgraded, pruned, sealed anew."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..config import load_deployment
from ..config.recording import copies_of, heads_of, open_journal, open_own_journal, read_whole_journal
from ..errors import ConfigurationError
from ..journal import Journal
from ..journal.examining import Examined
from .app import Config
from .journaling import Reason, journal
from .output import console

__all__ = ["journal"]


Full = Annotated[
    bool | None,
    Parameter(
        help="全部重看；--no-full 只看上次校验点之后的。不给时小的流水全看，大的七天全看一次 · all, or what came since"
    ),
]


@journal.command
def verify(
    *,
    config: Config,
    full: Full = None,
    checkpoint: Annotated[
        bool, Parameter(negative="", help="完好时在流水里记下校验点 · write down in the journal how far it is whole")
    ] = False,
) -> int:
    """校验流水：有没有被改、被删，是不是旧的一份 · Whether it is as it was written; 1 where it is not.

    Nothing is written unless --checkpoint is given.
    """
    deployment = load_deployment(config)
    heads = heads_of(deployment)
    with read_whole_journal(deployment) as opened:
        if heads is not None:
            opened.store.read(heads.hold)
        found = opened.examine(full=full)
    if checkpoint and not found.faults:
        _report(config, "verified", found)
    return _told(found)


@journal.command
def head(*, config: Config, full: Full = None) -> int:
    """校验流水，记下校验点，并把链头写到流水之外（journal.heads）· Verify, and write the head outside the journal."""
    deployment = load_deployment(config)
    heads = heads_of(deployment)
    if heads is None:
        raise ConfigurationError("没有写明链头记到哪里", path="journal.heads", remedy="写另一块盘上的一个文件")
    with read_whole_journal(deployment) as opened:
        opened.store.read(heads.hold)
        found = opened.examine(full=full)
    if not found.faults:
        heads.add(found.head)
        _report(config, "verified", found)
    return _told(found)


@journal.command
def backup(file: Annotated[Path, Parameter(help="备份到哪个文件 · where to")], *, config: Config) -> int:
    """在线备份流水，校验过才算；旁边写下链头 · Copy the journal while it is at work, verified, with its head."""
    found = copies_of(load_deployment(config)).back_up(file)
    _report(config, "backed_up", found, file=file.name)
    console().print(f"备份在 {file}", markup=False)
    return _told(found)


@journal.command
def restore(
    file: Annotated[Path, Parameter(help="哪一份备份 · which copy")], *, config: Config, reason: Reason = ""
) -> int:
    """由备份恢复；原来的放到一边 · Put a copy in the journal's place; what stood there is put aside.

    Whatever was done after the copy was made is not in it: hold it against the platform before the tills go on.
    """
    found = copies_of(load_deployment(config)).restore(file)
    _report(config, "restored", found, file=file.name, reason=reason)
    console().print("恢复好了。备份之后办的业务不在其中：先与平台对账，再让收银台继续")
    return _told(found)


@journal.command
def move(file: Annotated[Path, Parameter(help="搬到哪个文件 · where to")], *, config: Config) -> int:
    """把流水搬到另一个文件，校验过才算；原来的改名放着 · Move the journal to another file."""
    found = copies_of(load_deployment(config)).move(file)
    console().print(f'搬好了。把部署文件的 journal.url 改成 "sqlite:///{file.resolve()}"', markup=False)
    return _told(found)


@journal.command
def accept(*, config: Config, reason: Reason = "") -> int:
    """认定现在这一份就是要用的流水，链头从它重新记起 · Begin from the journal as it is; say why."""
    if not reason.strip():
        raise ConfigurationError("要写明为什么", path="--reason")
    found = copies_of(load_deployment(config)).accept()
    _report(config, "restored", found, reason=reason)
    return _told(found)


@journal.command
def upgrade(*, config: Config) -> None:
    """把旧版本的流水升级到这个版本；旧的留一份在旁边 · Bring an earlier version's journal up; a copy is kept."""
    opened = open_journal(load_deployment(config))
    done = 0
    while found := opened.upgrade(limit=2000):
        done += found
    opened.close()
    console().print(f"流水是这个版本的了，改写了 {done} 行" if done else "流水是这个版本的")


@journal.command
def prune(
    *,
    config: Config,
    keep_days: Annotated[float, Parameter(help="正文留多少天 · days to keep bodies")],
    reason: Reason = "",
) -> None:
    """清除早于几天的报文正文；结果、编号和校验链都留着 · Drop old bodies; rows and chain stay."""
    import time

    from ..workflow.standing import ENDED

    if keep_days < 1:
        raise ConfigurationError("--keep-days 至少 1 天")
    opened = open_own_journal(load_deployment(config))
    opened.report("pruning", {"keep_days": keep_days, "reason": reason})
    done = opened.prune(time.time() - keep_days * 86400, ENDED)
    opened.close()
    console().print(f"清除了 {done} 次调用的正文，和办完的业务里人的信息；结果不明和仍在观察的没有动")


@journal.command
def reseal(
    *,
    config: Config,
    full: Annotated[
        bool,
        Parameter(
            negative="", help="密钥已泄露：换掉流水自己的密钥，全部重新加密 · the keys are known: change them all"
        ),
    ] = False,
    reason: Reason = "",
) -> None:
    """用现在的密钥和算法重新加密 · Seal anew what is not under the present keys and cipher.

    With --full the journal's own keys are made anew, too; no process may be at work on it.
    """
    deployment = load_deployment(config)
    if full:
        copies_of(deployment).refuse_at_work()
        renewing = open_journal(deployment)
        renewing.renew_keys()
        renewing.close()
    opened = open_journal(deployment)
    opened.report("resealing", {"full": full, "reason": reason})
    done, needed = _resealed(opened), opened.drop_unused_keys()
    opened.close()
    console().print(f"重新加密了 {done} 行")
    if deployment.journal.old_keys:
        console().print("journal.old_keys 不再需要，可以从部署文件里去掉了")
    if needed:
        console().print(f"流水里还有 {needed} 把旧的正文密钥，有正文打不开或正在用它")


def _resealed(opened: Journal) -> int:
    """Everything that is sealed, in the journal and beside it; how many rows were changed."""
    from ..desk import staff
    from ..uploads import records

    done = opened.reseal() + records.reseal(opened) + staff.reseal(opened)
    with contextlib.suppress(ImportError):  # where no server is installed, nobody has an account
        from ..server.console import persons

        done += persons.reseal(opened)
    return done


def _report(config: Path, kind: str, found: Examined, **more: str) -> None:
    """Write down in the journal that was looked at what was done with it."""
    opened = open_journal(load_deployment(config))
    opened.report(kind, {"head": found.head.short, "calls": found.calls, **more})
    if kind == "verified":
        opened.keep_checkpoint(found.checkpoint)
    opened.close()


def _told(found: Examined) -> int:
    out = console()
    for sentence in found.faults:
        out.print(f"[red]✗[/] {sentence}")
    out.print(
        f"流水完好：{found.as_text()}" if not found.faults else f"共 {len(found.faults)} 处不对；{found.as_text()}"
    )
    return 1 if found.faults else 0
