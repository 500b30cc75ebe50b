"""审计: who came, was refused, read, exported, changed; and what was decided by whom."""

from __future__ import annotations

from starlette.responses import Response

from ...journal import EVENT_NAMES, Event
from ...privacy import masked_text
from .frame import PageVisit

DAYS, MOST = 31, 1000
"""How far back the page goes, and how many lines it has."""

HIDDEN = ("institution",)


def shown(visit: PageVisit) -> Response:
    """The reports and the decisions of every deployment of the server, the latest first."""
    since = visit.site.home.clock.epoch() - DAYS * 86_400
    asked = dict(visit.request.query_params)
    found: dict[tuple[str, int], tuple[str, Event]] = {}
    for name, runtime in visit.site.runtimes.items():
        for event in (*runtime.journal.reports(since, limit=MOST), *runtime.journal.decisions(since, limit=MOST)):
            found.setdefault((event.owner, event.number), (name, event))
    rows = [_row(name, event) for name, event in found.values() if _fits(event, asked)]
    rows.sort(key=lambda row: row["when"], reverse=True)
    return visit.render("audit.html", rows=rows[:MOST], names=EVENT_NAMES, asked_for=asked, days=DAYS)


def _fits(event: Event, asked: dict[str, str]) -> bool:
    who, kind = asked.get("who", ""), asked.get("kind", "")
    return who in (event.principal or "") and kind in ("", event.kind)


def _row(name: str, event: Event) -> dict[str, str]:
    detail = (f"{key} {value}" for key, value in event.detail.items() if value not in ("", None) and key not in HIDDEN)
    return {
        "when": f"{event.at:%Y-%m-%d %H:%M:%S}", "who": event.principal or "", "d": name,
        "what": EVENT_NAMES.get(event.kind, event.kind), "detail": masked_text("，".join(detail)),
        "call": "" if event.call_id is None else str(event.call_id),
    }  # fmt: skip
