"""JSON with exact decimals: numbers never pass through floating point, in either direction.

What is read is bounded: how deep it goes, how many digits and what exponent a number has.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

DEEPEST = 100
"""How many objects and lists may stand in one another."""

DIGITS, EXPONENT = 60, 60
"""What a number may have."""


def _exact(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:  # an exponent of more digits than there are numbers for
        raise ValueError("数字太长，或指数太大") from None
    if not is_bounded(number):
        raise ValueError("数字太长，或指数太大")
    return number


def is_bounded(number: Decimal) -> bool:
    """Whether a number has no more digits, and no greater exponent, than one that is read."""
    _, digits, exponent = number.as_tuple()
    return len(digits) <= DIGITS and isinstance(exponent, int) and abs(exponent) <= EXPONENT


_decoder = msgspec.json.Decoder(float_hook=_exact)
_encoder = msgspec.json.Encoder(decimal_format="number")
_ordered = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def encode(value: Any) -> bytes:
    """``value`` as UTF-8 JSON without blanks; a Decimal keeps every digit it has."""
    return _encoder.encode(value)


def encode_ordered(value: Any) -> bytes:
    """The same, with the keys of every object in order: equal values give equal bytes."""
    return _ordered.encode(value)


_SCIENTIFIC = re.compile(rb"[0-9]E[+-]?[0-9]")


def encode_plain(value: Any) -> bytes:
    """The same, for what leaves: every number is written out, without an exponent."""
    made = _encoder.encode(value)
    return _encoder.encode(_written_out(value)) if _SCIENTIFIC.search(made) else made


def _written_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _written_out(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_written_out(each) for each in value]
    return msgspec.Raw(format(value, "f").encode()) if isinstance(value, Decimal) else value


def decode(data: bytes | str) -> Any:
    """JSON to dict, list, str, int, Decimal, bool, None. ValueError for anything that is not JSON, goes too deep, or
    has a number that is too long."""
    try:
        read = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ValueError(str(wrong)) from None
    except RecursionError:
        raise ValueError("嵌套太深") from None
    opened = data.count("{") + data.count("[") if isinstance(data, str) else data.count(b"{") + data.count(b"[")
    if opened > DEEPEST and _is_deeper(read, DEEPEST):
        raise ValueError(f"嵌套超过 {DEEPEST} 层")
    return read


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists stand in one another deeper than so."""
    at: list[Any] = [value]
    while at and levels >= 0:
        held = (each.values() if isinstance(each, dict) else each for each in at)
        at = [inner for each in held for inner in each if isinstance(inner, dict | list)]
        levels -= 1
    return bool(at)
