"""One deployment at work: plugins, journal and line brought together; :meth:`Runtime.call` makes one call.

The route of a call never goes back: structure, shape, check, record, send, classify, record, answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from .calls.answers import Answers
from .calls.bills import Bills
from .calls.keying import NOTHING, Keying, day_of, named
from .calls.preparing import Preparing
from .calls.sending import NumberedEnvelope, Sending
from .calls.signing_in import SignInExpired, SigningIn
from .calls.telling import Telling
from .calls.tracing import span
from .calls.wrapping import Freely, Once, Received, Wrappers
from .clock import Clock, SystemClock, now
from .config import Deployment, Operator, load_deployment
from .config.recording import open_journal
from .contract.calls import READ_ATTEMPTS, Answer, Call
from .devices import devices_of
from .errors import CallFailed, CallNotSent, LiangdingError, NoAnswer, OutcomeUnknown, SameBill
from .journal import CallRecord as Record
from .journal import Existing, Journal, NewCall, Opened, Outcome, State
from .knowledge import Knowledge
from .privacy import logger
from .resolution import Asking, Elsewhere, Entering, Resolver
from .spec import Does, Transaction
from .wire.replies import Reply, parse_reply
from .wire.transport import (
    MEGABYTE,
    OVERTAKEN,
    Carriage,
    Exchange,
    HttpTransport,
    Transport,
    leaving_only_while,
)

log = logger("runtime")


Observe = Callable[[str, State, float], None]
"""What counts calls: number, outcome, seconds from record to outcome. Where it fails, the call goes on."""


def _unobserved(infno: str, state: State, seconds: float) -> None:
    pass


def _unobserved_keeper() -> None:
    pass


class Runtime:
    """A deployment at work. Safe to share between threads; several runtimes may stand side by side in one process.

    ``journal``, ``transport`` and ``clock`` may be given instead of what the deployment's file names; ``plugins``
    are further plugins as objects; ``known`` is what the deployment knows, where somebody has it already. ``observe``
    is told of each outcome, for who counts; ``kept_at`` is when the keeper's last round ended; ``observe_keeper`` is
    told when it goes round. ``clock`` is what the rows of the journal age by: where several machines share one
    database, that one's; messages bear the machine's time.
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
        self._line_clock: Clock = clock or SystemClock()
        self._random = randomness or random.SystemRandom()
        self.known = known or Knowledge(deployment, plugins=plugins)
        self.region, self.interfaces = self.known.region, self.known.interfaces
        self.journal = (journal or open_journal(deployment, clock)).of(deployment.institution.code)
        self.clock: Clock = clock or self.journal.clock or self._line_clock
        self._own_journal = journal is None
        try:
            self.journal.serve(deployment.platform.identity)
        except BaseException:
            if self._own_journal:
                self.journal.close()
            raise
        self._bills = Bills(self.journal, self.interfaces, deployment.institution.code)
        self.resolver = Resolver(
            Asking(self.known, self.journal, self.clock, self.call),
            was_made_anew=partial(self._bills.was_made_anew, settings=deployment.keys),
        )
        platform = deployment.platform
        self.transport: Transport = transport or HttpTransport(
            connect_seconds=platform.connect_seconds, read_seconds=platform.read_seconds,
            answer_bytes=platform.answer_megabytes * MEGABYTE, tls=deployment.line_tls(),
        )  # fmt: skip
        self.devices = devices_of(deployment, self.known.manager, self.clock)
        self._entering = Entering(
            journal=self.journal, resolver=self.resolver, clock=self.clock, settings=deployment.resolution
        )
        self._telling = Telling(self.journal, deployment.resolution.plugin_seconds)
        self._preparing = Preparing(self.known)
        self._sending = Sending(self.known, lambda: self.transport, self._line_clock, self.clock, self._random)
        self._signing_in = SigningIn(deployment, self.journal, self.clock, self.call)
        self._answers = Answers(self.known, self.resolver.can_ask)
        self.prepare = self._preparing.prepare
        self._keying = Keying(
            settings=deployment.keys, institution=deployment.institution.code, journal=self.journal,
            interfaces=self.interfaces,
        )  # fmt: skip
        self._elsewhere = Elsewhere(self.resolver.asking, self._bills)
        self.observe: Observe = _unobserved
        self.kept_at: float | None = None
        self.observe_keeper: Callable[[], None] = _unobserved_keeper

    @classmethod
    def from_file(cls, path: Path | str, **parts: Any) -> Runtime:
        """The runtime that a deployment file describes, its ``believe_seconds`` lifted to what is safe where they are
        shorter. ConfigurationError where the file is not as it must be."""
        return cls(load_deployment(path).patient(), **parts)

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
        return now(self._line_clock)

    def sign_in(self, operator: Operator) -> str:
        """The operator's sign_no of today: the one that is held, else a new one by 9001."""
        return self._signing_in.sign_in(operator)

    def sign_out(self, operator: str | None = None) -> None:
        """Sign the operator out (9002), as at a change of shift."""
        self._signing_in.sign_out(operator)

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
        bill_no: str | None = None,
        bill_date: date | None = None,
        meant: bool = False,
    ) -> Answer[Any]:
        """Make one call and return its answer.

        ``message`` is the input: a node of the transaction's declaration, or a dict of the same shape. ``key`` is
        the caller's own business key (bill number): a changing call is made once for a key, and asked again with
        the same content it returns the recorded answer; what the person shows for it is no content. What settles or
        cancels needs one (or has it derived, [keys]), any other call that holds a person gets one by itself.
        ``bill_no`` is the institution's own number of the bill, where it is not the key; ``bill_date`` its own day,
        where its message does not say it and keys are used anew each day;
        ``meant``: this is another bill, though one of the same rows was settled for the person just now.
        ``insured_place`` is the person's ``insuplc_admdvs``, needed as soon as the input holds a ``psn_no``.
        ``operator`` is the code of one of the deployment's operators. ``head`` sets further fields of the envelope.
        ``resolves`` is the resolver's: the journal's number of the call whose outcome is being found out.
        ``carriage`` is how a file goes with the call, or with its answer; what is recorded is the envelope, before the
        carriage sees it.

        Raises InvalidMessage (nothing sent), CallRefused (the platform said no), CallNotSent (nothing left),
        OutcomeUnknown (sent, and nobody knows yet), HeldBack (an earlier call of the person is not settled),
        InProgress, KeyRequired, KeyConflict, SameBill, JournalUnavailable (nothing sent).
        """
        transaction, given = self.interfaces[infno], key
        wrappers = self._wrappers(transaction)
        prepare = partial(self.prepare, infno, message, insured_place=insured_place, operator=operator, head=head)
        by_itself = flow is None and resolves is None and transaction.changes
        call = None
        if by_itself and self._keying.wants(transaction, key):
            call = prepare()
            key = self._keying.of_call(call, key, bill_date)
        before = self._keying.before(transaction, message, key) if by_itself or wrappers else NOTHING
        if wrappers and before.held is not None and before.answers:
            return self._told(before.held)
        call = call or prepare()
        call.key, call.flow, call.resolves, call.carriage, call.meant = key, flow, resolves, carriage, meant
        if by_itself and before.may_be_made:
            self._bills.refuse(call, self.deployment.keys, self.clock.epoch())
        call.bill_no = bill_no or (given if flow is None else None) or named(call)
        call.bill_date = bill_date or day_of(call)
        call.content = before.content or call.content
        if not transaction.changes:
            call.send = core = Freely(self._send)
            return wrappers.read(call, core)
        for doubtful in self._bills.may_turn_up(call, self.deployment.keys, self.clock.epoch()):
            self.resolver.second_look.before_another_is_made(doubtful)
        return self._change(call, Once(call, self._send), wrappers)

    def _wrappers(self, transaction: Transaction) -> Wrappers:
        return Wrappers(transaction, getattr(self.known.manager.hook, transaction.hook).get_hookimpls())

    def _change(self, call: Call[Any], once: Once, wrappers: Wrappers) -> Answer[Any]:
        """A call that changes something, through its wrappers, and what they advise recorded for who asks again."""
        call.send, key, flow = once, call.key, call.flow or ""
        noted = key is None or once.over or not wrappers
        answer = wrappers.change(call, once, lambda received: self._telling.of(flow, received, noted=noted))
        if key is not None and once.received is not None and answer.advice != once.received.advice:
            self._telling.keep_advice(once.received, answer)
        return answer

    def _told(self, record: Record) -> Answer[Any]:
        """The recorded answer of an accepted call. Wrappers that never heard of it, because it was found out behind
        them, hear of it once: that is noted before, so that one that hangs holds nobody up again."""
        transaction = self.interfaces[record.infno]
        received, wrappers = self._answers.recorded(transaction, record), self._wrappers(transaction)
        if not (received.found and wrappers and self._telling.is_first(record.id)):
            return received.read()
        call = self._preparing.as_recorded(transaction, record)
        return self._change(call, Once(call, self._send, received), wrappers)

    def held_up(self, flow_id: str) -> bool:
        """Whether a plugin alone works on that flow here, a call of which was accepted."""
        return self._telling.holds_up(flow_id)

    def take_from_plugins(self, flow_id: str) -> bool:
        """Let a flow that a plugin holds up here be somebody else's: whether it was held up."""
        return self._telling.take(flow_id)

    def _send(self, call: Call[Any]) -> Received:
        """Steps 3 to 7: what the core itself does for every interface, inside all wrappers."""
        message = self._preparing.checked(call)
        if call.transaction.does is Does.REVERSES and call.resolves is None:
            self.resolver.refuse_reversal(call.input.data.omsgid, call.input.data.oinfno)
        for attempt in range(READ_ATTEMPTS):
            try:
                return self._send_signed_in(call, message)
            except (CallNotSent, NoAnswer):
                if call.transaction.changes or attempt == READ_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _send_signed_in(self, call: Call[Any], message: Any) -> Received:
        to_platform = self.known.services.of(call.transaction) is None
        needs_sign_in = to_platform and call.transaction.does is not Does.SIGNS_IN
        sign_no = self.sign_in(call.operator) if needs_sign_in else ""
        try:
            return self._exchange(call, message, sign_no)
        except SignInExpired as expired:
            if not needs_sign_in:
                raise expired.refused from None
            log.info("sign-in of operator expired, signing in again")
            self._signing_in.forget(call.operator.code, sign_no)
            try:
                return self._exchange(call, message, self.sign_in(call.operator))
            except SignInExpired as again:
                raise again.refused from None

    def _exchange(self, call: Call[Any], message: Any, sign_no: str) -> Received:
        with span(call.transaction.infno, self.deployment.province):
            return self._recorded_exchange(call, message, sign_no)

    def _recorded_exchange(self, call: Call[Any], message: Any, sign_no: str) -> Received:
        def compose() -> NewCall:
            return self._sending.new_call(call, self._sending.request(call, message, sign_no))

        record, new = self._entering.enter(call, compose)
        request = NumberedEnvelope(msgid=new.msgid, body=new.request)
        if isinstance(record, Existing):
            return self._answers.recorded(call.transaction, record.call)
        try:
            self._refuse_same_bill(call, record, request)
            post = self._ready(call, record, request)
            if call.transaction.changes and not self.journal.may_send(record):
                return self._overtaken(call, record, request)
            return self._carry_out(call, record, request, post)
        finally:
            self.journal.abandon_call(record)

    def _refuse_same_bill(self, call: Call[Any], opened: Opened, request: NumberedEnvelope) -> None:
        """SameBill, once more, where nobody else can settle anything for the person any more: another desk may have
        done so since it was looked for, or what held this call back was the same bill under another key; where desks
        have journals of their own, the platform is asked. CallNotSent where it does not say."""
        try:
            self._bills.refuse(call, self.deployment.keys, self.clock.epoch())
            self._elsewhere.refuse(call, opened.id)
        except (SameBill, CallNotSent) as same:
            outcome = Outcome(state=State.NOT_SENT, at=self.clock.epoch(), failure=same.code, message=same.message)
            self._record_outcome(call, opened, request.msgid, outcome)
            raise

    def _overtaken(self, call: Call[Any], opened: Opened, request: NumberedEnvelope) -> Received:
        """The call waited so long after its record that somebody else took it up: it does not leave any more. Where its
        key went on to another call, that one is the answer."""
        text = "记入流水后等得太久，期间已被别处接手，这一笔没有发出"
        outcome = Outcome(state=State.NOT_SENT, at=self.clock.epoch(), failure="waited", message=text)
        self._record_outcome(call, opened, request.msgid, outcome)
        if (held := self._entering.gone_on(call, opened)) is not None:
            return self._answers.recorded(call.transaction, held)
        raise CallNotSent(text, infno=call.transaction.infno, msgid=request.msgid, call_id=opened.id)

    def _ready(self, call: Call[Any], opened: Opened, request: NumberedEnvelope) -> Callable[[], Exchange]:
        """The post of the call, addressed and signed. What fails here fails before the first byte has left."""
        try:
            return self._sending.post(call, request.body)
        except (Exception, SystemExit) as failed:
            why = failed.message if isinstance(failed, LiangdingError) else type(failed).__name__
            text = f"没能签名或编址，未发出（{why}）"
            log.error("%s %s is not signed: %s", call.transaction.infno, request.msgid, type(failed).__name__)
            outcome = Outcome(state=State.NOT_SENT, at=self.clock.epoch(), failure="not_signed", message=text)
            self._record_outcome(call, opened, request.msgid, outcome)
            unsent = CallNotSent(text, infno=call.transaction.infno, msgid=request.msgid, call_id=opened.id)
            unsent.remedy = "查网关的设置和签名用的插件，改好后重办"
            raise unsent from failed

    def _carry_out(
        self, call: Call[Any], opened: Opened, request: NumberedEnvelope, post: Callable[[], Exchange]
    ) -> Received:
        try:
            exchange = self._posted(call, opened, post)
            if exchange.failure == OVERTAKEN:
                return self._overtaken(call, opened, request)
            return self._conclude(call, opened, request, exchange)
        except (CallFailed, SignInExpired):
            raise
        except Exception as unexpected:
            log.exception("%s %s broke off", call.transaction.infno, request.msgid)
            return self._broke_off(call, opened, request, unexpected)

    def _posted(self, call: Call[Any], opened: Opened, post: Callable[[], Exchange]) -> Exchange:
        """What came of the post. What changes something leaves only while it is still this process's to send."""
        if not call.transaction.changes:
            return post()
        with leaving_only_while(lambda: self.journal.may_send(opened)):
            return post()

    def _broke_off(self, call: Call[Any], opened: Opened, request: NumberedEnvelope, error: Exception) -> Received:
        """Something of ours failed after the record was made: what the platform did is not known."""
        text = f"办理中出错（{type(error).__name__}），结果不明"
        state = State.UNKNOWN if call.transaction.changes else State.FAILED
        outcome = Outcome(state=state, at=self.clock.epoch(), failure="broke_off", message=text)
        self._record_outcome(call, opened, request.msgid, outcome)
        if state is State.FAILED:
            raise NoAnswer(text, infno=call.transaction.infno, msgid=request.msgid, call_id=opened.id) from error
        return self._unknown(call, opened.id, request.msgid, text)

    # -- classify, record, answer ----------------------------------------------------------------------------------

    def _conclude(self, call: Call[Any], opened: Opened, request: NumberedEnvelope, exchange: Exchange) -> Received:
        reply = None if exchange.failure else parse_reply(exchange.body)
        verdict = self._answers.verdict(call, exchange, reply, request.msgid)
        received = None
        outcome = Outcome(
            state=verdict.state, at=self.clock.epoch(), answer=exchange.body, http_status=exchange.status,
            failure=exchange.failure, message=verdict.message,
        )  # fmt: skip
        if verdict.state is State.ACCEPTED:
            assert isinstance(reply, Reply)
            received = self._answers.received(
                call.transaction, opened.id, request.msgid, exchange.body, call.input, advice=call.advice, reply=reply
            )
            assert received.first is not None
            found = self._answers.learnt(call, received.first.output)
            outcome = attrs.evolve(outcome, inf_refmsgid=reply.inf_refmsgid, advice=received.advice, **found)
        if call.resolves is None:
            outcome = attrs.evolve(outcome, **self.resolver.second_look.judged(call.transaction, verdict))
        stands = self._record_outcome(call, opened, request.msgid, outcome)
        log.info("%s %s: %s", call.transaction.infno, request.msgid, verdict.state.value)
        if not stands:
            own = self._entering.look_at(self.journal.call(opened.id))
            return self._answers.recorded(call.transaction, self._entering.gone_on(call, opened) or own)
        if received is not None:
            self.devices.follow(call.transaction.does, self.deployment, call.operator)
            return received
        if verdict.state is State.UNKNOWN:
            return self._unknown(call, opened.id, request.msgid, verdict.message)
        failed = self._answers.failure(verdict.state, verdict.message, call.transaction.infno, request.msgid, opened.id)
        if verdict.sign_in_expired:
            raise SignInExpired(failed)
        raise failed

    def _unknown(self, call: Call[Any], call_id: int, msgid: str, message: str) -> Received:
        """An outcome that is not known: the resolver tries at once, and mostly finds out."""
        if call.transaction.changes:
            try:
                settled = self.resolver.attempt(call_id)
            except LiangdingError as failed:
                log.warning("%s is not resolved yet: %s", msgid, failed.code)
            else:
                if settled.state.final:
                    return self._answers.recorded(call.transaction, settled)
        raise OutcomeUnknown(message, infno=call.transaction.infno, msgid=msgid, call_id=call_id)

    def _record_outcome(self, call: Call[Any], opened: Opened, msgid: str, outcome: Outcome) -> bool:
        """Whether the outcome is what the journal holds now; False where the call was resolved otherwise meanwhile."""
        try:
            self.observe(call.transaction.infno, outcome.state, outcome.at - opened.row["created_at"])
        except Exception as failed:
            log.warning("%s is not counted: %s", call.transaction.infno, type(failed).__name__)
        try:
            return self.journal.close_call(opened, outcome)
        except LiangdingError as failed:
            log.error("outcome of %s is not recorded: %s", msgid, failed)
            if call.transaction.changes and outcome.state is not State.NOT_SENT:
                said = f"平台应答了（{outcome.state.value}），但没能记入流水：{failed.message}"
                raise OutcomeUnknown(said, infno=call.transaction.infno, msgid=msgid, call_id=opened.id) from None
            return True

    def finish(self, record: Record) -> Answer[Any] | None:
        """The answer of a call that was sent, by its record alone: whatever would be composed, set or enabled today,
        this is what became of it. None where it is certain that it had no effect, so that it may be made anew.

        Raises OutcomeUnknown where nobody knows yet, and InProgress.
        """
        settled = record if record.state.repeatable else self._entering.look_at(record)
        if settled.state.repeatable:
            return None
        return self._told(settled)
