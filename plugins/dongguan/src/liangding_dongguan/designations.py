"""Designated institutions (定点): a person's own, and the list of all."""

from typing import Annotated

from liangding.spec import Does, Of, chapter, code, node, text

transaction = chapter("designations", "医保服务/人员备案")


@transaction(
    "90110",
    "人员定点信息查询",
    "designation query",
    does=Does.READS,
    of=Of.DESIGNATION,
    group="医保服务/备案查询",
    confidence="low",
    public=False,
    like="5302",
)
class QueryDesignation:
    """Designation query.

    - 字段表没有公开，按原样收发；业务上最接近国家交易 5302（查询人员定点），只可作联调前的参照，不是字段依据
    """


@transaction(
    "90210",
    "人员定点备案（东莞）",
    "designation filing",
    does=Does.REGISTERS,
    of=Of.DESIGNATION,
    confidence="low",
    public=False,
    like="2505",
)
class Designate:
    """Designation filing.

    - 字段表没有公开，按原样收发；业务上最接近国家交易 2505（登记人员定点），只可作联调前的参照，不是字段依据
    """


@transaction(
    "90211",
    "人员定点备案变更",
    "designation filing change",
    does=Does.CHANGES,
    of=Of.DESIGNATION,
    confidence="low",
    public=False,
    like="2505",
)
class ChangeDesignation:
    """Designation filing change.

    - 字段表没有公开，按原样收发；国家目录里没有对应的“定点变更”，最近的是 2506 撤销后再 2505 登记
    - 他省有同类的单步改点交易（门诊选点改点，2579）：人员编号、变更原因、起止日期，加一组定点机构明细（起止日期、
      机构编号、类型、名称、级别），可作参照，不是字段依据
    """


@node
class InstitutionQuery:
    """Which institutions, and which page."""

    fixmedins_type: Annotated[str | None, code("fixmedins_type", "定点医疗服务机构类型")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    grst_hosp_flag: Annotated[str | None, text(None, "基层医疗机构标志")] = None
    fix_blng_admdvs: Annotated[str | None, text(None, "医院所属区划")] = None
    page_no: Annotated[str | None, text(None, "页码")] = None


@node
class Institution:
    """One designated institution."""

    fixmedins_type: Annotated[str | None, code("fixmedins_type", "定点医疗服务机构类型")] = None
    fixmedins_name: Annotated[str | None, text(200, "定点医药机构名称")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    uscc: Annotated[str | None, text(50, "统一社会信用代码")] = None
    hosp_lv: Annotated[str | None, code("hosp_lv", "医院等级")] = None
    grst_hosp_flag: Annotated[str | None, text(None, "基层医疗机构标志")] = None
    medinslv: Annotated[str | None, code("medinslv", "医疗机构等级", length=None)] = None


@transaction(
    "90111",
    "定点医疗机构查询",
    "designated institution query",
    does=Does.READS,
    of=Of.INSTITUTION,
    group="信息查询",
    confidence="medium",
)
class QueryInstitutions:
    """Designated institution query.

    - 分页查询，返回总行数与总页数
    - 输出节点取自佛山的实现
    """

    @node
    class Input:
        data: InstitutionQuery

    @node
    class Output:
        totalRow: Annotated[str | None, text(None, "总页数", note="标签照来源，疑与 totalPage 互换")] = None
        totalPage: Annotated[str | None, text(None, "总行数", note="标签照来源，疑与 totalRow 互换")] = None
        data: list[Institution]
