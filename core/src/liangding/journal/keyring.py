"""The journal's own keys, wrapped under the deployment's secret: made with the journal, wrapped anew under another
secret, taken over from a journal that had none of its own.

A secret that does not fit opens no journal: each wrapped key says whether it does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, func, inspect, select

from . import chain
from .store import Tx
from .tables import journal_keys, owners
from .vault import Keyed, KeyName, Purpose, Vault, WrongKey

OWN = (Purpose.BODIES, Purpose.PERSONS, Purpose.CONTENTS, Purpose.CHAIN)
"""What a journal has a random key of its own for."""

_KEYS = select(journal_keys)

_WRAPPED = select(journal_keys.c.wrapped)


def load(connection: Connection, vault: Vault) -> Vault:
    """The vault with the keys of this journal. WrongKey where the secret is not the one that wraps them."""
    rows = connection.execute(_KEYS).all()
    names: dict[KeyName, bytes] = {(Purpose(row.purpose), row.number): row.wrapped for row in rows}
    return vault.with_keys({name: vault.unwrap(name, wrapped) for name, wrapped in names.items()})


def is_wrapped(connection: Connection, vault: Vault) -> bool:
    """Whether every key is wrapped under the deployment's present secret."""
    return all(map(vault.is_wrapped, connection.execute(_WRAPPED).scalars()))


def create(tx: Tx, vault: Vault, at: float) -> Vault:
    """Keys for a new journal."""
    return _keep(tx, vault, {(purpose, 1): os.urandom(32) for purpose in OWN}, at)


def rewrap(tx: Tx, vault: Vault) -> None:
    """Wrap every key under the deployment's present secret: from now on no other one is needed."""
    for row in tx.execute(select(journal_keys)).all():
        name = Purpose(row.purpose), row.number
        wrapped = vault.wrap(name, vault.unwrap(name, row.wrapped))
        where = (journal_keys.c.purpose == row.purpose) & (journal_keys.c.number == row.number)
        tx.execute(journal_keys.update().where(where).values(wrapped=wrapped))


def renew(tx: Tx, vault: Vault, at: float) -> Vault:
    """Fresh keys for bodies, persons and the chain beside those that there are; what is written from now on is under
    them. Contents keep theirs: what they are of is not kept, so that they could not be told again."""
    made = {(purpose, vault.present(purpose) + 1): os.urandom(32) for purpose in RENEWED}
    _keep(tx, vault, made, at)
    return load(tx.connection, vault)


RENEWED = (Purpose.BODIES, Purpose.PERSONS, Purpose.CHAIN)


def drop_unused(tx: Tx, vault: Vault) -> int:
    """Take out the earlier keys for bodies that nothing in the database is sealed with any more, of whichever part; how
    many are still needed."""
    needed, columns = 0, tuple(_binary_columns(tx.connection))
    for row in tx.execute(select(journal_keys.c.purpose, journal_keys.c.number)).all():
        name = Purpose(row.purpose), row.number
        if name[0] not in (Purpose.BODIES, Purpose.EARLIER) or name == (Purpose.BODIES, vault.present(Purpose.BODIES)):
            continue
        heads = vault.heads_under(name)
        if any(_is_used(tx, column, heads) for column in columns):
            needed += 1
        else:
            mine = journal_keys.c.purpose == row.purpose, journal_keys.c.number == row.number
            tx.execute(journal_keys.delete().where(*mine))
    return needed


def _binary_columns(connection: Connection) -> Iterator[Column[Any]]:
    """Every column that may hold what is sealed: of the journal's tables, and of those beside it."""
    there = inspect(connection)
    for name in there.get_table_names():
        if name != journal_keys.name:
            found = (each["name"] for each in there.get_columns(name) if isinstance(each["type"], LargeBinary))
            yield from Table(name, MetaData(), *(Column(each, LargeBinary) for each in found)).columns


def _is_used(tx: Tx, column: Column[Any], heads: tuple[bytes, ...]) -> bool:
    query = select(column).where(func.substr(column, 1, 5).in_(heads)).limit(1)
    return tx.execute(query).first() is not None


def adopt(tx: Tx, vault: Vault, at: float) -> Vault:
    """Keys for a journal of schema 0001, whose own were derived from its secrets, and for its chains the number of the
    key that made each. WrongKey where no chain was made under any of the secrets."""
    made: dict[KeyName, bytes] = {}
    numbers: dict[bytes, int] = {}
    entered = tx.execute(select(owners).order_by(owners.c.ordinal)).all()
    before = chain.ROOT
    for owner in entered:
        for secret in vault.secrets:
            keyed = _keyed(vault, secret.chain)
            if owner.first_link == chain.first_link(keyed, owner.owner, owner.ordinal, owner.started_at, before):
                number = numbers.setdefault(secret.name, len(numbers) + 1)
                made[Purpose.CHAIN, number] = secret.chain
                tx.execute(owners.update().where(owners.c.owner == owner.owner).values(chain=number))
                break
        before = owner.first_link
    if entered and not numbers:
        given = "、".join(secret.name.hex() for secret in vault.secrets)
        raise WrongKey(f"密钥与流水不符：给出的 {given} 都不是写这个流水的密钥", path="journal.key")
    persons = [secret for secret in vault.secrets if secret.name in numbers]
    for secret in persons:
        made[Purpose.PERSONS, numbers[secret.name]] = secret.persons
    made |= {(Purpose.EARLIER, int.from_bytes(secret.name, "big")): secret.bodies for secret in vault.secrets}
    made |= {(purpose, 1): os.urandom(32) for purpose in (Purpose.BODIES, Purpose.CONTENTS)}
    made[Purpose.CHAIN, len(numbers) + 1] = os.urandom(32)
    made.setdefault((Purpose.PERSONS, len(numbers) or 1), os.urandom(32))
    return _keep(tx, vault, made, at)


def _keyed(vault: Vault, key: bytes) -> Keyed:
    keyed = vault.with_keys({(Purpose.CHAIN, 1): key}).chain(1)
    assert keyed is not None
    return keyed


def _keep(tx: Tx, vault: Vault, made: dict[KeyName, bytes], at: float) -> Vault:
    for (purpose, number), key in made.items():
        wrapped = vault.wrap((purpose, number), key)
        row = {"purpose": purpose.value, "number": number, "wrapped": wrapped, "created_at": at}
        tx.execute(journal_keys.insert(), row)
    return vault.with_keys(made)
