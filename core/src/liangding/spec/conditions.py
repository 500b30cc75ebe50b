"""When a field that is not always needed has to be there ("C" in the tables).

    card_sn: Annotated[str | None, text(32, "卡识别码"), required_when("凭证为 03 时必填", mdtrt_cert_type="03")] = None
    fixmedins_code: Annotated[
        str | None, text(12, "定点医药机构编号"), one_of("名称与编号至少填一项", "fixmedins_name", "fixmedins_code")
    ] = None

A condition whose wording no program can decide (``required_when("慢特病购药时填")``) is declared too: it is shown
and exported, and nothing is refused because of it.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Condition:
    """``text`` in words; ``equals`` the fields of the same node and the values that make the field required;
    ``any_of`` the fields of which at least one has to be there."""

    text: str
    equals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    any_of: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def decidable(self) -> bool:
        return bool(self.equals or self.any_of or self.unless)


def required_when(text: str, /, **equals: str | tuple[str, ...]) -> Condition:
    """Required when every named field of the same node has (one of) the given values. No field: words only."""
    return Condition(text, tuple((k, (v,) if isinstance(v, str) else tuple(v)) for k, v in equals.items()))


def required_unless(text: str, /, *fields: str) -> Condition:
    """Required unless one of the named fields of the same node is there."""
    return Condition(text, unless=fields)


def one_of(text: str, /, *fields: str) -> Condition:
    """At least one of the named fields of the same node is required."""
    return Condition(text, any_of=fields)
