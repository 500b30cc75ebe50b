"""用码场景: the occasions on which an e-credential is shown, and the business type that each is decoded under.

The business type has to name the step that is really performed. Three of the eighteen have no published code; the
deployment file gives it (``ecredential.business_types``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from enum import StrEnum

import attrs

from ..config import Business, Institution, Kind
from ..errors import LiangdingError
from ..knowledge.interfaces import BASELINE, Interfaces
from ..spec import Does, Of
from ..structuring import nearest

Meaning = tuple[Does, Of | None]

DOWNLOADING: tuple[Meaning, ...] = ((Does.DOWNLOADS, Of.PRESCRIPTION),)


class Setting(StrEnum):
    """Where a code is shown."""

    HOSPITAL = "医院"
    PHARMACY = "药店"
    ONLINE = "线上"


@attrs.frozen(kw_only=True)
class UseScenario:
    """One occasion. ``business_type`` is the code of 用码业务类型, None where none is published; ``before`` the
    transactions that the step goes on to make, by what they do, and of what; ``of`` what an institution has to be
    opened for (one of these), where the occasion tells; ``aliases`` further names that documents have for it."""

    id: str
    name: str
    english: str
    setting: Setting
    business_type: str | None
    before: tuple[Meaning, ...] = ()
    of: tuple[Business, ...] = ()
    aliases: tuple[str, ...] = ()


def _at(
    setting: Setting,
    name: str,
    scenario: str,
    english: str,
    business_type: str | None,
    before: tuple[Meaning, ...] = (),
    of: tuple[Business, ...] = (),
    aliases: tuple[str, ...] = (),
) -> UseScenario:
    return UseScenario(
        id=scenario, name=name, english=english, setting=setting, business_type=business_type, before=before, of=of,
        aliases=aliases,
    )  # fmt: skip


_hospital = functools.partial(_at, Setting.HOSPITAL)
_pharmacy = functools.partial(_at, Setting.PHARMACY)


def _settling(*of: Of) -> tuple[Meaning, ...]:
    return tuple((does, each) for does in (Does.PRE_SETTLES, Does.SETTLES) for each in of)


SCENARIOS: tuple[UseScenario, ...] = (
    _hospital("挂号", "register", "registration", "01101", ((Does.REGISTERS, Of.VISIT),)),
    _hospital("住院建档", "inpatient_file", "opening the inpatient file", "01102", of=("住院", "生育")),
    _hospital("入院登记", "admission", "admission", "01103", ((Does.REGISTERS, Of.STAY),), ("住院", "生育")),
    _hospital("缴纳预缴金", "deposit", "paying a deposit", "01104", of=("住院", "生育")),
    _hospital("问诊", "consultation", "consultation", "01201", ((Does.UPLOADS, Of.VISIT),)),
    _hospital("预约检查", "book_examination", "booking an examination", "01202"),
    _hospital("检查", "examination", "examination", "01203"),
    _hospital("治疗", "treatment", "treatment", "01204"),
    _hospital("结算", "settlement", "settlement", "01301", _settling(Of.VISIT, Of.STAY)),
    _hospital("取药", "dispensing", "collecting drugs", "01302"),
    _hospital("取报告", "report", "collecting a report", "01303"),
    _hospital("打印票据和清单", "print_bill", "printing bills and statements", "01304"),
    _hospital("病历材料复印", "copy_records", "copying records", "01305", aliases=("病例材料复印",)),
    _hospital("诊间核验身份", "verify_identity", "identity check in the consulting room", None),
    _pharmacy("药店购药", "purchase", "buying drugs", "02121", _settling(Of.PURCHASE), ("购药",)),
    _pharmacy("下载外购处方", "download_prescription", "downloading a prescription", "02122", DOWNLOADING),
    _pharmacy("特殊门诊", "special_outpatient", "special outpatient drugs", None, of=("门慢", "门特")),
    _pharmacy("药师审核处方", "review_prescription", "pharmacist's review", None, ((Does.UPLOADS, Of.REVIEW),)),
    UseScenario(
        id="online_identity", name="医疗类APP线上身份认证", english="identity check in an app",
        setting=Setting.ONLINE, business_type="03131",
    ),
    UseScenario(
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


def refuse_elsewhere(scenario: UseScenario, institution: Institution) -> None:
    """NoScenario where a code is not shown on that occasion at such an institution: a pharmacy has the occasions of
    pharmacies, a hospital or clinic its own, and each those that it is opened for."""
    here = Setting.PHARMACY if institution.kind is Kind.PHARMACY else Setting.HOSPITAL
    if scenario.setting not in (here, Setting.ONLINE):
        theirs = "、".join(s.name for s in SCENARIOS if s.setting is here)
        text = f"用码场景 {scenario.name} 是{scenario.setting.value}的，本机构是{institution.kind.chinese}"
        raise NoScenario(text, path="scenario", remedy=f"本机构的场景：{theirs}")
    if scenario.of and not institution.does(*scenario.of):
        text = f"用码场景 {scenario.name} 用于{'、'.join(scenario.of)}，本机构没有开通"
        raise NoScenario(text, path="scenario", remedy="确已开通的，写进部署文件的 institution.businesses")


def scenario_named(text: str) -> UseScenario:
    """The scenario of that id, Chinese name, or business type. NoScenario where there is none."""
    for scenario in SCENARIOS:
        if text and text in (scenario.id, scenario.name, scenario.business_type, *scenario.aliases):
            return scenario
    raise NoScenario(f"没有用码场景 {text}{nearest(text, [s.id for s in SCENARIOS])}", path="scenario")


def scenario_for(infnos: Iterable[str], kind: Kind, interfaces: Interfaces = BASELINE) -> UseScenario:
    """The scenario of a step, by the transactions that it (or the flow it belongs to) goes on to make, the first
    that says anything; ``interfaces`` are those of the deployment. NoScenario where none does: then the caller has to
    name it."""
    setting = Setting.PHARMACY if kind is Kind.PHARMACY else Setting.HOSPITAL
    asked = list(infnos)
    for infno in asked:
        for scenario in SCENARIOS:
            if scenario.setting is setting and interfaces.means(infno) in scenario.before:
                return scenario
    raise NoScenario(f"从 {'、'.join(asked) or '空'} 看不出用码场景", path="scenario")
