"""``liangding flow show``: a flow's steps on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from ..config import load_deployment
from ..flows import Flow, Step
from ..flows.all import FLOWS
from ..knowledge import Knowledge
from ..structuring import nearest
from ..workflow.rows import flows_of, row_of
from ..workflow.standing import NoSuchFlow
from .output import console, print_json, table


def listed(as_json: bool) -> None:
    """Every flow: name, title, its transactions, the flow that undoes it."""
    if as_json:
        print_json([{"flow": f.name, "title": f.title, "calls": _calls(f), "undone_by": f.undone_by} for f in FLOWS])
        return
    shown = table("流程", "名称", "交易", "撤销用")
    for flow in FLOWS:
        shown.add_row(flow.name, flow.title, " ".join(_calls(flow)), flow.undone_by or "")
    console().print(shown)


def _calls(flow: type[Flow[Any]]) -> list[str]:
    return list(dict.fromkeys(infno for step in flow.steps for infno in step.calls))


def draw(name: str, config: Path | None, as_json: bool) -> None:
    """One flow, step under step. NoSuchFlow where there is none of that name."""
    known = None if config is None else Knowledge(load_deployment(config))
    flows = {each.name: each for each in FLOWS} if known is None else flows_of(FLOWS, known.manager, known.deployment)
    flow = flows.get(name)
    if flow is None:
        raise NoSuchFlow(f"没有流程 {name}{nearest(name, flows)}；有 {'、'.join(flows)}")
    steps = flow.steps if known is None else row_of(name, flow.steps, known.manager, known.deployment).steps
    if as_json:
        print_json(
            {"flow": name, "title": flow.title, "undone_by": flow.undone_by, "steps": list(map(_as_json, steps))}
        )
        return
    out = console()
    out.print(f"[bold]{flow.title}[/] {name}" + (f"  [dim]撤销用 {flow.undone_by}[/]" if flow.undone_by else ""))
    out.print(f"{(flow.__doc__ or '').strip()}\n", markup=False)
    shown = table("", "步骤", "交易", "数据取自", "何时", "重复", "撤销")
    for number, step in enumerate(steps, 1):
        shown.add_row(*_cells(number, step, last=number == len(steps)))
    out.print(shown)
    out.print("\n[dim]￥ 从这一步起钱已动；＋ 插件加的或包住的步骤[/]")


def _cells(number: int, step: Step, *, last: bool) -> list[Text]:
    mark = "￥" if step.charges else "＋" if step.plugins else "│" if not last else "╵"
    by = f"\n插件 {' '.join(step.plugins)}" if step.plugins else ""
    named = Text.assemble((f"{step.title}\n", "bold"), (f"{step.name}{by}", "dim"))
    cells = [" ".join(step.calls), _sources(step.takes), step.when or "总是", step.repeats, step.undone_by or ""]
    return [Text(f"{number:>2} {mark}"), named, *map(Text, cells)]


def _sources(takes: tuple[str, ...]) -> str:
    """Where a step's data comes from, short: transaction and field."""
    found: dict[str, list[str]] = {}
    for path in takes:
        infno, *_, field = path.split(".")
        found.setdefault(infno, []).append(field)
    return "\n".join(f"{infno} {' '.join(fields)}" for infno, fields in found.items())


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "step": step.name, "title": step.title, "calls": list(step.calls), "takes": list(step.takes),
        "when": step.when, "repeats": step.repeats, "undone_by": step.undone_by, "charges": step.charges,
        "plugins": list(step.plugins),
    }  # fmt: skip
