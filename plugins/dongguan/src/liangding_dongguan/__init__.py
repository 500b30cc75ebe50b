"""东莞: what Dongguan, and Guangdong around it, add to the national interfaces.

Facts of Dongguan are from 东莞市医疗保障两定机构信息化事项要求（附件6）; "二(一)" names the section on fixed values
in its parts on pharmacies and on clinics. What holds for the province and for other cities is from systems at work
there. The plugin serves institutions of the whole province by their own city: Dongguan's fixed values hold in Dongguan
only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from liangding.contract import (
    Acceptance,
    Declared,
    Deployment,
    FixedValues,
    Institution,
    Kind,
    Region,
    Requirement,
    Resolution,
    SimulatedTransaction,
    Spoken,
    hookimpl,
    read_requirements,
)
from liangding.contract.steps import Change
from liangding.spec.codes import Code

from .cities import DONGGUAN, city_of, region_of, variants
from .extended import EXTENDED
from .prescriptions import PRESCRIPTIONS, SPOKEN, liangding_flows
from .reminders import remind
from .rules import (
    approve_rows,
    bills_settle,
    catalogues_query_dictionary,
    check_transfer,
    clinical_upload_front_page,
    mark_as_unpublished,
    only_who_is_opened_for_births,
)

__all__ = [
    "approve_rows",
    "bills_settle",
    "catalogues_query_dictionary",
    "check_transfer",
    "clinical_upload_front_page",
    "liangding_code_tables",
    "liangding_fixed_values",
    "liangding_flow_steps",
    "liangding_flows",
    "liangding_places",
    "liangding_region",
    "liangding_requirements",
    "liangding_resolution",
    "liangding_simulate",
    "liangding_spoken",
    "liangding_transactions",
    "mark_as_unpublished",
    "only_who_is_opened_for_births",
    "remind",
]

AREA = "441900"

PHARMACY = {"med_type": "41"}
"""定点药店购药 (二(一))."""

VISIT = {"med_type": "9935"}
CLINIC = {**VISIT, "psn_setlway": "01"}
"""独立门诊部个人账户支付，按项目结算 (二(一)); the document names no transactions: those that have the fields."""

FIXED: Mapping[Kind, FixedValues] = {
    Kind.PHARMACY: {"*": {"mdtrtarea_admvs": AREA}, "2101": PHARMACY, "2102": PHARMACY},
    Kind.CLINIC: {
        "*": {"mdtrtarea_admvs": AREA},
        "2203": VISIT,
        "2206": CLINIC,
        "2207": CLINIC,
    },
    Kind.HOSPITAL: {"*": {"mdtrtarea_admvs": AREA}},
}
"""Dongguan's fixed values (字段固定值); what is said for a number holds for its variant with an A."""

CODES: Mapping[str, Iterable[Code]] = {
    "mdtrt_cert_type": (
        Code(code="04", name="港澳社会保障卡（HKG、MAC 前缀）", aliases=("4",)),
        Code(code="99", name="其他（以证件号码查询）"),
    ),
    "adm_dise_cond_code": (
        Code(code="000001", name="普通病种床日分值结算"),
        Code(code="000002", name="精神病种床日分值结算"),
        Code(code="000003", name="新生儿母婴同室"),
    ),
}
"""Values that Guangdong's systems use: the credential of 1101, and 4401's classes of settlement by bed-days."""

NO_INSURED_PLACE = {"insuplc_admdvs": ""}
"""4701 goes with an empty 参保地医保区划 in Guangdong."""

CLEARING_NAMES = {"clr_type": (Code(code="9903", name="省内异地门诊"),)}
"""9903 is called otherwise elsewhere; Dongguan's document is what counts in Dongguan."""


DOCUMENT = "《东莞市医疗保障两定机构信息化事项要求》附件6（没有日期）"
"""Where the requirements come from."""


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"dongguan": AREA, "guangzhou": "440100", "foshan": "440600", "zhongshan": "442000"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return region_of(deployment)


@hookimpl
def liangding_requirements(deployment: Deployment) -> Iterable[Requirement]:
    return read_requirements(__name__, document=DOCUMENT) if city_of(deployment) == DONGGUAN else ()


@hookimpl
def liangding_acceptance(deployment: Deployment) -> Acceptance:
    from .acceptance import acceptance  # forms are not loaded where only a call is made

    return acceptance()


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    dictionary = {"1901": f"{__name__}.catalogues:QueryDictionary"}
    return {**EXTENDED, **PRESCRIPTIONS, **dictionary, **variants(deployment)}


WITHDRAWING = Spoken(assumed="没有公开的字段表：data 中给 psn_no、setl_id，与 4103 相同")
"""How 90306 is spoken where a list is taken back by command."""


@hookimpl
def liangding_spoken(deployment: Deployment) -> Mapping[str, Spoken]:
    return {**SPOKEN, "90306": WITHDRAWING}


@hookimpl
def liangding_simulate(deployment: Deployment) -> Mapping[str, SimulatedTransaction]:
    from . import played, prescription_flows  # the platform's side is loaded where it is played

    return {**played.PLAYED, **prescription_flows.PLAYED}


@hookimpl
def liangding_resolution(infno: str, deployment: Deployment) -> Resolution | None:
    from .lost_filings import resolutions

    return resolutions().get(infno)


@hookimpl
def liangding_fixed_values(deployment: Deployment) -> FixedValues:
    own = _fixed_in_dongguan(deployment.institution) if city_of(deployment) == DONGGUAN else {}
    return {**own, "4701": NO_INSURED_PLACE}


def _fixed_in_dongguan(institution: Institution) -> FixedValues:
    """A clinic that settles by the pooled fund has a hospital's values; a pharmacy that is opened for chronic diseases
    may say 14 in place of 41 (医疗类别 41，在范围内的可用 14)."""
    if institution.kind is Kind.CLINIC and institution.payment == "pooled":
        return FIXED[Kind.HOSPITAL]
    if institution.kind is Kind.PHARMACY and {"门慢", "门特"} & set(institution.businesses):
        return {**FIXED[Kind.PHARMACY], **{infno: {"med_type": ("41", "14")} for infno in ("2101", "2102")}}
    return FIXED[institution.kind]


@hookimpl
def liangding_code_tables(deployment: Deployment) -> Mapping[str, Iterable[Code]]:
    return {**CODES, **CLEARING_NAMES} if city_of(deployment) == DONGGUAN else CODES


@hookimpl
def liangding_flow_steps(flow: str, deployment: Deployment) -> Iterable[Change]:
    from . import cards, prescription_flows  # flows are not loaded where only a call is made

    return (*cards.changes(), *prescription_flows.changes(flow))
