"""A day of an insurance office that has a shop and a hospital, by three persons in browsers of their own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from test_console_office import ended
from test_console_pages import Served, again, chosen, entered, with_people
from test_pages import foreign, reads

from chromium import browser
from liangding.config import Kind
from liangding.errors import OutcomeUnknown
from liangding.journal import State
from liangding.journal.settling import SettlementState
from liangding.simulator.chapters.accounts import plant
from liangding.simulator.chapters.records import refusals
from liangding.simulator.faults import Fault
from liangding.uploads.queue import Uploads
from liangding.uploads.records import UploadState
from support import Rig, rig_for
from test_cli import listening
from test_uploads import ALWAYS, report

__all__ = ["browser", "foreign"]

SHAANXI = {"province": "shaanxi", "area": "610100", "gateway": "plain"}
SHOP = "[console]\n[resolution]\nsecond_person = true\nbelieve_seconds = 0\n"
LOST = {"U1": ("man", Fault.ANSWER_LOST), "U2": ("retired", Fault.REQUEST_LOST), "U3": ("local", Fault.ANSWER_LOST)}
"""Settlements whose answer never came: of whom, and how."""

Day = tuple[Rig, Rig, Served]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A shop with three settlements whose outcome nobody knows and one that was taken back elsewhere, and a hospital
    with a record that was refused, on one server."""
    folder = tmp_path_factory.mktemp
    with (
        rig_for(folder("shop"), name="shop", code="P61010000001", more=SHOP, **SHAANXI) as shop,
        rig_for(
            folder("ward"), name="ward", code="H61010000001", kind=Kind.HOSPITAL, more=f"[console]\n{ALWAYS}", **SHAANXI
        ) as ward,
    ):
        secrets = with_people(shop)
        plant(shop.platform.world, "foreign refund", shop.settle(key="B0").output.setlinfo.setl_id)
        shop.deafen()
        for key, (who, fault) in LOST.items():
            shop.strike(fault, "2102")
            with pytest.raises(OutcomeUnknown):
                shop.settle(shop.person(who), key=key)
        shop.door.faults.clear()
        for call in shop.runtime.journal.latest(states=[State.UNKNOWN]):
            shop.runtime.journal.schedule(call.id, attempts=call.attempts, due_at=time.time() + 3600)  # persons first
        refusals(ward.platform.world)["S000001"] = ["输血信息[血型]不在字典中"]
        ward.runtime.sign_in(ward.deployment.operators[0])
        Uploads(ward.runtime).add("4601", report(1))
        Uploads(ward.runtime).drain()
        with listening("serve", "--config", shop.config, "--config", ward.config, "--port", "0") as said:
            yield shop, ward, (shop, re.findall(r"http://127\.0\.0\.1:\d+", said)[0], secrets)


def test_a_day_of_the_insurance_office(browser: Browser, day: Day) -> None:
    shop, ward, served = day
    office, head, watch = (entered(browser, served, name) for name in ("office", "head", "watch"))
    _three_cases_are_ended_by_two(office, head, shop)
    _the_month_is_reconciled(office, head, shop)
    _a_record_is_mended_and_sent(office, ward)
    _a_purchase_is_settled_and_its_receipt_printed_again(office, shop)
    _the_auditor_reads_who_did_what(watch)
    assert shop.runtime.journal.verify() == ward.runtime.journal.verify() == []
    ended(office, head, watch)


def test_a_page_of_another_origin_does_nothing_in_the_console(browser: Browser, day: Day, foreign: str) -> None:
    """In the browser in which somebody is signed in, on the same machine: its cookie goes along, and counts for
    nothing; no page is framed, and no program comes into one."""
    shop, _, served = day
    url, before = served[1], shop.sent("2102")
    office = entered(browser, served, "office")
    mark = office.locator("input[name=form]").first.input_value()
    page = office.context.new_page()
    page.goto(foreign)
    for path in ("/sign-out", "/me/end-others", "/settle/shop/pharmacy_purchase", "/reconcile/shop/run"):
        with page.expect_response(f"{url}/console{path}") as answer:
            page.evaluate(
                """([to, mark]) => { const form = document.createElement('form'); form.method = 'POST';
                    form.action = to; form.target = 'frame'; form.innerHTML = '<input name=form>';
                    form.firstChild.value = mark; document.body.append(form); form.submit(); }""",
                [f"{url}/console{path}", mark],
            )
        assert answer.value.status == 403, path
    assert reads(page, f"{url}/console/", credentials="include") == ""
    assert reads(page, f"{url}/console/", credentials="include", mode="no-cors") == ""
    page.evaluate("to => { document.querySelector('iframe').src = to; }", f"{url}/console/persons")
    assert page.frame_locator("iframe").get_by_role("navigation").count() == 0
    office.reload()
    assert office.get_by_role("navigation").count() == 1, "still signed in"
    office.evaluate(
        """() => { const one = document.createElement('script'); one.textContent = 'window.came = 1';
            document.body.append(one); const other = document.createElement('img');
            other.setAttribute('onerror', 'window.came = 1'); other.src = '/nothing'; document.body.append(other); }"""
    )
    assert office.evaluate("window.came") is None
    assert shop.sent("2102") == before, "nobody settled anything by it"
    office.context.close()


def _three_cases_are_ended_by_two(office: Page, head: Page, shop: Rig) -> None:
    calls = {call.key: call.id for call in shop.runtime.journal.latest(states=[State.UNKNOWN])}
    for key, action, ends in (
        ("U1", "认定已办成", State.ACCEPTED), ("U2", "认定没有办成", State.ABSENT),
        ("U3", "用 2601 冲正", State.REVERSED),
    ):  # fmt: skip
        number = calls[key]
        office.get_by_role("link", name="待处理").click()
        office.get_by_role("link", name=f"shop {number}").click()
        chosen(office, action)
        office.get_by_label("理由", exact=True).fill(f"与中心核对过 {key}")
        again(office)
        office.get_by_role("button", name="提出", exact=True).click()
        office.get_by_text("等另一个人批准").wait_for()
        assert office.get_by_role("button", name="批准，随即照办").count() == 0, "nobody approves what is their own"
        head.get_by_role("link", name="待处理").click()
        head.get_by_role("row").filter(has_text="医保办甲").get_by_role("link").click()
        assert head.get_by_text(f"与中心核对过 {key}").count()
        again(head)
        head.get_by_role("button", name="批准，随即照办").click()
        head.get_by_role("cell", name="另一人批准", exact=True).wait_for()
        assert shop.runtime.journal.call(number).state is ends, key
    head.get_by_role("link", name="待处理").click()
    assert head.get_by_text("没有结果不明的调用").count() == 1
    assert len(shop.standing()) == 1


def _the_month_is_reconciled(office: Page, head: Page, shop: Rig) -> None:
    (settled,) = shop.runtime.journal.latest(infno="2102", states=[State.ACCEPTED], limit=50)[-1:]
    month, number = f"{settled.created_at:%Y-%m}", str(settled.setl_id)
    office.get_by_role("link", name="对账").click()
    office.get_by_label(re.compile("shop：哪个月或哪天")).fill(month)
    office.get_by_role("button", name="对账").first.click()
    difference = office.get_by_role("region", name=number)
    difference.get_by_label("理由").fill("病人在大厅退的")
    again(office)
    difference.get_by_role("button", name=re.compile("提出：在流水中记为已在别处退费")).click()
    office.get_by_text("等另一个人批准").wait_for()
    head.get_by_role("link", name="对账").click()
    again(head)
    head.get_by_role("button", name="批准，随即照办").click()
    head.get_by_text("已记为在别处退费").wait_for()
    (noted,) = shop.runtime.journal.settlements.by_setl_id(number)
    assert noted.state is SettlementState.REFUNDED_ELSEWHERE
    office.get_by_label(re.compile("shop：哪个月或哪天")).fill(month)
    office.get_by_role("button", name="对账").first.click()
    office.get_by_role("heading", name=re.compile("：(平|不平)")).wait_for()
    assert office.get_by_role("button", name=re.compile("记为已在别处退费")).count() == 0, "done, so offered no more"


def _a_record_is_mended_and_sent(office: Page, ward: Rig) -> None:
    uploads = Uploads(ward.runtime)
    (record,) = uploads.rows.listed()
    office.get_by_role("link", name="上传", exact=True).click()
    office.get_by_role("row").filter(has_text="不在字典中").get_by_role("link").click()
    office.get_by_label(re.compile("为什么打开")).fill("改正血型")
    again(office)
    office.get_by_role("button", name="打开来改").click()
    office.get_by_text(re.compile("没有填的")).click()
    office.get_by_label(re.compile("^输血Rh血型代码")).fill("1")
    again(office)
    office.get_by_role("button", name="改正，重新传").click()
    office.locator("h1").filter(has_text="待传").wait_for()
    uploads.drain()
    assert uploads.rows.get(record.id).state is UploadState.DONE
    office.get_by_role("link", name="上传", exact=True).click()
    assert office.get_by_text("没有这样的记录").count() == 1


def _a_purchase_is_settled_and_its_receipt_printed_again(office: Page, shop: Rig) -> None:
    person = shop.person("man")
    office.get_by_role("link", name="结算", exact=True).click()
    office.get_by_role("link", name="药店购药").click()
    office.get_by_label("单据号").fill("W1")
    office.get_by_label("凭证", exact=True).select_option("02")
    office.get_by_label("凭证号码").fill(person.certno)
    office.get_by_label("参保地区划").fill(person.covers[0].place)
    row = {"医保目录编码": "XA05", "机构内编码": "D1", "名称": "测试药品", "单价": "50.05", "数量": "2"}
    for head, value in row.items():
        office.get_by_label(f"第 1 行 {head}").fill(value)
    office.get_by_role("button", name="办理").click()
    while office.get_by_role("button", name="回答").count():
        office.get_by_role("radio").first.check()
        office.get_by_role("button", name="回答").click()
        office.wait_for_load_state()
    office.get_by_role("link", name="重打小票").wait_for()
    (call,) = shop.runtime.journal.latest(infno="2102", states=[State.ACCEPTED], limit=1)
    assert (call.bill_no, call.amount, call.principal) == ("W1", "100.10", "person:office")
    office.get_by_role("link", name="业务").click()
    office.get_by_role("link", name="全部").click()
    office.get_by_role("main").get_by_role("link", name="药店购药").click()
    office.get_by_role("link", name="重打小票").click()
    assert "100.10" in office.inner_text("body")
    office.go_back()


def _the_auditor_reads_who_did_what(watch: Page) -> None:
    """Every act with who did it; of the business itself the auditor sees and does nothing."""
    watch.get_by_role("link", name="审计").click()
    told: dict[tuple[str, str], int] = {}
    for row in watch.locator("tbody tr").all():
        who, what = (row.locator("td").nth(column).inner_text() for column in (1, 2))
        told[who, what] = told.get((who, what), 0) + 1
    wanted = {
        ("office", "登录控制台"): 1, ("head", "登录控制台"): 1, ("office", "提出处理办法，等另一人批准"): 3,
        ("head", "另一人批准"): 3, ("head", "人工决定"): 4, ("office", "对账差异：提出、批准、退回"): 1,
        ("head", "对账差异：提出、批准、退回"): 1, ("office", "看了报文正文"): 1,
        ("office", "改正或撤下上传的记录，停下或接着传一类"): 1, ("office", "在控制台办理业务"): 4,
    }  # fmt: skip
    found = {(who, what): told.get((f"person:{who}", what), 0) for who, what in wanted}
    assert found == wanted, told
    names = watch.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert names == ["今日", "审计", "确认角色"]
