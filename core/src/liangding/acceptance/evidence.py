"""Evidence: masked logs of use, and printed views of what the platform answered, all of it from the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contract.acceptance import Scenario
from ..contract.forms import Block, Form, NewPage, Paragraph, Table, filled, label
from ..errors import LiangdingError
from ..flows import Flows
from ..journal import CallRecord
from ..journal.states import STATE_NAMES
from ..knowledge import Knowledge
from ..privacy import masked_text, shown
from ..receipts.gathering import reprint
from ..receipts.slips import settlement_slip
from ..runtime import Runtime
from ..spec.nodes import Member, members, node_of
from ..wire.json import decode
from .keeping import ScenarioRecord, folder_of, write_whole

LOG = "使用日志.txt"
MOST_ROWS = 8
"""Rows of one node that a view shows."""


def keep_evidence(
    runtime: Runtime, flows: Flows, scenario: Scenario, kept: ScenarioRecord, calls: list[CallRecord]
) -> list[str]:
    """Write a scenario's evidence beside the states; the files, as seen from there."""
    folder = folder_of(runtime.deployment)
    place = Path("evidence") / scenario.id / str(kept.attempt)
    files = {str(place / LOG): "\n".join(log_lines(runtime.known, calls)) + "\n"}
    for part, flow in kept.flows.items():
        slips = _slips(flows, flow)
        if slips:
            files[str(place / f"{part.replace(' ', '-')}-小票.txt")] = slips
    for name, text in files.items():
        write_whole(folder / name, text.encode())
    return sorted(files)


def _slips(flows: Flows, flow: str) -> str:
    """What the printer would have printed, the person masked; empty where nothing was settled."""
    try:
        return "\n".join(settlement_slip(each) for each in reprint(flows, flow))
    except LiangdingError:
        return ""


def log_lines(known: Knowledge, calls: Iterable[CallRecord]) -> Iterator[str]:
    """A log of use: a line for each call, nothing personal in it."""
    for call in calls:
        name = known.interfaces[call.infno].name if call.infno in known.interfaces else ""
        told = f"{call.created_at:%Y-%m-%d %H:%M:%S} {call.infno} {name} 报文 {call.msgid} {STATE_NAMES[call.state]}"
        told += f" 结算ID {call.setl_id}" if call.setl_id else ""
        told += f" 就诊ID {call.mdtrt_id}" if call.mdtrt_id else ""
        yield masked_text(told) + (f" 经办人 {call.operator}" if call.operator else "")


# -- printed views -----------------------------------------------------------------------------------------------------


def view_of(known: Knowledge, call: CallRecord) -> list[Block]:
    """The printed view of a call: what was asked and what the platform answered, by the declaration's labels, personal
    values masked."""
    transaction = known.interfaces[call.infno]
    head = f"{call.infno} {transaction.name}"
    about = f"时间 {call.created_at:%Y-%m-%d %H:%M:%S}    报文 {call.msgid}    结果 {STATE_NAMES[call.state]}"
    blocks: list[Block] = [Paragraph(text=head, size="heading"), Paragraph(text=about, size="small")]
    for title, shape, body in (
        ("输入", transaction.input, _part(call.request, "input")),
        ("输出", transaction.output, _part(call.answer, "output")),
    ):
        rows = [(name, shown(key, value) or "") for key, name, value in _labelled(node_of(shape), body)]
        if rows:
            shown_rows = tuple((filled(name), filled(value)) for name, value in rows)
            heading = (label(f"{title}项"), label("内容"))
            blocks.append(Table(widths=(2, 3), rows=(heading, *shown_rows), repeated=1))
    return blocks


def views(known: Knowledge, calls: Iterable[CallRecord], *, name: str, title: str) -> Form:
    """A paper of views, each on a page of its own."""
    blocks: list[Block] = [Paragraph(text=title, size="title", align="center")]
    for i, call in enumerate(calls):
        blocks += ([NewPage()] if i else []) + view_of(known, call)
    note = "由流水中的报文打印，姓名、证件号、卡号已隐去"
    return Form(name=name, title=title, blocks=tuple(blocks), note=note)


def _part(body: bytes, part: str) -> Any:
    try:
        message = decode(body) if body else {}
    except ValueError:
        return None
    return message.get(part) if isinstance(message, Mapping) else None


def labelled(node: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """Label and value of each field of a body that is there, node by node."""
    yield from ((name, each) for _, name, each in _labelled(node, value))


def _labelled(node: Any, value: Any, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """The same, with the field's key before it."""
    if isinstance(value, list):
        for i, each in enumerate(value[:MOST_ROWS], start=1):
            yield from _labelled(node, each, f"{before}第 {i} 行 " if len(value) > 1 else before)
        if len(value) > MOST_ROWS:
            yield "", before, f"（共 {len(value)} 行，其余略）"
        return
    if not isinstance(value, Mapping):
        return
    declared: dict[str, Member] = {member.wire: member for member in members(node)} if node is not None else {}
    for key, each in value.items():
        member = declared.get(str(key))
        name = member.label if member and member.label else str(key)
        if isinstance(each, Mapping | list):
            yield from _labelled(
                member.node if member else None, each, f"{before}{name} " if len(declared) > 1 else before
            )
        elif each not in (None, ""):
            yield str(key), f"{before}{name}", each
