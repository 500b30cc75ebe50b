"""What the caller states of a person, held against what 1101 says, before anything is registered.

A place that the person is not insured at is an error. Another name is a question to the cashier: names are written in
many ways, cut by old systems, and changed; so is the number of another document than the resident identity card.
"""

from __future__ import annotations

from typing import Any

from ..contract.questions import CASHIER, Option, Question
from ..identity import Cover, Insured, NotAsStated, places_told, same_name, same_number
from ..privacy import masked_number
from ..workflow.standing import NotConfirmed
from ..workflow.work import Work

STOP, SAME = Option(value="other", label="不是同一个人，停下"), Option(value="same", label="是同一个人，继续")


def hold_person(work: Work[Any], person: Insured) -> None:
    """Ask the cashier where the name, or the number of a document, is another one than 1101 says. NotConfirmed where
    it is somebody else."""
    given = work.state.given.credential
    if given.name and person.name and not same_name(given.name, person.name):
        _ask(work, "another_name", "姓名", given.name, person.name)
    number = given.certno or (given.number if given.by_document else "")
    if number and person.certno and not same_number(number, person.certno):
        _ask(work, "another_document", "证件号码", masked_number(number), masked_number(person.certno))


def _ask(work: Work[Any], question_id: str, what: str, given: str, known: str) -> None:
    about, held = f"{question_id}.about", f"{given} {known}"
    if work.answer_of(about) != held:  # what was answered about another one does not count
        work.forget(question_id)
        work.remember(about, held)
    text = f"给出的{what}“{given}”与医保登记的“{known}”不同，是同一个人吗？"
    facts = ((f"给出的{what}", given), (f"医保登记的{what}", known))
    question = Question(id=question_id, text=text, options=(STOP, SAME), whom=CASHIER, facts=facts)
    if work.ask(question) == STOP.value:
        work.forget(question_id)
        remedy = f"核对{what}，以正确的重新开始"
        raise NotConfirmed(f"给出的{what}与医保登记的不同，不是同一个人，没有办理", remedy=remedy)


def hold_place(person: Insured, stated: str | None, usable: list[Cover]) -> None:
    """NotAsStated where the person is not insured at the place that the caller states, or cannot settle by it here."""
    if not stated or any(cover.insured_place == stated for cover in usable):
        return
    held = [cover for cover in person.covers if cover.insured_place == stated]
    why = f"在那里的参保不能在本机构用（{places_told(held)}）" if held else "没有在那里参保"
    text = f"给出的参保地是 {stated}，参保人{why}；能用的：{places_told(usable)}"
    raise NotAsStated(text, path="insured_place")
