"""What a deployment does of what its province offers, and the numbers that it opens by itself."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import attrs

from ..structuring import nearest

AVariants = Literal["never", "cross_province", "local", "always"]
"""For whom a transaction is made in its variant with A: for nobody, for persons of another province, for local ones,
for everybody."""


@attrs.frozen(kw_only=True)
class Features:
    """What the deployment does of what its province offers.

    ``a_variants``: for whom the transactions with A are made: ``never``, for ``cross_province`` or ``local`` persons,
    ``always``; left out, as the region has it. ``prefer_a`` is its older form: true is ``always``, false not for
    everybody.
    ``trace_codes``: where traceability codes go: with the settlement, with the sale upload, or both.
    ``sale_upload``: one call for each row (``single``, 3505) or one for all (``batch``, 3505A).
    ``file_upload``: how 9101 takes a file: as a form (``multipart``) or as a list of numbers in ``json``.
    ``audit``: whether visits are audited (3101, 3102): not at all (``off``), with findings that a person decides on
    (``show``), or so that a clear violation ends the matter (``stop``).
    ``row_limits``: transaction → how many rows one call of it may bring.
    ``show_seconds``: how long a person has to show a credential to a device.
    ``password``: kinds of credentials (mdtrt_cert_type) whose password is checked before money moves, in regions that
    want it; ``password_by`` says for a kind in which way, where it is not a device's own function
    (:mod:`liangding.national.passwords`): ``"02" = "1602"``.
    ``opened``: chapters that the region had not opened to everybody (``Region.not_opened``) and has opened to this
    institution, so that nothing is said of it any more: ``["mobile_payment"]``.
    """

    prefer_a: bool | None = None
    a_variants: AVariants | None = None
    trace_codes: Literal["settlement", "sale", "both"] | None = None
    sale_upload: Literal["single", "batch"] = "single"
    file_upload: Literal["multipart", "json"] = "multipart"
    audit: Literal["off", "show", "stop"] | None = None
    row_limits: dict[str, int] = attrs.field(factory=dict)
    show_seconds: float = 30.0
    password: list[str] = attrs.field(factory=list)
    password_by: dict[str, str] = attrs.field(factory=dict)
    opened: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        if self.show_seconds <= 0:
            raise ValueError("show_seconds 应大于 0")
        if any(limit < 1 for limit in self.row_limits.values()):
            raise ValueError("row_limits 每次的行数至少是 1")

    def for_whom_a(self, regional: AVariants) -> AVariants:
        """For whom transactions with A are made here, where the region says ``regional``."""
        if self.a_variants is not None or self.prefer_a is None:
            return self.a_variants or regional
        return "always" if self.prefer_a else "cross_province" if regional == "always" else regional


@attrs.frozen(kw_only=True)
class LocalTransaction:
    """A number of the province's or an aggregator's own, opened without a plugin.

    ``like`` is the transaction whose input and output it has; without it messages pass as they stand. ``changes`` says
    whether it changes anything; left out, as ``like`` does, and without that as one that does. ``channel`` names the
    secured service that it goes to, where it does not go to the platform's address.
    """

    name: str
    like: str = ""
    changes: bool | None = None
    channel: str = ""


@attrs.frozen(kw_only=True)
class Later:
    """What changes on a day: from ``on`` on, in China, these ``features`` are as they are here. A server takes it up at
    the beginning of the day."""

    on: date
    features: dict[str, Any]

    def __attrs_post_init__(self) -> None:
        known = {field.name for field in attrs.fields(Features)}
        unknown = [name for name in self.features if name not in known]
        if unknown:
            raise ValueError(f"features 没有 {'、'.join(unknown)}{nearest(unknown[0], known)}")


def as_of(content: dict[str, Any], day: date) -> dict[str, Any]:
    """A deployment file's content as it counts on a day: what is ``later`` and has come, over its features."""
    later = [each for each in content.get("later") or () if isinstance(each, dict) and type(each.get("on")) is date]
    features = dict(content.get("features") or {})
    for each in sorted(later, key=lambda each: each["on"]):
        if each["on"] <= day and isinstance(each.get("features"), dict):
            features |= each["features"]
    return content | {"features": features} if features else content
