"""The two documents: the settlement on one page (结算单), and every row of its fees (费用清单)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, get_args

from ..errors import LiangdingError
from .money import ZERO
from .slips import capital, plain, price, yuan
from .statements import Category, FeeLine, NoStatement, Statement, Treatment
from .typesetting import pdf

Kind = Literal["settlement", "fees"]
Paper = Literal["A4", "A5"]
KINDS: tuple[str, ...] = get_args(Kind)
PAPERS: tuple[str, ...] = get_args(Paper)


class NoSuchDocument(LiangdingError):
    """There is no document of that kind, or no paper of that size."""

    code = "no_such_document"
    http_status = 422
    remedy = f"kind 用 {'、'.join(KINDS)}；paper 用 {'、'.join(PAPERS)}"


def statement(kind: str, data: Statement, paper: str = "A4") -> bytes:
    """The PDF of ``data``: ``settlement`` is the settlement (A5 lies on its side), ``fees`` the list of its fees.

    NoSuchDocument for another kind or paper, NoStatement for a list without rows, CannotTypeset where the machine
    has no typst or no Chinese font.
    """
    if kind not in KINDS or paper not in PAPERS:
        raise NoSuchDocument(f"没有 {paper} 的 {kind}")
    if kind == "fees" and not data.fees:
        raise NoStatement("没有费用明细")
    return pdf("settlement" if kind == "settlement" else "fees", _page(data, paper, kind) | _of_kind(kind, data))


def _of_kind(kind: str, data: Statement) -> dict[str, Any]:
    return _settlement(data) if kind == "settlement" else _fees(data)


def _page(data: Statement, paper: str, kind: str) -> dict[str, Any]:
    """Heading, person and visit, and what stands at the foot: the same on both documents."""
    name = f"{data.treatment.value}费用" if data.treatment is not Treatment.PHARMACY else "药店购药"
    what = "清单" if kind == "fees" else "退费结算单" if data.is_refund else "结算单"
    inpatient = data.treatment is Treatment.INPATIENT
    came, left = (str(day) if inpatient and day else "" for day in (data.begin, data.end))
    days = f"{data.days} 天" if inpatient and data.days else ""
    facts = {
        "姓名": data.person, "性别": data.gender, "年龄": data.age, "人员类别": data.person_type,
        "人员编号": data.psn_no, "险种类型": data.insurance, "参保地区划": data.insured_place,
        "医疗类别": data.med_type, "住院号" if inpatient else "门诊号": data.number, "科室": data.department,
        "床位": data.bed, "医师": data.doctor, "入院日期": came, "出院日期": left,
        "住院天数": days, "诊断": "；".join(data.diagnoses), "就诊编号": data.mdtrt_id,
        "退费编号" if data.is_refund else "结算编号": data.setl_id, "原结算编号": data.undoes,
        "退费时间" if data.is_refund else "结算时间": str(data.settled_at or ""), "单据号": data.receipt_no,
        "发票号": data.invoice_no,
    }  # fmt: skip
    return {
        "paper": paper, "institution": data.institution, "institution_code": data.institution_code,
        "title": f"医疗保险{name}{what}", "facts": [[label, value] for label, value in facts.items() if value],
        "marks": [*(["重打"] if data.copy else []), *(["已退费"] if data.refunded else [])],
        "refund": data.is_refund, "operator": data.operator, "cashier": data.cashier, "advice": list(data.advice),
        "printed": f"{data.printed_at:%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip


def _settlement(data: Statement) -> dict[str, Any]:
    split = data.split
    further = {"本次起付线": data.deductible, "账户共济支付": data.mutual_aid, "医院负担": data.hospital_part}
    sign = -1 if data.is_refund else 1
    return {
        "categories": [[group.name, yuan(group.amount)] for group in data.categories],
        "split": [list(row) for row in split.rows()] + [[k, yuan(v)] for k, v in further.items() if v],
        "funds": [[fund.name, yuan(fund.amount)] for fund in data.funds],
        "totals": [
            ["退费合计" if data.is_refund else "费用合计", yuan(sign * split.total), capital(sign * split.total)],
            ["退回现金" if data.is_refund else "应付现金", yuan(sign * split.cash), capital(sign * split.cash)],
        ],
    }  # fmt: skip


def _fees(data: Statement) -> dict[str, Any]:
    total = sum((line.amount for line in data.fees), ZERO)
    return {
        "groups": [_group(group) for group in data.categories],
        "total": yuan(total),
        "capital": capital(total),
        "count": len(data.fees),
    }


def _group(group: Category) -> dict[str, Any]:
    return {"name": group.name, "amount": yuan(group.amount), "rows": [_row(line) for line in group.lines]}


def _row(line: FeeLine) -> list[str]:
    at = f"{line.at:%m-%d}" if line.at else ""
    return [at, line.name, line.code, line.spec, line.unit, line.level_name, price(line.price), plain(line.count),
            yuan(line.amount), _share(line.own_share)]  # fmt: skip


def _share(share: Decimal | None) -> str:
    return "" if share is None else f"{(share * 100).normalize():f}%"
