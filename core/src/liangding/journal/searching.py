"""What a person looks for in a journal: by state, transaction, time, any number, person, operator and amount.

What is found is shown by time, the latest first. Each look-up goes by an index of its institution in that order
(:mod:`.tables`), so that a journal of a million calls answers like one of a thousand. Amounts alone have none: they are
looked for among the calls that the rest of the search finds.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs
from sqlalchemy import Numeric, Select, and_, cast, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression
from sqlalchemy.sql.operators import custom_op

from .states import State
from .tables import calls

NUMBERS = (calls.c.bill_no, calls.c.msgid, calls.c.setl_id, calls.c.mdtrt_id, calls.c.key, calls.c.inf_refmsgid)
"""The columns that hold a number which somebody may have in hand."""

_MANY = (State.ACCEPTED, State.REFUSED, State.NOT_SENT)
"""Where many calls stand: by others a search is narrowed first."""


@attrs.frozen(kw_only=True)
class CallSearch:
    """What is left out is not looked at. ``since`` and ``until`` are moments (``until`` not counted in), ``number`` is
    the whole of any number: the own bill's, a message's, setl_id, mdtrt_id, a business key. ``person`` is a psn_no, of
    which the journal holds a keyed hash. Amounts in yuan."""

    states: tuple[State, ...] = ()
    infno: str = ""
    since: float | None = None
    until: float | None = None
    number: str = ""
    person: str = attrs.field(default="", repr=False)
    operator: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    changes: bool | None = None

    def query(
        self, institution: str | None, hashes: Callable[[str], tuple[str, ...]], *, plainly: bool
    ) -> Select[tuple[object, ...]]:
        """The calls that fit, of one institution or of all; ``hashes`` are those that a person may be stored under.
        ``plainly`` is for a database that knows nothing of how often a value occurs: it is left one way to go."""
        query = select(calls).order_by(calls.c.created_at.desc(), calls.c.id.desc())
        if self.number:
            query = query.where(calls.c.id.in_(_having(self.number, institution)))
        if self.person:
            query = query.where(calls.c.id.in_(_of(hashes(self.person), institution)))
        if institution is not None and not (self.number or self.person):
            query = query.where(calls.c.institution == institution)
        return query.where(*self._equal(plainly), *self._between())

    def _equal(self, plainly: bool) -> list[ColumnElement[bool]]:
        """That values are as they are asked for; of these the first is what a database that is told so goes by."""
        rare = self.states and not set(self.states) & set(_MANY)
        asked = [
            (calls.c.state, [state.value for state in self.states]),
            (calls.c.infno, [self.infno] * bool(self.infno)),
            (calls.c.operator, [self.operator] * bool(self.operator)),
        ]
        ordered = asked if rare else [*asked[1:], asked[0]]
        wanted = [(column, values) for column, values in ordered if values]
        narrowed = bool(self.number or self.person)
        found = []
        for number, (column, values) in enumerate(wanted):
            side = narrowed or number > 0
            at = UnaryExpression(column, operator=custom_op("+"), type_=column.type) if plainly and side else column
            found.append(at == values[0] if len(values) == 1 else at.in_(values))
        return found if self.changes is None else [*found, calls.c.changes == self.changes]

    def _between(self) -> list[ColumnElement[bool]]:
        amount = cast(calls.c.amount, Numeric(16, 2))
        bounds = (
            (calls.c.created_at.__ge__, self.since), (calls.c.created_at.__lt__, self.until),
            (amount.__ge__, self.least), (amount.__le__, self.most),
        )  # fmt: skip
        return [holds(bound) for holds, bound in bounds if bound is not None]


def behind(call_id: int, at: float | None) -> ColumnElement[bool]:
    """What is shown behind a call, which was made at that moment (None: it is not there)."""
    earlier = calls.c.id < call_id
    return earlier if at is None else and_(calls.c.created_at <= at, or_(calls.c.created_at < at, earlier))


def _having(number: str, institution: str | None) -> Select[tuple[int]]:
    """The calls, of one institution or of all, that have this number in any of the columns, each looked up by its own
    index."""
    whose = () if institution is None else (calls.c.institution == institution,)
    found = union_all(*(select(calls.c.id).where(column == number, *whose) for column in NUMBERS))
    return select(found.subquery().c.id)


def _of(hashes: tuple[str, ...], institution: str | None) -> Select[tuple[int]]:
    """The calls, of one institution or of all, for a person."""
    found = select(calls.c.id).where(calls.c.person.in_(hashes))
    return found if institution is None else found.where(calls.c.institution == institution)
