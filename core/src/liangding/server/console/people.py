"""用户: accounts, their roles, and the end of them."""

from __future__ import annotations

from starlette.responses import Response

from ...errors import LiangdingError
from .frame import PageVisit
from .passwords import address, written
from .rights import EVERYWHERE, PersonRole, Scope

ISSUER = "两定"


class WrongPerson(LiangdingError):
    """An account that cannot be made or changed so."""

    code = "wrong_person"
    http_status = 422


def listed(visit: PageVisit, **made: str) -> Response:
    """All accounts. ``made``: one that has just been made, with what is told of it this once."""
    found = [(person, len(visit.site.sessions.of_person(person))) for person in visit.site.persons.listed()]
    now = visit.site.home.clock.epoch()
    places = [EVERYWHERE, *visit.site.runtimes]
    return visit.render("persons.html", found=found, roles=list(PersonRole), places=places, made=made, now=now)


def scope_of(form: dict[str, str]) -> Scope:
    """The scope that a form gives: fields ``role:DEPLOYMENT:ROLE``. WrongPerson."""
    found: dict[str, tuple[PersonRole, ...]] = {}
    for name in form:
        kind, _, rest = name.partition(":")
        place, _, role = rest.rpartition(":")
        if kind == "role":
            if role not in list(PersonRole):
                raise WrongPerson("角色不认识", path=name)
            found[place] = (*found.get(place, ()), PersonRole(role))
    return found


def add(visit: PageVisit) -> Response:
    """A new account; what it signs in with is told this once."""
    form = visit.form
    name, scope = form.get("name", ""), scope_of(form)
    try:
        operator = form.get("operator", "")
        password, second = visit.site.persons.add(name, form.get("display", ""), scope, operator=operator)
    except ValueError as wrong:
        raise WrongPerson(str(wrong)) from None
    _report(visit, name, "新建", scope)
    return listed(visit, name=name, password=password, secret=written(second), address=address(second, name, ISSUER))


def act(visit: PageVisit) -> Response:
    """Other roles, an end or a new beginning, a new password and second factor; never one's own."""
    name = visit.request.path_params["name"]
    if name == visit.person.name:
        raise WrongPerson("自己的账户请另一位管理员来改")
    persons = visit.site.persons
    match visit.request.path_params["act"]:
        case "roles":
            scope = scope_of(visit.form)
            try:
                persons.give(name, scope)
            except ValueError as wrong:
                raise WrongPerson(str(wrong)) from None
            _report(visit, name, "改角色", scope)
        case "end" | "begin" as what:
            persons.set_active(name, what == "begin")
            _report(visit, name, "停用" if what == "end" else "启用")
        case "reset":
            password, second = persons.reset(name)
            _report(visit, name, "重置密码和动态码")
            told = {"password": password, "secret": written(second), "address": address(second, name, ISSUER)}
            return listed(visit, name=name, **told)
        case other:
            raise WrongPerson(f"没有这种办法 {other}")
    return visit.go("/console/persons")


def _report(visit: PageVisit, name: str, what: str, scope: Scope | None = None) -> None:
    roles = "；".join(f"{place}：{'、'.join(role.chinese for role in held)}" for place, held in (scope or {}).items())
    visit.site.report("persons_changed", {"name": name, "what": what, "roles": roles})
