"""What a settlement's slip or statement has to say, from the answer of a settlement, of its cancellation, or of 5203.

A :class:`Statement` is filled from the answer of a settlement (2102, 2207, 2304), of its cancellation (2103, 2208,
2305), or of the query 5203; they differ in a few names only.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from ..config import Kind
from ..errors import LiangdingError, UnknownOperator
from ..national.meaning import rows_with, settlement_in, taken_back
from ..runtime import Runtime
from .money import ZERO, Split, split_of

if TYPE_CHECKING:
    pass


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
    from 0 to 1; ``batch`` is the charge batch (chrg_bchno), ``code`` the national one (med_list_codg)."""

    serial: str
    name: str
    count: Decimal
    price: Decimal
    amount: Decimal
    code: str = ""
    unit: str = ""
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
    cashier: str = "收费员"
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
    bed: str = ""
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
    def days(self) -> int | None:
        """Days in hospital; the day of admission and that of discharge are one, and nobody is there for none."""
        return max((self.end - self.begin).days, 1) if self.begin and self.end else None

    @property
    def title(self) -> str:
        return f"医保结算{'撤销' if self.is_refund else ''}单（{self.treatment.value}）"

    @property
    def categories(self) -> tuple[Category, ...]:
        """The fees by category, in the order of their codes; those of no category come last."""
        kinds = sorted({line.category for line in self.fees}, key=lambda code: (not code, len(code), code))
        groups = [tuple(line for line in self.fees if line.category == kind) for kind in kinds]
        return tuple(Category(name=lines[0].category_name or "其他", lines=lines) for lines in groups)

    def again(self, at: datetime, *, refunded: bool = False) -> Statement:
        """The same, printed once more; of what was ``refunded`` since nobody is warned of charging twice."""
        gone = refunded or self.refunded
        return attrs.evolve(self, copy=True, printed_at=at, refunded=gone, advice=() if gone else self.advice)


def treatment_of(med_type: str, name: str, kind: Kind) -> Treatment:
    """What a kind of treatment (med_type and its name) at a kind of institution is printed as."""
    if kind is Kind.PHARMACY:
        return Treatment.PHARMACY
    if "购药" in name:
        return Treatment.PHARMACY
    return Treatment.INPATIENT if med_type.startswith("2") or "住院" in name else Treatment.OUTPATIENT


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
    info, institution = settlement_in(output), runtime.deployment.institution
    named = Named(runtime)
    med_type, split = named.of(info, "med_type"), split_of(info)
    stated = {
        "treatment": treatment_of(_text(info, "med_type"), med_type, institution.kind),
        "institution": _text(info, "fixmedins_name") or institution.name, "institution_code": institution.code,
        "person": _text(info, "psn_name"), "psn_no": _text(info, "psn_no"), "setl_id": info.setl_id or "",
        "mdtrt_id": info.mdtrt_id or "", "settled_at": info.setl_time, "split": split,
        "operator": _operator_name(runtime, operator), "printed_at": runtime.now(),
        "cashier": institution.kind.cashier,
        "gender": named.of(info, "gend"), "age": _age(getattr(info, "age", None)),
        "person_type": named.of(info, "psn_type"), "insurance": named.of(info, "insutype"), "med_type": med_type,
        "begin": getattr(info, "begndate", None),
        "end": getattr(info, "enddate", None), "invoice_no": _text(info, "invono"),
        "deductible": _money(info, "act_pay_dedc"), "hospital_part": _money(info, "hosp_part_amt"),
        "mutual_aid": _money(info, "acct_mulaid_pay"), "funds": _funds(output, named),
        "refunded": split.total >= 0 and taken_back(info),
    }  # fmt: skip
    return Statement(**stated | {name: value for name, value in further.items() if value or name not in stated})


class Named:
    """Names of codes, as the deployment knows them: the national ones and the region's."""

    def __init__(self, runtime: Runtime) -> None:
        self._table = runtime.known.code_table

    def name(self, table: str, code: str | None) -> str:
        found = self._table(table)
        return found.name_of(code) if found is not None else code or ""

    def of(self, node: Any, field: str, table: str = "") -> str:
        """The name of the code that ``node`` has in ``field``; empty for none."""
        return self.name(table or field, getattr(node, field, None))


def _funds(output: Any, named: Named) -> tuple[FundPaid, ...]:
    """The funds that paid something, row by row; where the answer has no rows, by the fields of the settlement."""
    rows = [
        FundPaid(code=kind, name=row.fund_pay_type_name or _fund(named, kind), amount=row.fund_payamt)
        for row in rows_with(output, "fund_payamt")
        if row.fund_payamt and (kind := row.fund_pay_type or "")
    ]
    info = settlement_in(output)
    stated = [
        FundPaid(code=field, name=label, amount=paid)
        for field, label in FUND_FIELDS.items()
        if (paid := _money(info, field))
    ]
    return tuple(rows or stated)


def _fund(named: Named, kind: str) -> str:
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


def fee_line(row: Any, runtime: Runtime, *, split: Any = None, name: str = "", unit: str = "") -> FeeLine:
    """A row of fees as 5204 answers it, or as it was uploaded, with its ``split`` from the upload's answer."""
    split, named = split or row, Named(runtime)
    return FeeLine(
        serial=row.feedetl_sn,
        name=name or _text(row, "medins_list_name") or _text(row, "hilist_name") or _text(row, "medins_list_codg"),
        count=row.cnt, price=row.pric, amount=row.det_item_fee_sumamt, code=_text(row, "med_list_codg"),
        unit=unit or _text(row, "prcunt") or _text(row, "cnt_prcunt"), category=_text(split, "med_chrgitm_type"),
        category_name=named.of(split, "med_chrgitm_type"), level=_text(split, "chrgitm_lv"),
        level_name=named.of(split, "chrgitm_lv"), spec=_text(row, "spec"),
        own_share=getattr(split, "selfpay_prop", None), at=getattr(row, "fee_ocur_time", None),
        batch=_text(row, "chrg_bchno"),
    )  # fmt: skip
