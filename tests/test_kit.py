"""The authors' kit: a new plugin passes its own tests, and each rule sees what it is there for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from installing import about, environment, installed_plugin
from liangding.cli.app import run as cli
from liangding.errors import ConfigurationError
from liangding.kit.conformance import RuleVerdict, RunEnds, all_rules, judge, judged, tier_of
from liangding.kit.rules import RULES, Tier
from liangding.kit.scaffold import write_plugin
from liangding.kit.subject import PluginAtTest
from liangding.knowledge import Knowledge
from liangding.knowledge.plugins import installed
from liangding.knowledge.regions import places


def test_there_are_rules_enough_each_with_a_page() -> None:
    assert len(RULES) >= 30
    assert sum(not rule.person for rule in RULES.values()) >= 30
    for rule in all_rules():
        assert rule.id[0] == rule.tier.name[0]
        assert rule.title
        paragraphs = rule.page.split("\n\n")
        assert [p.partition(":")[0] for p in paragraphs[1:]] == ["Why", "Example", "Exception"], rule.id


# -- a plugin to begin from --------------------------------------------------------------------------------------------


def test_a_new_plugin_passes_its_own_tests(tmp_path: Path) -> None:
    folder = tmp_path / "yunshan"
    assert cli(["new-province", "yunshan", "--chinese", "云山", "--area", "980100", "--folder", str(folder)]) == 0
    about(tmp_path / "site", "yunshan", (folder / "README.md").read_text("utf-8"))
    sees = environment(tmp_path / "site", folder / "src")
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        env=sees, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tests.returncode == 0, tests.stdout + tests.stderr
    assert " passed" in tests.stdout
    asked = [arg for number in ("B01", "S12", "S17", "G06") for arg in ("--rule", number)]
    command = [sys.executable, "-m", "liangding", "conformance", "yunshan", "--json", *asked]
    told = json.loads(subprocess.run(command, env=sees, capture_output=True, text=True, check=True).stdout)
    assert [each["ends"] for each in told["rules"]] == ["passed", "not concerned", "exempt", "open"]


def test_a_tier_is_reached_when_all_of_it_and_below_holds() -> None:
    held = {rule.id: RuleVerdict(rule=rule, ends=RunEnds.PASSED) for rule in all_rules()}
    assert tier_of(held.values()) is Tier.GOLD
    held["G06"] = RuleVerdict(rule=RULES["G06"], ends=RunEnds.OPEN)
    assert tier_of(held.values()) is Tier.SILVER
    held["S17"] = RuleVerdict(rule=RULES["S17"], ends=RunEnds.EXEMPT, why="没有公开的文件")
    assert tier_of(held.values()) is Tier.SILVER
    held["S08"] = RuleVerdict(rule=RULES["S08"], ends=RunEnds.FAILED)
    assert tier_of(held.values()) is Tier.BRONZE
    held["B01"] = RuleVerdict(rule=RULES["B01"], ends=RunEnds.FAILED)
    assert tier_of(held.values()) is Tier.NONE


@pytest.mark.parametrize(
    ("name", "area", "words"),
    [("Yun", "980100", "不能作插件名"), ("yun", "98", "六位医保区划"), ("gansu", "620100", "已经安装")],
)
def test_a_plugin_that_cannot_be_is_not_written(tmp_path: Path, name: str, area: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        write_plugin(name, "某地", area, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ConfigurationError, match="里已有文件"):
        write_plugin("yun", "某地", "980100", tmp_path)


# -- what the rules see ------------------------------------------------------------------------------------------------

WRONG = '''
"""Short."""

import os
import itertools
from typing import Annotated

from liangding.contract import CallRefused, Region, around, hookimpl
from liangding.national import outpatient
from liangding.runtime import Runtime
from liangding.spec import Does, Of, Unasked, amends, chapter, code, node, renamed, text
from liangding.spec.codes import Code

open(os.devnull, "w").close()

TURNS = itertools.cycle(["41", "11"])

transaction = chapter("matters", "测试")


def never(message, circumstances):
    from liangding.spec.problems import problem
    yield problem(("data", "word"), "never", "从来不对")


@node
class Word:
    word: Annotated[str, text(30, "")]


@transaction("99771", "一件事", "one matter")
class Matter:
    request_checks = (never,)

    @node
    class Input:
        data: Word

    @node
    class Output:
        data: Word


@transaction("99772", "结算", "a settlement", does=Does.SETTLES, of=Of.VISIT, looked_for=Unasked("没有"))
class Settle:
    @node
    class Input:
        data: Word

    @node
    class Output:
        data: Word


@hookimpl
def liangding_places():
    return {"wrong": "970100"}


@hookimpl
def liangding_region(deployment):
    return Region(name="错", local=("9702",), province=("97",))


@hookimpl
def liangding_transactions(deployment):
    outpatient.Register.__doc__ += "\\n- 改了国家的声明"
    return {"99771": Matter, "99772": Settle, "2202": amends(renamed("data", "mdtrtinfo"))}


@hookimpl
def liangding_fixed_values(deployment):
    return {"2102": {"med_type": next(TURNS)}}


@hookimpl
def liangding_code_tables(deployment):
    return {"med_type": [Code(code="41", name="别的意思")]}


@hookimpl
def liangding_gateway(scheme):
    return None


@hookimpl
def liangding_flow_steps(flow):
    return ()


@hookimpl
def liangding_simulate(deployment):
    return {"99772": lambda request: {}}


@around("2102", "2102A")
def stumble(call):
    answer = yield
    call.advise("{psn_name} 付了", answer.output.setlinfo)
    if answer.output.setlinfo.exp_content["left"]:
        return answer
    return answer
'''

SEES = {
    "B03": "__init__.py imports liangding.runtime.Runtime",
    "B05": "99771 request: data.word",
    "B06": "970100 is 省内异地",
    "B07": "the docstring says too little",
    "B08": "nothing is listed",
    "B09": "open /dev/null",
    "B10": "2102 (pharmacy_settle) has no docstring",
    "B11": "the national 2201 is another",
    "B12": "liangding_fixed_values for wrong",
    "B13": "no flow of any place and kind is changed",
    "S01": "99771 says not of what",
    "S02": "99771 changes something",
    "S03": "99772 names nothing that takes it back",
    "S04": "99771 is not played",
    "S05": "99772: ",
    "S09": "2102: 插件 wrong",
    "S12": "no known signature is recorded",
    "S13": "41: 别的意思, nationally",
    "S14": "2202 does not say what is other here",
    "S16": "2102 tells of a person",
    "S17": "the plugin gives none",
    "S18": "99771 input word has no label",
    "G01": "the plugin gives no requirements",
    "G03": "99771 was not seen",
    "G04": "2102 was not accepted",
    "G05": "says little in Chinese",
}


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    with installed_plugin("wrong", WRONG, tmp_path_factory.mktemp("site")):
        yield PluginAtTest("wrong")


@pytest.mark.parametrize("number", SEES)
def test_each_rule_sees_what_it_is_there_for(wrong: PluginAtTest, number: str) -> None:
    verdict = judge(wrong, RULES[number])
    assert verdict.ends is RunEnds.FAILED
    assert any(SEES[number].replace("，", ", ") in finding.replace("，", ", ") for finding in verdict.findings), (
        verdict.findings
    )


# -- what authors say --------------------------------------------------------------------------------------------------


def test_evidence_and_exemptions_are_the_record_s(tmp_path: Path) -> None:
    with installed_plugin("told", '"""Told."""', tmp_path):
        record = tmp_path / "liangding_told" / "conformance.toml"
        record.write_text('[exempt]\nB02 = "是设备的驱动"\n[done]\nG06 = "复核单 3 号"\n', "utf-8")
        subject = PluginAtTest("told")
        ends = {n: judge(subject, RULES[n]) for n in ("B02", "G06", "G07")}
        assert [v.ends for v in ends.values()] == [RunEnds.EXEMPT, RunEnds.DONE, RunEnds.OPEN]
        assert ends["G06"].why == "复核单 3 号"
        record.write_text('[exempts]\nB02 = "x"\n', "utf-8")
        with pytest.raises(ConfigurationError, match=r"exempts.*是不是想写 exempt"):
            _ = PluginAtTest("told").record


@pytest.mark.parametrize(
    ("edition", "words"),
    [
        ("1.0", ""),
        ("1.9", "升级 liangding"),
        ("2.0", "升级 liangding"),
        ("0.9", "换用为 1 版契约写的插件"),
        (1, "应写作"),
    ],
)
def test_a_plugin_of_another_edition_is_a_clear_error_at_start(tmp_path: Path, edition: object, words: str) -> None:
    subject = PluginAtTest("gansu")
    plugin = type("Plugin", (), {"LIANGDING_API": edition})()
    if not words:
        Knowledge(subject.deployment("620100", next(iter(subject.cases()))[1]), plugins={"other": plugin})
        return
    with pytest.raises(ConfigurationError, match=f"插件 other 的 LIANGDING_API：.*{words}"):
        Knowledge(subject.deployment("620100", next(iter(subject.cases()))[1]), plugins={"other": plugin})


# -- the plugins here --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", sorted({plugin for plugin, _ in places().values()}))
def test_every_region_here_is_at_least_bronze(plugin: str) -> None:
    assert plugin in installed()
    verdicts = judged(PluginAtTest(plugin), [rule for rule in all_rules() if rule.tier is Tier.BRONZE])
    assert [(v.rule.id, v.findings) for v in verdicts if not v.ends.holds] == []


def test_the_matrix_says_how_well_each_transaction_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["conformance", "gansu", "--matrix", "--json"]) == 0
    held = json.loads(capsys.readouterr().out)
    assert held["2102"] == {"gansu": "simulated"}
    assert held["4507"] == {"gansu": "declared"}
