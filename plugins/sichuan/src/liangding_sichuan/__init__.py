"""四川: what Sichuan adds to the national interfaces.

Facts from 《关于下发〈四川省医保信息系统定点医疗机构接口规范〉的通知》（攀枝花市医疗保障信息中心，2021-09-01） and its
annex 1, 《定点医疗机构接口规范工作指引》: what may be reversed and the preference for variants with an A from its
chapter 3, the two parts of the specification from chapter 4, the safety control from chapter 5. Where the control's
token travels is from one vendor's test programs (medium confidence).

The specification has two parts, and settlement needs both (section 一 of the notice): the national baseline, and 22
extended transactions (扩展交易) of the province. Neither the numbers nor the tables of the 22 are public; this plugin
declares none of them. Who has the document from the city's insurance bureau declares them in a plugin of their own and
enables it beside this one (``plugins`` in the deployment file).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from liangding.contract import Acceptance, Declared, Deployment, Kind, Region, Requirement, hookimpl, read_requirements
from liangding.contract.region import LineDefaults, Refusals
from liangding.spec import Does, Of, amends
from liangding.spec.writing import WireStyle

from .card_token import AMENDED

if TYPE_CHECKING:
    from liangding.contract import Change

REVERSIBLE = frozenset({"2102", "2103", "2207", "2208", "2304", "2305", "2401"})
"""What 2601 may cancel, and nothing else (工作指引第三章，冲正交易). The document prints 【2207】住院结算撤销 for the
sixth; by its name it is 2305. Variants with an A are not in the list."""

KNOWN_IN_HOSPITAL = frozenset({"2403"})
"""在办业务除外，例如：入院信息修改 (工作指引第三章，1101)."""

STYLE = WireStyle(extension_key="expContent")
"""字段扩展 is spelt ``expContent`` throughout."""

UNANSWERED = (
    "22 个扩展交易的编号与字段（向市州医保局取文档；基线与扩展都完成才能结算）",
    "2101A、2102A、2103、2208、2305 的校验介质是否也放在 expContent（现按推断放）",
    "2205、2301、2302、2402、2404、2405 要不要校验介质，放在哪里",
    "安全控件 local_type、out_type 在本市取什么值",
    "2102A、2207A、2304A 能否以 2601 冲正（文件只列不带 A 的编号），冲正成功怎样确认",
    "省本级（519900）参保人在本市机构算本地还是省内异地",
    "正式环境的 cainfo 填什么",
    "3301 的 list_type 用哪些值",
    "3201、3202 的 clr_type、setl_optins、refd_setl_flag 取值与长度",
    "2205 传 0000 重复执行是否等效",
    "3202 明细文件的列序与 9101 的文件命名",
    "2204、2301、3301、3505A 每次最多多少行",
    "数字与空值的写法",
    "追溯码随 2102A、3505 还是两处都传",
    "结算前除校验介质外还要不要校验密码",
    "签到多久有效",
)


CLEARS = amends(note="四川：与医保中心对总账，视同清算申请").declaring(does=Does.REGISTERS, of=Of.CLEARING)
"""工作指引第三章，3201：行总账对账-视同清算申请."""


DOCUMENT = "《四川省医保信息系统定点医疗机构接口规范》的通知与工作指引（2021-09-01）"
"""Where the requirements come from."""

NOT_OPENED = "线上支付、处方外购两类接口暂未发布（2021-09-01 的工作指引）"
"""What section 一 of the notice says; whether it has been since is to be asked of the city's bureau."""

UPLOADS = (
    "4101", "4401", "4402", "4701",
    "4201", "4301", "4302", "4501", "4502", "4503", "4504", "4505", "4506", "4601", "4602",
    "3501", "3502", "3503", "3504", "3506", "3507",
)  # fmt: skip
"""What is uploaded, in the order of the priorities (工作指引第三章): what has to be, what there is, what comes last.
4201 where the city says so."""


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"sichuan": "510100"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return Region(
        name="四川",
        local=(deployment.institution.area[:4],),
        province=("51",),
        style=STYLE,
        reversible=REVERSIBLE,
        a_variants={"*": "always"},
        known_in_hospital=KNOWN_IN_HOSPITAL,
        uploads={Kind.HOSPITAL: UPLOADS},
        not_opened=dict.fromkeys(("mobile_payment", "prescription"), NOT_OPENED),
        refusals=Refusals(known_in=__name__),
        line=LineDefaults(gateway="plain"),
        unanswered=UNANSWERED,
        unmet=tuple(_unmet(deployment)),
    )


def _unmet(deployment: Deployment) -> Iterable[str]:
    """The conditions of going live that a deployment does not meet yet (通知一、二；工作指引第五章)."""
    if not deployment.devices:
        yield "安全控件没有配置（devices）：校验介质要由收银程序逐次给出"
    drivers = {each.get("driver") for each in deployment.devices.values()}
    if not set(deployment.plugins) - drivers:
        yield "22 个扩展交易没有声明：向市州医保局取文档，写成插件写进 plugins"


@hookimpl
def liangding_requirements(deployment: Deployment) -> Iterable[Requirement]:
    return read_requirements(__name__, document=DOCUMENT)


@hookimpl
def liangding_acceptance(deployment: Deployment) -> Acceptance:
    from .acceptance import acceptance  # forms are not loaded where only a call is made

    return acceptance()


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    return {**AMENDED, "3201": CLEARS}


@hookimpl
def liangding_flow_steps(flow: str, deployment: Deployment) -> Iterable[Change]:
    from .control import changes  # flows are not loaded where only a call is made

    return changes(flow, deployment)
