"""What every taking back has in common: the question before it, and what it took back."""

from __future__ import annotations

from typing import Any

import attrs

from ..contract.questions import NO, YES, Question
from ..contract.steps import step
from ..receipts.money import Settled
from ..workflow.standing import NotConfirmed
from ..workflow.work import Work


@attrs.frozen(kw_only=True)
class Undone:
    """A settlement that was taken back, and the cancellation that did it."""

    taken_back: str
    by: Settled


@step("确认撤销", when="请收款员确认")
def confirm_undo(work: Work[Any]) -> None:
    """Ask once more, with what is going to be taken back."""
    question = Question(
        id="confirm_undo", text=work.state.asks(), options=(YES, NO), whom="收款员", facts=work.state.facts()
    )
    if work.ask(question) == NO.value:
        work.forget("confirm_undo")
        raise NotConfirmed("没有确认，未撤销")
