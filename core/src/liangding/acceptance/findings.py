"""What is known of an institution's acceptance: its requirements against the journal, the scenarios, and what persons
state. Nothing is taken as shown that the journal does not show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from ..catalogue.matching import counted
from ..clock import CHINA, now
from ..contract.acceptance import Ends, Evidence, Findings, Row, Scenario, Tally, Tried
from ..contract.requirements import Requirement, Standing
from ..files.garbling import is_garbled
from ..journal import CallRecord
from ..journal import State as CallState
from ..journal.finding import JournalReading
from ..knowledge import Knowledge
from .keeping import RunRecord, ScenarioRecord, read_state
from .scenarios import MATCHED_ITEMS, acceptances_of, scenarios_of

LOOKED_AT = 200
"""How many of a transaction's latest calls are looked at."""

LATEST = 5000
"""Among how many of the latest calls transactions are looked for that no requirement names."""

SHOWN = 3
"""How many accepted calls are kept of a transaction as evidence."""

NO_SETTLEMENT = (None, "", "0")
"""What a row says that no settlement holds."""

DOUBTFUL = (CallState.UNKNOWN, CallState.FAILED)


def findings_of(known: Knowledge, journal: JournalReading, clock: Any) -> Findings:
    """What is known today. ``journal`` is the deployment's, bound to its institution."""
    deployment = known.deployment
    state = read_state(deployment)
    scenarios = scenarios_of(known)
    today = now(clock).date()
    numbers = {infno for each in known.requirements for infno in each.infnos}
    numbers |= {infno for kept in state.scenarios.values() for infno in kept.infnos}
    numbers |= {call.infno for call in journal.latest(limit=LATEST)}
    since = deployment.acceptance.since
    epoch = datetime(since.year, since.month, since.day, tzinfo=CHINA).timestamp() if since else 0.0
    by_call = {number: name for name, kept in state.scenarios.items() for number in kept.calls}
    tallies = {infno: _tally(known, journal, infno, epoch, by_call) for infno in sorted(numbers)}
    kept = (MATCHED_ITEMS,) if MATCHED_ITEMS.id in state.scenarios else ()
    tried = tuple(_tried(each, state) for each in (*scenarios, *kept))
    stated = deployment.acceptance.stated
    answers = [_answer(journal, proof) for tally in tallies.values() for proof in tally.evidence]
    rows = tuple(_row(each, tallies, tried, stated.get(each.id, "")) for each in known.requirements)
    found = Findings(
        deployment=deployment, region=known.region.name, rows=rows, tried=tried, tallies=tallies, today=today,
        assumed=known.speaking.assumed(), matched=counted(journal, deployment.institution.code),
        read=len(answers), garbled=tuple(msgid for msgid, answer in answers if is_garbled(answer)),
    )  # fmt: skip
    met = {number: ends for each in acceptances_of(known) if each.met for number, ends in each.met(found).items()}
    return attrs.evolve(found, rows=tuple(_met(row, met.get(row.requirement.id)) for row in rows))


def _met(row: Row, ends: Ends | None) -> Row:
    """A requirement that the region says is met by what was found, where nothing shows otherwise."""
    return row if ends is None or row.ends in (Ends.FAILED, Ends.STANDING) else attrs.evolve(row, ends=ends)


def _tally(known: Knowledge, journal: JournalReading, infno: str, epoch: float, by_call: Mapping[int, str]) -> Tally:
    calls = [call for call in journal.latest(infno=infno, limit=LOOKED_AT) if call.created_epoch >= epoch]
    counted = [call.state for call in calls]
    accepted = [call for call in calls if call.state in (CallState.ACCEPTED, CallState.REVERSED)]
    return Tally(
        infno=infno,
        name=known.interfaces[infno].name if infno in known.interfaces else "",
        accepted=sum(call.state is CallState.ACCEPTED for call in calls),
        refused=counted.count(CallState.REFUSED),
        doubtful=sum(state in DOUBTFUL for state in counted),
        evidence=tuple(_evidence(call, by_call) for call in _best(accepted)),
    )


def _answer(journal: JournalReading, proof: Evidence) -> tuple[str, bytes]:
    return proof.msgid, journal.call(proof.call_id).answer


def _best(calls: list[CallRecord]) -> list[CallRecord]:
    return [call for call in calls if call.state is CallState.ACCEPTED][:SHOWN]


def _evidence(call: CallRecord, by_call: Mapping[int, str]) -> Evidence:
    settled = "" if call.setl_id in NO_SETTLEMENT else str(call.setl_id)
    return Evidence(
        infno=call.infno, msgid=call.msgid, at=call.created_at, call_id=call.id, setl_id=settled,
        scenario=by_call.get(call.id, ""),
    )  # fmt: skip


def _tried(scenario: Scenario, state: RunRecord) -> Tried:
    kept = state.scenarios.get(scenario.id)
    if kept is None:
        return Tried(scenario=scenario, ends=Ends.UNTRIED)
    return Tried(
        scenario=scenario, ends=kept.ends, why=kept.why, setl_ids=tuple(kept.setl_ids), infnos=tuple(kept.infnos),
        finished_at=_time(kept), files=tuple(kept.files),
    )  # fmt: skip


def _time(kept: ScenarioRecord) -> datetime | None:
    return datetime.fromisoformat(kept.finished_at) if kept.finished_at else None


def _row(each: Requirement, tallies: Mapping[str, Tally], tried: Iterable[Tried], stated: str) -> Row:
    shown_by = [one for one in tried if each.id in one.scenario.shows]
    evidence = tuple(proof for infno in each.infnos for proof in tallies[infno].evidence[:1])
    return Row(
        requirement=each, ends=_ends(each, tallies, shown_by, stated), evidence=evidence,
        scenarios=tuple(one.scenario.id for one in shown_by), stated=stated,
    )  # fmt: skip


WORST_FIRST = (Ends.STANDING, Ends.FAILED, Ends.UNKNOWN, Ends.WAITING, Ends.UNTRIED, Ends.PASSED)


def _ends(each: Requirement, tallies: Mapping[str, Tally], shown_by: list[Tried], stated: str) -> Ends:
    """How a requirement stands: what calls and scenarios show counts before what is stated, and that before what the
    product says of itself."""
    found = [one.ends for one in shown_by]
    counted = [tallies[infno] for infno in each.infnos]
    if counted:
        all_there = all(tally.accepted for tally in counted)
        tried_all = all(tally.accepted or tally.refused or tally.doubtful for tally in counted)
        found.append(Ends.PASSED if all_there else Ends.FAILED if tried_all else Ends.UNTRIED)
    ends = min(found, key=WORST_FIRST.index, default=Ends.UNTRIED)
    if ends in (Ends.PASSED, Ends.FAILED, Ends.UNKNOWN, Ends.STANDING):
        return ends
    if stated:
        return Ends.STATED
    return {Standing.PERSON: Ends.PERSON, Standing.NOT_PUBLIC: Ends.NOT_PUBLIC, Standing.OPEN: Ends.OPEN}.get(
        each.standing, ends
    )
