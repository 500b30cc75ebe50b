"""``liangding rules`` and ``liangding protocol``: the numbered rules, and the quality control of a settlement list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ..checks.book import NumberedRule, book, differences, numbered
from ..clock import SystemClock, now
from ..config import load_deployment
from ..errors import LiangdingError
from ..knowledge import Knowledge
from ..knowledge.editions import FollowedEdition
from ..knowledge.interfaces import BASELINE
from .app import AsJson
from .calling import read_bytes
from .output import console, print_json, table


class NotAList(LiangdingError):
    """A protocol is of a settlement list, and of nothing else."""

    code = "not_a_list"
    remedy = "交易编号用 4101 或 4101A；其他报文用 liangding validate"


def rules(
    number: Annotated[str, Parameter(help="规则编号，如 SL061；不给则列出全部")] = "", *, as_json: AsJson = False
) -> None:
    """规则：编号、内容，正例、反例，写法的修正 · The numbered rules with a good and a bad example of each."""
    chosen = [numbered(number)] if number else list(book().values())
    if as_json:
        print_json([_told(each) for each in chosen])
    elif number:
        _explain(chosen[0])
    else:
        shown = table("编号", "类别", "内容", "轻重")
        for each in chosen:
            shown.add_row(each.number, each.group, each.title, LEVELS.get(each.level, "未判"))
        console().print(shown)
        console().print(f"共 {len(chosen)} 条；liangding rules 编号 看正例与反例")


LEVELS = {"error": "错误", "warning": "提醒", "info": "记下"}


def _told(rule: NumberedRule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": rule.number, "group": rule.group, "title": rule.title, "level": rule.level, "rule": rule.rule,
        "place": rule.place, "reason": rule.reason, "undecided": rule.undecided,
    }  # fmt: skip
    if rule.undecided:
        return told
    mended = rule.mended()
    good, bad = rule.good(), rule.bad()
    return told | {
        "infno": good.infno, "side": good.side, "good": good.message, "bad": bad.message,
        "repaired": mended and mended.message,
    }  # fmt: skip


def _explain(rule: NumberedRule) -> None:
    out = console()
    out.print(f"[bold]{rule.number}[/] {rule.title}（{rule.group}）", highlight=False)
    if rule.undecided:
        out.print(f"  单凭报文判不了：{rule.undecided}", markup=False)
        return
    out.print(f"  轻重：{LEVELS[rule.level]}；正例：一份{rule.of}，没有问题", markup=False)
    for place, before, after, repaired in differences(rule):
        out.print(f"  反例：{place} {before} 改成 {after}", markup=False)
        if repaired:
            out.print(f"  修正：{place} 写作 {repaired}", markup=False)
    for name, value in rule.circumstances.items():
        out.print(f"  反例：已知 {name} = {value}", markup=False)
    out.print(f"  这时说：{rule.place} {rule.reason}", markup=False)
    out.print(f"  全文：liangding rules {rule.number} --json", markup=False)


def protocol(
    infno: Annotated[str, Parameter(help="4101 或 4101A")],
    file: Annotated[Path, Parameter(allow_leading_hyphen=True, help="清单的 JSON 文件，- 为标准输入")],
    *,
    config: Annotated[Path | None, Parameter(name=["--config", "-c"], help="按这个部署的省份")] = None,
    pdf: Annotated[Path | None, Parameter(help="写成 PDF，医保办打印")] = None,
    as_json: AsJson = False,
) -> int:
    """结算清单的质控单：每条规则 OK、提醒、错误 · The quality control of a settlement list, rule by rule.

    Exit code 0: the list may go out; 1: not.
    """
    from ..receipts.protocols import LISTS, ListVerdict, printed
    from ..receipts.protocols import protocol as made_of

    if infno not in LISTS:
        raise NotAList(f"{infno} 不是结算清单", path="infno")
    known = Knowledge(load_deployment(config)) if config is not None else None
    held: dict[str, Any] = {"interfaces": BASELINE.following(FollowedEdition())}
    if known:
        circumstances = known.region.circumstances
        held = {"interfaces": known.interfaces, "requests": known.requests, "circumstances": circumstances}
    made = made_of(infno, read_bytes(file), **held)
    if pdf is not None:
        institution = known.deployment.institution if known else None
        name, code = (institution.name, institution.code) if institution else ("", "")
        pdf.write_bytes(printed(made, institution=name, code=code, at=now(SystemClock())))
    if as_json:
        rows = [
            {"number": row.number, "title": row.title, "verdict": row.verdict.value, "found": list(row.found),
             "repair": row.repair}
            for row in made.rows
        ]  # fmt: skip
        print_json(
            {"passes": made.passes, "edition": made.edition, "rows": rows, "beyond": [t for _, t in made.beyond]}
        )
        return 0 if made.passes else 1
    out, counted = console(), made.counted
    told = "，".join(f"{verdict.value} {counted[verdict]}" for verdict in ListVerdict)
    out.print(f"{infno} {'可以上传' if made.passes else '不可上传'}：{told}", markup=False)
    for row in made.rows:
        if row.verdict in (ListVerdict.WRONG, ListVerdict.REMINDER):
            out.print(f"  {row.verdict.value} {row.number} {'；'.join(row.found)}", markup=False)
            if row.repair:
                out.print(f"      改作 {row.repair}", markup=False)
    for _, text in made.beyond:
        out.print(f"  表 {text}", markup=False)
    return 0 if made.passes else 1
