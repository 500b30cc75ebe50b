"""Fields that Guangzhou adds to several transactions."""

from typing import Annotated, TypeAlias

from liangding.spec import node, text

CardBasics: TypeAlias = Annotated[str | None, text(None, "持卡就诊基本信息", note="读卡器给出")]
"""``hcard_basinfo``, wherever a credential (就诊凭证) goes."""

CardCheck: TypeAlias = Annotated[str | None, text(None, "持卡就诊校验信息", note="读卡器给出")]
"""``hcard_chkinfo``, wherever a credential (就诊凭证) goes."""

VisitMode: TypeAlias = Annotated[str | None, text(None, "就诊方式", note="见到的都是 0")]
"""``mdtrt_mode``, in registration, admission and settlement."""

OrderNo: TypeAlias = Annotated[str | None, text(None, "医疗机构订单号或医疗机构就医序列号")]
"""``order_no``, in settlement."""

ThirdParty: TypeAlias = Annotated[str | None, text(None, "第三方责任")]
"""``ttp_resp``, in visits and admission."""


@node
class Violation:
    """违规提示: what the platform finds wrong with a settlement's rows."""

    vola_type: Annotated[str | None, text(None, "违规类型")] = None
    vola_dscr: Annotated[str | None, text(None, "违规说明")] = None
