"""Numbers that a region has of its own for what the standard has under another one: how they are spoken.

[spoken.CF101]
stands_for = "7201"
node = "rx_auth_info"
"""

from __future__ import annotations

from typing import Literal

import attrs

Names = Literal["snake_case", "national"]


@attrs.frozen(kw_only=True)
class Spoken:
    """How one number of a region's own is spoken: by a plugin, and over that by a deployment's ``[spoken.NUMBER]``.

    ``stands_for``: the national transaction in whose place flows use it; empty for one that has no national
    counterpart. ``node`` and ``answer``: what its input and its output call the node that the standard calls ``data``.
    ``names``: whether fields are spelt in ``snake_case`` (what is left out) or as the standard spells them
    (``national``). ``fields``: fields that are called otherwise yet, name by the standard → name here; empty: left out.
    ``assumed``: what is taken for granted where nobody has published the table, in words; empty where one is.
    """

    stands_for: str | None = None
    node: str | None = None
    answer: str | None = None
    names: Names | None = None
    fields: dict[str, str] = attrs.field(factory=dict)
    assumed: str = ""

    def over(self, other: Spoken | None) -> Spoken:
        """This, and what ``other`` says where this says nothing; what was assumed is assumed no longer."""
        if other is None:
            return self
        return attrs.evolve(
            other,
            stands_for=other.stands_for if self.stands_for is None else self.stands_for,
            node=self.node or other.node,
            answer=self.answer or other.answer,
            names=self.names or other.names,
            fields={**other.fields, **self.fields},
            assumed=self.assumed,
        )
