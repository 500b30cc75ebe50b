"""业务: flows, their questions, and going on with them."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from ...errors import LiangdingError
from ...flows import Flows, Status
from ...receipts import statement
from ...receipts.gathering import reprint
from ...receipts.slips import settlement_slip
from ...runtime import Runtime
from ...workflow.standing import STATUS_NAMES, View
from .frame import PageVisit, attachment
from .rights import Right

SHOWN = 100
"""Flows of a deployment on the page."""

DOCUMENTS = {"settlement": "结算单", "fees": "费用清单"}
"""The documents of a settlement, and what their files are called."""

WAITING = (Status.QUESTION, Status.STOPPED, Status.UNKNOWN, Status.RUNNING)
"""What has not come to an end."""


class UnknownAct(LiangdingError):
    """Something that cannot be done with a flow."""

    code = "no_such_act"
    http_status = 404


def listed(visit: PageVisit) -> Response:
    """The flows that have not ended, or all."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    whole = visit.request.query_params.get("all", "")
    found = [(name, view) for name, runtime in seen.items() for view in _of(runtime, whole=bool(whole))]
    return visit.render("flows.html", found=found, names=STATUS_NAMES, whole=whole)


def _of(runtime: Runtime, *, whole: bool) -> list[View]:
    flows, statuses = Flows(runtime), () if whole else tuple(status.value for status in WAITING)
    found = []
    for number in runtime.journal.flows.latest(runtime.deployment.name, statuses, limit=SHOWN):
        try:
            found.append(flows.get(number))
        except LiangdingError:
            continue  # of a flow that is no more, or with a key that is gone: the command line says why
    return found


def shown(visit: PageVisit) -> Response:
    view = Flows(visit.runtime).get(visit.request.path_params["id"])
    calls = visit.runtime.journal.of_flow(view.id)
    may = visit.person.may(Right.FLOWS, visit.deployment)
    return visit.render(
        "flow.html", view=view, d=visit.deployment, names=STATUS_NAMES, calls=calls, may=may, documents=DOCUMENTS,
    )  # fmt: skip


def act(visit: PageVisit) -> Response:
    """Answer, resume or abandon."""
    flows, number = Flows(visit.runtime), visit.request.path_params["id"]
    match visit.request.path_params["act"]:
        case "answer":
            flows.answer(number, visit.form.get("value", ""), question=visit.form.get("question") or None)
            _report(visit, number, "回答")
        case "resume":
            flows.resume(number)
            _report(visit, number, "继续")
        case "abandon":
            flows.abandon(number)
            _report(visit, number, "放弃")
        case other:
            raise UnknownAct(f"业务没有这种办法 {other}")
    return visit.go(f"/console/flows/{visit.deployment}/{number}")


def slip(visit: PageVisit) -> Response:
    """The receipt once more."""
    number = visit.request.path_params["id"]
    found = reprint(Flows(visit.runtime), number, setl_id=None)
    _report(visit, number, "重打小票")
    return PlainTextResponse("\n".join(settlement_slip(each) for each in found))


def statement_(visit: PageVisit) -> Response:
    """The statement of the last settlement, or the list of its fees, as PDF."""
    kind, number = visit.request.query_params.get("kind", "settlement"), visit.request.path_params["id"]
    made = statement(kind, reprint(Flows(visit.runtime), number, setl_id=None)[-1])
    _report(visit, number, "结算单")
    return attachment(made, f"{DOCUMENTS[kind]}-{number}.pdf", "application/pdf")


def _report(visit: PageVisit, number: str, what: str) -> None:
    visit.runtime.journal.report("flow_acted", {"what": what, "flow": number})
