"""``liangding catalogue``: the catalogues, brought up to date and looked into."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter

from ..clock import CHINA
from ..config import load_deployment
from ..errors import ConfigurationError, LiangdingError
from .app import AsJson, Config
from .output import console, error_console, print_json, table

if TYPE_CHECKING:
    from ..acceptance.matched import CheckedRow
    from ..catalogue.asking import KnownAnswer

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
    from ..catalogue.shelf import ShelfStanding
    from ..catalogue.syncing import CatalogueSync, SyncStep
    from ..runtime import Runtime

    deployment = load_deployment(config)
    shelf = open_shelf(deployment)
    results: list[tuple[str, ShelfStanding | LiangdingError]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Runtime(deployment) as runtime, Progress(*columns, console=error_console(), disable=as_json) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: SyncStep) -> None:
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


@catalogue.command
def ask(
    number: Annotated[str, Parameter(help="1304、1312、1316 至 1319、1901 · the catalogue")],
    /,
    *conditions: Annotated[str, Parameter(help="条件，如 hilist_code=X000001、type=insutype · field=value")],
    config: Config,
    anew: Annotated[bool, Parameter(negative="", help="不管留存的，重新问 · ask again whatever is kept")] = False,
    as_json: AsJson = False,
) -> int:
    """查询式目录：问平台，留存并说明查于何时 · Ask a catalogue that is queried; answers are kept with their age."""
    from ..catalogue.asking import CatalogueQueries
    from ..catalogue.opening import open_shelf
    from ..runtime import Runtime

    question = dict(_condition(each) for each in conditions)
    deployment = load_deployment(config)
    shelf = open_shelf(deployment)
    try:
        with Runtime(deployment) as runtime:
            asked = CatalogueQueries(runtime, shelf, fresh_seconds=0 if anew else None).ask(number, question)
    finally:
        shelf.close()
    if as_json:
        print_json({"number": number, "at": asked.at, "why_old": asked.why_old, "rows": list(asked.rows)})
    else:
        _show_asked(asked)
    return 0 if asked.rows else 1


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigurationError(f"条件 {text} 应写成 字段=值", remedy="如 hilist_code=X000001")
    return name, value


def _show_asked(asked: KnownAnswer) -> None:
    shown = table(*(asked.rows[0] if asked.rows else ()))
    for row in asked.rows:
        shown.add_row(*("" if row.get(name) is None else str(row[name]) for name in asked.rows[0]))
    console().print(shown)
    console().print(f"{len(asked.rows)} 行，{_when(asked.at, asked.why_old)}")


def _when(at: float, why_old: str) -> str:
    said = f"查于 {datetime.fromtimestamp(at, CHINA):%Y-%m-%d %H:%M}"
    return f"{said}；现在问不到：{why_old}" if why_old else said


@catalogue.command
def terms(
    code: Annotated[str, Parameter(help="医疗目录编码 · the item's code")],
    *,
    config: Config,
    place: Annotated[str, Parameter(help="参保地区划，缺省为机构所在地 · where the person is insured")] = "",
    day: Annotated[date | None, Parameter(help="哪一天，缺省为今天 · the day")] = None,
    as_json: AsJson = False,
) -> None:
    """限价、先自付比例、收费等级 · Price caps, own-pay ratios and level of an item."""
    from ..catalogue.asking import CatalogueQueries
    from ..catalogue.opening import open_shelf
    from ..catalogue.terms import terms_of
    from ..runtime import Runtime
    from ..spec.codes import code_table

    deployment = load_deployment(config)
    shelf = open_shelf(deployment)
    try:
        with Runtime(deployment) as runtime:
            held = terms_of(
                CatalogueQueries(runtime, shelf), code, place=place or deployment.institution.area,
                day=day or runtime.now().date(),
            )  # fmt: skip
    finally:
        shelf.close()
    if as_json:
        print_json(held.as_json())
        return
    kinds, persons = code_table("hilist_lmtpric_type"), code_table("selfpay_prop_psn_type")
    caps = "、".join(f"{kinds.name_of(kind)} {price:.2f} 元" for kind, price in held.caps.items())
    ratios = "、".join(f"{persons.name_of(kind)} {ratio * 100:.2f}%" for kind, ratio in held.ratios.items())
    shown: dict[str, Any] = {"等级": held.level_name or "不详", "限价": caps or "没有", "先自付比例": ratios or "不详"}
    for label, text in shown.items():
        console().print(f"{label}：{text}", markup=False)
    console().print(_when(held.at, held.why_old))


@catalogue.command
def verify(
    *,
    config: Config,
    settle: Annotated[
        bool,
        Parameter(
            negative="", help="用已上传的对照做一次出院结算，逐行核对，再撤回 · settle a stay with what is matched"
        ),
    ] = False,
    price: Annotated[Decimal, Parameter(help="结算时每一行的单价（元）· price of each row")] = Decimal("1.00"),
    to: Annotated[Path | None, Parameter(help="逐行结果写到哪个 .csv · where each row's result goes")] = None,
    as_json: AsJson = False,
) -> int:
    """核对目录库：行数、名称索引、文件完好 · Hold what is kept against what was brought in. Exit code 1: not right.

    With --settle what is matched is tried instead: on a test platform, in production only where a person at the
    terminal says so; taken back afterwards.
    """
    if settle:
        return _verify_by_settling(config, price, to, as_json=as_json)
    from ..catalogue.opening import open_shelf
    from ..files.layouts import catalogues, layout_of

    shelf = open_shelf(load_deployment(config))
    try:
        wrong = {number: found for number in catalogues() if (found := shelf.complaints(layout_of(number)))}
    finally:
        shelf.close()
    if as_json:
        print_json(wrong)
        return 1 if wrong else 0
    for number, found in wrong.items():
        console().print(f"✗ {number} {layout_of(number).title}：{'；'.join(found)}", markup=False)
    console().print("目录库有误，删去后重新下载" if wrong else "目录库完好")
    return 1 if wrong else 0


def _verify_by_settling(config: Path, price: Decimal, to: Path | None, *, as_json: bool) -> int:
    from ..acceptance.matched import settle_matched
    from ..acceptance.running import Performer
    from ..catalogue.matching import Matching
    from ..catalogue.opening import open_shelf
    from ..contract.acceptance import Ends
    from ..jobs.keeper import Keeper
    from ..runtime import Runtime
    from .accepting import confirm_trial, decide_at_terminal

    deployment = load_deployment(config)
    shelf = open_shelf(deployment)
    try:
        with Runtime(deployment) as runtime, Keeper(runtime):
            performer = Performer(runtime, decide=decide_at_terminal, confirm=confirm_trial)
            kept, rows = settle_matched(performer, shelf, Matching(runtime).listed(), price=price)
    finally:
        shelf.close()
    differing = [row for row in rows if row.differs]
    if to is not None:
        with to.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([CHECKED, *(_checked_line(row) for row in rows)])
    if as_json:
        told = {"ends": kept.ends.value, "why": kept.why, "setl_ids": kept.setl_ids}
        print_json(told | {"rows": [row.as_json() for row in rows]})
    else:
        shown = table(*CHECKED)
        for row in rows:
            shown.add_row(*_checked_line(row))
        console().print(shown)
        console().print(f"{kept.ends.chinese} {'、'.join(kept.setl_ids)} {kept.why}".strip(), markup=False)
        console().print(f"{len(rows)} 行，{len(differing)} 行与目录不同")
    return 0 if rows and not differing and kept.ends is Ends.PASSED else 1


CHECKED = (
    "院内编号", "院内名称", "医疗目录编码", "平台的名称", "等级（目录/平台）", "自付比例（目录/平台）",
    "限价（目录/平台）", "结论",
)  # fmt: skip


def _checked_line(row: CheckedRow) -> tuple[str, ...]:
    ratios, caps = "、".join(map(str, row.ratios)), "、".join(f"{cap:.2f}" for cap in row.caps)
    theirs = "" if row.their_ratio is None else str(row.their_ratio)
    cap = "没有" if row.their_cap is None else f"{row.their_cap:.2f}"
    return (
        row.number, row.name, row.code, row.their_name, f"{row.level or '不详'}/{row.their_level}",
        f"{ratios or '不详'}/{theirs}", f"{caps or '没有'}/{cap}",
        "不同：" + "；".join(row.differs) if row.differs else "一致",
    )  # fmt: skip
