"""A flow whose process dies after any of its steps goes on from there, and does nothing twice."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bedside import STAY, admission, bill, discharge, done, go_on, item, ledger, numbers, run, shown
from dying import Died, doomed
from liangding.flows import Status
from liangding.flows.all import FLOWS
from support import Rig, run_flow, yuan

CHANGING = {
    "2201",
    "2204",
    "2207",
    "2208",
    "2205",
    "2202",
    "2401",
    "2301",
    "2402",
    "2304",
    "2305",
    "2405",
    "2302",
    "2404",
}


def visit(rig: Rig) -> None:
    done(run(rig, "outpatient", bill(rig.person()), "B1"))


def in_hospital(rig: Rig) -> None:
    done(run(rig, "admission", admission(rig.person()), "A1"))
    stay = {"stay": STAY, "doctor": bill(rig.person())["doctor"]}
    done(run(rig, "inpatient_fees", stay | {"rows": [item("FEE-0001", "500", "4")]}, "F1"))


def left(rig: Rig) -> None:
    in_hospital(rig)
    done(run(rig, "discharge", discharge(rig.person()), "D1"))


def nothing(rig: Rig) -> None:
    pass


CASES: dict[str, tuple[Callable[[Rig], None], Callable[[Rig], dict[str, Any]], str]] = {
    "outpatient": (nothing, lambda rig: bill(rig.person()), "159.99"),
    "outpatient_undo": (
        visit, lambda rig: {"credential": shown(rig.person()), "level": "registration", "bill_key": "B1"}, "0",
    ),
    "outpatient_partial_refund": (
        visit,
        lambda rig: {
            "credential": shown(rig.person()), "bill_key": "B1", "returns": [{"feedetl_sn": "B1-0001", "count": "1"}],
        },
        "126.66",
    ),
    "admission": (nothing, lambda rig: admission(rig.person(), begun_at=None), "0"),
    "discharge": (in_hospital, lambda rig: discharge(rig.person()), "2000.00"),
    "inpatient_undo": (left, lambda rig: {"credential": shown(rig.person()), "stay": STAY, "level": "admission"}, "0"),
}  # fmt: skip
"""Flow → what comes before it, what it is given, what is charged in the end."""

STEPS = [(flow.name, step.name) for flow in FLOWS if flow.name in CASES for step in flow.steps]


@pytest.mark.parametrize(("flow", "step"), STEPS)
def test_a_flow_outlives_its_process(ward: Rig, flow: str, step: str) -> None:
    before, given, charged = CASES[flow]
    before(ward)
    once = Counter(numbers(ward))
    with doomed(ward, flow, step) as flows, contextlib.suppress(Died):
        view = flows.start(flow, given(ward), key="K1")
        run_flow(flows, view, dict.fromkeys(("confirm", "confirm_undo"), "yes"))
        skipped = {each.name for each in flows.steps(flow) if each.skip}
        assert step in skipped, "the process did not die"
    view = go_on(ward, ward.flows.start(flow, given(ward), key="K1"))
    assert view.status is Status.DONE, (view.step, view.error)
    assert ledger(ward)["medfee_sumamt"] == yuan(charged)
    made = Counter(numbers(ward)) - once
    assert {n: c for n, c in made.items() if n in CHANGING and c > 1} == {}


def test_what_was_not_charged_waits_for_its_caller(ward: Rig) -> None:
    """The process died before the settlement: whoever takes the flow up charges nobody behind the cashier's back."""
    before, given, _ = CASES["outpatient"]
    before(ward)
    with doomed(ward, "outpatient", "pre_settle") as flows, contextlib.suppress(Died):
        run_flow(flows, flows.start("outpatient", given(ward), key="K1"), {"confirm": "yes"})
    ward.flows.recover()
    (number,) = ward.runtime.journal.flows.search(number="K1")
    view = ward.flows.get(number)
    assert (view.status, view.error and view.error["code"]) == (Status.STOPPED, "interrupted")
    assert ward.standing() == []
    assert "2207" not in numbers(ward)
