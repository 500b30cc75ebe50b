"""Recording calls, finding them again, and letting a business key be used once only."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from ..errors import LiangdingError
from ..spec.leaves import CHINA
from ..wire.json import decode, encode
from .records import Call, NewCall, Outcome, State
from .store import Store
from .tables import calls, flows, keys, metadata, sign_ins
from .vault import Vault


@attrs.frozen
class Opened:
    """The call is recorded: it may be sent."""

    id: int


@attrs.frozen
class Existing:
    """The business key was used before, for the same content: this is its call. Nothing new may be sent."""

    call: Call


class KeyConflict(LiangdingError):
    """A business key was used before, for something else."""

    code = "key_conflict"
    http_status = 409
    remedy = "同一业务号只能用于同一内容；内容变了请换业务号"


class MsgidTaken(LiangdingError):
    """That message number was used before. The caller takes another."""

    code = "msgid_taken"


class _Raced(LiangdingError):
    """Another process recorded the same business key at the same moment."""


class NoSuchCall(LiangdingError):
    """The journal holds no such call."""

    code = "no_such_call"
    http_status = 404


class Journal:
    """The journal of one database; several deployments may share it.

    ``owner`` names this process in the rows that it opens, so that after a crash its unfinished rows are known.
    """

    def __init__(self, url: str, vault: Vault, *, folder: Path = Path(), owner: str | None = None) -> None:
        self.store = Store(url, folder)
        self.vault = vault
        self.owner = owner or f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.store.write(metadata.create_all)

    def close(self) -> None:
        self.store.close()

    # -- calls -----------------------------------------------------------------------------------------------------

    def open_call(self, new: NewCall) -> Opened | Existing:
        """Record a call, durably, before it is sent.

        Existing where its business key holds a call that is not certain to have had no effect. Raises KeyConflict
        for a key used with other content, MsgidTaken, and JournalUnavailable where the record cannot be written:
        then nothing may be sent.
        """
        row = attrs.asdict(new, filter=lambda a, _: a.name not in ("at", "request", "person"))
        row |= {
            "state": State.OPEN.value,
            "created_at": new.at,
            "owner": self.owner,
            "failure": "",
            "person": self.vault.hashed(new.person),
            "request": self.vault.seal(new.request),
        }

        def work(connection: Connection) -> Opened | Existing:
            before = self._held_by_key(connection, new) if new.key else None
            if before is not None and not before.state.repeatable:
                return Existing(before)
            try:
                inserted = connection.execute(calls.insert(), row).inserted_primary_key
            except IntegrityError:
                raise MsgidTaken(f"报文号 {new.msgid} 已用过") from None
            assert inserted is not None
            if new.key:
                self._point_key(connection, new, inserted[0], again=before is not None)
            return Opened(inserted[0])

        while True:
            try:
                return self.store.write(work)
            except _Raced:
                continue

    def close_call(self, call_id: int, outcome: Outcome) -> None:
        """Record what became of a call. JournalUnavailable where that cannot be written."""
        given = {
            "call_id": call_id,
            "state": outcome.state.value,
            "finished_at": outcome.at,
            "answer": self.vault.seal(outcome.answer),
            "http_status": outcome.http_status,
            "failure": outcome.failure,
            "message": self.vault.seal(outcome.message.encode()),
            "advice": self.vault.seal(encode(list(outcome.advice)) if outcome.advice else b""),
            "inf_refmsgid": outcome.inf_refmsgid,
        }
        given |= {f"new_{column}": getattr(outcome, column) for column in _LEARNT}
        self.store.write(lambda c: c.execute(_CLOSE, given))

    def call(self, call_id: int) -> Call:
        """One call. NoSuchCall where there is none."""
        found = self._calls(select(calls).where(calls.c.id == call_id))
        if not found:
            raise NoSuchCall(f"流水中没有 {call_id} 号调用")
        return found[0]

    def by_msgid(self, msgid: str) -> Call:
        """The call that went out under ``msgid``."""
        found = self._calls(select(calls).where(calls.c.msgid == msgid))
        if not found:
            raise NoSuchCall(f"流水中没有报文 {msgid}")
        return found[0]

    def by_key(self, institution: str, key: str) -> Call | None:
        """The call that a business key holds."""
        found = self._calls(select(calls).join(keys).where(and_(keys.c.institution == institution, keys.c.key == key)))
        return found[0] if found else None

    def latest(
        self, *, states: Iterable[State] = (), infno: str | None = None, limit: int = 50, changes: bool | None = None
    ) -> list[Call]:
        """The latest calls first."""
        query = select(calls).order_by(calls.c.id.desc()).limit(limit)
        if wanted := [state.value for state in states]:
            query = query.where(calls.c.state.in_(wanted))
        if infno is not None:
            query = query.where(calls.c.infno == infno)
        if changes is not None:
            query = query.where(calls.c.changes == changes)
        return self._calls(query)

    def of_flow(self, flow_id: str) -> list[Call]:
        """The calls that a flow made, in order."""
        return self._calls(select(calls).where(calls.c.flow == flow_id).order_by(calls.c.id))

    def _held_by_key(self, connection: Connection, new: NewCall) -> Call | None:
        query = select(keys.c.content.label("key_content"), calls).join(calls, keys.c.call_id == calls.c.id)
        query = query.where(and_(keys.c.institution == new.institution, keys.c.key == new.key)).with_for_update(of=keys)
        row = connection.execute(query).first()
        if row is None:
            return None
        held = self._call(row)
        if row.key_content != new.content and not held.state.repeatable:
            raise KeyConflict(f"业务号 {new.key} 已用于另一内容的交易")
        return held

    def _point_key(self, connection: Connection, new: NewCall, call_id: int, *, again: bool) -> None:
        if again:
            where = and_(keys.c.institution == new.institution, keys.c.key == new.key)
            connection.execute(keys.update().where(where).values(call_id=call_id, content=new.content))
        else:
            values = {"institution": new.institution, "key": new.key, "call_id": call_id, "content": new.content}
            try:
                connection.execute(keys.insert(), values)
            except IntegrityError:
                raise _Raced("另一进程刚用了同一业务号") from None

    def _calls(self, query: Select[Any]) -> list[Call]:
        return [self._call(row) for row in self.store.read(lambda c: c.execute(query).all())]

    def _call(self, row: Row[Any]) -> Call:
        opened = self.vault.open
        return Call(
            id=row.id, deployment=row.deployment, institution=row.institution, infno=row.infno, msgid=row.msgid,
            operator=row.operator, changes=row.changes, state=State(row.state), key=row.key, content=row.content,
            person=row.person, flow=row.flow, mdtrt_id=row.mdtrt_id, setl_id=row.setl_id, amount=row.amount,
            created_at=_moment(row.created_at), finished_at=row.finished_at and _moment(row.finished_at),
            http_status=row.http_status, failure=row.failure, inf_refmsgid=row.inf_refmsgid, owner=row.owner,
            message=opened(row.message).decode(), request=opened(row.request), answer=opened(row.answer),
            advice=tuple(decode(opened(row.advice))) if row.advice else (),
        )  # fmt: skip

    # -- sign-ins --------------------------------------------------------------------------------------------------

    def sign_in(self, institution: str, operator: str) -> tuple[str, float] | None:
        """The operator's sign_no and when it was given, if the operator is signed in."""
        where = and_(sign_ins.c.institution == institution, sign_ins.c.operator == operator)
        query = select(sign_ins.c.sign_no, sign_ins.c.signed_at).where(where)
        row = self.store.read(lambda c: c.execute(query).first())
        return None if row is None else (row.sign_no, row.signed_at)

    def keep_sign_in(self, institution: str, operator: str, sign_no: str | None, at: float) -> None:
        """Remember a sign_no; None forgets it."""
        where = and_(sign_ins.c.institution == institution, sign_ins.c.operator == operator)

        def work(connection: Connection) -> None:
            connection.execute(sign_ins.delete().where(where))
            if sign_no is not None:
                row = {"institution": institution, "operator": operator, "sign_no": sign_no, "signed_at": at}
                connection.execute(sign_ins.insert(), row)

        self.store.write(work)

    # -- flows -----------------------------------------------------------------------------------------------------

    def flow(self, flow_id: str) -> dict[str, Any] | None:
        """The stored state of a flow, or None."""
        return self._flow(select(flows).where(flows.c.id == flow_id))

    def flow_by_key(self, institution: str, flow: str, key: str) -> dict[str, Any] | None:
        where = and_(flows.c.institution == institution, flows.c.flow == flow, flows.c.key == key)
        return self._flow(select(flows).where(where))

    def _flow(self, query: Select[Any]) -> dict[str, Any] | None:
        row = self.store.read(lambda c: c.execute(query).first())
        return None if row is None else {**row._mapping, "state": self.vault.open(row.state)}

    def keep_flow(self, row: dict[str, Any], *, expected_version: int | None) -> bool:
        """Store a flow's state; False where somebody else moved it since ``expected_version`` (None: it is new)."""
        sealed = {**row, "state": self.vault.seal(row["state"])}

        def work(connection: Connection) -> bool:
            if expected_version is None:
                try:
                    connection.execute(flows.insert(), sealed)
                except IntegrityError:
                    return False
                return True
            where = and_(flows.c.id == row["id"], flows.c.version == expected_version)
            return connection.execute(flows.update().where(where).values(sealed)).rowcount == 1

        return self.store.write(work)


_LEARNT = ("mdtrt_id", "setl_id", "amount")
"""Columns that an answer may fill, and that keep what they have where it does not."""

_CLOSE = (
    calls.update()
    .where(calls.c.id == bindparam("call_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "finished_at",
                "answer",
                "http_status",
                "failure",
                "message",
                "advice",
                "inf_refmsgid",
            )
        }
        | {name: func.coalesce(bindparam(f"new_{name}"), calls.c[name]) for name in _LEARNT}
    )
)


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, CHINA).replace(tzinfo=None)
