"""Matching: proposed by machine, confirmed by a person, each batch with the platform once."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import xlsxwriter

from liangding.catalogue.finding import show
from liangding.catalogue.items import BrokenTable, Item, read_items
from liangding.catalogue.mapping import mapping, write_mapping
from liangding.catalogue.matching import Matching, MatchState, NotMatched, candidates
from liangding.catalogue.opening import open_shelf
from liangding.catalogue.shelf import Shelf, code_of
from liangding.catalogue.syncing import CatalogueSync
from liangding.cli.app import run as command
from liangding.config import Kind
from liangding.errors import CallFailed, LiangdingError
from liangding.files.layouts import layout_of
from liangding.files.tables import rows_of_file
from liangding.kit.trials import trial_settings
from liangding.simulator.chapters.matching import matchings
from liangding.simulator.chapters.queried import terms
from liangding.simulator.faults import Fault
from shell import liangding
from support import Rig, bill, rig_for, run_flow, simulated_rig_for, write_secret
from test_catalogue import drug, put

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
        (f"{HEAD}\nD1,a,药品,,", "第 2 行的 list_type 不是目录类别：药品"),
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


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_LOST])
def test_of_a_batch_that_nobody_knows_the_end_of_the_platform_is_asked(fault: Fault, at_work: Rig) -> None:
    matching = Matching(at_work.runtime)
    matching.take_in([item(number) for number in range(3)])
    for number in range(3):
        matching.confirm("101", f"D{number}", "X000001", person="张三")
    at_work.strike(fault, "3301")
    if fault is Fault.ANSWER_LOST:
        assert matching.upload() == (3, 0)
    else:
        with pytest.raises(CallFailed):
            matching.upload()
        for _ in range(4):
            at_work.runtime.clock.sleep(600)
            at_work.runtime.resolver.sweep()
        assert matching.upload() == (3, 0)
    assert (at_work.sent("1317") >= 3, len(matchings(at_work.platform.world))) == (True, 3)
    at_work.strike(Fault.ANSWER_LOST, "3302")
    matching.withdraw("101", "D1")
    assert len(matchings(at_work.platform.world)) == 2


def test_diseases_and_operations_are_matched_here_and_exported_with_how_far_the_names_are_apart(
    at_work: Rig, tmp_path: Path
) -> None:
    with contextlib.closing(open_shelf(at_work.deployment)) as shelf:
        list(CatalogueSync(at_work.runtime, shelf, tmp_path).sync(["1307", "1308"]))
        rows = [next(iter(shelf.rows(layout_of(number)))) for number in ("1307", "1308")]
        disease, operation = (
            show(shelf, str(row[code_of(layout_of(number))]), number=number)
            for number, row in zip(("1307", "1308"), rows, strict=True)
        )
        assert disease is not None
        assert operation is not None
        matching = Matching(at_work.runtime)
        own = [
            ("I1", disease.names[0], "1307", "", ""), ("I2", "完全另外的叫法", "1307", disease.code, ""),
            ("I3", "完全另外的叫法", "1307", disease.code, "院内俗称"), ("O1", "查不到的", "1308", "99.9999", ""),
            ("O2", operation.names[0], "1308", "", ""),
        ]  # fmt: skip
        names = ("fixmedins_hilist_id", "fixmedins_hilist_name", "list_type", "med_list_codg", "memo")
        matching.take_in([Item(**dict(zip(names, each, strict=True))) for each in own])
        assert matching.propose(shelf) == 4
        for number in ("I1", "I2", "I3"):
            matching.confirm("1307", number, disease.code, person="张三")
        matching.confirm("1308", "O1", "99.9999", person="张三")
        assert matching.upload() == (0, 0), "codes of diseases and operations go with each visit"
        assert matching.counted() == {"1307": (3, 3), "1308": (2, 1)}
        found = mapping(shelf, matching.listed(), ["1307", "1308"])
        assert [each.odd for each in found] == ["", "名称差得多，要说明（memo）", "", "目录里没有这个编码", ""]
        assert (found[0].alike, found[0].their_name) == (100.0, disease.names[0])
    for path in (tmp_path / "m.csv", tmp_path / "m.xlsx"):
        write_mapping(found, path)
        assert [row["待办"] for row in rows_of_file(path)] == [each.odd for each in found]
    with pytest.raises(LiangdingError, match="csv"):
        write_mapping(found, tmp_path / "m.doc")


def test_items_come_from_a_view_of_another_database(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "his.db")) as database, database:
        database.execute("CREATE TABLE drugs (no TEXT, name TEXT, spec TEXT)")
        database.execute("INSERT INTO drugs VALUES ('D1', '阿莫西林胶囊', '0.5g')")
    query = "SELECT no AS fixmedins_hilist_id, name AS fixmedins_hilist_name, '101' AS list_type, spec FROM drugs"
    write_secret(tmp_path, "url", f"sqlite:///{tmp_path}/his.db")
    view = tmp_path / "his.toml"
    view.write_text(f'[source]\nurl = {{ file = "secrets/url" }}\nquery = "{query}"\n', "utf-8")
    assert read_items(view) == [item(1, spec="0.5g")]
    view.write_text('[source]\nurl = { file = "secrets/url" }\nquery = "SELECT 1 AS number"\n', "utf-8")
    with pytest.raises(BrokenTable, match="不认识的列 number"):
        read_items(view)


def test_the_till_is_told_of_what_is_not_matched(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig:
        given = bill(rig.person())
        sold = given["rows"][0]

        def told(number: str) -> list[str]:
            view = rig.flows.start("pharmacy_purchase", bill(rig.person(), number), key=number)
            view = run_flow(rig.flows, view, {"use_account": "1", "confirm": "yes"})
            return [sentence for sentence in view.advice if "对照" in sentence]

        assert told("R1") == []
        matching = Matching(rig.runtime)
        mine = {"fixmedins_hilist_id": sold["medins_list_codg"], "fixmedins_hilist_name": "药", "list_type": "101"}
        matching.take_in([Item(**mine)])
        assert told("R2") == [f"{sold['medins_list_codg']} 的目录对照未匹配，平台可能不收"]
        matching.confirm("101", sold["medins_list_codg"], "X9", person="张三")
        matching.upload()
        assert "上传的对照是 X9" in told("R3")[0]
        matching.withdraw("101", sold["medins_list_codg"])
        matching.confirm("101", sold["medins_list_codg"], sold["med_list_codg"], person="张三")
        matching.upload()
        assert told("R4") == []


def test_what_is_matched_is_settled_row_by_row_and_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = trial_settings(tmp_path, "620100")
    with rig_for(
        tmp_path, province="gansu", area="620100", code="H62010000001", kind=Kind.HOSPITAL, gateway="plain", more=more
    ) as rig:

        def settle(*arguments: str) -> tuple[int, str]:
            code = command(["catalogue", "verify", "--settle", *arguments, "--config", str(rig.config)])
            shown = capsys.readouterr()
            return code, shown.out + shown.err

        assert "没有已上传的对照" in settle()[1]
        matching = Matching(rig.runtime)
        codes = {"D1": "XA01", "D2": "XB15", "D3": "ZC28", "D4": "XD04"}
        matching.take_in([
            Item(fixmedins_hilist_id=number, fixmedins_hilist_name=f"药{number}", list_type="101", med_list_codg=code)
            for number, code in codes.items()
        ])  # fmt: skip
        for number, code in codes.items():
            matching.confirm("101", number, code, person="张三")
        matching.upload()
        ended, whole = settle("--to", str(tmp_path / "rows.csv"))
        assert ended == 0, whole
        assert "4 行，0 行与目录不同" in whole
        assert len((tmp_path / "rows.csv").read_text("utf-8-sig").splitlines()) == 5
        assert rig.standing() == []
        terms(rig.platform.world)["XB15"] = {"ratio": "0.3"}
        terms(rig.platform.world)["XA01"] = {"cap": "0.50"}
        (tmp_path / "catalogues.db").unlink()
        again = json.loads(settle("--json")[1])
        assert {row["number"]: row["differs"] for row in again["rows"] if row["differs"]} == {
            "D1": ["限价"], "D2": ["自付比例"],
        }  # fmt: skip
        assert rig.standing() == []
        text = rig.config.read_text("utf-8")
        rig.config.write_text(text.replace('environment = "test"', 'environment = "production"'), "utf-8")
        sent = rig.sent("2401")
        assert "正式平台上不自动试结算" in settle()[1]
        assert rig.sent("2401") == sent


@pytest.mark.parametrize(
    ("kind", "catalogues"),
    [("101", {"1301"}), ("103", {"1303"}), ("201", {"1305", "1321"}), ("301", {"1306", "1306A"}), ("1308", {"1308"})],
)
def test_every_kind_is_looked_for_in_its_own_catalogue(
    kind: str, catalogues: set[str], at_work: Rig, tmp_path: Path
) -> None:
    """Services, consumables, preparations and operations as drugs are: an operation is no candidate for a service."""
    with contextlib.closing(open_shelf(at_work.deployment)) as shelf:
        list(CatalogueSync(at_work.runtime, shelf, tmp_path).sync(["1301", "1303", "1305", "1306", "1308"]))
        own = Item(fixmedins_hilist_id="N1", fixmedins_hilist_name="测试", list_type=kind)
        found = candidates(shelf, own, most=50)
        assert found != []
        assert {each.code.removeprefix("SIM")[:-4] for each in found} <= catalogues
        named = attrs.evolve(own, fixmedins_hilist_name=found[0].name)
        matching = Matching(at_work.runtime)
        matching.take_in([named])
        assert (matching.propose(shelf), matching.counted()) == (1, {kind: (1, 0)})
        matching.confirm(kind, "N1", found[0].code, person="张三")
        matching.upload()
        assert matching.counted() == {kind: (1, 1)}
        assert at_work.sent("3301") == (0 if kind == "1308" else 1)
