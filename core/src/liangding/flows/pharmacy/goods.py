"""The goods of a receipt: what a sale and its return upload of them (进销存)."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from ...contract.region import Place
from ...errors import CallFailed, CallRefused, HeldBack, InvalidMessage
from ...identity import Insured
from ...journal import CallRecord, State
from ...national.meaning import found_nothing, refused_rows
from ...receipts.money import priced
from ...spec import Does
from ...workflow.doubts import look_once_more
from ...workflow.standing import PartlyTaken
from ...workflow.work import Work, part_of, step_of
from ..holding import Draft
from ..visits import Order


@attrs.frozen(kw_only=True)
class Goods:
    """What the sale upload needs to know of a row beyond its price (进销存): the stock record, the batch, the codes.

    ``trace_codes`` are the scanned traceability codes, one for each pack; ``split_pack`` true where an opened pack
    is sold by the piece (拆零); ``barcode`` is the product's (drug_prod_barc).
    """

    fixmedins_hilist_id: str
    fixmedins_hilist_name: str
    fixmedins_bchno: str
    manu_lotnum: str
    manu_date: date
    expy_end: date | None = None
    prescription_drug: bool = False
    split_pack: bool = False
    trace_codes: tuple[str, ...] = ()
    barcode: str | None = None


@attrs.frozen(kw_only=True)
class SoldRow:
    """One row of the receipt. ``count`` times ``price`` (yuan) gives the row's amount, rounded to the cent. ``order``
    is for the audit, where one is made."""

    feedetl_sn: str
    med_list_codg: str
    medins_list_codg: str
    count: Decimal
    price: Decimal
    name: str = ""
    prescription_no: str | None = None
    goods: Goods | None = None
    order: Order | None = None

    @property
    def amount(self) -> Decimal:
        return priced(self.count, self.price)


@attrs.frozen(kw_only=True)
class Staff:
    """Who sold: prescriber, pharmacist with the certificate's number, and the person at the till."""

    pharmacist: str
    pharmacist_certificate: str
    prescriber: str = "无"
    seller: str | None = None


def codes_go_with(work: Work[Any], what: str) -> bool:
    wanted = work.runtime.deployment.features.trace_codes or work.runtime.region.trace_codes
    return wanted in (what, "both")


def goods_of(
    work: Work[Any], row: SoldRow, mdtrt_id: str, setl_id: str, person: Insured, at: datetime
) -> dict[str, Any]:
    """What a sale and its return have in common."""
    goods = row.goods
    assert goods is not None
    codes = goods.trace_codes if codes_go_with(work, "sale") else ()
    return {
        "med_list_codg": row.med_list_codg, "fixmedins_hilist_id": goods.fixmedins_hilist_id,
        "fixmedins_hilist_name": goods.fixmedins_hilist_name, "fixmedins_bchno": goods.fixmedins_bchno,
        "setl_id": setl_id, "mdtrt_sn": mdtrt_id, "psn_no": person.psn_no, "psn_cert_type": person.cert_type or None,
        "certno": person.certno or None, "psn_name": person.name or None, "manu_lotnum": goods.manu_lotnum,
        "manu_date": goods.manu_date, "expy_end": goods.expy_end, "finl_trns_pric": row.price,
        "rx_flag": "1" if goods.prescription_drug else "0", "trdn_flag": "1" if goods.split_pack else "0",
        "sel_retn_cnt": row.count, "sel_retn_time": at,
        "drugtracinfo": [{"drug_trac_codg": code} for code in codes] or None,
    }  # fmt: skip


def sale_of(
    work: Work[Any], row: SoldRow, staff: Staff, common: dict[str, Any], *, document_no: str, insured_place: str
) -> dict[str, Any]:
    """A row of a sale that the insurance settled: what a return has too (``common``), who sold it, and the number of
    the paper that it went out by."""
    local = work.runtime.region.place(insured_place) is Place.LOCAL
    return common | {
        "prsc_dr_name": staff.prescriber, "phar_name": staff.pharmacist,
        "phar_prac_cert_no": staff.pharmacist_certificate, "rtal_docno": document_no,
        "rxno": row.prescription_no, "rx_circ_flag": "1" if row.prescription_no else "0",
        "sel_retn_opter_name": seller_of(work, staff), "mdtrt_setl_type": "1",
        "hi_feesetl_type": "1" if local else "2",
        "drug_prod_barc": row.goods.barcode if row.goods else None,
    }  # fmt: skip


WHOLE = "all"
"""The part of a step that does all rows in one call."""

MakeGoods = Callable[[SoldRow], dict[str, Any]]


def sell(work: Work[Any], rows: list[SoldRow], make: MakeGoods, place: str, uploaded: list[str]) -> None:
    """Upload what went out, each row once: in one call or each by itself; ``uploaded`` is what has been. A row that is
    refused keeps none of the others: CallRefused, PartlyTaken for it when all have been tried."""
    if in_one_call(work, "3505A"):
        _in_one_call(work, "3505A", WHOLE, rows, make, place, uploaded)
    else:
        _one_by_one(rows, uploaded, lambda row: _send(work, "3505", make(row), row, place))


def give_back(work: Work[Any], rows: list[SoldRow], make: MakeGoods, place: str, returned: list[str]) -> None:
    """Upload what came back, each row once, so that its codes may be sold again; ``returned`` is what has. A row that
    is refused keeps none of the others: CallRefused, PartlyTaken for it when all have been tried. Tried again, one
    whose codes the platform shows on no sale any more is back."""
    if in_one_call(work, "3506A"):
        _in_one_call(work, "3506A", "", rows, make, place, returned)
        return

    def give(row: SoldRow) -> None:
        before = work.not_taken(row.feedetl_sn)
        if before is None or not _is_back(work, before, make(row), place):
            _send(work, "3506", make(row), row, place)

    _one_by_one(rows, returned, give)


def _send(work: Work[Any], infno: str, made: dict[str, Any], row: SoldRow, place: str) -> None:
    work.call(infno, {"selinfo": made}, part=row.feedetl_sn, insured_place=place)


def _one_by_one(rows: list[SoldRow], done: list[str], one: Callable[[SoldRow], None]) -> None:
    """Each row that is not done by itself; what refused the first of them is raised when all have been tried."""
    refused: CallRefused | InvalidMessage | None = None
    for row in _not_in(rows, done):
        try:
            one(row)
        except (CallRefused, InvalidMessage) as failed:
            refused = refused or failed
        else:
            done.append(row.feedetl_sn)
    if refused is not None:
        raise refused


def _not_in(rows: list[SoldRow], done: list[str]) -> list[SoldRow]:
    return [row for row in rows if row.feedetl_sn not in done]


def _in_one_call(
    work: Work[Any], infno: str, named: str, rows: list[SoldRow], make: MakeGoods, place: str, done: list[str]
) -> None:
    """All rows in one call, and those that it did not take in another one each time that the step runs again.
    PartlyTaken as long as one is not taken."""
    for number in itertools.count(1):
        part = f"{named}{number if number > 1 or not named else ''}"
        taken_before, before = part in work.made(), work.not_taken(part)
        if before is not None and work.runtime.interfaces[infno].does is Does.RETURNS:
            done += [row.feedetl_sn for row in _not_in(rows, done) if _is_back(work, before, make(row), place)]
        left = _not_in(rows, done)
        if not left:
            return
        message = functools.partial(_rows_of, left, make)
        answer = work.call(infno, message, part=part, insured_place=place)
        refused = dict(refused_rows(answer.output))
        done += [row.feedetl_sn for row in left if row.goods and row.goods.fixmedins_bchno not in refused]
        if refused and not taken_before:
            raise PartlyTaken("；".join(f"批次 {batch}：{why}" for batch, why in refused.items()))


def _rows_of(rows: list[SoldRow], make: MakeGoods) -> dict[str, Any]:
    return {"selinfoDetail": [make(row) for row in rows]}


def sold_by(work: Work[Any], flow_id: str, step_name: str, rows: list[SoldRow]) -> list[SoldRow]:
    """Those of an earlier flow's rows that are sold, by the calls of its step and not by its state: one that was found
    not to be there may have come late, and is looked at once more. HeldBack where nobody knows of one."""
    runtime, journal = work.runtime, work.runtime.journal

    def made() -> list[CallRecord]:
        return [c for c in journal.of_flow(flow_id) if c.changes and step_of(c.key or "", flow_id) == step_name]

    look_once_more(runtime, made())
    calls = made()
    if not all(call.state.final for call in calls):
        raise HeldBack("原来的销售上传结果还不明，查明后再上传退货", infno="3505")
    stand = {part_of(call.key or ""): call for call in calls if call.state is State.ACCEPTED}
    whole = [_refused_of(work, call) for part, call in stand.items() if part.startswith(WHOLE)]
    return [
        row for row in rows
        if row.goods and (row.feedetl_sn in stand or any(row.goods.fixmedins_bchno not in refused for refused in whole))
    ]  # fmt: skip


def _refused_of(work: Work[Any], call: CallRecord) -> dict[str, str]:
    """The batches that an upload did not take; none where its answer is not kept any more."""
    answer = work.runtime.finish(call) if call.answer else None
    return dict(refused_rows(answer.output)) if answer is not None else {}


def _is_back(work: Work[Any], before: CallRecord, sold: dict[str, Any], place: str) -> bool:
    """Whether the platform shows none of a row's codes on a sale (3513): asked where its return (``before``) was not
    taken, and believed when the query surely shows the sale by now."""
    codes = {each["drug_trac_codg"] for each in sold["drugtracinfo"] or ()}
    asked = {"fixmedins_code": work.runtime.deployment.institution.code, "mdtrt_id": sold["mdtrt_sn"]}
    if not codes or work.runtime.resolver.may_lag(before):
        return False
    try:
        found = work.call("3513", {"data": asked}, insured_place=place).output
    except CallRefused as refused:
        return found_nothing(refused.message)
    except CallFailed:
        return False
    return not codes & {each.drugTracCodg for each in (found.output if found is not None else None) or ()}


SOLD_AS = {"drugtracinfo": ("trace_codes",), "drug_trac_codg": (), "drug_prod_barc": ("barcode",)}
SOLD_BY = {
    "prsc_dr_name": ("prescriber",), "phar_name": ("pharmacist",), "phar_prac_cert_no": ("pharmacist_certificate",),
    "sel_retn_opter_name": ("seller",),
}  # fmt: skip
"""Fields of 3505 that are given under another name."""


def sale_drafts(work: Work[Any], rows: list[SoldRow], make: MakeGoods) -> Iterator[Draft]:
    """What the upload of a sale will send, row by row, in the caller's places: as the transaction that it goes by has
    it, of which editions may demand more than of the other."""
    in_one = in_one_call(work, "3505A")
    infno, node = ("3505A", "selinfoDetail") if in_one else ("3505", "selinfo")
    for i, row in enumerate(rows):
        if row.goods is not None:
            sold = make(row)
            message = {node: [sold] if in_one else sold}
            for place, names in ((("rows", i, "goods"), SOLD_AS), (("staff",), SOLD_BY)):
                yield Draft(infno=infno, message=message, nodes={node: place}, names=names, lone=in_one)


def in_one_call(work: Work[Any], infno: str) -> bool:
    """Whether the goods of this step go in one call (``infno``) or each by itself: as they were sent already, where
    they were, else as the deployment says."""
    made = list(work.made().values())
    return made[0].infno == infno if made else work.runtime.deployment.features.sale_upload == "batch"


def seller_of(work: Work[Any], staff: Staff | None) -> str:
    return (staff.seller if staff else None) or work.runtime.deployment.operator(work.operator).name
