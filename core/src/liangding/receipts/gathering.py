"""Statements from the journal alone, so that a slip can be printed again after years, without the line.

:func:`ask_statement` takes one from the platform instead, as it has it now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from ..errors import CallFailed
from ..identity import Insured
from ..journal import State
from ..journal.records import CallRecord as Record
from ..journal.settling import SettlementState
from ..national.meaning import EVERYTHING, SERIAL, rows_with, settlement_in, value_in
from ..runtime import Runtime
from ..spec import Does, Of
from ..spec.locating import find
from ..wire.json import decode
from ..wire.replies import Reply, parse_reply
from ..workflow.doubts import find_out, money_calls
from ..workflow.engine import FlowEngine
from .statements import FeeLine, Named, NoStatement, Statement, Treatment, fee_line, statement_of

FEE_ROW = (SERIAL, "cnt", "pric", "det_item_fee_sumamt")
"""What each row of fees brings that is uploaded."""

NUMBERS = ("ipt_otp_no", "ipt_no")
DEPARTMENTS = ("dept_name", "dscg_dept_name", "adm_dept_name")
DOCTORS = ("dr_name", "chfpdr_name")
SAID = {"number": NUMBERS, "department": DEPARTMENTS, "doctor": DOCTORS, "bed": ("dscg_bed", "adm_bed")}
"""What a statement says of a visit → the fields of its calls that say it."""


def of_flow(
    runtime: Runtime, flow_id: str, *, state: Any = None, operator: str | None = None, advice: Iterable[str] = ()
) -> list[Statement]:
    """The statements of what a flow has settled and taken back, oldest first, from the journal alone. What other
    flows of the same visit said (admission, fees, a later undo) is in them, too.

    ``state`` is the flow's, for what the platform is never told: the names of the rows, the receipt's number.
    NoStatement where a settlement's answer is not in the journal.
    """
    own = {call.id: call for call in runtime.journal.of_flow(flow_id)}
    visits = {(call.person, call.mdtrt_id): call for call in own.values()}
    known = own | {call.id: call for named in visits.values() for call in runtime.journal.of_visit(named)}
    gathered = _Gathered(runtime, state, operator, tuple(advice))
    for record in sorted(known.values(), key=lambda call: call.id):
        if record.state is State.ACCEPTED:
            gathered.take(record, own=record.id in own)
    return [statement for number, statement in gathered.statements.items() if number in own]


def reprint(flows: FlowEngine, flow_id: str, *, setl_id: str | None = None, ask: bool = False) -> list[Statement]:
    """The statements of a flow once more, marked as such; with ``setl_id`` that settlement's alone. ``ask`` takes
    them from the platform as it has them now, instead of from the journal; where it shows that somebody else took the
    settlement back, the flow is undone from now on.

    NoSuchFlow, NoStatement where nothing of it is settled, and NotKnownYet where that is not known, or whether it was
    taken back since.
    """
    runtime, view = flows.runtime, flows.get(flow_id)
    _find_out(runtime, flow_id, setl_id)
    found = of_flow(runtime, flow_id, state=flows.state_of(flow_id), advice=view.advice)
    found = [each for each in found if setl_id in (None, each.setl_id)]
    if not found:
        raise NoStatement(_nothing(view.result, setl_id))
    if not ask:
        return [each.again(runtime.now(), refunded=_is_refunded(runtime, each)) for each in found]
    told = [
        ask_statement(
            runtime, psn_no=each.psn_no, mdtrt_id=each.mdtrt_id, setl_id=each.setl_id,
            insured_place=each.insured_place,
        )
        for each in found
    ]  # fmt: skip
    marked = [_mark(runtime, each.setl_id) for each in told if each.refunded]
    if any(marked):
        flows.take_over(flow_id)
    return told


def _nothing(result: Mapping[str, Any], setl_id: str | None) -> str:
    """What is said where a flow has no statement: that it settled nothing, or that somebody else took it back."""
    back = result.get("cancelled")
    if any(getattr(each, "elsewhere", False) for each in (back if isinstance(back, list) else [back])):
        return "结算已在别处撤销，本机没有撤销单"
    return "这笔业务没有结算" if setl_id is None else f"这笔业务没有结算 {setl_id}"


def _mark(runtime: Runtime, setl_id: str) -> bool:
    """Write down that somebody else took a settlement back; whether it stood by our record."""
    institution = runtime.deployment.institution.code
    return runtime.journal.settlements.mark(institution, setl_id, SettlementState.REFUNDED_ELSEWHERE)


def _is_refunded(runtime: Runtime, made: Statement) -> bool:
    """Whether the settlement was taken back since, by us or by somebody else."""
    held = runtime.journal.settlements.by_setl_id(made.setl_id)
    return made.refunded or any(each.state is SettlementState.REFUNDED_ELSEWHERE for each in held)


def _find_out(runtime: Runtime, flow_id: str, setl_id: str | None) -> None:
    """NotKnownYet where what is asked for of a flow's settlements (all, or that one) rests on what nobody knows: what
    the flow settled or took back, and what took back a settlement of it."""
    own = runtime.journal.of_flow(flow_id)
    settled = {call.setl_id for call in own if call.setl_id}
    find_out(runtime, () if setl_id in settled else money_calls(runtime, own))
    others = (call for each in own for call in runtime.journal.of_visit(each) if not call.state.final)
    backs = (call for call in money_calls(runtime, others) if runtime.interfaces.meant(call)[0] is Does.CANCELS)
    find_out(runtime, (call for call in backs if _named(call) in (settled if setl_id is None else {setl_id})))


def _named(call: Record) -> str | None:
    """The settlement that a cancellation names."""
    return value_in(decode(call.request), "setl_id") if call.request else None


class _Gathered:
    """What the calls of a visit say, one after the other; ``statements`` by the number of the call."""

    def __init__(self, runtime: Runtime, state: Any, operator: str | None, advice: tuple[str, ...]) -> None:
        self._runtime = runtime
        self._operator, self._advice = operator, advice
        given = getattr(state, "given", None)
        self._names = dict(_row_names(given)) | dict(_row_names(state))
        self._receipt_no = getattr(given, "receipt_no", None) or getattr(state, "receipt_no", None) or ""
        self._fees: dict[str, FeeLine] = {}
        self._settled: dict[str, str] = {}
        person: Insured | None = getattr(state, "person", None)
        named = Named(runtime)
        self._facts: dict[str, Any] = {}
        if person is not None:
            self._facts = {"person": person.name, "gender": named.name("gend", person.gender)}
        self.statements: dict[int, Statement] = {}

    def take(self, record: Record, *, own: bool) -> None:
        """Learn from one call. NoStatement where it is the flow's ``own`` settlement and cannot be read."""
        does, of = self._runtime.interfaces.meant(record)
        settles = does in (Does.SETTLES, Does.CANCELS)
        asked, answered = self._read(record)
        if asked is None:
            if own and settles:
                raise NoStatement(f"流水 {record.id} 中没有 {record.infno} 的应答", path=record.infno)
            return
        self._learn(asked)
        if does is Does.SETTLES or (does, of) == (Does.UPLOADS, Of.FEES):
            self._upload(asked, answered)
        elif (does, of) == (Does.WITHDRAWS, Of.FEES):
            self._withdraw(asked)
        if settles and settlement_in(answered) is not None:
            self._settle(record, asked, answered, refund=does is Does.CANCELS, treatment=_treatment(of))

    def _read(self, record: Record) -> tuple[Any, Any]:
        interfaces, read = self._runtime.interfaces, self._runtime.known.answers.read
        reply = parse_reply(record.answer)
        if not isinstance(reply, Reply) or not record.request or record.infno not in interfaces:
            return None, None
        transaction = interfaces[record.infno]
        asked, _ = read(transaction.input, decode(record.request).get("input") or {})
        answered, _ = read(transaction.output, reply.output or {})
        return asked, answered

    def _learn(self, asked: Any) -> None:
        """What a call says of the visit."""
        for fact, names in SAID.items():
            value = next(filter(None, (find(asked, name) for name in names)), None)
            if value:
                self._facts[fact] = value
        self._period(asked)
        found = [row.diag_name for row in getattr(asked, "diseinfo", None) or () if row.diag_name]
        if found:
            self._facts["diagnoses"] = tuple(dict.fromkeys(found))

    def _period(self, asked: Any) -> None:
        """When the patient came and went, as the admission (2401, 2403) and the discharge (2402) say."""
        for fact, node, field in (("begin", "mdtrtinfo", "begntime"), ("begin", "adminfo", "begntime"),
                                  ("end", "dscginfo", "endtime")):  # fmt: skip
            at = getattr(getattr(asked, node, None), field, None)
            if at is not None and find(asked, "adm_bed" if fact == "begin" else "dscg_way"):
                self._facts[fact] = at.date()

    def _upload(self, asked: Any, answered: Any) -> None:
        by_serial = {split.feedetl_sn: split for split in rows_with(answered, SERIAL)}
        for row in rows_with(asked, *FEE_ROW):
            name, unit = self._names.get(row.feedetl_sn, ("", ""))
            split = by_serial.get(row.feedetl_sn)
            self._settled.pop(row.feedetl_sn, None)
            self._fees[row.feedetl_sn] = fee_line(row, self._runtime, split=split, name=name, unit=unit)

    def _withdraw(self, asked: Any) -> None:
        """Forget rows that were taken back, by their batch or one by one; those that a settlement holds stay."""
        batch = find(asked, "chrg_bchno")
        serials = {find(asked, SERIAL), *(row.feedetl_sn for row in rows_with(asked, SERIAL))}
        for line in self._open_fees():
            if EVERYTHING in (batch, *serials) or line.serial in serials or (batch and line.batch == batch):
                del self._fees[line.serial]

    def _open_fees(self) -> list[FeeLine]:
        """The rows that no settlement holds."""
        return [line for line in self._fees.values() if line.serial not in self._settled]

    def _settle(self, record: Record, asked: Any, answered: Any, *, refund: bool, treatment: Treatment) -> None:
        batch = find(asked, "chrg_bchno") or ""
        fees = () if refund else tuple(line for line in self._open_fees() if not batch or line.batch == batch)
        undoes = find(asked, "setl_id") if refund else ""
        made = statement_of(
            answered, self._runtime, operator=self._operator or record.operator, psn_no=find(asked, "psn_no") or "",
            insured_place=_head(record).get("insuplc_admdvs") or "", receipt_no=self._receipt_no,
            invoice_no=find(asked, "invono") or "", fees=fees, undoes=undoes or "",
            advice=self._advice, **self._facts, treatment=treatment,
        )  # fmt: skip
        self._settled |= dict.fromkeys((line.serial for line in fees), made.setl_id)
        if refund:
            self._take_back(undoes)
        self.statements[record.id] = made

    def _take_back(self, setl_id: str) -> None:
        """A settlement no longer stands: its rows are open again."""
        self._settled = {serial: held for serial, held in self._settled.items() if held != setl_id}
        for number, each in self.statements.items():
            if each.setl_id == setl_id:
                self.statements[number] = attrs.evolve(each, refunded=True)


def _treatment(of: Of | None) -> Treatment:
    return {Of.PURCHASE: Treatment.PHARMACY, Of.STAY: Treatment.INPATIENT}.get(of or Of.VISIT, Treatment.OUTPATIENT)


def _head(record: Record) -> Mapping[str, Any]:
    envelope: Mapping[str, Any] = decode(record.request)
    return envelope


def _row_names(given: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """The names and units that the caller gave to rows of fees, by feedetl_sn, wherever its lists of rows are."""
    for field in attrs.fields(type(given)) if attrs.has(type(given)) else ():
        rows = getattr(given, field.name)
        for row in rows if isinstance(rows, list | tuple) else ():
            serial, name = getattr(row, "feedetl_sn", None), getattr(row, "name", None)
            unit = getattr(row, "unit", "") or getattr(getattr(row, "order", None), "unit", "")
            if serial and (name or unit):
                yield serial, (name or "", unit)


def settled_here(runtime: Runtime, call: Record) -> bool:
    """Whether a call made a settlement that the platform can be asked about."""
    settles = call.infno in runtime.interfaces and runtime.interfaces.meant(call)[0] is Does.SETTLES
    return settles and call.state is State.ACCEPTED and bool(call.setl_id and call.request)


def ask_settled(runtime: Runtime, call: Record) -> Statement:
    """The statement of the settlement that a call made, as the platform has it now; what was taken back by somebody
    else is written down as that. NoStatement where the call made none; else as :func:`ask_statement`."""
    if not settled_here(runtime, call):
        raise NoStatement("这一笔没有结算")
    sent = decode(call.request)
    told = ask_statement(
        runtime, psn_no=value_in(sent, "psn_no") or "", mdtrt_id=call.mdtrt_id or "", setl_id=call.setl_id or "",
        insured_place=sent.get("insuplc_admdvs") or "",
    )  # fmt: skip
    if told.refunded:
        _mark(runtime, told.setl_id)
    return told


def ask_statement(
    runtime: Runtime, *, psn_no: str, mdtrt_id: str, setl_id: str, insured_place: str, operator: str | None = None
) -> Statement:
    """The statement of a settlement as the platform has it (5203), with its fees (5204) where it gives them.

    Raises what :meth:`Runtime.call` raises where 5203 does not answer.
    """
    reference = {"psn_no": psn_no, "mdtrt_id": mdtrt_id, "setl_id": setl_id}
    found = runtime.call("5203", {"data": reference}, insured_place=insured_place, operator=operator).output
    fees: tuple[FeeLine, ...] = ()
    advice: tuple[str, ...] = ()
    try:
        rows = runtime.call("5204", {"data": reference}, insured_place=insured_place, operator=operator).output
        fees = tuple(fee_line(row, runtime) for row in rows)
    except CallFailed as failed:
        advice = (f"费用明细没有取到：{failed.message}",)
    return statement_of(
        found, runtime, operator=operator, insured_place=insured_place, fees=fees, advice=advice, copy=True
    )
