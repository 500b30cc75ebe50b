"""One deployment at work: plugins, journal and line brought together; :meth:`Runtime.call` makes one call.

The route of a call never goes back: structure, shape, check, record, send, classify, record, answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from .calls.classify import accepted, classify, foreign, of_another, possible
from .calls.wrapping import Freely, Once, Received, Wrappers, sentences
from .checks import EVERY_REQUEST
from .clock import Clock, SystemClock, now
from .config import Deployment, Operator, load_deployment
from .config.recording import open_journal
from .contract.calls import READ_ATTEMPTS, Answer, Call, Verdict
from .devices import devices_of
from .errors import (
    BadKey,
    CallFailed,
    CallNotSent,
    CallRefused,
    HeldBack,
    InProgress,
    InvalidMessage,
    LiangdingError,
    NoAnswer,
    OutcomeUnknown,
)
from .journal import STATE_NAMES, Existing, Held, Journal, MsgidTaken, NewCall, Opened, Outcome, State
from .journal import Call as Record
from .knowledge import Knowledge
from .knowledge.blaming import blame
from .national.meaning import NO_ACCOUNT
from .privacy import logger
from .resolution import Resolver
from .spec import Does, Problem, Transaction
from .spec.locating import find
from .spec.nodes import is_list
from .spec.problems import errors, problem
from .spec.spelling import respelt
from .spec.writing import SPARSE, MessageWriter
from .wire.envelope import Head, MsgIds, envelope
from .wire.gateways import Outgoing
from .wire.json import decode, encode_ordered
from .wire.replies import Reply, parse_reply
from .wire.transport import Carriage, Exchange, HttpTransport, Transport

log = logger("runtime")

_sparse = MessageWriter(SPARSE)

HOLD_STEP_SECONDS = 0.5
"""Between two looks at what holds a person back, where calls wait."""

SIGN_IN, SIGN_OUT = "9001", "9002"

TOLD = "told"
"""The event of a call of which wrappers heard only after it had been found out behind them."""


class Runtime:
    """A deployment at work. Safe to share between threads; several runtimes may stand side by side in one process.

    ``journal``, ``transport`` and ``clock`` may be given instead of what the deployment's file names; ``plugins``
    are further plugins as objects; ``known`` is what the deployment knows, where somebody has it already.
    """

    def __init__(
        self,
        deployment: Deployment,
        *,
        journal: Journal | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        plugins: Mapping[str, object] | None = None,
        known: Knowledge | None = None,
        randomness: random.Random | None = None,
    ) -> None:
        self.deployment = deployment
        self.clock: Clock = clock or SystemClock()
        self._random = randomness or random.SystemRandom()
        self.known = known or Knowledge(deployment, plugins=plugins)
        self.region, self.interfaces = self.known.region, self.known.interfaces
        self.journal = (journal or open_journal(deployment, self.clock)).of(deployment.institution.code)
        self._own_journal = journal is None
        self.resolver = Resolver(self)
        platform = deployment.platform
        self.transport: Transport = transport or HttpTransport(
            connect_seconds=platform.connect_seconds, read_seconds=platform.read_seconds
        )
        self.devices = devices_of(deployment, self.known.manager, self.clock)
        self._signed_in: dict[str, tuple[str, int]] = {}
        self._held_up: set[str] = set()
        size = platform.msgid_last - platform.msgid_first + 1
        self._msgids = MsgIds(
            deployment.institution.code,
            first=platform.msgid_first,
            last=platform.msgid_last,
            start=self._random.randrange(size),
        )

    @classmethod
    def from_file(cls, path: Path | str, **parts: Any) -> Runtime:
        """The runtime that a deployment file describes. ConfigurationError where the file is not as it must be."""
        return cls(load_deployment(path), **parts)

    def close(self) -> None:
        """Give back the devices, the line and the journal."""
        self.devices.close()
        self.transport.close()
        if self._own_journal:
            self.journal.close()

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the parts -------------------------------------------------------------------------------------------------

    def new_id(self) -> str:
        """A random name, 32 digits of base 16."""
        return f"{self._random.getrandbits(128):032x}"

    def now(self) -> datetime:
        """The time of day in China."""
        return now(self.clock)

    # -- one call --------------------------------------------------------------------------------------------------

    def call(
        self,
        infno: str,
        message: Any,
        *,
        key: str | None = None,
        insured_place: str | None = None,
        operator: str | None = None,
        flow: str | None = None,
        head: Mapping[str, str] | None = None,
        resolves: int | None = None,
        carriage: Carriage | None = None,
    ) -> Answer[Any]:
        """Make one call and return its answer.

        ``message`` is the input: a node of the transaction's declaration, or a dict of the same shape. ``key`` is
        the caller's own business key (bill number): a changing call is made once for a key, and asked again with
        the same content it returns the recorded answer. ``insured_place`` is the person's ``insuplc_admdvs``,
        needed as soon as the input holds a ``psn_no``. ``operator`` is the code of one of the deployment's
        operators. ``head`` sets further fields of the envelope. ``resolves`` is the resolver's: the journal's number
        of the call whose outcome is being found out. ``carriage`` is how a file goes with the call, or with its
        answer; what is recorded is the envelope, before the carriage sees it.

        Raises InvalidMessage (nothing sent), CallRefused (the platform said no), CallNotSent (nothing left),
        OutcomeUnknown (sent, and nobody knows yet), HeldBack (an earlier call of the person is not settled),
        InProgress, KeyConflict, JournalUnavailable (nothing sent).
        """
        check_key(key)
        transaction = self.interfaces[infno]
        wrappers = self._wrappers(transaction)
        if key is not None and wrappers and transaction.changes:
            held = self._accepted_before(infno, message, key)
            if held is not None:
                return self._told(held)
        call = self.prepare(infno, message, insured_place=insured_place, operator=operator, head=head)
        call.key, call.flow, call.resolves, call.carriage = key, flow, resolves, carriage
        if not transaction.changes:
            call.send = core = Freely(self._send)
            return wrappers.read(call, core)
        return self._change(call, Once(call, self._send), wrappers)

    def _wrappers(self, transaction: Transaction) -> Wrappers:
        return Wrappers(transaction, getattr(self.known.manager.hook, transaction.hook).get_hookimpls())

    def _change(self, call: Call[Any], once: Once, wrappers: Wrappers) -> Answer[Any]:
        """A call that changes something, through its wrappers, and what they advise recorded for who asks again."""
        call.send, key, flow = once, call.key, call.flow or ""
        noted = key is None or once.over or not wrappers
        answer = wrappers.change(call, once, lambda received: self._telling(flow, received, noted=noted))
        if key is not None and once.received is not None and answer.advice != once.received.advice:
            self._keep_advice(once.received, answer)
        return answer

    def _accepted_before(self, infno: str, message: Any, key: str) -> Record | None:
        """What is recorded under a key as accepted, so that no plugin comes between it and whoever asks again."""
        held = self.journal.by_key(self.deployment.institution.code, key)
        if held is None or held.state is not State.ACCEPTED:
            return None
        return held if held.content == _digest(infno, _plain(message)) else None

    def _told(self, record: Record) -> Answer[Any]:
        """The recorded answer of an accepted call. Wrappers that never heard of it, because it was found out behind
        them, hear of it once: that is noted before, so that one that hangs holds nobody up again."""
        transaction = self.interfaces[record.infno]
        received, wrappers = self._recorded(transaction, record), self._wrappers(transaction)
        if not (received.found and wrappers and self._are_told_first(record.id)):
            return received.read()
        call = self._as_recorded(transaction, record)
        return self._change(call, Once(call, self._send, received), wrappers)

    def _are_told_first(self, call_id: int) -> bool:
        """Whether wrappers hear of that call for the first time; from now on they do not."""
        try:
            told = any(event.kind == TOLD for event in self.journal.history(call_id))
            if not told:
                self.journal.note(call_id, TOLD, {})
        except LiangdingError as failed:
            log.warning("call %d is not told to plugins: %s", call_id, failed.code)
            return False
        return not told

    def _as_recorded(self, transaction: Transaction, record: Record) -> Call[Any]:
        """A call as it was sent."""
        envelope = decode(record.request) if record.request else {}
        known = [each for each in self.deployment.operators if each.code == record.operator]
        return Call(
            transaction=transaction,
            deployment=self.deployment,
            region=self.region,
            operator=known[0] if known else self.deployment.operator(None),
            input=self.known.answers.read(transaction.input, envelope.get("input") or {})[0],
            insured_place=envelope.get("insuplc_admdvs") or None,
            key=record.key,
            flow=record.flow,
            content=record.content,
        )

    @contextlib.contextmanager
    def _telling(self, flow: str, received: Received, *, noted: bool) -> Iterator[None]:
        """While wrappers hear of an accepted call. Its flow may be taken up meanwhile by whoever asks again: what a
        plugin holds up is one request, not the business."""
        if received.found and not noted:
            self._are_told_first(received.call_id)
        self._held_up.add(flow)
        try:
            yield
        finally:
            self._held_up.discard(flow)

    def held_up(self, flow_id: str) -> bool:
        """Whether a plugin alone works on that flow, a call of which was accepted."""
        return flow_id in self._held_up

    def take_from_plugins(self, flow_id: str) -> bool:
        """Let a flow that a plugin holds up be somebody else's: whether it was held up."""
        held_up = self.held_up(flow_id)
        self._held_up.discard(flow_id)
        return held_up

    def _keep_advice(self, received: Received, answer: Answer[Any]) -> None:
        """Keep what the wrappers advised, for whoever asks again. Where that fails the answer is as good."""
        try:
            self.journal.advise(received.call_id, answer.advice)
        except Exception as failed:
            log.warning("advice of %s is not recorded: %s", answer.msgid, type(failed).__name__)

    def prepare(
        self,
        infno: str,
        message: Any,
        *,
        insured_place: str | None = None,
        operator: str | None = None,
        head: Mapping[str, str] | None = None,
    ) -> Call[Any]:
        """Steps 1 and 2 of a call: the region's fixed values, and the input read strictly."""
        transaction = self.interfaces[infno]
        self.known.refuse_unsendable(transaction)
        message = _plain(message)
        content = _digest(infno, message)
        message = respelt(transaction.input, {} if message is None else message)
        message, fixed_head, problems = self.known.fixed.apply(transaction, message)
        node, found = self.known.requests.read(transaction.input, message, ("input",))
        problems += [*found, *_head_problems(head or {}, insured_place)]
        if not errors(problems):
            for check in (*EVERY_REQUEST, *transaction.checks("request")):
                problems += check(node, self.region.circumstances)
        if errors(problems):
            raise InvalidMessage(problems)
        return Call(
            transaction=transaction,
            deployment=self.deployment,
            region=self.region,
            operator=self.deployment.operator(operator),
            input=node,
            insured_place=insured_place,
            head={**fixed_head, **(head or {})},
            content=content,
            written=_sparse.write(node) if self._wrapped(transaction) else None,
            advice=[str(p) for p in problems if p.level == "warning"],
        )

    def _send(self, call: Call[Any]) -> Received:
        """Steps 3 to 7: what the core itself does for every interface, inside all wrappers."""
        message = self._checked(call)
        if call.transaction.does is Does.REVERSES and call.resolves is None:
            self.resolver.refuse_reversal(call.input.data.omsgid, call.input.data.oinfno)
        for attempt in range(READ_ATTEMPTS):
            try:
                return self._send_signed_in(call, message)
            except (CallNotSent, NoAnswer):
                if call.transaction.changes or attempt == READ_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _checked(self, call: Call[Any]) -> Any:
        """The message as it will be sent, held to the declaration once more: wrappers may have changed it."""
        if call.written is not None and call.written != (changed := self._changed(call)):
            call.input, problems = self.known.requests.read(call.transaction.input, changed, ("input",))
            if errors(problems):
                raise InvalidMessage(problems)
        problems = [*_head_problems(call.head, call.insured_place)]
        if problems:
            raise InvalidMessage(problems)
        if not call.insured_place and "insuplc_admdvs" not in call.head and find(call.input, "psn_no"):
            where = ("head", "insuplc_admdvs")
            text = "输入中有人员编号，须给出参保地医保区划（取自 1101 的 insuplc_admdvs）"
            raise InvalidMessage([problem(where, "required", text, label="参保地医保区划")])
        return self.known.writer.write(call.input)

    def _changed(self, call: Call[Any]) -> Any:
        """The input as JSON values, after the wrappers. InvalidMessage where it is no input of the transaction."""
        try:
            return _sparse.write(call.input)
        except Exception:
            raise InvalidMessage([problem(("input",), "type", "插件改过之后，已不是这个交易的输入")]) from None

    def _wrapped(self, transaction: Transaction) -> bool:
        return len(getattr(self.known.manager.hook, transaction.hook).get_hookimpls()) > 1

    def _send_signed_in(self, call: Call[Any], message: Any) -> Received:
        needs_sign_in = call.transaction.does is not Does.SIGNS_IN
        sign_no = self.sign_in(call.operator) if needs_sign_in else ""
        try:
            return self._exchange(call, message, sign_no)
        except _SignInExpired as expired:
            if not needs_sign_in:
                raise expired.refused from None
            log.info("sign-in of operator expired, signing in again")
            self._keep_sign_in(call.operator.code, None)
            try:
                return self._exchange(call, message, self.sign_in(call.operator))
            except _SignInExpired as again:
                raise again.refused from None

    def _exchange(self, call: Call[Any], message: Any, sign_no: str) -> Received:
        record, request = self._record(call, message, sign_no)
        if isinstance(record, Existing):
            return self._recorded(call.transaction, record.call)
        try:
            post = self._ready(call, record, request)
            return self._carry_out(call, record, request, post)
        finally:
            self.journal.abandon_call(record)

    def _ready(self, call: Call[Any], opened: Opened, request: _Request) -> Callable[[], Exchange]:
        """The post of the call, addressed and signed. What fails here fails before the first byte has left."""
        try:
            return self._signed(call, request.body)
        except (Exception, SystemExit) as failed:
            why = failed.message if isinstance(failed, LiangdingError) else type(failed).__name__
            text = f"没能签名或编址，未发出（{why}）"
            log.error("%s %s is not signed: %s", call.transaction.infno, request.msgid, type(failed).__name__)
            outcome = Outcome(state=State.NOT_SENT, at=self.clock.epoch(), failure="not_signed", message=text)
            self._record_outcome(call, opened, request.msgid, outcome)
            unsent = CallNotSent(text, infno=call.transaction.infno, msgid=request.msgid, call_id=opened.id)
            unsent.remedy = "查网关的设置和签名用的插件，改好后重办"
            raise unsent from failed

    def _carry_out(self, call: Call[Any], opened: Opened, request: _Request, post: Callable[[], Exchange]) -> Received:
        try:
            return self._conclude(call, opened, request, post())
        except (CallFailed, _SignInExpired):
            raise
        except Exception as unexpected:
            log.exception("%s %s broke off", call.transaction.infno, request.msgid)
            return self._broke_off(call, opened, request, unexpected)

    def _broke_off(self, call: Call[Any], opened: Opened, request: _Request, error: Exception) -> Received:
        """Something of ours failed after the record was made: what the platform did is not known."""
        text = f"办理中出错（{type(error).__name__}），结果不明"
        state = State.UNKNOWN if call.transaction.changes else State.FAILED
        outcome = Outcome(state=state, at=self.clock.epoch(), failure="broke_off", message=text)
        self._record_outcome(call, opened, request.msgid, outcome)
        if state is State.FAILED:
            raise NoAnswer(text, infno=call.transaction.infno, msgid=request.msgid, call_id=opened.id) from error
        return self._unknown(call, opened.id, request.msgid, text)

    # -- record and send -------------------------------------------------------------------------------------------

    def _record(self, call: Call[Any], message: Any, sign_no: str) -> tuple[Opened | Existing, _Request]:
        """Record the call, after what stands in its way is out of it: a number that is taken, an earlier call under
        the same key, an earlier call of the same person."""
        again = False
        waited_until = self.clock.epoch() + self._hold_seconds()
        while True:
            request = self._request(call, message, sign_no)
            try:
                record = self.journal.open_call(self._new_call(call, request), again=again)
            except MsgidTaken:
                continue
            if isinstance(record, Held):
                self._wait_for(call, record, waited_until)
            elif isinstance(record, Existing):
                settled = self._look_at(record.call)
                if not settled.state.repeatable:
                    return Existing(settled), request
                again = True
            else:
                return record, request

    def _look_at(self, earlier: Record) -> Record:
        """An earlier call under the same key, after one more look at it where it is not settled for good."""
        if earlier.state is State.UNKNOWN or (earlier.state is State.OPEN and self.journal.is_left(earlier)):
            return self.resolver.attempt(earlier.id)
        return self.resolver.look_again(earlier)

    def _hold_seconds(self) -> float:
        settings = self.deployment.resolution
        return settings.hold_seconds if settings.hold == "wait" else 0.0

    def _wait_for(self, call: Call[Any], held: Held, until: float) -> None:
        """Try to settle what holds the person back. HeldBack or InProgress where that does not succeed in time."""
        open_still = [earlier for earlier in map(self._look_at, held.calls) if not earlier.state.final]
        if not open_still:
            return
        if self.clock.epoch() < until:
            self.clock.sleep(HOLD_STEP_SECONDS)
            return
        first, infno = open_still[0], call.transaction.infno
        if first.state is State.OPEN:
            text = f"同一参保人的 {first.infno} 正在办理"
            raise InProgress(text, infno=infno, msgid=first.msgid, call_id=first.id)
        text = f"同一参保人的上一笔 {first.infno}（{first.created_at:%m-%d %H:%M:%S}）结果不明，查明前不能办 {infno}"
        raise HeldBack(text, infno=infno, msgid=first.msgid, call_id=first.id)

    def _request(self, call: Call[Any], message: Any, sign_no: str) -> _Request:
        at = self.now()
        msgid = self._msgids.new(at)
        institution, platform = self.deployment.institution, self.deployment.platform
        fields: dict[str, Any] = {
            "mdtrtarea_admvs": institution.area,
            "recer_sys_code": platform.recer_sys_code,
            "infver": platform.infver,
            "signtype": platform.signtype,
            "insuplc_admdvs": call.insured_place,
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
        return _Request(msgid=msgid, body=envelope(head, message, platform.head))

    def _new_call(self, call: Call[Any], request: _Request) -> NewCall:
        def found(name: str) -> str | None:
            value = find(call.input, name)
            return None if value is None else str(value)

        return NewCall(
            deployment=self.deployment.name,
            institution=self.deployment.institution.code,
            infno=call.transaction.infno,
            msgid=request.msgid,
            operator=call.operator.code,
            changes=call.transaction.changes,
            holds=call.transaction.holds and call.resolves is None,
            resolves=call.resolves,
            request=request.body,
            content=call.content,
            at=self.clock.epoch(),
            key=call.key if call.transaction.changes else None,
            person=found("psn_no"),
            flow=call.flow,
            amount=found("medfee_sumamt"),
            mdtrt_id=found("mdtrt_id"),
            setl_id=found("setl_id"),
        )

    def _signed(self, call: Call[Any], body: bytes) -> Callable[[], Exchange]:
        form, sent = call.carriage.packed(body) if call.carriage else ({}, body)
        outgoing = Outgoing(infno=call.transaction.infno, body=sent, epoch=self.clock.epoch(), nonce=self.new_id())
        address, headers = self.known.address(call.transaction), {**self.known.gateway.headers(outgoing), **form}
        if not all(isinstance(each, str) for pair in headers.items() for each in pair):
            raise TypeError("headers are text")
        if call.carriage:
            return partial(self.transport.stream, address, headers, sent, call.carriage.receive)
        return partial(self.transport.post, address, headers, sent)

    # -- classify, record, answer ----------------------------------------------------------------------------------

    def _conclude(self, call: Call[Any], opened: Opened, request: _Request, exchange: Exchange) -> Received:
        reply = None if exchange.failure else parse_reply(exchange.body)
        verdict = self._judged(call, exchange, reply, request.msgid)
        if verdict.state is State.ACCEPTED and self._is_foreign(call, reply):
            verdict = Verdict(state=State.UNKNOWN, message="应答不像是这笔交易的")
        if verdict.state is State.UNKNOWN and not call.transaction.changes:
            verdict = attrs.evolve(verdict, state=State.FAILED)
        received = None
        outcome = Outcome(
            state=verdict.state, at=self.clock.epoch(), answer=exchange.body, http_status=exchange.status,
            failure=exchange.failure, message=verdict.message,
        )  # fmt: skip
        if verdict.state is State.ACCEPTED:
            assert isinstance(reply, Reply)
            received = self._received(
                call.transaction, opened.id, request.msgid, exchange.body, call.input, advice=call.advice
            )
            assert received.first is not None
            found: dict[str, Any] = _identifiers(received.first.output)
            outcome = attrs.evolve(outcome, inf_refmsgid=reply.inf_refmsgid, advice=received.advice, **found)
        stands = self._record_outcome(call, opened, request.msgid, outcome)
        log.info("%s %s: %s", call.transaction.infno, request.msgid, verdict.state.value)
        if not stands:
            return self._recorded(call.transaction, self._look_at(self.journal.call(opened.id)))
        if received is not None:
            self.devices.follow(call.transaction.does, self.deployment, call.operator)
            return received
        if verdict.state is State.UNKNOWN:
            return self._unknown(call, opened.id, request.msgid, verdict.message)
        failed = _failed(verdict.state, verdict.message, call.transaction.infno, request.msgid, opened.id)
        if verdict.sign_in_expired:
            raise _SignInExpired(failed)
        raise failed

    def _judged(self, call: Call[Any], exchange: Exchange, reply: Any, msgid: str) -> Verdict:
        """What an exchange means: as the region says, where it says something that can be; else by the standard."""
        hook = self.known.manager.hook.liangding_classify
        try:
            verdict = hook(call=call, exchange=exchange, reply=reply)
        except (Exception, SystemExit) as failed:
            blame(hook, failed)
            verdict = None
        if verdict is None:
            return classify(call, exchange, reply, self.known.gateway, msgid)
        if not possible(verdict, call, exchange, reply):
            blame(hook, ValueError("no verdict on this exchange"))
            return classify(call, exchange, reply, self.known.gateway, msgid)
        return accepted(call, reply, msgid) if verdict.state is State.ACCEPTED else verdict

    def _is_foreign(self, call: Call[Any], reply: Any) -> bool:
        """Whether an answer is not believed to be this call's. A query is made again; what a call did that changes
        something has to be asked, so that it is believed where that cannot be."""
        if not call.transaction.changes:
            return of_another(call, reply.output)
        asks = self.resolver.can_ask(call.transaction.infno)
        return asks and (foreign(call, reply.output) or of_another(call, reply.output))

    def _unknown(self, call: Call[Any], call_id: int, msgid: str, message: str) -> Received:
        """An outcome that is not known: the resolver tries at once, and mostly finds out."""
        if call.transaction.changes and call.resolves is None:
            try:
                settled = self.resolver.attempt(call_id)
            except LiangdingError as failed:
                log.warning("%s is not resolved yet: %s", msgid, failed.code)
            else:
                if settled.state.final:
                    return self._recorded(call.transaction, settled)
        raise OutcomeUnknown(message, infno=call.transaction.infno, msgid=msgid, call_id=call_id)

    def _record_outcome(self, call: Call[Any], opened: Opened, msgid: str, outcome: Outcome) -> bool:
        """Whether the outcome is what the journal holds now; False where the call was resolved otherwise meanwhile."""
        try:
            return self.journal.close_call(opened, outcome)
        except LiangdingError as failed:
            log.error("outcome of %s is not recorded: %s", msgid, failed)
            if call.transaction.changes and outcome.state is not State.NOT_SENT:
                said = f"平台应答了（{outcome.state.value}），但没能记入流水：{failed.message}"
                raise OutcomeUnknown(said, infno=call.transaction.infno, msgid=msgid, call_id=opened.id) from None
            return True

    def _received(
        self,
        transaction: Transaction,
        call_id: int,
        msgid: str,
        body: bytes,
        asked: Any,
        *,
        advice: Any = (),
        record: Record | None = None,
    ) -> Received:
        """What the platform accepted with ``body``, read and checked; ``asked`` is the input that it answers,
        ``advice`` the call's own so far, ``record`` the journal's where it is there already."""
        reply = parse_reply(body)
        assert isinstance(reply, Reply)
        node, findings = self._output(transaction, reply)
        if transaction.checks("answer"):
            flag = find(asked, "acct_used_flag")
            circumstances = attrs.evolve(
                self.region.circumstances, msgid=msgid, account_used=None if flag is None else flag != NO_ACCOUNT
            )
            for check in transaction.checks("answer"):
                findings += check(node, circumstances)
        findings += [Problem(path=("answer",), rule="encoding", message=note, level="warning") for note in reply.notes]
        said = (*((reply.warning,) if reply.warning else ()), *sentences(advice))
        said = (record.advice or said) if record else said
        answer: Answer[Any] = Answer(
            infno=transaction.infno, msgid=msgid, call_id=call_id, output=node, body=reply.body, advice=said,
            findings=tuple(findings), recorded=record is not None,
        )  # fmt: skip

        def again() -> Answer[Any]:
            reply = parse_reply(body)
            assert isinstance(reply, Reply)
            output, _ = self._output(transaction, reply)
            return attrs.evolve(answer, output=output, body=reply.body)

        found = record is not None and bool(record.resolution)
        return Received(call_id=call_id, first=answer, again=again, advice=said, found=found)

    def _output(self, transaction: Transaction, reply: Reply) -> tuple[Any, list[Problem]]:
        output = {} if reply.output is None and not is_list(transaction.output) else reply.output
        node, findings = self.known.answers.read(transaction.output, output, ("output",))
        if node is None:  # what was done stands, whatever came with the answer: nobody works with nothing
            node, _ = self.known.answers.read(transaction.output, {}, ("output",))
        return node, findings

    def _recorded(self, transaction: Transaction, record: Record) -> Received:
        """The answer of an earlier call under the same business key."""
        if record.state is State.ACCEPTED:
            given = decode(record.request).get("input") if record.request else None
            asked, _ = self.known.answers.read(transaction.input, given or {})
            return self._received(transaction, record.id, record.msgid, record.answer, asked, record=record)
        if record.state in (State.ABSENT, State.REVERSED):
            text = f"{STATE_NAMES[record.state]}：这一笔没有办成，可以重办"
            raise CallNotSent(text, infno=record.infno, msgid=record.msgid, call_id=record.id)
        if record.state is State.OPEN:
            text = "同一业务号的交易正在办理"
            raise InProgress(text, infno=record.infno, msgid=record.msgid, call_id=record.id)
        raise _failed(record.state, record.message or "结果不明", record.infno, record.msgid, record.id)

    def finish(self, record: Record) -> Answer[Any] | None:
        """The answer of a call that was sent, by its record alone: whatever would be composed, set or enabled today,
        this is what became of it. None where it is certain that it had no effect, so that it may be made anew.

        Raises OutcomeUnknown where nobody knows yet, and InProgress.
        """
        settled = record if record.state.repeatable else self._look_at(record)
        if settled.state.repeatable:
            return None
        return self._told(settled)

    # -- sign-in ---------------------------------------------------------------------------------------------------

    def sign_in(self, operator: Operator) -> str:
        """The operator's sign_no of today: the one that is held, else a new one by 9001."""
        institution, today = self.deployment.institution.code, _day(self.clock.epoch())
        known = self._signed_in.get(operator.code)
        if known is not None and known[1] == today:
            return known[0]
        held = self.journal.sign_ins.get(institution, operator.code)
        if held is not None and _day(held[1]) == today:
            self._signed_in[operator.code] = held[0], today
            return held[0]
        message = {"signIn": {"opter_no": operator.code, "mac": operator.mac, "ip": operator.ip}}
        answer = self.call(SIGN_IN, message, operator=operator.code)
        sign_no: str | None = find(answer.output, "sign_no")
        if not sign_no:
            raise NoAnswer("签到应答没有 sign_no", infno=SIGN_IN, msgid=answer.msgid, call_id=answer.call_id)
        self._keep_sign_in(operator.code, sign_no)
        return sign_no

    def _keep_sign_in(self, operator: str, sign_no: str | None) -> None:
        """Remember a sign_no, or forget it: in the journal, which other processes share, and here."""
        at = self.clock.epoch()
        self._signed_in.pop(operator, None)
        self.journal.sign_ins.keep(self.deployment.institution.code, operator, sign_no, at)
        if sign_no is not None:
            self._signed_in[operator] = sign_no, _day(at)

    def sign_out(self, operator: str | None = None) -> None:
        """Sign the operator out (9002), as at a change of shift."""
        who = self.deployment.operator(operator)
        institution = self.deployment.institution.code
        held = self.journal.sign_ins.get(institution, who.code)
        if held is None:
            return
        self.call(SIGN_OUT, {"signOut": {"sign_no": held[0], "opter_no": who.code}}, operator=who.code)
        self._keep_sign_in(who.code, None)


class _SignInExpired(LiangdingError):
    """Refused because the sign-in no longer holds; never leaves this module."""

    def __init__(self, refused: CallFailed) -> None:
        super().__init__(refused.message)
        self.refused = refused


@attrs.frozen(kw_only=True)
class _Request:
    msgid: str
    body: bytes = attrs.field(repr=False)


KEY_CHARACTERS = 200


def check_key(key: str | None) -> None:
    """BadKey for a business key that is empty or too long; None is no key."""
    if key is not None and not 0 < len(key.strip()) <= KEY_CHARACTERS:
        raise BadKey(f"业务号是空的，或长过 {KEY_CHARACTERS} 个字符", path="key")


def _failed(state: State, message: str, infno: str, msgid: str, call_id: int) -> CallFailed:
    kinds: dict[State, type[CallFailed]] = {
        State.REFUSED: CallRefused,
        State.NOT_SENT: CallNotSent,
        State.FAILED: NoAnswer,
    }
    kind = kinds.get(state, OutcomeUnknown)
    return kind(message, infno=infno, msgid=msgid, call_id=call_id)


_HEAD = frozenset(
    {"mdtrtarea_admvs", "insuplc_admdvs", "recer_sys_code", "dev_no", "dev_safe_info", "cainfo", "signtype", "infver"}
)
"""What of the envelope is set for one call; the rest is the runtime's."""


def _head_problems(head: Any, insured_place: Any) -> Iterator[Problem]:
    if not isinstance(head, Mapping) or not isinstance(insured_place, str | None):
        yield problem(("head",), "type", "报文头应为一组键值，参保地医保区划应为文本")
        return
    for name, value in head.items():
        if name not in _HEAD:
            yield problem(("head", name), "unknown_field", f"报文头中可以另给的只有 {'、'.join(sorted(_HEAD))}")
        elif not isinstance(value, str | None):
            yield problem(("head", name), "type", "应为文本")


def _plain(message: Any) -> Any:
    """A message as JSON values."""
    return message if isinstance(message, Mapping | list) or message is None else _sparse.write(message)


def _digest(infno: str, message: Any) -> str:
    """A digest of what the caller asked for, the same for the same content however it is ordered."""
    return hashlib.sha256(encode_ordered([infno, message])).hexdigest()


def _identifiers(output: Any) -> dict[str, str]:
    found = {name: find(output, name) for name in ("mdtrt_id", "setl_id")} | {"amount": find(output, "medfee_sumamt")}
    return {name: str(value) for name, value in found.items() if value is not None}


def _day(epoch: float) -> int:
    return int(epoch + 8 * 3600) // 86400
