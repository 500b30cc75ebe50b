"""Entitlement (待遇): approved applications (1160) and contributions paid (90100)."""

from datetime import datetime
from typing import Annotated

from liangding.spec import Does, Of, chapter, code, moment, node, text

transaction = chapter("entitlements", "基础信息/人员信息")


@node
class ApplicationQuery:
    """Whose applications, for which kind of treatment."""

    psn_no: Annotated[str, text(30, "人员编号")]
    begntime: Annotated[datetime | None, moment("开始时间")] = None
    med_type: Annotated[str, code("med_type", "医疗类别")]
    hcard_basinfo: Annotated[str | None, text(None, "持卡就诊基本信息")] = None
    hcard_chkinfo: Annotated[str | None, text(None, "持卡就诊校验信息")] = None


@node
class Application:
    """An approved application (待遇申请)."""

    psn_trt_no: Annotated[str | None, text(None, "个人待遇申请号")] = None
    psn_trt_type: Annotated[str | None, text(None, "个人待遇申请号类型")] = None
    psn_trt_type_name: Annotated[str | None, text(None, "个人待遇申请号类型名称")] = None
    dise_no: Annotated[str | None, text(30, "病种编码")] = None
    dise_name: Annotated[str | None, text(500, "病种名称")] = None
    begntime: Annotated[datetime | None, moment("开始时间")] = None
    endtime: Annotated[datetime | None, moment("结束时间")] = None


@transaction(
    "1160",
    "获取人员详细信息（待遇申请）",
    "person detail: approved benefit applications",
    does=Does.READS,
    of=Of.BENEFITS,
    confidence="medium",
)
class QueryApplications:
    """Person detail: approved benefit applications.

    - 按人员编号与医疗类别查待遇申请记录，返回申请号、类型、病种与起止时间
    - 可用于结算前确认门慢门特待遇申请仍在起止时间之内（用法为推断）
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        data: ApplicationQuery

    @node
    class Output:
        spinfo: list[Application] | None = None


@node
class PaymentQuery:
    """Whose payments."""

    psn_no: Annotated[str, text(30, "人员编号")]


@node
class Payment:
    """One payment of contributions (缴费)."""

    poolarea_no: Annotated[str | None, text(6, "统筹区代码")] = None
    poolarea_no_name: Annotated[str | None, text(None, "统筹区名称")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型代码")] = None
    insutype_name: Annotated[str | None, text(None, "险种类型名称")] = None
    clct_type: Annotated[str | None, text(None, "缴费类型", note="10 正常缴费")] = None
    clct_type_name: Annotated[str | None, text(None, "缴费类型名称")] = None
    clct_flag: Annotated[str | None, text(None, "到账类型", note="0 未到账，1 足额到账")] = None
    clct_flag_name: Annotated[str | None, text(None, "到账类型名称")] = None
    accrym_begn: Annotated[str | None, text(None, "费款所属期开始日期", note="yyyyMM")] = None
    accrym_end: Annotated[str | None, text(None, "费款所属期结束日期", note="yyyyMM")] = None
    clct_time: Annotated[str | None, text(None, "到账时间")] = None


@transaction(
    "90100",
    "人员近一年缴费明细查询",
    "payment records of the last year",
    does=Does.READS,
    of=Of.PERSON,
    group="医保服务/信息查询",
)
class QueryPayments:
    """Payment records of the last year.

    - 按人员编号查询，返回近一年各险种缴费与到账记录
    - 输出本身是记录列表，字段直接在 output 下
    - accrym_begn、accrym_end 为 yyyyMM 的费款所属期
    - 判断是否享受待遇：同险种、clct_flag 为足额到账，且上月落在所属期起止之间（一次性缴费的记录会跨多月）；居民
      险种 390 以当月落在所属期内为准
    - 两地实现一致（佛山、中山）；判断享受待遇的算法是医院方做法，以经办机构口径为准
    """

    @node
    class Input:
        data: PaymentQuery

    Output = list[Payment]
