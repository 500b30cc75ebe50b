"""Files: layouts, reading and writing by streaming, and their way to the platform and back over HTTP."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangding.contract.calls import Answer, Call
from liangding.contract.hookspecs import hookimpl
from liangding.errors import CallNotSent, CallRefused, InvalidMessage, NoAnswer
from liangding.files.archive import Limits
from liangding.files.carriage import OCTETS, Fingerprint, JsonUpload, MultipartUpload, StreamDownload, unpacked
from liangding.files.cells import java_moment
from liangding.files.columns import Layout, column, layout
from liangding.files.errors import BrokenFile
from liangding.files.layouts import UnknownLayout, catalogues, layout_of
from liangding.files.reading import FileRow, TextFile, open_text
from liangding.files.writing import Values, write_file, write_zip
from liangding.journal import State
from liangding.runtime import Runtime
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.spec import amount, day, moment, text
from liangding.transfer.exchange import download_file, upload_file
from liangding.wire.json import encode
from liangding.wire.transport import Exchange
from support import GATEWAYS, Rig, new_key, rig_for

DETAILS, RESULTS = layout_of("3202.details"), layout_of("3202.results")

SMALL = layout(
    "T1",
    "测试目录",
    key=1,
    earliest=3,
    columns=[
        column(1, "code", "编码"),
        column(2, None, "未公开的列"),
        column(3, "updt_time", moment("更新时间")),
        column(4, "begndate", day("开始日期")),
        column(5, "price", amount("价格")),
    ],
)


def zipped(content: str | bytes, name: str = "a.txt", **more: str | bytes) -> io.BytesIO:
    """A ZIP of one text, and whatever else."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in {name: content, **more}.items():
            archive.writestr(member, data)
    packed.seek(0)
    return packed


def read(content: str | bytes, of: Layout = SMALL, **settings: Any) -> tuple[list[FileRow], TextFile]:
    with open_text(zipped(content), of, **settings) as held:
        return list(held), held


# -- layouts ---------------------------------------------------------------------------------------------------------


def test_every_catalogue_has_its_layout() -> None:
    assert len(catalogues()) == 22
    for number in catalogues():
        found = layout_of(number)
        assert found.number == number
        assert found.key is not None
        assert "ver" in found.places
        assert all(each.label for each in found.columns)


@pytest.mark.parametrize(
    ("number", "columns", "earliest", "key", "last"),
    [
        ("1301", 97, 92, "med_list_codg", "invd_time"),
        ("1303", 83, 78, "med_list_codg", "column_83"),
        ("1306A", 71, 71, "med_list_codg", "ver_name"),
        ("1307", 24, 24, "diag_list_id", "ver_name"),
        ("1321", 34, 34, "med_list_codg", "optins_no"),
        ("1322", 40, 40, "column_1", "column_40"),
        ("1327", 25, 25, "column_1", "tram_data_id"),
        ("3202.details", 7, 7, "setl_id", "refd_setl_flag"),
        ("3202.details.extended", 8, 7, "setl_id", "exp_content"),
    ],
)
def test_layouts_are_as_published(number: str, columns: int, earliest: int, key: str, last: str) -> None:
    found = layout_of(number)
    assert (len(found.columns), found.earliest, found.columns[-1].key) == (columns, earliest, last)
    assert found.key is not None
    assert found.key.key == key


def test_layouts_load_one_module_at_a_time() -> None:
    script = """
import sys
from liangding.files.layouts import catalogues, layout_of
catalogues(), layout_of("1309")
print(*sorted(m.rpartition(".")[2] for m in sys.modules if m.startswith("liangding.files.layouts.")))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["benefits"]


def test_a_layout_that_nobody_published() -> None:
    with pytest.raises(UnknownLayout, match="5204"):
        layout_of("5204")


@pytest.mark.parametrize("numbers", [(1, 3), (2,), (1, 2, 2)])
def test_columns_are_numbered_without_gaps(numbers: tuple[int, ...]) -> None:
    with pytest.raises(TypeError, match="without gaps"):
        layout("T", "测试", key=None, columns=[column(no, None, "列") for no in numbers])
    with pytest.raises(TypeError, match="one name"):
        layout("T", "测试", key=None, columns=[column(no, "ver", "版本号") for no in (1, 2)])


# -- reading ---------------------------------------------------------------------------------------------------------


def test_rows_are_typed_and_named() -> None:
    (first, second), held = read(
        "\ufeffA1\t甲\t2026-01-02 03:04:05\t2026-01-02\t12.30\r\nA2\tnull\tMon Dec 28 14:04:04 CST 2020\tnull\t\r\n"
    )
    held.check(2)
    assert first.as_dict() == {
        "code": "A1", "column_2": "甲", "updt_time": datetime(2026, 1, 2, 3, 4, 5), "begndate": date(2026, 1, 2),
        "price": Decimal("12.30"),
    }  # fmt: skip
    assert (second["column_2"], second["updt_time"], second["price"]) == (None, datetime(2020, 12, 28, 14, 4, 4), None)
    assert (second.line, second.cells[1]) == (2, "null")


def test_plain_text_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("A1\tnull\tnull\n\nA2\tnull\tnull", "utf-8")
    with open_text(path, SMALL) as held:
        assert [row["code"] for row in held] == ["A1", "A2"]
    held.check(2)


@pytest.mark.parametrize(
    ("cell", "taken"),
    [
        ("Mon Dec 28 14:04:04 CST 2020", datetime(2020, 12, 28, 14, 4, 4)),
        ("Thu Jan 01 08:00:00 GMT+08:00 2026", datetime(2026, 1, 1, 8)),
        ("Mon Dec 28 14:04:04 PST 2020", None),
        ("Mon Foo 28 14:04:04 CST 2020", None),
        ("Mon Feb 30 14:04:04 CST 2020", None),
    ],
)
def test_times_in_javas_form(cell: str, taken: datetime | None) -> None:
    assert java_moment(cell) == taken


def test_a_value_that_cannot_be_taken_is_said_and_kept_as_it_stood() -> None:
    (row,), held = read("A1\tnull\t长期\tnull\tnull\n")
    assert (row["updt_time"], row.cells[2], held.warnings) == (None, "长期", 1)
    assert (held.problems[0].row, held.problems[0].label, held.problems[0].level) == (1, "更新时间", "warning")
    held.check(1)


def test_later_columns_are_tolerated_and_earlier_editions_too() -> None:
    rows, held = read("A1\tnull\tnull\tnull\tnull\tnew\tnewer\n")
    assert (held.wider, rows[0].cells[5:], len(rows[0].values)) == (1, ("new", "newer"), 5)
    rows, held = read("A1\tnull\tnull\nA2\tnull\tnull\n")
    held.check(2)
    assert (rows[1]["price"], held.warnings) == (None, 0)


def test_a_row_wider_than_the_first_is_told_of() -> None:
    _, held = read("A1\tnull\tnull\nA2\tone\ttwo\tnull\n" + "A3\tnull\tlong ago\n" * 200 + "A4\n")
    assert (held.warnings, held.errors) == (202, 1)
    assert "首行只有 3 列" in held.problems[1].message
    with pytest.raises(BrokenFile, match=r"lines\[202\]: 只有 1 列"):
        held.check()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("A1\tnull\n", "lines[0]: 只有 2 列，应有 3 列"),
        ("A1\t1\tnull\tnull\t1\nA2\tbroken\nin two\tnull\tnull\t1\n", "lines[1]: 只有 2 列，应有 5 列"),
        ("A1\tnull\tnull\nnull\tnull\tnull\n", "lines[1].code 编码: 主键列是空的"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(content: str, said: str) -> None:
    rows, held = read(content)
    assert len(rows) == held.rows
    assert held.left_out >= 1
    with pytest.raises(BrokenFile) as broken:
        held.check()
    assert said in broken.value.message
    assert broken.value.as_json()["problems"][0]["row"] == held.problems[0].row


def test_the_rows_are_counted_against_what_the_platform_said() -> None:
    with open_text(zipped("A1\tnull\tnull\n"), SMALL) as held:
        with pytest.raises(RuntimeError):
            held.check()
        list(held)
        with pytest.raises(BrokenFile, match="1 行，平台说有 2 行"):
            held.check(2)


def test_problems_are_counted_all_and_kept_some() -> None:
    _, held = read("A1\n" * 5000)
    assert (held.errors, held.left_out, len(held.problems)) == (5000, 5000, 100)


CHINESE = "A1\t阿莫西林胶囊是青霉素类抗菌药物\t2026-01-01 00:00:00\n"


def test_gbk_is_said_and_can_be_read_when_meant() -> None:
    with pytest.raises(BrokenFile, match="第 2 行不是 UTF-8，像是 GBK") as broken:
        read(b"A0\tnull\tnull\n" + CHINESE.encode("gbk"))
    assert "charset" in broken.value.remedy
    rows, held = read(CHINESE.encode("gbk"), charset="gb18030")
    held.check(1)
    assert rows[0]["column_2"] == "阿莫西林胶囊是青霉素类抗菌药物"


def test_a_value_cut_within_a_character_does_not_lose_the_file() -> None:
    rows, held = read(CHINESE.encode().replace("药物".encode(), "药物".encode()[:-1]))
    held.check(1)
    assert rows[0]["column_2"].endswith("药\ufffd")
    assert held.problems[0].rule == "encoding"


def test_text_that_lost_its_characters_is_said() -> None:
    _, held = read("A1\t锟斤拷锟斤拷\tnull\n")
    assert [p.rule for p in held.problems] == ["encoding"]
    _, held = read(CHINESE.encode().decode("gb18030", "replace"))
    assert "UTF-8 被当作 GBK" in held.problems[0].message
    with pytest.raises(BrokenFile):
        held.check()


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8))
def test_chinese_text_is_not_taken_for_garbled(words: str) -> None:
    rows, held = read(f"A1\t{words}\tnull\n")
    held.check(1)
    assert rows[0]["column_2"] == words


# -- archives that are not what they should be -----------------------------------------------------------------------


def encrypted() -> bytes:
    data = bytearray(zipped("A1\tnull\tnull\n").getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def corrupted() -> bytes:
    data = bytearray(zipped("A1\tnull\tnull\n" * 50).getvalue())
    data[45] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: zipped("x", more="y", **{"b.txt": "z"}).getvalue(), "却有 3 个文件"),
        (lambda: zipped("", name="folder/").getvalue(), "却有 0 个文件"),
        (lambda: zipped(b"0" * 50_000_000).getvalue(), "压缩炸弹"),
        (lambda: zipped("A1\tnull\tnull\n" * 9).getvalue()[:-30], "不完整"),
        (corrupted, "损坏"),
        (encrypted, "密码"),
    ],
)
def test_an_archive_that_is_no_such_file(made: Callable[[], bytes], said: str) -> None:
    with pytest.raises(BrokenFile, match=said), open_text(io.BytesIO(made()), SMALL) as held:
        list(held)


@pytest.mark.parametrize(
    ("limits", "said"), [(Limits(unpacked=1000), "1000 的上限"), (Limits(line=1000), "有一行超过")]
)
def test_limits_are_the_readers_own(limits: Limits, said: str) -> None:
    with pytest.raises(BrokenFile, match=said):
        read(b"x" * 200_000, limits=limits)
    with pytest.raises(BrokenFile, match="上限"), open_text(io.BytesIO(b"x" * 200_000), SMALL, limits=limits) as held:
        list(held)


def test_a_name_in_an_archive_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_text(zipped("A1\tnull\tnull\n", name="../../evil.txt"), SMALL) as held:
        assert [row["code"] for row in held] == ["A1"]
    assert list(tmp_path.iterdir()) == []


# -- memory ----------------------------------------------------------------------------------------------------------

MANY = 120_000
LITTLE = 2 * 1024**2
"""Bytes: a small part of what the rows would take."""


def peak(work: Callable[[], object]) -> int:
    """The most memory that ``work`` has taken at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_takes_no_more_memory_for_many_rows(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("many.txt", "w") as text_of:
        text_of.writelines(b"A%012d\tnull\t2026-01-01 00:00:00\n" % i for i in range(MANY))

    def work() -> None:
        with open_text(path, SMALL) as held:
            for _ in held:
                pass
            held.check(MANY)

    assert peak(work) < LITTLE


def test_writing_takes_no_more_memory_for_many_rows(tmp_path: Path) -> None:
    rows: Iterator[Values] = ([f"S{i:012d}", "M1", "P1", "100.00", "70.00", "30.00", "0"] for i in range(MANY // 4))
    assert peak(lambda: write_file(DETAILS, rows, tmp_path / "many.zip")) < LITTLE


def test_a_download_is_not_held_in_memory(tmp_path: Path) -> None:
    large = tmp_path / "large.zip"
    with zipfile.ZipFile(large, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", b"0" * 16 * LITTLE)
    head = Exchange(status=200, content_type=OCTETS)

    def work() -> None:
        with open(large, "rb") as content:
            way = StreamDownload(tmp_path / "kept.zip")
            assert way.receive(head, iter(lambda: content.read(65536), b"")).failure == ""

    assert peak(work) < LITTLE
    assert (tmp_path / "kept.zip").read_bytes() == large.read_bytes()


# -- writing ---------------------------------------------------------------------------------------------------------


def detail(**changed: Any) -> dict[str, Any]:
    return {
        "setl_id": "S1", "mdtrt_id": "M1", "psn_no": "P1", "medfee_sumamt": Decimal(100), "fund_pay_sumamt": "70.5",
        "acct_pay": 0, "refd_setl_flag": "0", **changed,
    }  # fmt: skip


def test_what_is_written_is_text_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "details.txt.zip"
    extended = layout_of("3202.details.extended")
    written = write_file(extended, [detail(), detail(setl_id="S2", medfee_sumamt="-100.00")], path)
    assert (written.rows, written.sums) == (
        2, {"medfee_sumamt": Decimal(0), "fund_pay_sumamt": Decimal(141), "acct_pay": Decimal(0)},
    )  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["details.txt"]
        assert archive.read("details.txt").decode().splitlines() == [
            "S1\tM1\tP1\t100.00\t70.50\t0.00\t0\tnull",
            "S2\tM1\tP1\t-100.00\t70.50\t0.00\t0\tnull",
        ]


def test_all_that_is_wrong_is_named_and_no_file_is_left(tmp_path: Path) -> None:
    rows: list[Values] = [
        detail(setl_id="S\t1", mdtrt_id="M\n", psn_no=None),
        detail(),
        detail(setl_id="9" * 31, medfee_sumamt="1.005", refd_setl_flag="7", acct_pay=1.5, surplus="x"),
        detail(mdtrt_id="null", fund_pay_sumamt="a", medfee_sumamt=Decimal(10) ** 15),
        ["S1", "M1"],
    ]
    with pytest.raises(InvalidMessage) as invalid:
        write_file(DETAILS, rows, tmp_path / "details.zip")
    found = {(p.row, p.field if p.rule != "columns" else "", p.rule) for p in invalid.value.problems}
    assert found == {
        (1, "setl_id", "character"), (1, "mdtrt_id", "character"), (1, "psn_no", "required"),
        (3, "setl_id", "length"), (3, "medfee_sumamt", "scale"), (3, "refd_setl_flag", "code"),
        (3, "acct_pay", "type"), (3, "surplus", "unknown_field"), (4, "mdtrt_id", "character"),
        (4, "fund_pay_sumamt", "type"), (4, "medfee_sumamt", "length"), (5, "", "columns"),
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "details.zip"
    write_file(DETAILS, [detail()], path)
    before = path.read_bytes()
    with pytest.raises(InvalidMessage):
        write_file(DETAILS, [detail(psn_no=None)], path)
    assert (path.read_bytes(), len(list(tmp_path.iterdir()))) == (before, 1)
    with pytest.raises(FileNotFoundError):
        write_file(DETAILS, [detail()], tmp_path / "nowhere" / "details.zip")


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffd"), max_size=30)


@given(
    st.lists(
        st.tuples(
            WORDS.filter(lambda w: w not in ("", "null") and not w.startswith("\ufeff")),
            WORDS.filter(lambda w: w != "null" and "锟斤拷" not in w),
            st.none() | st.datetimes(datetime(1900, 1, 1)).map(lambda at: at.replace(microsecond=0)),
            st.none() | st.dates(date(1900, 1, 1)),
            st.none() | st.decimals(-(10**9), 10**9, places=2),
        )
    )
)
def test_what_is_written_is_read_again(rows: list[tuple[Any, ...]]) -> None:
    packed = io.BytesIO()
    assert write_zip(SMALL, rows, packed, "a.txt").rows == len(rows)
    packed.seek(0)
    with open_text(packed, SMALL) as held:
        assert [row.values for row in held] == [(row[0], row[1] or None, *row[2:]) for row in rows]


# -- the result of 3202, whose memo may hold TABs --------------------------------------------------------------------

FRONT = ["P1", "M1", "S1", "MSG1", "103", "0"]
SUMS = ["100.00", "70.00", "30.00"]


@pytest.mark.parametrize(
    ("cells", "memo", "total"),
    [
        ([*FRONT, "null", *SUMS], None, "100.00"),
        ([*FRONT, "a", "null", "null", "null"], "a", None),
        ([*FRONT, "a", "100.00", "null", "null"], "a", "100.00"),
        ([*FRONT, "a\tb\tc", *SUMS], "a\tb\tc", "100.00"),
        ([*FRONT, "医保\t310", *SUMS], "医保\t310", "100.00"),
        ([*FRONT, "a", *SUMS, "null"], "a", "100.00"),
        ([*FRONT, "a", *SUMS, "{}"], "a", "100.00"),
        ([*FRONT, "a"], "a", None),
        ([*FRONT, "a\tb"], "a\tb", None),
        ([*FRONT, "a\tb\tc\td"], "a\tb\tc\td", None),
    ],
)
def test_a_result_row_is_read_from_both_ends(cells: list[str], memo: str | None, total: str | None) -> None:
    (row,), held = read("\t".join(cells) + "\n", RESULTS)
    held.check(1)
    assert (row["msgid"], row["memo"], row["medfee_sumamt"]) == ("MSG1", memo, total and Decimal(total))


def test_a_regional_edition_has_a_column_more() -> None:
    (row,), _ = read("\t".join([*FRONT, "a\tb", *SUMS, "{}"]) + "\n", layout_of("3202.results.extended"))
    assert (row["memo"], row["acct_pay"], row["exp_content"]) == ("a\tb", Decimal("30.00"), "{}")


# -- carriages -------------------------------------------------------------------------------------------------------

ENVELOPE = encode({"infno": "9101", "input": {"fsUploadIn": {"in": "…", "filename": "f", "fixmedins_code": "P"}}})


@given(st.binary(), st.sampled_from(["对账 明细.zip", 'a"b.zip', "plain.zip"]), st.sampled_from(["file", "in"]))
def test_a_form_holds_envelope_and_file(data: bytes, filename: str, part: str) -> None:
    headers, body = MultipartUpload(data, filename, part).packed(ENVELOPE)
    assert b'name="jsonStr"\r\nContent-Type: text/plain; charset=UTF-8' in body
    assert f'name="{part}"; filename="'.encode() in body
    assert b'"in":' not in body.partition(b'name="%s"' % part.encode())[0]
    envelope, file = unpacked(headers["content-type"], body)
    assert file == data
    assert str(Fingerprint.of(data)).encode() in envelope


@given(st.binary())
def test_plain_json_holds_the_file_as_numbers(data: bytes) -> None:
    headers, body = JsonUpload(data).packed(ENVELOPE)
    assert headers == {}
    assert f'"in":{list(data)}'.replace(" ", "").encode() in body
    assert unpacked("application/json", body)[1] == data


# -- over HTTP -------------------------------------------------------------------------------------------------------

FILE = zipped("A1\tnull\tnull\n").getvalue()
JSON = '[features]\nfile_upload = "json"'


def catalogue(rig: Rig, infno: str, ver: str) -> Any:
    return rig.runtime.call(infno, {"data": {"ver": ver}}).output


def fetch(rig: Rig, into: Path, infno: str = "1301", **settings: Any) -> Any:
    offered = catalogue(rig, infno, "0")
    return download_file(rig.runtime, offered.file_qury_no, offered.filename, into, **settings)


@pytest.mark.parametrize("more", ["", JSON])
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_file_arrives_whole_in_either_form(tmp_path: Path, gateway: str, more: str) -> None:
    with rig_for(tmp_path, gateway=gateway, more=more) as rig:
        uploaded = upload_file(rig.runtime, io.BytesIO(FILE), "对账.txt.zip")
        assert rig.platform.files[uploaded.file_qury_no].data == FILE
        assert uploaded.filename == "对账.txt.zip"
        assert rig.platform.files[uploaded.file_qury_no].filename == "对账.txt.zip"


def test_the_files_part_may_have_another_name(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(FILE)
    uploaded = upload_file(rig.runtime, tmp_path / "a.zip", part="in")
    assert (uploaded.filename, rig.platform.files[uploaded.file_qury_no].data) == ("a.zip", FILE)


@pytest.mark.parametrize("more", ["", JSON])
def test_the_journal_holds_which_file_it_was_and_not_the_file(tmp_path: Path, more: str) -> None:
    with rig_for(tmp_path, more=more) as rig:
        uploaded = upload_file(rig.runtime, io.BytesIO(FILE), "a.zip")
        record = rig.runtime.journal.call(uploaded.answer.call_id)
        assert record.state is State.ACCEPTED
        assert f"{len(FILE)} bytes, sha256 {uploaded.fingerprint.sha256}" in record.request.decode()
        assert record.msgid in record.request.decode()
        held = fetch(rig, tmp_path / "f.zip")
        answer = rig.runtime.journal.call(held.answer.call_id).answer.decode()
        assert held.fingerprint.sha256 in answer
        assert held.fingerprint == Fingerprint.of(held.path.read_bytes())


def test_an_upload_is_recorded_before_it_is_sent_and_repeated_once(rig: Rig) -> None:
    rig.strike(Fault.ANSWER_LOST, "9101")
    uploaded = upload_file(rig.runtime, io.BytesIO(FILE), "a.zip")
    states = [call.state for call in rig.runtime.journal.latest(infno="9101")]
    assert states == [State.ACCEPTED, State.FAILED]
    assert (rig.sent("9101"), uploaded.file_qury_no in rig.platform.files) == (2, True)
    rig.strike(Fault.ANSWER_LOST, "9101", times=0)
    with pytest.raises(NoAnswer):
        upload_file(rig.runtime, io.BytesIO(FILE), "a.zip")
    assert rig.sent("9101") == 4


def test_an_upload_that_the_declaration_forbids_is_not_sent(rig: Rig) -> None:
    with pytest.raises(InvalidMessage, match="filename"):
        upload_file(rig.runtime, io.BytesIO(FILE), "x" * 201)
    with pytest.raises(InvalidMessage, match="filename"):
        upload_file(rig.runtime, io.BytesIO(FILE))
    assert rig.platform.requests == []


class Watcher:
    """A plugin that wraps 9101."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl(wrapper=True)
    def files_upload(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        self.seen.append(call.input.fsUploadIn.filename)
        call.advise("已上传")
        return (yield)


def test_a_plugin_wraps_an_upload_as_any_call(rig: Rig) -> None:
    watcher = Watcher()
    with Runtime(rig.deployment, plugins={"watcher": watcher}) as runtime:
        assert upload_file(runtime, io.BytesIO(FILE), "a.zip").answer.advice == ("已上传",)
    assert watcher.seen == ["a.zip"]


def test_without_a_line_nothing_is_sent(tmp_path: Path) -> None:
    with rig_for(tmp_path) as rig:
        rig.runtime.sign_in(rig.deployment.operator())
    with Runtime(rig.deployment) as runtime:
        with pytest.raises(CallNotSent):
            upload_file(runtime, io.BytesIO(FILE), "a.zip")
        with pytest.raises(CallNotSent):
            download_file(runtime, "f", "a.zip", tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize("infno", catalogues())
def test_every_catalogue_can_be_fetched_and_read(rig: Rig, tmp_path: Path, infno: str) -> None:
    version, rounds, entries = "0", 0, {}
    while True:
        offered = catalogue(rig, infno, version)
        if not offered.data_cnt:
            break
        held = download_file(rig.runtime, offered.file_qury_no, offered.filename, tmp_path / f"{infno}.zip")
        with open_text(held.path, layout_of(infno)) as rows:
            for row in rows:
                key = rows.layout.key
                assert key is not None
                entries[row[key.key]] = row["vali_flag"] if "vali_flag" in rows.layout.places else None
                version = max(version, row["ver"])
            rows.check(offered.data_cnt)
            assert (rows.warnings, rows.wider) == (0, 0)
        rounds += 1
    assert rounds == 2
    assert len(entries) == 4
    assert entries[f"SIM{infno}0003"] in ("0", None)


def test_a_refused_download_says_what_else_to_try_and_leaves_nothing(rig: Rig, tmp_path: Path) -> None:
    own = rig.deployment.institution.code
    folder = tmp_path / "held"
    folder.mkdir()
    with pytest.raises(CallRefused, match="文件不存在") as refused:
        fetch(rig, folder / "a.zip", fixmedins_code=own)
    assert "plc" in refused.value.remedy
    uploaded = upload_file(rig.runtime, io.BytesIO(FILE), "a.zip")
    with pytest.raises(CallRefused) as refused:
        download_file(rig.runtime, uploaded.file_qury_no, "a.zip", folder / "a.zip")
    assert "本机构编号" in refused.value.remedy
    assert list(folder.iterdir()) == []
    held = download_file(rig.runtime, uploaded.file_qury_no, "a.zip", folder / "a.zip", fixmedins_code=own)
    assert held.path.read_bytes() == FILE


BROKEN = [
    Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.CUT, Fault.HTML, Fault.EMPTY,
]  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_download_leaves_no_half_file(rig: Rig, tmp_path: Path, fault: Fault) -> None:
    folder = tmp_path / "held"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"before")
    rig.strike(fault, "9102", times=0)
    with pytest.raises(NoAnswer) as unknown:
        fetch(rig, folder / "a.zip")
    assert "下载" in unknown.value.remedy
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.zip", b"before")]


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.HTML, Fault.ANSWER_LOST, Fault.OTHER_ANSWER])
def test_a_download_is_repeated_once(rig: Rig, tmp_path: Path, fault: Fault) -> None:
    rig.strike(fault, "9102")
    held = fetch(rig, tmp_path / "a.zip")
    assert zipfile.is_zipfile(held.path)
    assert [call.state for call in rig.runtime.journal.latest(infno="9102")] == [State.ACCEPTED, State.FAILED]


@pytest.mark.parametrize(
    ("data", "said"),
    [(FILE[:-30], "没有收全"), (b"A1\tnull\tnull\n", "不是 ZIP"), (b"<html></html>", "网页"), (b"", "为空")],
    ids=["cut", "text", "page", "nothing"],
)
def test_a_stream_that_is_no_whole_zip(rig: Rig, tmp_path: Path, data: bytes, said: str) -> None:
    uploaded = upload_file(rig.runtime, io.BytesIO(data), "a.zip")
    own = rig.deployment.institution.code
    with pytest.raises(NoAnswer, match=said):
        download_file(rig.runtime, uploaded.file_qury_no, "a.zip", tmp_path / "a.zip", fixmedins_code=own)
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob(".*.part"))


def test_a_place_that_cannot_be_written_is_found_before_anything_is_sent(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fetch(rig, tmp_path / "nowhere" / "a.zip")
    assert rig.sent("9102") == 0


def test_files_go_over_a_line_in_the_same_process(rig: Rig, tmp_path: Path) -> None:
    with Runtime(rig.deployment, transport=SimulatedLine(rig.door)) as runtime:
        offered = runtime.call("1309", {"data": {"ver": "v0001"}}).output
        held = download_file(runtime, offered.file_qury_no, offered.filename, tmp_path / "a.zip")
        assert upload_file(runtime, held.path).file_qury_no in rig.platform.files
        rig.strike(Fault.CUT, "9102", times=0)
        with pytest.raises(NoAnswer):
            download_file(runtime, offered.file_qury_no, offered.filename, tmp_path / "b.zip")


# -- reconciliation in detail ----------------------------------------------------------------------------------------


def settled(rig: Rig) -> dict[str, Any]:
    """One settlement, as the institution would report it."""
    info = rig.settle().output.setlinfo
    names = ("setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt", "acct_pay")
    return {name: getattr(info, name) for name in names} | {"refd_setl_flag": "0"}


def reconciled(rig: Rig, rows: list[Values], folder: Path, **changed: Any) -> dict[str | None, FileRow]:
    """The whole round: file, 9101, 3202, 9102, result rows by setl_id."""
    written = write_file(DETAILS, rows, folder / "details.txt.zip")
    uploaded = upload_file(rig.runtime, folder / "details.txt.zip")
    today = rig.runtime.now().date().isoformat()
    asked = {
        "setl_optins": "441900", "file_qury_no": uploaded.file_qury_no, "stmt_begndate": today, "stmt_enddate": today,
        "medfee_sumamt": written.sums["medfee_sumamt"], "fund_pay_sumamt": written.sums["fund_pay_sumamt"],
        "cash_payamt": "0", "fixmedins_setl_cnt": written.rows, "clr_type": "41", **changed,
    }  # fmt: skip
    offered = rig.runtime.call("3202", {"data": asked}).output.fileinfo
    own = rig.deployment.institution.code
    held = download_file(rig.runtime, offered.file_qury_no, offered.filename, folder / "result.zip", fixmedins_code=own)
    with open_text(held.path, RESULTS) as results:
        found = {row["setl_id"]: row for row in results}
    results.check()
    return found


def test_reconciliation_finds_every_difference(rig: Rig, tmp_path: Path) -> None:
    same, wrong, cancelled, missing = (settled(rig) for _ in range(4))
    undo = {"setl_id": cancelled["setl_id"], "mdtrt_id": cancelled["mdtrt_id"], "psn_no": cancelled["psn_no"]}
    negative = rig.runtime.call("2103", {"data": undo}, key=new_key(), insured_place="441900").output.setlinfo.setl_id
    ours = detail(setl_id="HIS-ONLY", psn_no=same["psn_no"])
    results = reconciled(rig, [same, wrong | {"acct_pay": "1.00"}, cancelled, ours], tmp_path)
    outcomes = {setl_id: row["stmt_rslt"] for setl_id, row in results.items()}
    assert outcomes == {
        same["setl_id"]: "0", wrong["setl_id"]: "103", cancelled["setl_id"]: "103", "HIS-ONLY": "102",
        missing["setl_id"]: "101", negative: "101",
    }  # fmt: skip
    assert results[missing["setl_id"]]["mdtrt_id"] is None
    assert results[missing["setl_id"]]["msgid"] == rig.runtime.journal.latest(infno="2102")[0].msgid
    assert "acct_pay" in results[wrong["setl_id"]]["memo"]


def test_reconciliation_without_refunds(rig: Rig, tmp_path: Path) -> None:
    same, cancelled = settled(rig), settled(rig)
    undo = {"setl_id": cancelled["setl_id"], "mdtrt_id": cancelled["mdtrt_id"], "psn_no": cancelled["psn_no"]}
    rig.runtime.call("2103", {"data": undo}, key=new_key(), insured_place="441900")
    results = reconciled(rig, [same], tmp_path, refd_setl_flag="0")
    assert [row["stmt_rslt"] for row in results.values()] == ["0"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"medfee_sumamt": "1"}, "合计与入参不一致"), ({"file_qury_no": "fsi/other"}, "对账文件不存在")],
)
def test_reconciliation_refuses_what_does_not_add_up(
    rig: Rig, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(CallRefused, match=said):
        reconciled(rig, [settled(rig)], tmp_path, **changed)


def test_what_the_declaration_language_says_of_a_column_is_checked(tmp_path: Path) -> None:
    named = layout("T2", "测试", key=None, columns=[column(1, None, text(2, "短文本"), required=True)])
    with pytest.raises(InvalidMessage, match=r"rows\[0\].column_1 短文本: 最长 2 个字符"):
        write_file(named, [{"column_1": "长了点"}], tmp_path / "a.zip")
