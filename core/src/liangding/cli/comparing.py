"""``liangding codes`` and ``liangding diff``: the code tables, and how regions differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ..config import load_deployment
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..knowledge.comparing import Comparison, RegionDifference, compare
from ..knowledge.regions import BASELINE, region_seen
from ..spec import Transaction
from ..spec.codes import Code, CodeTable, code_table, code_table_names, find_code_table, same_as, unpublished
from ..structuring import nearest
from .app import AsJson
from .output import console, print_json, table


def codes(
    name: Annotated[
        str | None, Parameter(name="TABLE", help="字典，如 med_type；不给则列出全部 · a code table")
    ] = None,
    *,
    find: Annotated[str | None, Parameter(help="按代码或名称筛选 · filter")] = None,
    config: Annotated[Path | None, Parameter(name=["--config", "-c"], help="加上这个部署的地方代码")] = None,
    as_json: AsJson = False,
) -> None:
    """列出字典，或看一个字典的代码 · List the code tables, or show the codes of one."""
    knowledge = Knowledge(load_deployment(config)) if config is not None else None
    look_up = knowledge.code_table if knowledge else find_code_table
    if name is None:
        _tables(find or "", as_json)
        return
    found = look_up(same_as().get(name, name))
    if found is None:
        if name in unpublished():
            raise ConfigurationError(
                f"字典 {name} 没有公开的代码：{unpublished()[name]}", remedy="这类字段不按字典校验"
            )
        hint = nearest(name, [*code_table_names(), *same_as()])
        raise ConfigurationError(f"没有字典 {name}{hint}", remedy="liangding codes 列出全部字典")
    shown = [code for code in found if not find or find.lower() in f"{code.code} {code.name}".lower()]
    if as_json:
        print_json(_as_json(found, shown))
    else:
        _codes(found, shown, name)


def _tables(find: str, as_json: bool) -> None:
    known = [code_table(name) for name in code_table_names()]
    known = [each for each in known if find.lower() in f"{each.table} {each.name}".lower()]
    if as_json:
        print_json([_as_json(each, list(each)) for each in known])
        return
    shown = table("字典", "名称", "代码数", "完整", "把握")
    for each in known:
        shown.add_row(each.table, each.name, str(len(each.values)), "是" if each.complete else "", each.confidence)
    out = console()
    out.print(shown)
    out.print(f"共 {len(known)} 个字典；不完整的字典：表外代码只提醒，不拒绝")


def _codes(found: CodeTable, shown: list[Code], asked: str) -> None:
    out = console()
    also = f"（{asked} 与它相同）" if asked != found.table else ""
    complete = "完整" if found.complete else "不完整：表外代码只提醒，不拒绝"
    out.print(
        f"[bold]{found.table} {found.name}[/]{also}  {len(found.values)} 个代码，{complete}；把握 {found.confidence}"
    )
    if found.note:
        out.print(f"[dim]{found.note}[/]")
    levels = any(code.parent for code in found)
    listed = table("代码", "名称", "也写作", "来源", *(("上级",) if levels else ()))
    for code in shown:
        above = (code.parent or "",) if levels else ()
        listed.add_row(code.code, code.name, " ".join(code.aliases), code.region or "国家", *above)
    out.print(listed)


def _as_json(found: CodeTable, shown: list[Code]) -> dict[str, Any]:
    return {
        "table": found.table, "name": found.name, "complete": found.complete, "confidence": found.confidence,
        "note": found.note,
        "values": [
            {
                "code": each.code, "name": each.name, "aliases": list(each.aliases), "parent": each.parent,
                "level": each.level, "region": each.region,
            }
            for each in shown
        ],
    }  # fmt: skip


def diff(
    left: Annotated[str, Parameter(name="A", help="地区 · a region")],
    right: Annotated[str, Parameter(name="B", help="另一地区；不给则与国家基线比 · another region")] = BASELINE,
    *,
    as_json: AsJson = False,
) -> None:
    """两个地区，或一个地区与国家基线，差在哪里 · How two regions differ, or one and the baseline."""
    found = compare(region_seen(left), region_seen(right))
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)


def _show(found: Comparison) -> None:
    out = console()
    sides = found.left, found.right
    out.print(f"[bold]{found.left}[/] 与 [bold]{found.right}[/]")
    for side, only in zip(sides, (found.only_left, found.only_right), strict=True):
        if only:
            out.print(f"\n[bold]只有{side}有的交易[/]（{len(only)}）")
            out.print(_transactions(only))
    if not (found.only_left or found.only_right or found.changed):
        out.print("\n交易的声明没有差别")
    if found.changed:
        out.print(f"\n[bold]两边都有、声明不同的交易[/]（{len(found.changed)}）")
        shown = table("交易", "何处", *sides)
        for infno, differences in found.changed.items():
            for i, each in enumerate(differences):
                shown.add_row("" if i else infno, each.what, each.left or "—", each.right or "—")
        out.print(shown)
    for title, what, differences in (
        ("地区", "项", found.region),
        ("固定值", "机构、交易、字段", found.fixed),
        ("地方代码", "字典、代码", found.codes),
        ("交易前后所做", "交易", found.around),
    ):
        if differences:
            out.print(f"\n[bold]{title}[/]")
            out.print(_differences(what, differences, *sides))
    for side, questions in zip(sides, (found.unanswered_left, found.unanswered_right), strict=True):
        if questions:
            out.print(f"\n[bold]{side}没有公开、还要向当地问清的[/]（{len(questions)}）")
            for question in questions:
                out.print(f"  · {question}", markup=False)


def _transactions(listed: tuple[Transaction, ...]) -> Any:
    shown = table("编号", "名称", "英文", "字段", "把握")
    for each in listed:
        shown.add_row(each.infno, each.name, each.english, "有表" if each.public else "未公开", each.confidence)
    return shown


def _differences(what: str, differences: tuple[RegionDifference, ...], *sides: str) -> Any:
    shown = table(what, *sides)
    for each in differences:
        shown.add_row(each.what, each.left or "—", each.right or "—")
    return shown
