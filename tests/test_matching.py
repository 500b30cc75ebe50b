"""Matching: proposed by machine, confirmed by a person, each batch with the platform once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from liangding.catalogue.items import BrokenTable, Item, read_items
from liangding.catalogue.matching import Matching, MatchState, NotMatched, candidates
from liangding.catalogue.opening import open_shelf
from liangding.catalogue.shelf import Shelf
from liangding.errors import CallFailed
from liangding.simulator.chapters.matching import matchings
from liangding.simulator.faults import Fault
from support import Rig, rig_for, simulated_rig_for
from test_catalogue import drug, put
from test_cli import liangding

HEAD = "fixmedins_hilist_id,fixmedins_hilist_name,list_type,med_list_codg,spec"


@pytest.fixture
def at_work(journal_url: str, tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, journal=journal_url, more='[catalogues]\nurl = "sqlite:///c.db"') as rig:
        yield rig


@pytest.fixture
def shelf(at_work: Rig, tmp_path: Path) -> Iterator[Shelf]:
    opened = open_shelf(at_work.deployment)
    named = [
        drug(1, "阿莫西林胶囊", drug_spec="0.25g"), drug(2, "阿莫西林胶囊", drug_spec="0.5g"),
        drug(3, "布洛芬缓释胶囊", drug_spec="0.3g"), drug(4, "人参"),
    ]  # fmt: skip
    put(opened, tmp_path / "drugs.zip", named)
    yield opened
    opened.close()


def item(number: int, name: str = "阿莫西林胶囊", **more: str) -> Item:
    return Item(fixmedins_hilist_id=f"D{number}", fixmedins_hilist_name=name, list_type="101", **more)


@pytest.mark.parametrize(
    ("given", "codes", "why"),
    [
        (item(1, "随便什么", med_list_codg="X000003"), ["X000003"], "编码相同"),
        (item(1, spec="0.5g"), ["X000002", "X000001"], "名称、规格相近"),
        (item(1, spec="0.25g"), ["X000001", "X000002"], "名称、规格相近"),
        (item(1, "布洛芬胶囊"), ["X000003"], "名称、规格相近"),
        (item(1, "没有这种东西"), [], ""),
    ],
)
def test_candidates_by_code_then_by_name_and_specification(
    given: Item, codes: list[str], why: str, shelf: Shelf
) -> None:
    found = candidates(shelf, given)
    assert [each.code for each in found] == codes
    assert {each.why for each in found} <= {why}


def test_from_a_table_to_the_platform_and_back(at_work: Rig, shelf: Shelf) -> None:
    matching = Matching(at_work.runtime)
    matching.take_in([item(1, spec="0.5g"), item(2, "布洛芬缓释胶囊"), item(3, "不知道是什么")])
    assert matching.propose(shelf) == 2
    assert matching.upload() == (0, 0), "nothing goes that nobody confirmed"
    with pytest.raises(NotMatched):
        matching.confirm("101", "D1", "X000002", person=" ")
    matching.confirm("101", "D1", "X000002", person="张三")
    matching.confirm("101", "D2", "X000003", person="张三")
    assert matching.upload() == (2, 0)
    assert (matching.upload(), at_work.sent("3301")) == ((0, 0), 1)
    assert matching.counted() == {"101": (3, 2)}
    assert matching.gaps(["D1", "D3", "D9", "D3"]) == ["D3", "D9"]
    with pytest.raises(NotMatched, match="撤销"):
        matching.confirm("101", "D1", "X000001", person="张三")
    matching.withdraw("101", "D1")
    matching.confirm("101", "D1", "X000001", person="李四")
    assert matching.upload() == (1, 0)
    held = matchings(at_work.platform.world)
    assert {number: row["med_list_codg"] for (_, number), row in held.items()} == {"D1": "X000001", "D2": "X000003"}
    matching.take_in([item(1, "改了名"), item(4)])
    assert [each.state for each in matching.listed()] == [
        MatchState.UPLOADED, MatchState.UPLOADED, MatchState.OPEN, MatchState.OPEN,
    ]  # fmt: skip


def test_batches_are_as_long_as_the_platform_takes_and_go_once(at_work: Rig) -> None:
    matching = Matching(at_work.runtime)
    matching.take_in([item(number) for number in range(230)])
    for number in range(230):
        matching.confirm("101", f"D{number}", "X000001", person="张三")
    at_work.strike(Fault.REQUEST_LOST, "3301", times=0, skip=1)
    with pytest.raises(CallFailed):
        matching.upload()
    assert sorted(matching.counted().values()) == [(230, 100)]
    at_work.door.faults.clear()
    with pytest.raises(CallFailed):
        matching.upload()
    assert len(matchings(at_work.platform.world)) == 100, "what nobody knows the end of is not sent again"


def test_a_batch_that_is_refused_says_why(at_work: Rig) -> None:
    matching = Matching(at_work.runtime)
    matching.take_in([item(1)])
    matchings(at_work.platform.world)["101", "D1"] = {"med_list_codg": "X9"}
    matching.confirm("101", "D1", "X000001", person="张三")
    assert matching.upload() == (0, 1)
    (held,) = matching.listed(states=[MatchState.REFUSED])
    assert "已有对照" in held.said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("编号,名称\nD1,a", "不认识的列 编号"),
        ("fixmedins_hilist_id,list_type\nD1,101", "缺少列 fixmedins_hilist_name"),
        (f"{HEAD}\nD1,,101,,", "第 2 行的 fixmedins_hilist_name 是空的"),
        (f"{HEAD}\nD1,a,101,,\nD1,b,101,,", "第 3 行的编号 D1 出现两次"),
    ],
)
def test_a_table_that_is_not_right_says_where(text: str, said: str, tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text(text, "utf-8")
    with pytest.raises(BrokenTable, match=said):
        read_items(path)


def test_tables_are_read_alike_as_csv_and_as_workbook(tmp_path: Path) -> None:
    rows = [HEAD.split(","), ["D1", "阿莫西林胶囊", "101", "", "0.5g"], ["", "", "", "", ""]]
    (plain := tmp_path / "a.csv").write_text("\n".join(map(",".join, rows)), "utf-8-sig")
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    assert read_items(plain) == read_items(tmp_path / "a.xlsx") == [item(1, spec="0.5g")]


def test_the_commands_of_matching(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig:

        def run(*arguments: str) -> Any:
            return liangding("matching", *arguments, "--config", rig.config)

        liangding("catalogue", "sync", "--only", "1301", "--config", rig.config)
        (path := tmp_path / "a.csv").write_text(f"{HEAD}\nD1,测试注册名称1,101,,", "utf-8")
        assert "记下 1 条" in run("import", str(path)).stdout
        assert "1 条有了候选" in run("propose").stdout
        (row,) = json.loads(run("list", "--json").stdout)
        assert row["code"].startswith("SIM1301")
        assert run("confirm", "101", "D1", row["code"], "--person", "张三").returncode == 0
        assert "上传 1 条" in run("upload").stdout
        assert json.loads(run("counts", "--json").stdout) == [{"list_type": "101", "due": 1, "done": 1}]
        assert run("withdraw", "101", "D1").returncode == 0
