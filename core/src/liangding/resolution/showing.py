"""A case as the person sees it who decides it: whose bill it is and over how much, which settlements the platform has
that it may be, and what may be done with it, now or later. Of the person only what is needed to compare is shown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from ..contract.cases import CannotAsk
from ..journal import CallRecord
from ..national.meaning import taken_back
from ..privacy import masked_name, masked_number
from ..spec import Does, Of
from ..spec.writing import two_places
from ..wire.json import decode
from .cases import OpenCase
from .deciding import Action, actions, not_yet
from .national import settled_of, speaks_against
from .resolver import Resolver

MOST_CANDIDATES = 10
"""So many settlements are looked at; whoever has more today asks for them one by one."""


@attrs.frozen(kw_only=True)
class PossibleSettlement:
    """A settlement of the person's that the platform has: its numbers, time and sum in yuan. ``possible``: the call may
    have made it, or taken it back; ``note`` says why, or why not."""

    setl_id: str
    mdtrt_id: str
    setl_time: datetime | None
    medfee_sumamt: Decimal | None
    possible: bool
    note: str

    def as_json(self) -> dict[str, Any]:
        amount, at = self.medfee_sumamt, self.setl_time
        return attrs.asdict(self) | {
            "setl_time": at and at.isoformat(" ", "seconds"),
            "medfee_sumamt": None if amount is None else f"{two_places(amount):f}",
        }


@attrs.frozen(kw_only=True)
class NotYet:
    """What may be done later: why not now, and from when on."""

    action: Action
    why: str
    at: datetime


@attrs.frozen(kw_only=True)
class ShownCase:
    """A case: the institution's own bill number, the person (masked), the sum in yuan, what the platform has, what may
    be done now and later. ``unasked`` says why there are no candidates, where the platform was not asked."""

    call: CallRecord
    bill_no: str
    bill_date: str
    psn_no: str
    psn_name: str
    amount: str
    candidates: tuple[PossibleSettlement, ...]
    unasked: str
    actions: tuple[Action, ...]
    later: tuple[NotYet, ...]

    def as_json(self) -> dict[str, Any]:
        """What may be shown of it, amounts as text."""
        return self.call.as_json() | {
            "bill_no": self.bill_no, "bill_date": self.bill_date, "psn_no": self.psn_no, "psn_name": self.psn_name,
            "candidates": [each.as_json() for each in self.candidates], "unasked": self.unasked,
            "actions": [action.value for action in self.actions],
            "later": [attrs.asdict(each) | {"at": each.at.isoformat(" ", "seconds")} for each in self.later],
        }  # fmt: skip


def shown_case(resolver: Resolver, call: CallRecord) -> ShownCase:
    """``call`` as a case. Of what moves money and is not known the platform is asked what the person has."""
    case = OpenCase(resolver.asking, call)
    candidates, unasked = _candidates(resolver, case)
    later = (NotYet(action=action, why=why, at=at) for action, (why, at) in not_yet(resolver, call).items())
    psn_no, psn_name = _masked(case)
    return ShownCase(
        call=call, bill_no=call.bill_no or call.key or "", bill_date=call.bill_date or "",
        psn_no=psn_no, psn_name=psn_name, amount=call.amount or "",
        candidates=candidates, unasked=unasked, actions=actions(resolver, call), later=tuple(later),
    )  # fmt: skip


def whose(resolver: Resolver, call: CallRecord) -> tuple[str, str]:
    """Number and name of the person whose call it is, masked; nobody is asked."""
    return _masked(OpenCase(resolver.asking, call))


def _masked(case: OpenCase) -> tuple[str, str]:
    return masked_number(case.psn_no), masked_name(_name(case))


def _name(case: OpenCase) -> str:
    """The person's name, as the call says it, or as the platform told it (1101) to the flow that made the call."""
    said = case.field("psn_name") or case.field("patn_name")
    if said:
        return str(said)
    persons = (call for call in case.of_flow() if case.means(call.infno) == (Does.READS, Of.PERSON) and call.answer)
    answers = (decode(call.answer) for call in persons)
    nodes = (answer.get("output") for answer in answers)
    held = (node.get("baseinfo") for node in nodes if isinstance(node, dict))
    return next((str(each.get("psn_name") or "") for each in held if isinstance(each, dict)), "")


def _candidates(resolver: Resolver, case: OpenCase) -> tuple[tuple[PossibleSettlement, ...], str]:
    """What the platform has that the case may be, or why it was not asked."""
    does, of = resolver.asking.interfaces.meant(case.call)
    if case.call.state.final or not does.moves_money or of is Of.ORDER:
        return (), ""
    found = _made(case) if does is Does.SETTLES else _taken_back(case)
    try:
        return tuple(itertools.islice(found, MOST_CANDIDATES)), ""
    except CannotAsk as silent:
        return (), f"平台现在问不到：{silent.message}"


def _made(case: OpenCase) -> Iterator[PossibleSettlement]:
    """What the call may have made."""
    for mdtrt_id, info in settled_of(case):
        against = speaks_against(case, info)
        own = "报文号就是这一笔的" if info.medins_setl_id == case.call.msgid else "没有带回报文号，要人认定"
        yield _candidate(mdtrt_id, info, note=against or own, possible=not against)


def _taken_back(case: OpenCase) -> Iterator[PossibleSettlement]:
    """What the call may have taken back."""
    asked = {name: case.field(name) for name in ("psn_no", "setl_id", "mdtrt_id")}
    found = case.ask("5203", {"data": asked})
    if found is not None and found.setlinfo is not None:
        done = taken_back(found.setlinfo)
        yield _candidate(asked["mdtrt_id"], found.setlinfo, note="已撤销" if done else "还在，没有撤销", possible=done)


def _candidate(mdtrt_id: str | None, info: Any, *, note: str, possible: bool) -> PossibleSettlement:
    return PossibleSettlement(
        setl_id=info.setl_id or "", mdtrt_id=mdtrt_id or info.mdtrt_id or "", setl_time=info.setl_time,
        medfee_sumamt=info.medfee_sumamt, possible=possible, note=note,
    )  # fmt: skip
