"""Amounts of a message: what is not given counts as nothing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import MAX_PREC, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent, half up, as the platform rounds; an amount that cannot be, however long it is, too."""
    with localcontext(prec=MAX_PREC):
        return value.quantize(CENT, ROUND_HALF_UP)


def given(node: Any, *names: str) -> Decimal | None:
    """The first of these amounts that the node gives."""
    for name in names:
        value = getattr(node, name, None)
        if isinstance(value, Decimal):
            return value
    return None


def amount(node: Any, *names: str) -> Decimal:
    """The first of these amounts that the node gives, or nothing."""
    value = given(node, *names)
    return ZERO if value is None else value


def total(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)
