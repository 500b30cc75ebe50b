"""The durable queue: a row for each record, in the journal's database, its content sealed.

The row is what counts: what is waiting, sent, refused, left to a person. A record on its way is one process's, and is
taken over when that process is gone; that it goes once is the journal's guarantee, by the key of its call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
)

from ..errors import LiangdingError
from ..journal.beside import Beside
from ..journal.beside import reseal as resealed
from ..journal.finding import JournalReading
from ..journal.store import Tx
from ..journal.vault import UnreadableValue
from ..wire.json import decode, encode_ordered

FORM = 1

metadata = MetaData()

uploads = Table(
    "uploads",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("institution", String(30), nullable=False),
    Column("infno", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("day", String(10), nullable=False),
    Column("version", Integer, nullable=False),  # of the content: each is a call of its own
    Column("content", String(64), nullable=False),  # a keyed digest
    Column("message", LargeBinary, nullable=False),
    Column("place", String(10), nullable=False),  # insuplc_admdvs
    Column("state", String(20), nullable=False),
    Column("due_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(100), nullable=False),
    Column("call_id", BigInteger),
    Column("said", LargeBinary, nullable=False),  # the platform's words, sealed: they may name a person
    Column("field", String(100), nullable=False),
    Column("made_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    UniqueConstraint("institution", "infno", "key", name="uploads_key"),
)
Index("uploads_due", uploads.c.institution, uploads.c.state, uploads.c.due_at)
Index("uploads_day", uploads.c.institution, uploads.c.day)


class UploadState(StrEnum):
    """Where a record stands."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    """The platform does not want it as it is: mended and given again under its key, or withdrawn."""
    ASKING = "asking"
    """Sent, and the platform is still to be asked whether it has it."""
    PERSON = "person"
    """Sent, and a person has to look (``liangding journal resolve``)."""
    PARTLY = "partly"
    """Some of its rows were taken, others refused: those go, mended, as a record of their own."""
    WITHDRAWN = "withdrawn"

    @property
    def chinese(self) -> str:
        return {
            "waiting": "待传", "sending": "在传", "done": "已传", "refused": "被拒", "asking": "待查明",
            "person": "待人查明", "partly": "部分被拒", "withdrawn": "已撤下",
        }[self.value]  # fmt: skip


_OPEN = [state.value for state in (UploadState.WAITING, UploadState.ASKING, UploadState.PERSON)]
"""What is looked at when its time has come."""


class NoSuchUpload(LiangdingError):
    """There is no record of that number."""

    code = "no_such_upload"
    http_status = 404


class UploadConflict(LiangdingError):
    """A record of that key is there with other content, and may not be changed any more."""

    code = "upload_conflict"
    http_status = 409
    remedy = "同一业务号只用于同一条记录；内容有改动的，等查明后再传"


@attrs.frozen(kw_only=True)
class QueuedUpload:
    """A record to be uploaded. ``day`` is the day that it is of (YYYY-MM-DD), ``version`` counts its contents, ``said``
    are the platform's words and ``field`` what they mean, where it refused. Times in seconds."""

    id: int
    infno: str
    key: str
    day: str
    version: int
    place: str
    state: UploadState
    due_at: float
    attempts: int
    owner: str
    call_id: int | None
    field: str
    made_at: float
    changed_at: float
    said: str = attrs.field(repr=False)
    message: Any = attrs.field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Without the content, which may hold personal data."""
        hidden = ("message", "owner", "place", "state")
        told = {name: getattr(self, name) for name in attrs.fields_dict(QueuedUpload) if name not in hidden}
        return told | {"state": self.state.value}


class UploadRows:
    """The records of one institution."""

    def __init__(self, journal: JournalReading, institution: str) -> None:
        self._beside = Beside(journal, "uploads", metadata, FORM)
        self._institution = institution
        self._mine = uploads.c.institution == institution

    # -- taken in --------------------------------------------------------------------------------------------------

    def put(
        self, infno: str, key: str, day: date, message: Any, place: str, *, now: float, due_at: float,
        formerly: str = "", once: bool = False, beside: Callable[[Tx, int, bool], None] | None = None,
    ) -> int:  # fmt: skip
        """Take a record in, or another content of one that is there; its number. Given again as it is, nothing
        changes, also where it stands under the key that it had ``formerly``. ``once``: what was done is not the same as
        what is asked for now. ``beside`` writes what else there is to the record of that number, new or changed.
        UploadConflict where it may not change any more: on its way, in doubt, or partly taken."""
        plain = encode_ordered(message)
        content = self._beside.vault.content(f"{infno}:{plain.decode()}")
        where = and_(self._mine, uploads.c.infno == infno, uploads.c.key == key)

        def work(tx: Tx) -> int:
            found = tx.execute(select(uploads).where(where)).first()
            if found is None and formerly:
                same = and_(
                    self._mine, uploads.c.infno == infno, uploads.c.key == formerly, uploads.c.content == content
                )
                found = tx.execute(select(uploads).where(same)).first()
            if found is not None and once and found.state == UploadState.DONE:
                raise UploadConflict(
                    f"{infno} {key} 已经办过一次", path="key", remedy="另一次撤销要有自己的业务号（key）"
                )
            if found is not None and found.content == content and found.state != UploadState.WITHDRAWN.value:
                return int(found.id)
            if found is not None and found.state == UploadState.PARTLY:
                raise UploadConflict(
                    f"{infno} {key} 有的行已收下，不能整条再传", path="input",
                    remedy="把被拒的行改好，用另一个业务号单独传",
                )  # fmt: skip
            if found is not None and found.state in (UploadState.SENDING, UploadState.ASKING, UploadState.PERSON):
                raise UploadConflict(f"{infno} {key} 正在传或没有查明，内容不能改", path="input")
            version = 1 if found is None else found.version + 1
            row = {
                "institution": self._institution, "infno": infno, "key": key, "day": day.isoformat(),
                "version": version, "content": content, "place": place, "state": UploadState.WAITING.value,
                "due_at": due_at, "attempts": 0, "owner": "", "call_id": None, "said": b"", "field": "",
                "made_at": now if found is None else found.made_at, "changed_at": now,
                "message": self._beside.vault.seal(plain, _place("message", infno, key, version)),
            }  # fmt: skip
            if found is not None:
                row["key"] = found.key
                row["message"] = self._beside.vault.seal(plain, _place("message", infno, found.key, version))
                tx.execute(uploads.update().where(uploads.c.id == found.id).values(row))
                number = int(found.id)
            else:
                made = tx.execute(uploads.insert(), row).inserted_primary_key
                assert made is not None
                number = int(made[0])
            if beside is not None:
                beside(tx, number, found is not None)
            return number

        return self._beside.write(work)

    # -- taken out -------------------------------------------------------------------------------------------------

    def take(self, now: float, *, shut: Sequence[str] = (), only: int | None = None) -> QueuedUpload | None:
        """The record that has waited longest and may be sent, of none of the transactions that are ``shut``, or the one
        of the number ``only``; it is this process's from now on; of one that does not open that is ``said``, and there
        is no ``message``. None where there is none."""
        due = self._due(now).where(uploads.c.infno.not_in(shut)) if shut else self._due(now)
        due = due if only is None else due.where(uploads.c.id == only)
        query = due.order_by(uploads.c.due_at, uploads.c.id).limit(1)
        if self._beside.read(lambda c: c.execute(query).first()) is None:
            return None
        taken = query.with_for_update(skip_locked=True)

        def work(tx: Tx) -> Row[Any] | None:
            number = tx.connection.scalar(taken)
            if number is None:
                return None
            values = {
                "state": UploadState.SENDING.value, "owner": self._beside.owner, "changed_at": now,
                "attempts": uploads.c.attempts + 1,
            }  # fmt: skip
            tx.execute(uploads.update().where(uploads.c.id == number).values(values))
            return tx.execute(select(uploads).where(uploads.c.id == number)).one()

        row = self._beside.write(work)
        return None if row is None else self._listed(row)

    def is_due(self, now: float, *, shut: Sequence[str] = ()) -> bool:
        """Whether there is a record that somebody may take, of none of the transactions that are ``shut``."""
        due = self._due(now).where(uploads.c.infno.not_in(shut)) if shut else self._due(now)
        return self._beside.read(lambda c: c.execute(due.limit(1)).first()) is not None

    def late(self, day: date) -> dict[str, int]:
        """How many records of each kind are of that day or an earlier one and not there yet."""
        there = [UploadState.DONE.value, UploadState.WITHDRAWN.value]
        where = and_(self._mine, uploads.c.day <= day.isoformat(), uploads.c.state.not_in(there))
        query = select(uploads.c.infno, func.count()).where(where).group_by(uploads.c.infno)
        return {row.infno: int(row[1]) for row in self._beside.read(lambda c: c.execute(query).all())}

    def _due(self, now: float) -> Select[Any]:
        gone = self._beside.gone(uploads, UploadState.SENDING.value)
        left = and_(uploads.c.state == UploadState.SENDING.value, uploads.c.owner.in_(gone))
        waiting = and_(uploads.c.state.in_(_OPEN), uploads.c.due_at <= now)
        return select(uploads.c.id).where(self._mine, or_(left, waiting))

    def turn(
        self,
        upload: QueuedUpload,
        state: UploadState,
        now: float,
        *,
        due_at: float | None = None,
        call_id: int | None = None,
        said: str = "",
        field: str = "",
    ) -> bool:
        """Say how a record that this process has stands now; False where it was taken over meanwhile."""
        mine = and_(
            uploads.c.id == upload.id, uploads.c.owner == self._beside.owner, uploads.c.attempts == upload.attempts,
            uploads.c.state == UploadState.SENDING.value,
        )  # fmt: skip
        values: dict[str, Any] = {
            "state": state.value, "changed_at": now, "due_at": upload.due_at if due_at is None else due_at,
            "call_id": upload.call_id if call_id is None else call_id, "field": field[:100],
            "said": self._beside.vault.seal(said.encode(), _place("said", upload.infno, upload.key, upload.version)),
        }  # fmt: skip
        return self._beside.write(lambda tx: tx.execute(uploads.update().where(mine).values(values)).rowcount == 1)

    def withdraw(self, number: int, now: float) -> bool:
        """Take a record that waits or was refused off the list; False where it is not so."""
        states = [UploadState.WAITING.value, UploadState.REFUSED.value]
        where = and_(self._mine, uploads.c.id == number, uploads.c.state.in_(states))
        values = {"state": UploadState.WITHDRAWN.value, "changed_at": now}
        return self._beside.write(lambda tx: tx.execute(uploads.update().where(where).values(values)).rowcount == 1)

    def taken_back(self, numbers: Iterable[int], now: float) -> None:
        """Say of records that were done that they are on the platform no more: given again, they go again."""
        where = and_(self._mine, uploads.c.id.in_(list(numbers)), uploads.c.state == UploadState.DONE.value)
        values = {"state": UploadState.WITHDRAWN.value, "changed_at": now}
        self._beside.write(lambda tx: tx.execute(uploads.update().where(where).values(values)))

    # -- looked up -------------------------------------------------------------------------------------------------

    def get(self, number: int) -> QueuedUpload:
        """A record. NoSuchUpload."""
        query = select(uploads).where(self._mine, uploads.c.id == number)
        row = self._beside.read(lambda c: c.execute(query).first())
        if row is None:
            raise NoSuchUpload(f"没有 {number} 号上传记录")
        return self._opened(row)

    def day_of(self, infno: str, key: str) -> date | None:
        """The day that the record of a key is of; None where there is none."""
        query = select(uploads.c.day).where(self._mine, uploads.c.infno == infno, uploads.c.key == key)
        found = self._beside.read(lambda c: c.scalar(query))
        return None if found is None else date.fromisoformat(found)

    def listed(
        self, *, states: Iterable[UploadState] = (), infno: str = "", day: str = "", most: int = 100
    ) -> list[QueuedUpload]:
        """Records, the latest first; of one that does not open that is ``said``."""
        wanted = [state.value for state in states]
        query = select(uploads).where(self._mine).order_by(uploads.c.id.desc()).limit(most)
        query = query.where(uploads.c.state.in_(wanted)) if wanted else query
        query = query.where(uploads.c.infno == infno) if infno else query
        query = query.where(uploads.c.day == day) if day else query
        return [self._listed(row) for row in self._beside.read(lambda c: c.execute(query).all())]

    def _listed(self, row: Row[Any]) -> QueuedUpload:
        try:
            return self._opened(row)
        except UnreadableValue as closed:
            told = {name: getattr(row, name) for name in attrs.fields_dict(QueuedUpload)}
            return QueuedUpload(**told | {"message": None, "said": closed.message, "state": UploadState(row.state)})

    def counted(self, day: str = "") -> dict[tuple[str, UploadState], int]:
        """How many records of each kind stand how; of one day, or of all."""
        query = select(uploads.c.infno, uploads.c.state, func.count()).where(self._mine)
        query = query.where(uploads.c.day == day) if day else query
        found = self._beside.read(lambda c: c.execute(query.group_by(uploads.c.infno, uploads.c.state)).all())
        return {(infno, UploadState(state)): count for infno, state, count in found}

    def _opened(self, row: Row[Any]) -> QueuedUpload:
        told = {name: getattr(row, name) for name in attrs.fields_dict(QueuedUpload)}
        places = _places(row)
        opened = {name: self._beside.vault.open(getattr(row, name), place) for name, place in places.items()}
        told |= {"message": decode(opened["message"]), "said": opened["said"].decode(), "state": UploadState(row.state)}
        return QueuedUpload(**told)


def reseal(journal: JournalReading) -> int:
    """Seal the records of every institution anew under the journal's present key; how many were changed."""
    return resealed(journal, uploads, _places)


def _places(row: Row[Any]) -> dict[str, str]:
    return {name: _place(name, row.infno, row.key, row.version) for name in ("message", "said")}


def _place(column: str, infno: str, key: str, version: int) -> str:
    """Where a sealed value stands."""
    return f"uploads.{column}:{infno}:{key}:{version}"
