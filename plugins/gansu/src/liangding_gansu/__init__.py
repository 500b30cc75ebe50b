"""甘肃: what Gansu adds to the national interfaces.

Facts from the province's 《信息平台申请流程》 with its 《医药机构API接口联调确认申请单》 and 《系统联调验收单》. That
3401A is not open is from one vendor's system at work in the province (medium confidence). No extended transactions and
no gateway are public: the gateway stays configuration.

Settlement needs a password check first (两定接口验证标准 5, and the form's 校验密码 and 修改密码). Which one — the card
reader's library, or a transaction — is not public. Where the deployment says of which credentials a device checks the
password (``features.password``), it is checked before money moves; otherwise this plugin makes none.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from liangding.contract import (
    Acceptance,
    Answer,
    Call,
    Deployment,
    NotOpenHere,
    Region,
    Requirement,
    hookimpl,
    read_requirements,
)
from liangding.contract.region import SocialCards
from liangding.contract.steps import Change

UNANSWERED = (
    "结算前的密码校验：社保卡、身份证、电子凭证各走哪里，修改密码走哪里",
    "网关的认证方式、正式与测试地址，recer_sys_code",
    "省级扩展交易的编号与字段",
    "3301 的 list_type 用哪些值",
    "3201、3202 的 clr_type、setl_optins、refd_setl_flag 取值与长度",
    "2208 之后同一就诊能否再结算",
    "2601 可以冲正哪些交易，冲正成功怎样确认",
    "2205 传 0000 重复执行是否等效",
    "3202 明细文件的列序与 9101 的文件命名",
    "2204、2301、3301、3505A 每次最多多少行",
    "信封是否签名，密钥是什么形式",
    "数字与空值的写法",
    "挂号用 2201 还是 2201A",
    "追溯码随 2102、3505 还是两处都传",
    "签到多久有效",
)


NO_PASSWORD = "结算需要密码校验（两定接口验证标准 5）：features.password 没有写明校验哪些凭证"


DOCUMENT = "《信息平台申请流程》与联调确认、验收单（没有日期）"
"""Where the requirements come from."""


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"gansu": "620100"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return Region(
        name="甘肃",
        local=(deployment.institution.area[:4],),
        province=("62",),
        dedicated_line=True,  # 接入流程 1：以专线方式接入全省医保核心业务区骨干网
        social_cards=SocialCards(hong_kong_macao="04"),
        unanswered=UNANSWERED,
        unmet=() if deployment.features.password else (NO_PASSWORD,),
    )


@hookimpl
def liangding_flow_steps(flow: str, deployment: Deployment) -> Iterable[Change]:
    from .passwords import changes  # flows are not loaded where only a call is made

    return changes(flow)


@hookimpl
def liangding_requirements(deployment: Deployment) -> Iterable[Requirement]:
    return read_requirements(__name__, document=DOCUMENT)


@hookimpl
def liangding_acceptance(deployment: Deployment) -> Acceptance:
    from .acceptance import acceptance  # forms are not loaded where only a call is made

    return acceptance()


@hookimpl(wrapper=True)
def departments_upload_batch(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """3401A 没有开放：不发送，科室逐个走 3401."""
    raise NotOpenHere("甘肃没有开放批量科室上传", path="3401A", remedy="科室逐个用 3401 上传")
    yield  # a wrapper is a generator; this one ends before the core is asked
