"""Four servers on one PostgreSQL, and the same persons and keys at all four of them at the same instant: each bill is
settled once, and taken back once.

The database takes its time with what is between looking and writing: where nothing keeps two processes apart, they meet
there.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import psycopg
import pytest

from .house import House, house
from .line import Met
from .oracle import accounts, judge, standing
from .test_one_house import SETTLING, liangding
from .till import SETTLED, Bill, Heard, Till
from .troubles import TROUBLES, refused

SERVERS = 4

SAME_BILL = '[keys]\nsame_bill = "refuse"\n'
"""Of the same rows for the same person under two keys one is settled."""

SLOW_WRITES = """
CREATE FUNCTION takes_its_time() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN IF NEW.holds THEN PERFORM pg_sleep(0.03); END IF; RETURN NEW; END';
CREATE TRIGGER takes_its_time BEFORE INSERT ON calls FOR EACH ROW EXECUTE FUNCTION takes_its_time()
"""
"""Between what a process looks at before it records a call that changes something, and the record."""


def turned_away(met: Met) -> None:
    """Something on the way refuses in plain words what the platform never saw: the key is free again."""
    met.say(refused("参保人员已停保")(b""))


BEFORE: dict[str, Callable[[Met], None] | None] = {
    "new": None, "turned away before": turned_away, "lost before": TROUBLES["request lost"],
}  # fmt: skip
"""What became of the bill's first attempt, long before four ask for it."""

MEANWHILE = ("", "answer lost", "503, done", "delivered twice, second answer")
"""What strikes while four ask."""


@attrs.frozen(kw_only=True)
class Wanted:
    """One settlement that a person wants; ``bills`` are what it is asked for as: one, or by mistake two, the same rows
    under two keys. ``before`` and ``meanwhile`` say what goes wrong with it."""

    bills: tuple[Bill, ...]
    before: str
    meanwhile: str

    @property
    def psn_no(self) -> str:
        return self.bills[0].psn_no

    @property
    def settled(self) -> list[Bill]:
        """Those of which the till was told that they are settled."""
        return [bill for bill in self.bills if any(heard.says == SETTLED for heard in bill.heard)]


class Four:
    """A pharmacy with four servers, a till at each of them, and what its customers want."""

    def __init__(self, at: House) -> None:
        self.at = at
        self.tills = [Till(server.port, patience=120) for server in at.servers]
        kinds = [(b, m, f, 1) for b, m, f in itertools.product(BEFORE, MEANWHILE, (False, True))]
        kinds += [("new", m, f, 2) for m, f in itertools.product(MEANWHILE, (False, True))]
        self.wanted = [
            Wanted(bills=tuple(Bill(key=f"F{n}-{i}", person=who, by_flow=f) for i in range(c)), before=b, meanwhile=m)
            for n, ((b, m, f, c), who) in enumerate(zip(kinds, at.people(len(kinds)), strict=True))
        ]
        self.had = at.everybody()

    def settle(self) -> list[str]:
        """What is wrong after everything was settled at all four at once."""
        self._try_before()
        for each in self.wanted:
            if each.meanwhile:
                self.at.line.strike(TROUBLES[each.meanwhile], *SETTLING, who=each.psn_no)
        self._at_once([each.bills for each in self.wanted], Till.ask)
        for _ in range(4):
            for each in self.wanted:
                for bill in each.settled or each.bills:
                    self.tills[0].ask(bill)
            self.at.rest(5, 130)
        twice = [each.bills[0].key for each in self.wanted if len(each.settled) != 1]
        return [f"{key}: not one of its bills is told as settled" for key in twice] + self._wrong(standing_each=1)

    def take_back(self) -> list[str]:
        """What is wrong after all of it was taken back at all four at once."""
        bills = [bill for each in self.wanted for bill in each.settled]
        self._at_once([(bill,) for bill in bills], Till.take_back)
        for _ in range(4):
            self.at.rest(5, 130)
            for bill in bills:
                if not any(heard.says == SETTLED for heard in bill.refund):
                    self.tills[0].take_back(bill)
        untold = [bill.key for bill in bills if not any(heard.says == SETTLED for heard in bill.refund)]
        return [f"{key} is not told as taken back" for key in untold] + self._wrong(standing_each=0)

    def _try_before(self) -> None:
        """First attempts that come to nothing, and are known to have."""
        for each in self.wanted:
            if (trouble := BEFORE[each.before]) is not None:
                self.at.line.strike(trouble, *SETTLING, who=each.psn_no)
                self.tills[0].ask(each.bills[0])
        self.at.rest(5, 130, 130)

    def _at_once(self, asked: Sequence[Sequence[Bill]], ask: Callable[[Till, Bill], Heard]) -> None:
        """For one after the other all four tills ask in the same instant, each at its own server."""
        instant = threading.Barrier(SERVERS)

        def stand(place: int) -> None:
            for bills in asked:
                instant.wait(300)
                ask(self.tills[place], bills[place % len(bills)])

        asking = [threading.Thread(target=stand, args=(place,)) for place in range(SERVERS)]
        for each in asking:
            each.start()
        for each in asking:
            each.join(600)
            assert not each.is_alive()

    def _wrong(self, *, standing_each: int) -> list[str]:
        ledger = self.at.ledger()
        stand = {each.bills[0].key: len(standing(each.bills[0], ledger)) for each in self.wanted}
        return [
            *(f"{key}: {count} settlements stand" for key, count in stand.items() if count != standing_each),
            *judge([bill for each in self.wanted for bill in each.settled], ledger),
            *accounts(self.had, self.at.everybody(), ledger),
        ]


@pytest.fixture
def four(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[Four]:
    environment: Mapping[str, str] = getattr(request, "param", {})
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        house(Path(folder), journal=postgresql_url, settings=SAME_BILL) as at,
    ):
        for _ in range(SERVERS):
            at.serve(environment=dict(environment))
        with psycopg.connect(postgresql_url, autocommit=True) as database:
            database.execute(SLOW_WRITES)
        yield Four(at)


def test_the_same_bill_at_four_servers_at_the_same_instant(four: Four) -> None:
    assert four.settle() == []
    assert four.take_back() == []
    assert four.at.unowned() == 0
    verified = liangding(four.at, "journal", "verify")
    assert verified.returncode == 0, verified.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    "four", [{"WORLD_WITHOUT_LOCKS": of} for of in ("all", "person")], indirect=True, ids=("all", "person")
)
def test_without_the_locks_it_is_not_so(four: Four) -> None:
    assert any("settlements stand" in wrong for wrong in four.settle())
