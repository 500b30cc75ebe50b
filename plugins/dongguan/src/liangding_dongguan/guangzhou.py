"""广州: national transactions as Guangzhou's systems send them.

From the data classes of one vendor's systems at work in the city, not from a public table. A node that Guangzhou names
otherwise keeps its attribute (``data``) and changes its key (``mdtrtinfo``), so that code over the typed messages
serves both. Transactions with an A were not seen; they stay national.
"""

from typing import Annotated

from liangding.national.admission import Agent
from liangding.spec import adds, amends, code, nested, node, optional, renamed, rows, text

INFERRED = "标签为推断"
NOT_SEEN = "广州的输入里没有见到这个节点"


@node
class Card:
    """What a card reader gives, wherever a credential (就诊凭证) goes."""

    hcard_basinfo: Annotated[str | None, text(None, "持卡就诊基本信息", note="读卡器给出")] = None
    hcard_chkinfo: Annotated[str | None, text(None, "持卡就诊校验信息", note="读卡器给出")] = None


@node
class Violation:
    """违规提示: what the platform finds wrong with a settlement's rows."""

    vola_type: Annotated[str | None, text(None, "违规类型")] = None
    vola_dscr: Annotated[str | None, text(None, "违规说明")] = None


MODE = Annotated[str | None, text(None, "就诊方式", note="见到的都是 0")]
ORDER = Annotated[str | None, text(None, "医疗机构订单号或医疗机构就医序列号")]
LIABLE = Annotated[str | None, text(None, "第三方责任")]
FLAG = Annotated[str | None, code("mid_setl_flag", "中途结算标志", length=3)]

IN_MDTRTINFO = renamed("data", "mdtrtinfo")
WITH_AGENT = adds(agnterinfo=Annotated[Agent | None, nested("代办人信息")])
WITH_VIOLATIONS = adds(voladetail=Annotated[list[Violation] | None, rows("违规提示")])

VISIT = adds(ttp_resp=LIABLE, expi_gestation_nub_of_m=Annotated[str | None, text(None, "终止妊娠月数")])
FEE_ROW = adds(
    medins_list_name=Annotated[str | None, text(100, "医疗机构目录名称")],
    unchk_flag=Annotated[str | None, text(None, "不进行审核标志")],
    unchk_memo=Annotated[str | None, text(None, "不进行审核说明")],
)
FEE_BATCH = adds(feedetl_sn=Annotated[str | None, text(30, "费用明细流水号", note="传 0000 全部撤销")])
ADMISSION = adds(
    Card,
    mdtrt_mode=MODE,
    clnc_flag=Annotated[str | None, text(None, "临床试验标志")],
    er_flag=Annotated[str | None, text(None, "急诊标志")],
    advpay=Annotated[str | None, text(None, "预付款", note=INFERRED)],
    repeat_ipt_flag=Annotated[str | None, text(None, "重复住院标志", note=INFERRED)],
    ttp_resp=LIABLE,
    merg_setl_flag=Annotated[str | None, text(None, "合并结算标志", note=INFERRED)],
)
DEPARTMENT = adds(
    medtech_flag=Annotated[str | None, text(None, "医技科室标志", note=INFERRED)],
    medserv_type=Annotated[str | None, text(None, "医疗服务类型", note=INFERRED)],
    dept_type=Annotated[str | None, text(None, "科室类型", note=INFERRED)],
)

CARD_READ = "广州：另带读卡器给出的 hcard_basinfo、hcard_chkinfo"
NODE = "广州：输入节点为 mdtrtinfo"

AMENDED = {
    "1101": amends(data=adds(Card), note=CARD_READ),
    "2101": amends(druginfo=adds(Card), note=CARD_READ),
    "2102": amends(druginfo=adds(Card), note=CARD_READ),
    "2201": amends(
        IN_MDTRTINFO,
        WITH_AGENT,
        data=adds(Card, mdtrt_mode=MODE),
        note=f"{NODE} 与 agnterinfo；后者的字段未见，取 2401 的同名节点",
    ),
    "2202": amends(IN_MDTRTINFO, note=NODE),
    "2203": amends(mdtrtinfo=VISIT, note="广州：另有 ttp_resp 与 expi_gestation_nub_of_m"),
    "2204": amends(feedetail=FEE_ROW, note="广州：明细另有 medins_list_name、unchk_flag、unchk_memo"),
    "2205": amends(data=FEE_BATCH, note="广州：另有 feedetl_sn，传 0000 全部撤销"),
    "2206": amends(IN_MDTRTINFO, data=adds(Card), output=WITH_VIOLATIONS, note=f"{NODE}；输出另有违规提示 voladetail"),
    "2207": amends(
        IN_MDTRTINFO,
        data=adds(Card, mdtrt_mode=MODE, mid_setl_flag=FLAG, order_no=ORDER),
        output=WITH_VIOLATIONS,
        note=f"{NODE}；输出另有违规提示 voladetail",
    ),
    "2208": amends(IN_MDTRTINFO, note=NODE),
    "2302": amends(renamed("data", "feeinfo"), note="广州：输入节点为 feeinfo，只有一行时传单个对象"),
    "2303": amends(
        data=adds(Card), output=WITH_VIOLATIONS, note="广州：输入节点名未见，照国家；输出另有违规提示 voladetail"
    ),
    "2304": amends(
        IN_MDTRTINFO,
        data=adds(Card, mdtrt_mode=MODE, order_no=ORDER),
        output=WITH_VIOLATIONS,
        note=f"{NODE}；输出另有违规提示 voladetail",
    ),
    "2305": amends(IN_MDTRTINFO, note=NODE),
    "2401": amends(
        mdtrtinfo=ADMISSION,
        note="广州：就诊信息另有 mdtrt_mode、clnc_flag、er_flag、advpay、repeat_ipt_flag、ttp_resp、merg_setl_flag",
    ),
    "2402": amends(
        renamed("dscginfo", "mdtrtinfo"), optional("diseinfo", note=NOT_SEEN), note=f"{NODE}，没有见到 diseinfo"
    ),
    "2403": amends(
        renamed("adminfo", "mdtrtinfo"),
        optional("diseinfo", note=NOT_SEEN),
        WITH_AGENT,
        note=f"{NODE} 与 agnterinfo，没有见到 diseinfo；agnterinfo 的字段取 2401 的同名节点",
    ),
    "3401": amends(deptinfo=DEPARTMENT, note="广州：另有 medtech_flag、medserv_type、dept_type"),
}
"""What is different in Guangzhou alone."""
