"""What an insurance office does in the console of a hospital, each page's journey in a real Chromium."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page
from test_console_pages import Served, again, entered, fits, readable, with_people

from chromium import browser
from liangding.catalogue.items import Item
from liangding.catalogue.matching import Matching, MatchState
from liangding.catalogue.opening import open_shelf
from liangding.config import Kind
from liangding.simulator.chapters.records import refusals
from liangding.uploads.queue import Uploads
from support import rig_for
from test_catalogue import drug, put
from test_cli import listening
from test_uploads import report

__all__ = ["browser"]

MORE = """
[console]
[catalogues]
url = "sqlite:///c.db"
[uploads]
window = "00:00-24:00"
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hospital of a province that has forms of its own: a catalogue, items, a settlement's worth of evidence."""
    folder = tmp_path_factory.mktemp("office")
    settings = {"province": "shaanxi", "area": "610100", "code": "H61010000001", "kind": Kind.HOSPITAL}
    with rig_for(folder, gateway="plain", more=MORE, **settings) as rig:
        secrets = with_people(rig)
        shelf = open_shelf(rig.deployment)
        put(shelf, folder / "drugs.zip", [drug(1, drug_spec="0.25g"), drug(2, drug_spec="0.5g")])
        shelf.close()
        own = {"fixmedins_hilist_id": "D1", "fixmedins_hilist_name": "阿莫西林胶囊", "spec": "0.5g"}
        Matching(rig.runtime).take_in([Item(list_type="101", **own)])
        rig.runtime.sign_in(rig.deployment.operators[0])
        uploads = Uploads(rig.runtime)
        refusals(rig.platform.world).update({"S000001": ["输血Rh血型代码不在字典中"]})
        uploads.add("4601", report(1))
        uploads.drain()
        with listening("serve", "--config", rig.config, "--port", "0") as said:
            yield rig, re.findall(r"http://127\.0\.0\.1:\d+", said)[0], secrets


def ended(*pages: Page) -> None:
    """Nothing was said on the consoles; the windows are closed."""
    for page in pages:
        assert page.said == []  # type: ignore[attr-defined, unused-ignore]
        page.context.close()


def test_an_item_is_matched_sent_and_withdrawn(browser: Browser, served: Served) -> None:
    rig, url, _ = served
    d, matching = rig.deployment.name, Matching(rig.runtime)
    office, head = entered(browser, served, "office"), entered(browser, served, "head")
    office.get_by_role("link", name="目录与对照").click()
    office.get_by_text("导入本机构的目录").click()
    table = "fixmedins_hilist_id,fixmedins_hilist_name,list_type,spec\nD1,阿莫西林胶囊,101,0.5g\nD2,没有这种东西,101,\n"
    given = {"name": "items.csv", "mimeType": "text/csv", "buffer": table.encode()}
    office.locator("#file").set_input_files(given)  # type: ignore[arg-type, unused-ignore]
    office.get_by_role("button", name="导入").click()
    office.get_by_role("link", name="D2").wait_for()
    assert office.get_by_role("row", name=re.compile("D1 阿莫西林胶囊")).get_by_text("未匹配").count()
    office.get_by_role("link", name="D1").click()
    office.get_by_label(re.compile("X000002")).check()
    office.get_by_role("button", name="确认，待上传").click()
    office.wait_for_url("**state=confirmed**")
    assert (matching.get("101", "D1").state, matching.get("101", "D1").person) == (MatchState.CONFIRMED, "医保办甲")
    again(office)
    office.get_by_role("button", name="上传已确认的 1 条").click()
    office.get_by_text("上传 1 条").wait_for()
    assert rig.sent("3301") == 1
    office.goto(f"{url}/console/matching/{d}?kind=101&number=D1")
    office.get_by_label(re.compile("为什么撤销")).fill("规格选错")
    office.get_by_role("button", name="撤销对照").click()
    office.get_by_role("button", name="确认，待上传").wait_for()
    assert (rig.sent("3302"), matching.get("101", "D1").state) == (1, MatchState.PROPOSED)
    office.goto(f"{url}/console/matching/{d}?kind=101&number=D2")
    office.get_by_label("或写目录编码").fill("X000009")
    office.get_by_role("button", name="确认，待上传").click()
    assert office.get_by_role("alert").inner_text() == "目录里没有 X000009"
    head.goto(f"{url}/console/matching/{d}?kind=101&number=D1")
    assert head.get_by_role("button", name=re.compile("确认|撤销")).count() == 0, "who only looks"
    office.said.clear()  # type: ignore[attr-defined, unused-ignore]  # the refusal is an answer of 409
    told = [event.detail["what"] for event in rig.runtime.journal.reports(0.0) if event.kind == "matching_changed"]
    assert told == ["撤销", "上传", "确认", "导入"]
    ended(office, head)


def test_the_papers_of_acceptance_are_taken(browser: Browser, served: Served) -> None:
    """Rows and how they stand; a paper as PDF, and as what an office edits; printed messages by who may see them."""
    rig, url, _ = served
    office, root = entered(browser, served, "office"), entered(browser, served, "root")
    office.get_by_role("link", name="验收").click()
    office.get_by_role("link", name="须由人办理 3").click()
    assert office.get_by_role("row").filter(has_text="逐级上报").count() == 1
    assert office.get_by_role("row").filter(has_text="SX-001").count() == 0
    for paper, button, ending in (
        ("使用日志", "下载 PDF", "pdf"), ("使用日志", "下载可改的", "docx"), (None, "下载可改的", ""),
    ):  # fmt: skip
        if paper is not None:
            office.get_by_label("哪一张").select_option(paper)
        else:
            office.get_by_label("哪一张").select_option(index=0)
        again(office)
        with office.expect_download() as taken:
            office.get_by_role("button", name=re.compile(button)).click()
        content = Path(taken.value.path()).read_bytes()
        name = taken.value.suggested_filename
        assert name.endswith(ending)
        if ending == "pdf":
            assert content.startswith(b"%PDF")
        elif name.endswith("xlsx"):
            openpyxl.load_workbook(io.BytesIO(content))
        else:
            assert zipfile.ZipFile(io.BytesIO(content)).namelist()
        office.reload()
    assert office.get_by_role("option", name="打印件").count() == 1
    root.goto(f"{url}/console/acceptance")
    assert root.get_by_role("option", name="打印件").count() == 0
    assert sum(event.kind == "exported" for event in rig.runtime.journal.reports(0.0)) == 3
    ended(office, root)


def test_a_refused_record_is_mended_and_a_kind_stopped(browser: Browser, served: Served) -> None:
    """Opened for a reason as a form of its declared fields, with the one marked that the platform's words point at; the
    kind stopped and let go on, which everybody sees today."""
    rig, url, _ = served
    uploads, office = Uploads(rig.runtime), entered(browser, served, "office")
    office.get_by_role("link", name="上传", exact=True).click()
    row = office.get_by_role("row").filter(has_text="血型")
    row.get_by_role("link").click()
    office.get_by_label(re.compile("为什么打开")).fill("改正血型")
    again(office)
    office.get_by_role("button", name="打开来改").click()
    assert office.get_by_text("平台说的是这一项").count() == 1
    readable(office, "office-record")
    office.get_by_label(re.compile("^输血Rh血型代码")).fill("1")
    office.get_by_text(re.compile("没有填的")).click()
    office.get_by_label("输血原因").fill("已核对")
    office.get_by_role("button", name="改正，重新传").click()
    office.locator("h1").filter(has_text="待传").wait_for()
    (number,) = re.findall(r"/(\d+)$", office.url)
    mended = uploads.rows.get(int(number)).message["data"][0]
    assert (mended["bld_rh_code"], mended["bld_rea"]) == ("1", "已核对")
    office.goto(f"{url}/console/uploads")
    office.get_by_text("停下 4601").click()
    office.locator("details[open]").get_by_label("为什么").fill("中心升级")
    office.get_by_role("button", name="停下，先不传").click()
    office.get_by_role("button", name="接着传").wait_for()
    assert [each.infno for each in uploads.pauses().listed()] == ["4601"], "in every process"
    uploads.add("4601", report(2))
    assert uploads.drain() == 0
    office.get_by_role("link", name="今日").click()
    assert office.get_by_text("4601 停着不传：医保办甲").count() == 1
    office.goto(f"{url}/console/uploads")
    office.get_by_role("button", name="接着传").click()
    office.get_by_text("停下 4601").wait_for()
    assert uploads.pauses().listed() == []
    ended(office)


DOCTOR = {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}
ROWS = "医保目录编码,机构内编码,名称,单价,数量,医院审批标志\nXA01,D1,测试药品,50.05,2,1\nXA01,D2,另一种,12.30,1,1\n"


def begun(page: Page, title: str, filled: dict[str, str], file: str = "") -> None:
    """A business begun by its form; what it asks is answered with the first answer."""
    page.get_by_role("link", name="结算", exact=True).click()
    page.get_by_role("link", name=re.compile(title)).click()
    for name, value in filled.items():
        field = page.locator(f'[name="{name}"]')
        field.select_option(value) if name == "credential.type" else field.fill(value)
    if file:
        rows = {"name": "rows.csv", "mimeType": "text/csv", "buffer": file.encode()}
        page.locator('[name="file"]').set_input_files(rows)  # type: ignore[arg-type, unused-ignore]
    page.get_by_role("button", name="办理").click()
    while page.get_by_role("button", name="回答").count():
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="回答").click()
        page.wait_for_load_state()
    assert "已办成" in page.locator("h1").inner_text(), page.locator("main").inner_text()


def test_a_visit_and_a_stay_are_settled_by_hand_and_from_a_file(browser: Browser, served: Served) -> None:
    """A hospital without software of its own: a visit's rows typed in, a stay's fees from a file, and its statement."""
    rig, _, _ = served
    person, office = rig.person("man"), entered(browser, served, "office")
    shows = {"credential.type": "02", "credential.number": person.certno}
    who, place = {**shows, "insured_place": person.covers[0].place}, "diagnoses"
    heads, cells = (line.split(",") for line in ROWS.splitlines()[:2])
    typed = {f"row:1:{head}": cell for head, cell in zip(heads, cells, strict=True)}
    doctor = {f"doctor.{name}": value for name, value in DOCTOR.items()}
    visit = {"chrg_bchno": "V1", "ipt_otp_no": "O1", **who, place: "I10.x00 高血压"}
    begun(office, "门诊结算", visit | doctor | typed)
    with office.expect_download() as taken:
        office.get_by_role("link", name="结算单（PDF）").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    admission = {"ipt_no": "Z1", "begun_at": f"{rig.runtime.now():%Y-%m-%d} 00:00:00", **who, place: "I10.x00 高血压"}
    admission |= {"ward.adm_bed": "12", "ward.adm_diag_dscr": "高血压"}
    begun(office, "入院办理", admission | {f"ward.doctor.{n}": v for n, v in DOCTOR.items()})
    begun(office, "住院费用上传", {"stay.admission_key": "Z1", "key": "F1", **doctor}, ROWS)
    begun(
        office, "出院结算",
        {"stay.admission_key": "Z1", **shows, **doctor, "dscg_way": "1", place: "I10.x00 高血压"},
    )  # fmt: skip
    settled = rig.runtime.journal.settlements.between(rig.runtime.now().date(), rig.runtime.now().date())
    assert {each.medfee_sumamt for each in settled} == {Decimal("100.10"), Decimal("112.40")}
    ended(office)


def test_the_journal_is_verified_and_copied(browser: Browser, served: Served) -> None:
    """By the administrator: what is at work, since when; the line tried, the journal held against its chain, a copy."""
    rig, _, _ = served
    root = entered(browser, served, "root")
    root.get_by_role("link", name="部署与健康").click()
    for label, words in (
        ("版本", "liangding"), ("密钥", "journal.key"), ("进程", "就是这个"),
        ("证书", "没有写证书"),
    ):  # fmt: skip
        assert words in root.locator(".facts div").filter(has=root.get_by_text(label, exact=True)).inner_text(), label
    root.get_by_role("button", name="校验流水").click()
    root.get_by_role("status").filter(has_text="流水完好").wait_for()
    checked = root.locator(".facts div").filter(has=root.get_by_text("上次校验", exact=True)).inner_text()
    assert re.search(r"完好，链头 \d+-\d+-[0-9a-f]{16}", checked)
    again(root)
    root.get_by_role("button", name="备份流水").click()
    root.get_by_role("status").filter(has_text="备份在 backups/").wait_for()
    (copy,) = (rig.folder / "backups").glob("*.db")
    assert copy.with_name(f"{copy.name}.head").exists()
    root.get_by_role("button", name=re.compile("体检")).click()
    assert root.get_by_role("status").filter(has_text="已签到").count() == 1
    own = [event for event in rig.runtime.journal.reports(0.0) if event.principal == "person:root"]
    kinds = [event.kind for event in own]
    assert (kinds.count("verified"), kinds.count("backed_up")) == (1, 1)
    ended(root)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_with_something_on_them_fit_and_can_be_read(browser: Browser, served: Served, theme: str) -> None:
    rig, url, _ = served
    d = rig.deployment.name
    page = entered(browser, served, "office", color_scheme=theme)
    (settled, *_) = rig.runtime.journal.latest(infno="9001")
    for path in (
        "", "matching", f"matching/{d}?kind=101&number=D1", "acceptance", "running", "uploads", f"uploads/{d}/1",
        f"calls/{d}/{settled.id}", f"settle?d={d}&flow=outpatient",
    ):  # fmt: skip
        fits(page, f"{url}/console/{path}", f"office-full-{path.partition('?')[0].replace('/', '-')}-{theme}")
    ended(page)
