"""目录对照: the institution's items and the catalogue's codes: what is matched, waits or was refused; a person
confirms, sends what is confirmed, and withdraws what was sent."""

from __future__ import annotations

import attrs
from starlette.responses import Response

from ...catalogue.finding import show
from ...catalogue.items import COLUMNS, REQUIRED, read_items
from ...catalogue.kinds import LOCAL, catalogues_of, kind_name
from ...catalogue.matching import Candidate, Matched, Matching, MatchState, NotMatched, candidates
from ...catalogue.opening import shelf_of
from ...errors import LiangdingError
from ...files.layouts import catalogues
from ...runtime import Runtime
from .frame import PageVisit, on_disk
from .rights import Right

SHOWN = 100
"""Items on a page."""

SUFFIXES = (".csv", ".xlsx")
"""The tables that items are taken in from here."""

PAGE = "/console/matching"


def listed(visit: PageVisit) -> Response:
    """The items of one deployment that stand so, a page at a time; how many stand how, due and done."""
    seen, asked = visit.site.seen_by(visit.person, Right.LOOK), dict(visit.request.query_params)
    name = asked["d"] if asked.get("d") in seen else next(iter(seen))
    matching, text = Matching(seen[name]), asked.get("text", "")
    state = MatchState(asked["state"]) if asked.get("state") in list(MatchState) else None
    after = (asked["kind"], asked["after"]) if "kind" in asked and "after" in asked else None
    states = [] if state is None else [state]
    found = matching.listed(states=states, text=text, after=after, most=SHOWN + 1)
    more = {**asked, "d": name, "kind": found[SHOWN - 1].item.list_type,
            "after": found[SHOWN - 1].item.fixmedins_hilist_id} if len(found) > SHOWN else None  # fmt: skip
    counted = [(f"{kind} {kind_name(kind)}", due, done) for kind, (due, done) in sorted(matching.counted().items())]
    return visit.render(
        "matching.html", confirmed_state=MatchState.CONFIRMED,
        names=list(seen), d=name, found=found[:SHOWN], more=more, states=matching.states(),
        state=state, text=text, counted=counted, may_change=visit.person.may(Right.MATCH, name),
        needed=REQUIRED, columns=COLUMNS,
    )  # fmt: skip


def _asked(visit: PageVisit, given: dict[str, str]) -> Matched:
    return Matching(visit.runtime).get(given.get("kind", ""), given.get("number", ""))


def shown(visit: PageVisit) -> Response:
    """One item, with what it may be."""
    held = _asked(visit, dict(visit.request.query_params))
    found, untold = _candidates(visit.runtime, held)
    return visit.render(
        "matched.html", d=visit.deployment, held=held, item=held.item, kind=kind_name(held.item.list_type),
        candidates=found, untold=untold, local=held.item.list_type in LOCAL,
        may_change=visit.person.may(Right.MATCH, visit.deployment), uploaded=MatchState.UPLOADED,
    )  # fmt: skip


def _candidates(runtime: Runtime, held: Matched) -> tuple[list[Candidate], str]:
    """What an item may be, or why that is not known."""
    shelf = shelf_of(runtime)
    if held.state is MatchState.UPLOADED:
        return [], ""
    if shelf is None:
        return [], "还没有下载目录：liangding catalogue sync"
    try:
        found = {each.code: each for each in candidates(shelf, held.item)}
        for each in candidates(shelf, attrs.evolve(held.item, med_list_codg="")):
            found.setdefault(each.code, each)  # whatever code it has: it may be the wrong one
        return list(found.values()), ""
    except LiangdingError as failed:
        return [], f"{failed.message}：{failed.remedy}" if failed.remedy else failed.message


def confirm(visit: PageVisit) -> Response:
    """A person says what an item is: a code that the catalogue has, where there is one to look in."""
    form, held = visit.form, _asked(visit, visit.form)
    code = form.get("other") or form.get("code", "")
    kind, number = held.item.list_type, held.item.fixmedins_hilist_id
    if not code:
        raise NotMatched("选一个候选，或写目录编码", path="code")
    if not _may_be(visit.runtime, kind, code):
        raise NotMatched(f"目录里没有 {code}", path="other", remedy="在“目录”里查；目录旧了先更新")
    Matching(visit.runtime).confirm(kind, number, code, person=visit.person.display)
    _report(visit, "确认", kind=kind, number=number, code=code)
    return visit.go(PAGE, d=visit.deployment, state=MatchState.CONFIRMED.value)


def _may_be(runtime: Runtime, kind: str, code: str) -> bool:
    """Whether a code is one of the catalogues of that kind, of those that are on the shelf."""
    shelf = shelf_of(runtime)
    if shelf is None:
        return True
    asked = [number for each in catalogues_of(kind) for number in ([each] if each else catalogues())]
    held = [number for number in asked if shelf.standing(number).version]
    return not held or any(show(shelf, code, number=number) is not None for number in held)


def take_in(visit: PageVisit) -> Response:
    """Take the institution's items in, from a table; those that are there keep their matching."""
    name, content = visit.request.state.files.get("file", ("", b""))
    with on_disk(name, content, SUFFIXES) as path:
        count = Matching(visit.runtime).take_in(read_items(path))
    _report(visit, "导入", count=count)
    return visit.go(PAGE, d=visit.deployment)


def send(visit: PageVisit) -> Response:
    """Send what is confirmed (3301)."""
    went, refused = Matching(visit.runtime).upload()
    _report(visit, "上传", went=went, refused=refused)
    told = f"上传 {went} 条" + (f"，{refused} 条被拒，平台的话在每一条里" if refused else "")
    return visit.render("done.html", said=told, onward=f"{PAGE}?d={visit.deployment}")


def withdraw(visit: PageVisit) -> Response:
    """Withdraw what was sent (3302), for a reason, so that it can be made anew."""
    if not visit.form.get("reason"):
        raise NotMatched("要写明为什么撤销", path="reason")
    item = _asked(visit, visit.form).item
    Matching(visit.runtime).withdraw(item.list_type, item.fixmedins_hilist_id)
    _report(
        visit, "撤销", kind=item.list_type, number=item.fixmedins_hilist_id, code=item.med_list_codg,
        reason=visit.form["reason"],
    )  # fmt: skip
    return visit.go(f"{PAGE}/{visit.deployment}", kind=item.list_type, number=item.fixmedins_hilist_id)


def _report(visit: PageVisit, what: str, **told: str | int) -> None:
    visit.runtime.journal.report("matching_changed", {"what": what, **told})
