"""What a settlement's slip or statement has to say, and where it is taken from: the journal, or the platform.

A :class:`Statement` is filled from the answer of a settlement (2102, 2207, 2304), of its cancellation (2103, 2208,
2305), or of the query 5203; they differ in a few names only. :func:`of_flow` finds all of it in the journal, so that
a slip can be printed again after years, without the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from ..config import Kind
from ..errors import CallFailed, LiangdingError, UnknownOperator
from ..identity import Insured
from ..journal import State
from ..journal.records import Call as Record
from ..runtime import Runtime
from ..spec.locating import find
from ..wire.json import decode
from ..wire.replies import Reply, parse_reply
from .money import ZERO, Split, split_of

if TYPE_CHECKING:
    from ..workflow.engine import Flows


class Treatment(StrEnum):
    """What was settled."""

    PHARMACY = "购药"
    OUTPATIENT = "门诊"
    INPATIENT = "住院"


class NoStatement(LiangdingError):
    """There is no settlement to print."""

    code = "no_statement"
    http_status = 409
    remedy = "结算成功后再打印；流水里没有应答的，用 --ask 向平台取"


@attrs.frozen(kw_only=True)
class FundPaid:
    """What one fund paid, in yuan."""

    code: str
    name: str
    amount: Decimal


@attrs.frozen(kw_only=True)
class FeeLine:
    """One row of fees. ``category`` is 医疗收费项目类别, ``level`` 收费项目等级, each with its name; ``own_share`` goes
    from 0 to 1; ``batch`` is the charge batch (chrg_bchno)."""

    serial: str
    name: str
    count: Decimal
    price: Decimal
    amount: Decimal
    category: str = ""
    category_name: str = ""
    level: str = ""
    level_name: str = ""
    spec: str = ""
    own_share: Decimal | None = None
    at: datetime | None = None
    batch: str = ""


@attrs.frozen(kw_only=True)
class Category:
    """The fees of one category (医疗收费项目类别), and their sum in yuan."""

    name: str
    lines: tuple[FeeLine, ...]

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


@attrs.frozen(kw_only=True)
class Statement:
    """Everything that is printed of one settlement, or of its cancellation (``undoes`` is then the settlement that it
    takes back, and the amounts are negative). ``refunded``: it was taken back since. ``copy``: it is printed again."""

    treatment: Treatment
    institution: str
    institution_code: str
    person: str = attrs.field(repr=False)
    psn_no: str = attrs.field(repr=False)
    setl_id: str
    mdtrt_id: str
    settled_at: datetime | None
    split: Split
    operator: str
    printed_at: datetime
    gender: str = ""
    age: str = ""
    person_type: str = ""
    insurance: str = ""
    insured_place: str = ""
    med_type: str = ""
    number: str = ""
    department: str = ""
    doctor: str = ""
    diagnoses: tuple[str, ...] = ()
    begin: date | None = None
    end: date | None = None
    receipt_no: str = ""
    invoice_no: str = ""
    deductible: Decimal = ZERO
    hospital_part: Decimal = ZERO
    mutual_aid: Decimal = ZERO
    funds: tuple[FundPaid, ...] = ()
    fees: tuple[FeeLine, ...] = ()
    undoes: str = ""
    refunded: bool = False
    copy: bool = False
    advice: tuple[str, ...] = ()

    @property
    def is_refund(self) -> bool:
        return bool(self.undoes) or self.split.total < 0

    @property
    def title(self) -> str:
        return f"医保结算{'撤销' if self.is_refund else ''}单（{self.treatment.value}）"

    @property
    def categories(self) -> tuple[Category, ...]:
        """The fees by category, in the order of their codes; those of no category come last."""
        kinds = sorted({line.category for line in self.fees}, key=lambda code: (not code, len(code), code))
        groups = [tuple(line for line in self.fees if line.category == kind) for kind in kinds]
        return tuple(Category(name=lines[0].category_name or "其他", lines=lines) for lines in groups)

    def again(self, at: datetime) -> Statement:
        """The same, printed once more."""
        return attrs.evolve(self, copy=True, printed_at=at)


def treatment_of(med_type: str, name: str, kind: Kind) -> Treatment:
    """What a kind of treatment (med_type and its name) at a kind of institution is printed as."""
    if kind is Kind.PHARMACY:
        return Treatment.PHARMACY
    if "购药" in name:
        return Treatment.PHARMACY
    return Treatment.INPATIENT if med_type.startswith("2") or "住院" in name else Treatment.OUTPATIENT


REFUNDED = "1"
"""refd_setl_flag of a settlement that was taken back, and of the negative one that takes it back."""

# -- from an answer ----------------------------------------------------------------------------------------------

FUND_FIELDS = {
    "hifp_pay": "基本医疗保险统筹基金", "cvlserv_pay": "公务员医疗补助资金", "hifes_pay": "企业补充医疗保险基金",
    "hifmi_pay": "居民大病保险资金", "hifob_pay": "职工大额医疗费用补助基金", "maf_pay": "医疗救助基金",
    "hifdm_pay": "伤残人员医疗保障基金", "pref_fund_pay": "优抚对象基金", "oth_pay": "其他支出",
}  # fmt: skip
"""What the funds paid where the answer has no rows of 结算基金分项."""


def statement_of(output: Any, runtime: Runtime, *, operator: str | None = None, **further: Any) -> Statement:
    """The statement of a settlement's, cancellation's or 5203's ``output``.

    ``operator`` is whose hands it came from (the deployment's first); ``further`` are fields of :class:`Statement`
    that the answer does not have.
    """
    info, institution = output.setlinfo, runtime.deployment.institution
    named = _Named(runtime)
    med_type, split = named.of(info, "med_type"), split_of(info)
    stated = {
        "treatment": treatment_of(_text(info, "med_type"), med_type, institution.kind),
        "institution": _text(info, "fixmedins_name") or institution.name, "institution_code": institution.code,
        "person": _text(info, "psn_name"), "psn_no": _text(info, "psn_no"), "setl_id": info.setl_id or "",
        "mdtrt_id": info.mdtrt_id or "", "settled_at": info.setl_time, "split": split,
        "operator": _operator_name(runtime, operator), "printed_at": runtime.now(),
        "gender": named.of(info, "gend"), "age": _age(getattr(info, "age", None)),
        "person_type": named.of(info, "psn_type"), "insurance": named.of(info, "insutype"), "med_type": med_type,
        "begin": getattr(info, "begndate", None),
        "end": getattr(info, "enddate", None), "invoice_no": _text(info, "invono"),
        "deductible": _money(info, "act_pay_dedc"), "hospital_part": _money(info, "hosp_part_amt"),
        "mutual_aid": _money(info, "acct_mulaid_pay"), "funds": _funds(output, named),
        "refunded": split.total >= 0 and _text(info, "refd_setl_flag") == REFUNDED,
    }  # fmt: skip
    return Statement(**stated | {name: value for name, value in further.items() if value or name not in stated})


class _Named:
    """Names of codes, as the deployment knows them: the national ones and the region's."""

    def __init__(self, runtime: Runtime) -> None:
        self._table = runtime.known.code_table

    def name(self, table: str, code: str | None) -> str:
        found = self._table(table)
        return found.name_of(code) if found is not None else code or ""

    def of(self, node: Any, field: str, table: str = "") -> str:
        """The name of the code that ``node`` has in ``field``; empty for none."""
        return self.name(table or field, getattr(node, field, None))


def _funds(output: Any, named: _Named) -> tuple[FundPaid, ...]:
    """The funds that paid something, row by row; where the answer has no rows, by the fields of the settlement."""
    rows = [
        FundPaid(code=kind, name=row.fund_pay_type_name or _fund(named, kind), amount=row.fund_payamt)
        for row in getattr(output, "setldetail", None) or ()
        if row.fund_payamt and (kind := row.fund_pay_type or "")
    ]
    info = output.setlinfo
    stated = [
        FundPaid(code=field, name=label, amount=paid)
        for field, label in FUND_FIELDS.items()
        if (paid := _money(info, field))
    ]
    return tuple(rows or stated)


def _fund(named: _Named, kind: str) -> str:
    name = named.name("fund_pay_type", kind)
    return f"基金 {kind}" if name == kind else name


def _operator_name(runtime: Runtime, code: str | None) -> str:
    """The operator's name; the code itself where the deployment has nobody of it any more."""
    try:
        return runtime.deployment.operator(code).name
    except UnknownOperator:
        return code or ""


def _text(node: Any, name: str) -> str:
    return str(getattr(node, name, None) or "")


def _money(node: Any, name: str) -> Decimal:
    return getattr(node, name, None) or ZERO


def _age(age: Decimal | None) -> str:
    return "" if age is None else f"{age.normalize():f} 岁"


# -- from the platform -------------------------------------------------------------------------------------------


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


def fee_line(row: Any, runtime: Runtime, *, split: Any = None, name: str = "") -> FeeLine:
    """A row of fees as 5204 answers it, or as it was uploaded, with its ``split`` from the upload's answer."""
    split, named = split or row, _Named(runtime)
    return FeeLine(
        serial=row.feedetl_sn,
        name=name or _text(row, "medins_list_name") or _text(row, "hilist_name") or row.medins_list_codg,
        count=row.cnt, price=row.pric, amount=row.det_item_fee_sumamt, category=_text(split, "med_chrgitm_type"),
        category_name=named.of(split, "med_chrgitm_type"), level=_text(split, "chrgitm_lv"),
        level_name=named.of(split, "chrgitm_lv"), spec=_text(row, "spec"),
        own_share=getattr(split, "selfpay_prop", None), at=row.fee_ocur_time, batch=_text(row, "chrg_bchno"),
    )  # fmt: skip


# -- from the journal --------------------------------------------------------------------------------------------

SETTLEMENTS = ("2102", "2207", "2304")
CANCELLATIONS = ("2103", "2208", "2305")
UPLOADS = {"2204": "result", "2301": "result", "2102": "detlcutinfo"}
"""Transactions that bring rows of fees, and the part of their answer that splits them."""
ALL = "0000"
"""What stands for every batch, or every row, where fees are taken back."""

NUMBERS = ("ipt_otp_no", "ipt_no")
DEPARTMENTS = ("dept_name", "dscg_dept_name", "adm_dept_name")
DOCTORS = ("dr_name", "chfpdr_name")


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


def reprint(flows: Flows, flow_id: str, *, setl_id: str | None = None, ask: bool = False) -> list[Statement]:
    """The statements of a flow once more, marked as such; with ``setl_id`` that settlement's alone. ``ask`` takes
    them from the platform as it has them now, instead of from the journal.

    NoSuchFlow, and NoStatement where nothing of it is settled.
    """
    runtime, view = flows.runtime, flows.get(flow_id)
    found = of_flow(runtime, flow_id, state=flows.state_of(flow_id), advice=view.advice)
    found = [each for each in found if setl_id in (None, each.setl_id)]
    if not found:
        raise NoStatement("这笔业务没有结算" if setl_id is None else f"这笔业务没有结算 {setl_id}")
    if ask:
        return [
            ask_statement(
                runtime, psn_no=each.psn_no, mdtrt_id=each.mdtrt_id, setl_id=each.setl_id,
                insured_place=each.insured_place,
            )
            for each in found
        ]  # fmt: skip
    return [each.again(runtime.now()) for each in found]


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
        named = _Named(runtime)
        self._facts: dict[str, Any] = {}
        if person is not None:
            self._facts = {"person": person.name, "gender": named.name("gend", person.gender)}
        self.statements: dict[int, Statement] = {}

    def take(self, record: Record, *, own: bool) -> None:
        """Learn from one call. NoStatement where it is the flow's ``own`` settlement and cannot be read."""
        infno = record.infno.removesuffix("A")
        asked, answered = self._read(record)
        if asked is None:
            if own and infno in (*SETTLEMENTS, *CANCELLATIONS):
                raise NoStatement(f"流水 {record.id} 中没有 {record.infno} 的应答", path=record.infno)
            return
        self._learn(asked)
        if infno in UPLOADS:
            self._upload(asked, getattr(answered, UPLOADS[infno], None) or ())
        elif infno in ("2205", "2302"):
            self._withdraw(asked.data)
        if infno in (*SETTLEMENTS, *CANCELLATIONS):
            self._settle(record, infno, asked, answered)

    def _read(self, record: Record) -> tuple[Any, Any]:
        transaction, read = self._runtime.interfaces[record.infno], self._runtime.known.answers.read
        reply = parse_reply(record.answer)
        if not isinstance(reply, Reply) or not record.request:
            return None, None
        asked, _ = read(transaction.input, decode(record.request).get("input") or {})
        answered, _ = read(transaction.output, reply.output or {})
        return asked, answered

    def _learn(self, asked: Any) -> None:
        """What a call says of the visit."""
        for fact, names in (("number", NUMBERS), ("department", DEPARTMENTS), ("doctor", DOCTORS)):
            value = next(filter(None, (find(asked, name) for name in names)), None)
            if value:
                self._facts[fact] = value
        found = [row.diag_name for row in getattr(asked, "diseinfo", None) or () if row.diag_name]
        if found:
            self._facts["diagnoses"] = tuple(dict.fromkeys(found))

    def _upload(self, asked: Any, splits: Iterable[Any]) -> None:
        by_serial = {split.feedetl_sn: split for split in splits}
        rows = getattr(asked, "feedetail", None) or getattr(asked, "drugdetail", None) or ()
        for row in rows:
            name = self._names.get(row.feedetl_sn, "")
            self._settled.pop(row.feedetl_sn, None)
            self._fees[row.feedetl_sn] = fee_line(row, self._runtime, split=by_serial.get(row.feedetl_sn), name=name)

    def _withdraw(self, references: Any) -> None:
        """Forget rows that were taken back; those that a settlement holds stay."""
        for reference in references if isinstance(references, list) else [references]:
            batch, serial = getattr(reference, "chrg_bchno", None), getattr(reference, "feedetl_sn", None)
            for line in self._open_fees():
                if ALL in (batch, serial) or line.serial == serial or (batch and line.batch == batch):
                    del self._fees[line.serial]

    def _open_fees(self) -> list[FeeLine]:
        """The rows that no settlement holds."""
        return [line for line in self._fees.values() if line.serial not in self._settled]

    def _settle(self, record: Record, infno: str, asked: Any, answered: Any) -> None:
        batch = find(asked, "chrg_bchno") or ""
        refund = infno in CANCELLATIONS
        fees = () if refund else tuple(line for line in self._open_fees() if not batch or line.batch == batch)
        undoes = find(asked, "setl_id") if refund else ""
        made = statement_of(
            answered, self._runtime, operator=self._operator or record.operator, psn_no=find(asked, "psn_no") or "",
            insured_place=_head(record).get("insuplc_admdvs") or "", receipt_no=self._receipt_no,
            invoice_no=find(asked, "invono") or "", fees=fees, undoes=undoes or "",
            advice=self._advice, **self._facts, treatment=_BY_CHAPTER[infno[:2]],
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


_BY_CHAPTER = {"21": Treatment.PHARMACY, "22": Treatment.OUTPATIENT, "23": Treatment.INPATIENT}


def _head(record: Record) -> Mapping[str, Any]:
    envelope: Mapping[str, Any] = decode(record.request)
    return envelope


def _row_names(given: Any) -> Iterator[tuple[str, str]]:
    """The names that the caller gave to rows of fees, by feedetl_sn, wherever its lists of rows are."""
    for field in attrs.fields(type(given)) if attrs.has(type(given)) else ():
        rows = getattr(given, field.name)
        for row in rows if isinstance(rows, list | tuple) else ():
            serial, name = getattr(row, "feedetl_sn", None), getattr(row, "name", None)
            if serial and name:
                yield serial, name
