"""What came back of a call: what it means, read by the declaration, and as it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from ..contract.calls import Answer, Call, Verdict
from ..errors import CallFailed, CallNotSent, CallRefused, InProgress, NoAnswer, OutcomeUnknown
from ..journal import STATE_NAMES, State
from ..journal import CallRecord as Record
from ..knowledge import Knowledge
from ..knowledge.blaming import blame
from ..national.meaning import NO_ACCOUNT, single_node
from ..national.refusals import causes
from ..spec import Does, Problem, Transaction
from ..spec.locating import find
from ..spec.nodes import is_list
from ..spec.writing import two_places
from ..wire.json import decode, encode
from ..wire.replies import Reply, parse_reply
from ..wire.transport import Exchange
from .classify import accepted, classify, foreign, of_another, possible, strange
from .settled import Settled
from .wrapping import Received, sentences

PRUNED = "流水中的报文已按保存期清除，只剩编号和金额"
"""What is said beside an answer that is not kept any more."""

CHECK_FIRST = "也可能是别处退的，退现金前先核对病人是否已经领过"
"""What the cashier reads where a settlement may have been taken back by somebody else, who may have given the cash."""


class Answers:
    """Reads answers of one deployment. ``can_ask`` says whether the platform can be asked what became of a call."""

    def __init__(self, known: Knowledge, can_ask: Callable[[str], bool]) -> None:
        self._known = known
        self._settled = Settled(known)
        self._can_ask = can_ask
        refusals = known.region.refusals
        marked = refusals.marked or known.deployment.platform.behind_relay
        self._refusals = attrs.evolve(refusals, marked=marked)

    def verdict(self, call: Call[Any], exchange: Exchange, reply: Any, msgid: str) -> Verdict:
        """What an exchange means for its call. What is not known of a call that changes nothing has failed."""
        verdict = self._judged(call, exchange, reply, msgid)
        if verdict.state is State.ACCEPTED and self._is_foreign(call, reply):
            verdict = Verdict(state=State.UNKNOWN, message="应答不像是这笔交易的")
        if verdict.state is State.UNKNOWN and not call.transaction.changes:
            verdict = attrs.evolve(verdict, state=State.FAILED)
        return verdict

    def _judged(self, call: Call[Any], exchange: Exchange, reply: Any, msgid: str) -> Verdict:
        """What an exchange means: as the region says, where it says something that can be; else by the standard."""
        hook = self._known.manager.hook.liangding_classify
        try:
            verdict = hook(call=call, exchange=exchange, reply=reply)
        except (Exception, SystemExit) as failed:
            blame(hook, failed)
            verdict = None
        if verdict is None:
            return classify(call, exchange, reply, self._known.gateway, msgid, self._refusals)
        if not possible(verdict, call, exchange, reply):
            blame(hook, ValueError("no verdict on this exchange"))
            return classify(call, exchange, reply, self._known.gateway, msgid, self._refusals)
        return accepted(call, reply, msgid) if verdict.state is State.ACCEPTED else verdict

    def _is_foreign(self, call: Call[Any], reply: Any) -> bool:
        """Whether an answer is not believed to be this call's. A query is made again; what a call did that changes
        something has to be asked, so that it is believed where that cannot be."""
        if not call.transaction.changes:
            return of_another(call, reply.output) or strange(call.transaction.output, reply.output)
        asks = self._can_ask(call.transaction.infno)
        return asks and (foreign(call, reply.output) or of_another(call, reply.output))

    def received(
        self,
        transaction: Transaction,
        call_id: int,
        msgid: str,
        body: bytes,
        asked: Any,
        *,
        advice: Any = (),
        record: Record | None = None,
        reply: Any = None,
    ) -> Received:
        """What the platform accepted with ``body``, read and checked; ``asked`` is the input that it answers,
        ``advice`` the call's own so far, ``record`` the journal's where it is there already, ``reply`` the body as it
        was parsed, which nobody else has."""
        reply = parse_reply(body) if reply is None else reply
        assert isinstance(reply, Reply)
        node, findings = self._output(transaction, reply)
        if transaction.checks("answer"):
            flag = find(asked, "acct_used_flag")
            circumstances = attrs.evolve(
                self._known.region.circumstances, msgid=msgid, account_used=None if flag is None else flag != NO_ACCOUNT
            )
            for check in transaction.checks("answer"):
                findings += check(node, circumstances)
        findings += [Problem(path=("answer",), rule="encoding", message=note, level="warning") for note in reply.notes]
        said = (*((reply.warning,) if reply.warning else ()), *sentences(advice))
        said = (record.advice or said) if record else said
        found = record is not None and bool(record.resolution)
        if found and transaction.does is Does.CANCELS and (setl_id := find(asked, "setl_id")):
            # whoever took it back, the platform shows the same, and no answer of its own says that it was this call
            said = tuple(dict.fromkeys((*said, f"撤销结算 {setl_id} 没有收到答复，是事后查明的：{CHECK_FIRST}")))
        answer: Answer[Any] = Answer(
            infno=transaction.infno, msgid=msgid, call_id=call_id, output=node, body=reply.body, advice=said,
            findings=tuple(findings), recorded=record is not None,
        )  # fmt: skip

        def again() -> Answer[Any]:
            reply = parse_reply(body)
            assert isinstance(reply, Reply)
            output, _ = self._output(transaction, reply)
            return attrs.evolve(answer, output=output, body=reply.body)

        return Received(call_id=call_id, first=answer, again=again, advice=said, found=found)

    def _output(self, transaction: Transaction, reply: Reply) -> tuple[Any, list[Problem]]:
        output = {} if reply.output is None and not is_list(transaction.output) else reply.output
        node, findings = self._known.answers.read(transaction.output, output, ("output",))
        if node is None:  # what was done stands, whatever came with the answer: nobody works with nothing
            node, _ = self._known.answers.read(transaction.output, {}, ("output",))
        return node, findings

    def learnt(self, call: Call[Any], output: Any) -> dict[str, Any]:
        """What of an answer stands in columns of the journal."""
        settlement = self._settled.of(call.transaction, call.input, output, call.insured_place)
        return {**identifiers(output), "settlement": settlement}

    def recorded(self, transaction: Transaction, record: Record) -> Received:
        """The answer of an earlier call under the same business key."""
        if record.state is State.ACCEPTED:
            given = decode(record.request).get("input") if record.request else None
            asked, _ = self._known.answers.read(transaction.input, given or {})
            body = record.answer or _what_is_left(transaction, record)
            return self.received(transaction, record.id, record.msgid, body, asked, record=record)
        if record.state in (State.ABSENT, State.REVERSED):
            text = f"{STATE_NAMES[record.state]}：这一笔没有办成，可以重办"
            raise CallNotSent(text, infno=record.infno, msgid=record.msgid, call_id=record.id)
        if record.state is State.OPEN:
            text = "同一业务号的交易正在办理"
            raise InProgress(text, infno=record.infno, msgid=record.msgid, call_id=record.id)
        raise self.failure(record.state, record.message or "结果不明", record.infno, record.msgid, record.id)

    def failure(self, state: State, message: str, infno: str, msgid: str, call_id: int) -> CallFailed:
        """How a call ended that did not end well; a refusal with what is known of the platform's sentence."""
        failed = failure_of(state, message, infno, msgid, call_id)
        if isinstance(failed, CallRefused):
            told = causes(message, self._known.region.refusals.sentences(self._known.region.name))
            failed.remedy = told.pop("remedy", failed.remedy)
            failed.known = told
        return failed


def _what_is_left(transaction: Transaction, record: Record) -> bytes:
    """An answer from what the columns hold: its body was cleared away when its time was over."""
    held = {"setl_id": record.setl_id, "mdtrt_id": record.mdtrt_id, "medfee_sumamt": record.amount}
    nodes = (single_node(transaction.output, name, "") for name in ("setl_id", "mdtrt_id"))
    node = next(filter(None, nodes), "")
    return encode({"infcode": 0, "err_msg": None, "warn_msg": PRUNED, "output": {node: held} if node else {}})


def failure_of(state: State, message: str, infno: str, msgid: str, call_id: int) -> CallFailed:
    kinds: dict[State, type[CallFailed]] = {
        State.REFUSED: CallRefused,
        State.NOT_SENT: CallNotSent,
        State.FAILED: NoAnswer,
    }
    kind = kinds.get(state, OutcomeUnknown)
    return kind(message, infno=infno, msgid=msgid, call_id=call_id)


def identifiers(output: Any) -> dict[str, str]:
    """What an answer names, and its sum."""
    found = {name: find(output, name) for name in ("mdtrt_id", "setl_id")} | {"amount": find(output, "medfee_sumamt")}
    return {
        name: str(two_places(value) if isinstance(value, Decimal) else value)
        for name, value in found.items()
        if value is not None
    }
