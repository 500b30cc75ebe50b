"""验收: how the region's documents stand with an institution, by which messages; and the papers that are handed in."""

from __future__ import annotations

from starlette.responses import Response

from ...acceptance import findings_of
from ...acceptance.printing import editable, written
from ...acceptance.reporting import VIEWS, form_names, forms_of
from ...contract.acceptance import Ends, Findings
from ...errors import LiangdingError
from ...runtime import Runtime
from .frame import PageVisit, attachment
from .rights import Right

MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EDITABLE = "editable"
"""As the kind of file in which that form is edited: docx or xlsx."""


class WrongPaper(LiangdingError):
    """A paper, or a kind of file, that there is not."""

    code = "wrong_paper"
    http_status = 422


def shown(visit: PageVisit) -> Response:
    """Each requirement: how it stands here, by which messages; the scenarios; the papers."""
    seen, asked = visit.site.seen_by(visit.person, Right.OPERATE), dict(visit.request.query_params)
    name = asked["d"] if asked.get("d") in seen else next(iter(seen))
    runtime = seen[name]
    found = _found(runtime)
    counts = {ends: found.counts[ends] for ends in Ends if found.counts[ends]}
    wanted = asked.get("ends", "")
    rows = [row for row in found.rows if wanted in ("", row.ends.value)]
    papers = [paper for paper in form_names(runtime.known) if paper != VIEWS or visit.person.may(Right.BODIES, name)]
    return visit.render(
        "acceptance.html", names=list(seen), d=name, found=found, rows=rows, counts=counts, wanted=wanted,
        papers=papers, may_look=visit.person.may(Right.LOOK, name),
    )  # fmt: skip


def _found(runtime: Runtime) -> Findings:
    return findings_of(runtime.known, runtime.journal, runtime.clock)


def paper(visit: PageVisit) -> Response:
    """One paper as a file; that it was taken is written down. Printed messages take the right to see messages."""
    runtime, form = visit.runtime, visit.form
    if form.get("paper") == VIEWS:
        visit.hold_to(Right.BODIES)
    if form.get("paper", "") not in form_names(runtime.known):
        raise WrongPaper("没有这张表格", path="paper")
    (made,) = forms_of(runtime.known, runtime.journal, _found(runtime), [form["paper"]])
    ending = editable(made) if form.get("as") == EDITABLE else form.get("as", "")
    if ending not in MEDIA:
        raise WrongPaper("文件只能是 PDF，或可改的 docx、xlsx", path="as")
    content, name = written(made, ending), f"{made.name}.{ending}"
    runtime.journal.report("exported", {"file": name})
    return attachment(content, name, MEDIA[ending])
