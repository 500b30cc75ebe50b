"""审计: who came, was refused, read, exported, changed; and what was decided by whom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from ...clock import CHINA, in_china
from ...journal import EVENT_NAMES, Event
from ...journal.states import REPORTS
from ...privacy import masked_text
from ...reconciliation.causes import SafeAction
from ...resolution import ACTION_NAMES, Action
from ...resolution.approving import SEEN_NAMES
from ..looking import search_of
from .frame import PageVisit

DAYS, MOST = 31, 1000
"""How far back the page goes where nobody says since when, and of how many events of a kind one page is made."""

NEVER = 1e12
"""A moment that never comes."""

HIDDEN = ("institution",)

LABELS = {
    "name": "用户", "address": "地址", "what": "", "reason": "理由", "person": "谁", "approved_by": "批准",
    "action": "办法", "number": "提议", "seen": "平台", "proposed_on": "提出时平台", "by": "依据",
    "file": "文件", "calls": "笔数", "client": "谁", "asked": "想办", "role": "权限", "roles": "角色",
    "upload": "记录", "infno": "交易", "flow": "业务", "bill": "单据", "head": "链头", "problems": "不对",
    "step": "", "setl_id": "结算", "mdtrt_id": "就诊", "period": "期间", "kind": "类别", "count": "第几次",
}  # fmt: skip
"""What the parts of an event are called; another one bears its own name."""

STEPS = {"proposed": "提出", "approved": "批准", "returned": "退回", "replaced": "换了新的"}
WORDS: dict[str, Mapping[Any, str]] = {
    "action": {each.value: each.chinese for each in SafeAction} | {each.value: ACTION_NAMES[each] for each in Action},
    "seen": SEEN_NAMES, "proposed_on": SEEN_NAMES, "step": STEPS,
}  # fmt: skip
"""The words of values that are codes."""


def shown(visit: PageVisit) -> Response:
    """The reports and the decisions of every deployment of the server, the latest first; where a page does not hold
    them all, it says how far it goes, and the next one goes on from there."""
    asked = dict(visit.request.query_params)
    wanted = search_of(QueryParams([(name, asked[name]) for name in ("since", "until") if asked.get(name)]))
    since = visit.site.home.clock.epoch() - DAYS * 86_400 if wanted.since is None else wanted.since
    before = asked.get("before", "")
    until = float(before) if len(before) < 12 and before.isdecimal() else wanted.until or NEVER
    found: dict[tuple[str, int], tuple[str, Event]] = {}
    kind, goes_to = asked.get("kind", "") if asked.get("kind") in REPORTS else "", 0.0
    for name, runtime in visit.site.runtimes.items():
        reports = runtime.journal.reports(since, until=until, limit=MOST, kind=kind)
        for events in (reports, runtime.journal.decisions(since, until=until, limit=MOST)):
            found |= {(each.owner, each.number): (name, each) for each in reversed(events)}
            if len(events) == MOST:  # there may be more of these, but none later than the next second
                goes_to = max(goes_to, math.floor(_epoch(events[-1])) + 1.0)
    goes_to = goes_to if goes_to < until else 0.0
    rows = [_row(name, event) for name, event in found.values() if _epoch(event) >= goes_to and _fits(event, asked)]
    rows.sort(key=lambda row: row["when"], reverse=True)
    more = {**asked, "before": f"{goes_to:.0f}"} if goes_to else None
    last = f"{in_china(goes_to):%Y-%m-%d %H:%M:%S}" if goes_to else ""
    return visit.render("audit.html", rows=rows, names=EVENT_NAMES, asked_for=asked, days=DAYS, more=more, last=last)


def _epoch(event: Event) -> float:
    return event.at.replace(tzinfo=CHINA).timestamp()


def _fits(event: Event, asked: dict[str, str]) -> bool:
    who, kind = asked.get("who", ""), asked.get("kind", "")
    return who in (event.principal or "") and kind in ("", event.kind)


def _row(name: str, event: Event) -> dict[str, str]:
    told = {key: value for key, value in event.detail.items() if value not in ("", None) and key not in HIDDEN}
    detail = (f"{LABELS.get(key, key)} {_word(key, value)}".strip() for key, value in told.items())
    return {
        "when": f"{event.at:%Y-%m-%d %H:%M:%S}", "who": event.principal or "", "d": name,
        "what": EVENT_NAMES.get(event.kind, event.kind), "detail": masked_text("，".join(detail)),
        "call": "" if event.call_id is None else str(event.call_id),
    }  # fmt: skip


def _word(key: str, value: Any) -> str:
    """A value in words, where it is a code."""
    return WORDS.get(key, {}).get(value, str(value)) if isinstance(value, str) else str(value)
