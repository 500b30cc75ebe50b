"""How each national transaction is resolved: what is asked, and what in the answer says that the call took effect.

A settlement is known by its medins_setl_id, which the platform sets to the number of the message that made it. What
else identifies a call is what it brought: fee rows by their serial numbers, a visit by the institution's own number,
a sale by its traceability codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ..spec.writing import SPARSE, MessageWriter
from . import hospital
from .cases import Case, Finding, Resolution, Seen

_write = MessageWriter(SPARSE).write

REFUNDED = "1"
"""refd_setl_flag of a settlement that was taken back."""


# -- settlements -----------------------------------------------------------------------------------------------------


def settlement_of_visit(case: Case) -> Finding:
    """2207, 2304: the visit is known; each of its settlements is looked at (5204, 5203)."""
    return _settlement_in(case, case.field("mdtrt_id"), "5204+5203")


def settlement_of_person(case: Case) -> Finding:
    """2102: the visit comes into being with the settlement: the person's visits of the day are asked first (5201)."""
    begun, ended = case.day(case.field("begntime"))
    asked = {"psn_no": case.psn_no, "begntime": begun, "endtime": ended, "med_type": case.field("med_type")}
    found = case.ask("5201", {"data": asked})
    unclear = ""
    for visit in (found.mdtrtinfo if found is not None else None) or ():
        finding = _settlement_in(case, visit.mdtrt_id, "5201+5204+5203")
        if finding.seen is Seen.THERE:
            return finding
        unclear = unclear or (finding.note if finding.seen is Seen.UNCLEAR else "")
    return Finding(seen=Seen.UNCLEAR if unclear else Seen.NOT_THERE, by="5201+5204+5203", note=unclear)


def _settlement_in(case: Case, mdtrt_id: str, by: str) -> Finding:
    rows = case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": mdtrt_id}})
    nameless = False
    for setl_id in settlements_of(rows or ()):
        asked = {"psn_no": case.psn_no, "setl_id": setl_id, "mdtrt_id": mdtrt_id}
        found = case.ask("5203", {"data": asked})
        info = found.setlinfo if found is not None else None
        if info is None:
            continue
        if info.medins_setl_id == case.call.msgid:
            if info.refd_setl_flag == REFUNDED:
                return Finding(seen=Seen.NOT_THERE, by=by, note="结算已撤销")
            return Finding(seen=Seen.THERE, by=by, output=_as_settlement(found))
        nameless = nameless or not _is_number_like(case.call.msgid, info.medins_setl_id)
    if nameless:
        return Finding(seen=Seen.UNCLEAR, by=by, note="有结算没有带回报文号，认不出是不是这一笔")
    return Finding(seen=Seen.NOT_THERE, by=by)


def _is_number_like(msgid: str, given: str | None) -> bool:
    """Whether it is the number of another message of ours: where platforms fill in something else, it tells nothing."""
    return given is not None and len(given) == len(msgid) and given[:12] == msgid[:12]


def settlement_named(case: Case, setl_id: str, mdtrt_id: str | None) -> Finding:
    """The settlement that somebody says is the one: it has to be the person's, of the same amount, and stand (5203)."""
    visit = mdtrt_id or case.field("mdtrt_id")
    found = case.ask("5203", {"data": {"psn_no": case.psn_no, "setl_id": setl_id, "mdtrt_id": visit}})
    info = found.setlinfo if found is not None else None
    if info is None or info.refd_setl_flag == REFUNDED:
        return Finding(seen=Seen.NOT_THERE, by="5203", note="没有这笔结算，或已撤销")
    if case.call.amount is not None and info.medfee_sumamt != Decimal(case.call.amount):
        return Finding(seen=Seen.NOT_THERE, by="5203", note="那笔结算的总金额不同")
    if info.medins_setl_id and info.medins_setl_id != case.call.msgid:
        return Finding(seen=Seen.NOT_THERE, by="5203", note="那笔结算是另一报文办的")
    return Finding(seen=Seen.THERE, by="5203", output=_as_settlement(found))


def settlements_of(rows: Any) -> Iterator[str]:
    """The settlements that fee rows of 5204 name, each once; a row that none holds names none, or zeros."""
    seen: set[str] = set()
    for row in rows:
        if row.setl_id and row.setl_id.strip("0") and row.setl_id not in seen:
            seen.add(row.setl_id)
            yield row.setl_id


def _as_settlement(found: Any) -> dict[str, Any]:
    """The answer of a settlement as 5203 tells it: two of its amounts go by other names there."""
    info = _write(found.setlinfo)
    renamed = {"psn_part_amt": info.get("psn_pay"), "psn_cash_pay": info.get("cash_payamt")}
    shares = _write(found.setldetail) if found.setldetail else []
    return {"setlinfo": info | {k: v for k, v in renamed.items() if v is not None}, "setldetail": shares}


def cancellation(case: Case) -> Finding:
    """2103, 2208, 2305: the settlement that was to be taken back says whether it is (5203)."""
    asked = {name: case.field(name) for name in ("psn_no", "setl_id", "mdtrt_id")}
    found = case.ask("5203", {"data": asked})
    if found is None:
        return Finding(seen=Seen.UNCLEAR, by="5203", note="平台查不到原结算")
    if found.setlinfo.refd_setl_flag != REFUNDED:
        return Finding(seen=Seen.NOT_THERE, by="5203")
    taken = _as_settlement(found)
    negated = {name: -value if _is_amount(name, value) else value for name, value in taken["setlinfo"].items()}
    return Finding(seen=Seen.THERE, by="5203", output={"setlinfo": negated, "setldetail": []})


def _is_amount(name: str, value: Any) -> bool:

    return isinstance(value, Decimal) and name not in ("balc", "age", "pool_prop_selfpay")


# -- visits and fees -------------------------------------------------------------------------------------------------


def registration(case: Case) -> Finding:
    """2201: the person's visits of the day, by the institution's own number (5201)."""
    data = case.input.data
    begun, ended = case.day(data.begntime)
    med_type = getattr(data, "med_type", None) or case.field("med_type") or "11"
    asked = {"psn_no": case.psn_no, "begntime": begun, "endtime": ended, "med_type": med_type}
    found = case.ask("5201", {"data": asked})
    for visit in (found.mdtrtinfo if found is not None else None) or ():
        if visit.ipt_otp_no == data.ipt_otp_no and not case.accepted_of(visit.mdtrt_id):
            output = {"mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "ipt_otp_no": visit.ipt_otp_no}
            return Finding(seen=Seen.THERE, by="5201", output={"data": output})
    return Finding(seen=Seen.NOT_THERE, by="5201")


def fees(case: Case) -> Finding:
    """2204, 2301: the visit's rows hold ours, by their serial numbers (5204)."""
    rows = case.ask("5204", {"data": {"psn_no": case.psn_no, "mdtrt_id": case.field("mdtrt_id")}}) or []
    held = {row.feedetl_sn: row for row in rows}
    ours = [row.feedetl_sn for row in case.rows("feedetail")]
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
        institution = case.runtime.deployment.institution.code
        found = case.ask("3513", {"data": {"fixmedins_code": institution, "mdtrt_id": row.mdtrt_sn}})
        sold = {each.drugTracCodg for each in (found.output if found is not None else None) or ()}
        count += len(codes)
        present += len(codes & sold)
    if not count:
        return Finding(seen=Seen.UNCLEAR, by="3513", note="没有追溯码，平台无从查起")
    done = present == count if wanted else present == 0
    undone = present == 0 if wanted else present == count
    if done or undone:
        return Finding(seen=Seen.THERE if done else Seen.NOT_THERE, by="3513")
    return Finding(seen=Seen.UNCLEAR, by="3513", note=f"{count} 个追溯码中平台有 {present} 个")


# -- the table -------------------------------------------------------------------------------------------------------

NATIONAL: dict[str, Resolution] = {
    **dict.fromkeys(
        ("2102", "2102A"), Resolution(look=settlement_of_person, by=("5201", "5204", "5203"), by_message=True)
    ),
    **dict.fromkeys(
        ("2207", "2207A", "2304", "2304A"),
        Resolution(look=settlement_of_visit, by=("5204", "5203"), by_message=True),
    ),
    **dict.fromkeys(("2103", "2208", "2305"), Resolution(look=cancellation, by=("5203",))),
    "2201": Resolution(look=registration, by=("5201",)),
    "2204": Resolution(look=fees, by=("5204",), lags=("2205",)),
    "2301": Resolution(look=fees, by=("5204",), lags=("2302",)),
    "2202": Resolution(look=hospital.registration_cancelled, by=("5202", "5201"), lags=("2201", "2203", "2203A")),
    "2205": Resolution(look=hospital.batch_cancelled, by=("5204",), lags=("2204",)),
    "2302": Resolution(look=hospital.rows_cancelled, by=("5204",), lags=("2301",)),
    "2401": Resolution(look=hospital.admission, by=("5303", "5201")),
    "2402": Resolution(look=hospital.discharge, by=("5303", "5201"), lags=("2405",)),
    "2403": Resolution(look=hospital.change, by=("5201", "5202"), lags=("2403",)),
    "2404": Resolution(look=hospital.admission_cancelled, by=("5303",), lags=("2401",)),
    "2405": Resolution(look=hospital.discharge_cancelled, by=("5303",), lags=("2402",)),
    **dict.fromkeys(("2501", "2501A"), Resolution(look=hospital.transfer, by=("5304",))),
    "2503": Resolution(look=hospital.chronic_disease, by=("5301",)),
    "2505": Resolution(look=hospital.designation, by=("5302",)),
    **dict.fromkeys(("3505", "3505A"), Resolution(look=sale, by=("3513",), lags=("3506", "3506A"))),
    **dict.fromkeys(("3506", "3506A"), Resolution(look=sale_return, by=("3513",), lags=("3505", "3505A"))),
}
"""infno → how its unknown outcome is found out. What is not here goes to a person, after a reversal where 2601 may."""
