"""``liangding plan``, ``doctor``, ``bundle`` and ``fleet``: rolling out, and looking after what was rolled out."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ..clock import SystemClock
from ..config import load_deployment
from ..config.recording import read_whole_journal
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from .app import AsJson, Config
from .output import console, print_json, table


def plan(
    old: Annotated[Path, Parameter(help="现在的部署文件")],
    new: Annotated[Path, Parameter(help="要换成的部署文件；可以是同一个")],
    /,
    *,
    on: Annotated[datetime.date | None, Parameter(help="新的按哪一天算（later 中定了日子的）；缺省今天")] = None,
    as_json: AsJson = False,
) -> None:
    """换部署文件之前，看会变什么 · What a changed deployment file will do, before it is done."""
    from ..rollout.planning import plan as planned
    from ..rollout.planning import unsettled_of

    before, after = Knowledge(load_deployment(old)), Knowledge(load_deployment(new, on=on))
    changes = planned(before, after)
    unsettled = unsettled_of(before.deployment, read_whole_journal)
    if as_json:
        print_json({"changes": [each.as_json() for each in changes], "unsettled": unsettled})
        return
    out = console()
    if not changes:
        out.print("没有变化")
    for matter in dict.fromkeys(change.matter for change in changes):
        ours = [change for change in changes if change.matter is matter]
        shown = table("项", "现在", "之后", "注意", title=f"{matter.value}：{len(ours)} 处")
        for change in ours:
            shown.add_row(change.what, change.before or "（无）", change.after or "（无）", change.care)
        out.print(shown)
    if unsettled:
        out.print(f"[bold yellow]现在还有 {unsettled} 笔未结清[/]：先查明（journal list），再换流水、机构或地址")
    elif unsettled is None:
        out.print("现在的流水打不开，没有查未结清的调用")


def doctor(
    *,
    config: Config,
    internet: Annotated[bool, Parameter(help="真的去连互联网地址，看专线设备是否上得了网")] = False,
    as_json: AsJson = False,
) -> int:
    """体检：线路、网关、时钟、签到、设备、目录、密钥、流水、磁盘，各自怎么办 · What is wrong here, and what to do.

    Nothing is settled; 9001 is sent where the file says what the platform is.
    """
    from ..rollout.doctor import Health, examined

    found = list(examined(load_deployment(config), SystemClock(), internet=internet))
    if as_json:
        print_json([each.as_json() for each in found])
    else:
        shown = table("查的是", "情况", "所见", "怎么办")
        colours = {Health.ILL: "bold red", Health.DOUBTFUL: "yellow", Health.WELL: "green", Health.PERSON: "cyan"}
        for each in found:
            shown.add_row(each.what, f"[{colours[each.health]}]{each.health.chinese}[/]", each.told, each.todo)
        console().print(shown)
    return 1 if any(each.health is Health.ILL for each in found) else 0


def bundle(
    *,
    config: Config,
    to: Annotated[Path, Parameter(help="写到哪个新文件夹")],
    system: Annotated[list[Literal["linux", "windows"]] | None, Parameter(help="给哪些系统；不给则两种都要")] = None,
    wheels: Annotated[list[Path] | None, Parameter(help="放着本产品 wheel 的文件夹，不是从源码安装时要")] = None,
    python: Annotated[Path | None, Parameter(help="一并带上的 Python 安装程序（3.11，x86-64）")] = None,
) -> None:
    """做离线安装包：核心、省份、设备的 wheel，锁定与校验，安装与退回脚本 · Write an offline installer.

    The deployment file goes with it; its secrets do not.
    """
    from ..rollout.bundling import SYSTEMS
    from ..rollout.bundling import bundle as bundled

    made = bundled(load_deployment(config), to, systems=system or tuple(SYSTEMS), wheels=wheels or (), python=python)
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    told = f"安装包 {made}（{size / 1024**2:.0f} MB）"
    console().print(f"{told}：install.sh、install.bat 安装，roll-back.sh、roll-back.bat 退回")


def fleet(
    folder: Annotated[Path | None, Parameter(help="放着部署文件的文件夹")] = None,
    /,
    *,
    server: Annotated[list[str] | None, Parameter(help="正在跑的本地服务的地址，可给多个")] = None,
    as_json: AsJson = False,
) -> int:
    """一眼看全部部署：版本、省份、结果不明、逾期的要求、目录 · All deployments at a glance.

    Of servers, what the key in LIANGDING_API_KEY may see. Ends with 1 where somebody has to look.
    """
    from ..rollout.fleet import of_folder, of_server

    if folder is None and not server:
        raise ConfigurationError("给出文件夹，或用 --server 给出地址")
    key, clock = os.environ.get("LIANGDING_API_KEY", ""), SystemClock()
    found = list(of_folder(folder, clock)) if folder else []
    found += [each for url in server or () for each in of_server(url, key)]
    if as_json:
        print_json([each.as_json() for each in found])
        return 1 if any(each.alarming for each in found) else 0
    shown = table("部署", "省份", "机构", "版本", "结果不明", "等人", "未完成", "逾期", "目录（天）", "来自", "说明")
    for each in found:
        seen = each.glance
        numbers = (seen.unknown, seen.waiting, seen.open_requirements)
        shown.add_row(
            each.name, seen.province, seen.institution, seen.version, *map(_known, numbers), _late(seen.overdue),
            _known(seen.catalogue_days), each.source, seen.wrong,
        )  # fmt: skip
    console().print(shown)
    console().print(f"共 {len(found)} 个，要看的 {sum(each.alarming for each in found)} 个；“—”是看不到的")
    return 1 if any(each.alarming for each in found) else 0


def _known(value: int | None) -> str:
    return "—" if value is None else str(value)


def _late(overdue: tuple[str, ...] | None) -> str:
    return "—" if overdue is None else " ".join(overdue) or "0"
