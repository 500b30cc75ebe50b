"""用码场景: the occasions on which an e-credential is shown, and the business type that each is decoded under.

The business type has to name the step that is really performed. Three of the eighteen have no published code; the
deployment file gives it (``ecredential.business_types``).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from ..config import Kind
from ..errors import LiangdingError
from ..structuring import nearest


class Setting(StrEnum):
    """Where a code is shown."""

    HOSPITAL = "医院"
    PHARMACY = "药店"
    ONLINE = "线上"


@attrs.frozen(kw_only=True)
class Scenario:
    """One occasion. ``business_type`` is the code of 用码业务类型, None where none is published; ``before`` the
    transactions that the step goes on to make."""

    id: str
    name: str
    english: str
    setting: Setting
    business_type: str | None
    before: tuple[str, ...] = ()


def _hospital(
    name: str, scenario: str, english: str, business_type: str | None, before: tuple[str, ...] = ()
) -> Scenario:
    return Scenario(
        id=scenario, name=name, english=english, setting=Setting.HOSPITAL, business_type=business_type, before=before
    )


def _pharmacy(
    name: str, scenario: str, english: str, business_type: str | None, before: tuple[str, ...] = ()
) -> Scenario:
    return Scenario(
        id=scenario, name=name, english=english, setting=Setting.PHARMACY, business_type=business_type, before=before
    )


SCENARIOS: tuple[Scenario, ...] = (
    _hospital("挂号", "register", "registration", "01101", ("2201",)),
    _hospital("住院建档", "inpatient_file", "opening the inpatient file", "01102"),
    _hospital("入院登记", "admission", "admission", "01103", ("2401",)),
    _hospital("缴纳预缴金", "deposit", "paying a deposit", "01104"),
    _hospital("问诊", "consultation", "consultation", "01201", ("2203",)),
    _hospital("预约检查", "book_examination", "booking an examination", "01202"),
    _hospital("检查", "examination", "examination", "01203"),
    _hospital("治疗", "treatment", "treatment", "01204"),
    _hospital("结算", "settlement", "settlement", "01301", ("2206", "2207", "2303", "2304")),
    _hospital("取药", "dispensing", "collecting drugs", "01302"),
    _hospital("取报告", "report", "collecting a report", "01303"),
    _hospital("打印票据和清单", "print_bill", "printing bills and statements", "01304"),
    _hospital("病历材料复印", "copy_records", "copying records", "01305"),
    _hospital("诊间核验身份", "verify_identity", "identity check in the consulting room", None),
    _pharmacy("药店购药", "purchase", "buying drugs", "02121", ("2101", "2102")),
    _pharmacy("下载外购处方", "download_prescription", "downloading a prescription", "02122", ("7204", "CFYYJG104")),
    _pharmacy("特殊门诊", "special_outpatient", "special outpatient drugs", None),
    _pharmacy("药师审核处方", "review_prescription", "pharmacist's review", None, ("7206", "CFYYJG106")),
    Scenario(
        id="online_identity", name="医疗类APP线上身份认证", english="identity check in an app",
        setting=Setting.ONLINE, business_type="03131",
    ),
    Scenario(
        id="online_settlement", name="医疗类APP线上结算", english="settlement in an app",
        setting=Setting.ONLINE, business_type="03132",
    ),
)  # fmt: skip
"""The 14 of a hospital, the 4 of a pharmacy, and the 2 of an app."""


class NoScenario(LiangdingError):
    """There is no such occasion, or none that follows from what is about to be done."""

    code = "no_scenario"
    http_status = 422
    remedy = "scenario 给出用码场景：" + "、".join(f"{s.id} {s.name}" for s in SCENARIOS)


def scenario_named(text: str) -> Scenario:
    """The scenario of that id, Chinese name, or business type. NoScenario where there is none."""
    for scenario in SCENARIOS:
        if text and text in (scenario.id, scenario.name, scenario.business_type):
            return scenario
    raise NoScenario(f"没有用码场景 {text}{nearest(text, [s.id for s in SCENARIOS])}", path="scenario")


def scenario_for(infnos: Iterable[str], kind: Kind) -> Scenario:
    """The scenario of a step, by the transactions that it (or the flow it belongs to) goes on to make, the first
    that says anything. NoScenario where none does: then the caller has to name it."""
    setting = Setting.PHARMACY if kind is Kind.PHARMACY else Setting.HOSPITAL
    asked = list(infnos)
    for infno in asked:
        for scenario in SCENARIOS:
            if scenario.setting is setting and infno.removesuffix("A") in scenario.before:
                return scenario
    raise NoScenario(f"从 {'、'.join(asked) or '空'} 看不出用码场景", path="scenario")
