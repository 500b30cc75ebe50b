"""The console in a real Chromium: three persons, one case, and the pages as they look."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from liangding.config import load_deployment
from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.server.console import passwords
from liangding.server.console.persons import Persons
from liangding.server.console.rights import EVERYWHERE, PersonRole
from liangding.simulator.faults import Fault
from support import Rig, bill, rig_for
from test_cli import listening

CHROMIUM = "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "correct horse battery"
PEOPLE = {
    "office": PersonRole.OFFICE, "head": PersonRole.APPROVER, "watch": PersonRole.AUDITOR, "root": PersonRole.ADMIN,
}  # fmt: skip
DISPLAYED = {"office": "医保办甲", "head": "主任乙"}
PAGES = {
    "office": ("/", "/calls", "/cases", "/flows", "/running", "/me", "/password"), "watch": ("/audit",),
    "root": ("/persons",),
}  # fmt: skip
Served = tuple[Rig, str, dict[str, bytes]]

SHOTS = os.environ.get("LIANGDING_SHOTS", "")
"""A folder for pictures of every page, to be looked at."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium here: make browser installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with four persons, a settlement, one whose outcome nobody knows, and a flow that asks."""
    more = "[console]\n[resolution]\nbelieve_seconds = 80\n"
    with rig_for(tmp_path_factory.mktemp("console"), more=more) as rig:
        settings = load_deployment(rig.config).console
        assert settings is not None
        known, secrets = Persons(rig.runtime.journal, settings, time.time), {}
        for name, role in PEOPLE.items():
            _, secrets[name] = known.add(
                name, {"office": "医保办甲", "head": "主任乙"}.get(name, name), {EVERYWHERE: (role,)}
            )
            known.set_password(known.get(name), PASSWORD)
        rig.settle(key="B0")
        rig.flows.start("pharmacy_purchase", bill(rig.person("retired"), use_account=False), key="R1")
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="B1")
        with listening("serve", "--config", rig.config, "--port", "0") as said:
            yield rig, re.findall(r"http://127\.0\.0\.1:\d+", said)[0], secrets


def entered(browser: Browser, served: Served, name: str, **settings: object) -> Page:
    """A window of one person's own, signed in by keyboard; nothing may be said on its console."""
    _, url, secrets = served
    context: BrowserContext = browser.new_context(locale="zh-CN", **settings)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.said = said  # type: ignore[attr-defined]
    for _ in range(3):
        page.goto(f"{url}/console/")
        page.get_by_label("用户名").focus()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Tab")
        page.keyboard.type(passwords.code_at(secrets[name], time.time()))
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        if page.get_by_role("navigation").count():
            break
        page.wait_for_timeout(1000)  # the code was taken a moment ago: the next one comes within half a minute
        page.wait_for_function(f"Date.now() / 1000 % 30 < 2 || Date.now() / 1000 > {time.time() + 29}", timeout=60_000)
    assert page.get_by_role("navigation").count() == 1
    said.clear()
    return page


def test_two_persons_end_a_case(browser: Browser, served: Served) -> None:
    rig, url, _ = served
    (call,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
    rig.door.faults.clear()
    office, head = entered(browser, served, "office"), entered(browser, served, "head")
    office.get_by_role("link", name="待处理").click()
    office.get_by_role("link", name=f"test {call.id}").click()
    office.get_by_label(re.compile("认定已办成")).first.check()
    office.get_by_label("理由", exact=True).fill("平台页面上查到")
    office.get_by_role("button", name="提出").click()
    office.get_by_text("等另一个人批准").wait_for()
    head.goto(f"{url}/console/cases")
    assert head.get_by_text("医保办甲").count()
    head.get_by_role("link", name=f"test {call.id}").click()
    head.get_by_role("button", name="批准，随即照办").click()
    head.get_by_text("已受理").first.wait_for()
    assert rig.runtime.journal.call(call.id).state is State.ACCEPTED
    watch = entered(browser, served, "watch")
    watch.get_by_role("link", name="审计").click()
    row = watch.get_by_role("row").filter(has_text="另一人批准")
    assert "person:head" in row.inner_text()
    for page in (office, head, watch):
        assert page.said == []  # type: ignore[attr-defined]
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_and_can_be_read(browser: Browser, served: Served, theme: str) -> None:
    """Labels, one heading, contrast, no page wider than a small screen; pictures where they are wanted."""
    _, url, _ = served
    for name, paths in PAGES.items():
        page = entered(browser, served, name, color_scheme=theme, viewport={"width": 1280, "height": 800})
        for path in paths:
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(f"{url}/console{path}")
                assert page.locator("h1").count() == 1, path
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
                assert page.evaluate(UNLABELLED) == [], path
                assert page.evaluate(FAINT) == [], (path, theme)
                if SHOTS:
                    shot = f"{name}{path.replace('/', '-')}-{theme}-{width}.png"
                    page.screenshot(path=f"{SHOTS}/{shot}", full_page=True)
        assert page.said == []  # type: ignore[attr-defined]
        page.context.close()


UNLABELLED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, button')]
    .filter(each => !each.labels?.length && !each.textContent.trim() && !each.ariaLabel).map(each => each.outerHTML)"""

FAINT = """() => {
    const parts = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const ground = each => { for (let at = each; at; at = at.parentElement) {
        const found = parts(getComputedStyle(at).backgroundColor);
        if (found.length < 4 || found[3] > 0) return found; } return [255, 255, 255]; };
    return [...document.querySelectorAll('main *, header *')]
        .filter(each => [...each.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && each.offsetParent)
        .filter(each => { const [a, b] = [light(parts(getComputedStyle(each).color)), light(ground(each))];
            return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5; })
        .map(each => each.outerHTML.slice(0, 120)); }"""
"""Texts whose contrast is below 4.5 to 1."""
