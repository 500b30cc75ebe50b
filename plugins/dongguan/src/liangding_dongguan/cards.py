"""The signature of the reader (hcard_basinfo, hcard_chkinfo) in the messages of flows, as Guangzhou has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liangding.contract.steps import Change, EachCall
from liangding.spec.nodes import members, node_of
from liangding.workflow.work import Work

BASICS, CHECK = "hcard_basinfo", "hcard_chkinfo"


def changes() -> Iterable[Change]:
    """What every flow sends of a card that was read."""
    return (EachCall(carry),)


def carry(work: Work[Any], infno: str, message: Any) -> None:
    """Put the reader's signature wherever the transaction has a place for it (Guangzhou: wherever a credential is)."""
    person, given = getattr(work.state, "person", None), getattr(work.state.given, "credential", None)
    shown = person.credential if person is not None else given
    if shown is None or shown.signature is None:
        return
    for member in members(node_of(work.runtime.interfaces[infno].input)):
        if member.node is None or BASICS not in {inner.attribute for inner in members(member.node)}:
            continue
        held = message.get(member.attribute)
        for each in held if isinstance(held, list) else [held] if held else []:
            each[BASICS], each[CHECK] = shown.signature.hcard_basinfo, shown.signature.hcard_chkinfo
