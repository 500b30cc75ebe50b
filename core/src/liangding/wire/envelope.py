"""The envelope around every message (请求报文外层): who sends what from where, and the input itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from ..spec import code, moment, node, required_when, text
from ..spec.writing import NATIONAL, MessageWriter
from .json import encode_plain

INPUT_CHARACTERS = 40000
"""What the envelope's table allows for ``input``; more has to be sent in batches."""


@node
class Head:
    """请求报文外层: the fields beside ``input``."""

    infno: Annotated[str, text(20, "交易编号", note="表中长度 4；实际有带字母后缀和更长的编号")]
    msgid: Annotated[str, text(30, "发送方报文ID", note="机构编号 12 位 + yyyyMMddHHmmss + 顺序号 4 位")]
    mdtrtarea_admvs: Annotated[str, text(6, "就医地医保区划")]
    insuplc_admdvs: Annotated[str | None, text(6, "参保地医保区划"), required_when("异地就医，或输入中含人员编号")] = (
        None
    )
    recer_sys_code: Annotated[str, text(10, "接收方系统代码")]
    dev_no: Annotated[str | None, text(100, "设备编号")] = None
    dev_safe_info: Annotated[str | None, text(2000, "设备安全信息")] = None
    cainfo: Annotated[str | None, text(1024, "数字签名信息")] = None
    signtype: Annotated[str | None, text(10, "签名类型")] = None
    infver: Annotated[str, text(6, "接口版本号")]
    opter_type: Annotated[str, code("opter_type", "经办人类别", length=3)]
    opter: Annotated[str, text(30, "经办人")]
    opter_name: Annotated[str, text(50, "经办人姓名")]
    inf_time: Annotated[datetime, moment("交易时间")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号", note="表中长度 12，有的地区更长")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称", note="表中长度 20，各端实际不截断")]
    sign_no: Annotated[str | None, text(30, "交易签到流水号")] = None


KNOWN_BESIDE = frozenset({"input", "app_id", "enc_type", "recer_admdvs", "fixmedins_soft_fcty"})
"""Keys that real envelopes carry beside the table's."""

_writer = MessageWriter(NATIONAL)


def envelope(head: Head, message: Any, beside: Mapping[str, str] | None = None) -> bytes:
    """The request as it goes out: ``head``, a region's own keys ``beside`` it, and ``message`` (JSON values)."""
    return encode_plain({**_writer.write(head), **(beside or {}), "input": message})


class MsgIds:
    """Numbers for messages: institution (first 12 characters), time to the second, four digits.

    A process counts from a place of its own choosing within ``first`` to ``last``; the journal, which holds every
    number that was ever used, has the last word on whether one is free. Two machines with journals of their own
    need ranges of their own.
    """

    def __init__(self, institution: str, *, first: int = 0, last: int = 9999, start: int = 0) -> None:
        self._prefix = institution[:12]
        self._first, self._size = first, last - first + 1
        self._next = start

    def new(self, at: datetime) -> str:
        self._next += 1
        return f"{self._prefix}{at:%Y%m%d%H%M%S}{self._first + self._next % self._size:04d}"
