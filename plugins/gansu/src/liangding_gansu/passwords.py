"""The password before a settlement (两定接口验证标准 5), where the deployment says of what it is checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liangding.contract.steps import Before, Change, step
from liangding.workflow.work import Work

SETTLING = {
    "pharmacy_purchase": "2102", "outpatient": "2207", "outpatient_partial_refund": "2207",
    "outpatient_settle_again": "2207", "discharge": "2304",
}  # fmt: skip
"""Flows that settle, and what they settle by."""


def changes(flow: str) -> Iterable[Change]:
    """What the password changes in a flow."""
    return (Before("settle", check_password),) if flow in SETTLING else ()


@step("密码校验", when="部署写明这种凭证要校验密码（features.password）", uses=("password",))
def check_password(work: Work[Any]) -> None:
    """The card's password, before money moves."""
    work.check_password(SETTLING[work.flow])
