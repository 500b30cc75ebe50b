"""``liangding matching``: the institution's items and the catalogue's codes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from ..config import load_deployment
from .app import AsJson, Config
from .looking import looking
from .output import console, print_json, table

matching = cyclopts.App(
    name="matching", help="目录对照：导入、候选、确认、上传 · items and codes", help_format="plaintext"
)

Kind = Annotated[str, Parameter(help="目录类别 list_type，如 101")]
Number = Annotated[str, Parameter(help="本机构的目录编号 fixmedins_hilist_id")]


@matching.command(name="import")
def import_(
    file: Annotated[Path, Parameter(help=".csv、.xlsx，或写着数据库视图的 .toml · a table, or a view")],
    *,
    config: Config,
) -> None:
    """导入本机构的药品、项目、耗材、疾病、手术 · Take in the institution's items."""
    from ..catalogue.items import read_items
    from ..catalogue.matching import Matching
    from ..runtime import Runtime

    items = read_items(file)
    with Runtime.from_file(config) as runtime:
        count = Matching(runtime).take_in(items)
    console().print(f"记下 {count} 条")


@matching.command
def propose(*, config: Config, least: Annotated[float, Parameter(help="至少多像，0 到 100")] = 60.0) -> None:
    """给未匹配的找候选：先编码，再名称、规格 · Propose codes; a person confirms each."""
    from ..catalogue.matching import Matching
    from ..catalogue.opening import open_shelf
    from ..runtime import Runtime

    deployment = load_deployment(config)
    shelf = open_shelf(deployment)
    try:
        with Runtime(deployment) as runtime:
            count = Matching(runtime).propose(shelf, least=least)
    finally:
        shelf.close()
    console().print(f"{count} 条有了候选；逐条确认：liangding matching confirm")


@matching.command(name="list")
def list_(
    *,
    config: Config,
    state: Annotated[list[str] | None, Parameter(help="open、proposed 等")] = None,
    as_json: AsJson = False,
) -> None:
    """各条怎样了，候选多像 · The items, with what is proposed."""
    from ..catalogue.matching import Matching, MatchState
    from ..errors import ConfigurationError

    try:
        states = [MatchState(each) for each in state or ()]
    except ValueError as wrong:
        raise ConfigurationError(str(wrong), remedy=f"只能是 {'、'.join(MatchState)}") from None
    with looking(config) as runtime:
        found = Matching(runtime).listed(states=states)
    rows = [
        (each.item.list_type, each.item.fixmedins_hilist_id, each.item.fixmedins_hilist_name, each.item.med_list_codg,
         f"{each.score:.0f}", each.state.chinese, each.person, each.said)
        for each in found
    ]  # fmt: skip
    if as_json:
        names = ("list_type", "number", "name", "code", "score", "state", "person", "said")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    shown = table("类别", "编号", "名称", "目录编码", "相似", "", "确认人", "平台的话")
    for row in rows:
        shown.add_row(*row)
    console().print(shown)


@matching.command
def confirm(
    kind: Kind, number: Number, code: Annotated[str, Parameter(help="医疗目录编码")], *, config: Config, person: str
) -> None:
    """一人确认一条对照 · A person says what an item is."""
    from ..catalogue.matching import Matching
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        Matching(runtime).confirm(kind, number, code, person=person)
    console().print(f"{kind} {number} 对照为 {code}，待上传", markup=False)


@matching.command
def upload(*, config: Config) -> int:
    """上传已确认的（3301）· Upload what is confirmed. Exit code 1: some were refused."""
    from ..catalogue.matching import Matching
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        went, refused = Matching(runtime).upload()
    console().print(f"上传 {went} 条" + (f"，{refused} 条被拒，见 liangding matching list" if refused else ""))
    return 1 if refused else 0


@matching.command
def withdraw(kind: Kind, number: Number, *, config: Config) -> None:
    """撤销一条（3302），改好再传 · Withdraw one."""
    from ..catalogue.matching import Matching
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        Matching(runtime).withdraw(kind, number)
    console().print(f"{kind} {number} 已撤销", markup=False)


@matching.command
def counts(*, config: Config, as_json: AsJson = False) -> None:
    """各目录的应匹配数、完成匹配数 · How many are due and done."""
    from ..catalogue.kinds import kind_name
    from ..catalogue.matching import Matching

    with looking(config) as runtime:
        found = Matching(runtime).counted()
    if as_json:
        print_json([{"list_type": kind, "due": due, "done": done} for kind, (due, done) in found.items()])
        return
    shown = table("目录类别", "应匹配数", "完成匹配数")
    for kind, (due, done) in sorted(found.items()):
        shown.add_row(f"{kind} {kind_name(kind)}", str(due), str(done))
    console().print(shown)


@matching.command
def gaps(
    numbers: Annotated[list[str], Parameter(help="本机构的目录编号 · the institution's item numbers")],
    *,
    config: Config,
) -> int:
    """这些编号里哪些没有对照，结算会被拒 · Which of these a settlement would be refused for. Exit code 1: some."""
    from ..catalogue.matching import Matching

    with looking(config) as runtime:
        found = Matching(runtime).gaps(numbers)
    console().print(f"没有上传对照：{'、'.join(found)}" if found else "都有对照", markup=False)
    return 1 if found else 0


@matching.command
def export(
    file: Annotated[Path, Parameter(help=".csv 或 .xlsx")],
    *,
    config: Config,
    kind: Annotated[list[str] | None, Parameter(help="只要这些类别，如 1307、1308；不给则全部 · only these")] = None,
) -> int:
    """导出对照表：两边的编码、名称，名称差多少，差得多的要说明 · Export what is matched with what.

    Exit code 1: some names are far apart and not explained, or something is not matched.
    """
    from ..catalogue.mapping import mapping, write_mapping
    from ..catalogue.matching import Matching
    from ..catalogue.opening import open_shelf

    with looking(config) as runtime, contextlib.closing(open_shelf(runtime.deployment)) as shelf:
        rows = mapping(shelf, Matching(runtime).listed(), kind or ())
    write_mapping(rows, file)
    odd = sum(bool(row.odd) for row in rows)
    console().print(f"{len(rows)} 条写在 {file}" + (f"，{odd} 条待办，见最后一列" if odd else ""), markup=False)
    return 1 if odd else 0
