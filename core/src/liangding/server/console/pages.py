"""Where each page stands, and the right that it needs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ...runtime import Runtime
from . import (
    accepting,
    auditing,
    business,
    calls,
    cases,
    desking,
    knowing,
    matching,
    people,
    reconciling,
    running,
    settling,
    today,
    uploading,
)
from .entering import SignInDoor
from .frame import HOME, NoSuchPage, PageVisit, Site
from .rights import Right

STATIC = Path(__file__).parent / "static"

AT = "/{d}/{id:int}"
"""One call or record of a deployment."""

get, post = functools.partial(Route, methods=["GET"]), functools.partial(Route, methods=["POST"])


def console_routes(runtimes: Mapping[str, Runtime]) -> list[BaseRoute]:
    """The console of those deployments whose file has ``[console]``; nothing where none has."""
    ours = {name: runtime for name, runtime in runtimes.items() if runtime.deployment.console is not None}
    if not ours:
        return []
    site = Site(ours)
    page, at = site.page, AT
    entering = SignInDoor(site)
    own = [
        get("/", page(today.today)),
        get("/calls", page(calls.listed, Right.LOOK)),
        post("/calls/export", page(calls.export, Right.LOOK, confirmed=True)),
        get(f"/calls{at}", page(calls.shown, Right.LOOK)),
        post(f"/calls{at}/open", page(calls.opened, Right.BODIES, confirmed=True)),
        post(f"/calls{at}/ask", page(calls.ask, Right.PROPOSE)),
        post(f"/calls{at}/support", page(calls.support, Right.BODIES, confirmed=True)),
        get("/cases", page(cases.listed, Right.LOOK)),
        post(f"/cases{at}/look", page(cases.look, Right.PROPOSE)),
        post(f"/cases{at}/propose", page(cases.propose_, Right.PROPOSE, confirmed=True)),
        post(f"/cases{at}/approve", page(cases.approve_, Right.APPROVE, confirmed=True)),
        post(f"/cases{at}/return", page(cases.give_back_, Right.LOOK)),
        get("/flows", page(business.listed, Right.LOOK)),
        get("/flows/{d}/{id}", page(business.shown, Right.LOOK)),
        post("/flows/{d}/{id}/{act}", page(business.act, Right.FLOWS)),
        get("/flows/{d}/{id}/slip", page(business.slip, Right.FLOWS)),
        get("/flows/{d}/{id}/statement", page(business.statement_, Right.FLOWS)),
        *_daily(site),
        *entering.routes(),
        Mount("/static", StaticFiles(directory=STATIC)),
        get("/{rest:path}", page(nothing)),
    ]
    return [Route("/console", _home), Route("/favicon.ico", _icon), Mount("/console", routes=own)]


def _daily(site: Site) -> list[Route]:
    """What an insurance office and who runs the machine do beside cases and flows."""
    page, at = site.page, AT
    return [
        get("/settle", page(settling.shown, Right.FLOWS)),
        post("/settle/{d}/{flow}", page(settling.begin, Right.FLOWS)),
        get("/uploads", page(uploading.listed, Right.UPLOADS)),
        get(f"/uploads{at}", page(uploading.shown, Right.UPLOADS)),
        post(f"/uploads{at}/open", page(uploading.opened, Right.UPLOADS, confirmed=True)),
        post(f"/uploads{at}/mend", page(uploading.mend, Right.UPLOADS, confirmed=True)),
        post(f"/uploads{at}/withdraw", page(uploading.withdrawn, Right.UPLOADS)),
        post("/uploads/{d}/pause", page(uploading.pause, Right.UPLOADS, confirmed=True)),
        post("/uploads/{d}/resume", page(uploading.resume, Right.UPLOADS, confirmed=True)),
        get("/reconcile", page(reconciling.shown, Right.RECONCILE)),
        post("/reconcile/{d}/run", page(reconciling.run, Right.RECONCILE)),
        post("/reconcile/{d}/propose", page(reconciling.propose, Right.PROPOSE, confirmed=True)),
        post("/reconcile/{d}/approve", page(reconciling.approve, Right.APPROVE, confirmed=True)),
        post("/reconcile/{d}/return", page(reconciling.give_back, Right.RECONCILE)),
        get("/person", page(desking.shown, Right.FLOWS)),
        post("/person/{d}", page(desking.looked_at, Right.FLOWS)),
        get("/catalogue", page(knowing.catalogue, Right.LOOK)),
        get("/matching", page(matching.listed, Right.LOOK)),
        get("/matching/{d}", page(matching.shown, Right.LOOK)),
        post("/matching/{d}/confirm", page(matching.confirm, Right.MATCH)),
        post("/matching/{d}/import", page(matching.take_in, Right.MATCH)),
        post("/matching/{d}/send", page(matching.send, Right.MATCH, confirmed=True)),
        post("/matching/{d}/withdraw", page(matching.withdraw, Right.MATCH, confirmed=True)),
        get("/acceptance", page(accepting.shown, Right.OPERATE)),
        post("/acceptance/{d}/paper", page(accepting.paper, Right.OPERATE, confirmed=True)),
        get("/running", page(running.shown, Right.OPERATE)),
        post("/running/{d}/examine", page(running.examine, Right.OPERATE)),
        post("/running/{d}/verify", page(running.verify, Right.OPERATE)),
        post("/running/{d}/backup", page(running.back_up, Right.OPERATE, confirmed=True)),
        get("/audit", page(auditing.shown, Right.AUDIT)),
        get("/persons", page(people.listed, Right.PERSONS)),
        post("/persons", page(people.add, Right.PERSONS, confirmed=True)),
        post("/persons/{name}/{act}", page(people.act, Right.PERSONS, confirmed=True)),
        get("/waiting", page(people.waiting, Right.CONFIRM)),
        post("/waiting/{name}/{act}", page(people.confirm, Right.CONFIRM, confirmed=True)),
    ]


def nothing(visit: PageVisit) -> Response:
    """Of an address that is no page's."""
    return visit.refuse(NoSuchPage("没有这一页"))


async def _icon(_: Request) -> Response:
    """What a browser asks for beside a page that names no icon, a slip for example."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


async def _home(_: Request) -> Response:
    return RedirectResponse(HOME)
