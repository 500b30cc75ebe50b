"""Matching of an institution's items: 3301 takes rows whose code is well formed, 3302 withdraws one. What is taken is
approved at once, and answered by 1317."""

from __future__ import annotations

from typing import Any

from ...contract.simulation import Refuse
from ..requests import Request, handles

NAMES = {"fixmedins_hilist_id": "medins_list_codg", "fixmedins_hilist_name": "medins_list_name"}
"""What 3301 calls one way and 1317 another."""

FIELDS = ("list_type", "med_list_codg", "aprvno", "dosform", "spec", "prcunt", "pacspec", *NAMES)


def matchings(world: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """What is matched, by list_type and the institution's number."""
    held: dict[tuple[str, str], dict[str, Any]] = world.kept.setdefault("matchings", {})
    return held


@handles("3301")
def upload(request: Request) -> None:
    rows, held = request.input.data, matchings(request.world)
    if len(rows) > request.world.row_limit:
        raise Refuse(f"一次最多 {request.world.row_limit} 行")
    for row in rows:
        if (row.list_type, row.fixmedins_hilist_id) in held:
            raise Refuse(f"{row.fixmedins_hilist_id} 已有对照，请先撤销")
    for row in rows:
        told = {NAMES.get(name, name): getattr(row, name) for name in FIELDS}
        held[row.list_type, row.fixmedins_hilist_id] = told


@handles("3302")
def withdraw(request: Request) -> None:
    asked, held = request.input.data, matchings(request.world)
    found = held.get((asked.list_type, asked.fixmedins_hilist_id))
    if found is None or found["med_list_codg"] != asked.med_list_codg:
        raise Refuse("没有这条对照")
    del held[asked.list_type, asked.fixmedins_hilist_id]
