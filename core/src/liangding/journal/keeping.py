"""Keeping a journal: whether it is as it was written, another key, old bodies."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, func, select

from ..privacy import without_persons
from ..wire.json import decode, encode
from . import checkpoints, keyring
from .checkpoints import Checkpoint
from .finding import JournalReading
from .flows import place as flow_place
from .resealing import Resealing
from .states import PENDING
from .store import Tx
from .subjects import FLOW
from .tables import calls, flows
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

    def prune(self, before: float, ended: Iterable[str] = ()) -> int:
        """Take the bodies out of calls that were settled before then, and what is of a person out of the states of
        flows that stand at one of ``ended``; rows, outcomes and the chain stay. Where the journal is bound, of that
        institution's. How many calls it was."""
        where = and_(calls.c.created_at < before, calls.c.request.is_not(None), calls.c.watch_until.is_(None))
        if self.institution is not None:
            where = and_(where, calls.c.institution == self.institution)
        settled = calls.c.state.not_in([state.value for state in PENDING])
        query = select(calls.c.id).where(and_(where, settled))
        found = self.store.read(lambda c: c.execute(query).scalars().all())
        for call_id in found:
            self.store.write(lambda tx, i=call_id: self._prune(tx, i))  # type: ignore[misc]
        self._prune_flows(before, list(ended))
        return len(found)

    def _prune_flows(self, before: float, ended: list[str]) -> None:
        where = and_(flows.c.updated_at < before, flows.c.status.in_(ended), func.coalesce(flows.c.debts, 0) == 0)
        if self.institution is not None:
            where = and_(where, flows.c.institution == self.institution)
        for flow_id in self.store.read(lambda c: c.execute(select(flows.c.id).where(where)).scalars().all()):
            self.store.write(lambda tx, i=flow_id: self._prune_flow(tx, i))  # type: ignore[misc]

    def _prune_flow(self, tx: Tx, flow_id: str) -> None:
        row = dict(tx.execute(select(flows).where(flows.c.id == flow_id)).one()._mapping)
        held = decode(self.vault.open(row["state"], flow_place(flow_id)))
        kept = without_persons(held)
        if kept != held:
            row["state"] = self.vault.seal(encode(kept), flow_place(flow_id))
            tx.execute(flows.update().where(flows.c.id == flow_id).values(state=row["state"]))
            self._writer.keep(tx, FLOW, row, kind="pruned")

    def _prune(self, tx: Tx, call_id: int) -> None:
        row = self._writer.row(tx, call_id)
        self._writer.replace_request(tx, call_id, row, None)
        self._writer.note(tx, call_id, row, "pruned", {}, dict.fromkeys(("answer", "message", "advice")))
