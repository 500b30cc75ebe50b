"""Acceptance: scenarios against a platform, what may settle where, what is taken back, evidence, and the papers."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document

from liangding.acceptance import Performer, findings_of, scenarios_of
from liangding.acceptance.keeping import folder_of, read_state, write_state
from liangding.acceptance.printing import docx, pdf, xlsx
from liangding.acceptance.reporting import forms_of
from liangding.catalogue.items import Item
from liangding.catalogue.matching import Matching
from liangding.cli.app import run as cli
from liangding.clock import SystemClock
from liangding.config import Kind
from liangding.contract.acceptance import Ends, Findings, Scenario, Script
from liangding.contract.forms import Form, NewPage, Paragraph, Table, box, filled, label
from liangding.errors import CallRefused, ConfigurationError
from liangding.flows import Status, View
from liangding.kit.trials import BILL, trial_settings
from liangding.rollout.doctor import well
from liangding.simulator.faults import Fault
from shell import liangding
from support import Rig, rig_for
from test_vouchers import settled, voucher

AREAS = {"gansu": "620100", "dongguan": "441900", "shaanxi": "610100", "xinjiang": "650100", "sichuan": "510100"}
NEEDED = {Kind.PHARMACY: {"2102", "2103"}, Kind.CLINIC: {"2207", "2208"}, Kind.HOSPITAL: {"2207", "2304", "2305"}}


@contextlib.contextmanager
def place(folder: Path, province: str = "gansu", kind: Kind = Kind.PHARMACY, **settings: Any) -> Iterator[Rig]:
    """An institution ready for its acceptance, at its own platform."""
    area = AREAS[province]
    more = trial_settings(folder, area) + settings.pop("more", "")
    code = f"{'P' if kind is Kind.PHARMACY else 'H'}{area}00001"
    with rig_for(
        folder, province=province, area=area, code=code, kind=kind, gateway="plain", more=more, **settings
    ) as rig:
        yield rig


def found(rig: Rig) -> Findings:
    return findings_of(rig.runtime.known, rig.runtime.journal, SystemClock())


def at_the_control(scenario: Scenario, view: View) -> str | None:
    """Whoever types the control's token in, whenever a region asks for it."""
    assert view.question is not None
    return f"tok-{view.id}" if view.question.id.startswith("card_token") else None


def of(performer: Performer, number: str) -> Scenario:
    return performer.named(number)


# -- performing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("province", AREAS)
def test_each_province_and_kind_by_its_commands(
    tmp_path: Path, province: str, kind: Kind, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("liangding.cli.accepting.decide_at_terminal", at_the_control)
    monkeypatch.setattr("liangding.rollout.doctor._pinged", lambda target: well(f"ping {target}", "通"))
    with place(tmp_path, province, kind) as rig:

        def command(*arguments: str) -> tuple[int, str]:
            code = cli([*arguments, "--config", str(rig.config)])
            return code, capsys.readouterr().out

        assert command("check")[0] == 0
        code, told = command("doctor", "--json")
        assert code == 0, told
        assert {"签到", "目录对照", "磁盘", "备份", "专网专用", "时钟"} <= {each["what"] for each in json.loads(told)}
        chosen = [each for each in scenarios_of(rig.runtime.known) if each.credential == "02" and not each.chronic]
        usual = [each for each in chosen if each.group == "职工" and each.place == "local"]
        assert {each.script for each in usual} >= {Script.SIGN_IN, Script.DESK, Script.RECONCILE}
        code, told = command("acceptance", "run", *(each.id for each in usual))
        assert code == 0, told
        kept = read_state(rig.deployment).scenarios
        assert [each.id for each in usual if bool(kept[each.id].setl_ids) != each.script.settles] == []
        assert rig.standing() == []
        assert not rig.runtime.journal.pending()
        sent = {infno.rstrip("A") for _, infno in rig.platform.requests}
        assert sent >= NEEDED[kind] | {"3201", "3202"}

        listed = json.loads(command("acceptance", "list", "--json")[1])
        ours = rig.runtime.known.requirements
        assert [each["id"] for each in listed["requirements"]] == [each.id for each in ours]
        assert sum(listed["counts"].values()) == len(ours)
        rows = json.loads(command("requirements", "--json")[1])
        standings = Counter(each["state"] for each in rows)
        assert sum(standings.values()) == len(ours)
        assert standings == Counter(each.as_json()["state"] for each in ours)

        assert command("acceptance", "report")[0] == 0
        made = sorted(folder_of(rig.deployment).glob("report/*"))
        assert {path.stem for path in made} >= {"打印件", "使用日志"}
        assert len({path.stem for path in made}) >= 3
        for path in made:
            content = path.read_bytes()
            assert content.startswith(b"%PDF") if path.suffix == ".pdf" else zipfile.is_zipfile(io.BytesIO(content))


def test_three_media_are_shown_by_reference_and_nothing_personal_is_kept(tmp_path: Path) -> None:
    with place(tmp_path) as rig:
        performer = Performer(rig.runtime)
        for medium in ("01", "02", "03"):
            assert performer.perform(of(performer, f"purchase-{medium}")).ends is Ends.PASSED
        person = rig.person()
        texts = [path.read_text("utf-8") for path in folder_of(rig.deployment).rglob("*") if path.is_file()]
        assert len(texts) > 6
        assert any("结算ID" in text for text in texts)
        for text in texts:
            for personal in (person.name, person.certno, person.token, person.card_no, person.card_sn, person.psn_no):
                assert personal not in text
        (view,) = forms_of(rig.runtime.known, rig.runtime.journal, found(rig), ["打印件"])
        printed = [cell.text for each in view.blocks if isinstance(each, Table) for row in each.rows for cell in row]
        assert "已隐去，18 位" in printed
        assert not {person.name, person.certno, person.token, person.psn_no} & set(printed)


def test_a_settlement_that_cannot_be_taken_back_is_said_and_taken_back_later(tmp_path: Path) -> None:
    with place(tmp_path) as rig:
        performer = Performer(rig.runtime)
        rig.platform.handlers["2103"], kept_handler = _refusing, rig.platform.handlers["2103"]
        first = performer.perform(of(performer, "purchase-02"))
        assert first.ends is Ends.STANDING
        assert "撤回没有办完" in first.why
        assert len(rig.standing()) == 1
        rig.platform.handlers["2103"] = kept_handler
        again = Performer(rig.runtime)
        done = again.perform(of(again, "purchase-02"))
        assert done.ends is Ends.PASSED
        assert rig.standing() == []
        assert rig.sent("2102") == 1


def _refusing(request: Any) -> Any:
    from liangding.contract import Refuse

    raise Refuse("今日不办退费")


def test_a_run_that_died_after_settling_goes_on_and_settles_nothing_twice(tmp_path: Path) -> None:
    with place(tmp_path) as rig:
        performer = Performer(rig.runtime)
        purchase = of(performer, "purchase-02")
        call, runtime = rig.runtime.call, rig.runtime

        def dies_at_5203(infno: str, *args: Any, **more: Any) -> Any:
            if infno == "5203":
                raise KeyboardInterrupt
            return call(infno, *args, **more)

        runtime.call = dies_at_5203  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            performer.perform(purchase)
        assert len(rig.standing()) == 1
        runtime.call = call  # type: ignore[method-assign]
        again = Performer(runtime)
        assert again.state.scenarios["purchase-02"].ends is Ends.UNKNOWN
        assert again.perform(purchase).ends is Ends.PASSED
        assert rig.sent("2102") == 1
        assert rig.standing() == []


def test_an_unknown_outcome_is_told_as_one_and_found_out_by_the_next_run(tmp_path: Path) -> None:
    with place(tmp_path, more="[resolution]\nbelieve_seconds = 0\n") as rig:
        performer = Performer(rig.runtime)
        rig.strike(Fault.ANSWER_LOST, "2102")
        rig.deafen()
        kept = performer.perform(of(performer, "purchase-02"))
        assert kept.ends is Ends.UNKNOWN
        rig.door.faults.clear()
        assert performer.perform(of(performer, "purchase-02")).ends is Ends.PASSED
        assert rig.standing() == []
        assert rig.sent("2102") == 1


def test_what_did_not_pass_says_why_and_the_next_run_is_a_new_attempt(tmp_path: Path) -> None:
    with place(tmp_path) as rig:
        performer = Performer(rig.runtime)
        rig.platform.handlers["2101"], kept_handler = _refusing, rig.platform.handlers["2101"]
        kept = performer.perform(of(performer, "purchase-02"))
        assert (kept.ends, kept.attempt) == (Ends.FAILED, 1)
        assert "今日不办退费" in kept.why
        rig.platform.handlers["2101"] = kept_handler
        kept = performer.perform(of(performer, "purchase-02"))
        assert (kept.ends, kept.attempt) == (Ends.PASSED, 2)


# -- where it may settle -----------------------------------------------------------------------------------------------


def test_where_nobody_says_what_the_platform_is_nothing_settles(tmp_path: Path) -> None:
    with place(tmp_path, environment="production") as rig:
        performer = Performer(rig.runtime)
        with pytest.raises(ConfigurationError, match="正式平台上不自动试结算"):
            performer.perform(of(performer, "purchase-02"))
        assert rig.sent("2101") == 0
        assert performer.perform(of(performer, "sign-in")).ends is Ends.PASSED
    text = rig.config.read_text("utf-8").replace('environment = "production"\n', "")
    rig.config.write_text(text, "utf-8")
    done = liangding("acceptance", "run", "purchase-02", "--config", rig.config)
    assert done.returncode == 2
    assert 'environment = "test"' in done.stderr


@pytest.mark.parametrize("answer", ["yes", "no", None])
def test_in_production_a_person_confirms_person_and_amount(tmp_path: Path, answer: str | None) -> None:
    asked: list[tuple[str, Any]] = []

    def confirm(scenario: Scenario, person: Any) -> bool:
        asked.append((scenario.id, person.name))
        return True

    def decide(scenario: Scenario, view: View) -> str | None:
        assert view.question is not None
        asked.append((view.question.id, dict(view.question.facts)["医疗费总额"]))
        return answer

    with place(tmp_path, environment="production") as rig:
        performer = Performer(rig.runtime, confirm=confirm, decide=decide)
        kept = performer.perform(of(performer, "purchase-02"))
        assert [name for name, _ in asked] == ["purchase-02", "confirm"]
        assert asked[0][1] == "local"
        assert str(asked[1][1]).startswith("25.00")
        expected = {"yes": Ends.PASSED, "no": Ends.FAILED, None: Ends.WAITING}
        assert kept.ends is expected[answer]
        assert rig.sent("2102") == (1 if answer == "yes" else 0)
        assert rig.standing() == []


def test_who_is_not_there_waits_for_a_person(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=BILL) as rig:
        performer = Performer(rig.runtime)
        kept = performer.perform(of(performer, "purchase-03"))
        assert kept.ends is Ends.WAITING
        assert "没有可用的" in kept.why
        assert rig.sent("2102") == 0


# -- the regions' forms ------------------------------------------------------------------------------------------------


def form(rig: Rig, name: str) -> Form:
    (made,) = forms_of(rig.runtime.known, rig.runtime.journal, found(rig), [name])
    return made


def cells(made: Form) -> list[str]:
    return [cell.text for each in made.blocks if isinstance(each, Table) for row in each.rows for cell in row]


def beside(made: Form, name: str) -> str:
    """What stands in the cell behind the one that says ``name``."""
    texts = cells(made)
    return texts[texts.index(name) + 1]


def pass_all(rig: Rig, *numbers: str) -> None:
    performer = Performer(rig.runtime)
    for number in numbers:
        kept = performer.perform(performer.named(number))
        assert kept.ends is Ends.PASSED, (number, kept.why)


YES, NO, BLANK = "☑通过  □不通过", "□通过  ☑不通过", "□通过  □不通过"


def test_gansu_ticks_what_was_shown_and_leaves_the_rest(tmp_path: Path) -> None:
    more = (
        '[acceptance.facts]\n"医保局" = "兰州市医疗保障局"\n"药品目录应匹配数" = "120"\n"药品目录完成匹配数" = "118"\n'
        '"病种、诊断手术应匹配数" = "300"\n"病种、诊断手术完成匹配数" = "299"\n'
    )
    with place(tmp_path, more=more) as rig:
        asked = form(rig, "联调确认申请单")
        assert beside(asked, "医药机构编码") == rig.deployment.institution.code
        assert any("☑购药  □门诊  □门特门慢  □住院业务" in text for text in cells(asked))
        assert beside(form(rig, "系统联调验收单"), "购药") == BLANK
        rig.platform.handlers["2102"], kept_handler = _refusing, rig.platform.handlers["2102"]
        Performer(rig.runtime).perform(Performer(rig.runtime).named("purchase-02"))
        made = form(rig, "系统联调验收单")
        assert beside(made, "购药") == NO
        assert any("☑不通过。备注：未通过：购药" in text for text in cells(made))
        rig.platform.handlers["2102"] = kept_handler
        pass_all(rig, "sign-in", "purchase-02", "purchase-03", "purchase-01")
        made = form(rig, "系统联调验收单")
        assert (beside(made, "购药"), beside(made, "住院业务")) == (YES, BLANK)
        assert beside(made, "读卡（电子凭证、社保卡、身份证）") == YES
        assert beside(made, "药品目录") == "120"
        assert cells(made)[cells(made).index("病种、诊断手术") + 1 :][:2] == ["300", "299"]
        assert any("☑基本通过，已完成基本接口" in text for text in cells(made))
        seen = found(rig)
        made_of = {each.infno for each in seen.tallies.values() if each.accepted or each.refused or each.doubtful}
        assert beside(made, "接口总数") == str(len(made_of | {"3201", "3202", "3101", "3102"}))
        assert beside(made, "联调通过总数") == str(sum(seen.has(infno) for infno in seen.tallies))
        assert any("没有乱码" in text for text in cells(made))
        for standard in ("1、联调无超时", "5、结算需要密码校验", "3、导出疾病、手术匹配表"):
            assert any(text.startswith(standard) for text in cells(made))
        assert all("联调人" not in cell.text or cell.foot for each in made.blocks if isinstance(each, Table)
                   for row in each.rows for cell in row)  # fmt: skip


LEVEL = 'medins_type = "A100"\nhosp_lv = "5"'


def test_gansu_counts_what_was_matched_and_computes_its_standards(tmp_path: Path) -> None:
    stated = '[acceptance.stated]\n"GS-039" = "2026-11-30 项目组核对无误"\n'
    with place(tmp_path, more=f'[features]\naudit = "show"\n{stated}', institution=LEVEL) as rig:
        matching = Matching(rig.runtime)
        items = [("101", "D1"), ("101", "D2"), ("102", "D3"), ("301", "M1")]
        matching.take_in(Item(list_type=kind, fixmedins_hilist_id=n, fixmedins_hilist_name=n) for kind, n in items)
        for kind, number in items[:3]:
            matching.confirm(kind, number, "XC07ABM064A001010100001", person="测试员")
        matching.upload()
        pass_all(rig, "purchase-02", "purchase-03", "purchase-01", "reconcile")
        made = form(rig, "系统联调验收单")
        texts = cells(made)
        at = texts.index("药品目录")
        assert texts[at : at + 6] == ["药品目录", "3", "3", "服务项目", "", ""]
        at = texts.index("医用耗材")
        assert texts[at : at + 3] == ["医用耗材", "1", "0"]
        assert texts[texts.index("药品目录", texts.index("目录验证")) + 1] == YES
        for name in ("总账", "明细账"):
            assert beside(made, f"医药机构费用结算对{name}") == YES
        assert beside(made, "事前明细审核分析服务") == beside(made, "事中明细审核分析服务") == YES
        assert any("药品目录 应匹配 3、完成 3；医用耗材 应匹配 1、完成 0" in text for text in texts)
        assert any(text.startswith("3201 已受理；3202 已受理；3101 已受理；3102 已受理") for text in texts)
        ends = {row.requirement.id: row.ends for row in found(rig).rows}
        assert {ends[f"GS-{n}"] for n in ("038", "040", "051", "053", "056", "057", "024")} == {
            Ends.PASSED, Ends.UNTRIED
        }  # fmt: skip
        assert ends["GS-040"] is ends["GS-058"] is Ends.UNTRIED, "nothing to match there, and one item not matched yet"


def test_a_form_shows_garbled_answers_and_refusals(tmp_path: Path) -> None:
    with place(tmp_path) as rig:
        rig.platform.handlers["5204"] = _garbling(rig.platform.handlers["5204"])
        pass_all(rig, "purchase-02")
        made = form(rig, "系统联调验收单")
        assert any("有乱码：报文 P" in text for text in cells(made))
        ends = {row.requirement.id: row.ends for row in found(rig).rows}
        assert (ends["GS-056"], ends["GS-051"]) == (Ends.FAILED, Ends.PASSED)


def _garbling(inner: Any) -> Any:
    def handler(request: Any) -> Any:
        return [row | {"medins_list_name": "锟斤拷"} for row in inner(request)]

    return handler


@pytest.mark.parametrize(("words", "there"), [
    (["门慢"], {"visit-chronic"}), (["门特", "门诊"], {"visit-special", "visit-02"}), (["住院"], {"stay-02"}),
    ([], {"visit-02", "visit-chronic", "visit-special", "stay-02"}),
])  # fmt: skip
def test_an_institution_tries_what_it_is_opened_for(tmp_path: Path, words: list[str], there: set[str]) -> None:
    with place(tmp_path, kind=Kind.HOSPITAL, institution=f"businesses = {json.dumps(words)}") as rig:
        asked = {"visit-02", "visit-chronic", "visit-special", "stay-02"}
        assert {each.id for each in scenarios_of(rig.runtime.known)} & asked == there


def test_chronic_and_special_visits_are_for_a_disease_each(tmp_path: Path) -> None:
    with place(tmp_path, kind=Kind.CLINIC) as rig:
        performer = Performer(rig.runtime)
        waits = performer.perform(of(performer, "visit-special"))
        assert waits.ends is Ends.WAITING, waits.why
        assert "先备案" in waits.why
        assert rig.sent("2201") == 0
        person, code = rig.person(), rig.deployment.institution.code
        for disease, name in (("M03900", "高血压"), ("M00500", "恶性肿瘤门诊治疗")):
            facts = {
                "opsp_dise_code": disease, "opsp_dise_name": name, "ide_fixmedins_no": code,
                "ide_fixmedins_name": "测试机构", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1",
                "diag_dr_name": "测试医师", "begndate": "2026-01-10",
            }  # fmt: skip
            given = {"credential": {"type": "02", "number": person.certno}, "facts": facts}
            view = performer.flows.start("register_chronic_disease", given)
            while view.status is Status.QUESTION:
                view = performer.flows.answer(view.id, "yes")
            assert view.status is Status.DONE, view.error
        pass_all(rig, "visit-chronic", "visit-special")
        settled = rig.platform.world.settlements.values()
        assert [each.visit.facts["dise_codg"] for each in settled][::2] == ["M03900", "M00500"]
        made = form(rig, "系统联调验收单")
        assert beside(made, "门慢业务") == beside(made, "门特业务") == YES


def test_dongguan_wants_one_settlement_by_card_and_one_by_code(tmp_path: Path) -> None:
    with place(tmp_path, "dongguan") as rig:
        pass_all(rig, "purchase-02")
        made = form(rig, "验收材料清单")
        texts = cells(made)
        row = texts.index("居民身份证")
        assert texts[row + 2] == rig.platform.world.ledger()[0]["setl_id"]
        assert texts[texts.index("医保电子凭证") + 3] == "□已有  ☑没有"
        assert texts[row + 4] == "须由人录制"
        demanded = {infno for each in rig.runtime.known.requirements for infno in each.infnos}
        listed = {word for text in texts for line in text.split("\n") for word in line.split()[:1]}
        assert demanded <= listed, demanded - listed


def test_shaanxi_marks_persons_media_and_places(tmp_path: Path) -> None:
    with place(tmp_path, "shaanxi") as rig:
        done = (
            "purchase-02",
            "purchase-employee-02-province",
            "purchase-employee-01-cross",
            "purchase-resident-03-local",
        )
        pass_all(rig, *done)
        made = form(rig, "接口测试情况表")
        assert "没有公开" in made.note
        (matrix,) = [each for each in made.blocks if isinstance(each, Table) and each.repeated == 2]
        marks = {row[-10].text: [cell.text for cell in row[-9:]] for row in matrix.rows[2:]}
        assert marks["城镇职工"] == ["", "", "√", "", "", "√", "√", "", ""]
        assert marks["城乡居民"] == ["", "√", *[""] * 7]
        assert marks["离休干部"] == [""] * 9
        rows = {row.requirement.id: row.ends for row in found(rig).rows}
        assert rows["SX-012"] is Ends.PASSED
        assert rows["SX-006"] is not Ends.PASSED


def test_sichuan_is_not_ready_without_the_extended_transactions(tmp_path: Path) -> None:
    with place(tmp_path, "sichuan") as rig:
        pass_all(rig, "sign-in")
        made = form(rig, "接口改造进度")
        assert beside(made, "基线版接口") == "正文称 111 个，列出 109 个；已联调 1 个"
        assert beside(made, "是否具备上线条件") == "□具备  ☑不具备"
        assert "扩展交易 22 个中已声明 0 个" in beside(made, "尚缺")
        headings = [each.text for each in made.blocks if isinstance(each, Paragraph)]
        for told in (
            "最优实现（9月1日至9月30日）：49 个",
            "次级实现（9月1日至10月15日）：41 个",
            "最后实现（9月1日至10月30日）：18 个",
        ):
            assert any(told in text for text in headings)
        assert sum(text.startswith(("□", "☑")) and "具备" not in text for text in cells(made)) == 15
        assert cells(form(rig, "接口开发和测试负责人名单"))[::4][1:] == ["分管领导", "信息科", "医保科", "HIS 系统"]


def test_xinjiang_reports_the_week_over_all_its_institutions(tmp_path: Path) -> None:
    names: dict[str, str] = {}
    for number, (kind, stated) in enumerate(
        [(Kind.PHARMACY, ""), (Kind.HOSPITAL, '[acceptance.stated]\nXJ-077 = "2024-10-20 验收单"\n')], start=1
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with place(folder, "xinjiang", kind, more=stated) as rig:
            if kind is Kind.PHARMACY:
                pass_all(rig, "purchase-02")
                asked = {"fixmedins_code": rig.deployment.institution.code, "medins_list_codg": "H-1"}
                rig.runtime.call("3513", {"data": asked})
        names[kind.value] = str(rig.config)
        text = rig.config.read_text("utf-8").replace('"test"', f'"place{number}"', 1)
        text = text.replace("sqlite:///", f"sqlite:///{number}/").replace('"secrets/', f'"{number}/secrets/')
        (tmp_path / f"place{number}.toml").write_text(text, "utf-8")
    done = liangding("acceptance", "weekly", tmp_path, "--day", "2024-11-04")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "report").glob("*.xlsx")
    assert path.name == "周进度表-20241028-20241103.xlsx"
    sheet: Any = openpyxl.load_workbook(path).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert str(rows[0][0]).endswith("医保局医保业务应用接口改造周进度表")
    assert rows[1][0] == "2024年10月28日-2024年11月3日"
    assert rows[2] == [
        "机构类型", "接口家数", "药品追溯码", "电子处方流转", "医保码全流程应用", "移动支付", "电子结算凭证", "一码付",
    ]  # fmt: skip
    assert rows[3] == ["定点医疗机构", "总数 (家)", 1, 1, 1, 1, 1, 1]
    assert rows[4] == [None, "已完成改造 (家)", 0, 1, 0, 0, 0, 0]
    assert rows[6] == ["定点零售药店", "总数 (家)", 1, 1, 1, "—", 1, 1]
    assert rows[7][2] == 1, "the platform has the codes, and shows them"
    late = {row[0]: row[1:3] for row in rows[9:]}
    assert late["药品追溯码"] == ["2024-09-30", 1]
    assert late["一码付"] == ["2024-11-30", 0]


def test_xinjiang_counts_vouchers_as_finished_when_the_platform_shows_one(tmp_path: Path) -> None:
    def stands(rig: Rig) -> tuple[Ends, str]:
        ends = {row.requirement.id: row.ends for row in found(rig).rows}
        cells_of = [
            row for each in form(rig, "应用接口改造进度").blocks if isinstance(each, Table) for row in each.rows
        ]
        (how,) = [row[3].text for row in cells_of if row[0].text == "电子结算凭证"]
        return ends["XJ-083"], how

    def asked(rig: Rig, number: str) -> Any:
        return rig.runtime.call("5501", {
            "fixmedinsCode": rig.deployment.institution.code, "fixmedinsName": "测试机构",
            "elecSetlCertCode": "44060124", "elecSetlCertNo": number, "elecSetlCertChkcode": "abc123",
            "elecSetlCertType": "1",
        })  # fmt: skip

    with place(tmp_path, "xinjiang", Kind.HOSPITAL) as rig:
        assert stands(rig) == (Ends.UNTRIED, "尚未开始")
        area = {"mdtrtareaAdmdvs": AREAS["xinjiang"]}
        for batch, wrong in (("2026112100001", True), ("2026112100002", False)):
            held = settled(batch, "NONE", "100.00", **area) if wrong else voucher(batch, **area)
            view = rig.flows.start("voucher_upload", {"batch_no": batch, "vouchers": [held]}, key=batch)
            assert (view.status, bool(view.result["refused"])) == (Status.DONE, wrong), view.error
            assert stands(rig) == (Ends.UNTRIED, "正在改造"), "sent, and nobody has seen it at the platform"
        with pytest.raises(CallRefused):
            asked(rig, "2026112100001")
        assert stands(rig)[1] == "正在改造"
        asked(rig, "2026112100002")
        assert stands(rig) == (Ends.PASSED, "已完成改造")


# -- what is kept ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": 9}', "由更新的版本写成"),
        ("{", "读不懂验收记录"),
        ('{"format": 1, "run": "x", "institution": "P99999999999", "scenarios": {}}', "是机构 P99999999999 的验收记录"),
    ],
)
def test_a_record_that_is_not_ours_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with rig_for(tmp_path) as rig:
        state = read_state(rig.deployment)
        write_state(rig.deployment, state)
        assert read_state(rig.deployment) == state
        (folder_of(rig.deployment) / "acceptance.json").write_text(content, "utf-8")
        with pytest.raises(ConfigurationError, match=said):
            read_state(rig.deployment)


def test_what_a_person_states_counts_where_nothing_shows_otherwise(tmp_path: Path) -> None:
    stated = '[acceptance.stated]\nGS-048 = "2026-11-30 已交申请单"\nGS-024 = "人说通过"\n'
    with place(tmp_path, more=stated) as rig:
        performer = Performer(rig.runtime)
        rig.platform.handlers["2101"] = _refusing
        performer.perform(of(performer, "purchase-02"))
        seen = found(rig)
        rows = {row.requirement.id: row for row in seen.rows}
        assert rows["GS-048"].ends is Ends.STATED
        assert rows["GS-024"].ends is Ends.FAILED, "what the journal shows counts before what is stated"
        assert rows["GS-049"].ends is Ends.PERSON


def test_a_scenario_that_shows_what_is_no_requirement_is_an_error(tmp_path: Path) -> None:
    from liangding.contract import Acceptance, hookimpl

    class Plugin:
        @staticmethod
        @hookimpl
        def liangding_acceptance(deployment: Any) -> Acceptance:
            return Acceptance(shows={"purchase-02": ("GS-999",)})

    with (
        place(tmp_path, objects={"other": Plugin()}) as rig,
        pytest.raises(ConfigurationError, match="没有要求 GS-999"),
    ):
        scenarios_of(rig.runtime.known)


# -- papers ------------------------------------------------------------------------------------------------------------


def test_a_form_is_the_same_in_every_kind_of_file() -> None:
    rows = (
        (label("项目", rows=2), label("甲", columns=2)),
        (filled(box(True, "通过")), filled("7", align="right")),
        (filled("签字", columns=3, height=20, foot="年 月 日"),),
    )
    form = Form(
        name="样",
        title="样表",
        blocks=(
            Paragraph(text="样表", size="title"), Table(widths=(1, 2, 1), rows=rows), NewPage(), Paragraph(text="完"),
        ),
    )  # fmt: skip
    assert pdf(form).startswith(b"%PDF")
    document = Document(io.BytesIO(docx(form)))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[1].cells] == ["项目", "☑通过", "7"]
    assert table.rows[0].cells[1].text == table.rows[0].cells[2].text == "甲"
    assert "年 月 日" in table.rows[2].cells[0].text
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(form))).active
    assert sheet is not None
    assert [sheet.cell(3, column).value for column in (1, 2, 3)] == [None, "☑通过", 7]
    assert {str(each) for each in sheet.merged_cells.ranges} >= {"A2:A3", "B2:C2", "A4:C4"}
    with pytest.raises(ValueError, match="do not fill"):
        Table(widths=(1, 1), rows=((filled(), filled()), (filled(),)))


def test_the_command_lists_runs_and_reports(tmp_path: Path) -> None:
    with place(tmp_path) as rig:
        done = liangding("acceptance", "run", "sign-in", "purchase-02", "--config", rig.config)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "联调通过 purchase-02" in done.stdout
        listed = json.loads(liangding("acceptance", "list", "--config", rig.config, "--json").stdout)
        assert sum(listed["counts"].values()) == len(listed["requirements"])
        assert {each["scenario"]: each["ends"] for each in listed["scenarios"]}["purchase-02"] == "passed"
        told = liangding("acceptance", "report", "系统联调验收单", "--config", rig.config)
        assert told.returncode == 0, told.stderr
        made = {path.name for path in (tmp_path / "acceptance" / "test" / "report").iterdir()}
        assert made == {"系统联调验收单.pdf", "系统联调验收单.docx"}
        wrong = liangding("acceptance", "run", "purchase-2", "--config", rig.config)
        assert wrong.returncode == 2
        assert "是不是想写 purchase-02" in wrong.stderr
