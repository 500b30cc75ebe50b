"""What a region changes of a transaction, said as small as it is.

    Register = amended(outpatient.Register, renamed("data", "mdtrtinfo"), data=adds(Card, mdtrt_mode=VisitMode))

is 2201 with another key for ``data`` and further fields in it. For mypy and the IDE it is the national class: they see
its fields, and ``carrying(call.input.data, Card)`` lets them see the added ones. A table of numbers says the same with
:func:`amends`, and no chapter is loaded before one of its transactions is used:

    {"2202": amends(renamed("data", "mdtrtinfo"), note="本市：输入节点为 mdtrtinfo")}
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar, cast, get_type_hints

import attrs

from .conditions import Condition
from .fields import Field, Nested
from .nodes import EXTENSION_KEYS, Annotation, Shape, Undeclared, members, node
from .transactions import Confidence, transaction_of

T = TypeVar("T")
N = TypeVar("N")


@attrs.frozen
class AmendedTable:
    """A node on its way to being another: attribute → annotation, in the order of the printed table. ``name`` is what
    the new node is called."""

    name: str
    hints: Mapping[str, Any]

    @classmethod
    def of(cls, declared: type, name: str = "") -> AmendedTable:
        hints = get_type_hints(declared, include_extras=True)
        own = [member.attribute for member in members(cast(Any, declared))]
        return cls(name or declared.__qualname__, {attribute: hints[attribute] for attribute in own})

    def with_hint(self, attribute: str, change: Callable[[Any], Any]) -> AmendedTable:
        """The annotation of ``attribute`` changed, in its place. TypeError, with the nearest word, without it."""
        if attribute not in self.hints:
            near = difflib.get_close_matches(attribute, self.hints, n=1)
            raise TypeError(f"{self.name} has no {attribute}" + (f"; did you mean {near[0]}?" if near else ""))
        return attrs.evolve(self, hints={**self.hints, attribute: change(self.hints[attribute])})

    def made(self, old: type) -> type:
        """The node: a subclass of ``old``, whose own members are all of the table's."""
        empty = {attribute: None for attribute, hint in self.hints.items() if Annotation.of(hint).optional}
        told = {"__module__": old.__module__, "__doc__": old.__doc__, "__annotations__": dict(self.hints)}
        made: Any = node(type(old.__name__, (old,), {**told, **empty, "__qualname__": self.name}))
        keys = [member.wire for member in members(made)]  # a mistake in an annotation is found here
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise TypeError(f"{self.name} has {', '.join(sorted(twice))} twice")
        return made  # type: ignore[no-any-return]


Change: TypeAlias = Callable[[AmendedTable], AmendedTable]
"""One difference of one node: :func:`adds`, :func:`renamed`, :func:`optional`, :func:`required`, :func:`of_length`,
:func:`inside`."""

Changes: TypeAlias = Change | Iterable[Change]


def adds(*nodes: type, **fields: Any) -> Change:
    """Further members: those of ``nodes``, and ``fields`` by their key in the message; required unless ``| None``.

    A member that is there under that name, or under the other spelling of 字段扩展, gives way and leaves its attribute.
    """
    given = {key: hint for each in nodes for key, hint in AmendedTable.of(each).hints.items()} | fields

    def change(table: AmendedTable) -> AmendedTable:
        named = {_attribute(key, table): hint for key, hint in given.items()}
        kept = {attribute: hint for attribute, hint in table.hints.items() if attribute not in named}
        return attrs.evolve(table, hints={**kept, **named})

    return change


def renamed(attribute: str, key: str, *, note: str | None = None) -> Change:
    """The same member under another key of the message; who works with it goes on saying ``attribute``."""
    return lambda table: table.with_hint(attribute, lambda hint: _told(hint, wire=key, note=note))


def optional(attribute: str, *, note: str | None = None) -> Change:
    """A member that may be left out here."""
    return lambda table: table.with_hint(attribute, lambda hint: _told(hint, note=note, optional=True))


def required(attribute: str) -> Change:
    """A member that may not be left out here, whatever else it hung on."""
    return lambda table: table.with_hint(attribute, _needed)


def of_length(attribute: str, length: int) -> Change:
    """A field of another length."""
    return lambda table: table.with_hint(attribute, lambda hint: _told(hint, length=length))


def inside(**nodes: Changes) -> Change:
    """Changes of the nodes that stand under these attributes."""

    def change(table: AmendedTable) -> AmendedTable:
        for attribute, changes in nodes.items():
            table = table.with_hint(attribute, functools.partial(_changed, changes=_all(changes), within=table.name))
        return table

    return change


@attrs.frozen(kw_only=True, eq=False)
class Amendment:
    """What is different in one transaction: changes of its input and of its output, and the rule that says so."""

    input: tuple[Change, ...] = ()
    output: tuple[Change, ...] = ()
    note: str = ""
    confidence: Confidence = "medium"
    facts: Mapping[str, Any] = attrs.field(factory=dict)

    def declaring(self, **facts: Any) -> Amendment:
        """And with other facts of its heading: ``does``, ``of``, ``effect``, ``undone_by`` …"""
        return attrs.evolve(self, facts={**self.facts, **facts})

    def of(self, national: type[T]) -> type[T]:
        """The class that ``national`` becomes: its number, name, checks and rules, ``note`` after them. TypeError where
        ``national`` is no transaction, or has not what is to be changed."""
        facts = transaction_of(national)
        rule = f"\n- {self.note}" if self.note else ""
        told: dict[str, Any] = {
            "__module__": national.__module__,
            "__qualname__": national.__qualname__,
            "__doc__": inspect.cleandoc(national.__doc__ or "") + rule,
        }
        for side, changes in (("Input", self.input), ("Output", self.output)):
            if changes:
                told[side] = _changed(getattr(national, side), changes, national.__qualname__)
        cls = cast(type[T], type(national.__name__, (national,), told))
        cls.transaction = attrs.evolve(  # type: ignore[attr-defined]
            facts, cls=cls, confidence=self.confidence, **self.facts
        )
        return cls


def amends(
    *changes: Change, output: Changes = (), note: str = "", confidence: Confidence = "medium", **nodes: Changes
) -> Amendment:
    """What is different in a transaction: ``changes`` of its input itself, ``nodes`` those of the nodes under it,
    ``output`` those of what comes back; ``note`` is the rule in words, ``confidence`` how sure all this is."""
    within = (inside(**nodes),) if nodes else ()
    return Amendment(input=(*changes, *within), output=_all(output), note=note, confidence=confidence)


def amended(
    national: type[T],
    /,
    *changes: Change,
    output: Changes = (),
    note: str = "",
    confidence: Confidence = "medium",
    **nodes: Changes,
) -> type[T]:
    """``national`` with what is different in a region; the arguments are those of :func:`amends`."""
    return amends(*changes, output=output, note=note, confidence=confidence, **nodes).of(national)


def carrying(instance: object, added: type[N]) -> N:
    """``instance`` as the node whose fields were added to its own, for mypy and the IDE. TypeError where they were
    not."""
    missing = AmendedTable.of(added).hints.keys() - {member.attribute for member in members(cast(Any, type(instance)))}
    if missing:
        raise TypeError(f"{type(instance).__qualname__} has no {', '.join(sorted(missing))} of {added.__qualname__}")
    return cast(N, instance)


def _all(changes: Changes) -> tuple[Change, ...]:
    return (changes,) if callable(changes) else tuple(changes)


def _attribute(key: str, table: AmendedTable) -> str:
    """The attribute that ``key`` goes by in a table: its own, the one that is there for 字段扩展, or the key itself."""
    spellings = EXTENSION_KEYS if key in EXTENSION_KEYS else {key}
    return next((attribute for attribute in table.hints if attribute in spellings), key)


def _changed(hint: Shape, changes: tuple[Change, ...], within: str) -> Any:
    """An annotation, or a shape, whose node is changed."""
    says = Annotation.of(hint)
    if says.value is Undeclared:
        raise TypeError(f"{within}: nobody has published its table, so there is nothing to change")
    table = AmendedTable.of(says.value, f"{within}.{says.value.__name__}")
    for change in changes:
        table = change(table)
    return attrs.evolve(says, value=table.made(says.value)).hint


def _needed(hint: Any) -> Any:
    says = Annotation.of(hint)
    facts = tuple(fact for fact in says.facts if not isinstance(fact, Condition))
    return attrs.evolve(says, facts=facts, optional=False).hint


def _told(
    hint: Any, *, wire: str | None = None, note: str | None = None, length: int | None = None, optional: bool = False
) -> Any:
    """An annotation whose key, note, length or requirement is another."""
    says = Annotation.of(hint)
    told: dict[str, Any] = {"wire": wire, "note": note, "length": length}
    told = {key: value for key, value in told.items() if value is not None}
    plain = () if any(isinstance(fact, Field | Nested) for fact in says.facts) else (Nested(),)
    facts = [attrs.evolve(f, **told) if isinstance(f, (Field, Nested)) else f for f in (*says.facts, *plain)]
    return attrs.evolve(says, facts=tuple(facts), optional=says.optional or optional).hint
