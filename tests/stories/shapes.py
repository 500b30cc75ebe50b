"""What a module is made of, in words: constants, the shapes of classes, and what functions take by themselves. Whoever
changes a word that is stored or sent, a limit, a default, or what of a record may be shown, sees it in one place."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import attrs
from sqlalchemy import ClauseElement, Table, create_engine
from sqlalchemy.schema import CreateIndex, CreateTable

import liangding
from liangding.journal.tables import metadata

_SQLITE, _POSTGRESQL = (create_engine(url).dialect for url in ("sqlite://", "postgresql+psycopg://u@db/x"))
_quoted = _SQLITE.identifier_preparer

PACKAGE = Path(liangding.__file__).parent

PARTS = {
    "runtime": ("runtime.py",),
    "calls": ("calls/*.py",),
    "resolution": ("resolution/*.py",),
    "journal": ("journal/*.py",),
    "workflow": ("workflow/*.py",),
    "flows": ("flows/*.py", "flows/*/*.py"),
    "checks": ("checks/settlement.py",),
}
"""The parts of the money core whose shapes are kept, by patterns of their modules' paths."""


def shapes_of(part: str) -> str:
    """All modules of a part."""
    lines = (line for name in modules_of(*PARTS[part]) for line in shape_of(name) if line.strip())
    wrapped = (textwrap.wrap(line, 118, subsequent_indent=" " * 8, break_long_words=False) for line in lines)
    return "\n".join(line for each in wrapped for line in each) + "\n"


_ALL = {
    table.name: ", ".join(f"{table.name}.{_quoted.quote(column.name)}" for column in table.columns)
    for table in metadata.sorted_tables
}
"""All columns of a table, as a statement has them."""


def modules_of(*patterns: str) -> list[str]:
    """The names of modules, by patterns of their paths."""
    found = {path for pattern in patterns for path in PACKAGE.glob(pattern) if path.name != "__init__.py"}
    return [".".join(("liangding", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in sorted(found)]


def shape_of(name: str) -> Iterator[str]:
    """A module, a line for each thing in it, in the order of its text."""
    module = importlib.import_module(name)
    yield f"== {name.removeprefix('liangding.')}"
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from _function(node.name, getattr(module, node.name))
        elif isinstance(node, ast.ClassDef):
            yield from _class(node.name, getattr(module, node.name))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            for each in names:
                if hasattr(module, each) and each != "__all__":
                    yield from _constant(each, getattr(module, each))


def _constant(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, WeakKeyDictionary):
        return  # what was learnt since, not what is written
    if isinstance(value, Table):
        yield from _table(value)
    elif isinstance(value, Mapping) and len(value) > 3:
        yield f"{name}:"
        yield from (f"    {said(key)}  →  {said(each)}" for key, each in value.items())
    elif isinstance(value, tuple | list) and len(value) > 3 and not isinstance(value[0], str):
        yield f"{name}:"
        yield from (f"    {said(each)}" for each in value)
    elif value is not None and not isinstance(value, ModuleType):
        yield f"{name} = {said(value)}"


def _table(table: Table) -> Iterator[str]:
    for dialect in (_SQLITE, _POSTGRESQL):
        yield from str(CreateTable(table).compile(dialect=dialect)).replace("\t", "").split("\n")
    yield from (str(CreateIndex(each).compile(dialect=_SQLITE)) for each in _sorted(table))


def _sorted(table: Table) -> list[Any]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _class(name: str, cls: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in cls.__bases__)
    yield f"class {name}({bases}){_flags(cls)}"
    if issubclass(cls, enum.Enum):
        yield from (f"    {each.name} = {said(each.value)}" for each in cls)
    own = {field.name: field for field in attrs.fields(cls)} if attrs.has(cls) else {}
    for field in own.values():
        yield f"    {field.name}{_field(field)}"
    for each, value in vars(cls).items():
        if each.startswith("__") or each in own or issubclass(cls, enum.Enum) or each in ("_abc_impl", "_is_protocol"):
            continue
        plain = getattr(value, "__func__", value)
        if isinstance(plain, FunctionType):
            yield from (f"    {line}" for line in _function(each, plain))
        elif isinstance(value, str | int | float | tuple | frozenset):
            yield f"    {each} = {said(value)}"


def _flags(cls: type) -> str:
    made = getattr(cls, "__attrs_props__", None)
    if made is None:
        return " " + ("frozen" if attrs.has(cls) and cls.__setattr__ is not object.__setattr__ else "")
    return f" frozen={made.is_frozen} eq={made.added_eq}"


def _field(field: Any) -> str:
    default = "" if field.default is attrs.NOTHING else f" = {said(field.default)}"
    words = {
        "kw_only": field.kw_only,
        "hidden": not field.repr,
        "not compared": not field.eq,
        "no init": not field.init,
    }
    return default + "".join(f", {word}" for word, holds in words.items() if holds)


MARKS = {"KEYWORD_ONLY": "*", "VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}


def _function(name: str, function: Any) -> Iterator[str]:
    inner = inspect.unwrap(function)
    if not isinstance(inner, FunctionType):
        return
    taken = []
    for each in inspect.signature(inner).parameters.values():
        default = "" if each.default is each.empty else f"={said(each.default)}"
        mark = MARKS.get(each.kind.name, "")
        taken.append(f"{mark}{each.name}{default}")
    if "=" in "".join(taken):  # who takes nothing by itself is told by what it does
        yield f"{name}({', '.join(taken)})"


def said(value: Any) -> str:
    """A value as one reads it."""
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/{value.flags}"
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, ClauseElement):
        compiled = value.compile(dialect=_SQLITE)
        bound = {name: each for name, each in compiled.params.items() if each is not None}
        told = " ".join(str(compiled).split())
        for table, columns in _ALL.items():
            told = told.replace(columns, f"{table}.*")
        return told + (f" {bound}" if bound else "")
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(said, value))) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(said, value)) + ")"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{said(key)}: {said(each)}" for key, each in value.items()) + "}"
    if isinstance(value, str | bytes | int | float) or value is None:
        return repr(value)
    if isinstance(value, type | FunctionType):
        return value.__name__
    if attrs.has(type(value)):
        held = ", ".join(f"{f.name}={said(getattr(value, f.name))}" for f in attrs.fields(type(value)))
        return f"{type(value).__name__}({held})"
    if hasattr(value, "__dict__") and any(isinstance(each, ClauseElement) for each in vars(value).values()):
        return said({name: each for name, each in vars(value).items() if isinstance(each, ClauseElement)})
    return f"a {type(value).__name__}"
