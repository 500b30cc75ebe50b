"""What an exchange means: accepted, refused, not sent, unknown. Where in doubt, unknown."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import attrs

from ..contract.calls import Call, Verdict
from ..contract.region import Refusals
from ..files.garbling import is_spoilt, unspoiled
from ..journal import State
from ..national.meaning import (
    BY_IDENTITY_NUMBER,
    IDENTIFIERS,
    NOT_REFUNDED,
    ONLY_REFUSED,
    REFUND_FLAG,
    REFUSED,
    SERIAL,
    arrived_before,
    gives_a_reason,
    out_of_service,
    perhaps_done,
    settled_before,
    sign_in_expired,
    value_in,
)
from ..spec import Does
from ..spec.locating import find
from ..spec.nodes import folded, is_list, members, node_of
from ..wire.gateways import Gateway
from ..wire.replies import GatewayReply, Reply, Unreadable, refused_rows
from ..wire.transport import Exchange

STANDARD = Refusals()

ROW_VERDICT = b"retRslt"
"""The key of a row's own verdict: what does not hold it need not be searched."""


def classify(
    call: Call[Any],
    exchange: Exchange,
    reply: Reply | GatewayReply | Unreadable | None,
    gateway: Gateway,
    msgid: str,
    refusals: Refusals = STANDARD,
) -> Verdict:
    """The standard's meaning of an exchange; ``refusals`` say how the region refuses beside it."""
    if exchange.failure:
        return Verdict(state=State.UNKNOWN if exchange.sent else State.NOT_SENT, message=exchange.message)
    if isinstance(reply, GatewayReply) and gateway.refused_before_platform(reply.code, reply.message):
        return Verdict(state=State.REFUSED, message=f"网关拒绝：{reply.message}", unreached=True)
    if exchange.status != 200:
        said = f"：{reply.message}" if isinstance(reply, Reply | GatewayReply) and reply.message else ""
        return Verdict(state=State.UNKNOWN, message=f"应答状态码 {exchange.status}{said}")
    if isinstance(reply, Unreadable):
        return Verdict(state=State.UNKNOWN, message=reply.message)
    if isinstance(reply, GatewayReply):
        return Verdict(state=State.UNKNOWN, message=f"网关应答 {reply.code}：{reply.message}")
    assert reply is not None
    if not reply.succeeded:
        return _refused(call, reply, refusals)
    if ROW_VERDICT in exchange.body:
        rows, refused, why = refused_rows(reply.output)
        if rows and refused == rows and not _others_were_taken(call, reply.output, refused):
            return Verdict(state=State.REFUSED, message=why or "平台返回 retRslt 0，未受理")
    return accepted(call, reply, msgid)


def _others_were_taken(call: Call[Any], output: Any, refused: int) -> bool:
    """Whether an answer lists the rows that it refuses, and no others, of more that were sent: those count as done."""
    listed = isinstance(output, dict) and any(
        name.endswith(ONLY_REFUSED) and isinstance(rows, list) for name, rows in output.items()
    )
    given = attrs.astuple(call.input, recurse=False) if attrs.has(type(call.input)) else (call.input,)
    sent = [value for value in given if isinstance(value, list)]
    return listed and refused < max(map(len, sent), default=1)


def _refused(call: Call[Any], reply: Reply, refusals: Refusals) -> Verdict:
    """A refusal is a claim: of a call that changes something it is believed where it bears the code of one (and the
    platform's marks where they are on every one), and says why, and does not say that nobody knows, or that the message
    was there before."""
    said = unspoiled(reply.message)
    message = said or f"平台返回 infcode {reply.infcode or '（空）'}，未说原因"
    if call.transaction.changes and not _is_proved(call, reply, said, refusals):
        return Verdict(state=State.UNKNOWN, message=message)
    if sign_in_expired(message):
        return Verdict(state=State.REFUSED, message=message, sign_in_expired=True)
    return Verdict(state=State.REFUSED, message=message)


def _is_proved(call: Call[Any], reply: Reply, said: str, refusals: Refusals) -> bool:
    if not gives_a_reason(said) or is_spoilt(said):
        return False
    if perhaps_done(said, refusals.doubts) or arrived_before(said, refusals.done):
        return False
    if call.transaction.does.moves_money and out_of_service(said):
        return False
    if call.transaction.does is Does.SETTLES and (settled_before(said) or value_in(reply.output, "setl_id")):
        return False
    return reply.infcode in (*REFUSED, *refusals.codes) and (reply.is_marked or not refusals.marked)


def possible(
    verdict: Any, call: Call[Any], exchange: Exchange, reply: Reply | GatewayReply | Unreadable | None
) -> bool:
    """Whether what a region says of an exchange can be: an answer that was accepted is there to be read, one that was
    refused came, what was sent is not unsent, and what changes something does not fail without a trace."""
    if not isinstance(verdict, Verdict) or not isinstance(verdict.message, str):
        return False
    if verdict.state is State.ACCEPTED:
        return isinstance(reply, Reply)
    if verdict.state is State.REFUSED:
        return not exchange.failure
    if verdict.state is State.NOT_SENT:
        return not exchange.sent
    return verdict.state is State.UNKNOWN or (verdict.state is State.FAILED and not call.transaction.changes)


def accepted(call: Call[Any], reply: Reply, msgid: str) -> Verdict:
    """What an answer means that says yes: it has to bring what a call that changes something comes back with, and what
    answers a question has to be of the kind that is declared."""
    if not call.transaction.changes and unreadable(call.transaction.output, reply.output):
        return Verdict(state=State.UNKNOWN, message="平台说成功，output 却不是声明的样子，读不了")
    if call.transaction.changes:
        missing = _missing_identifier(call.transaction.output, reply.output)
        if missing:
            return Verdict(state=State.UNKNOWN, message=f"平台说成功，却没有给 {missing}")
        echoed = _echoed_msgid(reply.output)
        if echoed and call.transaction.undone_by and echoed != msgid and echoed[:12] == msgid[:12]:
            return Verdict(state=State.UNKNOWN, message="应答属于另一笔报文（medins_setl_id 不是本次的报文号）")
        if _still_stands(call, reply.output):
            return Verdict(state=State.UNKNOWN, message="应答说的是要撤销的那笔结算，它还在")
    return Verdict(state=State.ACCEPTED)


def _still_stands(call: Call[Any], output: Any) -> bool:
    """Whether a cancellation was answered by the very settlement that it takes back, as one that stands: what a query
    about it says, and no cancellation."""
    asked = find(call.input, "setl_id") if call.transaction.does is Does.CANCELS else None
    told = value_in(output, "setl_id")
    return bool(asked and told) and _as_text(told) == str(asked) and value_in(output, REFUND_FLAG) == NOT_REFUNDED


NOTHING: tuple[Any, ...] = (None, "", [], {})
"""What says nothing in an answer."""

ECHOES = ("psn_no", "ipt_otp_no", "payOrdId")
"""What an answer repeats of what was asked, where it does."""


def of_another(call: Call[Any], output: Any) -> bool:
    """Whether an answer names another person, visit or order than the one that was asked about."""
    nodes = [output, *output.values()] if isinstance(output, dict) else []
    for name in ECHOES:
        asked = find(call.input, name)
        told = {_as_text(node[name]) for node in nodes if isinstance(node, dict) and _identifies(node.get(name))}
        if asked and told and str(asked) not in told:
            return True
    return _of_another_person(call, nodes)


def _as_text(value: Any) -> str:
    """An identifier as text, every digit of it, also where it came as a number."""
    whole = isinstance(value, Decimal) and value == value.to_integral_value()
    return f"{value.to_integral_value():f}" if whole else str(value)


_RESIDENT = re.compile(r"\d{17}[\dXx]")


def _of_another_person(call: Call[Any], nodes: list[Any]) -> bool:
    """Whether somebody was asked for by identity number, and the answer names another one; where either is masked, or
    of another form, nobody can tell."""
    if find(call.input, "mdtrt_cert_type") != BY_IDENTITY_NUMBER:
        return False
    asked = str(find(call.input, "mdtrt_cert_no") or "")
    told = {str(node["certno"]).upper() for node in nodes if isinstance(node, dict) and node.get("certno")}
    comparable = bool(told) and all(_RESIDENT.fullmatch(number) for number in (asked, *told))
    return comparable and asked.upper() not in told


def unreadable(shape: Any, output: Any) -> bool:
    """Whether an output is of another JSON kind than its declaration: a text (sealed), a number, rows for one node,
    rows that are no objects. An empty list is nothing, as null is."""
    if is_list(shape):
        return not isinstance(output, list | dict | None) or _holds_no_rows(output)
    one = isinstance(output, list) and len(output) == 1 and isinstance(output[0], dict)
    return bool(members(shape)) and not (one or output == [] or isinstance(output, dict | None))


def _holds_no_rows(held: Any) -> bool:
    """Whether rows are there of which one is no object."""
    return isinstance(held, list) and any(not isinstance(row, dict) for row in held if row not in (None, ""))


def strange(shape: Any, output: Any) -> bool:
    """Whether an output holds something, and nothing of what is declared: what another question was answered, mostly.
    Nothing at all is no such thing."""
    known = {folded(member.wire) for member in members(node_of(shape))}
    rows = output if isinstance(output, list) else [output]
    told = {folded(key) for row in rows if isinstance(row, dict) for key, value in row.items() if value not in NOTHING}
    return bool(known and told) and known.isdisjoint(told)


def foreign(call: Call[Any], output: Any) -> bool:
    """Whether an answer can hardly be this call's: it holds nothing of what the transaction requires or declares, or
    a node of it nothing of what that node requires, or its fee rows are all others than those that were sent."""
    shape = call.transaction.output
    if unreadable(shape, output):
        return True
    if is_list(shape):
        return False
    declared = members(shape)
    if isinstance(output, list) and output:
        (output,) = output  # one object, as a row: more are unreadable
    if not isinstance(output, dict) or not output:
        return any(member.required for member in declared)
    if not declared:
        return False
    if any(_says_nothing(member, output.get(member.wire)) for member in declared):
        return True
    held = [output[member.wire] for member in declared if member.wire in output]
    rows = [row for value in held if isinstance(value, list) for row in value if isinstance(row, dict)]
    answered = {row[SERIAL] for row in rows if row.get(SERIAL)}
    sent = {serial for row in _rows_of(call.input) if (serial := getattr(row, SERIAL, None))}
    return not held or bool(answered and sent and not answered & sent)


def _says_nothing(member: Any, held: Any) -> bool:
    """Whether one node of an answer is there, and all that it has to say is not."""
    if member.node is not None and member.repeats and member.required:
        rows = held if isinstance(held, list) else [held]
        return _holds_no_rows(held) or not any(isinstance(row, dict) and row for row in rows)
    if member.node is None or member.repeats or not (isinstance(held, dict) and held):
        return False
    required = {folded(inner.wire) for inner in members(member.node) if inner.required}
    return bool(required) and required.isdisjoint(folded(name) for name, value in held.items() if value not in NOTHING)


def _rows_of(message: Any) -> list[Any]:
    node: Any = type(message)
    values = (getattr(message, member.attribute, None) for member in members(node))
    return [row for rows in values if isinstance(rows, list) for row in rows]


def _missing_identifier(shape: Any, output: Any) -> str:
    """The identifier that the output's declaration requires and the answer lacks; empty where none is lacking."""
    if is_list(shape):
        return ""
    for member in members(shape):
        if member.node is None or member.repeats or not member.required:
            continue
        held = output.get(member.wire) if isinstance(output, dict) else None
        if isinstance(held, list) and len(held) == 1:
            held = held[0]
        for inner in members(member.node):
            told = held.get(inner.wire) if isinstance(held, dict) else None
            if inner.wire in IDENTIFIERS and inner.required and not _identifies(told):
                return inner.wire
    return ""


def _identifies(value: Any) -> bool:
    """Whether a value can be an identifier: a number in powers of ten has lost its last digits."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return isinstance(exponent, int) and exponent <= 0
    return bool(value)


def _echoed_msgid(output: Any) -> str:
    settled = output.get("setlinfo") if isinstance(output, dict) else None
    return str(settled.get("medins_setl_id") or "") if isinstance(settled, dict) else ""
