"""``liangding clearing``: the monthly clearing of persons insured elsewhere (3260 to 3262)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter

from ..config import load_deployment
from ..errors import ConfigurationError
from .app import AsJson, Config
from .output import console, print_json, table

if TYPE_CHECKING:
    from ..reconciliation.clearing import Clearing
    from ..runtime import Runtime

clearing = cyclopts.App(
    name="clearing", help="异地清分：提取、确认、回退 · clearing by the month", help_format="plaintext"
)

Month = Annotated[str, Parameter(help="年月，如 2026-11 · the month")]


def _of(runtime: Runtime, month: str) -> Clearing:
    from ..reconciliation.clearing import Clearing

    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", month)
    if found is None:
        raise ConfigurationError(f"年月应写成 2026-11，给了 {month}")
    return Clearing(runtime, int(found[1]), int(found[2]))


@clearing.command
def extract(month: Month, *, config: Config, as_json: AsJson = False) -> int:
    """提取清分明细，与流水逐笔核对 · Hold a month against the journal. Exit code 1: some are in doubt."""
    from ..runtime import Runtime

    with Runtime(load_deployment(config)) as runtime:
        rows = _of(runtime, month).extract()
    doubts = [each for each in rows if each.doubt]
    if as_json:
        print_json([{"setl_sn": each.setl_sn, "doubt": each.doubt} for each in rows])
        return 1 if doubts else 0
    if doubts:
        shown = table("结算流水号", "总费用", "经办机构支付", "疑问")
        for each in doubts:
            amounts = (str(each.told.medfee_sumamt), str(each.told.optins_pay_sumamt))
            shown.add_row(each.setl_sn, *amounts, each.doubt)
        console().print(shown)
    console().print(f"{len(rows)} 笔，{len(doubts)} 笔有疑问")
    return 1 if doubts else 0


@clearing.command
def confirm(month: Month, *, config: Config) -> None:
    """确认：相符的参加清分，有疑问的不参加 · Confirm a month by the hundred; what is in doubt is left out."""
    from ..runtime import Runtime

    with Runtime(load_deployment(config)) as runtime:
        held = _of(runtime, month)
        rows = held.extract()
        done = held.confirm(rows)
    for each in done:
        console().print(f"确认 {each.rows} 笔，回退时用 {each.inf_refmsgid}", markup=False)
    left_out = sum(bool(each.doubt) for each in rows)
    console().print(f"{len(rows) - left_out} 笔参加清分，{left_out} 笔有疑问，不参加")


@clearing.command(name="roll-back")
def roll_back(
    month: Month,
    *,
    config: Config,
    confirmation: Annotated[str, Parameter(help="3261 应答的 inf_refmsgid · which one")] = "",
    all_: Annotated[bool, Parameter(name="--all", negative="", help="这个月的全部确认 · all of the month")] = False,
) -> None:
    """回退一次确认，或全部 · Roll back one confirmation, or all of the month."""
    from ..reconciliation.clearing import ALL_OF_THE_MONTH
    from ..runtime import Runtime

    if bool(confirmation) == all_:
        raise ConfigurationError("给 --confirmation 或 --all 其中一个")
    with Runtime(load_deployment(config)) as runtime:
        _of(runtime, month).roll_back(ALL_OF_THE_MONTH if all_ else confirmation)
    console().print("已回退")
