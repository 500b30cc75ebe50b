"""Holding a message from anywhere against the declarations: a whole envelope, or only its input or output."""

from __future__ import annotations

import codecs
from typing import Any, Literal

from ..checks import NATIONAL, Circumstances
from ..knowledge.interfaces import BASELINE, Interfaces
from ..spec import Transaction
from ..spec.leaves import LENIENT, STRICT
from ..spec.nodes import Shape, is_list, members, node_of
from ..spec.problems import Problem, errors, problem
from ..spec.reading import MessageReader
from ..wire.envelope import INPUT_CHARACTERS, KNOWN_BESIDE, Head
from ..wire.json import decode, encode
from ..wire.replies import GatewayReply, Reply, Unreadable, parse_reply, text_of
from .checking import checked

Side = Literal["request", "response"]


def validate(
    infno: str,
    data: bytes,
    side: Side,
    *,
    interfaces: Interfaces = BASELINE,
    requests: MessageReader | None = None,
    answers: MessageReader | None = None,
    circumstances: Circumstances = NATIONAL,
) -> list[Problem]:
    """Everything that is wrong with a message of transaction ``infno``, as JSON bytes.

    A request is held strictly to the table, an answer as leniently as answers are taken. Problems of level
    ``error`` make it invalid. UnknownTransaction where there is no such number.
    """
    transaction = interfaces[infno]
    if side == "request":
        return _request(transaction, data, requests or MessageReader(STRICT), circumstances)
    return _response(transaction, data, answers or MessageReader(LENIENT), circumstances)


def _request(
    transaction: Transaction, data: bytes, reader: MessageReader, circumstances: Circumstances
) -> list[Problem]:
    problems: list[Problem] = []
    message = _decoded(data, problems)
    if errors(problems):
        return problems
    if isinstance(message, dict) and "input" in message and "input" not in _keys(transaction.input):
        if message.keys() - ASKED_WITH:
            problems += _envelope(transaction, message, reader)
        message = message["input"]
        if isinstance(message, str) and message.strip():
            problems.append(problem(("input",), "type", "input 应为对象，给的是写成文本的 JSON", level="warning"))
            message = _decoded(message.encode(), problems)
    if not transaction.public:
        problems.append(
            problem(("input",), "not_public", "这个交易的字段没有公开，只能原样通过，无法校验", level="warning")
        )
    if len(encode(message).decode()) > INPUT_CHARACTERS:
        text = f"input 超过 {INPUT_CHARACTERS} 个字符，明细过多时应分批"
        problems.append(problem(("input",), "size", text, level="warning"))
    _, found = checked(transaction, {} if message is None else message, reader, circumstances)
    return problems + found


ASKED_WITH = frozenset({"input", "insuplc_admdvs", "operator", "head", "bill_date", "meant"})
"""What a request to the local interface brings: no envelope of the platform's."""


def _keys(shape: Shape) -> set[str]:
    return {member.wire for member in members(node_of(shape))}


def _envelope(transaction: Transaction, message: dict[str, Any], reader: MessageReader) -> list[Problem]:
    head = {key: value for key, value in message.items() if key not in KNOWN_BESIDE}
    _, problems = reader.read(Head, head)
    if head.get("infno") not in (None, "", transaction.infno):
        text = f"报文是 {head['infno']} 的，却按 {transaction.infno} 校验"
        problems.append(problem(("infno",), "infno", text, label="交易编号"))
    if not head.get("insuplc_admdvs") and b'"psn_no"' in encode(message["input"]):
        text = "输入中有人员编号，应给出参保地医保区划；不填按本地处理"
        problems.append(problem(("insuplc_admdvs",), "condition", text, label="参保地医保区划", level="warning"))
    return problems


def _response(
    transaction: Transaction, data: bytes, reader: MessageReader, circumstances: Circumstances
) -> list[Problem]:
    reply = parse_reply(data)
    if isinstance(reply, Unreadable) and reply.reason == "not_an_envelope":
        output = decode(text_of(data)[0])
        if isinstance(output, dict) and output.keys() == {"output"} and "output" not in _keys(transaction.output):
            output = output["output"]
        return _output(transaction, output, reader, circumstances)
    if isinstance(reply, Unreadable):
        return [problem((), reply.reason, reply.message)]
    if isinstance(reply, GatewayReply):
        return [problem((), "gateway", f"这是网关的应答，不是平台的：{reply.code} {reply.message}")]
    problems = [problem((), "encoding", note, level="warning") for note in reply.notes]
    if not reply.succeeded:
        return problems + _refusal(reply)
    return problems + _output(transaction, reply.output, reader, circumstances)


def _refusal(reply: Reply) -> list[Problem]:
    if reply.message:
        return []
    return [problem(("err_msg",), "required", f"infcode {reply.infcode} 却没有说原因", level="warning")]


def _output(
    transaction: Transaction, output: Any, reader: MessageReader, circumstances: Circumstances
) -> list[Problem]:
    if output is None:
        output = [] if is_list(transaction.output) else {}
    node, problems = reader.read(transaction.output, output, ("output",))
    if node is not None:
        for check in transaction.checks("answer"):
            problems += check(node, circumstances)
    return problems


def _decoded(data: bytes, problems: list[Problem]) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "gb18030"
        name = "GBK" if encoding == "gb18030" else "UTF-16"
        problems.append(problem((), "encoding", f"不是 UTF-8；按 {name} 读取", level="warning"))
        text = data.decode(encoding, errors="replace")
    try:
        return decode(text)
    except ValueError as wrong:
        problems.append(problem((), "not_json", f"不是合法的 JSON：{wrong}"))
        return None
