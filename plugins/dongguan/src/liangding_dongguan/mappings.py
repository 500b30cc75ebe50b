"""Catalogue mappings (目录对照) beside 3301 and 3302: ending one (3360) and asking how they were reviewed (5163)."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, chapter, day, nested, node, number, rows, text

transaction = chapter("mappings", "医药机构管理/目录对照")


@node
class EndedMapping:
    """The mapping, and the day it ends."""

    fixmedins_hilist_id: Annotated[str, text(30, "医疗机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "医疗机构目录名称")]
    list_type: Annotated[str, text(30, "医疗目录类别")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    enddate: Annotated[date, day("结束日期")]


@transaction(
    "3360", "目录对照作废", "catalogue mapping invalidation", does=Does.WITHDRAWS, of=Of.MATCHING, confidence="medium"
)
class End:
    """Catalogue mapping invalidation.

    - 按目录编号、目录类别与医疗目录编码给出结束日期，使一条对照失效；与 3302 的分工未见说明
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        catalog: EndedMapping


@node
class MappingQuery:
    """条件."""

    fixmedins_hilist_id: Annotated[str | None, text(30, "医疗机构目录编号")] = None
    fixmedins_hilist_name: Annotated[str | None, text(200, "医疗机构目录名称")] = None
    list_type: Annotated[str | None, text(30, "医疗目录类别")] = None
    med_list_codg: Annotated[str | None, text(50, "医疗目录编码")] = None
    chk_stas: Annotated[str | None, text(None, "审核状态")] = None
    begnrow: Annotated[str | None, text(None, "开始行数")] = None


@node
class Mapping:
    """目录对照详情."""

    seq: Annotated[str, text(None, "顺序号")]
    medins_hilist_id: Annotated[str, text(None, "医疗机构目录编号")]
    medins_hilist_name: Annotated[str, text(None, "医疗机构目录名称")]
    list_type: Annotated[str, text(30, "医疗目录类别")]
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date | None, day("结束日期")] = None
    drugadm_strdcod: Annotated[str | None, text(None, "药监本位码")] = None
    genname_no: Annotated[str | None, text(None, "通用名编号")] = None
    aprvno: Annotated[str, text(100, "批准文号")]
    dosform: Annotated[str | None, text(200, "剂型")] = None
    exept_cont: Annotated[str | None, text(None, "除外内容")] = None
    item_cont: Annotated[str | None, text(2000, "项目内涵")] = None
    prcunt: Annotated[str | None, text(100, "计价单位")] = None
    spec: Annotated[str | None, text(200, "规格")] = None
    pacspec: Annotated[str | None, text(100, "包装规格")] = None
    pric: Annotated[Decimal | None, number(16, 6, "单价")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    chk_stas: Annotated[str, text(None, "审核状态")]


@node
class MappingPage:
    """One page of mappings."""

    totlcnt: Annotated[str | None, text(None, "总记录数")] = None
    catalogmatchinfo: Annotated[list[Mapping] | None, rows("目录对照详情")] = None


@transaction(
    "5163",
    "目录对照查询",
    "catalogue mapping query",
    does=Does.READS,
    of=Of.MATCHING,
    group="医保服务/信息查询",
    confidence="medium",
)
class Query:
    """Catalogue mapping query.

    - 按目录编号、类别、编码或审核状态查对照与审核结果；begnrow 为开始行数，每页行数未见
    - 出参 medins_hilist_* 与入参 fixmedins_hilist_* 名称不一致，照来源
    - 取自广州一家医院系统的数据类，佛山的程序没有此交易；别的地市是否开放未证实
    """

    @node
    class Input:
        catalog: Annotated[MappingQuery, nested("条件")]

    @node
    class Output:
        result: MappingPage | None = None
