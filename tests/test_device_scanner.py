"""Scanners: what a code is, GS1 element strings, cutting a stream, and the driver against a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangding.contract.device_errors import NothingShown, NotSupported, ReaderGone, WrongCard
from liangding.contract.devices import Aids, Device, Medium, Patience, ReadRequest
from liangding.contract.serial_ports import EmulatedLine
from liangding_scanner import ScannerDriver
from liangding_scanner.codes import Kind, classify
from liangding_scanner.emulator import EmulatedScanner
from liangding_scanner.framing import LONGEST, Framer, Wedge
from liangding_scanner.gs1 import GS, NotGs1, read_elements
from liangding_scanner.scanner import GM65_ACKNOWLEDGES, TRIGGERS

TODAY = date(2026, 11, 28)

CODES = {
    "a medical-insurance code": ("424" + "1234567890123456789" + "44" + "0000", Kind.E_CREDENTIAL, "certain"),
    "one that lacks its prefix": ("1" * 22 + "130000", Kind.E_CREDENTIAL, "likely"),
    "the open platform's": ("opc" + "1" * 25, Kind.OPEN_PLATFORM, "certain"),
    "a token of 40": ("441900ec" + "a" * 32, Kind.TOKEN, "certain"),
    "a token of 50": ("441900ec" + "0" * 42, Kind.TOKEN, "certain"),
    "a token of 64": ("441900ec" + "F" * 56, Kind.TOKEN, "certain"),
    "longer than any token": ("441900ec" + "F" * 57, Kind.UNKNOWN, "certain"),
    "a drug's code": ("83" + "1" * 18, Kind.TRACE, "certain"),
    "in full-width digits": ("８３" + "1" * 18, Kind.TRACE, "certain"),
    "20 digits that do not begin with 8": ("31" + "1" * 18, Kind.TRACE, "likely"),
    "WeChat": ("134567890123456789", Kind.PAYMENT, "certain"),
    "UnionPay": ("6212345678901234567", Kind.PAYMENT, "certain"),
    "Alipay": ("281234567890123456", Kind.PAYMENT, "likely"),
    "a typed identity number of Beijing": ("110105199003079011", Kind.IDENTITY_NUMBER, "likely"),
    "a product's": ("6901234567892", Kind.PRODUCT, "certain"),
    "one with a wrong check digit": ("6901234567893", Kind.UNKNOWN, "certain"),
    "a veterinary drug's": ("20260101" + "1" * 16, Kind.VETERINARY, "likely"),
    "a consumable's catalogue": ("C" + "1" * 26, Kind.CONSUMABLE, "likely"),
    "GS1, bracketed": ("(01)06901234567892(17)261130(10)L1(21)S1", Kind.GS1, "certain"),
    "GS1 without a serial": ("0106901234567892", Kind.GS1, "certain"),
    "GS1 with a wrong check digit": ("]d20106901234567893", Kind.UNKNOWN, "certain"),
    "nothing": ("", Kind.UNKNOWN, "certain"),
}


@pytest.mark.parametrize("case", CODES)
def test_codes_are_told_apart(case: str) -> None:
    text, kind, certainty = CODES[case]
    code = classify(f"\x02 {text}\r", TODAY)
    assert (code.kind, code.certainty) == (kind, certainty)
    assert code.chinese
    assert not text or text not in repr(code)


@given(st.one_of(st.text(max_size=80), st.text(alphabet="0123456789()\x1d", max_size=80)))
def test_whatever_is_scanned_is_something(text: str) -> None:
    assert classify(text, TODAY).kind in Kind


@given(st.text(alphabet="0123456789AB()\x1d]d", max_size=60))
def test_whatever_is_taken_for_gs1_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(NotGs1):
        assert read_elements(text, TODAY).fields


@pytest.mark.parametrize(
    "text",
    [
        f"]d2010690123456789221S1{GS}10L1{GS}17261100", f"{GS}01069012345678921726110010L1{GS}21S1",
        "(01)06901234567892(17)261100(10)L1(21)S1", f"]C1010690123456789217261100 10L1{GS}21S1".replace(" ", ""),
    ],
)  # fmt: skip
def test_gs1_elements(text: str) -> None:
    found = read_elements(text, TODAY)
    assert (found.gtin, found.batch, found.serial, found.expires) == (
        "06901234567892", "L1", "S1", date(2026, 11, 30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("01069012345678921726119", "17"), ("010690123456789217261399", "不是日期"),
        ("0106901234567892" * 2, "两次"), ("010690123456789221" + "S" * 21, "分隔符"),
        ("0106901234567892ZZ", "应用标识符"), ("(01)06901234567892(", "带括号"), (GS, "空"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_gs1_is_said(text: str, says: str) -> None:
    with pytest.raises(NotGs1, match=says):
        read_elements(text, TODAY)


def test_centuries_lie_near() -> None:
    assert read_elements("17990101", TODAY).expires == date(1999, 1, 1)
    assert read_elements("17760101", TODAY).expires == date(2076, 1, 1)


# -- the stream --------------------------------------------------------------------------------------------------


@given(
    st.lists(st.text(alphabet="0123456789abc", min_size=1, max_size=30), unique=True, max_size=6),
    st.sampled_from([b"\r", b"\n", b"\r\n"]),
    st.integers(1, 20),
)
def test_codes_come_out_as_they_went_in(codes: list[str], end: bytes, size: int) -> None:
    framer, stream = Framer(), b"".join(code.encode() + end for code in codes)
    found = [code for at in range(0, len(stream), size) for code in framer.feed(stream[at : at + size], at * 0.001)]
    assert found == codes


def test_pauses_prefixes_and_repetitions() -> None:
    framer = Framer(prefix="~Q")
    assert framer.feed(b"~Q123", 0.0) == []
    assert framer.idle(0.05) == []
    assert framer.idle(0.1) == ["123"]
    assert framer.feed(b"~Q123\r", 0.5) == [], "the same scan"
    assert framer.feed(b"~Q123\r", 1.6) == ["123"], "scanned again"
    assert framer.feed(b"x" * (LONGEST + 9) + b"\r4\r", 3.0) == ["4"], "what is longer than any code is dropped"
    framer.feed(b"half", 4.0)
    framer.clear()
    assert framer.feed("测试\r".encode("gb18030"), 5.0) == ["测试"]


def test_a_scan_is_told_from_typing() -> None:
    wedge = Wedge()

    def type_(text: str, apart: float, at: float) -> list[str]:
        found = [wedge.key(key, at + n * apart) for n, key in enumerate(text)]
        return [each for each in found if each is not None]

    assert type_("12345678\n", 0.2, 0) == []
    assert type_("12345678\n", 0.005, 10) == ["12345678"]
    assert type_("12\n", 0.005, 20) == [], "too short for a code"
    assert type_("abc", 0.2, 30) + type_("12345678\n", 0.005, 40) == ["12345678"]


# -- the driver --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def scanner(codes: list[str], **settings: object) -> Iterator[Device]:
    suffix = settings.pop("suffix", b"\r\n")
    line = EmulatedLine(EmulatedScanner(codes, suffix=suffix))  # type: ignore[arg-type]
    device = ScannerDriver().open("till", {"port": line.port, "trigger": "honeywell", **settings}, Aids())
    try:
        yield device
    finally:
        device.close()
        line.close()


def scan(device: Device, *media: Medium, seconds: float = 5) -> str:
    reading = device.read(ReadRequest(media=media or (Medium.CODE,)), Patience(seconds))
    return reading.shown or reading.number


@pytest.mark.parametrize("suffix", [b"\r", b"\r\n", b""])
def test_a_shown_code_is_scanned(suffix: bytes) -> None:
    shown = CODES["a medical-insurance code"][0]
    with scanner([shown], suffix=suffix) as device:
        assert scan(device) == shown


def test_another_code_is_named_and_goods_are_scanned() -> None:
    codes = [CODES[case][0] for case in ("WeChat", "a drug's code", "a token of 64", "a drug's code")]
    with scanner([*codes, "(01)06901234567892(17)261130(21)S1"]) as device:
        with pytest.raises(WrongCard, match="微信付款码，要的是医保码"):
            scan(device)
        with pytest.raises(WrongCard, match="药品追溯码"):
            scan(device)
        assert scan(device) == codes[2]
        assert scan(device, Medium.GOODS) == codes[3]
        goods = device.read(ReadRequest(media=(Medium.GOODS,)), Patience(5))
        assert (goods.raw["(21)"], goods.valid_to) == ("S1", date(2026, 11, 30))
        with pytest.raises(NotSupported):
            scan(device, Medium.SOCIAL_CARD)


def test_what_was_scanned_before_it_was_asked_for_is_somebody_elses() -> None:
    line = EmulatedLine(lambda received, line: None)
    device = ScannerDriver().open("till", {"port": line.port}, Aids())
    with pytest.raises(NothingShown):
        scan(device, seconds=0.1)
    line.send(b"1" * 28 + b"\r")
    with pytest.raises(NothingShown):
        scan(device, seconds=0.2)
    device.close()
    line.close()
    with pytest.raises(ReaderGone):
        scan(device)


def test_a_module_that_acknowledges_its_trigger() -> None:
    shown = CODES["a medical-insurance code"][0]

    def answer(received: bytes, line: EmulatedLine) -> None:
        if received == TRIGGERS["gm65"][0]:
            line.send(GM65_ACKNOWLEDGES + shown.encode() + b"\r")

    line = EmulatedLine(answer)
    device = ScannerDriver().open("till", {"port": line.port, "trigger": "gm65"}, Aids())
    assert scan(device) == shown
    device.close()
    line.close()


@pytest.mark.skipif(os.name != "posix", reason="a stream of keys is waited for where select takes any")
def test_a_scanner_that_types() -> None:
    master, slave = os.openpty()
    device = ScannerDriver().open("till", {"stream": os.ttyname(slave), "quick": 0.5}, Aids())
    threading.Timer(0.2, os.write, [master, b"441900ec" + b"a" * 32 + b"\n"]).start()
    assert scan(device) == "441900ec" + "a" * 32
    with pytest.raises(NothingShown):
        scan(device, seconds=0.1)
    for end in (master, slave):
        os.close(end)
    with pytest.raises(ReaderGone):
        scan(device)
