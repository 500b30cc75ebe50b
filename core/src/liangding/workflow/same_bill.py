"""The question whether a bill is the same as one that was settled a short while ago under another key."""

from __future__ import annotations

from typing import Protocol

from ..contract.questions import CASHIER, Option, Question
from ..errors import SameBill
from .standing import NotConfirmed

SAME_BILL = "same_bill"
"""The question's name."""

SAME, ANOTHER = Option(value="same", label="同一单，不再结算"), Option(value="another", label="另一单，继续")


class Asks(Protocol):
    """What is needed here of a step's work."""

    def ask(self, question: Question) -> str: ...
    def forget(self, question_id: str) -> None: ...
    def answer_of(self, question_id: str) -> str | None: ...


def ask_same_bill(work: Asks, said: SameBill) -> None:
    """Ask the cashier; ``said`` tells of the earlier one. NotConfirmed where it is the same."""
    text = "同一参保人刚按同样的明细结算过，这是另一单吗？"
    question = Question(id=SAME_BILL, text=text, options=(SAME, ANOTHER), whom=CASHIER, facts=said.facts)
    if work.ask(question) == SAME.value:
        work.forget(SAME_BILL)
        raise NotConfirmed("与已结算的是同一单，没有再结算", remedy="用原来的业务号看那一单；本单放弃即可")


def is_meant(work: Asks) -> bool:
    """Whether the cashier has said that it is another bill."""
    return work.answer_of(SAME_BILL) == ANOTHER.value
