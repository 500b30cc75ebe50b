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
from ..spec.nodes import is_list, members

# -- signs -----------------------------------------------------------------------------------------------------------

EVERYTHING = "0000"
"""Every batch (chrg_bchno), or every row (feedetl_sn), where fees are taken back."""

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
    return getattr(info, "refd_setl_flag", None) == REFUNDED


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
_THING = r"(?:就诊|就医|结算|费用|处方|挂号|登记|住院|入院|在院|备案|销售|追溯码|商品|单据|报文)"
_RECORD = rf"(?:{_THING}(?:信息|记录|数据|明细|流水|情况|单)+|交易(?:信息|记录|流水)|记录|数据|明细)"
_NOTHING_FOUND = re.compile(
    rf"(?:{_RECORD}|{_THING})(?:ID|编号|号)?[A-Za-z0-9_\s:：=【】()（）\[\]'\"-]{{0,60}}(?:不存在|为空|未找到|未查询?到)"
    rf"|(?:未|没有?|未能|无法)(?:查询?|检索|找|获取)到[^，。；,;]{{0,16}}?{_RECORD}"
    rf"|(?:查无|暂无|没有|无)[^，。；,;]{{0,12}}?{_RECORD}"
    r"|^\s*(?:不存在|查无结果|无结果|查询结果为空|未查询?到(?:结果)?)[。！!]?\s*$",
    re.IGNORECASE,
)
"""That what was asked for is not there: a visit, a settlement, rows; not that a person, a card or a service is not."""
_NO_SUCH_MESSAGE = re.compile(r"不存在|(?:未|没有|找不)(?:查询?|找)?到")
_REVERSED = "已冲正"
_SIGN_IN_EXPIRED = re.compile(r"签到.{0,8}(过期|失效|无效|不存在)|未签到|(请|需)(先|重新)签到|sign_no.{0,6}(无效|过期)")
DOUBTS: Mapping[str, str] = {
    r"超时|time[d ]?\s?out": "platforms of their own queues, relays of the platform",
    r"未知状态|状态未知|结果未知|处理中": "platforms, of a message that they have not done with",
    r"系统(繁忙|忙)|服务暂?不可用|服务异常|网络(异常|错误|故障|中断)": "platforms and front machines under load",
    r"(监管)?接口.{0,2}短暂异常": "official reasons of one-code payment: it may have happened, and passes with time",
    r"unexpected end of file|\bEOF\b": "relays of vendors, of an answer that broke off: “调用接口失败,原因：Unexpected end of file from server”",
    r"status code\s*:?\s*5\d\d|gateway|service unavailable|internal server error": "relays, of what stands between them and the platform: “error status code :504”",
    r"connection (reset|refused|closed)|broken pipe|socket|java\.net|java\.io|feign": "Java's names for a broken line, in the text of relays and platforms",
    r"nullpointerexception": "relays that read an answer that never came",
}
"""Words of a refusal that say that nobody knows what was done, each with where it is said: by what relays, front machines
and the libraries of vendors answer in the platform's place, and by platforms of a line behind them. The name of a
business exception alone is no doubt: real reasons come in exceptions, too."""

_PERHAPS_DONE = re.compile("|".join(DOUBTS), re.IGNORECASE)
_ARRIVED_BEFORE = re.compile(
    r"报文\s?ID\s?重复|报文.{0,6}(已处理|已存在|重复)|已经?处理(?![，, ]{0,2}不[能可])|重复(提交|请求|结算|报文)|duplicate",
    re.IGNORECASE,
)
_SETTLED_BEFORE = re.compile(r"已经?结算|单边账")
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
    return bool(_PERHAPS_DONE.search(refusal)) or _says(refusal, further)


_PASSES = re.compile(r"调用省平台查询.{0,10}失败|短暂异常|稍[后候](再|重)?试|请稍[后候]")


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
