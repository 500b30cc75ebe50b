"""上传: records that go by the day; what was refused is mended and sent, or taken off with a reason; a kind is stopped
and goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
from starlette.responses import Response

from ...errors import InvalidMessage, LiangdingError
from ...privacy import masked_text
from ...runtime import Runtime
from ...uploads.queue import Uploads
from ...uploads.records import QueuedUpload, UploadState
from .frame import PageVisit
from .mending import code_lists, record_nodes
from .mending import mended as mended_record
from .rights import Right
from .today import LATE_DAYS, LOST_UPLOADS, OPEN_UPLOADS

SHOWN = 200
"""Records of a deployment on the page."""

GROUPS = {"lost": ("要改的", LOST_UPLOADS), "open": ("待传的", OPEN_UPLOADS), "all": ("全部", ())}


class WrongRecord(LiangdingError):
    """What is to take a record's place is none."""

    code = "wrong_record"
    http_status = 422


@attrs.frozen(kw_only=True)
class KindRow:
    """One kind of record of a deployment: how many are due, done, refused, late; when it may go; who stopped it."""

    d: str
    infno: str
    title: str
    window: str
    wanted: bool
    due: int
    done: int
    lost: int
    late: int
    paused: str


def listed(visit: PageVisit) -> Response:
    """The kinds; and the records that want somebody, those that wait, or all."""
    group = visit.request.query_params.get("group", "lost")
    title, states = GROUPS.get(group, GROUPS["lost"])
    seen = visit.site.seen_by(visit.person, Right.UPLOADS)
    found = [(d, each, runtime.interfaces[each.infno].name, runtime.clock.epoch()) for d, runtime in seen.items()
             for each in Uploads(runtime).rows.listed(states=states, most=SHOWN)]  # fmt: skip
    rows = [row for d, runtime in seen.items() for row in _kinds(d, runtime)]
    return visit.render("uploads.html", found=found, kinds=rows, groups=GROUPS, group=group, title=title)


def _kinds(d: str, runtime: Runtime) -> list[KindRow]:
    """What is wanted here, what is there, and what is stopped, by number."""
    uploads = Uploads(runtime)
    counted, wanted = uploads.rows.counted(), uploads.wanted()
    late = uploads.rows.late(runtime.now().date() - timedelta(days=LATE_DAYS))
    paused = {each.infno: each.sentence for each in uploads.pauses().listed()}
    numbers = sorted({*wanted, *paused, *(infno for infno, _ in counted)} & {*runtime.interfaces.numbers()})

    def count(infno: str, states: tuple[UploadState, ...]) -> int:
        return sum(counted.get((infno, state), 0) for state in states)

    return [
        KindRow(
            d=d, infno=infno, title=runtime.interfaces[infno].name, wanted=infno in wanted,
            window=window.text if (window := uploads.window_of(infno)) else "随时", due=count(infno, OPEN_UPLOADS),
            done=count(infno, (UploadState.DONE,)), lost=count(infno, LOST_UPLOADS), late=late.get(infno, 0),
            paused=paused.get(infno, ""),
        )
        for infno in numbers
    ]  # fmt: skip


def pause(visit: PageVisit) -> Response:
    """Stop a kind, for a reason."""
    infno, reason = visit.form.get("infno", ""), visit.form.get("reason", "")
    Uploads(visit.runtime).pause(infno, person=visit.person.display, reason=reason)
    return visit.go("/console/uploads")


def resume(visit: PageVisit) -> Response:
    """Let a kind go on."""
    Uploads(visit.runtime).pauses().resume(visit.form.get("infno", ""), person=visit.person.display)
    return visit.go("/console/uploads")


def shown(visit: PageVisit) -> Response:
    return _page(visit, _upload(visit))


def _upload(visit: PageVisit) -> QueuedUpload:
    return Uploads(visit.runtime).rows.get(visit.request.path_params["id"])


def _page(
    visit: PageVisit, upload: QueuedUpload, *, opened: bool = False, error: InvalidMessage | None = None
) -> Response:
    transaction, known = visit.runtime.interfaces[upload.infno], visit.runtime.known
    nodes = record_nodes(transaction, upload.message, upload.field) if opened else []
    window = Uploads(visit.runtime).window_of(upload.infno)
    return visit.render(
        "upload.html", upload=upload, d=visit.deployment, title=transaction.name, said=masked_text(upload.said),
        opened=opened, nodes=nodes, codes=code_lists(known, nodes), error=error, filled=visit.form if error else {},
        window=window.text if window else "随时", status=200 if error is None else error.http_status,
        may_withdraw=upload.state in (UploadState.WAITING, UploadState.REFUSED),
    )  # fmt: skip


def opened(visit: PageVisit) -> Response:
    """The record's content as a form, to be mended: for a reason that is written down."""
    reason, number = visit.form.get("reason", ""), visit.request.path_params["id"]
    if not reason:
        raise WrongRecord("要写明为什么打开", path="reason")
    upload = _upload(visit)
    visit.runtime.journal.report("bodies_read", {"reason": reason, "upload": number, "infno": upload.infno})
    return _page(visit, upload, opened=True)


def mend(visit: PageVisit) -> Response:
    """Another content for the record: it is checked as any other, and goes again. What is wrong with it is told beside
    what was filled in."""
    uploads, upload = Uploads(visit.runtime), _upload(visit)
    if visit.form.get("version") != str(upload.version):
        raise WrongRecord("这条记录已经另改过了", remedy="重新打开，看现在的内容")
    nodes = record_nodes(visit.runtime.interfaces[upload.infno], upload.message)
    content: Any = mended_record(upload.message, nodes, visit.form)
    try:
        uploads.add(upload.infno, content, insured_place=upload.place, key=upload.key)
    except InvalidMessage as wrong:
        return _page(visit, upload, opened=True, error=wrong)
    told = {"upload": upload.id, "infno": upload.infno, "what": "改正，重新传"}
    visit.runtime.journal.report("uploads_changed", told)
    return visit.go(f"/console/uploads/{visit.deployment}/{upload.id}")


def withdrawn(visit: PageVisit) -> Response:
    """Taken off the list, for a reason."""
    number, reason = visit.request.path_params["id"], visit.form.get("reason", "")
    if not reason:
        raise WrongRecord("要写明为什么不传了", path="reason")
    upload = Uploads(visit.runtime).withdraw(number)
    told = {"upload": number, "infno": upload.infno, "what": "撤下", "reason": reason}
    visit.runtime.journal.report("uploads_changed", told)
    return visit.go(f"/console/uploads/{visit.deployment}/{number}")
