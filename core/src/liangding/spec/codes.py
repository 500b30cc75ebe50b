"""Code tables (字典): the legal values of coded fields.

Tables are read from the package when a field first asks for one. A region adds values through a plugin
(:func:`merged`); national and regional values stay told apart.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterable, Iterator, Mapping

import attrs
import msgspec

DIRECTORY = "code_tables"

EXTENSION = "各地扩展"
"""Where a value comes from that stands in the published table without being one of the national base values."""


@attrs.frozen(kw_only=True)
class Code:
    """One value of a table; ``parent`` is the code above it in a tree.

    ``region`` is empty for a national value, :data:`EXTENSION` for one that some region or other has added, and the
    region's name for one that a plugin has added.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    level: str | None = None
    region: str = ""


@attrs.frozen(kw_only=True)
class CodeTable:
    """A dictionary of codes. ``complete`` false: a value outside it must not be refused."""

    table: str
    name: str
    values: tuple[Code, ...]
    complete: bool = False
    confidence: str = "medium"
    note: str = ""
    _known: Mapping[str, Code] = attrs.field(init=False, repr=False, eq=False)

    @_known.default
    def _index(self) -> dict[str, Code]:
        known = {alias: value for value in self.values for alias in value.aliases}
        return known | {value.code: value for value in self.values}

    @property
    def spellings(self) -> Mapping[str, Code]:
        """Every spelling that the table knows, the other ones too, and the value each stands for."""
        return self._known

    def __contains__(self, code: object) -> bool:
        return code in self._known

    def __iter__(self) -> Iterator[Code]:
        return iter(self.values)

    def find(self, code: str) -> Code | None:
        """The value for ``code``, which may be one of its other spellings (1 for 01)."""
        return self._known.get(code)

    def name_of(self, code: str | None) -> str:
        """The Chinese name of ``code``, or the code itself where the table does not know it."""
        found = self._known.get(code) if code is not None else None
        return found.name if found else code or ""


class UnknownCodeTable(KeyError):
    """No table of that name is published."""


def code_table(table: str) -> CodeTable:
    """The national table ``table``. UnknownCodeTable where nobody has published one."""
    found = find_code_table(table)
    if found is None:
        raise UnknownCodeTable(table)
    return found


@functools.cache
def find_code_table(table: str) -> CodeTable | None:
    """The national table ``table``, or None where nobody has published one: its fields are not checked by table."""
    table = same_as().get(table, table)
    source = importlib.resources.files(__package__) / DIRECTORY / f"{table}.json"
    if not source.is_file():
        return None
    return msgspec.convert(msgspec.json.decode(source.read_bytes()), CodeTableFile).table_named(table)


class CodeTableFile(msgspec.Struct):
    """A table as the package's file holds it: ``values`` maps codes to a name, or to more than a name.

    ``national`` is a regular expression of the codes that are national base values; without it all are.
    """

    name: str
    values: dict[str, str | dict[str, str | list[str]]]
    complete: bool = False
    confidence: str = "medium"
    note: str = ""
    national: str = ".*"

    def table_named(self, table: str) -> CodeTable:
        return CodeTable(
            table=table, name=self.name, complete=self.complete, confidence=self.confidence, note=self.note,
            values=tuple(self._value(code, facts) for code, facts in self.values.items()),
        )  # fmt: skip

    def _value(self, code: str, facts: str | dict[str, str | list[str]]) -> Code:
        region = "" if re.fullmatch(self.national, code) else EXTENSION
        if isinstance(facts, str):
            return Code(code=code, name=facts, region=region)
        aliases = tuple(facts.get("aliases", ()))
        return Code(code=code, **{"region": region, **facts, "aliases": aliases})  # type: ignore[arg-type]


def code_table_names() -> list[str]:
    """The names of all published tables."""
    directory = importlib.resources.files(__package__) / DIRECTORY
    return sorted(f.name.removesuffix(".json") for f in directory.iterdir() if not f.name.startswith("_"))


@functools.cache
def unpublished() -> dict[str, str]:
    """Tables that fields name and nobody has published, with the reason."""
    return _side_file()["unpublished"]


@functools.cache
def same_as() -> dict[str, str]:
    """Names of tables that are another table under a different name."""
    return _side_file()["same_as"]


@functools.cache
def _side_file() -> dict[str, dict[str, str]]:
    source = importlib.resources.files(__package__) / DIRECTORY / "_index.json"
    return msgspec.json.decode(source.read_bytes(), type=dict[str, dict[str, str]])


def merged(table: CodeTable, additions: Iterable[Code], region: str) -> CodeTable:
    """``table`` with a region's own values after the national ones; a code that is there already keeps its place
    and takes the region's name."""
    values = {value.code: value for value in table.values}
    values.update({value.code: attrs.evolve(value, region=region) for value in additions})
    return attrs.evolve(table, values=tuple(values.values()))
