"""``liangding flow``: business flows from the command line, with their questions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter
from rich.cells import cell_len, set_cell_size

from ..contract.questions import AnswerKind, BadAnswer
from ..flows import Flows, Status, View
from ..runtime import Runtime
from .app import AsJson, Config
from .calling import read_json
from .looking import looking
from .output import console, print_json, table

flow = cyclopts.App(
    name="flow", help="业务流程：画出、开始、回答、继续、查看 · business flows", help_format="plaintext"
)

WAITING = 3
"""Exit code of a flow that waits for an answer."""


@flow.command
def start(
    name: Annotated[str, Parameter(help="流程名，如 pharmacy_purchase")],
    file: Annotated[Path, Parameter(allow_leading_hyphen=True, help="业务内容的 JSON 文件，- 为标准输入")],
    *,
    config: Config,
    key: Annotated[str | None, Parameter(help="业务号：同号只办一次")] = None,
    answer: Annotated[list[str] | None, Parameter(help="预先回答：问题=答案，如 use_account=1")] = None,
    as_json: AsJson = False,
) -> int:
    """开始一笔业务；要问人时在终端里问 · Start a flow; questions are asked at the terminal.

    Exit code 3: it waits for an answer (``liangding flow answer``).
    """
    given = read_json(file)
    answers = dict(each.partition("=")[::2] for each in answer or ())
    with Runtime.from_file(config) as runtime:
        flows = Flows(runtime)
        view = flows.start(name, given, key=key)  # type: ignore[arg-type]
        while view.status is Status.QUESTION:
            value = _answer_to(view, answers)
            if value is None:
                break
            view = flows.answer(view.id, value)
    return _show(view, as_json)


@flow.command(name="answer")
def answer_(flow_id: str, value: str, *, config: Config, as_json: AsJson = False) -> int:
    """回答一笔业务的提问 · Answer the question that a flow waits with."""
    with Runtime.from_file(config) as runtime:
        return _show(Flows(runtime).answer(flow_id, value), as_json)


@flow.command
def resume(flow_id: str, *, config: Config, as_json: AsJson = False) -> int:
    """让停下的业务继续 · Let a stopped flow go on."""
    with Runtime.from_file(config) as runtime:
        return _show(Flows(runtime).resume(flow_id), as_json)


@flow.command
def status(flow_id: str, *, config: Config, as_json: AsJson = False) -> int:
    """看一笔业务 · Look at a flow."""
    with looking(config) as runtime:
        return _show(Flows(runtime).get(flow_id), as_json)


@flow.command
def abandon(flow_id: str, *, config: Config, as_json: AsJson = False) -> int:
    """放弃尚未结算的业务 · Give a flow up that has changed nothing yet."""
    with Runtime.from_file(config) as runtime:
        return _show(Flows(runtime).abandon(flow_id), as_json)


@flow.command
def debts(*, config: Config, as_json: AsJson = False) -> None:
    """办完了、而有步骤还欠着的业务 · Flows that are done, of which a step owes something."""
    with looking(config) as runtime:
        owing = Flows(runtime).debts()
    if as_json:
        print_json([view.as_json() for view in owing])
        return
    shown = table("业务", "流程", "步骤", "插件", "原因", "办过")
    for view in owing:
        for debt in view.debts:
            shown.add_row(view.id, view.title, debt.title, debt.plugin, debt.error["message"], f"{debt.tries} 次")
    console().print(shown)


@flow.command
def show(
    name: Annotated[str | None, Parameter(help="流程名，如 outpatient；不给则列出全部")] = None,
    *,
    config: Annotated[Path | None, Parameter(name=["--config", "-c"], help="部署文件：连插件加的步骤一起画")] = None,
    as_json: AsJson = False,
) -> None:
    """画出一个流程：步骤、交易、数据从哪来、何时、重复、怎样撤销 · Draw a flow's steps.

    With a deployment file those that its plugins put in, too.
    """
    from .drawing import draw, listed

    if name is None:
        listed(as_json)
    else:
        draw(name, config, as_json)


def _answer_to(view: View, answers: dict[str, str]) -> str | None:
    question = view.question
    assert question is not None
    if question.id in answers:
        return answers.pop(question.id)
    return answer_at_terminal(view)


def answer_at_terminal(view: View) -> str | None:
    """What whoever sits at the terminal answers; None where nobody does."""
    question = view.question
    if question is None or not sys.stdin.isatty():
        return None
    out = console()
    show_question(view, out)
    while True:
        value = out.input("答：", password=question.kind is AnswerKind.SECRET).strip()
        try:
            question.check(value)
        except BadAnswer as wrong:
            out.print(f"[red]{wrong.message}[/]")
        else:
            return str(value)


def show_question(view: View, out: Any) -> None:
    """Print the question that a flow waits with."""
    question = view.question
    assert question is not None
    out.print(f"[bold yellow]问{question.whom}[/]：{question.text}")
    widest = max((cell_len(label) for label, _ in question.facts), default=0)
    for label, value in question.facts:
        out.print(f"    {set_cell_size(label, widest)}  {value}")
    for option in question.options:
        out.print(f"  [bold]{option.value}[/]  {option.label}  [dim]{option.detail}[/]")


def _show(view: View, as_json: bool) -> int:
    if as_json:
        print_json(view.as_json())
    else:
        out = console()
        out.print(f"{view.title} {view.id}  {view.status.value}（{view.step_title}）")
        if view.question is not None:
            show_question(view, out)
        if view.error is not None:
            out.print(f"[red]{view.error['message']}[/]")
        for sentence in view.advice:
            out.print(f"[bold yellow]※ {sentence}[/]")
        if view.result.get("slip"):
            out.print(view.result["slip"], markup=False)
    return {Status.DONE: 0, Status.ABANDONED: 0, Status.QUESTION: WAITING}.get(view.status, 1)
