"""``liangding journal``: what was sent, and what became of it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter
from rich.markup import escape

from ..config import load_deployment
from ..config.recording import open_own_journal, read_journal
from ..errors import ConfigurationError
from ..journal import EVENT_NAMES, STATE_NAMES, CallRecord, Event, State
from ..journal.reading import OldJournal
from ..journal.states import LATE, PROVED
from ..resolution import ACTION_NAMES, Action, Decision, ShownCase, approve, decide, propose, shown_case
from ..resolution import give_back as give_back_
from ..wire.transport import FAILURE_NAMES
from .app import AsJson, Config
from .output import console, print_json, table

Reason = Annotated[str, Parameter(help="为什么，记入流水 · why, for the record")]

HELP = "流水：列出、查看、查明、校验、导出 · the journal of all calls"

journal = cyclopts.App(name="journal", help=HELP, help_format="plaintext")


@journal.command(name="list")
def list_(
    *,
    config: Config,
    state: Annotated[list[State] | None, Parameter(help="只看这些状态")] = None,
    infno: Annotated[str | None, Parameter(help="只看这个交易")] = None,
    all_: Annotated[bool, Parameter(name="--all", negative="", help="也列查询类交易")] = False,
    limit: int = 30,
    as_json: AsJson = False,
) -> None:
    """最近的调用，结果不明的在前 · The latest calls; those with unknown outcome first."""
    opened = read_journal(load_deployment(config))
    found = opened.latest(states=state or (), infno=infno, limit=limit, changes=None if all_ or infno else True)
    if not state:
        unsettled = [call for call in opened.pending() if infno in (None, call.infno)]
        found = unsettled + [call for call in found if call.state.final or not call.changes]
    opened.close()
    if as_json:
        print_json([call.as_json() for call in found])
    else:
        show_calls(found, console())


def show_calls(found: list[CallRecord], out: Any) -> None:
    """Print calls as a table: what stands and nobody was told of first, then what is not settled."""
    if not found:
        out.print("流水中没有这样的调用")
        return
    shown = table("流水", "时间", "交易", "结果", "报文号", "金额", "结算编号", "说明")
    for call in sorted(found, key=lambda c: (c.state.final, c.resolution != LATE)):
        name = STATE_NAMES[call.state]
        colour = "green" if call.state is State.ACCEPTED else "red" if not call.state.final else "yellow"
        shown.add_row(
            str(call.id), f"{call.created_at:%m-%d %H:%M:%S}", call.infno, f"[{colour}]{name}[/]", call.msgid,
            call.amount or "", call.setl_id or "",
            "" if call.failure == PROVED else FAILURE_NAMES.get(call.failure, call.failure),
        )  # fmt: skip
    out.print(shown)


@journal.command
def show(call_id: int, *, config: Config, bodies: bool = False, reason: Reason = "", as_json: AsJson = False) -> None:
    """一次调用的全部；--bodies 连同报文（含个人信息，勿外传；记下谁看了）· One call in full."""
    if bodies:
        _refuse_none(config)
        recording = open_own_journal(load_deployment(config))
        recording.report("bodies_read", {"reason": reason}, call_id=call_id)
        recording.close()
    opened = read_journal(load_deployment(config))
    call, history = opened.call(call_id), opened.history(call_id)
    opened.close()
    shown = call.as_json() | {"message": call.message, "advice": list(call.advice)}
    if bodies:
        shown |= {"request": call.request.decode(), "answer": call.answer.decode("utf-8", "replace")}
    if as_json:
        print_json(shown | {"history": [_event(event) for event in history]})
        return
    out = console()
    for label, value in shown.items():
        if value not in (None, "", []):
            out.print(f"{label}: {value}", markup=False)
    show_history(history, out)


def show_history(history: list[Event], out: Any) -> None:
    """What happened to a call, a line for each thing."""
    out.print("\n[bold]经过[/]")
    for event in history:
        detail = "，".join(f"{name} {value}" for name, value in event.detail.items() if value not in ("", None))
        by = f" [{event.principal}]" if event.principal else ""
        out.print(f"  {event.at:%m-%d %H:%M:%S}{by} {EVENT_NAMES.get(event.kind, event.kind)} {detail}", markup=False)


def _event(event: Event) -> dict[str, Any]:
    at = event.at.isoformat(" ", "milliseconds")
    return {
        "at": at, "kind": event.kind, "owner": event.owner, "principal": event.principal, "detail": event.detail
    }  # fmt: skip


@journal.command
def events(
    *,
    config: Config,
    days: Annotated[float, Parameter(help="最近几天 · how many days back")] = 7.0,
    as_json: AsJson = False,
) -> None:
    """谁用过流水和接口：进来、被拒、看正文、导出、清除、换密钥 · Who used the journal and the API, and for what."""
    import time

    opened = read_journal(load_deployment(config))
    found = opened.reports(time.time() - days * 86400)
    opened.close()
    if as_json:
        print_json([_event(event) | {"call_id": event.call_id} for event in found])
        return
    shown = table("时间", "谁", "做了什么", "流水", "详情")
    for event in found:
        detail = "，".join(f"{name} {value}" for name, value in event.detail.items() if value not in ("", None, []))
        what, call = EVENT_NAMES[event.kind], "" if event.call_id is None else str(event.call_id)
        shown.add_row(f"{event.at:%m-%d %H:%M:%S}", event.principal or "", what, call, escape(detail))
    console().print(shown)


@journal.command
def resolve(
    call_id: int,
    *,
    config: Config,
    do: Annotated[Action | None, Parameter(help="要办的：retry reverse accept absent；不给则列出能办的")] = None,
    person: Annotated[str, Parameter(help="谁决定的 · who decided")] = "",
    reason: Annotated[str, Parameter(help="为什么 · why")] = "",
    setl_id: Annotated[str | None, Parameter(help="accept：平台上的结算编号")] = None,
    mdtrt_id: Annotated[str | None, Parameter(help="accept：就诊编号（报文里没有时给）")] = None,
    break_glass: Annotated[bool, Parameter(negative="", help="找不到第二个人时一个人决定，会告警")] = False,
    as_json: AsJson = False,
) -> int:
    """结果不明的一笔：看案情和能办的事，或照决定去办 · A case with unknown outcome: look, or decide."""
    from ..runtime import Runtime

    _refuse_none(config)
    with Runtime.from_file(config) as runtime:
        runtime.resolver.recover()
        call = runtime.journal.call(call_id)
        if do is not None:
            decision = Decision(
                action=do, person=person, reason=reason, setl_id=setl_id, mdtrt_id=mdtrt_id, break_glass=break_glass
            )
            decide(runtime.resolver, call, decision)
            call = runtime.journal.call(call_id)
        case, history = shown_case(runtime.resolver, call), runtime.journal.history(call_id)
    if as_json:
        print_json(case.as_json() | {"history": [_event(event) for event in history]})
        return 0 if call.state.final else 1
    out = console()
    show_calls([call], out)
    _show_case(case, out)
    show_history(history, out)
    if not case.actions and not case.later:
        out.print(f"\n{STATE_NAMES[call.state]}：没有要办的")
        return 0
    out.print("\n[bold]能办的[/]")
    for action in case.actions:
        out.print(f"  --do {action.value:8} {ACTION_NAMES[action]}", markup=False)
    for each in case.later:
        when = f"{each.at:%m-%d %H:%M:%S} 以后才能办：{each.why}"
        out.print(f"  {'':5}{each.action.value:8} {ACTION_NAMES[each.action]}；{when}", markup=False)
    out.print("  accept、absent、reverse 要写明 --person 和 --reason", markup=False)
    return 1


def _show_case(case: ShownCase, out: Any) -> None:
    """Whose bill a case is, and what the platform has that it may be."""
    facts = {
        "单据号": case.bill_no, "单据日期": case.bill_date, "参保人": f"{case.psn_name} {case.psn_no}".strip(),
        "金额": case.amount,
    }  # fmt: skip
    out.print("  ".join(f"{label} {value}" for label, value in facts.items() if value), markup=False)
    if case.unasked:
        out.print(f"\n平台上可能的结算没有列出：{case.unasked}", markup=False)
    if not case.candidates:
        return
    listed = table("平台上的结算", "就诊编号", "时间", "总金额", "可能是", "说明")
    for each in case.candidates:
        at = "" if each.setl_time is None else f"{each.setl_time:%m-%d %H:%M:%S}"
        amount = "" if each.medfee_sumamt is None else f"{each.medfee_sumamt:.2f}"
        listed.add_row(each.setl_id, each.mdtrt_id, at, amount, "是" if each.possible else "不是", each.note)
    out.print(listed)


def _refuse_none(config: Path) -> None:
    """JournalUnavailable where there is no journal: of one that is made now nothing could be asked."""
    with contextlib.suppress(OldJournal):
        read_journal(load_deployment(config)).close()


@journal.command(name="propose")
def propose_(
    call_id: int,
    *,
    config: Config,
    do: Annotated[Action, Parameter(help="提出怎样办：reverse accept absent")],
    person: Annotated[str, Parameter(help="谁提出 · who proposes")],
    reason: Reason,
    setl_id: Annotated[str | None, Parameter(help="accept：平台上的结算编号")] = None,
    mdtrt_id: Annotated[str | None, Parameter(help="accept：就诊编号（报文里没有时给）")] = None,
) -> None:
    """提出一笔的处理办法，由另一个人批准 · Propose what another person is to approve."""
    from ..runtime import Runtime

    _refuse_none(config)
    with Runtime.from_file(config) as runtime:
        decision = Decision(action=do, person=person, reason=reason, setl_id=setl_id, mdtrt_id=mdtrt_id)
        made = propose(runtime.resolver, runtime.journal.call(call_id), decision)
    console().print(f"提议 {made.number}：{ACTION_NAMES[do]}。另一个人用自己的账户批准：")
    console().print(f"  liangding journal approve {call_id} --number {made.number} --config …", markup=False)


@journal.command(name="approve")
def approve_(
    call_id: int,
    *,
    config: Config,
    number: Annotated[str, Parameter(help="哪个提议 · which proposal")],
    person: Annotated[str, Parameter(help="谁批准或退回 · who")],
    give_back: Annotated[bool, Parameter(negative="", help="退回，不批准；写明 --reason")] = False,
    reason: Reason = "",
) -> None:
    """批准另一个人提出的办法，随即照办；或退回 · Approve what another person proposed, or return it."""
    from ..runtime import Runtime

    _refuse_none(config)
    with Runtime.from_file(config) as runtime:
        resolver, call = runtime.resolver, runtime.journal.call(call_id)
        if give_back:
            give_back_(resolver, call, number, person, reason)
        else:
            approve(resolver, call, number, person)
        show_calls([runtime.journal.call(call_id)], console())


@journal.command
def sweep(*, config: Config) -> int:
    """把到期的都向平台查一遍，把停在半路的业务接着办 · One round of the keeper; 1 where something stays unknown."""
    from ..jobs.keeper import Keeper
    from ..runtime import Runtime

    with Runtime.from_file(config) as runtime:
        Keeper(runtime).round()
        left = runtime.journal.pending(runtime.deployment.name)
    show_calls(left, console()) if left else console().print("没有结果不明的调用")
    return 1 if left else 0


@journal.command
def export(
    file: Annotated[Path, Parameter(help="写到哪个 ZIP 文件 · where to write")],
    *,
    config: Config,
    days: Annotated[float, Parameter(help="最近几天 · how many days back")] = 7.0,
    reason: Reason = "",
) -> None:
    """导出一份不含个人信息的摘要，给支持人员 · A support bundle without personal data."""
    import time

    from ..knowledge import Knowledge
    from ..rollout.support import bundle

    if file.exists():
        raise ConfigurationError(f"{file} 已经在了", remedy="换个文件名，或先移走它")
    deployment = load_deployment(config)
    opened = open_own_journal(deployment)
    try:
        file.write_bytes(bundle(Knowledge(deployment), opened, since=time.time() - days * 86400))
        opened.report("exported", {"file": file.name, "days": days, "reason": reason})
    finally:
        opened.close()
    console().print(f"已写 {file}：没有姓名、证件号、卡号、令牌和平台提示文字")
