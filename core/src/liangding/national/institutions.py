"""Designated institutions (定点医药机构): transaction 1201."""

from typing import Annotated

from ..spec import Does, Json, Of, chapter, code, extension, nested, node, one_of, rows, text

transaction = chapter("institutions", "基础信息/定点医药机构信息")


@node
class InstitutionQuery:
    """基本信息."""

    fixmedins_type: Annotated[str, code("fixmedins_type", "定点医疗服务机构类型")]
    fixmedins_name: Annotated[
        str | None,
        text(200, "定点医药机构名称"),
        one_of("按关键字模糊匹配；名称与编号至少填一项", "fixmedins_name", "fixmedins_code"),
    ] = None
    fixmedins_code: Annotated[
        str | None, text(12, "定点医药机构编号"), one_of("名称与编号至少填一项", "fixmedins_name", "fixmedins_code")
    ] = None


@node
class Institution:
    """基本信息."""

    fixmedins_code: Annotated[str, text(12, "定点医药机构编号")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    uscc: Annotated[str | None, text(50, "统一社会信用代码", note="表中标为必返，一省真实返回为 null")] = None
    fixmedins_type: Annotated[str, code("fixmedins_type", "定点医疗服务机构类型")]
    hosp_lv: Annotated[str | None, code("hosp_lv", "医院等级")] = None
    exp_content: Annotated[Json | None, extension(4000, "扩展字段", long=False, note="后来增补")] = None


@transaction(
    "1201",
    "医药机构信息获取",
    "institution information query",
    does=Does.READS,
    of=Of.INSTITUTION,
    path="/fsi/api/fsiFixMedInsService/queryFixMedIns",
)
class QueryInstitution:
    """Institution information query.

    - 机构名称与机构编号至少给一项
    - 官方说明称输出单行，一省实际返回为数组，解析时按数组并兼容单个对象
    - 一省样例的输入节点写作 medinsInfo
    """

    @node
    class Input:
        medinsinfo: Annotated[InstitutionQuery, nested("基本信息")]

    @node
    class Output:
        medinsinfo: Annotated[list[Institution], rows("基本信息")]
