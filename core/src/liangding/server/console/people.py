"""用户: accounts, their roles, and the end of them."""

from __future__ import annotations

from collections.abc import Collection

from starlette.responses import Response

from ...clock import in_china
from ...errors import LiangdingError
from ...reconciliation.proposing import give_back_all_of as give_back_differences
from ...resolution.approving import give_back_all_of
from .calls import NoReason
from .cases import PROPOSER_GONE
from .frame import PageVisit
from .passwords import address, written
from .rights import EVERYWHERE, PersonRole, Right, Scope, in_words

ISSUER = "两定"


class WrongPerson(LiangdingError):
    """An account that cannot be made or changed so."""

    code = "wrong_person"
    http_status = 422


def listed(visit: PageVisit, **made: str) -> Response:
    """All accounts. ``made``: one that has just been made, with what is told of it this once."""
    found = [(person, len(visit.site.sessions.of_person(person))) for person in visit.site.persons.listed()]
    now = visit.site.home.clock.epoch()
    operators = _operators(visit)
    places, waiting = [EVERYWHERE, *visit.site.runtimes], visit.site.persons.confirming.all()
    return visit.render(
        "persons.html", found=found, roles=list(PersonRole), places=places, made=made, now=now, operators=operators,
        waiting=waiting,
    )  # fmt: skip


def _operators(visit: PageVisit) -> dict[str, str]:
    """The operators' codes and names that the deployments know."""
    deployments = (runtime.deployment for runtime in visit.site.runtimes.values())
    return {operator.code: operator.name for deployment in deployments for operator in deployment.operators}


def _operator(visit: PageVisit, before: str = "") -> str:
    """The operator code of a form. WrongPerson for one that no deployment knows: with it nothing could be done."""
    code = visit.form.get("operator", "")
    if code not in ("", before, *_operators(visit)):
        raise WrongPerson("没有这个经办人编号", path="operator", remedy="写部署文件 operators 里有的，或空着")
    return code


def scope_of(form: dict[str, str], places: Collection[str]) -> Scope:
    """The scope that a form gives: fields ``role:DEPLOYMENT:ROLE`` of those places. WrongPerson."""
    found: dict[str, tuple[PersonRole, ...]] = {}
    for name in form:
        kind, _, rest = name.partition(":")
        place, _, role = rest.rpartition(":")
        if kind == "role":
            if role not in list(PersonRole):
                raise WrongPerson("角色不认识", path=name)
            if place not in places:
                raise WrongPerson("没有这个部署", path=name)
            found[place] = (*found.get(place, ()), PersonRole(role))
    return found


def add(visit: PageVisit) -> Response:
    """A new account; what it signs in with is told this once."""
    form = visit.form
    name, scope = form.get("name", ""), scope_of(form, _places(visit))
    try:
        password, second = visit.site.persons.add(
            name, form.get("display", ""), scope, operator=_operator(visit), by=visit.person.principal
        )
    except ValueError as wrong:
        raise WrongPerson(str(wrong)) from None
    _report(visit, name, "新建", scope)
    return listed(visit, name=name, password=password, secret=written(second), address=address(second, name, ISSUER))


def act(visit: PageVisit) -> Response:
    """Other roles, another operator code, an end or a new beginning, the end of all sessions, a new password and second
    factor; never one's own. What somebody proposed who may not propose any more is returned."""
    name = visit.request.path_params["name"]
    if name == visit.person.name:
        raise WrongPerson("自己的账户请另一位管理员来改")
    persons = visit.site.persons
    match visit.request.path_params["act"]:
        case "roles":
            scope = scope_of(visit.form, (*_places(visit), *persons.get(name).scope))
            try:
                persons.give(name, scope, by=visit.person.principal)
            except ValueError as wrong:
                raise WrongPerson(str(wrong)) from None
            _report(visit, name, "改角色", scope)
            _return_proposals(visit, name)
        case "operator":
            code = _operator(visit, persons.get(name).operator)
            persons.link(name, code)
            _report(visit, name, f"改经办人编号为 {code or '无'}")
        case "out":
            persons.sign_out(name)
            _report(visit, name, "结束会话")
        case "end" | "begin" as what:
            persons.set_active(name, what == "begin")
            _report(visit, name, "停用" if what == "end" else "启用")
            _return_proposals(visit, name)
        case "reset":
            password, second = persons.reset(name, by=visit.person.principal)
            _report(visit, name, "重置密码和动态码")
            _return_proposals(visit, name)
            told = {"password": password, "secret": written(second), "address": address(second, name, ISSUER)}
            return listed(visit, name=name, **told)
        case other:
            raise WrongPerson(f"没有这种办法 {other}")
    return visit.go("/console/persons")


def waiting(visit: PageVisit) -> Response:
    """The accounts whose roles wait for another person than who gave them."""
    found = [(person, held, in_china(held.given_at)) for person, held in visit.site.persons.waiting()]
    return visit.render("waiting.html", found=found)


def confirm(visit: PageVisit) -> Response:
    """The roles of an account take effect, or are not given, by another person than who gave or gets them."""
    name, number, by = visit.request.path_params["name"], visit.form.get("number", ""), visit.person.principal
    match visit.request.path_params["act"]:
        case "confirm":
            _report(visit, name, "确认角色", visit.site.persons.confirm(name, number, by=by))
        case "return":
            if not (reason := visit.form.get("reason", "")):
                raise NoReason("要写明为什么不给", path="reason")
            _report(visit, name, "退回角色", visit.site.persons.give_back(name, number, by=by), reason)
        case other:
            raise WrongPerson(f"没有这种办法 {other}")
    return visit.go("/console/waiting")


def _places(visit: PageVisit) -> tuple[str, ...]:
    return (EVERYWHERE, *visit.site.runtimes)


def _return_proposals(visit: PageVisit, name: str) -> None:
    """What a person proposed waits for nobody where they may not propose it any more, by whatever door it would be
    approved."""
    by, now = f"person:{name}", visit.site.home.clock.epoch()
    for place, runtime in visit.site.runtimes.items():
        if not visit.site.still_may(by, Right.PROPOSE, place):
            give_back_all_of(runtime.journal, by, PROPOSER_GONE)
            give_back_differences(runtime.journal, now, by, PROPOSER_GONE)


def _report(visit: PageVisit, name: str, what: str, scope: Scope | None = None, reason: str = "") -> None:
    told = {"name": name, "what": what, "roles": in_words(scope or {}), "reason": reason}
    visit.site.report("persons_changed", {key: value for key, value in told.items() if value or key != "reason"})
