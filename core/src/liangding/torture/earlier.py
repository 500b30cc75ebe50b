"""Flows as the first version kept them, for an upgrade in the middle of them."""

from __future__ import annotations

from typing import Any

import attrs

from ..flows.all import FLOWS
from ..journal import Journal
from ..wire.json import decode, encode
from ..workflow.storing import stored

NOT_YET = ("format", "debts", "passed", "plugin", "freed_key")
"""What the first format did not say of a flow."""

STATES = {flow.name: flow.state for flow in FLOWS}


def write_as_earlier(journal: Journal, deployment: str, now: float) -> list[str]:
    """Write every flow that is under way anew, as the first version kept it: without what that did not say, and without
    whatever of its state has its default, so that it might not have been there yet. What they are, by name."""
    written = []
    for left in journal.flows.left(deployment, now):
        row = journal.flows.get(left.id)
        if row is None or row["flow"] not in STATES:
            continue
        body = decode(row["state"])
        if body.get("debts"):
            continue  # that version owed nothing
        earlier = {name: held for name, held in body.items() if name not in NOT_YET}
        earlier["state"] = _lean(body["state"], STATES[row["flow"]])
        new = row | {"state": encode(earlier), "version": row["version"] + 1}
        if journal.flows.keep(new, expected_version=row["version"]):
            written.append(row["flow"])
    return written


def _lean(state: dict[str, Any], cls: type[Any]) -> dict[str, Any]:
    usual = {
        field.name: field.default.factory() if isinstance(field.default, attrs.Factory) else field.default  # type: ignore[arg-type]
        for field in attrs.fields(cls)
        if field.default is not attrs.NOTHING
    }
    return {name: held for name, held in state.items() if name not in usual or held != stored(usual[name])}
