"""What a record hangs on: the settlement that it belongs to, and the traceability codes that it sells or takes back.

A sale or a list of a settlement that was taken back is not sent; a code that another sale has is not sold again, unless
its pack was opened (拆零) or it came back. Only what goes through this queue is known here; the platform knows the rest
(3513).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import attrs
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, and_, or_, select

from ..checks.traceability import tidy
from ..journal.beside import Beside
from ..journal.finding import JournalReading
from ..journal.settling import SettledColumns, SettlementState
from ..journal.states import State
from ..journal.store import Tx
from ..knowledge.interfaces import Interfaces
from ..spec import Does, Of, Transaction
from ..spec.problems import Problem, problem
from .records import UploadConflict, UploadState, uploads

FORM = 1

BACK = (SettlementState.REFUNDED, SettlementState.REFUNDED_ELSEWHERE)

OPENED = "1"
"""trdn_flag of a pack that is sold by the piece."""

CODE = "drug_trac_codg"

metadata = MetaData()

_number = BigInteger().with_variant(Integer, "sqlite")

settled_by = Table(
    "upload_settlements",
    metadata,
    Column("upload_id", _number, primary_key=True),
    Column("setl_id", String(40), primary_key=True),
)
Index("upload_settlements_setl_id", settled_by.c.setl_id)

codes = Table(
    "upload_trace_codes",
    metadata,
    Column("upload_id", _number, primary_key=True),
    Column("code", String(70), primary_key=True),  # a keyed digest
    Column("institution", String(30), nullable=False),
    Column("batch", String(40), nullable=False),
    Column("way", String(10), nullable=False),
)
Index("upload_trace_codes_code", codes.c.institution, codes.c.code)

SOLD, CAME_BACK = "sold", "back"

_GONE = (UploadState.WITHDRAWN.value, UploadState.REFUSED.value)


@attrs.frozen(kw_only=True)
class Owed:
    """A settlement of which something is still to be uploaded, and what."""

    settled: SettledColumns
    wanted: str

    def as_json(self) -> dict[str, Any]:
        held = self.settled
        return {
            "setl_id": held.setl_id, "mdtrt_id": held.mdtrt_id, "bill_no": held.bill_no, "infno": held.infno,
            "setl_time": held.setl_time and held.setl_time.isoformat(" "), "wanted": self.wanted,
        }  # fmt: skip


class Ties:
    """What the records of one institution hang on."""

    def __init__(self, journal: JournalReading, institution: str) -> None:
        self._beside = Beside(journal, "upload_ties", metadata, FORM)
        self._journal, self._institution = journal, institution

    # -- settlements -----------------------------------------------------------------------------------------------

    def problems(self, transaction: Transaction, message: Any) -> Iterator[Problem]:
        """What speaks against a record of a settlement: that it was taken back, or is another visit's. Of a settlement
        that was not made here nothing is known."""
        if transaction.does is not Does.UPLOADS or transaction.of not in (Of.SALE, Of.LIST):
            return
        for path, row in _rows(message):
            setl_id = row.get("setl_id")
            settled = self._settled(str(setl_id)) if setl_id else None
            if settled is None:
                continue
            if settled.state in BACK:
                yield problem((*path, "setl_id"), "settled", f"结算 {setl_id} 已退费", label="结算ID")
            visit = row.get("mdtrt_sn") if transaction.of is Of.SALE else row.get("mdtrt_id")
            if visit and settled.mdtrt_id and visit != settled.mdtrt_id:
                name = "mdtrt_sn" if transaction.of is Of.SALE else "mdtrt_id"
                yield problem((*path, name), "settled", f"结算 {setl_id} 的就诊ID不是 {visit}", label="就诊ID")

    def place(self, message: Any) -> str:
        """The insured place of the settlement that a record names; empty where none was made here."""
        named = (self._settled(str(row["setl_id"])) for _, row in _rows(message) if row.get("setl_id"))
        return next((each.insuplc_admdvs for each in named if each is not None and each.insuplc_admdvs), "")

    def _settled(self, setl_id: str) -> SettledColumns | None:
        return next((each for each in self._journal.settlements.by_setl_id(setl_id) if each.setl_id == setl_id), None)

    def of_settlement(self, setl_id: str) -> list[int]:
        """The records of a settlement that are not off the list, the latest first."""
        query = (
            select(uploads.c.id).join(settled_by, settled_by.c.upload_id == uploads.c.id)
            .where(settled_by.c.setl_id == setl_id, uploads.c.institution == self._institution)
            .where(uploads.c.state != UploadState.WITHDRAWN.value).order_by(uploads.c.id.desc())
        )  # fmt: skip
        return self._beside.read(lambda c: list(c.scalars(query)))

    def owed(self, day: date, interfaces: Interfaces, wanted: tuple[str, ...]) -> list[Owed]:
        """The standing settlements of a day of which there is no sale (3505), or no settlement list (4101), though the
        region wants one (``wanted``: transactions); what waits in the queue is on its way and counts."""
        sale = next((infno for infno in wanted if interfaces.means(infno) == (Does.UPLOADS, Of.SALE)), None)
        lists = next((infno for infno in wanted if interfaces.means(infno) == (Does.UPLOADS, Of.LIST)), None)
        found = []
        for each in self._journal.settlements.between(day, day):
            if each.state is not SettlementState.STANDS or not each.setl_id:
                continue
            of = interfaces.means(each.infno)[1]
            asked = sale if of is Of.PURCHASE else lists if of is Of.DISCHARGE else None
            if asked is not None and not self._has(each, interfaces, interfaces.means(asked)):
                found.append(Owed(settled=each, wanted=asked))
        return found

    def _has(self, settled: SettledColumns, interfaces: Interfaces, means: tuple[Does, Of | None]) -> bool:
        query = (
            select(uploads.c.infno).join(settled_by, settled_by.c.upload_id == uploads.c.id)
            .where(settled_by.c.setl_id == settled.setl_id, uploads.c.institution == self._institution)
            .where(uploads.c.state.not_in(_GONE))
        )  # fmt: skip
        kinds = self._beside.read(lambda c: list(c.scalars(query)))
        if any(interfaces.means(infno) == means for infno in kinds):
            return True
        made = self._journal.call(settled.call_id)
        beside = self._journal.of_flow(made.flow) if made.flow else []
        return any(call.state is State.ACCEPTED and interfaces.means(call.infno) == means for call in beside)

    # -- traceability codes ----------------------------------------------------------------------------------------

    def keep(self, tx: Tx, number: int, transaction: Transaction, message: Any, *, changed: bool) -> None:
        """Write what a record hangs on, in the transaction that takes it in. UploadConflict where a code of it is sold
        already."""
        if changed:
            for table in (settled_by, codes):
                tx.execute(table.delete().where(table.c.upload_id == number))
        for setl_id in setl_ids(message):
            tx.execute(settled_by.insert(), {"upload_id": number, "setl_id": setl_id[:40]})
        if transaction.of is not Of.SALE:
            return
        sells, held = transaction.does is Does.UPLOADS, set()
        for _, row in _rows(message):
            for code in _codes(row):
                digest = self._digest(code)
                if digest in held:
                    continue
                held.add(digest)
                if sells:
                    self._refuse_sold(tx, number, code, digest)
                tx.execute(codes.insert(), {
                    "upload_id": number, "code": digest, "institution": self._institution,
                    "batch": str(row.get("fixmedins_bchno") or "")[:40], "way": SOLD if sells else CAME_BACK,
                })  # fmt: skip

    def _refuse_sold(self, tx: Tx, number: int, code: str, digest: str) -> None:
        last = (
            select(codes.c.way, uploads.c.key).join(uploads, uploads.c.id == codes.c.upload_id)
            .where(codes.c.institution == self._institution, codes.c.code == digest, codes.c.upload_id != number)
            .where(uploads.c.state.not_in(_GONE)).order_by(uploads.c.changed_at.desc(), uploads.c.id.desc()).limit(1)
        )  # fmt: skip
        found = tx.execute(last).first()
        if found is not None and found.way == SOLD:
            raise UploadConflict(
                f"追溯码 {code} 已在另一条销售记录中（{found.key}）", path="input",
                remedy="退回的先传退货（3506）；拆零销售的写 trdn_flag 1",
            )  # fmt: skip

    def refused(self, number: int, batches: list[str]) -> None:
        """Of a record that was taken in part the codes of the refused batches are not sold."""
        where = and_(codes.c.upload_id == number, or_(*(codes.c.batch == batch[:40] for batch in batches)))
        if batches:
            self._beside.write(lambda tx: tx.execute(codes.delete().where(where)))

    def _digest(self, code: str) -> str:
        return self._beside.vault.content(hashlib.sha256(code.encode()).hexdigest())


def setl_ids(message: Any) -> list[str]:
    """The settlements that a message names."""
    return sorted({str(row["setl_id"]) for _, row in _rows(message) if row.get("setl_id")})


def tidied(message: Any) -> Any:
    """A message with its traceability codes as the scanner meant them."""
    if isinstance(message, dict):
        return {name: tidy(held) if name == CODE and isinstance(held, str) else tidied(held)
                for name, held in message.items()}  # fmt: skip
    return [tidied(each) for each in message] if isinstance(message, list) else message


def _rows(message: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """The rows of a message, and its nodes, each with where it stands."""
    for name, held in message.items() if isinstance(message, dict) else ():
        for place, row in enumerate(held if isinstance(held, list) else [held]):
            if isinstance(row, dict):
                yield ("input", name, place) if isinstance(held, list) else ("input", name), row


def _codes(row: dict[str, Any]) -> Iterator[str]:
    """The codes of a row of whole packs."""
    if str(row.get("trdn_flag")) == OPENED:
        return
    for given in row.get("drugtracinfo") or ():
        code = given.get(CODE) if isinstance(given, dict) else None
        if code:
            yield str(code)
