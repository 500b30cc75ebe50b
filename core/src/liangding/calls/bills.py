"""The same bill under another business key: what was settled for a person a short while ago, row by row."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from ..config import KeySettings
from ..contract.calls import Call
from ..errors import SameBill
from ..journal import CallRecord as Record
from ..journal import Journal, State
from ..journal.flows import AT_REST
from ..journal.settling import SettlementState
from ..knowledge.interfaces import Interfaces
from ..national.meaning import EVERYTHING, SERIAL, rows_with, value_in
from ..spec import Does, Of
from ..spec.locating import find
from ..wire.json import decode

Rows = dict[tuple[str, Any, str], Decimal]
"""What a bill charges: catalogue code and price → how much of it, in however many rows it stands; beside them a count
that is no number."""

ROW = ("med_list_codg", "cnt", "pric")


def rows_in(message: Any) -> Rows:
    """What the rows of a message charge; nothing where it has none."""
    found = ([_value(row, name) for name in ROW] for row in rows_with(message, *ROW))
    return bill_of((str(code), count, price) for code, count, price in found)


def bill_of(rows: Iterable[tuple[str, Any, Any]]) -> Rows:
    """A bill of rows: catalogue code, count and price."""
    charged = Rows()
    for code, count, price in rows:
        many = _plain(count)
        counts = isinstance(many, Decimal) and many.is_finite()
        item = code, _plain(price), "" if counts else str(many)
        charged[item] = charged.get(item, Decimal(0)) + (many if counts else 1)
    return charged


def _value(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name)


def _plain(value: Any) -> Any:
    """A number, however it was written, compares as a number."""
    try:
        return Decimal(str(value)).normalize()
    except ArithmeticError:
        return value


class Bills:
    """What stands of the settlements of a deployment's persons, by its own record."""

    def __init__(self, journal: Journal, interfaces: Interfaces, institution: str) -> None:
        self._journal = journal
        self._interfaces = interfaces
        self._institution = institution

    def same(self, psn_no: str, rows: Rows, since: float, *, but: Collection[str | None] = ()) -> Record | None:
        """The latest settlement of the person that stands, was made since then, and charges the same rows, or what is
        left of one that did and was taken back in part; those of the flows ``but`` apart. None where there is none."""
        if not rows:
            return None
        made = self._journal.accepted_after(self._institution, psn_no, 0, since=since)
        settled = [(c, self._left_of(c, made, but)) for c in made if self._does(c) is Does.SETTLES]
        standing = [(c, left) for c, left in reversed(settled) if left is not None and not {c.flow, left.flow} & {*but}]
        return next((left for c, left in standing if self._rows(c) == rows and self._stands(left)), None)

    def _left_of(self, settled: Record, made: Iterable[Record], but: Collection[str | None] = ()) -> Record | None:
        """What stands of a settlement: itself, or where a flow took it back the one that it made of the rest, and
        itself as long as that flow is not at its end."""
        undone = next((c for c in made if self._does(c) is Does.CANCELS and _takes_back(c, settled)), None)
        if undone is None:
            return settled
        if undone.flow is None or undone.flow in but:
            return None
        rest = [c for c in made if c.flow == undone.flow and c.id > undone.id and self._does(c) is Does.SETTLES]
        held = self._journal.flows.get(undone.flow)
        going_on = held is not None and held["status"] not in AT_REST
        return next((c for c in rest if self._left_of(c, made, but) is not None), settled if going_on else None)

    def _stands(self, call: Record) -> bool:
        """Whether nobody took a settlement back elsewhere, as far as is known here."""
        held = self._journal.settlements.by_setl_id(call.setl_id) if call.setl_id else []
        return all(each.state is not SettlementState.REFUNDED_ELSEWHERE for each in held)

    def refuse(self, call: Call[Any], settings: KeySettings, now: float) -> None:
        """SameBill where a call settles the same rows as were settled for the person a short while ago, and nobody says
        that it is ``meant``."""
        psn_no = find(call.input, "psn_no")
        allowed = settings.same_bill == "allow" or (call.meant and settings.same_bill == "ask")
        if allowed or psn_no is None or call.transaction.does is not Does.SETTLES:
            return
        rows = self.rows_of(call.input, str(psn_no))
        own = () if call.flow is None else (call.flow,)
        earlier = self.same(str(psn_no), rows, now - settings.same_bill_hours * 3600, but=own)
        if earlier is not None:
            raise same_bill(earlier, refused=settings.same_bill == "refuse")

    def may_turn_up(self, call: Call[Any], settings: KeySettings, now: float) -> list[Record]:
        """The settlements that were refused, or not there, a short while ago and may turn up yet, when a call is about
        to be made in their place: earlier attempts under its key but the last one, which is looked at when the key is
        entered, and those of the same rows by another key and flow."""
        psn_no = find(call.input, "psn_no")
        if psn_no is None or call.transaction.does is not Does.SETTLES:
            return []
        watched = self._journal.watched_of(self._institution, str(psn_no))
        watched = [c for c in watched if self._does(c) is Does.SETTLES and c.state in (State.REFUSED, State.ABSENT)]
        held = self._journal.by_key(self._institution, call.key) if watched and call.key else None
        own = [c for c in watched if held is not None and c.key == call.key and c.id != held.id]
        since = now - settings.same_bill_hours * 3600
        others = [c for c in watched if c.key != call.key and _is_other(c, call.flow) and c.created_epoch >= since]
        rows = self.rows_of(call.input, str(psn_no)) if others and settings.same_bill != "allow" else Rows()
        return own + [c for c in others if rows and self._rows(c) == rows]

    def was_made_anew(self, call: Record, settings: KeySettings) -> bool:
        """Whether a settlement that is told as not made was made anew since then: one of the same rows, by another key
        and flow, was recorded later and stands or may, or was found to stand since."""
        psn_no = value_in(_asked(call), "psn_no")
        if settings.same_bill == "allow" or psn_no is None or self._does(call) is not Does.SETTLES:
            return False
        since = call.created_epoch - settings.same_bill_hours * 3600
        made = self._journal.accepted_after(self._institution, str(psn_no), 0, since=since)
        pending = [c for c in self._journal.pending() if c.person in self._journal.vault.hashes(str(psn_no))]
        later = [c for c in made if c.id > call.id or (c.finished_at and c.finished_at > call.created_at)]
        later += [c for c in pending if c.id > call.id]
        others = [c for c in later if c.id != call.id and c.key != call.key and _is_other(c, call.flow)]
        settled = [c for c in others if self._does(c) is Does.SETTLES]
        rows = self._rows(call) if settled else Rows()
        same = (self._left_of(c, made) for c in settled if rows and self._rows(c) == rows)
        return any(left is not None and self._stands(left) for left in same)

    def rows_of(self, settlement: Any, psn_no: str) -> Rows:
        """What a settlement's input charges: its own rows, else those that were brought for its visit and batch."""
        own, visit = rows_in(settlement), find(settlement, "mdtrt_id")
        return own or self._brought(psn_no, visit, find(settlement, "chrg_bchno"))

    def _rows(self, call: Record) -> Rows:
        """What a settlement of our record charged, by what had been brought when it went out."""
        asked = _asked(call)
        brought = value_in(asked, "psn_no"), call.mdtrt_id, value_in(asked, "chrg_bchno")
        return rows_in(asked) or self._brought(*brought, before=call.id)

    def _brought(self, psn_no: Any, visit: Any, batch: Any, *, before: float = math.inf) -> Rows:
        """The rows of a batch (None: of any) that were brought for a visit by the calls before that one, and were not
        taken back."""
        if psn_no is None or visit is None:
            return Rows()
        held: list[Any] = []
        for call in self._journal.accepted_of(self._institution, str(psn_no), str(visit)):
            does, of = self._interfaces.meant(call)
            if of is not Of.FEES or call.id >= before:
                continue
            if does is Does.UPLOADS:
                held += rows_with(_asked(call), *ROW)
            elif does is Does.WITHDRAWS:
                held = _left(held, _asked(call))
        return rows_in([row for row in held if batch in (None, row.get("chrg_bchno"))])

    def _does(self, call: Record) -> Does:
        return self._interfaces.meant(call)[0]


def _left(rows: list[Any], withdrawn: Any) -> list[Any]:
    """The rows that a withdrawal leaves, of a batch or by their numbers."""
    batch = value_in(withdrawn, "chrg_bchno")
    gone = {batch} if batch is not None else {row[SERIAL] for row in rows_with(withdrawn, SERIAL)}
    named = SERIAL if batch is None else "chrg_bchno"
    return [] if EVERYTHING in gone else [row for row in rows if row.get(named) not in gone]


def _takes_back(cancelled: Record, settled: Record) -> bool:
    return settled.setl_id is not None and value_in(_asked(cancelled), "setl_id") == settled.setl_id


def _is_other(call: Record, flow: str | None) -> bool:
    return flow is None or call.flow != flow


def _asked(call: Record) -> Any:
    """What a call asked for, as JSON; nothing where its body was cleared away."""
    return decode(call.request).get("input") if call.request else None


def same_bill(earlier: Record, *, refused: bool = False) -> SameBill:
    """What is said of a bill that was settled already; ``refused``: the deployment takes it for the same whatever is
    said."""
    under = f"业务号 {earlier.key}，" if earlier.key and earlier.flow is None else ""
    amount = f"{earlier.amount} 元，" if earlier.amount else ""
    text = (
        f"同一参保人 {earlier.created_at:%m-%d %H:%M} 已按同样的明细结算（{under}{amount}结算编号 {earlier.setl_id}）"
    )
    said = SameBill(text)
    said.facts = (
        ("已结算时间", f"{earlier.created_at:%Y-%m-%d %H:%M:%S}"), ("医疗费总额", earlier.amount or ""),
        ("结算编号", earlier.setl_id or ""),
    )  # fmt: skip
    if refused:
        said.may_be_meant = False
        said.remedy = '部署文件写了 [keys] same_bill = "refuse"：同样的明细要等过了 same_bill_hours 小时才能再结算'
    return said
