"""GS1 element strings, as they stand in the codes of imported drugs and of medical consumables (UDI)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date

import attrs

from liangding.contract.device_errors import DeviceError

GS = "\x1d"
"""The separator that ends an element of variable length."""

SYMBOLOGIES = ("]C1", "]d2", "]Q3", "]e0", "]J1")
"""How a scanner says that what follows is a GS1 code: GS1-128, DataMatrix, QR, DataBar, DotCode."""

FIXED: Mapping[str, int] = {
    "00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2, "410": 13, "414": 13,
    "417": 13, "7006": 6,
}  # fmt: skip
"""Identifier → how many characters its element has."""

UP_TO: Mapping[str, int] = {
    "10": 20, "21": 20, "22": 20, "235": 28, "240": 30, "241": 30, "242": 6, "243": 20, "250": 30, "251": 30, "30": 8,
    "37": 8, "400": 30, "7003": 10, "7004": 4, "710": 20, "711": 20, "712": 20, "713": 20, "714": 20, "8020": 25,
    **{str(n): 90 for n in range(91, 100)}, "90": 30,
}  # fmt: skip
"""Identifier → how many characters its element has at most; it ends at the separator."""

DATED = ("11", "12", "13", "15", "16", "17")


class NotGs1(DeviceError):
    """The text is no GS1 element string, or its check digit does not hold."""

    code = "not_gs1"
    remedy = "请重新扫；仍不行的核对条码是否破损"


@attrs.frozen(kw_only=True)
class Elements:
    """What a code holds. ``gtin`` (14 digits), ``batch`` (10), ``serial`` (21), ``expires`` (17), ``produced`` (11);
    ``fields`` every element by its identifier."""

    gtin: str = ""
    batch: str = ""
    serial: str = ""
    expires: date | None = None
    produced: date | None = None
    fields: Mapping[str, str]


def looks_like_gs1(text: str) -> bool:
    """Whether a text says that it is one, or begins with a GTIN whose check digit holds."""
    begins = re.match(r"01(\d{14})", text)
    return text.startswith(SYMBOLOGIES) or text.startswith("(01)") or bool(begins and gtin_holds(begins[1]))


def read_elements(text: str, today: date) -> Elements:
    """Take a GS1 code apart, bracketed or raw. ``today`` tells the century of its dates. NotGs1 names what is wrong."""
    for symbology in SYMBOLOGIES:
        text = text.removeprefix(symbology)
    fields = _bracketed(text) if text.startswith("(") else _raw(text.lstrip(GS))
    for identifier in ("01", "02"):
        if identifier in fields and not gtin_holds(fields[identifier]):
            raise NotGs1(f"商品条码（{identifier}）的校验位不对")
    dates = {each: _day(each, fields[each], today) for each in DATED if each in fields}
    return Elements(
        gtin=fields.get("01", ""), batch=fields.get("10", ""), serial=fields.get("21", ""), expires=dates.get("17"),
        produced=dates.get("11"), fields=fields,
    )  # fmt: skip


def gtin_holds(digits: str) -> bool:
    """Whether a GTIN's last digit fits the others (modulo 10)."""
    if not re.fullmatch(r"[0-9]{8,14}", digits):
        return False
    *rest, check = map(int, digits)
    return (sum(d * (3 if at % 2 == 0 else 1) for at, d in enumerate(reversed(rest))) + check) % 10 == 0


def _bracketed(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not re.fullmatch(r"(\(\d{2,4}\)[^()\x1d]+\x1d?)+", text):
        raise NotGs1("带括号的 GS1 码写法不对")
    for identifier, value in re.findall(r"\((\d{2,4})\)([^()\x1d]+)", text):
        _put(fields, identifier, value)
    return fields


def _raw(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    while text:
        identifier = next((text[:n] for n in (2, 3, 4) if text[:n] in FIXED or text[:n] in UP_TO), None)
        if identifier is None:
            raise NotGs1(f"不认识的 GS1 应用标识符 {re.sub(r'[^0-9]', '?', text[:4])}")
        text = text[len(identifier) :]
        if identifier in FIXED:
            value, text = text[: FIXED[identifier]], text[FIXED[identifier] :]
        else:
            value, _, text = text.partition(GS)
        _put(fields, identifier, value)
        text = text.lstrip(GS)
    if not fields:
        raise NotGs1("GS1 码是空的")
    return fields


def _put(fields: dict[str, str], identifier: str, value: str) -> None:
    if identifier in fields:
        raise NotGs1(f"GS1 应用标识符 {identifier} 出现两次")
    exact = FIXED.get(identifier)
    if exact is not None and not (len(value) == exact and value.isascii() and value.isdigit()):
        raise NotGs1(f"GS1 应用标识符 {identifier} 应为 {exact} 位数字")
    if not 0 < len(value) <= UP_TO.get(identifier, exact or 90):
        raise NotGs1(f"GS1 应用标识符 {identifier} 的长度不对；若扫码枪去掉了分隔符，请设为保留（GS，1D）")
    fields[identifier] = value


def _day(identifier: str, digits: str, today: date) -> date:
    """yyMMdd; day 00 is the month's last. The century is the one that lies nearest."""
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    century, apart = today.year // 100 * 100, year - today.year % 100
    full = century + year + (-100 if apart >= 51 else 100 if apart <= -50 else 0)
    try:
        return date(full, month, day or calendar.monthrange(full, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise NotGs1(f"GS1 应用标识符 {identifier} 不是日期") from None
