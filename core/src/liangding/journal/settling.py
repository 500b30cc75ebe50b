"""A row for each settlement, written with the outcome of its call: reconciliation, uploads and lists read amounts here,
because bodies are sealed and a million of them cannot be opened each time."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import and_, select

from .records import Outcome, Settlement
from .store import Tx
from .subjects import SETTLEMENT
from .tables import settlements
from .writing import Writer

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


def enter(writer: Writer, tx: Tx, call_id: int, row: dict[str, Any], outcome: Outcome) -> None:
    """Put in what an accepted call settled or took back; the one that it took back is marked."""
    settlement = outcome.settlement
    assert settlement is not None
    cancels = settlement.refund_of is not None
    state = SettlementState.CANCELS if cancels else SettlementState.STANDS
    entered = {name: row[name] for name in ("institution", "infno", "bill_no", "bill_date", "person")}
    entered |= _as_stored(writer, row["msgid"], settlement)
    entered |= {"call_id": call_id, "version": 1, "state": state.value, "changed_at": outcome.at}
    tx.execute(settlements.insert(), entered)
    writer.keep(tx, SETTLEMENT, entered)
    if cancels:
        mark(writer, tx, row["institution"], str(settlement.refund_of), SettlementState.REFUNDED, outcome.at)


def mark(writer: Writer, tx: Tx, institution: str, setl_id: str, state: SettlementState, at: float) -> bool:
    """Say what has become of a settlement; False where there is none of that number that stands."""
    stands = settlements.c.state == SettlementState.STANDS.value
    where = and_(settlements.c.institution == institution, settlements.c.setl_id == setl_id, stands)
    found = tx.execute(select(settlements).where(where)).first()
    if found is None:
        return False
    row = dict(found._mapping) | {"version": found.version + 1, "state": state.value, "changed_at": at}
    tx.execute(settlements.update().where(settlements.c.call_id == found.call_id).values(row))
    writer.keep(tx, SETTLEMENT, row)
    return True


def _as_stored(writer: Writer, msgid: str, settlement: Settlement) -> dict[str, Any]:
    told: dict[str, Any] = attrs.asdict(settlement)
    psn_no, at = told.pop("psn_no"), told.pop("setl_time")
    sums = {name: _fen(told.pop(name)) for name in SUMS}
    sealed = writer.vault.seal((psn_no or "").encode(), place(msgid))
    return told | sums | {"psn_no": sealed or None, "setl_time": at and f"{at:%Y-%m-%d %H:%M:%S}"}


def _fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else int((yuan * 100).to_integral_value(ROUND_HALF_UP))


def place(msgid: str) -> str:
    """Where a sealed person's number stands."""
    return f"settlements.psn_no:{msgid}"
