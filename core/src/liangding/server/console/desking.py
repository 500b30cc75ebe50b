"""参保人/就诊: a person put together from the platform's queries, for the desk."""

from __future__ import annotations

from starlette.responses import Response

from ... import desk
from ...contract.credentials import Credential
from ...errors import LiangdingError
from .frame import PageVisit
from .rights import Right
from .settling import CREDENTIALS


class NobodyNamed(LiangdingError):
    """A page for looking at a person was asked without one."""

    code = "nobody_named"
    http_status = 422


def shown(visit: PageVisit) -> Response:
    """Whom to look at."""
    return _page(visit, None)


def _page(visit: PageVisit, view: desk.PersonView | None) -> Response:
    names = list(visit.site.seen_by(visit.person, Right.FLOWS))
    return visit.render("person.html", names=names, d=visit.deployment, view=view, credentials=CREDENTIALS)


def looked_at(visit: PageVisit) -> Response:
    """What the platform has of who shows a credential: who asked stands with each query in the journal."""
    form = visit.form
    if not form.get("number"):
        raise NobodyNamed("请填凭证号码", path="number")
    credential = Credential(type=form.get("type", ""), number=form["number"], card_sn=form.get("card_sn") or None)
    search = desk.Search(credential=credential, insured_place=form.get("insured_place") or None)
    return _page(visit, desk.person(visit.runtime, search, operator=visit.person.operator or None))
