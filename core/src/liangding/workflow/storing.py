"""Flow states as JSON and back: attrs classes, exact decimals as text, times as ISO text.

What a caller gives is read strictly (:func:`restore`). What a version stored, this one or an earlier one, is read
tolerantly (:func:`recalled`): a field that was removed is passed over, one that was added has its default, one that was
renamed says so where it is declared (:func:`formerly`), and what only holds of new business is not asked of old.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs.errors import AttributeValidationNote, ClassValidationError
from cattrs.fns import identity

from ..errors import InvalidMessage, LiangdingError
from ..spec.problems import Path, Problem
from ..structuring import MISTAKES, mistakes, nearest, strict_converter
from ..wire.json import is_bounded

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


class NotRecalled(LiangdingError):
    """A stored state holds a value that this version cannot take for what it was. ``places`` says where."""

    code = "not_recalled"
    http_status = 409
    remedy = "用写下它的版本办完这笔业务，或把业务号告诉技术支持"

    def __init__(self, places: str) -> None:
        super().__init__(f"存下的状态读不出来：{places}")
        self.places = places


FORMERLY = "formerly"


def formerly(*names: str) -> dict[str, Any]:
    """The ``metadata`` of an attrs field that was called ``names`` in earlier versions."""
    return {FORMERLY: names}


def recalled(value: Any, cls: type[T]) -> T:
    """The ``cls`` that this version or an earlier one stored. NotRecalled where a value is of another kind now."""
    try:
        return _recaller().structure(value, cls)
    except MISTAKES as wrong:
        places = sorted({".".join(str(part) for part in each.path) for each in mistakes(wrong)})
        raise NotRecalled("、".join(places)) from None


def beyond(value: Mapping[str, Any], cls: type[Any]) -> dict[str, Any]:
    """What is stored of a ``cls`` that this version does not know: a later one may have put it there."""
    known = {name for field in attrs.fields(cls) for name in (field.name, *field.metadata.get(FORMERLY, ()))}
    return {name: held for name, held in value.items() if name not in known}


@functools.cache
def _converter() -> cattrs.Converter:
    return _with_leaves(strict_converter())


@functools.cache
def _recaller() -> cattrs.Converter:
    converter = _with_leaves(strict_converter())
    converter.register_structure_hook_factory(attrs.has, lambda cls: _as_stored(cls, converter))
    return converter


def _as_stored(cls: type[Any], converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """A hook that makes a class of what is there, without the checks that new business has to pass."""
    fields = [
        (field, field.name, field.type, field.metadata.get(FORMERLY, ()))
        for field in attrs.fields(attrs.resolve_types(cls))
    ]

    def of_class(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError("应为一组键值（对象）")
        made: Any = object.__new__(cls)
        for field, name, kind, formerly in fields:
            held = name if name in value else next((each for each in formerly if each in value), None)
            if held is None:
                taken = _default(field, made)
            else:
                found = value[held]
                taken = None if found is None else _placed(converter, found, kind, held)
            object.__setattr__(made, name, taken)
        return made

    return of_class


def _placed(converter: cattrs.Converter, value: Any, kind: Any, name: str) -> Any:
    try:
        return converter.structure(value, kind)
    except MISTAKES as wrong:
        wrong.add_note(AttributeValidationNote(name, name, kind))
        raise ClassValidationError("stored", [wrong], object) from None


def _default(field: Any, made: Any) -> Any:
    """What a field has that was not stored: its default, else nothing."""
    if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        return field.default.factory(made) if field.default.takes_self else field.default.factory()
    return None if field.default is attrs.NOTHING else field.default


def _with_leaves(converter: cattrs.Converter) -> cattrs.Converter:
    converter.register_unstructure_hook_factory(_is_plain, lambda _: identity)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(datetime, lambda value: value.isoformat(" ", "seconds"))
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(datetime, lambda value, _: _moment(value))
    converter.register_structure_hook(date, lambda value, _: _moment(value).date())
    converter.register_structure_hook(StrEnum, _one_of)
    converter.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    converter.register_structure_hook(bytes, _bytes)
    return converter


def _is_plain(kind: Any) -> bool:
    """Whether values of that kind are JSON values as they are: each field of them would be looked at for nothing."""
    return kind in (str | None, int | None, bool | None)


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
    if not is_bounded(taken):
        raise ValueError("数字太长，或指数太大")
    return taken


def _bytes(value: Any, _: Any) -> bytes:
    if not isinstance(value, str):
        raise TypeError("应为 Base64 文本")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise ValueError("不是 Base64") from None


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
