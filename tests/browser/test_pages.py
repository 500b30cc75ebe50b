"""A page of another origin in a real Chromium, on the till's own machine: it makes no call and reads nothing."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page

from chromium import browser
from liangding.journal.states import State
from support import Rig, purchase, rig_for
from test_cli import listening
from test_server import own_key

__all__ = ["browser"]


class Foreign(BaseHTTPRequestHandler):
    """A page of somebody else's, which its own programs may do everything with."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>x</title><link rel=icon href=data:,><iframe name=frame></iframe>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, str]]:
    with (
        rig_for(tmp_path_factory.mktemp("pages")) as rig,
        listening("serve", "--config", rig.config, "--port", "0") as said,
    ):
        yield rig, re.findall(r"http://127\.0\.0\.1:\d+", said)[0]


@pytest.fixture
def page(browser: Browser, foreign: str) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(foreign)
    yield opened
    context.close()


FETCH = """async ([url, options]) => {
    try { const answer = await fetch(url, options); return [answer.type, answer.status, await answer.text()]; }
    catch (failed) { return ["failed", 0, ""]; }
}"""


def reads(page: Page, url: str, **options: object) -> str:
    """What the page's program gets to read."""
    return str(page.evaluate(FETCH, [url, options])[2])


def test_a_foreign_page_makes_no_call(page: Page, served: tuple[Rig, str]) -> None:
    """With every head that a page may send: without the key, with it as a header, with it as a cookie."""
    rig, url = served
    key = own_key(rig.config)["authorization"]
    page.context.add_cookies([{"name": "api-key", "value": key.removeprefix("Bearer "), "url": url}])
    body = json.dumps({"input": purchase(rig.person()), "insuplc_admdvs": "441900"})
    to = f"{url}/v1/transactions/2102"
    for headers in (
        {}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json"}, {"content-type": "application/json", "authorization": key},
        {"content-type": "text/plain", "authorization": key, "idempotency-key": "R1"},
    ):  # fmt: skip
        for mode in ("cors", "no-cors"):
            simple = mode == "cors" or headers.get("content-type") != "application/json"
            if not simple or (mode == "no-cors" and "authorization" in headers):
                continue
            heard = reads(page, to, method="POST", body=body, headers=headers, mode=mode, credentials="include")
            assert heard == ""
    page.evaluate(
        """([to, body]) => { const form = document.createElement('form'); form.method = 'POST'; form.action = to;
            form.enctype = 'text/plain'; form.target = 'frame';
            form.innerHTML = '<textarea name=x></textarea>'; form.firstChild.name = body;
            document.body.append(form); form.submit(); }""",
        [to, body],
    )
    frame = page.frame(name="frame")
    assert frame is not None
    frame.wait_for_load_state()
    assert rig.sent("2102") == 0
    assert rig.runtime.journal.latest(states=list(State), infno="2102") == []
    assert httpx.get(f"{url}/v1/journal", headers=own_key(rig.config), trust_env=False).json() == []


def test_a_foreign_page_reads_nothing(page: Page, served: tuple[Rig, str]) -> None:
    rig, url = served
    key = own_key(rig.config)["authorization"]
    for path in ("/v1/health", "/openapi.json", "/v1/journal", "/v1/openapi.json"):
        assert reads(page, f"{url}{path}") == ""
        assert reads(page, f"{url}{path}", headers={"authorization": key}) == ""
        assert reads(page, f"{url}{path}", mode="no-cors", credentials="include") == ""


def test_a_name_that_was_made_to_point_here_reads_nothing(browser: Browser, served: tuple[Rig, str]) -> None:
    """The page's own name leads to this machine: for the browser it is one origin, and the key may be known."""
    rig, url = served
    named = url.replace("127.0.0.1", "evil.example")
    page = browser.new_page()
    for path in ("/v1/health", "/v1/journal", "/openapi.json"):
        answer = page.goto(f"{named}{path}")
        assert answer is not None
        assert (answer.status, answer.json()["error"]["code"]) == (403, "forbidden_host")
        assert reads(page, f"{named}/v1/journal", headers=own_key(rig.config)) == ""
    page.close()


def test_who_types_the_address_gets_an_answer(browser: Browser, served: tuple[Rig, str]) -> None:
    page = browser.new_page()
    answer = page.goto(f"{served[1]}/v1/health")
    assert answer is not None
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    page.close()
