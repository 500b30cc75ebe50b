"""Where a call may stand, and the one table of how it gets from there to anywhere else.

Every change of a call is an event of a kind. :data:`TRANSITIONS` says of each kind that moves a call from which state
it comes, where it leads, and whose turn it is; :data:`NOTES` are the kinds that leave the state as it is. What is not
in the table does not happen: the journal refuses it.
"""

from __future__ import annotations

import functools
from enum import StrEnum

import attrs


class State(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    """Recorded; its outcome is not recorded yet: it is under way, or its process died."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    """Sent, and nobody knows what the platform did with it. Never ages into anything else by itself."""
    FAILED = "failed"
    """No usable answer to a call that changes nothing: there is nothing to find out."""
    ABSENT = "absent"
    """Was unknown; the platform was asked, and it is not there."""
    REVERSED = "reversed"
    """Was unknown, or came late; it was taken back on the platform."""

    @property
    def final(self) -> bool:
        return self not in PENDING

    @property
    def repeatable(self) -> bool:
        """Whether the same business key may be sent again: it is certain that nothing stands on the platform."""
        return self in (State.REFUSED, State.NOT_SENT, State.FAILED, State.ABSENT, State.REVERSED)


STATE_NAMES = {
    State.OPEN: "在途",
    State.ACCEPTED: "已受理",
    State.REFUSED: "被拒绝",
    State.NOT_SENT: "未发出",
    State.UNKNOWN: "结果不明",
    State.FAILED: "没有应答",
    State.ABSENT: "查明未成立",
    State.REVERSED: "已冲正",
}

PENDING = (State.OPEN, State.UNKNOWN)

REVERSING = "reversing"
"""The resolution of a call while a 2601 for it may still take effect: until then nothing that is seen counts, and
nobody decides."""

LATE = "late"
"""The resolution of a call that turned up after it was found not to be there: it has to be taken back."""

BY_PERSON = "person"
"""The resolution of a call whose outcome a person decided."""

HELD_UP = "held_up"
"""The event of an accepted call whose flow a plugin holds up that was told of it: it is the flow's as it stood then."""

PROVED = "proved"
"""The failure of a refusal that needs no second look: it was before the platform, or about the sign-in, or says that
what was to be taken back is."""


class Turn(StrEnum):
    """Whose turn it is to change a call."""

    CALLER = "caller"
    """The process that recorded it: it sends, waits and writes down what came back, however late."""
    RECOVERY = "recovery"
    """Whoever finds it left by a process that is gone."""
    RESOLVER = "resolver"
    """Who has taken the case: it holds the case's number of attempts, and nobody has begun on it since."""
    KEY = "key"
    """Who comes with the same business key again, and has looked once more."""
    WATCH = "watch"
    """Who looks again at what was not there, when its time has come."""
    PERSON = "person"
    KEEPING = "keeping"
    """Who keeps the journal: sealing, pruning, upgrading."""


@attrs.frozen(kw_only=True)
class Transition:
    """One way for a call to move. ``alone``: only where the business key still points to the call and nothing else
    stands or may stand under it. ``still``: not while a 2601 for it may still take effect. ``unreversed``: not where a
    2601 was sent whose effect is not known: it may have taken effect since."""

    kind: str
    turn: Turn
    before: tuple[State, ...]
    after: tuple[State, ...]
    alone: bool = False
    still: bool = False
    unreversed: bool = False


_ENDS = (State.ACCEPTED, State.REFUSED, State.NOT_SENT, State.UNKNOWN, State.FAILED)
_SAID_NO = (State.REFUSED, State.NOT_SENT)
_NOT_THERE = (State.ABSENT, State.REVERSED)
_MAY_BE_THERE = (*_NOT_THERE, State.REFUSED)

TRANSITIONS = (
    Transition(kind="recorded", turn=Turn.CALLER, before=(), after=(State.OPEN,)),
    Transition(kind="ended", turn=Turn.CALLER, before=(State.OPEN,), after=_ENDS),
    # The process was taken for dead meanwhile, and lives.
    Transition(kind="answered_late", turn=Turn.CALLER, before=(State.UNKNOWN,), after=_SAID_NO, unreversed=True),
    Transition(
        kind="answered_late", turn=Turn.CALLER, before=(State.UNKNOWN,), after=(State.ACCEPTED,), alone=True,
        unreversed=True,
    ),
    # What was told to be absent does not stand by a late word: somebody may have gone on without it.
    Transition(kind="came_late", turn=Turn.CALLER, before=(State.ABSENT,), after=(State.UNKNOWN,)),
    Transition(
        kind="orphaned", turn=Turn.RECOVERY, before=(State.OPEN,), after=(State.UNKNOWN, State.FAILED)
    ),
    Transition(
        kind="resolved", turn=Turn.RESOLVER, before=(State.UNKNOWN,),
        after=(State.ACCEPTED, State.ABSENT, State.REVERSED),
    ),
    # Another message settled what this one was refused for.
    Transition(kind="resolved", turn=Turn.RESOLVER, before=(State.UNKNOWN,), after=(State.REFUSED,), unreversed=True),
    Transition(kind="appeared", turn=Turn.KEY, before=_MAY_BE_THERE, after=(State.ACCEPTED,), alone=True),
    # A refusal that nothing proves, and of which the platform does not tell.
    Transition(kind="doubted", turn=Turn.KEY, before=(State.REFUSED,), after=(State.UNKNOWN,)),
    Transition(kind="reopened", turn=Turn.WATCH, before=_MAY_BE_THERE, after=(State.UNKNOWN,)),
    Transition(kind="let_stand", turn=Turn.WATCH, before=_NOT_THERE, after=(State.ACCEPTED,)),
    Transition(
        kind="decided", turn=Turn.PERSON, before=(State.UNKNOWN,), after=(State.ACCEPTED,), alone=True, still=True
    ),
    Transition(kind="decided", turn=Turn.PERSON, before=(State.UNKNOWN,), after=(State.ABSENT,), still=True),
)  # fmt: skip

NOTES = {
    "answered_late": Turn.CALLER,
    "came_late": Turn.CALLER,
    "told": Turn.CALLER,
    HELD_UP: Turn.CALLER,
    "advised": Turn.CALLER,
    "contradicted": Turn.CALLER,
    "taken": Turn.RESOLVER,
    "asked": Turn.RESOLVER,
    "reversed": Turn.RESOLVER,
    "reversal_refused": Turn.RESOLVER,
    "reversal_unknown": Turn.RESOLVER,
    "undo_failed": Turn.RESOLVER,
    "stands": Turn.RESOLVER,
    "broke_off": Turn.RESOLVER,
    "escalated": Turn.RESOLVER,
    "watch_ended": Turn.WATCH,
    "decided": Turn.PERSON,
    "proposed": Turn.PERSON,
    "approved": Turn.PERSON,
    "returned": Turn.PERSON,
    "broke_glass": Turn.PERSON,
    "resealed": Turn.KEEPING,
    "pruned": Turn.KEEPING,
    "upgraded": Turn.KEEPING,
}
"""The kinds of event that leave a call in its state."""

DECISIONS = ("decided", "proposed", "approved", "returned", "broke_glass")
"""The kinds of event that persons cause by deciding."""

REPORTS = {
    "api_keys": "接口密钥有变",
    "entered": "用密钥进来",
    "attempts": "用错密钥",
    "denied": "越权被拒",
    "bodies_read": "看了报文正文",
    "exported": "导出摘要",
    "pruning": "清除旧正文",
    "resealing": "换密钥重新加密",
    "verified": "校验",
    "backed_up": "备份",
    "restored": "由备份恢复",
    "signed_in": "登录控制台",
    "sign_in_failed": "登录没有成功",
    "sign_in_locked": "登录被锁定",
    "signed_out": "退出或会话被结束",
    "persons_changed": "改动用户与权限",
    "uploads_changed": "改正或撤下上传的记录，停下或接着传一类",
    "flow_acted": "在控制台办理业务",
    "matching_changed": "改动目录对照",
    "difference": "对账差异：提出、批准、退回",
}
"""The kinds of event that tell of the use of a journal, and change nothing in it."""

EVENT_NAMES = {
    **REPORTS,
    "platform": "业务办在这个平台",
    "recorded": "记入流水，准备发出",
    "ended": "有了结果",
    "answered_late": "应答来迟",
    "came_late": "应答来迟，业务号已另办，要退回",
    "told": "告诉插件",
    HELD_UP: "插件没有回来，业务可由别处接着办",
    "advised": "记下提示",
    "contradicted": "后来查到的与人工决定不符",
    "orphaned": "进程中断，结果不明",
    "taken": "开始查明",
    "asked": "向平台查询",
    "resolved": "已查明",
    "appeared": "重办前发现已成立",
    "doubted": "被拒绝得没有凭据，先查明",
    "let_stand": "迟到成立，未涉资金，予以承认",
    "reversed": "冲正已受理",
    "reversal_refused": "冲正被拒绝",
    "reversal_unknown": "冲正没有应答",
    "reopened": "没有办成之后又出现",
    "undo_failed": "撤销没有成功",
    "stands": "迟到成立，没有可用的撤销",
    "broke_off": "查明中出错",
    "watch_ended": "不再观察",
    "escalated": "交人处理",
    "decided": "人工决定",
    "proposed": "提出处理办法，等另一人批准",
    "approved": "另一人批准",
    "returned": "退回，没有批准",
    "broke_glass": "一个人紧急决定（没有第二人批准）",
    "resealed": "换密钥重新加密",
    "pruned": "正文已清除",
    "upgraded": "升级时改写",
}


@functools.cache
def transition(kind: str, before: State, after: State) -> Transition | None:
    """The row of the table by which an event of that kind moves a call so; None where it does not. ValueError for a
    kind that is not in the table at all, or never leads there: that is a mistake of the program."""
    rows = [row for row in TRANSITIONS if row.kind == kind and after in row.after]
    if not rows:
        raise ValueError(f"no transition {kind} leads to {after.value}")
    return next((row for row in rows if before in row.before), None)
