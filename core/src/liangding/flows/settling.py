"""Pre-settling, confirming and settling: what every flow does in which money moves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..calls.bills import Bills, bill_of, same_bill
from ..contract.calls import Answer
from ..contract.questions import NO, YES, Question
from ..contract.steps import step
from ..receipts.money import Split, settled, split_of
from ..spec.problems import Problem, errors
from ..workflow.same_bill import ask_same_bill
from ..workflow.standing import FlowStopped, NotConfirmed
from ..workflow.work import Work

SCOPE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
"""What a settlement takes over from its pre-settlement."""


class BrokenTrial(FlowStopped):
    """The amounts of a pre-settlement do not fit together: nobody may settle by them."""

    code = "broken_trial"
    remedy = "没有结算。核对明细后重新预结算；仍不成立的，把报文号告诉医保经办机构"


def trial_of(answer: Answer[Any], expected: Decimal) -> Split:
    """The split that a pre-settlement states. BrokenTrial where its amounts contradict each other, or its total is not
    that of the rows (``expected``, yuan)."""
    broken = errors(list(answer.findings))
    if broken:
        raise BrokenTrial(f"预结算返回的金额关系不成立：{_told(broken)}")
    trial = split_of(answer.output.setlinfo)
    if trial.total != expected:
        raise BrokenTrial(f"预结算的医疗费总额 {trial.total:.2f} 与明细合计 {expected:.2f} 不一致")
    return trial


def _told(problems: list[Problem]) -> str:
    return "；".join(dict.fromkeys(each.message for each in problems))


@step("确认金额", when="请参保人确认预结算的金额")
def confirm(work: Work[Any]) -> None:
    """Show the split; where a person says no, nothing is charged. What was confirmed of other amounts, before the flow
    began again, does not count."""
    trial = work.state.trial
    about = f"{trial.total:.2f} {trial.cash:.2f} {trial.account:.2f}"
    if work.answer_of("confirm.about") not in (None, about):
        work.forget("confirm")
    work.remember("confirm.about", about)
    question = Question(
        id="confirm",
        text=f"应付现金 {trial.cash:.2f} 元，个人账户支付 {trial.account:.2f} 元，是否结算？",
        options=(YES, NO),
        facts=trial.rows(),
    )
    if work.ask(question) == NO.value:
        work.forget("confirm")
        raise NotConfirmed("参保人没有确认金额，未结算")


@step("核对是否重复", when="同一参保人刚按同样的明细结算过时，请收款员确认")
def check_same_bill(work: Work[Any]) -> None:
    """The same rows for the same person, settled under another key a short while ago, are most likely the same bill:
    the person at the till says which."""
    runtime, state = work.runtime, work.state
    settings = runtime.deployment.keys
    if settings.same_bill == "allow":
        return
    bills = Bills(runtime.journal, runtime.interfaces, runtime.deployment.institution.code)
    rows = bill_of((row.med_list_codg, row.count, row.price) for row in state.given.rows)
    since = runtime.clock.epoch() - settings.same_bill_hours * 3600
    earlier = bills.same(state.person.psn_no, rows, since, but=(work.flow_id,))
    if earlier is None:
        return
    said = same_bill(earlier, refused=settings.same_bill == "refuse")
    if not said.may_be_meant:
        raise said
    ask_same_bill(work, said)


def keep_settlement(work: Work[Any], answer: Answer[Any]) -> None:
    """Keep what a settlement states. It stands, whatever its arithmetic: what is odd about it goes to the person at
    the till."""
    state = work.state
    state.settlement = settled(answer)
    account = state.settlement.split.account
    if account and not any("POS" in sentence for sentence in work.advice):
        work.advise(f"个人账户已由接口支付 {account:.2f} 元，请勿再刷 POS 机")
    if state.trial is not None and not state.settlement.split.same_money(state.trial):
        work.advise("结算金额与预结算不一致，请按结算结果收款并告知参保人")
    broken = errors(list(answer.findings))
    if broken:
        work.advise(f"结算已成立，返回的金额关系却不成立，请核对后报医保经办机构：{_told(broken)}")
