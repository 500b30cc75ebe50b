"""What a declared field tells about a person, derived from what its table says: once, at the declaration.

Whoever masks, lists what may leave the house, or says what is kept how long asks this (:meth:`.fields.Field.tells`),
not a list of names of its own. Where a table's words do not say enough, the declaration does:
``text(30, "…", personal=…)``.
"""

from __future__ import annotations

import functools
import re
from enum import Enum


class Personal(Enum):
    """The five kinds of what a field holds. ``IDENTITY`` and ``CONTACT`` values are shown nowhere; ``HEALTH`` and
    ``MONEY`` do not leave the house; ``TECHNICAL`` tells of nobody."""

    IDENTITY = "身份"
    CONTACT = "联系方式"
    HEALTH = "健康"
    MONEY = "费用"
    TECHNICAL = "技术"


_NOBODY = re.compile(
    r"时间|日期|期限|状态|标志|体重|身高|关系|类型|类别|证书|序号|流水号|数量|份数|URL|url|IP|MAC|h5|版本"
)
"""Words behind which what names a person is none: 令牌过期时间, 证件类型."""

_BIRTH = re.compile(r"出生(日期|地|年月|时间)|生日")
_IDENTITY = re.compile(
    r"姓名|名字|医[生师]名称|(?:参保人|患者|病人|人员)(?:ID|标识|名称)"
    r"|户名|证件号|身份证|社会?保障?(卡)?号|社保号|社会保障号|人员编号|参保号|个人编号|令牌|密码|照片|人脸|指纹|卡号|卡识别|凭证编号|凭证号码"
    r"|电子凭证|银行账?帐?号|账号|帐号|签名|医保卡|票据抬头"
)
_CONTACT = re.compile(r"电话|手机|联系方式|地址|住址|邮编|邮政编码|邮箱|工作单位|单位名称|现住|户口|居住地|籍贯")
_HEALTH = re.compile(
    r"性别|年龄|民族|国籍|婚姻|病案号|诊断|疾病|病种|病情|病史|病理|症|手术|麻醉|(?<!医)药|处方|医嘱|检查|检验|标本|血|孕|胎|生育|分娩|死亡|过敏|护理|体征|体温|脉搏|呼吸|治疗|中医"
    r"|项目名称|目录名称|商品名|耗材|器械|输|感染|重症|新生儿|离院|出院|入院|转归|并发|切口|主诉|体重|身高|备注|说明|描述|原因|内容|摘要|意见|理由|结果|文件|数据|扩展"
)
_MONEY = re.compile(r"金额|费|支付|支出|余额|单价|价格|自付|自费|限额|起付|分担|补助|基金|总额|比例")


@functools.cache
def kind_of(label: str, *, words: bool, number: bool, open_: bool, coded: bool) -> Personal:
    """What a field tells, by its label. ``words``: it holds text; ``number``: an amount or a count; ``open_``:
    long text, or whatever a region puts in; ``coded``: a code of a table."""
    if _BIRTH.search(label):
        return Personal.IDENTITY
    if words and not coded and not _NOBODY.search(label):
        if _CONTACT.search(label):
            return Personal.CONTACT
        if _IDENTITY.search(label):
            return Personal.IDENTITY
    if number and _MONEY.search(label):
        return Personal.MONEY
    return Personal.HEALTH if open_ or _HEALTH.search(label) else Personal.TECHNICAL
