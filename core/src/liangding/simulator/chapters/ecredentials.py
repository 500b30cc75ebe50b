"""E-credentials (6101): the code that a person shows, and whose it is."""

from __future__ import annotations

from typing import Any

from ...spec.nodes import beyond
from ..people import Person
from ..platform import Request, handles
from ..world import Refuse

CODE_FIELD = "ecQrCode"
"""Where the scanned text is expected: no published table has a place for it; one region's service takes this one."""


def shown_code(person: Person) -> str:
    """The 28 digits that a person's telephone shows: made up, ending in the place that issued it."""
    return person.psn_no[-14:].rjust(22, "9") + person.psn_no[:6]


@handles("6101")
def decode(request: Request) -> dict[str, Any]:
    asked = request.input.InData
    code = beyond(asked).get(CODE_FIELD)
    person = next((p for p in request.world.people.all if shown_code(p) == code), None)
    if person is None:
        raise Refuse("不是有效的医保电子凭证二维码")
    return {
        "OutData": {
            "userName": person.name, "idNo": person.certno, "idType": person.cert_type, "ecToken": person.token,
            "insuOrg": person.covers[0].place, "authNo": None, "ecIndexNo": f"{int(person.psn_no):032X}",
            "gender": "男" if person.gender == "1" else "女", "birthday": f"{person.born:%Y.%m.%d}",
            "nationality": None, "email": None,
        }
    }  # fmt: skip
