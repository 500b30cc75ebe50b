"""What is right and what is wrong, by two witnesses only: the platform's ledger, and what the till was told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from .till import NOTHING, SETTLED, UNKNOWN, Bill, Heard

AMOUNTS = {"total": "medfee_sumamt", "account": "acct_pay", "cash": "psn_cash_pay", "fund": "fund_pay_sumamt"}


def judge(bills: Iterable[Bill], ledger: Iterable[Mapping[str, Any]]) -> list[str]:
    """Everything that is wrong at rest, as sentences. Each bill has a person of its own."""
    rows = list(ledger)
    return [wrong for bill in bills for wrong in _bill(bill, [row for row in rows if row["psn_no"] == bill.psn_no])]


def standing(bill: Bill, ledger: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The settlements of the bill's person that charge somebody."""
    return [row for row in ledger if row["psn_no"] == bill.psn_no and row["counts"]]


def _bill(bill: Bill, rows: list[Mapping[str, Any]]) -> Iterator[str]:
    stand = standing(bill, rows)
    name = f"{bill.key} ({bill.key and ('flow' if bill.by_flow else 'call')})"
    if len(stand) > 1:
        yield f"{name} is settled {len(stand)} times"
    refunded = any(heard.says == SETTLED for heard in bill.refund)
    told = list(dict.fromkeys(heard.setl_id for heard in bill.heard if heard.says == SETTLED))
    if len(told) > 1:
        yield f"{name} was told several settlements: {told}"
    believes = bill.last
    if refunded:
        if stand:
            yield f"{name} was told that it is taken back, and {[row['setl_id'] for row in stand]} stand"
    elif believes == SETTLED:
        yield from _told(name, bill.heard, stand)
    elif believes == NOTHING and stand:
        yield f"{name} was told that nothing stands ({bill.heard[-1].code}), and {stand[0]['setl_id']} does"
    elif believes == UNKNOWN:
        yield f"{name} is unknown still ({bill.heard[-1].code}), and {len(stand)} stand"


def _told(name: str, heard: list[Heard], stand: list[Mapping[str, Any]]) -> Iterator[str]:
    last = next(each for each in reversed(heard) if each.says == SETTLED)
    if [row["setl_id"] for row in stand] != [last.setl_id]:
        yield f"{name} was told {last.setl_id}, and {[row['setl_id'] for row in stand]} stand"
        return
    for amount, wire in AMOUNTS.items():
        said: Decimal | None = getattr(last, amount)
        if said is not None and said != Decimal(str(stand[0][wire])):
            yield f"{name}: {wire} was told as {said}, and the ledger has {stand[0][wire]}"


def accounts(before: Mapping[str, Any], after: Mapping[str, Any], ledger: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is left in each person's account is what was there, less what stands."""
    spent: dict[str, Decimal] = {}
    for row in ledger:
        if row["counts"]:
            spent[row["psn_no"]] = spent.get(row["psn_no"], Decimal(0)) + Decimal(str(row["acct_pay"]))
    wrong = []
    for psn_no, person in before.items():
        left = _balance(after[psn_no])
        if left != _balance(person) - spent.get(psn_no, Decimal(0)):
            wrong.append(f"{person['case']}: had {_balance(person)}, spent {spent.get(psn_no, 0)}, left {left}")
    return wrong


def _balance(person: Mapping[str, Any]) -> Decimal:
    return sum((Decimal(str(cover["balance"])) for cover in person["covers"]), Decimal(0))
