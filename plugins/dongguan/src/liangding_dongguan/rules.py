"""What holds in Guangdong beyond a table: the wrappers of the interfaces concerned.

Seen in systems at work in the province's cities, not in a public document (medium confidence). Rules that no wrapper
can keep stand in the plugin's README.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from liangding.contract import Answer, Call, InvalidMessage, NotOpenHere, Place, around, hookimpl
from liangding.spec.problems import problem

from .cities import ZHONGSHAN, city_of
from .extended import UNPUBLISHED

NOT_NEEDED, REFUSED = "0", "2"
"""hosp_appr_flag 无须审批、不通过."""


def _told_apart(rows: Iterable[Any]) -> None:
    """广东的 hosp_appr_flag 只用 1 通过、2 不通过；院内的 0 换成 2."""
    for row in rows:
        if row.hosp_appr_flag == NOT_NEEDED:
            row.hosp_appr_flag = REFUSED


@around("2204", "2301")
def approve_rows(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """hosp_appr_flag 的 0 换成 2."""
    _told_apart(call.input.feedetail)
    return (yield)


@hookimpl(wrapper=True)
def bills_settle(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """2260：hosp_appr_flag 的 0 换成 2."""
    _told_apart(call.input.feedetail.rows_ or ())
    return (yield)


@hookimpl(wrapper=True)
def catalogues_query_dictionary(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """1901：平台不论入参返回整部字典，留下所问的一类；整份应答仍在 ``answer.body``."""
    answer = yield
    asked = call.input.data.type
    answer.output.list_ = [row for row in answer.output.list_ or () if row.dic_type_code in (None, asked)]
    return answer


@hookimpl(wrapper=True)
def clinical_upload_front_page(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """4401：没有手术传空列表；手术须同时有日期、编码、名称."""
    operations = call.input.oprninfo = call.input.oprninfo or []
    broken = [
        problem(("input", "oprninfo", i), "operation", "手术须同时有日期、编码、名称")
        for i, row in enumerate(operations)
        if not (row.oprn_oprt_date and row.oprn_oprt_code and row.oprn_oprt_name)
    ]
    if broken:
        raise InvalidMessage(broken)
    return (yield)


TRANSFERS = "中山：本地转院备案用 2501A（带 refl_old_mdtrt_id），异地用 2501；请核对本次备案"


@around("2501", "2501A")
def check_transfer(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """中山：2501A 用于本地，2501 只用于异地."""
    local = call.region.place(call.insured_place or "") is Place.LOCAL
    if city_of(call.deployment) == ZHONGSHAN and local is not (call.transaction.infno == "2501A"):
        call.advise(TRANSFERS)
    return (yield)


AS_IT_STANDS = "{} 没有公开的字段表：报文按原样收发，应答没有核对；字段向医保中心要"

BIRTHS = ("90201", "90101", "90517")
"""生育登记、查询、未就业配偶信息上传."""


def _mark(call: Call[Any]) -> None:
    """Say of what has no public table that nothing was checked."""
    if not call.transaction.public:
        call.advise(AS_IT_STANDS.format(call.transaction.infno))


@around(*BIRTHS)
def only_who_is_opened_for_births(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """生育登记、查询、未就业配偶：只在有生育业务的机构办理（附件6，医疗机构）."""
    if not call.deployment.institution.does("生育"):
        remedy = "确已开通的，写进部署文件的 institution.businesses"
        raise NotOpenHere("本机构没有开通生育", path="institution.businesses", remedy=remedy)
    _mark(call)
    return (yield)


@around(*(infno for infno in UNPUBLISHED if infno not in BIRTHS))
def mark_as_unpublished(call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
    """没有公开字段表的编号：按原样收发，应答标明."""
    _mark(call)
    return (yield)
