"""新疆: what Xinjiang adds to the national interfaces.

Facts from 《关于统筹开展医药机构医保业务应用接口改造工作的通知》（新疆维吾尔自治区医疗保障局办公室，2024-08-15）: where
traceability codes go is from its section 一(四). The six applications that it names, with their transactions, deadlines
and ways of acceptance, stand in the README. The region's extended transactions, the gateway and the specifics of the
Corps (兵团, places beginning with 66) are not public: the gateway stays configuration, and an institution of the Corps
has what holds anywhere, its own first two digits as its province.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from liangding.contract import Acceptance, Deployment, Kind, Region, Requirement, hookimpl, read_requirements

UNANSWERED = (
    "网关的认证方式、正式与测试地址，recer_sys_code",
    "自治区扩展交易的编号与字段",
    "兵团（66 开头）参保人在自治区机构结算算省内异地还是跨省异地，走哪个地址",
    "电子处方中心的地址",
    "一码付“获取付款凭据”“用户一码付状态查询”的路径与字段",
    "4903、4904、4906、4907 的字段",
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
    "结算前要不要校验密码或令牌",
    "签到多久有效",
)


DOCUMENT = "《关于统筹开展医药机构医保业务应用接口改造工作的通知》（2024-08-15）"
"""Where the requirements come from."""


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"xinjiang": "650100"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    """The institution's own city is local. Pharmacies send traceability codes with the settlement (2102, 2102A) and
    with the sale (3505, 3505A), medical institutions with the sale only (一(四)2)."""
    institution = deployment.institution
    return Region(
        name="新疆",
        local=(institution.area[:4],),
        province=(institution.area[:2],),
        areas=("65", "66"),
        trace_codes="both" if institution.kind is Kind.PHARMACY else "sale",
        uploads=dict.fromkeys(Kind, ("3505", "3506")),
        not_opened={"mobile_payment": "移动支付可选，符合条件的机构申请后接入"},
        unanswered=UNANSWERED,
    )


@hookimpl
def liangding_requirements(deployment: Deployment) -> Iterable[Requirement]:
    return read_requirements(__name__, document=DOCUMENT)


@hookimpl
def liangding_acceptance(deployment: Deployment) -> Acceptance:
    from .acceptance import acceptance  # forms are not loaded where only a call is made

    return acceptance()
