"""Roles that wait for another person: who makes accounts could else make both persons of a decision.

A role that decides on money, or has a say in who does, takes effect when somebody else than who gave it has confirmed
it; a reset of such an account is giving it to whoever gets the new password. What waits stands beside the journal, so
that every process knows it; the account itself has what holds meanwhile. What is given at the server's own command line
waits for nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import attrs
from sqlalchemy import BigInteger, Column, Connection, Float, MetaData, String, Table, select

from ...errors import LiangdingError
from ...journal.beside import Beside
from ...journal.finding import JournalReading
from ...journal.store import Tx
from ...wire.json import decode, encode
from .rights import PersonRole, Scope

FORM = 1

metadata = MetaData()

waiting = Table(
    "console_waiting",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("number", String(32), nullable=False),  # what somebody confirms is what was shown
    Column("scope", String(4000), nullable=False),  # all that the account is to have
    Column("what", String(60), nullable=False),
    Column("given_by", String(4000), nullable=False),  # principals, with a blank between two
    Column("given_at", Float, nullable=False),
)


MOST_GIVERS = 30
"""So many of those who gave an account its roles are kept."""


class NotToConfirm(LiangdingError):
    """The roles wait no more, or are others by now, or would be confirmed by who gave or gets them."""

    code = "not_to_confirm"
    http_status = 409
    remedy = "重新打开“确认角色”看一下；自己给的、给自己的，由另一个人确认"


@attrs.frozen(kw_only=True)
class Waiting:
    """What an account (``person``, its id) is to have, by whom it was given (principals, the last one at the end),
    when, and by doing what."""

    person: int
    number: str
    scope: Scope
    what: str
    given_by: tuple[str, ...]
    given_at: float


class Confirming:
    """What waits beside one journal. Changes are made within the transaction that changes the account."""

    def __init__(self, journal: JournalReading, epoch: Callable[[], float]) -> None:
        self._beside, self._epoch = Beside(journal, "console_waiting", metadata, FORM), epoch

    def all(self) -> dict[int, Waiting]:
        """What waits, by the account's id."""
        return self._beside.read(lambda c: {row.person: _waiting(row) for row in c.execute(select(waiting))})

    def put(self, tx: Tx, person: int, scope: Scope, what: str, by: str) -> None:
        """It waits from now on, in the place of what waited before; who gave that confirms this neither."""
        before = of(tx.connection, person)
        drop(tx, person)
        givers = (*(each for each in (before.given_by if before else ()) if each != by), by)
        row = {
            "person": person, "number": secrets.token_hex(8), "scope": written(scope), "what": what,
            "given_by": " ".join(givers[-MOST_GIVERS:]), "given_at": self._epoch(),
        }  # fmt: skip
        tx.execute(waiting.insert(), row)


def of(connection: Connection, person: int) -> Waiting | None:
    """What waits of one account."""
    row = connection.execute(select(waiting).where(waiting.c.person == person)).first()
    return None if row is None else _waiting(row)


def drop(tx: Tx, person: int) -> None:
    """Nothing of that account waits any more."""
    tx.execute(waiting.delete().where(waiting.c.person == person))


def taken(tx: Tx, person: int, number: str, by: str, others: tuple[str, ...]) -> Waiting:
    """What waits under that number, which waits no more. NotToConfirm where it does not, or where ``by`` is who gave it
    or one of the ``others`` who may not."""
    held = of(tx.connection, person)
    if held is not None and held.number == number and by in (*held.given_by, *others):
        raise NotToConfirm("自己给的、给自己的角色，由另一个人确认")
    one = (waiting.c.person == person) & (waiting.c.number == number)
    if held is None or tx.execute(waiting.delete().where(one)).rowcount != 1:  # another process may be quicker
        raise NotToConfirm("这里等确认的已经变了，或已有人办了")
    return held


def read(held: str) -> Scope:
    """Roles by deployment, as they are stored."""
    return {place: tuple(map(PersonRole, roles)) for place, roles in decode(held.encode()).items()}


def written(scope: Scope) -> str:
    """Roles by deployment, to be stored."""
    return encode({place: [role.value for role in roles] for place, roles in scope.items() if roles}).decode()


def _waiting(row: Any) -> Waiting:
    names = ("person", "number", "what", "given_at")
    held = {name: getattr(row, name) for name in names}
    return Waiting(**held, scope=read(row.scope), given_by=tuple(row.given_by.split()))
