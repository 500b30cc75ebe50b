"""The platform's own words and signs, and what they mean: each stands here, once.

What a *transaction* means stands with its declaration (``does``, ``of``); here is what the values and sentences of
answers mean, and where in a message of whatever shape a settlement and its rows are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from ..spec.locating import find
from ..spec.nodes import is_list, members, node_of

# -- signs -----------------------------------------------------------------------------------------------------------

EVERYTHING = "0000"
"""Every batch (chrg_bchno), or every row (feedetl_sn), where fees are taken back."""

REFUND_FLAG = "refd_setl_flag"
REFUNDED, NOT_REFUNDED = "1", "0"
"""refd_setl_flag of a settlement that was taken back, and of the negative one that takes it back; of one that stands."""

IN_HOSPITAL, OUT = "1", "0"
"""inhosp_stas 在院, 出院."""

NO_ACCOUNT = "0"
"""acct_used_flag of a settlement that leaves the personal account alone."""

BY_IDENTITY_NUMBER = "02"
"""mdtrt_cert_type of who is known by the identity number."""

WARN_TYPES = {"3101": "1", "3102": "2"}
"""warn_type of 3103: before or during treatment, by the audit that is answered."""

OUTPATIENT_TYPES = ("11", "12", "13", "14")
"""The kinds of visit (med_type) that queries are asked for where a call does not say its own."""

STAY_TYPES = ("21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "52")
"""The kinds of stay (med_type) that queries are asked for where a call does not say its own."""


def taken_back(info: Any) -> bool:
    """Whether a settlement's node says that it was taken back, or takes another one back."""
    return getattr(info, REFUND_FLAG, None) == REFUNDED


def names_one(identifier: str | None) -> bool:
    """Whether an identifier names anything: a row that no settlement holds has none, or zeros."""
    return bool((identifier or "").strip("0"))


# -- sentences -------------------------------------------------------------------------------------------------------

_OF_THE_SYSTEM = re.compile(
    r"服务|接口|区划|经办人|操作员|机构|签到|权限|方法|表|视图|路由|路径|地址|端口|证书|签名|版本|编码|代码|参数|函数|配置|数据源|数据库"
    r"|连接|字典|缓存|节点|租户|class|method|service|bean|sql|table|column|url|token",
    re.IGNORECASE,
)
"""What a sentence names that tells of the platform's own parts, or of who asks: then it does not say that what was asked
for is not there."""
_THING = r"(?:就诊|就医|结算|费用|处方|订单|挂号|登记|住院|入院|在院|备案|销售|追溯码|商品|单据|报文)"
_RECORD = rf"(?:{_THING}(?:信息|记录|数据|明细|流水|情况|单)+|交易(?:信息|记录|流水)|记录|数据|明细)"
_VALUE = r"[A-Za-z0-9_\s:：=【】()（）\[\]'\"-]{0,60}"
_NOTHING_FOUND = re.compile(
    rf"(?:{_RECORD}|{_THING})(?:ID|编号|号)?{_VALUE}(?:不存在|未找到|未查询?到)|(?:{_RECORD}|{_THING})(?!ID|编号|号){_VALUE}为空"
    rf"|(?:未|没有?|未能|无法|找不|查不|查询不)(?:查询?|检索|找|获取)?到[^，。；,;]{{0,16}}?{_RECORD}(?!的?查询)"
    rf"|(?:查无|暂无|没有|无)[^，。；,;]{{0,12}}?{_RECORD}"
    r"|^\s*(?:不存在|查无结果|无结果|查询结果为空|未查询?到(?:结果)?)[。！!]?\s*$",
    re.IGNORECASE,
)
"""That what was asked for is not there: a visit, a settlement, rows; not that a person, a card or a service is not, nor
that the question named none."""
_MESSAGE = r"(?:报文(?!头)|消息|交易|业务|流水|记录|数据|单据|结算|就诊|omsgid|msg_?id)"
_NOT_OF_IT = r"[^，。；,;人员参保卡证]{0,24}"
_NO_SUCH_MESSAGE = re.compile(
    rf"(?:{_MESSAGE}|原){_NOT_OF_IT}(?:不存在|未(?:查询?|检索|找)到)"
    rf"|(?:未|没有|找不|查不|查询不)(?:查询?|检索|找)?到{_NOT_OF_IT}(?:{_MESSAGE}|原){_NOT_OF_IT}$"
    rf"|(?:查无|没有|无){_NOT_OF_IT}{_MESSAGE}(?:信息|记录|数据|流水)*[。！!]?\s*$"
    r"|^\s*(?:不存在|未(?:查询?|找)到|查无结果)[。！!]?\s*$",
    re.IGNORECASE,
)
"""That the platform has no such message; not that the person, or a part of the envelope, is not there."""
_REVERSED = "已冲正"
_SIGN_IN_EXPIRED = re.compile(r"签到.{0,8}(过期|失效|无效|不存在)|未签到|(请|需)(先|重新)签到|sign_no.{0,6}(无效|过期)")
DOUBTS: Mapping[str, str] = {
    r"(?<!凭证已)(?<![维款保证]码已)超\s*[时時](?!缴?费|限|未(?!返回|应答|响应|收到|得到|接收|回|处理|结束|成功|完成$|完成[，。,;；]))"
    r"|time[d ]?[- ]?\s?out": "platforms of their own queues, relays of the platform",
    r"未知状态|(?<!参保)(?<!处方)(?<!账户)(?<!人员)(?<!待遇)(?<!卡)状态(?:未知|不明|不确定|未确定|待确认)|处理中(?!心)"
    r"|(?:结果|结算|交易|扣[费款])(?:结果|状态|情况)?(?:未知|不明(?!确)|不确定|未确定|待确认|待核实)"
    r"|(?:无法|未能|不能)(?:获取|取得|得到)[^，。；;]{0,6}结果|结果[^，。；;]{0,4}(?:无法|未能|不能)(?:获取|取得|得到)"
    r"|(?:结算|提交|执行)中(?!心|[西成草]?药|医|发现|存在|有|含|包含|缺|未|诊|项目|费用|人员)|业务[^，。]{0,6}办理中"
    r"|正在(?:结算|处理|提交|执行|排队)|排队(?:中|等[待候])|请.{0,4}查询.{0,6}(?:结果|状态)"
    r"|可能(?:已经?|会)?(?:成功|结算|扣[费款]|完成|生效|入账)"
    r"|是否(?:已经?)?(?:成功|结算|扣[费款]|到账|入账)(?!标[志识]|类型|字段)|(?:结算|交易|扣[费款])是否(?:已经?)?(?:成功|完成|生效)"
    r"|(?:无法|不能|未能)(?:确[定认]|判断)[^，。；;]{0,6}(?:结果|是否|交易|成功)": "platforms, of a message that they have not done with",
    r"系统(繁忙|忙)|服务暂?不可用|服务异常": "platforms and front machines under load",
    r"(?:网络|通[讯信]|线路|[连链]接|套接字)[^，。；;:：]{0,8}(?:异常|错误|故障|中断|失败|不通|断开|关闭|重置|丢失|波动|拒绝)"
    r"|(?:断开|关闭|重置|中止|终止)[^，。；;]{0,10}连接|无法连接|连不上|远程(?:服务器|主机|名称)|基础连接|中止线程|线程[^，。；;]{0,4}[中终]止|缓冲区|前置机?(?:服务)?未启动"
    r"|对象引用|空(?:指针|引用)|索引超出|数组(?:界限|越界|下标)|内存不足|受保护的内存|堆栈溢出|引发类型为|参数名[:：]|关键字不在字典|类型转换(?:异常|错误|失败)|指定的转换"
    r"|根级别上的数据|输入字符串的格式|加载[^，。；;]{0,6}程序集": "front machines on Windows, in .NET's and the system's own words: “远程主机强迫关闭了一个现有的连接”, “未将对象引用设置到对象的实例”",
    r"(?:返回|应答|响应|回执)(?:的?(?:报文|数据|结果|信息|内容|值|体))?[^，。；;:：]{0,4}"
    r"(?:为空|解析|格式|验签|异常|失败|错误|不完整)|(?:解析|读取|接收)[^，。；;:：]{0,6}(?:返回|应答|响应)"
    r"|(?:未|没有?|无|等待)[^，。；;:：]{0,8}(?:返回|应答|响应|回执)(?!药)|结果未返回|返回\s*(?:值|了)?\s*(?:空|null)"
    r"|(?:解析|转换|反?序列化)\s*(?:json|xml)|(?:json|xml)[^，。；;:：]{0,4}(?:解析|转换|异常|错误|失败)": "relays and platforms of a line behind them, of an answer that did not come or could not be read",
    r"死锁|锁等待|获取锁|锁获取|事务(?:[^，。]{0,6}回滚|异常|超时)|回滚|数据库[^，。；;:：]{0,6}(?:异常|错误|失败|连接|忙)"
    r"|(?:保存|写入|[入落]库|存储过程)[^，。；;:：]{0,8}(?:失败|异常|出?错误?)\W*(?:请.{0,12})?$": "platforms, of their database: what was written may have been written",
    r"(?:参保地|就医地|异地|省级|部级)(?:的?(?:平台|系统|接口|服务|中心))?[^，。；;:：]{0,6}(?:异常|失败|故障|不可用)"
    r"|(?:路由|寻址|节点)[^，。；;:：]{0,6}(?:失败|异常|错误|不可用)|(?:服务|触发|已)(?:降级|熔断)": "platforms that pass a call on to another one, of what became of it there",
    r"(监管)?接口.{0,2}短暂异常": "official reasons of one-code payment: it may have happened, and passes with time",
    r"unexpected end of file|\bEOF\b": "relays of vendors, of an answer that broke off: “调用接口失败,原因：Unexpected end of file from server”",
    r"status code\s*:?\s*5\d\d|gateway|service unavailable|internal (?:server )?error|\b50[0-4]\b": "relays, of what stands between them and the platform: “error status code :504”",
    r"connection (?:reset|refused|closed|aborted)|max retries|broken pipe|socket|java\.(?:net|io|sql)|feign|I/O error": "Java's names for a broken line, in the text of relays and platforms",
    r"(?:nullpointer|indexoutofbounds|classcast|illegalstate|rpc|remoting|remoteaccess|resourceaccess|noHttpResponse"
    r"|httpserver|ssl\w*|json\w*|sql\w*|jdbc|hystrix|outofmemory|interrupted|execution)\w*(?:exception|error)": "Java's own failures, in the text of relays that read an answer that never came: their names say where a program broke off, not why the platform said no",
}
"""Words of a refusal that say that nobody knows what was done, each with where it is said: by what relays, front machines
and the libraries of vendors answer in the platform's place, and by platforms of a line behind them. The name of a
business exception alone is no doubt: real reasons come in exceptions, too. What gives no reason at all
(:func:`gives_a_reason`) needs no word of these."""

_PERHAPS_DONE = re.compile("|".join(DOUBTS), re.IGNORECASE)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH_REASON = re.compile(
    r"\b(?:must|may|can|should) ?not be\b|\brequired\b|\binsufficient\b|\bmismatch|\bmissing (?!response|reply)|\billegal (?!state)"
    r"|\bnot (?:enough|allowed|permitted|supported|insured|enrolled|registered|eligible|covered|authori[sz]ed)\b"
    r"|\bpermission denied\b|\b(?:person|patient|insured|diagnosis|drug|card|account)\b[^.;]* (?:not found|does not exist)\b"
    r"|\btoo (?:long|large)\b|\bexpired\b|\binvalid (?:parameter|value|field|format)"
    r"|^[\w.$]*(?:business|biz|service|hsaf?)\w*exception\s*$",
    re.IGNORECASE,
)
"""What in a sentence without Chinese is a reason all the same: a program's checks of what it is given; and the bare name
of a business exception, which says no more, but is none of a line."""
_CARRIER = re.compile(
    r"[\x00-\x7f\s，。！？、；：（）【】“”《》—…]|医保|医疗保障|国家|省|市|平台|中心|核心|系统|内部|外部|服务器?|接口|程序|后台|前置机?|网关"
    r"|数据库|数据|缓存|消息|队列|网络|通[讯信]|连接|报文|请求|调用|转发|推送|发送|提交|执行|操作|处理|办理|运行|交易|业务|结算|撤销|冲正"
    r"|登记|上传|成功|完成|失败|异常|错误|故障|出错|有误|中断|终止|繁忙|未知|不明|内容|信息|结果|原因|情况|出现|发生|存在|遇到|暂时|当前|目前|本次"
    r"|此次|该|此|本|笔|请|您|稍[后候]|再试|重试|重新|再次|联系|咨询|管理员|工作人员|技术|支持|人员|开小差|抱歉|对不起|了|的|已|未|被|无|时|为"
)
"""What a sentence may consist of and still give no reason: who speaks, what was asked, that it failed, what to do."""
_PROGRAMS = re.compile(r"<\s*[!?/a-z]|\{\s*[\"']|\[\s*[{\"']", re.IGNORECASE)
"""How a page or a structure begins that a program wrote; [E001] before a sentence is none."""
_FACT = re.compile(r"(?:未|没有|已经?)(?:登记|上传|结算|撤销|冲正)(?!成功|完成|失败)")
"""How things stand, in the same words: that is a reason."""
_SPEAKS_FIRST = re.compile(
    r"^[^，。；;:：未没无等待]{0,10}?(?:返回|应答|响应|服务)的?(?:错误|失败|异常)"
    r"(?:信息|消息|代码|码|内容|原因|提示|描述)?\s*[\[【(（]?[-\w]{0,12}[\]】)）]?\s*[:：,，]\s*"
    r"(?!的?(?:报文|数据|结果|信息|内容|值|体|json|xml)[^，。；;:：]{0,4}(?:为空|解析|格式|验签|不完整)|解析|格式|验签|为空|不完整)",
    re.IGNORECASE,
)
"""What whoever passes a sentence on puts before it: “返回错误：”. It says nothing of the line where a reason follows; what
could not be read of an answer is none."""
_ARRIVED_BEFORE = re.compile(
    r"(?:报文|msg_?id|请求|交易)[^，。；;]{0,8}重复"
    r"|(?:报文|msg_?id|请求|交易|任务|业务)[^，。；;]{0,8}已经?被?(?:处理|存在|办理|接收|受理|提交|使用|占用|完成)"
    r"|(?:^|发送方|业务|系统|平台|[\s:：，,。])流水号?(?:重复|已经?被?(?:使用|存在|占用|处理))|^该?(?:记录|数据)已经?存在[。！!]?$"
    r"|已经?处理(?![^，。；;]{0,6}[，, ]?不[能可])"
    r"|重复的?(?:提交|请求|结算|报文|交易|操作)|duplicate|unique (?:constraint|index|key)|唯一(?:性)?(?:约束|索引|键)|主键(?:冲突|重复)"
    r"|^已(?:经)?(?:受理|接收|提交)",
    re.IGNORECASE,
)
_SETTLED_BEFORE = re.compile(
    r"已经?(?:完成|办理|被)?(?:医保)?结算(?!中心|价)|(?:已有|存在)(?:有效|相同|重复|其他)?的?结算(?=单|记录|信息|数据|\W|$)|单边账|重复结算|已经?扣[费款]"
    r"|(?:单据?|处方|订单|批次|费用|本次|该笔)已经?(?:缴费|支付|付款|收费|报销|入账)(?!金额|总额|达|超|上限|限额)"
)
_TAKEN_BACK_BEFORE = re.compile(r"已经?(撤销|退费|退款|冲销|冲正|作废|取消结算)")

REFUSED = ("-1",)
"""What ``infcode`` says of a refusal, by the specification."""


def found_nothing(refusal: str) -> bool:
    """Whether a query that was refused in these words found nothing."""
    return bool(_NOTHING_FOUND.search(refusal)) and not _OF_THE_SYSTEM.search(refusal)


def knows_no_message(refusal: str) -> bool:
    """Whether a 2601 that was refused in these words was so because the platform has no such message."""
    return bool(_NO_SUCH_MESSAGE.search(refusal)) and not _OF_THE_SYSTEM.search(refusal)


def is_reversed_already(refusal: str) -> bool:
    """Whether a 2601 that was refused in these words was so because it had been done."""
    return _REVERSED in refusal


def sign_in_expired(refusal: str) -> bool:
    """Whether these words say that the operator's sign-in no longer holds."""
    return bool(_SIGN_IN_EXPIRED.search(refusal))


def perhaps_done(refusal: str, further: Iterable[str] = ()) -> bool:
    """Whether these words say that nobody knows what the platform did: itself does not, or a line behind it broke.
    ``further`` are a region's own words."""
    said = _SPEAKS_FIRST.sub("", refusal.strip())
    words = said if gives_a_reason(said) else refusal
    return bool(_PERHAPS_DONE.search(words)) or _says(refusal, further)


def gives_a_reason(refusal: str) -> bool:
    """Whether a sentence says why something was refused: it is one that can be read, in Chinese, and says more than who
    speaks and that it failed. Programs' texts, codes, pages and “系统异常” do not; “系统异常：参保人已停保” does."""
    plain = refusal.strip()
    if not _CHINESE.search(plain):
        return bool(_ENGLISH_REASON.search(plain))
    return not _PROGRAMS.match(plain) and bool(_FACT.search(plain) or _CARRIER.sub("", plain))


def says_nothing(refusal: str) -> bool:
    """Whether a Chinese sentence says that something failed, and not why."""
    return bool(_CHINESE.search(refusal)) and not gives_a_reason(refusal)


_PASSES = re.compile(
    r"调用.{0,4}平台.{0,10}失败|连接.{0,8}(平台|中心|服务).{0,4}失败|短暂异常|稍[后候](再|重)?试|请稍[后候]|[尚还暂]?未(下发|同步)|正在同步"
    r"|(不在|非)(允许)?(数据)?上传的?(时间|时段)|时间?段内?(不允许|不能|禁止)上传|正在(维护|升级)|(维护|升级)(中(?!心)|期间)"
)


def passes_with_time(refusal: str) -> bool:
    """Whether what was refused in these words is to be tried again later as it is: the platform was not ready."""
    return bool(_PASSES.search(refusal))


def arrived_before(refusal: str, further: Iterable[str] = ()) -> bool:
    """Whether these words say that the message was there already: what is refused is another copy of it. ``further``
    are a region's own words."""
    return bool(_ARRIVED_BEFORE.search(refusal)) or _says(refusal, further)


def settled_before(refusal: str) -> bool:
    """Whether these words, said of a settlement, say that what was to be settled is settled."""
    return bool(_SETTLED_BEFORE.search(refusal))


def taken_back_before(refusal: str) -> bool:
    """Whether these words, said of a cancellation, say that what was to be taken back is taken back."""
    return bool(_TAKEN_BACK_BEFORE.search(refusal))


def _says(refusal: str, further: Iterable[str]) -> bool:
    return any(re.search(each, refusal, re.IGNORECASE) for each in further)


# -- where it stands -------------------------------------------------------------------------------------------------

SERIAL = "feedetl_sn"
"""What a fee row is known by."""

IDENTIFIERS = ("setl_id", "mdtrt_id")
"""What a settlement and a visit are known by."""


def settlement_in(answer: Any) -> Any:
    """The node of an answer that tells of one settlement (setlinfo, by whatever name); None where there is none."""
    if answer is None or isinstance(answer, list):
        return None
    shape: Any = type(answer)
    for member in members(shape):
        if member.node is not None and not member.repeats and _has(member.node, "setl_id"):
            return getattr(answer, member.attribute)
    return None


SETTLED: dict[str, tuple[str, ...]] = {
    "psn_no": ("psn_no",),
    "setl_id": ("setl_id",),
    "mdtrt_id": ("mdtrt_id",),
    "setl_time": ("setl_time",),
    "insutype": ("insutype",),
    "med_type": ("med_type",),
    "clr_type": ("clr_type",),
    "clr_optins": ("clr_optins",),
    "clr_way": ("clr_way",),
    "medfee_sumamt": ("medfee_sumamt",),
    "fund_pay_sumamt": ("fund_pay_sumamt",),
    "acct_pay": ("acct_pay",),
    "psn_cash_pay": ("psn_cash_pay", "cash_payamt"),
}
"""What is kept of a settlement for lists and reconciliation, and the names that answers have for it (5203 and the
cancellation at a pharmacy call the cash by another)."""

_KINDS = {
    "setl_time": datetime,
    "medfee_sumamt": Decimal,
    "fund_pay_sumamt": Decimal,
    "acct_pay": Decimal,
    "psn_cash_pay": Decimal,
}


def settled(asked: Any, answered: Any, *, cancels: bool) -> dict[str, Any]:
    """What :data:`SETTLED` names of a settlement, or of its cancellation: as the answer tells it; what the answer leaves
    out, as the call asked for it. The number of a settlement that is ``cancelled`` is ``refund_of``, and sums of a
    cancellation are the answer's alone."""
    info = settlement_in(answered)
    told: dict[str, Any] = {}
    for fact, names in SETTLED.items():
        kind = _KINDS.get(fact, str)
        beside = None if cancels and (kind is Decimal or fact == "setl_id") else asked
        places = (*(getattr(info, name, None) for name in names), *(find(beside, name) for name in names))
        told[fact] = next((value for value in places if isinstance(value, kind) and value != ""), None)
    if cancels:
        told["refund_of"] = find(asked, "setl_id")
        told["setl_id"] = None if told["setl_id"] == told["refund_of"] else told["setl_id"]
    return told


ONLY_REFUSED = "ErrDetail"
"""How nodes end that list the refused rows of several, and no others."""

REFUSED_ROW = "0"
"""retRslt of a row that was not taken."""


def refused_rows(answer: Any) -> list[tuple[str, str]]:
    """Of an answer that took some rows and not others, the batch (fixmedins_bchno) of each of these, and the platform's
    words."""
    shape: Any = type(answer)
    if not attrs.has(shape):
        return []
    found: list[tuple[str, str]] = []
    for member in members(node_of(shape)):
        rows = (getattr(answer, member.attribute) or ()) if member.node is not None and member.repeats else ()
        for row in rows:
            verdict = getattr(row, "retRslt", None) or (REFUSED_ROW if member.wire.endswith(ONLY_REFUSED) else "")
            if verdict == REFUSED_ROW:
                found.append((getattr(row, "fixmedins_bchno", None) or "", getattr(row, "msgRslt", None) or "未说原因"))
    return found


def single_node(shape: Any, name: str, default: str) -> str:
    """The wire name of the node of a shape, one and no list, that has a field ``name``; ``default`` for none."""
    if is_list(shape):
        return default
    single = (m for m in members(shape) if m.node is not None and not m.repeats)
    return next((m.wire for m in single if _has(m.node, name)), default)


def rows_with(message: Any, *names: str) -> Iterator[Any]:
    """The rows of a message that have fields of these names, however deep its lists stand: typed nodes, or JSON."""
    if isinstance(message, list):
        for row in message:
            if all(_value(row, name) is not None for name in names):
                yield row
            else:
                yield from rows_with(row, *names)
    elif isinstance(message, dict):
        for value in message.values():
            yield from rows_with(value, *names)
    elif attrs.has(shape := type(message)):
        for member in members(shape):
            if member.node is not None:
                yield from rows_with(getattr(message, member.attribute), *names)


def value_in(message: Any, name: str) -> Any:
    """The first value that a JSON message has under ``name``, in whatever node; None where it has none."""
    if isinstance(message, dict):
        held = (message.get(name), *(value_in(value, name) for value in message.values()))
    else:
        held = tuple(value_in(row, name) for row in message) if isinstance(message, list) else ()
    return next((value for value in held if value is not None), None)


def _value(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def _has(shape: Any, name: str) -> bool:
    """Whether nodes of that shape have the field themselves."""
    return any(member.node is None and member.wire == name for member in members(shape))
