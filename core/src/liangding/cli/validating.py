"""``liangding validate``: hold a message against its declaration."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from ..config import load_deployment
from ..knowledge import Knowledge
from ..knowledge.editions import FollowedEdition
from ..knowledge.interfaces import BASELINE
from ..spec import Problem, Transaction
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
    on: Annotated[date | None, Parameter(help="按这一天的规范版本校验，如 2025-03-01 · as it was on that day")] = None,
    edition: Annotated[str, Parameter(name="--edition", help="按这个版本，如 V1.1.27；不给则按部署或省份的")] = "",
    as_json: AsJson = False,
) -> int:
    """校验一个报文，指出每一处错误 · Name everything that is wrong with a message.

    Exit code 0: valid (there may be hints); 1: not valid.
    """
    from ..calls.validation import validate as hold_against

    known = Knowledge(load_deployment(config), on=on) if config is not None else None
    own = known.edition if known else FollowedEdition(on=on)
    followed = FollowedEdition.named(edition, path="--edition", on=on) if edition else own
    interfaces = known.interfaces if known else BASELINE
    if followed is not own or known is None:
        interfaces = interfaces.following(followed)
    held: dict[str, Any] = {}
    if known:
        circumstances = known.region.circumstances
        held = {"requests": known.requests, "answers": known.answers, "circumstances": circumstances}
    problems = hold_against(infno, read_bytes(file), side, interfaces=interfaces, **held)
    transaction, wrong = interfaces[infno], errors(problems)
    if as_json:
        found = {"valid": not wrong, "edition": followed.told, "problems": [each.as_json() for each in problems]}
        print_json({"infno": infno, "name": transaction.name, "side": side, **found})
        return 1 if wrong else 0
    _show(transaction, side, problems, followed)
    return 1 if wrong else 0


def _show(transaction: Transaction, side: str, problems: list[Problem], edition: FollowedEdition) -> None:
    out, wrong = console(), errors(problems)
    verdict = f"[bold red]{len(wrong)} 处错误[/]" if wrong else "[bold green]符合规范[/]"
    hints = len(problems) - len(wrong)
    told = f"{transaction.infno} {transaction.name} {'请求' if side == 'request' else '应答'}：{verdict}"
    out.print(told + (f"，{hints} 处提示" if hints else ""), highlight=False)
    for problem in problems:
        out.print(f"  {'✗' if problem.level == 'error' else '!'} {problem}", markup=False)
    if wrong:
        out.print(f"  依据{edition.told}", markup=False)
