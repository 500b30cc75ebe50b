"""Keeping a journal: whether it is as it was written, another key, old bodies."""

from __future__ import annotations

from sqlalchemy import and_, select

from . import chain
from .finding import Finding
from .states import UNSETTLED
from .store import Tx
from .tables import calls
from .writing import SEALED


class Keeping(Finding):
    """What an operator does with a journal as a whole."""

    def verify(self) -> list[str]:
        """Everything that somebody changed or removed, as sentences; empty where all is as it was written."""
        return self.store.read(lambda connection: list(chain.verify(connection, self.vault)), still=True)

    def reseal(self, *, batch: int = 200) -> int:
        """Seal every body anew under the present secret and cipher; how many rows were changed."""
        done, last = 0, 0
        while True:
            query = select(calls).where(calls.c.id > last).order_by(calls.c.id).limit(batch)
            found = self.store.read(lambda c, q=query: c.execute(q).all())  # type: ignore[misc]
            if not found:
                return done
            last = found[-1].id
            done += sum(self._reseal(row.id) for row in found)

    def _reseal(self, call_id: int) -> bool:
        def work(tx: Tx) -> bool:
            row = self._writer.row(tx, call_id)
            renewed = {name: self.vault.renewed(row[name]) for name in SEALED}
            changes = {name: value for name, value in renewed.items() if value is not None}
            if not changes:
                return False
            self._writer.replace_request(tx, call_id, row, changes.pop("request", row["request"]))
            self._writer.note(tx, call_id, row, "resealed", {}, changes)
            return True

        return self.store.write(work)

    def prune(self, before: float) -> int:
        """Take the bodies out of calls that were settled before then; rows, outcomes and the chain stay."""
        where = and_(calls.c.created_at < before, calls.c.request.is_not(None), calls.c.watch_until.is_(None))
        settled = calls.c.state.not_in([state.value for state in UNSETTLED])
        query = select(calls.c.id).where(and_(where, settled))
        found = self.store.read(lambda c: c.execute(query).scalars().all())
        for call_id in found:
            self.store.write(lambda tx, i=call_id: self._prune(tx, i))  # type: ignore[misc]
        return len(found)

    def _prune(self, tx: Tx, call_id: int) -> None:
        row = self._writer.row(tx, call_id)
        self._writer.replace_request(tx, call_id, row, None)
        self._writer.note(tx, call_id, row, "pruned", {}, dict.fromkeys(("answer", "message", "advice")))
