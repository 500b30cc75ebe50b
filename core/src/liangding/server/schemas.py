"""Schemas of what this API takes and tells, from the classes that it reads and writes: nodes of the specification,
classes that flows are given, types of results."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import attrs

from ..knowledge import Knowledge
from ..spec.codes import CodeTable
from ..spec.fields import Field
from ..spec.nodes import Member, Shape, Undeclared, is_list, members, node_of
from .labels import label_of

Json = dict[str, Any]

MOST_VALUES = 60
"""A code table with more values is named, not listed."""

MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"
MOMENT_OR_DAY = r"^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$"
NUMBER = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*$"

NULL: Json = {"type": "null"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


class Schemas:
    """The schemas of one deployment's document. What is taken and what is told are described apart: a request is held
    strictly to its declaration, an answer says what the platform said."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self.made: dict[str, Json] = {}
        self._names: dict[tuple[Any, bool], str] = {}

    def _named(self, cls: Any, told: bool) -> tuple[str, bool]:
        """The component of a class, and whether it is to be made yet. Two classes never share one."""
        found = self._names.get((cls, told))
        if found is not None:
            return found, False
        module = cls.__module__.removeprefix("liangding.").removeprefix("national.")
        name = f"{module}.{cls.__qualname__}"
        name = f"told.{name}" if told else name
        self._names[cls, told] = name
        self.made[name] = {}
        return name, True

    # -- nodes of the specification ----------------------------------------------------------------------------------

    def shape(self, shape: Shape, *, told: bool) -> Json:
        """The input or output of a transaction."""
        node = node_of(shape)
        if node is Undeclared:
            return {"description": "字段没有公开，原样通过"}
        reference = self._node(node, told)
        return {"type": "array", "items": reference} if is_list(shape) else reference

    def _node(self, node: Any, told: bool) -> Json:
        name, is_new = self._named(node, told)
        if is_new:
            listed = members(node)
            made: Json = {
                "type": "object",
                "properties": {member.wire: self._member(member, told) for member in listed},
            }
            required = [member.wire for member in listed if member.required]
            if required and not told:
                made["required"] = required
            self.made[name] = made
        return ref(name)

    def _member(self, member: Member, told: bool) -> Json:
        if member.node is not None:
            reference = self._node(member.node, told)
            held = {"type": "array", "items": reference} if member.repeats else {"allOf": [reference]}
            return held | {"title": member.label or label_of(member.wire) or member.wire}
        assert member.field is not None
        condition = [f"条件必填：{member.condition.text}"] if member.condition else []
        described: Json = {"title": member.label or label_of(member.wire) or member.wire}
        told_of = "；".join([*condition, *filter(None, [member.field.note])])
        if told_of:
            described["description"] = told_of
        return described | (_told_leaf(member.field) if told else self._leaf(member.field, member.required))

    def _leaf(self, field: Field, required: bool) -> Json:
        """A value of a request, as strictly as it is read; what is not required may be empty."""
        if field.open:
            return {}
        if field.boolean:
            return {"type": ["boolean", "string"]}
        if field.type == "number":
            described: Json = {"type": ["number", "string"], "pattern": NUMBER if required else f"{NUMBER}|^$"}
            return described if field.scale is None else described | {"x-decimals": field.scale}
        if field.type in ("date", "datetime"):
            pattern = r"^\d{4}-\d\d-\d\d$" if field.type == "date" else MOMENT_OR_DAY if field.or_day else MOMENT
            return {"type": "string", "pattern": pattern if required else f"{pattern}|^$"}
        described = {"type": "string"} | ({"minLength": 1} if required else {})
        if field.length is not None:
            described["maxLength"] = field.length
        table = self._known.code_table(field.code_table) if field.code_table else None
        return described if table is None else described | self._codes(table, field, required)

    def _codes(self, table: CodeTable, field: Field, required: bool) -> Json:
        listed = [(each.code, each.name) for each in table]
        described: Json = {"x-code-table": table.table}
        if not (table.complete and len(listed) <= MOST_VALUES):
            return described
        described["x-enum-descriptions"] = [name for _, name in listed]
        if self._known.requests.manner.unknown_code == "error" and not field.joined:
            others = [alias for each in table for alias in each.aliases]
            described["enum"] = [code for code, _ in listed] + others + ([] if required else [""])
        return described

    # -- classes of our own ------------------------------------------------------------------------------------------

    def given(self, cls: Any) -> Json:
        """A class that is read strictly from what a caller gives."""
        return self._class(cls, told=False)

    def told(self, cls: Any, *, but: tuple[str, ...] = (), more: Mapping[str, Json] | None = None) -> Json:
        """A class, or a TypedDict, as it is told; ``but`` leaves fields out, ``more`` puts some in or describes them
        otherwise."""
        return self._class(cls, told=True, but=but, more=more or {})

    def _class(
        self, cls: Any, *, told: bool, but: tuple[str, ...] = (), more: Mapping[str, Json] | None = None
    ) -> Json:
        name, is_new = self._named(cls, told)
        if not is_new:
            return ref(name)
        hints = get_type_hints(cls)
        if is_typeddict(cls):
            names, required = list(hints), list(hints)
        else:
            fields = [a for a in attrs.fields(cls) if a.init or told]
            names = [a.name for a in fields if a.name not in but]
            required = [a.name for a in fields if a.name in names and (told or a.default is attrs.NOTHING)]
        made: Json = {
            "type": "object",
            "properties": {each: _labelled(each, self.type(hints[each], told=told)) for each in names},
        }
        for each, described in (more or {}).items():
            made["properties"][each] = _labelled(each, described)
            required += [each] if each not in required else []
        if required:
            made["required"] = required
        if not told:
            made["additionalProperties"] = False
        if cls.__doc__:
            made["description"] = " ".join(cls.__doc__.split())
        self.made[name] = made
        return ref(name)

    def type(self, hint: Any, *, told: bool) -> Json:
        """The schema of a type."""
        if hint in (Any, object):
            return {}
        if hint in _PLAIN:
            return dict((_TOLD if told else _PLAIN)[hint])
        if is_typeddict(hint) or attrs.has(hint):
            return self._class(hint, told=told)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"type": "string", "enum": [each.value for each in hint]}
        origin, inner = get_origin(hint), get_args(hint)
        if origin is Literal:
            return {"enum": list(inner)}
        if origin in (list, tuple, set, frozenset):
            return {"type": "array", "items": self.type(inner[0], told=told)}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.type(each, told=told) for each in inner]}
        if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
            return {"type": "object", "additionalProperties": self.type(inner[1], told=told)}
        return {}


def _labelled(name: str, described: Json) -> Json:
    label = label_of(name)
    if not label:
        return described
    return {"title": label} | (described if "$ref" not in described else {"allOf": [described]})


def _told_leaf(field: Field) -> Json:
    """A value of an answer: what the platform gave, as far as it can be told by type."""
    if field.open or field.boolean:
        return {}
    return {"type": ["number", "string", "null"] if field.type == "number" else ["string", "null"]}


_DECIMAL = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*$"

_PLAIN: dict[Any, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Decimal: {"type": ["number", "string"], "pattern": _DECIMAL, "description": "小数请写成文本"},
    date: {"type": "string", "pattern": MOMENT_OR_DAY},
    datetime: {"type": "string", "pattern": MOMENT_OR_DAY},
    types.NoneType: NULL,
}
"""What is taken of a plain type."""

_TOLD: dict[Any, Json] = _PLAIN | {
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "description": "金额两位小数，文本"},
    date: {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"},
    datetime: {"type": "string", "pattern": MOMENT_OR_DAY},
}
"""What is told of one."""
