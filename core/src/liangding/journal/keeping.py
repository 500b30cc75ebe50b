"""Keeping a journal: whether it is as it was written, another key, old bodies."""

from __future__ import annotations

from sqlalchemy import and_, select

from . import checkpoints, keyring
from .checkpoints import Checkpoint
from .finding import JournalReading
from .resealing import Resealing
from .states import PENDING
from .store import Tx
from .tables import calls
from .verifying import Verification


class Keeping(JournalReading):
    """What an operator does with a journal as a whole."""

    def verify(self) -> list[str]:
        """Everything that somebody changed or removed, as sentences; empty where all is as it was written."""
        return self.store.read(lambda connection: list(Verification(connection, self.vault).faults()), still=True)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write down how far the journal was found whole, so that verifying goes on from there."""
        self.store.write(lambda tx: checkpoints.keep(tx, self.vault, checkpoint))

    def reseal(self) -> int:
        """Seal everything anew that is not under the present key and cipher: bodies, states of flows, events; how many
        rows were changed. Checkpoints go: the next look is at the whole."""
        self.store.write(checkpoints.forget)
        return Resealing(self._writer).run()

    def renew_keys(self) -> None:
        """Make fresh keys, because the earlier ones may be known to somebody. The journal has to be opened anew, and
        sealed anew (:meth:`reseal`); no other process may be at work on it."""
        self.store.write(lambda tx: keyring.renew(tx, self.vault, self._epoch()))

    def drop_unused_keys(self) -> int:
        """Take out earlier keys that nothing is sealed with any more; how many are still needed."""
        return self.store.write(lambda tx: keyring.drop_unused(tx, self.vault))

    def prune(self, before: float) -> int:
        """Take the bodies out of calls that were settled before then; rows, outcomes and the chain stay. Where the
        journal is bound, of that institution's."""
        where = and_(calls.c.created_at < before, calls.c.request.is_not(None), calls.c.watch_until.is_(None))
        if self.institution is not None:
            where = and_(where, calls.c.institution == self.institution)
        settled = calls.c.state.not_in([state.value for state in PENDING])
        query = select(calls.c.id).where(and_(where, settled))
        found = self.store.read(lambda c: c.execute(query).scalars().all())
        for call_id in found:
            self.store.write(lambda tx, i=call_id: self._prune(tx, i))  # type: ignore[misc]
        return len(found)

    def _prune(self, tx: Tx, call_id: int) -> None:
        row = self._writer.row(tx, call_id)
        self._writer.replace_request(tx, call_id, row, None)
        self._writer.note(tx, call_id, row, "pruned", {}, dict.fromkeys(("answer", "message", "advice")))
