"""Traceability codes (药品追溯码): what may be said of one without asking anybody.

Never refused for its form: most are 20 digits beginning with 8, imported drugs carry GS1 codes, some makers their
own. Refused are an empty one, one too long, and one that stands twice in a document of whole packs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..spec.problems import Level, Problem
from .circumstances import Circumstances
from .settlement import Check

LONGEST = 100
"""Characters that any transaction takes; some take fewer, which their own table says."""

_FULL_WIDTH = {ord("０") + i: ord("0") + i for i in range(10)}
_CONTROL = re.compile(r"[\x00-\x1c\x1e-\x1f\x7f\s]+")
_GS1 = re.compile(r"\(?01\)?(\d{14})")


def tidy(scanned: str) -> str:
    """A code as the scanner meant it: without blanks and control characters, full-width digits made half-width."""
    return _CONTROL.sub("", scanned.translate(_FULL_WIDTH))


def findings(code: str) -> Iterator[tuple[Level, str, str]]:
    """What is wrong with one code: level, rule, sentence."""
    if not tidy(code):
        yield "error", "trace_code", "追溯码是空的"
        return
    if len(code) > LONGEST:
        yield "error", "trace_code", f"追溯码最长 {LONGEST} 个字符"
    if code != tidy(code):
        yield "warning", "trace_code", "追溯码中有空白、控制字符或全角数字，像是扫码枪带来的"
    if re.fullmatch(r"\d{20}", code) and not code.startswith("8"):
        yield "warning", "trace_code", "20 位的追溯码通常以 8 开头"
    elif re.fullmatch(r"69\d{11}", code):
        yield "warning", "trace_code", "这是商品条码（69 开头 13 位），不是追溯码"
    elif (gtin := _GS1.match(code)) and not gtin_holds(gtin[1]):
        yield "warning", "trace_code", "GS1 码中 GTIN 的校验位不对"


def gtin_holds(gtin: str) -> bool:
    """Whether the check digit of a 14-digit GTIN holds (modulo 10)."""
    weighted = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(gtin[:-1]))
    return (10 - weighted % 10) % 10 == int(gtin[-1])


def trace_codes(rows: str, codes: str, *, printed: int = LONGEST) -> Check:
    """The codes in node ``codes`` under each row of ``rows`` (a list, or one node). A row, or a code, with trdn_flag 1
    is an opened pack: its code may stand more than once. A code longer than the transaction's table has it
    (``printed``) is told and goes: tables disagree, and GS1 codes are longer."""

    def check(message: Any, _: Circumstances) -> Iterator[Problem]:
        seen: set[str] = set()
        held = getattr(message, rows, None)
        for i, row in enumerate(held if isinstance(held, list) else [held] if held is not None else ()):
            at: tuple[str | int, ...] = ("input", rows, i) if isinstance(held, list) else ("input", rows)
            for j, given in enumerate(getattr(row, codes, None) or ()):
                code = given.drug_trac_codg
                path = (*at, codes, j, "drug_trac_codg")
                for level, rule, text in findings(code or ""):
                    yield Problem(path=path, rule=rule, message=text, value=(code or "")[:40], level=level)
                if code is None:
                    continue
                if printed < len(code) <= LONGEST:
                    text = f"追溯码 {len(code)} 个字符，这个交易的表中最长 {printed}：平台可能不收"
                    yield Problem(path=path, rule="trace_code", message=text, value=code[:40], level="warning")
                opened = "1" in (getattr(given, "trdn_flag", None), getattr(row, "trdn_flag", None))
                if code in seen and not opened:
                    text = "同一追溯码在一张单据中出现两次"
                    yield Problem(path=path, rule="trace_code_twice", message=text, value=code)
                seen.add(code)

    return check
