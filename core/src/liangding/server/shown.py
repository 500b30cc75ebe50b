"""What a till hands over of an e-credential, and what it gets for it."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from ..identity import decode, scenario_named
from ..runtime import Runtime


@attrs.define(kw_only=True)
class ShownCode:
    """A shown code: the ``scenario`` it is shown at (id, Chinese name or business type), the scanned ``code`` (none:
    the device scans), and the department. ``gain`` and ``serial`` are for terminals that take the code."""

    scenario: str
    code: str | None = attrs.field(default=None, repr=False)
    office_id: str = ""
    office_name: str = ""
    gain: Literal["MOBILE", "FACE"] | None = None
    serial: str = ""

    def decoded(self, runtime: Runtime, operator: str | None) -> dict[str, Any]:
        """The credential, as flows are given it, and what the decoding says of the person."""
        office = (self.office_id, self.office_name) if self.office_id or self.office_name else None
        found = decode(
            runtime, scenario_named(self.scenario), code=self.code, office=office, gain=self.gain, serial=self.serial,
            operator=operator,
        )  # fmt: skip
        credential = {"type": "01", "number": found.token}
        return {
            "credential": credential | ({"insured_place": found.insured_place} if found.insured_place else {}),
            "name": found.name, "idno": found.idno, "id_type": found.id_type, "masked": found.masked,
            "insured_place": found.insured_place, "auth_no": found.auth_no,
        }  # fmt: skip
