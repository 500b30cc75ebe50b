"""Looking for settlements, visits, fee rows and sales: what is asked, and what in the answer says that the call took
effect.

A settlement is known by its medins_setl_id, which the platform sets to the number of the message that made it. What
else identifies a call is what it brought: fee rows by their serial numbers, a visit by the institution's own number,
a sale by its traceability codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..contract.cases import Case, Finding, Seen
from ..national.meaning import OUTPATIENT_TYPES, SERIAL, names_one, rows_with, taken_back
from ..spec import Does, Of
from ..spec.writing import SPARSE, MessageWriter
from ..wire.json import decode
from .goods import sale_without_codes

_write = MessageWriter(SPARSE).write


# -- settlements -----------------------------------------------------------------------------------------------------


def settlement(case: Case) -> Finding:
    """Of a visit that is known each settlement is looked at (5204, 5203). Where the visit comes into being with the
    settlement (2102), the person's visits of the day are asked first (5201)."""
    mdtrt_id = case.field("mdtrt_id")
    return _settlement_in(case, mdtrt_id, "5204+5203") if mdtrt_id else _settlement_of_person(case)


def _settlement_of_person(case: Case) -> Finding:
    med_type = case.field("med_type")
    unclear = ""
    for kind in (med_type,) if med_type else OUTPATIENT_TYPES:
        for visit in sorted(visits(case, kind, case.field("begntime")), key=_begun, reverse=True):
            if _is_anothers(case, visit.mdtrt_id):
                continue
            finding = _settlement_in(case, visit.mdtrt_id, "5201+5204+5203")
            if finding.seen is Seen.THERE:
                return finding
            unclear = unclear or (finding.note if finding.seen is Seen.UNCLEAR else "")
    return Finding(seen=Seen.UNCLEAR if unclear else Seen.NOT_THERE, by="5201+5204+5203", note=unclear)


def _begun(visit: Any) -> datetime:
    return getattr(visit, "begntime", None) or datetime.min


def _is_anothers(case: Case, mdtrt_id: str) -> bool:
    """Whether a visit came into being with another settlement of ours: then this call's is none of it."""
    return any(
        call.mdtrt_id == mdtrt_id and case.means(call.infno)[0] is Does.SETTLES for call in case.accepted_of(mdtrt_id)
    )


def _settlement_in(case: Case, mdtrt_id: str, by: str) -> Finding:
    rows = case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": mdtrt_id}}) or []
    nameless, other = False, {}
    for setl_id in settlements_of(rows):
        asked = {"psn_no": case.psn_no, "setl_id": setl_id, "mdtrt_id": mdtrt_id}
        found = case.ask("5203", {"data": asked})
        info = found.setlinfo if found is not None else None
        if info is None:
            continue
        if info.medins_setl_id == case.call.msgid:
            if taken_back(info):
                return Finding(seen=Seen.NOT_THERE, by=by, note="结算已撤销")
            return Finding(seen=Seen.THERE, by=by, output=_as_settlement(case, found))
        named = _is_number_like(case.call.msgid, info.medins_setl_id)
        nameless = nameless or not named
        if named and not taken_back(info) and _holds_ours(case, rows, setl_id):
            told = {name: getattr(info, name) for name in ("setl_time", "medfee_sumamt", "medins_setl_id")}
            other = {"setl_id": setl_id, **told}
    if nameless:
        return Finding(seen=Seen.UNCLEAR, by=by, note="有结算没有带回报文号，认不出是不是这一笔")
    return Finding(seen=Seen.NOT_THERE, by=by, other=other)


def _holds_ours(case: Case, rows: list[Any], setl_id: str) -> bool:
    """Whether a settlement holds rows of the batch that the call was to settle; any of the visit, where the call names
    none or our record does not know its rows."""
    batch = case.field("chrg_bchno")
    ours = uploaded(case, batch) if batch else set()
    return not ours or any(row.setl_id == setl_id and row.feedetl_sn in ours for row in rows)


def uploaded(case: Case, batch: str) -> set[str]:
    """The serial numbers of the rows that we uploaded in a batch."""
    calls = case.accepted_of(case.field("mdtrt_id"))
    uploads = (call for call in calls if case.means(call.infno) == (Does.UPLOADS, Of.FEES) and call.request)
    rows = (row for call in uploads for row in rows_with(decode(call.request)["input"], SERIAL))
    return {row[SERIAL] for row in rows if row.get("chrg_bchno") == batch}


def _is_number_like(msgid: str, given: str | None) -> bool:
    """Whether it is the number of another message of ours: where platforms fill in something else, it tells nothing."""
    return given is not None and len(given) == len(msgid) and given[:12] == msgid[:12]


def settlement_named(case: Case, setl_id: str, mdtrt_id: str | None) -> Finding:
    """The settlement that somebody says is the one: it has to be the person's, of the same amount, and stand (5203)."""
    visit = mdtrt_id or case.field("mdtrt_id")
    found = case.ask("5203", {"data": {"psn_no": case.psn_no, "setl_id": setl_id, "mdtrt_id": visit}})
    info = found.setlinfo if found is not None else None
    against = "没有这笔结算" if info is None else speaks_against(case, info)
    if against:
        return Finding(seen=Seen.NOT_THERE, by="5203", note=against)
    return Finding(seen=Seen.THERE, by="5203", output=_as_settlement(case, found))


def speaks_against(case: Case, info: Any) -> str:
    """Why a settlement of the person's, as 5203 tells it, cannot be the call's; empty where it can."""
    if taken_back(info):
        return "那笔结算已撤销"
    if case.call.amount is not None and info.medfee_sumamt != Decimal(case.call.amount):
        return "那笔结算的总金额不同"
    if info.medins_setl_id != case.call.msgid and _is_number_like(case.call.msgid, info.medins_setl_id):
        return "那笔结算是另一报文办的"
    return ""


def settled_of(case: Case) -> Iterator[tuple[str, Any]]:
    """The settlements of the visit, or, where the call names none, of the person's visits of its day, the newest visit
    first, as 5203 tells them, each with its visit."""
    mdtrt_id, med_type = case.field("mdtrt_id"), case.field("med_type")
    kinds = () if mdtrt_id else (med_type,) if med_type else OUTPATIENT_TYPES
    of_day = [visit for kind in kinds for visit in visits(case, kind, case.field("begntime"))]
    for visit in [mdtrt_id] if mdtrt_id else [v.mdtrt_id for v in sorted(of_day, key=_begun, reverse=True)]:
        rows = case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": visit}}) or []
        for setl_id in settlements_of(rows):
            asked = {"psn_no": case.psn_no, "setl_id": setl_id, "mdtrt_id": visit}
            found = case.ask("5203", {"data": asked})
            if found is not None and found.setlinfo is not None:
                yield visit, found.setlinfo


def settlements_of(rows: Any) -> Iterator[str]:
    """The settlements that fee rows of 5204 name, each once; a row that none holds names none, or zeros."""
    seen: set[str] = set()
    for row in rows:
        if names_one(row.setl_id) and row.setl_id not in seen:
            seen.add(row.setl_id)
            yield row.setl_id


def _as_settlement(case: Case, found: Any, *, back: bool = False) -> dict[str, Any]:
    """The answer of a settlement as 5203 tells it: two of its amounts go by other names there. ``back``: the answer
    of its cancellation, with amounts below zero."""
    told = _write(found.setlinfo)
    renamed = {"psn_part_amt": told.get("psn_pay"), "psn_cash_pay": told.get("cash_payamt")}
    info = told | {name: value for name, value in renamed.items() if value is not None}
    if back:
        info = {name: -value if _is_amount(name, value) else value for name, value in info.items()}
    shares = _write(found.setldetail) if found.setldetail and not back else []
    return {**case.under("setl_id", info, "setlinfo"), "setldetail": shares}


def cancellation(case: Case) -> Finding:
    """The settlement that was to be taken back says whether it is (5203)."""
    asked = {name: case.field(name) for name in ("psn_no", "setl_id", "mdtrt_id")}
    found = case.ask("5203", {"data": asked})
    if found is None:
        return Finding(seen=Seen.UNCLEAR, by="5203", note="平台查不到原结算")
    if not taken_back(found.setlinfo):
        return Finding(seen=Seen.NOT_THERE, by="5203")
    return Finding(seen=Seen.THERE, by="5203", output=_as_settlement(case, found, back=True))


def _is_amount(name: str, value: Any) -> bool:
    return isinstance(value, Decimal) and name not in ("balc", "age", "pool_prop_selfpay")


# -- visits and fees -------------------------------------------------------------------------------------------------


def visits(case: Case, med_type: str, begun: Any) -> list[Any]:
    """The person's visits of a kind, around a time (5201)."""
    first, last = case.day(begun)
    asked = {"psn_no": case.psn_no, "begntime": first, "endtime": last, "med_type": med_type}
    found = case.ask("5201", {"data": asked})
    return list((found.mdtrtinfo if found is not None else None) or ())


def registration(case: Case) -> Finding:
    """The person's visits of the day, by the institution's own number (5201)."""
    number = case.field("ipt_otp_no")
    for visit in visits(case, case.field("med_type") or OUTPATIENT_TYPES[0], case.field("begntime")):
        if visit.ipt_otp_no == number and not case.accepted_of(visit.mdtrt_id):
            told = {"mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "ipt_otp_no": visit.ipt_otp_no}
            return Finding(seen=Seen.THERE, by="5201", output=case.under("mdtrt_id", told))
    return Finding(seen=Seen.NOT_THERE, by="5201")


def fees(case: Case) -> Finding:
    """The visit's rows hold ours, by their serial numbers (5204)."""
    rows = case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": case.field("mdtrt_id")}}) or []
    held = {row.feedetl_sn: row for row in rows}
    ours = [row.feedetl_sn for row in rows_with(case.input, SERIAL)]
    there = [serial for serial in ours if serial in held]
    if not there:
        return Finding(seen=Seen.NOT_THERE, by="5204")
    if len(there) < len(ours):
        return Finding(seen=Seen.UNCLEAR, by="5204", note=f"{len(ours)} 行中平台只有 {len(there)} 行")
    return Finding(seen=Seen.THERE, by="5204", output={"result": [_write(held[serial]) for serial in ours]})


# -- goods -----------------------------------------------------------------------------------------------------------


def sale(case: Case) -> Finding:
    """3505, 3505A: the codes stand on a sale of ours (3513)."""
    return _codes(case, wanted=True)


def sale_return(case: Case) -> Finding:
    """3506, 3506A: the codes stand on no sale any more (3513)."""
    return _codes(case, wanted=False)


def _codes(case: Case, *, wanted: bool) -> Finding:
    rows = [*case.rows("selinfo"), *case.rows("selinfoDetail")]
    present, count = 0, 0
    for row in rows:
        codes = {given.drug_trac_codg for given in row.drugtracinfo or () if given.drug_trac_codg}
        if not codes:
            continue
        found = case.ask("3513", {"data": {"fixmedins_code": case.institution, "mdtrt_id": row.mdtrt_sn}})
        sold = {each.drugTracCodg for each in (found.output if found is not None else None) or ()}
        count += len(codes)
        present += len(codes & sold)
    if not count and wanted:
        return sale_without_codes(case, rows)
    if not count:
        return Finding(seen=Seen.UNCLEAR, by="3513", note="没有追溯码，平台无从查起")
    done = present == count if wanted else present == 0
    undone = present == 0 if wanted else present == count
    if done or undone:
        return Finding(seen=Seen.THERE if done else Seen.NOT_THERE, by="3513")
    return Finding(seen=Seen.UNCLEAR, by="3513", note=f"{count} 个追溯码中平台有 {present} 个")
