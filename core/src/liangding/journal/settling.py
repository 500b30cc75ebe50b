"""A row for each settlement, written with the outcome of its call: reconciliation, uploads and lists read amounts here,
because bodies are sealed and a million of them cannot be opened each time.

What an answer says that does not fit its column is left out: a row must never keep an outcome from being recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import Row, Select, and_, select, union_all

from . import locks
from .records import Outcome, Settlement
from .statements import Prepared
from .store import Tx
from .subjects import SETTLEMENT
from .tables import calls, settlements
from .writing import Writer, fits

_TOLD = tuple(attrs.fields_dict(Settlement))

SUMS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
"""Kept in fen."""


class SettlementState(StrEnum):
    """What has become of a settlement."""

    STANDS = "stands"
    REFUNDED = "refunded"
    """Taken back by its own cancellation."""
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    """Taken back by somebody else, in the insurer's pages for example."""
    CANCELS = "cancels"
    """Is itself the cancellation of another one."""


def touched(institution: str, outcome: Outcome) -> frozenset[str]:
    """What writing an outcome touches of settlements: the one that was made, the one that was taken back."""
    made = outcome.settlement
    if made is None:
        return frozenset()
    return locks.of_settlement(institution, made.setl_id) | locks.of_settlement(institution, made.refund_of)


def enter(writer: Writer, tx: Tx, call_id: int, row: dict[str, Any], outcome: Outcome) -> None:
    """Put in what an accepted call settled or took back; the one that it took back is marked."""
    settlement = outcome.settlement
    assert settlement is not None
    tx.needs(touched(row["institution"], outcome))
    cancels = settlement.refund_of is not None
    state = SettlementState.CANCELS if cancels else SettlementState.STANDS
    entered = {name: row[name] for name in ("institution", "infno", "bill_no", "bill_date", "person")}
    entered |= _as_stored(writer, row["msgid"], settlement)
    entered |= {"call_id": call_id, "version": 1, "state": state.value, "changed_at": outcome.at}
    if cancels:
        original = _standing(tx, row["institution"], str(settlement.refund_of))
        if original is not None:
            entered |= {name: original[name] for name in _TAKEN_OVER if entered[name] is None}
            _change(writer, tx, original, SettlementState.REFUNDED, outcome.at)
    tx.run(Prepared.of(_INSERT, writer.store.engine, _COLUMNS), _NOTHING | entered)
    writer.keep(tx, SETTLEMENT, entered)


_INSERT = settlements.insert()

_COLUMNS = tuple(column.name for column in settlements.columns)

_NOTHING: dict[str, Any] = dict.fromkeys(_COLUMNS)

_TAKEN_OVER = ("mdtrt_id", "insutype", "med_type", "clr_type", "clr_optins", "clr_way", "insuplc_admdvs")
"""What a cancellation has of the settlement that it takes back, where its own answer does not say it."""


def mark(writer: Writer, tx: Tx, institution: str, setl_id: str, state: SettlementState, at: float) -> bool:
    """Say what has become of a settlement; False where there is none of that number that stands."""
    found = _standing(tx, institution, setl_id)
    if found is not None:
        _change(writer, tx, found, state, at)
    return found is not None


def _standing(tx: Tx, institution: str, setl_id: str) -> dict[str, Any] | None:
    tx.needs(locks.of_settlement(institution, setl_id))
    stands = settlements.c.state == SettlementState.STANDS.value
    where = and_(settlements.c.institution == institution, settlements.c.setl_id == setl_id, stands)
    found = tx.execute(select(settlements).where(where)).first()
    return None if found is None else dict(found._mapping)


def _change(writer: Writer, tx: Tx, found: dict[str, Any], state: SettlementState, at: float) -> None:
    row = found | {"version": found["version"] + 1, "state": state.value, "changed_at": at}
    tx.needs(locks.of_settlement(row["institution"], row["setl_id"]))
    tx.execute(settlements.update().where(settlements.c.call_id == row["call_id"]).values(row))
    writer.keep(tx, SETTLEMENT, row)


def _as_stored(writer: Writer, msgid: str, settlement: Settlement) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(settlement, name) for name in _TOLD}
    psn_no, at = told.pop("psn_no"), told.pop("setl_time")
    sums = {name: _fen(told.pop(name)) for name in SUMS}
    sealed = writer.vault.seal((psn_no or "").encode(), place(msgid))
    fitting = {name: value if fits(settlements.c[name], value) else None for name, value in told.items()}
    return fitting | sums | {"psn_no": sealed or None, "setl_time": at and f"{at:%Y-%m-%d %H:%M:%S}"}


def _fen(yuan: Decimal | None) -> int | None:
    if yuan is None or not yuan.is_finite() or abs(yuan) >= _MOST_YUAN:
        return None
    return int((yuan * 100).to_integral_value(ROUND_HALF_UP))


_MOST_YUAN = Decimal(10) ** 15
"""No sum of a settlement is as large; one that is would not fit its column."""


def place(msgid: str) -> str:
    """Where a sealed person's number stands."""
    return f"settlements.psn_no:{msgid}"


@attrs.frozen(kw_only=True)
class SettledColumns:
    """A settlement or a cancellation as it is kept; sums in yuan. ``call_id`` is the call that made it."""

    call_id: int
    institution: str
    infno: str
    bill_no: str | None
    bill_date: str | None
    setl_id: str | None
    mdtrt_id: str | None
    setl_time: datetime | None
    insutype: str | None
    med_type: str | None
    clr_type: str | None
    clr_optins: str | None
    clr_way: str | None
    insuplc_admdvs: str | None
    medfee_sumamt: Decimal | None
    fund_pay_sumamt: Decimal | None
    acct_pay: Decimal | None
    psn_cash_pay: Decimal | None
    state: SettlementState
    refund_of: str | None


class Settlements:
    """The settlements of one journal; of one that is bound to an institution, that one's."""

    def __init__(self, writer: Writer, institution: str | None = None) -> None:
        self._writer = writer
        self._institution = institution

    def between(self, first: date, last: date) -> Iterator[SettledColumns]:
        """What was settled and cancelled on these days, both included, by the time that the platform gave it, in that
        order. What the platform gave no time is left out (:meth:`without_time`)."""
        time = settlements.c.setl_time
        within = and_(time >= f"{first} 00:00:00", time <= f"{last} 23:59:59")
        return self._found(select(settlements).where(within).order_by(time, settlements.c.call_id))

    def lately(self, since: date) -> bool:
        """Whether anything was settled since that day."""
        query = select(settlements).where(settlements.c.setl_time >= f"{since} 00:00:00").limit(1)
        return next(self._found(query), None) is not None

    def without_time(self) -> Iterator[SettledColumns]:
        """What the platform gave no time, in the order of the calls."""
        return self._found(select(settlements).where(settlements.c.setl_time.is_(None)).order_by(settlements.c.call_id))

    def by_setl_id(self, setl_id: str) -> list[SettledColumns]:
        """The settlement of that number; where it was taken back, its cancellation behind it."""
        named = (settlements.c.setl_id == setl_id, settlements.c.refund_of == setl_id)
        each = union_all(*(self._bound(select(settlements.c.call_id).where(one)) for one in named)).subquery()
        query = select(settlements).where(settlements.c.call_id.in_(select(each.c.call_id)))
        return list(self._told(query.order_by(settlements.c.call_id)))

    def of_bill(self, bill_no: str) -> list[SettledColumns]:
        """What was settled and cancelled of the institution's own bill number, in the order of the calls."""
        query = select(settlements).where(settlements.c.bill_no == bill_no)
        return list(self._found(query.order_by(settlements.c.call_id)))

    def psn_no(self, call_id: int) -> str:
        """The person's number, opened; empty where the platform gave none."""
        query = select(settlements.c.psn_no, calls.c.msgid).join(calls, calls.c.id == settlements.c.call_id)
        query = self._bound(query.where(settlements.c.call_id == call_id))
        row = self._writer.store.read(lambda connection: connection.execute(query).first())
        return "" if row is None else self._writer.vault.open(row.psn_no, place(row.msgid)).decode()

    def mark(self, institution: str, setl_id: str, state: SettlementState) -> bool:
        """Say what has become of a settlement elsewhere; False where none of that number stands."""
        if self._institution not in (None, institution):
            return False
        at = self._writer.epoch()
        return self._writer.store.write(lambda tx: mark(self._writer, tx, institution, setl_id, state, at))

    def _bound(self, query: Select[Any]) -> Select[Any]:
        return query if self._institution is None else query.where(settlements.c.institution == self._institution)

    def _found(self, query: Select[Any]) -> Iterator[SettledColumns]:
        return self._told(self._bound(query))

    def _told(self, query: Select[Any]) -> Iterator[SettledColumns]:
        return map(_as_told, self._writer.store.read(lambda connection: connection.execute(query).all()))


def _as_told(row: Row[Any]) -> SettledColumns:
    told = {name: getattr(row, name) for name in attrs.fields_dict(SettledColumns)}
    told |= {name: told[name] if told[name] is None else Decimal(told[name]) / 100 for name in SUMS}
    at = told["setl_time"]
    return SettledColumns(
        **told | {"state": SettlementState(row.state), "setl_time": at and datetime.fromisoformat(at)}
    )
