"""Every rule by its number: what it says, a good message, a bad one that breaks this rule alone, and the repair where
only the writing is wrong.

SL… are the 88 of the settlement list's quality control, AM… the identities of amounts in answers, ME… what is held of
messages. The examples are data: ``rule_messages.json`` has the good messages, a row of ``rule_book.tsv`` says what is
changed in one to break its rule. A test tries every one.
"""

from __future__ import annotations

import copy
import csv
import functools
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib import resources
from typing import Any

import attrs

from ..errors import LiangdingError
from ..structuring import nearest
from .circumstances import Circumstances
from .traceability import tidy

GROUPS = {"SL": "结算清单质控", "AM": "应答的金额关系", "ME": "报文校验"}


class NoSuchRule(LiangdingError):
    """No rule has that number."""

    code = "no_such_rule"
    http_status = 404


@attrs.frozen(kw_only=True)
class Example:
    """A message of a transaction, as JSON values: the request's input, or the answer's output."""

    infno: str
    side: str
    message: Any


@attrs.frozen(kw_only=True)
class NumberedRule:
    """One rule. ``rule`` is what problems call it, ``place`` and ``reason`` what is said of the bad example, ``level``
    how grave; ``change`` makes the bad example of the good one ``of``, by place; ``undecided`` says why no message
    alone decides it."""

    number: str
    title: str
    rule: str = ""
    of: str = ""
    change: Mapping[str, Any] = attrs.field(factory=dict)
    circumstances: Mapping[str, Any] = attrs.field(factory=dict)
    place: str = ""
    reason: str = ""
    level: str = ""
    undecided: str = ""

    @property
    def group(self) -> str:
        return GROUPS[self.number[:2]]

    @property
    def field(self) -> str:
        """The field that its example is about."""
        return self.place.rpartition(".")[2].partition("[")[0]

    def known(self, good: bool) -> Circumstances:
        """What has to be known beside the message to judge an example."""
        told = dict(self.circumstances)
        if good and "account_used" in told:
            told["account_used"] = True
        if good and "msgid" in told:
            told["msgid"] = None
        return Circumstances(**told)

    def good(self) -> Example:
        return messages()[self.of]

    def bad(self) -> Example:
        good = self.good()
        return attrs.evolve(good, message=changed(good.message, self.change))

    def mended(self) -> Example | None:
        """The bad example, repaired; None where no writing mends it."""
        bad, mended = self.bad(), {}
        for place, value in self.change.items():
            repaired = repair(self.number, value)
            if repaired is not None:
                mended[place] = repaired
        return attrs.evolve(bad, message=changed(bad.message, mended)) if mended else None


def changed(message: Any, changes: Mapping[str, Any]) -> Any:
    """A copy with the places of ``changes`` set, or removed where the value is None."""
    made = copy.deepcopy(message)
    for place, value in changes.items():
        *way, last = (int(step) if step.isdigit() else step for step in place.split("."))
        held = made
        for step in way:
            held = held[step]
        if value is None:
            held.pop(last, None)
        else:
            held[last] = value
    return made


@functools.cache
def messages() -> Mapping[str, Example]:
    """The good messages, by name."""
    held = _decoded(resources.files(__package__).joinpath("rule_messages.json").read_text("utf-8"))
    return {name: Example(**each) for name, each in held.items()}


@functools.cache
def book() -> Mapping[str, NumberedRule]:
    """Every rule, by number."""
    text = resources.files(__package__).joinpath("rule_book.tsv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        told: dict[str, Any] = dict(row)
        for name in ("change", "circumstances"):
            told[name] = _decoded(row[name]) if row[name] else {}
        found[row["number"]] = NumberedRule(**told)
    return found


def _decoded(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def numbered(number: str) -> NumberedRule:
    """NoSuchRule, with the nearest one, where there is none."""
    found = book().get(number.upper())
    if found is None:
        raise NoSuchRule(f"没有规则 {number}{nearest(number.upper(), book())}", remedy="liangding rules 列出全部规则")
    return found


def differences(rule: NumberedRule) -> list[tuple[str, str, str, str]]:
    """Each place that the bad example changes: what stands there in the good one, in the bad one, and repaired."""
    mended = rule.mended()
    good, bad = rule.good().message, rule.bad().message
    return [
        (place, _at(good, place), _at(bad, place), _at(mended.message, place) if mended else "")
        for place in rule.change
    ]


def _at(message: Any, place: str) -> str:
    held = message
    for step in place.split("."):
        try:
            held = held[int(step) if step.isdigit() else step]
        except (KeyError, IndexError, TypeError):
            return "（没有）"
    return str(held) if held != " " else "（空白）"


# -- where only the writing is wrong -----------------------------------------------------------------------------------


def _arrows(value: str) -> str:
    return re.sub(r"\s*(->|=>|[，,、；;|/＞>\\])\s*", "→", value.strip()).strip("→")


def _commas(value: str) -> str:
    return re.sub(r"\s*[，、;；]\s*", ",", value.strip())


def _dashes(value: str) -> str:
    return re.sub(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", lambda m: f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}", value.strip())


def _day(value: str) -> str:
    return _dashes(value).removesuffix(" 00:00:00")


REPAIRS: Mapping[str, Callable[[str], str]] = {
    "SL058": _commas, "SL061": _arrows, "SL062": _day, "ME05": tidy, "ME25": _dashes,
}  # fmt: skip


def repair(number: str, value: Any) -> str | None:
    """The value as it was meant, where only its writing breaks the rule; None where that does not mend it."""
    if number == "ME21" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    mend = REPAIRS.get(number)
    if mend is None or not isinstance(value, str):
        return None
    mended = mend(value)
    return None if mended == value else mended
