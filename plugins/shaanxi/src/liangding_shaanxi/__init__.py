"""陕西: what Shaanxi adds to the national interfaces.

Facts from 陕医保函〔2021〕78号, 《关于做好〈陕西省医疗保障信息平台定点医药机构接口规范〉实施工作的通知》
（陕西省医疗保障局，2021-04-21）. The specification itself (V1.0, annex 1), its outline, test scripts, pass criteria and
test report form (annexes 2 to 5) are handed out to designated institutions and are not public; neither are extended
transactions and the gateway. So the national baseline holds as it stands, and the gateway and ``recer_sys_code`` stay
configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from liangding.contract import Acceptance, Deployment, Region, Requirement, hookimpl, read_requirements

UNANSWERED = (
    "网关的认证方式、正式与测试地址，recer_sys_code",
    "省级扩展交易的编号与字段",
    "测试脚本与测试通过标准（通知附件 3、4）",
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
    "结算前要不要校验密码或令牌",
    "签到多久有效",
)


DOCUMENT = "《关于做好〈陕西省医疗保障信息平台定点医药机构接口规范〉实施工作的通知》（2021-04-21）"
"""Where the requirements come from."""


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"shaanxi": "610100"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return Region(name="陕西", local=(deployment.institution.area[:4],), province=("61",), unanswered=UNANSWERED)


@hookimpl
def liangding_requirements(deployment: Deployment) -> Iterable[Requirement]:
    return read_requirements(__name__, document=DOCUMENT)


@hookimpl
def liangding_acceptance(deployment: Deployment) -> Acceptance:
    from .acceptance import acceptance  # forms are not loaded where only a call is made

    return acceptance()
