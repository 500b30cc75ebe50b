"""Libraries as data: their functions, what goes in and out, and how a credential is read through them.

A library is a TOML file beside this module, or one of a deployment's own. A wrong number of arguments crashes the
process that calls, hence variants have names, and a deployment says which it has.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import attrs
import cattrs

from liangding.contract import MISTAKES, ConfigurationError, mistakes, nearest, strict_converter
from liangding.contract.devices import Medium

ArgumentKind = Literal["text", "number", "number_ref", "out", "inout", "null"]


@attrs.frozen(kw_only=True)
class Argument:
    """One argument. ``text`` and ``number`` go in, ``out`` is a buffer of ``size`` bytes, ``inout`` one that is filled
    before, ``number_ref`` a number that the library may change, ``null`` nothing. ``value`` may name what the request,
    the session or the settings hold (``{infno}``), or ``{size:NAME}``, the size of another argument's buffer;
    ``message`` is sent as JSON in its place."""

    name: str
    kind: ArgumentKind
    size: int = 0
    value: str | int = ""
    message: dict[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Success:
    """How a call says that it went well. ``returned`` equals ``value``; or the ``argument``'s number is at least
    ``at_least``; or the ``field`` of a JSON answer equals ``value``."""

    value: str = "0"
    argument: str = ""
    at_least: int | None = None
    field: str = ""


@attrs.frozen(kw_only=True)
class Function:
    """One function. ``name`` is the exported one; ``seconds`` the longest it may take."""

    name: str
    arguments: list[Argument] = attrs.field(factory=list)
    returns: Literal["number", "text", "nothing"] = "number"
    success: list[Success] = attrs.field(factory=lambda: [Success()])
    seconds: float = 30.0
    note: str = ""


@attrs.frozen(kw_only=True)
class Operation:
    """How something is done: ``calls`` one after the other. ``wait``: the first is repeated while there is no card, or
    until it goes well, where the library does not say why it did not.

    What the argument ``output`` of the last call holds is taken apart: items between ``separator``, or JSON; with
    neither, ``collect`` takes each call's argument as an item of that name. ``reading`` says which item is which part
    of the reading; ``signature`` names the arguments that hold hcard_basinfo and hcard_chkinfo. ``media`` are those
    that it reads; where they are several, the library asks the person, and mdtrt_cert_type says which it was.
    """

    calls: list[str]
    wait: Literal["no", "for_card", "until_well"] = "no"
    output: str = ""
    format: Literal["items", "json", "collect", "nothing"] = "nothing"
    separator: str = "|"
    items: list[str] = attrs.field(factory=list)
    collect: dict[str, str] = attrs.field(factory=dict)
    reading: dict[str, str] = attrs.field(factory=dict)
    media: list[Medium] = attrs.field(factory=list)
    signature: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Said:
    """What a return value means: in words, and as which error (its ``code``)."""

    says: str
    error: str = "device_fault"


@attrs.frozen(kw_only=True)
class Variant:
    """What a variant has otherwise: functions by name, operations by name."""

    note: str = ""
    functions: dict[str, Function] = attrs.field(factory=dict)
    operations: dict[str, Operation] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Library:
    """A library. ``files`` or a COM ``progid`` carry it; ``confidence`` is that of its function table. ``values`` are
    settings that it needs, with their default (empty: a deployment has to say). ``session``: whether it is started with
    the operator's session, or before every use."""

    id: str
    title: str
    confidence: Literal["high", "medium", "low"]
    sources: int
    regions: list[str] = attrs.field(factory=list)
    files: list[str] = attrs.field(factory=list)
    progid: str = ""
    convention: Literal["cdecl", "stdcall"] = "cdecl"
    encoding: str = "gb18030"
    session: Literal["operator", "each"] = "operator"
    note: str = ""
    values: dict[str, str] = attrs.field(factory=dict)
    secret: list[str] = attrs.field(factory=list)
    functions: dict[str, Function] = attrs.field(factory=dict)
    operations: dict[str, Operation] = attrs.field(factory=dict)
    variants: dict[str, Variant] = attrs.field(factory=dict)
    errors: dict[str, Said] = attrs.field(factory=dict)

    def of_variant(self, name: str) -> Library:
        """The library as that variant has it."""
        if not name:
            return self
        if name not in self.variants:
            raise ConfigurationError(
                f"{self.title}没有变体 {name}{nearest(name, self.variants)}", path="variant",
                remedy=f"可用的有：{'、'.join(self.variants) or '没有'}",
            )  # fmt: skip
        variant = self.variants[name]
        return attrs.evolve(
            self, functions=self.functions | variant.functions, operations=self.operations | variant.operations
        )

    @property
    def media(self) -> frozenset[Medium]:
        """What can be read through it."""
        return frozenset(medium for operation in self.operations.values() for medium in operation.media)


def library(id_: str) -> Library:
    """The library of that name that ships with this driver, or (a path) of a deployment's own."""
    if id_ in shipped():
        return _read((files(__package__) / "libraries" / f"{id_}.toml").read_text("utf-8"), id_)
    path = Path(id_)
    if path.suffix != ".toml":
        raise ConfigurationError(
            f"没有库 {id_}{nearest(id_, shipped())}", path="library", remedy=f"可用的有：{'、'.join(shipped())}"
        )
    try:
        return _read(path.read_text("utf-8"), id_)
    except OSError as failed:
        raise ConfigurationError(f"读不到库的说明：{failed.strerror}", path=id_) from None


@functools.cache
def shipped() -> tuple[str, ...]:
    """The libraries that ship with this driver."""
    folder = files(__package__) / "libraries"
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


def _read(text: str, place: str) -> Library:
    try:
        return _converter().structure(tomllib.loads(text), Library)
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigurationError(f"不是合法的 TOML：{wrong}", path=place) from None
    except MISTAKES as wrong:
        named = "；".join(f"{'.'.join(map(str, m.path))}: {m.message}" for m in mistakes(wrong))
        raise ConfigurationError(named, path=place) from None


@functools.cache
def _converter() -> cattrs.Converter:
    converter = strict_converter()
    converter.register_structure_hook(float, lambda value, _: float(value))
    converter.register_structure_hook(Medium, lambda value, _: Medium(value))
    converter.register_structure_hook(str | int, lambda value, _: value)
    converter.register_structure_hook(dict[str, Any] | None, lambda value, _: value)
    return converter
