"""Keys as the message of a region spells them, for a caller who spells them as the national declaration does.

Where a region calls a national node or field otherwise, its declaration keeps the attribute and changes the key:

    data: Annotated[Registration, nested("挂号信息", wire="mdtrtinfo")]

A program written for the whole country gives ``data``; on the wire it is ``mdtrtinfo``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from .nodes import Shape, members, node_of


def respelt(shape: Shape, message: Any) -> Any:
    """``message`` (JSON values) with the keys of the wire; as it is where there is nothing to respell."""
    return _respelt(node_of(shape), message)


def _respelt(node: type, message: Any) -> Any:
    if not _has_own_keys(node):
        return message
    if isinstance(message, list):
        return [_respelt(node, row) for row in message]
    if not isinstance(message, Mapping):
        return message
    given = dict(message)
    for member in members(node):
        if member.attribute in given and member.wire not in given and member.attribute not in _wires(node):
            given[member.wire] = given.pop(member.attribute)
        if member.node is not None and member.wire in given:
            given[member.wire] = _respelt(member.node, given[member.wire])
    return given


@functools.cache
def _wires(node: type) -> frozenset[str]:
    return frozenset(member.wire for member in members(node))


@functools.cache
def _has_own_keys(node: type) -> bool:
    return any(m.wire != m.attribute or (m.node is not None and _has_own_keys(m.node)) for m in members(node))
