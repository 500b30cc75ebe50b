"""From a message to the bytes on the line: the envelope, what is recorded of it, its address and signature."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs

from ..clock import Clock, now
from ..contract.calls import Call
from ..journal import NewCall
from ..journal.asking import asking, trace
from ..knowledge import Knowledge
from ..knowledge.blaming import blame
from ..spec import Does, Transaction
from ..spec.locating import find
from ..wire.envelope import Head, MsgIds, envelope
from ..wire.gateways import Outgoing
from ..wire.sealed_carriage import SealedCarriage
from ..wire.transport import Exchange, Transport

OF_ITS_OWN = {"connection": "close"}
"""Asks for a connection that no other call uses: whatever comes on it is this call's."""


@attrs.frozen(kw_only=True)
class NumberedEnvelope:
    """An envelope under its number."""

    msgid: str
    body: bytes = attrs.field(repr=False)


class Sending:
    """Sends messages of one deployment. ``line`` gives the line as it is now; ``clock`` is what messages bear, ``ages``
    what the journal's rows age by."""

    def __init__(
        self, known: Knowledge, line: Callable[[], Transport], clock: Clock, ages: Clock, randomness: random.Random
    ) -> None:
        self._known = known
        self._line = line
        self._clock, self._ages = clock, ages
        self._random = randomness
        platform = known.deployment.platform
        first, last = platform.msgid_first, platform.msgid_last
        code, start = known.deployment.institution.code, randomness.randrange(last - first + 1)
        self._msgids = MsgIds(code, first=first, last=last, start=start)

    def _new_id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def request(self, call: Call[Any], message: Any, sign_no: str) -> NumberedEnvelope:
        at = now(self._clock)
        msgid = self._msgids.new(at)
        institution, platform = self._known.deployment.institution, self._known.deployment.platform
        fields: dict[str, Any] = {
            "mdtrtarea_admvs": institution.area,
            "recer_sys_code": platform.recer_sys_code,
            "infver": platform.infver,
            "signtype": platform.signtype,
            "insuplc_admdvs": call.insured_place,
            **({} if (signer := self._known.input_signer) is None else signer.head(message)),
            **call.head,
        }
        head = Head(
            infno=call.transaction.infno,
            msgid=msgid,
            opter_type=call.operator.type,
            opter=call.operator.code,
            opter_name=call.operator.name,
            inf_time=at,
            fixmedins_code=institution.code,
            fixmedins_name=institution.name,
            sign_no=sign_no,
            **fields,
        )
        return NumberedEnvelope(msgid=msgid, body=envelope(head, message, platform.head))

    def new_call(self, call: Call[Any], request: NumberedEnvelope) -> NewCall:
        def found(name: str) -> str | None:
            value = find(call.input, name)
            return None if value is None else str(value)

        return NewCall(
            deployment=self._known.deployment.name,
            institution=self._known.deployment.institution.code,
            infno=call.transaction.infno,
            msgid=request.msgid,
            operator=call.operator.code,
            changes=call.transaction.changes,
            does=call.transaction.does.value,
            of_what=call.transaction.of.value if call.transaction.of else None,
            holds=call.transaction.holds and call.resolves is None,
            resolves=call.resolves,
            request=request.body,
            content=call.content,
            at=self._ages.epoch(),
            key=call.key if call.transaction.changes else None,
            person=found("psn_no"),
            flow=call.flow,
            bill_no=call.bill_no,
            bill_date=call.bill_date,
            principal=asking(),
            traceparent=trace(),
            amount=found("medfee_sumamt"),
            mdtrt_id=found("mdtrt_id"),
            setl_id=found("setl_id"),
        )

    def post(self, call: Call[Any], body: bytes) -> Callable[[], Exchange]:
        """The post of a recorded call, addressed and signed: it is done when it is called."""
        service = self._known.services.of(call.transaction)
        carriage = call.carriage if service is None else self._sealed(call.transaction, service)
        form, sent = carriage.packed(body) if carriage else ({}, body)
        outgoing = Outgoing(infno=call.transaction.infno, body=sent, epoch=self._clock.epoch(), nonce=self._new_id())
        by_gateway = service is None or self._known.services.named(service).gateway
        signed = self._known.gateway.headers(outgoing) if by_gateway else {}
        address, headers = self._known.address(call.transaction), {**signed, **form}
        if not all(isinstance(each, str) for pair in headers.items() for each in pair):
            raise TypeError("headers are text")
        if call.transaction.changes:
            headers = {**headers, **OF_ITS_OWN}
        if isinstance(carriage, SealedCarriage):
            return partial(_opened, carriage, partial(self._line().post, address, headers, sent))
        if carriage:
            return partial(self._line().stream, address, headers, sent, carriage.receive)
        post = partial(self._line().post, address, headers, sent)
        hook = self._known.manager.hook.liangding_open_answer
        return partial(self._opened_by_region, call, post) if hook.get_hookimpls() else post

    def _opened_by_region(self, call: Call[Any], post: Callable[[], Exchange]) -> Exchange:
        """The exchange, its answer opened by the region's plugin where it seals answers. One that it cannot open stays
        as it came, and is judged as that."""
        exchange = post()
        if exchange.failure or exchange.status != 200:
            return exchange
        hook = self._known.manager.hook.liangding_open_answer
        try:
            opened = hook(call=call, body=exchange.body)
        except (Exception, SystemExit) as failed:
            blame(hook, failed)
            return exchange
        return attrs.evolve(exchange, body=opened) if isinstance(opened, bytes) else exchange

    def _sealed(self, transaction: Transaction, service: str) -> SealedCarriage:
        """The way to an online service."""
        settings = self._known.services.named(service)
        moves_money = transaction.does in (Does.SETTLES, Does.CANCELS)
        return SealedCarriage(
            self._known.services.line(service), epoch=self._clock.epoch, trans_type=transaction.infno,
            fresh_seconds=settings.fresh_seconds, doubts_refusals=moves_money,
        )  # fmt: skip


def _opened(carriage: SealedCarriage, post: Callable[[], Exchange]) -> Exchange:
    """The exchange with an online service, whose answer is held to the limits of any answer, and opened."""
    exchange = post()
    return exchange if exchange.failure else carriage.receive(attrs.evolve(exchange, body=b""), iter((exchange.body,)))
