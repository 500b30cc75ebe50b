"""Looking for the state of settlement lists: what 4103 shows of each."""

from __future__ import annotations

from ..contract.cases import Case, Finding, Seen

SHOWS = "4103"


def state(case: Case) -> Finding:
    """4102: each list has the state that the call gives it."""
    reached = []
    for row in case.input.data.stastinfo:
        found = case.ask(SHOWS, {"data": {"psn_no": row.psn_no, "setl_id": row.setl_id}})
        info = found.setlinfo if found is not None else None
        reached.append(info is not None and info.stas_type == row.stas_type)
    if all(reached) or not any(reached):
        return Finding(seen=Seen.THERE if all(reached) else Seen.NOT_THERE, by=SHOWS)
    return Finding(seen=Seen.UNCLEAR, by=SHOWS, note=f"{len(reached)} 份清单中 {sum(reached)} 份已是这个状态")
