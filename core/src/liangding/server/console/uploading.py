"""上传: records that go by the day; what was refused is mended and sent, or taken off with a reason."""

from __future__ import annotations

from starlette.responses import Response

from ...errors import LiangdingError
from ...privacy import masked_text
from ...runtime import Runtime
from ...uploads.queue import Uploads
from ...uploads.records import UploadState
from ...wire.json import decode, encode
from .frame import PageVisit
from .rights import Right
from .today import LOST_UPLOADS, OPEN_UPLOADS

SHOWN = 200
"""Records of a deployment on the page."""

GROUPS = {"lost": ("要改的", LOST_UPLOADS), "open": ("待传的", OPEN_UPLOADS), "all": ("全部", ())}


class WrongRecord(LiangdingError):
    """What is to take a record's place is none."""

    code = "wrong_record"
    http_status = 422


def listed(visit: PageVisit) -> Response:
    """The records that want somebody, those that wait, or all; how many stand how."""
    group = visit.request.query_params.get("group", "lost")
    title, states = GROUPS.get(group, GROUPS["lost"])
    seen = visit.site.seen_by(visit.person, Right.UPLOADS)
    found = [(d, each, masked_text(each.said), runtime.clock.epoch()) for d, runtime in seen.items()
             for each in Uploads(runtime).rows.listed(states=states, most=SHOWN)]  # fmt: skip
    counts = {d: _counts(runtime) for d, runtime in seen.items()}
    return visit.render("uploads.html", found=found, counts=counts, groups=GROUPS, group=group, title=title)


def _counts(runtime: Runtime) -> dict[str, int]:
    """How many records stand how, in words."""
    found: dict[str, int] = {}
    for (_, state), count in Uploads(runtime).rows.counted().items():
        found[state.chinese] = found.get(state.chinese, 0) + count
    return found


def shown(visit: PageVisit) -> Response:
    return _page(visit, content=None)


def _page(visit: PageVisit, content: str | None) -> Response:
    upload = Uploads(visit.runtime).rows.get(visit.request.path_params["id"])
    transaction = visit.runtime.interfaces[upload.infno]
    return visit.render(
        "upload.html", upload=upload, d=visit.deployment, title=transaction.name, said=masked_text(upload.said),
        content=content, may_withdraw=upload.state in (UploadState.WAITING, UploadState.REFUSED),
    )  # fmt: skip


def opened(visit: PageVisit) -> Response:
    """The record's content, to be mended: for a reason that is written down."""
    reason, number = visit.form.get("reason", ""), visit.request.path_params["id"]
    if not reason:
        raise WrongRecord("要写明为什么打开", path="reason")
    upload = Uploads(visit.runtime).rows.get(number)
    visit.runtime.journal.report("bodies_read", {"reason": reason, "upload": number, "infno": upload.infno})
    return _page(visit, content=encode(upload.message).decode())


def mended(visit: PageVisit) -> Response:
    """Another content for the record: it is checked as any other, and goes again."""
    uploads, number = Uploads(visit.runtime), visit.request.path_params["id"]
    upload = uploads.rows.get(number)
    try:
        content = decode(visit.form.get("content", "").encode())
    except ValueError as wrong:
        raise WrongRecord(f"改过的内容不是合法的 JSON：{wrong}", path="content") from None
    uploads.add(upload.infno, content, insured_place=upload.place, key=upload.key)
    visit.runtime.journal.report("uploads_changed", {"upload": number, "infno": upload.infno, "what": "改正，重新传"})
    return visit.go(f"/console/uploads/{visit.deployment}/{number}")


def withdrawn(visit: PageVisit) -> Response:
    """Taken off the list, for a reason."""
    number, reason = visit.request.path_params["id"], visit.form.get("reason", "")
    if not reason:
        raise WrongRecord("要写明为什么不传了", path="reason")
    upload = Uploads(visit.runtime).withdraw(number)
    told = {"upload": number, "infno": upload.infno, "what": "撤下", "reason": reason}
    visit.runtime.journal.report("uploads_changed", told)
    return visit.go(f"/console/uploads/{visit.deployment}/{number}")
