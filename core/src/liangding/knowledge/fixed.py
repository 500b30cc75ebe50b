"""Fixed values: fields that have one value in a region, whatever the caller says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pluggy

from ..config import Deployment
from ..spec import Transaction
from ..spec.nodes import Member, members, node_of
from ..spec.problems import Path, Problem, problem
from ..wire.envelope import Head

EVERY = "*"
"""Stands for every transaction."""

HEAD: Mapping[str, Member] = {member.wire: member for member in members(Head)}
"""The fields of the envelope."""


@attrs.frozen(kw_only=True)
class Fixed:
    """One fixed value, where it goes in a transaction, and the plugin that fixes it."""

    field: str
    value: str
    plugin: str
    places: tuple[Path, ...]
    others: tuple[str, ...] = ()
    """What may be given instead."""

    @property
    def told(self) -> str:
        """The value, and what may be given instead, in words."""
        return " 或 ".join((self.value, *self.others))


class FixedFields:
    """All fixed values of a deployment."""

    def __init__(self, values: Mapping[str, Mapping[str, tuple[tuple[str, ...], str]]]) -> None:
        self._values = values
        self._found: dict[str, list[Fixed]] = {}

    @classmethod
    def collect(cls, manager: pluggy.PluginManager, deployment: Deployment) -> FixedFields:
        """Ask every plugin. A later plugin's value for the same field stands over an earlier one's."""
        values: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {}
        plugins = dict(manager.list_name_plugin())
        for name in plugins:
            others = [plugin for other, plugin in plugins.items() if other != name]
            ask = manager.subset_hook_caller("liangding_fixed_values", others)
            for answered in ask(deployment=deployment):
                for infno, fields in answered.items():
                    said = {field: (several(value), name) for field, value in fields.items()}
                    values.setdefault(infno, {}).update(said)
        return cls(values)

    def of(self, transaction: Transaction) -> list[Fixed]:
        """The fixed values that have a place in this transaction, or in its envelope."""
        found = self._found.get(transaction.infno)
        if found is None:
            found = self._found[transaction.infno] = self._places(transaction)
        return found

    def _places(self, transaction: Transaction) -> list[Fixed]:
        said_for = (EVERY, transaction.variant_of, transaction.infno)
        held = {field: value for infno in said_for for field, value in self._values.get(infno, {}).items()}
        found = (
            Fixed(
                field=field, value=first, others=tuple(others), plugin=plugin, places=tuple(_places(transaction, field))
            )
            for field, ((first, *others), plugin) in held.items()
        )
        return [fixed for fixed in found if fixed.places]

    def apply(self, transaction: Transaction, message: Any) -> tuple[Any, dict[str, str], list[Problem]]:
        """The message with its fixed values, the fixed fields of the envelope, and what contradicts them."""
        head: dict[str, str] = {}
        problems: list[Problem] = []
        for fixed in self.of(transaction):
            for place in fixed.places:
                if place[0] == "head":
                    head[fixed.field] = fixed.value
                else:
                    message = _filled(message, place[1:], fixed, problems, ("input",))
        return message, head, problems


def several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """A fixed value and what may be given instead of it."""
    return (value,) if isinstance(value, str) else value


def fixable(transaction: Transaction) -> Iterator[tuple[Path, Member]]:
    """The fields of a transaction's input that may be fixed, and where they stand: directly in it, or in a node
    directly under it."""
    for member in members(node_of(transaction.input)):
        if member.node is None:
            yield ("input", member.wire), member
        else:
            yield from ((("input", member.wire, m.wire), m) for m in members(member.node) if m.node is None)


def _places(transaction: Transaction, field: str) -> list[Path]:
    places: list[Path] = [("head", field)] if field in HEAD else []
    return places + [place for place, member in fixable(transaction) if member.wire == field]


def _filled(message: Any, place: Path, fixed: Fixed, problems: list[Problem], path: Path) -> Any:
    """A copy of ``message`` with the value at ``place``; untouched where what should hold it is not there."""
    if isinstance(message, list):
        return [_filled(row, place, fixed, problems, (*path, i)) for i, row in enumerate(message)]
    if not isinstance(message, Mapping):
        return message
    step, *rest = place
    if rest:
        if step not in message:
            return message
        return {**message, step: _filled(message[step], tuple(rest), fixed, problems, (*path, step))}
    given = message.get(step)
    if given not in (None, "", fixed.value):
        if given not in fixed.others:
            text = f"此处固定为 {fixed.told}（{fixed.plugin}）"
            problems.append(problem((*path, step), "fixed_value", text, value=given))
        return message
    return {**message, step: fixed.value}
