"""What our own record says of a visit: queries of a platform may lag behind what it has accepted."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import CallRefused
from ..journal import CallRecord
from ..national.meaning import found_nothing, taken_back, value_in
from ..resolution.national import settlements_of
from ..spec import Does, Of
from ..wire.json import decode
from ..workflow.doubts import find_out, money_calls
from ..workflow.work import Work
from .visits import Visit


@attrs.frozen(kw_only=True)
class OnPlatform:
    """What the platform shows of a visit's settlements: ``standing``, and ``elsewhere`` those of ours that were taken
    back and not by us."""

    standing: list[str] = attrs.field(factory=list)
    elsewhere: list[str] = attrs.field(factory=list)

    def of(self, setl_id: str | None) -> OnPlatform:
        """What of it concerns that settlement."""
        standing, gone = ([each for each in found if each == setl_id] for found in (self.standing, self.elsewhere))
        return OnPlatform(standing=standing, elsewhere=gone)


@attrs.define(kw_only=True)
class Recorded:
    """What stands of a visit by the calls that the platform accepted from us. ``settled`` are the settlements that
    stand, ``cancelled`` those that were taken back; ``uploaded``: rows of ours are there; ``discharged`` None where
    we did neither 2402 nor 2405."""

    settled: list[str] = attrs.field(factory=list)
    cancelled: list[str] = attrs.field(factory=list)
    uploaded: bool = False
    discharged: bool | None = None

    def take(self, call: CallRecord, does: Does, of: Of | None) -> None:
        """One more call, in order, and what it does, of what."""
        if does is Does.SETTLES and call.setl_id:
            self.settled.append(call.setl_id)
        elif does is Does.CANCELS:
            back = named_in(call)
            self.settled = [setl_id for setl_id in self.settled if setl_id != back]
            self.cancelled.append(back)
        elif of is Of.FEES and does in (Does.UPLOADS, Does.WITHDRAWS):
            self.uploaded = does is Does.UPLOADS
        elif of is Of.DISCHARGE and does in (Does.REGISTERS, Does.WITHDRAWS):
            self.discharged = does is Does.REGISTERS


def recorded(work: Work[Any], visit: Visit) -> Recorded:
    """What our own record says of ``visit``."""
    found, meant = Recorded(), work.runtime.interfaces.meant
    institution = work.runtime.deployment.institution.code
    for call in work.runtime.journal.accepted_of(institution, visit.psn_no, visit.mdtrt_id):
        found.take(call, *meant(call))
    return found


def cancellations(work: Work[Any], visit: Visit) -> list[CallRecord]:
    """The calls that took settlements of the visit back, by our own record."""
    institution, meant = work.runtime.deployment.institution.code, work.runtime.interfaces.meant
    made = work.runtime.journal.accepted_of(institution, visit.psn_no, visit.mdtrt_id)
    return [call for call in made if meant(call)[0] is Does.CANCELS]


def named_in(call: CallRecord) -> str:
    """The settlement that a call was to take back; empty where its body was cleared away."""
    return str(value_in(decode(call.request)["input"], "setl_id") or "") if call.request else ""


def refuse_unknown(work: Work[Any], visit: Visit) -> None:
    """NotKnownYet where by our record nobody knows what became of a settlement of the visit, or of what takes one
    back."""
    open_still = work.runtime.journal.pending_of(visit.psn_no, visit.mdtrt_id)
    find_out(work.runtime, money_calls(work.runtime, open_still))


def settlements_on_platform(work: Work[Any], visit: Visit, rows: list[Any]) -> OnPlatform:
    """What has become of the visit's settlements (5203), of those that its rows on the platform name and those that our
    own record knows: what was accepted from us stands, even where the query does not show it yet."""
    ours, seen = recorded(work, visit), OnPlatform()
    for setl_id in dict.fromkeys((*settlements_of(rows), *ours.settled)):
        if setl_id in ours.cancelled:
            continue
        asked = {"psn_no": visit.psn_no, "setl_id": setl_id, "mdtrt_id": visit.mdtrt_id}
        try:
            output = work.call("5203", {"data": asked}, insured_place=visit.insured_place).output
        except CallRefused as refused:
            if not found_nothing(refused.message):
                raise
            output = None
        found = output.setlinfo if output is not None else None
        if not taken_back(found) if found is not None else setl_id in ours.settled:
            seen.standing.append(setl_id)
        elif setl_id in ours.settled:
            seen.elsewhere.append(setl_id)
    return seen
