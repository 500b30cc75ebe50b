"""今日: each deployment at a glance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import attrs
from starlette.responses import Response

from ...clock import CHINA, in_china
from ...errors import LiangdingError
from ...jobs.runs import JOBS, Runs, RunState
from ...journal import CallRecord, State
from ...journal.beside import Beside
from ...journal.finding import JournalReading
from ...journal.searching import CallSearch
from ...journal.settling import SettledColumns
from ...resolution import proposal_of
from ...runtime import Runtime
from ...uploads.queue import Uploads
from ...uploads.records import UploadRows, UploadState
from .frame import PageVisit
from .rights import Right

T = TypeVar("T")

ALARM_DAYS = 7
"""How long a decision by one person alone stays on the page."""

OPEN_UPLOADS = (UploadState.WAITING, UploadState.SENDING, UploadState.ASKING)
LATE_DAYS = 2
"""A record of a day goes on the next one: of a day so long ago it is late."""

LOST_UPLOADS = (UploadState.REFUSED, UploadState.PARTLY, UploadState.PERSON)


@attrs.frozen(kw_only=True)
class Glimpse:
    """One deployment today. None is what could not be looked at, ``wrong`` why. ``refused`` is a share of the calls
    that had an answer, in percent; ``alone`` are decisions that one person took in the last days where two are needed;
    ``silent`` is when the last call was that the line gave no answer to, where none was answered since; ``signed`` are
    the operators that signed in today, of so many; ``reconciled`` is what the last daily reconciliation came to, and
    ``uneven`` whether somebody has to look at it; ``owing`` are yesterday's settlements of which a wanted upload is
    missing; ``paused`` are sentences of kinds of uploads that somebody stopped; moments are China's."""

    name: str
    institution: str
    calls: int | None
    settled: int
    total: Decimal
    unknown: int | None
    oldest_minutes: int
    waiting: int
    proposed: int
    alone: int
    refused: int
    last: datetime | None
    heard: datetime | None
    silent: datetime | None
    signed: int
    operators: int
    due: int | None
    lost: int
    late: int
    owing: int
    paused: tuple[str, ...]
    reconciled: str
    uneven: bool
    wrong: str


def today(visit: PageVisit) -> Response:
    """What whoever may look has before them; for others the way to their own pages."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    now = in_china(visit.site.home.clock.epoch())
    waiting = visit.site.persons.confirming.all()
    others = len(visit.site.persons.waiting()) if Right.CONFIRM in visit.site.rights_of(visit.person) else 0
    return visit.render(
        "today.html", glimpses=[glimpse_of(runtime) for runtime in seen.values()], now=now,
        mine=waiting.get(visit.person.id), others=others,
    )  # fmt: skip


def midnight(runtime: Runtime) -> float:
    now = in_china(runtime.clock.epoch())
    return now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=CHINA).timestamp()


def glimpse_of(runtime: Runtime) -> Glimpse:
    wrong: list[str] = []

    def tried(look: Callable[[], T], otherwise: T) -> T:
        try:
            return look()
        except LiangdingError as failed:
            wrong.append(failed.message)
            return otherwise

    journal, deployment = runtime.journal, runtime.deployment
    none: list[CallRecord] = []
    nothing: list[SettledColumns] = []
    tally = tried(lambda: journal.tally(midnight(runtime)), None)
    unknown = tried(lambda: [call for call in journal.pending() if call.state is State.UNKNOWN], none)
    day = in_china(runtime.clock.epoch()).date()
    settled = tried(lambda: [s for s in journal.settlements.between(day, day) if s.refund_of is None], nothing)
    answered = sum((tally or {}).get(state, 0) for state in (State.ACCEPTED, State.REFUSED))
    last = tried(lambda: journal.search(CallSearch(states=(State.ACCEPTED,)), limit=1), none)
    uploads = tried(lambda: UploadRows(journal, deployment.institution.code).counted(), None)
    never: tuple[datetime | None, datetime | None] = (None, None)
    heard, silent = tried(lambda: _line(journal), never)
    reconciled, uneven = tried(lambda: _reconciled(runtime), ("看不到", True))
    counts = [(state, count) for (_, state), count in (uploads or {}).items()]
    return Glimpse(
        name=deployment.name, institution=deployment.institution.name,
        calls=None if tally is None else sum(tally.values()), settled=len(settled),
        total=sum((s.medfee_sumamt or Decimal(0) for s in settled), Decimal(0)),
        unknown=None if tally is None else len(unknown),
        oldest_minutes=max((minutes_of(runtime, call) for call in unknown), default=0),
        waiting=sum(call.escalated_at is not None for call in unknown),
        proposed=sum(proposal_of(journal, call) is not None for call in unknown),
        alone=tried(lambda: _alone(runtime), 0),
        refused=round(100 * (tally or {}).get(State.REFUSED, 0) / answered) if answered else 0,
        last=last[0].finished_at if last else None,
        due=None if uploads is None else sum(count for state, count in counts if state in OPEN_UPLOADS),
        lost=sum(count for state, count in counts if state in LOST_UPLOADS),
        late=tried(lambda: sum(Uploads(runtime).rows.late(day - timedelta(days=LATE_DAYS)).values()), 0),
        owing=tried(lambda: len(Uploads(runtime).owed(day - timedelta(days=1))), 0),
        paused=tried(lambda: tuple(each.sentence for each in Uploads(runtime).pauses().listed()), ()),
        heard=heard, silent=silent, signed=tried(lambda: _signed(runtime), 0),
        operators=len(deployment.operators), reconciled=reconciled, uneven=uneven,
        wrong="；".join(dict.fromkeys(wrong)),
    )  # fmt: skip


def _line(journal: JournalReading) -> tuple[datetime | None, datetime | None]:
    """When the platform answered last; and the last call that it did not answer, where that was later."""
    answered = journal.search(CallSearch(states=(State.ACCEPTED, State.REFUSED)), limit=1)
    silent = journal.search(CallSearch(states=(State.NOT_SENT, State.FAILED, State.UNKNOWN)), limit=1)
    later = silent and (not answered or silent[0].id > answered[0].id)
    return (answered[0].finished_at if answered else None), (silent[0].created_at if later else None)


def _signed(runtime: Runtime) -> int:
    """How many operators signed in today."""
    code, since = runtime.deployment.institution.code, midnight(runtime)
    held = (runtime.journal.sign_ins.get(code, each.code) for each in runtime.deployment.operators)
    return sum(each is not None and each[1] >= since for each in held)


def _reconciled(runtime: Runtime) -> tuple[str, bool]:
    """What the last daily reconciliation came to, and whether somebody has to look at it."""
    if not Beside.is_there(runtime.journal, JOBS):
        return "没有对过", False
    found = Runs(runtime.journal, runtime.deployment.institution.code).latest("reconciliation")
    if not found:
        return "没有对过", False
    said = found[0].said.partition("；liangding")[0]
    even = found[0].state is not RunState.FAILED and said.endswith("平") and not said.endswith("不平")
    return said or found[0].state.chinese, not even and found[0].state in (RunState.DONE, RunState.FAILED)


def _alone(runtime: Runtime) -> int:
    since = runtime.clock.epoch() - ALARM_DAYS * 86_400
    return sum(event.kind == "broke_glass" for event in runtime.journal.decisions(since))


def minutes_of(runtime: Runtime, call: CallRecord) -> int:
    """How old a call is."""
    return max(0, int((runtime.clock.epoch() - call.created_epoch) // 60))
