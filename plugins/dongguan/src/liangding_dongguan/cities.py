"""The cities of Guangdong: what each declares anew of the national transactions, and its region.

The city is the institution's own: the first four digits of its 就医地医保区划. One not listed here (深圳, 珠海 …) has
what holds in the whole province and nothing more: nothing else is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from liangding.contract import Circumstances, Deployment, Kind, Place, Region
from liangding.contract.region import LineDefaults, SocialCards
from liangding.spec import Amendment, amends, renamed
from liangding.spec.writing import WireStyle

DONGGUAN, GUANGZHOU, FOSHAN, ZHONGSHAN = "4419", "4401", "4406", "4420"

NAMES = {DONGGUAN: "东莞", GUANGZHOU: "广州", FOSHAN: "佛山", ZHONGSHAN: "中山"}

TARGETS = ("10.97.240.206", "10.146.49.87", "10.97.145.148", "10.97.145.149")
"""What has to answer a ping over the line (附件6，二)."""

PROVINCE = ("44",)

SOCIAL_CARDS = SocialCards(of_province="02", elsewhere="03", hong_kong_macao="04")
"""A card of the province goes by its holder's number, with the reader's signature; one from elsewhere by its own
number. The card's own place decides, by its first two digits. From one vendor's front ends in Guangzhou and Foshan, and
one in Shenzhen for documents (low confidence)."""

LINE = LineDefaults(gateway="tif", address="infno")
"""Seen in Guangzhou, Shenzhen and Zhongshan; inferred for the others from the address that is the same."""

FUNDS = Circumstances(fund_includes_account=True)
"""广东：基金支付总额含个人账户支出."""

SINGLE = frozenset({"dieinfo", "dscginfo"})
"""4701 的死亡与出院信息在广东是单个对象; Guangzhou's 2302 too takes one object."""

EMPLOYEES, RESIDENTS = "310", "390"
"""职工基本医疗保险、城乡居民基本医疗保险: the insurances whose accounts Dongguan's pharmacies and clinics may use."""


MATCHING = {
    "3301": amends(renamed("data", "catalogcompin"), note="广州、佛山：输入节点为 catalogcompin"),
    "3302": amends(renamed("data", "catalog"), note="广州、佛山：输入节点为 catalog"),
}

REFUND_FLAG = amends(
    data=renamed("refd_setl_flag", "REFD_SETL_FLAG", note="1、空或缺省为含退费，0 为不含"),
    note="佛山、中山：退费结算标志的字段名为大写 REFD_SETL_FLAG",
)

RECONCILIATION = {"3201": REFUND_FLAG, "3202": REFUND_FLAG}

VARIANTS: Mapping[str, Mapping[str, Amendment]] = {
    FOSHAN: MATCHING | RECONCILIATION,
    ZHONGSHAN: {"3302": amends(renamed("data", "catalogcompin"), note="中山：输入节点为 catalogcompin")}
    | RECONCILIATION,
}
"""City → what is different in national transactions; more of Guangzhou is in :mod:`.guangzhou`."""

CLEARING: Mapping[Kind, Mapping[Place, str]] = {
    Kind.PHARMACY: {Place.LOCAL: "41", Place.PROVINCE: "9904"},
    Kind.CLINIC: {Place.LOCAL: "11", Place.PROVINCE: "9903"},
}
"""东莞：药店购药、省内异地药店购药；门诊、省内异地门诊 (附件6，药店与门诊部的二(一))."""

ASKED_EVERYWHERE = (
    "网关：本市正式环境的地址与凭据，9101 用 multipart 还是 JSON 上传",
    "3301 的 list_type 用哪些值",
    "2208 之后同一就诊能否再结算",
    "2601 可以冲正哪些交易，冲正成功怎样确认",
    "2205 传 0000 重复执行是否等效",
    "3202 明细文件的列序与 9101 的文件命名",
    "2204、2301、3301、3505A 每次最多多少行",
    "数字与空值的写法",
    "结算前要不要校验密码或令牌",
    "签到多久有效",
)

ASKED_IN_DONGGUAN = (
    "3201、3202 的 setl_optins 与 refd_setl_flag；统筹结算的医疗机构用哪些 clr_type",
    "90104、90110、90206、90210、90211、90215、90304、90306、90504、90517 的字段表",
    "省内其他地市用的 1160、2260、2261、3360、346x、4160、5163、526x 在东莞是否开放",
)

ASKED_ELSEWHERE = (
    "3201、3202 的 clr_type、setl_optins、refd_setl_flag 取值与长度",
    "追溯码随 2102、3505 还是两处都传",
    "东莞文件所列 90xxx 交易在本市是否开放",
)


def city_of(deployment: Deployment) -> str:
    """The city of the institution, by four digits."""
    return deployment.institution.area[:4]


def variants(deployment: Deployment) -> Mapping[str, Amendment]:
    """What is different in national transactions where the institution is."""
    city = city_of(deployment)
    if city != GUANGZHOU:
        return VARIANTS.get(city, {})
    from .guangzhou import AMENDED  # the other cities do not load it

    return {**MATCHING, **AMENDED}


NO_DECODING = "要能以 6101 等解码医保电子凭证（附件6 9001、1101）：没有配置 [ecredential]"


CODED = ("3501", "3502", "3505", "3506")

UPLOADS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PHARMACY: ("3505", "3506"),
    Kind.CLINIC: CODED,
    Kind.HOSPITAL: (*CODED, "4101A", "4401", "4201", "4201A", "4202", "4203", "4205"),
}
"""What is uploaded (附件6 二): 追溯码上传 of each kind; of hospitals 结算清单, 病案首页 and 自费结算数据上传, too."""


def region_of(deployment: Deployment) -> Region:
    """The region as the institution's city knows it."""
    city = city_of(deployment)
    if city == DONGGUAN:
        return Region(
            name=NAMES[DONGGUAN],
            targets=TARGETS,
            dedicated_line=True,  # 附件6 二：通过省医保专线接入
            local=(DONGGUAN,),
            province=PROVINCE,
            insurances={Kind.PHARMACY: (EMPLOYEES, RESIDENTS), Kind.CLINIC: (EMPLOYEES, RESIDENTS)},
            accounts=(EMPLOYEES, RESIDENTS),
            clearing=CLEARING,
            uploads=UPLOADS,
            style=WireStyle(single_rows_as_object=SINGLE),
            trace_codes="both",
            a_variants={"*": "never", "registrations": "cross_province"},
            circumstances=FUNDS,
            social_cards=SOCIAL_CARDS,
            line=LINE,
            unanswered=ASKED_EVERYWHERE + ASKED_IN_DONGGUAN,
            unmet=() if deployment.ecredential else (NO_DECODING,),
        )
    return Region(
        line=LINE,
        name=NAMES.get(city, "广东"),
        local=(city,),
        province=PROVINCE,
        style=WireStyle(single_rows_as_object=SINGLE | {"feeinfo"} if city == GUANGZHOU else SINGLE),
        a_variants={"registrations": "local"} if city == ZHONGSHAN else {},
        circumstances=FUNDS,
        social_cards=SOCIAL_CARDS,
        unanswered=ASKED_EVERYWHERE + ASKED_ELSEWHERE,
    )
