"""The frame of every page: who asks, from which page, what may be done, and how it is shown.

A page is given to a session alone, and a form is taken from a page of the same session on the same host alone. What a
person may not do is refused here and by the functions below, not only left out of the page.
"""

from __future__ import annotations

import contextlib
import email
import functools
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ...config.console import ConsoleSettings
from ...errors import LiangdingError
from ...journal.asking import asked_by
from ...privacy import logger, masked_text
from ...runtime import Runtime
from ..frame import LARGEST
from ..rooms import LOOKS, Room
from .persons import Account, NoSuchPerson, Persons, SignInRefused
from .rights import Right
from .sessions import COOKIE, Sessions, SignedIn, is_form

log = logger("console")

ROOT = "/console"
HOME = f"{ROOT}/"
SIGN_IN = f"{ROOT}/sign-in"
PASSWORD = f"{ROOT}/password"

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""What every answer says: nothing from elsewhere, nothing kept, nothing framed."""

FORM_LIMIT, FILE_LIMIT = 64 * 1024, 2 * 1024 * 1024
"""Bytes of a form at most, and of one with a file."""

FIELDS = 3000
"""Fields of a form at most: a settlement list has hundreds."""

Page = Callable[["PageVisit"], Response]
"""What makes an answer, in a thread of its own."""


Endpoint = Callable[[Request], Awaitable[Response]]


class NotAllowedForPerson(LiangdingError):
    """The person has no role that may do this here."""

    code = "forbidden"
    http_status = 403
    remedy = "要这个权限的，请管理员在“用户”中给角色"


class ForeignForm(LiangdingError):
    """A form that did not come from a page of this session."""

    code = "foreign_form"
    http_status = 403
    remedy = "回到控制台的页面重新办"


class WrongFile(LiangdingError):
    """A file of a form that is not of a kind that is taken there."""

    code = "wrong_file"
    http_status = 422


class NoSuchPage(LiangdingError):
    """An address of the console that is no page's."""

    code = "no_such_page"
    http_status = 404
    remedy = "从上方的菜单打开"


class PasswordNeeded(LiangdingError):
    """The password was not given again, or is wrong."""

    code = "not_confirmed"
    http_status = 403
    remedy = "在表单里再输入一次自己的密码"


class Site:
    """The console of one server: its deployments by name, and the persons of the first one's journal."""

    def __init__(self, runtimes: Mapping[str, Runtime]) -> None:
        self.runtimes = dict(runtimes)
        self.home = next(iter(self.runtimes.values()))
        settings = self.home.deployment.console
        assert settings is not None
        self.settings: ConsoleSettings = settings
        self.persons = Persons(self.home.journal, settings, self.home.clock.epoch)
        self.sessions = Sessions(self.persons, settings, self.home.clock.epoch)
        self.room, self.door = Room(LOOKS), Room(LOOKS)  # a flood at the door leaves the pages their seats

    def seen_by(self, person: Account, right: Right) -> dict[str, Runtime]:
        """The deployments at which a person may do that."""
        return {name: runtime for name, runtime in self.runtimes.items() if person.may(right, name)}

    def rights_of(self, person: Account) -> frozenset[Right]:
        """What a person may do at any deployment of this server."""
        return frozenset(right for right in Right if any(person.may(right, name) for name in self.runtimes))

    def still_may(self, principal: str, right: Right, deployment: str) -> bool:
        """Whether a person by whom something was done may do it by now, too. Others, a key of the API for example, are
        not ours to judge."""
        kind, _, name = principal.partition(":")
        if kind != "person":
            return True
        try:
            person = self.persons.get(name)
        except NoSuchPerson:
            return False
        return person.active and person.may(right, deployment)

    def report(self, kind: str, detail: dict[str, Any]) -> None:
        self.home.journal.report(kind, detail)

    def page(self, page: Page, right: Right | None = None, *, confirmed: bool = False) -> Endpoint:
        """An endpoint for who is signed in and has the right at the deployment that the path names (``d``), or
        anywhere where it names none. ``confirmed``: the password has been given lately, or comes with the form."""

        def work(request: Request, session: SignedIn, form: dict[str, str]) -> Response:
            visit = PageVisit(self, request, session, form)
            with asked_by(session.person.principal):
                try:
                    if isinstance(number := request.path_params.get("id"), int) and number > LARGEST:
                        raise NoSuchPage("没有这么大的编号")
                    visit.hold_to(right)
                    if confirmed:
                        visit.confirm()
                    return page(visit)
                except LiangdingError as refused:
                    return visit.refuse(refused)

        async def endpoint(request: Request) -> Response:
            try:
                form = await form_of(request)
                token = request.cookies.get(COOKIE, "")
                polled = "hx-request" in request.headers  # a page that looks by itself keeps nobody signed in
                session = await self.room.run(lambda: self.sessions.of(token, touches=not polled)) if token else None
                if session is None:
                    return _secured(_to_sign_in(request))
                if request.method == "POST" and not is_form(session, form.pop("form", "")):
                    raise ForeignForm("这个表单不是这次登录的页面里的")
                if any("\0" in value for value in form.values()):  # no database keeps one
                    raise ForeignForm("表单里有空字符")
                if session.person.fresh and request.url.path not in (PASSWORD, f"{ROOT}/sign-out"):
                    return _secured(RedirectResponse(PASSWORD, 303))
                return _secured(await self.room.run(work, request, session, form))
            except LiangdingError as refused:
                return _secured(_told(refused))
            except Exception:
                log.exception("%s %s failed", request.method, request.url.path)
                return _secured(_told(LiangdingError("内部错误，详见日志")))

        return endpoint

    def open_page(self, page: Callable[[Request, dict[str, str]], Response]) -> Endpoint:
        """An endpoint for anybody: signing in."""

        async def endpoint(request: Request) -> Response:
            try:
                form = await form_of(request)
                return _secured(await self.door.run(page, request, form))
            except LiangdingError as refused:
                return _secured(_told(refused))
            except Exception:
                log.exception("%s %s failed", request.method, request.url.path)
                return _secured(_told(LiangdingError("内部错误，详见日志")))

        return endpoint


class PageVisit:
    """One request of somebody who is signed in."""

    def __init__(self, site: Site, request: Request, session: SignedIn, form: dict[str, str]) -> None:
        self.site, self.request, self.session, self.form = site, request, session, form
        self.person = session.person

    @property
    def deployment(self) -> str:
        """The deployment that the path names; empty where it names none."""
        return str(self.request.path_params.get("d", ""))

    @property
    def runtime(self) -> Runtime:
        """The deployment that the path names."""
        return self.site.runtimes[self.deployment]

    def hold_to(self, right: Right | None) -> None:
        """NotAllowedForPerson where the person may not do that here."""
        if right is None:
            return
        there = self.deployment in self.site.runtimes if self.deployment else True
        rights = self.site.rights_of(self.person)
        may = self.person.may(right, self.deployment) if self.deployment else right in rights
        if not (there and may):
            asked = self.request.url.path
            self.site.report("denied", {"client": self.person.name, "asked": asked, "role": right.value})
            raise NotAllowedForPerson("您的角色不能办这件事")

    def confirm(self) -> None:
        """PasswordNeeded where the password was not given lately and does not come with the form."""
        given = self.form.pop("password", "")
        if self.site.sessions.is_confirmed(self.session):
            return
        if not (given and self.knows(given)):
            raise PasswordNeeded("请再输入一次密码" if not given else "密码不正确")
        self.site.sessions.confirm(self.session)

    def knows(self, password: str) -> bool:
        """Whether the person gave the own password again; wrong ones are written down. SignInRefused where there were
        too many: the session has ended."""
        told = {"name": self.person.name, "what": "再次输入密码"}
        try:
            known = self.site.persons.knows(self.person, password, self.session.digest)
        except SignInRefused:
            self.site.sessions.end(self.session.digest, self.person)
            self.site.report("sign_in_locked", told)
            raise
        if not known:
            self.site.report("sign_in_failed", told)
        return known

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page, with what every page shows."""
        asked = self.request.url.path
        back = own_path(_split(self.request.headers.get("referer", "")).path)
        common = {
            "person": self.person, "form_mark": self.session.form, "asked": asked, "back": back,
            "rights": self.site.rights_of(self.person), "confirmed": self.site.sessions.is_confirmed(self.session),
        }  # fmt: skip
        return HTMLResponse(_templates().get_template(template).render(**common, **values), status_code=status)

    def refuse(self, refused: LiangdingError) -> Response:
        """What could not be done, why, and what to do."""
        return self.render("refused.html", status=refused.http_status, error=refused)

    def go(self, path: str, **query: str) -> Response:
        """On to another page, so that going back or reloading sends nothing again."""
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


@functools.cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    made.globals |= {"root": ROOT, "Right": Right}
    made.filters["masked"] = masked_text
    return made


def rendered(template: str, *, status: int = 200, **values: Any) -> Response:
    """A page for somebody who is not signed in."""
    common: dict[str, Any] = {
        "person": None,
        "rights": frozenset(),
        "asked": "",
        "back": HOME,
        "form_mark": "",
        "confirmed": False,
    }
    return HTMLResponse(_templates().get_template(template).render(**common, **values), status_code=status)


def _told(refused: LiangdingError) -> Response:
    return rendered("refused.html", status=refused.http_status, error=refused)


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401)
    after = request.url.path if request.method == "GET" else HOME
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': after})}", 303)


def _secured(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def attachment(content: bytes, name: str, kind: str) -> Response:
    """A file to be kept, under a name that may be Chinese."""
    return Response(
        content,
        media_type=kind,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


@contextlib.contextmanager
def on_disk(name: str, content: bytes, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """A file of a form as one on the disk, as long as it is looked at. WrongFile where it is of another kind."""
    suffix = Path(name).suffix.lower()
    if suffix not in suffixes:
        raise WrongFile(f"文件应为 {'、'.join(each.removeprefix('.') for each in suffixes)}", path="file")
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder) / f"given{suffix}"
        at.write_bytes(content)
        yield at


def own_path(given: str) -> str:
    """A path of the console's own, to go on to; home for anything else."""
    return given if given.startswith(HOME) and "//" not in given and "\\" not in given else HOME


def _split(given: str) -> SplitResult:
    """The parts of an address that somebody sent; of one that is none, nothing."""
    try:
        return urlsplit(given)
    except ValueError:
        return urlsplit("")


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, of a page of the same host; its files are in the request's state. ForeignForm else."""
    request.state.files = {}
    if request.method != "POST":
        return {}
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    near = _split(origin).netloc == host if origin else request.headers.get("sec-fetch-site") == "same-origin"
    if not near or not host:
        raise ForeignForm("请求不是从这个控制台的页面发出的")
    kind = request.headers.get("content-type", "")
    parted = kind.startswith("multipart/form-data")
    held = b""
    async for piece in request.stream():
        held += piece
        if len(held) > (FILE_LIMIT if parted else FORM_LIMIT):
            raise ForeignForm("表单过长")
    try:
        if parted:
            fields, request.state.files = _parts_of(kind, held)
        else:
            fields = parse_qsl(held.decode(), keep_blank_values=True, strict_parsing=bool(held), max_num_fields=FIELDS)
    except ValueError:
        raise ForeignForm("表单读不懂") from None
    return {name: value.strip() if name != "password" else value for name, value in fields}


def _parts_of(kind: str, held: bytes) -> tuple[list[tuple[str, str]], dict[str, tuple[str, bytes]]]:
    """The fields and the files of a form in parts. ValueError where it is none."""
    whole = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + held, policy=HTTP)
    fields: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    for part in whole.iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes) or len(fields) + len(files) >= FIELDS:
            raise ValueError("no form in parts")
        if part.get_filename() is None:
            fields.append((name, content.decode()))
        else:
            files[name] = str(part.get_filename()), content
    return fields, files
