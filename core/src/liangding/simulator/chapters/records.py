"""Daily uploads: settlement lists (4101 to 4105), records and reports (43xx to 47xx).

A record is known by its own number, and a later one takes an earlier one's place. What the platform has stands in
``world.kept["records"]``; ``world.kept["refusals"]`` is where a test says in which words records of a number are
refused, one after the other, before they are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from ...contract.simulation import Refuse
from ...spec.writing import SPARSE, MessageWriter
from ..requests import Request, handles

KNOWN_BY = ("setl_id", "rpotc_no", "medcas_drord_detl_id", "mdtrt_sn", "mdtrt_id", "psn_no")

LISTS = "4101"

NOT_SUBMITTED, SUBMITTED, APPROVED, REJECTED = "0", "1", "2", "3"

MOVES = {(NOT_SUBMITTED, SUBMITTED), (REJECTED, NOT_SUBMITTED), (REJECTED, SUBMITTED)}
"""What an institution may make of a list's state."""

_written = MessageWriter(SPARSE)


@attrs.define(kw_only=True)
class HeldRecords:
    """A record that the platform has. ``arrivals`` are the messages that brought it, the last one counts."""

    infno: str
    key: str
    message: Any = attrs.field(repr=False)
    arrivals: list[str] = attrs.field(factory=list)
    state: str = NOT_SUBMITTED


def records(world: Any) -> dict[tuple[str, str], HeldRecords]:
    """What the platform has, by transaction and number."""
    held: dict[tuple[str, str], HeldRecords] = world.kept.setdefault("records", {})
    return held


def refusals(world: Any) -> dict[str, list[str]]:
    """Number of a record → in which words it is refused, one after the other."""
    held: dict[str, list[str]] = world.kept.setdefault("refusals", {})
    return held


def _values(message: Any) -> Iterator[tuple[str, Any]]:
    for name, value in message.items():
        if isinstance(value, dict):
            yield from _values(value)
        elif isinstance(value, list):
            for each in value:
                yield from _values(each)
        else:
            yield name, value


def keep(request: Request) -> HeldRecords:
    """Take a record, or refuse it as a test says."""
    message = _written.write(request.input)
    values = dict(reversed(list(_values(message if isinstance(message, dict) else {"": message}))))
    key = next((str(values[name]) for name in KNOWN_BY if values.get(name)), request.msgid)
    waiting = refusals(request.world).get(key)
    if waiting:
        raise Refuse(waiting.pop(0))
    infno = request.infno.removesuffix("A")
    held = records(request.world).setdefault((infno, key), HeldRecords(infno=infno, key=key, message=message))
    if held.state in (SUBMITTED, APPROVED):
        raise Refuse("结算清单已提交，不能再上传")
    held.message = message
    held.arrivals.append(request.msgid)
    return held


@handles("4101", "4101A")
def settlement_list(request: Request) -> dict[str, Any]:
    held = keep(request)
    return {"data": {"setl_list_id": f"L{held.key}"}}


@handles(
    "4301", "4302", "4401", "4402", "4402A", "4501", "4502", "4503", "4504", "4505", "4506", "4601", "4602", "4701"
)  # fmt: skip
def record(request: Request) -> None:
    keep(request)


@handles("4102")
def change_state(request: Request) -> None:
    asked = [(_list(request, row.setl_id), row.stas_type) for row in request.input.data.stastinfo]
    for held, wanted in asked:
        if (held.state, wanted) not in MOVES:
            raise Refuse(f"结算清单状态 {held.state} 不能改为 {wanted}")
    for held, wanted in asked:
        held.state = wanted


def _list(request: Request, setl_id: str) -> HeldRecords:
    held = records(request.world).get((LISTS, setl_id))
    if held is None:
        raise Refuse("结算清单不存在")
    return held


@handles("4103")
def query_list(request: Request) -> dict[str, Any]:
    held = _list(request, request.input.data.setl_id)
    given = held.message.get("setlinfo", {})
    return {"setlinfo": {
        "setl_id": held.key, "setl_list_sn": f"L{held.key}", "psn_no": request.input.data.psn_no,
        "mdtrt_id": given.get("mdtrt_id"), "fixmedins_code": request.world.institution, "stas_type": held.state,
    }}  # fmt: skip


@handles("4104")
def quality_control(request: Request) -> list[dict[str, Any]]:
    """What quality control found: what a test has put into ``world.kept["findings"]``, by setl_id."""
    found: dict[str, list[dict[str, Any]]] = request.world.kept.get("findings", {})
    asked = request.input.data
    rows = [{"setl_id": key, "detailinfo": each} for key, each in found.items() if asked.setl_id in (None, key)]
    first = (int(asked.page_num) - 1) * int(asked.page_size)
    return rows[first : first + int(asked.page_size)]


@handles("4105")
def counts(request: Request) -> dict[str, Any]:
    standing = [each for each in request.world.settlements.values() if each.counts]
    held = sum(infno == LISTS for infno, _ in records(request.world))
    return {"needUploadCnt": Decimal(len(standing)), "uploadedCnt": Decimal(held)}
