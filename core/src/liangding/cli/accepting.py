"""``liangding acceptance``: what is to be shown, showing it, and the papers that are handed in."""

from __future__ import annotations

import contextlib
import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import cyclopts
from cyclopts import Parameter

from ..clock import SystemClock, now
from ..config import Deployment, deployment_files, load_deployment
from ..config.one_code import REAL_MONEY
from ..config.recording import journal_as_it_is
from ..config.trials import TrialPerson
from ..contract.acceptance import Ends, Findings, Scenario, Tried
from ..contract.forms import Form
from ..contract.requirements import Standing
from ..errors import ConfigurationError
from ..flows import View
from ..knowledge import Knowledge
from ..structuring import nearest
from .app import AsJson, Config
from .output import console, print_json, table

acceptance = cyclopts.App(
    name="acceptance",
    help="验收：要做什么、做场景、填表格 · acceptance: what is wanted, performing it, filling the forms",
)

CLOCK = SystemClock()


@acceptance.command(name="list")
def list_(*, config: Config, as_json: AsJson = False) -> None:
    """列出场景与每项要求的情况 · The scenarios, and how each requirement stands in this acceptance."""
    found, _ = found_in(load_deployment(config))
    if as_json:
        print_json(_as_json(found))
        return
    out = console()
    out.print(f"[bold]{found.region}[/] {found.deployment.institution.name} 的验收")
    shown = table("场景", "内容", "情况", "结算ID", "说明")
    for each in found.tried:
        shown.add_row(each.scenario.id, each.scenario.title, each.ends.chinese, " ".join(each.setl_ids), each.why)
    out.print(shown)
    shown = table("编号", "章节", "要求", "产品", "本次验收", "证据")
    for row in found.rows:
        proof = (
            row.stated or "；".join(f"{e.msgid} {e.setl_id}".strip() for e in row.evidence) or " ".join(row.scenarios)
        )
        of = row.requirement
        shown.add_row(of.id, of.section, of.text, of.standing.chinese, row.ends.chinese, proof)
    out.print(shown)
    _counts(found)
    if found.deployment.one_code is not None:
        out.print(f"\n[red]{REAL_MONEY}[/]")
    if found.assumed:
        out.print(f"\n以下 {len(found.assumed)} 个编号没有公开的字段表，流程里的写法是假设，要在联调时核对：")
        for infno, what in found.assumed.items():
            out.print(f"  · {infno}：{what}", markup=False, soft_wrap=True)


def _counts(found: Findings) -> None:
    out = console()
    standing = {one: sum(row.requirement.standing is one for row in found.rows) for one in Standing}
    told = "，".join(f"{one.chinese} {count}" for one, count in standing.items())
    out.print(f"产品：{told}；共 {sum(standing.values())} 项")
    told = "，".join(f"{ends.chinese} {found.counts[ends]}" for ends in Ends if found.counts[ends])
    out.print(f"本次验收：{told}；共 {len(found.rows)} 项")


def _as_json(found: Findings) -> dict[str, Any]:
    return {
        "region": found.region, "institution": found.deployment.institution.code, "day": str(found.today),
        "scenarios": [_tried(each) for each in found.tried],
        "requirements": [
            row.requirement.as_json() | {
                "acceptance": row.ends.value, "evidence": [e.msgid for e in row.evidence], "stated": row.stated,
                "scenarios": list(row.scenarios),
            }
            for row in found.rows
        ],
        "assumed": dict(found.assumed),
        "counts": {ends.value: found.counts[ends] for ends in Ends},
    }  # fmt: skip


def _tried(each: Tried) -> dict[str, Any]:
    return {
        "scenario": each.scenario.id, "title": each.scenario.title, "ends": each.ends.value, "why": each.why,
        "setl_ids": list(each.setl_ids), "infnos": list(each.infnos), "files": list(each.files),
    }  # fmt: skip


@acceptance.command
def run(
    scenarios: Annotated[list[str] | None, Parameter(help="场景；不给则做全部还没有通过的")] = None,
    /,
    *,
    config: Config,
) -> int:
    """做场景：结算只在测试平台上；正式平台一次一个，由人确认人员与金额；做完都撤回 · Perform scenarios.

    A run that was stopped goes on where it was; what has passed is not done again unless it is named.
    """
    from ..acceptance import Performer
    from ..jobs.keeper import Keeper
    from ..runtime import Runtime

    deployment = load_deployment(config)
    out = console()
    with Runtime(deployment) as runtime, Keeper(runtime):
        performer = Performer(runtime, decide=decide_at_terminal, confirm=confirm_trial)
        wanted = [performer.named(name) for name in scenarios or ()] or performer.left()
        settling = [each for each in wanted if each.script.settles]
        if performer.production and len(settling) > 1:
            raise ConfigurationError(
                f"正式平台上一次只做一个场景，这里有 {len(settling)} 个", path=f"{config.name}: platform.environment",
                remedy=f"liangding acceptance run {settling[0].id} --config {config}",
            )  # fmt: skip
        well = True
        for scenario in wanted:
            kept = performer.perform(scenario)
            well &= kept.ends is Ends.PASSED
            colour = {Ends.PASSED: "green", Ends.STANDING: "bold red", Ends.FAILED: "red"}.get(kept.ends, "yellow")
            told = f"[{colour}]{kept.ends.chinese}[/] {scenario.id} {scenario.title}"
            out.print(f"{told}  结算ID {'、'.join(kept.setl_ids)}" if kept.setl_ids else told)
            if kept.why:
                out.print(f"    {kept.why}", markup=False)
    return 0 if well else 1


def confirm_trial(scenario: Scenario, person: TrialPerson) -> bool:
    """Whether whoever sits at the terminal lets it happen in production."""
    if not sys.stdin.isatty():
        return False
    out = console()
    out.print(f"[bold red]正式平台[/]：{scenario.title}，人员 {person.name}（{person.group}）。会真实结算，随后撤回。")
    return out.input("同意就写出人员的名字：").strip() == person.name


def decide_at_terminal(scenario: Scenario, view: View) -> str | None:
    """What whoever sits at the terminal answers to a flow's question."""
    from .flowing import answer_at_terminal

    return answer_at_terminal(view)


@acceptance.command
def report(
    forms: Annotated[list[str] | None, Parameter(help="表格名；不给则全部")] = None,
    /,
    *,
    config: Config,
    to: Annotated[Path | None, Parameter(help="写到哪个文件夹；缺省在验收文件夹的 report 中")] = None,
    only: Annotated[Literal["pdf", "editable"] | None, Parameter(help="只要 PDF，或只要可改的 docx、xlsx")] = None,
) -> None:
    """按本地的表格填写：PDF 与可改的 docx、xlsx · Fill the region's own forms from what was found."""
    from ..acceptance.keeping import folder_of
    from ..acceptance.reporting import forms_of

    deployment = load_deployment(config)
    with opened(deployment) as (known, journal):
        found = _found(known, journal)
        made = forms_of(known, journal, found, forms)
    _write(made, to or folder_of(deployment) / "report", only)


@acceptance.command
def weekly(
    folder: Annotated[Path, Parameter(help="放着各机构部署文件的文件夹")],
    /,
    *,
    day: Annotated[datetime.date | None, Parameter(help="哪一天报（周报报上一周）；缺省今天")] = None,
    to: Annotated[Path | None, Parameter(help="写到哪个文件夹；缺省就是这个文件夹的 report")] = None,
    only: Annotated[Literal["pdf", "editable"] | None, Parameter(help="只要 PDF，或只要可改的 docx、xlsx")] = None,
) -> None:
    """多家机构的进度表，如每周一上报的 · Progress over all deployments of a folder."""
    from ..acceptance.reporting import over_all

    day = day or now(CLOCK).date()
    found = [found_in(load_deployment(path)) for path in deployment_files([folder])]
    made = over_all([(findings, known) for findings, known in found], "weekly", day)
    if not made:
        raise ConfigurationError("这些机构所在的省份没有周报", path=str(folder))
    _write(made, to or folder / "report", only)


# -- finding and writing -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(deployment: Deployment) -> Iterator[tuple[Knowledge, Any]]:
    """What a deployment knows, and its journal."""
    known = Knowledge(deployment)
    with journal_as_it_is(deployment) as journal:
        yield known, journal.of(deployment.institution.code)


def _found(known: Knowledge, journal: Any) -> Findings:
    from ..acceptance import findings_of

    return findings_of(known, journal, CLOCK)


def found_in(deployment: Deployment) -> tuple[Findings, Knowledge]:
    """What is known of a deployment's acceptance."""
    with opened(deployment) as (known, journal):
        return _found(known, journal), known


def _write(made: list[Form], folder: Path, only: str | None) -> None:
    from ..acceptance.keeping import write_whole
    from ..acceptance.printing import editable, written

    names = [form.name for form in made]
    assert len(set(names)) == len(names), nearest("", names)
    for form in made:
        for ending in [*(["pdf"] if only != "editable" else []), *([editable(form)] if only != "pdf" else [])]:
            path = folder / f"{form.name}.{ending}"
            write_whole(path, written(form, ending))
            console().print(f"  {path}")
