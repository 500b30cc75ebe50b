"""Taking attrs classes from what people and programs write (TOML, JSON): every mistake named, none guessed at."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn

from .errors import Path

T = TypeVar("T")

MISTAKES = (ClassValidationError, IterableValidationError, ForbiddenExtraKeysError, TypeError, ValueError)
"""What a converter of this module raises for a value that is not right."""


@attrs.frozen
class Mistake:
    """One thing wrong, where, and which rule: ``required``, ``unknown_field`` or ``type``."""

    path: Path
    rule: str
    message: str


def strict_converter() -> cattrs.Converter:
    """A converter that takes attrs classes from dicts, refuses unknown keys, and takes text for text only."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _of_class(cls, converter))
    converter.register_structure_hook(str, of_kind(str, "文本"))
    converter.register_structure_hook(bool, of_kind(bool, "true 或 false"))
    converter.register_structure_hook(int, of_kind(int, "整数"))
    return converter


def of_kind(kind: Any, name: str) -> Callable[[Any, Any], Any]:
    """A hook that takes values of ``kind`` only; True is no number."""

    def take(value: Any, _: Any) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind in (int, int | float)):
            raise TypeError(f"应为{name}")
        return value

    return take


def _of_class(cls: type[T], converter: cattrs.Converter) -> Callable[[Any, Any], T]:
    structure = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)

    def of_class(value: Any, of: Any) -> T:
        if not isinstance(value, dict):
            raise TypeError("应为一组键值（对象）")
        return structure(value, of)

    return of_class


def nearest(given: str, known: Iterable[str]) -> str:
    """A hint at what was perhaps meant; empty where nothing is near."""
    near = difflib.get_close_matches(given, list(known), n=1)
    return f"；是不是想写 {near[0]}" if near else ""


def mistakes(error: BaseException, path: Path = ()) -> Iterator[Mistake]:
    """Every mistake of one of :data:`MISTAKES`."""
    if isinstance(error, ClassValidationError | IterableValidationError):
        placed, unplaced = error.group_exceptions()
        for inner, note in placed:
            place = note.name if isinstance(note, AttributeValidationNote) else note.index
            yield from mistakes(inner, (*path, place))
        for inner in unplaced:
            yield from mistakes(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [a.name for a in attrs.fields(error.cl) if a.init]
        for extra in sorted(error.extra_fields):
            yield Mistake((*path, extra), "unknown_field", f"没有这个键{nearest(extra, known)}")
    elif isinstance(error, KeyError):
        yield Mistake(path, "required", "必填，未给出")
    else:
        yield Mistake(path, "type", str(error))
