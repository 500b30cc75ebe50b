"""Bringing a database up to what this version needs: tables, keys, and the rows of earlier schemas.

Schema 0001 kept digests of contents without a key, and flows and sign-ins outside the chain. Their rows are written
anew one by one, each under an event that says so, and only where what the journal says of a row still holds: what
somebody altered stays as it was found, and verifying goes on to show it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from ..errors import ConfigurationError
from ..privacy import logger
from . import chain, keyring, migrations
from .flows import place as flow_place
from .presence import Presence
from .store import Store, Tx
from .subjects import FLOW, JOURNAL, SIGN_IN
from .tables import calls, events, flows, keys, owners, sign_ins
from .vault import UnreadableValue, Vault
from .verifying import is_upgrading
from .writing import Writer

log = logger("journal")

WITHOUT_KEYS = "0001"
"""The schema whose journals had no keys of their own, and flows and sign-ins outside the chain."""

AT_ONCE = 500
"""How many rows one transaction writes anew."""


class TooNew(ConfigurationError):
    """A later version has written this journal."""

    code = "journal_too_new"
    remedy = "用写这个流水的版本，或更新的版本"


class InUse(ConfigurationError):
    """A process of an earlier version is at work on this journal."""

    code = "journal_in_use"
    remedy = "先停下还在用这个流水的旧版本进程，再启动新版本"


def bring_up(store: Store, vault: Vault, presence: Presence, epoch: Callable[[], float]) -> tuple[Vault, str | None]:
    """Tables and keys as this version needs them; the vault with the journal's keys, and the schema that was there
    (None: the journal is new). Two processes at once do it once.

    WrongKey, TooNew, InUse; JournalUnavailable where the database fails.
    """
    found, opened = store.read(lambda connection: _as_it_is(connection, vault))
    if found not in (None, *migrations.REVISIONS):
        raise too_new(found)
    if opened is not None:
        return opened, found

    def work(tx: Tx) -> tuple[Vault, str | None]:
        before = migrations.revision(tx.connection)
        if before == migrations.HEAD:
            held = keyring.load(tx.connection, vault)
            keyring.rewrap(tx, held)
            return held, before
        if before is not None:
            _nobody_else(tx, presence, epoch)
            _keep_copy(store, before)
        migrations.upgrade(tx.connection)
        return _keys(tx, vault, before, epoch()), before

    return store.write(work)


def _as_it_is(connection: Connection, vault: Vault) -> tuple[str | None, Vault | None]:
    """The schema that is there, and the vault with the journal's keys where nothing has to be brought up."""
    found = migrations.revision(connection)
    if found != migrations.HEAD:
        return found, None
    opened = keyring.load(connection, vault)
    return found, opened if keyring.is_wrapped(connection, opened) else None


def too_new(found: str) -> TooNew:
    return TooNew(f"流水是更新的版本写的（{found}），这个版本只认到 {migrations.HEAD}", path="journal.url")


def _keep_copy(store: Store, found: str) -> None:
    """Before an upgrade the file as it was is kept beside it, once."""
    name = store.engine.url.database
    if store.dialect != "sqlite" or not name:
        return
    kept = Path(f"{name}.{found}")
    if not kept.exists():
        with contextlib.closing(sqlite3.connect(f"{Path(name).resolve().as_uri()}?mode=ro", uri=True)) as held:
            os.close(os.open(kept, os.O_CREAT | os.O_WRONLY, 0o600))
            with contextlib.closing(sqlite3.connect(kept)) as made:
                held.backup(made)
        log.info("the journal as schema %s had it is kept as %s", found, kept.name)


def _keys(tx: Tx, vault: Vault, before: str | None, at: float) -> Vault:
    """The vault with the keys of a journal whose schema was ``before``."""
    if before is None:
        return keyring.create(tx, vault, at)
    if before == WITHOUT_KEYS:
        return keyring.adopt(tx, vault, at)
    held = keyring.load(tx.connection, vault)
    keyring.rewrap(tx, held)
    return held


def _nobody_else(tx: Tx, presence: Presence, epoch: Callable[[], float]) -> None:
    """InUse where a process of an earlier version lives: it would go on writing as it always did."""
    for row in tx.execute(select(owners.c.owner, owners.c.beat_at).order_by(owners.c.ordinal.desc()).limit(20)):
        if not presence.is_gone_since(row.owner, row.beat_at, epoch()):
            raise InUse(f"旧版本的进程 {row.owner.rpartition(':')[0]} 还在用这个流水", path="journal.url")


class Upgrade:
    """Writing the rows of schema 0001 anew, in portions."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._call, self._flow = 0, ""
        self._done = not writer.store.read(is_upgrading)
        if not self._done:
            writer.store.write(self._begin)

    def _begin(self, tx: Tx) -> None:
        """Say that it begins; sign-ins, of which there are few, are brought into the chain at once."""
        begun = select(events.c.number).where(events.c.subject == JOURNAL, events.c.kind == "upgrading")
        if tx.execute(begun.limit(1)).first() is not None:
            return
        self._writer.link(tx, "upgrading", {"from": WITHOUT_KEYS, "to": migrations.HEAD}, subject=JOURNAL)
        for found in tx.execute(select(sign_ins)).all():
            row = dict(found._mapping) | {"version": 1}
            where = and_(sign_ins.c.institution == found.institution, sign_ins.c.operator == found.operator)
            tx.execute(sign_ins.update().where(where).values(version=1))
            self._writer.keep(tx, SIGN_IN, row)

    def go_on(self, *, limit: int) -> int:
        """Write up to so many rows anew; how many there were. 0 where nothing is left, or never was."""
        done = 0
        while not self._done and done < limit:
            found = self._writer.store.write(lambda tx: self._calls(tx) or self._flows(tx))
            if not found:
                self._writer.store.write(self._end)
                self._done = True
                log.info("the journal is upgraded to %s", migrations.HEAD)
            done += found
        return done

    def _end(self, tx: Tx) -> None:
        self._writer.link(tx, "upgraded", {"to": migrations.HEAD}, subject=JOURNAL)

    def _calls(self, tx: Tx) -> int:
        """The next calls whose contents are digests without a key."""
        query = select(calls).where(calls.c.id > self._call, ~calls.c.content.startswith("k")).order_by(calls.c.id)
        rows = tx.execute(query.limit(AT_ONCE)).all()
        for found in rows:
            row = {name: value for name, value in found._mapping.items() if name != "id"}
            holds = _holds(self._writer, tx.connection, found.id, row)
            row["content"] = self._writer.vault.content(row["content"])
            tx.execute(calls.update().where(calls.c.id == found.id).values(content=row["content"]))
            tx.execute(keys.update().where(keys.c.call_id == found.id).values(content=row["content"]))
            if holds:
                self._writer.note(tx, found.id, row, "upgraded", {}, {})
            self._call = found.id
        return len(rows)

    def _flows(self, tx: Tx) -> int:
        """The next flows that are outside the chain; their states are sealed anew, each at its place. Their version
        stays: whoever is at work on one goes on with it."""
        query = select(flows).where(flows.c.id > self._flow, ~flows.c.content.startswith("k")).order_by(flows.c.id)
        rows = tx.execute(query.limit(AT_ONCE)).all()
        for found in rows:
            new = {"content": self._writer.vault.content(found.content), "state": self._renewed(found)}
            tx.execute(flows.update().where(flows.c.id == found.id).values(new))
            self._writer.keep(tx, FLOW, dict(found._mapping) | new)
            self._flow = found.id
        return len(rows)

    def _renewed(self, flow: Row[Any]) -> bytes:
        place = flow_place(flow.id)
        try:
            return self._writer.vault.renewed(flow.state, place) or flow.state
        except UnreadableValue:
            log.warning("the state of flow %s does not open with the journal's keys; it is left as it is", flow.id)
            return bytes(flow.state)


def _holds(writer: Writer, connection: Connection, call_id: int, row: dict[str, object]) -> bool:
    """Whether a call's row is what its latest event says."""
    columns = (events.c.row_version, events.c.row_digest, events.c.format, events.c.owner)
    query = select(*columns).where(events.c.call_id == call_id).order_by(events.c.row_version.desc()).limit(1)
    said = connection.execute(query).first()
    if said is None or said.row_version != row["version"]:
        return False
    number = connection.execute(select(owners.c.chain).where(owners.c.owner == said.owner)).scalar()
    keyed = writer.vault.chain(number)
    return keyed is not None and chain.row_digest(keyed, calls.name, row, said.format) == said.row_digest
