"""Tables that stand in the journal's database and are no part of its chain: work that is waiting, and what became of
it. Each set of them is made when it is first needed, and carries a number of its form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Connection, Integer, MetaData, Row, String, Table, inspect, select

from ..errors import ConfigurationError
from ..privacy import logger
from .finding import JournalReading
from .reading import ReadJournal
from .store import Store, Tx
from .vault import UnreadableValue

log = logger("journal")

T = TypeVar("T")

_metadata = MetaData()

forms = Table(
    "beside",
    _metadata,
    Column("name", String(40), primary_key=True),
    Column("form", Integer, nullable=False),
)


_known: WeakKeyDictionary[Store, dict[str, int]] = WeakKeyDictionary()
"""The sets of tables that are known to be there, of each store: many institutions share one."""


class Beside:
    """The tables ``metadata`` of form ``form`` beside a journal, known as ``name``. ConfigurationError where a later
    version has written them in a form that this one does not know."""

    def __init__(self, journal: JournalReading, name: str, metadata: MetaData, form: int) -> None:
        self.journal = journal
        self.store, self.vault, self.owner = journal.store, journal.vault, journal.owner

        if isinstance(journal, ReadJournal):
            self.store, held = _looked_at(journal.store, name, metadata, form)
            self._refuse_later(name, held, form)
            return
        known = _known.setdefault(self.store, {})
        if known.get(name) == form:
            return

        def make(tx: Tx) -> int:
            _metadata.create_all(tx.connection)
            held: int | None = tx.connection.scalar(select(forms.c.form).where(forms.c.name == name))
            if held is None:
                metadata.create_all(tx.connection)
                tx.execute(forms.insert(), {"name": name, "form": form})
            return form if held is None else held

        self._refuse_later(name, self.store.write(make), form)
        known[name] = form

    @staticmethod
    def _refuse_later(name: str, held: int, form: int) -> None:
        if held > form:
            raise ConfigurationError(f"流水库里 {name} 的格式是 {held}，这个版本只认到 {form}")

    @staticmethod
    def is_there(journal: JournalReading, name: str) -> bool:
        """Whether a set of tables was ever made beside a journal; nothing is."""
        if name in _known.get(journal.store, {}):
            return True

        return journal.store.read(lambda connection: _form_of(connection, name)) is not None

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run ``work`` in a transaction of the journal's database. JournalUnavailable."""
        return self.store.write(work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a connection for reading."""
        return self.store.read(work)

    def gone(self, table: Table, working: str) -> set[str]:
        """The processes that a table's rows in the state ``working`` are with, and that are no more."""
        query = select(table.c.owner).where(table.c.state == working, table.c.owner != self.owner).distinct()
        owners: list[Any] = self.read(lambda connection: list(connection.scalars(query)))
        return {owner for owner in owners if self.journal.is_gone(owner)}


def _looked_at(store: Store, name: str, metadata: MetaData, form: int) -> tuple[Store, int]:
    """Where the tables are read that a journal has which is only looked at, and their form: where it has none yet,
    empty ones that are nowhere."""

    held = store.read(lambda connection: _form_of(connection, name))
    if held is not None:
        return store, held
    empty = Store("sqlite://", Path())
    with empty.engine.begin() as connection:
        metadata.create_all(connection)
    return empty, form


AT_ONCE = 200
"""How many rows one transaction seals anew."""


def reseal(journal: JournalReading, table: Table, places: Callable[[Row[Any]], dict[str, str]]) -> int:
    """Seal anew, under the present key, what stands sealed in a table with ids; ``places`` says of a row which columns
    those are and their places. How many rows were changed; what does not open is left, and named in the log."""

    def portion(tx: Tx, after: int) -> tuple[int | None, int]:
        rows = tx.execute(select(table).where(table.c.id > after).order_by(table.c.id).limit(AT_ONCE)).all()
        return rows[-1].id if rows else None, sum(renewed(tx, row) for row in rows)

    def renewed(tx: Tx, row: Row[Any]) -> bool:
        found = places(row)
        held = {name: getattr(row, name) for name in found}
        try:
            fresh = {name: journal.vault.renewed(held[name], place) for name, place in found.items()}
        except UnreadableValue:
            log.warning("%s %d does not open, and is left as it is", table.name, row.id)
            return False
        changes = {name: value for name, value in fresh.items() if value is not None}
        as_seen = (table.c[name] == value for name, value in held.items())
        return bool(changes) and bool(
            tx.execute(table.update().where(table.c.id == row.id, *as_seen).values(changes)).rowcount
        )

    if not journal.store.read(lambda connection: inspect(connection).has_table(table.name)):
        return 0
    after, done = 0, 0
    while True:
        last, changed = journal.store.write(lambda tx, after=after: portion(tx, after))  # type: ignore[misc]
        done += changed
        if last is None:
            return done
        after = last


def _form_of(connection: Connection, name: str) -> int | None:
    """The form of a set of tables; None where it was never made."""
    if not inspect(connection).has_table(forms.name):
        return None
    found: int | None = connection.scalar(select(forms.c.form).where(forms.c.name == name))
    return found
