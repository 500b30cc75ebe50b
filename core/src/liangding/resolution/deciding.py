"""What a person may do with a case that the resolver could not end, and doing it.

Nothing that a person says is taken on trust where the platform can be asked: what contradicts it is refused. Who
decided and why stands in the journal.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from ..clock import in_china
from ..contract.cases import CannotAsk, Finding, Seen
from ..errors import InvalidMessage, LiangdingError
from ..journal import CallRecord, Outcome, State
from ..journal.states import BY_PERSON, LATE, REVERSING
from ..national.meaning import IDENTIFIERS
from ..privacy import logger
from ..spec import Does, Of
from ..spec.nodes import is_list, members
from ..wire.json import encode
from .cases import OpenCase
from .national import settlement_named
from .online import state_leaves_open
from .resolver import Resolver

log = logger("resolution")


class Action(StrEnum):
    """What may be done with a case."""

    RETRY = "retry"
    REVERSE = "reverse"
    ACCEPT = "accept"
    ABSENT = "absent"


ACTION_NAMES = {
    Action.RETRY: "现在再向平台查一次",
    Action.REVERSE: "用 2601 冲正，再核对",
    Action.ACCEPT: "认定已办成：结算给出 setl_id（2102 还要 mdtrt_id），先向平台核对",
    Action.ABSENT: "认定没有办成：平台还查得到时不接受",
}


class NotAllowed(LiangdingError):
    """That may not be done with this case."""

    code = "not_allowed"
    http_status = 409
    remedy = "先看 liangding journal resolve 列出的办法"


class SecondPersonNeeded(NotAllowed):
    """What one person decides of money takes a second one here, who approves it."""

    code = "second_person"
    remedy = (
        "先提出（liangding journal propose、POST …/proposal），由另一个人批准；万不得已时 break_glass，会告警并记下"
    )


@attrs.frozen(kw_only=True)
class Decision:
    """What a person decided. ``person`` and ``reason`` are recorded; ``setl_id`` and ``mdtrt_id`` name the settlement
    that an accepted one is. ``break_glass``: one person alone, where two are needed and the second is not to be had;
    it is recorded as that, and told."""

    action: Action
    person: str
    reason: str
    setl_id: str | None = None
    mdtrt_id: str | None = None
    break_glass: bool = False

    def __attrs_post_init__(self) -> None:
        if self.action is not Action.RETRY and not (self.person.strip() and self.reason.strip()):
            raise NotAllowed("要写明谁决定的（person）和为什么（reason）", path="person")


def actions(resolver: Resolver, call: CallRecord) -> tuple[Action, ...]:
    """What may be done with ``call`` now; nothing where its outcome is known."""
    if call.state is not State.UNKNOWN:
        return ()
    return tuple(action for action in _possible(resolver, call) if not_before(resolver, call, action) is None)


def not_yet(resolver: Resolver, call: CallRecord) -> dict[Action, tuple[str, datetime]]:
    """What may not be done with ``call`` now but later: why, and from when on."""
    if call.state is not State.UNKNOWN:
        return {}
    found = {action: not_before(resolver, call, action) for action in _possible(resolver, call)}
    return {action: early for action, early in found.items() if early is not None}


def _possible(resolver: Resolver, call: CallRecord) -> list[Action]:
    """What may be done with an unknown call at some time. One that came late, and of which nobody was told, has to be
    taken back: it is not accepted. Nor is one whose bill was made anew since: two would stand."""
    reverse = [Action.REVERSE] if resolver.may_reverse(call) else []
    accept = [] if call.resolution == LATE or resolver.second_look.was_made_anew(call) else [Action.ACCEPT]
    return [Action.RETRY, *reverse, *accept, Action.ABSENT]


def decide(resolver: Resolver, call: CallRecord, decision: Decision, *, approved_by: str = "", on: str = "") -> None:
    """Do what a person decided. NotAllowed where that may not be done, or the platform says otherwise;
    SecondPersonNeeded where the deployment wants two and nobody approved it (``approved_by``). ``on``: what the
    platform had said (:class:`~liangding.contract.cases.Seen`) when it was proposed; where it speaks for the decision
    less by now, it is another case than the two agreed on."""
    check(resolver, call, decision)
    if decision.action is Action.RETRY:
        resolver.attempt(call.id)
        return
    if resolver.second_person and not approved_by:
        _alone(resolver, call, decision)
    if decision.action is Action.REVERSE:
        resolver.asking.journal.note(call.id, "decided", recorded(decision, approved_by))
        resolver.reverse(call)
    else:
        _believe(resolver, call, decision, approved_by, on)


def check(resolver: Resolver, call: CallRecord, decision: Decision) -> None:
    """NotAllowed where that may not be done with the call now."""
    too_early = not_before(resolver, call, decision.action)
    if too_early is not None:
        why, when = too_early
        raise NotAllowed(f"{call.infno} {call.msgid} {why}", remedy=f"{when:%m-%d %H:%M:%S} 以后再办")
    if decision.action is Action.ACCEPT and resolver.second_look.was_made_anew(call):
        raise NotAllowed(
            f"{call.infno} {call.msgid} 的同一单已以另一个业务号办成，或正在办：这一笔再认可，就收了两次",
            remedy="再查一次（retry）或冲正（reverse），查到的会退掉；"
            "平台认不出的，认定没有办成（absent），再按 setl_id 退费",
        )
    if decision.action not in actions(resolver, call):
        raise NotAllowed(f"{call.infno} {call.msgid} 现在不能这样办：{ACTION_NAMES[decision.action]}")


def _alone(resolver: Resolver, call: CallRecord, decision: Decision) -> None:
    """One person where two are needed: refused, or written down and told."""
    if not decision.break_glass:
        raise SecondPersonNeeded(f"{call.infno} {call.msgid} 要两个人：一人提出，另一人批准")
    resolver.asking.journal.note(call.id, "broke_glass", recorded(decision))
    log.error("%s %s: decided by one person alone, where two are needed", call.infno, call.msgid)


def not_before(resolver: Resolver, call: CallRecord, action: Action) -> tuple[str, datetime] | None:
    """Why a decision comes too early, and when it may be taken; None where it does not."""
    if call.state is not State.UNKNOWN or action is Action.RETRY:
        return None
    if call.resolution == REVERSING and call.due_at is not None and not resolver.asking.journal.is_due(call):
        return "正在冲正，2601 还可能生效", in_china(call.due_at)
    if action is Action.ABSENT and not resolver.old_enough(call):
        return "平台还可能晚些时候才入账，现在不能认定没有办成", resolver.believable_at(call)
    return None


def _believe(resolver: Resolver, call: CallRecord, decision: Decision, approved_by: str, on: str) -> None:
    finding = _look(resolver, call, decision, on)
    accepts = decision.action is Action.ACCEPT
    contrary = Seen.NOT_THERE if accepts else Seen.THERE
    if finding.seen is contrary:
        said = "平台上没有这一笔" if accepts else "平台上有这一笔"
        raise NotAllowed(f"与平台不符：{said}（{finding.by}{finding.note and f'，{finding.note}'}）")
    if accepts and _is_order(resolver, call):
        _hold_order(resolver, call, decision, finding)
    elif accepts and not finding.output and _is_told_by_its_answer(resolver, call):
        raise NotAllowed(
            "平台现在说不清，也没有用 setl_id 指明平台上的哪一笔：这样认可，收费、退费都拿不到金额",
            remedy="用 --setl-id 和 --mdtrt-id 指明平台上的那一笔；或稍后再问（retry）",
        )
    now = resolver.asking.clock.epoch()
    if accepts:
        info = finding.named
        settles = resolver.asking.interfaces.meant(call)[0] is Does.SETTLES and not _is_order(resolver, call)
        if settles and not (decision.setl_id or info.get("setl_id")):
            raise NotAllowed("认定已办成，要给出平台上的结算编号 setl_id", path="setl_id")
        answer = encode({"infcode": 0, "err_msg": None, "output": dict(finding.output) or _unsaid(resolver, call)})
        named: dict[str, Any] = {name: getattr(decision, name) or info.get(name) for name in IDENTIFIERS}
        told = named if settles else {}  # of a cancellation they name what it took back, not itself
        outcome = Outcome(
            state=State.ACCEPTED, at=now, answer=answer, resolution=BY_PERSON,
            settlement=resolver.settled.of_record(call, answer, **told), **named,
        )  # fmt: skip
        columns: dict[str, Any] = {"watch_until": None, "due_at": None}
    else:
        outcome = Outcome(state=State.ABSENT, at=now, resolution=BY_PERSON)
        columns = resolver.watched(call)
    detail = recorded(decision, approved_by) | {"seen": finding.seen.value, "by": finding.by}
    journal = resolver.asking.journal
    if not journal.conclude(call.id, outcome, "decided", detail, only_from=State.UNKNOWN, **columns):
        raise NotAllowed(f"{call.infno} {call.msgid} 期间已有变动，或业务号已另办：看过现在的情况再决定")


def _is_order(resolver: Resolver, call: CallRecord) -> bool:
    """Whether a call moves money by an order, which no settlement's number names."""
    does, of = resolver.asking.interfaces.meant(call)
    return does.moves_money and of is Of.ORDER


def _hold_order(resolver: Resolver, call: CallRecord, decision: Decision, finding: Finding) -> None:
    """NotAllowed where a person accepts an order as a settlement, or what the order's state would show at the platform,
    which can be asked, and does not: that it was placed, or refunded; but for own money of which some is back."""
    if decision.setl_id or decision.mdtrt_id:
        raise NotAllowed("这是线上订单，不是医保结算：不要给出 setl_id、mdtrt_id", path="setl_id")
    told = finding.output or not resolver.can_ask(call.infno)
    if not told and not state_leaves_open(OpenCase(resolver.asking, call)):
        why = f"（{finding.by}{finding.note and f'，{finding.note}'}）"
        raise NotAllowed(
            f"平台现在说不清这个订单{why}：这样认可，后面查不到它",
            remedy="向移动支付中心核对，查得到以后再问（retry）；确实没有的，认定没有办成（absent）",
        )


def _is_told_by_its_answer(resolver: Resolver, call: CallRecord) -> bool:
    """Whether what a call moved is read in its answer, which the platform can be asked for."""
    does, _ = resolver.asking.interfaces.meant(call)
    return does.moves_money and resolver.can_ask(call.infno)


def _unsaid(resolver: Resolver, call: CallRecord) -> dict[str, Any] | None:
    """The output of a call that is accepted without one, so that it can be read: the nodes that it has to have, which
    say nothing. None for one that moves money, but for orders: what it moved is named."""
    known = resolver.asking.interfaces
    named = known.meant(call)[0].moves_money and not _is_order(resolver, call)
    if named or call.infno not in known or is_list(shape := known[call.infno].output):
        return None
    nodes = (member for member in members(shape) if member.required and member.node is not None)
    return {member.wire: {} for member in nodes if not member.repeats} or None


SPEAKS_FOR = {
    Action.ACCEPT: (Seen.NOT_THERE, Seen.UNCLEAR, Seen.THERE),
    Action.ABSENT: (Seen.THERE, Seen.UNCLEAR, Seen.NOT_THERE),
}
"""What the platform may say of a case, by how much it speaks for a decision: the last one most."""


def _look(resolver: Resolver, call: CallRecord, decision: Decision, on: str) -> Finding:
    """What the platform says, asked by the settlement that the person names where it is one. NotAllowed where it can
    be asked and does not answer, names another settlement, or speaks for the decision less than what it was proposed
    ``on``."""
    try:
        finding = resolver.look(call)
        order = SPEAKS_FOR[decision.action]
        against = finding.seen is order[0] and not decision.setl_id  # refused as that, below
        if on and not against and order.index(finding.seen) < order.index(Seen(on)):
            told = {"seen": finding.seen.value, "by": finding.by, "note": finding.note}
            resolver.asking.journal.note(call.id, "asked", told)
            raise NotAllowed("提出之后平台的说法变了", remedy="看过现在的情况，再提出")
        if resolver.asking.interfaces.meant(call)[0] is Does.SETTLES:
            _check_named(finding, decision)
        named = decision.setl_id if not _is_order(resolver, call) else None
        if decision.action is not Action.ACCEPT or finding.seen is Seen.THERE or not named:
            return finding
    except CannotAsk as silent:
        raise _unasked(silent) from None
    try:
        return settlement_named(OpenCase(resolver.asking, call), named, decision.mdtrt_id)
    except CannotAsk as silent:
        if isinstance(silent.__cause__, InvalidMessage):  # the person named it so
            raise silent.__cause__ from None
        raise _unasked(silent) from None


def _unasked(silent: CannotAsk) -> NotAllowed:
    return NotAllowed(f"平台现在问不到：{silent.message}", remedy="平台恢复后再办")


def _check_named(finding: Finding, decision: Decision) -> None:
    """NotAllowed where the platform names the settlement that the call is, and the person another one."""
    for name in IDENTIFIERS:
        said, given = finding.named.get(name), getattr(decision, name)
        if finding.seen is Seen.THERE and said and given and str(said) != given:
            raise NotAllowed(f"平台上这一笔的 {name} 是 {said}，不是 {given}", path=name)


def recorded(decision: Decision, approved_by: str = "") -> dict[str, Any]:
    """What the journal holds of a decision."""
    told = {"action": decision.action.value, "person": decision.person, "reason": decision.reason}
    return told | ({"approved_by": approved_by} if approved_by else {})
