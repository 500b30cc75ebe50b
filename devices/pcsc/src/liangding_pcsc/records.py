"""Records of a social security card: a tag, a length, a value; and what the values are."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

import attrs

from liangding.contract.device_errors import DeviceFault


class Format(StrEnum):
    """How a value is written."""

    ASCII = "ascii"
    HEX = "hex"
    DIGITS = "digits"
    """Two decimal digits a byte (BCD)."""
    CHINESE = "chinese"
    """GB 18030, padded with zeros; GBK and GB 2312 are parts of it."""


@attrs.frozen(kw_only=True)
class Record:
    """One record: the file it stands in (its short identifier), tag, bytes of its value, and how it is written.
    ``optional`` records are absent on some generations."""

    name: str
    label: str
    file: int
    tag: int
    size: int
    format: Format
    optional: bool = False

    def value(self, answer: bytes) -> bytes:
        """The value's bytes. DeviceFault where what the card answered is no record of that tag."""
        if len(answer) < 2 or answer[0] != self.tag or answer[1] > len(answer) - 2:
            raise DeviceFault(f"卡上的{self.label}不成记录")
        return answer[2 : 2 + answer[1]]

    def text(self, value: bytes) -> str:
        """A value as text."""
        return _READERS[self.format](value)

    def write(self, text: str) -> bytes:
        """The record that holds ``text``; ValueError where it does not fit."""
        value = _WRITERS[self.format](text)
        if len(value) > self.size:
            raise ValueError(f"{self.name} does not fit into {self.size} bytes")
        return bytes((self.tag, self.size)) + value.ljust(self.size, b"\0")


def _ascii(value: bytes) -> str:
    return value.decode("ascii", "replace").strip("\0 \xff\ufffd")


def _chinese(value: bytes) -> str:
    return value.split(b"\0", 1)[0].rstrip(b" \xff").decode("gb18030", "replace")


_READERS: dict[Format, Callable[[bytes], str]] = {
    Format.ASCII: _ascii,
    Format.HEX: lambda value: value.hex().upper(),
    Format.DIGITS: lambda value: value.hex(),
    Format.CHINESE: _chinese,
}
_WRITERS: dict[Format, Callable[[str], bytes]] = {
    Format.ASCII: lambda text: text.encode("ascii"),
    Format.HEX: bytes.fromhex,
    Format.DIGITS: bytes.fromhex,
    Format.CHINESE: lambda text: text.encode("gb18030"),
}

ISSUER, HOLDER = 0x05, 0x06
"""EF05 发卡机构数据, EF06 持卡人基本信息, by their short identifiers."""

CARD_ID = Record(name="card_id", label="卡识别码", file=ISSUER, tag=0x01, size=16, format=Format.HEX)
CARD_CLASS = Record(name="card_class", label="卡的类别", file=ISSUER, tag=0x02, size=1, format=Format.ASCII)
VERSION = Record(name="version", label="规范版本", file=ISSUER, tag=0x03, size=4, format=Format.ASCII)
ISSUER_NO = Record(name="issuer_no", label="初始化机构编号", file=ISSUER, tag=0x04, size=12, format=Format.HEX)
ISSUED = Record(name="issued", label="发卡日期", file=ISSUER, tag=0x05, size=4, format=Format.DIGITS)
VALID_TO = Record(name="valid_to", label="卡有效期", file=ISSUER, tag=0x06, size=4, format=Format.DIGITS)
CARD_NO = Record(name="card_no", label="卡号", file=ISSUER, tag=0x07, size=9, format=Format.ASCII)

CERTNO = Record(name="certno", label="社会保障号码", file=HOLDER, tag=0x08, size=18, format=Format.ASCII)
NAME = Record(name="name", label="姓名", file=HOLDER, tag=0x09, size=30, format=Format.CHINESE)
NAME_MORE = Record(
    name="name_more", label="姓名扩展", file=HOLDER, tag=0x4E, size=20, format=Format.CHINESE, optional=True
)
SEX = Record(name="sex", label="性别", file=HOLDER, tag=0x0A, size=1, format=Format.ASCII, optional=True)
NATION = Record(name="nation", label="民族", file=HOLDER, tag=0x0B, size=1, format=Format.DIGITS, optional=True)
BIRTH_PLACE = Record(
    name="birth_place", label="出生地", file=HOLDER, tag=0x0C, size=3, format=Format.DIGITS, optional=True
)
BORN = Record(name="born", label="出生日期", file=HOLDER, tag=0x0D, size=4, format=Format.DIGITS, optional=True)

OF_ISSUER = (CARD_ID, VERSION, CARD_NO, ISSUED, VALID_TO)
"""What is read of EF05, in this order; always free to read."""

OF_HOLDER = (CERTNO, NAME, NAME_MORE, SEX, NATION, BORN)
"""What is read of EF06; free to read on the first and the second generation."""


def day(text: str) -> date | None:
    """A day of eight digits; None where there is none, or no such day."""
    if re.fullmatch(r"[0-9]{8}", text):
        with contextlib.suppress(ValueError):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return None
