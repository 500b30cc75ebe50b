"""What takes back that which came late, and of which nobody was told: a settlement by its numbers, a sale of goods by
what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..contract.cases import Case, Finding
from ..national.meaning import single_node
from ..spec import Does, Of, Transaction
from ..spec.nodes import Member, members, node_of
from ..spec.writing import SPARSE, MessageWriter

_write = MessageWriter(SPARSE).write


def undoing(case: Case, finding: Finding, undo: Transaction, now: datetime) -> dict[str, Any] | None:
    """The message of ``undo`` that takes back what the case's call did, by what was seen of it; None where nothing says
    what that is."""
    if finding.named.get("setl_id"):
        named = {name: finding.named.get(name) for name in ("setl_id", "mdtrt_id", "psn_no")}
        return {single_node(undo.input, "setl_id", "data"): named}
    if (undo.does, undo.of) == (Does.RETURNS, Of.SALE):
        return _goods_back(case, undo, now)
    return None


def _goods_back(case: Case, undo: Transaction, now: datetime) -> dict[str, Any] | None:
    """The rows of a sale as their return has them. None for rows without a code: what is seen of those stays the same
    when they come back, so nobody could say that they have."""
    if not all(row.drugtracinfo for row in (*case.rows("selinfo"), *case.rows("selinfoDetail"))):
        return None
    sold = _write(case.input)
    back = {m.wire: _as_returned(m, sold[m.wire], now) for m in members(node_of(undo.input)) if m.wire in sold}
    return back or None


def _as_returned(member: Member, sold: Any, now: datetime) -> Any:
    if isinstance(sold, list):
        return [_as_returned(member, row, now) for row in sold]
    assert member.node is not None
    assert isinstance(sold, Mapping)
    shared = {field.wire for field in members(member.node)}
    row = {name: value for name, value in sold.items() if name in shared}
    return row | {"sel_retn_time": now.replace(microsecond=0)}
