"""Remarks and special attributes of stays: transactions 2306, 2406 and 2407."""

from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, chapter, code, node, number, text

transaction = chapter("stays", "医保服务/住院办理")


@node
class Remark:
    """A remark to an uploaded row of fees."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    bkkp_sn: Annotated[str, text(30, "记账流水号")]
    psn_no: Annotated[str, text(30, "人员编号")]
    memo: Annotated[str | None, text(500, "备注", note="填药品追溯码")] = None
    med_list_codg: Annotated[str, text(50, "医疗目录编码")]


@transaction(
    "2306",
    "费用明细修改备注",
    "inpatient fee detail remark change",
    does=Does.CHANGES,
    of=Of.FEES,
    holds=False,
    group="医保服务/住院结算",
)
class ChangeRemark:
    """The remark of uploaded inpatient rows is changed.

    - 用来把药品追溯码写进已上传住院费用明细的 memo
    """

    @node
    class Input:
        data: list[Remark]


@node
class Attribute:
    """A special attribute (特殊标识) of a visit."""

    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号")]
    ipt_psn_sp_flag_type: Annotated[str, text(6, "住院人员特殊标识类型")]
    ipt_psn_sp_flag: Annotated[str, text(6, "住院人员特殊标识")]
    memo: Annotated[str | None, text(500, "备注")] = None
    admdvs: Annotated[str | None, text(6, "医保区划")] = None


@node
class AttributeReference:
    """Its number."""

    ipt_psn_sp_flag_detl_id: Annotated[str, text(40, "住院人员特殊标识明细id")]


@transaction("2406", "就医特殊属性上传", "special visit attribute upload", does=Does.REGISTERS, of=Of.FILING)
class UploadAttribute:
    """A special attribute of a visit is applied for.

    - 经办机构审核通过后生效
    - 属性类型与取值由当地经办机构发放
    """

    @node
    class Input:
        data: Attribute

    @node
    class Output:
        IptPsnSpFlagRegOut: AttributeReference


@node
class AttributeQuery:
    """Whose attributes."""

    page_num: Annotated[Decimal, number(6, 0, "分页条数")]
    page_size: Annotated[Decimal, number(6, 0, "分页大小")]
    ipt_psn_sp_flag_detl_id: Annotated[str | None, text(40, "住院人员特殊标识明细id")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(50, "证件号码")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    ipt_otp_no: Annotated[str | None, text(30, "住院/门诊号")] = None
    ipt_psn_sp_flag_type: Annotated[str | None, text(6, "住院人员特殊标识类型")] = None
    ipt_psn_sp_flag: Annotated[str | None, text(6, "住院人员特殊标识")] = None
    admdvs: Annotated[str | None, text(6, "医保区划")] = None


@node
class RegisteredAttribute:
    """An attribute as registered."""

    ipt_psn_sp_flag_detl_id: Annotated[str, text(40, "住院人员特殊标识明细id")]
    mdtrt_id: Annotated[str, text(30, "就诊ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    ipt_otp_no: Annotated[str, text(30, "住院/门诊号")]
    ipt_psn_sp_flag_type: Annotated[str, text(6, "住院人员特殊标识类型")]
    ipt_psn_sp_flag: Annotated[str, text(6, "住院人员特殊标识")]
    admdvs: Annotated[str | None, text(6, "医保区划")] = None


@transaction("2407", "就医特殊属性查询", "special visit attribute query", does=Does.READS, of=Of.FILING)
class QueryAttributes:
    """Special attributes and what became of them.

    - 分页
    """

    @node
    class Input:
        data: AttributeQuery

    @node
    class Output:
        IptPsnSpFlagReg: list[RegisteredAttribute] | None = None
