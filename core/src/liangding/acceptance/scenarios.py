"""Which scenarios an institution has: the usual ones of its kind, and what its region adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from ..config import Deployment, Kind
from ..config.deployment import Business
from ..contract.acceptance import Acceptance, Scenario, Script
from ..errors import ConfigurationError
from ..knowledge import Knowledge
from ..structuring import nearest

MEDIA = {"02": "居民身份证", "03": "社会保障卡", "01": "医保电子凭证"}

CHRONIC: dict[str, Business] = {"chronic": "门慢", "special": "门特"}
CHRONIC_VISIT = "14"

EVERYWHERE = tuple(Kind)
TREATING = (Kind.CLINIC, Kind.HOSPITAL)

BUSINESSES = {Script.PURCHASE: {"购药"}, Script.VISIT: {"门诊"}, Script.STAY: {"住院"}}
"""What an institution has to be opened for, where its file says what it is opened for."""


def usual() -> Iterator[Scenario]:
    """The scenarios that every region has."""
    yield Scenario(id="sign-in", title="签到", script=Script.SIGN_IN, kinds=EVERYWHERE)
    for script, what, kinds in (
        (Script.PURCHASE, "购药", (Kind.PHARMACY,)),
        (Script.VISIT, "门诊", TREATING),
        (Script.STAY, "住院", (Kind.HOSPITAL,)),
    ):
        for medium, name in MEDIA.items():
            title = f"{what}：{name}"
            yield Scenario(id=f"{script.word}-{medium}", title=title, script=script, kinds=kinds, credential=medium)
    for script, what, kinds in ((Script.PURCHASE, "购药", (Kind.PHARMACY,)), (Script.VISIT, "门诊", TREATING)):
        for word, name in CHRONIC.items():
            yield Scenario(
                id=f"{script.word}-{word}", title=f"{what}：{name}", script=script, kinds=kinds, chronic=True,
                med_type=CHRONIC_VISIT, business=name,
            )  # fmt: skip
    yield Scenario(id="desk", title="柜台查询一个人的全部", script=Script.DESK, kinds=EVERYWHERE)
    yield Scenario(id="reconcile", title="对账：总账与明细", script=Script.RECONCILE, kinds=EVERYWHERE)


MATCHED_ITEMS = Scenario(
    id="matched-items", title="已匹配目录出院结算，逐行核对", script=Script.STAY, kinds=(Kind.HOSPITAL,)
)
"""What ``liangding catalogue verify --settle`` performs; not one of those that a run goes through."""


def acceptances_of(known: Knowledge) -> list[Acceptance]:
    """What the deployment's plugins say of acceptance, the region's first."""
    told = known.manager.hook.liangding_acceptance(deployment=known.deployment)
    return [each for each in reversed(told) if each is not None]


def scenarios_of(known: Knowledge) -> list[Scenario]:
    """The scenarios of this institution, in order. ConfigurationError where one shows a requirement that is none."""
    told = acceptances_of(known)
    found = {each.id: each for each in usual()}
    found |= {each.id: each for acceptance in told for each in acceptance.scenarios}
    shows = {number: ids for acceptance in told for number, ids in acceptance.shows.items()}
    for number, ids in shows.items():
        if number not in found:
            raise ConfigurationError(f"没有场景 {number}{nearest(number, found)}", path="liangding_acceptance: shows")
        found[number] = attrs.evolve(found[number], shows=(*found[number].shows, *ids))
    _refuse_unknown(known, found.values())
    return [each for each in found.values() if concerns(each, known.deployment)]


def _refuse_unknown(known: Knowledge, scenarios: Iterable[Scenario]) -> None:
    told = known.manager.hook.liangding_requirements(deployment=known.deployment)
    ids = {each.id for rows in told for each in rows}
    for scenario in scenarios:
        for number in scenario.shows:
            if number not in ids:
                where = f"liangding_acceptance: {scenario.id}.shows"
                raise ConfigurationError(f"没有要求 {number}{nearest(number, ids)}", path=where)


def concerns(scenario: Scenario, deployment: Deployment) -> bool:
    """Whether an institution has that scenario: its kind, and what it is opened for."""
    institution = deployment.institution
    if institution.kind not in scenario.kinds:
        return False
    opened, wanted = set(institution.businesses), BUSINESSES.get(scenario.script)
    if scenario.chronic and institution.kind is Kind.PHARMACY and not opened:
        return False  # few pharmacies dispense for chronic diseases: those say so
    if not opened or wanted is None:
        return True
    if scenario.chronic:
        return bool(opened & ({scenario.business} if scenario.business else {*CHRONIC.values()}))
    return bool(opened & wanted)
