"""目录: what is on the shelf of catalogues."""

from __future__ import annotations

from starlette.responses import Response

from ...catalogue.finding import find
from ...catalogue.opening import shelf_of
from .frame import PageVisit
from .rights import Right

FOUND = 50
"""Rows of a search at most."""


def catalogue(visit: PageVisit) -> Response:
    """Items by a part of their name, or by initials; those that are not valid any more are marked."""
    seen = visit.site.seen_by(visit.person, Right.LOOK)
    asked = dict(visit.request.query_params)
    text, shelves = asked.get("text", ""), {d: shelf_of(runtime) for d, runtime in seen.items()}
    found = [
        (d, row)
        for d, shelf in shelves.items()
        if shelf is not None and text
        for row in find(shelf, text, number=None, most=FOUND, valid=not asked.get("all"))
    ]
    without = [d for d, shelf in shelves.items() if shelf is None]
    return visit.render("catalogue.html", found=found, without=without, asked_for=asked, text=text)
