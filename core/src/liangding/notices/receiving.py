"""What an online service tells by itself: believed where its seal holds, acted on once however often it comes.

Nothing that a notice says is taken for done. A notice of an order lets the order be asked for (6301); one of a
prescription is kept under its number, for whoever asks (``prescription_notice``).
"""

from __future__ import annotations

import hashlib
from typing import Any

import attrs

from ..clock import in_china
from ..errors import LiangdingError
from ..flows import Flows, Status
from ..flows.online import MobilePayment, PrescriptionNotice
from ..journal.journal import KeyConflict
from ..privacy import logger
from ..runtime import Runtime
from ..spec import Of, Transaction
from ..spec.writing import SPARSE, MessageWriter
from ..wire.json import encode_ordered
from ..wire.secured import NotAuthentic, time_of

log = logger("notices")

_write = MessageWriter(SPARSE).write


@attrs.frozen(kw_only=True)
class ReceivedNotice:
    """What the sender is answered: an HTTP status, and whether the notice was taken, in words."""

    status: int
    success: bool
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"code": "0" if self.success else "1", "success": self.success, "message": self.message}


class Receiver:
    """Receives what one service tells. ``paths`` says what is posted where: nothing else is taken."""

    def __init__(self, runtime: Runtime, service: str) -> None:
        services = runtime.known.services
        self._runtime = runtime
        self._flows = Flows(runtime)
        self._line = services.line(service)
        self._fresh_seconds = services.named(service).fresh_seconds
        self.paths = services.callbacks(service, runtime.interfaces)

    def receive(self, path: str, body: bytes) -> ReceivedNotice:
        """Take one notice. Never raises for what it holds."""
        infno = self.paths.get(path)
        if infno is None:
            return ReceivedNotice(status=404, success=False, message="没有这个地址")
        try:
            data = self._opened(body)
        except NotAuthentic as wrong:
            log.warning("a notice %s is not authentic", infno)
            return ReceivedNotice(status=401, success=False, message=wrong.message)
        try:
            return self._act(self._runtime.interfaces[infno], data)
        except LiangdingError as failed:
            log.warning("a notice %s is not acted on: %s", infno, failed.code)
            return ReceivedNotice(status=503, success=False, message=f"暂时不能处理（{failed.code}），请稍后再通知")

    def _opened(self, body: bytes) -> dict[str, Any]:
        opened = self._line.open(body)
        if not opened.signed or not isinstance(opened.data, dict):
            raise NotAuthentic("通知没有签名或没有内容，不采用")
        at = time_of(str(opened.body.get("timestamp") or ""))
        if self._fresh_seconds and (
            at is None or abs((in_china(at) - self._runtime.now()).total_seconds()) > self._fresh_seconds
        ):
            raise NotAuthentic("通知的时间戳不在允许的范围内，不采用")
        return opened.data

    def _act(self, transaction: Transaction, data: dict[str, Any]) -> ReceivedNotice:
        read, _ = self._runtime.known.answers.read(transaction.input, {"data": data})
        told = _write(read)["data"]
        if transaction.of is Of.ORDER:
            ends = "callType" in told or "ordStas" in told
            return self._ask_for_order(str(told.get("medOrgOrd") or ""), ends=ends)
        return self._keep(transaction.infno, str(told.get("hiRxno") or ""), told)

    def _ask_for_order(self, order_no: str, *, ends: bool) -> ReceivedNotice:
        """Let the payment of that order go on: it asks for itself, whatever the notice says. One that is not there yet,
        or is being worked on, is to be told of again; ``ends``: so is one that has no result yet (6302). A notice that
        it was placed (6204) wants nothing but to be acknowledged."""
        view = self._flows.find(MobilePayment.name, order_no) if order_no else None
        if view is None:
            return ReceivedNotice(status=200, success=False, message="还没有这个订单，请稍后再通知")
        if view.status in (Status.STOPPED, Status.UNKNOWN):
            view = self._flows.resume(view.id)
        return ReceivedNotice(status=200, success=not ends or view.status is Status.DONE, message="已收到")

    def _keep(self, infno: str, number: str, told: dict[str, Any]) -> ReceivedNotice:
        if not number:
            return ReceivedNotice(status=422, success=False, message="通知没有处方编号")
        given = {"infno": infno, "prescription": number, "told": told}
        key = f"{number}-{infno}"
        try:
            self._flows.start(PrescriptionNotice.name, given, key=key)
        except KeyConflict:  # a later notice of the same prescription says something else
            digest = hashlib.sha256(encode_ordered(told)).hexdigest()[:12]
            self._flows.start(PrescriptionNotice.name, given, key=f"{key}-{digest}")
        return ReceivedNotice(status=200, success=True, message="已收到")
