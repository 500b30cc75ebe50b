"""东莞: what Dongguan adds to the national interfaces.

Facts from 东莞市医疗保障两定机构信息化事项要求（附件6）; "二(一)" names its section on pharmacies' fixed values.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from liangding.calls import Answer, Call
from liangding.checks import Circumstances
from liangding.config import Deployment, Kind
from liangding.hookspecs import hookimpl
from liangding.region import FixedValues, Place, Region

AREA = "441900"

EMPLOYEES, RESIDENTS = "310", "390"
"""职工基本医疗保险、城乡居民基本医疗保险: the insurances whose accounts pharmacies and clinics may use."""

PHARMACY = {"med_type": "41"}
"""定点药店购药 (二(一))."""

CLINIC = {"med_type": "9935", "psn_setlway": "01"}
"""独立门诊部个人账户支付，按项目结算."""

FIXED: dict[Kind, FixedValues] = {
    Kind.PHARMACY: {
        "*": {"mdtrtarea_admvs": AREA},
        "2101": PHARMACY,
        "2101A": PHARMACY,
        "2102": PHARMACY,
        "2102A": PHARMACY,
    },
    Kind.CLINIC: {
        "*": {"mdtrtarea_admvs": AREA},
        **dict.fromkeys(("2201", "2203", "2203A", "2206", "2206A", "2207", "2207A"), CLINIC),
    },
    Kind.HOSPITAL: {"*": {"mdtrtarea_admvs": AREA}},
}

ACCOUNT_CHARGED = "个人账户已由接口扣除 {acct_pay} 元，请勿再刷 POS 机"


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return Region(
        name="东莞",
        local=("4419",),
        province=("44",),
        insurances={Kind.PHARMACY: (EMPLOYEES, RESIDENTS), Kind.CLINIC: (EMPLOYEES, RESIDENTS)},
        clearing={
            Kind.PHARMACY: {Place.LOCAL: "41", Place.PROVINCE: "9904"},
            Kind.CLINIC: {Place.LOCAL: "11", Place.PROVINCE: "9903"},
        },
        trace_codes="both",
        circumstances=Circumstances(fund_includes_account=True),
    )


@hookimpl
def liangding_fixed_values(deployment: Deployment) -> FixedValues:
    return FIXED[deployment.institution.kind]


def _remind(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """After a settlement that charged the account: the cashier must not swipe the POS again (二(一), 界面提醒)."""
    answer = yield
    if answer.output.setlinfo.acct_pay:
        call.advise(ACCOUNT_CHARGED, answer.output.setlinfo)
    return answer


@hookimpl(wrapper=True)
def pharmacy_settle(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """个人账户已扣时提醒：勿再刷 POS."""
    return (yield from _remind(call))


@hookimpl(wrapper=True)
def pharmacy_settle_a(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """个人账户已扣时提醒：勿再刷 POS."""
    return (yield from _remind(call))


@hookimpl(wrapper=True)
def outpatient_settle(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """个人账户已扣时提醒：勿再刷 POS."""
    return (yield from _remind(call))


@hookimpl(wrapper=True)
def outpatient_settle_a(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """个人账户已扣时提醒：勿再刷 POS."""
    return (yield from _remind(call))
