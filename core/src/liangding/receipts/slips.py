"""Slips for receipt printers: jinja2 text, the columns counted in half-width characters."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import jinja2

from ..files.text import for_paper
from ..privacy import masked_name
from .gathering import of_flow
from .statements import Statement

if TYPE_CHECKING:
    from ..workflow.work import Work

WIDTH = 42
"""Half-width characters a line: paper of 80 mm. Paper of 58 mm takes 32."""


def slip(flow: str, work: Work[Any], *, elsewhere: Iterable[str] = ()) -> str:
    """The slip of everything that the flow has settled and taken back so far, by a template of the flow's own where
    there is one; ``elsewhere`` are settlements that it found taken back by somebody else: no money is named of them."""
    found = of_flow(work.runtime, work.flow_id, state=work.state, operator=work.operator, advice=work.advice)
    gone = (_elsewhere(work, setl_id) for setl_id in elsewhere)
    return "\n".join([*(settlement_slip(each, template=flow) for each in found), *gone])


def _elsewhere(work: Work[Any], setl_id: str) -> str:
    """What is printed of a settlement that somebody else took back."""
    runtime = work.runtime
    facts = {
        "institution": runtime.deployment.institution.name, "setl_id": setl_id,
        "operator": runtime.deployment.operator(work.operator).name, "printed_at": runtime.now(),
        "cashier": runtime.deployment.institution.kind.cashier,
    }  # fmt: skip
    return _environment(WIDTH).get_template("elsewhere.txt").render(facts).rstrip() + "\n"


def settlement_slip(statement: Statement, *, columns: int = WIDTH, template: str = "") -> str:
    """The slip of one settlement or of its cancellation, ``columns`` half-width characters wide; ``template`` is one
    to take before the common one, if it is there."""
    found = _environment(columns).select_template([f"{template}.txt", "settlement.txt"])
    return found.render(it=statement).rstrip() + "\n"


@functools.cache
def _environment(columns: int) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: for_paper(value) if isinstance(value, str) else value,
    )
    paper = Paper(columns)
    environment.filters |= {"pair": paper.pair, "centred": paper.centred, "wrapped": paper.wrapped}
    environment.filters |= {"yuan": yuan, "masked": masked_name, "capital": capital, "plain": plain, "price": price}
    environment.globals |= {"rule": "-" * columns, "double": "=" * columns}
    return environment


def width(text: str) -> int:
    """How wide a text prints: Chinese characters count two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_MARKS = "，。；：、！？）"


@attrs.frozen
class Paper:
    """Paper so many half-width characters wide."""

    columns: int

    def pair(self, label: str, value: object) -> str:
        """Label at the left, value at the right; a value too long for the line goes on the next."""
        shown = str(value)
        gap = self.columns - width(label) - width(shown)
        if gap > 0:
            return f"{label}{' ' * gap}{shown}"
        lines = self.wrapped(shown).split("\n")
        return "\n".join([self.wrapped(label), *(" " * (self.columns - width(line)) + line for line in lines)])

    def centred(self, text: str) -> str:
        """In the middle of the line; a text too long for one goes on the next."""
        lines = self.wrapped(text).split("\n")
        return "\n".join(" " * ((self.columns - width(line)) // 2) + line for line in lines)

    def wrapped(self, text: str) -> str:
        """In lines that fit the paper: broken after a punctuation mark in the second half of a line, else anywhere,
        but never so that a line begins with one."""
        lines = []
        while width(text) > self.columns:
            fits = next(i for i in range(len(text), 0, -1) if width(text[:i]) <= self.columns)
            places = range(fits, fits // 2, -1)
            after_mark = (i for i in places if text[i - 1] in _MARKS and text[i] not in _MARKS)
            anywhere = (i for i in places if text[i] not in _MARKS)
            at = next(after_mark, 0) or next(anywhere, fits)
            lines.append(text[:at].rstrip())
            text = text[at:].lstrip()
        return "\n".join([*lines, text])


def yuan(value: Decimal | None) -> str:
    """To the cent; nothing is 0.00."""
    return f"{value or Decimal(0):.2f}"


def plain(value: Decimal) -> str:
    """A count as short as it can be said: 2.0000 is 2."""
    return f"{value.normalize():f}"


def price(value: Decimal) -> str:
    """A price, with two decimals at least: 12.3 is 12.30, and 0.125 is 0.125."""
    return yuan(value) if value == round(value, 2) else plain(value)


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆", "京", "垓", "秭", "穰")


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
