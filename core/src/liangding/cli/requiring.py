"""``liangding requirements``: what the region's documents demand, and how each demand stands."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from cyclopts import Parameter

from ..config import load_deployment
from ..contract.requirements import Requirement, Standing
from ..knowledge import Knowledge
from .app import Config
from .output import console, print_json, table


def requirements(
    *,
    config: Config,
    state: Annotated[Standing | None, Parameter(help="只看一种：works、open、person、not-public")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="输出 JSON · for programs")] = False,
) -> None:
    """列出本地文件对本机构的要求，各自怎样 · What the region's documents demand of this institution."""
    known = Knowledge(load_deployment(config))
    rows = [each for each in known.requirements if state is None or each.standing is state]
    if as_json:
        print_json([each.as_json() for each in rows])
        return
    out = console()
    out.print(f"[bold]{known.region.name}[/] 的文件对 {known.deployment.name} 的要求")
    if not known.requirements:
        out.print("  没有登记")
        return
    shown = table("编号", "章节", "种类", "要求", "情况", "说明")
    for each in rows:
        shown.add_row(each.id, each.section, each.demand.chinese, each.text, each.standing.chinese, _remark(each))
    out.print(shown)
    counted = Counter(each.standing for each in rows)
    out.print("，".join(f"{standing.chinese} {counted[standing]}" for standing in Standing) + f"；共 {len(rows)} 项")


def _remark(requirement: Requirement) -> str:
    slip = f"文件笔误：{requirement.slip}" if requirement.slip else ""
    return "；".join(filter(None, (requirement.note, slip, *requirement.shown_by)))
