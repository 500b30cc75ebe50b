"""Reading one value of a message against its field's facts: what to take it as, and what is wrong with it.

Two manners. *Strict* is how our own requests are held to the specification: type, length, decimals, code and need,
as written. *Lenient* is how answers are taken: numbers may come quoted or empty, a day may carry a time, text may
come as a number; codes are never refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from ..clock import CHINA
from .codes import CodeTable, find_code_table
from .fields import Field
from .nodes import Member
from .problems import Level, Path, Problem, problem

Reader = Callable[[object, list[Problem], Path], Any]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")


@attrs.frozen(kw_only=True)
class Manner:
    """How to read: strict or lenient, against which code tables, and how grave a code outside its table is.

    ``single_rows`` names the lists that a region takes as one object where they have one row only.
    """

    strict: bool
    table: Callable[[str], CodeTable | None] = find_code_table
    unknown_code: Level = "error"
    single_rows: frozenset[str] = frozenset()


STRICT = Manner(strict=True)
LENIENT = Manner(strict=False)


def leaf_reader(member: Member, manner: Manner) -> Reader:
    """The reader of ``member``'s values: returns the value, or None after noting what is wrong."""
    assert member.field is not None
    read_value = {
        "string": _text,
        "text": _text,
        "number": _number,
        "date": _day,
        "datetime": _moment,
    }[member.field.type](member.field, manner)
    label, wire, required = member.label, member.wire, member.required
    empty_is_fine = not required or (not manner.strict and member.field.type == "number")

    def read(value: object, problems: list[Problem], path: Path) -> Any:
        if value is None or value == "":
            if not empty_is_fine:
                problems.append(problem((*path, wire), "required", "必填，未给出", label=label))
            return None
        try:
            return read_value(value)
        except _Wrong as wrong:
            problems.append(
                problem((*path, wire), wrong.rule, wrong.message, label=label, value=value, level=wrong.level)
            )
            return wrong.taken

    return read


class _Wrong(Exception):
    """A value breaks a rule; ``taken`` is what it is taken as all the same."""

    def __init__(self, rule: str, message: str, taken: Any = None, level: Any = "error") -> None:
        self.rule, self.message, self.taken, self.level = rule, message, taken, level


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "布尔值"
    if isinstance(value, int | float | Decimal):
        return "数值"
    if isinstance(value, dict):
        return "对象"
    return "列表" if isinstance(value, list) else "字符串" if isinstance(value, str) else type(value).__name__


# -- text --------------------------------------------------------------------------------------------------------


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no text has that somebody wrote; a tab and the end of a line it may have."""


def _text(field: Field, manner: Manner) -> Callable[[Any], Any]:
    length = field.length
    check_code = _code_check(field, manner)

    def read(value: Any) -> Any:
        if field.open and isinstance(value, dict | list):
            return value
        if field.boolean and isinstance(value, bool):
            return value
        if not isinstance(value, str):
            if manner.strict or isinstance(value, dict | list):
                raise _Wrong("type", f"应为字符串，给的是{_kind(value)}")
            value = str(value).lower() if isinstance(value, bool) else _number_as_text(value)
        if manner.strict and (found := _CONTROL.search(value)):
            raise _Wrong("control", f"有控制字符 U+{ord(found[0]):04X}：扫码枪或粘贴带进来的，去掉它", taken=value)
        if length is not None and len(value) > length:
            raise _Wrong("length", f"最长 {length} 个字符，给了 {len(value)} 个", taken=value)
        if check_code is not None:
            check_code(value, value)
        return value

    return read


def _number_as_text(value: object) -> str:
    """A text that came as a number: 310.0 is 310, and every digit stays. One in powers of ten has lost its last ones,
    and names nobody any more."""
    if not isinstance(value, Decimal | float):
        return str(value)
    exact = Decimal(str(value))
    _, _, exponent = exact.as_tuple()
    if not isinstance(exponent, int) or exponent > 0:
        raise _Wrong("type", "文本写成了科学计数的数值，末几位已丢失")
    return f"{exact.to_integral_value():f}" if exact == exact.to_integral_value() else f"{exact:f}"


def code_table_for(field: Field, manner: Manner) -> CodeTable | None:
    """The table that ``field``'s values are held against: none in answers, none where nothing is published."""
    return manner.table(field.code_table) if manner.strict and field.code_table else None


def _code_check(field: Field, manner: Manner) -> Callable[[str, Any], None] | None:
    table = code_table_for(field, manner)
    if table is None:
        return None
    message = f"不在字典 {table.table}（{table.name}）之中"
    level = manner.unknown_code
    if not table.complete:
        message, level = f"{message}；该字典公开部分不全，仅提示", "warning"

    def check(code: str, taken: Any) -> None:
        if code not in table:
            raise _Wrong("code", message, taken=taken, level=level)

    def check_each(codes: str, taken: Any) -> None:
        for each in codes.split(field.joined):
            check(each, taken)

    return check_each if field.joined else check


# -- numbers -----------------------------------------------------------------------------------------------------

DIGITS = 30
"""What is longer is no number of anything: nobody can go on with it."""


def _number(field: Field, manner: Manner) -> Callable[[Any], Decimal]:
    scale = field.scale
    whole = None if field.length is None else field.length - (scale or 0)
    check_code = _code_check(field, manner)

    def read(value: Any) -> Decimal:
        taken = _decimal(value)
        if taken.adjusted() >= DIGITS or len(taken.as_tuple().digits) > DIGITS:
            raise _Wrong("length", f"数字长过 {DIGITS} 位")
        if scale is not None and _decimals(taken) > scale:
            level: Level = "error" if manner.strict else "warning"
            raise _Wrong("scale", f"小数最多 {scale} 位" if scale else "不得有小数", taken=taken, level=level)
        if whole is not None and taken.is_finite() and abs(taken) >= Decimal(10) ** whole:
            raise _Wrong("length", f"整数部分最多 {whole} 位", taken=taken)
        if check_code is not None:
            check_code(str(value), taken)
        return taken

    return read


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, bool | dict | list):
        raise _Wrong("type", f"应为数值，给的是{_kind(value)}")
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        raise _Wrong("type", "数值不得经过浮点数，请用 Decimal 或字符串")
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        try:
            return Decimal(value.strip())
        except InvalidOperation:
            pass
    raise _Wrong("type", "不是数值")


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent >= 0:
        return 0
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


# -- days and times ----------------------------------------------------------------------------------------------


def _day(field: Field, manner: Manner) -> Callable[[Any], date]:
    def read(value: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if manner.strict:
            if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                try:
                    return date.fromisoformat(value)
                except ValueError:
                    pass
            raise _Wrong("date", "应为 yyyy-MM-dd 的日期")
        return _any_moment(value).date()

    return read


def _moment(field: Field, manner: Manner) -> Callable[[Any], datetime]:
    form = "yyyy-MM-dd HH:mm:ss"

    def read(value: Any) -> datetime:
        if isinstance(value, datetime):
            return value.astimezone(CHINA).replace(tzinfo=None) if value.tzinfo else value
        if isinstance(value, date) and (field.or_day or not manner.strict):
            return datetime(value.year, value.month, value.day)
        if manner.strict:
            if isinstance(value, str):
                allowed = re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value) or (
                    field.or_day and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
                )
                try:
                    if allowed:
                        return datetime.fromisoformat(value)
                except ValueError:
                    pass
            raise _Wrong("date", f"应为 {form} 的时间" + ("，或 yyyy-MM-dd" if field.or_day else ""))
        return _any_moment(value)

    return read


_DIGITS_ONLY = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}


def _any_moment(value: Any) -> datetime:
    """A point of time in any of the forms that platforms answer with, as China's local time."""
    if isinstance(value, int) and not isinstance(value, bool) and 10**11 < abs(value) < 10**14:
        return datetime.fromtimestamp(value / 1000, CHINA).replace(tzinfo=None)
    plain = str(value).strip()
    try:
        if plain.isdigit():
            if len(plain) == 13:
                return datetime.fromtimestamp(int(plain) / 1000, CHINA).replace(tzinfo=None)
            return datetime.strptime(plain, _DIGITS_ONLY[len(plain)])
        dashed = re.sub(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", lambda m: f"{m[1]}-{m[2]:0>2}-{m[3]:0>2}", plain)
        taken = datetime.fromisoformat(dashed)
    except (ValueError, KeyError, OverflowError, OSError):
        raise _Wrong("date", "认不出的日期或时间") from None
    return taken.astimezone(CHINA).replace(tzinfo=None) if taken.tzinfo else taken
