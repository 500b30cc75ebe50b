"""A sample message for any transaction: what a message looks like, with made-up values that pass the checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from .codes import CodeTable, find_code_table
from .conditions import Condition
from .fields import Field
from .nodes import Member, Shape, Undeclared, is_list, members, node_of
from .transactions import Transaction

DAY, MOMENT = date(2026, 11, 21), datetime(2026, 11, 21, 10, 0, 0)

EMPTY: Mapping[str, Any] = {}

Tables = Callable[[str], CodeTable | None]


def sample_request(transaction: Transaction, *, full: bool = False, tables: Tables = find_code_table) -> Any:
    """A request of ``transaction``, with the values of its own example where its checks ask for them."""
    example = getattr(transaction.cls, "example", {})
    return sample(transaction.input, full=full, tables=tables, example=example)


def sample_answer(transaction: Transaction, *, full: bool = False, tables: Tables = find_code_table) -> Any:
    """An answer to it; its amounts are 0, so that they agree."""
    return sample(transaction.output, full=full, tables=tables, money=Decimal(0))


def sample(
    shape: Shape,
    *,
    full: bool = False,
    money: Decimal = Decimal(1),
    tables: Tables = find_code_table,
    example: Mapping[str, Any] = EMPTY,
) -> Any:
    """JSON values for ``shape``: the required fields, and with ``full`` every other one too; one row in each list.

    Counts, prices and amounts are ``money``, so that rows add up. Codes are the first of their table, texts their own
    key; what ``example`` gives (by wire key, a mapping for a node or for the row of a list) goes before that, and
    what it gives as None is left out.
    """
    node = node_of(shape)
    if node is Undeclared:
        return {}
    made = _Sampler(full, money, tables).node(node, example)
    return [made] if is_list(shape) else made


@attrs.frozen
class _Sampler:
    full: bool
    money: Decimal
    tables: Tables

    def node(self, node: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        listed = members(node)
        needed = {m.attribute for m in listed if m.required} | _first_choices(listed)
        made: dict[str, Any] = {}
        for member in listed:
            if member.wire in given and given[member.wire] is None:
                continue
            if self.full or member.attribute in needed or member.wire in given:
                made[member.wire] = self.member(member, given.get(member.wire))
        for member in listed:
            if member.wire not in made and member.condition and _holds(member.condition, made, listed):
                made[member.wire] = self.member(member, None)
        return made

    def member(self, member: Member, given: Any) -> Any:
        if member.node is not None:
            below = self.node(member.node, given or EMPTY)
            return [below] if member.repeats else below
        assert member.field is not None
        return self.value(member.field, member.wire) if given is None else given

    def value(self, field: Field, name: str) -> Any:
        table = self.tables(field.code_table) if field.code_table else None
        if field.boolean:
            return True
        if field.type == "number":
            if table is not None and table.complete:
                return int(next(iter(table)).code)
            return self.money if field.scale == MONEY_DECIMALS else Decimal(1)
        if field.type == "date":
            return DAY.isoformat()
        if field.type == "datetime":
            return MOMENT.isoformat(" ")
        fitting = (c.code for c in table or () if field.length is None or len(c.code) <= field.length)
        return next(fitting, name[: field.length])


MONEY_DECIMALS = 2


def _first_choices(listed: tuple[Member, ...]) -> set[str]:
    """Of alternatives of which one is needed, the first."""
    chosen: set[str] = set()
    for member in listed:
        condition = member.condition
        if condition is None:
            continue
        if condition.any_of and not chosen & set(condition.any_of):
            chosen.add(condition.any_of[0])
        if condition.unless and not chosen & {*condition.unless, member.attribute}:
            chosen.add(member.attribute)
    return chosen


def _holds(condition: Condition, made: dict[str, Any], listed: tuple[Member, ...]) -> bool:
    wires = {member.attribute: member.wire for member in listed}
    return bool(condition.equals) and all(made.get(wires[name]) in values for name, values in condition.equals)
