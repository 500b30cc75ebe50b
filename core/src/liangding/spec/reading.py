"""Reading messages: a JSON object becomes a node, with everything that is wrong with it reported at once.

For each node a function is written and compiled on first use, as attrs and cattrs do: it takes the common case of a
value inline (a text not too long, a decimal with few enough decimals) and hands anything else to the field's
:func:`~.leaves.leaf_reader`, which says exactly what is wrong. The functions are cattrs hooks, so that a converter
structures nodes wherever they stand.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import cattrs

from ..errors import InvalidMessage
from .conditions import Condition
from .fields import Field
from .leaves import LENIENT, STRICT, Manner, code_table_for, leaf_reader
from .nodes import BEYOND, EXTENSION_KEYS, Member, Shape, Undeclared, beyond, folded, is_list, is_node, members, node_of
from .problems import UNKNOWN_FIELD, Path, Problem, errors, problem
from .sources import code_of

T = TypeVar("T")
NodeReader = Callable[[object, list[Problem], Path], Any]


class MessageReader:
    """Reads messages in one manner; keeps what it has compiled."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self._readers: dict[type, NodeReader] = {}
        self.converter = cattrs.Converter()
        self.converter.register_structure_hook_factory(is_node, self._hook)

    def read(self, shape: Shape, data: object, path: Path = ()) -> tuple[Any, list[Problem]]:
        """``data`` as ``shape`` (a node, or a list of one), and all that is wrong with it.

        The value is whole where no problem is an error; else what could be made of it, or None.
        """
        problems: list[Problem] = []
        read_node = self.reader(node_of(shape))
        if is_list(shape):
            return self._read_rows(read_node, data, problems, path), problems
        return read_node(data, problems, path), problems

    def reader(self, cls: type) -> NodeReader:
        """The compiled reader of one node."""
        found = self._readers.get(cls)
        if found is None:
            found = self._readers[cls] = _pass_through if cls is Undeclared else self._compile(cls)
        return found

    def _hook(self, cls: type[T]) -> Callable[[Any, Any], T]:
        read_node = self.reader(cls)

        def structure(data: Any, _: Any) -> T:
            problems: list[Problem] = []
            value = read_node(data, problems, ())
            if errors(problems):
                raise InvalidMessage(problems)
            return value  # type: ignore[no-any-return]

        return structure

    # -- one node ------------------------------------------------------------------------------------------------

    def _compile(self, cls: type) -> NodeReader:
        strict = self.manner.strict
        names: dict[str, Any] = {
            "cls": cls,
            "new": cls.__new__,
            "Decimal": Decimal,
            "date_of": date.fromisoformat,
            "datetime_of": datetime.fromisoformat,
            "not_an_object": self._not_an_object(cls),
        }
        body = [
            "def read(d, problems, path):",
            " if d.__class__ is not dict:",
            "  d = not_an_object(d, problems, path)",
        ]
        body += ["  if d is None: return None"]
        members_of = members(cls)
        names["known"] = known = frozenset(m.wire for m in members_of)
        if not strict:
            names["respelt"] = self._respelt(known)
            body += [" if not known.issuperset(d): d = respelt(d, problems, path)"]
        body += [" g = d.get"]
        for i, member in enumerate(members_of):
            take = self._take_node if member.node else self._take_leaf
            body += [f" v{i} = g({member.wire!r})", *take(i, member, names)]
        for i, member in enumerate(members_of):
            if strict and member.condition and member.condition.decidable and not member.required:
                body += self._take_condition(i, member, members_of, names)
        names["keep_beyond"] = self._keep_beyond(cls, known)
        # Slot by slot: a call of the class with all its keywords would cost as much as the reading.
        body += [
            " o = new(cls)",
            *(f" o.{m.attribute} = v{i}" for i, m in enumerate(members_of)),
            f" o.{BEYOND} = None",
        ]
        body += [" if not known.issuperset(d): keep_beyond(o, d, problems, path)", " return o"]
        exec(code_of("\n".join(body), f"<reader of {cls.__qualname__}>"), names)
        return names["read"]  # type: ignore[no-any-return]

    def _take_leaf(self, i: int, member: Member, names: dict[str, Any]) -> list[str]:
        names[f"s{i}"] = leaf_reader(member, self.manner)
        assert member.field is not None
        if member.field.type in ("date", "datetime"):
            return _take_date(i, member.field.type, optional=not member.required)
        slow = f"v{i} = s{i}(v{i}, problems, path)"
        test = self._uncommon(i, member, names)
        if f"l{i}" not in names:
            return [f" if {test}: {slow}"]
        return [
            f" if v{i}.__class__ is int and m{i} < v{i} < l{i}: v{i} = Decimal(v{i})",
            f" elif {test}: {slow}",
        ]

    def _uncommon(self, i: int, member: Member, names: dict[str, Any]) -> str:
        """The test that a value is not the common case, as source."""
        field, v = member.field, f"v{i}"
        assert field is not None
        nothing = "" if member.required else f"{v} is not None and "
        if field.open:
            return f"{v} is not None" if not member.required else "True"
        if field.type in ("string", "text"):
            test = f"{v}.__class__ is not str or not {v}"
            if field.length is not None:
                test = f"{v}.__class__ is not str or not 0 < len({v}) <= {field.length}"
            table = code_table_for(field, self.manner)
            if table is not None:
                names[f"t{i}"] = table.spellings
                test += f" or {v} not in t{i}"
            elif self.manner.strict:
                test += f" or not {v}.isprintable()"  # control characters, and a few that are none
            return f"{nothing}({test})"
        if field.type == "number" and _inline_number(field):
            assert field.length is not None
            assert field.scale is not None
            names[f"q{i}"] = Decimal(1).scaleb(-field.scale)
            names[f"l{i}"] = limit = Decimal(10) ** (field.length - field.scale)
            names[f"m{i}"] = -limit
            inside = f"m{i} < {v} < l{i} and not {v} % q{i}"
            return f"{nothing}({v}.__class__ is not Decimal or not ({inside}))"
        return f"{v} is not None" if not member.required else "True"

    def _take_node(self, i: int, member: Member, names: dict[str, Any]) -> list[str]:
        assert member.node is not None
        names[f"r{i}"] = self.reader(member.node)
        names[f"missing{i}"] = self._missing(member)
        names[f"rows{i}"] = self._rows(member, names[f"r{i}"])
        empty = f"v{i} is None or v{i} == ''"
        take = f"rows{i}(v{i}, problems, path)" if member.repeats else f"r{i}(v{i}, problems, (*path, {member.wire!r}))"
        return [f" v{i} = missing{i}(problems, path) if {empty} else {take}"]

    def _take_condition(self, i: int, member: Member, siblings: tuple[Member, ...], names: dict[str, Any]) -> list[str]:
        assert member.condition is not None
        test = self._condition_source(member.condition, siblings, names)
        names[f"need{i}"] = self._needed(member)
        return [f" if v{i} is None and {test}: need{i}(problems, path)"]

    def _condition_source(self, condition: Condition, siblings: tuple[Member, ...], names: dict[str, Any]) -> str:
        """The condition as source over the values v0, v1 … of its node."""
        place = {m.attribute: j for j, m in enumerate(siblings)}
        tests = []
        for name, values in condition.equals:
            field = siblings[place[name]].field
            table = self.manner.table(field.code_table) if field and field.code_table else None
            spelled = {
                v for code in values if table and (found := table.find(code)) for v in (found.code, *found.aliases)
            }
            key = f"c{len(names)}"
            names[key] = spelled.union(values)
            tests.append(f"v{place[name]} in {key}")
        tests += [f"v{place[name]} is None" for name in (*condition.any_of, *condition.unless)]
        return " and ".join(tests)

    # -- what a compiled reader calls when something is out of the ordinary ----------------------------------------

    def _missing(self, member: Member) -> Callable[[list[Problem], Path], Any]:
        def missing(problems: list[Problem], path: Path) -> Any:
            if member.required:
                problems.append(problem((*path, member.wire), "required", "必填节点，未给出", label=member.label))
            return [] if member.repeats and member.required else None

        return missing

    def _needed(self, member: Member) -> Callable[[list[Problem], Path], None]:
        condition = member.condition
        assert condition is not None

        def needed(problems: list[Problem], path: Path) -> None:
            message = f"此时必填，未给出（{condition.text}）"
            problems.append(problem((*path, member.wire), "condition", message, label=member.label))

        return needed

    def _rows(self, member: Member, read_node: NodeReader) -> NodeReader:
        required = member.required and self.manner.strict

        def read_rows(data: object, problems: list[Problem], path: Path) -> Any:
            here = (*path, member.wire)
            if required and data == []:
                problems.append(problem(here, "required", "至少要有一行", label=member.label))
            return self._read_rows(read_node, data, problems, here)

        return self._told_apart(member, read_rows) if member.unique and self.manner.strict else read_rows

    def _told_apart(self, member: Member, read_rows: NodeReader) -> NodeReader:
        """``read_rows``, with the rows held to be different where the platform tells them apart."""
        labels = {m.attribute: m.label for m in members(member.node)}
        names = "、".join(labels[name] for name in member.unique)

        def read_different(data: object, problems: list[Problem], path: Path) -> Any:
            seen: dict[tuple[Any, ...], int] = {}
            read = read_rows(data, problems, path)
            for i, row in enumerate(read):
                key = tuple(getattr(row, name) for name in member.unique)
                if None not in key and seen.setdefault(key, i) != i:
                    text = f"与第 {seen[key] + 1} 行的{names}相同，平台不收重复的行"
                    problems.append(problem((*path, member.wire, i), "duplicate", text, label=member.label))
            return read

        return read_different

    def _read_rows(self, read_node: NodeReader, data: object, problems: list[Problem], path: Path) -> Any:
        if isinstance(data, list):
            if not self.manner.strict:
                read = (read_node(row, problems, (*path, i)) for i, row in enumerate(data) if not _empty_row(row))
                return [row for row in read if row is not None]
            return [read_node(row, problems, (*path, i)) for i, row in enumerate(data)]
        refused = self.manner.strict and not (path and path[-1] in self.manner.single_rows)
        if refused or not isinstance(data, dict):
            problems.append(problem(path, "type", "应为列表（多行）", value=data))
            return []
        return [] if _empty_row(data) else [read_node(data, problems, (*path, 0))]

    def _not_an_object(self, cls: type) -> Callable[[object, list[Problem], Path], dict[str, Any] | None]:
        def not_an_object(data: object, problems: list[Problem], path: Path) -> dict[str, Any] | None:
            if isinstance(data, cls):
                raise TypeError(f"{cls.__qualname__} is read already")
            if not self.manner.strict and isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict):
                return data[0]
            if isinstance(data, dict):
                return data
            problems.append(problem(path, "type", "应为对象", value=data))
            return None

        return not_an_object

    def _respelt(self, known: frozenset[str]) -> Callable[[dict[str, Any], list[Problem], Path], dict[str, Any]]:
        """Keys that a region writes in capitals, or without underscores, taken for the ones that are declared."""
        wires = {folded(key): key for key in known}

        def respelt(data: dict[str, Any], problems: list[Problem], path: Path) -> dict[str, Any]:
            meant = {key: wires.get(folded(key)) for key in data if key not in known}
            found = {key: wire for key, wire in meant.items() if wire is not None and data.get(wire) is None}
            if not found:
                return data
            for key, wire in found.items():
                problems.append(problem((*path, key), "spelling", f"这里写作 {key}，按 {wire} 读", level="info"))
            return {found.get(key, key): value for key, value in data.items() if key not in found.values()}

        return respelt

    def _keep_beyond(
        self, cls: type, known: frozenset[str]
    ) -> Callable[[Any, dict[str, Any], list[Problem], Path], None]:
        strict, pass_all = self.manner.strict, cls is Undeclared

        def keep_beyond(node: Any, data: dict[str, Any], problems: list[Problem], path: Path) -> None:
            extra = {key: data[key] for key in data if key not in known}
            beyond(node).update(extra)
            if not strict or pass_all:
                return
            for key in extra:
                if key in EXTENSION_KEYS:
                    continue
                near = difflib.get_close_matches(key, sorted(known - data.keys()), n=1)
                hint = f"，是不是想写 {near[0]}" if near else ""
                problems.append(problem((*path, key), UNKNOWN_FIELD, f"规范中没有这个键{hint}", level="warning"))

        return keep_beyond


def _pass_through(data: object, problems: list[Problem], path: Path) -> Any:
    """The reader of a body whose table is not public: taken whole."""
    node = Undeclared()
    if isinstance(data, dict):
        beyond(node).update(data)
    elif data not in (None, ""):
        beyond(node)[""] = data
    return node


def _empty_row(row: object) -> bool:
    return row in (None, "") or (isinstance(row, dict) and all(v is None or v == "" for v in row.values()))


def _inline_number(field: Field) -> bool:
    """Whether a number's digits are few enough for the remainder that tells its decimals."""
    return field.length is not None and field.length <= 27 and field.scale is not None and not field.code_table


def _take_date(i: int, kind: str, *, optional: bool) -> list[str]:
    """A day or a time as the specification writes it, inline; anything else goes to the leaf's reader."""
    v, slow = f"v{i}", f"v{i} = s{i}(v{i}, problems, path)"
    written = f"{v}.__class__ is str and len({v}) == 10 and {v}[4] == '-' and {v}[7] == '-'"
    if kind == "datetime":
        written = f"{v}.__class__ is str and len({v}) == 19 and {v}[10] == ' ' and {v}[7] == '-' and {v}[16] == ':'"
    return [
        f" if {written}:",
        f"  try: {v} = {kind}_of({v})",
        f"  except ValueError: {slow}",
        f" elif {v} is not None: {slow}" if optional else f" else: {slow}",
    ]


_STRICT_READER = MessageReader(STRICT)
_LENIENT_READER = MessageReader(LENIENT)


def read_request(shape: Shape, data: object, path: Path = ()) -> tuple[Any, list[Problem]]:
    """Read ``data`` strictly, against the national code tables; see :meth:`MessageReader.read`."""
    return _STRICT_READER.read(shape, data, path)


def read_answer(shape: Shape, data: object, path: Path = ()) -> tuple[Any, list[Problem]]:
    """Read ``data`` leniently; see :meth:`MessageReader.read`."""
    return _LENIENT_READER.read(shape, data, path)
