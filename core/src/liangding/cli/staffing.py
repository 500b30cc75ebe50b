"""``liangding departments`` and ``liangding staff``: the institution's lists against the platform's."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter

from ..errors import ConfigurationError
from .app import AsJson, Config
from .looking import looking
from .output import console, print_json, table

if TYPE_CHECKING:
    from ..desk.staff import StaffRow

departments = cyclopts.App(
    name="departments", help="科室：与平台核对，确认后上传、变更、撤销 · departments", help_format="plaintext"
)
staff = cyclopts.App(
    name="staff", help="医执人员：与平台核对，留下代码 · doctors, nurses, pharmacists", help_format="plaintext"
)

Ours = Annotated[Path, Parameter(help="本机构的名单：.csv、.xlsx，或写着数据库视图的 .toml · the institution's list")]


@departments.command(name="compare")
def compare_departments(file: Ours, *, config: Config, as_json: AsJson = False) -> int:
    """本机构的科室与平台的（5101）差在哪里 · What differs. Exit code 1: something does."""
    from ..config.sources import rows_from
    from ..desk.departments import compare
    from ..runtime import Runtime

    ours = rows_from(file)
    with Runtime.from_file(config) as runtime:
        found = compare(runtime, ours)
    if as_json:
        print_json([
            {"code": each.code, "name": each.name, "deed": each.deed.value, "fields": list(each.fields)}
            for each in found
        ])  # fmt: skip
        return 1 if found else 0
    shown = table("科室编码", "科室", "要做的", "不同的字段")
    for each in found:
        shown.add_row(each.code, each.name, each.deed.chinese, "、".join(each.fields))
    console().print(shown if found else "一致")
    return 1 if found else 0


@departments.command(name="apply")
def apply_departments(
    file: Ours,
    codes: Annotated[list[str] | None, Parameter(help="确认的科室编码 · the departments that are confirmed")] = None,
    /,
    *,
    config: Config,
    all_: Annotated[bool, Parameter(name="--all", negative="", help="全部上传与变更；撤销要逐个写出编码")] = False,
) -> int:
    """办已确认的：上传（3401、3401A）、变更（3402）、撤销（3403）· Do what is confirmed; withdrawals only by name."""
    from ..config.sources import rows_from
    from ..desk.departments import Deed, apply_all, compare
    from ..runtime import Runtime

    if bool(codes) == all_:
        raise ConfigurationError("写出确认的科室编码，或给 --all")
    ours = rows_from(file)
    with Runtime.from_file(config) as runtime:
        found = compare(runtime, ours)
        unknown = sorted(set(codes or ()) - {each.code for each in found})
        if unknown:
            raise ConfigurationError(f"{'、'.join(unknown)} 没有差异，或没有这个科室")
        chosen = [each for each in found if (each.code in codes if codes else each.deed is not Deed.CANCEL)]
        apply_all(runtime, chosen)
        left = compare(runtime, ours)
    console().print(f"办了 {len(chosen)} 个科室" + (f"，还有 {len(left)} 处差异" if left else "，与平台一致"))
    return 1 if left else 0


HEAD = ("类别", "自编号", "姓名", "本机构的代码", "平台的代码", "医保医师", "停用", "结果")


def _line(row: StaffRow) -> tuple[str, ...]:
    flag = {"1": "是", "0": "否"}.get(row.hi_dr_flag, row.hi_dr_flag)
    return row.kind_name, row.number, row.name, row.code, row.their_code, flag, row.until, row.finding.chinese


@staff.command(name="compare")
def compare_staff(
    file: Ours,
    *,
    config: Config,
    take: Annotated[
        list[str] | None, Parameter(help="留下这些人（自编号）的平台代码 · keep these people's codes")
    ] = None,
    take_all: Annotated[bool, Parameter(negative="", help="凡平台有代码的都留下 · of all who have one")] = False,
    person: Annotated[str, Parameter(help="谁确认的 · who confirmed")] = "",
    to: Annotated[Path | None, Parameter(help="结果写到哪个 .csv，供 HIS 取回代码 · for the HIS to read")] = None,
) -> int:
    """本机构的医执人员与平台的（5102）· Both lists, and what differs. Exit code 1: something does."""
    from ..config.sources import rows_from
    from ..desk.staff import TAKEABLE, StaffFinding, StaffList, compare
    from ..runtime import Runtime

    ours = rows_from(file)
    with Runtime.from_file(config) as runtime:
        found = compare(runtime, ours)
        unknown = sorted(set(take or ()) - {row.number for row in found})
        if unknown:
            raise ConfigurationError(f"名单里没有 {'、'.join(unknown)}", path="--take")
        chosen = [row for row in found if row.number in (take or ()) or (take_all and row.finding in TAKEABLE)]
        taken = StaffList(runtime).take(chosen, person=person) if chosen else 0
    if to is not None:
        with to.open("w", encoding="utf-8-sig", newline="") as written:
            csv.writer(written).writerows([HEAD, *map(_line, found)])
    shown = table(*HEAD)
    for row in found:
        shown.add_row(*_line(row))
    console().print(shown)
    differing = sum(row.finding is not StaffFinding.SAME for row in found)
    console().print(f"{len(found)} 人，{differing} 人不一致" + (f"；留下 {taken} 人的代码" if taken else ""))
    return 1 if differing else 0


@staff.command(name="list")
def list_(*, config: Config, as_json: AsJson = False) -> None:
    """留下的代码 · The codes that are kept."""
    from ..desk.staff import StaffList

    with looking(config) as runtime:
        found = StaffList(runtime).listed()
    if as_json:
        print_json([
            {"number": row.number, "type": row.kind, "code": row.code, "hi_dr_flag": row.hi_dr_flag, "until": row.until}
            for row in found
        ])  # fmt: skip
        return
    shown = table("类别", "自编号", "姓名", "代码", "停用")
    for row in found:
        shown.add_row(row.kind_name, row.number, row.name, row.code, row.until)
    console().print(shown)
