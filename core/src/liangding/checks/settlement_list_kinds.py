"""The kinds of check that a rule of the settlement list (结算清单) may ask for: one function each.

A kind takes what the rule asks of this message and yields findings: a place and a sentence for the record office
(病案室). Kinds with parameters are made by a function of them.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

import attrs

from ..privacy import shown
from ..spec.codes import code_table
from ..spec.nodes import Member
from ..spec.problems import Level, Problem, problem
from .circumstances import Circumstances
from .money import ZERO, total
from .settlement import FUND_KINDS
from .settlement_list_facts import (
    ALWAYS,
    ListPlace,
    When,
    before,
    days_in_hospital,
    minutes,
    place_of,
    rows_of,
    says_something,
    spot,
    spot_in,
    stay,
    value,
    values,
    weights,
)

Severity = Literal["error", "invalid", "warning"]
"""error: the list is refused or counted as missing; invalid: a value out of its range; warning: advisable."""

Confidence = Literal["high", "medium", "low"]

MINUTE = timedelta(minutes=1)
NO_TIME = timedelta(0)

Finding = tuple[ListPlace, str]
Kind = Callable[["RuleCase"], Iterator[Finding]]


@attrs.frozen(kw_only=True)
class ListRule:
    """One rule, or a part of one: which fields, when, checked how, how grave, how sure."""

    number: str
    kind: Kind
    fields: tuple[str, ...]
    when: When
    severity: Severity
    confidence: Confidence

    @property
    def level(self) -> Level:
        """Only what is both grave and sure stops an upload."""
        return "error" if self.severity == "error" and self.confidence != "low" else "warning"

    def findings(self, message: Any, circumstances: Circumstances) -> Iterator[Problem]:
        for found, text in self.kind(RuleCase(message, circumstances, self)):
            yield problem(found.path, self.number, text, label=found.label, value=found.value, level=self.level)


def rule(
    number: str,
    kind: Kind,
    *fields: str,
    when: When = ALWAYS,
    severity: Severity = "error",
    confidence: Confidence = "high",
) -> ListRule:
    return ListRule(number=number, kind=kind, fields=fields, when=when, severity=severity, confidence=confidence)


@attrs.frozen
class RuleCase:
    """A rule before a message: the places that it speaks of."""

    message: Any
    circumstances: Circumstances
    rule: ListRule

    def rows(self) -> Iterator[tuple[ListPlace, ...]]:
        """Row by row the places of the rule's fields, where its condition holds; fields that the shape does not have
        are left out."""
        cls: Any = type(self.message)
        for holder, fields in _fields_by_node(cls, self.rule.fields):
            for path, row in rows_of(self.message, holder):
                if self.rule.when.holds(self.message, row):
                    yield tuple(place_of(path, row, member) for member in fields)

    def places(self) -> Iterator[ListPlace]:
        return itertools.chain.from_iterable(self.rows())

    def given(self) -> Iterator[ListPlace]:
        return (place for place in self.places() if place.value is not None)

    def nodes(self) -> Iterator[tuple[ListPlace, list[Any]]]:
        """The nodes of the rule's fields, each with those of its rows that say anything."""
        for name in dict.fromkeys(field.partition(".")[0] for field in self.rule.fields):
            found = spot(self.message, name)
            if found and self.rule.when.holds(self.message, None):
                holder = found[0]
                rows = [row for _, row in rows_of(self.message, holder) if says_something(row)]
                yield ListPlace(("input", holder.wire), holder, None), rows


@functools.cache
def _fields_by_node(cls: Any, fields: tuple[str, ...]) -> tuple[tuple[Member, tuple[Member, ...]], ...]:
    found: dict[str, tuple[Member, list[Member]]] = {}
    for field in fields:
        at = spot_in(cls, field)
        if at and at[1]:
            found.setdefault(at[0].wire, (at[0], []))[1].append(at[1])
    return tuple((holder, tuple(listed)) for holder, listed in found.values())


def _labels(places: tuple[ListPlace, ...], joint: str) -> str:
    return joint.join(place.label for place in places)


# -- given or not --------------------------------------------------------------------------------------------------


def required(asked: RuleCase) -> Iterator[Finding]:
    """Every field is given. What the table itself requires the strict reader has refused before."""
    for place in asked.places():
        if place.value is None:
            yield place, f"{asked.rule.when.text}应填写{place.label}，未给出"


def one_given(asked: RuleCase) -> Iterator[Finding]:
    """One of the fields is given."""
    for row in asked.rows():
        if all(place.value is None for place in row):
            yield row[0], f"{asked.rule.when.text}应填写{_labels(row, '或')}，未给出"


def together(asked: RuleCase) -> Iterator[Finding]:
    """All of the fields, or none of them."""
    for row in asked.rows():
        if any(place.value is not None for place in row):
            for place in row:
                if place.value is None:
                    yield place, f"{_labels(row, '、')}应同时填写，缺{place.label}"


def empty(asked: RuleCase) -> Iterator[Finding]:
    """None of the fields is given."""
    for place in asked.given():
        yield place, f"{asked.rule.when.text}不应填写{place.label}"


def rows_given(asked: RuleCase) -> Iterator[Finding]:
    """The node has at least one row."""
    for node, rows in asked.nodes():
        if not rows:
            yield node, f"{asked.rule.when.text}应有{node.label}，至少一行"


# -- one value -----------------------------------------------------------------------------------------------------


def each(holds: Callable[[Any], bool], text: str) -> Kind:
    """Every given value holds; ``text`` says what is expected."""

    def check(asked: RuleCase) -> Iterator[Finding]:
        for place in asked.given():
            if not holds(place.value):
                yield place, text

    return check


def matches(pattern: str, text: str) -> Kind:
    return each(lambda held: re.fullmatch(pattern, held, re.ASCII) is not None, text)


def begins_with(prefix: str, name: str) -> Kind:
    return each(lambda held: held.startswith(prefix), f"应为{name}，以 {prefix} 开头")


def only(*allowed: str, text: str) -> Kind:
    return each(lambda held: held in allowed, text)


def at_most(limit: int, text: str) -> Kind:
    return each(lambda held: held <= limit, text)


def weight_between(least: int, most: int) -> Kind:
    text = f"体重应在 {least} 至 {most} 克之间"
    return each(lambda held: all(least <= weight <= most for weight in weights(held)), text)


def weight_step(grams: int) -> Kind:
    return each(lambda held: held % grams == 0, f"体重以克计，精确到 {grams} 克")


def duration(max_hours: int, max_minutes: int) -> Kind:
    """天/小时/分钟."""

    def holds(held: str) -> bool:
        if minutes(held) is None:
            return False
        _, hours, rest = held.split("/")
        return int(hours) <= max_hours and int(rest) <= max_minutes

    text = f"时长应写作 天/小时/分钟，如 1/13/24；小时不超过 {max_hours}，分钟不超过 {max_minutes}"
    return each(holds, text)


def in_dictionary(table: str, joint: str = "") -> Kind:
    """A code stands in the dictionary (字典), or each of several that are joined by the pattern ``joint``.

    Where the field's own table names that dictionary, the reader has looked at a single code, and by the region's
    codes too.
    """

    def check(asked: RuleCase) -> Iterator[Finding]:
        known = code_table(table)
        for place in asked.given():
            codes = re.split(joint, place.value) if joint else [place.value]
            strange = [code for code in codes if code and code not in known]
            if strange and not (len(codes) == 1 and place.declares(table)):
                named = shown(place.member.wire, "、".join(strange))
                yield place, f"{named} 不在字典 {table}（{known.name}）之中"

    return check


# -- days and times ------------------------------------------------------------------------------------------------


def in_order(asked: RuleCase) -> Iterator[Finding]:
    """The given times of a row follow one another."""
    for row in asked.rows():
        for earlier, later in itertools.pairwise(place for place in row if place.value is not None):
            if before(later.value, earlier.value):
                yield later, f"{later.label}不应早于{earlier.label}"


def within_stay(asked: RuleCase) -> Iterator[Finding]:
    """No time lies before admission or after discharge."""
    begin, end = stay(asked.message)
    for place in asked.given():
        if (begin and before(place.value, begin)) or (end and before(end, place.value)):
            yield place, f"{place.label}应在入院时间与出院时间之间"


def is_span(asked: RuleCase) -> Iterator[Finding]:
    """The first field is the duration between the second and the third, to the minute."""
    for stated, begin, end in asked.rows():
        if None in (stated.value, begin.value, end.value):
            continue
        length, span = minutes(stated.value), end.value - begin.value
        if length is not None and span >= NO_TIME and abs(timedelta(minutes=length) - span) >= MINUTE:
            yield stated, f"{stated.label}应等于{end.label}减{begin.label}"


def is_days_in_hospital(asked: RuleCase) -> Iterator[Finding]:
    days = days_in_hospital(asked.message)
    for place in asked.given():
        if days is not None and place.value != days:
            yield place, f"{place.label}应等于出院日期减入院日期（至少 1 天），即 {days}"


def days_of_care(asked: RuleCase) -> Iterator[Finding]:
    """None negative, and together not more than the days in hospital."""
    given = list(asked.given())
    yield from ((place, f"{place.label}不应为负") for place in given if place.value < 0)
    summed = total(place.value for place in given)
    stated = value(asked.message, "setlinfo.act_ipt_days")
    days = stated if stated is not None else days_in_hospital(asked.message)
    if given and days is not None and summed > days:
        yield given[0], f"各级护理天数合计 {summed}，不应超过住院天数 {days}"


# -- rows ----------------------------------------------------------------------------------------------------------


def counts(*fields: str) -> Kind:
    """The number of codes that these fields give; 无 is none."""

    def check(asked: RuleCase) -> Iterator[Finding]:
        sent = sum(code != "无" for field in fields for code in values(asked.message, field))
        for place in asked.given():
            if place.value != sent:
                yield place, f"{place.label}应等于所报代码的个数 {sent}"

    return check


def one_main_diagnosis(asked: RuleCase) -> Iterator[Finding]:
    """Of the rows' main flag and kind: one western (1) diagnosis is the main one (1), and only one."""
    mains = [flag for flag, kind in asked.rows() if (flag.value, kind.value) == ("1", "1")]
    text = "应有且只有一条西医主诊断（诊断类别 1、主诊断标志 1）"
    yield from ((node, f"{text}，现在没有") for node, rows in asked.nodes() if rows and not mains)
    yield from ((second, f"{text}，这是又一条") for second in mains[1:])


def first_is_main(asked: RuleCase) -> Iterator[Finding]:
    """The first row is the main one (1), every other is not (2)."""
    for i, place in enumerate(asked.places()):
        if place.value != ("2" if i else "1"):
            yield place, "其余各条应为其他手术及操作（2）" if i else "第一条应为主要手术及操作（1）"


# -- amounts -------------------------------------------------------------------------------------------------------


def adds_up(left: int) -> Kind:
    """The first ``left`` fields of a row make the same sum as the others."""

    def check(asked: RuleCase) -> Iterator[Finding]:
        for row in asked.rows():
            one, other = _sum(row[:left]), _sum(row[left:])
            if one != other:
                text = f"{_labels(row[:left], ' + ')} 应等于 {_labels(row[left:], ' + ')}"
                yield row[0], f"{text}：左边 {one}，右边 {other}"

    return check


def _sum(places: tuple[ListPlace, ...]) -> Decimal:
    return total(place.value or ZERO for place in places)


def paid_in_full(asked: RuleCase) -> Iterator[Finding]:
    """What the funds paid, with these fields, is what the items cost. Rows of payinfo that are the person's own account
    or cash stand in these fields too, and are not counted twice."""
    payers = FUND_KINDS | dict(asked.circumstances.funds)
    shares = getattr(asked.message, "payinfo", None) or ()
    funds = total(row.fund_payamt for row in shares if payers.get(row.fund_pay_type) not in ("account", "cash"))
    cost = total(values(asked.message, "iteminfo.amt"))
    for row in asked.rows():
        paid = funds + _sum(row)
        if row and paid != cost:
            text = f"基金支付 + {_labels(row, ' + ')} 应等于收费项目合计"
            yield row[0], f"{text}：左边 {paid}，右边 {cost}"
