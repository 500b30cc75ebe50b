"""Looking for calls: what fits, in order, page by page, by whoever may; and no slower for what is beside it."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks import bulk
from benchmarks.lookups import ALONE, looks
from sqlalchemy import event, update

from liangding.clock import CHINA
from liangding.journal import Journal, NewCall, Opened, Outcome, State, Vault
from liangding.journal.searching import CallSearch
from liangding.journal.tables import calls
from liangding.journal.vault import new_secret
from liangding.server.app import api
from liangding.simulator.background import Served
from support import simulated_rig_for, write_secret

FEW, MANY = 1_000, 10_000

STEPS_MORE = 2.0
"""A look among ten times as many calls takes so much more at most: each index is a level or two deeper."""


class Steps:
    """The steps of SQLite's own machine, counted while looks are made."""

    def __init__(self, journal: Journal) -> None:
        self.taken = 0
        event.listen(journal.store.engine, "checkout", self._watch)

    def _watch(self, connection: Any, *_: object) -> None:
        connection.set_progress_handler(self._step, 1)

    def _step(self) -> int:
        self.taken += 1
        return 0


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    """What each look takes in a small journal and in a large one."""
    taken: dict[str, list[int]] = {}
    for size in (FEW, MANY):
        url = f"sqlite:///{tmp_path_factory.mktemp('large') / 'journal.db'}"
        journal = Journal(url, Vault(new_secret()))
        bulk.multiply(journal, size)
        counted = Steps(journal)
        for name, look in looks(journal.of(bulk.OURS), size).items():
            look()
            counted.taken = 0
            look()
            taken.setdefault(name, []).append(counted.taken)
        journal.close()
    return {name: (few, many) for name, (few, many) in taken.items()}


def test_no_look_goes_through_what_it_does_not_show(steps: dict[str, tuple[int, int]]) -> None:
    grown = {name: each for name, each in steps.items() if each[1] > STEPS_MORE * each[0] and name != ALONE}
    assert grown == {}
    few, many = steps[ALONE]
    assert many > STEPS_MORE * few, "counting counts"


OURS, OTHERS = "P44190000001", "P44190000002"
AT = 1_800_000_000.0

CALLS: tuple[dict[str, Any], ...] = (
    {"key": "A", "at": AT, "operator": "001", "amount": "10.00", "person": "1", "bill_no": "A"},
    {"key": "B", "at": AT + 60, "operator": "002", "amount": "9.50", "person": "2", "infno": "2101", "changes": False},
    {"key": "C", "at": AT + 30, "operator": "001", "amount": "100.00", "person": "1", "ends": State.UNKNOWN},
    {"key": "D", "at": AT + 60, "operator": "001", "amount": "8", "person": "3", "setl_id": "S-D", "mdtrt_id": "M-D"},
    {"key": "E", "at": AT + 90, "operator": "001", "person": "1", "ends": State.REFUSED, "refmsgid": "R-E"},
    {"key": "Z", "at": AT + 61, "operator": "001", "amount": "10.00", "person": "1", "institution": OTHERS},
)
"""Calls by their keys; the clock went back once in between, and twice two were made at one moment."""

FOUND: dict[str, tuple[dict[str, Any], str]] = {
    "all": ({}, "E D B C A"),
    "a page of two": ({"limit": 2}, "E D"),
    "behind the second": ({"limit": 2, "before": "D"}, "B C"),
    "behind the last": ({"before": "A"}, ""),
    "behind one that is not there": ({"before": 10**9}, "E D B C A"),
    "from a moment on": ({"since": AT + 60}, "E D B"),
    "up to a moment": ({"until": AT + 60}, "C A"),
    "between two, behind one": ({"since": AT, "until": AT + 61, "before": "B"}, "C A"),
    "unknown": ({"states": (State.UNKNOWN,)}, "C"),
    "unknown or refused": ({"states": (State.UNKNOWN, State.REFUSED)}, "E C"),
    "accepted, of an operator": ({"states": (State.ACCEPTED,), "operator": "001"}, "D A"),
    "an infno": ({"infno": "2101"}, "B"),
    "an infno and a state that is not its": ({"infno": "2101", "states": (State.UNKNOWN,)}, ""),
    "an operator": ({"operator": "002"}, "B"),
    "amounts as sums, not as text": ({"least": Decimal(9), "most": Decimal(10)}, "B A"),
    "a number that two columns have": ({"number": "A"}, "A"),
    "a setl_id": ({"number": "S-D"}, "D"),
    "an mdtrt_id": ({"number": "M-D"}, "D"),
    "the platform's own number": ({"number": "R-E"}, "E"),
    "another institution's key": ({"number": "Z"}, ""),
    "the beginning of a number": ({"number": "S-"}, ""),
    "a number, of another operator": ({"number": "S-D", "operator": "002"}, ""),
    "a person": ({"person": "1"}, "E C A"),
    "a person's, behind one": ({"person": "1", "before": "E"}, "C A"),
    "a person's, of a state": ({"person": "1", "states": (State.UNKNOWN,)}, "C"),
    "nobody": ({"person": "4"}, ""),
    "what changes something": ({"changes": True}, "E D C A"),
    "what asks": ({"changes": False}, "B"),
}


def test_what_fits_is_found_in_order_and_page_by_page(journal_url: str) -> None:
    journal = Journal(journal_url, Vault(new_secret()))
    ids: dict[str, int] = {}
    for number, given in enumerate(CALLS):
        facts: dict[str, Any] = {
            "institution": OURS,
            "infno": "2102",
            "changes": True,
            "msgid": f"{OURS}{number:018d}",
        } | given
        ends, refmsgid = facts.pop("ends", State.ACCEPTED), facts.pop("refmsgid", None)
        new = NewCall(deployment="d", request=b"{}", content="c", **facts)
        opened = journal.open_call(new)
        assert isinstance(opened, Opened)
        journal.close_call(opened, Outcome(state=ends, at=given["at"] + 1, inf_refmsgid=refmsgid))
        ids[given["key"]] = opened.id
    view = journal.of(OURS)
    found = {}
    for name, (asked, _) in FOUND.items():
        page = {name: asked[name] for name in ("limit", "before") if name in asked}
        if "before" in page:
            page["before"] = ids.get(page["before"], page["before"])
        wanted = CallSearch(**{name: value for name, value in asked.items() if name not in page})
        found[name] = " ".join(str(call.key) for call in view.search(wanted, **page))
    assert found == {name: keys for name, (_, keys) in FOUND.items()}
    assert len(journal.search(CallSearch(number="Z"))) == 1, "who is bound to none sees all"
    journal.close()


def test_what_others_did_pushes_nothing_out(journal_url: str) -> None:
    """Who did what at one institution is found, however much was done at others since; and page by page."""
    now = [AT]
    journal = Journal(journal_url, Vault(new_secret()), epoch=lambda: now[0])
    views = {code: journal.of(code) for code in (OURS, OTHERS)}
    ids = {}
    for number, code in enumerate(views):
        new = NewCall(
            deployment="d", institution=code, infno="2102", msgid=f"{code}{number:018d}", key=code, content="c",
            changes=True, request=b"{}", operator="001", at=AT,
        )  # fmt: skip
        opened = journal.open_call(new)
        assert isinstance(opened, Opened)
        ids[code] = opened.id
    for code in (OURS, OURS, OURS, *[OTHERS] * 30):
        now[0] += 1
        views[code].note(ids[code], "proposed", {"number": f"{now[0]:.0f}"})
        views[code].report("difference", {"number": f"{now[0]:.0f}"})
        views[code].report("denied", {"number": f"{now[0]:.0f}"})
    for view, most in ((views[OURS], 3), (views[OTHERS], 30), (journal, 33)):
        for look, many in (
            (partial(view.reports, 0.0, kind="difference"), most), (partial(view.decisions, 0.0), most),
            (partial(view.reports, 0.0), 2 * most),
        ):  # fmt: skip
            whole = look(limit=100)
            assert len(whole) == many
            assert look(limit=2) == whole[:2]
            until = whole[0].at.replace(tzinfo=CHINA).timestamp()
            assert look(until=until) == [each for each in whole if each.at < whole[0].at]
    journal.close()


def test_where_nobody_says_how_many_a_page_is_fifty_and_a_round_a_hundred(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}", Vault(new_secret()), epoch=lambda: AT + 1)
    bulk.fill(journal, 110, 110)
    assert len(journal.search(CallSearch())) == 50
    waiting = update(calls).values(state=State.UNKNOWN.value, due_at=AT)
    journal.store.write(lambda tx: tx.execute(waiting))
    assert len(journal.search(CallSearch(states=(State.UNKNOWN,)), limit=200)) == 110
    assert len(journal.due("bench")) == 100
    journal.close()


ROLES = {"looker": ("journal",), "clerk": ("journal", "desk"), "desk": ("desk",)}


def test_a_person_is_looked_for_in_a_body_by_who_may_ask_for_persons(tmp_path: Path) -> None:
    listed = []
    for name, roles in ROLES.items():
        write_secret(tmp_path, name, f"the-key-of-{name}-01234567")
        held = ", ".join(f'"{role}"' for role in roles)
        listed.append(f'{{ name = "{name}", key = {{ file = "secrets/{name}" }}, roles = [{held}] }}')
    more = f"[server]\napi_keys = [{', '.join(listed)}]"
    with simulated_rig_for(tmp_path, keys="", more=more) as rig:
        person, other = rig.person(), rig.person("retired")
        for number, who in enumerate((person, other, person)):
            rig.settle(who, key=f"B{number}", total=f"{number + 1}0.00")
            rig.runtime.clock.sleep(60)
        with Served(api({"main": rig.runtime})) as served:

            def ask(who: str, **body: Any) -> httpx.Response:
                headers = {"authorization": f"Bearer the-key-of-{who}-01234567"}
                address = f"{served.url}/v1/journal/search"
                return httpx.post(address, json=body, headers=headers, trust_env=False, timeout=60)

            answer = ask("clerk", psn_no=person.psn_no)
            assert [call["key"] for call in answer.json()] == ["B2", "B0"]
            assert person.psn_no not in answer.text
            assert [ask(who, psn_no=person.psn_no).status_code for who in ("looker", "desk")] == [403, 403]
            (told,) = ask("looker", number="B1", state=["accepted"], least="1.00", most=100).json()
            assert told["key"] == "B1"
            wrong: list[dict[str, Any]] = [
                {"psn": "1"},
                {"least": True},
                {"state": "settled"},
                {"number": {"a": 1}},
                {"limit": 0},
            ]
            assert [ask("clerk", **body).status_code for body in wrong] == [400] * 5
