"""Why the sides differ, as far as the journal knows, and the one thing that may safely be done about it.

Nothing is done by itself: a person confirms. What may move money is done through the journal, which refuses what it
knows better.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from ..errors import LiangdingError
from ..journal import STATE_NAMES, CallRecord, State
from ..journal.settling import SettlementState
from ..journal.writing import NoSuchCall
from ..national.meaning import REFUNDED, value_in
from ..privacy import logger
from ..resolution import SecondPersonNeeded
from ..runtime import Runtime
from ..spec import Does
from ..wire.json import decode
from .comparing import Difference, DifferenceKind

log = logger("reconciliation")


class SafeAction(StrEnum):
    """What may be done about a difference; ``chinese`` is the word for operators."""

    NOTHING = "nothing"
    LOOK = "look"
    """Ask the platform once more what became of the call that the journal does not know the outcome of."""
    RECORD = "record"
    """Note in the journal that the settlement was taken back elsewhere."""
    REVERSE = "reverse"
    """Take back by 2601 what the platform has and the journal knows not to be wanted."""

    @property
    def chinese(self) -> str:
        return {
            "nothing": "不处理，与经办机构核对", "look": "再向平台查明这一笔", "record": "在流水中记为已在别处退费",
            "reverse": "用 2601 冲正",
        }[self.value]  # fmt: skip


CHANGING = (SafeAction.RECORD, SafeAction.REVERSE)
"""What changes the journal or the platform, and takes a second person where the deployment wants one."""


@attrs.frozen(kw_only=True)
class Explained:
    """A difference, its cause in a sentence for operators, and the action. ``call`` is the journal's number of the call
    that is concerned, ``bill_no`` the institution's own number; ``group`` what the platform was asked by."""

    difference: Difference
    cause: str
    action: SafeAction
    call: int | None = None
    infno: str = ""
    bill_no: str = ""

    def as_json(self) -> dict[str, Any]:
        held = self.difference
        return {
            "kind": held.kind.value, "setl_id": held.setl_id, "amount": held.amount, "cause": self.cause,
            "action": self.action.value, "call": self.call, "infno": self.infno, "bill_no": self.bill_no,
            "msgid": held.msgid, "note": held.note,
        }  # fmt: skip


class Causes:
    """Explains the differences of one deployment. ``ask``: whether the platform may be asked (5203) about a settlement
    that stands here and is missing there."""

    def __init__(self, runtime: Runtime, *, ask: bool = True) -> None:
        self._runtime, self._ask = runtime, ask

    def explain(self, difference: Difference) -> Explained:
        """The cause of a difference as far as the journal knows it, and at most one safe action."""
        if difference.kind is DifferenceKind.PLATFORM_ONLY:
            return self._platform_only(difference)
        settled = self._runtime.journal.settlements.by_setl_id(difference.setl_id)
        first = settled[0] if settled else None
        about: dict[str, Any] = (
            {"call": first.call_id, "infno": first.infno, "bill_no": first.bill_no or ""} if first else {}
        )
        cause, action = self._of_ours(difference, first.state if first else None)
        return Explained(difference=difference, cause=cause, action=action, **about)

    def _of_ours(self, difference: Difference, state: SettlementState | None) -> tuple[str, SafeAction]:
        if difference.kind is DifferenceKind.DATE_BORDER:
            return "两边的日期不同，换一天对账时两边都有", SafeAction.NOTHING
        if difference.kind is DifferenceKind.AMOUNT:
            return "同一笔结算，两边金额不同；流水中有平台当时的应答", SafeAction.NOTHING
        if difference.kind is DifferenceKind.TWICE:
            return "同一行在一边多出来，不是多一笔结算", SafeAction.NOTHING
        stands = state is SettlementState.STANDS
        if difference.kind is DifferenceKind.OURS_ONLY:
            return self._missing(difference, stands)
        if stands and any(line.refunded for line in difference.theirs):
            return "中心已退费，流水中没有这笔退费：在别处退的", SafeAction.RECORD
        if not difference.ours:
            return "中心有退费的一行，流水中没有这笔退费：在别处退的", SafeAction.NOTHING
        if not stands:
            return "流水中已退费，中心没有退费的一行", SafeAction.NOTHING
        return "退费的一正一负只到了一边", SafeAction.NOTHING

    def _missing(self, difference: Difference, stands: bool) -> tuple[str, SafeAction]:
        """A settlement that the platform does not list: 5203 tells whether it was taken back elsewhere."""
        if not stands:
            return "流水中已退费，中心两行都没有", SafeAction.NOTHING
        flag = self._flag(difference)
        if flag == REFUNDED:
            return "中心查得到这笔结算，已退费：在别处退的", SafeAction.RECORD
        if flag is None:
            return "中心查不到这笔结算，流水中有它成立的应答", SafeAction.NOTHING
        return "中心查得到这笔结算，没有列入对账：清算类别、经办机构或日期不同", SafeAction.NOTHING

    def _flag(self, difference: Difference) -> str | None:
        """The sign of refund that the platform has for a settlement of ours; None where it has none such."""
        held = self._runtime.journal.settlements
        settled = next(iter(held.by_setl_id(difference.setl_id)), None)
        if not self._ask or settled is None:
            return None
        asked = {"psn_no": held.psn_no(settled.call_id), "setl_id": difference.setl_id, "mdtrt_id": settled.mdtrt_id}
        try:
            output = self._runtime.call("5203", {"data": asked}, insured_place=settled.insuplc_admdvs).output
        except LiangdingError:
            return None
        return str(output.setlinfo.refd_setl_flag or "") if output.setlinfo is not None else None

    # -- what the platform alone has -------------------------------------------------------------------------------

    def _platform_only(self, difference: Difference) -> Explained:
        call = self._call(difference.msgid)
        if call is None:
            cause = "流水中没有这个报文：不是这里办的" if difference.msgid else "中心没有给出报文号，不知是谁办的"
            return Explained(difference=difference, cause=cause, action=SafeAction.NOTHING)
        about: dict[str, Any] = {"call": call.id, "infno": call.infno, "bill_no": call.bill_no or ""}
        if call.state in (State.UNKNOWN, State.OPEN):
            return Explained(difference=difference, cause="流水中结果不明，中心已成立", action=SafeAction.LOOK, **about)
        if call.state is State.ACCEPTED:
            cause = "流水中已成立，对账的分组或日期里没有它：看清算类别、经办机构和时间"
            return Explained(difference=difference, cause=cause, action=SafeAction.NOTHING, **about)
        interface = self._runtime.interfaces[call.infno]
        reversible = self._runtime.resolver.may_reverse(call) if interface.does is Does.SETTLES else False
        cause = "流水中没有办成，中心却成立了：没有人认这笔钱"
        return Explained(
            difference=difference, cause=cause, action=SafeAction.REVERSE if reversible else SafeAction.LOOK, **about
        )  # fmt: skip

    def _call(self, msgid: str) -> CallRecord | None:
        try:
            return self._runtime.journal.by_msgid(msgid) if msgid.strip("0") else None
        except NoSuchCall:
            return None


class NotDone(LiangdingError):
    """An action is not to be done."""

    code = "not_done"
    http_status = 409


def act(
    runtime: Runtime,
    explained: Explained,
    *,
    person: str,
    reason: str,
    approved_by: str = "",
    break_glass: bool = False,
) -> str:
    """Do what a person confirmed; a sentence of what came of it. Who decided and why stands in the journal. NotDone
    where there is nothing to do any more; SecondPersonNeeded where the deployment wants two for what changes something
    and nobody approved it (``approved_by``); ``break_glass``: one person alone all the same, which is told."""
    decided = {"action": explained.action.value, "person": person, "reason": reason}
    if explained.action in CHANGING and runtime.resolver.second_person and not approved_by:
        _alone(runtime, explained, decided, break_glass)
    if explained.action is not SafeAction.NOTHING and explained.call is not None:
        told = decided | ({"approved_by": approved_by} if approved_by else {})
        runtime.journal.note(explained.call, "decided", told)
    return _done(runtime, explained)


def _alone(runtime: Runtime, explained: Explained, decided: dict[str, str], break_glass: bool) -> None:
    """One person where two are needed: refused, or written down and told."""
    number = explained.difference.setl_id
    if not break_glass or explained.call is None:
        raise SecondPersonNeeded(
            f"{number} 的差异要两个人：一人提出，另一人批准",
            remedy="liangding reconcile --propose，由另一个人 --approve，或在控制台；万不得已时 --break-glass，会告警",
        )
    runtime.journal.note(explained.call, "broke_glass", decided)
    log.error("the difference of %s: decided by one person alone, where two are needed", number)


def _done(runtime: Runtime, explained: Explained) -> str:
    journal, difference = runtime.journal, explained.difference
    if explained.action is SafeAction.RECORD:
        institution = runtime.deployment.institution.code
        if not journal.settlements.mark(institution, difference.setl_id, SettlementState.REFUNDED_ELSEWHERE):
            raise NotDone(f"流水中 {difference.setl_id} 已不是成立的")
        return f"{difference.setl_id} 已记为在别处退费"
    if explained.action is SafeAction.NOTHING or explained.call is None:
        raise NotDone("这个差异没有可以安全做的事", remedy="与经办机构核对")
    if explained.action is SafeAction.LOOK:
        settled = runtime.resolver.attempt(explained.call)
        return f"{explained.call} 号调用查明：{STATE_NAMES[settled.state]}"
    held = journal.call(explained.call)
    envelope = decode(held.request) if held.request else {}
    message = {"psn_no": value_in(envelope.get("input"), "psn_no"), "omsgid": held.msgid, "oinfno": held.infno}
    runtime.call(
        "2601", {"data": message}, insured_place=envelope.get("insuplc_admdvs"), key=f"reconcile:{held.msgid}"
    )  # fmt: skip
    return f"{held.msgid} 已冲正"
