"""Reversal (2601): takes back what a message did, found by person, message number and transaction."""

from __future__ import annotations

from ...contract.simulation import Refuse
from ..requests import Request, handles


@handles("2601")
def reverse(request: Request) -> None:
    asked = request.input.data
    if not request.reversible(asked.oinfno):
        raise Refuse(f"交易 {asked.oinfno} 不支持冲正")
    effect = request.world.effects.get(asked.omsgid)
    if effect is None or effect.infno != asked.oinfno or effect.psn_no != asked.psn_no:
        raise Refuse("未找到原交易")
    if effect.undone:
        raise Refuse("原交易已冲正")
    effect.undo()
    effect.undone = True
