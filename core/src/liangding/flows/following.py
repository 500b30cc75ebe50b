"""Flows that follow from another: finding what the other one did, and the person again."""

from __future__ import annotations

from typing import Any

from ..errors import LiangdingError
from . import insurance
from .engine import Flows, FlowStopped, Work


class OtherPerson(LiangdingError):
    """The credential shown belongs to somebody else than the one whom the business is about."""

    code = "other_person"
    http_status = 409
    remedy = "请本人出示凭证"


def earlier(work: Work[Any], names: tuple[str, ...], flow_id: str | None, key: str | None) -> Any | None:
    """The state of an earlier flow, by its number or by the key that it was started with; None where neither is given.
    ``names`` are the flows that it may be one of. FlowStopped where there is none."""
    flows = Flows(work.runtime)
    titles = "、".join(flows.flow(name).title for name in names)
    if flow_id is None and key is not None:
        found = next((view for name in names if (view := flows.find(name, key)) is not None), None)
        if found is None:
            raise FlowStopped(f"没有业务号为 {key} 的{titles}")
        flow_id = found.id
    if flow_id is None:
        return None
    view = flows.get(flow_id)
    if view.flow not in names:
        raise FlowStopped(f"业务 {flow_id} 是{view.title}，要的是{titles}")
    return flows.state_of(flow_id)


def check_person(work: Work[Any], psn_no: str) -> None:
    """Find the person by the credential shown now (1101). OtherPerson where it is not the one of ``psn_no``."""
    insurance.find_person.run(work)
    if psn_no and work.state.person.psn_no != psn_no:
        raise OtherPerson("出示的凭证不是本人的")
