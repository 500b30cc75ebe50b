"""What events are about, beside calls: rows of other tables, each known by a name."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import Connection, Row, Table, and_, select

from .tables import flows, settlements, sign_ins


@attrs.frozen(kw_only=True)
class LinkedSubject:
    """A table whose rows are in the chain. The name of a row is ``prefix:`` and its primary key. A row without a
    version is one of schema 0001, which had them outside the chain."""

    prefix: str
    chinese: str
    table: Table
    kind: str
    """The kind of event that says that a row changed."""

    def name(self, row: dict[str, Any]) -> str:
        return ":".join([self.prefix, *(str(row[column.name]) for column in self.table.primary_key.columns)])

    def number(self, name: str) -> str:
        """What is behind the prefix."""
        return name[len(self.prefix) + 1 :]

    def is_there(self, connection: Connection, name: str) -> bool:
        """Whether the row of that name is in the table."""
        return self.row(connection, name) is not None

    def row(self, connection: Connection, name: str) -> Row[Any] | None:
        """The row of that name; None where it is not in the table."""
        columns = self.table.primary_key.columns
        parts = self.number(name).split(":", len(columns) - 1)
        if len(parts) != len(columns):
            return None
        values = (column.type.python_type(part) for column, part in zip(columns, parts, strict=True))
        where = and_(*(column == value for column, value in zip(columns, values, strict=True)))
        return connection.execute(select(self.table).where(where)).first()


FLOW = LinkedSubject(prefix="flow", chinese="业务", table=flows, kind="flow")
SIGN_IN = LinkedSubject(prefix="sign_in", chinese="签到", table=sign_ins, kind="sign_in")
SETTLEMENT = LinkedSubject(prefix="settlement", chinese="结算", table=settlements, kind="settlement")

SUBJECTS = (FLOW, SIGN_IN, SETTLEMENT)

JOURNAL = "journal"
"""The journal itself as a subject: upgraded, sealed under another key."""
