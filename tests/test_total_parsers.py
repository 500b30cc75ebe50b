"""Whatever comes in is read or refused in declared words; and what goes out steers nothing of whoever shows it."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import attrs
import pytest

from liangding.calls.validation import Side, validate
from liangding.cli.app import run as command
from liangding.errors import LiangdingError
from liangding.files import archive
from liangding.files.layouts import layout_of
from liangding.files.reading import open_text
from liangding.files.tables import rows_of_file
from liangding.files.text import for_log, for_paper, for_table, for_terminal
from liangding.receipts.slips import settlement_slip
from liangding.wire.json import decode, encode
from liangding.wire.replies import Unreadable, parse_reply
from test_slips import stated

HARNESSES = Path(__file__).parent

NONSENSE = {
    "an exponent of thirty digits": b'{"infcode":1e%s}' % (b"9" * 30),
    "a small one of thirty digits": b'{"infcode":1e-%s}' % (b"9" * 30),
    "an exponent of six digits": b'{"infcode":1e999999}',
    "five thousand digits": b'{"infcode":%s}' % (b"9" * 5000),
    "five thousand decimals": b'{"infcode":0.%s}' % (b"9" * 5000),
    "a hundred thousand lists": b"[" * 100_000,
    "five hundred objects": b'{"a":' * 500 + b"1" + b"}" * 500,
    "half a character": b'{"infcode":"\\ud800"}',
    "the other half": b'{"infcode":"\\udc00x"}',
    "gbk": '{"infcode":-1,"err_msg":"余额不足'.encode("gbk"),
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf{}",
    "utf-16": '{"infcode":0}'.encode("utf-16"),
    "nothing": b"",
    "zeros": bytes(1000),
    "not a number": b'{"infcode":NaN}',
}


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_unreadable_and_no_traceback(data: bytes) -> None:
    assert isinstance(parse_reply(data), Unreadable)
    with pytest.raises(ValueError, match=r"."):
        decode(data)
    sides: tuple[Side, ...] = ("request", "response")
    for side in sides:
        assert [found.level for found in validate("2102", data, side)]


@pytest.mark.parametrize("at", range(0, 60, 3))
def test_a_file_of_which_a_byte_is_another_is_broken_or_whole(at: int) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("1301.txt", "\t".join(["x"] * 80))
    data = bytearray(held.getvalue())
    for place in (at, len(data) - 1 - at):
        for bits in (0xFF, 0x80, 0x01):
            other = bytearray(data)
            other[place] ^= bits
            with contextlib.suppress(LiangdingError), open_text(io.BytesIO(bytes(other)), layout_of("1301")) as text:
                assert len(list(text)) <= 1


def test_a_spreadsheet_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WORKBOOK", 100_000)
    path = tmp_path / "bills.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(200_000))
    assert path.stat().st_size < 2000
    with pytest.raises(LiangdingError, match="上限"):
        rows_of_file(path)
    path.write_bytes(b"PK\3\4nonsense")
    with pytest.raises(LiangdingError, match="XLSX"):
        rows_of_file(path)


# -- strict reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x1d", "\x7f"])
def test_a_request_with_a_control_character_is_refused_at_its_place(character: str) -> None:
    message = encode({"input": {"druginfo": {"psn_no": f"张{character}三"}}})
    found = [each for each in validate("2102", message, "request") if each.rule == "control"]
    assert [each.where for each in found] == ["input.druginfo.psn_no"]
    assert f"U+{ord(character):04X}" in found[0].message
    said = encode({"infcode": 0, "output": {"setlinfo": {"psn_name": f"张{character}三"}}})
    assert not [each for each in validate("2102", said, "response") if each.rule == "control"]


def test_lines_and_tabs_are_text() -> None:
    message = encode({"input": {"druginfo": {"psn_no": "张\n\t三"}}})
    assert not [each for each in validate("2102", message, "request") if each.rule == "control"]


# -- sinks -------------------------------------------------------------------------------------------------------------

EVIL = "张\x1b[2J\x1bp\x00\x19\xfa三\x9b\u202e\r"


def test_each_sink_has_an_encoder_of_its_own() -> None:
    assert for_terminal("a\x1b[2J\u202eb\n") == "a\\x1b[2J\\u202eb\n"
    assert for_paper("a\x1bp\0b") == "a?p?b"
    assert for_log("a\r\n2026-11-30 INFO all is well\x1b") == "a\\r\\n2026-11-30 INFO all is well\\x1b"
    for text, cell in (
        ("=1+1", "'=1+1"), ("+cmd|x", "'+cmd|x"), ("@SUM", "'@SUM"), ("\t=1", "'\t=1"), ("-12.50", "-12.50"),
        ("+3", "+3"), ("阿莫西林", "阿莫西林"), ("-=1", "'-=1"),
    ):  # fmt: skip
        assert for_table(text) == cell


def test_what_the_platform_says_does_not_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    command(["decode", EVIL])
    command(["decode", "\x1b]0;x\x07余额不足"])
    said = "".join(capsys.readouterr())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", said)


@pytest.mark.parametrize("columns", [32, 48])
def test_no_name_on_a_slip_opens_the_drawer(columns: int) -> None:
    made = attrs.evolve(stated(), person=EVIL, institution=EVIL, receipt_no="\x1bp\x00", operator=EVIL)
    slip = settlement_slip(made, columns=columns)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", slip)


# -- by coverage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("harness", "runs"), [("fuzz_devices.py", 20_000), ("fuzz_messages.py", 6_000)])
def test_nothing_from_outside_breaks_a_parser(tmp_path: Path, harness: str, runs: int) -> None:
    """A bounded run; ``make fuzz`` goes on for an hour."""
    pytest.importorskip("atheris", reason="fuzzing: atheris is not installed here (make readers)")
    arguments = ["every", f"-runs={runs}", "-seed=1", "-max_len=400", "-timeout=20"]
    run = [sys.executable, str(HARNESSES / harness), *arguments]
    done = subprocess.run(run, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {runs} runs" in done.stderr
