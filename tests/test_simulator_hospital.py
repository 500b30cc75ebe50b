"""The simulated platform plays a hospital's day: visits forwards and backwards, registrations, audit, queries."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospital import AT, Desk
from liangding.checks import Circumstances, cancellation_amounts, settlement_amounts
from liangding.config import Kind
from liangding.errors import InvalidMessage
from liangding.simulator.arithmetic import Policy, cents, split_bill, split_row
from liangding.simulator.faults import Fault
from liangding.simulator.people import NORMAL
from liangding.simulator.world import GivenToken
from support import Rig, rig_for, yuan

HOSPITAL = {"kind": Kind.HOSPITAL, "code": "H44190000001"}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Rig]:
    """A hospital in Dongguan and its platform."""
    with rig_for(tmp_path, **HOSPITAL) as made:
        yield made


def desk(rig: Rig, case: str = "local") -> Desk:
    person = rig.person(case)
    cross = person.covers[0].place[:2] != rig.platform.world.area[:2]
    with_a = cross and rig.platform.region.a_variant("outpatient") != "never"
    return Desk(rig=rig, person=person, a="A" if with_a else "")


def at_counter(rig: Rig, case: str = "local", med_type: str = "11", **facts: Any) -> Desk:
    """A patient who is registered and described."""
    patient = desk(rig, case)
    patient.register()
    patient.describe(med_type, **facts)
    return patient


def agrees_everywhere(output: Any) -> None:
    """The identities hold whatever a region says of fund and account."""
    check = cancellation_amounts if output.setlinfo.medfee_sumamt < 0 else settlement_amounts
    for includes in (None, True, False):
        assert list(check(output, Circumstances(fund_includes_account=includes))) == []


AMOUNT = st.decimals("0.0001", 90000, places=4)
SHARE = st.decimals(0, 1, places=2)
POLICIES = st.builds(
    Policy, deductible=st.decimals(0, 2000, places=2), ratio=SHARE, ceiling=st.decimals(-100, 50000, places=2),
    large_ratio=SHARE, civil_servant_ratio=SHARE, catastrophic_ratio=SHARE, borne=st.decimals(0, 9000, places=2),
    catastrophic_from=st.decimals(0, 20000, places=2), hospital_bears_over_limit=st.booleans(),
)  # fmt: skip


@given(
    rows=st.lists(st.tuples(st.sampled_from("0123456789"), AMOUNT, st.integers(1, 300)), min_size=1, max_size=8),
    policy=POLICIES,
    balance=st.decimals(0, 5000, places=2),
)
def test_every_bill_is_split_to_the_cent(rows: list[Any], policy: Policy, balance: Decimal) -> None:
    split = split_bill(
        [split_row(str(n), f"X{c}", Decimal(k), p, cents(p * k)) for n, (c, p, k) in enumerate(rows)], policy, balance
    )
    parts = split.full_own, split.over_limit, split.own_first, split.in_scope
    payers = split.fund, split.hospital, split.account, split.cash
    assert sum(parts) == sum(payers) == split.total
    assert min(*parts, *payers, split.pool, split.large, split.civil_servant, split.catastrophic) >= 0
    assert split.fund <= split.in_scope - split.deductible
    assert all(amount == cents(amount) for amount in (*parts, *payers))


# -- outpatients -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["local", "retired", "resident", "civil_servant", "province", "cross"])
def test_a_whole_outpatient_visit(ward: Rig, case: str) -> None:
    patient = at_counter(ward, case)
    rows = patient.fee("1", "33.33", "3"), patient.fee("2", "600", code="XA04"), patient.fee("3", "12.345", "7", "XA05")
    split = patient.charge(*rows, patient.fee("4", "20", code="XA08")).output.result
    assert [row.feedetl_sn for row in split] == ["1", "2", "3", "4"]
    assert split[1].overlmt_amt == yuan("100.00")
    assert split[3].fulamt_ownpay_amt == yuan("20.00")
    settled = patient.settle("806.41")
    info = settled.output.setlinfo
    agrees_everywhere(settled.output)
    assert ward.standing() == [info.setl_id]
    assert info.hifp_pay > 0
    assert (info.acct_pay > 0) is (case != "resident")
    assert (info.cvlserv_pay > 0) is (case == "civil_servant")
    undone = patient.undo(settled)
    agrees_everywhere(undone.output)
    assert undone.output.setlinfo.medfee_sumamt == -info.medfee_sumamt
    assert ward.standing() == []


def test_who_is_retired_or_insured_elsewhere_gets_another_ratio(ward: Rig) -> None:
    ratios = {}
    for case in ("local", "retired", "province", "cross"):
        patient = at_counter(ward, case)
        patient.charge(patient.fee("1", "1000"))
        ratios[case] = patient.settle("1000.00").output.setlinfo.pool_prop_selfpay
    assert ratios["retired"] > ratios["local"] > ratios["province"] > ratios["cross"]


@pytest.mark.parametrize(("province", "area"), [("dongguan", "441900"), ("shaanxi", "610100"), ("sichuan", "510400")])
def test_the_transactions_with_a_are_for_whom_the_region_has_them(tmp_path: Path, province: str, area: str) -> None:
    with rig_for(tmp_path, **HOSPITAL | {"province": province, "area": area, "code": f"H{area}00001"}) as there:
        patient = at_counter(there, "cross")
        patient.charge(patient.fee("1", "10"))
        wrong = "2206A" if province == "dongguan" else "2206"
        assert f"请使用 2206{patient.a}" in patient.refused(wrong, patient.bill("10.00"))


def test_the_deductible_is_paid_once_a_year_and_comes_back(ward: Rig) -> None:
    first, second = at_counter(ward), desk(ward)
    second.register("O2")
    second.describe()
    for patient in (first, second):
        patient.charge(patient.fee("1", "80"))
    paid = first.settle("80.00", account="0")
    assert paid.output.setlinfo.act_pay_dedc == 80
    assert second.call("2206", second.bill("80.00")).output.setlinfo.act_pay_dedc == 20
    first.undo(paid)
    assert second.call("2206", second.bill("80.00")).output.setlinfo.act_pay_dedc == 80
    again = first.settle("80.00", account="0")
    first.call("2601", first.reversal("2207", again.msgid))
    assert second.settle("80.00").output.setlinfo.act_pay_dedc == 80


def test_the_pool_pays_no_more_than_its_ceiling_in_a_year(ward: Rig) -> None:
    patient = at_counter(ward, "resident")
    patient.charge(patient.fee("1", "1900"))
    patient.charge(patient.fee("2", "1000", chrg_bchno="B2"))
    assert patient.settle("1900.00").output.setlinfo.hifp_pay == yuan("736.00")
    assert patient.settle("1000.00", "B2").output.setlinfo.hifp_pay == yuan("64.00")


def test_several_bills_of_one_visit(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"), patient.fee("2", "70", chrg_bchno="B2"))
    one, two = patient.settle("50.00"), patient.settle("70.00", "B2")
    assert len(ward.standing()) == 2
    assert "已结算" in patient.refused("2206", patient.bill("50.00"))
    patient.undo(one)
    assert ward.standing() == [two.output.setlinfo.setl_id]
    assert "已结算" in patient.refused("2205", patient.withdrawing("B2"))
    patient.call("2205", patient.withdrawing("B1"))
    patient.charge(patient.fee("1", "45"))
    patient.settle("45.00")
    assert len(ward.standing()) == 2


def test_an_outpatient_visit_is_undone_from_the_end(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    assert "已结算" in patient.refused("2202", patient.unregistering())
    assert "已结算" in patient.refused("2205", patient.withdrawing("B1"))
    patient.call("2205", patient.withdrawing())
    patient.undo(settled)
    assert "重复撤销" in patient.refused("2208", patient.taking_back(settled.output.setlinfo.setl_id))
    assert "明细" in patient.refused("2202", patient.unregistering())
    patient.call("2205", patient.withdrawing())
    patient.call("2202", patient.unregistering())
    assert "不存在" in patient.refused("2204", {"feedetail": [patient.fee("1", "50")]})
    assert patient.register() != settled.output.setlinfo.mdtrt_id


def test_a_settlement_is_taken_back_by_its_own_transaction_only(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    assert "2208" not in patient.refused("2305", patient.taking_back(settled.output.setlinfo.setl_id))
    assert "2103" in patient.refused("2103", patient.taking_back(settled.output.setlinfo.setl_id))


def test_fee_rows_are_checked(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    assert "重复" in patient.refused("2204", {"feedetail": [patient.fee("1", "50")]})
    with pytest.raises(InvalidMessage, match="数量不能小于 0"):
        patient.call("2204", {"feedetail": [patient.fee("2", "50", "-1")]})
    assert "病种编码不一致" in patient.refused("2204", {"feedetail": [patient.fee("2", "50", dise_codg="M1")]})
    ward.platform.world.row_limit = 2
    many = [patient.fee(str(n), "1") for n in range(10, 13)]
    assert "最多" in patient.refused("2204", {"feedetail": many})
    assert [row.feedetl_sn for row in patient.call("5204", {"data": patient.named}).output] == ["1"]


def test_a_bill_has_to_agree_with_what_was_uploaded(ward: Rig) -> None:
    patient = desk(ward)
    patient.register()
    patient.charge(patient.fee("1", "50"))
    assert "诊断" in patient.refused("2206", patient.bill("50.00"))
    patient.describe()
    assert "合计" in patient.refused("2206", patient.bill("51.00"))
    assert "医疗类别" in patient.refused("2206", patient.bill("50.00", med_type="13"))
    assert "没有待结算" in patient.refused("2206", patient.bill("50.00", "B9"))
    wrong = patient.bill("50.00")
    wrong["data"] |= {"fulamt_ownpay_amt": 50, "overlmt_selfpay": 0, "preselfpay_amt": 0, "inscp_scp_amt": 0}
    assert "预结算" in patient.refused("2207", wrong)
    by_token = patient.bill("50.00")
    by_token["data"] |= {"mdtrt_cert_type": "01", "mdtrt_cert_no": patient.person.token}
    assert "凭证类型" in patient.refused("2206", by_token)


def test_a_settled_batch_takes_no_more_rows(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    patient.settle("50.00")
    assert "已结算" in patient.refused("2204", {"feedetail": [patient.fee("2", "1")]})
    assert "医疗类别" in patient.refused("2203", patient.description("13"))


def test_a_visit_is_what_its_type_says(ward: Rig) -> None:
    patient = at_counter(ward)
    assert "已挂号" in patient.refused("2201", patient.registration())
    assert "门诊类别" in patient.refused("2203", patient.description("21"))
    assert "住院类别" in patient.refused("2401", patient.admission("11"))
    assert "不是门诊" in inpatient_of(ward).refused("2203", inpatient_of(ward).description())
    twice = patient.description()
    twice["diseinfo"][1]["diag_srt_no"] = "1"
    assert "排序号重复" in patient.refused("2203", twice)


def inpatient_of(rig: Rig) -> Desk:
    """A person who stays in hospital, admitted at the first asking."""
    patient = desk(rig, "man")
    here = [visit for visit in rig.platform.world.visits_of(patient.person.psn_no) if visit.in_hospital]
    patient.visit = here[0].mdtrt_id if here else patient.admit()
    return patient


def test_a_bill_is_settled_on_the_insurance_of_the_visit(ward: Rig) -> None:
    patient = desk(ward, "paused_and_normal")
    patient.cover = 1
    patient.register()
    patient.describe()
    patient.charge(patient.fee("1", "50"))
    patient.person.covers[0].status = NORMAL
    patient.cover = 0
    assert "险种" in patient.refused("2206", patient.bill("50.00"))


def test_an_emergency_has_no_deductible(ward: Rig) -> None:
    patient = at_counter(ward, med_type="13")
    patient.charge(patient.fee("1", "100"))
    info = patient.settle("100.00", med_type="13").output.setlinfo
    assert (info.act_pay_dedc, info.hifp_pay) == (0, yuan("70.00"))


def test_a_reversed_settlement_may_be_settled_again(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    patient.call("2601", patient.reversal("2207", settled.msgid))
    assert ward.standing() == []
    again = patient.settle("50.00")
    balance = again.output.setlinfo.balc
    undone = patient.undo(again)
    patient.call("2601", patient.reversal("2208", undone.msgid))
    assert ward.standing() == [again.output.setlinfo.setl_id]
    assert patient.person.covers[0].balance == balance


def test_a_cancellation_cannot_be_reversed_after_the_visit_went_on(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    undone = patient.undo(patient.settle("50.00"))
    patient.call("2205", patient.withdrawing())
    assert "变动" in patient.refused("2601", patient.reversal("2208", undone.msgid))
    assert ward.standing() == []


def test_a_lost_answer_to_2207_is_found_out(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    given = patient.bill("50.00")
    given["data"] |= {"fulamt_ownpay_amt": 0, "overlmt_selfpay": 0, "preselfpay_amt": 0, "inscp_scp_amt": 50}
    ward.strike(Fault.ANSWER_LOST, "2207")
    settled = patient.call("2207", given)
    assert ward.standing() == [settled.output.setlinfo.setl_id]


def test_queries_with_delay_do_not_see_what_was_just_made(ward: Rig) -> None:
    patient = at_counter(ward)
    patient.charge(patient.fee("1", "50"))
    settled = patient.settle("50.00")
    asked = {"data": patient.named}
    assert [row.setl_id for row in patient.call("5204", asked).output] == [settled.output.setlinfo.setl_id]
    ward.platform.world.query_delay = 600
    assert patient.call("5204", asked).output in (None, [])
    for row in ward.platform.world.visits[patient.visit].rows:
        row.made_at = 0
    assert [row.setl_id for row in patient.call("5204", asked).output] == ["0"]
    assert "不存在" in patient.refused("5203", patient.taking_back(settled.output.setlinfo.setl_id))


# -- inpatients ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stay(ward: Rig) -> Desk:
    """A patient in hospital."""
    patient = desk(ward)
    patient.admit()
    return patient


@pytest.mark.parametrize("case", ["local", "retired_civil_servant", "child", "resident_province", "resident_cross"])
def test_a_whole_stay(ward: Rig, case: str) -> None:
    patient = desk(ward, case)
    patient.admit()
    patient.charge_stay(patient.daily("1", "33.335", "30"), patient.daily("2", "800", code="XA04"))
    patient.charge_stay(patient.daily("3", "33.335", "-10", init_feedetl_sn="1"), patient.daily("4", "900", code="X9"))
    patient.call("2403", patient.change())
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("2366.70")
    agrees_everywhere(settled.output)
    info = settled.output.setlinfo
    assert (info.hifp_pay > 0) is (info.inscp_scp_amt > info.act_pay_dedc > 0)
    assert info.fulamt_ownpay_amt == 900
    assert info.clr_type == "21"
    assert ward.standing() == [info.setl_id]
    undone = patient.undo(settled, "2305")
    agrees_everywhere(undone.output)
    assert ward.standing() == []


def test_who_is_in_hospital_is_not_admitted_again(ward: Rig, stay: Desk) -> None:
    assert "已在院" in stay.refused("2401", stay.admission())
    stay.call("2402", stay.discharge())
    stay.admit()
    elsewhere = desk(ward, "in_hospital")
    assert "已在院" in elsewhere.refused("2401", elsewhere.admission())


def test_a_stay_is_undone_from_the_end(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "1000"))
    assert "出院" in stay.refused("2304", stay.stay_bill("1000.00"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("1000.00")
    for infno, message in (
        ("2405", {"data": stay.named}),
        ("2302", stay.withdrawing_rows("1")),
        ("2404", {"data": stay.named}),
        ("2301", {"feedetail": [stay.daily("2", "1")]}),
    ):
        assert "已结算" in stay.refused(infno, message)
    stay.undo(settled, "2305")
    assert "出院" in stay.refused("2404", {"data": stay.named})
    stay.call("2405", {"data": stay.named})
    assert "明细" in stay.refused("2404", {"data": stay.named})
    stay.call("2302", stay.withdrawing_rows())
    stay.call("2404", {"data": stay.named})
    assert "不存在" in stay.refused("2402", stay.discharge())
    stay.admit()


def test_a_discharge_stands_once_the_patient_is_back(stay: Desk) -> None:
    assert "早于" in stay.refused("2402", stay.discharge("2026-11-19 10:00:00"))
    stay.call("2402", stay.discharge())
    assert "已办理出院" in stay.refused("2403", stay.change())
    first = stay.named
    stay.admit()
    assert "又入院" in stay.refused("2405", {"data": first})


def test_refunds_take_back_no_more_than_there_was(stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "0.335", "3"), stay.daily("5", "0.335", "3"))
    singly = [stay.daily(f"5-{n}", "0.335", "-1", init_feedetl_sn="5") for n in range(3)]
    assert "5-2 超过" in stay.refused("2301", {"feedetail": singly})
    stay.call("2302", stay.withdrawing_rows("5"))
    back = stay.daily("2", "0.335", "-2", init_feedetl_sn="1")
    stay.charge_stay(back)
    assert "超过" in stay.refused("2301", {"feedetail": [{**back, "feedetl_sn": "3"}]})
    assert "不存在" in stay.refused("2301", {"feedetail": [stay.daily("4", "1", "-1", init_feedetl_sn="9")]})
    assert "应为负" in stay.refused("2301", {"feedetail": [stay.daily("4", "0.335", "1", init_feedetl_sn="1")]})
    assert "项目或单价" in stay.refused("2301", {"feedetail": [stay.daily("4", "0.3", "-1", init_feedetl_sn="1")]})
    assert "退费" in stay.refused("2302", stay.withdrawing_rows("1"))
    stay.call("2302", stay.withdrawing_rows("1", "2"))
    assert stay.call("5204", {"data": stay.named}).output in (None, [])


def test_rows_refunded_in_parts_leave_nothing_negative(stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "0.05", "3", "XA05"), stay.daily("2", "500"))
    stay.charge_stay(*(stay.daily(f"1-{n}", "0.05", "-1", "XA05", init_feedetl_sn="1") for n in range(3)))
    trial = stay.call("2303", stay.stay_bill("500.00"))
    assert trial.output.setlinfo.preselfpay_amt == 0


def test_an_interim_settlement_leaves_the_patient_in_hospital(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "2000"))
    first = stay.settle_stay("2000.00", interim=True)
    refund = stay.daily("3", "2000", "-1", init_feedetl_sn="1")
    assert "已结算" in stay.refused("2301", {"feedetail": [refund]})
    assert first.output.setlinfo.act_pay_dedc == 900
    stay.charge_stay(stay.daily("2", "1000"))
    stay.call("2402", stay.discharge())
    assert "中途结算" in stay.refused("2304", stay.stay_bill("1000.00", interim=True))
    last = stay.settle_stay("1000.00")
    assert last.output.setlinfo.act_pay_dedc == 0
    assert "先撤销后面" in stay.refused("2305", stay.taking_back(first.output.setlinfo.setl_id))
    stay.undo(last, "2305")
    stay.undo(first, "2305")
    assert ward.standing() == []


def test_a_second_stay_of_the_year_has_half_the_deductible(ward: Rig) -> None:
    patient = desk(ward)
    for deductible in (900, 450):
        patient.admit()
        patient.charge_stay(patient.daily("1", "2000"))
        patient.call("2402", patient.discharge())
        settled = patient.settle_stay("2000.00")
        assert settled.output.setlinfo.act_pay_dedc == deductible
    patient.undo(settled, "2305")
    assert patient.settle_stay("2000.00").output.setlinfo.act_pay_dedc == 450


def test_beyond_the_ceiling_the_large_amount_fund_pays(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "400000"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("400000.00")
    agrees_everywhere(settled.output)
    info = settled.output.setlinfo
    assert (info.hifp_pay, info.hifob_pay) == (yuan("300000.00"), yuan("31388.00"))
    assert {share.fund_pay_type for share in settled.output.setldetail} >= {"310100", "330100"}


def test_catastrophic_insurance_pays_for_residents(ward: Rig) -> None:
    patient = desk(ward, "resident")
    patient.admit()
    patient.charge_stay(patient.daily("1", "100000"))
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("100000.00")
    agrees_everywhere(settled.output)
    info = settled.output.setlinfo
    assert (info.hifp_pay, info.hifmi_pay) == (yuan("64480.00"), yuan("12312.00"))
    patient.admit()
    patient.charge_stay(patient.daily("1", "10000"))
    patient.call("2402", patient.discharge())
    again = patient.settle_stay("10000.00").output.setlinfo
    assert (again.hifp_pay, again.hifmi_pay) == (yuan("6240.00"), yuan("2256.00"))


def test_a_civil_servant_is_supplemented(ward: Rig) -> None:
    patient = desk(ward, "retired_civil_servant")
    patient.admit()
    patient.charge_stay(patient.daily("1", "10900"))
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("10900.00")
    info = settled.output.setlinfo
    assert (info.pool_prop_selfpay, info.hifp_pay, info.cvlserv_pay) == (yuan("0.9"), 9000, 500)
    assert "320100" in {share.fund_pay_type for share in settled.output.setldetail}


def test_the_level_of_the_hospital_counts(ward: Rig, stay: Desk) -> None:
    ward.platform.world.hosp_lv = "8"
    stay.charge_stay(stay.daily("1", "2000"))
    assert stay.call("2303", stay.stay_bill("2000.00")).output.setlinfo.act_pay_dedc == 300


def test_a_birth_is_paid_by_its_own_fund(ward: Rig) -> None:
    patient = desk(ward, "pregnant")
    patient.admit("52", matn_type="1", birctrl_matn_date="2026-11-20")
    patient.charge_stay({**patient.daily("1", "3000"), "med_type": "52"})
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("3000.00")
    assert settled.output.setlinfo.hifp_pay == 3000
    assert [share.fund_pay_type for share in settled.output.setldetail] == ["510100"]
    man = desk(ward, "man")
    man.admit("52")
    man.charge_stay({**man.daily("1", "3000"), "med_type": "52"})
    assert "性别" in man.refused("2303", man.stay_bill("3000.00"))


def test_what_a_day_surgery_costs_above_the_limit_falls_to_the_hospital(ward: Rig) -> None:
    patient = desk(ward)
    patient.admit("28", dise_type_code="30", dise_codg="Z1", oprn_oprt_code="47.0100")
    dear = patient.daily("2", "620", code="XA04")
    patient.charge_stay({**patient.daily("1", "2000"), "med_type": "28"}, {**dear, "med_type": "28"})
    patient.call("2402", patient.discharge())
    settled = patient.settle_stay("2620.00")
    info = settled.output.setlinfo
    assert (info.act_pay_dedc, info.clr_type, info.hosp_part_amt) == (450, "28", 120)
    agrees_everywhere(settled.output)
    agrees_everywhere(patient.undo(settled, "2305").output)


def test_an_admission_may_be_reversed_while_nothing_hangs_on_it(ward: Rig) -> None:
    patient = desk(ward)
    admitted = patient.call("2401", patient.admission())
    patient.visit = admitted.output.result.mdtrt_id
    patient.charge_stay(patient.daily("1", "10"))
    assert "明细" in patient.refused("2601", patient.reversal("2401", admitted.msgid))
    patient.call("2302", patient.withdrawing_rows())
    patient.call("2601", patient.reversal("2401", admitted.msgid))
    assert "不存在" in patient.refused("2301", {"feedetail": [patient.daily("1", "10")]})
    patient.admit()


def test_a_reversed_settlement_of_a_stay_may_be_made_again(ward: Rig, stay: Desk) -> None:
    stay.charge_stay(stay.daily("1", "1000"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("1000.00")
    stay.call("2601", stay.reversal("2304", settled.msgid))
    undone = stay.undo(stay.settle_stay("1000.00"), "2305")
    stay.call("2405", {"data": stay.named})
    assert "变动" in stay.refused("2601", stay.reversal("2305", undone.msgid))
    assert ward.standing() == []


def test_an_admission_that_comes_late_is_found(ward: Rig) -> None:
    patient = desk(ward)
    ward.strike(Fault.LATE_COMMIT, "2401", seconds=0)
    number = patient.admit()
    (visit,) = ward.platform.world.visits_of(patient.person.psn_no)
    assert (visit.mdtrt_id, visit.in_hospital) == (number, True)


# -- registrations ---------------------------------------------------------------------------------------------------


def chronic_disease(patient: Desk, code: str = "M01600", **more: Any) -> dict[str, Any]:
    return {
        "data": {
            "psn_no": patient.person.psn_no, "insutype": "310", "opsp_dise_code": code, "opsp_dise_name": "糖尿病",
            "insu_optins": "441900", "ide_fixmedins_no": "H44190000001", "ide_fixmedins_name": "测试机构",
            "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1", "diag_dr_name": "测试医师", "begndate": "2026-01-05",
            **more,
        }
    }  # fmt: skip


def withdrawal(patient: Desk, number: str) -> dict[str, Any]:
    return {"data": {"trt_dcla_detl_sn": number, "psn_no": patient.person.psn_no, "memo": "录错"}}


def transfer(patient: Desk, to: str = "H44010009002", **more: Any) -> dict[str, Any]:
    return {
        "refmedin": {
            "psn_no": patient.person.psn_no, "insutype": "310", "diag_code": "I10.x00", "diag_name": "高血压",
            "reflin_medins_no": to, "reflin_medins_name": "测试省内医院", "mdtrtarea_admdvs": "440100",
            "refl_type": "2", "refl_date": "2026-11-20", "refl_rea": "病情需要", "refl_opnn": "同意", **more,
        }
    }  # fmt: skip


def test_a_chronic_disease_is_registered_before_it_is_settled(ward: Rig) -> None:
    patient = at_counter(ward, med_type="14", dise_codg="M01600", dise_name="糖尿病")
    patient.charge(patient.fee("1", "200", dise_codg="M01600"))
    assert "慢特病备案" in patient.refused("2206", patient.bill("200.00", med_type="14"))
    number = patient.call("2503", chronic_disease(patient)).output.result.trt_dcla_detl_sn
    assert "重复备案" in patient.refused("2503", chronic_disease(patient))
    held = patient.call("5301", {"data": {"psn_no": patient.person.psn_no}}).output.feedetail
    assert [row.opsp_dise_code for row in held] == ["M01600"]
    settled = patient.settle("200.00", med_type="14")
    assert (settled.output.setlinfo.act_pay_dedc, settled.output.setlinfo.hifp_pay) == (0, 150)
    assert settled.output.setlinfo.clr_type == "14"
    assert "已处理" in patient.refused("2504", withdrawal(patient, number))
    asked = {"data": {"psn_no": patient.person.psn_no, "begntime": "2026-11-01"}}
    taken = patient.call("5205", asked).output.feedetail
    assert [(row.feedetl_sn, row.cnt) for row in taken] == [("1", 1)]
    ward.platform.world.query_delay = 600
    assert patient.call("5205", asked).output.feedetail in (None, [])


def test_a_registration_is_withdrawn(ward: Rig) -> None:
    patient = desk(ward, "chronic")
    number = patient.call("2503", chronic_disease(patient)).output.result.trt_dcla_detl_sn
    assert "不存在" in patient.refused("2506", withdrawal(patient, number))
    patient.call("2504", withdrawal(patient, number))
    assert "已撤销" in patient.refused("2504", withdrawal(patient, number))
    held = patient.call("5301", {"data": {"psn_no": patient.person.psn_no}}).output.feedetail
    assert [row.opsp_dise_code for row in held] == ["M03900"]
    patient.call("2503", chronic_disease(patient))


def test_transfers_are_registered_found_and_withdrawn(ward: Rig) -> None:
    patient = desk(ward)
    number = patient.call("2501", transfer(patient)).output.result.trt_dcla_detl_sn
    assert "重复备案" in patient.refused("2501", transfer(patient))
    asked = {"data": {"psn_no": patient.person.psn_no, "begntime": "2026-11-01", "endtime": "2026-11-30"}}
    (found,) = patient.call("5304", asked).output.refmedin
    assert (found.reflin_medins_no, found.out_flag) == ("H44010009002", "1")
    patient.call("2502", withdrawal(patient, number))
    assert patient.call("5304", asked).output.refmedin in (None, [])
    patient.call("2501A", transfer(patient))


def test_who_was_referred_here_has_the_full_ratio(ward: Rig) -> None:
    patient = desk(ward, "province")
    patient.admit()
    patient.charge_stay(patient.daily("1", "1000"))
    trial = patient.stay_bill("1000.00")
    less = patient.call("2303", trial).output.setlinfo.pool_prop_selfpay
    patient.call("2501", transfer(patient, "H44190000001", mdtrtarea_admdvs="441900", refl_date="2026-11-01"))
    assert patient.call("2303", trial).output.setlinfo.pool_prop_selfpay == less + yuan("0.05")


def test_designations_have_an_order(ward: Rig) -> None:
    patient = desk(ward)
    named = {
        "psn_no": patient.person.psn_no, "biz_appy_type": "3", "begndate": "2026-01-01", "fix_srt_no": "1",
        "fixmedins_code": "H44190000001", "fixmedins_name": "测试机构",
    }  # fmt: skip
    number = patient.call("2505", {"data": named}).output.result.trt_dcla_detl_sn
    assert "排序号" in patient.refused("2505", {"data": named | {"fixmedins_code": "H44190009001"}})
    assert "重复备案" in patient.refused("2505", {"data": named | {"fix_srt_no": "2"}})
    asked = {"data": {"psn_no": patient.person.psn_no, "biz_appy_type": "3"}}
    assert [row.fixmedins_code for row in patient.call("5302", asked).output.psnfixmedin] == ["H44190000001"]
    patient.call("2506", withdrawal(patient, number))
    assert patient.call("5302", asked).output.psnfixmedin in (None, [])


def test_an_injury_is_registered_once(ward: Rig) -> None:
    patient = desk(ward)
    person = patient.person
    given = {
        "data": {
            "dcla_souc": "01", "psn_no": person.psn_no, "psn_cert_type": "01", "certno": person.certno,
            "psn_name": person.name, "insu_admdvs": "441900", "chk_pay_flag": "1", "begndate": "2026-11-20",
            "trum_time": "2026-11-20 07:00:00",
        }
    }  # fmt: skip
    assert patient.call("2507", given).output.result.trt_dcla_detl_sn
    assert "重复备案" in patient.refused("2507", given)


def test_a_registration_cannot_end_before_it_begins(ward: Rig) -> None:
    patient = desk(ward)
    assert "早于" in patient.refused("2503", chronic_disease(patient, enddate="2026-01-04"))


def test_a_registration_may_follow_one_that_has_ended(ward: Rig) -> None:
    patient = desk(ward)
    patient.call("2503", chronic_disease(patient, enddate="2026-03-31"))
    assert "重复备案" in patient.refused("2503", chronic_disease(patient, begndate="2026-03-31"))
    patient.call("2503", chronic_disease(patient, begndate="2026-04-01"))


# -- audit -----------------------------------------------------------------------------------------------------------


def order(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "rx_id": f"RX{number}", "rxno": "R1", "long_drord_flag": "0", "hilist_type": "101", "chrg_type": "09",
        "drord_bhvr": "0", "hilist_code": f"X{number}", "hilist_name": name, "hilist_lv": "1", "hilist_pric": "10",
        "hosplist_code": f"H{number}", "hosplist_name": name, "cnt": "1", "pric": "10", "sumamt": "10",
        "ownpay_amt": "0", "selfpay_amt": "0", "spec": "1", "spec_unt": "盒", "drord_begn_date": AT,
        "drord_dept_codg": "K1", "drord_dept_name": "测试内科", "drord_dr_codg": "D1", "drord_dr_name": "测试医师",
        "drord_dr_profttl": "234", "curr_drord_flag": "1", **more,
    }  # fmt: skip


def audited(patient: Desk, *orders: dict[str, Any], gend: str = "1", **more: Any) -> dict[str, Any]:
    person = patient.person
    visit = {
        "mdtrt_id": "V1", "medins_id": "H44190000001", "medins_name": "测试机构", "medins_admdvs": "441900",
        "medins_type": "A1", "medins_lv": "2", "adm_date": AT, "dscg_date": AT, "dscg_main_dise_codg": "I10.x00",
        "dscg_main_dise_name": "高血压", "dr_codg": "D1", "adm_dept_codg": "K1", "adm_dept_name": "测试内科",
        "dscg_dept_codg": "K1", "dscg_dept_name": "测试内科", "med_mdtrt_type": "1", "med_type": "11",
        "matn_stas": "0", "medfee_sumamt": "10", "ownpay_amt": "0", "selfpay_amt": "0", "setl_totlnum": "0",
        "insutype": "310", "reim_flag": "2", "out_setl_flag": "0", "fsi_order_dtos": list(orders),
        "fsi_diagnose_dtos": [
            {
                "dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": "1",
                "dise_codg": "I10.x00", "dise_name": "高血压", "dise_date": AT,
            }
        ],
    }  # fmt: skip
    about = {"patn_id": person.psn_no, "patn_name": person.name, "gend": gend, "brdy": str(person.born)}
    here = {"poolarea": "441900", "curr_mdtrt_id": "V1", "fsi_encounter_dtos": [visit]}
    return {"data": {"trig_scen": "2", "patient_dtos": [about | here], **more}}


@pytest.mark.parametrize(
    ("orders", "found"),
    [
        ([order(1, "测试片"), order(2, "缬沙坦胶囊")], []),
        ([order(1, "测试片"), order(2, "测试片", hilist_code="X1")], [("R01", "2", ["RX2", "RX1"])]),
        ([order(1, "测试片", cnt="61")], [("R02", "3", ["RX1"])]),
        ([order(1, "测试片", cnt="61", curr_drord_flag="0")], []),
        ([order(1, "妇科检查")], [("R03", "1", ["RX1"])]),
        ([order(1, "胰岛素注射液")], [("R04", "2", ["RX1"])]),
        ([order(1, "左氧氟沙星片")], [("R05", "1", ["RX1"])]),
        ([order(1, "测试片", pric="10.01")], [("R06", "2", ["RX1"])]),
        ([order(1, "妇科检查", curr_drord_flag="0")], []),
    ],
)
def test_audits_find_what_breaks_a_rule(ward: Rig, orders: list[Any], found: list[Any]) -> None:
    result = desk(ward, "child").call("3101", audited(desk(ward, "child"), *orders)).output.result or []
    assert [(f.rule_id, f.sev_deg, [d.rx_id for d in f.judge_result_detail_dtos]) for f in result] == found


def test_only_the_rules_that_are_asked_for_are_tried(ward: Rig) -> None:
    patient = desk(ward)
    orders = order(1, "妇科检查", cnt="99")
    given = audited(patient, orders, trig_scen=None, rule_ids='["R02"]')
    assert [f.rule_id for f in patient.call("3102", given).output.result] == ["R02"]
    assert "R77" in patient.refused("3102", audited(patient, orders, trig_scen=None, rule_ids='["R77"]'))


def test_feedback_belongs_to_a_finding(ward: Rig) -> None:
    patient = desk(ward)
    (finding,) = patient.call("3102", audited(patient, order(1, "妇科检查"))).output.result
    warn = {"warn_rslt_id": finding.jr_id, "dspo_way": "1", "dspo_way_rea": "核对无误"}
    assert "不存在" in patient.refused("3103", {"data": {"warn_type": "1", "warns": [warn]}})
    patient.call("3103", {"data": {"warn_type": "2", "warns": [warn]}})
    held = ward.platform.world.findings[finding.jr_id]
    assert held.feedback == {"dspo_way": "1", "reason": "核对无误"}


# -- identity, benefits and queries ----------------------------------------------------------------------------------


def test_a_decoded_token_names_the_person_until_it_expires(ward: Rig) -> None:
    patient = desk(ward)
    staff = {"operatorId": "001", "operatorName": "测试收银员", "officeId": "K1", "officeName": "测试内科"}
    scanned = {"orgId": "H44190000001", "businessType": "01301", "businessInfo": patient.person.qr_code, **staff}
    decoded = patient.call("6101", {"InData": scanned}).output.OutData
    assert (decoded.idNo, decoded.insuOrg) == (patient.person.certno, "441900")
    asked = {"data": {"mdtrt_cert_type": "01", "mdtrt_cert_no": decoded.ecToken}}
    assert patient.call("1101", asked).output.baseinfo.psn_no == patient.person.psn_no
    given = patient.registration()
    given["data"] |= {"mdtrt_cert_type": "01", "mdtrt_cert_no": decoded.ecToken}
    patient.call("2201", given)
    assert "不符" in desk(ward, "retired").refused("2201", {"data": given["data"] | psn_no(ward, "retired")})
    ward.platform.world.tokens[decoded.ecToken] = GivenToken(person=patient.person, until=0)
    assert "失效" in patient.refused("1101", asked)
    assert "500159" in patient.refused("6101", {"InData": scanned | {"businessInfo": "1" * 28}})


def psn_no(rig: Rig, case: str) -> dict[str, str]:
    return {"psn_no": rig.person(case).psn_no}


@pytest.mark.parametrize(
    ("case", "asked", "rows"),
    [
        ("local", {"med_type": "11"}, [("310100", "1"), ("310200", "1")]),
        ("suspended", {"med_type": "11"}, [("310100", "0"), ("310200", "0")]),
        ("resident", {"med_type": "21", "insutype": "390"}, [("390100", "1"), ("310200", "1")]),
        ("civil_servant", {"med_type": "21"}, [("310100", "1"), ("310200", "1"), ("320100", "1")]),
        ("chronic", {"med_type": "14", "dise_codg": "M03900"}, [("310100", "1"), ("310200", "1")]),
        ("chronic", {"med_type": "14", "dise_codg": "M01600"}, [("310100", "0"), ("310200", "1")]),
        ("man", {"med_type": "51"}, [("510100", "0"), ("310200", "1")]),
    ],
)
def test_benefits_are_told_fund_by_fund(ward: Rig, case: str, asked: dict[str, str], rows: list[Any]) -> None:
    patient = desk(ward, case)
    named = {"psn_no": patient.person.psn_no, "insutype": "310", "fixmedins_code": "H44190000001", "begntime": AT}
    told = patient.call("2001", {"data": named | asked}).output.trtinfo
    assert [(row.fund_pay_type, row.trt_enjymnt_flag) for row in told] == rows
    assert all(bool(row.trt_chk_rslt) is (row.trt_enjymnt_flag == "0") for row in told)


def test_hospitals_to_refer_to_are_found_by_name(ward: Rig) -> None:
    asked = {"medinsinfo": {"fixmedins_type": "1", "fixmedins_name": "省内"}}
    (found,) = desk(ward).call("1201", asked).output.medinsinfo
    assert found.fixmedins_code == "H44010009002"


def test_code_tables_are_told(tmp_path: Path) -> None:
    elsewhere = {"province": "shaanxi", "area": "610100", "code": "H61010000001", "gateway": "plain"}
    asked = {"data": {"type": "HOSP_LV", "admdvs": "610100", "date": "2026-11-20", "valiFlag": "1"}}
    with rig_for(tmp_path, kind=Kind.HOSPITAL, **elsewhere) as rig:
        listed = desk(rig).call("1901", asked).output.list_
        assert ("2", "三级甲等") in {(entry.value, entry.label) for entry in listed}
        asked["data"]["type"] = "../hosp_lv"
        assert desk(rig).call("1901", asked).output.list_ in (None, [])


def test_what_a_desk_asks_about_a_stay(ward: Rig, stay: Desk) -> None:
    period = {"begntime": "2026-11-01", "endtime": "2026-11-30"}
    (present,) = stay.call("5303", {"data": period}).output.data
    assert (present.mdtrt_id, present.ipt_otp_no) == (stay.visit, "I1")
    stay.charge_stay(stay.daily("1", "1000"))
    stay.call("2402", stay.discharge())
    settled = stay.settle_stay("1000.00", account="0").output.setlinfo
    assert stay.call("5303", {"data": period}).output.data in (None, [])
    (visit,) = stay.call("5201", {"data": psn_no(ward, "local") | period | {"med_type": "21"}}).output.mdtrtinfo
    assert (visit.inhosp_stas, visit.ipt_days, visit.dscg_way) == ("0", 2, "1")
    kinds = [row.inout_diag_type for row in stay.call("5202", {"data": stay.named}).output.diseinfo]
    assert kinds == ["1", "2"]
    asked = stay.call("5203", stay.taking_back(settled.setl_id)).output
    assert (asked.setlinfo.hifp_pay, asked.setlinfo.hosp_lv) == (settled.hifp_pay, "2")
    sums = {row.cum_type_code: row.cum for row in stay.call("5206", {"data": psn_no(ward, "local")}).output.cuminfo}
    assert (sums["dedc"], sums["pool"]) == (900, settled.hifp_pay)
    stay.call("2305", stay.taking_back(settled.setl_id))
    assert stay.call("5206", {"data": psn_no(ward, "local")}).output.cuminfo in (None, [])
