"""What a scanned text is: a medical-insurance code, a drug's traceability code, a payment code, or something else.

The forms of medical-insurance codes and of the open platform's are written out in a public app; those of payment codes
in the payment channels' public documents; 20 digits beginning with 8 is what the insurance platform itself takes for a
traceability code. A form that is not certain is called likely: it is let through, and decoding tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Literal

import attrs
from stdnum.cn import ric

from .gs1 import GS, Elements, NotGs1, gtin_holds, looks_like_gs1, read_elements

LONGEST_TOKEN = 64
"""ecToken is 40, 50 or 64 long in official tables; 38 in recent samples."""


class Kind(StrEnum):
    """What a code is."""

    E_CREDENTIAL = "e_credential"
    TOKEN = "token"
    OPEN_PLATFORM = "open_platform"
    TRACE = "trace"
    GS1 = "gs1"
    PRODUCT = "product"
    VETERINARY = "veterinary"
    CONSUMABLE = "consumable"
    PAYMENT = "payment"
    IDENTITY_NUMBER = "identity_number"
    UNKNOWN = "unknown"

    @property
    def chinese(self) -> str:
        return _NAMES[self]


_NAMES = {
    Kind.E_CREDENTIAL: "医保码", Kind.TOKEN: "医保电子凭证令牌", Kind.OPEN_PLATFORM: "开放平台的码（不是医保码）",
    Kind.TRACE: "药品追溯码", Kind.GS1: "GS1 码（进口药品追溯码或器械 UDI）", Kind.PRODUCT: "商品条码（69 码）",
    Kind.VETERINARY: "兽药追溯码", Kind.CONSUMABLE: "耗材目录编码", Kind.PAYMENT: "付款码",
    Kind.IDENTITY_NUMBER: "身份证号码", Kind.UNKNOWN: "不认识的码",
}  # fmt: skip

GOODS = (Kind.TRACE, Kind.GS1)
"""What a pack of a drug or a consumable carries for itself."""

Certainty = Literal["certain", "likely"]


@attrs.frozen(kw_only=True)
class Code:
    """A scanned text, cleaned, and what it is. ``says`` names a payment code's channel; ``elements`` is a GS1 code's
    content."""

    text: str = attrs.field(repr=False)
    kind: Kind
    certainty: Certainty = "certain"
    says: str = ""
    elements: Elements | None = attrs.field(default=None, repr=False)

    @property
    def chinese(self) -> str:
        return self.says or self.kind.chinese


def cleaned(text: str) -> str:
    """Without what scanners add: control characters (the GS1 separator stays), spaces around, full-width forms."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    return "".join(c for c in narrow if c == GS or (ord(c) >= 0x20 and ord(c) != 0x7F)).strip(" \u3000")


def classify(text: str, today: date) -> Code:
    """What a scanned text is. Never raises: what is nothing else is UNKNOWN."""
    code = cleaned(text)
    if looks_like_gs1(code):
        try:
            return Code(text=code, kind=Kind.GS1, elements=read_elements(code, today))
        except NotGs1:
            return Code(text=code, kind=Kind.UNKNOWN)
    for fits, kind, certainty, says in _FORMS:
        if fits(code):
            return Code(text=code, kind=kind, certainty=certainty, says=says)
    return Code(text=code, kind=Kind.UNKNOWN)


def _form(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda code: compiled.fullmatch(code) is not None


def _is_identity_number(code: str) -> bool:
    """18 characters whose checksum holds and whose birth date is a day: a payment code of 18 digits hardly ever is."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", code):
        return False
    try:
        date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    return bool(ric.calc_check_digit(code) == code[17])


_FORMS: tuple[tuple[Callable[[str], bool], Kind, Certainty, str], ...] = (
    (_form(r"424[0-9]{19}[0-9]{2}0000"), Kind.E_CREDENTIAL, "certain", ""),
    (_form(r"opc[0-9]{25}"), Kind.OPEN_PLATFORM, "certain", ""),
    (_form(r"[0-9]{28}"), Kind.E_CREDENTIAL, "likely", ""),
    (_form(rf"[0-9]{{6}}ec[0-9A-Za-z]{{16,{LONGEST_TOKEN - 8}}}"), Kind.TOKEN, "certain", ""),
    (_form(r"8[0-9]{19}"), Kind.TRACE, "certain", ""),
    (_is_identity_number, Kind.IDENTITY_NUMBER, "likely", ""),
    (_form(r"1[0-5][0-9]{16}"), Kind.PAYMENT, "certain", "微信付款码"),
    (_form(r"62[0-9]{17}"), Kind.PAYMENT, "certain", "银联付款码"),
    (_form(r"(2[5-9]|30)[0-9]{14,22}"), Kind.PAYMENT, "likely", "支付宝付款码"),
    (_form(r"[0-9]{24}"), Kind.VETERINARY, "likely", ""),
    (_form(r"C[0-9]{26}|[0-9]{27}"), Kind.CONSUMABLE, "likely", ""),
    (lambda code: len(code) == 13 and code.startswith("69") and gtin_holds(code), Kind.PRODUCT, "certain", ""),
    (_form(r"[0-9]{20}"), Kind.TRACE, "likely", ""),
)  # fmt: skip
"""Forms in the order in which they are tried: what is more particular comes first."""
