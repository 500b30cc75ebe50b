"""A plugin that hangs after an answer holds up its own process's request only: every other process goes on with the
flow, and what hung, when it wakes, neither writes over it nor sends anything more."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import hanging
from dying import Plugin
from hanging import YES
from liangding.contract.calls import Call
from liangding.flows import Around, Flows, Status, Work
from liangding.jobs.keeper import Keeper
from liangding.runtime import Runtime
from liangding.workflow.standing import FlowBusy
from support import Rig, bill, purchase, rig_for, run_flow, simulated_rig_for
from test_jobs import wait_for
from test_plugins_that_fail import Hangs
from test_plugins_that_fail import hanging as held


class HangsAtOnce(Hangs):
    """Hangs when it hears of a settlement, not of its cancellation."""

    def _wait(self, call: Call[Any], answer: Any) -> Any:
        return super()._wait(call, answer) if call.transaction.infno == "2102" else answer


SOON = "[resolution]\nplugin_seconds = 0.1"


@pytest.fixture
def shop(tmp_path: Path, journal_url: str) -> Iterator[Rig]:
    """A pharmacy on each of the two databases."""
    with rig_for(tmp_path, journal=journal_url, more=SOON) as rig:
        yield rig


def told(process: subprocess.Popen[str]) -> str:
    """What the caller of a process that is let go hears."""
    return process.communicate("\n")[0].strip()


@contextlib.contextmanager
def hung(rig: Rig, way: str, given: Any) -> Iterator[Callable[[], str]]:
    """While another process hangs in its plugin, told of the settlement; what is given lets it go, and gives what its
    caller was told then."""
    arguments = [sys.executable, hanging.__file__, str(rig.config), "B1", way]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "hangs\n"
        try:
            yield partial(told, process)
        finally:
            process.kill()


def of_the_bill(rig: Rig) -> str:
    """The number of the flow that the other process has."""
    (call,) = rig.runtime.journal.latest(infno="2102")
    assert call.flow is not None
    return call.flow


@pytest.mark.parametrize("who", ["till", "keeper"])
def test_another_process_goes_on_with_the_flow(shop: Rig, who: str) -> None:
    with hung(shop, "flow", bill(shop.person())) as let_go:
        flow = of_the_bill(shop)
        wait_for(lambda: shop.runtime.journal.is_held_up(flow))
        if who == "keeper":
            Keeper(shop.runtime).round()
        view = shop.flows.start("pharmacy_purchase", bill(shop.person()), key="B1")
        assert (view.id, view.status) == (flow, Status.DONE)
        assert [view.result["settlement"].setl_id] == shop.standing()
        assert let_go() == "flow_busy"
    assert shop.flows.get(flow) == view
    assert not shop.runtime.journal.is_held_up(flow), "somebody has moved it"
    assert shop.sent("2102") == 1
    assert shop.runtime.journal.verify() == []


def test_another_process_gives_the_answer_of_a_call(shop: Rig) -> None:
    with hung(shop, "call", purchase(shop.person())) as let_go:
        answer = shop.runtime.call("2102", purchase(shop.person()), key="B1", insured_place="441900")
        assert [answer.output.setlinfo.setl_id] == shop.standing()
        assert [let_go()] == shop.standing()
    assert shop.sent("2102") == 1


def test_before_its_time_is_over_the_flow_is_its_process_s(tmp_path: Path) -> None:
    with (
        rig_for(tmp_path, more="[resolution]\nplugin_seconds = 3600") as rig,
        hung(rig, "flow", bill(rig.person())) as let_go,
    ):
        with pytest.raises(FlowBusy):
            rig.flows.start("pharmacy_purchase", bill(rig.person()), key="B1")
        assert let_go() == "done"


def test_what_hung_sends_nothing_for_a_flow_that_was_taken_back(tmp_path: Path) -> None:
    """The step would go on with a second purchase, when its plugin comes back; the first one was taken back since."""

    def twice(work: Work[Any], go_on: Callable[[], None]) -> None:
        go_on()
        work.call("2102", another, part="second", insured_place="441900")

    hangs = HangsAtOnce()
    with simulated_rig_for(tmp_path, more=SOON) as rig:
        plugins = {"hangs": hangs, "twice": Plugin("pharmacy_purchase", Around("settle", twice))}
        shared: dict[str, Any] = {"transport": rig.runtime.transport, "clock": rig.runtime.clock}
        with Runtime(rig.deployment, journal=rig.runtime.journal, plugins=plugins, **shared) as runtime:
            flows = Flows(runtime)
            given, another = bill(rig.person()), purchase(rig.person(), "77.00")

            def buy() -> Any:
                return run_flow(flows, flows.start("pharmacy_purchase", given, key="B1"), YES)

            with held(buy, hangs) as first:
                wait_for(lambda: rig.runtime.journal.is_held_up(of_the_bill(rig)))
                refund = {"credential": {"type": "01", "number": rig.person().token}, "purchase_key": "B1"}
                back = run_flow(flows, flows.start("pharmacy_refund", refund, key="B1-back"), YES)
                assert back.status is Status.DONE, back.error
            with pytest.raises(FlowBusy):
                first.result()
            assert flows.get(of_the_bill(rig)).status is Status.UNDONE
            assert not rig.runtime.journal.is_held_up(of_the_bill(rig)), "moved since, in the same process"
        assert rig.standing() == []
        assert rig.sent("2102") == 1
