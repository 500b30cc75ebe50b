"""What came back: the platform's answer in any of the dialects that platforms and gateways speak."""

from __future__ import annotations

import re
from typing import Any

import attrs

from .json import decode, encode


@attrs.frozen(kw_only=True)
class Reply:
    """An answer of the platform itself, whole or refused.

    ``output`` is the JSON value under that key (text that holds JSON is read), ``body`` all of what was answered.
    ``notes`` are oddities of the answer that did not keep it from being read.
    """

    infcode: str
    message: str
    output: Any
    inf_refmsgid: str | None
    body: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        return self.infcode == "0"

    @property
    def is_marked(self) -> bool:
        """Whether it bears what the platform itself puts on an answer, and whoever speaks in its place does not: its
        number of the message, or when it came and was answered."""
        times = (_text(self.body.get("refmsg_time")), _text(self.body.get("respond_time")))
        return self.inf_refmsgid is not None or all(times)

    @property
    def warning(self) -> str:
        return _text(self.body.get("warn_msg"))


@attrs.frozen(kw_only=True)
class GatewayReply:
    """An answer of something before the platform: a gateway, a proxy. It says nothing of what the platform did."""

    code: str
    message: str
    body: dict[str, Any]


@attrs.frozen
class Unreadable:
    """An answer that cannot be read: ``reason`` is ``empty``, ``html``, ``not_json`` or ``not_an_envelope``."""

    reason: str
    message: str


def parse_reply(data: bytes) -> Reply | GatewayReply | Unreadable:
    """Read an answer's bytes. Never raises: what cannot be read is said to be so."""
    text, notes = text_of(data)
    if not text.strip():
        return Unreadable("empty", "应答为空")
    try:
        body = decode(text)
        if isinstance(body, str):
            body = decode(body)
    except ValueError:
        if re.match(r"\s*<(!doctype|html|head|body|\?xml)", text, re.IGNORECASE):
            return Unreadable("html", "应答是网页（HTML），多半来自代理或网关")
        return Unreadable("not_json", "应答不是完整的 JSON")
    if not isinstance(body, dict):
        return Unreadable("not_an_envelope", "应答不是报文对象")
    inner = _unwrapped(body)
    if inner is not None:
        return _reply(inner, notes)
    if "code" in body and ("message" in body or "msg" in body):
        return GatewayReply(code=_text(body["code"]), message=_text(body.get("message", body.get("msg"))), body=body)
    return Unreadable("not_an_envelope", "应答没有交易状态码 infcode")


def text_of(data: bytes) -> tuple[str, tuple[str, ...]]:
    """An answer's bytes as text, without the mark that a file of Windows begins with, and what is to be said of it."""
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace"), ("应答不是 UTF-8，按 GBK 读取",)


def _unwrapped(body: dict[str, Any]) -> dict[str, Any] | None:
    """The platform's envelope, also where a gateway wrapped it in its ``data``."""
    if "infcode" in body:
        return body
    data = body.get("data", body.get("body"))
    if isinstance(data, str):
        try:
            data = decode(data)
        except ValueError:
            return None
    return data if isinstance(data, dict) and "infcode" in data else None


def _reply(body: dict[str, Any], notes: tuple[str, ...]) -> Reply:
    output = body.get("output")
    if isinstance(output, str) and output.lstrip()[:1] in ("{", "["):
        try:
            output = decode(output)
        except ValueError:
            notes = (*notes, "output 是文本而不是完整的 JSON")
    return Reply(
        infcode=_text(body["infcode"]),
        message=_sentence(body.get("err_msg")),
        output=None if output == "" else output,
        inf_refmsgid=_text(body.get("inf_refmsgid")) or None,
        body=body,
        notes=notes,
    )


_SAYS = ("err_msg", "errMsg", "errmsg", "message", "msg", "error", "reason", "detail", "err")
"""Where messages that stand within an error's sentence say what is wrong."""


def _sentence(value: Any) -> str:
    """What is wrong, in words: of an answer that somebody put whole into the sentence, its own. One that says that it
    succeeded stays as it is: it is no reason."""
    held = value
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            held = decode(value)
        except ValueError:
            return _text(value)
    if isinstance(held, list) and len(held) == 1:
        held = held[0]
    if isinstance(held, dict) and _text(held.get("infcode")) != "0":
        said = next((each for name in _SAYS if (each := _sentence(held.get(name)))), "")
        if said:
            return said
    return _text(value) if isinstance(value, str) or not isinstance(value, dict | list) else encode(value).decode()


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def refused_rows(output: Any) -> tuple[int, int, str]:
    """Of the rows that carry their own verdict (retRslt 1 accepted, 0 refused): how many, how many refused, why.

    Goods uploads answer infcode 0 and refuse in here.
    """
    verdicts: list[tuple[str, str]] = []
    _collect(output, verdicts)
    refused = [reason for verdict, reason in verdicts if verdict == "0"]
    return len(verdicts), len(refused), "；".join(filter(None, refused[:3]))


def _collect(value: Any, verdicts: list[tuple[str, str]]) -> None:
    if isinstance(value, dict):
        if value.get("retRslt") not in (None, ""):
            verdicts.append((_text(value["retRslt"]), _text(value.get("msgRslt"))))
        for inner in value.values():
            _collect(inner, verdicts)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, verdicts)
