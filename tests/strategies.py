"""Hypothesis strategies from the declarations: legal messages of any transaction, and ways to spoil one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from liangding.spec.codes import find_code_table
from liangding.spec.fields import Field
from liangding.spec.nodes import Member, Shape, is_list, members, node_of

LETTERS = st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd", "Lo", "Po", "Sm"], exclude_characters="\x00")


def messages(shape: Shape) -> st.SearchStrategy[Any]:
    """Legal JSON values of a shape."""
    node = nodes(node_of(shape))
    return st.lists(node, min_size=1, max_size=2) if is_list(shape) else node


def nodes(cls: Any) -> st.SearchStrategy[dict[str, Any]]:
    listed = members(cls)
    # A field with a condition is always given: whether it is needed is another test's business.
    needed = {m.wire: values(m) for m in listed if m.required or m.condition}
    optional = {m.wire: st.one_of(st.none(), values(m)) for m in listed if m.wire not in needed}
    return st.fixed_dictionaries(needed, optional=optional)


def values(member: Member) -> st.SearchStrategy[Any]:
    if member.node is not None:
        below = nodes(member.node)
        return st.lists(below, min_size=1, max_size=2) if member.repeats else below
    assert member.field is not None
    return fields(member.field)


def fields(field: Field) -> st.SearchStrategy[Any]:
    if field.boolean:
        return st.booleans()
    table = find_code_table(field.code_table) if field.code_table else None
    if table is not None:
        codes = [code.code for code in table if field.length is None or len(code.code) <= field.length]
        if field.type == "number":
            return st.sampled_from([int(code) for code in codes])
        if codes:
            return st.sampled_from(codes)
    if field.type == "number":
        return numbers(field)
    if field.type == "date":
        return st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(date.isoformat)
    if field.type == "datetime":
        moments = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31))
        return moments.map(lambda m: m.isoformat(" ", "seconds"))
    return st.text(LETTERS, min_size=1, max_size=min(field.length or 12, 12))


def numbers(field: Field) -> st.SearchStrategy[Any]:
    scale = min(field.scale if field.scale is not None else 2, 6)
    whole = min((field.length or 12) - (field.scale or 0), 14)
    limit = Decimal(10) ** whole - Decimal(1).scaleb(-scale)
    decimals = st.decimals(-limit, limit, allow_nan=False, allow_infinity=False, places=scale)
    return st.one_of(decimals, decimals.map(lambda d: format(d, "f")), st.integers(-int(limit), int(limit)))


def spoilt(field: Field) -> list[tuple[str, Any]]:
    """Illegal values of a field: the rule that each breaks, and the value."""
    if field.boolean or field.open:
        return []
    wrong: list[tuple[str, Any]] = [("type", {"x": 1})]
    if field.type in ("string", "text"):
        wrong.append(("type", 7))
        if field.length is not None:
            wrong.append(("length", "长" * (field.length + 1)))
    if field.type == "number":
        wrong += [("type", "十"), ("type", True)]
        if field.scale is not None:
            wrong.append(("scale", Decimal(1).scaleb(-field.scale - 1)))
        if field.length is not None:
            wrong.append(("length", Decimal(10) ** (field.length - (field.scale or 0))))
    if field.type == "date":
        wrong = [("date", "2026-02-30"), ("date", "20261121"), ("date", "2026-11-21 10:00:00")]
    if field.type == "datetime":
        wrong = [("date", "2026-11-21T10:00:00"), ("date", "2026-11-21 25:00:00"), ("date", "昨天")]
    return wrong
