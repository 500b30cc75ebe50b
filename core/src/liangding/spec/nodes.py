"""Nodes: the objects inside a message, each a plain attrs class whose annotations carry the table's facts."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

import attrs

from ..privacy import keep_private
from .conditions import Condition
from .fields import Field, Nested
from .personal import Personal

T = TypeVar("T")

BEYOND = "beyond_"
"""Where a node keeps the keys that its declaration does not know."""

EXTENSION_KEYS = frozenset({"exp_content", "expContent"})
"""Two spellings of one key (字段扩展): both are known wherever a message is read."""


@dataclass_transform(kw_only_default=True)
def node(cls: type[T]) -> type[T]:
    """Make ``cls`` a node: an attrs class of keyword arguments that never prints what it holds.

    Beside its declared fields an instance carries what the message held beyond them; see :func:`beyond`.
    """
    if not _inherits_beyond(cls):
        cls.__annotations__ = {**inspect.get_annotations(cls), BEYOND: dict[str, Any] | None}
        setattr(cls, BEYOND, attrs.field(default=None, eq=False))
    cls.__repr__ = _silent_repr  # type: ignore[method-assign]
    return attrs.define(cls, kw_only=True, slots=True, repr=False)


def _inherits_beyond(cls: type) -> bool:
    return any(attrs.has(base) for base in cls.__mro__[1:])


def _silent_repr(self: Any) -> str:
    return f"<{type(self).__qualname__}>"


@node
class Nothing:
    """The input or output of a transaction that has none."""


@node
class Undeclared:
    """The input or output of a transaction whose table is not public: the body passes as it stands."""


def is_node(value: object) -> bool:
    return isinstance(value, type) and attrs.has(value) and BEYOND in attrs.fields_dict(value)


def beyond(instance: Any) -> dict[str, Any]:
    """The keys of this node that the message held and the declaration does not know; writable."""
    held: dict[str, Any] | None = getattr(instance, BEYOND)
    if held is None:
        held = {}
        setattr(instance, BEYOND, held)
    return held


@attrs.frozen(kw_only=True)
class Member:
    """One attribute of a node: a field, or another node under it."""

    attribute: str
    wire: str
    label: str
    required: bool
    condition: Condition | None
    field: Field | None = None
    node: type | None = None
    repeats: bool = False
    note: str = ""
    unique: tuple[str, ...] = ()

    @property
    def personal(self) -> Personal:
        """What its values tell of a person; a node by itself tells nothing."""
        return self.field.tells if self.field is not None else Personal.TECHNICAL

    @property
    def requirement(self) -> str:
        """The table's column 是否必填: Y, N, or C for conditional."""
        return "Y" if self.required else "C" if self.condition else "N"


@functools.cache
def members(cls: Any) -> tuple[Member, ...]:
    """The members of a node in the order of its table.

    Raises TypeError where an annotation carries no facts: a declaration error, found by the first use.
    """
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_member(cls, a, hints[a.name]) for a in attrs.fields(cls) if a.name != BEYOND)


def _member(cls: type, attribute: attrs.Attribute[Any], hint: Any) -> Member:
    says = Annotation.of(hint)
    field = next((f for f in says.facts if isinstance(f, Field)), None)
    place = next((f for f in says.facts if isinstance(f, Nested)), Nested())
    condition = next((f for f in says.facts if isinstance(f, Condition)), None)
    required = attribute.default is attrs.NOTHING
    if required == says.optional:
        raise TypeError(f"{cls.__qualname__}.{attribute.name}: an optional field has '| None' and '= None', both")
    if is_node(says.value):
        return Member(
            attribute=attribute.name, wire=place.wire or attribute.name, label=place.label, required=required,
            condition=condition, node=says.value, repeats=says.repeats, note=place.note, unique=place.unique,
        )  # fmt: skip
    if field is None:
        raise TypeError(f"{cls.__qualname__}.{attribute.name}: the annotation says neither field nor node")
    wire = field.wire or attribute.name
    if field.tells in (Personal.IDENTITY, Personal.CONTACT):
        keep_private(wire)
    return Member(
        attribute=attribute.name, wire=wire, label=field.label, required=required,
        condition=condition, field=field, note=field.note,
    )  # fmt: skip


@attrs.frozen(kw_only=True)
class Annotation:
    """An annotation of a member taken apart: ``Annotated[list[value] | None, *facts]``."""

    value: Any
    repeats: bool
    optional: bool
    facts: tuple[Any, ...]

    @classmethod
    def of(cls, hint: Any) -> Annotation:
        facts = getattr(hint, "__metadata__", ())
        optional, value = _without_none(get_args(hint)[0] if get_origin(hint) is Annotated else hint)
        repeats = get_origin(value) is list
        return cls(value=get_args(value)[0] if repeats else value, repeats=repeats, optional=optional, facts=facts)

    @property
    def hint(self) -> Any:
        """The annotation put together again."""
        value: Any = list[self.value] if self.repeats else self.value  # type: ignore[name-defined]
        value = value | None if self.optional else value
        return Annotated[(value, *self.facts)] if self.facts else value


def _without_none(hint: Any) -> tuple[bool, Any]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [a for a in get_args(hint) if a is not types.NoneType]
        if len(rest) < len(get_args(hint)):
            return True, rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007 - built at run time
    return False, hint


Shape = Any
"""The input or output of a transaction: a node, or ``list[node]`` where the message itself is the list; the list may
be annotated with its label."""


@functools.cache
def node_of(shape: Shape) -> type:
    """The node of a shape, also of one that is a list."""
    return Annotation.of(shape).value  # type: ignore[no-any-return]


def folded(key: str) -> str:
    """A key without what spellings of it differ in: capitals and underscores."""
    return key.replace("_", "").lower()


@functools.cache
def is_list(shape: Shape) -> bool:
    return Annotation.of(shape).repeats


def heading_of(shape: Shape) -> Nested:
    """What the table says of the message itself: the list's annotation, or the ``heading`` of the node."""
    for fact in getattr(shape, "__metadata__", ()):
        if isinstance(fact, Nested):
            return fact
    heading = getattr(shape, "heading", None)
    return heading if isinstance(heading, Nested) else Nested()
