"""Sealing everything anew under the present key and cipher, portion by portion beside all other work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, and_, select, tuple_

from ..national.meaning import value_in
from ..privacy import logger
from ..wire.json import decode
from . import chain, settling
from .flows import place as flow_place
from .store import Tx
from .subjects import FLOW, SETTLEMENT
from .tables import calls, events, flows, settlements
from .vault import UnreadableValue
from .writing import SEALED, Writer, call_place, event_place

log = logger("journal")

AT_ONCE = 200
"""How many rows one transaction looks at."""

Portion = Callable[[Tx, Any], tuple[Any, int]]
"""Looks at the rows after one; where it came to (None: to the end), and how many were sealed anew."""


class Resealing:
    """One pass over every sealed column."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._vault = writer.vault

    def run(self) -> int:
        """How many rows were sealed anew. What does not open is left as it is, and named in the log."""
        portions: tuple[Portion, ...] = (self._calls, self._flows, self._settlements, self._events)
        return sum(self._pass(portion) for portion in portions)

    def _pass(self, portion: Portion) -> int:
        after, done = None, 0
        while True:
            after, changed = self._writer.store.write(lambda tx, after=after: portion(tx, after))  # type: ignore[misc]
            done += changed
            if after is None:
                return done

    def _calls(self, tx: Tx, after: int | None) -> tuple[int | None, int]:
        rows = tx.execute(select(calls).where(calls.c.id > (after or 0)).order_by(calls.c.id).limit(AT_ONCE)).all()
        return rows[-1].id if rows else None, sum(self._call(tx, found) for found in rows)

    def _call(self, tx: Tx, found: Row[Any]) -> bool:
        row = {name: value for name, value in found._mapping.items() if name != "id"}
        changes = {name: self._renewed(row[name], call_place(name, row["msgid"])) for name in SEALED}
        changes = {name: value for name, value in changes.items() if value is not None}
        person = self._person(row)
        if changes or person != row["person"]:
            self._writer.replace_request(tx, found.id, row, changes.pop("request", row["request"]), person=person)
            self._writer.note(tx, found.id, row, "resealed", {}, changes)
        return bool(changes) or person != found.person

    def _person(self, row: dict[str, Any]) -> str | None:
        """The person's hash under the present key, where the body still tells who it was; else as it is."""
        held: str | None = row["person"]
        if held is None or not row["request"]:
            return held
        try:
            said = value_in(decode(self._vault.open(row["request"], call_place("request", row["msgid"]))), "psn_no")
        except (UnreadableValue, ValueError):
            return held
        return self._vault.hashed(said) if isinstance(said, str) and held in self._vault.hashes(said) else held

    def _flows(self, tx: Tx, after: str | None) -> tuple[str | None, int]:
        rows = tx.execute(select(flows).where(flows.c.id > (after or "")).order_by(flows.c.id).limit(AT_ONCE)).all()
        done = 0
        for found in rows:
            state = self._renewed(found.state, flow_place(found.id))
            if state is not None:
                tx.execute(flows.update().where(flows.c.id == found.id).values(state=state))
                self._writer.keep(tx, FLOW, dict(found._mapping) | {"state": state}, kind="resealed")
                done += 1
        return rows[-1].id if rows else None, done

    def _settlements(self, tx: Tx, after: int | None) -> tuple[int | None, int]:
        query = select(settlements, calls.c.msgid).join(calls, calls.c.id == settlements.c.call_id)
        query = query.where(settlements.c.call_id > (after or 0)).order_by(settlements.c.call_id)
        rows = tx.execute(query.limit(AT_ONCE)).all()
        done = 0
        for found in rows:
            psn_no = self._renewed(found.psn_no, settling.place(found.msgid))
            if psn_no is not None:
                person = found.person and self._vault.hashed(
                    self._vault.open(psn_no, settling.place(found.msgid)).decode()
                )
                row = {name: value for name, value in found._mapping.items() if name != "msgid"}
                row |= {"psn_no": psn_no, "person": person}
                where = settlements.c.call_id == found.call_id
                tx.execute(settlements.update().where(where).values(psn_no=psn_no, person=person))
                self._writer.keep(tx, SETTLEMENT, row, kind="resealed")
                done += 1
        return rows[-1].call_id if rows else None, done

    def _events(self, tx: Tx, after: tuple[str, int] | None) -> tuple[tuple[str, int] | None, int]:
        primary = events.c.owner, events.c.number
        rows = tx.execute(
            select(events).where(tuple_(*primary) > (after or ("", 0))).order_by(*primary).limit(AT_ONCE)
        ).all()
        done = sum(self._event(tx, found) for found in rows)
        return (rows[-1].owner, rows[-1].number) if rows else None, done

    def _event(self, tx: Tx, found: Row[Any]) -> bool:
        """An event is linked by its opened detail; one of schema 0001, which was linked by the sealed one, is vouched
        for by a new event."""
        place = event_place(found.owner, found.number)
        detail = self._renewed(found.detail, place)
        if detail is None:
            return False
        row = dict(found._mapping) | {"detail": detail}
        if found.format is None:
            row["format"] = chain.VOUCHED
            digest = chain.event_digest(self._vault.keyed, row, self._vault.open(detail, place))
            name = f"event:{found.owner}:{found.number}"
            self._writer.link(tx, "resealed", {}, subject=name, row_digest=digest)
        where = and_(events.c.owner == found.owner, events.c.number == found.number)
        tx.execute(events.update().where(where).values(detail=detail, format=row["format"]))
        return True

    def _renewed(self, sealed: bytes | None, place: str) -> bytes | None:
        try:
            return self._vault.renewed(sealed, place)
        except UnreadableValue:
            log.warning("%s does not open, and is left as it is", place.partition(":")[0])
            return None
