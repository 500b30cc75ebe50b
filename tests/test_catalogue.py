"""Catalogues: fetched by version, loaded whole or not at all, going on after a crash, found by code and name."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest

import bedside
from liangding.catalogue import loading
from liangding.catalogue.asking import CatalogueQueries, NotQueried, question_name
from liangding.catalogue.finding import NoSuchCatalogue, TooShort, find, show
from liangding.catalogue.opening import open_shelf
from liangding.catalogue.shelf import Arrival, Shelf
from liangding.catalogue.syncing import CatalogueSync, SyncStep
from liangding.catalogue.terms import kept_terms, terms_of
from liangding.catalogue.words import initials, phrase, spaced
from liangding.config import Kind, load_deployment
from liangding.errors import CallFailed, LiangdingError
from liangding.files.errors import BrokenFile
from liangding.files.layouts import layout_of
from liangding.simulator.chapters import files, queried
from liangding.simulator.faults import Fault
from liangding.workflow.standing import View
from shell import liangding
from support import Rig, bill, rig_for, run_flow, simulated_rig_for, write_deployment

DRUGS = layout_of("1301")


def drug(number: int, name: str = "阿莫西林胶囊", *, ver: str = "v0001", valid: str = "1", **more: str) -> list[str]:
    held = dict.fromkeys((each.key for each in DRUGS.columns), "null")
    held |= {
        "med_list_codg": f"X{number:06d}",
        "drug_genname": name,
        "ver": ver,
        "vali_flag": valid,
        "ver_name": ver,
        **more,
    }
    return list(held.values())


def packed(path: Path, rows: list[list[str]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1301.txt", "".join("\t".join(row) + "\n" for row in rows))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    if url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("drop schema if exists liangding_catalogue cascade")
    more = f'[catalogues]\nurl = "{url}"' if url else ""
    opened = open_shelf(load_deployment(write_deployment(tmp_path, more=more)))
    yield opened
    opened.close()


def put(shelf: Shelf, path: Path, rows: list[list[str]], *, asked: str = "0", expected: int | None = None) -> Any:
    count = len(rows) if expected is None else expected
    arrival = Arrival(number="1301", asked=asked, filename="f", path=str(packed(path, rows)), digest="", expected=count)
    shelf.begin(DRUGS, arrival)
    return loading.load(shelf, DRUGS, arrival, version_column="ver", at=1.0)


def codes(shelf: Shelf) -> list[str | None]:
    return [row["med_list_codg"] for row in shelf.rows(DRUGS)]


def test_a_file_stands_with_its_rows_types_and_version(shelf: Shelf, tmp_path: Path) -> None:
    rows = [
        drug(1, begndate="20240102", updt_time="Mon Dec 28 14:04:04 CST 2020"),
        drug(2, "人参", valid="0"),
        drug(3, ver="v0003"),
    ]
    standing = put(shelf, tmp_path / "f.zip", rows)
    assert (standing.version, standing.rows, standing.at) == ("v0003", 3, 1.0)
    assert shelf.standing("1301") == standing
    assert shelf.arrival("1301") is None
    held = show(shelf, "X000001")
    assert held is not None
    assert held.row["updt_time"] == "2020-12-28 14:04:04"
    assert held.row["drug_prodname"] is None
    assert codes(shelf) == ["X000001", "X000002", "X000003"]


def test_a_later_version_changes_adds_and_keeps(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, tmp_path / "1.zip", [drug(1), drug(2), drug(3)])
    standing = put(
        shelf, tmp_path / "2.zip", [drug(2, "布洛芬片", ver="v0002"), drug(4, "头孢克洛", ver="v0002")], asked="v0001"
    )
    assert (standing.version, standing.rows) == ("v0002", 4)
    assert [f.code for f in find(shelf, "布洛芬")] == ["X000002"]
    assert [f.code for f in find(shelf, "阿莫西林")] == ["X000001", "X000003"]
    assert [f.code for f in find(shelf, "tbkl")] == ["X000004"]


@pytest.mark.parametrize(
    ("rows", "expected", "said"),
    [
        ([drug(2, ver="v2"), drug(3, ver="v2")], 3, "平台说有 3 行"),
        ([drug(2, ver="v2"), ["X"]], 2, "列"),
        ([drug(2, ver="v2"), ["null", *drug(3)[1:]]], 2, "主键"),
        ([drug(2, ver="v0000")], 1, "不比已有"),
    ],
)
def test_a_file_that_is_not_right_changes_nothing(
    rows: list[list[str]], expected: int, said: str, shelf: Shelf, tmp_path: Path
) -> None:
    before = put(shelf, tmp_path / "1.zip", [drug(1)])
    with pytest.raises(BrokenFile, match=said):
        put(shelf, tmp_path / "2.zip", rows, asked="v0001", expected=expected)
    assert shelf.standing("1301") == before
    assert (codes(shelf), shelf.arrival("1301")) == (["X000001"], None)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_key_that_a_file_names_twice_is_its_later_row(
    batch: int, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH", batch)
    put(shelf, tmp_path / "1.zip", [drug(1), drug(2, "旧名一二"), drug(3), drug(2, "新名一二")])
    assert codes(shelf) == ["X000001", "X000002", "X000003"]
    assert find(shelf, "旧名") == []
    assert [f.code for f in find(shelf, "新名")] == ["X000002"]


def test_what_was_put_aside_is_not_put_there_again(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH", 2)
    rows = [drug(n, ver="v5") for n in range(7)]
    path = packed(tmp_path / "f.zip", rows)
    arrival = Arrival(number="1301", asked="0", filename="f", path=str(path), digest="", expected=7)
    shelf.begin(DRUGS, arrival)

    def stop(rows: int) -> None:
        if rows >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loading.load(shelf, DRUGS, arrival, version_column="ver", at=1.0, progress=stop)
    left = shelf.arrival("1301")
    assert left is not None
    assert left.rows in (2, 4)
    assert codes(shelf) == []
    told: list[int] = []
    standing = loading.load(shelf, DRUGS, left, version_column="ver", at=2.0, progress=told.append)
    assert (standing.rows, standing.version, told[0]) == (7, "v5", left.rows + 2)
    assert len(codes(shelf)) == 7


# -- finding --------------------------------------------------------------------------------------------------------


def test_names_are_found_by_two_characters_by_initials_in_any_width(shelf: Shelf, tmp_path: Path) -> None:
    named = {
        1: "阿莫西林胶囊",
        2: "人参",
        3: "单硝酸异山梨酯片",
        4: "维生素Ｃ片",
        5: "阿莫西林克拉维酸钾片",
        6: "重组人胰岛素",
    }
    put(shelf, tmp_path / "f.zip", [drug(n, name, drug_prodname="商品" + str(n)) for n, name in named.items()])
    for text, expected in {
        "阿莫西林": [1, 5], "莫西": [1, 5], "人参": [2], "rs": [2], "RS": [2], "dxs": [3], "维生素c": [4], "ｃ片": [4],
        "wsscp": [4], "amxl": [1, 5], "重组": [6], "czr": [6], "商品3": [3], "林人": [], "'\"; drop": [], "片 阿": [],
    }.items():  # fmt: skip
        assert [int(f.code[1:]) for f in find(shelf, text)] == expected, text


def test_what_is_invalid_is_found_when_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    put(shelf, tmp_path / "f.zip", [drug(1, valid="0"), drug(2)])
    assert [f.code for f in find(shelf, "阿莫")] == ["X000002"]
    assert [(f.code, f.valid) for f in find(shelf, "阿莫", valid=False)] == [("X000001", False), ("X000002", True)]
    with pytest.raises(TooShort):
        find(shelf, "阿")
    with pytest.raises(NoSuchCatalogue):
        find(shelf, "阿莫", number="1300")
    assert show(shelf, "nothing") is None


def test_words() -> None:
    assert initials("参苓白术散") == "clbzs" or initials("参苓白术散") == "slbzs"
    assert initials("重庆药友") == "cqyy"
    assert spaced(["ＡＢ c", None, "ab C"]) == "a b c"
    assert phrase('a"b（1）') == "a b 1"


# -- fetching -------------------------------------------------------------------------------------------------------


def sync(rig: Rig, *numbers: str) -> tuple[list[Any], list[SyncStep]]:
    steps: list[SyncStep] = []
    shelf = open_shelf(rig.deployment)
    try:
        worker = CatalogueSync(rig.runtime, shelf, rig.folder / "arrivals", tell=steps.append)
        return list(worker.sync(numbers or None)), steps
    finally:
        shelf.close()


def test_every_catalogue_is_fetched_until_nothing_is_new(rig: Rig) -> None:
    standings, _ = sync(rig)
    assert {(s.version, s.rows) for s in standings} == {("v0002", 4)}
    assert len(standings) == 22
    again, steps = sync(rig)
    assert [attrs.evolve(s, at=0.0) for s in again] == [attrs.evolve(s, at=0.0) for s in standings]
    assert {step.stage for step in steps} == {"asked", "current"}
    assert not list((rig.folder / "arrivals").iterdir())


def test_one_that_fails_stops_no_other_and_says_why(rig: Rig) -> None:
    def refuse(request: Any) -> Any:
        from liangding.contract.simulation import Refuse

        raise Refuse("目录服务维护中")

    rig.platform.handlers["1302"] = refuse
    first, second, third = sync(rig, "1301", "1302", "1303")[0]
    assert isinstance(second, LiangdingError)
    assert "维护中" in str(second)
    assert (first.rows, third.rows) == (4, 4)


def test_a_platform_that_gives_the_same_file_again_is_told_from_a_new_one(rig: Rig) -> None:
    original = rig.platform.handlers["1301"]

    def always_the_first(request: Any) -> Any:
        request.input.data.ver = "0"
        return original(request)

    rig.platform.handlers["1301"] = always_the_first
    (result,) = sync(rig, "1301")[0]
    assert result.code == "no_new_version"
    assert "ver_name" in result.remedy


CRASHING = """
import os, signal, sys
from pathlib import Path
from liangding.catalogue import loading
from liangding.catalogue.opening import open_shelf
from liangding.catalogue.syncing import CatalogueSync
from liangding.config import load_deployment
from liangding.runtime import Runtime
loading.BATCH = 1
deployment = load_deployment(sys.argv[1])
count = 0
def tell(step):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
with Runtime(deployment) as runtime:
    list(CatalogueSync(runtime, open_shelf(deployment), Path(sys.argv[3]), tell=tell).sync(["1301"]))
"""


@pytest.mark.parametrize("killed_at", [1, 2, 3, 5, 6])
def test_killed_anywhere_it_goes_on_and_ends_equal(killed_at: int, rig: Rig) -> None:
    arguments = [sys.executable, "-c", CRASHING, str(rig.config), str(killed_at), str(rig.folder / "arrivals")]
    killed = subprocess.run(arguments, env={**os.environ, "PYTHONUTF8": "1"}, check=False)
    assert killed.returncode == -signal.SIGKILL
    (standing,), _ = sync(rig, "1301")
    assert (standing.version, standing.rows) == ("v0002", 4)


def test_the_commands(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig:
        assert liangding("catalogue", "find", "测试", "--config", rig.config).returncode == 1
        done = liangding("catalogue", "sync", "--config", rig.config, "--only", "1301", "--only", "1305")
        assert done.returncode == 0, done.stderr
        assert "2 个目录是最新的" in done.stdout
        status = json.loads(liangding("catalogue", "status", "--config", rig.config, "--json").stdout)
        assert {row["number"] for row in status if row["rows"] == 4} == {"1301", "1305"}
        found = json.loads(liangding("catalogue", "find", "csypspm", "--config", rig.config, "--json").stdout)
        shown = liangding("catalogue", "show", found[0]["code"] if found else "SIM13010001", "--config", rig.config)
        assert "医疗目录编码" in shown.stdout
        assert liangding("catalogue", "sync", "--config", rig.config, "--only", "1300").returncode == 2


def test_a_shelf_of_a_later_format_is_refused(tmp_path: Path) -> None:
    import sqlite3

    config = load_deployment(write_deployment(tmp_path))
    open_shelf(config).close()
    with sqlite3.connect(tmp_path / "catalogues.db") as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(LiangdingError, match="99"):
        open_shelf(config)


# -- those that are queried ------------------------------------------------------------------------------------------


def test_what_is_queried_is_kept_with_its_age(rig: Rig, shelf: Shelf) -> None:
    queries = CatalogueQueries(rig.runtime, shelf)
    first = queries.ask("1318", {"hilist_code": "X000001"})
    assert [row["hilist_code"] for row in first.rows] == ["X000001"]
    assert queries.ask("1318", {"hilist_code": "X000001"}) == first
    assert rig.sent("1318") == 1
    everything = queries.ask("1312", {})
    assert (len({row["hilist_code"] for row in everything.rows}), rig.sent("1312")) == (150, 2)
    again = CatalogueQueries(rig.runtime, shelf, fresh_seconds=0)
    assert again.ask("1318", {"hilist_code": "X000001"}).why_old == ""
    rig.strike(Fault.ERROR_BEFORE, "1318", times=0)
    old = again.ask("1318", {"hilist_code": "X000001"})
    assert (old.rows, bool(old.why_old)) == (first.rows, True)
    with pytest.raises(CallFailed):
        again.ask("1318", {"hilist_code": "never asked"})
    for number in ("1304", "1316", "1317", "1319"):
        assert queries.ask(number, {}).number == number
    with pytest.raises(NotQueried):
        queries.ask("1301", {})


def test_a_table_of_the_dictionary_is_asked_in_the_regions_spelling(rig: Rig, shelf: Shelf) -> None:
    rows = CatalogueQueries(rig.runtime, shelf).ask("1901", {"type": "insutype"}).rows
    assert {"dic_type_code": "insutype", "place_dic_val_code": "310"}.items() <= {
        key: value for row in rows for key, value in row.items() if row["place_dic_val_code"] == "310"
    }.items()


CAPS = [
    {"insu_admdvs": "440000", "begndate": "2020-01-01", "hilist_pric_uplmt_amt": 30, "hilist_lmtpric_type": "1"},
    {"insu_admdvs": "441900", "begndate": "2020-01-01", "hilist_pric_uplmt_amt": 10, "hilist_lmtpric_type": "1"},
    {"insu_admdvs": "441900", "begndate": "2020-01-01", "hilist_pric_uplmt_amt": 12, "hilist_lmtpric_type": "3"},
    {"insu_admdvs": "441900", "begndate": "2099-01-01", "hilist_pric_uplmt_amt": 1, "hilist_lmtpric_type": "1"},
    {"insu_admdvs": "441900", "begndate": "2020-01-01", "enddate": "2021-01-01", "hilist_pric_uplmt_amt": 2},
    {"insu_admdvs": "441900", "begndate": "2020-01-01", "vali_flag": "0", "hilist_pric_uplmt_amt": 3},
]


@pytest.mark.parametrize(("place", "caps"), [("441900", {"1": 10, "3": 12}), ("440100", {"1": 30}), ("610100", {})])
def test_terms_hold_for_the_nearest_region_and_the_day(place: str, caps: dict[str, int], shelf: Shelf) -> None:
    shelf.keep("1318", question_name({"hilist_code": "X"}), CAPS, 5.0)
    terms = kept_terms(shelf, "X", place=place, day=date(2026, 11, 21))
    assert terms is not None
    assert (dict(terms.caps), terms.at) == ({kind: Decimal(cap) for kind, cap in caps.items()}, 5.0)
    assert terms.cap == max(terms.caps.values(), default=None)
    assert kept_terms(shelf, "Y", place=place, day=date(2026, 11, 21)) is None


def bought(rig: Rig, given: dict[str, Any]) -> View:
    view = rig.flows.start("pharmacy_purchase", given, key=given["receipt_no"])
    return run_flow(rig.flows, view, {"use_account": "1", "confirm": "yes"})


def test_the_till_is_told_of_a_price_above_the_cap_without_asking_anybody(rig: Rig) -> None:
    given = bill(rig.person())
    dear = given["rows"][0]
    silent = bought(rig, given)
    assert not any("限价" in sentence for sentence in silent.advice)
    queried.terms(rig.platform.world)[dear["med_list_codg"]] = {"cap": "0.01"}
    shelf = open_shelf(rig.deployment)
    terms_of(CatalogueQueries(rig.runtime, shelf), dear["med_list_codg"], place="441900", day=rig.runtime.now().date())
    asked = rig.sent("1318")
    told = bought(rig, bill(rig.person(), "R2"))
    assert any("高于医保限价 0.01 元" in sentence for sentence in told.advice)
    assert rig.sent("1318") == asked
    shelf.close()


def test_a_shelf_is_held_against_what_was_brought_in(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.complaints(DRUGS) == []
    standing = put(shelf, tmp_path / "f.zip", [drug(1), drug(2)])
    assert shelf.complaints(DRUGS) == []
    hidden: Any = shelf
    with hidden._writing():
        hidden._keep_standing(attrs.evolve(standing, rows=3))
    assert shelf.complaints(DRUGS) == ["应有 3 行，实有 2 行"]


def test_commands_of_queried_catalogues(rig: Rig) -> None:
    def run(*arguments: str) -> Any:
        return liangding("catalogue", *arguments, "--config", rig.config)

    assert "查于" in run("ask", "1901", "type=insutype").stdout
    assert run("ask", "1318", "hilist_code").returncode == 2
    queried.terms(rig.platform.world)["X1"] = {"cap": "8.50", "ratio": "0.1", "level": "02"}
    shown = run("terms", "X1").stdout
    assert "乙类" in shown
    assert "8.50 元" in shown
    assert "10.00%" in shown
    assert "完好" in run("verify").stdout


def test_a_diagnosis_that_no_catalogue_has_is_told_before_the_settlement(tmp_path: Path) -> None:
    """Nothing is said where the catalogue of diseases is not kept; codes of Chinese medicine stand in their own."""
    hospital = {"kind": Kind.HOSPITAL, "code": "H44190000001", "gateway": "plain"}
    with simulated_rig_for(tmp_path, **hospital) as rig:

        def told(number: str, *codes: str) -> list[str]:
            diagnoses = [{"diag_code": code, "diag_name": "病"} for code in codes]
            given = bedside.bill(rig.person(), number, ipt_otp_no=number, diagnoses=diagnoses)
            view = bedside.run(rig, "outpatient", given, number)
            return [sentence for sentence in view.advice if "疾病目录" in sentence]

        assert told("V1", "A00.9") == []
        with contextlib.closing(open_shelf(rig.deployment)) as shelf:
            list(CatalogueSync(rig.runtime, shelf, tmp_path).sync(["1307", "1314"]))
        known = ["SIM13070001", "SIM13140001"]
        assert told("V2", *known, "A00.9") == ["诊断编码 A00.9 不在医保的疾病目录里，核对后再结算"]
        assert told("V3", *known) == []


def test_the_simulators_catalogues_are_as_long_as_a_test_wants(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path) as rig, contextlib.closing(open_shelf(rig.deployment)) as shelf:
        files.sizes(rig.platform.world)["1301"] = 3000
        (standing,) = CatalogueSync(rig.runtime, shelf, tmp_path).sync(["1301"])
        assert (standing.rows, standing.version) == (3000, "v0002")  # type: ignore[union-attr]
