"""``liangding journal``: what was sent, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter

from ..config import load_deployment
from ..errors import ConfigurationError
from ..journal import Call, Journal, State, Vault
from ..journal.records import STATE_NAMES
from ..wire.transport import FAILURE_NAMES
from .app import AsJson, Config
from .output import console, print_json, table

journal = cyclopts.App(name="journal", help="流水：列出、查看 · the journal of all calls", help_format="plaintext")


def open_journal(config: Path) -> Journal:
    """The journal of a deployment file."""
    deployment = load_deployment(config)
    try:
        vault = Vault(deployment.secret("journal.key", deployment.journal.key))
    except ValueError as wrong:
        raise ConfigurationError(str(wrong), path="journal.key") from None
    return Journal(deployment.journal.url, vault, folder=deployment.folder)


@journal.command(name="list")
def list_(
    *,
    config: Config,
    state: Annotated[list[State] | None, Parameter(help="只看这些状态")] = None,
    infno: Annotated[str | None, Parameter(help="只看这个交易")] = None,
    all_: Annotated[bool, Parameter(name="--all", negative="", help="也列查询类交易")] = False,
    limit: int = 30,
    as_json: AsJson = False,
) -> None:
    """最近的调用，结果不明的在前 · The latest calls; those with unknown outcome first."""
    opened = open_journal(config)
    found = opened.latest(states=state or (), infno=infno, limit=limit, changes=None if all_ or infno else True)
    opened.close()
    if as_json:
        print_json([call.as_json() for call in found])
    else:
        show_calls(found, console())


def show_calls(found: list[Call], out: Any) -> None:
    """Print calls as a table, the unsettled ones first."""
    if not found:
        out.print("流水中没有这样的调用")
        return
    shown = table("流水", "时间", "交易", "结果", "报文号", "金额", "结算编号", "说明")
    for call in sorted(found, key=lambda c: c.state.final):
        name = STATE_NAMES[call.state]
        colour = "green" if call.state is State.ACCEPTED else "red" if not call.state.final else "yellow"
        shown.add_row(
            str(call.id), f"{call.created_at:%m-%d %H:%M:%S}", call.infno, f"[{colour}]{name}[/]", call.msgid,
            call.amount or "", call.setl_id or "", FAILURE_NAMES.get(call.failure, call.failure),
        )  # fmt: skip
    out.print(shown)


@journal.command
def show(call_id: int, *, config: Config, bodies: bool = False, as_json: AsJson = False) -> None:
    """一次调用的全部；--bodies 连同报文（含个人信息，勿外传）· One call in full."""
    opened = open_journal(config)
    call = opened.call(call_id)
    opened.close()
    shown = call.as_json() | {"message": call.message, "advice": list(call.advice)}
    if bodies:
        shown |= {"request": call.request.decode(), "answer": call.answer.decode("utf-8", "replace")}
    if as_json:
        print_json(shown)
        return
    out = console()
    for label, value in shown.items():
        if value not in (None, "", []):
            out.print(f"{label}: {value}", markup=False)
