"""The console in a real Chromium: three persons, one case, and the pages as they look."""

from __future__ import annotations

import os
import re
import time
import zipfile
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from chromium import browser
from liangding.config import load_deployment
from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.server.console import passwords
from liangding.server.console.persons import Persons
from liangding.server.console.rights import EVERYWHERE, PersonRole
from liangding.simulator.faults import Fault
from support import Rig, bill, rig_for
from test_cli import listening
from world.line import until

__all__ = ["browser"]

PASSWORD = "correct horse battery"
PEOPLE = {
    "office": PersonRole.OFFICE, "head": PersonRole.APPROVER, "watch": PersonRole.AUDITOR, "root": PersonRole.ADMIN,
}  # fmt: skip
DISPLAYED = {"office": "医保办甲", "head": "主任乙"}
PAGES = {
    "office": (
        "/", "/calls", "/cases", "/flows", "/settle?d=test&flow=pharmacy_purchase", "/person", "/matching",
        "/catalogue", "/acceptance", "/uploads", "/reconcile", "/running", "/me", "/password",
    ),
    "watch": ("/audit", "/waiting"), "root": ("/persons",),
}  # fmt: skip
Served = tuple[Rig, str, dict[str, bytes]]

SESSIONS: dict[tuple[str, str], StorageState] = {}

SHOTS = os.environ.get("LIANGDING_SHOTS", "")
"""A folder for pictures of every page, to be looked at."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with four persons, a settlement, one whose outcome nobody knows, and a flow that asks."""
    more = "[console]\n[resolution]\nbelieve_seconds = 80\n"
    with rig_for(tmp_path_factory.mktemp("console"), more=more) as rig:
        secrets = with_people(rig)
        rig.settle(key="B0")
        rig.flows.start("pharmacy_purchase", bill(rig.person("retired"), use_account=False), key="R1")
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(key="B1")
        rig.door.faults.clear()
        (call,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
        rig.runtime.journal.schedule(call.id, attempts=call.attempts, due_at=time.time() + 3600)  # persons come first
        with listening("serve", "--config", rig.config, "--port", "0") as said:
            yield rig, re.findall(r"http://127\.0\.0\.1:\d+", said)[0], secrets


def with_people(rig: Rig) -> dict[str, bytes]:
    """Four persons with their password set; the secrets of their second factors."""
    settings = load_deployment(rig.config).console
    assert settings is not None
    known, secrets = Persons(rig.runtime.journal, settings, time.time), {}
    for name, role in PEOPLE.items():
        _, secrets[name] = known.add(name, DISPLAYED.get(name, name), {EVERYWHERE: (role,)})
        known.set_password(known.get(name), PASSWORD)
    return secrets


def entered(browser: Browser, served: Served, name: str, **settings: object) -> Page:
    """A window of one person's own, signed in by keyboard the first time (no code is taken twice, so the session is
    kept for the next window); nothing may be said on its console."""
    _, url, secrets = served
    kept = SESSIONS.get((url, name))
    context: BrowserContext = browser.new_context(locale="zh-CN", storage_state=kept, **settings)  # type: ignore[arg-type, unused-ignore]
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.said = said  # type: ignore[attr-defined, unused-ignore]
    page.goto(f"{url}/console/")
    if kept is None:
        page.get_by_label("用户名").focus()
        for text in (name, PASSWORD, passwords.code_at(secrets[name], time.time())):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # the button
        page.get_by_role("navigation").wait_for()
        SESSIONS[url, name] = context.storage_state()
    assert page.get_by_role("navigation").count() == 1
    return page


def again(page: Page, within: str = "main") -> None:
    """The password once more, where it is asked for."""
    asked = page.locator(within).get_by_label("再输入一次密码")
    if asked.count():
        asked.first.fill(PASSWORD)


def chosen(page: Page, decision: str) -> None:
    """A decision is marked on the page of a case; one that is too early there is waited for."""
    option = page.get_by_label(re.compile(decision)).first
    until(lambda: option.count() or (page.reload() and False), f"{decision} may be decided")
    option.check()


def test_two_persons_end_a_case(browser: Browser, served: Served) -> None:
    rig, url, _ = served
    (call,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
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
    done = watch.get_by_role("cell", name="另一人批准", exact=True)
    row = watch.get_by_role("row").filter(has=done)
    assert "person:head" in row.inner_text()
    for page in (office, head, watch):
        assert page.said == []  # type: ignore[attr-defined, unused-ignore]
        page.context.close()


def test_a_bill_is_settled_by_hand_and_the_day_reconciled(browser: Browser, served: Served) -> None:
    """A clerk without software of their own fills in a purchase, answers what is asked, and prints the slip again."""
    rig, url, _ = served
    person = rig.person("man")
    office = entered(browser, served, "office")
    office.get_by_role("link", name="结算", exact=True).click()
    office.get_by_role("link", name="药店购药").click()
    office.get_by_label("单据号").fill("W1")
    office.get_by_label("凭证", exact=True).select_option("02")
    office.get_by_label("凭证号码").fill(person.certno)
    office.get_by_label("参保地区划").fill(person.covers[0].place)
    office.get_by_label("明细").fill("XA05\tD1\t测试药品\t50.05\t2")
    office.get_by_role("button", name="办理").click()
    while office.get_by_role("button", name="回答").count():
        office.get_by_role("radio").first.check()
        office.get_by_role("button", name="回答").click()
        office.wait_for_load_state()
    office.get_by_role("link", name="重打小票").click()
    assert "100.10" in office.inner_text("body")
    office.goto(f"{url}/console/reconcile")
    office.get_by_label(re.compile("哪个月或哪天")).fill(f"{rig.runtime.now():%Y-%m-%d}")
    office.get_by_role("button", name="对账").click()
    assert re.search("：(平|不平)", office.locator("h2").first.inner_text())
    assert office.said == []  # type: ignore[attr-defined, unused-ignore]
    office.context.close()


def test_a_call_is_found_asked_about_and_handed_on(browser: Browser, served: Served) -> None:
    """Found by its amount and its operator; what the platform has of it now; a bundle for who supports; its messages,
    which name the person, for a reason alone."""
    rig, url, _ = served
    call = rig.runtime.journal.by_key(rig.deployment.institution.code, "B0")
    assert call is not None
    person, office = rig.person(), entered(browser, served, "office")
    office.goto(f"{url}/console/calls")
    for label, value in (("金额不小于", "99.99"), ("金额不大于", "100.01"), ("经办人", call.operator), ("号码", "B0")):
        office.get_by_label(label, exact=True).fill(value)
    office.get_by_role("button", name="查", exact=True).click()
    office.get_by_role("link", name=str(call.id), exact=True).click()
    office.get_by_text("发出的内容").click()
    assert "文本，18 位" in office.locator("main").inner_text(), "its kind and length"
    assert person.certno not in office.content()
    office.get_by_role("button", name="现在向平台问一次").click()
    now = office.get_by_role("region", name="平台现在的结算")
    assert f"{call.setl_id}" in now.inner_text()
    assert "100.00" in now.inner_text()
    office.get_by_text("支持包（").click()
    office.get_by_label("给谁、为什么").fill("厂商看报错")
    again(office, "form[action$=support]")
    with office.expect_download() as taken:
        office.get_by_role("button", name="下载支持包").click()
    bundle = zipfile.ZipFile(taken.value.path())
    inside = b"".join(map(bundle.read, bundle.namelist())).decode()
    assert call.msgid in inside
    assert not any(own in inside for own in (person.certno, person.psn_no, person.name))
    office.reload()
    office.get_by_text("看报文（").click()
    office.get_by_label("为什么看").fill("参保人投诉")
    again(office, "form[action$=open]")
    office.get_by_role("button", name="打开报文").click()
    assert person.certno in office.locator("pre").first.inner_text()
    told = {event.kind for event in rig.runtime.journal.reports(0.0) if event.call_id == call.id}
    assert told == {"exported", "bodies_read"}
    assert office.said == []  # type: ignore[attr-defined, unused-ignore]
    office.context.close()


def fits(page: Page, url: str, shot: str) -> None:
    """A page can be read, and is no wider than a screen, large or small."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(url)
        readable(page, f"{shot}-{width}", width)


def readable(page: Page, shot: str, width: int = 1280) -> None:
    """Nothing that axe finds (labels, contrast, landmarks), one heading, no wider than the screen."""
    assert page.locator("h1").count() == 1, page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
    found = Axe().run(page)
    assert found.violations_count == 0, (shot, found.generate_report())
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{shot}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_and_can_be_read(browser: Browser, served: Served, theme: str) -> None:
    _, url, _ = served
    for name, paths in PAGES.items():
        page = entered(browser, served, name, color_scheme=theme, viewport={"width": 1280, "height": 800})
        for path in paths:
            fits(page, f"{url}/console{path}", f"{name}{path.partition('?')[0].replace('/', '-')}-{theme}")
        assert page.said == []  # type: ignore[attr-defined, unused-ignore]
        page.context.close()
