"""Flow states as JSON and back: attrs classes, exact decimals as text, times as ISO text."""

from __future__ import annotations

import functools
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

import cattrs

from ..errors import InvalidMessage
from ..spec.problems import Path, Problem
from ..structuring import MISTAKES, mistakes, nearest, strict_converter

T = TypeVar("T")


def stored(value: Any) -> Any:
    """``value`` as JSON values."""
    return _converter().unstructure(value)


def restore(value: Any, cls: type[T], path: Path = ()) -> T:
    """The ``cls`` that was stored, or that a caller gives. InvalidMessage names every place that is not right."""
    try:
        return _converter().structure(value, cls)
    except MISTAKES as wrong:
        named = [Problem(path=m.path, rule=m.rule, message=m.message) for m in mistakes(wrong, path)]
        raise InvalidMessage(named) from None


@functools.cache
def _converter() -> cattrs.Converter:
    converter = strict_converter()
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(datetime, lambda value: value.isoformat(" ", "seconds"))
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(datetime, lambda value, _: _moment(value))
    converter.register_structure_hook(date, lambda value, _: _moment(value).date())
    converter.register_structure_hook(StrEnum, _one_of)
    return converter


def _one_of(value: Any, kind: type[StrEnum]) -> StrEnum:
    allowed = [each.value for each in kind]
    if value not in allowed:
        raise ValueError(f"只能是 {'、'.join(allowed)}{nearest(str(value), allowed)}")
    return kind(value)


def _decimal(value: Any, _: Any) -> Decimal:
    if isinstance(value, bool | float) or value is None:
        raise TypeError("应为数值（小数请用字符串）")
    try:
        taken = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError("不是数值") from None
    if not taken.is_finite():
        raise ValueError("不是数值")
    return taken


def _moment(value: Any) -> datetime:
    """A time to the second, as it is stored and sent."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if not isinstance(value, str):
        raise TypeError("应为 yyyy-MM-dd HH:mm:ss 的时间或 yyyy-MM-dd 的日期")
    try:
        return datetime.fromisoformat(value).replace(microsecond=0)
    except ValueError:
        raise ValueError("应为 yyyy-MM-dd HH:mm:ss 的时间或 yyyy-MM-dd 的日期") from None
