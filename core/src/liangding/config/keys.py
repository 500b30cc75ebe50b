"""What a deployment's file says of business keys."""

from __future__ import annotations

from typing import Any, Literal

import attrs


@attrs.frozen(kw_only=True)
class KeySettings:
    """Business keys (业务号): what a bill is known by. Whatever settles or cancels needs one from its caller, unless it
    is derived.

    ``derive``: fields of the bill that make its key where none is given, such as ``["receipt_no", "bill_date"]``;
    ``true``: those that are usual for the flow or transaction. ``operator`` and ``till`` may be among them, where two
    tills count for themselves. ``per``: a number is used ``once``, or anew on each ``day``; the day is the bill's own.
    ``same_bill``: what happens where the same rows were settled for the same person within ``same_bill_hours`` under
    another key.
    """

    derive: bool | list[str] = False
    per: Literal["once", "day"] = "once"
    same_bill: Literal["ask", "refuse", "allow"] = "ask"
    same_bill_hours: float = 12.0

    def __attrs_post_init__(self) -> None:
        if self.derive == []:
            raise ValueError("derive 至少要有一个字段，或写 true")
        if self.same_bill_hours <= 0:
            raise ValueError("same_bill_hours 应大于 0")


def switch_or_names(value: Any, _: Any) -> bool | list[str]:
    """A switch, or a list of names."""
    if isinstance(value, bool) or (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        return value
    raise TypeError("应为 true/false，或字段名的列表")
