"""``liangding validate``: hold a message against its declaration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ..config import load_deployment
from ..knowledge.interfaces import BASELINE
from ..spec.problems import errors
from .app import AsJson
from .calling import read_bytes
from .output import console, print_json


def validate(
    infno: Annotated[str, Parameter(help="交易编号，如 2102")],
    file: Annotated[
        Path,
        Parameter(allow_leading_hyphen=True, help="报文的 JSON 文件（整个信封，或只有 input/output），- 为标准输入"),
    ],
    *,
    side: Annotated[Literal["request", "response"], Parameter(help="请求还是应答 · request or response")],
    config: Annotated[Path | None, Parameter(name=["--config", "-c"], help="按这个部署的省份校验")] = None,
    as_json: AsJson = False,
) -> int:
    """校验一个报文，指出每一处错误 · Name everything that is wrong with a message.

    Exit code 0: valid (there may be hints); 1: not valid.
    """
    from ..calls.validation import validate as hold_against

    data = read_bytes(file)
    if config is None:
        interfaces, problems = BASELINE, hold_against(infno, data, side)
    else:
        from ..knowledge import Knowledge

        known = Knowledge(load_deployment(config))
        interfaces = known.interfaces
        problems = hold_against(
            infno,
            data,
            side,
            interfaces=interfaces,
            requests=known.requests,
            answers=known.answers,
            circumstances=known.region.circumstances,
        )
    wrong = errors(problems)
    transaction = interfaces[infno]
    if as_json:
        print_json(
            {
                "infno": infno,
                "name": transaction.name,
                "side": side,
                "valid": not wrong,
                "problems": [problem.as_json() for problem in problems],
            }
        )
        return 1 if wrong else 0
    out = console()
    verdict = f"[bold red]{len(wrong)} 处错误[/]" if wrong else "[bold green]符合规范[/]"
    hints = len(problems) - len(wrong)
    shown = "请求" if side == "request" else "应答"
    out.print(
        f"{infno} {transaction.name} {shown}：{verdict}" + (f"，{hints} 处提示" if hints else ""), highlight=False
    )
    for problem in problems:
        out.print(f"  {'✗' if problem.level == 'error' else '!'} {problem}", markup=False)
    return 1 if wrong else 0
