"""湖南: what Hunan adds to the national interfaces.

Facts from the province's own edition of the specification, V1.1.27 of 2024-10-14: its 40 further transactions, what
2601 may cancel, and where its tables demand something else than the baseline (the core's table of editions). Everything
else holds as the nation says.
"""

from __future__ import annotations

from collections.abc import Mapping

from liangding.contract import Declared, Deployment, Region, hookimpl
from liangding.contract.region import LineDefaults

from .tables import DECLARED

REVERSIBLE = frozenset({"2102", "2207", "2304", "2401"})
"""What 2601 may cancel, and nothing else."""

UNANSWERED = (
    "网关的凭据，正式与测试地址，recer_sys_code",
    "2163、2181 之后怎样从 2170、2171 认出已退费、已冲正",
    "2406 的属性类型与取值（经办机构发放）",
    "3201、3202 的 clr_type、setl_optins、refd_setl_flag 取值与长度",
    "2208 之后同一就诊能否再结算",
    "2601 冲正成功怎样确认",
    "2205 传 0000 重复执行是否等效",
    "3301 的 list_type 用哪些值",
    "3202 明细文件的列序与 9101 的文件命名",
    "2204、2301、3301、3505A 每次最多多少行",
    "数字与空值的写法",
    "追溯码随 2102、3505 还是两处都传",
    "结算前要不要校验密码或令牌",
    "签到多久有效",
)


@hookimpl
def liangding_places() -> Mapping[str, str]:
    return {"hunan": "430100"}


@hookimpl
def liangding_region(deployment: Deployment) -> Region:
    return Region(
        name="湖南",
        local=(deployment.institution.area[:4],),
        province=("43",),
        reversible=REVERSIBLE,
        edition="V1.1.27",
        line=LineDefaults(gateway="csb"),
        unanswered=UNANSWERED,
    )


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    return DECLARED
