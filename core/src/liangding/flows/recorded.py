"""What our own record says of a visit: queries of a platform may lag behind what it has accepted."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import CallRefused
from ..journal import Call
from ..resolution.cases import NOTHING_FOUND
from ..resolution.national import REFUNDED, settlements_of
from ..wire.json import decode
from ..workflow.work import Work
from .visits import Visit

SETTLES = frozenset({"2207", "2207A", "2304", "2304A"})
CANCELS = frozenset({"2208", "2305"})
UPLOADS = frozenset({"2204", "2301"})
WITHDRAWS = frozenset({"2205", "2302"})


@attrs.define(kw_only=True)
class Recorded:
    """What stands of a visit by the calls that the platform accepted from us. ``settled`` are the settlements that
    stand, ``cancelled`` those that were taken back; ``uploaded``: rows of ours are there; ``discharged`` None where
    we did neither 2402 nor 2405."""

    settled: list[str] = attrs.field(factory=list)
    cancelled: list[str] = attrs.field(factory=list)
    uploaded: bool = False
    discharged: bool | None = None

    def take(self, call: Call) -> None:
        """One more call, in order."""
        if call.infno in SETTLES and call.setl_id:
            self.settled.append(call.setl_id)
        elif call.infno in CANCELS:
            taken_back = _asked(call).get("setl_id", "")
            self.settled = [setl_id for setl_id in self.settled if setl_id != taken_back]
            self.cancelled.append(taken_back)
        elif call.infno in UPLOADS:
            self.uploaded = True
        elif call.infno in WITHDRAWS:
            self.uploaded = False
        elif call.infno in ("2402", "2405"):
            self.discharged = call.infno == "2402"


def recorded(work: Work[Any], visit: Visit) -> Recorded:
    """What our own record says of ``visit``."""
    found = Recorded()
    institution = work.runtime.deployment.institution.code
    for call in work.runtime.journal.accepted_of(institution, visit.psn_no, visit.mdtrt_id):
        found.take(call)
    return found


def _asked(call: Call) -> dict[str, Any]:
    """The first row of what a call asked for; nothing where its body was cleared away."""
    data = decode(call.request)["input"]["data"] if call.request else {}
    return (data[0] if data else {}) if isinstance(data, list) else data


def standing_settlements(work: Work[Any], visit: Visit, rows: list[Any]) -> list[str]:
    """The settlements of the visit that are not taken back (5203), of those that its rows on the platform name and
    those that our own record knows: what was accepted from us stands, even where the query does not show it yet."""
    ours, standing = recorded(work, visit), []
    for setl_id in dict.fromkeys((*settlements_of(rows), *ours.settled)):
        if setl_id in ours.cancelled:
            continue
        asked = {"psn_no": visit.psn_no, "setl_id": setl_id, "mdtrt_id": visit.mdtrt_id}
        try:
            output = work.call("5203", {"data": asked}, insured_place=visit.insured_place).output
        except CallRefused as refused:
            if NOTHING_FOUND not in refused.message:
                raise
            output = None
        found = output.setlinfo if output is not None else None
        if found.refd_setl_flag != REFUNDED if found is not None else setl_id in ours.settled:
            standing.append(setl_id)
    return standing
