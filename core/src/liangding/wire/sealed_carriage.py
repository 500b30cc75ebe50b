"""The way of a call to an online service: its data goes out sealed, and what comes back is opened into an answer of the
platform's ordinary form, so that everything behind it reads one form only.

What is recorded is the message before it is sealed, and the answer as it was opened, with the sealed text beside it:
the centre's signature is the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from .json import decode, encode
from .secured import NotAuthentic, OpenedEnvelope, SecuredEnvelope, time_of
from .transport import Exchange

LARGEST = 32 * 2**20
"""Bytes of an answer that are read at most."""

ECHOED = ("payOrdId", "medOrgOrd", "hiRxno", "rxTraceCode")
"""What an answer repeats of what was asked, where it does."""

NOT_AUTHENTIC = "not_authentic"
"""The failure of an exchange whose answer cannot be believed."""

SUCCEEDED = ("0",)


class SealedCarriage:
    """Carries one call. ``epoch`` gives the time; an answer whose time is more than ``fresh_seconds`` away (0: whatever
    its time) is an old one played again, and one that names another order or prescription is another call's.

    ``doubts_refusals``: centres do not sign their refusals. Where money may move, one without a signature proves
    nothing, and is told as a gateway's; elsewhere it is believed, as the ordinary platform's is.
    """

    def __init__(
        self,
        secured: SecuredEnvelope,
        *,
        epoch: Callable[[], float],
        trans_type: str = "",
        fresh_seconds: float = 0.0,
        doubts_refusals: bool = False,
    ) -> None:
        self._secured = secured
        self._epoch = epoch
        self._trans_type = trans_type
        self._fresh_seconds = fresh_seconds
        self._doubts_refusals = doubts_refusals
        self._asked: Any = None

    def packed(self, envelope: bytes) -> tuple[dict[str, str], bytes]:
        message = decode(envelope).get("input")
        self._asked = message["data"] if isinstance(message, dict) and message.keys() == {"data"} else message
        return {}, self._secured.seal(self._asked, epoch=self._epoch(), trans_type=self._trans_type)

    def receive(self, head: Exchange, content: Iterator[bytes]) -> Exchange:
        held = bytearray()
        for piece in content:
            held += piece
            if len(held) > LARGEST:
                return _unbelievable(head, b"", "应答过长")
        body = bytes(held)
        if head.status != 200:
            return attrs.evolve(head, body=body)
        try:
            opened = self._secured.open(body)
            self._check(opened)
        except NotAuthentic as wrong:
            return _unbelievable(head, body, wrong.message)
        return attrs.evolve(head, body=self._as_reply(opened, body))

    def _check(self, opened: OpenedEnvelope) -> None:
        if not opened.signed:
            if _text(opened.body.get("code")) in SUCCEEDED:
                raise NotAuthentic("在线服务说成功，应答却没有签名，不采用")
            return
        at = time_of(_text(opened.body.get("timestamp")))
        if self._fresh_seconds and at is not None and abs(at - self._epoch()) > self._fresh_seconds:
            raise NotAuthentic("应答的时间戳不在允许的范围内，可能是旧应答重放，或两边时钟不准")
        if isinstance(opened.data, dict) and isinstance(self._asked, dict):
            for name in ECHOED:
                told, asked = opened.data.get(name), self._asked.get(name)
                if told and asked and _text(told) != _text(asked):
                    raise NotAuthentic(f"应答的 {name} 是另一笔的，不采用")

    def _as_reply(self, opened: OpenedEnvelope, body: bytes) -> bytes:
        code, message = _text(opened.body.get("code")), _text(opened.body.get("message"))
        if code in SUCCEEDED:
            output = {"data": opened.data}
            return encode({"infcode": "0", "err_msg": "", "output": output, "sealed": body.decode()})
        if not opened.signed and self._doubts_refusals:
            return encode({"code": code, "message": message})
        said = message if not code or code in message else f"{code}：{message}"
        return encode({"infcode": "-1", "err_msg": said, "output": None, "sealed": body.decode()})


def _unbelievable(head: Exchange, body: bytes, message: str) -> Exchange:
    return attrs.evolve(head, body=body, failure=NOT_AUTHENTIC, message=message)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
