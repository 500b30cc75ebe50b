"""一码付: the own part of a settlement, charged with the code that the person showed for it.

The order is that of the documents: the pre-settlement says the cash part, the payment credential is asked for exactly
that, the insurance is settled by its ordinary transaction, then the credential is charged. Who collects the money, and
how it is reconciled, stays outside.
"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

from ..config.one_code import REAL_MONEY, OneCode
from ..contract.credentials import E_CREDENTIAL
from ..contract.steps import Flow, step
from ..errors import CallNotSent, CallRefused, ConfigurationError, NoAnswer
from ..workflow.work import Work

STATUS, CREDENTIAL, CHARGE = "一码付-用户一码付状态查询", "一码付-获取付款凭据", "一码付-支付下单"

KEPT = "one_code"


def _settings(work: Work[Any]) -> OneCode | None:
    """The deployment's, where the person showed an e-credential; else the own part is collected as ever."""
    person = getattr(work.state, "person", None)
    shown = person.credential.type if person is not None else ""
    return work.runtime.deployment.one_code if shown == E_CREDENTIAL else None


def _said(settings: OneCode, cash: Decimal) -> str:
    return f"{cash:.2f}" if settings.unit == "yuan" else f"{cash * 100:.0f}"


@step("一码付状态查询", STATUS, when="一码付，有自费部分，部署要问")
def one_code_status(work: Work[Any]) -> None:
    """Ask whether the person has signed up: what is answered has no public table, and decides nothing here."""
    settings, trial = _settings(work), work.state.trial
    if settings is not None and settings.ask_status and trial is not None and trial.cash > 0:
        work.call(STATUS, {"data": {settings.ec_token: work.state.person.credential.number}})


@step("获取付款凭据", CREDENTIAL, when="一码付，有自费部分")
def one_code_credential(work: Work[Any]) -> None:
    """Get a payment credential for exactly the cash part of the pre-settlement, before anything is settled."""
    settings, trial = _settings(work), work.state.trial
    if settings is None or trial is None or trial.cash <= 0:
        return
    if work.runtime.deployment.platform.environment == "test":
        work.advise(REAL_MONEY)
    _get(work, settings, trial.cash)


def _get(work: Work[Any], settings: OneCode, cash: Decimal) -> dict[str, str]:
    said = _said(settings, cash)
    asked = {settings.ec_token: work.state.person.credential.number, settings.amount: said}
    told = work.heard(work.call(CREDENTIAL, {"data": asked})).get("data")
    held = told.get(settings.credential) if isinstance(told, dict) else None
    if not held:
        raise ConfigurationError(
            f"{CREDENTIAL} 的应答里没有 {settings.credential}", path="one_code.credential",
            remedy="按省中台的接口说明写明这一项的名字；没有结算的，不用一码付重新结算即可",
        )  # fmt: skip
    work.kept[KEPT] = {"credential": str(held), "amount": said}
    return dict(work.kept[KEPT])


@step("一码付收款", CHARGE, when="一码付，结算后有自费部分", charges=True)
def one_code_charge(work: Work[Any]) -> None:
    """Charge the credential with the cash part of the settlement. The settlement stands whatever becomes of it."""
    settings, settlement = _settings(work), work.state.settlement
    if settings is None or settlement is None or settlement.split.cash <= 0:
        return
    cash, held = settlement.split.cash, work.kept.get(KEPT)
    said = _said(settings, cash)
    try:
        if not work.has_sent("charge") and (held is None or held["amount"] != said):
            held = _get(work, settings, cash)  # the settlement changed the cash part: a credential is for one amount
        assert held is not None
        data = {settings.credential: held["credential"], settings.amount: said, settings.order: work.flow_id[:32]}
        work.call(CHARGE, {"data": data}, part="charge")
    except (CallRefused, CallNotSent, NoAnswer, ConfigurationError) as failed:
        text = f"医保已结算，自费部分 {cash:.2f} 元没有用一码付收到（{failed.message}）：请另行收款，不要重新结算"
        work.advise(text)
        return
    work.advise(f"自费部分 {cash:.2f} 元已用一码付收取，不要再收")


@functools.cache
def with_one_code(flow: type[Flow[Any]]) -> type[Flow[Any]]:
    """The flow with the steps of one-code payment round its settlement; itself where it settles nothing."""
    names = [each.name for each in flow.steps]
    if "settle" not in names or "confirm" not in names:
        return flow
    at = names.index("settle")
    steps = (*flow.steps[:at], one_code_status, one_code_credential, flow.steps[at], one_code_charge,
             *flow.steps[at + 1 :])  # fmt: skip
    made: type[Flow[Any]] = type(flow.__name__, (flow,), {"steps": steps, "__doc__": flow.__doc__})
    return made
