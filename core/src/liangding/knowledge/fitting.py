"""Whether a value is of the kind that an annotation names: what a hook gives back is held to what it promises."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

_UNIONS = (Union, types.UnionType)


@attrs.frozen
class Unfit:
    """Something that is not of its kind: where in the value (``local``, ``2102.med_type``; empty for the value itself),
    what was to be there, and what is. Its text shows the value; ``veiled`` does not, for what may be a secret."""

    key: str
    expected: str
    found: object = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"应为 {self.expected}，给的是 {_shown(self.found)}"

    @property
    def veiled(self) -> str:
        return f"应为 {self.expected}，给的是 {type(self.found).__name__}"


def unfit(value: object, hint: Any, key: str = "") -> Iterator[Unfit]:
    """Everything in ``value`` that is not of the kind ``hint``: containers are looked into, and attrs classes by their
    own annotations. An iterator is not consumed: it fits as it is."""
    origin = get_origin(hint)
    if hint is Any or isinstance(hint, TypeVar) or hint is object:
        return
    if origin is Annotated:
        yield from unfit(value, get_args(hint)[0], key)
    elif origin in _UNIONS:
        yield from _of_union(value, hint, key)
    elif origin is Literal:
        if value not in get_args(hint):
            yield Unfit(key, " 或 ".join(map(repr, get_args(hint))), value)
    elif not _is(value, _plain(hint)):
        yield Unfit(key, said(hint), value)
    else:
        yield from _inside(value, hint, key)


def said(hint: Any) -> str:
    """An annotation as one writes it."""
    if isinstance(hint, type) and get_origin(hint) is None:
        return hint.__name__
    return str(hint).replace("collections.abc.", "").replace("typing.", "").replace("liangding.", "")


def _of_union(value: object, hint: Any, key: str) -> Iterator[Unfit]:
    """Of the alternatives the one that the value is meant to be decides what is wrong inside it."""
    alternatives = [each for each in get_args(hint) if _is(value, _plain(each))]
    if not alternatives:
        yield Unfit(key, " 或 ".join(said(each) for each in get_args(hint)), value)
        return
    found = [list(unfit(value, each, key)) for each in alternatives]
    if all(found):
        yield from found[0]


def _inside(value: Any, hint: Any, key: str) -> Iterator[Unfit]:
    inner = get_args(hint)
    if isinstance(value, Mapping) and len(inner) == 2:
        for name, held in value.items():
            wrong = list(unfit(name, inner[0], _below(key, name)))
            yield from wrong or unfit(held, inner[1], _below(key, name))
    elif isinstance(value, Collection) and inner and not isinstance(value, str | bytes):
        fixed = get_origin(hint) is tuple and inner[-1] is not Ellipsis
        if fixed and len(value) != len(inner):
            yield Unfit(key, said(hint), value)
            return
        for place, held in enumerate(value):
            yield from unfit(held, inner[place] if fixed else inner[0], f"{key}[{place}]")
    elif isinstance(hint, type) and attrs.has(hint):
        for name, of in _hints(hint).items():
            yield from unfit(getattr(value, name), of, _below(key, name))


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    """The annotations of a class's attributes; of one whose annotations cannot be read, none."""
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError:
        return {}
    return {a.name: hints[a.name] for a in attrs.fields(cls) if a.name in hints}


def _plain(hint: Any) -> Any:
    """The class or kind behind an annotation."""
    origin: Any = get_origin(hint)
    return _plain(get_args(hint)[0]) if origin is Annotated else origin or hint


def _is(value: object, kind: Any) -> bool:
    if kind in (Any, object) or isinstance(kind, TypeVar):
        return True
    if kind is None or kind is types.NoneType:
        return value is None
    if kind is Literal or kind in _UNIONS:
        return True
    if kind is Callable:
        return callable(value)
    if getattr(kind, "_is_protocol", False):
        return all(hasattr(value, name) for name in dir(kind) if not name.startswith("_"))
    if kind is int and isinstance(value, bool):
        return False
    if kind in (Iterable, Collection) and isinstance(value, str | bytes | Mapping):
        return False
    if isinstance(kind, type) and issubclass(kind, StrEnum) and value in list(kind):
        return True
    if kind is frozenset:
        return isinstance(value, set | frozenset)
    return not isinstance(kind, type) or isinstance(value, kind)


def _below(key: str, name: object) -> str:
    shown = name if isinstance(name, str) else getattr(name, "value", None) or repr(name)
    return f"{key}.{shown}" if key else str(shown)


def _shown(value: object) -> str:
    """A value of a declaration, short; a class or function by its name."""
    if isinstance(value, type) or callable(value):
        return getattr(value, "__qualname__", type(value).__name__)
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '…'}"
