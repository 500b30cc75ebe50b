"""What became of the calls of a piece of business: asked before anything is said of its money.

A field of a flow's state that is empty says nothing: the process may have died between the platform's answer and the
state, or nobody may know the answer. Its calls say it.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import InProgress, OutcomeUnknown
from ..journal import CallRecord
from ..runtime import Runtime
from ..spec import Does
from .standing import FlowBusy, FlowStopped

MONEY = (Does.SETTLES, Does.CANCELS)


class NotKnownYet(FlowStopped):
    """What is asked rests on an outcome that nobody knows yet. Nothing was done, and nothing is said of the money."""

    code = OutcomeUnknown.code
    http_status = OutcomeUnknown.http_status
    remedy = "先查明：稍候再问即得结果，或看 liangding journal list；查明前不要收费、退费或作废"


def find_out(runtime: Runtime, calls: Iterable[CallRecord]) -> None:
    """Look once more at each of the calls that is not settled. NotKnownYet where one stays so, FlowBusy where one is
    under way."""
    for call in calls:
        if call.state.final or not call.changes:
            continue
        what = f"{call.created_at:%m-%d %H:%M} 的 {call.infno}"
        try:
            runtime.finish(call)
        except OutcomeUnknown:
            raise NotKnownYet(f"{what} 结果不明，先查明") from None
        except InProgress:
            raise FlowBusy(f"{what} 正在办理") from None


def look_once_more(runtime: Runtime, calls: Iterable[CallRecord]) -> None:
    """Look at each that was refused without proof, or may still turn up, before anybody is told that nothing of it
    stands: what stands is accepted, and of what nobody can tell :func:`find_out` says so."""
    for call in calls:
        if call.state.repeatable and call.may_be_there:
            runtime.resolver.look_again(call)


def changes_of(runtime: Runtime, flow_id: str) -> list[CallRecord]:
    """The changing calls of a flow, in order; what became of each is known. NotKnownYet and FlowBusy as
    :func:`find_out` raises them."""
    find_out(runtime, runtime.journal.of_flow(flow_id))
    return [call for call in runtime.journal.of_flow(flow_id) if call.changes]


def money_calls(runtime: Runtime, calls: Iterable[CallRecord]) -> list[CallRecord]:
    """Those of the calls that settle, or take a settlement back."""
    return [call for call in calls if call.changes and runtime.interfaces.meant(call)[0] in MONEY]
