"""A message as tables: one for each node, in the specification's order, a nested node after the one it stands in."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from liangding.spec.conditions import Condition
from liangding.spec.fields import Field
from liangding.spec.nodes import Member, Shape, Undeclared, heading_of, is_list, members, node_of

TYPES = {"string": "字符型", "text": "长文本", "number": "数值型", "date": "日期型", "datetime": "日期时间型"}


@attrs.frozen(kw_only=True)
class Row:
    """One line of a node's table: a field, or a node that stands below."""

    anchor: str
    name: str
    label: str
    type: str
    length: str = ""
    requirement: str
    condition: Condition | None = None
    code_table: str | None = None
    note: str = ""
    below: str | None = None
    """The anchor of the table of the node that this line names."""


@attrs.frozen(kw_only=True)
class NodeTable:
    """One node: where it stands (``input``, ``druginfo``), whether it repeats and has to be there, and its lines."""

    anchor: str
    path: tuple[str, ...]
    label: str
    repeats: bool
    requirement: str
    condition: Condition | None
    note: str
    rows: tuple[Row, ...]


def node_tables(shape: Shape, anchor: str) -> tuple[NodeTable, ...]:
    """The tables of one side of a transaction; ``anchor`` begins their names (``2102.input``).

    Empty where the message holds nothing, and where its table is not public.
    """
    top = node_of(shape)
    if top is Undeclared:
        return ()
    heading = heading_of(shape)
    side = anchor.rpartition(".")[2]
    own = NodeTable(
        anchor=anchor, path=(side,), label=heading.label, repeats=is_list(shape), condition=None, note=heading.note,
        requirement="N" if heading.optional else "Y", rows=_rows(top, anchor),
    )  # fmt: skip
    # Where nodes alone stand under input or output, their own tables say all there is to say.
    shown = own.repeats or any(m.field for m in members(top))
    return ((own,) if shown else ()) + tuple(_below(top, anchor, (side,)))


def _below(node: type, anchor: str, path: tuple[str, ...]) -> Iterator[NodeTable]:
    for member in members(node):
        if member.node is None:
            continue
        at, to = f"{anchor}.{member.wire}", (*path, member.wire)
        yield NodeTable(
            anchor=at, path=to, label=member.label, repeats=member.repeats, requirement=member.requirement,
            condition=member.condition, note=member.note, rows=_rows(member.node, at),
        )  # fmt: skip
        yield from _below(member.node, at, to)


def _rows(node: type, anchor: str) -> tuple[Row, ...]:
    return tuple(_row(member, f"{anchor}.{member.wire}") for member in members(node))


def _row(member: Member, anchor: str) -> Row:
    field = member.field
    if field is None:
        return Row(
            anchor=f"{anchor}.row", name=member.wire, label=member.label, type="多行" if member.repeats else "节点",
            requirement=member.requirement, condition=member.condition, note=member.note, below=anchor,
        )  # fmt: skip
    return Row(
        anchor=anchor, name=member.wire, label=field.label, type=_type(field), length=_length(field),
        requirement=member.requirement, condition=member.condition, code_table=field.code_table, note=_note(field),
    )  # fmt: skip


def _type(field: Field) -> str:
    if field.boolean:
        return "布尔"
    return "扩展" if field.open else TYPES[field.type]


def _length(field: Field) -> str:
    if field.length is None:
        return ""
    return f"{field.length},{field.scale}" if field.scale else str(field.length)


def _note(field: Field) -> str:
    return "；".join(filter(None, (field.note, "可只传日期" if field.or_day else "")))
