"""The safety control (安全控件) in flows: its token is asked for, and goes to the platform where it travels.

For an outpatient visit the control is called once, with the number of the visit's last transaction, and the token
holds for all before it; for inpatients it is called for every transaction, with that one's number (工作指引第五章).
Pharmacies have the outpatients' rule; where their token travels is not known, so their flows are not changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liangding.contract import AnswerKind, Before, Change, Deployment, EachCall, Question, step
from liangding.workflow.work import Work

from .card_token import CARRIERS

EPISODES = {
    "outpatient": "find_person",
    "outpatient_undo": "check_person",
    "outpatient_partial_refund": "check_same_credential",
}
"""Flows of one visit → the step that is the first to send something."""

STAYS = ("admission", "admission_change", "inpatient_trial", "discharge", "inpatient_undo")

LAST = {"settlement": "2208", "fees": "2205", "registration": "2202"}
"""How far an undo goes → its last transaction."""


def changes(flow: str, deployment: Deployment) -> Iterable[Change]:
    """What the control changes in a flow."""
    if flow in EPISODES:
        return (Before(EPISODES[flow], take_card_token), EachCall(carry))
    return (EachCall(carry_anew),) if flow in STAYS else ()


@step("安全控件取校验介质", when="凭证没有带 card_token 时询问收款员；一次就医取一次")
def take_card_token(work: Work[Any]) -> None:
    """Have the token of this visit, from the credential or from a person."""
    given = work.state.given.credential.card_token
    work.kept["card_token"] = given or work.ask(_question("card_token", _last(work)))


def _last(work: Work[Any]) -> str:
    if work.flow == "outpatient_undo":
        return LAST[work.state.given.level]
    rule = work.runtime.deployment.features.for_whom_a(work.runtime.region.a_variant("outpatient"))
    return "2207A" if rule == "always" else "2207"


def carry(work: Work[Any], infno: str, message: Any) -> None:
    """Put the visit's token into a message that carries it."""
    if infno in CARRIERS:
        _put(message, CARRIERS[infno], work.kept["card_token"])


def carry_anew(work: Work[Any], infno: str, message: Any) -> None:
    """Put a token of its own into a message that carries one. A call that was refused needs another one."""
    if infno in CARRIERS:
        earlier = work.runtime.journal.of_flow(work.flow_id)
        spent = sum(call.infno == infno and call.state.repeatable for call in earlier)
        token = work.ask(_question(f"card_token_{infno}" + (f"_{spent}" if spent else ""), infno))
        _put(message, CARRIERS[infno], token)


def _question(number: str, infno: str) -> Question:
    return Question(id=number, text=f"请用安全控件取校验介质（交易号 {infno}）", kind=AnswerKind.SECRET, whom="收款员")


def _put(message: dict[str, Any], node: str, token: str) -> None:
    held = message[node]
    for each in held if isinstance(held, list) else [held]:
        each["expContent"] = {"card_token": token}
