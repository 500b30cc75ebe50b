"""人员待遇享受检查 (2001): which funds a person may draw on for a kind of treatment, and why not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from ..runtime import Runtime
from ..spec.codes import code_table
from .persons import Cover, Insured

YES = "1"
"""trt_enjymnt_flag 是."""


@attrs.frozen(kw_only=True)
class Entitlement:
    """One fund's answer: whether it may be drawn on, from when to when, and the reason where it may not."""

    fund_pay_type: str
    check_type: str
    enjoyed: bool
    begin: date | None
    end: date | None
    reason: str

    @property
    def fund(self) -> str:
        """The fund's name."""
        return code_table("fund_pay_type").name_of(self.fund_pay_type)


@attrs.frozen(kw_only=True)
class Benefits:
    """What 2001 says of a person, an insurance and a kind of treatment."""

    insutype: str
    med_type: str
    rows: tuple[Entitlement, ...]

    @property
    def refused(self) -> tuple[Entitlement, ...]:
        """The funds that may not be drawn on, each with its reason: to be shown before anything is done."""
        return tuple(row for row in self.rows if not row.enjoyed)

    def enjoys(self, fund_pay_type: str) -> bool:
        """Whether that fund may be drawn on; False where the platform says nothing of it."""
        return any(row.enjoyed for row in self.rows if row.fund_pay_type == fund_pay_type)


def check_benefits(
    runtime: Runtime,
    insured: Insured,
    cover: Cover,
    med_type: str,
    *,
    begin: datetime | None = None,
    operator: str | None = None,
    **further: str,
) -> Benefits:
    """Ask 2001 what ``insured`` may enjoy under ``cover`` for treatment of kind ``med_type`` from ``begin`` (now).

    ``further`` are fields of its input for special cases: dise_codg and dise_name, oprn_oprt_code and
    oprn_oprt_name, matn_type, birctrl_type. Best asked before admission and chronic-disease visits, apart from
    settling. Raises what :meth:`Runtime.call` raises.
    """
    asked: dict[str, Any] = {
        "psn_no": insured.psn_no, "insutype": cover.insutype, "med_type": med_type,
        "fixmedins_code": runtime.deployment.institution.code, "begntime": begin or runtime.now(), **further,
    }  # fmt: skip
    answer = runtime.call("2001", {"data": asked}, insured_place=cover.insured_place, operator=operator)
    rows = answer.output.trtinfo or ()
    return Benefits(insutype=cover.insutype, med_type=med_type, rows=tuple(map(_entitlement, rows)))


def _entitlement(row: Any) -> Entitlement:
    return Entitlement(
        fund_pay_type=row.fund_pay_type or "", check_type=row.trt_chk_type or "",
        enjoyed=row.trt_enjymnt_flag == YES, begin=row.begndate, end=row.enddate, reason=row.trt_chk_rslt or "",
    )  # fmt: skip
