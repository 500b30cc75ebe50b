"""Statements of stays, and what the cashier is shown before a settlement is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import bedside
from bedside import done, run, shown
from liangding.config import Kind
from liangding.receipts.gathering import reprint
from liangding.receipts.pages import _fees, _page
from liangding.receipts.slips import settlement_slip
from support import Rig, bill, simulated_rig_for

QUICK = "[resolution]\nbelieve_seconds = 0"


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001", more=QUICK) as rig:
        yield rig


def stay(ward: Rig, **leaving: Any) -> str:
    """A stay that is settled; the number of its discharge."""
    done(run(ward, "admission", bedside.admission(ward.person()), "A1"))
    row = bedside.item("F1", order=bedside.ORDER)
    done(run(ward, "inpatient_fees", {"stay": bedside.STAY, "doctor": bedside.DOCTOR, "rows": [row]}, "F1"))
    given = bedside.discharge(ward.person(), ended_at="2026-11-25 11:00:00", dscg_bed="21", **leaving)
    return done(run(ward, "discharge", given, "D1")).id


def test_a_statement_of_a_stay_says_when_how_long_and_where(ward: Rig) -> None:
    (made,) = reprint(ward.flows, stay(ward))
    admitted = date.fromisoformat(bedside.ADMITTED[:10])
    assert (made.begin, made.end, made.bed) == (admitted, date(2026, 11, 25), "21")
    assert made.days == (date(2026, 11, 25) - admitted).days
    facts = dict(_page(made, "A4", "settlement")["facts"])
    assert facts["入院日期"] == str(admitted)
    assert (facts["出院日期"], facts["住院天数"], facts["床位"]) == ("2026-11-25", f"{made.days} 天", "21")
    assert facts["科室"] == bedside.DOCTOR["dept_name"]
    printed = settlement_slip(made)
    for words in ("入院日期", "出院日期", "住院天数", "床位", "收费员"):
        assert words in printed


def test_a_list_of_fees_has_names_national_codes_and_units(ward: Rig) -> None:
    done(run(ward, "outpatient", bedside.bill(ward.person(), rows=[bedside.item("1", order=bedside.ORDER)]), "B1"))
    view = ward.flows.find("outpatient", "B1")
    assert view is not None
    (made,) = reprint(ward.flows, view.id)
    (line,) = made.fees
    assert (line.name, line.code, line.unit) == ("测试药品", "XA01", bedside.ORDER["unit"])
    (group,) = _fees(made)["groups"]
    assert {"测试药品", "XA01", "盒"} <= set(group["rows"][0])


def test_before_a_stays_settlement_is_taken_back_the_cashier_sees_whose_and_how_much(ward: Rig) -> None:
    stay(ward)
    back = {"stay": bedside.STAY, "level": "settlement", "credential": shown(ward.person())}
    view = run(ward, "inpatient_undo", back, "U1", confirm_undo="wait")
    assert view.question is not None
    charged = bedside.ledger(ward)
    facts = dict(view.question.facts)
    assert facts["参保人"] == ward.person().name[0] + "*" * (len(ward.person().name) - 1)
    assert facts["原医疗费总额"] == f"{charged['medfee_sumamt']:.2f}"
    assert facts["应退现金"] == f"{charged['psn_cash_pay']:.2f}"
    assert view.question.whom == "收费员"


def test_a_refund_at_a_pharmacy_shows_it_too_and_its_reprint_warns_of_nothing(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, more=QUICK) as rig:
        bought = done(run(rig, "pharmacy_purchase", bill(rig.person(), use_account=True), "R1"))
        split = bought.result["settlement"].split
        assert "请勿再刷 POS 机" in settlement_slip(reprint(rig.flows, bought.id)[0]).replace("\n", "")
        back = {"purchase_key": "R1", "credential": shown(rig.person())}
        view = run(rig, "pharmacy_refund", back, "Z1", confirm="wait")
        assert view.question is not None
        facts = dict(view.question.facts)
        assert (facts["应退现金"], facts["原医疗费总额"]) == (f"{split.cash:.2f}", f"{split.total:.2f}")
        assert facts["参保人"].endswith("*")
        assert view.question.whom == "收银员"
        done(bedside.go_on(rig, view))
        (again,) = reprint(rig.flows, bought.id)
        assert again.refunded
        assert "POS" not in settlement_slip(again)
