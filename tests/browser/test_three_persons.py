"""Every screen with three persons in browsers of their own: who works there, who only looks, and who has no business
there; what one does the second sees, and the auditor reads."""

from __future__ import annotations

import base64
import csv
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from playwright.sync_api import Browser, Locator, Page
from test_console_office import ended
from test_console_pages import PASSWORD, SESSIONS, Served, again, chosen, entered, fits, with_people

from chromium import browser
from liangding.config import load_deployment
from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.server.console import passwords
from liangding.server.console.persons import Persons
from liangding.server.console.rights import EVERYWHERE, PersonRole
from liangding.simulator.faults import Fault
from support import bill, rig_for
from test_cli import listening

__all__ = ["browser"]

MORE = """
[console]
[resolution]
second_person = true
believe_seconds = 0
[uploads]
window = "00:00-24:00"
[catalogues]
url = "sqlite:///c.db"
"""
TILL = "till"
"""A cashier, beside the four of the other journeys."""

PURCHASES = 60
"""More than a page of 流水."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A shop with five persons, more purchases than a page shows, one whose outcome nobody knows, and two flows that
    ask."""
    with rig_for(tmp_path_factory.mktemp("three"), more=MORE) as rig:
        secrets = with_people(rig)
        settings = load_deployment(rig.config).console
        assert settings is not None
        known = Persons(rig.runtime.journal, settings, time.time)
        _, secrets[TILL] = known.add(TILL, "收费员丙", {EVERYWHERE: (PersonRole.CASHIER,)})
        known.set_password(known.get(TILL), PASSWORD)
        for number in range(PURCHASES):
            rig.settle(key=f"B{number}")
        for number, who in enumerate(("retired", "civil_servant")):
            rig.flows.start("pharmacy_purchase", bill(rig.person(who), use_account=False), key=f"R{number}")
        rig.deafen()
        rig.strike(Fault.ANSWER_LOST, "2102")
        with pytest.raises(OutcomeUnknown):
            rig.settle(rig.person("man"), key="U1")
        rig.door.faults.clear()
        (call,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
        rig.runtime.journal.schedule(call.id, attempts=call.attempts, due_at=time.time() + 3600)  # persons come first
        with listening("serve", "--config", rig.config, "--port", "0") as said:
            yield rig, re.findall(r"http://127\.0\.0\.1:\d+", said)[0], secrets


# -- who sees what -----------------------------------------------------------------------------------------------------


@attrs.frozen
class Screen:
    """One screen: where it stands, who has it in the menu, and what each of them finds to press there."""

    name: str
    path: str
    acts: dict[str, tuple[str, ...]]
    """Person → buttons, beside those of every page; who is not named has no business there."""


LOOK = ("查",)
CASE = ("现在再向平台查一次", "看是谁的、平台上可能是哪一笔", "提出", "打开报文", "下载支持包")
RUNNING = ("体检：线路、签到、设备、目录、密钥、磁盘", "校验流水", "备份流水")
SCREENS = (
    Screen("流水", "/calls", {"office": (*LOOK, "导出 CSV"), "head": (*LOOK, "导出 CSV"), TILL: (*LOOK, "导出 CSV")}),
    Screen("一笔", "/calls/test/{call}", {"office": CASE, "head": ("打开报文", "下载支持包"), TILL: ()}),
    Screen("待处理", "/cases", {"office": ("再查",), "head": (), TILL: ()}),
    Screen("业务", "/flows", {"office": (), "head": (), TILL: ()}),
    Screen("一项业务", "/flows/test/{flow}", {
        "office": ("回答", "放弃（没有结算的才放得了）"), "head": (), TILL: ("回答", "放弃（没有结算的才放得了）"),
    }),
    Screen("结算", "/settle?d=test&flow=pharmacy_purchase", {"office": ("办理",), TILL: ("办理",)}),
    Screen("参保人", "/person", {"office": LOOK, TILL: LOOK}),
    Screen("目录与对照", "/matching", {"office": (*LOOK, "导入"), "head": LOOK, TILL: LOOK}),
    Screen("上传", "/uploads", {"office": ("停下，先不传",)}),
    Screen("对账", "/reconcile", {"office": ("对账",), "head": ("对账",)}),
    Screen("部署与健康", "/running", dict.fromkeys(("office", "root"), RUNNING)),
    Screen("验收", "/acceptance", dict.fromkeys(("office", "root"), ("下载 PDF", "下载可改的（docx、xlsx）"))),
    Screen("审计", "/audit", {"watch": LOOK}),
    Screen("用户", "/persons", {"root": ("改角色", "停用", "重置密码和动态码", "新建")}),
    Screen("确认角色", "/waiting", {"head": (), "watch": (), "root": ()}),
)  # fmt: skip
PEOPLE = ("office", "head", TILL, "watch", "root")


@pytest.mark.parametrize("who", PEOPLE)
def test_each_finds_the_screens_of_their_own_and_nothing_to_press_beyond(
    browser: Browser, served: Served, who: str
) -> None:
    """Each of five persons at each screen: it is in their menu or it is refused in words, and what may be pressed there
    is what their role may do."""
    rig, url, _ = served
    (unknown,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
    asking = rig.runtime.journal.flows.latest("test", ("question",), limit=5)[0]
    page = entered(browser, served, who)
    names = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    own = [each.name for each in SCREENS if who in each.acts and each.name not in ("一笔", "一项业务")]
    assert names == ["今日", *own]
    for screen in SCREENS:
        answer = page.goto(f"{url}/console{screen.path.format(call=unknown.id, flow=asking)}")
        assert answer is not None
        if who not in screen.acts:
            assert answer.status == 403, screen.name
            assert page.get_by_role("alert").inner_text() == "您的角色不能办这件事"
            page.said.clear()  # type: ignore[attr-defined, unused-ignore]  # the refusal is an answer of 403
            continue
        assert answer.status == 200, screen.name
        for summary in page.locator("main summary").all():
            summary.click()
        found = {button.inner_text() for button in page.get_by_role("main").get_by_role("button").all()}
        assert found >= set(screen.acts[who]), screen.name
        every = {act for acts in screen.acts.values() for act in acts}
        assert not found & (every - set(screen.acts[who])), screen.name
    ended(page)


# -- what one does, the second sees, the third reads -------------------------------------------------------------------


def test_a_question_is_answered_at_the_till(browser: Browser, served: Served) -> None:
    """业务, 一项业务: the cashier answers, or abandons; who approves only looks; the auditor reads it."""
    rig, _, _ = served
    till, head, watch = (entered(browser, served, name) for name in (TILL, "head", "watch"))
    flows = dict.fromkeys(rig.runtime.journal.flows.latest("test", ("question",), limit=5))
    assert len(flows) == 2
    head.get_by_role("link", name="业务").click()
    assert head.get_by_role("main").get_by_role("link", name="药店购药").count() == 2
    head.get_by_role("main").get_by_role("link", name="药店购药").first.click()
    assert head.get_by_role("region", name="提问").count() == 1
    till.get_by_role("link", name="业务").click()
    till.get_by_role("main").get_by_role("link", name="药店购药").first.click()
    while till.get_by_role("button", name="回答").count():
        till.get_by_role("radio").first.check()
        till.get_by_role("button", name="回答").click()
        till.wait_for_load_state()
    till.get_by_role("link", name="重打小票").wait_for()
    till.get_by_role("link", name="业务").click()
    till.get_by_role("main").get_by_role("link", name="药店购药").click()
    till.get_by_role("button", name=re.compile("放弃")).click()
    till.locator("h1").filter(has_text="已放弃").wait_for()
    assert not rig.runtime.journal.flows.latest("test", ("question", "stopped", "running", "unknown"), limit=5)
    head.get_by_role("link", name="业务").click()
    assert head.get_by_text("没有这样的业务").count()
    assert read_by(watch, TILL, "在控制台办理业务") == 2, "the answer and the end"
    ended(till, head, watch)


def test_a_page_of_calls_goes_on_and_is_taken_along(browser: Browser, served: Served) -> None:
    """流水: older pages by their cursor, each call once; the table without persons, for who confirms with the password;
    the cashier finds the same; the auditor reads who took it."""
    rig, _, _ = served
    office, till, watch = (entered(browser, served, name) for name in ("office", TILL, "watch"))
    found: list[list[str]] = []
    for page in (office, till):
        page.get_by_role("link", name="流水").click()
        page.get_by_label("交易", exact=True).fill("2102")
        page.get_by_role("button", name="查", exact=True).click()
        numbers = page.locator("tbody tr td:first-child").all_inner_texts()
        while page.get_by_role("link", name="更早的").count():
            page.get_by_role("link", name="更早的").click()
            numbers += page.locator("tbody tr td:first-child").all_inner_texts()
        found.append(numbers)
    settled = rig.runtime.journal.latest(infno="2102", limit=500)
    assert found[0] == found[1] == [str(call.id) for call in settled]
    assert len(found[0]) > PURCHASES
    office.get_by_text("导出（不含个人信息）").click()
    again(office, "form[action$=export]")
    with office.expect_download() as taken:
        office.get_by_role("button", name="导出 CSV").click()
    text = Path(taken.value.path()).read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + len(settled), "all that was asked for, not the page alone"
    person = rig.person()
    assert not any(own in text for own in (person.certno, person.psn_no, person.name))
    assert read_by(watch, "office", "导出") >= 1
    ended(office, till, watch)


def test_a_proposal_is_returned_and_taken_back(browser: Browser, served: Served) -> None:
    """待处理, 一笔: the second person returns what does not convince; who proposed reads why, proposes again, and takes
    it back; nothing is decided, and nobody else may."""
    rig, _, _ = served
    (unknown,) = rig.runtime.journal.latest(states=[State.UNKNOWN])
    office, head, watch = (entered(browser, served, name) for name in ("office", "head", "watch"))
    propose(office, unknown.id, "没有办成", "中心说没有")
    till = entered(browser, served, TILL)
    till.get_by_role("link", name="待处理").click()
    till.get_by_role("link", name=f"test {unknown.id}").click()
    assert till.get_by_text("医保办甲 于").count(), "who looks sees what was proposed"
    assert till.get_by_role("main").get_by_role("button").count() == 0
    head.get_by_role("link", name="待处理").click()
    head.get_by_role("row").filter(has_text="医保办甲").get_by_role("link").click()
    head.get_by_label("退回的理由").fill("平台上查得到这一笔")
    head.get_by_role("button", name="退回").click()
    head.get_by_text("等另一个人批准").wait_for(state="detached")
    office.reload()
    assert "平台上查得到这一笔" in office.locator("main").inner_text(), "why it was returned"
    propose(office, unknown.id, "已办成", "按平台页面")
    office.get_by_label("收回的理由").fill("写错了")
    office.get_by_role("button", name="收回").click()
    office.get_by_text("等另一个人批准").wait_for(state="detached")
    assert rig.runtime.journal.call(unknown.id).state is State.UNKNOWN
    assert read_by(watch, "head", "退回") == 1
    assert read_by(watch, "office", "退回") == 1, "what is taken back is told by the same word"
    ended(office, head, till, watch)


def test_an_account_from_its_making_to_its_end(browser: Browser, served: Served) -> None:
    """用户, 确认角色, 登录, 改密码, 审计: who gives rights makes an account; the new person comes in by what was told
    once, takes a password of their own, has the role when the auditor has confirmed it, works within it, and is out at
    once when the account ends; the auditor reads all of it by who and what."""
    rig, url, secrets = served
    root, watch = entered(browser, served, "root"), entered(browser, served, "watch")
    root.get_by_role("link", name="用户").click()
    assert card(root, "root").get_by_text("改动").count() == 0, "nobody changes the own account"
    root.get_by_label("用户名").fill("fresh")
    root.get_by_label("姓名或称呼").fill("医保办丁")
    new = root.locator("form[action$='/persons']")
    new.get_by_role("group", name="test").get_by_label("医保办").check()
    again(root, "form[action$='/persons']")
    root.get_by_role("button", name="新建").click()
    first, secret = (root.locator(f"#made-{what}").inner_text() for what in ("password", "secret"))
    root.get_by_role("link", name="用户").click()
    assert root.locator("#made-password").count() == 0, "told once"
    secrets["fresh"] = base64.b32decode(secret.replace(" ", ""))
    fresh = browser.new_context(locale="zh-CN").new_page()
    signs_in(fresh, url, "fresh", first, secrets["fresh"], 0)
    assert fresh.locator("h1").inner_text() == "改密码"
    fresh.goto(f"{url}/console/calls")
    assert fresh.locator("h1").inner_text() == "改密码", "nothing else before"
    own = "a password of their own"
    for label, text in (("现在的密码", first), ("新密码（至少 12 个字符）", own), ("再输入一次新密码", own)):
        fresh.get_by_label(label, exact=True).fill(text)
    fresh.get_by_role("button", name="换密码，重新登录").click()
    assert card(root, "fresh").get_by_text("新建，等另一个人确认：test：医保办").count() == 1
    root.get_by_role("link", name="确认角色").click()
    assert card(root, "fresh").get_by_text("由另一个人确认").count() == 1
    assert card(root, "fresh").get_by_role("button").count() == 0, "not by who gave it"
    watch.get_by_role("link", name="今日").click()
    watch.get_by_role("link", name="1 个账户的角色等另一个人确认").click()
    fits(watch, f"{url}/console/waiting", "watch-waiting-full")
    again(watch, "form[action$='/confirm']")
    card(watch, "fresh").get_by_role("button", name="确认，让角色生效").click()
    watch.get_by_text("没有等确认的").wait_for()
    root.get_by_role("link", name="用户").click()
    signs_in(fresh, url, "fresh", own, secrets["fresh"], 1)
    fresh.get_by_role("link", name="流水").click()
    assert fresh.get_by_role("link", name="用户").count() == 0
    end = card(root, "fresh")
    root.reload()
    end.get_by_text("改动").click()
    again(root, "form[action$='/end']")
    end.get_by_role("button", name="停用").click()
    end.get_by_text("已停用").wait_for()
    fresh.get_by_role("link", name="待处理").click()
    assert fresh.locator("h1").inner_text() == "两定控制台", "out at once"
    watch.get_by_role("link", name="审计").click()
    watch.get_by_label("谁").fill("person:root")
    watch.get_by_role("button", name="查").click()
    told = watch.locator("tbody").inner_text()
    assert all(word in told for word in ("新建", "停用", "fresh"))
    assert read_by(watch, "watch", "确认角色") == 1
    assert "person:office" not in told
    assert own not in watch.content()
    assert first not in watch.content()
    assert rig.runtime.journal.verify() == []
    fresh.context.close()
    SESSIONS.pop((url, "fresh"), None)
    ended(root, watch)


def propose(page: Page, number: int, what: str, why: str) -> None:
    """A decision is proposed on the page of its call."""
    page.get_by_role("link", name="待处理").click()
    page.get_by_role("link", name=f"test {number}").click()
    chosen(page, what)
    page.get_by_label("理由", exact=True).fill(why)
    again(page)
    page.get_by_role("button", name="提出", exact=True).click()
    page.get_by_text("等另一个人批准").wait_for()


def signs_in(page: Page, url: str, name: str, password: str, secret: bytes, step: int) -> None:
    """By a code of ``step`` half minutes from now: none is taken twice."""
    page.goto(f"{url}/console/sign-in")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_label("动态码（6 位）").fill(passwords.code_at(secret, time.time() + 30 * step))
    page.get_by_role("button", name="登录").click()
    page.get_by_role("navigation").wait_for()


def card(page: Page, name: str) -> Locator:
    """The part of 用户 that is about one account."""
    return page.get_by_role("region", name=name, exact=True)


def read_by(watch: Page, who: str, what: str) -> int:
    """How many acts of that kind the auditor reads of a person."""
    watch.get_by_role("link", name="审计").click()
    rows = watch.locator("tbody tr").all()
    texts = [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]
    return sum(cells[1] == f"person:{who}" and what in cells[2] + cells[5] for cells in texts)
