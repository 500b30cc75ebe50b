"""Signing in and out, the own password, the own sessions."""

from __future__ import annotations

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...clock import in_china
from ...journal.asking import asked_by
from ..entering import TOLD_AT, Attempts, seconds
from .frame import HOME, PASSWORD, SIGN_IN, Endpoint, PageVisit, PasswordNeeded, Site, own_path, rendered
from .guesses import KNOWN_SECONDS
from .passwords import WeakPassword
from .persons import SignInRefused, is_name
from .sessions import BROWSER, COOKIE

NOBODY = "（没有这个用户）"
"""What is written down for a name that no account has."""

ALL_TOLD = 50
"""So many failed attempts of an address in a row are written down each; then the hundredth, the thousandth."""

SLOWEST = 2.0
"""Seconds that a refusal is held back at most."""

hold_back = anyio.sleep


class SignInDoor:
    """The doors of one site."""

    def __init__(self, site: Site) -> None:
        self._site, self._addresses = site, Attempts()

    def routes(self) -> list[Route]:
        page = self._site.page
        return [
            Route("/sign-in", self._slowed(self._site.open_page(self.sign_in)), methods=["GET", "POST"]),
            Route("/sign-out", page(self.sign_out), methods=["POST"]),
            Route("/password", page(self.password), methods=["GET", "POST"]),
            Route("/me", page(self.me), methods=["GET"]),
            Route("/me/end", page(self.end), methods=["POST"]),
            Route("/me/end-others", page(self.end_others), methods=["POST"]),
        ]

    def _slowed(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint whose refusals come ever more slowly to an address that goes on guessing."""

        async def held_back(request: Request) -> Response:
            answer = await endpoint(request)
            await hold_back(getattr(request.state, "held_back", 0.0))
            return answer

        return held_back

    def sign_in(self, request: Request, form: dict[str, str]) -> Response:
        """Whoever knows name, password and code gets a session of their own, and a new cookie each time; the one that
        the browser had ends."""
        after = own_path(form.get("next") or request.query_params.get("next", HOME))
        if request.method != "POST":
            return rendered("sign_in.html", error=None, after=after, name="")
        address = request.client.host if request.client else ""
        name, browser = form.get("name", ""), request.cookies.get(BROWSER, "")
        try:
            person = self._site.persons.signed_in(name, form.get("password", ""), form.get("code", ""), browser)
            with asked_by(person.principal):
                token = self._site.sessions.begin(person, address, request.headers.get("user-agent", ""))
                self._site.report("signed_in", {"name": person.name, "address": address})
        except SignInRefused as refused:
            request.state.held_back = self._note(name, address, refused)
            return rendered("sign_in.html", status=401, error=refused, after=after, name=name)
        self._addresses.forget(address)
        if (before := request.cookies.get(COOKIE, "")) and before != token:
            self._site.sessions.close(before)
        answer = RedirectResponse(PASSWORD if person.fresh else after, 303)
        answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="strict", path="/")
        known = self._site.persons.guesses.know(browser, person.id)
        answer.set_cookie(
            BROWSER, known, max_age=KNOWN_SECONDS, secure=True, httponly=True, samesite="strict", path="/"
        )
        return answer

    def _note(self, name: str, address: str, refused: SignInRefused) -> float:
        """Write down an attempt that failed, and tell how long its answer is held back. A name that is nobody's is not
        kept: people type their password there. Of an address that goes on and on, some are written down."""
        count = self._addresses.fail(address)
        known = is_name(name) and any(each.name == name for each in self._site.persons.listed())
        told = {"name": name if known else NOBODY, "address": address}
        with asked_by(f"person:{name}" if known else "console"):
            if count <= ALL_TOLD or count in TOLD_AT:
                self._site.report("sign_in_failed", {**told, **({"count": count} if count > 1 else {})})
            if refused.locks:
                self._site.report("sign_in_locked", told)
        over = count - self._site.settings.attempts
        return min(seconds(over), SLOWEST) if over > 0 else 0.0

    def sign_out(self, visit: PageVisit) -> Response:
        self._site.sessions.end(visit.session.digest, visit.person)
        self._site.report("signed_out", {"name": visit.person.name})
        answer = visit.go(SIGN_IN)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
        return answer

    def password(self, visit: PageVisit) -> Response:
        """A new password; every session ends, and one signs in with it."""
        if visit.request.method != "POST":
            return visit.render("password.html", error=None)
        try:
            if not visit.knows(visit.form.get("password", "")):
                raise PasswordNeeded("现在的密码不正确")
            if visit.form.get("new") != visit.form.get("again"):
                raise WeakPassword("两次输入的新密码不一样")
            if visit.form.get("new") == visit.form.get("password"):
                raise WeakPassword("新密码与现在的一样")
            self._site.persons.set_password(visit.person, visit.form.get("new", ""))
        except (PasswordNeeded, WeakPassword) as wrong:
            return visit.render("password.html", status=wrong.http_status, error=wrong)
        self._site.report("persons_changed", {"name": visit.person.name, "what": "改了自己的密码"})
        return visit.go(SIGN_IN)

    def me(self, visit: PageVisit) -> Response:
        held = self._site.sessions.of_person(visit.person)
        found = [(each, _moment(each.began_at), _moment(each.seen_at)) for each in held]
        return visit.render("me.html", sessions=found, mine=visit.session.digest)

    def end(self, visit: PageVisit) -> Response:
        self._site.sessions.end(visit.form.get("digest", ""), visit.person)
        self._site.report("signed_out", {"name": visit.person.name, "what": "结束了自己的一个会话"})
        return visit.go("/console/me")

    def end_others(self, visit: PageVisit) -> Response:
        self._site.sessions.end_others(visit.session)
        self._site.report("signed_out", {"name": visit.person.name, "what": "结束了自己的其他会话"})
        return visit.go("/console/me")


def _moment(epoch: float) -> str:
    return f"{in_china(epoch):%m-%d %H:%M}"
