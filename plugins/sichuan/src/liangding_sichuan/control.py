"""The safety control (安全控件) in flows: its token is got, and goes to the platform where it travels.

For a purchase, a visit and what takes them back the control is called once, with the number of the last transaction,
and the token holds for all before it; for inpatients it is called for every transaction, with that one's number
(工作指引第五章). A token that was got under another number is not used. It comes from a device of the deployment, else
from whoever runs the till's program: the question says what the control is to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from liangding.contract import Deployment
from liangding.contract.devices import Medium, Scope
from liangding.contract.questions import AnswerKind, Question
from liangding.contract.steps import Around, Before, Change, EachCall, step
from liangding.workflow.work import Work

from .card_token import CARRIERS

EPISODES = {
    "pharmacy_purchase": "find_person",
    "pharmacy_refund": "check_person",
    "outpatient": "find_person",
    "outpatient_undo": "check_person",
    "outpatient_partial_refund": "check_same_credential",
    "outpatient_settle_again": "check_same_credential",
    "outpatient_registration": "find_person",
}
"""Flows of one visit → the step that is the first to send something."""

STAYS = ("admission", "inpatient_trial", "discharge", "inpatient_undo")

CLOSING = {
    "pharmacy_purchase": "2102", "outpatient": "2207", "outpatient_partial_refund": "2207",
    "outpatient_settle_again": "2207",
}  # fmt: skip
"""Flows whose last transaction is one that has a variant with A."""

SINGLE = {"pharmacy_refund": "2103", "outpatient_registration": "2201"}
"""Flows whose last transaction is always the same."""

LAST = {"settlement": "2208", "fees": "2205", "registration": "2202"}
"""How far an undo goes → its last transaction."""

SHOWN = (Medium.CODE, Medium.SOCIAL_CARD)
"""What the control reads, as the person chooses at it."""


def changes(flow: str, deployment: Deployment) -> Iterable[Change]:
    """What the control changes in a flow."""
    if flow in EPISODES:
        return (
            Around("show_credential", show_once),
            Before(EPISODES[flow], take_card_token),
            EachCall(carry),
        )
    return (Around("show_credential", show_first), EachCall(carry_anew)) if flow in STAYS else ()


def show_once(work: Work[Any], go_on: Callable[[], None]) -> None:
    """What the person shows, with the token of the whole visit."""
    work.state.given.credential = work.show("credential", infno=_last(work), media=SHOWN)


def show_first(work: Work[Any], go_on: Callable[[], None]) -> None:
    """What the person shows, with the token of the first call."""
    work.state.given.credential = work.show("credential", infno="1101", scope=Scope.CALL, media=SHOWN)


@step(
    "安全控件取校验介质",
    when="凭证没有带 card_token 时由设备读取，没有设备的请收银程序调用；一次就医取一次",
    uses=(),
)
def take_card_token(work: Work[Any]) -> None:
    """Have the token of this visit, from the credential, a device, or the till's program."""
    work.kept["card_token"] = _given(work, _last(work)) or _token(work, "card_token", _last(work), Scope.VISIT)


def _last(work: Work[Any]) -> str:
    if work.flow == "outpatient_undo":
        return LAST[work.state.given.level]
    if work.flow in SINGLE:
        return SINGLE[work.flow]
    runtime, number = work.runtime, CLOSING[work.flow]
    regional = runtime.region.a_variant(runtime.interfaces[number].chapter)
    return f"{number}A" if runtime.deployment.features.for_whom_a(regional) == "always" else number


def _given(work: Work[Any], infno: str) -> str | None:
    """The token that came with the credential, unless it was got under another number."""
    credential = work.state.given.credential
    return credential.card_token if credential.card_token_for in (None, infno) else None


def carry(work: Work[Any], infno: str, message: Any) -> None:
    """Put the visit's token into a message that carries it."""
    if infno in CARRIERS:
        _put(message, CARRIERS[infno], work.kept["card_token"])


def carry_anew(work: Work[Any], infno: str, message: Any) -> None:
    """Put a token of its own into a message that carries one. A call that was refused needs another one."""
    if infno in CARRIERS:
        earlier = work.runtime.journal.of_flow(work.flow_id)
        spent = sum(call.infno == infno and call.state.repeatable for call in earlier)
        first = _given(work, infno) if work.state.given.credential.card_token_for and not spent else None
        number = f"card_token_{infno}" + (f"_{spent}" if spent else "")
        _put(message, CARRIERS[infno], first or _token(work, number, infno, Scope.CALL))


def _token(work: Work[Any], number: str, infno: str, scope: Scope) -> str:
    """A token from the device, which the same person shows the same thing at; else from the till's program."""
    if work.runtime.devices.reads(*SHOWN):
        token = work.show(number, infno=infno, scope=scope, media=SHOWN).card_token
        if token:
            return token
        work.forget(number)
    text = f"请用安全控件取校验介质（交易号 {infno}）"
    asked = work.reading(infno, scope, SHOWN)
    return work.ask(Question(id=number, text=text, kind=AnswerKind.SECRET, whom="收银程序", read=asked))


def _put(message: dict[str, Any], node: str, token: str) -> None:
    held = message[node]
    for each in held if isinstance(held, list) else [held]:
        each["expContent"] = {**(each.pop("exp_content", None) or {}), "card_token": token}
