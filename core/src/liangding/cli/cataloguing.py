"""``liangding catalogue``: the catalogues, brought up to date and looked into."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from ..clock import CHINA
from ..config import load_deployment
from ..errors import ConfigurationError, LiangdingError
from .app import AsJson, Config
from .output import console, error_console, print_json, table

catalogue = cyclopts.App(
    name="catalogue", help="医保目录：下载、查找 · the catalogues, fetched and searched", help_format="plaintext"
)

Number = Annotated[str | None, Parameter(help="只在这个目录里，如 1301 · one catalogue")]


@catalogue.command
def sync(
    *,
    config: Config,
    only: Annotated[list[str] | None, Parameter(help="只下载这些目录，如 1301 · only these")] = None,
    as_json: AsJson = False,
) -> int:
    """按版本增量下载到没有更新为止；断了接着来 · Fetch what is new, version by version; goes on where it was stopped.

    Exit code 0: all up to date; 1: some are not (which, and why, is said).
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    from ..catalogue.opening import arrivals, open_shelf
    from ..catalogue.shelf import Standing
    from ..catalogue.syncing import CatalogueSync, Step
    from ..runtime import Runtime

    deployment = load_deployment(config)
    shelf = open_shelf(deployment)
    results: list[tuple[str, Standing | LiangdingError]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Runtime(deployment) as runtime, Progress(*columns, console=error_console(), disable=as_json) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: Step) -> None:
            task = tasks.setdefault(step.number, bars.add_task(step.number, total=None))
            stages = {"asked": "已询问", "fetched": "已下载", "loading": "入库", "current": "已最新"}
            bars.update(task, description=f"{step.number} {stages[step.stage]} {step.version}",
                        completed=step.rows, total=step.rows if step.stage == "current" else step.expected)  # fmt: skip

        worker = CatalogueSync(runtime, shelf, arrivals(deployment), tell=tell)
        numbers = worker.numbers() if only is None else only
        unknown = sorted(set(numbers) - set(worker.numbers()))
        if unknown:
            raise ConfigurationError(f"没有目录 {'、'.join(unknown)}", remedy=f"有：{'、'.join(worker.numbers())}")
        results += zip(numbers, worker.sync(numbers), strict=True)
    shelf.close()
    failed = [(number, result) for number, result in results if isinstance(result, LiangdingError)]
    if as_json:
        print_json([
            {"number": number, "error": result.as_json()} if isinstance(result, LiangdingError)
            else {"number": number, "version": result.version, "rows": result.rows}
            for number, result in results
        ])  # fmt: skip
        return 1 if failed else 0
    for number, result in failed:
        console().print(f"✗ {number}：{result}" + (f"（{result.remedy}）" if result.remedy else ""), markup=False)
    console().print(f"{len(results) - len(failed)} 个目录是最新的" + (f"，{len(failed)} 个没有办成" if failed else ""))
    return 1 if failed else 0


@catalogue.command
def status(*, config: Config, as_json: AsJson = False) -> None:
    """各目录的版本、行数、何时更新 · Version, rows and age of each."""
    from ..catalogue.opening import open_shelf
    from ..files.layouts import catalogues, layout_of

    shelf = open_shelf(load_deployment(config))
    standing = [(layout_of(number).title, shelf.standing(number), shelf.arrival(number)) for number in catalogues()]
    shelf.close()
    if as_json:
        print_json([
            {"number": each.number, "title": title, "version": each.version, "rows": each.rows, "at": each.at or None,
             "under_way": arrival.rows if arrival else None}
            for title, each, arrival in standing
        ])  # fmt: skip
        return
    shown = table("目录", "名称", "版本", "行数", "更新于", "")
    for title, each, arrival in standing:
        at = f"{datetime.fromtimestamp(each.at, CHINA):%Y-%m-%d %H:%M}" if each.at else "从未"
        under_way = f"有一个文件入库到 {arrival.rows} 行" if arrival else ""
        shown.add_row(each.number, title, each.version or "—", str(each.rows), at, under_way)
    console().print(shown)


@catalogue.command
def find(
    text: Annotated[str, Parameter(help="名称中的两个字以上，或拼音首字母 · part of a name, or initials")],
    *,
    config: Config,
    number: Number = None,
    all_: Annotated[bool, Parameter(name="--all", negative="", help="也找失效的 · invalid ones, too")] = False,
    limit: int = 20,
    as_json: AsJson = False,
) -> int:
    """按名称或拼音首字母查找 · Search by name or pinyin initials."""
    from ..catalogue.finding import find as search
    from ..catalogue.opening import open_shelf

    shelf = open_shelf(load_deployment(config))
    try:
        found = search(shelf, text, number=number, most=limit, valid=not all_)
    finally:
        shelf.close()
    if as_json:
        print_json([each.as_json() for each in found])
        return 0 if found else 1
    if not found:
        console().print("没有找到" + ("" if all_ else "有效的；--all 连同失效的一起找"))
        return 1
    shown = table("目录", "代码", "名称", "规格", "有效")
    for each in found:
        spec = each.row.get("drug_spec") or each.row.get("spec") or ""
        shown.add_row(
            f"{each.number} {each.title}", each.code, " / ".join(each.names), spec, "是" if each.valid else "否"
        )
    console().print(shown)
    return 0


@catalogue.command
def show(
    code: Annotated[str, Parameter(help="目录编码 · the code")],
    *,
    config: Config,
    number: Number = None,
    as_json: AsJson = False,
) -> int:
    """一个编码的全部内容 · Everything of one code."""
    from ..catalogue.finding import show as look_up
    from ..catalogue.opening import open_shelf
    from ..files.layouts import layout_of

    shelf = open_shelf(load_deployment(config))
    try:
        found = look_up(shelf, code, number=number)
    finally:
        shelf.close()
    if found is None:
        console().print(f"目录里没有 {code}")
        return 1
    if as_json:
        print_json(found.as_json())
        return 0
    out = console()
    out.print(f"[bold]{found.number} {found.title}[/]")
    for column in layout_of(found.number).columns:
        if found.row.get(column.key):
            out.print(f"  {column.label}（{column.key}）：{found.row[column.key]}", markup=False)
    return 0
