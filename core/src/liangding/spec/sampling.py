"""A sample message for any shape: what a message looks like, with made-up values that pass the checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from .codes import CodeTable, find_code_table
from .conditions import Condition
from .fields import Field
from .nodes import Member, Shape, Undeclared, is_list, members, node_of

DAY, MOMENT = date(2026, 11, 21), datetime(2026, 11, 21, 10, 0, 0)

Tables = Callable[[str], CodeTable | None]


def sample(shape: Shape, *, full: bool = False, money: Decimal = Decimal(1), tables: Tables = find_code_table) -> Any:
    """JSON values for ``shape``: the required fields, and with ``full`` every other one too; one row in each list.

    Counts, prices and amounts are 1, so that rows add up; ``money`` 0 makes the amounts of an answer agree. Codes are
    the first of their table, texts their own key.
    """
    node = node_of(shape)
    if node is Undeclared:
        return {}
    made = _Sampler(full, money, tables).node(node)
    return [made] if is_list(shape) else made


@attrs.frozen
class _Sampler:
    full: bool
    money: Decimal
    tables: Tables

    def node(self, node: Any) -> dict[str, Any]:
        listed = members(node)
        needed = {m.attribute for m in listed if m.required} | _first_choices(listed)
        made: dict[str, Any] = {}
        for member in listed:
            if self.full or member.attribute in needed:
                made[member.wire] = self.member(member)
        for member in listed:
            if member.wire not in made and member.condition and _holds(member.condition, made, listed):
                made[member.wire] = self.member(member)
        return made

    def member(self, member: Member) -> Any:
        if member.node is not None:
            below = self.node(member.node)
            return [below] if member.repeats else below
        assert member.field is not None
        return self.value(member.field, member.wire)

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
