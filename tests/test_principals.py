"""Who asked for what, and for which bill, stands with every call, event and flow."""

from __future__ import annotations

import json
import logging
import os
import pwd
import time

import pytest
from sqlalchemy import select

from liangding.cli.app import run as command
from liangding.jobs.keeper import Keeper
from liangding.journal.asking import AskingFilter, asked_by, asking, in_request, in_trace, trace
from liangding.journal.tables import flows
from liangding.simulator.faults import Fault
from support import Rig, bill, purchase, run_flow


def test_a_call_says_who_asked_for_which_bill(rig: Rig) -> None:
    with asked_by("api:his"):
        answer = rig.settle(key="B1")
    call = rig.runtime.journal.call(answer.call_id)
    assert (call.principal, call.bill_no, call.bill_date) == (
        "api:his",
        "B1",
        purchase(rig.person())["druginfo"]["begntime"][:10],
    )
    assert {event.principal for event in rig.runtime.journal.history(call.id)} == {"api:his"}
    (row,) = rig.runtime.journal.settlements.of_bill("B1")
    assert row.call_id == call.id
    assert rig.runtime.journal.verify() == []


def test_a_flow_and_all_its_calls_say_so_too(rig: Rig) -> None:
    with asked_by("api:his"):
        view = rig.flows.start("pharmacy_purchase", bill(rig.person(), "R7"), key="T1-R7")
    with asked_by("api:till"):
        view = run_flow(rig.flows, view, {"use_account": "1", "confirm": "yes"})
    made = rig.runtime.journal.of_flow(view.id)
    assert {call.bill_no for call in made} == {"T1-R7"}
    assert {call.principal for call in made} == {"api:his", "api:till"}
    query = select(flows.c.principal, flows.c.bill_no)
    (row,) = rig.runtime.journal.store.read(lambda connection: connection.execute(query).all())
    assert tuple(row) == ("api:his", "T1-R7")
    assert rig.runtime.journal.verify() == []


def test_the_command_line_and_the_keeper_ask_under_names_of_their_own(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.deafen()
    rig.strike(Fault.ANSWER_LOST, "2102")
    given = rig.folder / "purchase.json"
    given.write_text(json.dumps(purchase(rig.person())), "utf-8")
    place = rig.person().covers[0].place
    asked = ["call", "2102", str(given), "--config", str(rig.config), "--key", "B1", "--insured-place", place]
    assert command(asked) == 1, capsys.readouterr()
    (held,) = rig.runtime.journal.pending()
    assert held.principal == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    rig.door.faults.clear()
    with Keeper(rig.runtime):
        deadline = time.monotonic() + 120
        while rig.runtime.journal.pending():
            assert time.monotonic() < deadline
    assert rig.runtime.journal.history(held.id)[-1].principal == "keeper"


def test_who_asks_is_known_within_the_block_and_no_longer() -> None:
    def known() -> tuple[object, ...]:
        record = logging.LogRecord("liangding", logging.INFO, "", 0, "said", None, None)
        assert AskingFilter().filter(record), "every line is written"
        told = vars(record)
        return told["principal"], told["deployment"], told["request"], asking(), trace()

    nobody = ("-", "-", "-", None, None)
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for block in (asked_by("api:his", "shop"), in_request("r1"), in_trace(parent)):
        with block:
            assert known() != nobody
        assert known() == nobody
    with asked_by("api:his", "shop"), in_request("r1"), in_trace(parent):
        assert known() == ("api:his", "shop", "r1", "api:his", parent)
        with asked_by("keeper"), in_trace(f"{parent}-and-more"):
            assert known() == ("keeper", "shop", "r1", "keeper", None)
        assert known() == ("api:his", "shop", "r1", "api:his", parent)
    assert known() == nobody
