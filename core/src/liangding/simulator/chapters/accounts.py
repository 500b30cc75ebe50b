"""Accounts: totals of settlements (3201), what an institution applies to have cleared (3203, 3204), and the monthly
clearing of persons from elsewhere (3260 to 3262).

What a test wants to differ it makes differ in the world itself: :func:`plant`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs

from ...contract.simulation import Refuse
from ...national.meaning import NOT_REFUNDED
from ..requests import Request, handles
from ..world import CANCELLED, EFFECTIVE, REVERSED, LedgerEntry, World

BALANCED, DIFFERENT = "0", "1"

ROWS = 100
"""So many rows of clearing go in one answer."""


def flag_of(asked: Any) -> str | None:
    """The sign of refunds, in whichever spelling the region has it."""
    for name in ("refd_setl_flag", "REFD_SETL_FLAG"):
        value = getattr(asked, name, None)
        if value is not None:
            return str(value)
    return None


def within(world: World, asked: Any) -> Iterator[LedgerEntry]:
    """The settlements that a reconciliation asks for."""
    counting = flag_of(asked) == NOT_REFUNDED
    for held in world.settlements.values():
        wanted = held.counts if counting else held.state != REVERSED
        if (
            wanted
            and asked.stmt_begndate <= held.at.date() <= asked.stmt_enddate
            and (held.clr_type, held.clr_optins) == (asked.clr_type, asked.setl_optins)
        ):
            yield held


@handles("3201")
def totals(request: Request) -> dict[str, Any]:
    asked = request.input.data
    held = [each for each in within(request.world, asked) if each.visit.cover.insutype == asked.insutype]
    sums = [sum((getattr(each.split, name) for each in held), Decimal(0)) for name in ("total", "fund", "account")]
    ours = (asked.fixmedins_setl_cnt, asked.medfee_sumamt, asked.fund_pay_sumamt, asked.acct_pay)
    same = ours == (len(held), *sums)
    said = "" if same else f"中心 {len(held)} 笔，医疗费 {sums[0]}，基金 {sums[1]}，账户 {sums[2]}"
    return {"stmtinfo": {
        "setl_optins": asked.setl_optins, "stmt_rslt": BALANCED if same else DIFFERENT, "stmt_rslt_dscr": said,
    }}  # fmt: skip


@handles("3203")
def apply(request: Request) -> dict[str, Any]:
    asked, held = request.input.data, request.world.kept.setdefault("applied", {})
    of = (asked.clr_type, asked.setlym)
    if of in held.values():
        raise Refuse("该月该清算类别已申请清算")
    number = f"CLR{request.world.number('clearing'):08d}"
    held[number] = of
    return {"result": {"clr_appy_evt_id": number}}


@handles("3204")
def withdraw(request: Request) -> None:
    if request.world.kept.setdefault("applied", {}).pop(request.input.data.clr_appy_evt_id, None) is None:
        raise Refuse("清算申请不存在")


# -- clearing of persons from elsewhere ------------------------------------------------------------------------------


@attrs.define
class Confirmed:
    """A confirmation (3261) of some rows of a month."""

    month: tuple[str, str]
    rows: tuple[str, ...]


def _of_elsewhere(world: World, year: str, month: str) -> list[LedgerEntry]:
    city = world.area[:4]
    return [
        held for held in world.settlements.values()
        if held.counts and f"{held.at:%Y%m}" == f"{year}{month}" and not held.visit.cover.place.startswith(city)
    ]  # fmt: skip


def _confirmations(request: Request) -> dict[str, Confirmed]:
    held: dict[str, Confirmed] = request.world.kept.setdefault("confirmed", {})
    return held


@handles("3260")
def extract(request: Request) -> dict[str, Any]:
    asked = request.input.data
    month = (asked.trt_year, asked.trt_month)
    if any(each.month == month for each in _confirmations(request).values()):
        raise Refuse("该月已确认，请先回退")
    first = int(asked.startrow) - 1
    rows = _of_elsewhere(request.world, *month)[first : first + ROWS]
    return {"data": [
        {
            "seqno": first + place, "mdtrtarea": request.world.area, "medins_no": request.world.institution,
            "certno": held.visit.person.certno, "mdtrt_id": held.visit.mdtrt_id[:20], "setl_sn": held.setl_id,
            "mdtrt_setl_time": held.at.isoformat(" ", "seconds"), "fulamt_advpay_flag": "0",
            "medfee_sumamt": held.split.total, "optins_pay_sumamt": held.split.fund,
        }
        for place, held in enumerate(rows, 1)
    ]}  # fmt: skip


@handles("3261")
def confirm(request: Request) -> None:
    asked, rows = request.input.data, request.input.detail
    month = (asked.trt_year, asked.trt_month)
    if len(rows) > ROWS or len(rows) != asked.totalrow:
        raise Refuse("确认的行数不对")
    known = {held.setl_id: held for held in _of_elsewhere(request.world, *month)}
    if any(row.setl_sn not in known for row in rows):
        raise Refuse("有不在清分明细中的结算")
    _confirmations(request)[request.msgid] = Confirmed(month, tuple(row.setl_sn for row in rows))


@handles("3262")
def roll_back(request: Request) -> None:
    asked, held = request.input.data, _confirmations(request)
    month = (asked.trt_year, asked.trt_month)
    for number in [number for number, each in held.items() if each.month == month]:
        if asked.otransid in ("0", number):
            del held[number]


# -- what a test wants to differ -------------------------------------------------------------------------------------

PLANTS = ("foreign refund", "gone", "amount", "other day", "not ours")


def plant(world: World, what: str, setl_id: str) -> None:
    """Make a settlement differ on the platform: taken back in the insurer's own pages (``foreign refund``), missing
    (``gone``), another ``amount``, of the ``other day``; ``not ours`` enters one that nobody here made."""
    held = world.settlements[setl_id]
    if what == "gone":
        del world.settlements[setl_id]
    elif what == "amount":
        held.split = attrs.evolve(held.split, total=held.split.total + 1)
    elif what == "other day":
        held.at += timedelta(days=1)
    elif what == "foreign refund":
        held.state = CANCELLED
        _enter(world, held, undo_of=setl_id)
    else:
        _enter(world, held, undo_of=None)


def _enter(world: World, like: LedgerEntry, *, undo_of: str | None) -> None:
    split = like.split.negated() if undo_of else like.split
    number = f"{world.area}P{world.number('planted'):010d}"
    made = attrs.evolve(
        like, setl_id=number, msgid="9" * 30, split=split, undo_of=undo_of, state=EFFECTIVE, rows=[],
    )  # fmt: skip
    world.settlements[number] = made
