"""What a person looks for in a journal: by state, transaction, time, any number, operator and amount."""

from __future__ import annotations

from decimal import Decimal

import attrs
from sqlalchemy import Numeric, cast, or_
from sqlalchemy.sql.elements import ColumnElement

from .states import State
from .tables import calls

NUMBERS = (calls.c.bill_no, calls.c.msgid, calls.c.setl_id, calls.c.mdtrt_id, calls.c.key, calls.c.inf_refmsgid)
"""The columns that hold a number which somebody may have in hand."""


@attrs.frozen(kw_only=True)
class CallSearch:
    """What is left out is not looked at. ``since`` and ``until`` are moments (``until`` not counted in), ``number`` is
    the whole of any number: the own bill's, a message's, setl_id, mdtrt_id, a business key. Amounts in yuan."""

    states: tuple[State, ...] = ()
    infno: str = ""
    since: float | None = None
    until: float | None = None
    number: str = ""
    operator: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    changes: bool | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions of the query."""
        amount = cast(calls.c.amount, Numeric(16, 2))
        found: list[ColumnElement[bool]] = []
        if self.states:
            found.append(calls.c.state.in_([state.value for state in self.states]))
        if self.number:
            found.append(or_(*(column == self.number for column in NUMBERS)))
        for column, value in ((calls.c.infno, self.infno), (calls.c.operator, self.operator)):
            if value:
                found.append(column == value)
        if self.changes is not None:
            found.append(calls.c.changes == self.changes)
        bounds = (
            (calls.c.created_at.__ge__, self.since), (calls.c.created_at.__lt__, self.until),
            (amount.__ge__, self.least), (amount.__le__, self.most),
        )  # fmt: skip
        return found + [holds(bound) for holds, bound in bounds if bound is not None]
