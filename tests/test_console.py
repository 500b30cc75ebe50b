"""The console: who comes in, what each may see and do, and two persons' decision, page by page."""

from __future__ import annotations

import base64
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import httpx
import pytest
from starlette.testclient import TestClient

from liangding.cli.app import run
from liangding.config.console import ConsoleSettings
from liangding.errors import OutcomeUnknown
from liangding.journal import Journal, State, Vault
from liangding.journal.asking import asked_by
from liangding.journal.vault import new_secret
from liangding.resolution import Action, Decision, proposal_of, propose
from liangding.server.app import api
from liangding.server.console import entering, passwords
from liangding.server.console.confirming import NotToConfirm
from liangding.server.console.passwords import WeakPassword, check_password
from liangding.server.console.persons import Persons, SignInRefused
from liangding.server.console.rights import EVERYWHERE, PersonRole, RolesApart, Scope, check_scope
from liangding.server.console.sessions import COOKIE, Sessions
from liangding.simulator.faults import Fault
from support import Rig, bill, simulated_rig_for

HERE = "https://testserver"
PASSWORD = "correct horse battery"
ROLES = {
    "till": PersonRole.CASHIER, "office": PersonRole.OFFICE, "head": PersonRole.APPROVER,
    "watch": PersonRole.AUDITOR, "root": PersonRole.ADMIN,
}  # fmt: skip


LOOKS = {"/calls", "/cases", "/flows", "/matching", "/catalogue"}
DESK = {*LOOKS, "/settle", "/person"}
RUNS = {"/running", "/acceptance"}
EVERY_PAGE = (*DESK, *RUNS, "/uploads", "/reconcile", "/audit", "/persons", "/waiting")


@attrs.define(kw_only=True)
class Someone:
    """One person at a browser."""

    name: str
    secret: bytes
    client: TestClient
    rig: Rig
    password: str = PASSWORD

    def signs_in(self, **changed: str) -> httpx.Response:
        self.rig.runtime.clock.sleep(31)  # no code is taken twice
        given = {"name": self.name, "password": self.password, "code": self.code(), **changed}
        answer: httpx.Response = self.client.post("/console/sign-in", data=given)
        return answer

    def code(self) -> str:
        return passwords.code_at(self.secret, self.rig.runtime.clock.epoch())

    def sees(self, path: str) -> str:
        answer: httpx.Response = self.client.get(f"/console{path}")
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    def asks(self, path: str) -> int:
        answer: httpx.Response = self.client.get(f"/console{path}")
        return answer.status_code

    def sends(self, path: str, at: str = "/me", **form: str) -> httpx.Response:
        """A form of the page ``at``."""
        found = re.search(r'name="form" value="(\w+)"', self.sees(at))
        assert found is not None
        answer: httpx.Response = self.client.post(f"/console{path}", data={"form": found[1], **form})
        return answer


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each answer of the door was held back: nobody waits for it here."""
    held: list[float] = []

    async def hold_back(seconds: float) -> None:
        held.append(seconds)

    monkeypatch.setattr(entering, "hold_back", hold_back)
    return held


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, more="[console]\n[resolution]\nsecond_person = true\n") as made:
        made.runtime.sign_in(made.deployment.operators[0])
        yield made


@pytest.fixture
def people(rig: Rig) -> Callable[..., Someone]:
    app = api({rig.deployment.name: rig.runtime})
    known = persons_of(rig)

    def person(name: str, scope: Scope | None = None) -> Someone:
        _, secret = known.add(name, name.upper(), scope or {EVERYWHERE: (ROLES[name],)})
        known.set_password(known.get(name), PASSWORD)
        client = TestClient(app, base_url=HERE, headers={"origin": HERE}, follow_redirects=False)
        return Someone(name=name, secret=secret, client=client, rig=rig)

    return person


@pytest.fixture
def inside(people: Callable[..., Someone]) -> Callable[..., Someone]:
    def person(name: str) -> Someone:
        someone = people(name)
        assert someone.signs_in().headers["location"] == "/console/"
        return someone

    return person


def persons_of(rig: Rig) -> Persons:
    assert rig.deployment.console is not None
    return Persons(rig.runtime.journal, rig.deployment.console, rig.runtime.clock.epoch)


def unknown(rig: Rig, key: str = "B1", person: str = "man") -> int:
    """A settlement whose outcome nobody knows, though the platform has it."""
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    with pytest.raises(OutcomeUnknown):
        rig.settle(key=key)
    rig.door.faults.clear()
    return rig.runtime.journal.latest(states=[State.UNKNOWN])[0].id


# -- coming in ---------------------------------------------------------------------------------------------------------


def test_who_knows_all_three_comes_in(rig: Rig, people: Callable[..., Someone]) -> None:
    someone = people("office")
    assert someone.client.get("/console/").headers["location"].startswith("/console/sign-in")
    for wrong in ({"password": PASSWORD.upper()}, {"code": "000000"}, {"name": "offlce"}, {"name": "", "code": ""}):
        refused = someone.signs_in(**wrong)
        assert (refused.status_code, COOKIE in refused.cookies) == (401, False), wrong
        assert "用户名、密码或动态码不正确" in refused.text, "the same words whatever was wrong"
    answer = someone.signs_in()
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("__Host-", "HttpOnly", "Secure", "SameSite=strict", "Path=/"))
    used = someone.client.post(
        "/console/sign-in", data={"name": "office", "password": PASSWORD, "code": someone.code()}
    )
    assert used.status_code == 401, "the same code once more"
    kinds = [event.kind for event in rig.runtime.journal.reports(0.0)]
    assert (kinds.count("signed_in"), kinds.count("sign_in_failed")) == (1, 5)
    assert PASSWORD not in str([event.detail for event in rig.runtime.journal.reports(0.0)])


def test_too_many_wrong_ones_lock_the_account_for_a_while(rig: Rig, people: Callable[..., Someone]) -> None:
    someone = people("office")
    for _ in range(5):
        someone.signs_in(password="wrong wrong wrong")
    told = [someone.signs_in(**given) for given in ({}, {"password": "wrong wrong wrong"}, {"code": "000000"})]
    assert {answer.status_code for answer in told} == {401}
    assert len({re.sub(r"\d+ 分钟", "", answer.text) for answer in told}) == 1, "the lock tells nobody what was right"
    assert all("已锁定" in answer.text for answer in told)
    assert "sign_in_locked" in [event.kind for event in rig.runtime.journal.reports(0.0)]
    rig.runtime.clock.sleep(15 * 60)
    assert someone.signs_in().status_code == 303


def test_a_lock_says_nothing_of_who_is_there(rig: Rig, people: Callable[..., Someone], patience: list[float]) -> None:
    """Names that nobody has are locked like those of accounts, and none of them is kept: it may be a password."""
    someone = people("office")
    answers: dict[str, list[str]] = {}
    for name in ("office", "nobody here", "a\x00b", "长" * 70):
        for _ in range(6):
            rig.runtime.clock.sleep(1)
            answer = someone.client.post("/console/sign-in", data={"name": name, "password": "x" * 12, "code": "1"})
            said = re.sub(r'name="name" value="[^"]*"', "", answer.text)
            answers.setdefault(name, []).append(f"{answer.status_code} {said}")
    assert len({str(said) for said in answers.values()}) == 1
    kept = str([(event.principal, event.detail) for event in rig.runtime.journal.reports(0.0)])
    assert "nobody here" not in kept
    assert "长长" not in kept
    assert patience[:9] == [0, 0, 0, 0, 0, 0.25, 0.5, 1, 2], "an address that goes on is answered ever more slowly"


def test_nobody_is_locked_out_by_others(rig: Rig, people: Callable[..., Someone]) -> None:
    """Whoever knows a name may lock it for strange browsers; where its person came in before, it stays open."""
    someone, root = people("office"), people("root")
    assert [each.signs_in().status_code for each in (someone, root)] == [303, 303]
    with TestClient(root.client.app, base_url=HERE, headers={"origin": HERE}, follow_redirects=False) as stranger:
        for name in ("office", "root"):
            for _ in range(6):
                stranger.post("/console/sign-in", data={"name": name, "password": "wrong", "code": "1"})
    assert persons_of(rig).get("office").locked_until > rig.runtime.clock.epoch()
    someone.client.cookies.delete(COOKIE)
    assert someone.signs_in().status_code == 303
    other = attrs.evolve(someone, client=TestClient(root.client.app, base_url=HERE, headers={"origin": HERE}))
    assert other.signs_in().status_code == 401, "a new browser waits, or is let in by the administrator"
    root.signs_in()
    assert root.sends("/persons/office/begin", "/persons").status_code == 303
    assert attrs.evolve(other, client=other.client).signs_in().status_code == 200


def test_guessing_at_once_is_counted_before_it_is_looked_at(rig: Rig, people: Callable[..., Someone]) -> None:
    someone, known = people("office"), persons_of(rig)
    tried: list[bool] = []
    look = passwords.is_password

    def meanwhile(password: str, held: str) -> bool:
        """While one guess is looked at, others come in by another process."""
        tried.append(look(password, held))
        if len(tried) < 30:
            with contextlib.suppress(SignInRefused):
                persons_of(rig).signed_in("office", f"guess {len(tried)}", "000000")
        return tried[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "is_password", meanwhile)
        with pytest.raises(SignInRefused):
            known.signed_in("office", "guess", "000000")
    assert len(tried) == 5, someone.name


def test_who_came_in_by_what_holds_no_more_does_not_stay(rig: Rig, people: Callable[..., Someone]) -> None:
    """Between looking at a password and beginning the session it is reset, or the account ends, or loses a role."""
    someone, known = people("office"), persons_of(rig)
    assert rig.deployment.console is not None
    sessions = Sessions(known, rig.deployment.console, rig.runtime.clock.epoch)
    for change in (
        lambda: known.give("office", {EVERYWHERE: (PersonRole.CASHIER,)}), lambda: known.set_active("office", False),
        lambda: known.reset("office"),
    ):  # fmt: skip
        rig.runtime.clock.sleep(31)
        known.set_active("office", True)
        person = known.signed_in("office", PASSWORD, someone.code())
        change()
        with pytest.raises(SignInRefused, match="变动"):
            sessions.begin(person, "", "")
    assert sessions.of_person(known.get("office")) == []


def test_a_first_password_and_an_old_one_end(rig: Rig, people: Callable[..., Someone]) -> None:
    someone = people("office")
    rig.runtime.clock.sleep(91 * 86_400)
    assert someone.signs_in().headers["location"] == "/console/password", "changed in time"
    assert someone.asks("/calls") == 303
    someone.password, someone.secret = persons_of(rig).reset("office")
    rig.runtime.clock.sleep(8 * 86_400)
    late = someone.signs_in()
    assert (late.status_code, "过期" in late.text) == (401, True)


def test_a_session_ends_by_itself_and_by_others(rig: Rig, inside: Callable[..., Someone]) -> None:
    someone, root = inside("office"), inside("root")
    first = dict(someone.client.cookies)
    someone.signs_in()
    assert dict(someone.client.cookies) != first, "a new one at each sign-in"
    late = TestClient(someone.client.app, base_url=HERE, cookies=first, follow_redirects=False)
    assert late.get("/console/me").status_code == 303, "and the browser's old one ends"
    rig.runtime.clock.sleep(16 * 60)
    assert someone.asks("/") == 303, "idle"
    someone.signs_in()
    for _ in range(51):
        rig.runtime.clock.sleep(12 * 60)
        someone.client.get("/console/me")
    assert someone.asks("/") == 303, "as long as it may be, however busy"
    someone.signs_in()
    rig.runtime.clock.sleep(10 * 60)
    someone.client.get("/console/", headers={"hx-request": "true"})
    rig.runtime.clock.sleep(6 * 60)
    assert someone.asks("/") == 303, "a page that looks by itself keeps nobody signed in"
    someone.signs_in()
    root.signs_in()
    assert root.sends("/persons/office/end", "/persons").status_code == 303
    assert someone.asks("/") == 303
    assert someone.signs_in().status_code == 401
    assert root.sends("/persons/root/end", "/persons").status_code == 422, "not one's own account"
    assert root.sends("/persons/office/begin", "/persons").status_code == 303
    someone.signs_in()
    assert root.sends("/persons/office/out", "/persons").status_code == 303
    assert someone.asks("/") == 303
    someone.signs_in()
    other = attrs.evolve(someone, client=TestClient(someone.client.app, base_url=HERE, headers={"origin": HERE}))
    other.signs_in()
    assert someone.sends("/me/end-others").status_code == 303
    assert (someone.asks("/"), other.client.get("/console/me").url.path) == (200, "/console/sign-in")


def test_wrong_passwords_end_the_session_in_which_they_are_given(rig: Rig, inside: Callable[..., Someone]) -> None:
    """Whoever finds an unlocked screen guesses five times; the person's own sign-in is not locked by that."""
    someone, d = inside("office"), rig.deployment.name
    rig.runtime.clock.sleep(6 * 60)
    asked = [someone.sends("/calls/export", d=d, password=f"guess number {n}").status_code for n in range(5)]
    assert asked == [403, 403, 403, 403, 401]
    assert someone.asks("/") == 303
    kinds = [event.kind for event in rig.runtime.journal.reports(0.0)]
    assert (kinds.count("sign_in_failed"), kinds.count("sign_in_locked")) == (4, 1)
    assert someone.signs_in().status_code == 303


def test_signing_out_ends_the_session_on_the_server(inside: Callable[..., Someone]) -> None:
    someone = inside("office")
    kept = dict(someone.client.cookies)
    assert someone.sends("/sign-out").status_code == 303
    someone.client.cookies.update(kept)
    assert someone.asks("/") == 303


def test_the_first_password_is_changed_first(rig: Rig, people: Callable[..., Someone]) -> None:
    someone = people("office")
    someone.password, someone.secret = persons_of(rig).reset("office")
    assert someone.signs_in().headers["location"] == "/console/password"
    assert someone.client.get("/console/calls").headers["location"] == "/console/password"
    for new, again, said in (
        ("short", "short", "12"), ("office office office", "office office office", "容易猜"),
        (PASSWORD, PASSWORD + "x", "不一样"), (someone.password, someone.password, "与现在的一样"),
    ):  # fmt: skip
        wrong = someone.sends("/password", "/password", password=someone.password, new=new, again=again)
        assert said in wrong.text, new
    done = someone.sends("/password", "/password", password=someone.password, new=PASSWORD, again=PASSWORD)
    assert done.headers["location"] == "/console/sign-in"
    someone.password = PASSWORD
    assert someone.signs_in().headers["location"] == "/console/"


@pytest.mark.parametrize(
    "password",
    [
        "", "x" * 11, "x" * 201, "abababababab", "me and office too", "123456789012", "abcdefghijkl", "password1234",
        "Password@2026", "admin!admin!2026", "qwertyuiop12",
    ],
)  # fmt: skip
def test_what_is_easily_guessed_is_no_password(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, "office")


# -- what each may -----------------------------------------------------------------------------------------------------


def test_each_sees_and_does_what_the_roles_say(rig: Rig, inside: Callable[..., Someone]) -> None:
    rig.settle(key="B1")
    number = unknown(rig, "B2")
    d = rig.deployment.name
    for name, pages in {
        "till": DESK, "office": {*DESK, *RUNS, "/uploads", "/reconcile"}, "head": {*LOOKS, "/reconcile", "/waiting"},
        "watch": {"/audit", "/waiting"}, "root": {*RUNS, "/persons", "/waiting"},
    }.items():  # fmt: skip
        someone = inside(name)
        asked = {path: someone.asks(path) for path in EVERY_PAGE}
        assert {path for path, status in asked.items() if status == 200} == pages, (name, asked)
        assert set(asked.values()) <= {200, 403}
        nav = someone.sees("/").partition("</nav>")[0]
        shown = set(re.findall(r'href="/console(/\w+)"', nav))
        assert shown == pages - {"/catalogue"}, "no way to what is refused"
        sent = {
            act: someone.sends(f"/cases/{d}/{number}/{act}", action="absent", reason="x", number="x").status_code
            for act in ("propose", "approve", "return")
        }
        assert (sent["propose"] == 403) == (name != "office")
        assert (sent["approve"] == 403) == (name != "head")
        opened = someone.sends(f"/calls/{d}/{number}/open", reason="核对").status_code
        assert (opened == 200) == (name in ("office", "head"))
        assert someone.asks(f"/calls/other/{number}") == 403
    denied = [event for event in rig.runtime.journal.reports(0.0) if event.kind == "denied"]
    assert {event.principal for event in denied} == {f"person:{name}" for name in ROLES}
    assert rig.runtime.journal.call(number).state is State.UNKNOWN


DOERS = {
    "/calls/{d}/1/ask": {"office"}, "/calls/{d}/1/support": {"office", "head"}, "/uploads/{d}/pause": {"office"},
    "/uploads/{d}/resume": {"office"}, "/matching/{d}/import": {"office"}, "/matching/{d}/confirm": {"office"},
    "/matching/{d}/send": {"office"}, "/matching/{d}/withdraw": {"office"}, "/running/{d}/verify": {"office", "root"},
    "/running/{d}/backup": {"office", "root"}, "/acceptance/{d}/paper": {"office", "root"},
    "/settle/{d}/pharmacy_purchase": {"till", "office"}, "/reconcile/{d}/propose": {"office"},
    "/reconcile/{d}/approve": {"head"},
}  # fmt: skip
"""What is done by a form, and by whom."""


def test_who_may_not_is_refused_and_nothing_happens(rig: Rig, inside: Callable[..., Someone]) -> None:
    """By the server, whatever page the form is from; so is who may, at another deployment."""
    for name in ROLES:
        someone = inside(name)
        for path, doers in DOERS.items():
            refused = someone.sends(path.format(d="other"), password=PASSWORD)
            assert (refused.status_code, "您的角色不能办" in refused.text) == (403, True), (name, path)
            if name not in doers:
                assert someone.sends(path.format(d=rig.deployment.name), password=PASSWORD).status_code == 403, path
    kinds = {event.kind for event in rig.runtime.journal.reports(0.0)}
    assert kinds == {"signed_in", "denied"}
    assert not (rig.folder / "backups").exists()


def test_roles_that_are_apart_are_nobodys_together() -> None:
    for roles in ((PersonRole.ADMIN, PersonRole.OFFICE), (PersonRole.AUDITOR, PersonRole.ADMIN)):
        with pytest.raises(RolesApart):
            check_scope({EVERYWHERE: roles})
    with pytest.raises(RolesApart):
        check_scope({"one": (PersonRole.ADMIN,)})
    with pytest.raises(ValueError, match="角色"):
        check_scope({})
    check_scope({"one": (PersonRole.CASHIER,), "two": (PersonRole.OFFICE, PersonRole.APPROVER)})


def test_who_is_of_another_deployment_sees_nothing_here(rig: Rig, people: Callable[..., Someone]) -> None:
    rig.settle(key="B1")
    stranger = people("office", {"elsewhere": (PersonRole.OFFICE, PersonRole.APPROVER)})
    stranger.signs_in()
    assert rig.deployment.institution.name not in stranger.sees("/")
    assert stranger.asks(f"/calls/{rig.deployment.name}/1") == 403
    assert {stranger.asks(path) for path in EVERY_PAGE} == {403}


def test_institutions_on_one_journal_have_persons_of_their_own(rig: Rig, people: Callable[..., Someone]) -> None:
    """The administrator of another one's console is nobody here, by whatever name."""
    assert rig.deployment.console is not None
    theirs = Persons(rig.runtime.journal.of("P99000000002"), rig.deployment.console, rig.runtime.clock.epoch)
    password, secret = theirs.add("root", "", {EVERYWHERE: (PersonRole.ADMIN,)})
    theirs.add("spy", "", {EVERYWHERE: (PersonRole.OFFICE,)})
    ours = people("root")
    assert [[each.name for each in known.listed()] for known in (theirs, persons_of(rig))] == [
        ["root", "spy"],
        ["root"],
    ]
    assert ours.signs_in(password=password).status_code == 401
    session = Sessions(theirs, rig.deployment.console, rig.runtime.clock.epoch).begin(theirs.get("spy"), "", "")
    ours.client.cookies.set(COOKIE, session)
    assert ours.asks("/") == 303
    theirs.set_active("root", False)
    assert persons_of(rig).get("root").active
    code = passwords.code_at(secret, rig.runtime.clock.epoch())
    with pytest.raises(SignInRefused):
        theirs.signed_in("root", password, code)


# -- pages and forms of others ----------------------------------------------------------------------------------------


def test_a_form_of_another_page_does_nothing(rig: Rig, inside: Callable[..., Someone]) -> None:
    someone, other = inside("office"), inside("head")
    mark = re.search(r'name="form" value="(\w+)"', other.sees("/me"))
    assert mark is not None
    ask = f"/console/calls/{rig.deployment.name}/{unknown(rig)}/ask"
    for headers, form in (
        ({"origin": "https://evil.example"}, {}), ({"origin": "null"}, {}), ({"origin": HERE}, {"form": mark[1]}),
        ({"origin": HERE}, {}), ({"origin": "", "sec-fetch-site": "cross-site"}, {}),
    ):  # fmt: skip
        given = (
            {"form": re.findall(r'name="form" value="(\w+)"', someone.sees("/me"))[0]}
            if headers["origin"] != HERE
            else {}
        )
        refused = someone.client.post(ask, data=given | form, headers=headers)
        assert refused.status_code == 403, (headers, form)
    assert rig.runtime.journal.latest(states=[State.UNKNOWN])[0].attempts <= 1


def test_no_method_and_no_header_gets_round(rig: Rig, inside: Callable[..., Someone]) -> None:
    """A form acts by POST alone; what a browser never sends is refused in words."""
    someone, d = inside("office"), rig.deployment.name
    before = len(rig.runtime.journal.reports(0.0))
    for method, path in (
        ("HEAD", "/sign-in"), ("HEAD", "/password"), ("HEAD", "/me"), ("GET", "/sign-out"), ("GET", "/me/end"),
        ("GET", f"/cases/{d}/1/approve"), ("PUT", f"/cases/{d}/1/approve"), ("DELETE", "/persons/root/end"),
        ("PATCH", "/persons"), ("OPTIONS", "/persons"), ("TRACE", "/me"),
    ):  # fmt: skip
        answer = someone.client.request(method, f"/console{path}", headers={"x-http-method-override": "POST"})
        assert answer.status_code == {"HEAD": 200, "GET": 404}.get(method, 405), (method, path)
    assert len(rig.runtime.journal.reports(0.0)) == before, "and nobody was thought to guess"
    for headers in ({"origin": "http://["}, {"origin": HERE, "host": "["}, {"origin": "null"}, {"origin": "https://"}):
        assert someone.client.post("/console/sign-out", headers=headers).status_code == 403, headers
    assert someone.client.get("/console/me", headers={"referer": "http://["}).status_code == 200


def test_every_answer_holds_to_its_own_host(inside: Callable[..., Someone]) -> None:
    someone = inside("office")
    for path in ("/", "/calls", "/sign-in", "/nothing-here", "/static/console.css"):
        headers = someone.client.get(f"/console{path}").headers
        if "static" not in path and "nothing" not in path:
            assert "default-src 'none'" in headers["content-security-policy"]
            assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")
    for path in ("/", "/calls", "/cases", "/flows", "/running", "/me", "/password"):
        page = someone.sees(path)
        assert re.findall(r'(?:src|href|action)="(?!/console|#)[^"]+"', page) == [], path
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page), path


def test_what_is_written_by_others_is_no_markup(rig: Rig, inside: Callable[..., Someone]) -> None:
    someone = inside("office")
    hostile = '"><script>alert(1)</script>'
    assert "<script>alert" not in someone.sees(f"/calls?number={hostile}&infno={hostile}")
    assert someone.client.get("/console/calls", params={"since": hostile}).status_code == 400
    assert "<script>alert" not in someone.client.get("/console/calls", params={"since": hostile}).text
    assert "<script>alert" not in someone.client.get("/console/sign-in", params={"next": hostile}).text
    someone.client.cookies.clear()
    for after in ("https://evil.example", "//evil.example", "/console//evil.example", "/console/\\evil", "/v1/"):
        answer = someone.signs_in(next=after)
        assert answer.headers["location"] == "/console/", after


# -- the work of the pages ---------------------------------------------------------------------------------------------


def test_a_case_is_decided_by_two(rig: Rig, inside: Callable[..., Someone]) -> None:
    d, number = rig.deployment.name, unknown(rig)
    office, head, watch = inside("office"), inside("head"), inside("watch")
    assert f"/calls/{d}/{number}" in office.sees("/cases")
    case = f"/cases/{d}/{number}"
    rig.runtime.clock.sleep(6 * 60)
    given = {"action": "accept", "reason": "平台页面上查到"}
    office.sees("/me")
    bare = office.sends(f"{case}/propose", **given)
    assert (bare.status_code, "再输入一次密码" in bare.text) == (403, True)
    looked = office.sends(f"{case}/look").text
    (made,) = rig.platform.world.settlements.values()
    assert f'name="picked" value="{made.setl_id},{made.visit.mdtrt_id}"' in looked
    assert rig.person().name not in looked, "of the person only what is needed to compare"
    assert office.sends(f"{case}/propose", **given, password="wrong wrong wrong").status_code == 403
    picked = {"picked": f"{made.setl_id},{made.visit.mdtrt_id}"}
    assert office.sends(f"{case}/propose", **given, **picked, password=PASSWORD).status_code == 303
    shown = head.sees(f"/calls/{d}/{number}")
    assert "OFFICE" in shown
    assert "等另一个人批准" in office.sees(f"/calls/{d}/{number}")
    proposal = re.findall(r'name="number" value="(\w+)"', shown)[0]
    done = head.sends(f"{case}/approve", number=proposal, password=PASSWORD)
    assert done.status_code == 303, done.text
    assert rig.runtime.journal.call(number).state is State.ACCEPTED
    audit = watch.sees("/audit")
    for words in ("person:office", "提出处理办法", "person:head", "另一人批准", "人工决定"):
        assert words in audit
    assert rig.runtime.journal.verify() == []


def test_a_call_is_found_by_any_number_and_opened_for_a_reason(rig: Rig, inside: Callable[..., Someone]) -> None:
    rig.settle(key="B1")
    (call,) = rig.runtime.journal.latest(infno="2102")
    office, d = inside("office"), rig.deployment.name
    for number in (call.msgid, call.setl_id, call.mdtrt_id, "B1"):
        assert f"/calls/{d}/{call.id}" in office.sees(f"/calls?number={number}"), number
    for query, there in (
        ("state=accepted", True), ("state=refused", False), ("infno=2102", True), ("operator=999", False),
        ("since=2026-11-21&until=2026-11-21", True), ("since=2026-11-22", False), ("least=99.99&most=100.01", True),
        ("least=100.01", False),
    ):  # fmt: skip
        assert (f"/calls/{d}/{call.id}" in office.sees(f"/calls?{query}")) == there, query
    person = rig.person()
    assert person.certno not in office.sees(f"/calls/{d}/{call.id}")
    assert office.sends(f"/calls/{d}/{call.id}/open", reason="").status_code == 422
    assert person.certno in office.sends(f"/calls/{d}/{call.id}/open", reason="参保人投诉").text
    (read,) = [event for event in rig.runtime.journal.reports(0.0) if event.kind == "bodies_read"]
    assert (read.principal, read.detail["reason"], read.call_id) == ("person:office", "参保人投诉", call.id)
    made = office.sends("/calls/export", d=d, all="1")
    assert call.msgid in made.text
    assert person.certno not in made.text
    assert person.psn_no not in made.text


def test_the_audit_goes_back_as_far_as_it_goes(rig: Rig, inside: Callable[..., Someone]) -> None:
    """Whoever asks for what is refused, over and over, pushes nothing out of it."""
    till, d = inside("till"), rig.deployment.name
    number = unknown(rig)
    till.sends(f"/cases/{d}/{number}/propose", action="absent", reason="x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liangding.server.console.auditing.MOST", 10)
        for _ in range(30):
            rig.runtime.clock.sleep(1)
            till.asks("/audit")
        watch, seen, path = inside("watch"), list[tuple[str, str]](), "/audit"
        for _ in range(9):
            page = watch.sees(path)
            rows = re.findall(r'data-label="时间">([^<]+)<.*?data-label="详情">([^<]*)<', page)
            assert not set(rows) & set(seen)
            seen += rows
            onward = re.findall(r'href="/console(/audit\?[^"]+)"', page)
            if not onward:
                break
            path = onward[0].replace("&amp;", "&")
        assert "before" in path, "more than a page"
    assert seen == sorted(seen, key=lambda row: row[0], reverse=True)
    told = [detail for _, detail in seen]
    assert (sum("/audit" in each for each in told), sum("/propose" in each for each in told)) == (30, 1)
    rig.runtime.clock.sleep(40 * 86_400)
    persons_of(rig).set_password(persons_of(rig).get("watch"), PASSWORD)
    watch.signs_in()
    assert "/propose" not in watch.sees("/audit")
    assert "/propose" in watch.sees("/audit?since=2020-01-01&until=2030-12-31")
    assert watch.asks("/audit?since=gestern") == 400


def test_an_address_that_is_no_pages_is_told_as_a_page(inside: Callable[..., Someone]) -> None:
    someone = inside("office")
    for path in ("/nothing", "/calls/x/y/z", "/static", "/cases/", f"/calls/x/{2**63}"):
        page = someone.client.get(f"/console{path}")
        assert (page.status_code, page.text.count("没有这"), "</nav>" in page.text) == (404, 1, True), path
    assert someone.asks(f"/calls?before={10**30}") == 200
    assert someone.asks("/calls?number=%00") == 400
    assert someone.sends("/calls/export", d="a\0b").status_code == 403
    someone.client.cookies.delete(COOKIE)
    assert someone.asks("/nothing") == 303, "to sign in"


def test_amounts_are_looked_for_in_the_last_days_and_the_page_says_so(rig: Rig, people: Callable[..., Someone]) -> None:
    """An amount has no index; whoever says since when, or gives a number, has all."""
    someone, amount = people("office"), rig.settle(key="B1").output.setlinfo.medfee_sumamt
    rig.runtime.clock.sleep(100 * 86_400)
    persons_of(rig).set_password(persons_of(rig).get("office"), PASSWORD)
    someone.signs_in()
    first = f"/calls/{rig.deployment.name}/"
    for asked, found, said in (
        ({"least": amount}, False, True), ({"most": amount, "state": "accepted"}, False, True),
        ({"least": amount, "since": "2020-01-01"}, True, False), ({"least": amount, "number": "B1"}, True, False),
        ({"state": "accepted"}, True, False), ({}, True, False), ({"most": amount, "until": "2020-01-31"}, False, True),
    ):  # fmt: skip
        page = someone.sees("/calls?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        assert (first in page, "只找了 90 天的" in page) == (found, said), asked
    assert "从 2019-11-03 起" in page, "before the day that was given"


def test_a_flow_is_answered_and_given_up(rig: Rig, inside: Callable[..., Someone]) -> None:
    till, d = inside("till"), rig.deployment.name
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), use_account=False), key="R1")
    assert view.id in till.sees("/flows")
    page = till.sees(f"/flows/{d}/{view.id}")
    assert view.question is not None
    assert view.question.text in page
    assert till.sends(f"/flows/{d}/{view.id}/answer", question=view.question.id, value="maybe").status_code == 422
    done = till.sends(f"/flows/{d}/{view.id}/answer", question=view.question.id, value="yes")
    assert done.status_code == 303
    while (now := rig.flows.get(view.id)).question is not None:
        till.sends(f"/flows/{d}/{view.id}/answer", question=now.question.id, value=now.question.options[0].value)
    assert now.status == "done"
    assert "费用总额" in till.sees(f"/flows/{d}/{view.id}/slip") or till.sees(f"/flows/{d}/{view.id}/slip")
    other = rig.flows.start("pharmacy_purchase", bill(rig.person("retired"), use_account=False), key="R2")
    assert till.sends(f"/flows/{d}/{other.id}/abandon").status_code == 303
    assert rig.flows.get(other.id).status == "abandoned"
    assert till.sends(f"/flows/{d}/{other.id}/explode").status_code == 404


def test_what_somebody_proposed_who_may_no_more_is_not_approved(rig: Rig, inside: Callable[..., Someone]) -> None:
    d, number = rig.deployment.name, unknown(rig)
    office, head, root = inside("office"), inside("head"), inside("root")
    case, given = f"/cases/{d}/{number}", {"action": "accept", "reason": "平台页面上查到"}

    def proposal() -> str:
        found = proposal_of(rig.runtime.journal, rig.runtime.journal.call(number))
        return "" if found is None else found.number

    office.sends(f"{case}/propose", **given)
    assert office.sends(f"{case}/approve", number=proposal()).status_code == 403
    assert office.sends(f"{case}/return", number=proposal(), reason="看错了").status_code == 303, "the own one"
    assert proposal() == ""
    for act, changed in (("roles", {"role:*:cashier": "on"}), ("end", {})):
        office.sends(f"{case}/propose", **given)
        waiting = proposal()
        assert root.sends(f"/persons/office/{act}", "/persons", **changed).status_code == 303
        assert proposal() == "", "returned at once, for every door"
        assert head.sends(f"{case}/approve", number=waiting).status_code == 409
        root.sends("/persons/office/begin", "/persons")
        root.sends("/persons/office/roles", "/persons", **{"role:*:office": "on"})
        confirms(head, "office")
        office.signs_in()
    with asked_by("person:gone"):
        propose(
            rig.runtime.resolver, rig.runtime.journal.call(number),
            Decision(action=Action.ACCEPT, person="走了的人", reason="x"),
        )  # fmt: skip
    refused = head.sends(f"{case}/approve", number=proposal())
    assert (refused.status_code, "已停用" in refused.text, proposal()) == (409, True, "")
    assert rig.runtime.journal.call(number).state is State.UNKNOWN


def test_accounts_are_made_and_told_once(rig: Rig, inside: Callable[..., Someone]) -> None:
    root = inside("root")
    given = {"name": "new", "display": "新人", "operator": rig.deployment.operators[0].code, "role:*:office": "on"}
    made = root.sends("/persons", "/persons", **given)
    password = re.findall(r'id="made-password">([^<]+)<', made.text)[0]
    assert password not in root.sees("/persons")
    assert root.sends("/persons", "/persons", **given).status_code == 409
    assert (
        root.sends("/persons", "/persons", name="x", **{"role:*:admin": "on", "role:*:office": "on"}).status_code == 422
    )
    assert root.sends("/persons", "/persons", name="y").status_code == 422
    for wrong in (
        {"role:elsewhere:office": "on"}, {"role::office": "on"}, {"role:*:root": "on"}, {"operator": "nobody"},
        {"display": "a\u202eb"}, {"display": "x" * 61}, {"name": "a b"},
    ):  # fmt: skip
        made = root.sends("/persons", "/persons", **{"name": "z", "role:*:office": "on", **wrong})
        assert made.status_code == 422, wrong
    more = {"id": "1", "active": "", "fresh": "", "password": PASSWORD, "scope": '{"*":["admin"]}', "counter": "0"}
    assert root.sends("/persons", "/persons", name="z", **{"role:*:office": "on"}, **more).status_code == 200
    z = persons_of(rig).get("z")
    assert (z.fresh, z.active, z.scope) == (True, True, {}), "a form gives what it asks for"
    assert {each.name: held.scope for each, held in persons_of(rig).waiting()} == {
        name: {"*": (PersonRole.OFFICE,)} for name in ("new", "z")
    }
    twin = root.sends("/persons", "/persons", name="twin", display=" Z ", **{"role:*:office": "on"})
    assert twin.status_code == 409, "two whom nobody can tell apart"
    code = rig.deployment.operators[0].code
    assert root.sends("/persons/z/operator", "/persons", operator=code).status_code == 303
    assert persons_of(rig).get("z").operator == code
    assert root.sends("/persons/new/roles", "/persons", **{"role:*:approver": "on"}).status_code == 303
    assert persons_of(rig).waiting()[0][1].scope == {"*": (PersonRole.APPROVER,)}
    told = [event.detail for event in rig.runtime.journal.reports(0.0) if event.kind == "persons_changed"]
    assert [each["what"].partition("为")[0] for each in told] == ["改角色", "改经办人编号", "新建", "新建"]
    assert password not in str(told)


def confirms(someone: Someone, name: str, act: str = "confirm", **form: str) -> int:
    """Somebody confirms the roles that an account waits for; how that was answered."""
    waiting = {person.name: held.number for person, held in persons_of(someone.rig).waiting()}
    return someone.sends(
        f"/waiting/{name}/{act}", password=someone.password, **{"number": waiting.get(name, ""), **form}
    ).status_code


GUARDED = ("office", "approver", "auditor", "admin")


@pytest.mark.parametrize("way", ["made", "widened", "reset"])
def test_who_gives_rights_is_not_both_persons_of_a_decision(way: str, rig: Rig, inside: Callable[..., Someone]) -> None:
    """Whichever role that decides or has a say in it, however an account comes by it: it waits for another person than
    who gave it, and than whose it is."""
    root, watch = inside("root"), inside("watch")
    known = persons_of(rig)
    for role in GUARDED:
        name, given = f"of-{role}", {f"role:*:{role}": "on"}
        if way == "made":
            made = root.sends("/persons", "/persons", name=name, password=PASSWORD, **given)
        elif way == "widened":
            known.add(name, name, {EVERYWHERE: (PersonRole.CASHIER,)})
            made = root.sends(f"/persons/{name}/roles", "/persons", password=PASSWORD, **given)
        else:
            known.add(name, name, {EVERYWHERE: (PersonRole(role),)})
            made = root.sends(f"/persons/{name}/reset", "/persons", password=PASSWORD)
        assert made.status_code in (200, 303)
        assert known.get(name).scope == {}, role
        assert "等另一个人确认" in root.sees("/persons")
        assert confirms(root, name) == 409, "by who gave it"
        assert confirms(watch, name, number="0" * 16) == 409, "what is not there any more"
        assert known.get(name).scope == {}
        assert "1 个账户的角色等另一个人确认" in watch.sees("/")
        assert confirms(watch, name) == 303
        assert known.get(name).scope == {EVERYWHERE: (PersonRole(role),)}
        assert known.waiting() == []
    told = [event for event in rig.runtime.journal.reports(0.0) if event.detail.get("what") == "确认角色"]
    assert {event.principal for event in told} == {"person:watch"}
    assert {event.detail["roles"] for event in told} == {f"全部：{PersonRole(role).chinese}" for role in GUARDED}


def test_roles_that_wait_do_nothing_and_are_returned_or_taken_back(rig: Rig, inside: Callable[..., Someone]) -> None:
    """The account itself, a second one of its maker, and another administrator who gave them before confirm nothing; a
    reset takes away what was proposed; what is narrowed is so at once."""
    d, number = rig.deployment.name, unknown(rig)
    root, office, head, till = inside("root"), inside("office"), inside("head"), inside("till")
    known = persons_of(rig)
    for made in ("two", "other"):
        known.add(made, made, {EVERYWHERE: (PersonRole.ADMIN,)})
    office.sends(f"/cases/{d}/{number}/propose", action="accept", reason="平台页面上查到")
    held = proposal_of(rig.runtime.journal, rig.runtime.journal.call(number))
    assert held is not None
    page = root.sends("/persons/head/reset", "/persons")
    head.password = re.findall(r'id="made-password">([^<]+)<', page.text)[0]
    head.secret = base64.b32decode(re.findall(r'id="made-secret">([^<]+)<', page.text)[0].replace(" ", ""))
    assert head.signs_in().headers["location"] == "/console/password"
    head.sends("/password", "/password", password=head.password, new=PASSWORD, again=PASSWORD)
    head.password = PASSWORD
    head.signs_in()
    assert "您的角色（审批人）等另一个人" in head.sees("/")
    assert head.sends(f"/cases/{d}/{number}/approve", number=held.number).status_code == 403
    assert head.asks("/waiting") == 403
    assert rig.runtime.journal.call(number).state is State.UNKNOWN
    known.give("head", {EVERYWHERE: (PersonRole.APPROVER,)}, by="person:two")
    assert confirms(root, "head") == 409, "who reset it knew its password"
    watch = inside("watch")
    assert confirms(watch, "head", "return") == 422, "why?"
    assert confirms(watch, "head", "return", reason="本人不在这里了") == 303
    assert (known.get("head").scope, known.waiting()) == ({}, [])
    root.sends("/persons/office/reset", "/persons")
    assert proposal_of(rig.runtime.journal, rig.runtime.journal.call(number)) is None, "returned at once"
    root.sends("/persons/till/roles", "/persons", **{f"role:{d}:cashier": "on", "role:*:office": "on"})
    assert known.get("till").scope == {d: (PersonRole.CASHIER,)}, "what decides nothing is there at once"
    till.signs_in()
    assert till.asks("/calls") == 200
    root.sends("/persons/till/roles", "/persons", **{"role:*:cashier": "on"})
    assert "till" not in {person.name for person, _ in known.waiting()}, "taken back by giving less"
    known.give("two", {EVERYWHERE: (PersonRole.OFFICE, PersonRole.APPROVER)})
    root.sends("/persons/two/roles", "/persons", **{f"role:{d}:office": "on"})
    assert known.get("two").scope == {d: (PersonRole.OFFICE,)}, "less than before waits for nobody"
    root.sends("/persons/two/roles", "/persons", **{f"role:{d}:office": "on", "role:*:office": "on"})
    assert known.get("two").scope == {d: (PersonRole.OFFICE,)}, "what there was stays meanwhile"


def test_what_waits_is_the_same_for_every_process(journal_url: str) -> None:
    """Two processes on one journal, and the one after a restart: what the first gives the second confirms, once."""
    secret, settings = new_secret(), ConsoleSettings()
    journals = [Journal(journal_url, Vault(secret)) for _ in range(2)]
    one, two = (Persons(journal.of("P44190000001"), settings, time.time) for journal in journals)
    one.add("new", "新人", {EVERYWHERE: (PersonRole.OFFICE,)}, by="person:root")
    assert two.get("new").scope == {}
    ((person, held),) = two.waiting()
    assert (person.name, held.given_by, held.what) == ("new", ("person:root",), "新建")
    with pytest.raises(NotToConfirm):
        two.confirm("new", held.number, by="person:new")
    assert two.confirm("new", held.number, by="person:watch") == one.get("new").scope
    for again in (one, two):
        with pytest.raises(NotToConfirm):
            again.confirm("new", held.number, by="person:head")
    others = Persons(journals[0].of("P99000000002"), settings, time.time)
    others.add("new", "别家", {EVERYWHERE: (PersonRole.OFFICE,)}, by="person:root")
    assert (one.waiting(), [each.name for each, _ in others.waiting()]) == ([], ["new"]), "another institution's"
    for journal in journals:
        journal.close()


def test_a_person_is_looked_up_and_the_machine_examined(rig: Rig, inside: Callable[..., Someone]) -> None:
    rig.settle(key="B1")
    d, person = rig.deployment.name, rig.person()
    till, office = inside("till"), inside("office")
    seen = till.sends(f"/person/{d}", "/person", type="02", number=person.certno).text
    assert person.name in seen
    assert "1 笔" in seen, "its settlement"
    assert till.sends(f"/person/{d}", "/person", type="02").status_code == 422
    assert "还没有下载目录" in till.sees("/catalogue?text=阿莫西林")
    asked = office.sees("/acceptance")
    assert "DG-001" in asked
    assert f"/console/calls/{d}/" in asked, "its evidence is a call"
    assert "流水完好" in office.sends(f"/running/{d}/verify", "/running").text
    assert "磁盘" in office.sends(f"/running/{d}/examine", "/running").text


def test_what_is_off_is_not_there(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as plain:
        client = TestClient(api({plain.deployment.name: plain.runtime}), base_url=HERE)
        assert client.get("/console/sign-in").status_code == 404


def test_the_command_makes_the_first_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with simulated_rig_for(tmp_path, more="[console]\n") as rig:

        def does(*arguments: str) -> tuple[int, str]:
            code = run(["persons", *arguments, "--config", str(rig.config)])
            return code, capsys.readouterr().out

        code, told = does("add", "root", "--role", "admin")
        password = re.findall(r"第一次的密码\s+(\S+)", told)[0]
        assert (code, "otpauth://totp/" in told) == (0, True)
        assert does("add", "root", "--role", "office")[0] == 1
        assert does("add", "x", "--role", "admin", "--role", "office")[0] == 1
        assert "管理员" in does("list")[1]
        assert password not in does("reset", "root")[1]
        assert persons_of(rig).waiting() == [], "what is done on the machine waits for nobody"
        persons_of(rig).add("one", "一人", {EVERYWHERE: (PersonRole.OFFICE,)}, by="person:root")
        assert "等确认" in does("list")[1]
        assert [does("confirm", "one")[0] for _ in range(2)] == [0, 1]
        assert persons_of(rig).get("one").scope == {EVERYWHERE: (PersonRole.OFFICE,)}
        assert "在命令行确认角色" in str([event.detail for event in rig.runtime.journal.reports(0.0)])
        assert [does("end", name)[0] for name in ("root", "nobody")] == [0, 1]
        assert persons_of(rig).get("root").active is False


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, in six digits."""
    secret = b"12345678901234567890"
    for moment, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert passwords.code_at(secret, moment) == code
        assert passwords.counter_of(secret, f"{code[:3]} {code[3:]}", moment + 29) is not None
        assert passwords.counter_of(secret, code, moment + 120) is None
    assert passwords.counter_of(secret, "数字", 59) is None
