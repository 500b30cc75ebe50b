"""Kinds of records that are not sent for a while: a person stops one, and somebody lets it go on.

It outlasts a restart and holds for every process on the journal; records are taken in as before, and wait.
"""

from __future__ import annotations

from datetime import datetime

import attrs
from sqlalchemy import Column, ColumnElement, Float, MetaData, String, Table, and_, delete, select

from ..clock import in_china
from ..errors import LiangdingError
from ..journal import Journal
from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.store import Tx

PAUSES, FORM = "upload_pauses", 1

metadata = MetaData()

pauses = Table(
    PAUSES,
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("infno", String(40), primary_key=True),
    Column("at", Float, nullable=False),
    Column("person", String(60), nullable=False),
    Column("reason", String(200), nullable=False),
)


class NotPaused(LiangdingError):
    """A kind cannot be stopped, or let go on, so."""

    code = "not_paused"
    http_status = 409


@attrs.frozen(kw_only=True)
class UploadPause:
    """A kind of record that is not sent: since when, who stopped it and why."""

    infno: str
    at: datetime
    person: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.infno} 停着不传：{self.person} {self.at:%m-%d %H:%M}，{self.reason}"


class UploadPauses:
    """What is stopped of one institution's uploads."""

    def __init__(self, journal: JournalReading, institution: str) -> None:
        self._beside = Beside(journal, PAUSES, metadata, FORM)
        self._journal, self._institution = journal, institution

    def pause(self, infno: str, at: float, *, person: str, reason: str) -> None:
        """Stop a kind; written down. NotPaused where nobody says who and why, or it is stopped already."""
        if not (person.strip() and reason.strip()):
            raise NotPaused("要写明谁停的、为什么", path="reason")
        row = {
            "institution": self._institution, "infno": infno, "at": at, "person": person[:60], "reason": reason[:200]
        }  # fmt: skip

        def work(tx: Tx) -> bool:
            if tx.execute(select(pauses.c.at).where(self._of(infno))).first() is not None:
                return False
            tx.execute(pauses.insert(), row)
            return True

        if not self._beside.write(work):
            raise NotPaused(f"{infno} 已经停着了")
        self._report({"what": "停下一类", "infno": infno, "person": person, "reason": reason})

    def resume(self, infno: str, *, person: str) -> None:
        """Let a kind go on; written down. NotPaused where it is not stopped."""
        where = self._of(infno)
        if not self._beside.write(lambda tx: tx.execute(delete(pauses).where(where)).rowcount):
            raise NotPaused(f"{infno} 没有停着")
        self._report({"what": "接着传一类", "infno": infno, "person": person})

    def _report(self, told: dict[str, str]) -> None:
        assert isinstance(self._journal, Journal), "a journal that is only read"
        self._journal.report("uploads_changed", told)

    def listed(self) -> list[UploadPause]:
        """What is stopped, by number."""
        query = select(pauses).where(pauses.c.institution == self._institution).order_by(pauses.c.infno)
        return [
            UploadPause(infno=row.infno, at=in_china(row.at), person=row.person, reason=row.reason)
            for row in self._beside.read(lambda connection: connection.execute(query).all())
        ]

    def _of(self, infno: str) -> ColumnElement[bool]:
        return and_(pauses.c.institution == self._institution, pauses.c.infno == infno)


def paused_of(journal: JournalReading, institution: str) -> list[UploadPause]:
    """What is stopped of an institution's uploads, for who only looks: nothing is made where nothing ever was."""
    return UploadPauses(journal, institution).listed() if Beside.is_there(journal, PAUSES) else []
