"""The insured person (人员信息): transaction 1101."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ..spec import (
    Does,
    Json,
    Of,
    amount,
    chapter,
    code,
    day,
    extension,
    moment,
    nested,
    node,
    number,
    required_when,
    rows,
    text,
)

transaction = chapter("persons", "基础信息/人员信息")


@node
class PersonQuery:
    """输入."""

    mdtrt_cert_type: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    mdtrt_cert_no: Annotated[
        str,
        text(
            50,
            "就诊凭证编号",
            note="令牌（01）、身份证号（02）或社保卡卡号（03），随凭证类型而定；个别地区在卡号后拼接“|”和读卡业务串",
        ),
    ]
    card_sn: Annotated[str | None, text(32, "卡识别码"), required_when("凭证类型为03时必填", mdtrt_cert_type="03")] = (
        None
    )
    begntime: Annotated[
        datetime | None, moment("开始时间", or_day=True, note="要取历史参保信息时才传；查询条件亦可只传日期")
    ] = None
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "人员证件类型", note="有的版标必填，有的可空；实际报文可传空串")
    ] = None
    certno: Annotated[str | None, text(50, "证件号码", note="有的版标必填，有的可空；标必填的一版自己的样例传空串")] = (
        None
    )
    psn_name: Annotated[
        str | None, text(50, "人员姓名", note="有的版标必填，有的可空；标必填的一版自己的样例传空串")
    ] = None
    expContent: Annotated[
        Json | None, extension(None, "扩展内容", note="有的省：对象，内含 card_token；基线表没有")
    ] = None


@node
class Person:
    """基本信息."""

    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[
        str | None, code("psn_cert_type", "人员证件类型", note="表中标为必返，有的省真实返回为空串")
    ] = None
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    gend: Annotated[str, code("gend", "性别")]
    naty: Annotated[str | None, code("naty", "民族", length=3)] = None
    brdy: Annotated[date | None, day("出生日期", note="yyyy-MM-dd")] = None
    age: Annotated[Decimal, number(4, 1, "年龄", note="实际有 21.0 这样的小数")]
    exp_content: Annotated[
        Json | None, extension(4000, "字段扩展", long=False, note="2021-02基线后增补；实际返回有内含 JSON 串的")
    ] = None


@node
class Insurance:
    """参保信息列表."""

    balc: Annotated[Decimal, amount("余额", note="个人账户余额")]
    insutype: Annotated[str, code("insutype", "险种类型")]
    psn_type: Annotated[str, code("psn_type", "人员类别")]
    psn_insu_stas: Annotated[str | None, code("psn_insu_stas", "人员参保状态")] = None
    psn_insu_date: Annotated[date | None, day("个人参保日期")] = None
    paus_insu_date: Annotated[date | None, day("暂停参保日期")] = None
    cvlserv_flag: Annotated[str, code("cvlserv_flag", "公务员标志", length=3)]
    insuplc_admdvs: Annotated[str, text(6, "参保地医保区划", note="后续交易请求头 insuplc_admdvs 取自这里")]
    emp_name: Annotated[str | None, text(200, "单位名称")] = None


@node
class Identity:
    """身份信息列表."""

    psn_idet_type: Annotated[str, code("psn_idet_type", "人员身份类别", note="表中长度 3，后来的代码更长")]
    psn_type_lv: Annotated[str | None, code("disa_lv", "人员类别等级", length=3, note="取残疾等级字典")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    begntime: Annotated[datetime, moment("开始时间")]
    endtime: Annotated[datetime | None, moment("结束时间")] = None


@transaction(
    "1101",
    "人员信息获取",
    "person information query",
    does=Does.READS,
    of=Of.PERSON,
    path="/fsi/api/fsiPsnInfoService/queryPsnInfo",
)
class QueryPerson:
    """Person information query.

    - 一人可有多条参保信息，软件应让经办人选定本次使用的一条并记住其参保地与险种
    - 优先选参保状态正常（psn_insu_stas）的险种
    - 凭证类型为03时必须带卡识别码
    - 省内加项：有的省在 data 内带 expContent{card_token}，有的带 mdtrt_cert_type3，二者不属国家基线
    - 后续含人员编号的交易须把该参保地填入请求头 insuplc_admdvs，据此区分本地与异地
    - 先签到（9001）后调用；旧版样例里 insuinfo 曾是单个对象，解析时宜同时容忍对象与数组
    """

    @node
    class Input:
        data: Annotated[PersonQuery, nested("输入")]

    @node
    class Output:
        baseinfo: Annotated[Person, nested("基本信息")]
        insuinfo: Annotated[list[Insurance], rows("参保信息列表")]
        idetinfo: Annotated[list[Identity] | None, rows("身份信息列表")] = None
