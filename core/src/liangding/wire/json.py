"""JSON with exact decimals: numbers never pass through floating point, in either direction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_ordered = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def encode(value: Any) -> bytes:
    """``value`` as UTF-8 JSON without blanks; a Decimal keeps every digit it has."""
    return _encoder.encode(value)


def encode_ordered(value: Any) -> bytes:
    """The same, with the keys of every object in order: equal values give equal bytes."""
    return _ordered.encode(value)


def decode(data: bytes | str) -> Any:
    """JSON to dict, list, str, int, Decimal, bool, None. ValueError for anything that is not JSON."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ValueError(str(wrong)) from None
