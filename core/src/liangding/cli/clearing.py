"""``liangding clearing``: clearing is applied for (3203, 3204), and of persons insured elsewhere confirmed by the month
(3260 to 3262)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import attrs
import cyclopts
from cyclopts import Parameter

from ..errors import ConfigurationError
from .app import AsJson, Config
from .looking import looking
from .output import console, print_json, table

if TYPE_CHECKING:
    from ..reconciliation.applying import Applications, ClearingDue
    from ..reconciliation.clearing import Clearing
    from ..runtime import Runtime

clearing = cyclopts.App(
    name="clearing",
    help="清算：申请、撤销；异地清分：提取、确认、回退 · clearing by the month",
    help_format="plaintext",
)

Month = Annotated[str, Parameter(help="年月，如 2026-11 · the month")]


def _of(runtime: Runtime, month: str) -> Clearing:
    from ..reconciliation.clearing import Clearing

    return Clearing(runtime, *_year_month(month))


def _year_month(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
    if found is None:
        raise ConfigurationError(f"年月应写成 2026-11，给了 {text}")
    return int(found[1]), int(found[2])


@clearing.command
def extract(month: Month, *, config: Config, as_json: AsJson = False) -> int:
    """提取清分明细，与流水逐笔核对 · Hold a month against the journal. Exit code 1: some are in doubt."""
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
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

    with Runtime.from_file(config) as runtime:
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
    with Runtime.from_file(config) as runtime:
        _of(runtime, month).roll_back(ALL_OF_THE_MONTH if all_ else confirmation)
    console().print("已回退")


@clearing.command
def due(month: Month, *, config: Config, as_json: AsJson = False) -> None:
    """这个月可以申请清算的，按清算类别、清算方式 · What there is to apply for."""
    with looking(config) as runtime:
        found = _applications(runtime, month).due()
    if as_json:
        print_json([attrs.asdict(each) for each in found])
        return
    shown = table("清算类别", "清算方式", "人次", "医疗费总额", "基金支付", "个人账户", "现金", "申请")
    for each in found:
        sums = (each.medfee_sumamt, each.fund_pay_sumamt, each.acct_pay, each.psn_cash_pay)
        stands = "结果不明" if each.unknown else each.applied or "没有"
        shown.add_row(each.clr_type, each.clr_way, str(each.count), *(f"{value:,.2f}" for value in sums), stands)
    console().print(shown)


ClrType = Annotated[str, Parameter(help="清算类别，如 11 · clr_type")]
ClrWay = Annotated[str, Parameter(help="清算方式；只有一种时可不给 · clr_way")]


@clearing.command
def apply(
    month: Month,
    clr_type: ClrType,
    clr_way: ClrWay = "",
    /,
    *,
    config: Config,
    balanced: Annotated[bool, Parameter(negative="", help="人已确认对平 · a person says that it balances")] = False,
) -> None:
    """申请清算（3203）：对平了才申请 · Apply for clearing, where the month balances."""
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        held = _applications(runtime, month)
        number = held.apply(_chosen(held.due(), clr_type, clr_way), balanced=balanced)
    console().print(f"已申请，申请事件ID {number}", markup=False)


@clearing.command
def withdraw(month: Month, clr_type: ClrType, clr_way: ClrWay = "", /, *, config: Config) -> None:
    """撤销清算申请（3204）· Take an application back."""
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        held = _applications(runtime, month)
        held.withdraw(_chosen(held.due(), clr_type, clr_way))
    console().print("已撤销")


def _applications(runtime: Runtime, month: str) -> Applications:
    from ..reconciliation.applying import Applications

    return Applications(runtime, *_year_month(month))


def _chosen(due: list[ClearingDue], clr_type: str, clr_way: str) -> ClearingDue:
    found = [each for each in due if each.clr_type == clr_type and clr_way in ("", each.clr_way)]
    if len(found) != 1:
        there = "、".join(f"{each.clr_type} {each.clr_way}".strip() for each in due) or "没有结算"
        raise ConfigurationError(f"清算类别 {clr_type} {clr_way} 对不上一组", remedy=f"有：{there}")
    return found[0]
