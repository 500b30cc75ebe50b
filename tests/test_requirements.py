"""Requirements as data: every row of the documents once, none that works unshown, slips told."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from liangding.config import Kind
from liangding.contract.requirements import COLUMNS, Requirement, Standing, read_requirements, unproved
from liangding.errors import ConfigurationError
from shell import liangding
from support import write_deployment
from test_plugins import knowledge

TESTS = Path(__file__).parent

ROWS = {"shaanxi": 30, "xinjiang": 88, "gansu": 61, "sichuan": 179, "dongguan": 216}
"""How many things the document of each province demands, counted by hand."""

KINDS = tuple(Kind)


def rows_of(plugin: str) -> tuple[Requirement, ...]:
    return read_requirements(f"liangding_{plugin}")


@pytest.mark.parametrize("plugin", ROWS)
def test_each_row_of_a_document_is_there_and_what_works_is_shown(plugin: str) -> None:
    rows = rows_of(plugin)
    numbers = [int(each.id.split("-")[1]) for each in rows]
    assert numbers == list(range(1, ROWS[plugin] + 1))
    assert unproved(rows, TESTS) == []
    assert all(re.search("[\u4e00-\u9fff]", each.text) and each.section for each in rows)


def test_the_products_own_card_stands_in_the_docs() -> None:
    told = (TESTS.parent / "docs" / "requirements.md").read_text("utf-8")
    rows = re.findall(r"^\| (CARD-\d{3}) \| .+ \| (works|open) \| (.+) \|$", told, re.MULTILINE)
    assert [row[0] for row in rows] == [f"CARD-{n:03}" for n in range(1, 14)]
    for number, state, shown_by in rows:
        file, _, name = shown_by.partition("::")
        assert state == "open" or f"def {name}(" in (TESTS / file).read_text("utf-8"), number


def test_what_is_not_public_is_no_promise() -> None:
    states = {each.infnos[0]: each.standing for each in rows_of("dongguan") if each.infnos}
    assert {states[n] for n in ("90104", "90304", "90504", "90517")} == {Standing.NOT_PUBLIC}
    hidden = {each.id for each in rows_of("gansu") if each.standing is Standing.NOT_PUBLIC}
    assert hidden == {"GS-030", "GS-031"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X-1\t一\ttransaction\t\t\t购药\tworks", "由哪个测试证明"),
        ("X-1\t一\ttransaction\t\t\t购药\topen\ttest_x.py::test_y", "由哪个测试证明"),
        ("X-1\t一\ttransactoin\t\t\t购药\topen", "是不是想写 transaction"),
        ("X-1\t一\torder\tpharmcy\t\t购药\topen", "是不是想写 pharmacy"),
        ("X-1\t一\torder\t\t\t购药\tdone", "没有 done"),
        ("X-1\t一\torder\t\t\t\topen", "不能为空"),
        ("X-1\t一\torder\t\t\t购药\topen\nX-1\t一\torder\t\t\t购药\topen", "出现两次"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_line(
    row: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "made_up"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "requirements.tsv").write_text("\t".join(COLUMNS) + f"\n{row}\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "made_up", raising=False)
    with pytest.raises(ConfigurationError, match=said) as refused:
        read_requirements("made_up")
    assert re.search(r"made_up/requirements.tsv: [23]", refused.value.path)


def test_a_row_that_works_by_a_test_which_is_not_there_is_found() -> None:
    works = next(each for each in rows_of("gansu") if each.standing is Standing.WORKS)
    assert unproved([works], TESTS.parent) == [works.id]


def test_an_institution_is_shown_what_concerns_it(tmp_path: Path) -> None:
    counted = {kind: len(knowledge(tmp_path, "dongguan", "441900", kind).requirements) for kind in KINDS}
    everybody = Counter(each.kinds for each in rows_of("dongguan"))
    assert counted == {kind: everybody[()] + everybody[(kind,)] for kind in KINDS}
    assert knowledge(tmp_path, "dongguan", "440100").requirements == ()
    assert knowledge(tmp_path, "hunan", "430100").requirements == ()


def test_requirements_and_slips_from_the_command_line(tmp_path: Path) -> None:
    config = write_deployment(tmp_path, province="sichuan", area="510400", kind=Kind.HOSPITAL, gateway="plain")
    told = json.loads(liangding("requirements", "--config", config, "--state", "not-public", "--json").stdout)
    assert {each["id"] for each in told} == {"SC-111", "SC-172"}
    printed = liangding("requirements", "--config", config).stdout
    assert "共 179 项" in printed
    assert "正文称111个接口" in re.sub(r"\s+", "", printed)
    for infno, said in {"2305": "【2207】", "2405": "【2402】", "3505": "3504"}.items():
        explained = liangding("explain", infno, "--config", config).stdout
        assert "文件笔误（《四川省医保信息系统定点医疗机构接口规范》的通知与工作指引（2021-09-01））" in re.sub(
            r"\s+", "", explained
        )
        assert said in explained, infno


@pytest.mark.parametrize(("province", "area", "day"), [("sichuan", "510400", "2021-09-01"), ("hunan", "430100", "无")])
def test_check_says_which_documents_a_plugin_follows(tmp_path: Path, province: str, area: str, day: str) -> None:
    """四川 四章：扩展部分随政策变动，由省里发文。拿到新的文件时，先看插件按的是哪一份."""
    config = write_deployment(tmp_path, province=province, area=area, gateway="plain")
    said = next(line for line in liangding("check", "--config", config).stdout.splitlines() if "所据文件" in line)
    assert day in said
