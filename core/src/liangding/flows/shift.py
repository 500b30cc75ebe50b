"""交接班: one operator signs out (9002), the next one signs in (9001)."""

from __future__ import annotations

from typing import TypedDict

import attrs

from ..contract.steps import Flow, step
from ..workflow.work import Work


@attrs.define(kw_only=True)
class ShiftGiven:
    """Who leaves and who comes: codes of the deployment's operators. The same one twice signs in anew."""

    leaving: str
    coming: str


@attrs.define(kw_only=True)
class ShiftState:
    """How far a change of shift has got."""

    given: ShiftGiven
    signed_out: bool = False
    signed_in: bool = False


@step("核对经办人")
def check_operators(work: Work[ShiftState]) -> None:
    """Both have to be operators of the deployment."""
    for code in (work.state.given.leaving, work.state.given.coming):
        work.runtime.deployment.operator(code)


@step("签退", "9002", takes=("9001.output.signinoutb.sign_no",), when="今天签到过")
def sign_out(work: Work[ShiftState]) -> None:
    """Sign the leaving operator out."""
    work.runtime.sign_out(work.state.given.leaving)
    work.state.signed_out = True


@step("签到", "9001")
def sign_in(work: Work[ShiftState]) -> None:
    """Sign the coming operator in."""
    deployment = work.runtime.deployment
    work.runtime.sign_in(deployment.operator(work.state.given.coming))
    work.state.signed_in = True


class ShiftResult(TypedDict):
    """What a change of shift has done."""

    signed_out: bool
    signed_in: bool


class ShiftChange(Flow[ShiftState]):
    """交接班: sign out and sign in at a change of shift."""

    name = "shift_change"
    title = "交接班"
    given = ShiftGiven
    state = ShiftState
    steps = (check_operators, sign_out, sign_in)

    @staticmethod
    def result(state: ShiftState) -> ShiftResult:
        return {"signed_out": state.signed_out, "signed_in": state.signed_in}
