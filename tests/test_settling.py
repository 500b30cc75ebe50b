"""Pre-settling, confirming and settling as every flow does them: what is asked, what is said, and where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from liangding.config.keys import KeySettings
from liangding.contract.questions import Question
from liangding.errors import SameBill
from liangding.flows.settling import BrokenTrial, check_same_bill, confirm, keep_settlement, trial_of
from liangding.journal import State
from liangding.knowledge.interfaces import BASELINE
from liangding.receipts.money import NOTHING, Split
from liangding.spec import Does, Of
from liangding.spec.leaves import LENIENT
from liangding.spec.problems import problem
from liangding.spec.reading import MessageReader
from liangding.wire.json import encode
from liangding.workflow.standing import NotConfirmed

NOW = 1_800_000_000.0
INFO = {"setl_id": "S1", "mdtrt_id": "M1", "psn_no": "P1", "medfee_sumamt": "50.00", "fund_pay_sumamt": "15.00",
        "acct_pay": "30.00", "psn_cash_pay": "5.00", "setl_time": "2026-11-21 10:00:05"}  # fmt: skip
SPLIT = attrs.evolve(NOTHING, total=Decimal("50.00"), fund=Decimal("15.00"), account=Decimal("30.00"),
                     cash=Decimal("5.00"))  # fmt: skip


class Asked(Exception):
    """The flow pauses."""

    def __init__(self, question: Question) -> None:
        self.question = question


class AtWork:
    """A step's work, as far as settling needs it."""

    flow_id = "f1"

    def __init__(self, answers: dict[str, str] | None = None, trial: Split | None = SPLIT) -> None:
        self.answers, self.advice = dict(answers or {}), list[str]()
        rows = [SimpleNamespace(med_list_codg="XA1", count=Decimal(2), price=Decimal("25.00"))]
        self.state: Any = SimpleNamespace(
            trial=trial, settlement=None, given=SimpleNamespace(rows=rows), person=SimpleNamespace(psn_no="P1")
        )
        self.runtime: Any = None

    def answer_of(self, question_id: str) -> str | None:
        return self.answers.get(question_id)

    def remember(self, question_id: str, answer: str) -> None:
        self.answers[question_id] = answer

    def forget(self, question_id: str) -> None:
        self.answers.pop(question_id, None)

    def ask(self, question: Question) -> str:
        if question.id not in self.answers:
            raise Asked(question)
        return self.answers[question.id]

    def advise(self, *sentences: str) -> None:
        self.advice += sentences


def answer(*findings: Any, **info: Any) -> Any:
    read, _ = MessageReader(LENIENT).read(BASELINE["2102"].output, {"setlinfo": INFO | info}, ("output",))
    return SimpleNamespace(findings=findings, output=read, infno="2102", msgid="X1")


def found(message: str, **more: Any) -> Any:
    return problem(("setlinfo", "acct_pay"), "amounts", message, **more)


# -- a pre-settlement --------------------------------------------------------------------------------------------------


def test_a_pre_settlement_is_held_against_its_rows() -> None:
    assert trial_of(answer(), Decimal(50)) == SPLIT
    assert trial_of(answer(found("只是提醒", level="info"), found("留意", level="warning")), Decimal("50.00")) == SPLIT
    with pytest.raises(BrokenTrial) as other:
        trial_of(answer(), Decimal("49.99"))
    assert other.value.message == "预结算的医疗费总额 50.00 与明细合计 49.99 不一致"
    with pytest.raises(BrokenTrial) as broken:
        trial_of(answer(found("甲不等"), found("提醒", level="info"), found("乙不等"), found("甲不等")), Decimal(50))
    assert broken.value.message == "预结算返回的金额关系不成立：甲不等；乙不等"
    assert (broken.value.code, broken.value.remedy[:4]) == ("broken_trial", "没有结算")


# -- confirming --------------------------------------------------------------------------------------------------------

ABOUT = "50.00 5.00 30.00"
"""What was confirmed: total, cash and account. A flow that waits keeps it, whatever version goes on with it."""


def test_who_pays_is_asked_with_the_amounts() -> None:
    work: Any = AtWork()
    with pytest.raises(Asked) as caught:
        confirm.run(work)
    question = caught.value.question
    assert (question.id, question.text) == ("confirm", "应付现金 5.00 元，个人账户支付 30.00 元，是否结算？")
    assert ([option.value for option in question.options], question.facts) == (["yes", "no"], SPLIT.rows())
    assert work.answers == {"confirm.about": ABOUT}


@pytest.mark.parametrize(
    ("answers", "trial", "after"),
    [
        ({"confirm": "yes", "confirm.about": ABOUT}, SPLIT, "yes"), ({"confirm": "yes"}, SPLIT, "yes"),
        ({"confirm": "yes", "confirm.about": ABOUT}, attrs.evolve(SPLIT, cash=Decimal(6)), "asked"),
        ({"confirm": "yes", "confirm.about": "49.00 5.00 30.00"}, SPLIT, "asked"),
        ({"confirm": "no", "confirm.about": ABOUT}, SPLIT, "no"),
    ],
    ids=["of these amounts", "of no amounts", "other cash", "another total", "not wanted"],
)  # fmt: skip
def test_what_was_confirmed_is_so_of_these_amounts(answers: dict[str, str], trial: Split, after: str) -> None:
    work: Any = AtWork(answers, trial)
    raises = {"asked": Asked, "no": NotConfirmed}.get(after)
    if raises is None:
        confirm.run(work)
    else:
        with pytest.raises(raises):
            confirm.run(work)
    assert work.answers.get("confirm") == ("yes" if after == "yes" else None)
    assert work.answers["confirm.about"] == f"{trial.total:.2f} {trial.cash:.2f} {trial.account:.2f}"


# -- the same bill -----------------------------------------------------------------------------------------------------


def settled_before(**more: Any) -> Any:
    rows = {"input": {"drugdetail": [{"med_list_codg": "XA1", "cnt": "2", "pric": "25"}]}}
    usual = {
        "id": 1, "infno": "2102", "state": State.ACCEPTED, "flow": None, "key": "B1", "setl_id": "S1",
        "amount": "50.00", "created_at": datetime(2026, 11, 21, 9, 0), "mdtrt_id": "M1", "request": encode(rows),
    }  # fmt: skip
    return SimpleNamespace(**usual | more)


def meets(earlier: Any, answers: dict[str, str] | None = None, **settings: Any) -> tuple[AtWork, list[float]]:
    """The step where the journal has an earlier call: the work, and since when it was asked about."""
    work, since = AtWork(answers), list[float]()

    def after(institution: str, psn_no: str, call_id: int, *, since: float, told: list[float] = since) -> list[Any]:
        assert (institution, psn_no, call_id) == ("P9", "P1", 0)
        told.append(since)
        return [earlier]

    journal = SimpleNamespace(accepted_after=after, settlements=SimpleNamespace(by_setl_id=lambda _: []))
    deployment = SimpleNamespace(keys=KeySettings(**settings), institution=SimpleNamespace(code="P9"))
    interfaces = SimpleNamespace(meant=lambda _: (Does.SETTLES, Of.PURCHASE))
    work.runtime = SimpleNamespace(
        deployment=deployment, journal=journal, interfaces=interfaces, clock=SimpleNamespace(epoch=lambda: NOW)
    )
    check_same_bill.run(work)
    return work, since


def test_the_same_bill_is_asked_about() -> None:
    with pytest.raises(Asked) as caught:
        meets(settled_before())
    question = caught.value.question
    assert (question.id, [option.value for option in question.options]) == ("same_bill", ["same", "another"])
    assert question.facts == (("已结算时间", "2026-11-21 09:00:00"), ("医疗费总额", "50.00"), ("结算编号", "S1"))
    work, since = meets(settled_before(), {"same_bill": "another"}, same_bill_hours=2.0)
    assert (since, work.answers) == ([NOW - 7200], {"same_bill": "another"})
    with pytest.raises(NotConfirmed):
        meets(settled_before(), {"same_bill": "same"})
    with pytest.raises(SameBill) as refused:
        meets(settled_before(), {"same_bill": "another"}, same_bill="refuse")
    assert not refused.value.may_be_meant


@pytest.mark.parametrize(
    ("earlier", "settings"),
    [
        (settled_before(), {"same_bill": "allow"}), (settled_before(flow="f1"), {}),
        (settled_before(request=encode({"input": {"drugdetail": []}})), {}),
        (settled_before(request=settled_before().request.replace(b'"25"', b'"26"')), {"same_bill": "refuse"}),
    ],
    ids=["allowed", "its own", "no rows", "another price"],
)  # fmt: skip
def test_what_is_not_the_same_bill_goes_without_a_word(earlier: Any, settings: dict[str, Any]) -> None:
    work, since = meets(earlier, None, **settings)
    assert (work.answers, work.advice, bool(since)) == ({}, [], "allow" not in settings.values())


# -- a settlement ------------------------------------------------------------------------------------------------------

POS = "个人账户已由接口支付 30.00 元，请勿再刷 POS 机"
OTHERWISE = "结算金额与预结算不一致，请按结算结果收款并告知参保人"

SAID: dict[str, tuple[Callable[[], Any], dict[str, Any], list[str], list[str]]] = {
    "as it was pre-settled": (answer, {}, [], [POS]),
    "a plugin said so already": (answer, {}, ["账户已付，不要刷POS"], ["账户已付，不要刷POS"]),
    "it said something else": (answer, {}, ["缴费成功"], ["缴费成功", POS]),
    "nothing from the account": (lambda: answer(acct_pay="0.00"), {"trial": None}, [], []),
    "no account at all": (lambda: answer(acct_pay=None), {"trial": None}, [], []),
    "not pre-settled": (answer, {"trial": None}, [], [POS]),
    "otherwise": (answer, {"trial": attrs.evolve(SPLIT, cash=Decimal(6))}, [], [POS, OTHERWISE]),
    "what does not fit": (
        lambda: answer(found("甲不等"), found("提醒", level="info"), found("甲不等")), {}, [],
        [POS, "结算已成立，返回的金额关系却不成立，请核对后报医保经办机构：甲不等"],
    ),
    "only remarks": (lambda: answer(found("提醒", level="info")), {}, [], [POS]),
}  # fmt: skip
"""What a settlement answers, what was pre-settled, what was advised before → what is advised in all."""


@pytest.mark.parametrize("case", SAID)
def test_what_the_till_is_told_of_a_settlement(case: str) -> None:
    made, more, before, told = SAID[case]
    work: Any = AtWork(**more)
    work.advice = list(before)
    keep_settlement(work, made())
    assert work.advice == told
    assert (work.state.settlement.setl_id, work.state.settlement.split.total) == ("S1", 50)
