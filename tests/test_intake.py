"""Business that comes as files, tables and views: the server's own keys and guarantees."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from liangding.errors import ConfigurationError
from liangding.files.tables import BadTable, rows_of_file, rows_of_view
from liangding.intake.folder import Bridge
from liangding.intake.importing import bills, read_mapping
from liangding.kit import purchase
from shell import liangding
from support import Rig, bill, free_port, rig_for, write_secret
from test_server import own_key, serving


@contextlib.contextmanager
def bridged(rig: Rig, **settings: Any) -> Iterator[tuple[Bridge, Path]]:
    port = free_port()
    folder = rig.folder / "bridge"
    with (
        serving(rig.config, port=port),
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=own_key(rig.config), timeout=120, trust_env=False
        ) as client,
        contextlib.closing(Bridge(folder, client, **settings)) as bridge,
    ):
        yield bridge, folder


def put(folder: Path, name: str, content: Any, *, encoding: str = "utf-8") -> None:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    fresh = folder / "in" / f"{name}.tmp"
    fresh.write_bytes(text.encode(encoding))
    fresh.rename(folder / "in" / f"{name}.json")


def done(bridge: Bridge, folder: Path, name: str, encoding: str = "utf-8") -> dict[str, Any]:
    for future in bridge.round():
        future.result()
    found: dict[str, Any] = json.loads((folder / "out" / f"{name}.json").read_bytes().decode(encoding))
    assert not (folder / "working" / f"{name}.json").exists()
    return found


def test_a_file_is_a_request_and_its_key_counts(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig, bridged(rig) as (bridge, folder):
        person = rig.person()
        body = {"input": purchase(person), "insuplc_admdvs": person.covers[0].place}
        asked = {"path": "/v1/transactions/2102", "key": "R1", "body": body}
        put(folder, "a", asked)
        first = done(bridge, folder, "a")
        assert first["status"] == 200, first
        assert first["body"]["recorded"] is False
        put(folder, "b", asked)
        assert done(bridge, folder, "b")["body"]["recorded"] is True
        put(folder, "c", {"path": "/v1/transactions/2102", "body": body})
        told = done(bridge, folder, "c")
        assert (told["status"], told["body"]["error"]["code"]) == (400, "key_required"), told
        assert rig.sent("2102") == 1
        put(folder, "d", {"path": f"/v1/journal/{first['body']['call_id']}"})
        assert done(bridge, folder, "d")["body"]["state"] == "accepted"


def test_a_whole_purchase_goes_through_files_in_gbk_as_old_software_writes_them(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig, bridged(rig, encoding="gbk") as (bridge, folder):
        given = bill(rig.person()) | {"use_account": False}
        put(folder, "buy", {"path": "/v1/flows/pharmacy_purchase", "key": "R1", "body": given}, encoding="gb18030")
        view = done(bridge, folder, "buy", "gb18030")["body"]
        while view["status"] == "question":
            answer = {"question": view["question"]["id"], "value": view["question"]["options"][0]["value"]}
            put(folder, "answer", {"path": f"/v1/flows/{view['id']}/answer", "body": answer}, encoding="gb18030")
            view = done(bridge, folder, "answer", "gb18030")["body"]
        assert view["status"] == "done", view
        put(folder, "slip", {"path": f"/v1/flows/{view['id']}/slip"})
        assert "结算编号" in done(bridge, folder, "slip", "gb18030")["text"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"path": "/v2/x"}', "path 应以 /v1/ 开头"),
        ('{"pfad": "/v1/x"}', "pfad"),
        ("[1]", "应为一组键值"),
        ("{", "请求文件不对"),
    ],
)
def test_a_file_that_is_no_request_is_answered(tmp_path: Path, content: str, said: str) -> None:
    with httpx.Client(base_url="http://127.0.0.1:9") as client, contextlib.closing(Bridge(tmp_path, client)) as bridge:
        put(tmp_path, "x", content)
        os.utime(tmp_path / "in" / "x.json", (1, 1))  # nobody is still writing it
        answer = done(bridge, tmp_path, "x")
        assert (answer["status"], answer["body"]["error"]["code"]) == (400, "bad_file")
        assert said in answer["body"]["error"]["message"]


def test_a_file_that_is_still_being_written_is_left_alone(tmp_path: Path) -> None:
    with httpx.Client(base_url="http://127.0.0.1:9") as client, contextlib.closing(Bridge(tmp_path, client)) as bridge:
        put(tmp_path, "x", '{"path": "/v1/hea')
        assert bridge.round() == []
        assert (tmp_path / "in" / "x.json").exists()


def test_what_a_killed_bridge_left_is_done_again_and_charged_once(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig, bridged(rig) as (bridge, folder):
        person = rig.person()
        body = {"input": purchase(person), "insuplc_admdvs": person.covers[0].place}
        asked = {"path": "/v1/transactions/2102", "key": "R1", "body": body}
        put(folder, "a", asked)
        done(bridge, folder, "a")
        (folder / "out" / "a.json").unlink()
        (folder / "working" / "a.json").write_text(json.dumps(asked), "utf-8")  # killed before it answered
        for future in bridge.take_up_left():
            future.result()
        answer = json.loads((folder / "out" / "a.json").read_text("utf-8"))
        assert answer["body"]["recorded"] is True
        assert rig.sent("2102") == 1


def test_a_server_that_is_not_there_is_said_and_never_taken_for_a_refusal(tmp_path: Path) -> None:
    with (
        httpx.Client(base_url="http://127.0.0.1:9") as client,
        contextlib.closing(Bridge(tmp_path, client, patience=0)) as bridge,
    ):
        put(tmp_path, "x", {"path": "/v1/transactions/2102", "key": "R1", "body": {"input": {}}})
        answer = done(bridge, tmp_path, "x")
        assert (answer["status"], answer["body"]["error"]["code"]) == (0, "server_unreachable")
        assert "同一个 key" in answer["body"]["error"]["remedy"]


def test_two_bridges_on_one_folder_do_each_file_once(tmp_path: Path) -> None:
    seen: list[str] = []
    lock = threading.Lock()

    def serve(request: httpx.Request) -> httpx.Response:
        with lock:
            seen.append(request.headers["Idempotency-Key"])
        return httpx.Response(200, json={})

    with httpx.Client(base_url="http://x", transport=httpx.MockTransport(serve)) as client:
        bridges = [Bridge(tmp_path, client) for _ in range(2)]
        for number in range(50):
            put(tmp_path, str(number), {"path": "/v1/x", "key": str(number), "body": {}})
        threads = [threading.Thread(target=bridge.round) for bridge in bridges]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for bridge in bridges:
            bridge.close()
    assert sorted(seen, key=int) == [str(number) for number in range(50)]
    assert len(list((tmp_path / "out").iterdir())) == 50


# -- tables and views --------------------------------------------------------------------------------------------------

MAPPING = """
flow = "pharmacy_purchase"
key = "单据号"
{source}
[given]
receipt_no = "单据号"
"credential.number" = "身份证号"

[constants]
"credential.type" = "02"
use_account = "false"

[rows]
feedetl_sn = "行号"
med_list_codg = "目录编码"
medins_list_codg = "院内编码"
count = "数量"
price = "单价"

[answers]
confirm = "yes"
"""

HEADING = ["单据号", "身份证号", "行号", "目录编码", "院内编码", "数量", "单价"]


def lines_for(rig: Rig) -> list[list[Any]]:
    first, second = rig.person().certno, rig.person("resident").certno
    return [
        ["R1", first, "1", "XA01", "D1", "2", "12.50"],
        ["R1", first, "2", "XA02", "D2", "1", "3.20"],
        ["R2", second, "1", "XA01", "D1", "1", "12.50"],
        ["R3", first, "1", "XA01", "D1", "很多", "12.50"],
        ["R4", first, "1", "XA01", "D1", "1", "8.00"],
        ["R4", second, "2", "XA01", "D1", "1", "8.00"],
    ]


def results(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["业务号"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("form", ["csv", "gbk", "xlsx", "view"])
def test_a_table_is_done_bill_by_bill_and_never_twice(tmp_path: Path, form: str) -> None:
    with rig_for(tmp_path) as rig:
        mapping, arguments = tmp_path / "map.toml", [tmp_path / f"bills.{'xlsx' if form == 'xlsx' else 'csv'}"]
        source = ""
        if form == "view":
            arguments, source = [], '[source]\nurl = { file = "secrets/his" }\nquery = "SELECT * FROM bills"'
            write_secret(tmp_path, "his", f"sqlite:///{tmp_path / 'his.db'}")
            with contextlib.closing(sqlite3.connect(tmp_path / "his.db")) as his, his:
                his.execute(f"CREATE TABLE bills ({', '.join(HEADING)})")
                his.executemany("INSERT INTO bills VALUES (?, ?, ?, ?, ?, ?, ?)", lines_for(rig))
        elif form == "xlsx":
            book = openpyxl.Workbook()
            for line in (HEADING, *lines_for(rig)):
                book.active.append(line)  # type: ignore[union-attr]
            book.save(arguments[0])
        else:
            with arguments[0].open("w", encoding="gb18030" if form == "gbk" else "utf-8", newline="") as file:
                csv.writer(file).writerows([HEADING, *lines_for(rig)])
        mapping.write_text(MAPPING.format(source=source), "utf-8")
        tried = liangding("import", mapping, *arguments, "--config", rig.config, "--dry-run")
        assert "可以办 2，数据不对 2" in tried.stdout, tried.stdout + tried.stderr
        assert rig.sent("2102") == 0
        for _ in range(2):
            done = liangding("import", mapping, *arguments, "--config", rig.config)
            assert done.returncode == 1
            seen = results(tmp_path / "map-结果.csv")
            assert [seen[key]["结果"] for key in ("R1", "R2", "R3", "R4")] == [
                "已办成", "已办成", "数据不对", "数据不对",
            ]  # fmt: skip
        assert (seen["R1"]["行数"], seen["R1"]["医疗费总额"]) == ("2", "28.20")
        assert "count" in seen["R3"]["说明"]
        assert "身份证号 不一样" in seen["R4"]["说明"]
        assert sorted(rig.standing()) == sorted(seen[key]["结算编号"] for key in ("R1", "R2"))
        assert rig.person().certno not in (tmp_path / "map-结果.csv").read_text("utf-8-sig")


def test_a_table_that_is_not_as_it_must_be_is_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["证件号"])
    page.append([620100199001011234])
    book.save(tmp_path / "long.xlsx")
    with pytest.raises(BadTable, match="丢位"):
        rows_of_file(tmp_path / "long.xlsx")
    (tmp_path / "twice.csv").write_text("甲,甲\n1,2\n", "utf-8")
    with pytest.raises(BadTable, match="列名出现两次"):
        rows_of_file(tmp_path / "twice.csv")
    mapping = tmp_path / "map.toml"
    mapping.write_text(MAPPING.format(source="").replace('"单价"', '"单 价"'), "utf-8")
    with pytest.raises(ConfigurationError, match=r"没有列 单 价；是不是想写 单价"):
        list(bills(read_mapping(mapping), [dict.fromkeys(HEADING, "1")]))
    with pytest.raises(BadTable, match="视图没有读成") as told:
        rows_of_view(f"sqlite:///{tmp_path / 'none.db'}", "SELECT * FROM nothing")
    assert str(tmp_path) not in str(told.value)
