"""A campaign: many bills at four servers on one PostgreSQL, several faults for each, servers killed under way. In the
end each bill is settled once, and as it was told."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .house import House, house
from .line import Rule, until
from .oracle import accounts, judge, standing
from .test_one_house import QUERIES, SETTLING
from .till import SETTLED, Bill, Till
from .troubles import TROUBLES

SERVERS, TILLS = 4, 6

SLOW = frozenset({"never answered", "answered too late", "drips"})
"""What waits for the servers' own limit: one bill in twenty meets one of these."""

ROUNDS = (5, 70, 130, 130, 300, 600, 1200, 1900, 2000, 7300)
"""How long the tills wait between asking for what they do not know, in seconds of the servers' clock."""


@pytest.fixture
def shop(postgresql_url: str) -> Iterator[House]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, house(Path(folder), journal=postgresql_url) as at:
        for _ in range(SERVERS):
            at.serve()
        yield at


@pytest.mark.parametrize("count", [16, pytest.param(500, marks=pytest.mark.long)])
def test_each_bill_is_settled_once_and_as_it_was_told(shop: House, count: int) -> None:
    drawing = random.Random(count)
    bills = [
        Bill(key=f"C{i}", person=person, by_flow=drawing.random() < 0.4) for i, person in enumerate(shop.people(count))
    ]
    before, struck = shop.everybody(), [rule for bill in bills for rule in _struck(shop, bill, drawing)]
    for number, seconds in enumerate(ROUNDS):
        _ask(shop, [bill for bill in bills if bill.last != SETTLED], drawing, killing=number < 3)
        if number == 4:
            shop.line.calm()
        shop.rest(seconds)
        shop.line.deliver()
    ledger = shop.ledger()
    assert judge(bills, ledger) == []
    assert {len(standing(bill, ledger)) for bill in bills} == {1}
    assert accounts(before, shop.everybody(), ledger) == []
    assert shop.unowned() == 0
    assert sum(rule.struck for rule in struck) >= 2 * count


def _struck(shop: House, bill: Bill, drawing: random.Random) -> list[Rule]:
    """What goes wrong with a bill: two of its settlements and some of the questions about them."""
    quick = [name for name in TROUBLES if name not in SLOW]
    names = [drawing.choice(sorted(SLOW)) if drawing.random() < 0.05 else drawing.choice(quick) for _ in range(5)]
    return [
        *(shop.line.strike(TROUBLES[name], *SETTLING, who=bill.psn_no) for name in names[:2]),
        *(shop.line.strike(TROUBLES[name], *QUERIES, who=bill.psn_no) for name in names[2:]),
    ]


def _ask(shop: House, bills: Sequence[Bill], drawing: random.Random, *, killing: bool) -> None:
    """Every till asks for its share of the bills, at whichever server is there; meanwhile one server is killed."""
    shares = [bills[i::TILLS] for i in range(TILLS)]
    ports = [[drawing.choice(shop.servers).port for _ in share] for share in shares]
    asking = [threading.Thread(target=_ask_for, args=(share, at)) for share, at in zip(shares, ports, strict=True)]
    for each in asking:
        each.start()
    if killing:
        killed, asked = drawing.choice(shop.servers), len(shop.line.sent)
        half = asked + len(bills) // 2
        until(lambda: len(shop.line.sent) > half or not any(each.is_alive() for each in asking), "half are asked", 300)
        killed.kill()
        killed.start()
    for each in asking:
        each.join(600)
        assert not each.is_alive()


def _ask_for(bills: Sequence[Bill], ports: Sequence[int]) -> None:
    till = Till(*ports[:1], patience=120)
    for bill, port in zip(bills, ports, strict=True):
        till.ask(bill, port=port)
    till.close()
