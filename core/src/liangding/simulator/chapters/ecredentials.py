"""E-credentials (6101): the code that a person shows, whose it is, and the token that stands for it for a while."""

from __future__ import annotations

from typing import Any

from ...spec.nodes import beyond
from ..platform import Request, handles
from ..world import Refuse, Token

CODE_FIELD = "ecQrCode"
"""Where the scanned text is expected: no published table has a place for it; one region's service takes this one, and
what is sent in businessInfo is taken too."""


@handles("6101")
def decode(request: Request) -> dict[str, Any]:
    world, asked = request.world, request.input.InData
    person = world.people.by_qr_code(beyond(asked).get(CODE_FIELD) or asked.businessInfo or "")
    if person is None:
        raise Refuse("500159：扫到的不是电子凭证码")
    token = f"{world.area}ec{world.number('token'):08d}{person.qr_code[:22]}"
    world.tokens[token] = Token(person=person, until=request.epoch + world.token_seconds)
    return {
        "OutData": {
            "userName": person.name, "idNo": person.certno, "idType": person.cert_type, "ecToken": token,
            "insuOrg": person.covers[0].place, "authNo": None, "ecIndexNo": f"{int(person.psn_no):032X}",
            "gender": "男" if person.gender == "1" else "女", "birthday": f"{person.born:%Y.%m.%d}",
            "nationality": None, "email": None,
        }
    }  # fmt: skip
