"""The stored states of flows, sealed; a version says whether somebody else moved one meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select, union_all

from ..errors import LiangdingError
from . import locks
from .statements import Prepared
from .store import AlreadyThere, Tx
from .subjects import FLOW
from .tables import by_the_way, flows, one_of
from .writing import FARTHEST_SECONDS, Writer


class _Taken(LiangdingError):
    """A flow of that key is there already."""


class Left(NamedTuple):
    """A flow that may have been left half-way."""

    id: str
    status: str
    owner: str


COLUMNS = tuple(column.name for column in flows.columns)


_BY_ID = select(flows).where(flows.c.id == bindparam("id"))
_VERSION = select(flows.c.version).where(flows.c.id == bindparam("id"))
_BY_KEY = select(flows).where(
    flows.c.institution == bindparam("institution"),
    flows.c.flow == bindparam("flow"),
    flows.c.key == bindparam("key"),
)
_DUE = or_(flows.c.resume_at <= bindparam("now"), flows.c.resume_at > bindparam("farthest"))
AT_REST = "done", "stopped", "abandoned", "undone"
"""The statuses in which a flow does nothing by itself and waits for no answer."""

LEFT_NOW = or_(one_of(flows.c.status, ("running", "unknown")), _DUE)
_LEFT = select(flows.c.id, flows.c.status, flows.c.owner).where(LEFT_NOW).order_by(flows.c.created_at, flows.c.id)
_LEFT_OF_DEPLOYMENT = _LEFT.where(flows.c.deployment == bindparam("whose"))
_LEFT_OF_INSTITUTION = _LEFT.where(by_the_way(flows.c.institution) == bindparam("whose"))

_OWING = (
    select(flows.c.id)
    .where(flows.c.status == bindparam("status"), flows.c.resume_at.is_not(None))
    .order_by(flows.c.created_at, flows.c.id)
)
_OWING_OF_DEPLOYMENT = _OWING.where(flows.c.deployment == bindparam("whose"))
_OWING_OF_INSTITUTION = _OWING.where(flows.c.institution == bindparam("whose"))


_INSERT = flows.insert()

_UPDATE = (
    flows.update()
    .where(and_(flows.c.id == bindparam("new_id"), flows.c.version == bindparam("old_version")))
    .values({name: bindparam(f"new_{name}", type_=flows.c[name].type) for name in COLUMNS})
)


class FlowRows:
    """The flows of one journal."""

    def __init__(self, writer: Writer, institution: str | None = None) -> None:
        self._writer = writer
        self._institution = institution
        self._store = writer.store
        self._vault = writer.vault
        self._insert = Prepared.of(_INSERT, writer.store.engine, COLUMNS)
        self._update = Prepared.of(_UPDATE, writer.store.engine)
        self._by_id = Prepared.of(_BY_ID, writer.store.engine)

    def get(self, flow_id: str) -> dict[str, Any] | None:
        """The stored row of a flow, its state opened, or None; in a journal that is bound to an institution, of that
        one's flows only."""
        found = self._first(_BY_ID, {"id": flow_id})
        return None if found is None or self._institution not in (None, found["institution"]) else found

    def version(self, flow_id: str) -> int | None:
        """How often a flow was stored, None where there is none: whether somebody moved it, at a glance."""
        found = self._store.fetch(_VERSION, {"id": flow_id})
        return None if not found else int(found[0]["version"])

    def by_key(self, institution: str, flow: str, key: str) -> dict[str, Any] | None:
        """The flow that was started with ``key``."""
        if self._institution not in (None, institution):
            return None
        return self._first(_BY_KEY, {"institution": institution, "flow": flow, "key": key})

    def is_of(self, row: dict[str, Any], content: str) -> bool:
        """Whether a flow was started with this content. What is stored of it is a keyed digest."""
        stored: str = row["content"]
        return self._vault.content(stored) == self._vault.content(content)

    def by_key_of_days(self, institution: str, flow: str, beginning: str) -> dict[str, str]:
        """The flows whose key has that beginning, oldest first: key → number."""
        if self._institution not in (None, institution):
            return {}
        begins = flows.c.key.startswith(beginning, autoescape=True)
        where = and_(flows.c.institution == institution, flows.c.flow == flow, begins)
        query = select(flows.c.key, flows.c.id).where(where).order_by(flows.c.created_at, flows.c.id)
        return {row.key: row.id for row in self._store.read(lambda c: c.execute(query).all())}

    def left(self, deployment: str, now: float) -> list[Left]:
        """The flows of a deployment (of a bound journal: of its institution) that are under way or not known, and those
        whose time to be resumed has come (or was set before the clock went back), oldest first."""
        query = _LEFT_OF_DEPLOYMENT if self._institution is None else _LEFT_OF_INSTITUTION
        values = {"whose": self._institution or deployment, "now": now, "farthest": now + FARTHEST_SECONDS}
        return [Left(**row) for row in self._store.fetch(query, values)]

    def search(
        self, *, statuses: Sequence[str] = (), flow: str = "", number: str = "", since: float | None = None,
        until: float | None = None, before: str = "", limit: int = 50,
    ) -> list[str]:  # fmt: skip
        """The flows that fit, the latest first, by their numbers: ``number`` is the whole key or own bill number,
        ``before`` goes on behind a flow that was shown."""
        bound = self._institution is not None and not number
        where = [flows.c.institution == self._institution] if bound else []
        where += [flows.c.status.in_(statuses)] if statuses else []
        where += [flows.c.flow == flow] if flow else []
        where += [flows.c.id.in_(_having(number, self._institution))] if number else []
        where += [flows.c.created_at >= since] if since is not None else []
        where += [flows.c.created_at < until] if until is not None else []
        if before:
            at = select(flows.c.created_at).where(flows.c.id == before).scalar_subquery()
            where.append(or_(flows.c.created_at < at, and_(flows.c.created_at == at, flows.c.id < before)))
        query = select(flows.c.id).where(*where).order_by(flows.c.created_at.desc(), flows.c.id.desc()).limit(limit)
        return list(self._store.read(lambda connection: connection.scalars(query).all()))

    def owing(self, deployment: str, status: str) -> list[str]:
        """The flows of a deployment (of a bound journal: of its institution) that ended with ``status`` and will be
        taken up once more, oldest first."""
        query = _OWING_OF_DEPLOYMENT if self._institution is None else _OWING_OF_INSTITUTION
        values = {"whose": self._institution or deployment, "status": status}
        return [row["id"] for row in self._store.fetch(query, values)]

    def latest(self, deployment: str, statuses: Sequence[str], *, limit: int) -> list[str]:
        """The flows of a deployment (of a bound journal: of its institution) that stand so, all where none is named,
        the latest first."""
        whose = (
            flows.c.deployment == deployment if self._institution is None else flows.c.institution == self._institution
        )
        query = select(flows.c.id).where(whose).order_by(flows.c.created_at.desc(), flows.c.id.desc()).limit(limit)
        if statuses:
            query = query.where(flows.c.status.in_(statuses))
        return [row.id for row in self._store.read(lambda c: c.execute(query).all())]

    def _first(self, query: Select[Any], values: dict[str, Any]) -> dict[str, Any] | None:
        found = self._store.fetch(query, values)
        return found[0] | {"state": self._vault.open(found[0]["state"], place(found[0]["id"]))} if found else None

    def keep(self, row: dict[str, Any], *, expected_version: int | None) -> bool:
        """Store a flow's row; False where somebody else moved it since ``expected_version`` (None: it is new)."""
        if self._institution not in (None, row["institution"]):
            raise ValueError(f"a flow of {row['institution']} in the journal of {self._institution}")
        state, content = self._vault.seal(row["state"], place(row["id"])), self._vault.content(row["content"])
        sealed = row | {"state": state, "content": content}

        touches = locks.of_flow(row["id"], row["institution"], row.get("flow", ""), row.get("key"))

        def work(tx: Tx) -> bool:
            tx.needs(touches)
            if expected_version is None:
                whole = dict.fromkeys(COLUMNS) | sealed
                try:
                    tx.run(self._insert, whole)
                except AlreadyThere:
                    raise _Taken("同一业务号的业务已在") from None
                self._writer.keep(tx, FLOW, whole)
                return True
            found = tx.fetch(self._by_id, {"id": row["id"]})
            if not found or (found[0]["version"], found[0]["institution"]) != (expected_version, row["institution"]):
                return False
            moved = found[0] | sealed
            new = {f"new_{name}": value for name, value in moved.items()}
            if tx.run(self._update, new | {"old_version": expected_version}).rowcount != 1:
                return False
            self._writer.keep(tx, FLOW, moved)
            return True

        try:
            return self._store.write(work, touches=touches)
        except _Taken:
            return False


def _having(number: str, institution: str | None) -> Select[Any]:
    """The flows that have this key or own bill number, each looked up by its own index."""
    whose = () if institution is None else (flows.c.institution == institution,)
    named = (flows.c.key == number, flows.c.bill_no == number)
    found = union_all(*(select(flows.c.id).where(each, *whose) for each in named))
    return select(found.subquery().c.id)


def place(flow_id: str) -> str:
    """Where the sealed state of a flow stands."""
    return f"flows.state:{flow_id}"
