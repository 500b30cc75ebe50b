"""A record as a form: a field for each that its transaction declares, by its label, so that nobody edits JSON."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from ...knowledge import Knowledge
from ...spec import Transaction
from ...spec.nodes import Member, members, node_of
from ...wire.json import decode, encode

MOST_CODES = 300
"""A table of more codes than that is not offered in full."""

LONG = 60
"""Characters of a text that gets more than one line."""

BEFORE = "f:"
"""What the names of these fields begin with in the form."""

Step = str | int


@attrs.frozen(kw_only=True)
class RecordField:
    """One field: its place in the record, what it is called, and its ``value`` as text (empty: not there). ``json``:
    it holds more than a text or a number."""

    path: tuple[Step, ...]
    label: str
    value: str
    required: bool = False
    number: bool = False
    json: bool = False
    table: str = ""
    marked: bool = False

    @property
    def name(self) -> str:
        return BEFORE + ".".join(map(str, self.path))

    @property
    def long(self) -> bool:
        return self.json or len(self.value) > LONG


@attrs.frozen(kw_only=True)
class RecordNode:
    """The fields of one node, or of one of its rows: those that are filled in, and those that are not."""

    title: str
    fields: tuple[RecordField, ...]

    @property
    def there(self) -> tuple[RecordField, ...]:
        return tuple(each for each in self.fields if each.value or each.marked)

    @property
    def empty(self) -> tuple[RecordField, ...]:
        return tuple(each for each in self.fields if not (each.value or each.marked))


def record_nodes(transaction: Transaction, message: Any, refused: str = "") -> list[RecordNode]:
    """The form of a record; ``refused`` is the field (``node.field``) that the platform's words mean."""
    return list(_nodes(node_of(transaction.input), message, (), "", refused))


def _nodes(node: Any, value: Any, path: tuple[Step, ...], title: str, refused: str) -> Iterator[RecordNode]:
    if isinstance(value, list):
        for i, each in enumerate(value):
            yield from _nodes(node, each, (*path, i), f"{title} 第 {i + 1} 行" if len(value) > 1 else title, refused)
        return
    if not isinstance(value, Mapping):
        return
    declared: dict[str, Member] = {member.wire: member for member in members(node)} if node is not None else {}
    fields, below = [], []
    for wire in dict.fromkeys((*declared, *map(str, value))):
        member, held = declared.get(wire), value.get(wire)
        if (member is not None and member.node is not None) or _has_fields(held):
            label = member.label if member is not None and member.label else wire
            below.append((member.node if member else None, held, (*path, wire), f"{title} {label}".strip()))
        else:
            fields.append(_field(member, wire, held, path, refused))
    if fields:
        yield RecordNode(title=title, fields=tuple(fields))
    for each in below:
        yield from _nodes(*each, refused)


def _has_fields(value: Any) -> bool:
    rows = value if isinstance(value, list) else [value]
    return bool(rows) and all(isinstance(row, Mapping) for row in rows)


def _field(member: Member | None, wire: str, value: Any, path: tuple[Step, ...], refused: str) -> RecordField:
    plain = value is None or (isinstance(value, str | int | Decimal) and not isinstance(value, bool))
    field = member.field if member is not None else None
    names = {wire, ".".join(str(step) for step in (*path, wire) if isinstance(step, str))}
    return RecordField(
        path=(*path, wire), label=member.label if member is not None and member.label else wire,
        value="" if value is None else str(value) if plain else encode(value).decode(),
        required=member is not None and member.required, number=field is not None and field.type == "number",
        json=not plain, table=field.code_table or "" if field is not None else "", marked=refused in names,
    )  # fmt: skip


def code_lists(known: Knowledge, nodes: Sequence[RecordNode]) -> dict[str, list[tuple[str, str]]]:
    """The codes of the tables that the fields name, each with its name."""
    names = sorted({field.table for node in nodes for field in node.fields if field.table})
    tables = {name: known.code_table(name) for name in names}
    return {
        name: [(code.code, code.name) for code in table.values]
        for name, table in tables.items() if table is not None and len(table.values) <= MOST_CODES
    }  # fmt: skip


def mended(message: Any, nodes: Sequence[RecordNode], filled: Mapping[str, str]) -> Any:
    """The record with what was filled in: what is as it was stays to the letter, what was emptied goes."""
    made = copy.deepcopy(message)
    for field in (field for node in nodes for field in node.fields):
        given = filled.get(field.name)
        if given is None or given.replace("\r\n", "\n") == field.value:
            continue
        held = made
        for step in field.path[:-1]:
            held = held[step]
        if given:
            held[field.path[-1]] = _value(field, given, held.get(field.path[-1]))
        else:
            held.pop(field.path[-1], None)
    return made


def _value(field: RecordField, given: str, before: Any) -> Any:
    """What was filled in as the record holds such a thing; what cannot be that stays text, and checking names it."""
    try:
        if field.json:
            return decode(given.encode())
        if field.number and not isinstance(before, str):
            return Decimal(given) if Decimal(given).is_finite() else given
    except (ValueError, InvalidOperation):
        return given
    return given
