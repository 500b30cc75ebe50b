"""Slips and statements: what they say, to the cent, on any width of paper, and as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from hospital import Desk
from liangding.config import Kind
from liangding.knowledge.interfaces import BASELINE
from liangding.receipts import CannotTypeset, statement, typesetting
from liangding.receipts.gathering import ask_statement, of_flow, reprint
from liangding.receipts.money import Split
from liangding.receipts.pages import NoSuchDocument
from liangding.receipts.slips import Paper, capital, price, settlement_slip, width
from liangding.receipts.statements import (
    FeeLine,
    FundPaid,
    NoStatement,
    Statement,
    Treatment,
    statement_of,
    treatment_of,
)
from liangding.simulator.faults import Fault
from liangding.spec.reading import read_answer
from liangding.spec.sampling import sample_answer
from shell import liangding
from support import Rig, bill, new_key, rig_for, run_flow

MOMENT = datetime(2026, 11, 22, 10, 3, 25)
YES = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001") as made:
        yield made


def buy(rig: Rig, receipt: str = "R1") -> Any:
    given = bill(rig.person(), receipt)
    return run_flow(rig.flows, rig.flows.start("pharmacy_purchase", given, key=receipt), YES)


AMOUNTS = {
    "medfee_sumamt": "1204.50", "fulamt_ownpay_amt": "100.00", "overlmt_selfpay": "0", "preselfpay_amt": "50.00",
    "inscp_scp_amt": "1054.50", "act_pay_dedc": "300.00", "hifp_pay": "700.00", "pool_prop_selfpay": "0.9",
    "cvlserv_pay": "20.00", "fund_pay_sumamt": "720.00", "psn_part_amt": "484.50", "acct_pay": "84.50",
    "psn_cash_pay": "390.00", "hosp_part_amt": "10.00", "balc": "15.50", "acct_mulaid_pay": "0",
}  # fmt: skip


def answered(infno: str, funds: Any = None, **changes: Any) -> Any:
    """An answer of ``infno`` with amounts of ours."""
    answer = sample_answer(BASELINE[infno], full=True)
    answer["setlinfo"] |= {k: v for k, v in AMOUNTS.items() if k in answer["setlinfo"]}
    answer["setlinfo"] |= {"psn_name": "测试一二", "setl_id": "S1", "mdtrt_id": "M1", "med_type": "11"} | changes
    answer["setldetail"] = funds or []
    output, problems = read_answer(BASELINE[infno].output, answer)
    assert not [p for p in problems if p.level == "error"]
    return output


def lines(slip: str) -> dict[str, str]:
    """Label → value of every line that has both."""
    return {parts[0]: parts[-1] for line in slip.splitlines() if len(parts := line.split()) > 1}


# -- what is stated ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("infno", ["2102", "2102A", "2207", "2207A", "2304", "2304A", "5203"])
def test_every_settlements_answer_fills_a_statement(hospital: Rig, infno: str) -> None:
    changes = {"cash_payamt": "390.00", "refd_setl_flag": "0"} if infno == "5203" else {}
    made = statement_of(answered(infno, **changes), hospital.runtime, treatment=Treatment.OUTPATIENT)
    assert (made.setl_id, made.mdtrt_id, made.person) == ("S1", "M1", "测试一二")
    split = made.split
    assert (split.total, split.fund, split.account, split.cash) == tuple(
        map(Decimal, ("1204.50", "720.00", "84.50", "390.00"))
    )
    assert made.deductible == Decimal("300.00")
    assert [(fund.name, str(fund.amount)) for fund in made.funds] == [
        ("基本医疗保险统筹基金", "700.00"),
        ("公务员医疗补助资金", "20.00"),
    ]
    assert not made.is_refund


def test_funds_are_those_of_the_rows_where_there_are_rows(hospital: Rig) -> None:
    rows = [
        {
            "fund_pay_type": "310100",
            "inscp_scp_amt": "0",
            "fund_payamt": "700.00",
            "fund_pay_type_name": "统筹（本市）",
        },
        {"fund_pay_type": "330100", "inscp_scp_amt": "0", "fund_payamt": "20.00"},
        {"fund_pay_type": "299999", "inscp_scp_amt": "0", "fund_payamt": "1.00"},
        {"fund_pay_type": "610100", "inscp_scp_amt": "0", "fund_payamt": "0"},
        {"fund_pay_type": "", "inscp_scp_amt": "", "fund_payamt": ""},
    ]
    made = statement_of(answered("2304", rows), hospital.runtime)
    assert [(fund.name, str(fund.amount)) for fund in made.funds] == [
        ("统筹（本市）", "700.00"),
        ("大额医疗费用补助基金", "20.00"),
        ("基金 299999", "1.00"),
    ]


@pytest.mark.parametrize("infno", ["2103", "2208", "2305"])
def test_a_cancellation_is_a_refund(hospital: Rig, infno: str) -> None:
    negative = {k: f"-{v}" for k, v in AMOUNTS.items() if v != "0"} | {"cash_payamt": "-390.00"}
    made = statement_of(answered(infno, **negative), hospital.runtime, undoes="S0", treatment=Treatment.OUTPATIENT)
    slip = settlement_slip(made)
    assert "医保结算撤销单（门诊）" in slip
    said = lines(slip)
    assert (said["原结算编号"], said["退费编号"], said["个人现金支付"]) == ("S0", "S1", "-390.00")
    assert said["退现金（大写）"] == "叁佰玖拾元整"


@pytest.mark.parametrize(
    ("med_type", "name", "kind", "treatment"),
    [
        ("41", "定点药店购药", Kind.PHARMACY, "购药"),
        ("14", "门诊慢特病", Kind.PHARMACY, "购药"),
        ("11", "普通门诊", Kind.HOSPITAL, "门诊"),
        ("18", "特药购药", Kind.HOSPITAL, "购药"),
        ("21", "普通住院", Kind.HOSPITAL, "住院"),
        ("28", "日间手术", Kind.HOSPITAL, "住院"),
        ("52", "生育住院", Kind.HOSPITAL, "住院"),
        ("120", "120急救", Kind.CLINIC, "门诊"),
    ],
)
def test_what_a_kind_of_treatment_is_printed_as(med_type: str, name: str, kind: Kind, treatment: str) -> None:
    assert treatment_of(med_type, name, kind).value == treatment


# -- from the journal and from the platform ----------------------------------------------------------------------


def test_a_purchase_is_printed_again_from_the_journal_alone(rig: Rig) -> None:
    view = buy(rig)
    rig.strike(Fault.REQUEST_LOST, times=0)
    sent = len(rig.platform.requests)
    (again,) = reprint(rig.flows, view.id)
    assert len(rig.platform.requests) == sent
    first = lines(view.result["slip"])
    second = lines(settlement_slip(again))
    assert {k: second[k] for k in first if k != "打印时间"} == {k: v for k, v in first.items() if k != "打印时间"}
    assert "（重打）" in settlement_slip(again)
    assert "（重打）" not in view.result["slip"]
    assert [(line.name, line.category_name) for line in again.fees] == [("测试药品", "西药费"), ("D2", "西药费")]
    assert sum(line.amount for line in again.fees) == again.split.total == Decimal("112.40")


def test_a_refund_names_what_it_takes_back(rig: Rig) -> None:
    bought = buy(rig)
    given = {"credential": {"type": "01", "number": rig.person().token}, "purchase": bought.id}
    view = run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key=new_key()), YES)
    (back,) = of_flow(rig.runtime, view.id, state=rig.flows.state_of(view.id))
    assert back.undoes == bought.result["settlement"].setl_id
    assert (back.split.total, back.receipt_no, back.person) == (Decimal("-112.40"), "R1", rig.person().name)


def test_the_platform_tells_the_same_and_what_became_of_it(rig: Rig) -> None:
    view = buy(rig)
    settled = view.result["settlement"]
    reference = {"psn_no": settled.psn_no, "mdtrt_id": settled.mdtrt_id, "setl_id": settled.setl_id}
    asked = ask_statement(rig.runtime, **reference, insured_place="441900")
    assert asked.split == settled.split
    assert (asked.copy, asked.refunded, len(asked.fees)) == (True, False, 2)
    rig.strike(Fault.EMPTY, "5204", times=0)
    partial = ask_statement(rig.runtime, **reference, insured_place="441900")
    assert partial.fees == ()
    assert "费用明细没有取到" in settlement_slip(partial)
    rig.door.faults.clear()
    given = {"credential": {"type": "01", "number": rig.person().token}, "purchase": view.id}
    run_flow(rig.flows, rig.flows.start("pharmacy_refund", given, key=new_key()), YES)
    (now,) = reprint(rig.flows, view.id, ask=True)
    assert now.refunded
    assert "已退费" in settlement_slip(now)


@attrs.define(kw_only=True)
class InFlow(Desk):
    """A patient whose calls belong to a flow."""

    flow: str = "F1"

    def call(self, infno: str, message: Any, key: str | None = None) -> Any:
        place = self.person.covers[0].place
        return self.rig.runtime.call(infno, message, key=key, insured_place=place, flow=self.flow)


def agrees(made: Statement, info: Any) -> None:
    """A statement has the amounts of its settlement."""
    split = made.split
    assert (split.total, split.fund) == (info.medfee_sumamt, info.fund_pay_sumamt)
    assert (split.account, split.cash, split.balance) == (info.acct_pay, info.psn_cash_pay, info.balc)
    assert made.deductible == (info.act_pay_dedc or 0)


def test_an_outpatients_bills_and_their_undoing(hospital: Rig) -> None:
    patient = InFlow(rig=hospital, person=hospital.person())
    patient.register("MZ1")
    patient.describe()
    patient.charge(patient.fee("1", "100.00"), patient.fee("2", "20.00", "3", "XA08"))
    patient.charge(patient.fee("3", "60.00", chrg_bchno="B2"), patient.fee("4", "5.00", chrg_bchno="B3"))
    patient.call("2205", patient.withdrawing("B3"))
    first, second = patient.settle("160.00"), patient.settle("60.00", "B2")
    back = patient.undo(first)
    one, two, refund = of_flow(hospital.runtime, "F1")
    for made, answer in ((one, first), (two, second)):
        agrees(made, answer.output.setlinfo)
        assert made.treatment is Treatment.OUTPATIENT
        assert (made.number, made.department, made.doctor) == ("MZ1", "测试内科", "测试医师")
        assert made.diagnoses == ("高血压", "急性上呼吸道感染")
        assert sum(line.amount for line in made.fees) == made.split.total
    assert (one.refunded, two.refunded) == (True, False)
    assert refund.undoes == one.setl_id == first.output.setlinfo.setl_id
    assert refund.setl_id == back.output.setlinfo.setl_id
    assert refund.split.total == -one.split.total
    assert "已退费" in settlement_slip(one)
    asked = ask_statement(
        hospital.runtime, psn_no=two.psn_no, mdtrt_id=two.mdtrt_id, setl_id=two.setl_id, insured_place="441900"
    )
    assert asked.split == two.split
    assert {(f.code, f.amount) for f in asked.funds} == {(f.code, f.amount) for f in two.funds}
    assert sum(line.amount for line in asked.fees) == Decimal("60.00")


def test_a_stay_in_parts_has_every_row_on_one_statement(hospital: Rig) -> None:
    patient = InFlow(rig=hospital, person=hospital.person())
    patient.admit()
    patient.charge_stay(patient.daily("1", "3000.00"))
    patient.settle_stay("3000.00", interim=True)
    patient.charge_stay(patient.daily("2", "500.00"))
    patient.call("2402", patient.discharge())
    patient.undo(patient.settle_stay("500.00"), "2305")
    patient.settle_stay("500.00")
    found = of_flow(hospital.runtime, "F1")
    assert [[line.serial for line in each.fees] for each in found] == [["1"], ["2"], [], ["2"]]
    assert [each.refunded for each in found] == [False, True, False, False]


def test_what_other_flows_of_the_visit_said_is_on_the_statement(hospital: Rig) -> None:
    patient = InFlow(rig=hospital, person=hospital.person(), flow="admission")
    patient.admit()
    patient.flow = "fees"
    patient.charge_stay(patient.daily("1", "3000.00"))
    patient.flow = "discharge"
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("3000.00")
    (made,) = of_flow(hospital.runtime, "discharge")
    assert (made.number, [line.serial for line in made.fees], made.refunded) == ("I1", ["1"], False)
    patient.flow = "undo"
    patient.undo(settled, "2305")
    assert [each.refunded for each in of_flow(hospital.runtime, "discharge")] == [True]
    assert [each.undoes for each in of_flow(hospital.runtime, "undo")] == [made.setl_id]
    assert of_flow(hospital.runtime, "admission") == []
    other = InFlow(rig=hospital, person=hospital.person("retired"), flow="other")
    other.admit()
    other.charge_stay(other.daily("1", "700.00"))
    other.settle_stay("700.00", interim=True)
    assert [each.split.total for each in of_flow(hospital.runtime, "other")] == [Decimal("700.00")]


def test_an_inpatients_statement(hospital: Rig) -> None:
    patient = InFlow(rig=hospital, person=hospital.person())
    patient.admit()
    patient.charge_stay(patient.daily("1", "3000.00"), patient.daily("2", "10.00", "2"), patient.daily("3", "9.00"))
    patient.call("2302", patient.withdrawing_rows("3"))
    patient.charge_stay(patient.daily("4", "10.00", "-1", init_feedetl_sn="2"))
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("3010.00")
    (made,) = of_flow(hospital.runtime, "F1")
    agrees(made, settled.output.setlinfo)
    assert (made.treatment, made.number) == (Treatment.INPATIENT, "I1")
    assert [line.serial for line in made.fees] == ["1", "2", "4"]
    assert sum(category.amount for category in made.categories) == made.split.total == Decimal("3010.00")
    assert statement("settlement", made).startswith(b"%PDF-")
    assert statement("fees", made, "A5").startswith(b"%PDF-")
    assert "（住院）" in settlement_slip(made)
    assert sum(fund.amount for fund in made.funds) == made.split.fund + made.split.account


def test_nothing_settled_is_nothing_to_print(rig: Rig) -> None:
    view = rig.flows.start("pharmacy_purchase", bill(rig.person(), "R2"), key=new_key())
    with pytest.raises(NoStatement):
        reprint(rig.flows, view.id)
    done = buy(rig)
    with pytest.raises(NoStatement, match="S404"):
        reprint(rig.flows, done.id, setl_id="S404")


# -- on paper ----------------------------------------------------------------------------------------------------


def stated(**changes: Any) -> Statement:
    """A statement of an inpatient with long names, as they are in life."""
    amounts = (
        "9235.04", "388.10", "12.00", "210.45", "8624.49", "4210.33", "300.00", "4724.71", "1078.15",
    )  # fmt: skip
    split = Split(**dict(zip([a.name for a in attrs.fields(Split)], map(Decimal, amounts), strict=True)))
    drug = "注射用盐酸万古霉素（稳可信）用于静脉滴注的无菌粉末制剂，国家集中带量采购中选"
    fees = (
        FeeLine(
            serial="1", name=drug, count=Decimal("2.0000"), price=Decimal("0.125"), amount=Decimal("0.25"),
            category="09", category_name="西药费", level="2", level_name="乙类", own_share=Decimal("0.1"),
        ),
        FeeLine(
            serial="2", name="床位费", count=Decimal(1), price=Decimal(40), amount=Decimal(40), category="01",
            category_name="床位费",
        ),
        FeeLine(serial="3", name="#[x] $y$ \\ *z*", count=Decimal(1), price=Decimal(1), amount=Decimal(1)),
    )  # fmt: skip
    made = Statement(
        treatment=Treatment.INPATIENT, institution="测试市第一人民医院（测试医科大学附属第一医院）", person="测试一二",
        institution_code="H44190000001", psn_no="P1", setl_id="44190020261122S00000001", mdtrt_id="M1",
        settled_at=None, split=split, operator="测试收银员", printed_at=MOMENT, fees=fees,
        funds=(FundPaid(code="1", name="城镇职工基本医疗保险统筹基金（含门诊共济）", amount=Decimal("4210.33")),),
        advice=("个人账户已由接口扣除 300.00 元，请勿再刷 POS 机",),
    )  # fmt: skip
    return attrs.evolve(made, **changes)


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("treatment", list(Treatment))
def test_no_line_is_wider_than_the_paper(columns: int, treatment: Treatment) -> None:
    slip = settlement_slip(stated(treatment=treatment, copy=True, refunded=True), columns=columns)
    assert max(map(width, slip.splitlines())) == columns
    assert "请勿再刷 POS 机" in slip.replace("\n", "")


def test_fees_are_rows_for_outpatients_and_categories_for_inpatients() -> None:
    inpatient = settlement_slip(stated())
    assert [c.name for c in stated().categories] == ["床位费", "西药费", "其他"]
    assert "西药费" in inpatient
    assert "万古霉素" not in inpatient
    outpatient = settlement_slip(stated(treatment=Treatment.OUTPATIENT))
    assert "2 × 0.125" in outpatient
    assert "1 × 40.00" in outpatient


def test_text_breaks_after_a_mark_in_the_second_half_of_a_line() -> None:
    paper = Paper(10)
    assert paper.wrapped("一二三，四五六") == "一二三，\n四五六"
    assert paper.wrapped("一，二三四五六") == "一，二三四\n五六"
    assert paper.wrapped("一二三四五，六") == "一二三四\n五，六"
    assert paper.pair("甲", "一二三四") == "甲\n" + "  一二三四"
    assert paper.pair("甲", "乙") == "甲      乙"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("10.30", "壹拾元叁角整"),
        ("100200.07", "壹拾万零贰佰元零柒分"),
        ("-1.5", "负壹元伍角整"),
    ],
)
def test_amounts_in_capitals(amount: str, said: str) -> None:
    assert capital(Decimal(amount)) == said


def test_a_price_has_two_decimals_at_least() -> None:
    assert [price(Decimal(text)) for text in ("12.3", "40", "0.125", "1.500000")] == ["12.30", "40.00", "0.125", "1.50"]


# -- as PDF ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["settlement", "fees"])
@pytest.mark.parametrize("paper", ["A4", "A5"])
def test_a_statement_as_pdf(kind: str, paper: str) -> None:
    made = statement(kind, stated(copy=True, refunded=True), paper)
    assert made.startswith(b"%PDF-")
    assert b"/Count 1" in made
    assert (b"/MediaBox[0 0 595.2756 841.88" if paper == "A4" else b"/MediaBox[0 0 595.2756 419.52") in made


def test_a_refund_and_a_bill_without_fees_as_pdf() -> None:
    negative = attrs.evolve(stated().split, total=Decimal("-10.00"), cash=Decimal("-10.00"))
    assert statement("settlement", stated(split=negative, undoes="S0", fees=(), funds=())).startswith(b"%PDF-")
    with pytest.raises(NoStatement):
        statement("fees", stated(fees=()))
    for kind, paper in (("settlement", "A3"), ("slip", "A4")):
        with pytest.raises(NoSuchDocument):
            statement(kind, stated(), paper)


def test_a_machine_without_chinese_fonts_is_told_which_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SONG", ("No Such Song",))
    monkeypatch.setattr(typesetting, "HEI", ("No Such Hei",))
    typesetting._fonts.cache_clear()
    with pytest.raises(CannotTypeset) as failed:
        statement("settlement", stated())
    assert "fonts-noto-cjk" in failed.value.remedy
    typesetting._fonts.cache_clear()


# -- from the command line ---------------------------------------------------------------------------------------


def test_slips_and_statements_from_the_command_line(rig: Rig, tmp_path: Path) -> None:
    view = buy(rig)
    printed = liangding("slip", view.id, "--config", rig.config, "--columns", 32)
    assert printed.returncode == 0, printed.stderr
    assert "（重打）" in printed.stdout
    assert max(map(width, printed.stdout.splitlines())) == 32
    for kind in ("settlement", "fees"):
        file = tmp_path / f"{kind}.pdf"
        made = liangding("slip", view.id, "--config", rig.config, "--pdf", file, "--paper", "A5", "--kind", kind)
        assert made.returncode == 0, made.stderr
        assert file.read_bytes().startswith(b"%PDF-")
    assert liangding("slip", "nothing", "--config", rig.config).returncode == 1
    refused = liangding("slip", view.id, "--config", rig.config, "--pdf", tmp_path / "no" / "x.pdf")
    assert (refused.returncode, "写不了" in refused.stderr) == (1, True)
