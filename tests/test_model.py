"""The model of the money core: the design holds in it, every known fault does not; the journal's table and the journals
of real runs are held against it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from minicheck import check_safety
from sqlalchemy import select

from liangding.journal import Journal
from liangding.journal.states import TRANSITIONS, State
from liangding.journal.tables import calls, events
from liangding.journal.writing import Writer
from liangding.torture import explore
from model.known import FAULTS, in_the_docs, lines, trace
from model.money import Design, World, moves, protocol

EVERYTHING = 200_000

NOT_MODELLED = {
    ("ended", "open", "not_sent"), ("ended", "open", "failed"), ("orphaned", "open", "failed"),
    ("answered_late", "unknown", "not_sent"), ("answered_late", "unknown", "refused"),
    ("let_stand", "absent", "accepted"), ("let_stand", "reversed", "accepted"), ("resolved", "unknown", "refused"),
}  # fmt: skip
"""What never left, queries, what moves no money, and what another key's message settled."""

Edge = tuple[str, str, str]
"""Kind of event, state before, state after."""


@pytest.fixture(scope="module")
def edges() -> set[Edge]:
    """Everything that the journal may write down of one call, by the model."""
    return {edge for _, edge, _ in _graph()}


Views = set[tuple[tuple[str, ...], Edge, tuple[str, ...]]]


def _graph() -> Views:
    """The model as a journal sees it: the states of the key's calls before and after each event."""
    design, seen, todo, found = Design(), {World()}, [World()], set()
    while todo:
        world = todo.pop()
        for move in moves(world, design):
            if move.event is not None:
                event = move.event
                edge = (event.kind, event.before, event.after)
                found.add((_view(world), edge, _view(move.world)))
            if move.world not in seen:
                seen.add(move.world)
                todo.append(move.world)
    return found


def _view(world: World) -> tuple[str, ...]:
    return tuple(attempt.state for attempt in world.attempts if attempt.state)


def test_the_design_holds() -> None:
    found = check_safety(protocol(Design()), max_states=EVERYTHING)
    assert found["exhaustive"]
    assert {name: each["holds"] for name, each in found["properties"].items()} == dict.fromkeys(
        ("never wrong", "one or none", "the truth was told", "nothing is left"), True
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_known_fault_does_not(fault: str) -> None:
    assert trace(fault)


def test_the_traces_in_the_docs_are_the_shortest() -> None:
    assert in_the_docs() == lines(), "python -m model.known, in tests/, writes them anew"


def test_the_journals_table_and_the_model_say_the_same(edges: set[Edge]) -> None:
    table = {
        (row.kind, before, after.value)
        for row in TRANSITIONS
        for before in ([state.value for state in row.before] or [""])
        for after in row.after
    }
    assert edges <= table
    assert table - edges == NOT_MODELLED - edges


def test_the_journals_of_torture_are_traces_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of every call under a key that ended within two attempts leads where the model leads, too."""
    logging.disable(logging.CRITICAL)
    graph, move, insert = _graph(), Writer._move, Writer.insert
    kinds = {edge[0] for _, edge, _ in graph}
    steps: dict[tuple[str, int, str], tuple[str, Edge]] = {}
    replayed: list[bool] = []

    def moved(self: Any, tx: Any, call_id: int, row: Any, changes: Any, kind: str, detail: Any = None) -> None:
        move(self, tx, call_id, row, changes, kind, detail)
        if row["key"] and row["changes"] and changes.get("state", row["state"]) != row["state"]:
            at = (row["msgid"], row["version"] + 1, kind)
            steps.pop(at, None)
            steps[at] = row["key"], (kind, row["state"], changes["state"])

    def inserted(self: Any, tx: Any, row: Any) -> int:
        call_id: int = insert(self, tx, row)
        if row["key"] and row["changes"]:
            steps[row["msgid"], row["version"], "recorded"] = row["key"], ("recorded", "", row["state"])
        return call_id

    def audited(scene: Any, journal: Journal) -> list[str]:
        """What was committed, in its order: a process may have died before it could."""
        query = select(calls.c.msgid, events.c.row_version, events.c.kind).join(calls, calls.c.id == events.c.call_id)
        made = {tuple(row) for row in journal.store.read(lambda connection: connection.execute(query).all())}
        kept = [(at[0], *step) for at, step in steps.items() if at in made]
        by_key = ([(call, edge) for call, name, edge in kept if name == key] for key in {key for _, key, _ in kept})
        replayed.extend(_replay(each, graph, kinds) for each in by_key)
        steps.clear()
        return []

    monkeypatch.setattr(Writer, "_move", moved)
    monkeypatch.setattr(Writer, "insert", inserted)
    monkeypatch.setattr(import_module("liangding.torture.run"), "audit", audited)
    for _ in explore(range(1, 41), province="dongguan"):
        pass
    assert sum(replayed) > 60


def _replay(steps: list[tuple[str, Edge]], graph: Views, kinds: set[str]) -> bool:
    """Whether a key's calls are of the kind that the model knows; AssertionError where it does not go on so."""
    ours = list(dict.fromkeys(call for call, _ in steps))
    plain = all(edge not in NOT_MODELLED and edge[0] in kinds for _, edge in steps)
    if len(ours) > 2 or not plain:
        return False
    states: dict[str, str] = {}
    for call, edge in steps:
        before = tuple(states[each] for each in ours if each in states)
        assert states.get(call, "") == edge[1]
        states[call] = edge[2]
        after = tuple(states[each] for each in ours if each in states)
        assert (before, edge, after) in graph, (before, edge, after, steps)
    return True


def test_every_state_of_the_model_is_one_of_the_journal(edges: set[Edge]) -> None:
    assert {state for _, before, after in edges for state in (before, after)} - {""} <= {state.value for state in State}


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    yield
    logging.disable(logging.NOTSET)
