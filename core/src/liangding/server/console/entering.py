"""Signing in and out, the own password, the own sessions."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...errors import LiangdingError
from ...journal.asking import asked_by
from .frame import HOME, PASSWORD, SIGN_IN, PageVisit, PasswordNeeded, Site, own_path, rendered
from .passwords import WeakPassword
from .persons import SignInRefused
from .sessions import COOKIE


class SignInDoor:
    """The doors of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        page = self._site.page
        return [
            Route("/sign-in", self._site.open_page(self.sign_in), methods=["GET", "POST"]),
            Route("/sign-out", page(self.sign_out), methods=["POST"]),
            Route("/password", page(self.password), methods=["GET", "POST"]),
            Route("/me", page(self.me), methods=["GET"]),
            Route("/me/end", page(self.end), methods=["POST"]),
        ]

    def sign_in(self, request: Request, form: dict[str, str]) -> Response:
        """Whoever knows name, password and code gets a session of their own, and a new cookie each time."""
        after = own_path(form.get("next") or request.query_params.get("next", HOME))
        if request.method == "GET":
            return rendered("sign_in.html", error=None, after=after, name="")
        name = form.get("name", "")
        address = request.client.host if request.client else ""
        with asked_by(f"person:{name}"):
            try:
                person = self._site.persons.signed_in(name, form.get("password", ""), form.get("code", ""))
            except SignInRefused as refused:
                self._site.report("sign_in_failed", {"name": name[:60], "address": address})
                self._note_lock(name)
                return rendered("sign_in.html", status=401, error=refused, after=after, name=name)
            self._site.report("signed_in", {"name": person.name, "address": address})
        token = self._site.sessions.begin(person, address, request.headers.get("user-agent", ""))
        answer = RedirectResponse(PASSWORD if person.fresh else after, 303)
        answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="strict", path="/")
        return answer

    def _note_lock(self, name: str) -> None:
        """Write down that an account has just been locked."""
        try:
            person = self._site.persons.get(name)
        except LiangdingError:
            return
        left = person.locked_until - self._site.home.clock.epoch()
        if left > self._site.settings.locked_minutes * 60 - 5:
            self._site.report("sign_in_locked", {"name": name})

    def sign_out(self, visit: PageVisit) -> Response:
        self._site.sessions.end(visit.session.digest, visit.person)
        self._site.report("signed_out", {"name": visit.person.name})
        answer = visit.go(SIGN_IN)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
        return answer

    def password(self, visit: PageVisit) -> Response:
        """A new password; every session ends, and one signs in with it."""
        if visit.request.method == "GET":
            return visit.render("password.html", error=None)
        try:
            if not self._site.persons.knows(visit.person, visit.form.get("password", "")):
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
        return visit.render("me.html", sessions=self._site.sessions.of_person(visit.person), mine=visit.session.digest)

    def end(self, visit: PageVisit) -> Response:
        self._site.sessions.end(visit.form.get("digest", ""), visit.person)
        self._site.report("signed_out", {"name": visit.person.name, "what": "结束了自己的一个会话"})
        return visit.go("/console/me")
