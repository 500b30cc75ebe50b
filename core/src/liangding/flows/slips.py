"""Slips for receipt printers: jinja2 text, the columns counted in half-width characters."""

from __future__ import annotations

import functools
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jinja2

if TYPE_CHECKING:
    from .engine import Work

WIDTH = 42
"""Half-width characters a line: paper of 80 mm."""


def slip(template: str, work: Work[Any], **facts: Any) -> str:
    """The slip ``template`` of a flow's state, with further ``facts`` that it names."""
    deployment = work.runtime.deployment
    text = (
        _environment()
        .get_template(f"{template}.txt")
        .render(
            state=work.state,
            institution=deployment.institution,
            operator=deployment.operator(work.operator),
            advice=work.advice,
            **facts,
        )
    )
    return text.rstrip() + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"pair": pair, "centred": centred, "yuan": yuan, "masked": masked, "capital": capital}
    environment.globals |= {"rule": "-" * WIDTH, "double": "=" * WIDTH}
    return environment


def width(text: str) -> int:
    """How wide a text prints: Chinese characters count two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pair(label: str, value: object) -> str:
    """Label at the left, value at the right; a value too long for the line goes on the next."""
    shown = str(value)
    gap = WIDTH - width(label) - width(shown)
    return f"{label}{' ' * gap}{shown}" if gap > 0 else f"{label}\n{' ' * max(WIDTH - width(shown), 0)}{shown}"


def centred(text: str) -> str:
    return " " * max((WIDTH - width(text)) // 2, 0) + text


def yuan(value: Decimal | None) -> str:
    return f"{value or Decimal(0):.2f}"


def masked(name: str) -> str:
    """A name of which the first character is shown."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")


def capital(value: Decimal) -> str:
    """An amount in capitals (大写): 1204.50 is 壹仟贰佰零肆元伍角整."""
    sign = "负" if value < 0 else ""
    fen_total = int((abs(value) * 100).to_integral_value())
    yuan_part, jiao, fen = fen_total // 100, fen_total // 10 % 10, fen_total % 10
    text = _whole(yuan_part) + "元" if yuan_part else ""
    if not jiao and not fen:
        return f"{sign}{text or '零元'}整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif yuan_part:
        text += "零"
    return f"{sign}{text}{_DIGITS[fen] + '分' if fen else '整'}"


def _whole(number: int) -> str:
    groups: list[int] = []
    while number:
        groups.append(number % 10000)
        number //= 10000
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group:
            if text and group < 1000:
                text += "零"
            text += _group(group) + _GROUPS[place]
        elif text and place and groups[place - 1] >= 1000:
            text += "零"
    return text


def _group(group: int) -> str:
    text, pending = "", False
    for power in (3, 2, 1, 0):
        digit = group // 10**power % 10
        if digit:
            text += ("零" if pending else "") + _DIGITS[digit] + _UNITS[power]
            pending = False
        elif text:
            pending = True
    return text
