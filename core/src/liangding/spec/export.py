"""The declarations as JSON: one object for each transaction, its nodes flat in the order of the specification."""

from __future__ import annotations

from typing import Any, Literal

from .does import LookedFor
from .nodes import Member, Shape, Undeclared, heading_of, is_list, members, node_of
from .transactions import Transaction


def as_json(transaction: Transaction) -> dict[str, Any]:
    """One transaction with both shapes, field by field.

    ``input`` and ``output`` list nodes; a node without a name holds the fields that stand directly under
    ``input``/``output`` (with ``repeats`` true: the message itself is the list); ``parent`` names the node that
    another stands in. ``fields_public`` false: nobody has published the table.
    """
    looked_for = transaction.looked_for
    return {
        "infno": transaction.infno,
        "name": transaction.name,
        "english": transaction.english,
        "group": transaction.group,
        "chapter": transaction.chapter,
        "hook": transaction.hook,
        "call_mode": transaction.call_mode,
        "does": transaction.does.value,
        "of": transaction.of.value if transaction.of else None,
        "effect": transaction.effect.value,
        "holds": transaction.holds,
        "path": transaction.path,
        "channel": transaction.channel,
        "incoming": transaction.incoming,
        "undone_by": transaction.undone_by,
        "reversal_2601": transaction.reversible,
        "looked_for": looked_for.value if isinstance(looked_for, LookedFor) else None,
        "aliases": list(transaction.aliases),
        "input": nodes_as_json(transaction.input, side="input"),
        "output": nodes_as_json(transaction.output, side="output"),
        "rules": list(transaction.rules),
        "confidence": transaction.confidence,
        "fields_public": transaction.public,
    }


def nodes_as_json(shape: Shape, *, side: Literal["input", "output"]) -> list[dict[str, Any]]:
    """One side of a transaction as a flat list of nodes."""
    top = node_of(shape)
    if top is Undeclared:
        return []
    found: list[dict[str, Any]] = []
    heading = heading_of(shape)
    own = [m for m in members(top) if m.field]
    if own or is_list(shape):
        found.append(_node("", heading.label, is_list(shape), not heading.optional, own))
    # The specification's tables name the nameless parent where a request holds rows beside plain fields, and where
    # the message itself is the list.
    named_parent = is_list(shape) or (own and side == "input")
    for member in members(top):
        _walk(member, "" if named_parent else None, found)
    return found


def _walk(member: Member, parent: str | None, found: list[dict[str, Any]]) -> None:
    if member.node is None:
        return
    inner = members(member.node)
    described = _node(member.wire, member.label, member.repeats, member.required, [m for m in inner if m.field])
    if parent is not None:
        described["parent"] = parent
    found.append(described)
    for each in inner:
        _walk(each, member.wire, found)


def _node(name: str, label: str, repeats: bool, required: bool, fields: list[Member]) -> dict[str, Any]:
    return {
        "node": name, "label": label, "repeats": repeats, "required": required, "fields": [_field(m) for m in fields],
    }  # fmt: skip


def _field(member: Member) -> dict[str, Any]:
    field = member.field
    assert field is not None
    condition = member.condition.text if member.condition else ""
    return {
        "name": member.wire,
        "label": field.label,
        "type": field.type,
        "length": field.length,
        "scale": field.scale,
        "code_table": field.code_table,
        "required": member.requirement,
        "note": "；".join(filter(None, (condition, field.note))),
    }
