"""Finding well-known fields in messages whatever their nodes are called: the person, the visit, the amount."""

from __future__ import annotations

import functools
from typing import Any

from .nodes import is_list, members, node_of

Places = tuple[tuple[str, ...], ...]


@functools.cache
def places_of(cls: Any, name: str) -> Places:
    """Where the field ``name`` stands in a message of node ``cls``: directly, or in a node directly under it."""
    direct = [(m.attribute,) for m in members(cls) if m.node is None and m.wire == name]
    below = [
        (m.attribute, inner.attribute)
        for m in members(cls)
        if m.node is not None
        for inner in members(m.node)
        if inner.node is None and inner.wire == name
    ]
    return (*direct, *below)


def find(message: Any, name: str) -> Any:
    """The first value that a message has under ``name``; of rows the first row is looked at. None where there is
    none."""
    if isinstance(message, list):
        message = message[0] if message else None
    if message is None:
        return None
    cls: Any = type(message)
    for place in places_of(cls, name):
        value = message
        for step in place:
            if isinstance(value, list):
                value = value[0] if value else None
            value = getattr(value, step, None)
        if value is not None:
            return value
    return None


def has_field(shape: Any, name: str) -> bool:
    """Whether messages of that shape have the field at all."""
    return not is_list(shape) and bool(places_of(node_of(shape), name))
