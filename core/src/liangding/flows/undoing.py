"""What every taking back has in common: the question before it, the call that does it, and what it took back.

A settlement may have been taken back by somebody else, in the insurer's pages for example: then what belongs to it goes
on to its end, and nobody gives cash back for it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ..contract.questions import CASHIER, NO, YES, Question
from ..contract.steps import step
from ..errors import CallFailed
from ..journal.settling import SettlementState
from ..national.meaning import taken_back
from ..privacy import masked_name
from ..receipts.money import NOTHING, ZERO, SettledMoney, settled
from ..workflow.standing import FlowStopped, NotConfirmed
from ..workflow.work import Work
from .handed_out import still_out
from .recorded import cancellations, named_in
from .visits import Visit


@attrs.frozen(kw_only=True)
class Undone:
    """A settlement that was taken back, and the cancellation that did it."""

    taken_back: str
    by: SettledMoney


def told_elsewhere(undone: list[Undone]) -> list[str]:
    """What a person reads of those that were taken back elsewhere, before the rest is."""
    named = "、".join(gone(undone))
    return [f"结算 {named} 已在别处撤销，这里不再撤，办完剩下的"] if named else []


def gone(undone: list[Undone]) -> list[str]:
    """The settlements that were taken back elsewhere."""
    return [each.taken_back for each in undone if each.by.elsewhere]


@step("确认撤销", when="请收款员确认")
def confirm_undo(work: Work[Any]) -> None:
    """Ask once more, with what is going to be taken back, and what was handed out for it."""
    targets = getattr(work.state, "targets", ())
    facts = (*what_goes_back(work, targets), *_handed_out(work, targets), *work.state.facts())
    question = Question(id="confirm_undo", text=work.state.asks(), options=(YES, NO), whom=CASHIER, facts=facts)
    if work.ask(question) == NO.value:
        work.forget("confirm_undo")
        raise NotConfirmed("没有确认，未撤销")


def _handed_out(work: Work[Any], targets: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """That drugs are out which the settlements paid for: shown in the question, and said again at the end."""
    out = still_out(work, work.state.visit.psn_no, targets)
    if not out:
        return ()
    told = "、".join(f"{name} × {count.normalize():f}" for name, count in out.items())
    work.advise(f"已发出的药品 {told}：收回后以 goods_return 上传退药")
    return (("已发出的药品", told),)


def what_goes_back(work: Work[Any], targets: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Whose it is (masked), what the settlements were that are taken back, and the cash that the cashier gives back for
    them; no amount where one of them was not settled here."""
    person = getattr(work.state, "person", None)
    whose = (("参保人", masked_name(person.name)),) if person is not None and person.name else ()
    held = work.runtime.journal.settlements
    found = [next((each for each in held.by_setl_id(one) if each.setl_id == one), None) for one in targets]
    known = [each for each in found if each is not None]
    if not known or len(known) < len(found):
        return whose
    total = sum((each.medfee_sumamt or ZERO for each in known), ZERO)
    cash = sum((each.psn_cash_pay or ZERO for each in known), ZERO)
    return (*whose, ("原医疗费总额", f"{total:.2f}"), ("应退现金", f"{cash:.2f}"))


def cancel(work: Work[Any], infno: str, visit: Visit, setl_id: str, *, part: str = "1") -> SettledMoney:
    """Take a settlement of the visit back by that transaction, unless it was taken back before: FlowStopped where a
    flow of ours did that, :func:`elsewhere` where somebody else did.

    That is asked before anything is sent, and never after: what is refused and taken back then is mostly our own doing,
    and the key of what was sent says so when it is asked again.
    """
    data = {"setl_id": setl_id, "mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no}
    if work.has_sent(part) or not _is_taken_back(work, data, visit.insured_place):
        return settled(work.call(infno, {"data": data}, part=part, insured_place=visit.insured_place))
    ours = next((call for call in cancellations(work, visit) if named_in(call) == setl_id), None)
    if ours is not None and ours.flow is not None:
        text = f"结算 {setl_id} 已由本机撤销（{ours.created_at:%m-%d %H:%M} 的 {ours.infno}），不用再撤"
        raise FlowStopped(text, remedy="看那笔撤销的业务；它没办完的，让它继续")
    return elsewhere(work, visit, setl_id)


def _is_taken_back(work: Work[Any], data: dict[str, str], place: str) -> bool:
    """Whether the platform says that a settlement was taken back (5203); where it does not answer, nobody says so."""
    try:
        return taken_back(work.call("5203", {"data": data}, insured_place=place).output.setlinfo)
    except CallFailed:
        return False


def elsewhere(work: Work[Any], visit: Visit, setl_id: str) -> SettledMoney:
    """A settlement that was taken back, and not by a flow of ours: the cashier is told, and gives nothing back."""
    work.runtime.journal.settlements.mark(
        work.runtime.deployment.institution.code, setl_id, SettlementState.REFUNDED_ELSEWHERE
    )
    work.advise(f"结算 {setl_id} 已在别处撤销，这里没有再撤，不要再退现金；是谁撤的、钱退了没有，请核对")
    return SettledMoney(
        setl_id="", mdtrt_id=visit.mdtrt_id, psn_no=visit.psn_no, setl_time="", infno="", msgid="", split=NOTHING,
        elsewhere=True,
    )  # fmt: skip
