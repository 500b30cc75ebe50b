"""Self-paying patients (自费病人): rows and visit in whatever order they come (4201, 4201A, 4202, 4205), closed by 4203
when all of them are there, taken back (4204, 4206), asked for (4207 to 4209).

    visits = SelfPayVisits(uploads)
    visits.finish("V1")          # 4203 goes when every record of the visit is there, and waits as long as one is not
    visits.standing("V1")        # what waits here, and what the platform has
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, and_, select

from ..errors import CallRefused, LiangdingError
from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.store import Tx
from ..national.meaning import found_nothing
from ..spec import Does, Of, Transaction
from . import kinds
from .records import QueuedUpload, UploadRows, UploadState, uploads

FORM = 1

CLOSE, TAKE_BACK_ROWS, TAKE_BACK_VISIT = "4203", "4204", "4206"
FEES, VISITS, DIAGNOSES = "4207", "4208", "4209"

COMPLETE, OPEN = "1", "0"
"""cplt_flag."""

VISIT, ROW = ("fixmedins_mdtrt_id", "mdtrt_sn"), ("bkkp_sn", "feedetl_sn")
"""What a visit, and a fee row, is known by: as the transactions call it, and as the first edition of 4201 does."""

PAGE = 100

metadata = MetaData()

visit_of = Table(
    "upload_visits",
    metadata,
    Column("upload_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("institution", String(30), nullable=False),
    Column("visit", String(60), nullable=False),
)
Index("upload_visits_visit", visit_of.c.institution, visit_of.c.visit)

GONE = (UploadState.WITHDRAWN.value,)


class NotSelfPay(LiangdingError):
    """Nothing is known of that visit here."""

    code = "no_such_visit"
    http_status = 404


class VisitTies:
    """Which records of one institution belong to which self-paying patient's visit."""

    def __init__(self, journal: JournalReading, institution: str) -> None:
        self._beside = Beside(journal, "upload_visits", metadata, FORM)
        self._institution = institution

    def keep(self, tx: Tx, number: int, transaction: Transaction, message: Any) -> None:
        """Write a record's visit, in the transaction that takes it in."""
        if transaction.of is Of.SELF_PAY:
            tx.execute(visit_of.delete().where(visit_of.c.upload_id == number))
            visit = visit_named(message)
            row = {"upload_id": number, "institution": self._institution, "visit": visit[:60]}
            if visit:
                tx.execute(visit_of.insert(), row)

    def numbers(self, visit: str) -> list[int]:
        """The records of a visit, in the order in which they came."""
        query = (
            select(visit_of.c.upload_id).join(uploads, uploads.c.id == visit_of.c.upload_id)
            .where(and_(visit_of.c.institution == self._institution, visit_of.c.visit == visit[:60]))
            .where(uploads.c.state.not_in(GONE)).order_by(visit_of.c.upload_id)
        )  # fmt: skip
        return self._beside.read(lambda c: list(c.scalars(query)))


def visit_named(message: Any) -> str:
    """The visit that a message is of; empty where it names none."""
    held = dict(kinds.values_of(message))
    return next((str(held[name]) for name in VISIT if held.get(name)), "")


def rows_named(message: Any) -> set[str]:
    """The fee rows that a message names."""
    return {str(value) for name, value in kinds.values_of(message) if name in ROW}


def closes(transaction: Transaction, message: Any) -> bool:
    """Whether it closes a visit: it has to wait for what belongs to that."""
    closing = transaction.of is Of.SELF_PAY and transaction.does is Does.CONFIRMS
    return closing and dict(kinds.values_of(message)).get("cplt_flag") == COMPLETE


def wanting(rows: UploadRows, ties: VisitTies, closing: QueuedUpload) -> str:
    """What a visit that is to be closed still waits for, in words; empty where all of it is there."""
    held = (rows.get(number) for number in ties.numbers(visit_named(closing.message)) if number != closing.id)
    left = [each for each in held if each.state is not UploadState.DONE and each.infno != closing.infno]
    return "、".join(f"{each.infno} {each.key} {each.state.chinese}" for each in left[:5])


def taken_back(transaction: Transaction, message: Any, held: Iterable[QueuedUpload]) -> Iterator[int]:
    """The records that a withdrawal has taken off the platform, which may be given again: of a visit all, of rows those
    whose every row is named."""
    if transaction.of is not Of.SELF_PAY or transaction.does is not Does.WITHDRAWS:
        return
    named, whole = rows_named(message), transaction.infno == TAKE_BACK_VISIT
    for each in held:
        rows = rows_named(each.message)
        fees = bool(rows) and (not named or rows <= named)
        if each.state is UploadState.DONE and each.infno != transaction.infno and (whole or fees):
            yield each.id


@attrs.frozen(kw_only=True)
class SelfPayStanding:
    """Where a visit stands: its records here, and what the platform has of it: fee rows (4207), diagnoses (4209); None
    where it knows nothing of it."""

    visit: str
    records: list[QueuedUpload]
    fees: list[Any] | None = attrs.field(repr=False)
    diagnoses: list[Any] | None = attrs.field(repr=False)


class SelfPayVisits:
    """The visits of self-paying patients of one deployment; ``queue`` is its :class:`~.queue.Uploads`."""

    def __init__(self, queue: Any) -> None:
        self._queue, self._runtime = queue, queue.runtime

    def _named(self, visit: str) -> dict[str, str]:
        return {"fixmedins_mdtrt_id": visit, "fixmedins_code": self._runtime.deployment.institution.code}

    def records(self, visit: str) -> list[QueuedUpload]:
        """What waits here of a visit, or went."""
        return [self._queue.rows.get(number) for number in self._queue.visits.numbers(visit)]

    def finish(self, visit: str, *, complete: bool = True) -> QueuedUpload:
        """Close a visit, or open it again (4203). NotSelfPay where nothing of it came by here."""
        held = self.records(visit)
        if not held:
            raise NotSelfPay(f"没有传过自费就诊 {visit}", remedy="先传就诊信息与费用明细（liangding uploads import）")
        for each in held:
            if each.infno == CLOSE and each.state is UploadState.WAITING:
                self._queue.withdraw(each.id)
        return self._added(CLOSE, self._named(visit) | {"cplt_flag": COMPLETE if complete else OPEN})

    def take_back(self, visit: str, rows: Iterable[str] = ()) -> QueuedUpload:
        """Take back an outpatient visit whole (4206), of an inpatient one its fee rows, or some of them (4204). What
        was taken back may be given again. NotSelfPay."""
        held, wanted = self.records(visit), list(rows)
        if not held:
            raise NotSelfPay(f"没有传过自费就诊 {visit}")
        if any(each.infno == "4205" for each in held) and not wanted:
            return self._added(TAKE_BACK_VISIT, self._named(visit))
        named: dict[str, Any] = {"feedetail": self._named(visit)}
        return self._added(
            TAKE_BACK_ROWS, named | ({"feedetl": [{"bkkp_sn": row} for row in wanted]} if wanted else {})
        )

    def _added(self, infno: str, message: Any) -> QueuedUpload:
        added: QueuedUpload = self._queue.add(infno, message, key=f"{infno}:{self._runtime.new_id()}")
        return added

    def standing(self, visit: str) -> SelfPayStanding:
        """Where a visit stands, here and on the platform. What a query raises where it fails."""
        return SelfPayStanding(
            visit=visit, records=self.records(visit), fees=self._asked(FEES, visit),
            diagnoses=self._asked(DIAGNOSES, visit),
        )  # fmt: skip

    def _asked(self, infno: str, visit: str) -> list[Any] | None:
        return self._paged(infno, self._named(visit))

    def known(self, **search: str) -> list[Any]:
        """The visits that the platform has (4208), by ``certno``, ``psn_name``, ``begntime``, ``endtime`` …"""
        return self._paged(VISITS, search) or []

    def _paged(self, infno: str, asked: dict[str, str]) -> list[Any] | None:
        found: list[Any] = []
        for page in range(1, 1000):
            try:
                output = self._runtime.call(infno, asked | {"page_num": page, "page_size": PAGE}).output
            except CallRefused as refused:
                if page == 1 and (found_nothing(refused.message) or "不存在" in refused.message):
                    return None
                raise
            rows = list(output.data or ())
            found += rows
            if not rows or (output.recordCounts is not None and len(found) >= output.recordCounts):
                break
        return found
