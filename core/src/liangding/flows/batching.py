"""Fee rows in batches: as many in a call as the platform takes, each batch recorded, each refused row placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypedDict

import attrs

from ..contract.region import ROW_LIMIT
from ..errors import CallFailed, CallRefused, InvalidMessage, LiangdingError
from ..journal import CallRecord
from ..receipts.money import ZERO
from ..spec.problems import Problem
from ..wire.json import decode
from ..workflow.work import Work
from .visits import FeeItem, Visit, fees_on_platform

OUR_NAMES = {"cnt": "count", "pric": "price", "det_item_fee_sumamt": "price", "rx_circ_flag": "outside_prescription"}
"""Fields of feedetail that a caller's row gives under another name."""


@attrs.frozen(kw_only=True)
class UploadedRow:
    """A row that the platform took, and how it splits it, in yuan."""

    feedetl_sn: str
    amount: Decimal
    full_own: Decimal = ZERO
    over_limit: Decimal = ZERO
    own_first: Decimal = ZERO
    in_scope: Decimal = ZERO


@attrs.frozen(kw_only=True)
class Batch:
    """What of one call's rows the platform took; ``number`` counts from 1."""

    number: int
    infno: str
    msgid: str
    rows: tuple[UploadedRow, ...]


@attrs.frozen(kw_only=True)
class RefusedRow:
    """A row that the platform did not take: its place in what the caller gave, and why."""

    place: str
    feedetl_sn: str
    reason: str


@attrs.define(kw_only=True)
class Upload:
    """How far an upload has got. ``limit`` is the number of rows a call, kept from its first run. ``refused`` are the
    rows of the batch at which it stopped that the platform does not take, ``held`` those of that batch that it holds
    (None: it could not be asked)."""

    limit: int = 0
    batches: list[Batch] = attrs.field(factory=list)
    refused: list[RefusedRow] = attrs.field(factory=list)
    held: list[str] | None = attrs.field(factory=list)

    def rows(self) -> dict[str, UploadedRow]:
        """The rows that the platform took, by serial number."""
        return {row.feedetl_sn: row for batch in self.batches for row in batch.rows}


class RowsRefused(LiangdingError):
    """The platform refused fee rows; ``problems`` say which of the caller's, and why."""

    code = "rows_refused"
    http_status = 409
    remedy = "改正所列的行"

    def __init__(self, message: str, problems: list[Problem]) -> None:
        super().__init__(message, path=problems[0].where if problems else "")
        self.problems = problems

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"problems": [each.as_json() for each in self.problems]}


def row_limit(work: Work[Any], infno: str) -> int:
    """How many rows one call may bring: as the deployment says, else the region, else :data:`ROW_LIMIT`."""
    deployment, region = work.runtime.deployment.features.row_limits, work.runtime.region.row_limits
    return deployment.get(infno) or region.get(infno) or ROW_LIMIT


SHORTEST_NAME = 4
"""Characters of a serial number or code that a refusal can be seen to name."""

MakeRow = Callable[[FeeItem], dict[str, Any]]


def check_rows(work: Work[Any], infno: str, items: Sequence[FeeItem], make: MakeRow, insured_place: str) -> None:
    """Hold every row to the declaration before anything is sent. InvalidMessage names the caller's own places."""
    try:
        work.runtime.prepare(infno, {"feedetail": [make(item) for item in items]}, insured_place=insured_place)
    except InvalidMessage as wrong:
        told = [attrs.evolve(each, path=_ours(each.path, 0)) for each in wrong.problems]
        raise InvalidMessage(told, edition=wrong.edition) from None


def _ours(path: tuple[str | int, ...], offset: int) -> tuple[str | int, ...]:
    """A place in a message as the place in what the caller gave."""
    match path:
        case ("input", str(), int() as row, *rest):
            return ("given", "rows", row + offset, *(OUR_NAMES.get(str(name), name) for name in rest))
    return path


def upload(work: Work[Any], infno: str, items: Sequence[FeeItem], make: MakeRow, visit: Visit) -> None:
    """Upload rows, batch by batch; what is uploaded already is left out. RowsRefused where the platform does not take
    a row: ``work.state.upload`` then says what of the batch it took."""
    done: Upload = work.state.upload
    done.limit = done.limit or row_limit(work, infno)
    done.refused, done.held = [], []
    while places := _next_batch(work, done, items):
        number = len(done.batches) + 1
        message = {"feedetail": [make(item) for item in places.values()]}
        try:
            answer = work.call(infno, message, part=str(number), insured_place=visit.insured_place)
        except CallRefused as refused:
            done.refused = _named(refused.message, places)
            done.held = _held(work, visit, places)
            raise _stopped(done, number, places) from None
        taken, done.refused = _taken(answer.output.result, places)
        if done.refused:
            done.held = [row.feedetl_sn for row in taken]
            raise _stopped(done, number, places)
        done.batches.append(Batch(number=number, infno=infno, msgid=answer.msgid, rows=tuple(taken)))


def _next_batch(work: Work[Any], done: Upload, items: Sequence[FeeItem]) -> dict[int, FeeItem]:
    """The rows that go next, by their places: those that were sent already in this batch's place, by the record, else
    as many of those left as a call may bring."""
    taken = done.rows()
    left = {place: item for place, item in enumerate(items) if item.feedetl_sn not in taken}
    made = work.made().get(str(len(done.batches) + 1))
    serials = _sent_in(made) if made else set()
    return {p: item for p, item in left.items() if item.feedetl_sn in serials} or dict(list(left.items())[: done.limit])


def _sent_in(call: CallRecord) -> set[str]:
    """The serial numbers of the rows that a call sent; empty where its body was cleared away."""
    asked = decode(call.request).get("input") if call.request else None
    return {row["feedetl_sn"] for row in (asked or {}).get("feedetail", ())}


def _taken(result: Any, places: dict[int, FeeItem]) -> tuple[list[UploadedRow], list[RefusedRow]]:
    """The rows of a batch that the answer states, and those that it leaves out or could not split."""
    stated = {row.feedetl_sn: row for row in result or ()}
    taken, refused = [], []
    for place, item in places.items():
        row = stated.get(item.feedetl_sn)
        if row is None:
            refused.append(_refused(place, item, "平台没有返回这一行的分割结果"))
        elif row.memo and row.inscp_scp_amt is None and row.fulamt_ownpay_amt is None:
            refused.append(_refused(place, item, row.memo))
        else:
            taken.append(_uploaded(row, item))
    return taken, refused


def _uploaded(row: Any, item: FeeItem) -> UploadedRow:
    """A row that was taken; where its amount did not come, or is none, it is what was charged."""
    amount = item.amount if row.det_item_fee_sumamt is None else row.det_item_fee_sumamt
    return UploadedRow(
        feedetl_sn=row.feedetl_sn, amount=amount, full_own=row.fulamt_ownpay_amt or ZERO,
        over_limit=row.overlmt_amt or ZERO, own_first=row.preselfpay_amt or ZERO, in_scope=row.inscp_scp_amt or ZERO,
    )  # fmt: skip


def _refused(place: int, item: FeeItem, reason: str) -> RefusedRow:
    return RefusedRow(place=f"given.rows[{place}]", feedetl_sn=item.feedetl_sn, reason=reason)


def _named(message: str, places: dict[int, FeeItem]) -> list[RefusedRow]:
    """The rows that a refusal names by serial number or code; all of the batch where it names none."""
    for name in ("feedetl_sn", "medins_list_codg", "med_list_codg"):
        found = [(place, item) for place, item in places.items() if _mentions(message, getattr(item, name))]
        if found and len(found) < len(places):
            return [_refused(place, item, message) for place, item in found]
    return [_refused(place, item, message) for place, item in places.items()]


def _mentions(message: str, word: str) -> bool:
    """Whether a message has ``word`` with no letter or digit beside it; a short one may stand there by chance."""
    if len(word) < SHORTEST_NAME:
        return False
    at = message.find(word)
    while at >= 0:
        around = message[at - 1 : at] + message[at + len(word) : at + len(word) + 1]
        if not any(char.isascii() and char.isalnum() for char in around):
            return True
        at = message.find(word, at + 1)
    return False


def _held(work: Work[Any], visit: Visit, places: dict[int, FeeItem]) -> list[str] | None:
    """What the platform holds of a batch that it refused as a whole (5204); None where it does not say."""
    try:
        held = {row.feedetl_sn for row in fees_on_platform(work, visit)}
    except CallFailed:
        return None
    return [item.feedetl_sn for item in places.values() if item.feedetl_sn in held]


def _stopped(done: Upload, number: int, places: dict[int, FeeItem]) -> RowsRefused:
    held = "不知道收下了哪些" if done.held is None else f"平台收下 {len(done.held)} 行"
    first = done.refused[0]
    text = f"第 {number} 批 {len(places)} 行中 {len(done.refused)} 行被拒绝，{held}；{first.place}：{first.reason}"
    problems = [
        Problem(path=("given", "rows", place), rule="refused", message=row.reason)
        for row in done.refused
        for place, item in places.items()
        if item.feedetl_sn == row.feedetl_sn
    ]
    return RowsRefused(text, problems)


class ShownBatch(TypedDict):
    """One batch of fee rows that the platform took."""

    number: int
    msgid: str
    rows: int


class ShownFees(TypedDict):
    """How far an upload has got: rows taken, refused, and those that the platform has of earlier batches."""

    accepted: int
    batches: list[ShownBatch]
    refused: list[RefusedRow]
    held: list[str] | None


def shown(done: Upload) -> ShownFees:
    """How far an upload has got, as a flow's caller sees it."""
    return {
        "accepted": sum(len(batch.rows) for batch in done.batches),
        "batches": [{"number": b.number, "msgid": b.msgid, "rows": len(b.rows)} for b in done.batches],
        "refused": list(done.refused),
        "held": done.held,
    }
