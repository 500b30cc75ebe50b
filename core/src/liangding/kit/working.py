"""Silver, at work: calls, flows and wrappers on the simulated platform, also where line or platform fails."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from ..config import Kind
from ..contract.simulation import Refuse
from ..errors import CallRefused, HeldBack, LiangdingError, OutcomeUnknown
from ..flows import Status
from ..simulator.faults import Fault
from ..spec.problems import errors
from ..torture import Choices, Laboratory
from .bills import bill, new_key
from .rules import NotConcerned, Tier, rule
from .silver import own_new
from .subject import PluginAtTest
from .trying import message_for, trials

SEEDS = range(1, 7)
"""How many seeds are tried; gold asks for more."""

PLUGIN_FAILED = "出错"
"""What the core says of a plugin that failed."""


@rule("S05", Tier.SILVER, "自己的交易在模拟平台上走得通")
def its_transactions_go_through(subject: PluginAtTest) -> Iterator[str]:
    """Each transaction of its own that the simulator plays is accepted there, and its answer is as declared.

    Why: declaration, handler and style have to fit each other; each by itself may look right.

    Example: a handler that answers `left_amount` where `left_amt` is declared leaves a required field empty.

    Exception: a transaction that needs an earlier one gets its sample's values by `example` in the class, or is exempt.
    """
    own = own_new(subject)
    with subject.rig(Kind.HOSPITAL) as rig:
        known = rig.runtime.known
        for infno in (n for n in own if n in known.interfaces and n in rig.platform.handlers):
            person = rig.person()
            message = message_for(known, known.interfaces[infno], person)
            try:
                answer = rig.runtime.call(infno, message, key=infno, insured_place=person.covers[0].place)
            except LiangdingError as failed:
                yield f"{infno}: {failed}"
            else:
                yield from (f"{infno}: {found}" for found in errors(list(answer.findings)))


@rule("S07", Tier.SILVER, "本地、省内、跨省的人都能购药、退药")
def a_purchase_goes_through(subject: PluginAtTest) -> Iterator[str]:
    """A pharmacy's purchase and its refund end well for a local, an in-province and a cross-province person.

    Why: wrappers, fixed values and flow steps of a region meet all three.

    Example: a wrapper that looks for `setlinfo.acct_pay` of a person without an account.

    Exception: a plugin that is for other institutions only is exempt.
    """
    with subject.rig(Kind.PHARMACY) as rig:
        for case in ("local", "province", "cross"):
            person = rig.person(case)
            given = bill(person, f"R-{case}") | {"credential": {"type": "02", "number": person.certno}}
            view = _through(rig.flows, "pharmacy_purchase", given)
            if view.status is not Status.DONE:
                yield f"{case}: the purchase is {view.status.value} at {view.step}: {_why(view)}"
                continue
            refund = {"credential": given["credential"], "purchase": view.id}
            back = _through(rig.flows, "pharmacy_refund", refund)
            if back.status is not Status.DONE:
                yield f"{case}: the refund is {back.status.value} at {back.step}: {_why(back)}"
        if rig.standing():
            yield "settlements stand that were refunded"


def _through(flows: Any, name: str, given: dict[str, Any]) -> Any:
    """A flow with every question answered by its first option."""
    view = flows.start(name, given, key=new_key())
    while view.status is Status.QUESTION and view.question is not None:
        options = view.question.options
        view = flows.answer(view.id, options[0].value if options else "000000")
    return view


def _why(view: Any) -> str:
    return (view.error or {}).get("message", "") or str(view.question)


@rule("S08", Tier.SILVER, "出任何故障资金都核对得上")
def money_is_safe_under_faults(subject: PluginAtTest) -> Iterator[str]:
    """Explored runs of a pharmacy and a hospital of the region, with lost answers, crashes and late commits, end with
    every settlement and every account equal to the cent.

    Why: a region's wrappers and steps stand in the way of every outcome.

    Example: `liangding torture --seeds 1..12 --province yunzhou` prints the history of a run that fails.

    Exception: none.
    """
    for place in subject.places:
        yield from explored(place, SEEDS)


def explored(place: str, seeds: Iterable[int]) -> Iterator[str]:
    """What the audit of explored runs finds. What they log of the faults that they make themselves is not shown."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with Laboratory(place) as laboratory:
            for seed in seeds:
                yield from (f"{place}, seed {seed}: {fault}" for fault in laboratory.run(Choices(seed)).faults)
    finally:
        logging.disable(before)


@rule("S09", Tier.SILVER, "包裹函数经得起最少和最全的应答")
def wrappers_bear_any_answer(subject: PluginAtTest) -> Iterator[str]:
    """No wrapper fails on an answer with the required fields only, nor on one with every field.

    Why: the core saves the outcome, but the till reads that the plugin failed, and what it should have said is lost.

    Example: `if answer.output.setlinfo.acct_pay > 0` fails where acct_pay is None.

    Exception: a wrapper that stops the call before it is sent.
    """
    _need_wrappers(subject)
    for kind in (Kind.PHARMACY, Kind.HOSPITAL):
        for full in (False, True):
            with trials(subject, kind) as tried:
                for trial in tried:
                    trial.answer(full=full)
                    try:
                        advice = trial.call(full=full).advice
                    except LiangdingError as failed:
                        advice = (str(failed),) if PLUGIN_FAILED in str(failed) else ()
                    failed_here = [a for a in advice if f"插件 {subject.name}" in a and PLUGIN_FAILED in a]
                    yield from (f"{trial.infno}: {each}" for each in failed_here)


def _need_wrappers(subject: PluginAtTest) -> None:
    if next(subject.around(), None) is None:
        raise NotConcerned("没有包裹任何接口")


@rule("S10", Tier.SILVER, "平台的拒绝原样到达收款员")
def refusals_arrive(subject: PluginAtTest) -> Iterator[str]:
    """Where the platform refuses a wrapped call, its own reason reaches whoever asked.

    Why: a wrapper that catches the refusal hides why the business did not go through.

    Example: `except CallRefused` that raises another error without the platform's sentence.

    Exception: a wrapper that adds to the remedy keeps the sentence.
    """
    _need_wrappers(subject)
    reason = "试验的拒绝原因"

    def refuse(_: Any) -> Any:
        raise Refuse(reason)

    for kind in (Kind.PHARMACY, Kind.HOSPITAL):
        with trials(subject, kind) as tried:
            for trial in tried:
                trial.play(refuse)
                try:
                    trial.call()
                except CallRefused as refused:
                    if reason not in str(refused):
                        yield f"{trial.infno}: {refused}"
                except LiangdingError:
                    continue  # stopped before it was sent
                else:
                    yield f"{trial.infno}: refused, and told as accepted"


@rule("S11", Tier.SILVER, "结果不明不会被说成失败")
def unknown_stays_unknown(subject: PluginAtTest) -> Iterator[str]:
    """Where the answer to a wrapped changing call is lost and nothing can be asked, the caller is told: unknown.

    Why: told as failed, the till charges again.

    Example: a wrapper that turns `OutcomeUnknown` into an error of its own.

    Exception: a wrapper that stops the call before it is sent.
    """
    _need_wrappers(subject)
    for kind in (Kind.PHARMACY, Kind.HOSPITAL):
        with trials(subject, kind) as tried:
            for trial in (each for each in tried if each.transaction.changes):
                trial.answer(full=False)
                trial.rig.deafen()
                trial.rig.strike(Fault.ANSWER_LOST, trial.infno)
                try:
                    trial.call()
                except (OutcomeUnknown, HeldBack):
                    continue
                except LiangdingError as failed:
                    if trial.rig.sent(trial.infno):
                        yield f"{trial.infno}: told as {failed.code}"
                else:
                    yield f"{trial.infno}: told as accepted"


@rule("S16", Tier.SILVER, "日志与提示不含个人信息")
def nothing_personal_is_told(subject: PluginAtTest) -> Iterator[str]:
    """What is logged and advised while wrapped calls are made names nobody.

    Why: logs go to suppliers, advice is printed and read aloud.

    Example: `call.advise("{psn_name} 的个人账户…", answer.output.setlinfo)`.

    Exception: none.
    """
    _need_wrappers(subject)
    for kind in (Kind.PHARMACY, Kind.HOSPITAL):
        with trials(subject, kind) as tried, _heard() as heard:
            for trial in tried:
                trial.answer(full=True)
                try:
                    heard.extend(trial.call(full=True).advice)
                except LiangdingError as failed:
                    heard.append(str(failed))
                personal = (trial.person.psn_no, trial.person.certno, trial.person.name)
                yield from (f"{trial.infno} tells of a person" for line in heard if any(p in line for p in personal))


class _heard(logging.Handler):  # noqa: N801 - used as a context
    """Everything that is logged meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> list[str]:
        logging.getLogger("liangding").addHandler(self)
        return self.lines

    def __exit__(self, *_: object) -> None:
        logging.getLogger("liangding").removeHandler(self)
