"""One sequence of what happened, from the chains that the processes of a journal write.

Each process has a chain of its own, whose events are committed in their order; of two processes neither waits for the
other, and numbers of rows become visible in any order. So nothing is read by such a number: whoever looks takes what
stands in each chain behind the place that was reached in it, and gives it the next positions, one process at a time. A
position is seen when all before it are.

The tables stand beside the journal (:mod:`..journal.beside`). They hold what the events themselves say, and nothing
that could not be told: no person, no number that a till gave.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    and_,
    delete,
    func,
    select,
)

from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.store import Tx
from ..journal.tables import events, flows, owners
from .happenings import CANDIDATES, Happening, Topic, flows_named, happened, in_order

FORM = 1

KEPT_DAYS = 14
"""So long can be gone back; what nobody asked for until then is asked for in the journal."""

UNWRITTEN = 5_000
"""After so many events of a chain of which nothing is told it is written down, too, that they were looked at."""

metadata = MetaData()

happenings = Table(
    "feed",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", Float, nullable=False),
    Column("institution", String(30), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("how", String(20), nullable=False),
    Column("by", String(20), nullable=False),
    Column("call_id", BigInteger),
    Column("infno", String(40)),
    Column("flow_id", String(40)),
    Column("flow", String(40)),
)
Index("feed_institution", happenings.c.institution, happenings.c.position)
Index("feed_flow", happenings.c.flow_id)
Index("feed_at", happenings.c.at)

reached = Table(
    "feed_reached",
    metadata,
    Column("owner", String(100), primary_key=True),
    Column("number", Integer, nullable=False),
)

heads = Table(
    "feed_head",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("forgotten", BigInteger, nullable=False),  # the last position that is kept no more
)

_FIELDS = tuple(name for name in happenings.columns.keys() if name != "position")  # noqa: SIM118 (their names)

_BEHIND = (
    select(owners.c.owner, owners.c.events, func.coalesce(reached.c.number, 0).label("number"))
    .outerjoin(reached, reached.c.owner == owners.c.owner)
    .where(owners.c.events > func.coalesce(reached.c.number, 0))
    .order_by(owners.c.ordinal)
)


class Sequence:
    """What happened in a journal, by position. Made for the first time it begins with what happens from then on."""

    def __init__(self, journal: JournalReading, epoch: Callable[[], float]) -> None:
        self._beside = Beside(journal, "feed", metadata, FORM)
        self._epoch = epoch
        self._nothing: dict[str, int] = {}
        """How far there was nothing to tell in each chain: that alone is not written down."""
        self.name = self._beside.read(_name) or self._beside.write(_begin)
        """The name of this sequence: another journal's has another one."""

    def take_up(self) -> int:
        """Take what stands in the chains by now into the sequence; its last position."""
        behind: list[Any] = self._beside.read(lambda connection: list(connection.execute(_BEHIND)))
        fresh = [chain for chain in behind if chain.events > self._nothing.get(chain.owner, 0)]
        if not fresh:
            return self.head()
        far = any(chain.events - chain.number > UNWRITTEN for chain in fresh)
        if far or self._beside.read(lambda connection: self._candidates(connection, fresh, self._nothing)):
            return self._beside.write(self._take_up)
        self._nothing = {chain.owner: chain.events for chain in behind}
        return self.head()

    def _candidates(self, connection: Connection, chains: Iterable[Any], known: Mapping[str, int]) -> list[Row[Any]]:
        """What may be told of these chains, in the order of each."""
        found: list[Any] = []
        for chain in chains:
            first = max(chain.number, known.get(chain.owner, 0))
            mine = and_(events.c.owner == chain.owner, events.c.number > first, events.c.number <= chain.events)
            query = CANDIDATES.where(mine, events.c.at >= self._oldest).order_by(events.c.number)
            found.extend(connection.execute(query).all())
        return found

    @property
    def _oldest(self) -> float:
        return self._epoch() - KEPT_DAYS * 86_400

    def _take_up(self, tx: Tx) -> int:
        head = tx.execute(select(heads).with_for_update()).one()
        behind = list(tx.execute(_BEHIND))
        rows = self._candidates(tx.connection, behind, {})
        of_flow = _flows(tx, rows)
        position: int = head.position
        for each in in_order([each for row in rows if (each := happened(row, of_flow)) is not None]):
            if each.flow_id is None or not _is_known(tx, each):
                position += 1
                told = {name: getattr(each, name) for name in _FIELDS}
                tx.execute(happenings.insert(), told | {"position": position, "kind": each.kind.value})
        for chain in behind:
            _reach(tx, chain)
        gone = tx.execute(select(func.max(happenings.c.position)).where(happenings.c.at < self._oldest)).scalar()
        forgotten = max(head.forgotten, gone or 0)
        if forgotten > head.forgotten:
            tx.execute(delete(happenings).where(happenings.c.position <= forgotten))
        tx.execute(heads.update().values(position=position, forgotten=forgotten))
        return position

    def head(self) -> int:
        """The last position."""
        return self._beside.read(_head)

    def has(self, position: int) -> bool:
        """Whether one may go on behind a position: it was given, and nothing behind it is forgotten."""
        head = self._beside.read(lambda connection: connection.execute(select(heads)).one())
        last, forgotten = int(head.position), int(head.forgotten)
        return forgotten <= position <= last

    def after(
        self, position: int, institution: str, kinds: Collection[Topic], *, upto: int, most: int = 200
    ) -> list[tuple[int, Happening]]:
        """What happened at an institution behind a position and up to another one, in order, each with its own."""
        within = and_(happenings.c.position > position, happenings.c.position <= upto)
        query = select(happenings).where(within, happenings.c.institution == institution)
        query = query.where(happenings.c.kind.in_([kind.value for kind in kinds]))
        query = query.order_by(happenings.c.position).limit(most)
        return [_placed(row) for row in self._beside.read(lambda connection: connection.execute(query).all())]


def _placed(row: Row[Any]) -> tuple[int, Happening]:
    told = {name: getattr(row, name) for name in _FIELDS}
    return row.position, Happening(**told | {"kind": Topic(row.kind)})


def _name(connection: Connection) -> str | None:
    found: str | None = connection.scalar(select(heads.c.name))
    return found


def _head(connection: Connection) -> int:
    return int(connection.execute(select(heads.c.position)).scalar_one())


def _begin(tx: Tx) -> str:
    """Everything that stands in the chains by now counts as told."""
    if (known := _name(tx.connection)) is not None:
        return known
    name = secrets.token_hex(4)
    tx.execute(heads.insert(), {"name": name, "position": 0, "forgotten": 0})
    for chain in tx.execute(_BEHIND).all():
        _reach(tx, chain)
    return name


def _reach(tx: Tx, chain: Row[Any]) -> None:
    tx.execute(delete(reached).where(reached.c.owner == chain.owner))
    tx.execute(reached.insert(), {"owner": chain.owner, "number": chain.events})


def _flows(tx: Tx, rows: list[Row[Any]]) -> dict[str, tuple[str, str]]:
    """Institution and kind of the flows that events are about."""
    found: dict[str, tuple[str, str]] = {}
    named = flows_named(rows)
    for first in range(0, len(named), 500):
        query = select(flows.c.id, flows.c.institution, flows.c.flow).where(flows.c.id.in_(named[first : first + 500]))
        found |= {row.id: (row.institution, row.flow) for row in tx.execute(query)}
    return found


def _is_known(tx: Tx, each: Happening) -> bool:
    """Whether the last thing that was told of a flow is the same: it is kept again without having moved."""
    last = select(happenings.c.state).where(happenings.c.flow_id == each.flow_id)
    return tx.execute(last.order_by(happenings.c.position.desc()).limit(1)).scalar() == each.state
