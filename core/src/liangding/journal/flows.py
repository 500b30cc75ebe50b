"""The stored states of flows, sealed; a version says whether somebody else moved one meanwhile."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.exc import IntegrityError

from ..errors import LiangdingError
from .store import Store, Tx
from .tables import flows
from .vault import Vault


class _Taken(LiangdingError):
    """A flow of that key is there already."""


class Left(NamedTuple):
    """A flow that may have been left half-way."""

    id: str
    status: str
    owner: str


class FlowRows:
    """The flows of one journal."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def get(self, flow_id: str) -> dict[str, Any] | None:
        """The stored row of a flow, its state opened, or None."""
        return self._first(select(flows).where(flows.c.id == flow_id))

    def by_key(self, institution: str, flow: str, key: str) -> dict[str, Any] | None:
        """The flow that was started with ``key``."""
        where = and_(flows.c.institution == institution, flows.c.flow == flow, flows.c.key == key)
        return self._first(select(flows).where(where))

    def left(self, deployment: str, now: float) -> list[Left]:
        """The flows of a deployment that are under way or not known, and those whose time to be resumed has come,
        oldest first."""
        under_way = flows.c.status.in_(("running", "unknown"))
        where = and_(flows.c.deployment == deployment, or_(under_way, flows.c.resume_at <= now))
        query = select(flows.c.id, flows.c.status, flows.c.owner).where(where)
        rows = self._store.read(lambda c: c.execute(query.order_by(flows.c.created_at, flows.c.id)).all())
        return [Left(*row) for row in rows]

    def owing(self, deployment: str, status: str) -> list[str]:
        """The flows of a deployment that ended with ``status`` and will be taken up once more, oldest first."""
        where = and_(flows.c.deployment == deployment, flows.c.status == status, flows.c.resume_at.is_not(None))
        query = select(flows.c.id).where(where).order_by(flows.c.created_at, flows.c.id)
        return list(self._store.read(lambda c: c.scalars(query).all()))

    def _first(self, query: Select[Any]) -> dict[str, Any] | None:
        row = self._store.read(lambda c: c.execute(query).first())
        return None if row is None else {**row._mapping, "state": self._vault.open(row.state)}

    def keep(self, row: dict[str, Any], *, expected_version: int | None) -> bool:
        """Store a flow's row; False where somebody else moved it since ``expected_version`` (None: it is new)."""
        sealed = {**row, "state": self._vault.seal(row["state"])}

        def work(tx: Tx) -> bool:
            if expected_version is None:
                try:
                    tx.execute(flows.insert(), sealed)
                except IntegrityError:
                    raise _Taken("同一业务号的业务已在") from None
                return True
            where = and_(flows.c.id == row["id"], flows.c.version == expected_version)
            return tx.execute(flows.update().where(where).values(sealed)).rowcount == 1

        try:
            return self._store.write(work)
        except _Taken:
            return False
