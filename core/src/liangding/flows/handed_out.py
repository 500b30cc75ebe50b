"""What was handed out for a settlement and has not come back, by our own record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ..journal import CallRecord
from ..spec import Does, Of
from ..wire.json import decode
from ..workflow.work import Work


def still_out(work: Work[Any], psn_no: str, targets: Iterable[str]) -> dict[str, Decimal]:
    """What is out of these settlements of a person, by name: how much."""
    runtime, wanted = work.runtime, set(targets)
    held = [each for one in wanted for each in runtime.journal.settlements.by_setl_id(one) if each.setl_id == one]
    if not held:
        return {}
    first = min(each.call_id for each in held)
    out: dict[tuple[str, str], Decimal] = {}
    for call in runtime.journal.accepted_after(runtime.deployment.institution.code, psn_no, first):
        does, of = runtime.interfaces.meant(call)
        if of is Of.SALE and does in (Does.UPLOADS, Does.RETURNS):
            for row in _rows(call, wanted):
                key = _text(row, "fixmedins_hilist_name"), _text(row, "fixmedins_bchno")
                out[key] = out.get(key, Decimal(0)) + _count(row) * (1 if does is Does.UPLOADS else -1)
    named: dict[str, Decimal] = {}
    for (name, _), count in out.items():
        if count > 0:
            named[name] = named.get(name, Decimal(0)) + count
    return named


def _rows(call: CallRecord, wanted: set[str]) -> Iterator[Mapping[str, Any]]:
    """The rows of a sale, or of what came back, that are of these settlements, whatever a region calls the nodes."""
    if call.request:
        yield from _within(decode(call.request).get("input"), wanted)


def _within(value: Any, wanted: set[str]) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _within(each, wanted)
    elif isinstance(value, dict):
        if str(value.get("setl_id")) in wanted and "sel_retn_cnt" in value:
            yield value
            return
        for each in value.values():
            yield from _within(each, wanted)


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name) or "")


def _count(row: Mapping[str, Any]) -> Decimal:
    try:
        return Decimal(str(row["sel_retn_cnt"]))
    except InvalidOperation:
        return Decimal(0)
