"""Catalogue matching (目录对照): transactions 3301 to 3302."""

from datetime import date
from typing import Annotated

from ..spec import Does, LookedFor, Of, chapter, code, day, nested, node, rows, text

transaction = chapter("matching", "医药机构管理/目录对照")


@node
class UploadMatchingData:
    """目录对照上传."""

    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    fixmedins_hilist_name: Annotated[str, text(200, "定点医药机构目录名称")]
    list_type: Annotated[str, code("list_type", "目录类别", length=30)]
    med_list_codg: Annotated[str, text(30, "医疗目录编码")]
    begndate: Annotated[date, day("开始日期")]
    enddate: Annotated[date, day("结束日期")]
    aprvno: Annotated[str | None, text(30, "批准文号")] = None
    dosform: Annotated[str | None, text(200, "剂型")] = None
    exct_cont: Annotated[str | None, text(2000, "除外内容")] = None
    item_cont: Annotated[str | None, text(2000, "项目内涵")] = None
    prcunt: Annotated[str | None, text(100, "计价单位")] = None
    spec: Annotated[str | None, text(200, "规格")] = None
    pacspec: Annotated[str | None, text(100, "包装规格")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction(
    "3301",
    "目录对照上传",
    "catalogue mapping upload",
    does=Does.UPLOADS,
    of=Of.MATCHING,
    looked_for=LookedFor.MATCHING,
    undone_by="3302",
    path="/fsi/api/catalogCompService/catalogCompUp",
)
class UploadMatching:
    """Catalogue mapping upload.

    - Maps the institution's own item codes to national catalogue codes; several rows per call, about 100 at
      most in practice.
    - Upload before fees with these codes are uploaded; a changed mapping is cancelled by 3302 and uploaded
      anew.
    - enddate of an open-ended mapping is a far date such as 2099-01-01.
    - No output node.
    - One province once added scdz (origin) and prdr_name and withdrew both in 2022-11.
    - A single object is accepted in place of the list in some regions (first edition).
    """

    @node
    class Input:
        data: Annotated[list[UploadMatchingData], rows("目录对照上传")]


@node
class CancelMatchingData:
    """目录对照撤销."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_hilist_id: Annotated[str, text(30, "定点医药机构目录编号")]
    list_type: Annotated[str, code("list_type", "目录类别", length=30)]
    med_list_codg: Annotated[str, text(30, "医疗目录编码")]


@transaction(
    "3302",
    "目录对照撤销",
    "catalogue mapping cancellation",
    does=Does.WITHDRAWS,
    of=Of.MATCHING,
    looked_for=LookedFor.MATCHING_TAKEN_BACK,
)
class CancelMatching:
    """Catalogue mapping cancellation.

    - The four fields together identify one mapping.
    - Also removes a mapping that has already been reviewed.
    - One mapping per call, sent as a single object in most systems; one edition takes several rows.
    """

    @node
    class Input:
        data: Annotated[CancelMatchingData, nested("目录对照撤销")]
