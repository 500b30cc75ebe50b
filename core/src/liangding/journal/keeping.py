"""Keeping a journal: whether it is as it was written, another key, old bodies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, and_, func, select

from ..privacy import without_persons
from ..wire.json import decode, encode
from . import checkpoints, keyring
from .checkpoints import Checkpoint
from .finding import JournalReading
from .flows import place as flow_place
from .resealing import Resealing
from .states import PENDING, State
from .store import Tx
from .subjects import FLOW
from .tables import calls, flows
from .verifying import Verification

AT_ONCE = 100
"""How many rows one transaction prunes: nobody else writes meanwhile."""


class Keeping(JournalReading):
    """What an operator does with a journal as a whole."""

    def verify(self) -> list[str]:
        """Everything that somebody changed or removed, as sentences; empty where all is as it was written."""
        return self.store.read(lambda connection: list(Verification(connection, self.vault).faults()), still=True)

    def verify_since(self, since: float) -> list[str]:
        """The same of what was written since then (seconds since 1970), and of the rows that it is about; what was
        before is not gone through."""

        def work(connection: Connection) -> list[str]:
            begun = checkpoints.of_time(connection, since)
            return list(Verification(connection, self.vault, begun).faults())

        return self.store.read(work, still=True)

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
        done = sum(self._in_portions(found, self._prune))
        self._prune_flows(before, list(ended))
        return done

    def _in_portions(self, found: Iterable[Any], prune: Callable[[Tx, Any], bool]) -> Iterator[int]:
        """How many of each portion were pruned, a transaction for each."""
        rest = iter(found)
        while portion := list(itertools.islice(rest, AT_ONCE)):
            yield self.store.write(lambda tx, some=portion: sum([prune(tx, each) for each in some]))  # type: ignore[misc]

    def _prune_flows(self, before: float, ended: list[str]) -> None:
        where = and_(flows.c.updated_at < before, flows.c.status.in_(ended), func.coalesce(flows.c.debts, 0) == 0)
        if self.institution is not None:
            where = and_(where, flows.c.institution == self.institution)
        query = select(flows.c.id).where(where)
        found = self.store.read(lambda c: c.execute(query).scalars().all())

        def prune(tx: Tx, flow_id: str) -> bool:
            still = tx.execute(select(flows).where(where, flows.c.id == flow_id)).first()
            return still is not None and self._prune_flow(tx, flow_id, dict(still._mapping))

        sum(self._in_portions(found, prune))

    def _prune_flow(self, tx: Tx, flow_id: str, row: dict[str, Any]) -> bool:
        held = decode(self.vault.open(row["state"], flow_place(flow_id)))
        kept = without_persons(held)
        if kept != held:
            row["state"] = self.vault.seal(encode(kept), flow_place(flow_id))
            tx.execute(flows.update().where(flows.c.id == flow_id).values(state=row["state"]))
            self._writer.keep(tx, FLOW, row, kind="pruned")
        return bool(kept != held)

    def _prune(self, tx: Tx, call_id: int) -> bool:
        """Whether it was still to be pruned: somebody may have begun on it since it was found."""
        row = self._writer.row(tx, call_id)
        if row["request"] is None or row["watch_until"] is not None or State(row["state"]) in PENDING:
            return False
        self._writer.replace_request(tx, call_id, row, None)
        self._writer.note(tx, call_id, row, "pruned", {}, dict.fromkeys(("answer", "message", "advice")))
        return True
