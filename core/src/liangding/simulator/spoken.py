"""A region's own numbers that stand for national ones: played as the national transaction is, in the region's shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ..contract.simulation import Refuse
from ..knowledge import Knowledge
from ..spec.problems import errors
from ..spec.writing import SPARSE, MessageWriter
from .requests import HANDLERS, Handler, Request

_write = MessageWriter(SPARSE).write


def spoken_handlers(known: Knowledge) -> dict[str, Handler]:
    """The handlers of the numbers that stand for a national one which is played."""
    stand_ins = known.speaking.stand_ins().items()
    return {own: _played(known, own, national) for own, national in stand_ins if national in HANDLERS}


def _played(known: Knowledge, own: str, national: str) -> Callable[[Request], Any]:
    def handle(request: Request) -> Any:
        transaction = known.interfaces[national]
        asked = known.speaking.asked(own, _write(request.input))
        read, problems = known.requests.read(transaction.input, asked, ("input",))
        if errors(problems):
            raise Refuse("入参不符合规范：" + "；".join(str(p) for p in errors(problems)))
        output = HANDLERS[national](attrs.evolve(request, transaction=transaction, input=read))
        return known.speaking.answered(own, output)

    return handle
