"""``liangding interfaces``: the declarations, listed, in full, or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from ..config import load_deployment
from ..knowledge.interfaces import BASELINE, Interfaces
from ..spec import Effect, LookedFor, Transaction
from ..spec.export import as_json as declaration
from ..spec.sampling import sample_answer, sample_request
from .app import AsJson
from .output import console, print_json, table

EFFECTS = {Effect.READS: "查询", Effect.REPEATABLE: "可重复", Effect.CHANGES: "办理"}


def interfaces(
    infno: Annotated[str | None, Parameter(help="只看这一个交易的全表 · one transaction in full")] = None,
    *,
    find: Annotated[str | None, Parameter(help="按编号、名称、英文或分组筛选 · filter")] = None,
    config: Annotated[Path | None, Parameter(name=["--config", "-c"], help="这个部署所知道的交易")] = None,
    sample: Annotated[
        Literal["request", "answer"] | None, Parameter(help="打印一个样例报文 · a sample message")
    ] = None,
    full: Annotated[bool, Parameter(negative="", help="样例中填上全部可选字段 · with every optional field")] = False,
    as_json: AsJson = False,
) -> None:
    """列出交易，或看一个交易的全表 · List the transactions, or show one in full."""
    known, assumed, closed = BASELINE, {}, {}
    if config is not None:
        from ..knowledge import Knowledge

        knowledge = Knowledge(load_deployment(config))
        known, assumed = knowledge.interfaces, knowledge.speaking.assumed()
        closed = {number: said for number in known.numbers() if (said := knowledge.not_opened(known[number]))}
    chosen = [known[infno]] if infno else [known[number] for number in known.numbers()]
    if find:
        chosen = [t for t in chosen if find.lower() in f"{t.infno} {t.name} {t.english} {t.group} {t.chapter}".lower()]
    if sample is not None:
        if sample == "request":
            print_json(sample_request(chosen[0], full=full))
        else:
            print_json(sample_answer(chosen[0], full=full))
    elif as_json:
        print_json([declaration(transaction) for transaction in chosen])
    elif infno:
        _show(chosen[0], known, assumed.get(infno, ""), closed.get(infno, ""))
    else:
        _list(chosen, known, closed)


def _list(chosen: list[Transaction], known: Interfaces, closed: Mapping[str, str]) -> None:
    shown = table("编号", "名称", "英文", "分组", "性质", "撤销", "2601", "把握", "来自")
    for t in chosen:
        shown.add_row(
            t.infno, t.name, t.english, t.group.rpartition("/")[2], EFFECTS[t.effect], t.undone_by or "",
            "可" if t.reversible else "", t.confidence if t.public else "未公开",
            f"{known.owner(t.infno) or '国家'}{'，未开放' if t.infno in closed else ''}",
        )  # fmt: skip
    out = console()
    out.print(shown)
    for said in dict.fromkeys(closed[t.infno] for t in chosen if t.infno in closed):
        out.print(f"未开放 · {said}", markup=False)
    out.print(f"共 {len(chosen)} 个交易；未公开：字段没有公开来源，报文原样通过")


def _show(t: Transaction, known: Interfaces, assumed: str, closed: str) -> None:
    out = console()
    out.print(f"[bold]{t.infno} {t.name}[/]  {t.english}")
    facts = {
        "分组": t.group,
        "作用": t.meaning,
        "性质": f"{EFFECTS[t.effect]}，{'每日上传' if t.daily else '实时'}",
        "方向": _direction(t),
        "占住本人": "结果不明时，同一人的下一笔等它查明" if t.holds else "否",
        "撤销": t.undone_by or "无",
        "2601 可冲正": "是" if t.reversible else "否",
        "结果不明": _looked_for(t),
        "路径": t.path or "未公开",
        "接口点": t.hook,
        "来自": known.owner(t.infno) or "国家基线",
        "把握": t.confidence,
    }
    if t.edition:
        facts["字段表"] = t.edition
    for place, why in t.disputed.items():
        facts[f"{'.'.join(place)} 缺时只提示"] = why
    for label, value in facts.items():
        out.print(f"  {label}：{value}")
    if closed:
        out.print(f"  未开放：{closed}", markup=False, style="yellow")
    if not t.public:
        out.print("  [yellow]字段没有公开来源：报文原样通过，不校验[/]")
    if assumed:
        otherwise = f"与中心说的不同时写 \\[spoken.{t.infno}]"
        out.print(f"  [yellow]流程里的写法是假设[/]：{assumed}；{otherwise}", soft_wrap=True)
    described = declaration(t)
    for side, title in (("input", "输入"), ("output", "输出")):
        for node in described[side]:
            out.print()
            out.print(_node(node, title))
        if not described[side]:
            out.print(f"\n{title}：无" if t.public else "")
    if t.rules:
        out.print("\n[bold]规则[/]")
        for rule in t.rules:
            out.print(f"  · {rule}", markup=False)


def _direction(t: Transaction) -> str:
    if t.incoming:
        return "平台发给机构，不能调用"
    return f"机构经加密信封发给在线服务 {t.channel}" if t.channel else "机构发给平台"


def _looked_for(t: Transaction) -> str:
    if not t.changes:
        return "可以重发"
    if isinstance(t.looked_for, LookedFor):
        return f"向平台查{t.looked_for.chinese}"
    return t.looked_for.why if t.looked_for else "平台没有可以查这一笔的交易，由人核对"


def _node(node: dict[str, Any], title: str) -> Any:
    parent = f"{node['parent']} 之下的 " if node.get("parent") else ""
    name = node["node"] or f"（直接在 {'input' if title == '输入' else 'output'} 之下）"
    many = "，多行" if node["repeats"] else ""
    heading = f"{title} {parent}{name} {node['label']}（{'必填' if node['required'] else '可无'}{many}）"
    shown = table("字段", "名称", "类型", "长度", "必填", "字典", "说明", title=heading)
    for field in node["fields"]:
        length = "" if field["length"] is None else str(field["length"])
        if field["scale"] is not None:
            length += f",{field['scale']}"
        facts = (field[key] or "" for key in ("required", "code_table", "note"))
        shown.add_row(field["name"], field["label"], field["type"], length, *facts)
    return shown
