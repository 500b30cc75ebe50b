"""Beds (病床管理): transactions 3461 to 3463."""

from typing import Annotated

from liangding.spec import Does, Of, chapter, nested, node, text

transaction = chapter("beds", "医药机构管理/病床管理")


@node
class Bed:
    """病床信息."""

    hosp_bed_no: Annotated[str, text(None, "医院病床号")]
    hosp_bed_type: Annotated[str, text(None, "医院病床类型")]
    bed_ward: Annotated[str, text(None, "病床房间")]
    hosp_bed_room: Annotated[str | None, text(None, "病床房间位置")] = None
    hosp_dept_code: Annotated[str, text(None, "医院科室代码")]
    hosp_dept_name: Annotated[str, text(100, "医院科室名称")]
    inpa_area_code: Annotated[str | None, text(None, "病区编码")] = None
    inpa_area_name: Annotated[str | None, text(None, "病区名称")] = None
    memo: Annotated[str | None, text(500, "备注")] = None


@node
class BedResult:
    """What became of one row."""

    hosp_bed_no: Annotated[str | None, text(None, "医院病床号")] = None
    memo: Annotated[str | None, text(500, "备注", note="错误信息描述：上传失败，错误原因")] = None


@transaction("3461", "病床信息上传", "bed upload", does=Does.UPLOADS, of=Of.BED, undone_by="3463", confidence="medium")
class Upload:
    """Bed upload.

    - 一次可传多张床位，返回逐行结果
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        bedinfo: list[Bed]

    @node
    class Output:
        result: list[BedResult] | None = None


@transaction("3462", "病床信息变更", "bed change", does=Does.CHANGES, of=Of.BED, confidence="medium")
class Change:
    """Bed change.

    - 单张床位变更，入参与上传同
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        bedinfo: Annotated[Bed, nested("变更病床信息")]


@node
class BedReference:
    """Which bed."""

    hosp_bed_no: Annotated[str, text(None, "医院病床号")]
    memo: Annotated[str | None, text(500, "备注")] = None


@transaction("3463", "病床信息撤销", "bed withdrawal", does=Does.WITHDRAWS, of=Of.BED, confidence="medium")
class Withdraw:
    """Bed withdrawal.

    - 按医院病床号撤销
    - 取自同一家厂商在广州、佛山的程序，未标必填的作选填；别的地市是否开放未证实
    """

    @node
    class Input:
        bedinfo: BedReference
