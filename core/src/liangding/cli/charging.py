"""``liangding one-code``: what was settled and what was charged with the same code, both parts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from cyclopts import Parameter

from ..config import Deployment, load_deployment
from ..config.one_code import OneCode
from ..config.recording import journal_as_it_is
from ..flows.one_code import CHARGE
from ..journal import STATE_NAMES, State
from ..wire.json import decode
from .app import AsJson, Config
from .output import console, print_json, table


def one_code(
    *, config: Config, limit: Annotated[int, Parameter(help="最近多少笔")] = 1000, as_json: AsJson = False
) -> None:
    """一码付的每一笔：医保部分与自费部分 · Each one-code payment, the insurance's part and the own part.

    The acquirer's reconciliation stays outside: the own part is what was charged by this journal.
    """
    deployment = load_deployment(config)
    with journal_as_it_is(deployment) as journal:
        rows = list(charged(journal.of(deployment.institution.code), deployment, limit))
    if as_json:
        print_json(rows)
        return
    shown = table("时间", "业务号", "结算ID", "医疗费总额", "医保支付", "自费收款", "收款结果")
    for row in rows:
        shown.add_row(
            *(str(row[name]) for name in ("at", "bill_no", "setl_id", "total", "insured", "own", "state_name"))
        )
    out = console()
    out.print(shown)
    done = [row for row in rows if row["state"] == State.ACCEPTED.value]
    insured, own = (sum((Decimal(row[name]) for row in done), Decimal(0)) for name in ("insured", "own"))
    out.print(f"收成 {len(done)} 笔：医保支付 {insured:.2f} 元，自费收款 {own:.2f} 元；收款以收单机构的对账为准")


def charged(journal: Any, deployment: Deployment, limit: int) -> Iterator[dict[str, Any]]:
    """Both parts of each charge, the latest first."""
    settings = deployment.one_code or OneCode()
    for call in journal.latest(infno=CHARGE, limit=limit):
        asked = decode(call.request)["input"].get("data") or {} if call.request else {}
        own = Decimal(str(asked.get(settings.amount) or 0)) / (100 if settings.unit == "fen" else 1)
        told = _settled(journal, call.flow)
        total, cash = Decimal(str(told.get("medfee_sumamt") or 0)), Decimal(str(told.get("psn_cash_pay") or 0))
        yield {
            "at": f"{call.created_at:%Y-%m-%d %H:%M:%S}", "bill_no": call.bill_no or "",
            "setl_id": str(told.get("setl_id") or ""), "total": f"{total:.2f}", "insured": f"{total - cash:.2f}",
            "own": f"{own:.2f}", "state": call.state.value, "state_name": STATE_NAMES[call.state],
        }  # fmt: skip


def _settled(journal: Any, flow: str | None) -> dict[str, Any]:
    """What the insurance's settlement of the same piece of business says."""
    for call in reversed(journal.of_flow(flow) if flow else []):
        if call.state is State.ACCEPTED and call.setl_id and call.answer:
            held = decode(call.answer).get("output") or {}
            found = held.get("setlinfo") if isinstance(held, dict) else None
            if isinstance(found, dict):
                return found
    return {}
