"""Writing messages: a node becomes the JSON object that goes on the wire, in a region's style."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import MAX_PREC, Decimal, localcontext
from typing import Any, Literal

import attrs
import cattrs

from .nodes import BEYOND, Member, Undeclared, is_node, members
from .sources import code_of

Empty = Literal["omit", "null", "blank", "zero"]


@attrs.frozen(kw_only=True)
class WireStyle:
    """How a region wants values written.

    ``empty_text`` and ``empty_number`` say what stands for a field that is not given: left out, null, "" or 0.
    ``quoted_numbers`` writes numbers as text. ``full_scale`` writes all decimals that the table gives (9.50);
    ``both_places`` those of amounts only, whose table gives two, and takes none away.
    ``extension_key`` is the spelling of 字段扩展 (None: as declared). ``single_rows_as_object`` names the nodes
    that want one object where they have one row only.
    """

    empty_text: Empty = "blank"
    empty_number: Empty = "zero"
    quoted_numbers: bool = False
    full_scale: bool = False
    both_places: bool = False
    moment_format: str = "%Y-%m-%d %H:%M:%S"
    day_format: str = "%Y-%m-%d"
    extension_key: Literal["exp_content", "expContent"] | None = None
    single_rows_as_object: frozenset[str] = frozenset()


NATIONAL = WireStyle()
"""The baseline's rule: an empty number is 0, any other empty value is ""."""

SPARSE = WireStyle(empty_text="omit", empty_number="omit")
"""Nothing is written for what is not given: for storing, not for sending."""

SHOWN = WireStyle(empty_text="omit", empty_number="omit", both_places=True)
"""The same for showing: amounts have their two places, however the platform wrote them."""

NodeWriter = Callable[[Any], dict[str, Any]]


class MessageWriter:
    """Writes nodes in one style; keeps what it has compiled."""

    def __init__(self, style: WireStyle = NATIONAL) -> None:
        self.style = style
        self._writers: dict[type, NodeWriter] = {}
        self.converter = cattrs.Converter()
        self.converter.register_unstructure_hook_factory(is_node, self.writer)

    def write(self, value: Any) -> Any:
        """A node, or a list of nodes, as JSON values (dict, list, str, Decimal, bool, None)."""
        if isinstance(value, list):
            return [self.writer(type(row))(row) for row in value]
        return self.writer(type(value))(value)

    def writer(self, cls: type) -> NodeWriter:
        """The compiled writer of one node."""
        found = self._writers.get(cls)
        if found is None:
            found = self._writers[cls] = _write_undeclared if cls is Undeclared else self._compile(cls)
        return found

    def _compile(self, cls: type) -> NodeWriter:
        names: dict[str, Any] = {}
        always, sometimes = [], []
        for i, member in enumerate(members(cls)):
            key = self._key(member)
            written = self._source(i, member, names)
            empty = self._empty(member)
            if written is None:
                always.append(f"{key!r}: o.{member.attribute}")
            elif empty == "omit":
                sometimes.append(f" if o.{member.attribute} is not None: d[{key!r}] = {written}")
            elif member.required:
                always.append(f"{key!r}: {written}")
            else:
                always.append(f"{key!r}: {self._or_empty(member, empty, written)}")
        body = ["def write(o):", f" d = {{{', '.join(always)}}}", *sometimes]
        body += [f" if o.{BEYOND}: d.update(o.{BEYOND})", " return d"]
        exec(code_of("\n".join(body), f"<writer of {cls.__qualname__}>"), names)
        return names["write"]  # type: ignore[no-any-return]

    def _or_empty(self, member: Member, empty: str, written: str) -> str:
        """A value, or what stands for it where it is absent; an empty text is never held, so "or" is enough for it."""
        field = member.field
        if field is not None and field.type in ("string", "text") and not field.boolean:
            return f"o.{member.attribute} or {empty}"
        return f"{empty} if o.{member.attribute} is None else {written}"

    def _key(self, member: Member) -> str:
        if member.field and member.field.open and self.style.extension_key and member.wire in _EXTENSION:
            return self.style.extension_key
        return member.wire

    def _empty(self, member: Member) -> str:
        """What stands for an absent value, as source; "omit" where nothing does."""
        if member.field is None or (member.field.open and not member.required):
            return "omit"
        if member.field.type != "number" and member.required:
            return "''"
        style = self.style.empty_number if member.field.type == "number" else self.style.empty_text
        return {"omit": "omit", "null": "None", "blank": "''", "zero": "0"}[style]

    def _source(self, i: int, member: Member, names: dict[str, Any]) -> str | None:
        """The expression that writes one member, or None where the value goes as it is."""
        value = f"o.{member.attribute}"
        if member.node is not None:
            names[f"w{i}"] = self.writer(member.node)
            if not member.repeats:
                return f"None if {value} is None else w{i}({value})"
            listed = f"[w{i}(r) for r in {value} or ()]"
            names["one"] = _one
            return f"one({listed})" if member.wire in self.style.single_rows_as_object else listed
        assert member.field is not None
        style = self.style
        padded = style.both_places and member.field.scale == CENT_PLACES
        plain_number = member.field.type == "number" and not (style.quoted_numbers or style.full_scale or padded)
        if plain_number or member.field.type in ("string", "text"):
            return None if member.required else value
        names[f"w{i}"] = self._leaf(member)
        return f"w{i}({value})"

    def _leaf(self, member: Member) -> Callable[[Any], Any]:
        field, style = member.field, self.style
        assert field is not None
        if field.type == "number" and style.both_places:
            return _with_both_places
        if field.type == "number":
            quantum = Decimal(1).scaleb(-field.scale) if style.full_scale and field.scale is not None else None
            return _number_writer(quantum, style.quoted_numbers)
        form = style.day_format if field.type == "date" else style.moment_format
        if form == "%Y-%m-%d":
            return _iso_day
        return _iso_moment if form == "%Y-%m-%d %H:%M:%S" else _formatted(form)


_EXTENSION = ("exp_content", "expContent")


def _write_undeclared(node: Any) -> dict[str, Any]:
    held = getattr(node, BEYOND) or {}
    return held[""] if set(held) == {""} else dict(held)


def _one(rows: list[Any]) -> Any:
    return rows[0] if len(rows) == 1 else rows


CENT_PLACES = 2


def two_places(value: Decimal) -> Decimal:
    """An amount with its two decimals; one that has more keeps them."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent <= -CENT_PLACES:
        return value
    with localcontext(prec=MAX_PREC):
        return value.quantize(_CENT)


_CENT = Decimal("0.01")


def _with_both_places(value: Any) -> Any:
    return two_places(value) if isinstance(value, Decimal) else value


def _number_writer(quantum: Decimal | None, quoted: bool) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        if value is None:
            return None
        if quantum is not None:
            value = value.quantize(quantum)
        return format(value, "f") if quoted else value

    return write


def _iso_day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()[:10]


def _iso_moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(" ", "seconds")


def _formatted(form: str) -> Callable[[date | None], str | None]:
    return lambda value: None if value is None else value.strftime(form)
